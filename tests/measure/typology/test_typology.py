"""Areas, types, clusters and rules about change: hand-made cities, laws, and slow twins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopolis.measure.typology import (
    NO,
    UNKNOWN,
    YES,
    Condition,
    Rule,
    agreement,
    clusters,
    connected,
    delimit,
    held,
    judge,
    neighbourhood_types,
)
from isopolis.measure.typology.areas import weighted_median
from isopolis.measure.typology.clusters import discoveries, local_z
from isopolis.measure.typology.types import TYPES
from isopolis.measure.typology.warning import TESTS

ROW = np.array([[i, i + 1] for i in range(5)])
"""Six zones in a row."""


def grid(side: int) -> np.ndarray:
    at = np.arange(side * side).reshape(side, side)
    across = np.stack([at[:, :-1].ravel(), at[:, 1:].ravel()], axis=1)
    down = np.stack([at[:-1].ravel(), at[1:].ravel()], axis=1)
    return np.concatenate([across, down])


# -- areas ---------------------------------------------------------------
def test_areas_of_a_row_are_what_one_sees() -> None:
    value = np.array([5.0, 5, 20, 5, np.nan, 5])
    people = np.array([600.0, 500, 900, 2000, 800, 999])
    found = delimit(value, people, ROW, threshold=10, fewest=1000)
    assert found.area.tolist() == [1, 1, -1, 0, -1, -1]
    assert found.people.tolist() == [2000, 1100]
    assert found.dropped == 1
    assert found.unknown.tolist() == [False, False, False, False, True, False]


def test_a_threshold_is_strict_and_empty_zones_join_nothing() -> None:
    people = np.array([1000.0, 0, 1000, 10, 0, 0])
    found = delimit(np.full(6, 9.0), people, ROW, threshold=9, fewest=30)
    assert not found.inside.any()
    found = delimit(np.full(6, 9.0), people, ROW, threshold=9.01, fewest=30)
    assert found.area.tolist() == [1, -1, 0, 0, -1, -1]  # the empty second zone joins nothing


def flooded(zones: np.ndarray, pairs: np.ndarray) -> list[frozenset[int]]:
    """The obvious way: walk from zone to zone."""
    near: dict[int, set[int]] = {i: set() for i in np.flatnonzero(zones)}
    for a, b in pairs.tolist():
        if a in near and b in near:
            near[a].add(b)
            near[b].add(a)
    out, left = [], set(near)
    while left:
        seen, todo = set(), [min(left)]
        while todo:
            one = todo.pop()
            if one not in seen:
                seen.add(one)
                todo += near[one]
        out.append(frozenset(seen))
        left -= seen
    return out


@given(st.lists(st.booleans(), min_size=36, max_size=36))
def test_connected_groups_are_those_of_a_walk(chosen: list[bool]) -> None:
    zones = np.array(chosen)
    group = connected(zones, grid(6))
    assert (group >= 0).tolist() == chosen
    found = {frozenset(np.flatnonzero(group == g).tolist()) for g in set(group[zones].tolist())}
    assert found == set(flooded(zones, grid(6)))


@given(st.integers(0, 10_000), st.floats(1, 50), st.floats(1, 2))
def test_a_higher_threshold_never_shrinks_what_is_inside(seed: int, low: float, times: float) -> None:
    rng = np.random.default_rng(seed)
    value, people = rng.uniform(0, 60, 36), rng.integers(0, 900, 36).astype(float)
    narrow, wide = (delimit(value, people, grid(6), threshold=t, fewest=800) for t in (low, low * times))
    assert not (narrow.inside & ~wide.inside).any()
    for area, number in enumerate(wide.people):
        assert people[wide.area == area].sum() == number >= 800
    both = held([narrow, wide])
    assert set(both.tolist()) <= {0.0, 0.5, 1.0}


def test_the_weighted_median_is_that_of_the_persons() -> None:
    value, people = np.array([10.0, 30, 20, np.nan]), np.array([3, 1, 2, 50])
    assert weighted_median(value, people) == 10.0
    assert weighted_median(value, np.array([1, 3, 1, 0])) == np.median(np.repeat([10, 30, 20], [1, 3, 1]))
    assert np.isnan(weighted_median(np.array([np.nan]), np.array([1.0])))
    with pytest.raises(ValueError, match="no variant"):
        held([])


# -- types ---------------------------------------------------------------
HAND_MADE = np.array(
    [
        [850, 150, 0, 0],  # the host by itself
        [600, 200, 100, 100],  # the host in the majority
        [400, 350, 150, 100],  # many hosts, one large minority
        [200, 300, 300, 200],  # several minorities, none of them polarised
        [200, 550, 150, 100],  # one minority twice all others, under sixty percent
        [100, 800, 60, 40],  # one minority by far
    ],
    dtype=float,
)


def test_each_type_has_its_hand_made_zone() -> None:
    found = neighbourhood_types(HAND_MADE, 0, draws=50)
    assert found.type.tolist() == [0, 1, 2, 3, 4, 5]
    assert len(TYPES) == 6
    assert found.largest.tolist() == [1, 1, 1, 1, 1, 1]
    assert found.stability.min() > 0.5


def test_the_extreme_type_needs_a_part_of_the_group_of_the_whole_city() -> None:
    spread = np.concatenate([HAND_MADE, np.tile([[3000.0, 600, 0, 0]], (5, 1))])  # 3,000 more elsewhere
    assert neighbourhood_types(spread, 0, draws=0).type[5] == 4


@pytest.mark.parametrize(("host", "kind"), [(800, 0), (799, 1), (500, 1), (499, 2), (300, 2), (299, 4)])
def test_the_limits_of_the_host_belong_to_the_upper_type(host: int, kind: int) -> None:
    zone = np.array([[host, 1000 - host, 0.0], [9000, 3000, 0]])
    assert neighbourhood_types(zone, 0, draws=0).type[0] == kind


def test_a_zone_of_few_people_or_unknown_counts_has_no_type() -> None:
    x = np.array([[20.0, 5], [np.nan, 400], [900, 100], [0, 0]])
    found = neighbourhood_types(x, 0, draws=10)
    assert found.type.tolist() == [-1, -1, 0, -1]
    assert np.isnan(found.stability[[0, 1, 3]]).all()
    with pytest.raises(ValueError, match="at least two groups"):
        neighbourhood_types(x, 2)


def test_a_zone_on_a_limit_is_unsure_and_a_clear_one_is_not() -> None:
    x = np.array([[800.0, 200, 0], [950, 50, 0]])
    found = neighbourhood_types(x, 0, draws=400, seed=3)
    assert 0.4 < found.stability[0] < 0.65  # half of the redrawn zones fall on either side
    assert found.stability[1] == 1
    again = neighbourhood_types(x, 0, draws=400, seed=3)
    assert np.array_equal(found.stability, again.stability)


# -- clusters ------------------------------------------------------------
def test_the_local_statistic_has_the_moments_of_a_hypergeometric_count() -> None:
    from scipy.sparse import csr_array, eye_array
    from scipy.stats import hypergeom

    people, members = np.array([40.0, 60, 100]), np.array([20.0, 10, 30])
    z = local_z(members, people, csr_array(eye_array(3)))
    law = hypergeom(200, 60, people.astype(int))
    assert z == pytest.approx((members - law.mean()) / law.std())
    assert local_z(members, people, csr_array(np.ones((3, 3)))).tolist() == [0, 0, 0]


def test_discoveries_are_those_of_the_published_procedure() -> None:
    # Benjamini and Hochberg (1995), section 4: fifteen p values, the first four stand at 0.05
    p = np.array([
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
        0.6528, 0.7590, 1.0000,
    ])  # fmt: skip
    assert discoveries(p, 0.05).sum() == 4
    assert not discoveries(np.array([0.5, 0.9]), 0.05).any()


def planted(strength: float) -> tuple[np.ndarray, np.ndarray]:
    """A city of 144 zones of 400 people with 16 zones in a corner where a group is denser."""
    people = np.full(144, 400.0)
    share = np.full((12, 12), 0.1)
    share[:4, :4] = 0.1 + strength
    return np.rint(people * share.ravel()), people


def test_a_planted_cluster_is_found_and_holds() -> None:
    members, people = planted(0.2)
    found = clusters(members, people, grid(12), draws=40)
    inside = np.zeros((12, 12), dtype=bool)
    inside[:4, :4] = True
    assert found.high[inside.ravel()].all()
    assert len(found.stability) == 1
    assert found.stability[0] > 0.9
    assert found.cluster[0] == 0


def test_an_even_city_has_no_cluster_and_an_unknown_zone_no_statistic() -> None:
    members, people = planted(0.0)
    people[7] = 12
    found = clusters(members, people, grid(12), draws=5)
    assert not found.high.any()
    assert not len(found.stability)
    assert np.isnan(found.z[7])


# -- rules about change --------------------------------------------------
RULE = Rule(
    "r", "R", (
        Condition("below-quantile", "income", "before", 0.5),
        Condition("change-ratio-at-least", "income", number=0.2, real=True),
    ),
)  # fmt: skip


def test_unknown_is_neither_yes_nor_no_unless_another_condition_decides() -> None:
    before = np.array([10.0, 10, 40, 50, np.nan])
    after = np.array([14.0, np.nan, np.nan, 99, 20])
    found = judge(RULE, {"income (before)": before, "income (after)": after}, {"prices": 1.1}, zones=5)
    # the third has no second income, but was not poor: no. The fifth may have been poor: unknown
    assert found.answer.tolist() == [YES, UNKNOWN, NO, NO, UNKNOWN]


def test_prices_are_made_equal_first() -> None:
    values = {"income (before)": np.array([10.0, 40]), "income (after)": np.array([13.0, 40])}
    assert judge(RULE, values, {"prices": 1.0}, zones=2).answer.tolist() == [YES, NO]
    assert judge(RULE, values, {"prices": 1.2}, zones=2).answer.tolist() == [NO, NO]


def test_what_is_missing_is_named_and_nothing_is_said() -> None:
    found = judge(RULE, {"income (before)": np.ones(3)}, {}, zones=3)
    assert found.missing == ("income (after)", "prices")
    assert (found.answer == UNKNOWN).all()


def test_fewer_than_three_rules_say_nothing() -> None:
    values = {"income (before)": np.array([10.0, 40]), "income (after)": np.array([13.0, 40])}
    asked = judge(RULE, values, {"prices": 1.0}, zones=2)
    silent = judge(RULE, {}, {}, zones=2)
    assert agreement([asked, asked, silent])[0].tolist() == [UNKNOWN, UNKNOWN]
    yes, answered = agreement([asked, asked, asked, silent])
    assert (yes.tolist(), answered.tolist()) == ([3, 0], [3, 3])
    with pytest.raises(ValueError, match="at least one rule"):
        agreement([])


def test_three_of_four_is_known_as_soon_as_it_is() -> None:
    four = Rule("v", "V", tuple(Condition("at-least", c, "after", 1) for c in "abcd"), at_least=3)
    rows = {"a": [1, 1, 1], "b": [1, 1, 0], "c": [1, np.nan, 0], "d": [np.nan, np.nan, np.nan]}
    values = {f"{k} (after)": np.array(v, dtype=float) for k, v in rows.items()}
    assert judge(four, values, {}, zones=3).answer.tolist() == [YES, UNKNOWN, NO]


@pytest.mark.parametrize(
    ("test", "number", "expected"),
    [
        ("below-quantile", 0.5, [1, 1, 0, 0, 0]),
        ("at-most-quantile", 0.5, [1, 1, 1, 0, 0]),
        ("above-quantile", 0.5, [0, 0, 0, 1, 1]),
        ("below-times-median", 0.8, [1, 1, 0, 0, 0]),
        ("above-times-median", 1.0, [0, 0, 0, 1, 1]),
        ("above-mean", 0, [0, 0, 0, 1, 1]),
        ("at-least", 3, [0, 0, 1, 1, 1]),
        ("change-ratio-at-least", 1.0, [1, 1, 0, 0, 0]),
        ("change-ratio-above", 1.0, [1, 0, 0, 0, 0]),
        ("change-ratio-above-quantile", 0.5, [1, 1, 0, 0, 0]),
        ("change-at-least", 2, [1, 1, 1, 0, 0]),
        ("change-above-quantile", 0.5, [0, 0, 0, 0, 0]),
    ],
)
def test_every_test_by_hand(test: str, number: float, expected: list[int]) -> None:
    values = {
        "x (before)": np.array([1.0, 2, 3, 4, 5]),
        "x (after)": np.array([3.0, 4, 5, 5, 5]),
        "population (before)": np.full(5, 10.0),
    }
    rule = Rule("t", "T", (Condition(test, "x", "before", number),))
    assert judge(rule, values, {}, zones=5).answer.tolist() == expected


def test_no_test_is_left_without_a_hand_made_answer() -> None:
    cases = test_every_test_by_hand.pytestmark[0].args[1]  # type: ignore[attr-defined]
    assert {c[0] for c in cases} == set(TESTS)
