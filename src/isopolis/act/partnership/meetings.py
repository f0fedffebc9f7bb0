"""Meetings: agenda, minutes, decisions, tasks; and the registers made of all of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, model_validator

from isopolis.model.text import phrase

from .base import Access, Key, Link, Plain, Source, Texts, Words
from .when import When, first_day, is_exact, last_day

__all__ = [
    "FORMS",
    "STATES",
    "AgendaItem",
    "Decision",
    "DecisionRow",
    "Meeting",
    "Task",
    "TaskRow",
    "decisions",
    "found_in",
    "open_tasks",
    "tasks",
]

FORMS: dict[str, str] = {
    "online": phrase("online"),
    "in_person": phrase("in person"),
    "both": phrase("in person and online"),
    "not stated": phrase("not stated"),
}
STATES: dict[str, str] = {
    "open": phrase("open"),
    "done": phrase("done"),
    "dropped": phrase("dropped"),
}


def _zone(given: str) -> str:
    if given not in available_timezones():
        raise ValueError(f'"{given[:40]}" is no time zone; write it as Europe/Rome')
    return given


class AgendaItem(Plain):
    """One point of an agenda; `by` is an organisation."""

    title: Words
    minutes: Annotated[int, Field(gt=0, le=1440)] | None = None
    by: str = ""


class Decision(Plain):
    """What was decided, with the number under which it is quoted."""

    number: Annotated[str, Field(min_length=1, max_length=20)]
    text: Words
    theme: str = ""


class Task(Plain):
    """What is to be done, by which organisation, until when."""

    text: Words
    owner: str = ""
    due: When | None = None
    state: Literal["open", "done", "dropped"] = "open"


class Meeting(Plain):
    """One meeting. Without time of day it is a matter of whole days, and nothing is made up."""

    key: Key
    title: Texts
    day: When
    until: When | None = None
    starts: time | None = None
    ends: time | None = None
    zone: Annotated[str, AfterValidator(_zone)] = "Europe/Brussels"
    form: Literal["online", "in_person", "both", "not stated"] = "not stated"
    where: str = ""
    link: Link | None = None
    text: str = Field(default="", max_length=20_000)
    agenda: tuple[AgendaItem, ...] = ()
    minutes: str = Field(default="", max_length=60_000)
    decisions: tuple[Decision, ...] = ()
    tasks: tuple[Task, ...] = ()
    cancelled: bool = False
    revision: Annotated[int, Field(ge=0)] = 0
    access: Access = "members"
    sources: tuple[Source, ...] = ()

    @model_validator(mode="after")
    def _in_order(self) -> Meeting:
        if self.until and last_day(self.until) < first_day(self.day):
            raise ValueError(f"it ends ({self.until}) before it begins ({self.day})")
        if self.ends and not self.starts:
            raise ValueError("there is a time when it ends, but none when it begins")
        if self.starts and not is_exact(self.day):
            raise ValueError("a time of day needs the day itself")
        if self.starts and (self.starts.tzinfo or (self.ends and self.ends.tzinfo)):
            raise ValueError("times are those of the meeting's time zone; write them without one")
        if self.starts and self.ends and self.end() <= self.start():  # type: ignore[operator]
            raise ValueError("it ends before it begins")
        numbers = [d.number for d in self.decisions]
        if len(set(numbers)) < len(numbers):
            raise ValueError("two decisions have the same number")
        return self

    def start(self) -> datetime | None:
        """Return the moment when it begins, with its time zone; None when only the day is known."""
        if self.starts is None:
            return None
        return datetime.combine(first_day(self.day), self.starts, ZoneInfo(self.zone))

    def end(self) -> datetime | None:
        """Return the moment when it ends; an hour after the beginning when that is not said."""
        begin = self.start()
        if begin is None or self.starts is None:
            return None
        if self.ends is None:
            return begin + timedelta(hours=1)
        return datetime.combine(last_day(self.until or self.day), self.ends, ZoneInfo(self.zone))


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A decision and where it was taken."""

    meeting: Meeting
    decision: Decision


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task, where it was given, and whether it is late on the day asked about."""

    meeting: Meeting
    task: Task
    late: bool


def decisions(meetings: Iterable[Meeting], query: str = "") -> tuple[DecisionRow, ...]:
    """Return decisions, newest meeting first, in which every word of `query` is found.

    Small and capital letters and accents make no difference, in any script.
    """
    rows = [
        DecisionRow(m, d)
        for m in sorted(meetings, key=lambda m: (first_day(m.day), m.key), reverse=True)
        for d in m.decisions
        if found_in(query, d.number, d.text, d.theme, *m.title.values())
    ]
    return tuple(rows)


def tasks(meetings: Iterable[Meeting], on: date) -> tuple[TaskRow, ...]:
    """Return all tasks, by the day they are due, those without one last."""
    rows = [TaskRow(m, t, _late(t, on)) for m in meetings for t in m.tasks]
    return tuple(sorted(rows, key=lambda r: (r.task.due is None, r.task.due or "", r.meeting.key)))


def open_tasks(meetings: Iterable[Meeting], on: date) -> tuple[TaskRow, ...]:
    """Return the tasks that are still to be done."""
    return tuple(r for r in tasks(meetings, on) if r.task.state == "open")


def _late(task: Task, on: date) -> bool:
    return task.state == "open" and task.due is not None and last_day(task.due) < on


def found_in(query: str, *texts: str) -> bool:
    """Tell whether every word of `query` stands somewhere in the texts."""
    whole = _folded(" ".join(texts))
    return all(word in whole for word in _folded(query).split())


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in apart if not unicodedata.combining(c))
