"""Loops over the network: which vertices are kept, chains between them, costs, where points hang.

Plain Python as it stands, and slow; `compiled` makes machine code of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["HELPERS", "SIGNATURES"]

FAR = 2**30
"""No way: more than the longest journey that is counted, 2**30 - 1 ms (12 days)."""

VERTEX = -(2**62)
"""Place on its edge of a point that stands on a vertex: before everything on the edge that follows."""

HELPERS: tuple[str, ...] = ()

SIGNATURES = {
    "degrees": "I4 I4 i4",
    "hilbert": "F8 F8 I8 n x x x x i8",
    "incidence": "I4 I4 i4 i4",
    "chains": "I4 I4 I4 I4 i4 n u1 i4 i4 i4 i4 i4 u1 i4 i4",
    "adjacency": "I4 I4 n i4 i4 i4",
    "weights": "I4 I4 I4 I4 U1 i8 i8 i4 i4 i8 i8 i4 i4",
    "fill": "I4 I4 I8 I8 I4 I4 i4:2 i4:2",
    "attach": "I4 F8 I4 I4 I4 I4 I4 I4 I4 U1 I4 I4 I4 I4 I4 I8 I8 I4 I4 I8 I8 I4 I4 i8:2",
    "hooks": "I8:2 n n i4 i4:2",
}


def degrees(tail: Any, head: Any, degree: Any) -> None:
    """Count the ends of edges at each vertex; a loop counts twice, and makes its vertex one that is kept."""
    for e in range(len(tail)):
        degree[tail[e]] += 1
        degree[head[e]] += 1
        if tail[e] == head[e]:
            degree[tail[e]] += 4  # never 2, whatever else meets there


def hilbert(
    lon: Any, lat: Any, which: Any, depth: int, west: float, south: float, wide: float, high: float, out: Any
) -> None:
    """Write the place of each vertex on Hilbert's curve, with the vertex in the lower 32 bits."""
    side = 1 << depth
    for i in range(len(which)):
        v = which[i]
        x = min(side - 1, int((lon[v] - west) * wide))
        y = min(side - 1, int((lat[v] - south) * high))
        code = 0
        s = side >> 1
        while s > 0:
            rx = 1 if x & s else 0
            ry = 1 if y & s else 0
            code += s * s * ((3 * rx) ^ ry)
            if ry == 0:
                if rx == 1:
                    x = side - 1 - x
                    y = side - 1 - y
                x, y = y, x
            s >>= 1
        out[i] = (code << 32) | v


def incidence(tail: Any, head: Any, ptr: Any, ends: Any) -> None:
    """List the ends of edges at each vertex: 2e for the tail of edge e, 2e + 1 for its head."""
    n = len(ptr) - 1
    for e in range(len(tail)):
        ptr[tail[e] + 1] += 1
        ptr[head[e] + 1] += 1
    for v in range(n):
        ptr[v + 1] += ptr[v]
    for e in range(len(tail) - 1, -1, -1):
        # from the back, so that each list begins where ptr says when all are in
        v = head[e] + 1
        ptr[v] -= 1
        ends[ptr[v]] = 2 * e + 1
        v = tail[e] + 1
        ptr[v] -= 1
        ends[ptr[v]] = 2 * e
    for v in range(n):
        ptr[v] = ptr[v + 1]
    ptr[n] = 2 * len(tail)


def chains(
    tail: Any, head: Any, ptr: Any, ends: Any, kept: Any, many: int, used: Any, junction: Any, inner: Any,
    start: Any, stop: Any, edge_of: Any, flip: Any, chain_of: Any, first: Any,
) -> tuple[int, int]:  # fmt: skip
    """Walk every chain from the vertices kept, then rings that meet none; return chains and junctions.

    `kept` has room for every vertex; its first `many` are given, in their order.
    """
    for j in range(many):
        junction[kept[j]] = j
    c = 0
    slot = 0
    j = 0
    e_next = 0
    while True:
        if j == many:
            while e_next < len(tail) and used[e_next]:
                e_next += 1
            if e_next == len(tail):
                break
            kept[many] = tail[e_next]  # a ring: any of its vertices may be its junction
            junction[tail[e_next]] = many
            many += 1
        v = kept[j]
        for i in range(ptr[v], ptr[v + 1]):
            end = ends[i]
            if used[end >> 1]:
                continue
            first[c] = slot
            start[c] = j
            while True:
                e = end >> 1
                used[e] = 1
                edge_of[slot] = e
                flip[slot] = end & 1
                chain_of[slot] = c
                slot += 1
                w = head[e] if end & 1 == 0 else tail[e]
                if junction[w] >= 0:
                    stop[c] = junction[w]
                    break
                inner[w] = slot
                at = ptr[w]
                end = ends[at] if ends[at] >> 1 != e else ends[at + 1]
            c += 1
        j += 1
    first[c] = slot
    return c, many


def adjacency(start: Any, stop: Any, chains: int, ptr: Any, head: Any, way: Any) -> int:
    """List chains at each junction: the other end, and 2c along chain c or 2c + 1 against it."""
    n = len(ptr) - 1
    for c in range(chains):
        if start[c] != stop[c]:  # a loop leads nowhere new
            ptr[start[c] + 1] += 1
            ptr[stop[c] + 1] += 1
    for v in range(n):
        ptr[v + 1] += ptr[v]
    total = ptr[n]
    for c in range(chains - 1, -1, -1):
        if start[c] != stop[c]:
            v = stop[c] + 1
            ptr[v] -= 1
            head[ptr[v]] = start[c]
            way[ptr[v]] = 2 * c + 1
            v = start[c] + 1
            ptr[v] -= 1
            head[ptr[v]] = stop[c]
            way[ptr[v]] = 2 * c
    for v in range(n):
        ptr[v] = ptr[v + 1]
    ptr[n] = total
    return total


