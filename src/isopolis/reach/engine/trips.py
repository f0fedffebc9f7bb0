"""One journey, explained edge by edge; its cost is that of the bulk figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError
from isopolis.model.text import phrase

from .compiled import kernel
from .kernel_network import FAR
from .network import LONGEST, Graph
from .points import Points, spots

__all__ = ["Trip", "trip"]

Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Trip:
    """A journey from a point to a point.

    Parameters
    ----------
    cost : int, milliseconds
        -1 where the place cannot be reached; then there are no edges.
    edges : (n,) array of int32
        Edges in the order in which they are walked; the first and the last may be walked in part.
    forward : (n,) array of bool
        True where the edge is walked from its tail to its head.
    parts : (n,) array of int32, milliseconds
        Time on each edge.
    to_network, from_network : int, milliseconds
        Time before the first edge and after the last; the cost is their sum with the parts.
    """

    cost: int
    edges: Ints
    forward: npt.NDArray[np.bool_]
    parts: Ints
    to_network: int
    from_network: int


_Walk = list[tuple[int, bool, int]]


def trip(graph: Graph, origin: Points, place: Points, *, limit: int | None = None) -> Trip:
    """Explain the shortest journey from one origin to one place.

    Parameters
    ----------
    graph : Graph
    origin, place : Points
        One each.
    limit : int, milliseconds, optional
        Longest journey, inclusive.

    Raises
    ------
    CallError
        If there is not one point each.
    """
    if len(origin) != 1 or len(place) != 1:
        raise CallError(phrase("a journey has one origin and one place"))
    o, p = (spots(graph, x)[0] for x in (origin, place))
    most = LONGEST if limit is None else min(limit, LONGEST)
    cost, walk = _best(graph, [int(x) for x in o], [int(x) for x in p], most)
    if cost > most:
        nothing = np.empty(0, np.int32)
        return Trip(-1, nothing, nothing.astype(bool), nothing, 0, 0)
    edges, forward, parts = ([step[i] for step in walk] for i in range(3))
    return Trip(
        cost, np.array(edges, np.int32), np.array(forward, bool), np.array(parts, np.int32), int(o[15]),
        int(p[15]),
    )  # fmt: skip


def _best(graph: Graph, o: list[int], p: list[int], limit: int) -> tuple[int, _Walk]:
    """Cost and edges of the best of: along the shared chain, or by the ends of both."""
    best, walk = FAR, _Walk()
    if o[0] >= 0 and o[0] == p[0]:
        best, walk = _along_chain(graph, o, p)
    shape = graph.topology
    dist = np.full(max(1, shape.junctions), FAR, np.int32)
    came = np.full(max(1, shape.junctions), -1, np.int32)
    kernel("journey")(
        shape.ptr, graph.out, shape.way, o[3], o[5], o[4], o[6], p[3], p[4], limit, dist, came,
        np.empty(len(shape.way) + 4, np.int64),
    )  # fmt: skip
    for end in range(2):
        cost = int(dist[p[3 + end]]) + p[7 + end]
        if cost < best:
            best, walk = cost, _by_ends(graph, o, p, end, came)
    return best, walk


def _along_chain(graph: Graph, o: list[int], p: list[int]) -> tuple[int, _Walk]:
    best, walk = FAR, _Walk()
    before, after = (o[1], o[2]) <= (p[1], p[2]), (p[1], p[2]) <= (o[1], o[2])
    if before and after:
        best = o[15] + p[15]  # the same spot, whether or not the edge can be passed
    if before and p[12] == o[11] and p[9] - o[9] + o[15] + p[15] < best:
        best, walk = p[9] - o[9] + o[15] + p[15], _piece(graph, o[0], o[9], p[9], False, o, p)
    if after and o[14] == p[13] and o[10] - p[10] + o[15] + p[15] < best:
        best, walk = o[10] - p[10] + o[15] + p[15], _piece(graph, o[0], p[10], o[10], True, p, o)
    return best, walk


def _by_ends(graph: Graph, o: list[int], p: list[int], end: int, came: Any) -> _Walk:
    """Walk back from an end of the place's chain to an end of the origin's."""
    shape = graph.topology
    middle: list[_Walk] = []
    node = p[3 + end]
    while came[node] >= 0:
        way = int(came[node])
        middle.append(_chain(graph, way >> 1, bool(way & 1), None, None))
        node = int(shape.start[way >> 1]) if way & 1 == 0 else int(shape.stop[way >> 1])
    walk = _Walk()
    if o[0] >= 0:
        # the cheaper end where a ring brings both to one junction
        first = node == o[3] and (o[3] != o[4] or o[5] <= o[6])
        walk += _chain(graph, o[0], True, None, o) if first else _chain(graph, o[0], False, o, None)
    for piece in reversed(middle):
        walk += piece
    if p[0] >= 0:
        walk += _chain(graph, p[0], False, None, p) if end == 0 else _chain(graph, p[0], True, p, None)
    return walk


def _chain(graph: Graph, c: int, against: bool, low: list[int] | None, high: list[int] | None) -> _Walk:
    """Edges of a chain between two of its points; None for its start or its stop."""
    sums = graph.sum_against if against else graph.sum_along
    column = 10 if against else 9
    begin = low[column] if low else 0
    end = high[column] if high else int(sums[c])
    return _piece(graph, c, begin, end, against, low, high)


def _piece(
    graph: Graph, c: int, begin: int, end: int, against: bool, low: list[int] | None, high: list[int] | None
) -> _Walk:
    """Edges between two points of a chain, `low` first along it, in the order in which they are walked."""
    shape = graph.topology
    before, total = (graph.against, graph.sum_against) if against else (graph.along, graph.sum_along)
    first = low[1] if low else int(shape.first[c])
    last = high[1] if high else int(shape.first[c + 1]) - 1
    if high and high[2] == -(2**62):
        last -= 1  # a point on a vertex does not touch the edge that follows
    steps = _Walk()
    for s in range(first, last + 1):
        a = int(before[s])
        b = int(before[s + 1]) if s + 1 < shape.first[c + 1] else int(total[c])
        cost = min(b, end) - max(a, begin)
        steps.append((int(shape.edge_of[s]), bool(shape.flip[s]) == against, cost))
    return steps[::-1] if against else steps
