"""On which dates the services of a feed run: calendar.txt and calendar_dates.txt."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.model import Problems
from isopolis.model.text import listing, phrase

from .gtfs_files import Column, Feed, Table, get_again, note

__all__ = ["Services", "day_number", "day_text", "nearest_days", "read_services"]

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DATE = re.compile(r"\d{8}")


def day_number(text: str) -> int:
    """Return the number of a date written ``20190513`` or ``2019-05-13``, as `date.toordinal`; -1 if none."""
    text = text.replace("-", "") if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else text
    if not _DATE.fullmatch(text):
        return -1
    try:
        return datetime.date(int(text[:4]), int(text[4:6]), int(text[6:])).toordinal()
    except ValueError:
        return -1


def day_text(day: int) -> str:
    """Return the ISO form of a day's number."""
    return datetime.date.fromordinal(day).isoformat()


@dataclass(frozen=True, slots=True)
class Services:
    """Days of each service.

    Parameters
    ----------
    ids : mapping of str to int
        Row of each service below.
    first, last : (K,) arrays of int
        Days between which the week counts, both included; 0 and -1 where a service has no week.
    week : (7, K) array of bool
        Monday first.
    exception_service, exception_day : (X,) arrays of int
    exception_runs : (X,) array of bool
        True where the service runs in addition, False where it does not run. At most one a day.
    """

    ids: dict[str, int]
    first: npt.NDArray[np.int64]
    last: npt.NDArray[np.int64]
    week: npt.NDArray[np.bool_]
    exception_service: npt.NDArray[np.int64]
    exception_day: npt.NDArray[np.int64]
    exception_runs: npt.NDArray[np.bool_]

    def on(self, day: int) -> npt.NDArray[np.bool_]:
        """(K,) services that run on a day."""
        runs = self.week[(day - 1) % 7] & (self.first <= day) & (day <= self.last)
        today = self.exception_day == day
        runs[self.exception_service[today]] = self.exception_runs[today]
        return runs

    def covers(self) -> tuple[int, int] | None:
        """First and last day that anything is said about; None when there is none."""
        week = (self.first <= self.last) & self.week.any(axis=0)
        added = self.exception_day[self.exception_runs]
        said = np.concatenate([self.first[week], self.last[week], added])
        return (int(said.min()), int(said.max())) if len(said) else None

    def per_day(self, trips: npt.NDArray[np.int64], first: int, last: int) -> npt.NDArray[np.int64]:
        """Trips on each day from `first` to `last`, given the trips of each service (K,)."""
        days = last - first + 1
        starts = np.clip(self.first, first, last + 1) - first
        ends = np.clip(self.last + 1, first, last + 1) - first
        some = ends > starts
        out = np.zeros(days, dtype=np.int64)
        weekday = (np.arange(first, last + 1) - 1) % 7
        for d in range(7):
            use = some & self.week[d]
            steps = np.zeros(days + 1, dtype=np.int64)
            np.add.at(steps, starts[use], trips[use])
            np.add.at(steps, ends[use], -trips[use])
            out += np.where(weekday == d, np.cumsum(steps)[:days], 0)
        service, day = self.exception_service, self.exception_day
        inside = (first <= day) & (day <= last)
        service, day, runs = service[inside], day[inside], self.exception_runs[inside]
        usual = self.week[(day - 1) % 7, service] & (self.first[service] <= day) & (day <= self.last[service])
        np.add.at(out, day - first, trips[service] * (runs.astype(np.int64) - usual))
        return out


