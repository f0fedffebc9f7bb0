"""Mail about a budget: what is new since the last one, once, to whoever is concerned or asked for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from isopolis.web.ballots.models import Vote
from isopolis.web.modules.budget import mails
from isopolis.web.modules.budget.checks_actions import (
    AcceptIdea,
    AskRepair,
    CheckIdea,
    MergeIdea,
    RefuseIdea,
    ReopenIdea,
)
from isopolis.web.modules.budget.delivery_actions import SaveStep
from isopolis.web.modules.budget.ideas_actions import EditIdea, WithdrawIdea
from isopolis.web.modules.budget.mails import key_of, queue_due, send_due
from isopolis.web.modules.budget.mails_actions import ChooseMail
from isopolis.web.modules.budget.models import Budget, Idea, MailChoice, MailTold, Milestone
from isopolis.web.modules.models import Module, Process
from isopolis.web.protect.actions import EraseAccount
from isopolis.web.protect.retention import once_a_day

from .budgets import SHADE, budget_module, on_paper, propose, resident
from .test_pages import check
from .towns import work

NOW = timezone.now
ALL: Any = MailChoice.Wish.ALL


@pytest.fixture
def module(owner: Any, city: Any) -> Module:
    return budget_module(owner, city)


@pytest.fixture
def reader(person: Callable[..., Any], module: Module) -> Callable[..., Any]:
    """Make somebody who takes part and has proved to have the address."""

    def make(name: str, language: str = "") -> Any:
        made = resident(person, module, name)
        made.language = language
        made.save()
        EmailAddress.objects.create(user=made, email=made.email, primary=True, verified=True)
        return made

    return make


def due(module: Module, now: datetime | None = None) -> list[Any]:
    """Send what is due; return the mails that went out."""
    mail.outbox.clear()
    sent = send_due(Budget.objects.get(module=module), now or NOW())
    assert sent == len(mail.outbox)
    return list(mail.outbox)


def ask(
    owner: Any, city: Any, idea: Idea, days: int = 10, reason: str = "Say where the trees stand."
) -> Idea:
    return AskRepair(owner, city, idea, until=NOW() + timedelta(days=days), reason=reason).run()


def passed(owner: Any, city: Any, idea: Idea) -> Idea:
    for kind in ("legality", "feasible", "equality"):
        CheckIdea(owner, city, idea, kind=kind, verdict="passed").run()
    CheckIdea(owner, city, idea, kind="cost", verdict="passed", cost=Decimal(12_000)).run()
    return AcceptIdea(owner, city, idea).run()


def links(body: str) -> list[str]:
    return re.findall(r"https?://\S+", body)


# -- ideas of one's own ------------------------------------------------------------------------------------
def test_a_repair_is_asked_for_and_reminded_of_once(
    owner: Any, city: Any, module: Module, reader: Any
) -> None:
    ada = reader("ada")
    idea = propose(ada, module)
    assert due(module) == []
    ask(owner, city, idea)
    (one,) = due(module)
    assert one.to == [ada.email]
    assert one.subject == "What is new: Hero of Testville"
    for part in (
        "Idea 1",
        SHADE["title"],
        "The city asked for a repair before",
        "Say where the trees stand.",
    ):
        assert part in one.body, part
    assert f"http://testserver{reverse('budget_edit', args=_place(module, idea.number))}" in one.body
    assert all(x.startswith("http://testserver/take-part/") for x in links(one.body))
    assert one.extra_headers["List-Unsubscribe"] == f"<{links(one.body)[-1]}>"
    until = Idea.objects.get().repair_until
    assert until is not None
    for left, n in ((8, 0), (4, 0), (1.9, 1), (1.5, 0), (0.5, 0), (-1, 0)):
        assert len(due(module, until - timedelta(days=left))) == n, left
    ask(owner, city, idea, reason="Say who waters them.")
    (again,) = due(module)
    assert "Say who waters them." in again.body, "asked for again is another piece of news"
    EditIdea(ada, city, idea, fields=SHADE | {"text": "Twelve trees, watered by the school."}).run()
    assert due(module, NOW() + timedelta(days=9)) == [], "it was repaired"


def _place(module: Module, *more: Any) -> list[Any]:
    return [module.process.workspace.slug, module.process.number, module.pk, *more]


def test_who_hears_of_a_repair_late_is_not_reminded_as_well(
    owner: Any, city: Any, module: Module, reader: Any
) -> None:
    idea = propose(reader("ada"), module)
    ask(owner, city, idea, days=2)
    assert len(due(module)) == 1
    assert due(module, NOW() + timedelta(days=1)) == []


def test_decisions_are_told_with_their_reasons(owner: Any, city: Any, module: Module, reader: Any) -> None:
    ada, ben = reader("ada"), reader("ben")
    first, second, third = propose(ada, module), propose(ada, module, title="A bench"), propose(ben, module)
    passed(owner, city, first)
    CheckIdea(owner, city, second, kind="legality", verdict="failed", reasons="Not ours.").run()
    RefuseIdea(owner, city, second, reason="The square belongs to the state.").run()
    MergeIdea(owner, city, third, into=Idea.objects.get(pk=first.pk), reason="They are alike.").run()
    one, two = due(module)
    assert (one.to, two.to) == ([ada.email], [ben.email]), "one mail for everything that is new"
    assert "The city accepted this idea" in one.body
    assert "The city refused this idea, because:" in one.body
    assert "The square belongs to the state." in one.body
    assert "It was merged into idea 1, because:" in two.body
    assert "A bench" not in two.body, "nothing of others"
    for m in (one, two):
        assert "of Testville\n" not in m.body.replace("Hero of Testville", ""), "nobody's chosen name"
        assert "@" not in m.body
    assert due(module) == []
    ReopenIdea(owner, city, Idea.objects.get(pk=second.pk), reason="It was sold to us.").run()
    (back,) = due(module)
    assert "took back what it had decided" in back.body
    passed(owner, city, Idea.objects.get(pk=second.pk))
    (third_mail,) = due(module)
    assert "The city accepted this idea" in third_mail.body


def test_nobody_is_told_of_what_is_long_past_or_gone(
    owner: Any, city: Any, module: Module, reader: Any
) -> None:
    ada = reader("ada")
    idea = propose(ada, module)
    passed(owner, city, idea)
    assert due(module, NOW() + timedelta(days=15)) == []
    other = propose(ada, module, title="A bench")
    ask(owner, city, other)
    WithdrawIdea(ada, city, other).run()
    assert [m.body.count("Idea ") for m in due(module)] == [1]
    on_paper(owner, module, title="On paper")
    ask(owner, city, Idea.objects.get(title="On paper"))
    assert due(module) == [], "nobody has proposed it here"


def test_the_ballot_the_result_and_the_steps(owner: Any, city: Any, module: Module, reader: Any) -> None:
    ada, ben, eve = reader("ada"), reader("ben"), reader("eve")
    ideas = [propose(ada, module, title="Trees"), propose(ben, module, title="A bench")]
    out = propose(ben, module, title="A fountain")
    for idea in (*ideas, out):
        passed(owner, city, idea)
    due(module)
    ChooseMail(eve, city, module.budget, ALL).run()
    Idea.objects.filter(pk__in=[i.pk for i in ideas]).update(state="on_ballot")
    Idea.objects.filter(pk=out.pk).update(reason="It is built already.")
    assert due(module) == [], "the list may still change"
    Vote.objects.create(module=module, asked={}, card={})
    one, two = due(module)
    assert "This idea is on the ballot." in one.body
    assert "This idea is not on the ballot. The city says:" in two.body
    assert "It is built already." in two.body
    Vote.objects.update(state="tallied", tallied_on=timezone.localdate())
    assert [m.to for m in due(module)] == [[eve.email]], "the city has not said yet who won"
    Idea.objects.filter(pk=ideas[0].pk).update(won=True)
    Idea.objects.filter(pk=ideas[1].pk).update(won=False)
    told = {m.to[0]: m.body for m in due(module)}
    assert "This project is funded." in told[ada.email]
    assert "This project is not funded." in told[ben.email]
    assert eve.email not in told, "she was told that it is counted"
    _steps(owner, city, module, ada, ben, eve)


def _steps(owner: Any, city: Any, module: Module, ada: Any, ben: Any, eve: Any) -> None:
    won, day = Idea.objects.get(won=True), timezone.localdate() + timedelta(days=30)

    def save(state: str, row: Milestone | None = None, **more: Any) -> Milestone:
        return SaveStep(owner, city, module.budget, won, "The contract", day, state, step=row, **more).run()

    row = save("planned")
    told = {m.to[0]: m.body for m in due(module)}
    assert set(told) == {ada.email, eve.email}, "who lost hears no more unless they ask for it"
    assert "\u2068The contract\u2069: planned for" in told[ada.email]
    assert "because you asked for it" in told[eve.email]
    save("planned", row, spent=100)
    assert due(module) == [], "it says the same"
    save("late", row, note="No firm was found.")
    assert all("No firm was found." in m.body for m in due(module))
    ChooseMail(ben, city, module.budget, ALL).run()
    save("reached", row)
    assert {m.to[0] for m in due(module)} == {ada.email, ben.email, eve.email}
    Idea.objects.filter(pk=won.pk).update(hidden_at=NOW())
    save("stopped", row, note="It fell down.")
    for one in due(module):
        assert "Idea 1\n" in one.body, "a hidden title stays hidden"


# -- to whom -----------------------------------------------------------------------------------------------
def test_mail_goes_to_confirmed_addresses_of_active_accounts_only(
    owner: Any, city: Any, module: Module, reader: Any, person: Any
) -> None:
    ada = reader("ada")
    late = resident(person, module, "late")
    for who in (ada, late):
        ask(owner, city, propose(who, module))
    assert [m.to for m in due(module)] == [[ada.email]]
    EmailAddress.objects.create(user=late, email="another@example.org", verified=True)
    EmailAddress.objects.create(user=late, email=late.email, verified=False)
    assert due(module) == []
    EmailAddress.objects.filter(email=late.email).update(verified=True)
    late.is_active = False
    late.save()
    assert due(module) == []
    late.is_active = True
    late.save()
    assert len(due(module)) == 1


def test_each_reads_it_in_their_language(
    owner: Any, city: Any, module: Module, reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mails, "shown_in", lambda code: code)
    for name, language in (("ada", "de"), ("ben", "fr"), ("eve", "")):
        idea = propose(reader(name, language), module)
        CheckIdea(owner, city, idea, kind="legality", verdict="failed", reasons="Not ours.").run()
        RefuseIdea(owner, city, idea, reason="Not ours.").run()
    bodies = [m.body for m in due(module)]
    assert "Idee 1" in bodies[0]
    assert "The city refused" not in bodies[0] + bodies[1]
    assert "The city refused this idea, because:" in bodies[2]


def test_a_language_that_is_not_complete_reads_english_as_a_whole(
    owner: Any, city: Any, module: Module, reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mails, "shown_in", lambda code: "en")
    ask(owner, city, propose(reader("ada", "de"), module))
    assert "The city asked for a repair before" in due(module)[0].body


# -- choosing ----------------------------------------------------------------------------------------------
def test_everybody_chooses_and_is_heard(
    owner: Any, city: Any, module: Module, reader: Any, browse: Any, settings: Any
) -> None:
    settings.OPTIONS = settings.OPTIONS | {"email_url": "smtp://localhost"}
    ada = reader("ada")
    idea = propose(ada, module)
    page = reverse("budget_mails", args=_place(module))
    client = browse(ada)
    assert page in client.get(reverse("budget", args=_place(module))).content.decode()
    shown = client.get(page)
    check(shown, page)
    assert re.search(r'value="own"[^>]* checked', shown.content.decode())
    assert client.post(page, {"wish": "never"}).status_code == 200
    assert client.post(page, {"wish": "none"}).status_code == 302
    ask(owner, city, idea)
    assert due(module) == []
    client.post(page, {"wish": "own"})
    assert len(due(module)) == 1, "what is new is told to whoever comes back"
    assert MailChoice.objects.count() == 1
    assert Client().get(page).status_code == 302
    with pytest.raises(ValidationError):
        ChooseMail(ada, city, module.budget, "sometimes").run()
    with pytest.raises(ValidationError, match="another workspace"):
        ChooseMail(owner, _elsewhere(owner), module.budget, ALL).run()
    Process.objects.update(state="draft")
    module.process.refresh_from_db()
    with pytest.raises(PermissionDenied):
        ChooseMail(ada, city, module.budget, ALL).run()


def _elsewhere(owner: Any) -> Any:
    from isopolis.web.workspaces.actions import CreateWorkspace

    return CreateWorkspace(owner, "Elsewhere").run()


def test_the_link_in_a_mail_stops_it_without_signing_in(
    owner: Any, city: Any, module: Module, reader: Any
) -> None:
    ada, ben = reader("ada"), reader("ben")
    for who in (ada, ben):
        ask(owner, city, propose(who, module))
    link = links(due(module)[0].body)[-1].removeprefix("http://testserver")
    anybody = Client(enforce_csrf_checks=True)
    page = anybody.get(link)
    check(page, link)
    assert ada.email not in page.content.decode()
    assert "ada of Testville" not in page.content.decode()
    assert not MailChoice.objects.exists(), "a program that only looks at links stops nothing"
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())
    assert token is not None
    check(anybody.post(link, {"csrfmiddlewaretoken": token[1]}), link)
    assert [(c.user, c.wish) for c in MailChoice.objects.all()] == [(ada, "none")]
    for wrong in (
        link[:-3] + "x/",
        link.replace("stop/", "stop/x"),
        reverse("budget_mails_stop", args=_place(module, "e30:1")),
    ):
        assert Client().post(wrong).status_code == 404
    elsewhere = Budget(pk=module.budget.pk + 1)
    foreign = reverse("budget_mails_stop", args=_place(module, key_of(ben, elsewhere)))
    assert Client().post(foreign).status_code == 404


# -- once --------------------------------------------------------------------------------------------------
def test_the_round_of_the_day_queues_a_job_where_mail_is_set_up(
    owner: Any, city: Any, module: Module, reader: Any, settings: Any
) -> None:
    ask(owner, city, propose(reader("ada"), module))
    first = NOW()
    once_a_day(first)
    assert [j.kind for j in work()] == []
    settings.OPTIONS = settings.OPTIONS | {"email_url": "smtp://localhost"}
    once_a_day(first + timedelta(days=1))
    assert [(j.kind, j.state) for j in work()] == [("budget_mail", "done")]
    assert len(mail.outbox) == 1
    once_a_day(first + timedelta(days=2))
    assert work() == [], "nothing is new"
    assert len(mail.outbox) == 1


class KilledError(BaseException):
    """What happens when a process is killed: nothing after it runs."""


@pytest.mark.django_db(transaction=True)
def test_killed_between_note_and_mail_sends_nothing_twice(
    owner: Any, city: Any, module: Module, reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import connection

    for name in ("ada", "ben"):
        ask(owner, city, propose(reader(name), module))
    whole = mails._send

    def killed_after(*said: Any) -> int:
        assert not connection.in_atomic_block, "nobody waits for a lock while the mail server takes its time"
        whole(*said)
        raise KilledError

    monkeypatch.setattr(mails, "_send", killed_after)
    with pytest.raises(KilledError):
        due(module)
    assert [m.to for m in mail.outbox] == [["ada@example.org"]]
    monkeypatch.setattr(mails, "_send", whole)
    assert [m.to for m in due(module)] == [["ben@example.org"]], "who was not reached is; nobody twice"
    assert due(module) == []


def test_two_rounds_at_once_send_it_once(
    owner: Any, city: Any, module: Module, reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second process goes through everything after the first one had looked at what is new."""
    ask(owner, city, propose(reader("ada"), module))
    whole, budget = mails._claim, Budget.objects.get()

    def late(*said: Any) -> Any:
        monkeypatch.setattr(mails, "_claim", whole)
        assert send_due(budget, NOW()) == 1
        return whole(*said)

    monkeypatch.setattr(mails, "_claim", late)
    assert send_due(budget, NOW()) == 0
    assert len(mail.outbox) == 1


