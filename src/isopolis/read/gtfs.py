"""GTFS feeds → `Timetable` of one day, with everything that is wrong in them said first.

Source: General Transit Feed Specification, Schedule Reference (gtfs.org).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError, Problems
from isopolis.model.text import count, listing, phrase
from isopolis.model.timetable import Timetable

from .gtfs_days import Services, day_number, day_text, nearest_days, read_services
from .gtfs_files import Feed, feed_places, open_feeds
from .gtfs_join import Part, joined
from .gtfs_notes import note_broken, note_feed, note_hours
from .gtfs_stops import read_stops
from .gtfs_times import read_calls
from .gtfs_trips import Headways, Routes, Trips, read_headways, read_routes, read_trips, runs_on

__all__ = ["FeedDays", "feed_days", "is_feed", "read_timetable"]

_LONGEST = 366 * 30
"""Days that are counted one by one from the first covered one; some calendars run for ever."""


@dataclass(frozen=True, slots=True)
class FeedDays:
    """How many trips run on each date.

    Parameters
    ----------
    feeds : (F,) tuple of str
        Names of the feeds, as their files are called.
    dates : (D,) tuple of str
        ISO dates, each one from the first to the last that any feed covers.
    trips : (F, D) array of int
        Departures from the first stop of a trip, those at headways included.
    """

    feeds: tuple[str, ...]
    dates: tuple[str, ...]
    trips: npt.NDArray[np.int64]

    @property
    def together(self) -> npt.NDArray[np.int64]:
        """(D,) trips of all feeds."""
        return np.asarray(self.trips.sum(axis=0))

    def best(self) -> str:
        """Return the working day with most trips, the earliest of equal ones; "" when no trip ever runs.

        A day on which every feed runs goes before one on which only some do, and Monday to Friday
        before the weekend.
        """
        if not self.together.any():
            return ""
        first = day_number(self.dates[0])
        working = (first + np.arange(len(self.dates)) - 1) % 7 < 5
        common = (self.trips > 0).all(axis=0)
        for use in (common & working, common, working, np.ones(len(working), dtype=bool)):
            many = np.where(use, self.together, 0)
            if many.any():
                return self.dates[int(many.argmax())]
        return ""


@dataclass(frozen=True, slots=True)
class _Lines:
    """What of a feed says when trips run."""

    feed: Feed
    services: Services
    routes: Routes
    trips: Trips
    headways: Headways

    def per_service(self) -> npt.NDArray[np.int64]:
        known = self.trips.service >= 0
        weights = self.headways.per_trip(len(self.trips.ids))[known]
        many = np.bincount(self.trips.service[known], weights=weights, minlength=len(self.services.ids))
        return many.astype(np.int64)


def is_feed(path: str | Path) -> bool:
    """True for a folder or .zip with stops.txt, trips.txt and stop_times.txt; a .zip may hold a folder."""
    return bool(feed_places(Path(path)))


def feed_days(paths: Sequence[str | Path]) -> FeedDays:
    """Count the trips of each feed on each date that it covers.

    Parameters
    ----------
    paths : sequence of path
        GTFS feeds: .zip files or folders.

    Returns
    -------
    FeedDays

    Raises
    ------
    DataError
        If a feed cannot be read, with everything found.
    """
    problems = Problems()
    lines = _lines(paths, problems)
    problems.raise_if_fatal()
    return _days(lines)


def read_timetable(paths: Sequence[str | Path], date: str = "") -> Timetable:
    """Read one day of one or more feeds.

    Parameters
    ----------
    paths : sequence of path
        GTFS feeds: .zip files or folders, each read to its end before anything is refused.
    date : str
        ISO date; empty for the working day with most trips on which all feeds run
        (`FeedDays.best`).

    Returns
    -------
    Timetable
        Trips in the order in which they leave their first stop. Stops that have no coordinates are
        not in it. Its caveats say everything that was found and did not stop the reading.

    Raises
    ------
    DataError
        If no timetable can be made: with everything that is wrong in the feeds.
    CallError
        If no feed is given or `date` is none.
    """
    if not paths:
        raise CallError(phrase("no timetable was given"))
    if date and day_number(date) < 0:
        raise CallError(phrase('"{date}" is not a date; write it like {example}', date=date,
                               example="2026-01-31"))  # fmt: skip
    problems = Problems()
    lines = _lines(paths, problems)
    if not lines:
        problems.raise_if_fatal()
    days = _days(lines)
    day = _chosen(days, date, problems)
    parts = [part for line in lines if (part := _part(line, day)) is not None]
    problems.raise_if_fatal()
    covers = (days.dates[0], days.dates[-1])
    source = ", ".join(line.feed.file for line in lines)
    return joined(parts, day_text(day), covers, source, problems)


def _lines(paths: Sequence[str | Path], problems: Problems) -> list[_Lines]:
    out = []
    for feed in open_feeds([Path(p) for p in paths], problems):
        services = read_services(feed)
        routes = read_routes(feed)
        if services is None:
            continue
        trips = read_trips(feed, services, routes)
        if trips is not None:
            out.append(_Lines(feed, services, routes, trips, read_headways(feed, trips)))
    return out


def _days(lines: Sequence[_Lines]) -> FeedDays:
    names = tuple(line.feed.file for line in lines)
    covered = [c for line in lines if (c := line.services.covers())]
    if not covered:
        return FeedDays(names, (), np.zeros((len(lines), 0), dtype=np.int64))
    first = min(c[0] for c in covered)
    last = min(max(c[1] for c in covered), first + _LONGEST)
    trips = np.array([line.services.per_day(line.per_service(), first, last) for line in lines])
    return FeedDays(names, tuple(day_text(d) for d in range(first, last + 1)), trips)


def _chosen(days: FeedDays, date: str, problems: Problems) -> int:
    """Day to read, as a number; 0 when there is none, which is a fatal problem."""
    files = ", ".join(days.feeds)
    best = days.best()
    if not best:
        problems.error("no-service", phrase("no trip runs on any date"), file=files,
                       hint=phrase("Get the feed again, or ask its publisher."))  # fmt: skip
        return 0
    running = [i for i, n in enumerate(days.together.tolist()) if n]
    chosen = day_text(day_number(date)) if date else best
    at = day_number(chosen) - day_number(days.dates[0])
    trips = days.trips[:, at] if 0 <= at < len(days.dates) else np.zeros(len(days.feeds), dtype=np.int64)
    if not trips.any():
        near = [days.dates[i] for i in nearest_days(running, at)]
        problems.error(
            "no-service", phrase("no trip runs on {date}", date=chosen), file=files,
            rule=phrase("a date from {first} to {last} on which trips run", first=days.dates[running[0]],
                        last=days.dates[running[-1]]),
            hint=phrase("The nearest such dates: {near}. The working day with most trips: {best}.",
                        near=listing(near), best=best),
        )  # fmt: skip
        return 0
    for i in np.flatnonzero(trips == 0).tolist():
        problems.caveat(
            "feed-without-trips",
            phrase("no trip of this feed runs on {date}, the day of the others", date=chosen),
            file=days.feeds[i],
            hint=phrase("Get feeds that cover the same dates, or choose another date."),
        )  # fmt: skip
    most = int(days.together.max())
    if date and trips.sum() * 2 < most:
        problems.caveat(
            "few-trips",
            phrase("{few} trips run on {date}; on {best} there are {most}", few=count(int(trips.sum())),
                   date=chosen, best=best, most=count(most)),
            file=files, hint=phrase("Choose another date if this one is not meant."),
        )  # fmt: skip
    return day_number(chosen)


def _part(line: _Lines, day: int) -> Part | None:
    """One feed on one day, all of its tables checked; None where it cannot be read."""
    feed, trips = line.feed, line.trips
    note_feed(feed, day)
    stops = read_stops(feed)
    if stops is None:
        return None
    calls = read_calls(feed, trips.row, len(trips.ids), stops)
    if calls is None or not day:
        return None
    active = trips.service >= 0
    if len(line.services.ids):
        active &= line.services.on(day)[trips.service]
    note_broken(feed, calls, trips, active)
    runs = runs_on(day, line.services, trips, line.headways, calls)
    note_hours(feed, runs)
    return Part(feed, stops, trips, line.routes, runs)
