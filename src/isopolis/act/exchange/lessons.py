"""Lessons: followed until a change at home shows in an indicator.

A lesson is open until a change at home is recorded, unmeasured until an indicator before and after it is
named, and measured then. Two readings are compared only when they measure the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from isopolis.model.text import Number, phrase

__all__ = ["Effect", "Lesson", "Reading", "effect", "refused"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What an indicator said at a date.

    Parameters
    ----------
    ref : str
        Where the finding stands.
    name : str
        Name of the indicator.
    measures : tuple of str
        Measure, group, area, scale: all that has to be the same for a comparison.
    day : str
        Date of the data, as the city writes it.
    value : float or None
    low, high : float or None
        Interval, where there is one.
    """

    ref: str
    name: str
    measures: tuple[str, ...]
    day: str
    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was learnt, what was changed because of it, and an indicator before and after.

    Parameters
    ----------
    text : str
    learnt : date
    change : str
        What was changed at home; empty as long as nothing was.
    changed : date or None
        Day of the change.
    before, after : Reading or None
    """

    text: str
    learnt: date
    change: str = ""
    changed: date | None = None
    before: Reading | None = None
    after: Reading | None = None

    def __post_init__(self) -> None:
        if bool(self.change.strip()) != (self.changed is not None):
            raise ValueError("a change has a text and a day")
        if self.changed is not None and self.changed < self.learnt:
            raise ValueError("a change comes after the lesson")
        if (self.before or self.after) and self.changed is None:
            raise ValueError("an indicator belongs to a change")


@dataclass(frozen=True, slots=True)
class Effect:
    """How far a lesson has come.

    Parameters
    ----------
    state : str
        ``open``, ``changed``, ``measured`` or ``refused``.
    says : str
        One sentence.
    difference : float or None
        After less before, in the indicator's own unit.
    """

    state: str
    says: str
    difference: float | None = None


def refused(before: Reading, after: Reading) -> str:
    """Say why two readings cannot be compared; empty when they can."""
    if before.measures != after.measures:
        return phrase("The two findings do not measure the same, so they are not compared.")
    if before.value is None or after.value is None:
        return phrase("One of the two findings has no value.")
    if before.day and before.day == after.day:
        return phrase("Both findings are of the same date.")
    return ""


def effect(lesson: Lesson) -> Effect:
    """Say how far a lesson has come; a difference is no proof that the change was its cause."""
    if lesson.changed is None:
        return Effect("open", phrase("Nothing was changed at home yet."))
    if lesson.before is None or lesson.after is None:
        return Effect("changed", phrase("Something was changed; no indicator shows it yet."))
    why = refused(lesson.before, lesson.after)
    if why:
        return Effect("refused", why)
    a, b = lesson.before, lesson.after
    assert a.value is not None
    assert b.value is not None
    values = {
        "name": a.name,
        "before": _number(a.value),
        "after": _number(b.value),
        "first": a.day,
        "last": b.day,
    }
    said = phrase("{name}: {before} ({first}), {after} ({last}).", **values)
    if a.low is None or a.high is None or b.low is None or b.high is None:
        said = phrase("{said} Without intervals nobody can tell it from chance.", said=said)
    elif a.low <= b.high and b.low <= a.high:
        said = phrase("{said} The intervals overlap: it may be chance.", said=said)
    else:
        said = phrase("{said} The intervals do not overlap.", said=said)
    return Effect("measured", said, b.value - a.value)


def _number(value: float) -> Number:
    return Number(f"{value:,.3f}".rstrip("0").rstrip("."))
