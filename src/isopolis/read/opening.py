"""Opening hours in the notation of OpenStreetMap: who is open when, for how long.

The notation is described at https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification.
The moment is an argument: nothing here looks at a clock.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import NO, UNKNOWN, YES, CallError, Problems
from isopolis.model.text import phrase, phrases

from .columns import Table
from .numbers import MISSING

__all__ = ["WEEKDAYS", "minutes_open", "moment_of", "open_at", "unreadable"]

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_WEEK = datetime(2025, 4, 7)
"""A Monday in a week without public holidays in any country of Europe, for moments that name only a weekday.

The first week of March has some: Bulgaria, Andorra, and Clean Monday in Greece and Cyprus.
"""


def _rules(text: str, country: str) -> Any:
    """Read one text; None when it says nothing, or nothing that can be read."""
    try:
        import opening_hours
    except ImportError:
        raise CallError(
            "opening hours need a library that is not installed: pip install 'isopolis[hours]'"
        ) from None
    if text.strip().lower() in MISSING:
        return None
    try:
        return opening_hours.OpeningHours(text, country=country or None)
    except opening_hours.ParserError:  # type: ignore[attr-defined]
        return None


def moment_of(text: str) -> datetime:
    """Read a moment: ``2025-03-04T18:00``, or a weekday and a time, ``Tu 18:00``, ``tuesday 18:00``.

    A weekday is one of an ordinary week in spring, without public holidays.

    Raises
    ------
    CallError
        If it is neither.
    """
    found = re.fullmatch(r"\s*([A-Za-z]{2,9})[\s,]+(\d{1,2}):(\d\d)\s*", text)
    if found:
        day = [i for i, name in enumerate(WEEKDAYS) if name.startswith(found[1].lower())]
        if len(day) == 1 and int(found[2]) < 24 and int(found[3]) < 60:
            return _WEEK + timedelta(days=day[0], hours=int(found[2]), minutes=int(found[3]))
    else:
        try:
            return datetime.fromisoformat(text.strip()).replace(tzinfo=None)
        except ValueError:
            pass
    raise CallError(
        f'"{text}" is no moment: write 2025-03-04T18:00, or a weekday and a time as in "Tu 18:00"'
    )


def open_at(
    texts: Sequence[str] | npt.NDArray[np.object_],
    moment: datetime | str,
    *,
    country: str = "",
    problems: Problems | None = None,
) -> npt.NDArray[np.int8]:
    """Say which places are open at a moment.

    Parameters
    ----------
    texts : (P,) sequence of str
        ``Mo-Fr 08:00-18:00``; empty where not known.
    moment : datetime or str
        Local time, or what `moment_of` reads.
    country : str
        Two letters, for rules about public holidays (``PH off``).
    problems : Problems, optional
        Receives a caveat about texts that cannot be read.

    Returns
    -------
    (P,) array of int8
        `YES`, `NO`, or `UNKNOWN` where the text is empty, cannot be read or says itself that
        nobody knows.

    Raises
    ------
    CallError
        If the library is missing (`pip install 'isopolis[hours]'`), or `moment` is no moment.
    """
    when = moment_of(moment) if isinstance(moment, str) else moment.replace(tzinfo=None)
    known: dict[str, int] = {}
    bad: list[str] = []
    for text in map(str, texts):
        if text not in known:
            rules = _rules(text, country)
            known[text] = UNKNOWN if rules is None else _answer(rules, when)
            if rules is None and text.strip().lower() not in MISSING:
                bad.append(text)
    _say(bad, sum(str(t) in set(bad) for t in texts), problems)
    return np.array([known[str(t)] for t in texts], dtype=np.int8)


def _answer(rules: Any, when: datetime) -> int:
    if rules.is_unknown(when):
        return UNKNOWN
    return YES if rules.is_open(when) else NO


def minutes_open(
    texts: Sequence[str] | npt.NDArray[np.object_],
    window: tuple[datetime, datetime],
    *,
    country: str = "",
    problems: Problems | None = None,
) -> npt.NDArray[np.float64]:
    """Say for how long places are open in a window.

    Parameters
    ----------
    texts, country, problems
        As for `open_at`.
    window : (datetime, datetime)
        From, up to and without; local times.

    Returns
    -------
    (P, 2) array, minutes
        At least, and at most: hours that are not known count in the second only, so that an
        unreadable text gives 0 and the whole window.

    Raises
    ------
    CallError
        If the library is missing or the window ends before it begins.
    """
    start, end = (w.replace(tzinfo=None) for w in window)
    if end < start:
        raise CallError("a window of opening hours must end after it begins")
    known: dict[str, tuple[float, float]] = {}
    bad: list[str] = []
    for text in map(str, texts):
        if text not in known:
            rules = _rules(text, country)
            known[text] = _bounds(rules, start, end)
            if rules is None and text.strip().lower() not in MISSING:
                bad.append(text)
    _say(bad, sum(str(t) in set(bad) for t in texts), problems)
    return np.array([known[str(t)] for t in texts], dtype=np.float64).reshape(len(texts), 2)


def _bounds(rules: Any, start: datetime, end: datetime) -> tuple[float, float]:
    if rules is None:
        return 0.0, (end - start).total_seconds() / 60
    least = most = 0.0
    for first, last, state, _ in rules.intervals(start, end):
        minutes = (min(last or end, end) - max(first, start)).total_seconds() / 60
        word = str(state).rpartition(".")[2].upper()
        least += minutes * (word == "OPEN")
        most += minutes * (word in ("OPEN", "UNKNOWN"))
    return least, most


def _say(bad: Sequence[str], many: int, problems: Problems | None) -> None:
    if bad and problems is not None:
        problems.caveat(
            "bad-opening-hours",
            phrases(
                "the opening hours of a place cannot be read; whether it is open is taken as not known",
                "the opening hours of {n} places cannot be read; whether they are open is taken as not known",
                many,
            ),
            count=many,
            value=bad[0],
            rule=phrase("the notation of OpenStreetMap, as in Mo-Fr 08:00-18:00; Sa 09:00-12:00"),
            hint=phrase("Correct the opening hours in the table of services."),
        )


def unreadable(table: Table, column: str, problems: Problems) -> None:
    """Write down which cells of a table are no opening hours; silent where the library is missing.

    Reading a city must not need the library: whoever asks for a moment is told about it then.
    """
    codes, texts = table[column].coded()
    try:
        wrong = [
            i
            for i, t in enumerate(texts.tolist())
            if t.strip().lower() not in MISSING and _rules(t, "") is None
        ]
    except CallError:
        return
    rows = np.flatnonzero(np.isin(codes, wrong))
    if len(rows):
        problems.caveat(
            "bad-opening-hours",
            phrases(
                "the opening hours of a place cannot be read; whether it is open is taken as not known",
                "the opening hours of {n} places cannot be read; whether they are open is taken as not known",
                len(rows),
            ),
            file=table.file,
            column=column,
            rows=table.shown(rows),
            count=len(rows),
            value=table[column].at(int(rows[0])),
            rule=phrase("the notation of OpenStreetMap, as in Mo-Fr 08:00-18:00; Sa 09:00-12:00"),
            hint=phrase("Correct the opening hours in the table of services."),
        )
