"""Where and when each trip calls: stop_times.txt, checked, and filled in where it names no times."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.model import Problems
from isopolis.model.text import count, phrase, phrases

from .gtfs_files import Feed, Table, note, whole
from .gtfs_stops import Stops, metres

__all__ = ["Calls", "read_calls", "seconds"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
_TIME = re.compile(r"(\d{1,3}):([0-5]\d):([0-5]\d)")
_NONE, _BAD = -1, -2


def seconds(text: str) -> int:
    """Return the seconds of ``25:10:00``, past midnight of the day; -1 for an empty one, -2 for none."""
    if not text:
        return _NONE
    found = _TIME.fullmatch(text)
    return int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3]) if found else _BAD


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls of every trip that can be used, trip by trip, in their order.

    Parameters
    ----------
    pointer : (T + 1,) array of int
        Where those of each row of trips.txt begin; none for a trip that cannot be used.
    stop : (C,) array of int
        Row of stops.txt.
    arrival, departure : (C,) arrays of int, seconds
        Never falling along a trip.
    broken : (T,) array of bool
        Trips that were left out because of an error in their rows.
    """

    pointer: Ints
    stop: Ints
    arrival: Ints
    departure: Ints
    broken: Bools


@dataclass(slots=True)
class _Rows:
    """Rows of stop_times.txt in the order of trips and stops; `row` is the place in the table."""

    table: Table
    problems: Problems
    row: Ints
    trip: Ints
    broken: Bools  # (T,)

    def leave_out(self, code: str, message: str, where: Bools, column: str, rule: str) -> None:
        """Mark the trips of some rows as broken, and say so once for each row."""
        hint = phrase("The trip was left out of the results; ask the publisher of the feed to mend it.")
        note(self.problems, self.table, code, message, np.sort(self.row[where]), column=column, rule=rule,
             hint=hint)  # fmt: skip
        self.broken[self.trip[where]] = True

    def keep(self, where: Bools) -> None:
        self.row, self.trip = self.row[where], self.trip[where]

    @property
    def start(self) -> Bools:
        """First row of each trip."""
        out = np.ones(len(self.trip), dtype=bool)
        out[1:] = self.trip[1:] != self.trip[:-1]
        return out


def read_calls(feed: Feed, trips: dict[str, int], n_trips: int, stops: Stops) -> Calls | None:
    """Read stop_times.txt; None, with a fatal problem, where it cannot be.

    Parameters
    ----------
    feed : Feed
    trips : mapping of str to int
        Row of each trip.
    n_trips : int
        Rows of trips.txt.
    stops : Stops
    """
    table = feed.table(
        "stop_times.txt", ("trip_id", "arrival_time", "departure_time", "stop_id", "stop_sequence"),
        ("pickup_type", "drop_off_type", "shape_dist_traveled"),
    )  # fmt: skip
    if table is None:
        return None
    rows = _ordered(table, trips, n_trips, feed.problems)
    stop = _stops(rows, stops)
    arrival, departure = _stated(rows)
    rows_ok = ~rows.broken[rows.trip]
    stop, arrival, departure = stop[rows_ok], arrival[rows_ok], departure[rows_ok]
    rows.keep(rows_ok)
    arrival, departure = _fill(rows, arrival, departure, stop, stops)
    ride = _rideable(rows) & stops.placed[stop]
    stop, arrival, departure = stop[ride], arrival[ride], departure[ride]
    rows.keep(ride)
    many = np.bincount(rows.trip, minlength=n_trips)
    alone = many[rows.trip] == 1
    note(
        rows.problems, table, "one-call",
        phrase("a trip calls at a single stop where anybody may get on or off, and was left out"),
        np.sort(rows.row[alone]), column="trip_id", rule=phrase("at least two stops"),
    )  # fmt: skip
    many = np.where(many == 1, 0, many)
    pointer = np.concatenate([[0], np.cumsum(many)])
    return Calls(pointer, stop[~alone], arrival[~alone], departure[~alone], rows.broken)


