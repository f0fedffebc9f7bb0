"""Exchanges in a workspace: planned, checked with reasons, followed to an indicator, reminded of once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from isopolis.web.actions import ValidationError
from isopolis.web.exchanges import actions as acts
from isopolis.web.exchanges.mail import send_due
from isopolis.web.exchanges.models import ExchangeLesson, ExchangePlan
from isopolis.web.workspaces.actions import CreateWorkspace

from .towns import diagnosed

START = date(2026, 1, 10)


@pytest.fixture
def plan(owner: Any, city: Any) -> ExchangePlan:
    made: ExchangePlan = acts.PlanExchange(owner, city, "eui_city_to_city", "Childcare for all", START).run()
    return made


def at(plan: ExchangePlan, rest: str = "") -> str:
    return f"/w/{plan.workspace.slug}/exchanges/{plan.number}/{rest}"


# -- the whole way ------------------------------------------------------------------------------------
def test_from_plan_to_pre_check(browse: Callable[[Any], Client], staff: Any, city: Any) -> None:
    client = browse(staff["policy_officer"])
    sent = {"title": "Childcare", "kind": "eui_city_to_city", "started": "2026-01-10"}
    client.post(f"/w/{city.slug}/exchanges/new/", sent)
    plan = ExchangePlan.objects.get()
    page = client.get(at(plan)).content.decode()
    assert "All conditions together:</p>" not in page
    assert "<strong>not known yet</strong>" in page
    assert ">not met<" not in page, "a missing fact is never a no"
    client.post(at(plan, "edit/"), {"title": "Childcare", "question_1": "How do you open waiting lists?"})
    client.post(
        at(plan, "peers/"), {"name": "Exampleville", "country": "fr", "degurba": "2", "article11": ""}
    )
    for start, end in (("2026-02-01", "2026-02-03"), ("2026-06-28", "2026-07-01")):
        client.post(at(plan, "visits/"), {"place": "Exampleville", "start": start, "end": end})
    facts = {
        "applicant_type": "city", "applicant_country": "IT", "applicant_degurba": "1",
        "visits_justified": "yes",
        "applicant_stakeholders": "3", "peer_stakeholders": "1", "urban_strategy_challenge": "yes",
        "call_open": "yes", "accelerator": "no",
    }  # fmt: skip
    page = client.get(at(plan, "facts/")).content.decode()
    assert 'name="peer_country"' not in page, "the peer tells it"
    assert 'name="peer_article11"' in page
    client.post(at(plan, "facts/"), facts)
    page = client.get(at(plan)).content.decode()
    assert "<strong>met</strong>" in page
    assert "Met: Applicant and peer are in different member states." in page
    assert "https://www.urban-initiative.eu/capacity-building/city-to-city-exchanges/call" in page
    assert "read on Nov. 21, 2026" in page
    client.post(at(plan, "facts/"), facts | {"applicant_country": "FR"})
    page = client.get(at(plan)).content.decode()
    assert "Not met: Applicant and peer are in different member states." in page
    assert "Choose a peer in another member state." in page
    assert "<strong>not met</strong>" in page


def test_a_facts_form_shows_and_takes_back_what_was_stated(
    browse: Callable[[Any], Client], owner: Any, plan: ExchangePlan
) -> None:
    client = browse(owner)
    client.post(at(plan, "facts/"), {"call_open": "no", "applicant_stakeholders": "0"})
    plan.refresh_from_db()
    assert plan.stated == {"call_open": False, "applicant_stakeholders": 0}, "nought and no are facts"
    page = client.get(at(plan, "facts/")).content.decode()
    assert re.search(r'<option value="no" selected>', page)
    client.post(at(plan, "facts/"), {"call_open": "", "applicant_stakeholders": ""})
    plan.refresh_from_db()
    assert plan.stated == {}


def test_a_peer_review_with_its_list(browse: Callable[[Any], Client], owner: Any, city: Any) -> None:
    plan = acts.PlanExchange(owner, city, "eui_peer_review", "Review", START).run()
    client = browse(owner)
    client.post(at(plan, "facts/"), {"peers_degurba": "1, 2, ?", "article11_city": "yes"})
    plan.refresh_from_db()
    assert plan.stated["peers_degurba"] == ["1", "2", None]
    for n in range(6):
        acts.AddPeer(owner, city, plan, f"P{n}", "FR", 1).run()
    with pytest.raises(ValidationError, match="at most 6 peers"):
        acts.AddPeer(owner, city, plan, "P7").run()
    client.post(
        at(plan, "edit/"), {"title": "Review", "question_1": "a", "question_2": "b", "question_3": "c"}
    )
    client.post(at(plan, "steps/"), {"scope-planned": "2026-02-01", "scope-done": "2026-02-02"})
    page = client.get(at(plan)).content.decode()
    assert "Met: There are three guiding questions." in page
    assert "done on Feb. 2, 2026" in page


@pytest.mark.parametrize(
    ("action", "says"),
    [
        (lambda u, c, p: acts.AddVisit(u, c, p, date(2026, 3, 2), date(2026, 3, 1), "x"), "ends on the day"),
        (lambda u, c, p: acts.EditExchange(u, c, p, "t", ["a", "b"]), "At most 1 questions"),
        (lambda u, c, p: acts.EditExchange(u, c, p, " ", []), "title"),
        (lambda u, c, p: acts.DateSteps(u, c, p, {"party": (None, None)}), "no such step"),
        (lambda u, c, p: acts.StateFacts(u, c, p, {"visit": 1}), "visits"),
        (lambda u, c, p: acts.StateFacts(u, c, p, {"visits": "many"}), "another type"),
        (lambda u, c, p: acts.AddLesson(u, c, p, " ", START), "what was learnt"),
        (lambda u, c, p: acts.AddPeer(u, c, p, " "), "Name the city"),
        (lambda u, c, p: acts.PlanExchange(u, c, "holiday", "t", START), "kinds of exchange"),
    ],
)
def test_changes_that_make_no_sense(
    action: Any, says: str, owner: Any, city: Any, plan: ExchangePlan
) -> None:
    with pytest.raises(ValidationError, match=says):
        action(owner, city, plan).run()


def test_visits_are_limited(owner: Any, city: Any, plan: ExchangePlan) -> None:
    for n in range(3):
        acts.AddVisit(owner, city, plan, date(2026, 3, 1 + n), date(2026, 3, 1 + n), "x").run()
    with pytest.raises(ValidationError, match="at most 3 visits"):
        acts.AddVisit(owner, city, plan, date(2026, 4, 1), date(2026, 4, 1), "x").run()


def test_the_form_of_the_programme_is_a_questionnaire(
    browse: Callable[[Any], Client], owner: Any, plan: ExchangePlan
) -> None:
    client = browse(owner)
    first = client.post(at(plan, "form/"))
    assert "/questionnaires/1/" in first["Location"]
    assert client.post(at(plan, "form/"))["Location"] == first["Location"], "begun once"
    assert "The questionnaire that prepares it" in client.get(at(plan)).content.decode()
    assert client.get(first["Location"] + "export/").status_code == 200


# -- lessons up to an indicator ------------------------------------------------------------------------
def test_a_lesson_up_to_findings_of_ones_own(
    browse: Callable[[Any], Client], owner: Any, city: Any, plan: ExchangePlan, person: Callable[..., Any]
) -> None:
    job = diagnosed(owner, city)
    client = browse(owner)
    client.post(at(plan, "lessons/"), {"text": "Open the list", "learnt": "2026-07-01"})
    lesson = ExchangeLesson.objects.get()
    finding = f"http://testserver/w/{city.slug}/diagnoses/{job.pk}/findings/0/"
    sent = {"text": "The list is open", "changed": "2026-09-01", "before": finding, "after": finding}
    client.post(at(plan, f"lessons/{lesson.pk}/"), sent)
    lesson.refresh_from_db()
    assert lesson.before["ref"] == f"/w/{city.slug}/diagnoses/{job.pk}/findings/0/"
    assert lesson.before["value"] is not None
    page = client.get(at(plan)).content.decode()
    assert "Both findings are of the same date." in page
    assert "Finding before, 2024" in page
    # numbers that were kept stay when the diagnosis goes
    job.delete()
    client.post(at(plan, f"lessons/{lesson.pk}/"), sent | {"text": "Still open"})
    lesson.refresh_from_db()
    assert lesson.change == "Still open"
    later = lesson.before | {"day": "2027", "value": lesson.before["value"] - 0.1, "low": None, "high": None}
    ExchangeLesson.objects.filter(pk=lesson.pk).update(after=later)
    page = client.get(at(plan)).content.decode()
    assert "Without intervals nobody can tell it from chance." in page
    assert "does not prove that this change was its cause" in page


def test_findings_of_another_city_cannot_be_named(
    owner: Any, city: Any, plan: ExchangePlan, person: Callable[..., Any]
) -> None:
    other = person("other")
    town = CreateWorkspace(other, "Othertown").run()
    job = diagnosed(other, town)
    lesson = acts.AddLesson(owner, city, plan, "x", START).run()
    for address in (
        f"/w/{town.slug}/diagnoses/{job.pk}/findings/0/",
        f"/w/{city.slug}/diagnoses/{job.pk}/findings/0/",
        "https://example.org/",
        f"/w/{city.slug}/diagnoses/{'0' * 36}/findings/0/",
    ):
        with pytest.raises(ValidationError):
            acts.ChangeLesson(owner, city, plan, lesson, "x", START, address).run()
    for text, changed in (("", START), ("x", None), ("x", date(2025, 1, 1))):
        with pytest.raises(ValidationError):
            acts.ChangeLesson(owner, city, plan, lesson, text, changed).run()


def test_the_list_names_what_changed_nothing(
    browse: Callable[[Any], Client], owner: Any, city: Any, plan: ExchangePlan
) -> None:
    acts.CloseExchange(owner, city, plan, date(2020, 1, 1)).run()
    client = browse(owner)

    def idle() -> str:
        page = client.get(f"/w/{city.slug}/exchanges/").content.decode()
        return page.split("Twelve months over")[1]

    assert "Childcare for all" in idle()
    lesson = acts.AddLesson(owner, city, plan, "Open the list", date(2020, 1, 2)).run()
    assert "Childcare for all" in idle()
    acts.ChangeLesson(owner, city, plan, lesson, "Opened", date(2020, 2, 1)).run()
    assert "Childcare for all" not in idle()


# -- reminders ----------------------------------------------------------------------------------------
def test_each_reminder_is_sent_once_to_those_who_plan(
    staff: dict[str, Any], city: Any, plan: ExchangePlan
) -> None:
    acts.DateSteps(staff["owner"], city, plan, {"application": (date(2026, 3, 20), None)}).run()
    assert send_due(datetime(2026, 3, 1, 6, tzinfo=UTC)) == 0
    assert send_due(datetime(2026, 3, 10, 6, tzinfo=UTC)) == 2
    assert {m.to[0] for m in mail.outbox} == {staff["owner"].email, staff["policy_officer"].email}
    assert "Hand in the application" in mail.outbox[0].body
    assert send_due(datetime(2026, 3, 11, 6, tzinfo=UTC)) == 0
    acts.DateSteps(staff["owner"], city, plan, {"application": (date(2026, 4, 1), None)}).run()
    assert send_due(datetime(2026, 3, 25, 6, tzinfo=UTC)) == 2, "another day is another reminder"


def test_the_round_of_the_day_sends_only_where_mail_is_set_up(
    owner: Any, city: Any, plan: ExchangePlan, settings: Any
) -> None:
    from isopolis.web.protect.retention import once_a_day

    acts.DateSteps(owner, city, plan, {"application": (date(2026, 3, 20), None)}).run()
    once_a_day(datetime(2026, 3, 18, 6, tzinfo=UTC))
    assert mail.outbox == []
    settings.OPTIONS = settings.OPTIONS | {"email_url": "smtp://localhost"}
    once_a_day(datetime(2026, 3, 18, 7, tzinfo=UTC))
    assert mail.outbox == [], "the round of this day is over"
    once_a_day(datetime(2026, 3, 19, 6, tzinfo=UTC))
    assert len(mail.outbox) == 1


def test_a_day_out_of_reach_is_refused_and_an_old_one_harms_nothing(
    browse: Callable[[Any], Client], owner: Any, city: Any, plan: ExchangePlan
) -> None:
    last = date(9999, 12, 31)
    lesson = acts.AddLesson(owner, city, plan, "Open the list", START).run()
    for action in (
        acts.PlanExchange(owner, city, "free_exchange", "Late", last),
        acts.AddVisit(owner, city, plan, START, last, "x"),
        acts.AddVisit(owner, city, plan, date(1889, 1, 1), START, "x"),
        acts.DateSteps(owner, city, plan, {"application": (last, None)}),
        acts.AddLesson(owner, city, plan, "Late", last),
        acts.ChangeLesson(owner, city, plan, lesson, "Late", last),
        acts.CloseExchange(owner, city, plan, last),
    ):
        with pytest.raises(ValidationError, match="Ensure this value"):
            action.run()
    client = browse(owner)
    sent = {"place": "x", "start": "2026-01-10", "end": "9999-12-31"}
    page = client.post(at(plan, "visits/"), sent)
    assert "Ensure this value is less than or equal to 2100-12-31." in page.content.decode()
    plan.visits.create(start=START, end=last, place="kept by an older version")
    for page in (at(plan), f"/w/{city.slug}/exchanges/"):
        assert client.get(page).status_code == 200
    assert send_due(datetime(2026, 3, 1, 6, tzinfo=UTC)) == 1, "the visit is overdue, and nothing fails"


@pytest.mark.django_db(transaction=True)
def test_one_exchange_that_fails_keeps_no_other_from_its_mails(
    owner: Any, city: Any, plan: ExchangePlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is claimed for good before a mail server is asked, and no lock is held meanwhile."""
    from django.db import connection

    from isopolis.web.exchanges import mail as mails

    plans = [plan, *(acts.PlanExchange(owner, city, plan.kind, f"More {n}", START).run() for n in "12")]
    for one in plans:
        acts.DateSteps(owner, city, one, {"application": (date(2026, 3, 20), None)}).run()
    asked = []

    def told(row: ExchangePlan, found: Any, user: Any) -> int:
        asked.append((row.pk, connection.in_atomic_block))
        if row == plan:
            raise ValueError("no mail of this one")
        return 1

    monkeypatch.setattr(mails, "_send", told)
    now = datetime(2026, 3, 10, 6, tzinfo=UTC)
    assert (send_due(now), send_due(now)) == (2, 0)
    assert asked == [(one.pk, False) for one in plans]