def read_services(feed: Feed) -> Services | None:
    """Read both calendars; None, with a fatal problem, when there is neither."""
    if "calendar.txt" not in feed and "calendar_dates.txt" not in feed:
        feed.problems.error(
            "no-calendar", phrase("no file says on which dates trips run"), file=feed.file,
            rule=listing(("calendar.txt", "calendar_dates.txt"), "or"),
            hint=get_again(),
        )  # fmt: skip
        return None
    weeks = feed.table("calendar.txt", ("service_id", *_DAYS, "start_date", "end_date"))
    extra = feed.table("calendar_dates.txt", ("service_id", "date", "exception_type"))
    ids: dict[str, int] = {}
    for table in (weeks, extra):
        if table is not None:
            for name in table.column("service_id").values.tolist():
                ids.setdefault(name, len(ids))
    first, last = np.zeros(len(ids), dtype=np.int64), np.full(len(ids), -1, dtype=np.int64)
    week = np.zeros((7, len(ids)), dtype=bool)
    if weeks is not None:
        _fill_weeks(weeks, ids, first, last, week, feed.problems)
    service, day, runs = _exceptions(extra, ids, feed.problems)
    return Services(ids, first, last, week, service, day, runs)


def _dates(table: Table, column: str, problems: Problems) -> npt.NDArray[np.int64]:
    given: Column = table.column(column)
    days = given.each(day_number, np.int64)
    note(
        problems, table, "bad-date", phrase("this is not a date"), days < 0, column=column,
        rule=phrase("year, month and day in eight digits, like {example}", example="20260131"),
        hint=get_again(), fatal=True,
    )  # fmt: skip
    return days


def _fill_weeks(
    table: Table,
    ids: dict[str, int],
    first: npt.NDArray[np.int64],
    last: npt.NDArray[np.int64],
    week: npt.NDArray[np.bool_],
    problems: Problems,
) -> None:
    row = table.column("service_id").rows_in(ids)
    starts, ends = _dates(table, "start_date", problems), _dates(table, "end_date", problems)
    note(
        problems, table, "dates-reversed", phrase("the service ends before it starts, so it never runs"),
        (ends < starts) & (ends >= 0), column="end_date", rule=phrase("not before the first day"),
    )  # fmt: skip
    again = np.ones(table.rows, dtype=bool)
    again[np.unique(row, return_index=True)[1]] = False
    note(
        problems, table, "service-twice", phrase("a service stands twice"), again,
        column="service_id", rule=phrase("one row for each service"), hint=get_again(), fatal=True,
    )  # fmt: skip
    for d, name in enumerate(_DAYS):
        flag = table.column(name).each(lambda v: {"0": 0, "1": 1}.get(v, -1), np.int8)
        note(
            problems, table, "bad-value", phrase("this does not say whether the service runs"), flag < 0,
            column=name, rule=listing(("0", "1"), "or"), hint=get_again(),
            fatal=True,
        )  # fmt: skip
        week[d, row] = flag == 1
    known = (starts > 0) & (ends > 0)
    first[row[known]], last[row[known]] = starts[known], ends[known]


def _exceptions(
    table: Table | None, ids: dict[str, int], problems: Problems
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    if table is None:
        none = np.zeros(0, dtype=np.int64)
        return none, none, np.zeros(0, dtype=bool)
    service, day = table.column("service_id").rows_in(ids), _dates(table, "date", problems)
    kind = table.column("exception_type").each(lambda v: {"1": 1, "2": 2}.get(v, 0), np.int8)
    note(
        problems, table, "bad-value", phrase("this kind of exception is not known"), kind == 0,
        column="exception_type", hint=get_again(), fatal=True,
        rule=listing(("1", "2"), "or"),
    )  # fmt: skip
    order = np.lexsort((-kind, day, service))  # where both are said, that it does not run comes first
    new = np.ones(table.rows, dtype=bool)
    new[1:] = (np.diff(service[order]) != 0) | (np.diff(day[order]) != 0)
    note(
        problems, table, "exception-twice",
        phrase("a service has two exceptions on one date; where they disagree, it does not run"),
        order[~new], column="date", rule=phrase("one row for each service and date"),
    )  # fmt: skip
    kept = order[new & (day[order] > 0)]
    return service[kept], day[kept], kind[kept] == 1


def nearest_days(days: Sequence[int], asked: int) -> list[int]:
    """The last day before and the first after the day asked for, among `days`, which rise."""
    before = [d for d in days if d < asked][-1:]
    return before + [d for d in days if d > asked][:1]
