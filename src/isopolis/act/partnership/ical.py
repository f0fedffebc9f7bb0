"""Meetings as a calendar that any calendar program can follow (RFC 5545).

Moments are written in UTC, which needs no table of time zones in the file and cannot be misread;
a meeting of which only the day is known is an event of whole days.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from .base import said
from .meetings import Meeting
from .when import first_day, is_exact, last_day

__all__ = ["calendar_of", "fold"]

LINE = 75
"""Most octets in a line without its end (RFC 5545, section 3.1)."""


def calendar_of(
    meetings: Iterable[Meeting],
    name: str,
    domain: str,
    stamp: datetime,
    language: str = "en",
    *,
    page: str = "",
) -> str:
    """Write meetings as one calendar.

    Parameters
    ----------
    meetings : iterable of Meeting
        Those whose reader may read them all; a meeting known only to the month or year is left out.
    name : str
        Name of the calendar.
    domain : str
        Makes the events' names unique in the world: ``equality.example.org``. A meeting keeps its name
        when it is moved or renamed, so that calendars move it instead of showing it twice.
    stamp : datetime
        Now, with a time zone.
    language : str
        Code of the language of titles.
    page : str
        Address of a meeting's page with ``{key}`` in it; none when empty.
    """
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Isopolis//Partnership//EN", "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH", f"NAME:{_text(name)}", f"X-WR-CALNAME:{_text(name)}",
    ]  # fmt: skip
    for meeting in meetings:
        if is_exact(meeting.day):
            lines += _event(meeting, domain, stamp, language, page)
    lines.append("END:VCALENDAR")
    return "".join(f"{fold(line)}\r\n" for line in lines)


def _event(meeting: Meeting, domain: str, stamp: datetime, language: str, page: str) -> Iterator[str]:
    title, code = said(meeting.title, language)
    yield "BEGIN:VEVENT"
    yield f"UID:{meeting.key}@{domain}"
    yield f"DTSTAMP:{_moment(stamp)}"
    yield f"SEQUENCE:{meeting.revision}"
    yield from _times(meeting)
    yield f"SUMMARY;LANGUAGE={code}:{_text(title)}"
    if meeting.where:
        yield f"LOCATION:{_text(meeting.where)}"
    about = "\n".join(
        filter(None, [meeting.text, *(f"{n}. {a.title}" for n, a in enumerate(meeting.agenda, 1))])
    )
    if about:
        yield f"DESCRIPTION:{_text(about)}"
    if page:
        yield f"URL:{page.format(key=meeting.key)}"
    yield f"STATUS:{'CANCELLED' if meeting.cancelled else 'CONFIRMED'}"
    yield "END:VEVENT"


def _times(meeting: Meeting) -> Iterator[str]:
    start, end = meeting.start(), meeting.end()
    if start is not None and end is not None:
        yield f"DTSTART:{_moment(start)}"
        yield f"DTEND:{_moment(end)}"
        return
    # the end of an event of whole days is the day after (section 3.6.1)
    after = last_day(meeting.until or meeting.day) + timedelta(days=1)
    yield f"DTSTART;VALUE=DATE:{first_day(meeting.day):%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{after:%Y%m%d}"


def _moment(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(text: str) -> str:
    """Escape a text value; other control signs than the end of a line are not allowed in one."""
    clean = "".join(c for c in text.replace("\r\n", "\n").replace("\r", "\n") if c in "\n\t" or ord(c) >= 32)
    clean = clean.replace("\x7f", "")
    for sign, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        clean = clean.replace(sign, written)
    return clean


def fold(line: str) -> str:
    """Break a long line into pieces of at most 75 octets, never inside a letter."""
    pieces, piece, size = [], "", 0
    for sign in line:
        octets = len(sign.encode())
        if size + octets > LINE:
            pieces.append(piece)
            piece, size = " ", 1  # the blank that marks a continuation counts
        piece, size = piece + sign, size + octets
    return "\r\n".join([*pieces, piece])
