"""Priceability: against another program, against prices written down by hand, and against the rule itself."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isopolis.engage.budget.audit import BROKEN, HOLDS, approvals, approvals_of, priceable, replay
from isopolis.engage.budget.card import RuleCard
from isopolis.engage.budget.election import election
from isopolis.engage.budget.rules import allocate

T, F = True, False
# ballots, costs, budget, winners, priceable(exhaustive=False).validate() of pabutools 1.2.3
PABUTOOLS = [
    ([[1, 2, 3], [0, 2, 3]], [5, 4, 1, 2], 3, [2], T),
    ([[2], [], [1], [0]], [5, 4, 3], 7, [0], F),
    ([[], [1], [], [0, 1]], [3, 5, 4], 10, [0, 1], T),
    ([[0, 1], [0], [], [0, 1]], [2, 4], 9, [0], T),
    ([[], [0], [0, 1], [3]], [1, 1, 2, 5], 9, [1], F),
    ([[2], [1, 2], [0, 1, 2], [2]], [3, 2, 5], 8, [0, 1], F),
    ([[0, 1, 2, 3], [0, 1, 2, 3], [0, 1, 2, 3]], [1, 2, 2, 2], 10, [1, 3], F),
    ([[0, 1], [1], [0, 3], [0]], [2, 1, 5, 2], 4, [3], F),
    ([[3], [2, 3], [1, 2], [0, 2, 3]], [2, 2, 3, 2], 5, [1, 2], F),
    ([[0, 1, 2], [0, 1, 2]], [1, 4, 3], 4, [1], T),
    ([[2], []], [1, 1, 3], 5, [1], F),
    ([[0], [2], [0], [2], [0, 1]], [4, 4, 3], 3, [2], F),
    ([[1], [0, 1]], [1, 4], 10, [1], T),
]


@pytest.mark.parametrize(("ballots", "costs", "budget", "won", "said"), PABUTOOLS)
def test_pabutools_says_the_same(ballots, costs, budget, won, said) -> None:
    assert (priceable(approvals_of(ballots, costs, budget), won).answer == HOLDS) is said


def test_a_project_without_supporters_has_no_price() -> None:
    found = priceable(approvals_of([[0], []], [1, 1], 5), [1])
    assert found.answer == BROKEN
    assert "no supporter" in found.how


def test_who_keeps_too_much_is_named() -> None:
    # three voters keep 30 of 90 each and want a project of 60; only the other three can be made to pay
    found = priceable(approvals_of([[0]] * 3 + [[1]] * 3, [60, 60], 180), [1])
    assert found.answer == BROKEN
    assert found.over[0][0] == 0
    assert found.over[0][1] == pytest.approx(30)
    assert found.to_dict()["over"] == [{"project": 0, "money": 30.0}]


def test_too_large_is_not_decided() -> None:
    assert priceable(approvals_of([[0], [0, 1]], [1, 1], 2), [0], largest=0).answer == "not decided"


@st.composite
def elections(draw):
    m = draw(st.integers(1, 5))
    ballots = draw(st.lists(st.lists(st.integers(0, m - 1), unique=True), min_size=1, max_size=7))
    costs = draw(st.lists(st.integers(1, 9), min_size=m, max_size=m))
    return election(draw(st.integers(3, 30)), costs, ballots)


@given(elections())
@settings(max_examples=40)
def test_equal_shares_is_priceable_and_its_own_payments_are_the_prices(vote) -> None:
    outcome = allocate(vote, RuleCard(completion="none", lot_seed="a public lot"))
    given_ = approvals(vote)
    purse = float(outcome.endowment or 0)
    prices = [None if s.price is None else float(s.price) for s in outcome.steps]
    purses = replay(given_, outcome.order, purse, prices=prices)
    assert not purses.unpaid
    by_rule = priceable(given_, outcome.winners, paid=(purse, purses))
    assert by_rule.answer == HOLDS
    assert by_rule.purse == purse
    assert priceable(given_, outcome.winners).answer == HOLDS
    # the same payments worked out without the prices of the rule
    again = replay(given_, outcome.order, purse)
    assert again.left == pytest.approx(purses.left, abs=1e-6)
