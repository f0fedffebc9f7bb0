"""Travel times by public transport over a window of departures, from every origin to every place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import counts
from isopolis.model.errors import CallError
from isopolis.model.pickling import as_fields
from isopolis.model.text import phrase
from isopolis.model.timetable import Timetable

from .links import Links, Walks
from .loops import NEVER, compiled
from .network import Network, Patterns

__all__ = ["Times", "blocks", "by_departure", "ranks_of", "times"]

Ints = npt.NDArray[np.int32]

LONGEST = 48 * 3600
"""Longest journey that can be asked for, seconds."""
CHUNK = 32
"""Origins that one thread takes at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class Times:
    """Travel times over a window of departures.

    Parameters
    ----------
    seconds : (O, P, Q) array of int
        Order statistics over the departures: with D departures, percentile q is the ceil(q D / 100)-th
        shortest travel time (at least the first), where a departure from which the place cannot be
        reached within `limit` is longer than any other. -1 where that one is such a departure.
    within : (O, P) array of int
        Number of departures from which the place is reached within `limit`.
    percentiles : tuple of float
        Rising, above 0 up to 100.
    departures : (D,) array of int, seconds after midnight, rising
    limit : int, seconds
    rounds : int
        Most boardings of a journey.
    wheelchair : {None, "pessimistic", "optimistic"}
    """

    seconds: Ints
    within: Ints
    percentiles: tuple[float, ...]
    departures: Ints
    limit: int
    rounds: int
    wheelchair: str | None = None

    def __post_init__(self) -> None:
        for name in ("seconds", "within", "departures"):
            object.__setattr__(self, name, counts.frozen(getattr(self, name), np.int32))

    def __reduce__(self) -> tuple[Any, ...]:
        return as_fields(self)

    def at(self, percentile: float) -> Ints:
        """(O, P) seconds of one percentile, -1 where it is not reached.

        Raises
        ------
        CallError
            If this percentile was not asked for.
        """
        if percentile not in self.percentiles:
            raise CallError(f"percentile {percentile:g} was not computed, only {_said(self.percentiles)}")
        out: Ints = self.seconds[:, :, self.percentiles.index(percentile)]
        return out

    def share(self) -> npt.NDArray[np.float64]:
        """(O, P) share of the departures from which the place is reached within the limit, 0 to 1."""
        return np.asarray(self.within / len(self.departures))

    def links(self, percentile: float) -> Links:
        """Return the times of one percentile as a sparse matrix in milliseconds, for `model.Travel`."""
        seconds = self.at(percentile)
        reached = seconds >= 0
        pointer = np.concatenate([[0], np.cumsum(reached.sum(axis=1))])
        return Links.of(pointer, np.nonzero(reached)[1], seconds[reached].astype(np.int64) * 1000,
                        seconds.shape[1])  # fmt: skip


def _said(percentiles: Sequence[float]) -> str:
    return ", ".join(f"{q:g}" for q in percentiles)


def ranks_of(percentiles: Sequence[float], departures: int) -> npt.NDArray[np.int64]:
    """(Q,) place, from 0, of each percentile among so many sorted departures: ceil(q D / 100) - 1.

    Raises
    ------
    CallError
        If percentiles do not rise or are not above 0 and at most 100.
    """
    q = np.asarray(percentiles, dtype=np.float64)
    if q.ndim != 1 or not ((q > 0) & (q <= 100)).all() or (np.diff(q) <= 0).any():
        raise CallError(f"percentiles must rise and lie above 0 and up to 100; given: {_said(percentiles)}")
    # half a millionth below, so that 70 percent of 10 departures is the 7th in binary numbers as well
    return np.maximum(np.ceil(q * departures / 100 - 5e-7).astype(np.int64), 1) - 1


def times(
    network: Network | Timetable,
    walks: Walks,
    departures: npt.ArrayLike,
    *,
    limit: int,
    rounds: int = 4,
    percentiles: Sequence[float] = (50.0,),
    wheelchair: str | None = None,
    boarding: int = 0,
    threads: int = 1,
) -> Times:
    """Compute travel times from every origin to every place over a window of departures.

    A journey leaves the origin at a departure, walks to a stop, rides and changes up to `rounds` boardings,
    and walks from a stop to the place; waiting at the first stop counts. Where the direct walk is quicker
    it is taken. Walks are rounded up to whole seconds.

    Parameters
    ----------
    network : Network or Timetable
    walks : Walks
        See `with_rules` for what a change takes.
    departures : (D,) array of int, seconds after midnight, rising
    limit : int, seconds
        Longest travel time, counted in.
    rounds : int, 1 to 16
        Most boardings: transfers + 1.
    percentiles : sequence of float
        See `Times`.
    wheelchair : {None, "pessimistic", "optimistic"}
        With a policy only trips and stops are used that are accessible, where unknown counts as no or yes.
    boarding : int, seconds
        How long before its departure one must be at the stop, every time.
    threads : int
        Results are the same for any number.

    Raises
    ------
    CallError
        If an argument is out of its range, or walks and timetable have different stops.
    """
    job = _job(network, walks, departures, limit, rounds, percentiles, wheelchair, boarding, threads)
    seconds = np.empty((walks.origins, walks.places, len(job.ranks)), dtype=np.int32)
    within = np.empty((walks.origins, walks.places), dtype=np.int32)
    job.run(0, walks.origins, seconds, within, None)
    return job.times(seconds, within)


