"""Ways between stops that a feed states: transfers.txt, the stops of a station, and its pathways.

Source: GTFS Schedule Reference, transfers.txt, pathways.txt. What one stop is told goes before what its
station is told, that before the ways inside the station, and those before an assumed time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.model.text import phrase, phrases

from .gtfs_files import Feed, Table, get_again, note, whole
from .gtfs_pathways import station_ways
from .gtfs_stops import Stops, metres

__all__ = ["Transfers", "transfers"]

Ints = npt.NDArray[np.int64]
PACE, DETOUR = 1.0, 1.3
"""Metres a second, and how much longer the way inside a station is than a straight line: assumed."""
_STATED = ("0", "1", "2", "3", "4", "5", "")
_ASSUMED, _WAYS, _STATION = 0, 1, 2  # + 1 for each end that is a stop by itself


@dataclass(frozen=True, slots=True)
class Transfers:
    """Ways between stops.

    Parameters
    ----------
    tail, head : (X,) arrays of int
        Rows of stops.txt; each pair once, in the order of their rows. From a stop to itself: between
        two vehicles there.
    seconds : (X,) array of int
        -1 where the feed forbids the change.
    wheelchair : (W,) array of int
        Of the stops that are shown, with what the ways of their stations say.
    """

    tail: Ints
    head: Ints
    seconds: Ints
    wheelchair: npt.NDArray[np.int8]


def transfers(feed: Feed, stops: Stops, shown: Ints) -> Transfers:
    """Read the ways between the stops that are shown.

    Parameters
    ----------
    feed : Feed
    stops : Stops
    shown : (W,) array of int
        Rows of stops.txt where people get on and off.
    """
    parent = stops.parent
    station = np.where((stops.kind == 4) & (parent >= 0), parent[parent], parent)
    children: dict[int, list[int]] = {}
    for row in shown.tolist():
        if station[row] >= 0:
            children.setdefault(int(station[row]), []).append(row)
    ways, wheelchair = station_ways(feed, stops, shown)
    found: dict[tuple[int, int], tuple[int, int]] = {pair: (_WAYS, s) for pair, s in ways.items()}
    _add_stated(feed, stops, shown, children, found)
    _add_assumed(feed, stops, list(children.values()), found)
    pairs = sorted(found)
    tail, head = (np.array([p[i] for p in pairs], dtype=np.int64) for i in (0, 1))
    return Transfers(tail, head, np.array([found[p][1] for p in pairs], dtype=np.int64), wheelchair)


def _add_stated(
    feed: Feed,
    stops: Stops,
    shown: Ints,
    children: dict[int, list[int]],
    found: dict[tuple[int, int], tuple[int, int]],
) -> None:
    table = feed.table(
        "transfers.txt", ("from_stop_id", "to_stop_id"),
        ("transfer_type", "min_transfer_time", "from_route_id", "to_route_id", "from_trip_id", "to_trip_id"),
    )  # fmt: skip
    if table is None:
        return
    kind, seconds, use = _usable(feed, table, stops)
    ends = [table.column(n).rows_in(stops.row) for n in ("from_stop_id", "to_stop_id")]
    seen = set(shown.tolist())

    def stops_of(row: int) -> list[int]:
        return [row] if row in seen else children.get(row, [])

    for r in np.flatnonzero(use).tolist():
        a, b = int(ends[0][r]), int(ends[1][r])
        rank = _STATION + (a in seen) + (b in seen)
        time = -1 if kind[r] == 3 else int(seconds[r])
        for tail in stops_of(a):
            for head in stops_of(b):
                old = found.get((tail, head), (-1, 0))
                if old[0] == rank:  # said twice: what is forbidden stays so, and the longer time counts
                    time_here = -1 if -1 in (old[1], time) else max(old[1], time)
                    found[tail, head] = (rank, time_here)
                elif old[0] < rank:
                    found[tail, head] = (rank, time)


def _usable(feed: Feed, table: Table, stops: Stops) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
    """Kind, seconds (-1 where not given) and which rows state a time or forbid a change."""
    problems = feed.problems
    given = table.column("transfer_type")
    kind = given.each(lambda v: int(v or 0) if v in _STATED else -1, np.int64)
    note(problems, table, "bad-value", phrase("this kind of change is not known, and was passed over"),
         kind < 0, column="transfer_type", rule=phrase("0 to 5, or empty"))  # fmt: skip
    seconds = table.column("min_transfer_time").each(_whole, np.int64)
    note(problems, table, "bad-value", phrase("this is not a time for changing, and was passed over"),
         seconds == -2, column="min_transfer_time", rule=phrase("whole seconds, 0 or more"))  # fmt: skip
    special = np.zeros(table.rows, dtype=bool)
    for column in ("from_route_id", "to_route_id", "from_trip_id", "to_trip_id"):
        special |= ~table.column(column).empty
    special |= kind > 3
    note(problems, table, "special-transfer",
         phrase("changes between certain lines or trips only, or inside a vehicle, are not counted"),
         special)  # fmt: skip
    use = ~special & (kind >= 0)
    for column in ("from_stop_id", "to_stop_id"):
        row = table.column(column).rows_in(stops.row)
        note(problems, table, "unknown-stop", phrase("a change names a stop that does not exist"),
             (row < 0) & use, column=column, rule=phrase("a stop of stops.txt"),
             hint=get_again())  # fmt: skip
        use &= row >= 0
    note(problems, table, "no-time",
         phrase("a change that takes a certain time does not say how long, and was passed over"),
         use & (kind == 2) & (seconds == -1), column="min_transfer_time",
         rule=phrase('whole seconds where "transfer_type" is 2'))  # fmt: skip
    return kind, seconds, use & ((kind == 3) | (seconds >= 0))


def _whole(text: str) -> int:
    return -1 if not text else (-2 if whole(text) < 0 else whole(text))


def _add_assumed(
    feed: Feed,
    stops: Stops,
    stations: Sequence[Sequence[int]],
    found: dict[tuple[int, int], tuple[int, int]],
) -> None:
    """Between stops of one station of which nothing is said, the straight line tells the time."""
    new = [(a, b) for rows in stations for a in rows for b in rows if a != b and (a, b) not in found]
    if not new:
        return
    tail, head = (np.array([p[i] for p in new]) for i in (0, 1))
    away = metres(stops.lon[tail], stops.lat[tail], stops.lon[head], stops.lat[head])
    for pair, metre in zip(new, away.tolist(), strict=True):
        found[pair] = (_ASSUMED, math.ceil(metre * DETOUR / PACE))
    feed.problems.caveat(
        "assumed-transfers",
        phrases("the feed does not say how long {n} change inside a station takes",
                "the feed does not say how long {n} changes inside a station take", len(new)),
        file=feed.file, count=len(new),
        hint=phrase("They were taken as {factor} times the straight line at {pace} metres a second.",
                    factor=str(DETOUR), pace=str(PACE)),
    )  # fmt: skip
