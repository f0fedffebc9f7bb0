"""Earliest arrivals by scanning connections in the order of time; shares no code with the search.

After Dibbelt, Pajor, Strasser and Wagner 2013, "Intriguingly simple and fast transit routing", with a label
for each number of boardings. Many journeys are done at once, along the last axis of every array.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np

from isopolis.model import NO, UNKNOWN, Timetable
from isopolis.reach.transit import Links, Walks

FAR = 10**9


def travel(
    timetable: Timetable, walks: Walks, asked: Sequence[tuple[int, int]], *, limit: int, rounds: int,
    wheelchair: str | None = None, boarding: int = 0,
) -> np.ndarray:  # fmt: skip
    """(asked, places) travel seconds for (origin, departure) pairs, -1 where it takes longer than `limit`."""
    trips_ok = usable(timetable.trip_wheelchair, wheelchair)
    stops_ok = usable(timetable.stop_wheelchair, wheelchair)
    many, start = len(asked), np.array([t for _, t in asked])
    on_foot = np.full((walks.stops, many), FAR)
    first_mile = rows(walks.access)
    for i, (origin, t) in enumerate(asked):
        for stop, seconds in first_mile[origin].items():
            if stops_ok[stop]:
                on_foot[stop, i] = t + seconds
    into = changes(walks.transfers, stops_ok)
    # row k: with k boardings at most
    came = np.full((walks.stops, rounds + 1, many), FAR, dtype=np.int32)
    inside: dict[tuple[int, int], np.ndarray] = {}
    within = connections(timetable, trips_ok, start.min(), start.max() + limit)
    for _, at_once in groupby(within, key=lambda c: c[0]):
        together, again = list(at_once), True
        while again:  # hops that take no time may follow each other in any order
            again = False
            for leave, arrive, trip, hop, a, b in together:
                caught = inside.setdefault((trip, hop), np.zeros((rounds + 1, many), dtype=bool))
                before = caught.sum()
                if (trip, hop - 1) in inside:
                    caught |= inside[trip, hop - 1]
                if stops_ok[a]:
                    caught[1:] |= on_foot[a] + boarding <= leave
                    if into[a]:
                        stops, seconds = (np.array(x) for x in zip(*into[a], strict=True))
                        latest = (leave - boarding - seconds)[:, None, None]
                        caught[1:] |= (came[stops, :-1] <= latest).any(axis=0)
                earlier = caught & (came[b] > arrive)
                if earlier.any():
                    came[b][earlier] = arrive
                    again = True
                again |= bool(caught.sum() > before)
            again &= len(together) > 1
    return arrivals(walks, came[:, -1], stops_ok, asked, start, limit)


def arrivals(walks, came, stops_ok, asked, start, limit) -> np.ndarray:
    best = np.full((len(asked), walks.places), FAR)
    for stop, near in enumerate(rows(walks.egress)):
        if stops_ok[stop]:
            for place, seconds in near.items():
                best[:, place] = np.minimum(best[:, place], came[stop] + seconds - start)
    by_foot = rows(walks.direct)
    for i, (origin, _) in enumerate(asked):
        for place, seconds in by_foot[origin].items():
            best[i, place] = min(best[i, place], seconds)
    return np.where(best <= limit, best, -1)


def connections(timetable, trips_ok, first, last) -> Iterator[tuple[int, int, int, int, int, int]]:
    """(leave, arrive, trip, number of the hop, stop, next stop) by time of leaving."""
    found = []
    stop, leave = timetable.call_stop.tolist(), timetable.call_departure.tolist()
    come, pointer = timetable.call_arrival.tolist(), timetable.trip_pointer.tolist()
    for trip, ok in enumerate(trips_ok):
        if ok:
            found += [
                (leave[c], come[c + 1], trip, c - pointer[trip], stop[c], stop[c + 1])
                for c in range(pointer[trip], pointer[trip + 1] - 1)
                if first <= leave[c] and come[c + 1] <= last
            ]
    return iter(sorted(found, key=lambda c: c[0]))


def usable(answers, wheelchair) -> list[bool]:
    refused = {None: (), "optimistic": (NO,), "pessimistic": (NO, UNKNOWN)}[wheelchair]
    return [a not in refused for a in answers.tolist()]


def rows(links: Links) -> list[dict[int, int]]:
    """For each row {column: whole seconds, rounded up}."""
    out: list[dict[int, int]] = [{} for _ in range(links.rows)]
    for r, here in enumerate(out):
        for e in range(int(links.indptr[r]), int(links.indptr[r + 1])):
            c, ms = int(links.indices[e]), int(links.costs[e])
            if ms >= 0:
                here[c] = min(here.get(c, FAR), (ms + 999) // 1000)
    return out


def changes(links: Links, stops_ok) -> list[list[tuple[int, int]]]:
    """For each stop, from where one may change to it, and the seconds; here unless that is forbidden."""
    into: list[list[tuple[int, int]]] = [[] for _ in range(links.rows)]
    for a, here in enumerate(rows(links)):
        stated = a in links.indices[links.indptr[a] : links.indptr[a + 1]].tolist()
        for b, seconds in (here if stated else here | {a: 0}).items():
            if stops_ok[a] and stops_ok[b]:
                into[b].append((a, seconds))
    return into