def blocks(
    network: Network | Timetable,
    walks: Walks,
    departures: npt.ArrayLike,
    *,
    limit: int,
    rounds: int = 4,
    percentiles: Sequence[float] = (50.0,),
    wheelchair: str | None = None,
    boarding: int = 0,
    threads: int = 1,
    rows: int = 256,
) -> Iterator[tuple[slice, Times]]:
    """Yield `times` for `rows` origins after the other, so that memory does not grow with the origins.

    Yields
    ------
    (slice, Times)
        Which origins, and their times. Arguments and errors are those of `times`.
    """
    job = _job(network, walks, departures, limit, rounds, percentiles, wheelchair, boarding, threads)
    for first in range(0, walks.origins, max(rows, 1)):
        some = slice(first, min(first + max(rows, 1), walks.origins))
        many = some.stop - some.start
        seconds = np.empty((many, walks.places, len(job.ranks)), dtype=np.int32)
        within = np.empty((many, walks.places), dtype=np.int32)
        job.run(some.start, some.stop, seconds, within, None)
        yield some, job.times(seconds, within)


def by_departure(
    network: Network | Timetable,
    walks: Walks,
    departures: npt.ArrayLike,
    *,
    limit: int,
    rounds: int = 4,
    wheelchair: str | None = None,
    boarding: int = 0,
    threads: int = 1,
) -> Ints:
    """(O, P, D) travel time in seconds for every departure, -1 where the place is not reached in time.

    This needs memory for every departure; `times` does not. Arguments and errors are those of `times`.
    """
    job = _job(network, walks, departures, limit, rounds, (50.0,), wheelchair, boarding, threads)
    every = np.full((walks.origins, walks.places, len(job.departures)), -1, dtype=np.int32)
    seconds = np.empty((walks.origins, walks.places, 1), dtype=np.int32)
    within = np.empty((walks.origins, walks.places), dtype=np.int32)
    job.run(0, walks.origins, seconds, within, every)
    return every


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    """Everything that a block of origins needs, in the order in which the loops read it."""

    patterns: tuple[Any, ...]
    walks: tuple[Any, ...]
    departures: Ints
    limit: int
    rounds: int
    percentiles: tuple[float, ...]
    ranks: npt.NDArray[np.int64]
    wheelchair: str | None
    boarding: int
    threads: int
    sizes: tuple[int, int, int, int]
    queue: int

    def run(self, first: int, last: int, seconds: Ints, within: Ints, every: Ints | None) -> None:
        block = compiled()["block"]
        none = np.empty((0, 0, 0), dtype=np.int32)

        def some(start: int) -> None:
            rows = slice(start - first, min(start + CHUNK, last) - first)
            state, out = self._memory()
            block(
                start, self.departures, np.int32(self.limit), np.int32(self.boarding), self.ranks,
                self.patterns, self.walks, state, out, seconds[rows], within[rows],
                none if every is None else every[rows],
            )  # fmt: skip

        starts = range(first, last, CHUNK)
        if self.threads == 1 or len(starts) < 2:
            for start in starts:
                some(start)
            return
        with ThreadPoolExecutor(self.threads) as pool:
            list(pool.map(some, starts))

    def _memory(self) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """Labels of one origin: vehicle, tried, untried, boarded, marks, found, queue, on foot."""
        stops, trips, pairs, places = self.sizes
        levels = self.rounds + 1
        state = (
            np.empty((levels, stops), np.int32), np.empty((levels, pairs), np.int32),
            np.empty((levels, pairs), np.int32), np.empty((levels, trips), np.int16),
            np.zeros(stops, np.int8), np.empty(stops, np.int32),
            np.empty((self.queue, 4), np.int32), np.empty(places, np.int32),
        )  # fmt: skip
        taken = np.empty((places, len(self.departures)), np.int32)
        return state, (np.empty(places, np.int32), np.empty(places, np.int32), taken)

    def times(self, seconds: Ints, within: Ints) -> Times:
        return Times(
            seconds, within, self.percentiles, self.departures, self.limit, self.rounds, self.wheelchair
        )


