"""Calendars, read back by a parser that is not ours (icalendar)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from isopolis.act.partnership import calendar_of, read_book
from isopolis.act.partnership.ical import fold
from isopolis.act.partnership.meetings import Meeting
from isopolis.content import read

STAMP = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
# what a line of text may hold; the others are not allowed in a calendar (RFC 5545, section 3.3.11)
texts = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=120).filter(str.strip)


def made(**more: object) -> Meeting:
    return Meeting.model_validate({"key": "m", "title": "M", "day": "2025-03-30"} | more)


def events(*meetings: Meeting, **more: object) -> list:
    text = calendar_of(meetings, "Cities", "example.org", STAMP, **more)  # type: ignore[arg-type]
    assert text.isascii() or text.encode()
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert text.endswith("END:VCALENDAR\r\n")
    return list(Calendar.from_ical(text).walk("VEVENT"))


@given(texts, texts, st.lists(texts, max_size=3))
def test_every_text_comes_back_as_it_was(title: str, where: str, agenda: list[str]) -> None:
    one = made(title=title, where=where, agenda=[{"title": a} for a in agenda])
    (event,) = events(one)
    assert str(event["SUMMARY"]) == one.title["en"]
    if one.where:
        assert str(event["LOCATION"]) == one.where
    for point in one.agenda:
        assert point.title in str(event["DESCRIPTION"])


ZONES = ["Europe/Rome", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "UTC"]


@given(
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    st.sampled_from(ZONES),
)
def test_moments_are_those_of_the_zone(day: date, at: time, zone: str) -> None:
    (event,) = events(made(day=day.isoformat(), starts=at.isoformat("minutes"), zone=zone))
    assert event.decoded("DTSTART") == datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)
    assert event.decoded("DTEND") > event.decoded("DTSTART")


def test_summer_time_by_hand() -> None:
    """On 30 March 2025 clocks in Rome went forward: 09:00 was 07:00 UTC, the day before it was 08:00."""
    (before,) = events(made(day="2025-03-29", starts="09:00", ends="10:30", zone="Europe/Rome"))
    (after,) = events(made(day="2025-03-30", starts="09:00", ends="10:30", zone="Europe/Rome"))
    assert (before.decoded("DTSTART").hour, after.decoded("DTSTART").hour) == (8, 7)
    assert after.decoded("DTEND").minute == 30


def test_days_without_time_are_whole_days_and_end_the_day_after() -> None:
    (event,) = events(made(day="2025-11-27", until="2025-11-28"))
    assert event.decoded("DTSTART") == date(2025, 11, 27)
    assert event.decoded("DTEND") == date(2025, 11, 29)


def test_a_moved_or_renamed_meeting_keeps_its_name_in_the_world() -> None:
    (one,) = events(made())
    (two,) = events(made(title="Other", day="2026-01-01", revision=3, cancelled=True))
    assert one["UID"] == two["UID"] == "m@example.org"
    assert (int(one["SEQUENCE"]), int(two["SEQUENCE"])) == (0, 3)
    assert str(two["STATUS"]) == "CANCELLED"


def test_what_is_known_to_the_month_only_is_not_in_a_calendar() -> None:
    assert events(made(day="2025-03"), made(day="2025")) == []


def test_a_text_cannot_add_lines_of_its_own() -> None:
    (event,) = events(made(title="x\r\nATTACH:http://example.org/evil", text="a\nEND:VEVENT\nBEGIN:VALARM"))
    assert "ATTACH" not in event
    assert "\n" in str(event["DESCRIPTION"])


def test_a_stamp_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        calendar_of([made()], "x", "example.org", datetime(2026, 1, 1))


@given(st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=400))
def test_folded_lines_unfold_to_what_they_were(text: str) -> None:
    folded = fold(text)
    assert folded.replace("\r\n ", "") == text
    assert all(len(piece.encode()) <= 75 for piece in folded.split("\r\n"))


def test_the_shipped_meetings_make_a_calendar() -> None:
    file = "partnership/cities_of_equality.yaml"
    found = events(*read_book(read(file), file).of("meeting"), page="https://example.org/m/{key}/")
    assert {str(e["UID"]) for e in found} == {"kick-off-2024@example.org", "paris-2025@example.org"}
    assert str(found[0]["URL"]) == "https://example.org/m/kick-off-2024/"
