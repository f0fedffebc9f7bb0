"""Edits of a timetable: more trips like one that runs, a route at another headway, trips taken away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError, Timetable
from isopolis.model.errors import near
from isopolis.model.text import phrase

__all__ = ["with_headway", "with_trips", "without_trips"]

Whole = npt.NDArray[np.int64]
TRIPS = ("trip_ids", "trip_routes", "trip_wheelchair", "trip_fare")
LATEST = 2**31 - 1


def with_trips(timetable: Timetable, like: str, departures: Sequence[int]) -> Timetable:
    """Add trips that run like one there is: the same stops, the same times on the way, another start.

    Parameters
    ----------
    timetable : Timetable
    like : str
        Id of the trip; times, wheelchair access and fare are its own.
    departures : sequence of int, seconds after midnight
        When the new trips leave their first stop. Their ids are that of `like` and the time.

    Raises
    ------
    CallError
        If there is no such trip, it calls nowhere, or a time is below 0 or repeated.
    """
    row = _row(timetable, like)
    starts = [int(d) for d in departures]
    if any(d < 0 for d in starts) or len(set(starts)) != len(starts):
        raise CallError(phrase("new trips leave at different times, none before midnight"))
    return _added(timetable, [(row, d) for d in starts])


def without_trips(timetable: Timetable, trips: Iterable[str]) -> Timetable:
    """Take trips away.

    Raises
    ------
    CallError
        If there is no such trip.
    """
    kept = np.ones(len(timetable.trip_ids), dtype=bool)
    kept[[_row(timetable, t) for t in trips]] = False
    return _kept(timetable, kept)


def with_headway(timetable: Timetable, route: str, seconds: int, span: tuple[int, int]) -> Timetable:
    """Run a route at even intervals for a part of the day.

    Trips of the route that start within the span are replaced; each sequence of stops (each direction, each
    branch) gets its own trips, run like its first one of the span, from its first departure on. Trips that
    start earlier or later stay. Fewer trips than before are possible: that is a cut, and worth comparing.

    Parameters
    ----------
    timetable : Timetable
    route : str
        As riders know it.
    seconds : int, above 0
        Between two departures.
    span : (int, int), seconds after midnight
        From the first (inclusive) to the last (exclusive).

    Raises
    ------
    CallError
        If there is no such route, the interval is not above 0, or no trip of the route starts in the span.
    """
    if route not in set(timetable.trip_routes.tolist()):
        known = near(route, sorted(set(timetable.trip_routes.tolist())))
        raise CallError(phrase('there is no route "{route}": {near}', route=route, near=known))
    if seconds <= 0 or not 0 <= span[0] < span[1]:
        raise CallError(
            phrase("a headway is longer than 0 seconds, in a part of the day that ends after it begins")
        )
    first = _first_departures(timetable)
    inside = (timetable.trip_routes == route) & (first >= span[0]) & (first < span[1])
    if not inside.any():
        raise CallError(phrase('no trip of "{route}" starts in that part of the day', route=route))
    leaders: dict[bytes, int] = {}
    for row in np.flatnonzero(inside)[np.argsort(first[inside], kind="stable")].tolist():
        leaders.setdefault(timetable.call_stop[_calls(timetable, row)].tobytes(), row)
    new = [(row, at) for row in leaders.values() for at in range(int(first[row]), span[1], int(seconds))]
    return _kept(_added(timetable, new), np.append(~inside, np.ones(len(new), dtype=bool)))


def _row(timetable: Timetable, trip: str) -> int:
    found = np.flatnonzero(timetable.trip_ids == trip)
    if not len(found):
        known = near(trip, timetable.trip_ids.tolist())
        raise CallError(phrase('there is no trip "{trip}": {near}', trip=trip, near=known))
    row = int(found[0])
    if timetable.trip_pointer[row] == timetable.trip_pointer[row + 1]:
        raise CallError(phrase('the trip "{trip}" calls at no stop', trip=trip))
    return row


def _calls(timetable: Timetable, row: int) -> slice:
    return slice(int(timetable.trip_pointer[row]), int(timetable.trip_pointer[row + 1]))


def _first_departures(timetable: Timetable) -> Whole:
    """(T,) seconds; -1 for a trip that calls nowhere."""
    starts, some = timetable.trip_pointer[:-1], np.diff(timetable.trip_pointer) > 0
    out = np.full(len(starts), -1, dtype=np.int64)
    out[some] = timetable.call_departure[starts[some]]
    return out


def _added(timetable: Timetable, new: Sequence[tuple[int, int]]) -> Timetable:
    """Add trips at the end: each like a row, leaving its first stop at a time."""
    if not new:
        return timetable
    rows = np.array([row for row, _ in new])
    calls = [_calls(timetable, row) for row in rows]
    moved = [at - int(timetable.call_departure[span.start]) for (_, at), span in zip(new, calls, strict=True)]
    columns: dict[str, Any] = {}
    for name in TRIPS:
        columns[name] = _both(getattr(timetable, name), getattr(timetable, name)[rows])
    columns["trip_ids"] = _both(timetable.trip_ids, _names(timetable, new))
    for name in ("call_arrival", "call_departure"):
        times = getattr(timetable, name).astype(np.int64)
        shifted = [np.maximum(times[span] + by, 0) for span, by in zip(calls, moved, strict=True)]
        columns[name] = _both(times, np.concatenate(shifted))
        if columns[name].max() > LATEST:
            raise CallError(phrase("a new trip would run too long after midnight"))
    columns["call_stop"] = _both(timetable.call_stop, np.concatenate([timetable.call_stop[s] for s in calls]))
    lengths = np.cumsum([s.stop - s.start for s in calls])
    columns["trip_pointer"] = np.append(timetable.trip_pointer, timetable.trip_pointer[-1] + lengths)
    return replace(timetable, **columns)


def _names(timetable: Timetable, new: Sequence[tuple[int, int]]) -> npt.NDArray[np.object_]:
    """Ids of new trips; a number more where the id is taken."""
    taken, out = set(timetable.trip_ids.tolist()), np.empty(len(new), dtype=object)
    for i, (row, at) in enumerate(new):
        stem = f"{timetable.trip_ids[row]} {at // 3600:02d}:{at // 60 % 60:02d}:{at % 60:02d}"
        name, again = stem, 2
        while name in taken:
            name, again = f"{stem} ({again})", again + 1
        taken.add(name)
        out[i] = name
    return out


def _kept(timetable: Timetable, kept: npt.NDArray[np.bool_]) -> Timetable:
    lengths = np.diff(timetable.trip_pointer)
    calls = np.repeat(kept, lengths)
    columns: dict[str, Any] = {name: getattr(timetable, name)[kept] for name in TRIPS}
    columns |= {n: getattr(timetable, n)[calls] for n in ("call_stop", "call_arrival", "call_departure")}
    columns["trip_pointer"] = np.append(0, np.cumsum(lengths[kept]))
    return replace(timetable, **columns)


def _both(first: npt.NDArray[np.generic], second: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    return np.concatenate([first, second])
