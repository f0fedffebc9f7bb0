"""Consultations: what was published stays as it was, and what it does to the plan."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from isopolis.web.modules.actions import TakePart
from isopolis.web.modules.consultation.actions import OpenConsultation, WithdrawPoint
from isopolis.web.modules.consultation.models import Consultation, Point
from isopolis.web.modules.consultation.responses import (
    EnterOffline,
    PublishAnswers,
    PutUnder,
    WriteTopic,
    open_points,
    unanswered,
)
from isopolis.web.plans.actions import AddAction, EditAction
from isopolis.web.plans.standing import facts
from isopolis.web.protect.actions import SERVER, EraseAccount

from . import test_consultation
from .test_consultation import answer, end, midnight, topic
from .test_plans import FIELDS, move, now

held = test_consultation.held
row = test_consultation.row


def seen(held: Consultation) -> tuple[str, str]:
    base = held.module.get_absolute_url()
    page = Client().get(base).content.decode()
    return page[page.find("What people said, and") : page.find("What it is about")], Client().get(
        base + "responses.csv"
    ).content.decode()


def again(held: Consultation) -> Consultation:
    return Consultation.objects.get(pk=held.pk)


# -- what is public stays ------------------------------------------------------------------------------
def test_what_was_published_stays_until_it_is_published_again(
    held: Consultation, owner: Any, person: Any
) -> None:
    city, rosa = held.process.workspace, person("rosa")
    TakePart(rosa, city, held.process, "Rosa").run()
    points = [answer(held, f"{n}", "for") for n in range(4)]
    points.append(answer(held, "mine", "for", user=rosa, linked=True))
    over = end(held)
    made = topic(over, owner, *points)
    PublishAnswers(owner, city, over).run()
    before = seen(over)
    assert "about 5" in before[0]
    assert "<td>5</td>" in before[0]
    # one of five takes it back: the count must not tell whose it was
    WithdrawPoint(rosa, city, Point.objects.get(pk=points[-1].pk)).run()
    assert seen(over) == before
    # neither words that nobody has decided to publish, nor counts of a phase that is open again
    changed = {"summary": "Other words", "action": "a1", "decision": "taken_up", "why": "Changed"}
    WriteTopic(owner, city, again(over), made, changed).run()
    topic(again(over), owner, summary="Written later")
    over.module.phase_set.filter(kind="answer").update(ends_at=timezone.now() + timedelta(hours=1))
    for n in range(9):
        answer(again(over), f"late {n}", "against")
    assert seen(over) == before
    end(again(over))
    PutUnder(owner, city, again(over), made, list(unanswered(again(over)))).run()
    PublishAnswers(owner, city, again(over)).run()
    page, table = seen(over)
    assert "Written later" in page
    assert "Other words" in table
    assert "<td>10</td>" in page


def test_an_answer_counts_once_everybody_can_read_it(held: Consultation, owner: Any) -> None:
    first, over = answer(held), end(held)
    city = held.process.workspace
    topic(over, owner, first)
    PublishAnswers(owner, city, over).run()
    letter = EnterOffline(owner, city, over, text="By letter", action="a1", channel="mail").run()
    topic(over, owner, letter, summary="What the letter said")
    assert not unanswered(again(over)).exists()
    assert open_points(again(over)) == {"a1": 1}
    PublishAnswers(owner, city, again(over)).run()
    assert open_points(again(over)) == {}


# -- the plan ---------------------------------------------------------------------------------------
def answers(held: Consultation) -> list[tuple[str, str]]:
    return [(r.point, r.why) for r in now(held.plan).plan.actions[0].responses]


def test_answers_of_earlier_consultations_and_of_hands_stay(held: Consultation, owner: Any) -> None:
    city, over = held.process.workspace, end(held)
    byhand = [{"point": "Said at the market", "raised_by": 3, "decision": "taken_up", "why": "Good"}]
    EditAction(owner, city, row=now(held.plan), name="a1", fields={"responses": byhand}).run()
    made = topic(over, owner, answer_late(owner, over))
    PublishAnswers(owner, city, over).run()
    assert answers(over) == [("Open on weekends", "Saturdays only"), ("Said at the market", "Good")]
    # the same topic in other words takes the place of the one that stood there
    fields = {"summary": "Open on Saturdays", "action": "a1", "decision": "taken_up", "why": "Yes"}
    WriteTopic(owner, city, over, made, fields).run()
    PublishAnswers(owner, city, again(over)).run()
    assert answers(over) == [("Open on Saturdays", "Yes"), ("Said at the market", "Good")]
    start = midnight()
    opening = (owner, city, "Again", "consultation", start, now(held.plan), "D", start + timedelta(days=42))
    module = OpenConsultation(*opening).run().module_set.get()
    second = end(Consultation.objects.get(module=module))
    topic(second, owner, answer_late(owner, second), summary="Open at night", why="No")
    PublishAnswers(owner, city, second).run()
    assert answers(over) == [
        ("Open on Saturdays", "Yes"),
        ("Open at night", "No"),
        ("Said at the market", "Good"),
    ]
    kept = now(held.plan).plan.actions[0].responses
    assert [r.raised_by for r in kept] == [None, None, 3]


def answer_late(owner: Any, held: Consultation) -> Point:
    city = held.process.workspace
    return EnterOffline(owner, city, held, text="On a card", action="a1", channel="paper").run()


def test_an_action_that_nobody_was_asked_about_is_not_consulted_on(held: Consultation, owner: Any) -> None:
    home = held.plan.home
    AddAction(owner, home, row=now(held.plan), fields=FIELDS | {"title": "Added later"}).run()
    over = end(held)
    row = now(over.plan)
    assert facts(row).consulted
    assert facts(row).asked == {"a1"}
    move(owner, row, "consulted")
    from isopolis.web.plans.actions import moving

    moving("draft")(owner, home, row=now(row), name="a2", to="draft").run()
    with pytest.raises(ValidationError, match="not asked about this action"):
        moving("consulted")(owner, home, row=now(row), name="a2", to="consulted").run()


# -- topics and what is left ---------------------------------------------------------------------
def test_a_topic_with_answers_keeps_its_action(held: Consultation, owner: Any) -> None:
    city = held.process.workspace
    made = topic(held, owner, answer(held, "x", action=""), action="")
    fields = {"summary": "Whole", "action": "a1", "decision": "", "why": ""}
    with pytest.raises(ValidationError, match="another action"):
        WriteTopic(owner, city, held, made, fields).run()
    PutUnder(owner, city, held, None, list(made.points.all())).run()
    PutUnder(owner, city, held, made, [answer(held, "y")]).run()
    assert WriteTopic(owner, city, held, made, fields).run().action == "a1"


def test_an_erased_account_leaves_nothing_to_answer(held: Consultation, owner: Any, person: Any) -> None:
    rosa, city = person("rosa"), held.process.workspace
    TakePart(rosa, city, held.process, "Rosa").run()
    answer(held, "Private words", "for", user=rosa, linked=True)
    assert open_points(held) == {"a1": 1}
    EraseAccount(SERVER, rosa).run()
    over = end(held)
    assert (list(unanswered(over)), open_points(over)) == ([], {})
    PublishAnswers(owner, city, over).run()
    assert again(over).published == {"responses": [], "tallies": {}}


def test_the_officer_is_shown_nothing_empty(
    held: Consultation, owner: Any, person: Any, browse: Callable[[Any], Client]
) -> None:
    rosa, city = person("rosa"), held.process.workspace
    TakePart(rosa, city, held.process, "Rosa").run()
    answer(held, "Private words", user=rosa, linked=True)
    EraseAccount(SERVER, rosa).run()
    page = browse(owner).get(held.module.get_absolute_url() + "manage/points/").content.decode()
    assert "Nothing is left." in page
