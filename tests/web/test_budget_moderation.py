"""Moderation of ideas: reported, hidden by a rule of the house, appealed, shown again; and the public log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from isopolis.web.accounts.models import User
from isopolis.web.audit.models import AuditEvent
from isopolis.web.modules.budget.models import Decision, Idea, Notice
from isopolis.web.modules.budget.moderation_actions import (
    MOST_REPORTS_PER_DAY,
    AppealIdea,
    HideIdea,
    KeepIdea,
    ReportIdea,
    RestoreIdea,
)
from isopolis.web.modules.models import Module
from isopolis.web.protect.erasure import erase

from .budgets import at_phase, budget_module, on_paper, propose, resident
from .test_pages import check


@pytest.fixture
def module(city: Any, owner: Any) -> Module:
    return budget_module(owner, city)


def test_an_idea_is_reported_hidden_appealed_and_shown_again(
    module: Module, person: Any, staff: dict[str, Any], browse: Callable[[Any], Client]
) -> None:
    ada, ben = resident(person, module, "ada"), resident(person, module, "ben")
    idea = propose(ada, module, title="Buy my trees", text="My shop sells the best trees of the town.")
    author, reader, moderator = browse(ada), browse(ben), browse(staff["moderator"])
    base, public = module.get_absolute_url(), idea.get_absolute_url()
    check(reader.get(f"{public}report/"), "report")
    assert reader.post(f"{public}report/", {"rule": "advert", "text": "A shop!"}).status_code == 302
    check(reader.post(f"{public}report/", {"rule": "advert"}), "twice")
    check(moderator.get(f"{base}moderation/"), "queue")
    desk = f"{public}moderate/"
    check(moderator.get(desk), "desk")
    assert "A shop!" in moderator.get(desk).content.decode()
    check(moderator.post(desk, {"hide": "", "rule": "advert", "reason": ""}), "no reason")
    assert (
        moderator.post(desk, {"hide": "", "rule": "advert", "reason": "It names a shop."}).status_code == 302
    )
    # gone for everybody, but for whoever wrote it and those who decide
    for client, readable in ((Client(), False), (reader, False), (author, True), (moderator, True)):
        page = client.get(public)
        check(page, public)
        text = page.content.decode()
        assert ("My shop" in text) is readable
        assert "It is advertising." in text
        assert "Buy my trees" not in client.get(base).content.decode() or client is author
    assert author.get(f"{public}report/").status_code == 200
    assert reader.get(f"{public}appeal/").status_code == 404
    check(author.get(f"{public}appeal/"), "appeal")
    assert author.post(f"{public}appeal/", {"text": "It is the shop of the city."}).status_code == 302
    check(author.post(f"{public}appeal/", {"text": "Please."}), "twice")
    assert "It is the shop of the city." in moderator.get(desk).content.decode()
    assert moderator.post(desk, {"restore": "", "reason": "It is the city's shop."}).status_code == 302
    assert "My shop" in Client().get(public).content.decode()
    log = Client().get(f"{base}moderation/log/")
    check(log, "log")
    told = log.content.decode()
    for said in ("It names a shop.", "It is advertising.", "It is the city&#x27;s shop.", "shown again"):
        assert said in told
    for nobody in ("ada", "ben", "moderator@", "A shop!", "shop of the city"):
        assert nobody not in told
    hidden, shown_again = Decision.objects.order_by("pk")
    assert (hidden.reports, hidden.appeal, shown_again.appeal) == (1, False, True)
    assert not Notice.objects.filter(settled_at=None).exists()
    details = str(list(AuditEvent.objects.filter(verb__startswith="idea.").values_list("detail", flat=True)))
    assert "shop" not in details


def test_who_moderates(module: Module, staff: dict[str, Any], browse: Any) -> None:
    idea, city = on_paper(staff["owner"], module), module.process.workspace
    base = module.get_absolute_url()
    for who in ("resident", "viewer", "participation_officer", "policy_officer", "stranger"):
        for address in (f"{base}moderation/", f"{base}ideas/1/moderate/"):
            assert browse(staff[who]).get(address).status_code == 403
        with pytest.raises(PermissionDenied):
            HideIdea(staff[who], city, idea, rule="insult", reason="x").run()
    assert Client().get(f"{base}moderation/").status_code == 302
    assert Client().get(f"{base}moderation/log/").status_code == 200
    with pytest.raises(PermissionDenied):
        ReportIdea(staff["stranger"], city, idea, rule="insult").run()


def test_nobody_decides_about_their_own_idea(module: Module, staff: dict[str, Any], city: Any) -> None:
    from isopolis.web.modules.actions import TakePart

    mine = staff["moderator"]
    TakePart(mine, city, module.process, "Mo").run()
    idea = propose(mine, module)
    HideIdea(staff["owner"], city, idea, rule="off_topic", reason="No idea in it.").run()
    with pytest.raises(ValidationError, match="ask a colleague"):
        RestoreIdea(mine, city, idea, reason="It is mine.").run()


def test_a_decision_needs_a_rule_and_a_reason(module: Module, owner: Any) -> None:
    idea, city = on_paper(owner, module), module.process.workspace
    for rule, reason in (("", "x"), ("taste", "x"), ("insult", " ")):
        with pytest.raises(ValidationError):
            HideIdea(owner, city, idea, rule=rule, reason=reason).run()
    with pytest.raises(ValidationError, match="Nothing waits"):
        KeepIdea(owner, city, idea, reason="Fine.").run()
    with pytest.raises(ValidationError, match="not hidden"):
        RestoreIdea(owner, city, idea, reason="Fine.").run()
    with pytest.raises(PermissionDenied):
        AppealIdea(owner, city, idea, text="Why?").run()
    HideIdea(owner, city, idea, rule="insult", reason="It insults.").run()
    with pytest.raises(ValidationError, match="not shown any more"):
        HideIdea(owner, city, idea, rule="insult", reason="Again.").run()
    assert Decision.objects.count() == 1


def test_reports_that_come_to_nothing_are_settled_in_public(
    module: Module, owner: Any, person: Any, browse: Any
) -> None:
    idea, city = on_paper(owner, module), module.process.workspace
    ben = resident(person, module, "ben")
    for name in ("ben", "eve"):
        user = ben if name == "ben" else resident(person, module, name)
        ReportIdea(user, city, idea, rule="off_topic", text="I do not like it.").run()
    desk = f"{idea.get_absolute_url()}moderate/"
    assert "2 open reports" in browse(owner).get(f"{module.get_absolute_url()}moderation/").content.decode()
    assert browse(owner).post(desk, {"keep": "", "reason": "It is an idea."}).status_code == 302
    kept = Decision.objects.get()
    assert (kept.what, kept.rule, kept.reports) == ("kept", "", 2)
    assert Idea.objects.get().is_shown
    # once it was answered, the same person can report what is new
    ReportIdea(ben, city, idea, rule="insult").run()


def test_a_flood_of_reports_ends(module: Module, owner: Any, person: Any) -> None:
    idea, city, ben = on_paper(owner, module), module.process.workspace, resident(person, module, "ben")
    now = timezone.now()
    Notice.objects.bulk_create(
        Notice(idea=idea, by=ben, rule="insult", created_at=now, settled_at=now)
        for _n in range(MOST_REPORTS_PER_DAY)
    )
    with pytest.raises(ValidationError, match="Go on tomorrow"):
        ReportIdea(ben, city, idea, rule="insult").run()
    ReportIdea(ben, city, idea, now + timedelta(days=1, minutes=1), rule="insult").run()


def test_an_insult_is_hidden_whenever_it_is_found(module: Module, owner: Any, monkeypatch: Any) -> None:
    from isopolis.web.modules.budget import ideas_actions

    idea = on_paper(owner, module)
    at_phase(module, "vote")
    monkeypatch.setattr(ideas_actions, "settled", lambda _budget: True)
    HideIdea(owner, module.process.workspace, idea, rule="insult", reason="It insults.").run()
    assert not Idea.objects.get().is_shown


def test_an_erased_account_leaves_no_words_in_reports(module: Module, owner: Any, person: Any) -> None:
    idea, ben = on_paper(owner, module), resident(person, module, "ben")
    ReportIdea(ben, module.process.workspace, idea, rule="private", text="That is my street.").run()
    erase(User.objects.get(pk=ben.pk))
    kept = Notice.objects.get()
    assert (kept.by, kept.text, kept.rule) == (None, "", "private")
