"""The search over a window of departures, as compiled loops; numba is imported when it is called.

Range RAPTOR (Delling, Pajor and Werneck 2015, "Round-based public transit routing", Transportation Science
49(3), sections 3.1 and 4.2): departures from the last to the first, labels kept from one to the next, a round
for each boarding. Two prunings make every part of a trip be ridden at most once for each round in the whole
window of an origin: at each place to board, the trips that were tried before are known (times only ever get
earlier), and for each trip, how far back it was boarded (as in Witt 2015, "Trip-based public transit
routing", ESA, section 3.1). Both keep every earliest arrival. Labels of round k hold for k boardings or
fewer. Where one may board after a walk is listed once for a timetable and its walks, see `boardings`.

The loops are also plain Python, only slow.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import FunctionType
from typing import Any

import numpy as np

__all__ = ["NEVER", "compiled"]

NEVER = 2_000_000_000
"""Later than any time, seconds; adding a walk to it stays within 32 bits."""


@cache
def compiled() -> dict[str, Callable[..., Any]]:
    """Compile the loops below, or load what was kept; each sees those before it in their compiled form."""
    from numba import njit

    space: dict[str, Any] = {"__name__": __name__, "NEVER": NEVER, "np": np}
    for plain in (select, settle, scan, board, alight, search, share_out, block, boardings):
        own = FunctionType(plain.__code__, space, plain.__name__)
        try:
            made = njit(nogil=True, cache=True)(own)
        except RuntimeError:  # no folder in which code could be kept
            made = njit(nogil=True)(own)
        space[plain.__name__] = made
    return space


# -- loops, as numba compiles them ------------------------------------------------------------
# p: patterns (see `_flat` of times.py), w: walks of seconds, s: what is known so far, of one origin
def select(row: Any, low: Any, rank: Any) -> Any:
    """Return the value that stands at `rank` once `row` is sorted; entries before `low` are in place."""
    high = len(row) - 1
    while low < high:
        pivot = row[(low + high) >> 1]
        i, j = low, high
        while i <= j:
            while row[i] < pivot:
                i += 1
            while row[j] > pivot:
                j -= 1
            if i <= j:
                row[i], row[j] = row[j], row[i]
                i += 1
                j -= 1
        if rank <= j:
            high = j
        elif rank >= i:
            low = i
        else:
            break
    return row[rank]


def settle(taken: Any, place: Any, arrive: Any, since: Any, until: Any, departures: Any) -> None:
    """Write the times of one place for the departures from `until` to `since`, both counted."""
    at = arrive[place]
    for d in range(until, since[place] + 1):
        taken[place, d] = NEVER if at == NEVER else at - departures[d]


def scan(k: Any, many: Any, end: Any, p: Any, s: Any) -> Any:
    """Ride the queued parts of trips; returns how many stops became earlier."""
    stop_pointer, stops, time_pointer, arrivals = p[0], p[1], p[2], p[4]
    trip_pointer = p[3]
    vehicle, marks, found = s[0], s[4], s[5]
    queue, rounds = s[6], len(s[0]) - 1
    earlier = 0
    for n in range(many):
        pattern, trip, start, stop_at = queue[n, 0], queue[n, 1], queue[n, 2], queue[n, 3]
        long = stop_pointer[pattern + 1] - stop_pointer[pattern]
        row = time_pointer[pattern] + (trip - trip_pointer[pattern]) * long
        names = stop_pointer[pattern]
        for i in range(start + 1, min(stop_at, long - 1) + 1):
            at = arrivals[row + i]
            if at > end:
                break
            stop = stops[names + i]
            if at < vehicle[k, stop]:
                for kk in range(k, rounds + 1):
                    if at >= vehicle[kk, stop]:
                        break
                    vehicle[kk, stop] = at
                if marks[stop] == 0:
                    marks[stop] = 1
                    found[earlier] = stop
                    earlier += 1
    return earlier


def board(k: Any, pair: Any, ready: Any, end: Any, queued: Any, p: Any, s: Any) -> Any:
    """Queue the first trip that can still be caught at a place to board; returns how many are queued."""
    trip_pointer, departures, pair_pattern, pair_position, pair_times = p[3], p[5], p[7], p[8], p[9]
    tried, untried, boarded, queue, rounds = s[1], s[2], s[3], s[6], len(s[0]) - 1
    row = pair_times[pair]
    low, step = tried[k, pair] - 1, 1
    while low > 0 and departures[row + low - 1] >= ready:  # back by growing steps, then by single ones
        if low - step > 0 and departures[row + low - step - 1] >= ready:
            low -= step + 1
            step *= 2
        elif step > 1:
            step //= 2
        else:
            low -= 1
    tried[k, pair] = low
    untried[k, pair] = departures[row + low - 1] if low > 0 else -1
    if departures[row + low] > end:
        return queued
    pattern, position = pair_pattern[pair], pair_position[pair]
    trip = trip_pointer[pattern] + low
    before = boarded[k, trip]
    if before <= position:
        return queued
    queue[queued, 0], queue[queued, 1], queue[queued, 2], queue[queued, 3] = pattern, trip, position, before
    for kk in range(k, rounds + 1):  # later trips of the pattern and further rounds arrive no earlier
        for later in range(trip, trip_pointer[pattern + 1]):
            if boarded[kk, later] <= position:
                break
            boarded[kk, later] = position
    return queued + 1


def alight(d: Any, at: Any, stop: Any, end: Any, departures: Any, w: Any, out: Any) -> None:
    """Walk from a stop to the places around it."""
    egress_pointer, egress_place, egress_time = w[3], w[4], w[5]
    arrive, since, taken = out
    for e in range(egress_pointer[stop], egress_pointer[stop + 1]):
        there, place = at + egress_time[e], egress_place[e]
        if there < arrive[place] and there <= end:
            if since[place] != d:
                settle(taken, place, arrive, since, d + 1, departures)
                since[place] = d
            arrive[place] = there


def search(origin: Any, departures: Any, limit: Any, boarding: Any, p: Any, w: Any, s: Any, out: Any) -> None:
    """Find the earliest arrivals of one origin for every departure, from the last to the first."""
    access_pointer, access_pair, access_time = w[0], w[1], w[2]
    change_pointer, change_pair, change_time = w[6], w[7], w[8]
    vehicle, untried, marks, found = s[0], s[2], s[4], s[5]
    rounds = len(vehicle) - 1
    for d in range(len(departures) - 1, -1, -1):
        end = departures[d] + limit
        queued = 0
        for a in range(access_pointer[origin], access_pointer[origin + 1]):
            at = departures[d] + access_time[a] + boarding
            if untried[1, access_pair[a]] >= at:
                queued = board(1, access_pair[a], at, end, queued, p, s)
        for k in range(1, rounds + 1):
            earlier = scan(k, queued, end, p, s)
            queued = 0
            for n in range(earlier):
                stop = found[n]
                at = vehicle[k, stop]
                marks[stop] = 0
                alight(d, at, stop, end, departures, w, out)
                if k < rounds:
                    for e in range(change_pointer[stop], change_pointer[stop + 1]):
                        ready = at + change_time[e] + boarding
                        if untried[k + 1, change_pair[e]] >= ready:
                            queued = board(k + 1, change_pair[e], ready, end, queued, p, s)
            if queued == 0:
                break


def share_out(row: Any, on_foot: Any, limit: Any, ranks: Any, seconds: Any) -> Any:
    """Take walking where it is quicker, write the order statistics, return how many are in time."""
    within = 0
    for d in range(len(row)):
        if on_foot < row[d]:
            row[d] = on_foot
        if row[d] <= limit:
            within += 1
        else:
            row[d] = NEVER
    for n in range(len(ranks)):
        if ranks[n] >= within:
            seconds[n] = -1
        else:
            seconds[n] = select(row, 0 if n == 0 else ranks[n - 1], ranks[n])
    return within


def block(
    first: Any, departures: Any, limit: Any, boarding: Any, ranks: Any, p: Any, w: Any, s: Any, out: Any,
    seconds: Any, within: Any, every: Any,
) -> None:  # fmt: skip
    """Search from consecutive origins, one after the other in the same memory."""
    arrive, since, taken = out
    vehicle, tried, untried, boarded, on_foot = s[0], s[1], s[2], s[3], s[7]
    pair_trips, pair_last = p[10], p[11]
    direct_pointer, direct_place, direct_time = w[9], w[10], w[11]
    last = len(departures) - 1
    for row in range(len(within)):
        origin = first + row
        vehicle[:], boarded[:] = NEVER, 32_767
        tried[:], untried[:] = pair_trips, pair_last
        arrive[:], since[:], on_foot[:] = NEVER, last, NEVER
        search(origin, departures, limit, boarding, p, w, s, out)
        for e in range(direct_pointer[origin], direct_pointer[origin + 1]):
            on_foot[direct_place[e]] = direct_time[e]
        for place in range(len(arrive)):
            if arrive[place] == NEVER and on_foot[place] > limit:
                within[row, place] = 0
                seconds[row, place] = -1
                continue
            settle(taken, place, arrive, since, 0, departures)
            if len(every):
                for d in range(last + 1):
                    best = min(taken[place, d], on_foot[place])
                    every[row, place, d] = best if best <= limit else -1
            within[row, place] = share_out(taken[place], on_foot[place], limit, ranks, seconds[row, place])


# -- once for a timetable and its walks ---------------------------------------------------------
def boardings(
    pointer: Any, stops: Any, seconds: Any, p: Any, out_pointer: Any, out_pair: Any, out_time: Any
) -> Any:
    """List the places to board within a walk of each row, less those that another one there makes useless.

    Boarding a pattern at an earlier position A makes a later one B useless if every trip that can be
    caught at B can be caught at A: if no trip leaves B less its walk later than A less its walk. Returns
    how many there are; they are written only as far as the arrays go.
    """
    departures, pair_pointer, pair_pattern, pair_position, pair_times, pair_trips = (
        p[5], p[6], p[7], p[8], p[9], p[10],
    )  # fmt: skip
    total = 0
    for row in range(len(pointer) - 1):
        begin = total
        many = 0
        for e in range(pointer[row], pointer[row + 1]):
            many += pair_pointer[stops[e] + 1] - pair_pointer[stops[e]]
        keys, pairs, walks = np.empty(many, np.int64), np.empty(many, np.int64), np.empty(many, np.int64)
        many = 0
        for e in range(pointer[row], pointer[row + 1]):
            for pair in range(pair_pointer[stops[e]], pair_pointer[stops[e] + 1]):
                keys[many] = pair_pattern[pair] * 32_768 + pair_position[pair]
                pairs[many], walks[many] = pair, seconds[e]
                many += 1
        order = np.argsort(keys)
        first = 0  # of this pattern, among those kept of the row
        kept = np.empty(many, np.int64)
        count = 0
        for n in order:
            b = pairs[n]
            if count and pair_pattern[pairs[kept[count - 1]]] != pair_pattern[b]:
                first = count
            useless = False
            for c in range(first, count):
                a = pairs[kept[c]]
                shift = walks[n] - walks[kept[c]]
                useless = True
                for j in range(pair_trips[b]):
                    if departures[pair_times[a] + j] + shift < departures[pair_times[b] + j]:
                        useless = False
                        break
                if useless:
                    break
            if not useless:
                kept[count] = n
                count += 1
        for c in range(count):
            if total < len(out_pair):
                out_pair[total], out_time[total] = pairs[kept[c]], walks[kept[c]]
            total += 1
        out_pointer[row], out_pointer[row + 1] = begin, total
    return total
