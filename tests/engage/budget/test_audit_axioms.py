"""Promises of fairness: against the definitions spelt out, other programs' answers, votes made by hand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isopolis.engage.budget.audit import BROKEN, HOLDS, OPEN, Approvals, approvals_of, axioms
from isopolis.engage.budget.audit.axioms import plus, represented, title
from isopolis.engage.budget.audit.cohesive import Unions, search
from isopolis.model import CallError

from .slow_axioms import broken

T, F = True, False


def answers(a: Approvals, won, measure: str, **limits) -> dict[str, str]:
    return {v.axiom: v.answer for v in axioms(a, won, (measure,), **limits)}


@st.composite
def votes(draw):
    m = draw(st.integers(1, 5))
    ballots = draw(st.lists(st.sets(st.integers(0, m - 1)), min_size=1, max_size=6))
    costs = draw(st.lists(st.integers(1, 6), min_size=m, max_size=m))
    budget = draw(st.integers(1, 14))
    won: set[int] = set()
    for p in draw(st.permutations(range(m))):
        if draw(st.booleans()) and sum(costs[q] for q in won) + costs[p] <= budget:
            won.add(p)
    return ballots, costs, budget, won


@given(votes(), st.booleans())
@settings(max_examples=150)
def test_every_answer_is_that_of_the_definition(vote, by_count: bool) -> None:
    ballots, costs, budget, won = vote
    wrong = broken(ballots, costs, budget, won, by_count)
    found = answers(approvals_of(ballots, costs, budget), won, "count" if by_count else "cost")
    assert {name for name, answer in found.items() if answer == BROKEN} == wrong & set(found)
    assert OPEN not in found.values()


@given(votes())
def test_a_breach_is_a_group_that_can_be_checked_by_hand(vote) -> None:
    ballots, costs, budget, won = vote
    a = approvals_of(ballots, costs, budget)
    for verdict in axioms(a, won):
        if verdict.breach is None:
            continue
        b = verdict.breach
        agree = [i for i, ballot in enumerate(ballots) if set(b.projects) <= ballot]
        assert b.size <= len(agree)
        assert b.got < b.need
        if verdict.axiom != "ejr+":
            assert b.size * budget >= len(ballots) * sum(costs[p] for p in b.projects)


@given(votes())
def test_promises_follow_from_each_other(vote) -> None:
    ballots, costs, budget, won = vote
    found = answers(approvals_of(ballots, costs, budget), won, "cost")
    for strong, weak in [
        ("ejr+", "ejr-any"), ("ejr", "ejr-any"), ("ejr-any", "ejr-one"), ("pjr", "pjr-any"),
        ("pjr-any", "pjr-one"), ("ejr", "pjr"), ("ejr-any", "pjr-any"), ("ejr-one", "pjr-one"),
    ]:  # fmt: skip
        if found[strong] == HOLDS:
            assert found[weak] == HOLDS


# ballots, costs, budget, winners, [EJR, PJR] by cost, [EJR, PJR] by count, by is_EJR_approval and
# is_PJR_approval of pabutools 1.2.3; priceable(exhaustive=False) stands in test_audit_priced
PABUTOOLS = [
    ([[0, 1], [1], [0, 1], [0, 1]], [4, 1], 4, [], [F, F], [F, F]),
    ([[1, 2, 3], [0, 2, 3]], [5, 4, 1, 2], 3, [2], [F, F], [F, F]),
    ([[2], [], [1], [0]], [5, 4, 3], 7, [0], [T, T], [T, T]),
    ([[], [1], [], [0, 1]], [3, 5, 4], 10, [0, 1], [T, T], [T, T]),
    ([[0, 1], [0], [], [0, 1]], [2, 4], 9, [0], [F, F], [T, T]),
    ([[2], [1, 2], [0, 1, 2], [2]], [3, 2, 5], 8, [0, 1], [F, F], [T, T]),
    ([[0, 1, 2, 3], [0, 1, 2, 3], [0, 1, 2, 3]], [1, 2, 2, 2], 10, [1, 3], [F, F], [F, F]),
    ([[1, 2, 3], [0, 1, 2, 3], [0, 2, 3], [0, 1, 2]], [2, 1, 5, 5], 5, [0, 1], [F, F], [T, T]),
    ([[0, 1, 2], [0, 1, 2]], [1, 4, 3], 4, [1], [T, T], [F, F]),
    ([[0], [2], [0], [2], [0, 1]], [4, 4, 3], 3, [2], [T, T], [T, T]),
    ([[2], [0, 2, 3]], [3, 4, 5, 5], 4, [], [T, T], [T, T]),
]


@pytest.mark.parametrize(("ballots", "costs", "budget", "won", "by_cost", "by_count"), PABUTOOLS)
def test_pabutools_says_the_same(ballots, costs, budget, won, by_cost, by_count) -> None:
    a = approvals_of(ballots, costs, budget)
    for measure, said in (("cost", by_cost), ("count", by_count)):
        found = answers(a, won, measure)
        assert [found["ejr"] == HOLDS, found["pjr"] == HOLDS] == said


# ballots, candidates, committee, JR, PJR, EJR, EJR+ by abcvoting 2.19.2: projects that all cost one
ABCVOTING = [
    ([[3, 4], [1, 2], [3], [4]], 5, [0, 1, 3, 4], T, T, T, T),
    ([[0, 3, 4], [0, 1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4], [0, 1, 2]], 5, [1, 2, 4], T, T, T, T),
    ([[1], [0], [1, 2]], 4, [0, 2, 3], F, F, F, F),
    ([[3, 4], [0, 3, 4], [1], [0], [1, 3], [1, 4]], 5, [0, 2, 3, 4], T, T, T, F),
    ([[1, 3, 4], [1, 2], [1, 2, 3], [0, 2, 4]], 5, [0, 1, 3, 4], T, T, T, F),
    ([[1, 3], [0, 1, 2], [1, 3]], 4, [0, 1, 2], T, F, F, F),
    ([[0, 2, 4], [1, 2, 4], [0, 2, 3, 4]], 5, [0, 1], T, T, F, F),
    ([[1, 2], [1, 2], [1, 2]], 3, [0, 1], T, F, F, F),
]


@pytest.mark.parametrize(("ballots", "m", "won", "jr", "pjr", "ejr", "robust"), ABCVOTING)
@pytest.mark.parametrize("measure", ["cost", "count"])
def test_abcvoting_says_the_same_of_committees(ballots, m, won, jr, pjr, ejr, robust, measure) -> None:
    found = answers(approvals_of(ballots, [1] * m, len(won)), won, measure)
    assert [found[k] == HOLDS for k in ("jr", "pjr", "ejr", "ejr+")] == [jr, pjr, ejr, robust]


def test_a_known_breach_by_hand() -> None:
    # 4 of 10 voters agree on two projects of 20 each and could pay them from 40 of 100; they got neither
    ballots = [{0, 1}] * 4 + [{2}] * 6
    a = approvals_of(ballots, [20, 20, 60], 100)
    verdicts = {v.axiom: v for v in axioms(a, [2], ("cost",))}
    ejr = verdicts["ejr"].breach
    assert ejr is not None
    assert (ejr.projects, ejr.size, ejr.need, ejr.got) == ((0,), 4, 20, 0)
    said = verdicts["ejr"].said(["park", "playground", "road"], lambda units: f"{units} zł", 10)
    assert said == (
        "4 voters (40.0% of all) support “park”, and their part of the budget would pay for it. "
        "The best off among them got 0 zł in projects they support; 20 zł is due."
    )
    # one of the two is not enough, but it is up to one project: 20 + 20 > 40 does not hold, so it is broken
    assert answers(a, [0, 2], "cost")["ejr-one"] == BROKEN
    assert set(answers(a, [0, 1, 2], "cost").values()) == {HOLDS}


def test_up_to_one_is_weaker_than_up_to_any() -> None:
    # entitled to 30 + 60 = 90, the two have 50 each: more than 90 with the dear one, less with the cheap one
    a = approvals_of([{0, 1, 2}, {0, 1, 3}], [30, 60, 50, 50], 100)
    found = answers(a, [2, 3], "cost")
    assert (found["ejr"], found["ejr-any"], found["ejr-one"]) == (BROKEN, BROKEN, HOLDS)


def test_what_is_not_decided_says_so_and_what_follows_is_decided() -> None:
    ballots = [set(range(10))] * 20
    a = approvals_of(ballots, [1] * 10, 9)
    found = {v.axiom: v for v in axioms(a, range(9), ("cost",), nodes=0)}
    assert found["ejr"].answer == OPEN
    assert "grows too fast" in found["ejr"].how
    # the robust form holds, and with it everything up to one project
    assert found["ejr+"].answer == found["ejr-any"].answer == found["pjr-one"].answer == HOLDS


def test_unions_beyond_the_limit_are_said_not_to_be_seen() -> None:
    parts = Unions(tuple(1 << i for i in range(10)), (1,) * 10, (1,) * 10)
    assert parts.most(7) == (6, 6, True)
    assert parts.most(7, limit=20)[2] is False


def test_a_group_may_be_short_in_part_though_not_as_a_whole() -> None:
    # all ten together got both projects, five of them only the small one
    ballots = [{0, 2}] * 5 + [{1, 2}] * 5
    a = approvals_of(ballots, [10, 10, 50], 100)
    found = search(a, [0, 1])
    assert found.breaches["pjr", ""].got == 20
    assert found.breaches["pjr", ""].size == 10


def test_more_winners_than_a_machine_word_has_bits() -> None:
    # everybody has one of 70 small projects of their own, and all agree on one that is worth far more
    ballots = [{i, 70} for i in range(70)]
    a = approvals_of(ballots, [1] * 70 + [100], 170)
    assert answers(a, range(70), "cost")["pjr"] == BROKEN
    assert search(a, range(70)).breaches["pjr", ""].got == 70


def test_the_largest_group_is_named() -> None:
    a = approvals_of([{0}] * 3 + [{1}] * 4 + [{2}] * 3 + [{3}] * 2, [10, 10, 10, 20], 120)
    for found in (represented(a, [3]), plus(a, [3]), plus(a, [3], "count")):
        assert found is not None
        assert (found.projects, found.size) == ((1,), 4)
    assert search(a, [3]).breaches["ejr", ""].projects == (1,)


def test_nobody_is_left_out_of_an_empty_vote() -> None:
    a = approvals_of([[], []], [5], 10)
    assert represented(a, []) is None
    assert plus(a, []) is None
    assert OPEN not in answers(a, [], "count").values()


def test_wrong_calls_are_refused() -> None:
    with pytest.raises(CallError, match="cost"):
        axioms(approvals_of([[0]], [1], 1), [], ("euros",))
    with pytest.raises(CallError, match="no axiom"):
        title("envy")
    with pytest.raises(CallError, match="do not fit"):
        Approvals(1, [0, 1], [0], [1, 2], 3)
    with pytest.raises(CallError, match="among the voters"):
        Approvals(1, [0, 1], [4], [1], 3)
    with pytest.raises(CallError, match="at least one unit"):
        Approvals(1, [0, 1], [0], [0], 3)
