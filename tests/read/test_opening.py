"""Opening hours: hand values, a plain minute-by-minute twin, and texts that nobody can read."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isopolis.model import NO, UNKNOWN, YES, CallError, Problems
from isopolis.read.opening import minutes_open, moment_of, open_at

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


@pytest.mark.parametrize(
    ("text", "moment", "answer"),
    [
        ("Mo-Fr 08:00-18:00", "Mo 08:00", YES),
        ("Mo-Fr 08:00-18:00", "Mo 07:59", NO),
        ("Mo-Fr 08:00-18:00", "Mo 18:00", NO),  # the end is without
        ("Mo-Fr 08:00-18:00", "Sa 12:00", NO),
        ("Fr 22:00-06:00", "Sa 05:59", YES),
        ("24/7", "Su 03:00", YES),
        ("off", "Su 03:00", NO),
        ("Mo 08:00-10:00 unknown", "Mo 09:00", UNKNOWN),
        ("", "Mo 09:00", UNKNOWN),
        ("n/a", "Mo 09:00", UNKNOWN),
        ("8 to 6 on workdays", "Mo 09:00", UNKNOWN),
    ],
)
def test_open_or_not_or_not_known(text: str, moment: str, answer: int) -> None:
    assert open_at([text], moment).tolist() == [answer]


def test_a_text_that_cannot_be_read_is_said_once_with_its_number() -> None:
    problems = Problems()
    found = open_at(["8 to 6", "Mo 08:00-10:00", "8 to 6", ""], datetime(2025, 3, 3, 9), problems=problems)
    assert found.tolist() == [UNKNOWN, YES, UNKNOWN, UNKNOWN]
    (problem,) = problems
    assert (problem.code, problem.count, problem.value, problem.fatal) == (
        "bad-opening-hours",
        2,
        "8 to 6",
        False,
    )


def test_holidays_need_a_country() -> None:
    labour_day = datetime(2025, 5, 1, 10)  # a Thursday
    assert open_at(["Mo-Fr 08:00-18:00; PH off"], labour_day, country="ES").tolist() == [NO]
    assert open_at(["Mo-Fr 08:00-18:00; PH off"], labour_day).tolist() == [YES]


@pytest.mark.parametrize("country", ["BG", "GR", "CY", "AD", "PT", "DE", "IE", "MT", "HU", "BR", "US"])
def test_a_weekday_is_no_holiday_anywhere(country: str) -> None:
    moments = [f"{day} 12:00" for day in DAYS]
    answers = [open_at(["PH 00:00-24:00"], m, country=country).tolist() for m in moments]
    assert answers == [[NO]] * 7


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 6),
    st.integers(0, 22 * 60),
    st.integers(1, 119),
    st.integers(0, 7 * 1440 - 1),
    st.integers(0, 3000),
)
def test_minutes_equal_counting_them_one_by_one(
    day: int, opens: int, span: int, start: int, window: int
) -> None:
    def clock(m: int) -> str:
        return f"{m // 60:02d}:{m % 60:02d}"

    text = f"{DAYS[day]} {clock(opens)}-{clock(opens + span)}"
    week = datetime(2025, 3, 3)
    first = week + timedelta(minutes=start)
    slow = sum(
        day * 1440 + opens <= (start + k) % (7 * 1440) < day * 1440 + opens + span for k in range(window)
    )
    found = minutes_open([text, "?!", ""], (first, first + timedelta(minutes=window)))
    assert found.tolist() == [[slow, slow], [0, window], [0, window]]


def test_least_and_most_differ_where_hours_are_not_known() -> None:
    window = (datetime(2025, 3, 3, 6), datetime(2025, 3, 3, 20))
    assert minutes_open(["Mo 08:00-10:00, Mo 12:00-13:00 unknown"], window).tolist() == [[120.0, 180.0]]


def test_moments() -> None:
    assert moment_of("tuesday 18:30").strftime("%a %H:%M") == "Tue 18:30"
    assert moment_of("Su 00:00").weekday() == 6
    assert moment_of("2026-01-02T03:04") == datetime(2026, 1, 2, 3, 4)
    for bad in ("T 18:00", "xx 18:00", "Mo 25:00", "now", ""):
        with pytest.raises(CallError, match="no moment"):
            moment_of(bad)
    with pytest.raises(CallError, match="end after"):
        minutes_open(["24/7"], (datetime(2025, 3, 4), datetime(2025, 3, 3)))


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opening_hours", None)
    with pytest.raises(CallError, match=r"pip install 'isopolis\[hours\]'"):
        open_at(["24/7"], "Mo 09:00")


def test_no_places() -> None:
    assert open_at([], "Mo 09:00").shape == (0,)
    assert minutes_open([], (datetime(2025, 3, 3), datetime(2025, 3, 4))).shape == (0, 2)
    assert open_at(np.array([], dtype=object), "Mo 09:00").dtype == np.int8
