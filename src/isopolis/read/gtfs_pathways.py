"""Ways inside stations, and whether a wheelchair gets through: pathways.txt.

Source: GTFS Schedule Reference, pathways.txt: `pathway_mode` 1 walkway, 2 stairs, 3 moving pavement,
4 escalator, 5 lift, 6 fare gate, 7 exit gate; `max_slope` empty means no slope.
"""

from __future__ import annotations

import heapq
import math

import numpy as np
import numpy.typing as npt

from isopolis.model.places import NO, UNKNOWN, YES
from isopolis.model.text import phrase, phrases

from .gtfs_files import Feed, Table, get_again, note
from .gtfs_stops import Stops, metres

__all__ = ["station_ways"]

STEEPEST = 0.083
"""Slope that a wheelchair user can be expected to manage: 1 in 12 (ISO 21542)."""
NARROWEST = 0.8
"""Metres between walls that a wheelchair needs (ISO 21542)."""
_PACE = 1.0
_STEP, _LIFT, _LEAST = 0.6, 45.0, 5.0
"""Seconds for a step, a lift, and anything else of unknown length: assumed."""
_STAIRS, _LIFTS = 2, 5
_ONE_WAY_ONLY = (7,)
Reach = dict[int, list[tuple[int, float, bool]]]


def station_ways(
    feed: Feed, stops: Stops, shown: npt.NDArray[np.int64]
) -> tuple[dict[tuple[int, int], int], npt.NDArray[np.int8]]:
    """Seconds between stops along the pathways, and the wheelchair access of the stops.

    A stop of unknown access becomes `YES` where a way without steps leads from an entrance to it and
    back, and `NO` where ways lead there but none without steps. A stated access stays; where the ways
    contradict it that is a caveat.

    Returns
    -------
    seconds : dict of (row, row) to int
        Rows of stops.txt, of stops that are shown.
    wheelchair : (W,) array of int, three-valued
    """
    wheelchair = stops.wheelchair[shown].copy()
    table = feed.table(
        "pathways.txt", ("from_stop_id", "to_stop_id", "pathway_mode", "is_bidirectional"),
        ("length", "traversal_time", "stair_count", "max_slope", "min_width"),
    )  # fmt: skip
    if table is None or not table.rows:
        return {}, wheelchair
    onward = _network(feed, table, stops)
    platforms = [r for r in shown.tolist() if r in onward]
    seen = set(platforms)
    seconds: dict[tuple[int, int], int] = {}
    for row in platforms:
        for other, time in _times(onward, row).items():
            if other != row and other in seen:
                seconds[row, other] = math.ceil(time)
    _judge(feed, stops, shown, onward, wheelchair)
    return seconds, wheelchair


def _network(feed: Feed, table: Table, stops: Stops) -> Reach:
    """From each place to the next ones: seconds, and whether a wheelchair gets through."""
    problems = feed.problems
    tail, head = (table.column(n).rows_in(stops.row) for n in ("from_stop_id", "to_stop_id"))
    mode = table.column("pathway_mode").each(lambda v: int(v) if v in set("1234567") else 0, np.int64)
    both = table.column("is_bidirectional").each(lambda v: v == "1", bool)
    for column, row in (("from_stop_id", tail), ("to_stop_id", head)):
        note(problems, table, "unknown-stop",
             phrase("a way in a station leads to a place that does not exist"), row < 0,
             column=column, rule=phrase('a "stop_id" of stops.txt'), hint=get_again())  # fmt: skip
    note(problems, table, "bad-value", phrase("this kind of way is not known; it was passed over"), mode == 0,
         column="pathway_mode", rule=phrase("1 to 7"))  # fmt: skip
    use = (tail >= 0) & (head >= 0) & (mode > 0)
    time = _seconds(feed, table, stops, tail, head, mode, use)
    free = _step_free(table, mode)
    onward: Reach = {}
    for r in np.flatnonzero(use).tolist():
        a, b = int(tail[r]), int(head[r])
        onward.setdefault(a, []).append((b, float(time[r]), bool(free[r])))
        onward.setdefault(b, [])
        if both[r] and mode[r] not in _ONE_WAY_ONLY:
            onward[b].append((a, float(time[r]), bool(free[r])))
    # a boarding area belongs to its platform, which stands in the same place
    for area in np.flatnonzero((stops.kind == 4) & (stops.parent >= 0)).tolist():
        platform = int(stops.parent[area])
        if area in onward or platform in onward:
            onward.setdefault(area, []).append((platform, 0.0, True))
            onward.setdefault(platform, []).append((area, 0.0, True))
    return onward


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return np.nan
    return value if 0 <= value < 1e6 else np.nan


