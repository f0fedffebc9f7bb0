"""Exchanges: pre-check from what is planned, lessons up to an indicator, reminders at a given day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopolis.act import exchange, rules
from isopolis.act.exchange import (
    Dated,
    Exchange,
    Lesson,
    Peer,
    Reading,
    Visit,
    add_months,
    due,
    effect,
    facts_of,
    months_between,
    precheck,
    without_change,
)
from isopolis.model import CallError, DataError

START = date(2026, 1, 10)
CITY = exchange.shipped("eui_city_to_city")
REVIEW = exchange.shipped("eui_peer_review")
STATED = {
    "applicant_type": "city", "applicant_country": "IT", "applicant_degurba": 1, "applicant_stakeholders": 2,
    "peer_stakeholders": 1, "urban_strategy_challenge": True, "call_open": True, "visits_justified": True,
    "accelerator": True,
}  # fmt: skip
PEER = Peer("Exampleville", "FR", 2)


def planned(**more: Any) -> Exchange:
    given_ = {
        "peers": (PEER,),
        "visits": (Visit(date(2026, 2, 1), date(2026, 2, 3)), Visit(date(2026, 6, 28), date(2026, 7, 1))),
        "stated": STATED,
    }
    return Exchange("Example, not a real place", CITY, START, **(given_ | more))


def answer(made: Exchange, rule: str = "") -> str:
    verdict = precheck(made, START)
    assert verdict is not None
    return str(verdict.of(rule).answer if rule else verdict.answer)


# -- the pre-check ------------------------------------------------------------------------------------
def test_a_plan_that_may_be_handed_in() -> None:
    assert answer(planned()) == "yes"


def test_three_visits_in_five_months_are_enforced() -> None:
    last = date(2026, 7, 1)
    assert answer(planned(), "months") == "yes", "1 February to 1 July"
    late = (Visit(date(2026, 2, 1), date(2026, 2, 3)), Visit(last, last + timedelta(days=1)))
    assert answer(planned(visits=late), "months") == "no", "one day more"
    four = tuple(Visit(date(2026, 2, d), date(2026, 2, d)) for d in range(1, 5))
    assert answer(planned(visits=four), "visits") == "no"


def test_what_is_planned_goes_over_what_is_stated() -> None:
    lied = planned(stated=STATED | {"visits": 1, "months": 1, "peer_country": "ES", "peers": 1})
    assert facts_of(lied)["visits"] == 2
    assert facts_of(lied)["peer_country"] == "FR"


def test_nothing_planned_is_not_known_and_never_a_no() -> None:
    empty = Exchange("Example", CITY, START)
    verdict = precheck(empty, START)
    assert verdict is not None
    assert {str(v.answer) for v in verdict.rules} == {"unknown"}
    assert str(verdict.answer) == "unknown"


@pytest.mark.parametrize(
    ("peers", "rule", "wanted"),
    [
        ((Peer("A", "IT", 1),), "different_states", "no"),
        ((Peer("A", "", 1),), "different_states", "unknown"),
        ((Peer("A", "FR", 3),), "peer_urban", "unknown"),
        ((Peer("A", "FR", 3, False),), "peer_urban", "no"),
        ((Peer("A", "FR", 3, True),), "peer_urban", "yes"),
        ((PEER, Peer("B", "IT", 1)), "second_peer_abroad", "no"),
        ((PEER, Peer("B", "ES", 3, False)), "second_peer_urban", "no"),
        ((PEER, Peer("B", "ES", 1)), "second_peer_reason", "unknown"),
        ((PEER, PEER, PEER), "one_or_two_peers", "no"),
    ],
)
def test_peers(peers: tuple[Peer, ...], rule: str, wanted: str) -> None:
    assert answer(planned(peers=peers), rule) == wanted


def test_a_peer_review_from_its_plan() -> None:
    peers = tuple(Peer(f"P{i}", "FR", 1 + i % 2, persons=2) for i in range(6))
    made = Exchange(
        "Example", REVIEW, START, ("a", "b", "c"), peers, (Visit(date(2026, 6, 1), date(2026, 6, 2)),),
        tuple(Dated(s.id, START) for s in REVIEW.steps),
        stated={
            "article11_city": True, "part_of_wider_strategy": False, "representatives": 4, "experts": 2,
            "months": 11,
            "representatives_on_strategy": True, "form_applicant": True, "form_challenges": True,
            "form_endorsement": True,
        },
    )  # fmt: skip
    assert answer(made) == "yes"
    assert answer(replace(made, questions=("a", "b", "")), "guiding_questions") == "no"
    assert answer(replace(made, steps=made.steps[:3]), "five_steps") == "unknown", (
        "what has no date is not known"
    )
    assert answer(replace(made, peers=(*peers, PEER)), "peer_cities") == "no"
    three = (replace(peers[0], persons=3), *(replace(p, persons=None) for p in peers[1:]))
    assert answer(replace(made, peers=three), "persons_of_a_city") == "no"
    open_ = (replace(peers[0], persons=1), *(replace(p, persons=None) for p in peers[1:]))
    assert answer(replace(made, peers=open_), "persons_of_a_city") == "unknown"


def test_an_exchange_without_programme_has_no_rules() -> None:
    assert precheck(Exchange("Example", exchange.shipped("free_exchange"), START), START) is None


def test_a_stated_fact_of_another_type_is_refused() -> None:
    with pytest.raises(DataError):
        precheck(planned(stated={"applicant_stakeholders": "two"}), START)


# -- months -------------------------------------------------------------------------------------------
@given(st.dates(date(2000, 1, 1), date(2060, 1, 1)), st.integers(0, 40))
def test_so_many_months_later_is_so_many_months(day: date, months: int) -> None:
    later = add_months(day, months)
    assert months_between(day, later) <= months
    if later.day == day.day:
        assert months_between(day, later) == months
        assert months_between(day, later + timedelta(days=1)) > months


def test_the_end_of_february() -> None:
    assert add_months(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert add_months(date(2027, 8, 31), 6) == date(2028, 2, 29)


# -- lessons ------------------------------------------------------------------------------------------
SAME = ("dissimilarity", "birthplace=abroad", "city", "district")
BEFORE = Reading(
    "diagnosis 1, finding 3", "Dissimilarity of those born abroad", SAME, "2024", 0.40, 0.38, 0.42
)
AFTER = replace(BEFORE, ref="diagnosis 9, finding 3", day="2027", value=0.35, low=0.33, high=0.37)
LEARNT = date(2026, 7, 1)


def lesson(**more: Any) -> Lesson:
    return Lesson("Open the waiting list", LEARNT, **more)


def test_the_way_of_a_lesson() -> None:
    changed = lesson(change="The list is open", changed=date(2026, 9, 1))
    assert effect(lesson()).state == "open"
    assert effect(changed).state == "changed"
    assert effect(replace(changed, before=BEFORE)).state == "changed"
    whole = effect(replace(changed, before=BEFORE, after=AFTER))
    assert whole.state == "measured"
    assert whole.difference == pytest.approx(-0.05)
    assert "0.4 (2024), 0.35 (2027)" in whole.says
    assert "do not overlap" in whole.says


@pytest.mark.parametrize(
    ("after", "says"),
    [
        (replace(AFTER, measures=("isolation", *SAME[1:])), "do not measure the same"),
        (replace(AFTER, value=None), "has no value"),
        (replace(AFTER, day="2024"), "same date"),
    ],
)
def test_what_is_not_the_same_is_not_compared(after: Reading, says: str) -> None:
    found = effect(lesson(change="x", changed=LEARNT, before=BEFORE, after=after))
    assert found.state == "refused"
    assert found.difference is None
    assert says in found.says


def test_chance_is_named() -> None:
    near = replace(AFTER, value=0.39, low=0.37, high=0.41)
    assert "may be chance" in effect(lesson(change="x", changed=LEARNT, before=BEFORE, after=near)).says
    bare = replace(AFTER, low=None, high=None)
    assert "Without intervals" in effect(lesson(change="x", changed=LEARNT, before=BEFORE, after=bare)).says


def test_lessons_that_cannot_be() -> None:
    for wrong in (
        {"change": "x"},
        {"changed": LEARNT},
        {"change": "x", "changed": LEARNT - timedelta(days=1)},
        {"before": BEFORE},
    ):
        with pytest.raises(ValueError, match="change"):
            lesson(**wrong)
    with pytest.raises(ValueError, match="ends"):
        Visit(START, START - timedelta(days=1))


# -- reminders ----------------------------------------------------------------------------------------
def keys(made: Exchange, now: date) -> list[tuple[str, bool]]:
    return [(r.key.split(":")[0], r.overdue) for r in due(made, now)]


def test_steps_are_reminded_of_a_fortnight_before_until_they_are_done() -> None:
    day = date(2026, 3, 20)
    made = planned(visits=(), steps=(Dated("application", day),))
    assert keys(made, day - timedelta(days=15)) == []
    assert keys(made, day - timedelta(days=14)) == [("step", False)]
    assert keys(made, day) == [("step", False)]
    assert keys(made, day + timedelta(days=1)) == [("step", True)]
    assert keys(planned(visits=(), steps=(Dated("application", day, day),)), day) == []
    assert keys(replace(made, closed=day, lessons=(lesson(),)), day) == []


def test_lessons_are_asked_for_after_the_end() -> None:
    made = planned()
    asked = add_months(date(2026, 7, 1), 1)
    assert ("lessons", False) in keys(made, asked)
    assert ("lessons", False) not in keys(replace(made, lessons=(lesson(),)), asked)


def test_a_lesson_without_change_and_a_change_without_indicator() -> None:
    made = planned(visits=(), lessons=(lesson(),))
    half = add_months(LEARNT, 6)
    assert keys(made, half - timedelta(days=15)) == []
    assert keys(made, half) == [("lesson", False)]
    changed = planned(visits=(), lessons=(lesson(change="x", changed=date(2026, 9, 1)),))
    assert keys(changed, date(2027, 9, 1)) == [("lesson", False)]
    measured = lesson(change="x", changed=date(2026, 9, 1), before=BEFORE, after=AFTER)
    assert keys(planned(visits=(), lessons=(measured,)), date(2030, 1, 1)) == []


@given(st.integers(0, 800))
def test_the_report_lists_what_changed_nothing_in_twelve_months(days: int) -> None:
    ended = date(2026, 7, 1)
    now = ended + timedelta(days=days)
    made = planned()
    assert (without_change([made], now) == (made,)) is (now >= date(2027, 7, 1))
    changed = replace(made, lessons=(lesson(change="x", changed=date(2026, 9, 1)),))
    assert without_change([changed], now) == ()
    learnt = replace(made, lessons=(lesson(),))
    assert without_change([learnt, changed, made], date(2028, 1, 1)) == (learnt, made)
    assert without_change([Exchange("Not begun", CITY, START)], date(2040, 1, 1)) == ()


def test_a_reminder_has_the_same_key_every_day() -> None:
    made = planned(steps=(Dated("application", date(2026, 3, 20)),))
    one, two = (
        {r.key for r in due(made, date(2026, 3, 20) + timedelta(days=d)) if r.key.startswith("step")}
        for d in (0, 40)
    )
    assert one == two


# -- workflows as data --------------------------------------------------------------------------------
@pytest.mark.parametrize("name", exchange.shipped_names())
def test_shipped_workflows(name: str) -> None:
    made = exchange.shipped(name)
    assert made.id == name
    if made.rules:
        assert rules.shipped(made.rules)
        told = facts_of(Exchange("x", made, START, ("q",), (PEER,), (Visit(START, START),)))
        assert set(told) <= set(rules.shipped(made.rules).fields)


def test_a_workflow_that_cannot_be_is_refused() -> None:
    plain = {
        "id": "x", "title": "X", "rules": "eui_peer_review", "form": "no_form", "peers": 0, "visits": 1,
        "months": 1, "questions": 1, "stepz": 1, "steps": [{"id": "a", "title": "A", "fact": "step_scop"}],
    }  # fmt: skip
    with pytest.raises(DataError) as error:
        exchange.read_workflow(plain, "x.yaml")
    said = str(error.value)
    for part in ("no such frame", "peers", "step_scope", '"stepz" is unknown'):
        assert part in said
    with pytest.raises(CallError, match="no workflow"):
        exchange.shipped("eui")
