"""Shapley's split: against all orders written out, its axioms, and a case by hand."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopolis.model import CallError
from isopolis.reach.split import FACTORS, level_of, shapley, split, split_levels

SETS = [frozenset(c) for r in range(4) for c in combinations(FACTORS, r)]
games = st.lists(st.fractions(-5, 5, max_denominator=50), min_size=8, max_size=8).map(
    lambda numbers: dict(zip(SETS, numbers, strict=True))
)


def over_orders(game: dict[frozenset[str], Fraction]) -> dict[str, Fraction]:
    """The definition itself: every order, one factor after the other."""
    total = dict.fromkeys(FACTORS, Fraction(0))
    orders = list(permutations(FACTORS))
    for order in orders:
        done: frozenset[str] = frozenset()
        for factor in order:
            total[factor] += game[done | {factor}] - game[done]
            done |= {factor}
    return {f: t / len(orders) for f, t in total.items()}


@given(games)
def test_equals_all_orders_written_out(game: dict[frozenset[str], Fraction]) -> None:
    found = shapley(game.__getitem__)
    assert {f: mean for f, (mean, _, _) in found.items()} == over_orders(game)
    assert all(least <= mean <= most for mean, least, most in found.values())


@given(games, st.booleans())
def test_parts_add_up_to_the_gap_exactly(game: dict[frozenset[str], Fraction], higher: bool) -> None:
    made = split(game.__getitem__, "g", "everyone", higher_is_better=higher)
    assert sum(p.amount for p in made.parts) == made.gap
    assert made.gap == (made.other - made.own) * (1 if higher else -1)


@given(st.lists(st.floats(-1e3, 1e3), min_size=8, max_size=8))
def test_floats_add_up_too(numbers: list[float]) -> None:
    made = split(dict(zip(SETS, numbers, strict=True)).__getitem__, "g", "everyone")
    assert abs(float(sum(p.amount for p in made.parts)) - (numbers[-1] - numbers[0])) <= 1e-12 * 1e3


@given(games, st.sampled_from(FACTORS))
def test_a_factor_that_changes_nothing_has_no_part(game: dict[frozenset[str], Fraction], null: str) -> None:
    made = split(lambda s: game[s - {null}], "g", "everyone")
    part = made.part(null)
    assert part.amount == part.least == part.most == 0


@given(st.lists(st.fractions(-5, 5, max_denominator=20), min_size=6, max_size=6), st.permutations(FACTORS))
def test_factors_that_do_the_same_have_equal_parts(numbers: list[Fraction], order: list[str]) -> None:
    one, other, third = order

    def value(given: frozenset[str]) -> Fraction:
        return numbers[2 * len(given & {one, other}) + (third in given)]

    made = split(value, "g", "everyone")
    assert made.part(one).amount == made.part(other).amount


@given(games, games)
def test_parts_of_a_sum_are_sums_of_parts(
    one: dict[frozenset[str], Fraction], other: dict[frozenset[str], Fraction]
) -> None:
    both = shapley(lambda s: one[s] + other[s])
    apart = shapley(one.__getitem__), shapley(other.__getitem__)
    assert all(both[f][0] == apart[0][f][0] + apart[1][f][0] for f in FACTORS)


@given(games)
def test_every_level_is_asked_for_once(game: dict[frozenset[str], Fraction]) -> None:
    asked: list[frozenset[str]] = []
    split(lambda s: asked.append(s) or game[s], "g", "everyone")
    assert sorted(map(sorted, asked)) == sorted(map(sorted, SETS))


# -- the example of docs/siting.md ----------------------------------------------------------------------
PEOPLE = {"own": [20, 80], "reference": [60, 40]}
COSTS = {
    ("own", "own"): [20, -1],
    ("own", "reference"): [10, 30],
    ("reference", "own"): [10, 20],
    ("reference", "reference"): [5, 15],
}


def test_worked_example() -> None:
    made = split_levels(PEOPLE, COSTS, 15, "wheelchair users", "everyone")
    # levels by hand: 0; where 0; how 1/5; service 1/5; where+how 3/5; where+service 3/5; how+service 1; all 1
    assert (made.own, made.other, made.gap) == (0, 1, 1)
    effects = {"where": Fraction(2, 15), "how": Fraction(13, 30), "service": Fraction(13, 30)}
    assert {p.factor: p.amount for p in made.parts} == effects
    words = made.words()
    assert words[0].startswith("How people move: 0.433 of the gap. Funding")
    assert words[1].startswith("What the service admits: 0.433 of the gap. Regulation")
    assert words[2].startswith("Where people live: 0.133 of the gap. Funding")


def test_a_part_can_work_against_the_gap() -> None:
    made = split(lambda s: Fraction(len(s & {"how"}) * 3 - len(s & {"where"})), "g", "everyone")
    assert "smaller by 1" in made.words()[1]
    assert "no part" in made.words()[2]


def test_minutes_are_better_when_fewer() -> None:
    made = split(lambda s: 30 - 5 * len(s), "g", "everyone", higher_is_better=False)
    assert made.gap == 15
    assert [p.amount for p in made.parts] == [5, 5, 5]


def test_whole_numbers_of_numpy_and_counts_that_are_not_whole() -> None:
    value = level_of({"own": np.array([0.5, 1.5]), "reference": [1, 1]}, COSTS, 15)
    assert value(frozenset({"how"})) == Fraction(1, 4)


@pytest.mark.parametrize(
    ("people", "costs"),
    [
        ({"own": [1, 1]}, COSTS),
        (PEOPLE, {("own", "own"): [1, 1]}),
        ({"own": [1], "reference": [1]}, COSTS),
        ({"own": [0, 0], "reference": [1, 1]}, COSTS),
        ({"own": [-1, 2], "reference": [1, 1]}, COSTS),
        ({"own": [np.nan, 2], "reference": [1, 1]}, COSTS),
    ],
)
def test_wrong_tables_are_refused(people: dict, costs: dict) -> None:
    with pytest.raises(CallError):
        split_levels(people, costs, 15, "g", "everyone")


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(CallError, match="every level is known"):
        split(lambda s: float("nan"), "g", "everyone")


def test_nobody_left_after_rounding_is_refused() -> None:
    costs = {(h, v): np.array([5, -1]) for h in ("own", "reference") for v in ("own", "reference")}
    people = {"own": [0.0002, 0.0001], "reference": [3.0, 4.0]}
    with pytest.raises(CallError, match="somebody on both sides"):
        split_levels(people, costs, 10, "g", "everyone")
