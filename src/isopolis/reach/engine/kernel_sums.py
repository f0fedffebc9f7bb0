"""Loops for sums within cutoffs: many neighbouring origins at once, and scattering from few places.

Origins that lie close together share one search: each junction holds the costs of 32 of them, and one step
along a chain moves all of them, so that reading the network, the queue and the tests are paid for once. A
junction is looked at again whenever one of its costs fell, until none does: the costs are then the shortest,
in whatever order that happened. Plain Python as it stands, and slow; `compiled` makes machine code of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .kernel_search import between

__all__ = ["HELPERS", "LANES", "SIGNATURES"]

FAR = 2**30
"""No way: more than the longest journey that is counted, 2**30 - 1 ms (12 days)."""

LANES = 32
"""Origins that share a search."""

HELPERS = ("between", "weight", "relax", "count", "meet", "queue", "spread", "add", "own_chain", "collect")

SIGNATURES = {
    "sums": (
        "I4 I4:2 I8:2 n n I8:2 I4 I4:2 I4 I4 F8:2 F8:2 I4 F8:2 n x n n i4:2 i4:2 i4 i4 i4 i4 i4:2 f8:2 f8:2"
    ),
    "scatter": "I8 I4 I4 F8:2 I4 F8:2 n x f8:3",
}


def weight(table: Any, t: int, step: int, cost: int, cutoff: int) -> float:
    """Weight of a journey: 1 within the cutoff, or what the table says there; 0 beyond."""
    if cost > cutoff:
        return 0.0
    if table.shape[1] == 0:
        return 1.0
    i = cost // step
    return table[t, i] if i < table.shape[1] else 0.0  # type: ignore[no-any-return]


def relax(dist: Any, u: int, v: int, cost: int, limit: int) -> int:
    """Move the costs of all lanes along a chain; return the least of those that fell, or `FAR`."""
    here, there = dist[u], dist[v]
    w, most = np.int32(cost), np.int32(limit)
    low = np.int32(FAR)
    for i in range(LANES):
        new = np.int32(here[i] + w)
        old = there[i]
        fell = (new < old) & (new <= most)
        there[i] = new if fell else old
        low = min(low, new if fell else np.int32(FAR))
    return int(low)


def queue(v: int, bucket: int, heads: Any, bucket_of: Any, links: Any) -> None:
    """Put a junction into a bucket, or move it there from a later one."""
    mask = len(heads) - 1
    was = bucket_of[v]
    if was >= 0:
        if was <= bucket:
            return
        after, before = links[v, 0], links[v, 1]
        if before >= 0:
            links[before, 0] = after
        else:
            heads[was & mask] = after
        if after >= 0:
            links[after, 1] = before
    top = heads[bucket & mask]
    links[v, 0], links[v, 1] = top, -1
    if top >= 0:
        links[top, 1] = v
    heads[bucket & mask] = v
    bucket_of[v] = bucket


def spread(
    ptr: Any, near: Any, limit: int, shift: int, first: int, waiting: int, dist: Any, links: Any,
    bucket_of: Any, heads: Any, touched: Any, seen: int,
) -> int:  # fmt: skip
    """Let costs fall along chains until none falls; return how many junctions were reached."""
    mask = len(heads) - 1
    now = first
    while waiting > 0:
        while heads[now & mask] < 0:
            now += 1
        u = heads[now & mask]
        after = links[u, 0]
        heads[now & mask] = after
        if after >= 0:
            links[after, 1] = -1
        bucket_of[u] = -1
        waiting -= 1
        for i in range(ptr[u], ptr[u + 1]):
            v, cost = near[i, 0], near[i, 1]
            if cost > limit:
                continue
            low = relax(dist, u, v, cost, limit)
            if low < FAR:
                was = bucket_of[v]
                if was == -1:
                    waiting += 1
                elif was == -2:
                    waiting += 1
                    touched[seen] = v
                    seen += 1
                    bucket_of[v] = -1
                queue(v, max(now, min(low >> shift, now + mask)), heads, bucket_of, links)
    return seen


def count(acc: Any, line: int, dist: Any, u: int, cutoff: int, amount: float) -> int:
    """Add an amount to each lane whose cost is within a cutoff."""
    here, into, most = dist[u], acc[line], np.int32(cutoff)
    for i in range(LANES):
        into[i] += amount if here[i] <= most else 0.0
    return 0


def meet(row: Any, dist: Any, a: int, a_cost: int, b: int, b_cost: int, chain: Any, own: int) -> int:
    """Write costs to a point that hangs at two junctions; `FAR` for lanes that begin on its own chain."""
    into, one, other = row[0], dist[a], dist[b]
    for i in range(LANES):
        cost = min(one[i] + a_cost, other[i] + b_cost)
        into[i] = FAR if cost > FAR or chain[i] == own else cost
    return 0


def add(dist: Any, u: int, amount: Any, cutoffs: Any, table: Any, step: int, magic: float, acc: Any) -> None:
    """Add the amounts of a point to each lane within each cutoff."""
    columns = len(amount)
    for c in range(columns):
        a = amount[c]
        if a == 0.0:
            continue
        for t in range(len(cutoffs)):
            if table.shape[1] == 0:
                count(acc, t * columns + c, dist, u, cutoffs[t], a)
            else:
                for i in range(LANES):
                    # rounded to a multiple that makes sums exact in any order
                    w = weight(table, t, step, dist[u, i], cutoffs[t])
                    acc[t * columns + c, i] += (a * w + magic) - magic


def own_chain(
    spot: Any, lane: int, dist: Any, places: Any, chain_ptr: Any, chain_place: Any, amount: Any, cutoffs: Any,
    table: Any, step: int, magic: float, acc: Any,
) -> None:  # fmt: skip
    """Add the places on the chain of an origin, which it may meet without leaving the chain."""
    for i in range(chain_ptr[spot[0]], chain_ptr[spot[0] + 1]):
        p = chain_place[i]
        best = between(spot, places[p])
        best = min(best, dist[places[p, 3], lane] + places[p, 7])
        best = min(best, dist[places[p, 4], lane] + places[p, 8])
        for t in range(len(cutoffs)):
            w = weight(table, t, step, best, cutoffs[t])
            if w != 0.0:
                for c in range(amount.shape[1]):
                    x = amount[p, c]
                    line = t * amount.shape[1] + c
                    acc[line, lane] += x if table.shape[1] == 0 else (x * w + magic) - magic


def collect(
    chain: Any, dist: Any, touched: Any, seen: int, hook_ptr: Any, hook: Any, at_node: Any,
    amount: Any, cutoffs: Any, table: Any, step: int, magic: float, limit: int, bucket_of: Any, row: Any,
    acc: Any,
) -> None:  # fmt: skip
    """Add the amounts at the junctions reached, and of the points that hang at them, each point once."""
    for t in range(seen):
        u = touched[t]
        add(dist, u, at_node[u], cutoffs, table, step, magic, acc)
        for i in range(hook_ptr[u], hook_ptr[u + 1]):
            end = hook[i]
            if end[1] and end[4] <= limit and bucket_of[end[3]] != -2:
                continue  # counted at its first end
            meet(row, dist, u, end[2], end[3], end[4], chain, end[5])
            add(row, 0, amount[end[0]], cutoffs, table, step, magic, acc)


def sums(
    ptr: Any, near: Any, origins: Any, begin: int, end: int, places: Any, hook_ptr: Any, hook: Any,
    chain_ptr: Any, chain_place: Any, at_node: Any, amount: Any, cutoffs: Any, table: Any, step: int,
    magic: float, limit: int, shift: int, dist: Any, links: Any, bucket_of: Any, heads: Any, touched: Any,
    chain: Any, row: Any, acc: Any, out: Any,
) -> None:  # fmt: skip
    """Sum what origins `begin` to `end` reach, `LANES` at a time.

    `dist` comes and goes as `FAR`, `bucket_of` as -2 (not reached) and `heads` as -1 everywhere.
    """
    for o in range(begin, end, LANES):
        lanes = min(LANES, end - o)
        seen = waiting = 0
        first = FAR
        chain[:] = -2
        acc[:] = 0.0
        for k in range(lanes):
            for side in range(2):
                if origins[o + k, 5 + side] <= limit:
                    first = min(first, origins[o + k, 5 + side])
        first >>= shift
        for k in range(lanes):
            chain[k] = origins[o + k, 0] if origins[o + k, 0] >= 0 else -2
            for side in range(2):
                v, cost = origins[o + k, 3 + side], origins[o + k, 5 + side]
                if cost <= limit and cost < dist[v, k]:
                    dist[v, k] = cost
                    if bucket_of[v] == -2:
                        touched[seen] = v
                        seen += 1
                        waiting += 1
                        bucket_of[v] = -1
                    queue(v, min(cost >> shift, first + len(heads) - 1), heads, bucket_of, links)
        seen = spread(ptr, near, limit, shift, first, waiting, dist, links, bucket_of, heads, touched, seen)
        collect(
            chain, dist, touched, seen, hook_ptr, hook, at_node, amount, cutoffs, table, step, magic, limit,
            bucket_of, row, acc,
        )  # fmt: skip
        for k in range(lanes):
            if chain[k] >= 0:
                own_chain(
                    origins[o + k], k, dist, places, chain_ptr, chain_place, amount, cutoffs, table, step,
                    magic, acc,
                )  # fmt: skip
            for t in range(len(acc)):
                out[o + k, t] = acc[t, k]
        for t in range(seen):
            dist[touched[t]] = FAR
            bucket_of[touched[t]] = -2


def scatter(
    ptr: Any, found: Any, costs: Any, amount: Any, cutoffs: Any, table: Any, step: int, magic: float, out: Any
) -> None:
    """Add the amounts of each row's place to every point that its row holds."""
    for p in range(len(ptr) - 1):
        for i in range(ptr[p], ptr[p + 1]):
            for t in range(len(cutoffs)):
                w = weight(table, t, step, costs[i], cutoffs[t])
                if w != 0.0:
                    for c in range(amount.shape[1]):
                        x = amount[p, c]
                        out[found[i], t, c] += x if table.shape[1] == 0 else (x * w + magic) - magic
