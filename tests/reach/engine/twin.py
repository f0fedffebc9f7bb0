"""The slow twin: Dijkstra on the network as it is drawn, with every point put into it as a vertex."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

FAR = math.inf
LONGEST = 2**30 - 1


@dataclass(frozen=True)
class Net:
    """Edges with costs in both directions; -1 impassable."""

    nodes: int
    tail: Sequence[int]
    head: Sequence[int]
    forward: Sequence[int]
    backward: Sequence[int]


@dataclass(frozen=True)
class At:
    """A point: edge (-1 for none), share from the tail, offset."""

    edge: int
    share: float
    offset: int


Key = tuple[str, int, float]


def vertex(net: Net, at: At) -> Key:
    """Points at the very ends are the vertices; all others are vertices of their own."""
    if at.share == 0:
        return ("v", net.tail[at.edge], 0.0)
    if at.share == 1:
        return ("v", net.head[at.edge], 0.0)
    return ("e", at.edge, at.share)


def inserted(net: Net, points: Sequence[At]) -> dict[Key, list[tuple[Key, int]]]:
    """Neighbours of every vertex, with all points in their edges in order."""
    shares: dict[int, set[float]] = {}
    for at in points:
        if at.edge >= 0 and 0 < at.share < 1:
            shares.setdefault(at.edge, set()).add(at.share)
    near: dict[Key, list[tuple[Key, int]]] = {("v", v, 0.0): [] for v in range(net.nodes)}
    for e in range(len(net.tail)):
        f, b = net.forward[e], net.backward[e]
        stops: list[tuple[Key, int, int]] = [(("v", net.tail[e], 0.0), 0, 0)]
        stops += [(("e", e, s), math.floor(f * s), math.floor(b * s)) for s in sorted(shares.get(e, ()))]
        stops.append((("v", net.head[e], 0.0), f, b))
        for here, there in pairwise(stops):
            near.setdefault(here[0], [])
            near.setdefault(there[0], [])
            if f >= 0:
                near[here[0]].append((there[0], there[1] - here[1]))
            if b >= 0:
                near[there[0]].append((here[0], there[2] - here[2]))
    return near


def distances(near: dict[Key, list[tuple[Key, int]]], start: Key) -> dict[Key, int]:
    """Shortest cost from one vertex to all that can be reached."""
    done: dict[Key, int] = {}
    heap = [(0, start)]
    while heap:
        cost, v = heapq.heappop(heap)
        if v in done:
            continue
        done[v] = cost
        for w, c in near[v]:
            if w not in done:
                heapq.heappush(heap, (cost + c, w))
    return done


def table(net: Net, origins: Sequence[At], places: Sequence[At], limit: int = LONGEST) -> list[list[float]]:
    """Costs from every origin to every place, infinite beyond the limit."""
    near = inserted(net, [*origins, *places])
    out = []
    for o in origins:
        row = [FAR] * len(places)
        if o.edge >= 0:
            found = distances(near, vertex(net, o))
            for i, p in enumerate(places):
                if p.edge >= 0 and vertex(net, p) in found:
                    cost = o.offset + found[vertex(net, p)] + p.offset
                    row[i] = cost if cost <= limit else FAR
        out.append(row)
    return out
