"""Every registered measure against every law that it declares, on generated tables.

A plugin that registers a measure is checked by the same file. What a law says stands in
`isopolis.measure.LAWS`; here it is turned into a change of the table and an expectation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from isopolis.measure import LAWS, MEASURES, MeasureSpec

TOLERANCE = 1e-11
EXAMPLES = 25
DECLARED = [(s.name, law) for s in MEASURES.values() for law in LAWS if law in s.laws]


@dataclass
class Case:
    """A table and whatever else the kernel of this kind takes, one entry per zone."""

    x: np.ndarray
    links: np.ndarray | None = None
    parents: np.ndarray | None = None
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))

    def extra(self, spec: MeasureSpec) -> tuple[Any, ...]:
        if spec.kind == "spatial":
            return (None if self.links is None else csr_array(self.links),)
        return (self.parents,) if spec.kind == "nested" else ()

    def value(self, spec: MeasureSpec) -> np.ndarray:
        return np.asarray(spec.kernel(self.x, *self.extra(spec)))

    def with_zones(self, order: np.ndarray, x: np.ndarray | None = None) -> Case:
        """The same zones in another order, or some of them twice."""
        links = None if self.links is None else self.links[np.ix_(order, order)]
        parents = None if self.parents is None else self.parents[order]
        return Case(self.x[order] if x is None else x, links, parents, self.rng)

    def with_x(self, x: np.ndarray) -> Case:
        return Case(x, self.links, self.parents, self.rng)


# -- generated cities ------------------------------------------------------------------


def city(seed: int, zones: int, groups: int, style: str) -> Case:
    rng = np.random.default_rng(seed)
    n = {"tiny": 3, "small": 30, "large": 20_000}.get(style, 300)
    mix = rng.dirichlet(np.full(groups, 0.5), size=zones)
    x = rng.poisson(mix * rng.exponential(n, (zones, 1))).astype(float)
    if style == "holes":
        x[rng.random(x.shape) < 0.5] = 0
        x[rng.random(zones) < 0.3] = 0
    if style == "absent":
        x[:, rng.integers(groups)] = 0
    if style == "weights":
        x *= rng.random(x.shape)
    if style == "rare":
        x[:, 0] = 0
        x[rng.integers(zones), 0] = 1
    near = rng.random((zones, zones)) < 0.3
    links = (near | near.T | np.eye(zones, dtype=bool)).astype(float)
    return Case(x, links, rng.integers(0, max(zones // 2, 1), zones), rng)


STYLES = ["tiny", "small", "large", "holes", "absent", "weights", "rare"]


def cities(least_groups: int = 2, groups: int = 5) -> st.SearchStrategy[Case]:
    return st.builds(
        city,
        seed=st.integers(0, 2**32 - 1),
        zones=st.sampled_from([1, 2, 3, 4, 7, 20, 250]),
        groups=st.integers(least_groups, groups),
        style=st.sampled_from(STYLES),
    )


def same(a: Any, b: Any) -> None:
    np.testing.assert_allclose(a, b, rtol=1e-10, atol=TOLERANCE)


# -- laws ------------------------------------------------------------------------------


def zone_order(spec: MeasureSpec, case: Case) -> None:
    order = case.rng.permutation(len(case.x))
    before, after = case.value(spec), case.with_zones(order).value(spec)
    same(after, before[order] if spec.kind == "local" else before)


def group_order(spec: MeasureSpec, case: Case) -> None:
    order = case.rng.permutation(case.x.shape[1])
    same(case.with_x(case.x[:, order]).value(spec), case.value(spec))


def scale(spec: MeasureSpec, case: Case) -> None:
    same(case.with_x(case.x * 10).value(spec), case.value(spec))


def split(spec: MeasureSpec, case: Case) -> None:
    zone, part = int(case.rng.integers(len(case.x))), float(case.rng.random())
    order = np.append(np.arange(len(case.x)), zone)
    x = case.x[order]
    x[zone], x[-1] = x[zone] * part, x[zone] * (1 - part)
    same(case.with_zones(order, x).value(spec), case.value(spec))


def merge(spec: MeasureSpec, case: Case) -> None:
    if len(case.x) < 2:
        return
    a, b = case.rng.choice(len(case.x), 2, replace=False)
    if case.parents is not None:
        case.parents[b] = case.parents[a]  # zones of one district: joining keeps the district
    before = case.value(spec)
    x = case.x.copy()
    x[a] += x[b]
    kept = np.delete(np.arange(len(x)), b)
    assert case.with_zones(kept, x[kept]).value(spec) <= before + TOLERANCE


def empty_zone(spec: MeasureSpec, case: Case) -> None:
    place = int(case.rng.integers(len(case.x) + 1))
    x = np.insert(case.x, place, 0.0, axis=0)
    zones = len(x)
    links = parents = None
    if case.links is not None:
        near = (case.rng.random(zones) < 0.5).astype(float)
        links = np.insert(np.insert(case.links, place, 0.0, axis=0), place, 0.0, axis=1)
        links[place], links[:, place] = near, near
        links[place, place] = 1
    if case.parents is not None:
        # also in a district where nobody else is
        parents = np.insert(case.parents, place, case.rng.integers(case.parents.max() + 2))
    before, after = case.value(spec), Case(x, links, parents).value(spec)
    same(np.delete(after, place, axis=0) if spec.kind == "local" else after, before)


def absent_group(spec: MeasureSpec, case: Case) -> None:
    first = 2 if spec.kind == "exposure" else 1 if spec.name in ("isolation", "share") else 0
    place = int(case.rng.integers(first, case.x.shape[1] + 1))
    same(case.with_x(np.insert(case.x, place, 0.0, axis=1)).value(spec), case.value(spec))


def zero_when_even(spec: MeasureSpec, case: Case) -> None:
    people, mix = case.x.sum(axis=1), case.rng.dirichlet(np.ones(case.x.shape[1]))
    same(case.with_x(np.outer(people, mix)).value(spec), 0.0)


def one_when_apart(spec: MeasureSpec, case: Case) -> None:
    zones, groups = case.x.shape
    if zones < 2:
        return
    owner = case.rng.integers(0, groups, zones)
    owner[:2] = case.rng.permutation([0, 1])  # the first group and another are there
    x = np.zeros(case.x.shape)
    x[np.arange(zones), owner] = 1 + case.rng.integers(0, 500, zones)
    same(case.with_x(x).value(spec), spec.maximum(x))


def margin_free(spec: MeasureSpec, case: Case) -> None:
    x = case.x[:, :2]
    same(case.with_x(x * [2.0, 1.0]).value(spec), case.with_x(x).value(spec))


def bounded(spec: MeasureSpec, case: Case) -> None:
    value = case.value(spec)
    assert (value >= 0).all()
    assert (value <= spec.maximum(case.x) + TOLERANCE).all()


def slow_m(x: np.ndarray) -> float:
    """Mutual information by its definition, cell by cell."""
    people, total = float(x.sum()), 0.0
    for i in range(x.shape[0]):
        for g in range(x.shape[1]):
            if x[i, g] > 0:
                p = x[i, g] / people
                total += p * np.log(p / (x[i].sum() / people * (x[:, g].sum() / people)))
    return total


def parts(case: Case) -> tuple[float, float]:
    """M between districts, and the people-weighted mean of M inside each, both by definition."""
    codes = np.unique(case.parents)
    between = slow_m(np.array([case.x[case.parents == c].sum(axis=0) for c in codes]))
    people = case.x.sum()
    inside = (case.x[case.parents == c] for c in codes)
    return between, sum(t.sum() / people * slow_m(t) for t in inside if t.sum() > 0)


def adds_up(spec: MeasureSpec, case: Case) -> None:
    people = case.x.sum()
    if people == 0:
        return
    between, within = parts(case)
    value = case.value(spec)
    if spec.kind == "local":
        same((case.x.sum(axis=1) * value).sum() / people, slow_m(case.x))
    elif spec.kind == "nested":
        other = {"mutual_information_between": within, "mutual_information_within": between}[spec.name]
        same(value + other, slow_m(case.x))
    else:
        p = case.x.sum(axis=0) / people
        unit = {
            "mutual_information": 1.0,
            "information_theory": float(-(p[p > 0] * np.log(p[p > 0])).sum()),
        }[spec.name]
        same(value * unit, between + within)


CHECKS: dict[str, Callable[[MeasureSpec, Case], None]] = {
    "zone-order": zone_order,
    "group-order": group_order,
    "scale": scale,
    "split": split,
    "merge": merge,
    "empty-zone": empty_zone,
    "absent-group": absent_group,
    "zero-when-even": zero_when_even,
    "one-when-apart": one_when_apart,
    "margin-free": margin_free,
    "bounded": bounded,
    "adds-up": adds_up,
}


def test_every_law_has_a_check() -> None:
    assert set(CHECKS) == set(LAWS)


def test_every_measure_declares_the_laws_that_hold_for_all_counting() -> None:
    for spec in MEASURES.values():
        assert {"zone-order", "scale"} <= spec.laws, spec.name


@pytest.mark.parametrize(("name", "law"), DECLARED, ids=[f"{n}-{law}" for n, law in DECLARED])
def test_measure_obeys_its_laws(name: str, law: str) -> None:
    spec = MEASURES[name]

    @settings(max_examples=EXAMPLES)
    @given(cities(least_groups=3 if spec.kind == "ordered" else 2))
    def obeys(case: Case) -> None:
        CHECKS[law](spec, case)

    obeys()


# -- a law that is not declared is not obeyed --------------------------------------------

UNEVEN = [[30.0, 10, 5], [5, 40, 15], [20, 20, 60], [2, 7, 50], [9, 1, 3]]
BROKEN = [
    ("information_theory", "margin-free"),
    ("mutual_information", "margin-free"),
    ("isolation", "margin-free"),
    ("variance_ratio", "margin-free"),
    ("exposure", "margin-free"),
    ("isolation", "group-order"),
    ("isolation", "zero-when-even"),
    ("exposure", "group-order"),
    ("exposure", "zero-when-even"),
    ("exposure", "one-when-apart"),
    ("exposure", "merge"),
    ("location_quotient", "group-order"),
    ("location_quotient", "zero-when-even"),
    ("local_mutual_information", "margin-free"),
    ("spatial_information_theory", "one-when-apart"),
    ("spatial_information_theory", "margin-free"),
    ("mutual_information_between", "one-when-apart"),
    ("mutual_information_within", "one-when-apart"),
    ("mutual_information_within", "margin-free"),
    ("ordinal_information_theory", "group-order"),
    ("ordinal_information_theory", "absent-group"),
    ("rank_order_information_theory", "group-order"),
    ("rank_order_information_theory", "one-when-apart"),
    ("share", "group-order"),
    ("share", "zero-when-even"),
    ("share", "margin-free"),
]


@pytest.mark.parametrize(("name", "law"), BROKEN, ids=[f"{n}-{law}" for n, law in BROKEN])
def test_a_law_that_is_not_declared_fails_on_an_example(name: str, law: str) -> None:
    spec = MEASURES[name]
    assert law not in spec.laws
    links = np.eye(5) + np.eye(5, k=1) + np.eye(5, k=-1)

    def check(seed: int) -> None:  # which picks the zones and the order that are tried
        rng = np.random.default_rng(seed)
        CHECKS[law](spec, Case(np.array(UNEVEN), links, np.array([0, 0, 1, 1, 2]), rng))

    with pytest.raises(AssertionError):
        list(map(check, range(20)))


def test_surroundings_can_be_more_mixed_than_the_city() -> None:
    # why H by distance does not declare "bounded": a star of quarters, each of which sees
    # only itself and the one where the minority lives
    x = np.array([[0.0, 50]] + [[50.0, 0]] * 19)
    star = np.eye(20)
    star[0, :] = star[:, 0] = 1
    assert MEASURES["spatial_information_theory"].kernel(x, csr_array(star)) < -1


# -- how kernels behave ------------------------------------------------------------------


def stacked(spec: MeasureSpec, seed: int, tables: int = 6) -> tuple[np.ndarray, tuple[Any, ...]]:
    first = city(seed, 9, 4, "holes")
    x = np.stack([first.x, *(city(seed + k, 9, 4, STYLES[k]).x for k in range(1, tables))])
    return x, first.extra(spec)


@pytest.mark.parametrize("name", list(MEASURES))
def test_leading_axes_equal_a_loop(name: str) -> None:
    spec = MEASURES[name]
    x, extra = stacked(spec, 11)
    loop = np.stack([spec.kernel(table, *extra) for table in x])
    same(spec.kernel(x, *extra), loop)
    square = spec.kernel(x.reshape(2, 3, *x.shape[1:]), *extra)
    same(square, loop.reshape(2, 3, *loop.shape[1:]))


@pytest.mark.parametrize("name", list(MEASURES))
def test_inputs_are_not_changed_and_may_be_read_only_whole_or_strided(name: str) -> None:
    spec = MEASURES[name]
    case = city(5, 9, 4, "small")
    extra = case.extra(spec)
    before = case.x.copy()
    want = case.value(spec)
    np.testing.assert_array_equal(case.x, before)
    case.x.flags.writeable = False
    same(case.value(spec), want)
    same(spec.kernel(before.astype(np.int64), *extra), want)
    same(spec.kernel(np.asfortranarray(before), *extra), want)
    wide = np.zeros((9, 8))
    wide[:, ::2] = before
    same(spec.kernel(wide[:, ::2], *extra), want)


NOTHING = [
    np.zeros((0, 3)),
    np.zeros((1, 3)),
    np.zeros((5, 3)),
    np.array([[7.0, 0, 0]]),
    np.array([[7.0, 2, 1]]),
    np.array([[7.0, 0, 0], [3, 0, 0]]),
    np.array([[0.0, 0, 7], [0, 0, 0], [0, 0, 1]]),
    np.array([[0.0, 7, 1], [0, 0, 0], [0, 4, 1]]),
    np.array([[1.0, 0, 0], [0, 0, 0]]),
    np.array([[1e12, 1, 0], [1, 1e12, 1]]),
    np.array([[1e-9, 0, 1e-9], [0, 2e-9, 1e-9]]),
    np.array([[1e-12, 1.0, 1], [0, 2, 1]]),
    np.array([[3.0], [4.0]]),
    np.array([[3.0, 0], [4.0, 0]]),
    np.array([[0.0, 3], [0, 4.0]]),
]


COLUMNS = {"ordered": 3, "exposure": 2}
DEGENERATE = [
    (s.name, i)
    for s in MEASURES.values()
    for i, x in enumerate(NOTHING)
    if x.shape[1] >= COLUMNS.get(s.kind, 1)
]


@pytest.mark.parametrize(("name", "number"), DEGENERATE)
def test_never_nan_and_no_touch_on_numpy_errors(name: str, number: int) -> None:
    spec, x = MEASURES[name], NOTHING[number]
    zones = len(x)
    case = Case(x, np.ones((zones, zones)), np.arange(zones) // 2)
    with np.errstate(all="ignore", divide="warn"):
        state = np.geterr()
        value = case.value(spec)
        assert np.geterr() == state
        top = spec.maximum(x)
    assert np.isfinite(value).all()
    assert 0 <= top < 1e15
    if spec.kind != "local":
        assert value.shape == ()


@pytest.mark.parametrize(("name", "number"), DEGENERATE)
def test_chance_of_a_degenerate_table_is_finite(name: str, number: int) -> None:
    spec, x = MEASURES[name], np.minimum(NOTHING[number], 1e6)
    extra = Case(x, np.ones((len(x), len(x))), np.arange(len(x)) // 2).extra(spec)
    for moment in (spec.expected, spec.sd):
        if moment is not None:
            assert np.isfinite(moment(x, *extra))
            assert moment(x, *extra) >= -TOLERANCE


@settings(max_examples=40)
@given(cities())
def test_relations_between_measures(case: Case) -> None:
    value = {n: case.value(MEASURES[n]) for n in ("dissimilarity", "gini", "information_theory")}
    assert value["dissimilarity"] <= value["gini"] + TOLERANCE
    alone = Case(case.x)  # no neighbourhood: the zone itself
    same(alone.value(MEASURES["spatial_information_theory"]), value["information_theory"])
    diagonal = Case(case.x, np.eye(len(case.x)))
    same(diagonal.value(MEASURES["spatial_information_theory"]), value["information_theory"])
    whole_city = Case(case.x, np.ones((len(case.x),) * 2))
    same(whole_city.value(MEASURES["spatial_information_theory"]), 0.0)
    if case.x.shape[1] == 2 and case.x[:, 0].sum() > 0:
        share = case.x[:, 0].sum() / case.x.sum()
        isolation = case.value(MEASURES["isolation"])
        if share < 1:
            same(case.value(MEASURES["variance_ratio"]), (isolation - share) / (1 - share))