def _ordered(table: Table, trips: dict[str, int], n_trips: int, problems: Problems) -> _Rows:
    """Bring the rows in order; a place in a trip that stands twice or is no number breaks the trip."""
    trip = table.column("trip_id").rows_in(trips)
    place = table.column("stop_sequence").each(whole, np.int64)
    note(
        problems, table, "unknown-trip", phrase("rows of a trip that does not exist were passed over"),
        trip < 0, column="trip_id", rule=phrase("a trip of trips.txt"),
    )  # fmt: skip
    known = np.flatnonzero(trip >= 0)
    t, p = trip[known], place[known]
    falls = (t[1:] < t[:-1]) | ((t[1:] == t[:-1]) & (p[1:] < p[:-1]))
    order = known[np.lexsort((p, t))] if falls.any() else known
    rows = _Rows(table, problems, order, trip[order], np.zeros(n_trips, dtype=bool))
    p = place[order]
    rule = phrase("whole numbers that rise along the trip")
    rows.leave_out("bad-sequence", phrase("the place in the trip is no whole number"), p < 0,
                   "stop_sequence", rule)  # fmt: skip
    twice = np.zeros(len(order), dtype=bool)
    twice[1:] = (rows.trip[1:] == rows.trip[:-1]) & (p[1:] == p[:-1]) & (p[1:] >= 0)
    same = twice.copy()
    for name in ("stop_id", "arrival_time", "departure_time"):
        codes = table.column(name).codes[order]
        same[1:] &= codes[1:] == codes[:-1]
    note(problems, table, "row-twice", phrase("a row stands twice, and counts once"), np.sort(order[same]),
         column="stop_sequence", rule=rule)  # fmt: skip
    rows.leave_out("sequence-twice", phrase("two stops have the same place in the trip"), twice & ~same,
                   "stop_sequence", rule)  # fmt: skip
    rows.keep(~same)
    return rows


def _stops(rows: _Rows, stops: Stops) -> Ints:
    given = rows.table.column("stop_id")
    stop = given.rows_in(stops.row)[rows.row]
    empty = given.empty[rows.row]
    rows.leave_out("unknown-stop", phrase("a trip calls at a stop that does not exist"), (stop < 0) & ~empty,
                   "stop_id", phrase("a stop of stops.txt"))  # fmt: skip
    note(
        rows.problems, rows.table, "no-stop",
        phrase("a row names no stop, as for buses on demand, and was passed over"), np.sort(rows.row[empty]),
        column="stop_id", hint=phrase("Services on demand are not part of the results."),
    )  # fmt: skip
    station = (stop >= 0) & np.isin(stops.kind[stop], (1, 2, 3))
    rows.leave_out("unknown-stop", phrase("a trip calls at a station, an entrance or a path, not at a stop"),
                   station, "stop_id", phrase('a stop with "location_type" 0'))  # fmt: skip
    rows.keep(~empty)
    return stop[~empty]


def _stated(rows: _Rows) -> tuple[Ints, Ints]:
    """Times as they stand; -1 where neither is given. What is malformed or falls breaks the trip."""
    out = []
    for column in ("arrival_time", "departure_time"):
        time = rows.table.column(column).each(seconds, np.int64)[rows.row]
        rows.leave_out("bad-time", phrase("this is not a time"), time == _BAD, column,
                       phrase("hours, minutes and seconds like {examples}",
                              examples="07:05:00, 25:10:00"))  # fmt: skip
        out.append(np.maximum(time, _NONE))
    arrival, departure = out
    arrival, departure = (
        np.where(arrival < 0, departure, arrival), np.where(departure < 0, arrival, departure),
    )  # fmt: skip
    rows.leave_out("time-falls", phrase("a trip leaves a stop before it arrives there"), departure < arrival,
                   "departure_time", phrase("not before the arrival"))  # fmt: skip
    given = np.flatnonzero(arrival >= 0)
    same = rows.trip[given[1:]] == rows.trip[given[:-1]]
    falls = np.zeros(len(arrival), dtype=bool)
    falls[given[1:]] = same & (arrival[given[1:]] < departure[given[:-1]])
    rows.leave_out("time-falls", phrase("a trip arrives at a stop before it has left an earlier one"), falls,
                   "arrival_time", phrase("times that do not fall along the trip"))  # fmt: skip
    start = rows.start
    ends = start | np.append(start[1:], True)[: len(start)]
    rows.leave_out("no-time", phrase("the first or last stop of a trip has no time"), ends & (arrival < 0),
                   "arrival_time", phrase("a time at least at both ends of a trip"))  # fmt: skip
    return arrival, departure


