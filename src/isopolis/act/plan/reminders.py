"""What is due: updates every six to nine months, milestones, outputs, answers. The clock is an argument."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from isopolis.model.text import phrase

from .types import Action, Plan

__all__ = ["AHEAD", "LATEST", "SOONEST", "Reminder", "due", "months_later", "next_update"]

SOONEST, LATEST = 6, 9
"""Months after which an update may be asked for, and by which it must be there."""

AHEAD = timedelta(days=30)
"""How long before its day a milestone is announced."""

FOLLOWED = ("final", "running")


@dataclass(frozen=True, slots=True)
class Reminder:
    """Something to do: what it is about, by which day, in a sentence."""

    kind: str
    action: str
    day: date
    late: bool
    text: str


def months_later(day: date, months: int) -> date:
    """Return the same day so many months later, or the last of that month if it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def next_update(action: Action) -> tuple[date, date] | None:
    """Return from when an update is asked for and by when it must be there; None when nothing is followed."""
    since = action.last_update or action.start
    if action.status not in FOLLOWED or since is None:
        return None
    return months_later(since, SOONEST), months_later(since, LATEST)


def due(plan: Plan, now: date) -> tuple[Reminder, ...]:
    """Return what is due at `now`, what is late first, then by day."""
    found = [r for a in plan.actions for r in (*_update(a, now), *_milestones(a, now), *_rest(a, now))]
    return tuple(sorted(found, key=lambda r: (not r.late, r.day, r.action, r.kind, r.text)))


def _update(a: Action, now: date) -> Iterator[Reminder]:
    span = next_update(a)
    if span and now >= span[0]:
        said = phrase("Say how far “{title}” is: its last update is more than six months old.", title=a.title)
        yield Reminder("update", a.id, span[1], now > span[1], said)


def _milestones(a: Action, now: date) -> Iterator[Reminder]:
    if a.status not in FOLLOWED:
        return
    for m in a.milestones:
        if m.actual is None and now >= m.planned - AHEAD:
            said = phrase(
                "“{milestone}” of “{title}” is planned for {day}.",
                milestone=m.title,
                title=a.title,
                day=m.planned,
            )
            yield Reminder("milestone", a.id, m.planned, now > m.planned, said)


def _rest(a: Action, now: date) -> Iterator[Reminder]:
    if a.status not in FOLLOWED:
        return
    for o in a.outputs:
        if o.due is not None and o.delivered is None and now >= o.due - AHEAD:
            said = phrase(
                "“{output}” of “{title}” is to be handed over by {day}.",
                output=o.title,
                title=a.title,
                day=o.due,
            )
            yield Reminder("output", a.id, o.due, now > o.due, said)
    for i in a.indicators:
        reached = i.target_date is not None and now >= i.target_date
        if i.target_date and reached and (i.latest_date is None or i.latest_date < i.target_date):
            said = phrase(
                "Measure “{indicator}” of “{title}”: its target date is {day}.",
                indicator=i.name,
                title=a.title,
                day=i.target_date,
            )
            yield Reminder("indicator", a.id, i.target_date, now > i.target_date, said)