def test_the_list_asks_as_much_for_many_exchanges_as_for_one(
    browse: Callable[[Any], Client], owner: Any, city: Any, plan: ExchangePlan,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    for number in range(20):
        acts.PlanExchange(owner, city, plan.kind, f"More {number}", START).run()
    client = browse(owner)
    with django_assert_max_num_queries(25):
        client.get(f"/w/{city.slug}/exchanges/")


def test_a_second_click_begins_no_second_form(
    browse: Callable[[Any], Client], owner: Any, city: Any, plan: ExchangePlan,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """The second request had read the exchange before the first one was through."""
    from isopolis.web.exchanges import views
    from isopolis.web.frames.models import Sheet

    client, before = browse(owner), views._one(city, plan.number)
    first = client.post(at(plan, "form/"))
    monkeypatch.setattr(views, "_one", lambda workspace, number: before)
    again = client.post(at(plan, "form/"))
    assert first.url == again.url
    assert Sheet.objects.count() == 1


def test_what_is_due_stands_on_the_page(
    browse: Callable[[Any], Client], owner: Any, city: Any, plan: ExchangePlan
) -> None:
    acts.DateSteps(owner, city, plan, {"application": (date(2020, 3, 20), None)}).run()
    for page in (at(plan), f"/w/{city.slug}/exchanges/"):
        text = browse(owner).get(page).content.decode()
        assert "Step: Hand in the application" in text
        assert "overdue" in text


# -- doors --------------------------------------------------------------------------------------------
CHANGES = ("edit/", "facts/", "steps/", "peers/", "visits/", "lessons/", "end/")


def test_who_reads_and_who_manages(browse: Callable[[Any], Client], staff: Any, plan: ExchangePlan) -> None:
    for role, user in staff.items():
        reads = role in ("owner", "analyst", "participation_officer", "policy_officer", "viewer")
        manages = role in ("owner", "policy_officer")
        gone = 404 if role == "stranger" else 403
        client = browse(user)
        assert client.get(at(plan)).status_code == (200 if reads else gone), role
        for page in CHANGES:
            assert client.get(at(plan, page)).status_code == (200 if manages else gone), (role, page)


def test_foreign_exchanges_are_not_there(
    browse: Callable[[Any], Client], person: Callable[..., Any], owner: Any, city: Any, plan: ExchangePlan
) -> None:
    other = person("other")
    mine = CreateWorkspace(other, "Othertown").run()
    own = acts.PlanExchange(other, mine, "free_exchange", "Mine", START).run()
    peer = acts.AddPeer(owner, city, plan, "P").run()
    client = browse(other)
    for page in ("", *CHANGES):
        assert client.get(at(plan, page)).status_code == 404
    assert client.post(at(own, f"peers/{peer.pk}/remove/")).status_code == 404
    assert plan.peers.count() == 1
    for action in (
        acts.RemovePeer(other, mine, own, peer),
        acts.EditExchange(other, mine, plan, "Stolen", []),
        acts.LinkForm(other, mine, plan, None),
    ):
        with pytest.raises(ValidationError, match="another"):
            action.run()
    assert client.get(at(own, "facts/")).status_code == 404, "without a programme there are no rules"


def test_parts_are_taken_away(
    browse: Callable[[Any], Client], owner: Any, city: Any, plan: ExchangePlan
) -> None:
    peer = acts.AddPeer(owner, city, plan, "<i>P</i>").run()
    visit = acts.AddVisit(owner, city, plan, START, START, "x").run()
    client = browse(owner)
    assert "&lt;i&gt;P&lt;/i&gt;" in client.get(at(plan)).content.decode()
    client.post(at(plan, f"peers/{peer.pk}/remove/"))
    client.post(at(plan, f"visits/{visit.pk}/remove/"))
    assert (plan.peers.count(), plan.visits.count()) == (0, 0)
    client.post(at(plan, "end/"), {"day": "2026-08-01"})
    plan.refresh_from_db()
    assert plan.closed == date(2026, 8, 1)
    client.post(at(plan, "end/"), {"open": "1"})
    plan.refresh_from_db()
    assert plan.closed is None
