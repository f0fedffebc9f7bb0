"""The result page: out of the public bundle, made once: reasons, money, other rules, who took part."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from isopolis.engage.budget.verify import verify_bundle
from isopolis.flows.vote import run_vote
from isopolis.web import ballots
from isopolis.web.ballots.models import Vote
from isopolis.web.modules.budget import results_build
from isopolis.web.modules.budget.models import Budget, Idea, Result
from isopolis.web.modules.budget.results_actions import MakeResult
from isopolis.web.modules.budget.results_build import TOPICS, unpacked_bundle
from isopolis.web.modules.budget.results_tasks import compute
from isopolis.web.modules.budget.results_turnout import _ways
from isopolis.web.participation.counting import counted

from .budget_votes import budget_for, voted
from .test_pages import check
from .towns import work

COUNT = run_vote
CHOICES = [["1", "3"]] * 7 + [["2", "4"]] * 4 + [["4"]] * 2 + [["2"]]
"""Fourteen people: a majority for the north, the others for library and benches; nobody for the fountain."""
PAGES = ("budget_result", "budget_lost", "budget_rules", "budget_recount", "budget_delivery")


@pytest.fixture
def budget(owner: Any, city: Any) -> Budget:
    return budget_for(owner, city)


def at(budget: Budget, name: str, *more: Any) -> str:
    process = budget.module.process
    return reverse(name, args=[process.workspace.slug, process.number, budget.module.pk, *more])


def test_the_whole_result(budget: Budget, owner: Any, staff: dict[str, Any], monkeypatch: Any) -> None:
    voted(owner, staff["participation_officer"], budget, CHOICES)
    anybody, page = Client(), at(budget, "budget_result")
    waiting = anybody.get(page)
    check(waiting, page)
    assert "are being made" in waiting.content.decode()
    assert [(j.kind, j.state) for j in work()] == [("budget_result", "done")]
    vote = Vote.objects.get(module=budget.module)
    # by hand: 90,000 euros among 14 are 6,428 each; the seven of the north can pay the trees (40,000) but not
    # the lamps as well; library (30,000) and benches (20,000) are paid by the others
    assert sorted(vote.result["winners"]) == ["1", "2", "4"]
    assert {i.number: i.won for i in Idea.objects.all()} == {1: True, 2: True, 3: False, 4: True, 5: False}

    # from here on nothing is counted or drawn any more
    def never(*_a: Any, **_k: Any) -> None:
        raise AssertionError("a page must not count")

    monkeypatch.setattr(results_build, "run_vote", never)
    monkeypatch.setattr("isopolis.flows.vote.run_vote", never)
    monkeypatch.setattr("isopolis.report.vote.compose_vote", never)
    for name in PAGES:
        answer = anybody.get(at(budget, name))
        check(answer, at(budget, name))
        assert len(answer.content) < 200_000
    text = anybody.get(page).content.decode()
    for part in (
        "3 of 5 projects are funded for 90,000 EUR of 90,000 EUR",
        "0 of 14 voters (0%) got none",
        "14 of 16 people on the roll voted.",
        "Parks and nature",
        "What “most votes first” would have funded",
        "Lamps &lt;script&gt;",
        '<svg role="img"',
    ):
        assert part in text, part
    assert "<script>alert" not in text
    lost = anybody.get(at(budget, "budget_lost")).content.decode()
    assert "Nobody voted for it." in lost
    assert "Its supporters had" in lost
    assert "7 of its supporters also chose" in lost
    one = anybody.get(at(budget, "budget_outcome", 3))
    check(one, "project 3")
    assert "This project is not funded." in one.content.decode()
    assert "7 of 14 voters" in one.content.decode()
    won = anybody.get(at(budget, "budget_outcome", 4)).content.decode()
    assert 'lang="ar">مقاعد' in won
    assert "It won as number" in won
    assert anybody.get(at(budget, "budget_outcome", 99)).status_code == 404
    links = anybody.get(budget.process.get_absolute_url()).content.decode()
    assert page in links
    assert at(budget, "budget_delivery") in links
    _anybody_counts_again(budget)


def _anybody_counts_again(budget: Budget) -> None:
    """The bundle is counted by the engine and by hand; the fingerprints of the page are its own."""
    packed = Client().get(at(budget, "ballot_bundle")).content
    texts = unpacked_bundle(packed)
    checked = verify_bundle(texts, lambda election, card: COUNT(election, card=card))
    assert checked.holds, checked.wrong
    page = Client().get(at(budget, "budget_recount")).content.decode()
    assert checked.digest in page
    assert hashlib.sha256(packed).hexdigest() in page
    assert "isopolis verify result-bundle.zip" in page
    assert "dice 3 1 6 6 2 4" in page
    # what is told agrees with the bundle, project by project
    told = Result.objects.get(budget=budget).told
    votes = Counter(p for c in CHOICES for p in c)
    assert {p["id"]: p["votes"] for p in told["projects"]} == {str(n): votes[str(n)] for n in range(1, 6)}
    assert [p["id"] for p in told["projects"] if p["won"]] == json.loads(texts["outcome.json"])["winners"]
    assert {p["id"] for p in told["projects"] if p["greedy"]} == {"1", "3"}, "by hand: 7 votes, 7 votes, full"
    assert told["numbers"]["nothing"] == 0
    # each who votes is counted once in the participation record, by the ballots alone
    assert sum(counted([budget.module])[budget.module.pk].values()) == len(CHOICES)


def test_of_a_vote_of_few_people_only_the_winners_are_shown(
    budget: Budget, owner: Any, staff: dict[str, Any]
) -> None:
    voted(owner, staff["participation_officer"], budget, [["1"]] * 4 + [["2"]] * 2)
    work()
    kept = Result.objects.get(budget=budget)
    assert set(kept.told) == {"turnout"}
    assert kept.told["turnout"]["ways"] == [["web", None]]
    answer = Client().get(at(budget, "budget_result"))
    check(answer, "result")
    text = answer.content.decode()
    assert "Fewer than 10 people voted" in text
    assert "Trees in Mill Street" in text
    assert Client().get(at(budget, "budget_rules")).status_code == 404
    assert Client().get(at(budget, "budget_outcome", 1)).status_code == 404
    recount = Client().get(at(budget, "budget_recount"))
    check(recount, "recount")
    assert "there is no bundle" in recount.content.decode()


def test_before_the_count_there_is_no_result(budget: Budget, owner: Any, browse: Any) -> None:
    from .budget_votes import opened

    opened(owner, budget)
    for name in (*PAGES, "budget_delivery_feed"):
        assert Client().get(at(budget, name)).status_code == 404, name
        assert browse(owner).get(at(budget, name)).status_code == 404, name
    with pytest.raises(ValidationError, match="Nothing is counted"):
        MakeResult(owner, budget.process.workspace, budget).run()


def test_a_page_that_could_not_be_made_says_so_and_is_made_anew(
    budget: Budget, owner: Any, staff: dict[str, Any], browse: Any, monkeypatch: Any
) -> None:
    from isopolis.model import DataError, Problem

    voted(owner, staff["participation_officer"], budget, CHOICES)

    def broken(*_a: Any) -> None:
        raise DataError([Problem("unreadable", "the bundle cannot be read")])

    with monkeypatch.context() as patched:
        patched.setattr(results_build, "told_of", broken)
        work()
    page = at(budget, "budget_result")
    answer = browse(owner).get(page)
    check(answer, page)
    assert "could not be made" in answer.content.decode()
    # what won stands in the count itself
    assert "Trees in Mill Street" in answer.content.decode()
    with pytest.raises(PermissionDenied):
        MakeResult(staff["moderator"], budget.process.workspace, budget).run()
    assert browse(staff["resident"]).post(at(budget, "budget_result_again")).status_code == 403
    assert browse(owner).post(at(budget, "budget_result_again")).status_code == 302
    row = {
        "id": "3",
        "name": "Lamps",
        "place": "North",
        "units": 1,
        "cost": "1 EUR",
        "votes": 7,
        "greedy": None,
    }
    row |= {
        "greedy": None,
        "won": 0,
        "why": "Under the rule other projects came before it.",
        "near": None,
        "elsewhere": [],
    }
    numbers = {"cost": 0, "voters": 14}
    monkeypatch.setattr(results_build, "told_of", lambda *_a: {"projects": [row], "numbers": numbers})
    assert [j.state for j in work()] == ["done"]
    assert "Pages of the result" in Client().get(page).content.decode()
    assert Result.objects.get(budget=budget).told["projects"]


def test_a_job_of_a_vote_that_is_not_counted_does_nothing(budget: Budget, owner: Any) -> None:
    from types import SimpleNamespace

    from .budget_votes import opened

    opened(owner, budget)
    vote = ballots.vote_of(budget.module)
    assert vote is not None
    compute(SimpleNamespace(subject=vote.pk), lambda _text: None)
    assert not Result.objects.exists()


def test_small_ways_of_voting_are_hidden_and_cannot_be_worked_out() -> None:
    assert _ways(Counter(web=100, paper=30)) == [["paper", 30], ["web", 100]]
    # one small number alone could be had from the total: the next one is hidden with it
    assert _ways(Counter(web=100, paper=30, kiosk=3)) == [["kiosk", None], ["paper", None], ["web", 100]]
    assert _ways(Counter(web=100, paper=4, kiosk=3)) == [["kiosk", None], ["paper", None], ["web", 100]]
    assert _ways(Counter()) == []


def test_topics_in_drawings_are_those_of_the_ballot() -> None:
    from isopolis.web.modules.budget.models import Topic

    assert {k: str(v) for k, v in Topic.choices} == TOPICS
