"""Counts: margins, mechanisms, bounds; City and Zones around them."""

from __future__ import annotations

import pickle
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isopolis.model import CallError, City, Counts, Dimension, Group, Mechanism, Source, Zones, frozen

AGE = Dimension("age", ("young", "middle", "old"), ordered=True)
SEX = Dimension("sex", ("female", "male"))
ORIGIN = Dimension("origin", ("here", "abroad"))
E, S, H, N = Mechanism.EXACT, Mechanism.SAMPLE, Mechanism.INTERVAL, Mechanism.NOT_COLLECTED


def ids(zones: int) -> np.ndarray:
    return np.array([f"0{i}" for i in range(zones)], dtype=object)


def cube(seed: int = 1, zones: int = 4) -> Counts:
    rng = np.random.default_rng(seed)
    shape = (zones, 3, 2, 2)
    values = rng.integers(0, 50, shape).astype(float)
    mechanism = np.where(rng.random(shape) < 0.1, H, E).astype(np.uint8)
    mechanism[rng.random(shape) < 0.02] = N
    lower = np.where(mechanism == H, 1, values)
    upper = np.where(mechanism == H, 4, values)
    se = rng.random(shape)
    return Counts(
        ids(zones), (AGE, SEX, ORIGIN), values, mechanism, "2020", "residents", "city", lower, upper, se
    )


def exact(values: object, *dimensions: Dimension) -> Counts:
    values = np.asarray(values, dtype=float)
    return Counts(ids(len(values)), dimensions, values, np.uint8(E))


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.permutations(["age", "sex", "origin"]), st.integers(0, 3))
def test_margin_equals_a_loop_over_cells(seed: int, order: list[str], keep: int) -> None:
    c = cube(seed)
    names = order[:keep]
    m = c.margin(*names)
    assert [d.name for d in m.dimensions] == names
    want, worst, squares = np.zeros(m.values.shape), np.zeros(m.values.shape), np.zeros(m.values.shape)
    low, high = np.zeros(m.values.shape), np.zeros(m.values.shape)
    for place in np.ndindex(*c.values.shape):
        at = (place[0], *(place[c.axis(n)] for n in names))
        want[at] += c.values[place]
        worst[at] = max(worst[at], c.mechanism[place])
        squares[at] += c.se[place] ** 2
        low[at] += c.lower[place]
        high[at] += c.upper[place]
    np.testing.assert_allclose(m.values, want)
    np.testing.assert_array_equal(m.mechanism, worst)
    np.testing.assert_allclose(m.se, np.sqrt(squares))
    np.testing.assert_allclose(m.lower, low)
    np.testing.assert_allclose(m.upper, high)


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_a_margin_of_a_margin_is_the_margin(seed: int) -> None:
    c = cube(seed)
    for names in permutations(["age", "sex", "origin"], 2):
        one, two = c.margin(*names).margin(names[0]), c.margin(names[0])
        np.testing.assert_array_equal(one.values, two.values)
        np.testing.assert_array_equal(one.mechanism, two.mechanism)
        np.testing.assert_allclose(one.lower, two.lower)
        np.testing.assert_allclose(one.upper, two.upper)
        np.testing.assert_allclose(one.se, two.se)
    everyone = c.margin()
    assert everyone.values.shape == (4,)
    np.testing.assert_array_equal(everyone.values, c.flat().sum(axis=1))


def test_margin_keeps_what_is_said_about_the_table() -> None:
    m = cube().margin("sex")
    assert (m.date, m.universe, m.source) == ("2020", "residents", "city")
    whole = cube()
    assert whole.margin("age", "sex", "origin") is whole


