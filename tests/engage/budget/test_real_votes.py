"""Real votes: what cities decided, and what pabutools 1.2.3 computed (expected.json beside each file)."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from isopolis.engage.budget.card import RuleCard
from isopolis.engage.budget.election import Election
from isopolis.engage.budget.rules import allocate
from isopolis.flows.vote import beside_official, read_vote, run_vote

SMALL = ("pb_amsterdam_358", "pb_toulouse_2022_saint_cyprien", "pb_warszawa_2026_wesola", "pb_wieliczka_2023")
LARGE = "pb_warszawa_2026_citywide"
PEER = {
    # what the peer calls each; its greedy is by votes per cost
    "greedy_by_votes": {"rule": "greedy_value"},
    "plain_most_votes_first_skip_unaffordable (own code)": {"rule": "greedy"},
    "mes_cost_utility_no_completion": {"completion": "none"},
    "mes_cardinality_utility_no_completion": {"completion": "none", "utility": "cardinality"},
}


@cache
def vote(folder: Path) -> Election:
    return read_vote(folder / "election.pb")


def expected(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "expected.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", [*SMALL, LARGE])
def test_the_file_is_read_as_it_says(data: Path, name: str) -> None:
    e, known = vote(data / name), expected(data / name)
    assert (e.n_projects, e.n_voters) == (known["counts"]["projects"], known["counts"]["votes"])
    assert e.money(e.budget) == float(known["meta"]["budget"])
    official = known["official_selected"]
    assert (None if e.official is None else sorted(e.ids[p] for p in e.official)) == official
    # the column of votes equals a recount of the ballots in all of them
    assert not [p for p in e.caveats if p.code == "other-sum"]


@pytest.mark.parametrize("key", PEER)
@pytest.mark.parametrize("name", SMALL)
def test_the_peer_finds_the_same(data: Path, name: str, key: str) -> None:
    # the peer reads no threshold
    got = run_vote(vote(data / name), card=RuleCard(min_score=0, **PEER[key]))
    assert sorted(got.ids) == expected(data / name)["computed"][key]["selected"]


@pytest.mark.parametrize("utility", ["cost", "cardinality"])
@pytest.mark.parametrize("name", SMALL)
def test_the_peer_completes_the_same(data: Path, name: str, utility: str) -> None:
    """It stops as soon as nothing more fits, and fills what is over by votes per cost."""
    card = RuleCard(min_score=0, utility=utility, stop="exhaustive", fill="greedy_value")
    got, known = run_vote(vote(data / name), card=card), expected(data / name)["computed"]
    completed = sorted(got.election.ids[s.project] for s in got.steps if s.phase == "main")
    assert completed == known[f"mes_{utility}_utility_add1"]["selected"]
    assert sorted(got.ids) == known[f"mes_{utility}_utility_add1_then_greedy"]["selected"]
    assert got.cost <= got.election.budget


def test_wieliczka_2023(data: Path) -> None:
    e = vote(data / "pb_wieliczka_2023")
    got = run_vote(e, "equal_shares")
    there = beside_official(got)
    assert there is not None
    assert there.same
    assert (len(got.order), got.cost) == (30, 995_079)
    # published: 313 zł a voter; the allocation holds from 305.84 to 315.84
    assert float(got.endowment or 0) == pytest.approx(315.837, abs=0.001)
    assert got.voters_with_nothing == 1_172  # 17.8 %
    whole = run_vote(e, card=RuleCard(start="whole"))
    assert (whole.order, whole.endowment) == (got.order, 315)


@pytest.mark.parametrize(("name", "winners", "cost"), [
    ("pb_warszawa_2026_wesola", 9, 1_192_925), (LARGE, 17, 24_171_003),
])  # fmt: skip
def test_warsaw_by_its_own_rule(data: Path, name: str, winners: int, cost: int) -> None:
    got = run_vote(vote(data / name), "greedy")
    there = beside_official(got)
    assert there is not None
    assert there.same
    assert (len(got.order), got.cost) == (winners, cost)
    assert got.card.min_score == vote(data / name).min_score > 0


def test_warsaw_fast_is_exact(data: Path) -> None:
    """One run and some steps of the completion; the peer's one run is 40 winners for 16,102,171."""
    e = vote(data / LARGE)
    once = RuleCard(completion="none", min_score=0)
    exact = allocate(e, once, how="exact")
    quick = run_vote(e, card=once, how="certified")
    assert (len(exact.order), exact.cost) == (40, 16_102_171)
    assert (quick.order, quick.how, exact.how) == (exact.order, "certified", "exact")
    grown = replace(e, budget=round(e.budget * 576.21 / 392.21))
    assert run_vote(grown, card=once, how="certified").order == allocate(grown, once, how="exact").order


def test_warsaw_completed(data: Path) -> None:
    got = run_vote(vote(data / LARGE), card=RuleCard(min_score=0))
    assert (len(got.order), got.cost, got.tried, got.how) == (49, 22_232_851, 185, "certified")
    assert got.voters_with_nothing / got.election.n_voters == pytest.approx(0.0293, abs=0.0001)
    official = beside_official(got)
    assert official is not None
    assert official.voters_with_nothing / got.election.n_voters == pytest.approx(0.0869, abs=0.0001)


def test_warsaw_by_phragmen(data: Path) -> None:
    """The peer, with the same file: 51 winners for 21,878,851."""
    got = run_vote(vote(data / LARGE), card=RuleCard(rule="phragmen", min_score=0))
    assert (len(got.order), got.cost) == (51, 21_878_851)
