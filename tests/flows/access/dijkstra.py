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


def _leave(streets: Streets, costs: Costs, edge: int, share: float) -> list[tuple[int, int]]:
    """Vertices that a point leads to, with milliseconds; at an end it stands on the vertex itself."""
    tail, head = int(streets.tail[edge]), int(streets.head[edge])
    there, back = int(costs.forward[edge]), int(costs.backward[edge])
    out = []
    if there >= 0:
        out.append((head, there - floor(there * share)))
    if back >= 0:
        out.append((tail, floor(back * share)))
    return [*out, *([(tail, 0)] if share == 0 else []), *([(head, 0)] if share == 1 else [])]


def _arrive(streets: Streets, costs: Costs, edge: int, share: float) -> list[tuple[int, int]]:
    """Vertices from which a point is reached, with milliseconds."""
    tail, head = int(streets.tail[edge]), int(streets.head[edge])
    there, back = int(costs.forward[edge]), int(costs.backward[edge])
    out = []
    if there >= 0:
        out.append((tail, floor(there * share)))
    if back >= 0:
        out.append((head, back - floor(back * share)))
    return [*out, *([(tail, 0)] if share == 0 else []), *([(head, 0)] if share == 1 else [])]


def _along(costs: Costs, edge: int, start: float, end: float) -> list[int]:
    """Milliseconds between two points of one edge without leaving it."""
    there, back = int(costs.forward[edge]), int(costs.backward[edge])
    out = [0] if start == end else []
    if there >= 0 and end >= start:
        out.append(floor(there * end) - floor(there * start))
    if back >= 0 and end <= start:
        out.append(floor(back * start) - floor(back * end))
    return out


def to_nearest(streets: Streets, costs: Costs, origins: Points, places: Points, which: Sequence[int]) -> list:
    """Return milliseconds from each origin to the nearest of some places; None where there is no way."""
    into: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for edge, (a, b) in enumerate(zip(streets.tail.tolist(), streets.head.tolist(), strict=True)):
        if costs.forward[edge] >= 0:
            into[b].append((a, int(costs.forward[edge])))
        if costs.backward[edge] >= 0:
            into[a].append((b, int(costs.backward[edge])))
    known = [p for p in which if places.edge[p] >= 0]
    heap = [
        (more + int(places.offset[p]), node)
        for p in known
        for node, more in _arrive(streets, costs, int(places.edge[p]), float(places.share[p]))
    ]
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
    return [_one(streets, costs, origins, places, known, o, done) for o in range(len(origins.edge))]


def _one(
    streets: Streets, costs: Costs, origins: Points, places: Points, known: Sequence[int], o: int,
    done: dict[int, int],
) -> int | None:  # fmt: skip
    edge, share, extra = int(origins.edge[o]), float(origins.share[o]), int(origins.offset[o])
    if edge < 0:
        return None
    found = [extra + m + done[n] for n, m in _leave(streets, costs, edge, share) if n in done]
    for p in known:
        if int(places.edge[p]) == edge:
            end = extra + int(places.offset[p])
            found += [end + m for m in _along(costs, edge, share, float(places.share[p]))]
    return min(found, default=None)


def share_within(times: Sequence[int | None], people: np.ndarray, known: np.ndarray, limit: int) -> float:
    """Return the part of the people of known origins whose time is at most `limit`, one by one."""
    near = whole = 0.0
    for time, many, there in zip(times, people.tolist(), known.tolist(), strict=True):
        if there:
            whole += many
            near += many if time is not None and time <= limit else 0.0
    return near / whole
