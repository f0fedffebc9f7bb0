"""Loops that search: nearest places in one pass, k nearest, rows of a matrix, one journey.

A label is one whole number, its cost in the upper 32 bits and a place or a vertex in the lower, so that equal
costs go by the number below. Plain Python as it stands, and slow; `compiled` makes machine code of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["HELPERS", "SIGNATURES"]

FAR = 2**30
"""No way: more than the longest journey that is counted, 2**30 - 1 ms (12 days)."""

NONE = 2**62
"""Label of what has not been reached."""

LOW = 2**32 - 1
"""The lower half of a label."""

HELPERS = ("push", "pop", "push_with", "pop_with", "between", "settle", "queued", "flood")

SIGNATURES = {
    "nearest_labels": "I4 I4:2 I8:2 n i8 i8 i4",
    "nearest_read": "I8:2 I8:2 I4 I4 I8 n i4 i4",
    "k_labels": "I4 I4:2 I8:2 n n i8:2 i4",
    "k_read": "I8:2 I8:2 I4 I4 I8:2 I4 n i4:2 i4:2",
    "rows": "I4 I4:2 I8:2 n n I8:2 n I4 I4:2 I4 I4 n n i4:2 i4 i4 i8 i4 i4",
    "turn": "I8 I4 I4 n i8 i4 i4",
    "journey": "I4 I4:2 I4 n n n n n n n i4 i4 i8",
}


def push(heap: Any, size: int, key: int) -> int:
    """Put a number on the heap; return how many there are."""
    i = size
    while i > 0:
        up = (i - 1) >> 1
        if heap[up] <= key:
            break
        heap[i] = heap[up]
        i = up
    heap[i] = key
    return size + 1


def pop(heap: Any, size: int) -> int:
    """Drop the least number of the heap; return how many are left."""
    size -= 1
    key = heap[size]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= key:
            break
        heap[i] = heap[child]
        i = child
    heap[i] = key
    return size


def push_with(heap: Any, at: Any, size: int, key: int, node: int) -> int:
    """Put a label and its vertex on the heap; return how many there are."""
    i = size
    while i > 0:
        up = (i - 1) >> 1
        if heap[up] <= key:
            break
        heap[i], at[i] = heap[up], at[up]
        i = up
    heap[i], at[i] = key, node
    return size + 1


def pop_with(heap: Any, at: Any, size: int) -> int:
    """Drop the least label of the heap; return how many are left."""
    size -= 1
    key, node = heap[size], at[size]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= key:
            break
        heap[i], at[i] = heap[child], at[child]
        i = child
    heap[i], at[i] = key, node
    return size


def between(o: Any, p: Any) -> int:
    """Cost from an origin to a place on the same chain without leaving it; `FAR` when there is no way."""
    best = FAR
    before = o[1] < p[1] or (o[1] == p[1] and o[2] <= p[2])
    after = p[1] < o[1] or (o[1] == p[1] and p[2] <= o[2])
    if before and after:
        best = 0  # the same spot, whether or not the edge can be passed
    if before and p[12] == o[11]:
        best = min(best, p[9] - o[9])
    if after and o[14] == p[13]:
        best = min(best, o[10] - p[10])
    return min(FAR, best + o[15] + p[15])


def nearest_labels(ptr: Any, near: Any, places: Any, limit: int, label: Any, heap: Any, at: Any) -> None:
    """Give each junction its nearest place, from all places at once, against the direction of travel."""
    size = 0
    for p in range(len(places)):
        for end in range(2):
            node, cost = places[p, 3 + end], places[p, 7 + end]
            if cost <= limit:
                key = (cost << 32) | p
                if key < label[node]:
                    label[node] = key
                    size = push_with(heap, at, size, key, node)
    most = (limit << 32) | LOW
    while size > 0:
        key, node = heap[0], at[0]
        size = pop_with(heap, at, size)
        if key > label[node]:
            continue
        for i in range(ptr[node], ptr[node + 1]):
            to = near[i, 0]
            new = key + (np.int64(near[i, 1]) << 32)
            if new < label[to] and new <= most:
                label[to] = new
                size = push_with(heap, at, size, new, to)


def nearest_read(
    origins: Any, places: Any, chain_ptr: Any, chain_place: Any, label: Any, limit: int, cost: Any, place: Any
) -> None:
    """Take for each origin the better of the ends that it hangs at, or a place on its own chain."""
    for o in range(len(origins)):
        best = NONE
        for end in range(2):
            there = label[origins[o, 3 + end]]
            if there < NONE and origins[o, 5 + end] < FAR:
                best = min(best, there + (origins[o, 5 + end] << 32))
        c = origins[o, 0]
        if c >= 0:
            for i in range(chain_ptr[c], chain_ptr[c + 1]):
                p = chain_place[i]
                best = min(best, (between(origins[o], places[p]) << 32) | p)
        if best >> 32 <= limit:
            cost[o], place[o] = best >> 32, best & LOW
        else:
            cost[o], place[o] = -1, -1


def settle(label: Any, many: Any, node: int, key: int) -> bool:
    """Keep a label where its place is new and there is room for one more; labels come in rising order."""
    n = many[node]
    if n == label.shape[1]:
        return False
    for i in range(n):
        if label[node, i] & LOW == key & LOW:
            return False
    label[node, n] = key
    many[node] = n + 1
    return True


def k_labels(ptr: Any, near: Any, places: Any, limit: int, room: int, label: Any, many: Any) -> None:
    """Give each junction its k nearest places in rising order, from all places at once."""
    heap = np.empty(room, np.int64)
    at = np.empty(room, np.int32)
    size = 0
    for p in range(len(places)):
        for end in range(2):
            if places[p, 7 + end] <= limit:
                size = push_with(heap, at, size, (places[p, 7 + end] << 32) | p, places[p, 3 + end])
    k = label.shape[1]
    most = (limit << 32) | LOW
    while size > 0:
        key, node = heap[0], at[0]
        size = pop_with(heap, at, size)
        if not settle(label, many, node, key):
            continue
        more = size + ptr[node + 1] - ptr[node]
        if more > len(heap):
            wider, wider_at = np.empty(2 * more, np.int64), np.empty(2 * more, np.int32)
            wider[:size], wider_at[:size] = heap[:size], at[:size]
            heap, at = wider, wider_at
        for i in range(ptr[node], ptr[node + 1]):
            new = key + (np.int64(near[i, 1]) << 32)
            if new <= most and many[near[i, 0]] < k:
                size = push_with(heap, at, size, new, near[i, 0])


def k_read(
    origins: Any, places: Any, chain_ptr: Any, chain_place: Any, label: Any, many: Any, limit: int,
    cost: Any, place: Any,
) -> None:  # fmt: skip
    """Merge for each origin the labels at its ends and the places on its own chain, each place once."""
    k = label.shape[1]
    best = np.empty(k, np.int64)
    for o in range(len(origins)):
        n = 0
        c = origins[o, 0]
        on_chain = chain_ptr[c + 1] - chain_ptr[c] if c >= 0 else 0
        for end in range(3):
            node = origins[o, 3 + end] if end < 2 else 0
            lot = many[node] if end < 2 else on_chain
            for i in range(lot):
                if end < 2:
                    if origins[o, 5 + end] >= FAR:
                        break
                    key = label[node, i] + (origins[o, 5 + end] << 32)
                else:
                    p = chain_place[chain_ptr[c] + i]
                    key = (between(origins[o], places[p]) << 32) | p
                if key >> 32 > limit:
                    continue
                # where this place stands already, or else the end
                j = 0
                while j < n and best[j] & LOW != key & LOW:
                    j += 1
                if j < n:
                    if best[j] <= key:
                        continue
                elif n < k:
                    n += 1
                elif best[n - 1] <= key:
                    continue
                else:
                    j = n - 1
                while j > 0 and best[j - 1] > key:
                    best[j] = best[j - 1]
                    j -= 1
                best[j] = key
        for j in range(k):
            cost[o, j] = best[j] >> 32 if j < n else -1
            place[o, j] = best[j] & LOW if j < n else -1


def queued(state: Any, v: int, bucket: int, heads: Any) -> int:
    """Put a junction into a bucket, or move it there from a later one; return how many were added."""
    mask = len(heads) - 1
    was = state[v, 1]
    if was >= 0:
        if was <= bucket:
            return 0
        after, before = state[v, 2], state[v, 3]
        if before >= 0:
            state[before, 2] = after
        else:
            heads[was & mask] = after
        if after >= 0:
            state[after, 3] = before
    top = heads[bucket & mask]
    state[v, 1], state[v, 2], state[v, 3] = bucket, top, -1
    if top >= 0:
        state[top, 3] = v
    heads[bucket & mask] = v
    return 1 if was < 0 else 0


def flood(
    ptr: Any, near: Any, spot: Any, out_of: int, limit: int, shift: int, state: Any, heads: Any, touched: Any
) -> int:
    """Let costs fall from the ends of a point until none falls; return how many junctions were reached."""
    seen = waiting = 0
    mask = len(heads) - 1
    now = min(spot[out_of], spot[out_of + 1]) >> shift
    for end in range(2):
        node, cost = spot[3 + end], spot[out_of + end]
        if cost <= limit and cost < state[node, 0]:
            if state[node, 0] == FAR:
                touched[seen] = node
                seen += 1
            state[node, 0] = cost
            waiting += queued(state, node, min(cost >> shift, now + mask), heads)
    while waiting > 0:
        while heads[now & mask] < 0:
            now += 1
        u = heads[now & mask]
        after = state[u, 2]
        heads[now & mask] = after
        if after >= 0:
            state[after, 3] = -1
        state[u, 1] = -1
        waiting -= 1
        cost = state[u, 0]
        for i in range(ptr[u], ptr[u + 1]):
            to, new = near[i, 0], cost + near[i, 1]
            old = state[to, 0]
            if new < old and new <= limit:
                if old == FAR:
                    touched[seen] = to
                    seen += 1
                state[to, 0] = new
                waiting += queued(state, to, max(now, min(new >> shift, now + mask)), heads)
    return seen


def rows(
    ptr: Any, near: Any, sources: Any, begin: int, out_of: int, targets: Any, into: int, hook_ptr: Any,
    hook: Any, chain_ptr: Any, chain_target: Any, limit: int, shift: int, state: Any, heads: Any,
    touched: Any, row_ptr: Any, found: Any, costs: Any,
) -> int:  # fmt: skip
    """Search from each source from `begin` on and write what it finds, until the room is full.

    `out_of` and `into` are the first columns of the costs at the ends, 5 for travel from the point and 7 for
    travel to it. `state` comes and goes as (`FAR`, -1, any, any) everywhere and `heads` as -1. Returns the
    first source that is not done.
    """
    room = len(found)
    n = row_ptr[begin]
    for o in range(begin, len(sources)):
        spot = sources[o]
        seen = flood(ptr, near, spot, out_of, limit, shift, state, heads, touched)
        chain = spot[0]
        full = False
        for t in range(seen):
            node = touched[t]
            here = state[node, 0]
            for i in range(hook_ptr[node], hook_ptr[node + 1]):
                mine = here + hook[i, 2]
                if mine > limit or (hook[i, 5] == chain and chain >= 0):
                    continue
                other = state[hook[i, 3], 0] + hook[i, 4]
                # each point once: from its first end unless the second is nearer
                if mine < other or (mine == other and hook[i, 1] == 0):
                    if n == room:
                        full = True
                        break
                    found[n], costs[n] = hook[i, 0], mine
                    n += 1
        if chain >= 0:
            for i in range(chain_ptr[chain], chain_ptr[chain + 1]):
                p = chain_target[i]
                best = between(spot, targets[p]) if out_of == 5 else between(targets[p], spot)
                best = min(best, state[targets[p, 3], 0] + targets[p, into])
                best = min(best, state[targets[p, 4], 0] + targets[p, into + 1])
                if best <= limit:
                    if n == room:
                        full = True
                        break
                    found[n], costs[n] = p, best
                    n += 1
        for t in range(seen):
            state[touched[t], 0] = FAR
        if full:
            return o
        row_ptr[o + 1] = n
    return len(sources)


def turn(ptr: Any, found: Any, costs: Any, begin: int, out_ptr: Any, out_found: Any, out_costs: Any) -> None:
    """Turn rows into columns; `out_ptr` begins as zeros and the columns come out with rows rising."""
    n = len(out_ptr) - 1
    for i in range(len(found)):
        out_ptr[found[i] + 1] += 1
    for p in range(n):
        out_ptr[p + 1] += out_ptr[p]
    for r in range(len(ptr) - 2, -1, -1):
        for i in range(ptr[r + 1] - 1, ptr[r] - 1, -1):
            v = found[i] + 1
            out_ptr[v] -= 1
            out_found[out_ptr[v]] = begin + r
            out_costs[out_ptr[v]] = costs[i]
    for p in range(n):
        out_ptr[p] = out_ptr[p + 1]
    out_ptr[n] = len(found)


def journey(
    ptr: Any, near: Any, way: Any, a: int, a_cost: int, b: int, b_cost: int, to_a: int, to_b: int, limit: int,
    dist: Any, came: Any, heap: Any,
) -> None:  # fmt: skip
    """Search from two junctions and remember by which chain each junction was come to; -1 at the start."""
    size = 0
    if a_cost <= limit:
        dist[a] = a_cost
        size = push(heap, size, (a_cost << 32) | a)
    if b_cost <= limit and b_cost < dist[b]:
        dist[b] = b_cost
        size = push(heap, size, (b_cost << 32) | b)
    open_ends = 2 if to_a != to_b else 1
    while size > 0 and open_ends > 0:
        key = heap[0]
        size = pop(heap, size)
        cost, node = key >> 32, key & LOW
        if cost > dist[node]:
            continue
        if node in (to_a, to_b):
            open_ends -= 1
        for i in range(ptr[node], ptr[node + 1]):
            to, new = near[i, 0], cost + near[i, 1]
            if new <= limit and new < dist[to]:
                dist[to] = new
                came[to] = way[i]
                size = push(heap, size, (new << 32) | to)
