"""The trips of a feed, and their runs on one day: headways laid out, the evening before taken along.

Source: GTFS Schedule Reference, trips.txt, routes.txt, frequencies.txt.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.model import Problems
from isopolis.model.text import phrase

from .gtfs_days import Services, day_text
from .gtfs_files import Feed, Table, get_again, note, whole
from .gtfs_stops import three_valued
from .gtfs_times import Calls, seconds

__all__ = ["Headways", "Routes", "Runs", "Trips", "read_headways", "read_routes", "read_trips", "runs_on"]

Ints = npt.NDArray[np.int64]
DAY = 86_400
_LONGEST_DAYS = 7
"""No trip is looked for that began longer ago."""
_MOST_RUNS = 86_400
"""Runs of one row of frequencies.txt: one a second."""


@dataclass(frozen=True, slots=True)
class Routes:
    """Lines as riders know them.

    Parameters
    ----------
    row : mapping of str to int
    ids, names, agency, network : (L,) arrays of str
    """

    row: dict[str, int]
    ids: npt.NDArray[np.object_]
    names: npt.NDArray[np.object_]
    agency: npt.NDArray[np.object_]
    network: npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Trips:
    """Every row of trips.txt.

    Parameters
    ----------
    row : mapping of str to int
        Row of each trip.
    ids, route_names : (T,) arrays of str
    route : (T,) array of int
        Row of the route; -1 where it is not known.
    service : (T,) array of int
        Row of the service; -1 where no calendar knows it, so that the trip never runs.
    wheelchair : (T,) array of int, three-valued
    """

    row: dict[str, int]
    ids: npt.NDArray[np.object_]
    route_names: npt.NDArray[np.object_]
    route: Ints
    service: Ints
    wheelchair: npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Headways:
    """Rows of frequencies.txt that can be used.

    Parameters
    ----------
    trip, start, headway, runs : (F,) arrays of int
        Row of the trip, first departure and distance in time in seconds, number of departures.
    """

    trip: Ints
    start: Ints
    headway: Ints
    runs: Ints

    def per_trip(self, trips: int) -> Ints:
        """(T,) departures of each trip: one for a trip without headways."""
        has = np.bincount(self.trip, minlength=trips) > 0
        return np.where(has, np.bincount(self.trip, weights=self.runs, minlength=trips).astype(np.int64), 1)


def read_routes(feed: Feed) -> Routes:
    """Read routes.txt; without it lines go by their id."""
    table = feed.table(
        "routes.txt", ("route_id",),
        ("agency_id", "route_short_name", "route_long_name", "route_type", "network_id"),
    )  # fmt: skip
    if table is None:
        if "routes.txt" not in feed:
            feed.problems.caveat(
                "no-routes", phrase("the file {name} is missing; lines go by their id", name="routes.txt"),
                file=feed.file,
            )  # fmt: skip
        none = np.zeros(0, dtype=object)
        return Routes({}, none, none, none, none)
    ids = table.column("route_id").text
    row: dict[str, int] = {}
    for r, name in enumerate(ids.tolist()):
        row.setdefault(name, r)
    note(
        feed.problems, table, "route-twice", phrase("a line stands twice; its first row counts"),
        table.column("route_id").rows_in(row) != np.arange(table.rows), column="route_id",
        rule=phrase("one row for each line"),
    )  # fmt: skip
    note(
        feed.problems, table, "bad-value", phrase("this kind of vehicle is not known"),
        table.column("route_type").each(lambda v: not _is_vehicle(v), bool), column="route_type",
        rule=phrase("0 to 7, 11, 12, or 100 to 1799 for the extended kinds"),
    )  # fmt: skip
    short, long = table.column("route_short_name").text, table.column("route_long_name").text
    names = np.where(short != "", short, np.where(long != "", long, ids)).astype(object)
    return Routes(row, ids, names, table.column("agency_id").text, table.column("network_id").text)


def _is_vehicle(text: str) -> bool:
    return not text or (
        text.isdecimal() and (whole(text) in (*range(8), 11, 12) or 100 <= whole(text) < 1800)
    )


def read_trips(feed: Feed, services: Services, routes: Routes) -> Trips | None:
    """Read trips.txt; None, with a fatal problem, where it cannot be."""
    table = feed.table("trips.txt", ("route_id", "service_id", "trip_id"), ("wheelchair_accessible",))
    if table is None:
        return None
    ids = table.column("trip_id").text
    row: dict[str, int] = {}
    for r, name in enumerate(ids.tolist()):
        row.setdefault(name, r)
    first = table.column("trip_id").rows_in(row) == np.arange(table.rows)
    note(
        feed.problems, table, "trip-twice", phrase("a trip stands twice"), ~first, column="trip_id",
        rule=phrase("one row for each trip"), hint=get_again(), fatal=True,
    )  # fmt: skip
    route = table.column("route_id").rows_in(routes.row)
    note(
        feed.problems, table, "unknown-route", phrase("the line of a trip does not exist"),
        (route < 0) & bool(routes.row), column="route_id", rule=phrase("a line of routes.txt"),
        hint=phrase("The trip goes by the id of its line."),
    )  # fmt: skip
    service = table.column("service_id").rows_in(services.ids)
    note(
        feed.problems, table, "unknown-service",
        phrase("no calendar says when a trip runs, so it never does"),
        service < 0, column="service_id", rule=phrase("a service of calendar.txt or calendar_dates.txt"),
        hint=get_again(),
    )  # fmt: skip
    names = table.column("route_id").text
    if len(routes.ids):
        names = np.where(route >= 0, routes.names[route], names).astype(object)
    wheelchair = three_valued(table, "wheelchair_accessible", feed.problems)
    return Trips(row, ids, names, route, service, wheelchair)


def read_headways(feed: Feed, trips: Trips) -> Headways:
    """Read frequencies.txt: departures at `start_time` + k · `headway_secs`, before `end_time`."""
    none = np.zeros(0, dtype=np.int64)
    table = feed.table(
        "frequencies.txt", ("trip_id", "start_time", "end_time", "headway_secs"), ("exact_times",)
    )
    if table is None:
        return Headways(none, none, none, none)
    problems = feed.problems
    trip = table.column("trip_id").rows_in(trips.row)
    start = table.column("start_time").each(seconds, np.int64)
    end = table.column("end_time").each(seconds, np.int64)
    headway = table.column("headway_secs").each(whole, np.int64)
    left = phrase("The row was left out of the results; ask the publisher of the feed to mend it.")
    bad = trip < 0
    note(problems, table, "unknown-trip", phrase("the trip of a headway does not exist"), bad,
         column="trip_id", rule=phrase("a trip of trips.txt"), hint=left)  # fmt: skip
    for column, wrong, rule in (
        ("start_time", start < 0, phrase("hours, minutes and seconds like {examples}", examples="07:05:00")),
        ("end_time", end <= start, phrase("a time after the start")),
        ("headway_secs", headway < 1, phrase("whole seconds, at least 1")),
    ):
        note(problems, table, "bad-headway", phrase("trips at this headway cannot be laid out"), wrong,
             column=column, rule=rule, hint=left)  # fmt: skip
        bad = bad | wrong
    exact = table.column("exact_times").each(lambda v: v == "1", bool)
    note(
        problems, table, "headways", phrase("the feed gives only how often trips run, not when"),
        ~exact & ~bad,
        hint=phrase(
            "They were laid out evenly from the start of each period; "
            "real ones may be earlier or later by up to the headway."
        ),
    )  # fmt: skip
    _note_overlaps(table, trip, start, end, bad, problems)
    ok = ~bad
    runs = np.minimum(-(-(end - start)[ok] // headway[ok]), _MOST_RUNS)
    return Headways(trip[ok], start[ok], headway[ok], runs)


def _note_overlaps(
    table: Table, trip: Ints, start: Ints, end: Ints, bad: npt.NDArray[np.bool_], problems: Problems
) -> None:
    rows = np.flatnonzero(~bad)
    rows = rows[np.lexsort((start[rows], trip[rows]))]
    over = (trip[rows[1:]] == trip[rows[:-1]]) & (start[rows[1:]] < end[rows[:-1]])
    note(
        problems, table, "headways-overlap", phrase("two periods of one trip overlap, and both count"),
        np.sort(rows[1:][over]), column="start_time", rule=phrase("periods one after the other"),
        hint=get_again(),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Runs:
    """What runs on one day.

    Parameters
    ----------
    trip : (Q,) array of int
        Row of trips.txt.
    ids : (Q,) array of str
        The trip's id, with the departure or the date where one trip runs several times.
    pointer : (Q + 1,) array of int
    stop, arrival, departure : (C,) arrays of int
        Row of stops.txt; seconds after midnight of the day.
    before : int
        How many runs began on an earlier day.
    """

    trip: Ints
    ids: npt.NDArray[np.object_]
    pointer: Ints
    stop: Ints
    arrival: Ints
    departure: Ints
    before: int


def runs_on(day: int, services: Services, trips: Trips, headways: Headways, calls: Calls) -> Runs:
    """Lay out every run of a day, earlier ones that are still on their way after midnight included.

    Of those, the calls from midnight on are kept; a vehicle that stands at a stop at midnight
    can be boarded there.
    """
    many = np.diff(calls.pointer)
    has = many > 0
    first, last = np.zeros(len(many), dtype=np.int64), np.zeros(len(many), dtype=np.int64)
    first[has] = calls.departure[calls.pointer[:-1][has]]
    last[has] = calls.departure[calls.pointer[1:][has] - 1]
    parts = []
    for ago in range(_LONGEST_DAYS + 1):
        runs = services.on(day - ago)
        active = has & (trips.service >= 0) & (runs[trips.service] if len(runs) else False)
        trip, shift, marks = _departures(active, headways, first, ago, day)
        late = last[trip] + shift >= 0
        parts.append((trip[late], shift[late], marks[late]))
    trip, shift = (np.concatenate([p[i] for p in parts]) for i in (0, 1))
    marks = np.concatenate([p[2] for p in parts])
    ids = (trips.ids[trip] + marks).astype(object) if len(trip) else np.zeros(0, dtype=object)
    return _laid_out(trip, shift, ids, calls, sum(len(p[0]) for p in parts[1:]))


def _departures(
    active: npt.NDArray[np.bool_], headways: Headways, first: Ints, ago: int, day: int
) -> tuple[Ints, Ints, npt.NDArray[np.object_]]:
    """Trip, shift in seconds and mark behind the id of each departure `ago` days before."""
    by_headway = np.zeros(len(active), dtype=bool)
    by_headway[headways.trip] = True
    mark = f"@{day_text(day - ago)}" if ago else ""
    plain = np.flatnonzero(active & ~by_headway)
    use = active[headways.trip] if len(headways.trip) else np.zeros(0, dtype=bool)
    runs = headways.runs[use]
    row = np.repeat(np.flatnonzero(use), runs)
    k = np.arange(len(row)) - np.repeat(np.cumsum(runs) - runs, runs)
    start = headways.start[row] + k * headways.headway[row]
    trip = headways.trip[row]
    said = [f"@{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}{mark}" for s in start.tolist()]
    return (
        np.concatenate([plain, trip]),
        np.concatenate([np.zeros(len(plain), dtype=np.int64), start - first[trip]]) - ago * DAY,
        np.array([mark] * len(plain) + said, dtype=object),
    )


def _laid_out(trip: Ints, shift: Ints, ids: npt.NDArray[np.object_], calls: Calls, before: int) -> Runs:
    many = calls.pointer[trip + 1] - calls.pointer[trip]
    run = np.repeat(np.arange(len(trip)), many)
    place = np.arange(len(run)) - np.repeat(np.cumsum(many) - many, many)
    row = calls.pointer[trip[run]] + place
    arrival, departure = calls.arrival[row] + shift[run], calls.departure[row] + shift[run]
    today = departure >= 0
    many = np.bincount(run[today], minlength=len(trip))
    today &= many[run] > 1  # with a single call left nobody can ride
    run, row = run[today], row[today]
    arrival, departure = np.maximum(arrival[today], 0), departure[today]
    starts = np.ones(len(run), dtype=bool)
    starts[1:] = run[1:] != run[:-1]
    kept = run[starts]
    order = np.argsort(departure[starts], kind="stable")  # runs in the order in which they leave
    sizes = np.diff(np.append(np.flatnonzero(starts), len(run)))
    moved = np.repeat(np.flatnonzero(starts)[order], sizes[order])
    pointer = np.concatenate([[0], np.cumsum(sizes[order])])
    moved += np.arange(len(run)) - np.repeat(pointer[:-1], sizes[order])
    late = int((kept >= len(trip) - before).sum())
    return Runs(
        trip[kept[order]], ids[kept[order]], pointer, calls.stop[row[moved]], arrival[moved],
        departure[moved], late,
    )  # fmt: skip
