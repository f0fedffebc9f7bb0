"""Checks of ideas: reasons in public, time to repair, accepted, refused, merged, reopened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from isopolis.web.audit.models import AuditEvent
from isopolis.web.modules.budget.checks_actions import (
    AcceptIdea,
    AskRepair,
    CheckIdea,
    MergeIdea,
    RefuseIdea,
    ReopenIdea,
    lacking,
)
from isopolis.web.modules.budget.ideas_actions import EditIdea, HandIn, RepairForAuthor, WithdrawIdea
from isopolis.web.modules.budget.models import Budget, Check, Idea, IdeaVersion
from isopolis.web.modules.models import Module, Process

from .budgets import SHADE, at_phase, budget_module, on_paper, propose, resident
from .test_pages import check

SAVED = {"kind": "legality", "verdict": "passed"}
KINDS = ("legality", "feasible", "cost", "equality")


@pytest.fixture
def module(city: Any, owner: Any) -> Module:
    return budget_module(owner, city)


def passed(officer: Any, idea: Idea, cost: int = 9000) -> Idea:
    """Let an idea pass every check."""
    for kind in KINDS:
        CheckIdea(
            officer, idea.process.workspace, idea, kind=kind, verdict="passed",
            cost=Decimal(cost) if kind == "cost" else None,
        ).run()  # fmt: skip
    return idea


def day_of(days: int) -> str:
    return (timezone.localtime() + timedelta(days=days)).date().isoformat()


# -- the whole way -----------------------------------------------------------------------------------------
def test_an_unlawful_idea_is_repaired_and_accepted_on_the_pages(
    module: Module, person: Any, staff: dict[str, Any], browse: Callable[[Any], Client]
) -> None:
    ada = resident(person, module, "ada")
    idea = propose(ada, module, text="Plant trees on the ground of the railway, without asking anybody.")
    at_phase(module, "checks")
    officer, author, base = browse(staff["policy_officer"]), browse(ada), module.get_absolute_url()
    desk, public = f"{base}manage/ideas/1/", idea.get_absolute_url()
    check(officer.get(f"{base}manage/"), "desk")
    check(officer.get(desk), desk)
    unlawful = {
        "check": "", "kind": "legality", "verdict": "repair", "reasons": "The ground is not the city's."
    }  # fmt: skip
    assert officer.post(desk, unlawful).status_code == 302
    ask = {"repair": "", "repair-reason": "Choose ground of the city.", "repair-last": day_of(7)}
    assert officer.post(desk, ask).status_code == 302
    for client in (Client(), author):
        page = client.get(public)
        check(page, public)
        text = page.content.decode()
        assert "The ground is not the city&#x27;s." in text
        assert "Choose ground of the city." in text
    assert "Repair it" in text
    # not while it can be repaired
    refused = officer.post(desk, {"refuse": "", "refuse-reason": "No."})
    check(refused, "refuse too early")
    assert "can still be repaired" in refused.content.decode()
    repair = SHADE | {"text": "Plant trees on the market square, which belongs to the city."}
    check(author.get(f"{public}edit/"), "repair")
    assert author.post(f"{public}edit/", repair).status_code == 302
    idea = Idea.objects.get()
    assert (idea.state, idea.repairs, idea.repair_until) == ("in_check", 1, None)
    (old,) = IdeaVersion.objects.all()
    assert old.repair
    assert "before the repair" in Client().get(public).content.decode()
    # the old verdict stands until somebody looks again
    early = officer.post(desk, {"accept": ""})
    check(early, "accept")
    for said in ("Did not pass: Is it lawful", "Not checked yet: Can it be done"):
        assert said in early.content.decode()
    for kind in KINDS:
        data = {"check": "", "kind": kind, "verdict": "passed", "cost": "9000" if kind == "cost" else ""}
        assert officer.post(desk, data).status_code == 302
    assert officer.post(desk, {"accept": ""}).status_code == 302
    idea = Idea.objects.get()
    assert (idea.state, idea.cost, idea.asked) == ("accepted", 900_000, 1_250_050)
    assert list(Budget.objects.get().on_offer()) == [idea]
    page = Client().get(public)
    check(page, public)
    assert "9,000\u00a0EUR" in page.content.decode()
    assert "Earlier: Is it lawful" in page.content.decode(), "earlier checks stay in sight"
    said = str(list(AuditEvent.objects.filter(verb__startswith="idea.").values_list("detail", flat=True)))
    assert "market square" not in said
    assert "ground" not in said


# -- checks ------------------------------------------------------------------------------------------------
def test_what_is_wrong_with_a_check_is_said_at_once(module: Module, owner: Any) -> None:
    idea, city = on_paper(owner, module), module.process.workspace
    with pytest.raises(ValidationError) as told:
        CheckIdea(owner, city, idea, kind="taste", verdict="bad", reasons=" ", cost=Decimal("1")).run()
    assert len(told.value.messages) == 4
    with pytest.raises(ValidationError, match="people vote on this amount"):
        CheckIdea(owner, city, idea, kind="cost", verdict="passed").run()
    for cost in ("0", "1.234", "1e20"):
        with pytest.raises(ValidationError):
            CheckIdea(owner, city, idea, kind="cost", verdict="passed", cost=Decimal(cost)).run()
    with pytest.raises(ValidationError, match="Say why"):
        CheckIdea(owner, city, idea, kind="equality", verdict="failed", reasons="").run()
    assert Idea.objects.get().state == "submitted"
    assert not Check.objects.exists()


def test_nobody_checks_their_own_idea(module: Module, owner: Any, city: Any, browse: Any) -> None:
    from isopolis.web.modules.actions import TakePart

    TakePart(owner, city, module.process, "The owner").run()
    idea = propose(owner, module)
    with pytest.raises(ValidationError, match="of their own"):
        CheckIdea(owner, city, idea, **SAVED).run()
    page = browse(owner).post(f"{module.get_absolute_url()}manage/ideas/1/", {"check": "", **SAVED})
    check(page, "own")


def test_only_the_city_checks(module: Module, staff: dict[str, Any], browse: Any) -> None:
    idea, city = on_paper(staff["owner"], module), module.process.workspace
    address = f"{module.get_absolute_url()}manage/ideas/1/"
    for who in ("resident", "viewer", "moderator", "analyst", "stranger"):
        assert browse(staff[who]).get(address).status_code == 403
        with pytest.raises(PermissionDenied):
            CheckIdea(staff[who], city, idea, **SAVED).run()
    assert Client().get(address).status_code == 302
    assert not Check.objects.exists()


def test_an_idea_that_costs_too_much_or_is_hidden_is_not_accepted(module: Module, owner: Any) -> None:
    idea = passed(owner, on_paper(owner, module), cost=50_000)
    assert any("40,000" in text for text in lacking(idea))
    passed(owner, idea, cost=10)
    Idea.objects.update(hidden_at=timezone.now(), hidden_because="advert")
    with pytest.raises(ValidationError, match="hid this idea"):
        AcceptIdea(owner, module.process.workspace, idea).run()
    Idea.objects.update(hidden_at=None, hidden_because="")
    assert AcceptIdea(owner, module.process.workspace, idea).run().state == "accepted"


def test_an_idea_of_another_city_is_out_of_reach(module: Module, owner: Any, person: Any) -> None:
    from isopolis.web.workspaces.actions import CreateWorkspace

    other = person("other")
    elsewhere = CreateWorkspace(other, "Othertown").run()
    idea = on_paper(owner, module)
    with pytest.raises(ValidationError, match="another workspace"):
        CheckIdea(other, elsewhere, idea, **SAVED).run()
    theirs = budget_module(other, elsewhere)
    foreign = on_paper(other, theirs)
    with pytest.raises(ValidationError, match="another idea of this budget"):
        MergeIdea(owner, module.process.workspace, idea, into=foreign, reason="the same").run()


# -- repair ------------------------------------------------------------------------------------------------
def test_the_time_to_repair_ends(module: Module, owner: Any, person: Any) -> None:
    ada, city = resident(person, module, "ada"), module.process.workspace
    idea, now = propose(ada, module), timezone.now()
    until = now + timedelta(days=3)
    AskRepair(owner, city, idea, now, until=until, reason="Say where.").run()
    with pytest.raises(ValidationError, match="Nothing was changed"):
        EditIdea(ada, city, idea, now, fields=SHADE).run()
    with pytest.raises(PermissionDenied, match="no longer"):
        EditIdea(ada, city, idea, until, fields=SHADE | {"place": "Mill"}).run()
    # asked again, the day moves; refused only when it is over
    longer = until + timedelta(days=3)
    AskRepair(owner, city, idea, until, until=longer, reason="Say where, please.").run()
    with pytest.raises(ValidationError, match="wait for the end"):
        RefuseIdea(owner, city, idea, until, reason="Not mended.").run()
    with pytest.raises(ValidationError, match="wait for the end"):
        MergeIdea(owner, city, idea, until, into=on_paper(owner, module), reason="Not mended.").run()
    RefuseIdea(owner, city, idea, longer, reason="Not mended in time.").run()
    assert Idea.objects.get(pk=idea.pk).state == "refused"


def test_a_repair_fits_into_the_phases(module: Module, owner: Any) -> None:
    idea, city, now = on_paper(owner, module), module.process.workspace, timezone.now()
    last = max(end for _start, end in module.windows("repair"))
    for until in (None, now - timedelta(days=1), last + timedelta(days=1)):
        with pytest.raises(ValidationError):
            AskRepair(owner, city, idea, now, until=until, reason="Say where.").run()
    with pytest.raises(ValidationError, match="Say what"):
        AskRepair(owner, city, idea, now, until=last, reason=" \u202e ").run()
    AskRepair(owner, city, idea, now, until=last, reason="Say where.").run()


def test_the_city_enters_the_repair_of_an_idea_on_paper_only(
    module: Module, owner: Any, person: Any, browse: Any
) -> None:
    city, base = module.process.workspace, module.get_absolute_url()
    paper, web = on_paper(owner, module), propose(resident(person, module, "ada"), module)
    with pytest.raises(ValidationError, match="Ask for a repair first"):
        RepairForAuthor(owner, city, paper, fields=SHADE | {"title": "Ours"}).run()
    for idea in (paper, web):
        AskRepair(owner, city, idea, until=timezone.now() + timedelta(days=3), reason="Say where.").run()
    with pytest.raises(ValidationError, match="has an account"):
        RepairForAuthor(owner, city, web, fields=SHADE | {"title": "Ours"}).run()
    officer = browse(owner)
    assert "Enter their repair" in officer.get(f"{base}manage/ideas/1/").content.decode()
    check(officer.get(f"{base}ideas/1/edit/"), "paper")
    sent = SHADE | {"place": "At the mill"}
    assert officer.post(f"{base}ideas/1/edit/", sent).status_code == 302
    assert (Idea.objects.get(number=1).place, Idea.objects.get(number=1).repairs) == ("At the mill", 1)
    assert browse(person("eve")).get(f"{base}ideas/1/edit/").status_code == 404


# -- decisions ---------------------------------------------------------------------------------------------
def test_ideas_are_merged_and_both_pages_say_so(module: Module, owner: Any, browse: Any) -> None:
    first, second, third = (on_paper(owner, module, title=f"Trees {n}") for n in (1, 2, 3))
    city, desk = module.process.workspace, f"{module.get_absolute_url()}manage/ideas/2/"
    MergeIdea(owner, city, third, into=second, reason="The same square.").run()
    officer = browse(owner)
    assert "These sound alike" in officer.get(desk).content.decode()
    bad = officer.post(desk, {"merge": "", "merge-number": "99", "merge-reason": "x"})
    check(bad, "no such idea")
    assert (
        officer.post(desk, {"merge": "", "merge-number": "1", "merge-reason": "The same trees."}).status_code
        == 302
    )
    second, third = Idea.objects.get(number=2), Idea.objects.get(number=3)
    assert (second.state, second.merged_into, third.merged_into) == ("merged", first, first)
    page = Client().get(second.get_absolute_url())
    check(page, "merged")
    assert "It was merged into idea 1" in page.content.decode()
    assert "Trees 2" in Client().get(first.get_absolute_url()).content.decode()
    with pytest.raises(ValidationError, match="does not go on"):
        MergeIdea(owner, city, first, into=second, reason="In a ring.").run()
    with pytest.raises(ValidationError, match="another idea"):
        MergeIdea(owner, city, first, into=first, reason="Into itself.").run()


def test_a_decision_needs_a_reason_and_can_be_taken_back(module: Module, owner: Any, browse: Any) -> None:
    idea, city = on_paper(owner, module), module.process.workspace
    desk = f"{module.get_absolute_url()}manage/ideas/1/"
    officer = browse(owner)
    page = officer.post(desk, {"refuse": "", "refuse-reason": ""})
    check(page, "no reason")
    with pytest.raises(ValidationError, match="too long"):
        RefuseIdea(owner, city, idea, reason="x" * 2001).run()
    reason = "Trains run there. <b>No</b> digging."
    assert officer.post(desk, {"refuse": "", "refuse-reason": reason}).status_code == 302
    text = Client().get(idea.get_absolute_url()).content.decode()
    assert "&lt;b&gt;No&lt;/b&gt; digging." in text
    with pytest.raises(ValidationError, match="the idea is refused"):
        AcceptIdea(owner, city, idea).run()
    check(officer.get(desk), "refused")
    assert officer.post(desk, {"reopen": "", "reopen-reason": "The trains stop."}).status_code == 302
    passed(owner, idea)
    AcceptIdea(owner, city, idea).run()
    ReopenIdea(owner, city, idea, reason="A mistake in the cost.").run()
    assert Idea.objects.get().state == "in_check"


def test_the_desk_lists_what_waits(module: Module, owner: Any, browse: Any) -> None:
    for n in range(3):
        on_paper(owner, module, title=f"Trees {n}")
    RefuseIdea(owner, module.process.workspace, Idea.objects.get(number=2), reason="No.").run()
    base, officer = module.get_absolute_url(), browse(owner)
    page = officer.get(f"{base}manage/").content.decode()
    assert "Trees 0" in page
    assert "Trees 1" not in page
    assert "waiting for the city (2)" in page
    assert "Trees 1" in officer.get(f"{base}manage/?state=refused").content.decode()
    check(officer.get(f"{base}manage/?state=draft"), "a draft is nobody's business")
    Idea.objects.filter(number=1).update(state="repair", repair_until=timezone.now() - timedelta(hours=1))
    assert "time is over" in officer.get(f"{base}manage/").content.decode()


def test_nothing_changes_once_the_vote_was_opened(
    module: Module, owner: Any, person: Any, monkeypatch: Any, browse: Any
) -> None:
    from isopolis.web.modules.budget import checks, ideas_actions, rules_actions

    ada, city = resident(person, module, "ada"), module.process.workspace
    idea = passed(owner, propose(ada, module))
    draft = HandIn(ada, city, module, SHADE, True).run()
    for where in (checks, ideas_actions, rules_actions):
        monkeypatch.setattr(where, "settled", lambda _budget: True)
    until = timezone.now() + timedelta(days=1)
    for action in (
        AcceptIdea(owner, city, idea),
        RefuseIdea(owner, city, idea, reason="Late."),
        CheckIdea(owner, city, idea, **SAVED),
        AskRepair(owner, city, idea, until=until, reason="Late."),
        WithdrawIdea(ada, city, idea),
        HandIn(ada, city, module, SHADE, False, draft),
        EditIdea(ada, city, draft, fields=SHADE),
    ):
        with pytest.raises(ValidationError, match="The vote was opened"):
            action.run()
    assert Idea.objects.get(pk=idea.pk).state == "in_check"
    base, officer = module.get_absolute_url(), browse(owner)
    check(officer.get(f"{base}manage/rules/"), "rules")
    check(officer.get(f"{base}manage/ideas/1/"), "check")
    assert "The vote was opened" in officer.post(f"{base}manage/rules/", {}).content.decode()


def test_an_archived_process_is_only_read(module: Module, owner: Any) -> None:
    idea = on_paper(owner, module)
    Process.objects.update(state="archived")
    idea = Idea.objects.get(pk=idea.pk)
    with pytest.raises(ValidationError, match="not open"):
        CheckIdea(owner, module.process.workspace, idea, **SAVED).run()
    check(Client().get(idea.get_absolute_url()), "archived")
