"""From accepted projects to an open vote: the list, the order, the rule in plain words, who may do it."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from isopolis.engage.budget.card import RULES
from isopolis.web import ballots
from isopolis.web.audit.models import AuditEvent
from isopolis.web.modules.budget.models import Budget, Idea
from isopolis.web.modules.budget.voting_actions import ChooseProjects, OpenBudgetVote
from isopolis.web.modules.budget.voting_rule import words_of

from .budget_votes import SEED, budget_for, opened
from .test_pages import check


@pytest.fixture
def budget(owner: Any, city: Any) -> Budget:
    return budget_for(owner, city)


def at(budget: Budget, name: str, *more: Any) -> str:
    process = budget.module.process
    return reverse(name, args=[process.workspace.slug, process.number, budget.module.pk, *more])


def test_an_officer_settles_the_list_and_opens_the_vote(
    budget: Budget, staff: dict[str, Any], browse: Any
) -> None:
    officer, anybody = browse(staff["participation_officer"]), Client()
    prepare, shown = at(budget, "budget_prepare"), at(budget, "budget_vote")
    first = officer.get(prepare)
    check(first, prepare)
    assert "Put at least two projects on the ballot." in first.content.decode()
    check(anybody.get(shown), shown)
    # one accepted project is left out: that needs a reason, which is published
    some = {"projects": ["1", "2", "3", "4"], "reason": ""}
    refused = officer.post(prepare, some)
    check(refused, prepare)
    assert "Write why accepted projects are left out" in refused.content.decode()
    assert officer.post(prepare, some | {"reason": "It is built already."}).status_code == 302
    left = Idea.objects.get(budget=budget, number=5)
    assert (left.state, left.reason) == ("accepted", "It is built already.")
    page = officer.get(prepare).content.decode()
    assert "4 projects are on the ballot." in page
    assert "Every voter has the same share of the budget." in page
    unsure = officer.post(at(budget, "budget_open_vote"), {"seed": SEED})
    check(unsure, prepare)
    assert ballots.vote_of(budget.module) is None
    answer = officer.post(at(budget, "budget_open_vote"), {"seed": SEED, "sure": "on"})
    assert (answer.status_code, answer["Location"]) == (302, at(budget, "ballot_desk"))
    vote = ballots.vote_of(budget.module)
    assert vote is not None
    assert {p.id: p.cost for p in vote.question.projects} == {
        "1": 4_000_000, "2": 3_000_000, "3": 5_000_000, "4": 2_000_000,
    }  # fmt: skip
    assert vote.card["lot_seed"] == SEED
    for address in (prepare, shown, at(budget, "ballot_vote"), budget.process.get_absolute_url()):
        check(anybody.get(address) if address != prepare else officer.get(address), address)
    verbs = set(AuditEvent.objects.values_list("verb", flat=True))
    assert {"budget.choose", "budget.open_vote", "ballot.open"} <= verbs
    with pytest.raises(ValidationError, match="stands already"):
        ChooseProjects(staff["owner"], budget.process.workspace, budget, [1]).run()


def test_ideas_are_held_while_they_are_chosen(budget: Budget, owner: Any) -> None:
    """Nobody withdraws one in between and finds it on the ballot all the same."""
    numbers = list(Idea.objects.filter(budget=budget).values_list("number", flat=True))
    with CaptureQueriesContext(connection) as caught:
        ChooseProjects(owner, budget.process.workspace, budget, numbers).run()
    locked = [q["sql"] for q in caught if "FOR UPDATE" in q["sql"] and 'FROM "budget_idea"' in q["sql"]]
    # SQLite lets one writer in at a time
    assert bool(locked) is (connection.vendor == "postgresql")


def test_the_order_on_the_ballot_is_the_one_that_the_lot_gives(budget: Budget, owner: Any) -> None:
    opened(owner, budget)
    vote = ballots.vote_of(budget.module)
    assert vote is not None

    def lot(what: str, name: str) -> str:
        return hashlib.sha256(f"{SEED}\n{what}\n{name}".encode()).hexdigest()

    zones = {"1": "North", "2": "South", "3": "North", "4": "East", "5": ""}
    places = sorted(set(zones.values()), key=lambda z: lot("place", z))
    mine = [
        p for z in places for p in sorted((i for i in zones if zones[i] == z), key=lambda i: lot("ballot", i))
    ]
    assert [p.id for p in vote.question.projects] == mine
    page = Client().get(at(budget, "ballot_vote")).content.decode()
    assert re.findall(r'name="choice" value="(\d)"', page) == mine
    assert re.findall(r'<h2 dir="auto">([^<]+)</h2>', page) == [z or "The whole city" for z in places]
    assert SEED in page
    # text, language mark and a way to read on, and nothing that somebody wrote is markup
    assert '<p class="words" dir="auto" lang="ar">مقاعد' in page
    assert '<span class="tag" lang="ar" dir="auto">العربية</span>' in page
    assert 'lang="en" dir="auto">English' not in page, "only where it is another one than that of the page"
    assert "<script>alert" not in page
    assert at(budget, "budget_idea", 4) in page
    # ids of fields are unique and each has its label
    check(Client().get(at(budget, "ballot_vote")), "vote")


def test_what_is_missing_is_said_all_at_once(budget: Budget, owner: Any) -> None:
    city = budget.process.workspace
    ChooseProjects(owner, city, budget, [1, 2, 3, 4, 5]).run()
    Idea.objects.filter(budget=budget, number=1).update(cost=None)
    Idea.objects.filter(budget=budget, number=2).update(cost=10**9)
    Idea.objects.create(
        budget=budget,
        number=6,
        title="Late",
        text="x",
        state="in_check",
        created_at=budget.process.created_at,
    )
    with pytest.raises(ValidationError) as error:
        OpenBudgetVote(owner, city, budget, "  ").run()
    told = " ".join(error.value.messages)
    for part in (
        "no cost yet: 1",
        "more than the whole budget: 2",
        "1 idea is still",
        "at least four figures",
    ):
        assert part in told
    budget.module.phase_set.all().delete()
    with pytest.raises(ValidationError, match="Set the dates"):
        OpenBudgetVote(owner, city, budget, SEED).run()
    assert ballots.vote_of(budget.module) is None


def test_a_draft_cannot_be_voted_on(owner: Any, city: Any) -> None:
    budget = budget_for(owner, city, published=False)
    ChooseProjects(owner, city, budget, [1, 2, 3, 4, 5]).run()
    with pytest.raises(ValidationError, match="Publish the process first"):
        OpenBudgetVote(owner, city, budget, SEED).run()


@pytest.mark.parametrize("who", ["moderator", "analyst", "policy_officer", "resident", "stranger"])
def test_nobody_else_chooses_or_opens(budget: Budget, staff: dict[str, Any], browse: Any, who: str) -> None:
    city = budget.process.workspace
    with pytest.raises(PermissionDenied):
        ChooseProjects(staff[who], city, budget, [1]).run()
    with pytest.raises(PermissionDenied):
        OpenBudgetVote(staff[who], city, budget, SEED).run()
    assert browse(staff[who]).get(at(budget, "budget_prepare")).status_code == 403
    assert browse(staff[who]).post(at(budget, "budget_open_vote"), {"seed": SEED}).status_code == 403
    assert Client().get(at(budget, "budget_prepare")).status_code == 302


def test_only_accepted_projects_of_this_budget_are_put_on_the_ballot(
    budget: Budget, owner: Any, person: Any
) -> None:
    from isopolis.web.workspaces.actions import CreateWorkspace

    Idea.objects.filter(budget=budget, number=5).update(state="refused")
    with pytest.raises(ValidationError, match="Only accepted"):
        ChooseProjects(owner, budget.process.workspace, budget, [1, 5]).run()
    other = person("other")
    elsewhere = CreateWorkspace(other, "Othertown").run()
    with pytest.raises(ValidationError, match="another workspace"):
        ChooseProjects(other, elsewhere, budget, [1]).run()


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_said_in_plain_words(rule: str) -> None:
    def money(units: int) -> str:
        return f"{units} units"

    card = {"rule": rule, "floors": [{"money": "500", "place": "North"}], "fill": "greedy"}
    said = words_of(card, money, 100, least=20)
    assert len(said) >= 6
    assert all(s.endswith((".", "”.")) for s in said), said
    told = " ".join(said)
    assert "at least 20 votes" in told
    assert "50000 units are kept for North" in told
    assert "drawn in public after the vote is closed" in told
    assert "“4 8 1”" in " ".join(words_of(card | {"lot_seed": "4 8 1"}, money, 100))
    assert (
        words_of({"rule": rule}, money, 1)[0] != words_of({"rule": RULES[RULES.index(rule) - 1]}, money, 1)[0]
    )