def weights(
    forward: Any, backward: Any, first: Any, edge_of: Any, flip: Any,
    along: Any, against: Any, shut_along: Any, shut_against: Any,
    sum_along: Any, sum_against: Any, many_along: Any, many_against: Any,
) -> None:  # fmt: skip
    """Add up the costs and the impassable edges of each chain, before each of its edges and in all."""
    for c in range(len(first) - 1):
        f = g = 0
        nf = ng = 0
        for s in range(first[c], first[c + 1]):
            e = edge_of[s]
            along[s], against[s] = f, g
            shut_along[s], shut_against[s] = nf, ng
            if flip[s]:
                x, y = backward[e], forward[e]
            else:
                x, y = forward[e], backward[e]
            if x < 0:
                nf += 1
            else:
                f += x
            if y < 0:
                ng += 1
            else:
                g += y
        sum_along[c], sum_against[c] = f, g
        many_along[c], many_against[c] = nf, ng


def fill(
    head: Any, way: Any, sum_along: Any, sum_against: Any, many_along: Any, many_against: Any, out: Any,
    back: Any,
) -> None:  # fmt: skip
    """Put costs into the lists of neighbours: `out` for leaving, `back` for coming from them."""
    for i in range(len(head)):
        c = way[i] >> 1
        x = sum_along[c] if many_along[c] == 0 and sum_along[c] < FAR else FAR
        y = sum_against[c] if many_against[c] == 0 and sum_against[c] < FAR else FAR
        if way[i] & 1:
            x, y = y, x
        out[i, 0] = head[i]
        out[i, 1] = x
        back[i, 0] = head[i]
        back[i, 1] = y


def attach(
    edge: Any, share: Any, offset: Any, tail: Any, head: Any, junction: Any, inner: Any, slot_of: Any,
    chain_of: Any, flip: Any, start: Any, stop: Any, forward: Any, backward: Any, first: Any,
    along: Any, against: Any, shut_along: Any, shut_against: Any,
    sum_along: Any, sum_against: Any, many_along: Any, many_against: Any, spot: Any,
) -> None:  # fmt: skip
    """Say of each point at which junctions it hangs, at what cost, and where on its chain it is (`Spots`)."""
    for i in range(len(edge)):
        out = spot[i]
        e = edge[i]
        out[0] = -1
        out[5] = out[6] = out[7] = out[8] = FAR
        out[15] = min(FAR, offset[i])
        if e < 0:
            continue
        v = -1
        if share[i] == 0.0:
            v = tail[e]
        elif share[i] == 1.0:
            v = head[e]
        if v >= 0 and junction[v] >= 0:
            out[3] = out[4] = junction[v]
            out[5] = out[7] = out[15]
            continue
        f = g = 0
        mf = mg = 0
        if v >= 0:
            s = inner[v]
            out[2] = VERTEX
        else:
            s = slot_of[e]
            x, y = forward[e], backward[e]
            if x >= 0:
                f = int(np.floor(x * share[i]))
            else:
                mf = 1
            if y >= 0:
                g = int(np.floor(y * share[i]))
            else:
                mg = 1
            key = np.float64(share[i]).view(np.int64)
            if flip[s]:
                f, g = (y - g if y >= 0 else 0), (x - f if x >= 0 else 0)
                mf, mg = mg, mf
                key = -key
            out[2] = key
        c = chain_of[s]
        out[0] = c
        out[1] = s
        out[3] = start[c]
        out[4] = stop[c]
        f += along[s]
        g += against[s]
        out[9] = f
        out[10] = g
        out[11] = shut_along[s]
        out[12] = shut_along[s] + mf
        out[13] = shut_against[s]
        out[14] = shut_against[s] + mg
        if out[14] == 0:
            out[5] = min(FAR, g + out[15])
        if many_along[c] == out[11]:
            out[6] = min(FAR, sum_along[c] - f + out[15])
        if out[12] == 0:
            out[7] = min(FAR, f + out[15])
        if many_against[c] == out[13]:
            out[8] = min(FAR, sum_against[c] - g + out[15])


def hooks(spot: Any, cost: int, limit: int, ptr: Any, hook: Any) -> int:
    """List what hangs at each junction, for costs at the ends from column `cost` on that are within a limit.

    Columns of `hook`: point, which of its ends, cost here, junction and cost of the other end, chain.
    """
    n = len(ptr) - 1
    for p in range(len(spot)):
        for end in range(2):
            if spot[p, cost + end] <= limit:
                ptr[spot[p, 3 + end] + 1] += 1
    for v in range(n):
        ptr[v + 1] += ptr[v]
    total = ptr[n]
    for p in range(len(spot) - 1, -1, -1):
        for end in range(1, -1, -1):
            if spot[p, cost + end] <= limit:
                v = spot[p, 3 + end] + 1
                ptr[v] -= 1
                out = hook[ptr[v]]
                out[0], out[1], out[2] = p, end, spot[p, cost + end]
                out[3], out[4], out[5] = spot[p, 4 - end], spot[p, cost + 1 - end], spot[p, 0]
    for v in range(n):
        ptr[v] = ptr[v + 1]
    ptr[n] = total
    return total
