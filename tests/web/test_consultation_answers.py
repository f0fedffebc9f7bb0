"""Consultations: the city answers every point, and what its pages and files show."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from isopolis.web.modules.actions import DatePhases, TakePart
from isopolis.web.modules.consultation.actions import questions_of
from isopolis.web.modules.consultation.exports import response_rows
from isopolis.web.modules.consultation.models import Consultation, Point, Topic
from isopolis.web.modules.consultation.responses import (
    EditQuestion,
    EnterOffline,
    PublishAnswers,
    PutUnder,
    SetAside,
    WriteTopic,
    open_points,
    unanswered,
)
from isopolis.web.modules.models import Participant
from isopolis.web.plans.actions import AddAction, PublishPlan
from isopolis.web.plans.standing import facts
from isopolis.web.workspaces.actions import CreateWorkspace

from . import test_consultation
from .test_consultation import answer, end, midnight, topic
from .test_pages import check
from .test_plans import FIELDS, move, now

held = test_consultation.held
row = test_consultation.row


# -- answering by the city ----------------------------------------------------------------------------------
def test_every_point_needs_an_answer_before_final(held: Consultation, owner: Any) -> None:
    first, second, third = answer(held, "One"), answer(held, "Two", action=""), answer(held, "Three")
    over = end(held)
    row = now(over.plan)
    assert facts(row).consulted
    move(owner, row, "consulted")
    assert facts(now(row)).open_points == {"a1": 2, "": 1}
    with pytest.raises(ValidationError, match="3 points"):
        move(owner, row, "final")
    with pytest.raises(ValidationError, match="3 answers"):
        PublishAnswers(owner, row.home, over).run()
    topic(over, owner, first)
    undecided = topic(over, owner, second, summary="Whole", action="", decision="", why="")
    SetAside(owner, row.home, over, third, "sent twice").run()
    assert unanswered(over).count() == 1
    with pytest.raises(ValidationError) as refused:
        PublishAnswers(owner, row.home, over).run()
    assert len(refused.value.messages) == 2
    fields = {"summary": "Whole", "action": "", "decision": "taken_up", "why": "Yes"}
    WriteTopic(owner, row.home, over, undecided, fields).run()
    with pytest.raises(ValidationError, match="2 points"):
        move(owner, row, "final")  # an answer that nobody can read is none yet
    PublishAnswers(owner, row.home, over).run()
    assert open_points(Consultation.objects.get(pk=over.pk)) == {}
    move(owner, row, "final")
    responses = now(row).plan.actions[0].responses
    assert [(r.point, r.decision, r.why) for r in responses] == [
        ("Open on weekends", "in_part", "Saturdays only")
    ]
    # somebody's letter that is found afterwards opens it again
    EnterOffline(owner, row.home, over, text="By letter", action="a1", channel="mail").run()
    assert open_points(Consultation.objects.get(pk=over.pk)) == {"a1": 1}


def test_dates_that_move_keep_the_plan_waiting(held: Consultation, owner: Any) -> None:
    row = held.plan
    assert not facts(row).consulted
    over = end(held)
    assert facts(row).consulted
    first, second = over.module.phases()
    later = midnight() + timedelta(days=7)
    DatePhases(
        owner, row.home, over.process, over.module,
        {first.pk: (first.starts_at, later), second.pk: (later, later + timedelta(days=9))},
    ).run()  # fmt: skip
    assert not facts(row).consulted


def test_not_published_while_people_can_answer(held: Consultation, owner: Any) -> None:
    with pytest.raises(ValidationError, match="still answer"):
        PublishAnswers(owner, held.process.workspace, held).run()


def test_offline_counts_like_any_other(held: Consultation, owner: Any) -> None:
    city = held.process.workspace
    made = EnterOffline(
        owner,
        city,
        held,
        action="a1",
        text="On a card",
        stance="for",
        channel="paper",
        day=timezone.localdate(),
    ).run()
    assert (made.channel, made.author) == ("paper", None)
    assert unanswered(held).count() == 1
    for wrong in (
        {"channel": "online", "text": "x"},
        {"channel": "pigeon", "text": "x"},
        {"channel": "paper"},
        {"channel": "paper", "text": "x", "action": "a9"},
        {"channel": "paper", "text": "x", "day": timezone.localdate() + timedelta(days=2)},
    ):
        with pytest.raises(ValidationError):
            EnterOffline(owner, city, held, **wrong).run()


def test_a_decision_needs_a_reason(held: Consultation, owner: Any) -> None:
    with pytest.raises(ValidationError, match="Say why"):
        topic(held, owner, why=" ")
    with pytest.raises(ValidationError, match="own words"):
        topic(held, owner, summary="")
    with pytest.raises(ValidationError, match="not asked"):
        topic(held, owner, action="a7")


def test_topics_hold_points_of_their_action(held: Consultation, owner: Any) -> None:
    whole = answer(held, "x", action="")
    with pytest.raises(ValidationError, match="another action"):
        topic(held, owner, whole)


def test_questions_stay_once_somebody_answered(held: Consultation, owner: Any) -> None:
    city, question = held.process.workspace, questions_of(held, "a1")[0]
    EditQuestion(owner, city, held, question, "Better?").run()
    answer(held)
    with pytest.raises(ValidationError, match="answered this question already"):
        EditQuestion(owner, city, held, question, "Worse?").run()


def test_people_were_asked_about_what_stood_there_then(held: Consultation, owner: Any) -> None:
    row = now(held.plan)
    AddAction(owner, row.home, row=row, fields=FIELDS | {"title": "Later idea"}).run()
    assert "Later idea" not in Client().get(held.module.get_absolute_url()).content.decode()
    assert Client().get(held.module.get_absolute_url() + "answers/a2/").status_code == 404


def test_another_citys_consultation(held: Consultation, person: Any) -> None:
    other = person("other")
    elsewhere = CreateWorkspace(other, "Othertown").run()
    point = answer(held)
    for change in (
        WriteTopic(other, elsewhere, held, None, {"summary": "x"}),
        SetAside(other, elsewhere, held, point, "x"),
        PutUnder(other, elsewhere, held, None, [point]),
        EnterOffline(other, elsewhere, held, text="x", channel="paper"),
        PublishAnswers(other, elsewhere, held),
    ):
        with pytest.raises(ValidationError, match="another workspace"):
            change.run()


# -- pages and files --------------------------------------------------------------------------------
def test_every_page_is_well_formed(held: Consultation, owner: Any, browse: Callable[[Any], Client]) -> None:
    point = answer(held, "<script>alert(1)</script>", "for")
    made = topic(held, owner, point, summary="<b>bold</b>")
    base, client = held.module.get_absolute_url(), browse(owner)
    question = questions_of(held, "a1")[0]
    for path in (
        "", "answers/a1/", "answers/plan/", "manage/", "manage/points/", "manage/points/?all=1",
        "manage/offline/",
        "manage/topics/new/", f"manage/topics/{made.pk}/", f"manage/points/{point.pk}/",
        f"manage/questions/{question.pk}/",
    ):  # fmt: skip
        response = client.get(base + path)
        assert response.status_code == 200, path
        check(response, path)
        assert "<script>alert" not in response.content.decode()
        assert len(response.content) < 60_000
    process = f"/w/{held.process.workspace.slug}/processes/{held.process.number}/"
    assert "Read and answer what people said" in client.get(process).content.decode()
    assert "Consultation:" in client.get(held.plan.get_absolute_url()).content.decode()


def test_the_officers_way_through_the_pages(
    held: Consultation, staff: Any, browse: Callable[[Any], Client]
) -> None:
    for n in range(6):
        answer(held, f"Text {n}", "for")
    over, base = end(held), held.module.get_absolute_url()
    client = browse(staff["participation_officer"])
    client.post(
        base + "manage/topics/new/",
        {"summary": "Weekends", "action": "a1", "decision": "taken_up", "why": "Y"},
    )
    made = Topic.objects.get()
    numbers = [str(p) for p in Point.objects.values_list("pk", flat=True)]
    client.post(base + "manage/sort/", {"point": numbers, "topic": made.pk})
    answered = client.post(base + "manage/publish/", follow=True)
    assert "stand in the plan" in answered.content.decode()
    page = Client().get(base)
    check(page, base)
    assert "about 5" in page.content.decode()
    table = list(csv.DictReader(io.StringIO(Client().get(base + "responses.csv").content.decode())))
    assert [(r["point"], r["decision"], r["why"]) for r in table] == [("Weekends", "taken up", "Y")]
    assert over.plan.pk


def test_no_cell_runs_as_a_formula(held: Consultation, owner: Any, browse: Callable[[Any], Client]) -> None:
    answer(held, "=HYPERLINK(1)")
    body = browse(owner).get(held.module.get_absolute_url() + "manage/answers.csv").content.decode()
    assert "'=HYPERLINK" in body


@pytest.mark.parametrize("path", ["answers/a9/", "answers/%3Cx%3E/", "manage/topics/999999/"])
def test_what_is_not_there(
    held: Consultation, owner: Any, browse: Callable[[Any], Client], path: str
) -> None:
    assert browse(owner).get(held.module.get_absolute_url() + path).status_code == 404


def test_numbers_that_are_none(held: Consultation, owner: Any, browse: Callable[[Any], Client]) -> None:
    data = {"point": ["x" * 36, "'; drop"], "topic": "9" * 40}
    assert browse(owner).post(held.module.get_absolute_url() + "manage/sort/", data).status_code == 404


def test_responses_protect_small_numbers(held: Consultation, owner: Any) -> None:
    over_by_one = answer(held)
    over = end(held)
    topic(over, owner, over_by_one)
    assert response_rows(over) == [], "nothing before it is published"
    PublishAnswers(owner, over.process.workspace, over).run()
    assert response_rows(over)[0]["said_by"] == "fewer than 5"


def test_an_erased_account_leaves_no_text(held: Consultation, person: Any) -> None:
    from isopolis.web.protect.actions import SERVER, EraseAccount

    someone = person("rosa")
    TakePart(someone, held.process.workspace, held.process, "Rosa").run()
    answer(held, "Private words", user=someone, linked=True)
    EraseAccount(SERVER, someone).run()
    assert Point.objects.get().text == ""
    assert not Participant.objects.filter(user__isnull=False).exists()


def test_the_whole_way(held: Consultation, owner: Any) -> None:
    point = answer(held)
    over = end(held)
    row = move(owner, over.plan, "consulted")
    topic(over, owner, point)
    PublishAnswers(owner, row.home, over).run()
    row = move(owner, now(row), "final")
    PublishPlan(owner, row.home, row=now(row)).run()
    page = Client().get(now(row).public_url()).content.decode()
    assert "Saturdays only" in page
