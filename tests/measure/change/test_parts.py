"""Laws of the parts of a change, against orders written out one by one."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from isopolis.measure import MEASURES
from isopolis.measure.change import METHODS, along, decompose, fit
from isopolis.measure.change.parts import worlds
from isopolis.model import CallError

TABLES = arrays(float, (5, 3), elements=st.integers(1, 60).map(float))
INDICES = ("mutual_information", "information_theory", "dissimilarity", "gini", "variance_ratio")


def index(name: str):  # type: ignore[no-untyped-def]
    return lambda x: float(MEASURES[name].kernel(x))


MUTUAL = index("mutual_information")


def orders(first: np.ndarray, last: np.ndarray, name: str, *, equal: bool) -> dict[str, float]:
    """Walk from the older date to the newer in every order allowed, and take the mean of each step."""
    tables = (first / first.sum(), last / last.sum())
    sides = ("structure", "zones", "groups")

    def value(state: dict[str, int]) -> float:
        u = tables[state["zones"]].sum(axis=1)
        g = tables[state["groups"]].sum(axis=0)
        return index(name)(fit(tables[state["structure"]], u, g).table)

    total = dict.fromkeys(sides, 0.0)
    walks = [w for w in permutations(sides) if equal or w.index("structure") != 1]
    for walk in walks:
        state = dict.fromkeys(sides, 0)
        for side in walk:
            old = value(state)
            state[side] = 1
            total[side] += (value(state) - old) / len(walks)
    return total


@pytest.mark.parametrize("name", INDICES)
@pytest.mark.parametrize("equal", [False, True])
def test_shapley_is_the_mean_over_all_orders(name: str, equal: bool) -> None:
    rng = np.random.default_rng(3)
    first, last = (rng.integers(1, 90, (7, 4)).astype(float) for _ in range(2))
    method = "shapley_equal" if equal else "shapley"
    parts = decompose(first, last, index(name), method=method).parts  # type: ignore[arg-type]
    for side, want in orders(first, last, name, equal=equal).items():
        assert parts.of(side) == pytest.approx(want, abs=1e-12)


@settings(max_examples=8)
@given(TABLES, TABLES, st.sampled_from(sorted(METHODS)))
def test_parts_add_up_under_both_readings_of_zeros(first: np.ndarray, last: np.ndarray, method: str) -> None:
    last = last.copy()
    last[0, 0] = 0
    found = decompose(first, last, MUTUAL, method=method)  # type: ignore[arg-type]
    for parts in (found.parts, found.other):
        if parts is not None:
            assert sum(p.value for p in parts.parts) == pytest.approx(parts.change, abs=1e-12)
            assert all(p.low - 1e-12 <= p.value <= p.high + 1e-12 for p in parts.parts)


@settings(max_examples=8)
@given(
    TABLES, arrays(float, (5,), elements=st.floats(0.2, 5)), arrays(float, (3,), elements=st.floats(0.2, 5))
)
def test_other_sizes_with_the_same_odds_are_no_change_of_structure(
    first: np.ndarray, zones: np.ndarray, groups: np.ndarray
) -> None:
    for name in ("mutual_information", "gini"):
        parts = decompose(first, first * zones[:, None] * groups, index(name)).parts
        assert parts.of("structure") == pytest.approx(0, abs=1e-12)


def test_another_spread_of_the_same_people_is_structure_alone() -> None:
    first = np.array([[40.0, 10], [10, 40], [25, 25]])
    last = np.array([[30.0, 20], [20, 30], [25, 25]])
    found = decompose(first, last, MUTUAL, local=True)
    assert found.parts.of("zones") == pytest.approx(0, abs=1e-14)
    assert found.parts.of("groups") == pytest.approx(0, abs=1e-14)
    assert found.parts.of("structure") == pytest.approx(found.parts.change, abs=1e-14)
    assert found.by_zone is not None
    assert found.by_zone.structure[2] == pytest.approx(0, abs=1e-14)


def test_no_change_has_no_parts() -> None:
    x = np.array([[3.0, 9, 0], [8, 1, 4], [2, 2, 5]])
    for method in METHODS:
        found = decompose(x, 10 * x, MUTUAL, method=method)  # type: ignore[arg-type]
        assert all(abs(p.value) < 1e-13 for p in found.parts.parts)
        assert found.refusal is None


@settings(max_examples=8)
@given(TABLES, TABLES)
def test_zones_and_groups_change_places_with_the_table(first: np.ndarray, last: np.ndarray) -> None:
    upright = decompose(first, last, MUTUAL).parts
    turned = decompose(first.T, last.T, MUTUAL).parts
    for here, there in (("structure", "structure"), ("zones", "groups"), ("groups", "zones")):
        assert upright.of(here) == pytest.approx(turned.of(there), abs=1e-11)


def test_cutting_zones_in_the_same_proportion_changes_no_part() -> None:
    rng = np.random.default_rng(8)
    first, last = (rng.integers(1, 90, (6, 3)).astype(float) for _ in range(2))
    whole = decompose(first, last, MUTUAL).parts
    cut = decompose(*(np.vstack([x * 0.3, x * 0.7]) for x in (first, last)), MUTUAL).parts
    for p in whole.parts:
        assert cut.of(p.name) == pytest.approx(p.value, abs=1e-12)


def test_what_came_and_went_by_hand() -> None:
    first = np.array([[10.0, 20], [30, 5], [7, 0], [0, 0]])
    last = np.array([[12.0, 20], [25, 9], [0, 0], [0, 8]])
    found = decompose(first, last, MUTUAL)
    assert list(found.zones) == [True, True, False, False]
    assert found.parts.of("removed") == pytest.approx(MUTUAL(first[:2]) - MUTUAL(first), abs=1e-15)
    assert found.parts.of("added") == pytest.approx(MUTUAL(last) - MUTUAL(last[:2]), abs=1e-15)


def test_a_group_that_goes_can_take_a_zone_with_it() -> None:
    first = np.array([[10.0, 20, 0], [30, 5, 0], [0, 0, 9]])
    last = np.array([[12.0, 20, 0], [25, 9, 0], [4, 4, 0]])
    found = decompose(first, last, MUTUAL)
    assert list(found.zones) == [True, True, False]
    assert list(found.groups) == [True, True, False]
    assert sum(p.value for p in found.parts.parts) == pytest.approx(found.parts.change, abs=1e-14)


# -- what must fail, loudly -----------------------------------------------------------------------
def test_zeros_that_forbid_the_margins_are_refused() -> None:
    found = decompose([[10, 0], [0, 10]], [[14, 3], [0, 3]], MUTUAL)
    assert found.refusal is not None
    assert found.refusal.code == "no-fit"
    assert "off by" in found.refusal.reason


def test_a_sign_that_depends_on_zeros_is_refused_with_both_results() -> None:
    rng = np.random.default_rng(1)
    refused = 0
    for _ in range(300):
        first, last = (rng.poisson(1.2, (5, 3)).astype(float) for _ in range(2))
        first[:, 0] += 1
        last[:, 0] += 1
        first[0] += 1
        last[0] += 1
        found = decompose(first, last, MUTUAL)
        assert found.other is not None
        opposite = [
            n
            for n in ("structure", "zones", "groups")
            if found.parts.of(n) * found.other.of(n) < 0
            and min(abs(found.parts.of(n)), abs(found.other.of(n))) > 1e-6
        ]
        if not opposite or not found.parts.converged or not found.other.converged:
            continue
        refused += 1
        assert found.refusal is not None
        assert found.refusal.code == "sign-not-stable"
        assert set(opposite) <= set(found.disagree())
        if refused == 3:
            return
    raise AssertionError(f"only {refused} tables of 300 were unstable")


def test_sampling_zeros_get_half_a_person_at_most() -> None:
    first, last = np.array([[0.0, 8], [4, 4]]), np.array([[2.0, 6], [4, 4]])
    made = worlds(first, last, zeros="sampling")
    x = made.tables[0, 0, 0]
    assert (x > 0).all()
    np.testing.assert_allclose(x.sum(axis=0), [0.25, 0.75], atol=1e-12)
    odds = x[0, 0] * x[1, 1] / (x[0, 1] * x[1, 0])
    assert odds == pytest.approx(0.5 * 4 / (8 * 4), rel=1e-10)


@pytest.mark.parametrize(
    ("first", "last", "method", "said"),
    [
        ([[1, 2]], [[1, 2], [3, 4]], "shapley", "shapes"),
        ([[1, -2]], [[1, 2]], "shapley", "not negative"),
        ([[0, 0]], [[1, 2]], "shapley", "not all 0"),
        ([[1, 2]], [[1, 2]], "elbers", "no method"),
        ([[1, 2], [0, 0]], [[0, 0], [1, 2]], "shapley", "match the zones"),
        ([[1, 2], [0, 0]], [[1, 2], [1, 2]], "shapley", "only 1 of 2 zones"),
        ([[1, 0, 3], [4, 0, 1]], [[1, 2, 0], [4, 4, 0]], "shapley", "1 of 3 groups"),
    ],
)
def test_what_cannot_be_split(first: list, last: list, method: str, said: str) -> None:
    with pytest.raises(CallError, match=said):
        decompose(first, last, MUTUAL, method=method)  # type: ignore[arg-type]


# -- several dates --------------------------------------------------------------------------------
def test_steps_add_up_to_the_change_from_first_to_last() -> None:
    rng = np.random.default_rng(4)
    tables = [rng.integers(0, 60, (8, 3)).astype(float) + 1 for _ in range(4)]
    tables[1][3] = 0
    path = along(tables, MUTUAL)
    assert len(path.steps) == 3
    want = MUTUAL(tables[-1]) - MUTUAL(tables[0])
    assert sum(path.summed().values()) == pytest.approx(want, abs=1e-13)
    assert path.direct.parts.change == pytest.approx(want, abs=1e-14)
    assert along(tables[:2], MUTUAL).steps[0].parts.change == along(tables[:2], MUTUAL).direct.parts.change


def test_one_date_is_no_change() -> None:
    with pytest.raises(CallError, match="two dates"):
        along([[[1, 2]]], MUTUAL)