def _seconds(
    feed: Feed,
    table: Table,
    stops: Stops,
    tail: npt.NDArray[np.int64],
    head: npt.NDArray[np.int64],
    mode: npt.NDArray[np.int64],
    use: npt.NDArray[np.bool_],
) -> npt.NDArray[np.float64]:
    """The stated time; else by the length, the steps, the lift, or the straight line."""
    stated, length = (table.column(n).each(_positive, np.float64) for n in ("traversal_time", "length"))
    steps = np.abs(table.column("stair_count").each(_signed, np.float64))
    line = metres(stops.lon[tail], stops.lat[tail], stops.lon[head], stops.lat[head])
    guess = np.maximum(np.nan_to_num(line) / _PACE, _LEAST)
    guess = np.where((mode == _STAIRS) & (steps > 0), steps * _STEP, guess)
    guess = np.where(mode == _LIFTS, _LIFT, guess)
    time = np.where(np.isnan(stated), np.where(np.isnan(length), guess, length / _PACE), stated)
    guessed = int((np.isnan(stated) & np.isnan(length) & use).sum())
    if guessed:
        feed.problems.caveat(
            "assumed-ways",
            phrases("{n} way inside a station has neither a time nor a length",
                    "{n} ways inside a station have neither a time nor a length", guessed),
            file=table.file, count=guessed,
            hint=phrase("Their time was estimated from steps, lifts and straight lines."),
        )  # fmt: skip
    return time


def _signed(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if abs(value) < 1e6 else 0.0


def _step_free(table: Table, mode: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    slope = np.abs(table.column("max_slope").each(_signed, np.float64))
    width = table.column("min_width").each(_positive, np.float64)
    narrow = np.nan_to_num(width, nan=np.inf) < NARROWEST
    sloped = np.isin(mode, (1, 3)) & (slope > STEEPEST)
    return ~np.isin(mode, (_STAIRS, 4)) & ~sloped & ~narrow


def _times(onward: Reach, start: int) -> dict[int, float]:
    """Seconds from one place to every other one along the ways (Dijkstra)."""
    best = {start: 0.0}
    queue = [(0.0, start)]
    while queue:
        time, place = heapq.heappop(queue)
        if time > best[place]:
            continue
        for other, more, _ in onward.get(place, ()):
            if time + more < best.get(other, math.inf):
                best[other] = time + more
                heapq.heappush(queue, (time + more, other))
    return best


def _reached(onward: Reach, starts: list[int], *, free: bool) -> set[int]:
    seen, left = set(starts), list(starts)
    while left:
        for other, _, passable in onward.get(left.pop(), ()):
            if other not in seen and (passable or not free):
                seen.add(other)
                left.append(other)
    return seen


def _judge(
    feed: Feed,
    stops: Stops,
    shown: npt.NDArray[np.int64],
    onward: Reach,
    wheelchair: npt.NDArray[np.int8],
) -> None:
    back: Reach = {place: [] for place in onward}
    for place, ways in onward.items():
        for other, time, passable in ways:
            back[other].append((place, time, passable))
    doors = [p for p in onward if stops.kind[p] == 2]
    usable = [p for p in doors if stops.wheelchair[p] != NO]
    anyhow = _reached(onward, doors, free=False)
    free = _reached(onward, usable, free=True) & _reached(back, usable, free=True)
    wrong = 0
    for w, row in enumerate(shown.tolist()):
        if row in anyhow:
            wrong += wheelchair[w] == YES and row not in free
            if wheelchair[w] == UNKNOWN:
                wheelchair[w] = YES if row in free else NO
    if wrong:
        feed.problems.caveat(
            "ways-contradict",
            phrases("{n} stop is said to be accessible, but no way without steps leads to it",
                    "{n} stops are said to be accessible, but no way without steps leads to them",
                    int(wrong)),
            file=f"{feed.file}/pathways.txt", count=int(wrong),
            hint=phrase("They were taken as accessible; ask the publisher of the feed."),
        )  # fmt: skip
