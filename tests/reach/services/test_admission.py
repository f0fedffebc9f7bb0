"""Barriers of services: three answers, never two."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopolis.model import NO, UNKNOWN, YES, CallError, Places
from isopolis.reach.measures import NOT_LOCATED, REACHED
from isopolis.reach.services import Asked, admits, all_of, digital

NAN = float("nan")
ANSWERS = st.sampled_from([YES, NO, UNKNOWN])


def clinics(**columns) -> Places:
    many = len(next(iter(columns.values())))
    names = np.array([f"c{i}" for i in range(many)], dtype=object)
    return Places("clinic", names, names, np.zeros(many), np.zeros(many), **columns)


def kleene(answers) -> int:
    if NO in answers:
        return NO
    return UNKNOWN if UNKNOWN in answers else YES


def test_and_of_three_values_is_kleenes() -> None:
    for answers in product((YES, NO, UNKNOWN), repeat=3):
        assert all_of(*([a] for a in answers)).tolist() == [kleene(answers)]
    assert all_of([YES, UNKNOWN], [[YES, NO], [YES, NO]]).tolist() == [[YES, NO], [UNKNOWN, NO]]


@given(st.lists(st.tuples(ANSWERS, ANSWERS), min_size=1, max_size=8), st.integers(0, 7), ANSWERS)
def test_knowing_more_never_widens_the_bounds(both, at: int, answer: int) -> None:
    steps, hours = (np.array(x, dtype=np.int8) for x in zip(*both, strict=True))
    asked = Asked.at("Tuesday", "17:30", step_free=True)
    before = admits(clinics(step_free=steps), asked, open_at=hours)
    assert (before.pessimistic <= before.optimistic).all()
    at %= len(steps)
    if steps[at] != UNKNOWN:
        return
    steps[at] = answer
    after = admits(clinics(step_free=steps), asked, open_at=hours)
    assert (before.pessimistic <= after.pessimistic).all()
    assert (after.optimistic <= before.optimistic).all()


def test_every_barrier_by_hand() -> None:
    places = clinics(
        step_free=np.array([YES, NO, UNKNOWN, YES]),
        fee=np.array([0.0, 5.0, NAN, 5.01]),
        capacity=np.array([10.0, 0.0, NAN, 3.0]),
        booking=np.array(["none", "online_only", "", "phone"], dtype=object),
        languages=np.array([("pt", "UK"), ("en",), (), ("pt",)], dtype=object),
    )
    asked = Asked(
        weekday=1, minute=17 * 60, step_free=True, fee_limit=5, languages=("uk",), offline=True, capacity=3,
        groups=("a", "b"),
    )  # fmt: skip
    found = admits(places, asked, open_at=[YES, NO, UNKNOWN, YES], eligible=[[1, 0], [1, 1], [-1, 1], [1, 1]])
    by = {b.code: b.answer.tolist() for b in found.barriers}
    assert by["fee"] == [YES, YES, UNKNOWN, NO]
    assert by["capacity"] == [YES, NO, UNKNOWN, YES]
    assert by["booking"] == [YES, NO, UNKNOWN, YES]
    assert by["language"] == [YES, NO, UNKNOWN, NO]
    assert by["hours"] == [YES, NO, UNKNOWN, YES]
    assert found.answer.tolist() == [[YES, NO], [NO, NO], [UNKNOWN, UNKNOWN], [NO, NO]]
    assert found.pessimistic[:, 0].tolist() == [True, False, False, False]
    assert found.optimistic[:, 1].tolist() == [False, False, True, False]
    assert found.only_because("eligibility", 1).tolist() == [True, False, False, False]
    assert (found.barriers[-1].refused(1), found.barriers[-1].unknown(0)) == (1, 1)


@pytest.mark.parametrize(
    ("spoken", "asked", "answer"),
    [
        (("pt-BR",), "pt", YES),
        (("pt",), "pt-br", YES),
        (("pt-BR",), "pt-pt", NO),
        (("eng", "fra"), "en", YES),
        (("de",), "deu", YES),
        (("ger",), "DEU", YES),
        (("sgn-de",), "sgn-fr", NO),
        (("en",), "e", NO),
        (("por-br",), "pt", YES),
    ],
)
def test_codes_of_one_language_are_one_language(spoken: tuple[str, ...], asked: str, answer: int) -> None:
    languages = np.empty(1, dtype=object)
    languages[0] = spoken
    assert admits(clinics(languages=languages), Asked(languages=(asked,))).answer.tolist() == [answer]


def test_it_is_said_as_people_say_it() -> None:
    steps = np.array([YES] * 8 + [NO] * 2 + [YES] * 2)
    hours = [YES] * 3 + [UNKNOWN] * 4 + [YES] * 3 + [NO] * 2
    hours[9] = NO
    found = admits(clinics(step_free=steps), Asked.at("sat", "9:05", step_free=True), open_at=hours)
    assert found.said() == (
        "Of 12 places, 4 admit, 3 are closed at that hour and 2 have steps; of 4 nobody knows."
    )
    assert found.asked.when() == "Saturday, 09:05"
    assert admits(clinics(step_free=steps), Asked()).said() == "Of 12 places, all admit."
    one = admits(clinics(step_free=[NO]), Asked(step_free=True))
    assert one.said() == "Of 1 place, 0 admit and 1 has steps."


def test_hours_that_nobody_gave_are_not_known() -> None:
    found = admits(clinics(step_free=[YES]), Asked.at("Mo", "08:00", groups=("women",)))
    assert found.answer.tolist() == [[UNKNOWN]]


@pytest.mark.parametrize(
    "call",
    [
        lambda: Asked(weekday=1),
        lambda: Asked(weekday=7, minute=0),
        lambda: Asked(weekday=0, minute=1440),
        lambda: Asked(fee_limit=-1),
        lambda: Asked(fee_limit=NAN),
        lambda: Asked.at("T", "09:00"),
        lambda: Asked.at("noday", "09:00"),
        lambda: Asked.at("Monday", "9"),
        lambda: Asked.at("Monday", "24:00"),
        lambda: admits(clinics(step_free=[1]), Asked.at("Mo", "09:00"), open_at=[1, 1]),
        lambda: admits(clinics(step_free=[1]), Asked.at("Mo", "09:00"), open_at=[3]),
        lambda: admits(clinics(step_free=[1]), Asked(groups=("a",)), eligible=[[1, 1]]),
        lambda: admits(clinics(step_free=[1]), Asked()).only_because("fee"),
    ],
)
def test_wrong_questions_are_refused(call) -> None:
    with pytest.raises(CallError):
        call()


def test_digital_access_by_hand() -> None:
    found = digital([0.7, 0.7, NAN, NAN, 0.7, 1.0], [5, 11, 5, -1, 5, -1], 10, attached=[1, 1, 1, 1, 0, 0])
    assert found.helped.values.tolist() == pytest.approx([1, 0.7, 1, 0, 0, 1])
    assert found.helped.state.tolist() == [REACHED] * 3 + [NOT_LOCATED] * 2 + [REACHED]
    assert found.left_out.values.tolist() == pytest.approx([0, 0.3, 0, 0, 0, 0])
    assert found.online.state.tolist() == [REACHED] * 2 + [NOT_LOCATED] * 2 + [REACHED] * 2
    assert (found.helped.better, found.left_out.better) == ("more", "less")