def test_what_the_mail_server_refuses_is_tried_on_the_next_day(
    owner: Any, city: Any, module: Module, reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("ada", "ben", "eve", "joe", "kim")
    for name in names:
        ask(owner, city, propose(reader(name), module))
    whole, down = mails._send, {"ada@example.org"}

    def refused(budget: Any, reader_: Any, *said: Any) -> int:
        tried.append(reader_.user.email)
        if reader_.user.email in down:
            raise SMTPRecipientsRefused({})
        return whole(budget, reader_, *said)

    tried: list[str] = []
    monkeypatch.setattr(mails, "_send", refused)
    assert len(due(module)) == 4
    down |= {f"{n}@example.org" for n in names}
    ask(owner, city, Idea.objects.get(author__user__email="joe@example.org"), reason="More.")
    assert due(module) == []
    down.clear()
    assert [m.to[0] for m in due(module)] == ["ada@example.org", "joe@example.org"]
    MailTold.objects.all().delete()
    tried.clear()
    down |= {f"{n}@example.org" for n in names}
    assert due(module) == []
    assert len(tried) == mails.FAILED_MOST, "a server that is down is not asked for everybody"


def test_one_budget_that_fails_keeps_no_other_from_its_mail(
    owner: Any, city: Any, module: Module, reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = reader("ada")
    other = budget_module(owner, city)
    for m in (module, other):
        ask(owner, city, propose(ada, m))
    whole = mails._waiting

    def broken(budget: Budget, now: datetime) -> Any:
        if budget.module_id == module.pk:
            raise ValueError("no mail of this one")
        return whole(budget, now)

    monkeypatch.setattr(mails, "_waiting", broken)
    assert queue_due(NOW()) == 1
    city.archived_at = NOW()
    city.save()
    monkeypatch.setattr(mails, "_waiting", whole)
    assert queue_due(NOW() + timedelta(days=1)) == 0, "nothing is told of a workspace in the archive"


def test_a_mail_holds_so_much_and_says_what_is_left(
    owner: Any, city: Any, module: Module, reader: Any
) -> None:
    idea = propose(reader("ada"), module)
    Idea.objects.update(won=True, state="on_ballot")
    Milestone.objects.bulk_create(
        Milestone(idea=idea, position=n, what=f"Step {n}", changed_at=NOW()) for n in range(mails.MOST + 2)
    )
    (one,) = due(module, NOW() + timedelta(seconds=1))
    assert one.body.count("Step ") == mails.MOST
    assert "There are 2 more pieces of news:" in one.body
    assert due(module, NOW() + timedelta(seconds=1)) == []


def test_many_readers_ask_the_database_no_more_than_one(
    owner: Any, city: Any, module: Module, reader: Any, django_assert_max_num_queries: Any
) -> None:
    for n in range(6):
        propose(reader(f"ada{n}"), module)
    budget = Budget.objects.select_related("module__process__workspace").get()
    with django_assert_max_num_queries(8):
        assert list(mails._waiting(budget, NOW())) == []


# -- what is kept ------------------------------------------------------------------------------------------
def test_it_goes_with_the_account(owner: Any, city: Any, module: Module, reader: Any) -> None:
    ada = reader("ada")
    ask(owner, city, propose(ada, module))
    ChooseMail(ada, city, module.budget, ALL).run()
    assert len(due(module)) == 1
    assert (MailTold.objects.count(), MailChoice.objects.count()) == (1, 1)
    EraseAccount(ada, ada).run()
    assert (MailTold.objects.count(), MailChoice.objects.count()) == (0, 0)
    assert due(module) == []


def test_notes_go_after_two_years(owner: Any, city: Any, module: Module, reader: Any) -> None:
    ask(owner, city, propose(reader("ada"), module))
    due(module)
    once_a_day(NOW() + timedelta(days=729))
    assert MailTold.objects.exists()
    once_a_day(NOW() + timedelta(days=731))
    assert not MailTold.objects.exists()
