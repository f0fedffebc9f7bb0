"""Measures of access against loops over dictionaries, closed forms and the laws that they declare."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopolis.model import CallError, Travel
from isopolis.reach.measures import (
    ACCESS,
    DECAYS,
    FAMILIES,
    LAWS,
    LUO_QI_SLOW,
    MINUTE,
    NOBODY,
    NOT_LOCATED,
    REACHED,
    UNREACHABLE,
    Access,
    Bounds,
    Rows,
    balanced_catchment,
    closest,
    closest_costs,
    completeness,
    cumulative,
    decay,
    enhanced_two_step,
    gravity,
    interval_cumulative,
    minutes_to_all,
    needs,
    spatial_availability,
    stepped,
    two_step,
)
from isopolis.reach.services import digital

Times = dict[tuple[int, int], int]
FADE = decay("exponential", half=10)


def rows_from(times: Times, origins: int, places: int, limit: int = 0) -> Rows:
    order = sorted(times)
    indptr = np.searchsorted([i for i, _ in order], np.arange(origins + 1))
    return Rows(
        indptr,
        np.array([j for _, j in order], dtype=np.int32),
        np.array([times[k] for k in order], dtype=np.int32),
        places,
        limit,
    )


@st.composite
def cities(draw: Any) -> tuple[Times, int, int, np.ndarray, np.ndarray]:
    origins, places = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    pairs = [(i, j) for i in range(origins) for j in range(places)]
    cost = st.integers(0, 40).map(lambda m: m * MINUTE)
    times = {p: draw(cost) for p in pairs if draw(st.booleans())}
    people = draw(st.lists(st.integers(0, 50), min_size=origins, max_size=origins))
    amount = draw(st.lists(st.integers(0, 9), min_size=places, max_size=places))
    return times, origins, places, np.array(people, float), np.array(amount, float)


# -- slow twins: one pair after the other ---------------------------------------------------------------
def slow_competition(times: Times, people: Any, supply: Any, f: Callable[[int], float]) -> list[float]:
    out = [0.0] * len(people)
    for j, offer in enumerate(supply):
        wanted = sum(people[i] * f(c) for (i, k), c in times.items() if k == j)
        for (i, k), c in times.items():
            if k == j and wanted > 0:
                out[i] += offer / wanted * f(c)
    return out


def slow_balanced(times: Times, people: Any, supply: Any, f: Callable[[int], float]) -> list[float]:
    row = {i: sum(f(c) for (a, _), c in times.items() if a == i) for i in range(len(people))}
    column = {j: sum(f(c) for (_, b), c in times.items() if b == j) for j in range(len(supply))}
    demand = {
        j: sum(people[i] * f(c) / row[i] for (i, b), c in times.items() if b == j and row[i] > 0)
        for j in range(len(supply))
    }
    out = [0.0] * len(people)
    for (i, j), c in times.items():
        if demand[j] > 0 and column[j] > 0:
            out[i] += supply[j] / demand[j] * f(c) / column[j]
    return out


@given(cities())
def test_closest_cumulative_and_gravity_equal_loops(city) -> None:
    times, origins, places, _, amount = city
    rows = rows_from(times, origins, places)
    cuts = np.array([5, 15, 30]) * MINUTE
    near, within, band, far = (
        closest_costs(rows, amount, k=3),
        cumulative(rows, amount, cuts).values,
        interval_cumulative(rows, amount, 5 * MINUTE, 15 * MINUTE).values,
        gravity(rows, amount, FADE).values,
    )
    for i in range(origins):
        mine = sorted((c, amount[j]) for (a, j), c in times.items() if a == i)
        got, third = 0.0, -1
        for c, n in mine:
            got += n
            if got >= 3:
                third = c
                break
        assert near[i, 0] == third
        for t, cut in enumerate(cuts):
            assert within[i, t, 0] == sum(n for c, n in mine if c <= cut)
        each = [sum(n for c, n in mine if c <= m * MINUTE) for m in range(5, 16)]
        assert band[i, 0] == pytest.approx(np.mean(each))
        assert far[i, 0] == pytest.approx(sum(n * 0.5 ** (c / MINUTE / 10) for c, n in mine))
    first = closest(rows, amount)
    assert ((first.values <= closest(rows, amount, k=2).values) | ~closest(rows, amount, k=2).known).all()
    assert (first.state[:, 0] == REACHED).tolist() == [
        any(a == i and amount[j] > 0 for a, j in times) for i in range(origins)
    ]


@given(cities())
def test_competition_equals_loops(city) -> None:
    times, origins, places, people, supply = city
    rows = rows_from(times, origins, places)
    cut = 15 * MINUTE

    def step(c: int) -> float:
        return float(c <= cut)

    def slow(c: int) -> float:
        return next((w for e, w in ((10, 1.0), (20, 0.68), (30, 0.22)) if c <= e * MINUTE), 0.0)

    def fade(c: int) -> float:
        return float(0.5 ** (c / MINUTE / 10))

    for found, twin in (
        (two_step(rows, people, supply, cut), slow_competition(times, people, supply, step)),
        (enhanced_two_step(rows, people, supply), slow_competition(times, people, supply, slow)),
        (balanced_catchment(rows, people, supply, FADE), slow_balanced(times, people, supply, fade)),
    ):
        assert found.access.values[:, 0] == pytest.approx(twin)
    fair = spatial_availability(rows, people, supply, FADE)
    twin = slow_competition(times, people, supply, fade)
    assert fair.access.values[:, 0] == pytest.approx(np.where(people > 0, twin, 0))
    assert ((fair.access.state[:, 0] == NOBODY) == (people == 0)).all()


@given(cities(), st.sampled_from([0.5, 1.0, 2.0]))
def test_what_is_given_out_is_what_there_is(city, alpha: float) -> None:
    times, origins, places, people, supply = city
    rows = rows_from(times, origins, places)
    for found in (
        two_step(rows, people, supply, 15 * MINUTE),
        enhanced_two_step(rows, people, supply),
        spatial_availability(rows, people, supply, FADE, alpha=alpha),
    ):
        assert found.total.sum() == pytest.approx(supply[found.served].sum())
    balanced = balanced_catchment(rows, people, supply, FADE)
    reaches = np.diff(rows.indptr) > 0
    assert balanced.demand.sum() == pytest.approx(people[reaches].sum())
    level = supply[balanced.served] / balanced.demand[balanced.served]
    assert balanced.access.values.sum() == pytest.approx(level.sum())


@given(cities(), st.integers(0, 50))
def test_groups_that_move_alike_share_as_one(city, cut: int) -> None:
    times, origins, places, people, supply = city
    rows = rows_from(times, origins, places)
    some = np.minimum(people, cut)
    for ask in (
        lambda p: enhanced_two_step(rows, p, supply),
        lambda p: spatial_availability(rows, p, supply, FADE),
    ):
        one, two = ask(people), ask(np.stack([some, people - some], axis=1))
        assert two.total.sum(axis=1) == pytest.approx(one.total[:, 0])


def test_a_group_with_slower_times_gets_less() -> None:
    fast = rows_from({(0, 0): 5 * MINUTE, (1, 0): 5 * MINUTE}, 2, 1)
    slow = rows_from({(0, 0): 15 * MINUTE}, 2, 1)
    found = spatial_availability([fast, slow], [[50, 50], [100, 0]], [30], decay("linear", half=10))
    # weights 3/4 and 1/4 of 150 and 50 people: 125 in all share 30
    assert found.access.values == pytest.approx(np.array([[0.18, 0.06], [0.18, 0]]))
    assert found.access.state[1, 1] == NOBODY
    assert found.total.sum() == pytest.approx(30)


# -- decays ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", DECAYS)
@given(half=st.floats(2, 60))
def test_decays_are_one_at_the_door_half_at_their_half_time_and_never_rise(name: str, half: float) -> None:
    fade = decay(name, half=half)
    assert fade.half() == pytest.approx(half)
    at = fade.weights(np.array([0, round(half * MINUTE)]))
    assert at == pytest.approx([1, 0.5], abs=1e-4)
    weights = fade.weights(np.arange(0, 200 * MINUTE, MINUTE // 2))
    assert (np.diff(weights) <= 0).all()
    assert weights.min() >= 0


def test_decays_by_their_own_parameters() -> None:
    t = np.array([0, 1, 10, 30]) * MINUTE
    assert decay("exponential", beta=0.1).weights(t) == pytest.approx(
        [1, np.exp(-0.1), np.exp(-1), np.exp(-3)]
    )
    assert decay("power", beta=2).weights(t) == pytest.approx([1, 1, 0.01, 1 / 900])
    assert decay("gaussian", variance=100).weights(t) == pytest.approx(
        [1, np.exp(-0.01), np.exp(-1), np.exp(-9)]
    )
    assert decay("linear", end=20).weights(t) == pytest.approx([1, 0.95, 0.5, 0])
    logistic = decay("logistic", middle=10, width=2).weights(t)
    assert logistic == pytest.approx((1 + np.exp(-5)) / (1 + np.exp((np.array([0, 1, 10, 30]) - 10) / 2)))
    ends = np.array([0, 10 * MINUTE, 10 * MINUTE + 1, 30 * MINUTE, 30 * MINUTE + 1])
    assert LUO_QI_SLOW.weights(ends).tolist() == [1, 1, 0.68, 0.22, 0]
    assert decay("logistic", middle=1000, width=0.001).weights(t).tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize(
    "call",
    [
        lambda: decay("quadratic", half=3),
        lambda: decay("exponential"),
        lambda: decay("exponential", beta=-1),
        lambda: decay("power", half=0.5),
        lambda: decay("linear", half=float("nan")),
        lambda: decay("logistic", half=10, width=40),
        lambda: stepped((10, 5), (1, 0.5)),
        lambda: stepped((10,), (1.5,)),
        lambda: cumulative(LINE, [1, -1, 1], 5 * MINUTE),
        lambda: cumulative(LINE, [1, 1], 5 * MINUTE),
        lambda: cumulative(LINE, None, [10, 5]),
        lambda: cumulative(LINE, None, [61 * MINUTE]),
        lambda: closest(LINE, k=0),
        lambda: interval_cumulative(LINE, None, 9, 5),
        lambda: two_step(LINE, [1, 2], [1, 1, 1], MINUTE),
        lambda: two_step(LINE, [1], [1, 1], MINUTE),
        lambda: two_step(LINE, [-1], [1, 1, 1], MINUTE),
        lambda: spatial_availability(LINE, [1], [1, 1, 1], FADE, alpha=0),
        lambda: completeness(np.zeros((2, 0), int), [1]),
        lambda: completeness([[1.5]], [1]),
        lambda: completeness([[1]], [1], [-1]),
        lambda: needs(("a",), [[1]], [61], limit=60),
        lambda: needs(("a", "b"), [[1]], [6]),
        lambda: Access(np.array([np.inf]), np.array([REACHED])),
        lambda: Access(np.zeros(2), np.zeros(3)),
        lambda: Access(np.zeros(2), np.zeros(2), better="blue"),
        lambda: digital([1.2], [3], 5),
    ],
)
def test_wrong_questions_are_refused(call) -> None:
    with pytest.raises(CallError):
        call()


LINE = rows_from({(0, 0): 0, (0, 1): 10 * MINUTE, (0, 2): 20 * MINUTE}, 1, 3, limit=60 * MINUTE)


def test_a_line_of_places_by_hand() -> None:
    assert gravity(LINE, None, decay("exponential", half=10)).values.tolist() == [[1.75]]
    assert cumulative(LINE, None, [10 * MINUTE, 20 * MINUTE]).values[0, :, 0].tolist() == [2, 3]
    assert interval_cumulative(LINE, None, 9 * MINUTE, 10 * MINUTE).values.tolist() == [[1.5]]
    assert closest(LINE, [0, 1, 1]).values.tolist() == [[10]]
    assert gravity(LINE, None, decay("exponential", half=30)).caveats[0].code == "decay-cut-short"
    assert gravity(LINE, None, decay("linear", half=30)).caveats == ()


def test_unreachable_is_a_state_and_no_number() -> None:
    rows = rows_from({(0, 0): MINUTE}, 3, 2)
    found = closest(rows, [[1, 0], [0, 1]]).located([True, True, False])
    assert found.state.tolist() == [
        [REACHED, UNREACHABLE],
        [UNREACHABLE, UNREACHABLE],
        [NOT_LOCATED, NOT_LOCATED],
    ]
    assert found.masked().mask.sum() == 5
    assert cumulative(rows, None, 5 * MINUTE).values[1].tolist() == [[0.0]]
    shared = two_step(rows, [1, 1, 1], [1, 4], 5 * MINUTE)
    assert shared.access.state[1, 0] == UNREACHABLE
    assert shared.access.caveats[0].code == "place-without-people"
    assert shared.served.tolist() == [True, False]


def test_a_travel_matrix_is_read_as_rows() -> None:
    travel = Travel(
        np.array(["a", "b"], object),
        np.array(["x"], object),
        np.array([0, 1, 1]),
        np.array([0]),
        np.array([7]),
    )
    assert closest_costs(travel).tolist() == [[7], [-1]]
    assert two_step(travel, [2, 3], [4], 10).access.values.tolist() == [[2.0], [0.0]]


# -- daily needs ----------------------------------------------------------------------------------------
@given(
    st.lists(st.lists(st.integers(-1, 40), min_size=3, max_size=3), min_size=1, max_size=6),
    st.lists(st.integers(0, 4), min_size=3, max_size=3).filter(any),
)
def test_daily_needs_equal_a_loop(table, weights) -> None:
    found = needs(("school", "doctor", "shop"), table, [10, 20], weights=weights)
    for i, row in enumerate(table):
        for t, cut in enumerate((10, 20)):
            met = sum(w for c, w in zip(row, weights, strict=True) if 0 <= c <= cut)
            assert found.share.values[i, t] == pytest.approx(met / sum(weights))
        assert found.missing[i] == sum(c < 0 for c in row)
        if min(row) >= 0:
            assert found.all_met.values[i] * MINUTE == pytest.approx(max(row))
            assert row[found.hardest[i]] == max(row)
        else:
            assert found.all_met.state[i] == UNREACHABLE
            assert row[found.hardest[i]] == -1


def test_needs_of_an_origin_off_the_network_are_not_known() -> None:
    found = needs(("a",), [[5], [-1]], [10], attached=[True, False], limit=20)
    assert found.share.state.ravel().tolist() == [REACHED, NOT_LOCATED]
    assert found.missing.tolist() == [0, 0]
    assert found.all_met.worst * MINUTE == 20


def test_bounds_know_their_width() -> None:
    slow, fast = (Access(np.array([v, 0.0]), np.array([0, 1]), better="less") for v in (9.0, 4.0))
    both = Bounds(slow, fast, fast)
    assert both.width().tolist() == [5.0, None]
    assert not both.sure
    assert Bounds.of(fast).sure
    with pytest.raises(CallError):
        Bounds(slow, fast, Access(np.zeros(2), np.zeros(2)))


# -- every declared law -----------------------------------------------------------------------------------
def asked(name: str, rows: Rows, people: Any, supply: Any) -> Access:
    """Values (O,) of a measure for one little city."""
    if name in ("completeness", "minutes_to_all", "digital"):
        # each place is the only one of its need
        table = np.full((rows.origins, rows.places), -1)
        table[rows.row(), rows.indices] = rows.costs
        table[:, np.asarray(supply) == 0] = -1
        if name == "digital":
            near = np.where(table < 0, 10**9, table).min(axis=1)
            share = np.asarray(people) / 50
            return digital(share, np.where(near == 10**9, -1, near), 15 * MINUTE).helped
        return completeness(table, 15 * MINUTE).column(0) if name == "completeness" else minutes_to_all(table)
    calls: dict[str, Callable[[], Access]] = {
        "closest": lambda: closest(rows, supply),
        "cumulative": lambda: cumulative(rows, supply, 15 * MINUTE).column(0),
        "interval_cumulative": lambda: interval_cumulative(rows, supply, 5 * MINUTE, 20 * MINUTE),
        "gravity": lambda: gravity(rows, supply, FADE),
        "two_step": lambda: two_step(rows, people, supply, 15 * MINUTE).access,
        "enhanced_two_step": lambda: enhanced_two_step(rows, people, supply).access,
        "balanced_catchment": lambda: balanced_catchment(rows, people, supply, FADE).access,
        "spatial_availability": lambda: spatial_availability(rows, people, supply, FADE).access,
    }
    return calls[name]().column(0)


def as_good(a: Access, b: Access) -> bool:
    """True when nobody has it worse in `a` than in `b`."""
    if a.better == "more":
        return bool((a.values >= b.values - 1e-9).all())
    return bool((~b.known | (a.known & (a.values <= b.values + 1e-9))).all())


@pytest.mark.parametrize("name", list(ACCESS))
@given(city=cities(), data=st.data())
def test_every_measure_keeps_its_laws(name: str, city, data) -> None:
    times, origins, places, people, supply = city
    laws = ACCESS[name].laws
    base = asked(name, rows_from(times, origins, places), people, supply)
    if "order" in laws:
        o, p = data.draw(st.permutations(range(origins))), data.draw(st.permutations(range(places)))
        turned = {(o.index(i), p.index(j)): c for (i, j), c in times.items()}
        again = asked(name, rows_from(turned, origins, places), people[o], supply[p])
        assert again.values == pytest.approx(base.values[o])
        assert (again.state == base.state[o]).all()
    if "faster" in laws and times:
        some = data.draw(st.sampled_from(sorted(times)))
        faster = times | {some: times[some] // 2}
        assert as_good(asked(name, rows_from(faster, origins, places), people, supply), base)
    if "more-places" in laws:
        more = supply.copy()
        more[data.draw(st.integers(0, places - 1))] += 1
        assert as_good(asked(name, rows_from(times, origins, places), people, more), base)
    if "adds-up" in laws:
        half = np.floor(supply / 2)
        rows = rows_from(times, origins, places)
        parts = [asked(name, rows, people, s).values for s in (half, supply - half)]
        assert sum(parts) == pytest.approx(base.values)
    if "replication" in laws:
        more = asked(name, rows_from(times, origins, places), 10 * people, 10 * supply)
        assert more.values == pytest.approx(base.values)
    if "bounded" in laws:
        assert (base.values >= 0).all()
        assert (base.values <= 1).all()


def test_the_registry_says_everything() -> None:
    for name in ACCESS:
        spec = ACCESS[name]
        assert spec.family in FAMILIES
        assert spec.laws <= set(LAWS)
        assert spec.because.endswith(".")
        assert spec.explain.pitfalls
        assert spec.explain.citations
        assert spec.say
        assert spec.oracle


def test_the_page_of_measures_is_up_to_date() -> None:
    from tools.access_table import PAGE, filled

    page = PAGE.read_text(encoding="utf-8")
    assert filled(page) == page, "python -m tools.access_table writes it"
    for name in ACCESS:
        assert f"`{name}`" in page


def test_alpha_says_how_strongly_numbers_draw() -> None:
    rows = rows_from({(0, 0): 5 * MINUTE, (1, 0): 5 * MINUTE}, 2, 1)
    near = stepped((10,), (1,))
    found = spatial_availability(rows, [1, 4], [17.0], near, alpha=2)
    assert found.total[:, 0] == pytest.approx([1, 16])
    assert spatial_availability(rows, [1, 4], [15.0], near).total[:, 0] == pytest.approx([3, 12])


def test_the_longest_of_several_cutoffs_was_looked_for() -> None:
    rows = rows_from({(0, 0): 5 * MINUTE}, 1, 1, limit=30 * MINUTE)
    with pytest.raises(CallError, match="nothing can be said"):
        cumulative(rows, None, [10 * MINUTE, 40 * MINUTE])
    assert cumulative(rows, None, [10 * MINUTE, 30 * MINUTE]).values.ravel().tolist() == [1, 1]
