"""Consultations: anybody answers, nobody's answer is published, every point is answered before the end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from isopolis.web.api.limits import counted
from isopolis.web.api.models import Usage
from isopolis.web.audit.models import AuditEvent
from isopolis.web.modules.actions import CreateProcess, EditProcess, PublishProcess, TakePart
from isopolis.web.modules.consultation import limits
from isopolis.web.modules.consultation.actions import (
    Answer,
    ChoosePlan,
    OpenConsultation,
    Said,
    WithdrawPoint,
    questions_of,
)
from isopolis.web.modules.consultation.exports import rows
from isopolis.web.modules.consultation.limits import DRAWERS, drawer, issued, too_fast
from isopolis.web.modules.consultation.models import Consultation, Point, Question, Topic
from isopolis.web.modules.consultation.responses import (
    PublishAnswers,
    PutUnder,
    WriteTopic,
)
from isopolis.web.modules.consultation.tallies import LEAST, shown, tallied
from isopolis.web.modules.models import Process
from isopolis.web.plans.actions import AddAction, CreatePlan
from isopolis.web.plans.models import ActionPlan
from isopolis.web.workspaces.actions import CreateWorkspace

from .test_pages import check
from .test_plans import FIELDS, move, now

ANYBODY = AnonymousUser()


@pytest.fixture
def row(city: Any, owner: Any) -> ActionPlan:
    made = CreatePlan(owner, city, title="Our plan").run()
    AddAction(owner, city, row=made, fields=FIELDS).run()
    return move(owner, now(made), "draft")


def midnight() -> datetime:
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)


@pytest.fixture
def held(row: ActionPlan, owner: Any) -> Consultation:
    """A consultation that is open since yesterday."""
    start = midnight() - timedelta(days=1)
    end = start + timedelta(days=42)
    opening = (owner, row.home, "What about it?", "consultation", start, row, "Say it.", end)
    return Consultation.objects.get(module__process=OpenConsultation(*opening, now=start).run())


def answer(
    held: Consultation, text: str = "Weekends too", stance: str = "", action: str = "a1", **more: Any
) -> Any:
    question = questions_of(held, action)[0]
    user = more.pop("user", ANYBODY)
    city = held.process.workspace
    return Answer(user, city, held, [Said(question, text, stance)], address="192.0.2.1", **more).run()[0]


def end(held: Consultation) -> Consultation:
    """Let the first phase be over since today."""
    first, second = held.module.phases()
    first.starts_at, first.ends_at = midnight() - timedelta(days=42), midnight()
    first.save()
    second.starts_at, second.ends_at = midnight(), midnight() + timedelta(days=42)
    second.save()
    return Consultation.objects.get(pk=held.pk)


def topic(held: Consultation, owner: Any, *points: Point, **more: str) -> Topic:
    fields = {
        "summary": "Open on weekends",
        "action": "a1",
        "decision": "in_part",
        "why": "Saturdays only",
    } | more
    made = WriteTopic(owner, held.process.workspace, held, None, fields).run()
    if points:
        PutUnder(owner, held.process.workspace, held, made, points).run()
    return made


# -- opening ---------------------------------------------------------------------------------------------
def test_a_policy_officer_opens_one(
    row: ActionPlan, staff: dict[str, Any], browse: Callable[[Any], Client]
) -> None:
    client = browse(staff["policy_officer"])
    path = f"/w/{row.home.slug}/plans/{row.number}/consult/"
    page = client.get(path)
    check(page, path)
    first = timezone.localdate()
    data = {"title": "T", "description": "D", "first": first, "last": first + timedelta(days=41)}
    answer = client.post(path, data, follow=True)
    assert answer.status_code == 200
    made = Consultation.objects.get()
    assert made.process.state == "published"
    assert made.module.windows("answer")[0][1] - made.module.windows("answer")[0][0] >= timedelta(days=41)
    assert [q.action for q in Question.objects.all()] == ["a1", ""]
    kept = now(row).plan.consultation
    assert kept is not None
    assert (kept.opens, kept.closes) == (first, first + timedelta(days=41))


@pytest.mark.parametrize(
    ("days", "text", "said"),
    [(3, "D", "lasts 7"), (400, "D", "lasts 7"), (42, " ", "Write what it is about")],
)
def test_wrong_openings(row: ActionPlan, owner: Any, days: int, text: str, said: str) -> None:
    start = midnight()
    with pytest.raises(ValidationError, match=said):
        OpenConsultation(
            owner, row.home, "T", "consultation", start, row, text, start + timedelta(days=days)
        ).run()
    assert not Process.objects.exists()


def test_no_first_day_that_is_over(row: ActionPlan, owner: Any) -> None:
    """The days that are over count for the least of seven, and nobody could answer on them."""
    for days in (1, 100):
        start = midnight() - timedelta(days=days)
        opening = (owner, row.home, "T", "consultation", start, row, "D", start + timedelta(days=days + 9))
        with pytest.raises(ValidationError, match="first day is over"):
            OpenConsultation(*opening).run()
    assert not Process.objects.exists()


def test_a_form_that_is_sent_twice_asks_once(
    row: ActionPlan, owner: Any, browse: Callable[[Any], Client]
) -> None:
    client, first = browse(owner), timezone.localdate()
    data = {"title": "T", "description": "D", "first": first, "last": first + timedelta(days=41)}
    path = f"/w/{row.home.slug}/plans/{row.number}/consult/"
    assert client.post(path, data).status_code == 302
    again = client.post(path, data)
    assert again.status_code == 200
    assert "still answer" in again.content.decode()
    # the second of two that come at once has the plan as it was before the first
    start = midnight()
    late = (owner, row.home, "T", "consultation", start, row, "D", start + timedelta(days=42))
    Consultation.objects.get().module.phase_set.update(starts_at=None, ends_at=None)
    with pytest.raises(ValidationError, match="Somebody else changed the plan"):
        OpenConsultation(*late).run()
    assert Consultation.objects.count() == Process.objects.count() == 1
    end(Consultation.objects.get())
    assert client.post(path, data).status_code == 302


def test_a_plan_with_proposals_only_cannot_be_asked_about(city: Any, owner: Any, person: Any) -> None:
    made = AddAction(owner, city, row=CreatePlan(owner, city, title="x").run(), fields=FIELDS).run()
    start = midnight()
    opening = (owner, city, "T", "consultation", start, made, "D", start + timedelta(days=42))
    with pytest.raises(ValidationError, match="No action"):
        OpenConsultation(*opening).run()
    other = person("other")
    elsewhere = CreateWorkspace(other, "Othertown").run()
    with pytest.raises(ValidationError, match="another workspace"):
        OpenConsultation(other, elsewhere, *opening[2:]).run()


def test_by_blueprint_the_plan_is_chosen_later(
    row: ActionPlan, owner: Any, browse: Callable[[Any], Client]
) -> None:
    made = CreateProcess(owner, row.home, "T", "consultation", midnight()).run()
    EditProcess(owner, row.home, made, "T", "D").run()
    PublishProcess(owner, row.home, made).run()
    module = made.module_set.get()
    page = Client().get(module.get_absolute_url())
    check(page, "unset")
    assert "has not said yet" in page.content.decode()
    assert Client().get(module.get_absolute_url() + "answers/plan/").status_code == 404
    client = browse(owner)
    check(client.get(module.get_absolute_url() + "manage/"), "choose")
    assert client.post(module.get_absolute_url() + "manage/", {"plan": row.pk}).status_code == 302
    with pytest.raises(ValidationError, match="already"):
        ChoosePlan(owner, row.home, module, row).run()


# -- answering --------------------------------------------------------------------------------
def fill(client: Client, held: Consultation, seconds: int = 30, **more: Any) -> Any:
    question = questions_of(held, "a1")[0]
    sign = issued(timezone.now() - timedelta(seconds=seconds))
    data = {f"text{question.pk}": "Open on Sundays", f"stance{question.pk}": "partly", "sign": sign} | more
    return client.post(held.module.get_absolute_url() + "answers/a1/", data, follow=True)


def test_without_an_account(held: Consultation) -> None:
    page = Client().get(held.module.get_absolute_url() + "answers/a1/")
    check(page, "answer")
    assert "Thank you" in fill(Client(), held).content.decode()
    point = Point.objects.get()
    assert (point.text, point.stance, point.author, point.channel) == (
        "Open on Sundays",
        "partly",
        None,
        "online",
    )
    events = AuditEvent.objects.filter(verb="answer.add")
    assert [(e.actor, e.target) for e in events] == [(None, f"process:{held.process.pk}")]


def test_signed_in_and_not_linked_leaves_no_trace(
    held: Consultation, person: Any, browse: Callable[[Any], Client]
) -> None:
    someone = person("rosa")
    TakePart(someone, held.process.workspace, held.process, "Rosa").run()
    client = browse(someone)
    fill(client, held)
    assert Point.objects.get().author is None
    assert AuditEvent.objects.get(verb="answer.add").actor is None
    fill(client, held, linked="on")
    mine = Point.objects.exclude(author=None).get()
    page = client.get(held.module.get_absolute_url()).content.decode()
    assert page.count("Take it back") == 1
    assert client.post(f"{held.module.get_absolute_url()}mine/{mine.pk}/").status_code == 302
    mine.refresh_from_db()
    assert (mine.text, mine.withdrawn) == ("", True)
    with pytest.raises(ValidationError, match="already"):
        WithdrawPoint(someone, held.process.workspace, mine).run()


def test_others_cannot_take_it_back(held: Consultation, person: Any, browse: Callable[[Any], Client]) -> None:
    point = answer(held)
    stranger = person("stranger")
    address = f"{held.module.get_absolute_url()}mine/{point.pk}/"
    assert browse(stranger).post(address).status_code == 404
    assert Client().post(address).status_code == 302
    with pytest.raises(PermissionDenied):
        WithdrawPoint(stranger, held.process.workspace, point).run()


@pytest.mark.parametrize("seconds", [0, 1, 10**6])
def test_too_fast_or_too_late(held: Consultation, seconds: int) -> None:
    assert "once more" in fill(Client(), held, seconds).content.decode()
    assert not Point.objects.exists()


@pytest.mark.parametrize("sign", ["", "x", "1:2:3", issued.__name__])
def test_signs_that_are_none(sign: str) -> None:
    assert too_fast(sign, timezone.now())


def test_machines_are_told_nothing(held: Consultation) -> None:
    assert fill(Client(), held, website="http://spam").status_code == 200
    assert not Point.objects.exists()


def test_not_too_many_from_one_place(held: Consultation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PER_DRAWER", 3)
    for n in range(3):
        answer(held, f"{n}")
    with pytest.raises(ValidationError, match="ten minutes"):
        answer(held, "one more")
    later = timezone.now() + timedelta(minutes=11)
    answer(held, "later", now=later)
    monkeypatch.setattr(limits, "PER_DRAWER", 1000)
    monkeypatch.setattr(limits, "MOST_A_DAY", 4)
    with pytest.raises(ValidationError, match="today"):
        answer(held, "five", now=later)


def test_behind_a_proxy_each_visitor_counts_alone(
    held: Consultation, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PER_DRAWER", 2)
    monkeypatch.setattr(limits, "DRAWERS", 2**32)  # no two of these may share one by chance
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1  # what the option "proxy" sets
    monkeypatch.setitem(settings.OPTIONS, "proxy", True)

    def sent(forwarded: str) -> str:
        client = Client(REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)
        return fill(client, held).content.decode()

    for _n in range(2):
        assert "Thank you" in sent("203.0.113.7")
    assert "ten minutes" in sent("203.0.113.7")
    assert "Thank you" in sent("198.51.100.9")
    # what a visitor puts before what the proxy adds is not believed
    assert "ten minutes" in sent("192.0.2.1, 203.0.113.7")


def test_counts_last_as_long_as_they_say(held: Consultation) -> None:
    """A day's count is still there after hours in which nobody came; a drawer's ends with its ten minutes."""
    at = timezone.now().replace(hour=12, minute=3, second=0, microsecond=0)
    answer(held, "one", now=at)
    ends = sorted(Usage.objects.values_list("minute", flat=True))
    noon = int(at.timestamp() // 60) - 3
    assert ends == [noon + 10, noon + 12 * 60]
    cache.clear()
    answer(held, "two", now=at + timedelta(hours=6))
    assert Usage.objects.get(minute=noon + 12 * 60).granted == 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_lose_no_count() -> None:
    until, gate = timezone.now() + timedelta(hours=1), threading.Barrier(2)

    def count() -> None:
        gate.wait()
        try:
            for _n in range(25):
                while True:
                    try:
                        counted("both", until)
                        break
                    except OperationalError:  # the tables in memory of tests lock at once
                        continue
        finally:
            connection.close()

    both = [threading.Thread(target=count) for _n in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(60)
    assert counted("both", until) == 51


def test_no_address_is_kept_anywhere(held: Consultation) -> None:
    client = Client(REMOTE_ADDR="203.0.113.77")
    assert "Thank you" in fill(client, held).content.decode()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            assert all("203.0.113.77" not in str(r) for r in cursor.fetchall()), table


@given(st.ip_addresses(), st.ip_addresses())
def test_drawers_tell_no_address(one: Any, other: Any) -> None:
    assert 0 <= drawer(str(one), "2026-11-22") < DRAWERS
    # far more addresses than drawers: what is counted belongs to about a million of them
    assert 2**32 // DRAWERS == 2**20
    assert drawer(str(one), "2026-11-22") == drawer(str(one), "2026-11-22")


def test_drawers_change_every_day() -> None:
    days = {drawer("192.0.2.1", f"2026-11-{d:02d}") for d in range(1, 29)}
    assert len(days) > 20


@pytest.mark.parametrize("text", ["", "  ", "\u200e\u202e"])
def test_something_must_be_said(held: Consultation, text: str) -> None:
    with pytest.raises(ValidationError, match="Say something"):
        answer(held, text)
    assert answer(held, text, "against").stance == "against"


def test_wrong_answers(held: Consultation, owner: Any) -> None:
    for more in ({"stance": "maybe"}, {"text": "x" * 4001}):
        with pytest.raises(ValidationError):
            answer(held, **more)
    with pytest.raises(ValidationError, match="take part first"):
        answer(held, user=owner, linked=True)


def test_only_while_it_is_open(held: Consultation) -> None:
    end(held)
    with pytest.raises(PermissionDenied, match="could be given until"):
        answer(Consultation.objects.get(pk=held.pk))
    answered = fill(Client(), held)
    assert answered.status_code == 403


def test_a_question_of_another_consultation(held: Consultation, row: ActionPlan, owner: Any) -> None:
    end(held)
    start = midnight()
    OpenConsultation(
        owner, row.home, "T", "consultation", start, now(row), "D", start + timedelta(days=42)
    ).run()
    other = Consultation.objects.exclude(pk=held.pk).get()
    held, other = other, Consultation.objects.get(pk=held.pk)
    with pytest.raises(ValidationError, match="another consultation"):
        Answer(ANYBODY, row.home, held, [Said(questions_of(other, "a1")[0], "x")]).run()


# -- nothing of a single person is public ---------------------------------------------------------------
def test_single_answers_are_never_public(
    held: Consultation, owner: Any, browse: Callable[[Any], Client]
) -> None:
    points = [answer(held, f"Secret sentence {n}", "for") for n in range(7)]
    base = held.module.get_absolute_url()

    def seen() -> str:
        paths = ("", "answers/a1/", "answers/plan/", "responses.csv")
        return "".join(Client().get(base + p).content.decode() for p in paths)

    assert "Secret sentence" not in seen()
    assert "For and against" not in seen(), "no counts while people can still answer"
    over = end(held)
    topic(over, owner, *points)
    PublishAnswers(owner, over.process.workspace, over).run()
    page = seen()
    assert "Secret sentence" not in page
    assert "Open on weekends" in page
    assert "Saturdays only" in page
    for path in ("manage/", "manage/points/", "manage/answers.csv", f"manage/points/{points[0].pk}/"):
        assert Client().get(base + path).status_code == 302
    assert "Secret sentence" in browse(owner).get(base + "manage/points/?all=1").content.decode()


@pytest.mark.parametrize("who", ["analyst", "moderator", "viewer", "resident", "stranger"])
def test_who_may_not_read_answers(
    held: Consultation, staff: dict[str, Any], browse: Callable[[Any], Client], who: str
) -> None:
    answer(held, "Secret sentence")
    base, client = held.module.get_absolute_url(), browse(staff[who])
    for path in ("manage/", "manage/points/", "manage/offline/", "manage/topics/new/", "manage/answers.csv"):
        response = client.get(base + path)
        assert response.status_code == 403, path
        assert "Secret sentence" not in response.content.decode()
    for post in ("manage/publish/", "manage/sort/"):
        assert client.post(base + post).status_code == 403


def test_the_officer_sees_no_name(
    held: Consultation, owner: Any, person: Any, browse: Callable[[Any], Client]
) -> None:
    someone = person("rosa")
    someone.name = "Rosa Secretname"
    someone.save()
    TakePart(someone, held.process.workspace, held.process, "Rosa Chosenname").run()
    answer(held, "Linked", user=someone, linked=True)
    page = browse(owner).get(held.module.get_absolute_url() + "manage/points/").content.decode()
    assert "Linked" in page
    for name in ("Secretname", "Chosenname", someone.email):
        assert name not in page
        assert all(name not in str(r) for r in rows(held.module))


# -- small numbers ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("n", "said"), [(0, None), (4, None), (5, 5), (7, 5), (8, 10), (12, 10), (13, 15), (100, 100)]
)
def test_rounding_by_hand(n: int, said: Any) -> None:
    assert shown(n) == said


@given(st.integers(0, 10_000))
def test_a_shown_count_fits_several_counts(n: int) -> None:
    """Nobody can tell the count from what is shown: at least three neighbours look the same."""
    alike = [m for m in range(max(0, n - 9), n + 10) if shown(m) == shown(n)]
    assert len(alike) >= 3
    assert shown(n) is None or abs((shown(n) or 0) - n) <= LEAST // 2


@given(
    st.lists(
        st.tuples(st.sampled_from(["a1", ""]), st.sampled_from(["for", "partly", "against", ""])), max_size=80
    )
)
def test_tallies_against_slow_counting(points: list[tuple[str, str]]) -> None:
    for action, tally in tallied(points).items():
        for stance, number in tally.stances.items():
            assert number == shown(sum(p == (action, stance) for p in points))
        assert tally.people == shown(sum(p[0] == action for p in points))