def _fill(rows: _Rows, arrival: Ints, departure: Ints, stop: Ints, stops: Stops) -> tuple[Ints, Ints]:
    """Fill times in between two stated ones, in proportion to the way along the trip, rounded down.

    The way is `shape_dist_traveled` where it is given and rises over the whole gap, otherwise the straight
    lines from stop to stop, otherwise the number of stops.
    """
    gaps = np.flatnonzero(arrival < 0)
    if not len(gaps):
        return arrival, departure
    given = np.flatnonzero(arrival >= 0)
    after = np.searchsorted(given, gaps)
    p, n = given[after - 1], given[after]
    shape = _shape_way(rows)
    legs = np.zeros(len(stop))
    legs[1:] = metres(stops.lon[stop[:-1]], stops.lat[stop[:-1]], stops.lon[stop[1:]], stops.lat[stop[1:]])
    wrong = np.concatenate([[0], np.cumsum(np.isnan(legs))])
    straight = np.cumsum(np.nan_to_num(legs))
    share = (gaps - p) / (n - p)
    for way, good in (
        (straight, wrong[n + 1] == wrong[p + 1]),
        (shape[0], shape[1][n + 1] == shape[1][p + 1]),
    ):
        long = way[n] - way[p]
        use = good & (long > 0)
        share[use] = (way[gaps] - way[p])[use] / long[use]
    arrival, departure = arrival.copy(), departure.copy()
    arrival[gaps] = departure[p] + np.floor(share * (arrival[n] - departure[p]) + 1e-9).astype(np.int64)
    departure[gaps] = arrival[gaps]
    table = rows.table
    rows.problems.caveat(
        "times-filled-in",
        phrases("{share} of {n} call has no time; it was filled in between the stops that have one",
                "{share} of {n} calls have no time; it was filled in between the stops that have one",
                len(arrival), share=count(len(gaps))),
        file=table.file, column="arrival_time", count=len(gaps),
        hint=phrase("Travel times between such stops are an estimate, by the distance along the trip."),
    )  # fmt: skip
    return arrival, departure


def _shape_way(rows: _Rows) -> tuple[npt.NDArray[np.float64], Ints]:
    """Way along the trip at each row, and how many steps up to each row cannot be used."""
    given = rows.table.column("shape_dist_traveled").each(_distance, np.float64)[rows.row]
    step = np.zeros(len(given))
    step[1:] = np.diff(given)
    with np.errstate(invalid="ignore"):
        bad = ~(step >= 0)
    return given, np.concatenate([[0], np.cumsum(bad)])


def _distance(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return np.nan
    return value if 0 <= value < 1e12 else np.nan


def _rideable(rows: _Rows) -> Bools:
    """Rows at which somebody may get on or off; restrictions that a timetable cannot hold are said."""
    table = rows.table
    on = table.column("pickup_type").each(lambda v: int(v) if v in {"1", "2", "3"} else 0, np.int8)[rows.row]
    off = table.column("drop_off_type").each(lambda v: int(v) if v in {"1", "2", "3"} else 0, np.int8)
    off = off[rows.row]
    start = rows.start
    end = np.append(start[1:], True)[: len(start)]
    never = (on == 1) & (off == 1)
    half = (((on == 1) & ~end) | ((off == 1) & ~start)) & ~never
    note(
        rows.problems, table, "one-way-stop",
        phrase("at some stops of a trip one may only get on or only get off; here one may do both"),
        np.sort(rows.row[half]), hint=phrase("Journeys that break this rule may be part of the results."),
    )  # fmt: skip
    asked = (on > 1) | (off > 1)
    note(
        rows.problems, table, "on-request",
        phrase("at some stops a trip calls only when asked, by telephone or by a sign to the driver"),
        np.sort(rows.row[asked]), hint=phrase("Here it calls there always."),
    )  # fmt: skip
    return ~never