def test_a_sum_with_a_hidden_cell_is_hidden_and_counts_the_known_part() -> None:
    values = np.array([[[3.0, 40.0], [5.0, 6.0]]])
    mechanism = np.array([[[H, E], [E, E]]], dtype=np.uint8)
    # bounds are stated for the hidden cell alone
    lower, upper = np.zeros(values.shape), np.zeros(values.shape)
    lower[0, 0, 0], upper[0, 0, 0] = 1, 4
    c = Counts(ids(1), (SEX, ORIGIN), values, mechanism, lower=lower, upper=upper)
    m = c.margin("sex")
    assert m.mechanism.tolist() == [[H, E]]
    assert (m.lower[0, 0], m.upper[0, 0]) == (41, 44)
    assert (m.lower[0, 1], m.upper[0, 1]) == (11, 11)
    assert m.hidden.tolist() == [[True, False]]


def test_weaker_knowledge_wins_in_a_sum() -> None:
    for a in Mechanism:
        for b in Mechanism:
            bounds = {"lower": np.zeros((1, 2)), "upper": np.ones((1, 2))}
            c = Counts(ids(1), (SEX,), np.ones((1, 2)), np.array([[a, b]], dtype=np.uint8), **bounds)
            assert c.margin().mechanism[0] == max(a, b)
    assert max(Mechanism) == Mechanism.NOT_COLLECTED


def test_hidden_cells_need_bounds() -> None:
    with pytest.raises(CallError, match="bounds"):
        Counts(ids(1), (SEX,), [[0.0, 4.0]], np.array([[H, E]], dtype=np.uint8))
    with pytest.raises(CallError, match="bounds"):
        Counts(ids(1), (SEX,), [[0.0, 4.0]], np.array([[H, E]], np.uint8), lower=[[3.0, 0]], upper=[[2.0, 0]])


def test_covered_zones_are_those_where_every_cell_was_collected() -> None:
    mechanism = np.array([[E, E], [E, N], [H, E], [N, N]], dtype=np.uint8)
    bounds = {"lower": np.zeros((4, 2)), "upper": np.full((4, 2), 4.0)}
    c = Counts(ids(4), (SEX,), np.ones((4, 2)), mechanism, **bounds)
    assert c.covered.tolist() == [True, False, True, False]
    assert c.absent.sum() == 3
    assert c.hidden.sum() == 1


def test_of_a_group_is_what_its_cells_add_up_to() -> None:
    c = cube()
    got = exact(c.values, AGE, SEX, ORIGIN).of(Group.of(age="old", origin="abroad"))
    np.testing.assert_array_equal(got, c.values[:, 2, :, 1].sum(axis=1))
    np.testing.assert_array_equal(c.of(Group()), c.totals())
    with pytest.raises(CallError, match='no dimension "sexx": did you mean "sex"'):
        c.of(Group.of(sexx="male"))
    with pytest.raises(CallError, match='no category "mal": did you mean "male"'):
        c.of(Group.of(sex="mal"))


def test_hidden_cells_enter_sums_by_the_middle_of_their_bounds() -> None:
    mechanism = np.array([[H, E], [E, N]], dtype=np.uint8)
    bounds = {"lower": np.full((2, 2), 1.0), "upper": np.full((2, 2), 4.0)}
    c = Counts(ids(2), (SEX,), np.array([[999.0, 10], [7, 999]]), mechanism, **bounds)
    assert c.best().tolist() == [[2.5, 10], [7, 0]]
    assert c.totals().tolist() == [12.5, 7]
    assert c.of(Group.of(sex="female")).tolist() == [2.5, 7]


def test_groups_are_in_the_order_of_the_flat_cells() -> None:
    c = exact(cube().values, AGE, SEX, ORIGIN)
    for column, group in zip(c.flat().T, c.groups(), strict=True):
        np.testing.assert_array_equal(column, c.of(group))


def test_arrays_are_read_only_and_input_stays_writable() -> None:
    values, mechanism = np.ones((2, 2)), np.zeros((2, 2), dtype=np.uint8)
    c = Counts(ids(2), (SEX,), values, mechanism, se=np.ones((2, 2)))
    for array in (c.values, c.mechanism, c.zone_ids, c.se, c.flat()):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    values[0, 0] = 7  # ours to change still
    assert values.flags.writeable
    view = frozen(values)
    assert not view.flags.writeable
    with pytest.raises(AttributeError):
        c.date = "1999"  # type: ignore[misc]


