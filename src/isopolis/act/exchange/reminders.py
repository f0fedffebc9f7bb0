"""What is due at a moment: steps, visits, lessons without a change. Pure; others show it and send it."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from isopolis.act.rules.words import said_as
from isopolis.model.text import phrase

from .lessons import effect
from .record import Exchange

__all__ = ["AHEAD", "MONTHS_TO_CHANGE", "Reminder", "add_months", "due", "without_change"]

AHEAD = timedelta(days=14)
"""How long before its day a step or a visit is reminded of."""

MONTHS_TO_CHANGE = 12
"""Months after its end in which an exchange should have changed something at home."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """One thing to do.

    Parameters
    ----------
    key : str
        The same for the same thing, so that nobody is reminded twice: ``step:application:2026-12-01``.
    day : date
        When it is or was to be done.
    text : str
    overdue : bool
    """

    key: str
    day: date
    text: str
    overdue: bool


def add_months(day: date, months: int) -> date:
    """Return the same day so many months later, or the last day of a shorter month.

    What would lie after the last day that there is becomes that day.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def due(exchange: Exchange, now: date, language: str = "en") -> tuple[Reminder, ...]:
    """List what is due within a fortnight or overdue, the earliest first."""
    found = [*_steps(exchange, language), *_visits(exchange), *_lessons(exchange)]
    shown = [Reminder(key, day, text, day < now) for key, day, text in found if day <= now + AHEAD]
    return tuple(sorted(shown, key=lambda r: (r.day, r.key)))


def _steps(exchange: Exchange, language: str) -> Iterable[tuple[str, date, str]]:
    for dated in exchange.steps:
        step = exchange.workflow.step(dated.step)
        if step and dated.planned and not dated.done and not exchange.closed:
            title = said_as(step.title, language)
            yield f"step:{step.id}:{dated.planned}", dated.planned, phrase("Step: {step}", step=title)


def _visits(exchange: Exchange) -> Iterable[tuple[str, date, str]]:
    for visit in exchange.visits:
        if not exchange.closed and not _over(exchange, visit.end):
            yield f"visit:{visit.start}", visit.start, phrase("Visit: {place}", place=visit.place or "?")


def _over(exchange: Exchange, end: date) -> bool:
    done = [d.done for d in exchange.steps if d.step in ("visits", "event", "meet") and d.done]
    return bool(done) and max(done) >= end


def _lessons(exchange: Exchange) -> Iterable[tuple[str, date, str]]:
    ended = exchange.ended()
    if ended is not None and not exchange.lessons:
        text = phrase("Write down what was learnt.")
        yield f"lessons:{ended}", add_months(ended, 1), text
    for number, lesson in enumerate(exchange.lessons, 1):
        state = effect(lesson).state
        if state == "open":
            text = phrase("Lesson {n}: what was changed at home?", n=number)
            yield f"lesson:{number}:open", add_months(lesson.learnt, MONTHS_TO_CHANGE // 2), text
        elif state == "changed" and lesson.changed:
            text = phrase("Lesson {n}: name an indicator before and after the change.", n=number)
            yield f"lesson:{number}:changed", add_months(lesson.changed, MONTHS_TO_CHANGE), text


def without_change(exchanges: Iterable[Exchange], now: date) -> tuple[Exchange, ...]:
    """List the exchanges that ended 12 months ago or longer and changed nothing at home that is recorded."""
    out = []
    for exchange in exchanges:
        ended = exchange.ended()
        changed = any(lesson.changed for lesson in exchange.lessons)
        if ended is not None and not changed and add_months(ended, MONTHS_TO_CHANGE) <= now:
            out.append(exchange)
    return tuple(out)
