"""Dates that are known to the day, the month or only the year, as sources give them."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator

__all__ = ["When", "covers", "first_day", "is_exact", "last_day"]

_FORM = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
YEARS = 1900, 2100
"""Years that a date may lie in: beyond them it is a slip, and calendars cannot count on from the last day."""


def _parts(when: str) -> tuple[int, int | None, int | None]:
    found = _FORM.fullmatch(when)
    if found is None:
        raise ValueError(f'"{when}" is no date; write 2025, 2025-01 or 2025-01-31')
    year, month, day = (int(g) if g else None for g in found.groups())
    year = year or 0
    if not YEARS[0] <= year <= YEARS[1]:
        raise ValueError(f'"{when}" is no date between the years {YEARS[0]} and {YEARS[1]}')
    date(year, month or 1, day or 1)  # refuses the 31st of February
    return year, month, day


def _checked(given: Any) -> str:
    if isinstance(given, datetime):
        raise ValueError("a day is needed here, without a time of day")
    text = given.isoformat() if isinstance(given, date) else str(given).strip()
    _parts(text)
    return text


When = Annotated[str, BeforeValidator(_checked)]
"""``2025``, ``2025-01`` or ``2025-01-31``; a less exact date is no error and is shown as it is."""


def first_day(when: str) -> date:
    """Return the first day that `when` can mean.

    Raises
    ------
    ValueError
        When it is no date.
    """
    year, month, day = _parts(when)
    return date(year, month or 1, day or 1)


def last_day(when: str) -> date:
    """Return the last day that `when` can mean."""
    year, month, day = _parts(when)
    month = month or 12
    return date(year, month, day or calendar.monthrange(year, month)[1])


def is_exact(when: str) -> bool:
    """Tell whether the day itself is known."""
    return len(when) == 10


def covers(start: str | None, end: str | None, on: date) -> bool:
    """Tell whether `on` lies between two dates, both included; None is open.

    A start known to the month begins with its first day, an end known to the month lasts to its last.
    """
    return (start is None or first_day(start) <= on) and (end is None or on <= last_day(end))