def test_mechanism_is_broadcast() -> None:
    c = Counts(ids(3), (SEX,), np.ones((3, 2)), np.uint8(Mechanism.ROUNDED))
    assert (c.mechanism == Mechanism.ROUNDED).all()
    assert c.mechanism.shape == (3, 2)
    per_zone = np.array([[E], [N], [E]], dtype=np.uint8)
    assert Counts(ids(3), (SEX,), np.ones((3, 2)), per_zone).covered.tolist() == [True, False, True]


@pytest.mark.parametrize("bad", [-1.0, float("nan"), float("inf")])
def test_counts_must_be_finite_and_not_negative(bad: float) -> None:
    with pytest.raises(CallError, match="finite and not negative"):
        exact([[bad, 1.0]], SEX)


def test_shapes_must_agree() -> None:
    with pytest.raises(CallError, match=r"shape \(2, 3\).*\(2, 2\)"):
        exact(np.ones((2, 3)), SEX)


def test_counts_pickle() -> None:
    c = cube()
    again = pickle.loads(pickle.dumps(c))
    np.testing.assert_array_equal(again.values, c.values)
    np.testing.assert_array_equal(again.mechanism, c.mechanism)
    assert again.dimensions == c.dimensions


# -- Zones and City ----------------------------------------------------------------------


def test_zones_have_unique_ids_and_names() -> None:
    z = Zones(ids(3))
    assert len(z) == 3
    assert z.names is not None
    assert z.names.tolist() == ["00", "01", "02"]
    assert z.drawable.tolist() == [False] * 3
    with pytest.raises(CallError, match="unique"):
        Zones(np.array(["a", "a"], dtype=object))
    with pytest.raises(CallError, match="one entry per zone"):
        Zones(ids(3), parents={"district": np.array(["x"], dtype=object)})
    drawn = Zones(ids(2), geometry=np.array([None, object()], dtype=object))
    assert drawn.drawable.tolist() == [False, True]
    with pytest.raises(ValueError, match="read-only"):
        z.ids[0] = "x"


def city(*tables: Counts, zones: int = 4) -> City:
    return City("Town", Zones(ids(zones)), tables, sources=(Source("city", files=("a.csv",)),))


def test_city_finds_the_smallest_newest_table() -> None:
    old = Counts(ids(4), (SEX,), np.ones((4, 2)), np.uint8(0), date="2010")
    crossed, alone = cube(), Counts(ids(4), (SEX,), np.full((4, 2), 2.0), np.uint8(0), date="2020")
    town = city(old, crossed, alone)
    assert town.table("sex").values.tolist() == alone.values.tolist()
    assert town.table("sex", date="2010").values.tolist() == old.values.tolist()
    assert town.table("origin", "age").values.shape == (4, 2, 3)
    assert town.dates == ("2010", "2020")
    assert town.dimension_names() == ("sex", "age", "origin")
    assert [str(g) for g in town.groups("sex")] == ["sex=female", "sex=male"]


def test_city_says_what_it_does_not_have() -> None:
    town = city(exact(np.ones((4, 2)), SEX), exact(np.ones((4, 2)), ORIGIN))
    with pytest.raises(CallError, match='Town has no dimension "sx": did you mean "sex"'):
        town.table("sx")
    with pytest.raises(CallError, match="no table of Town crosses sex and origin"):
        town.table("sex", "origin")
    with pytest.raises(CallError, match="at 1999"):
        town.table("sex", date="1999")


def test_city_needs_a_row_per_zone() -> None:
    with pytest.raises(CallError, match="one row per zone"):
        city(exact(np.ones((3, 2)), SEX))


def test_source_becomes_plain_json() -> None:
    source = Source("k", "Title", sha256={"a.csv": "00"}, files=("a.csv",))
    assert source.to_dict()["sha256"] == {"a.csv": "00"}
    assert source.to_dict()["files"] == ["a.csv"]
