"""A second, plain way to walk: one search with a heap, from the places back to everybody."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Sequence
from math import floor

import numpy as np

from isopolis.model import Streets
from isopolis.reach.engine import Points
from isopolis.reach.profiles import Costs


def _at(costs: Costs, edge: int, share: float) -> tuple[int | None, int | None]:
    """Milliseconds from the tail to the point, and from the point to the tail; None where no way goes."""
    there, back = int(costs.forward[edge]), int(costs.backward[edge])
    return (None if there < 0 else floor(there * share)), (None if back < 0 else floor(back * share))


def to_nearest(streets: Streets, costs: Costs, origins: Points, places: Points, which: Sequence[int]) -> list:
    """Return milliseconds from each origin to the nearest of some places; None where there is no way."""
    into: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for edge, (a, b) in enumerate(zip(streets.tail.tolist(), streets.head.tolist(), strict=True)):
        if costs.forward[edge] >= 0:
            into[b].append((a, int(costs.forward[edge])))
        if costs.backward[edge] >= 0:
            into[a].append((b, int(costs.backward[edge])))
    heap: list[tuple[int, int]] = []
    for p in which:
        edge = int(places.edge[p])
        if edge < 0:
            continue
        f, b = _at(costs, edge, float(places.share[p]))
        extra = int(places.offset[p])
        if f is not None:
            heap.append((f + extra, int(streets.tail[edge])))
        if b is not None:
            heap.append((int(costs.backward[edge]) - b + extra, int(streets.head[edge])))
    heapq.heapify(heap)
    done: dict[int, int] = {}
    while heap:
        cost, node = heapq.heappop(heap)
        if node in done:
            continue
        done[node] = cost
        for other, more in into[node]:
            if other not in done:
                heapq.heappush(heap, (cost + more, other))
    return [_one(streets, costs, origins, places, which, o, done) for o in range(len(origins.edge))]


def _one(
    streets: Streets, costs: Costs, origins: Points, places: Points, which: Sequence[int], o: int,
    done: dict[int, int],
) -> int | None:  # fmt: skip
    edge = int(origins.edge[o])
    if edge < 0:
        return None
    f, b = _at(costs, edge, float(origins.share[o]))
    extra = int(origins.offset[o])
    found = []
    if f is not None and int(streets.head[edge]) in done:
        found.append(extra + int(costs.forward[edge]) - f + done[int(streets.head[edge])])
    if b is not None and int(streets.tail[edge]) in done:
        found.append(extra + b + done[int(streets.tail[edge])])
    for p in which:
        if int(places.edge[p]) != edge:
            continue
        pf, pb = _at(costs, edge, float(places.share[p]))
        end = extra + int(places.offset[p])
        if f is not None and pf is not None and places.share[p] >= origins.share[o]:
            found.append(end + pf - f)
        if b is not None and pb is not None and places.share[p] <= origins.share[o]:
            found.append(end + b - pb)
    return min(found, default=None)


def share_within(times: Sequence[int | None], people: np.ndarray, known: np.ndarray, limit: int) -> float:
    """Return the part of the people of known origins whose time is at most `limit`, one by one."""
    near = whole = 0.0
    for time, many, there in zip(times, people.tolist(), known.tolist(), strict=True):
        if there:
            whole += many
            near += many if time is not None and time <= limit else 0.0
    return near / whole