def _job(
    given: Network | Timetable, walks: Walks, departures: npt.ArrayLike, limit: int, rounds: int,
    percentiles: Sequence[float], wheelchair: str | None, boarding: int, threads: int,
) -> _Job:  # fmt: skip
    network = Network.of(given)
    leave = np.asarray(departures)
    if leave.ndim != 1 or not len(leave) or leave.dtype.kind not in "iu" or (np.diff(leave) <= 0).any():
        raise CallError(
            "departures must be whole seconds after midnight, at least one, each later than before"
        )
    if leave[0] < 0 or leave[-1] > 3 * 86_400:
        raise CallError("departures must lie between 0 and 72 hours after midnight")
    asked = (
        ("limit", limit, 1, LONGEST), ("rounds", rounds, 1, 16), ("boarding", boarding, 0, LONGEST),
        ("threads", threads, 1, 1024),
    )  # fmt: skip
    for name, value, least, most in asked:
        if not least <= value <= most:
            raise CallError(phrase(
                "{name} must be between {least} and {most}, not {value}", name=name, least=least, most=most,
                value=value,
            ))  # fmt: skip
    if walks.stops != len(network.timetable.stop_ids):
        raise CallError(
            f"the walks are made for {walks.stops} stops; the timetable has {len(network.timetable.stop_ids)}"
        )
    patterns = network.patterns(wheelchair)
    flat = _flat(patterns)
    sizes = (walks.stops, len(patterns.trips), len(patterns.pair_pattern), walks.places)
    return _Job(
        flat, _boarded(whole_seconds(walks, patterns), flat), leave.astype(np.int32), int(limit), int(rounds),
        tuple(percentiles), ranks_of(percentiles, len(leave)), wheelchair, int(boarding), int(threads), sizes,
        len(patterns.arrivals) + 1,
    )  # fmt: skip


def _flat(p: Patterns) -> tuple[Any, ...]:
    """Patterns as the loops read them; also where the times of a place to board begin, and its trips."""
    many = np.diff(p.trip_pointer)[p.pair_pattern]
    if len(p.stop_pointer) > 1 and np.diff(p.stop_pointer).max() >= 32_767:
        raise CallError("a trip of the timetable calls at more than 32,766 stops")
    begin = p.time_pointer[p.pair_pattern] + p.pair_position * many
    return (
        p.stop_pointer, p.stops, p.time_pointer, p.trip_pointer, p.arrivals, p.departures, p.pair_pointer,
        p.pair_pattern, p.pair_position, begin, many.astype(np.int32), p.departures[begin + many - 1],
    )  # fmt: skip


def _boarded(seconds: tuple[Any, ...], flat: tuple[Any, ...]) -> tuple[Any, ...]:
    """Walks as the loops read them: from origins and from stops not to stops but to places to board there."""
    access, egress, changes, direct = (seconds[n : n + 3] for n in range(0, 12, 3))
    return (*_to_board(access, flat), *egress, *_to_board(changes, flat), *direct)


def _to_board(links: tuple[Any, ...], flat: tuple[Any, ...]) -> tuple[Any, ...]:
    pointer = np.zeros_like(links[0])
    room, many = 0, 2 * len(links[1]) + 1024
    while room < many:  # a second time only if there was too little room
        room = many
        pair, time = np.empty(room, dtype=np.int32), np.empty(room, dtype=np.int32)
        many = compiled()["boardings"](*links, flat, pointer, pair, time)
    return pointer, pair[:many].copy(), time[:many].copy()


def whole_seconds(walks: Walks, patterns: Patterns) -> tuple[Any, ...]:
    """Walks in whole seconds, rounded up, without those at stops that are closed; four times three arrays."""
    open_stops = patterns.stop_open
    access = walks.access.kept(open_stops[walks.access.indices]).shortest()
    egress = walks.egress.kept(open_stops[walks.egress.tails()]).shortest()
    given = walks.transfers
    stated = np.zeros(walks.stops, dtype=bool)
    stated[given.indices[given.tails() == given.indices]] = True
    own = np.flatnonzero(~stated)
    # a stop without a link to itself: changing there takes no time
    tails = np.concatenate([given.tails(), own])
    heads = np.concatenate([given.indices, own])
    costs = np.concatenate([given.costs, np.zeros(len(own), dtype=np.int32)])
    order = np.argsort(tails, kind="stable")
    many = np.bincount(tails, minlength=walks.stops)
    changes = Links.of(np.concatenate([[0], np.cumsum(many)]), heads[order], costs[order], walks.stops)
    changes = changes.kept(open_stops[changes.indices] & open_stops[changes.tails()]).shortest()
    out: list[Any] = []
    for links in (access, egress, changes, walks.direct.shortest()):
        up = -(-links.costs.astype(np.int64) // 1000)
        out += [links.indptr, links.indices, np.minimum(up, NEVER // 8).astype(np.int32)]
    return tuple(out)
