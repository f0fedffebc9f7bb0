"""The audit on real votes: what was published about them, and what rules promise."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isopolis.engage.budget.audit import BROKEN, HOLDS, OPEN, Judged, approvals, axioms
from isopolis.engage.budget.card import RuleCard
from isopolis.engage.budget.election import Election, election
from isopolis.engage.budget.rules import allocate
from isopolis.flows.vote import read_vote, run_vote
from isopolis.flows.vote_audit import Audited, audit_vote

LOT = "a public lot"


@pytest.fixture(scope="module")
def wieliczka(data: Path) -> Audited:
    e = read_vote(data / "pb_wieliczka_2023" / "election.pb")
    return audit_vote(run_vote(e, card=RuleCard(lot_seed=LOT)))


def broken(judged: Judged) -> set[str]:
    return {v.axiom for v in judged.axioms if v.answer == BROKEN}


def test_wieliczka_as_published(wieliczka: Audited) -> None:
    # equalshares.net, Zielony Milion: 18 % of voters without a project against 28 %, 1.61 projects a voter
    # against 1.47, project 16 missed with 99 % of the support it needs
    judged = wieliczka.audit.judged
    assert round(100 * float(judged["equal_shares"].reach.nothing_share)) == 18
    assert round(100 * float(judged["greedy"].reach.nothing_share)) == 28
    assert float(judged["equal_shares"].reach.projects) == pytest.approx(1.617, abs=0.001)
    assert float(judged["greedy"].reach.projects) == pytest.approx(1.471, abs=0.001)
    ids = wieliczka.audit.outcome.election.ids
    near = max(wieliczka.audit.lost, key=lambda one: one.support or 0)
    assert (ids[near.project], int(100 * (near.support or 0))) == ("16", 99)
    change = wieliczka.audit.changes["official"]
    assert (change.added, change.displaced) == ((), ())


def test_wieliczka_keeps_what_most_votes_first_breaks(wieliczka: Audited) -> None:
    judged = wieliczka.audit.judged
    assert broken(judged["equal_shares"]) == set()
    assert {"jr", "ejr", "ejr-one", "pjr-one"} <= broken(judged["greedy"])
    assert (judged["equal_shares"].priced.answer, judged["greedy"].priced.answer) == (HOLDS, BROKEN)
    group = judged["greedy"].axioms[0].breach
    assert group is not None
    assert group.size == 229  # 229 × 1,000,000 ÷ 6,586 = 34,770 zł, above the cost of 20,000


@pytest.mark.parametrize("place", ["amsterdam_358", "toulouse_2022_saint_cyprien", "warszawa_2026_wesola"])
def test_every_question_is_decided_on_real_votes(place: str, data: Path) -> None:
    e = read_vote(data / f"pb_{place}" / "election.pb")
    for rule in ("equal_shares", "greedy"):
        won = run_vote(e, card=RuleCard(rule=rule, lot_seed=LOT, min_score=0)).winners
        found = axioms(approvals(e), won)
        assert OPEN not in {v.answer for v in found}
        if rule == "equal_shares":
            assert {v.axiom for v in found if v.answer == BROKEN} == set()


def test_sixty_thousand_voters(data: Path) -> None:
    e = read_vote(data / "pb_warszawa_2026_citywide" / "election.pb")
    assert e.official is not None
    found = axioms(approvals(e), e.official)
    assert OPEN not in {v.answer for v in found}
    assert found[0].answer == BROKEN


@st.composite
def votes(draw) -> Election:
    m = draw(st.integers(1, 5))
    ballots = draw(st.lists(st.lists(st.integers(0, m - 1), unique=True), min_size=1, max_size=8))
    costs = draw(st.lists(st.integers(1, 9), min_size=m, max_size=m))
    return election(draw(st.integers(3, 30)), costs, ballots)


@given(votes(), st.sampled_from(["none", "add1"]), st.sampled_from(["cost", "cardinality"]))
@settings(max_examples=80)
def test_equal_shares_keeps_the_robust_promise_by_its_own_measure(vote, completion, utility) -> None:
    card = RuleCard(completion=completion, utility=utility, lot_seed=LOT)
    measure = "cost" if utility == "cost" else "count"
    won = allocate(vote, card).winners
    found = {v.axiom: v.answer for v in axioms(approvals(vote), won, (measure,))}
    assert found["ejr+"] == HOLDS
    if measure == "cost":
        assert {found[k] for k in ("ejr-any", "ejr-one", "pjr-any", "pjr-one")} == {HOLDS}
    else:
        assert found["ejr"] == found["pjr"] == HOLDS
