"""One journey by public transport, leg by leg; its arrival is that of the search over the whole window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from isopolis.model.errors import CallError
from isopolis.model.text import phrase
from isopolis.model.timetable import Timetable

from .links import Walks
from .network import Network, Patterns
from .times import whole_seconds

__all__ = ["Fare", "Journey", "Leg", "clock", "fare", "journey"]


@dataclass(frozen=True, slots=True)
class Leg:
    """One part of a journey.

    Parameters
    ----------
    kind : {"walk", "wait", "ride"}
    start, end : int, seconds after midnight
    from_stop, to_stop : int
        Rows of stops; -1 for the origin and the place.
    trip : int
        Row of the trip that is ridden, -1 otherwise.
    """

    kind: str
    start: int
    end: int
    from_stop: int
    to_stop: int
    trip: int = -1

    @property
    def seconds(self) -> int:
        """How long it takes."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Journey:
    """Legs without gaps between them, from the departure to the arrival.

    Parameters
    ----------
    departure, arrival : int, seconds after midnight
    legs : tuple of Leg
        Waits that take no time are left out.
    """

    departure: int
    arrival: int
    legs: tuple[Leg, ...]

    @property
    def seconds(self) -> int:
        """Travel time, waiting at the first stop counted in."""
        return self.arrival - self.departure

    @property
    def boardings(self) -> int:
        """Number of rides."""
        return sum(leg.kind == "ride" for leg in self.legs)

    def spent(self, kind: str) -> int:
        """Seconds spent on one kind of leg: ``walk``, ``wait`` or ``ride``."""
        return sum(leg.seconds for leg in self.legs if leg.kind == kind)

    def said(self, timetable: Timetable) -> tuple[str, ...]:
        """Say each leg in a sentence."""
        return tuple(_said(leg, timetable) for leg in self.legs)


@dataclass(frozen=True, slots=True)
class Fare:
    """What the boardings of a journey cost, as far as the feed says it.

    Parameters
    ----------
    known : float
        Sum of the fares that are known; without transfer discounts.
    unknown : int
        Number of boardings whose fare nobody has stated: the cost is then `known` or more.
    currency : str
    """

    known: float
    unknown: int
    currency: str = ""

    def said(self) -> str:
        """Say it in a sentence."""
        sum_of = phrase("{fare} {currency}", fare=f"{self.known:.2f}", currency=self.currency)
        if not self.unknown:
            return phrase("The fares of this journey come to {fare}.", fare=sum_of)
        if not self.known:
            return phrase("The fares of this journey are not known.")
        return phrase("The fares of this journey come to {fare} or more; some are not known.", fare=sum_of)


def fare(of: Journey, timetable: Timetable) -> Fare:
    """Add up what each boarding costs; an unknown fare is counted, never read as free."""
    fares = timetable.trip_fare
    prices = [float("nan") if fares is None else float(fares[leg.trip]) for leg in of.legs if leg.trip >= 0]
    known = [price for price in prices if price == price]
    return Fare(sum(known), len(prices) - len(known), timetable.currency)


def journey(
    network: Network | Timetable,
    walks: Walks,
    origin: int,
    place: int,
    departure: int,
    *,
    limit: int,
    rounds: int = 4,
    wheelchair: str | None = None,
    boarding: int = 0,
) -> Journey | None:
    """Find one journey that arrives when `times` says for this departure.

    Of the journeys that arrive first it is one with the fewest boardings; a walk without any counts as the
    fewest.

    Parameters
    ----------
    network : Network or Timetable
    walks : Walks
    origin, place : int
        Row of `walks.access`, column of `walks.egress`.
    departure : int, seconds after midnight
    limit, rounds, wheelchair, boarding
        As for `times`.

    Returns
    -------
    Journey or None
        None where the place is not reached within `limit`.

    Raises
    ------
    CallError
        If origin or place do not exist.
    """
    if not 0 <= origin < walks.origins or not 0 <= place < walks.places:
        raise CallError(
            f"there are {walks.origins} origins and {walks.places} places; asked: {origin} to {place}"
        )
    patterns = Network.of(network).patterns(wheelchair)
    seconds = whole_seconds(walks, patterns)
    out = _Search(patterns, seconds, int(departure), int(limit), int(rounds), int(boarding))
    out.search(origin)
    return out.best(origin, place)


class _Search:
    """Rounds of boarding for one departure, each label with what it came from."""

    def __init__(
        self,
        patterns: Patterns,
        walks: tuple[Any, ...],
        departure: int,
        limit: int,
        rounds: int,
        boarding: int,
    ) -> None:
        self.patterns, self.departure, self.end = patterns, departure, departure + limit
        self.rounds, self.boarding = rounds, boarding
        self.access, self.egress, self.changes, self.direct = (walks[n : n + 3] for n in range(0, 12, 3))
        # stop: (time, what it came from), for each number of boardings or fewer
        self.ready: list[dict[int, tuple[int, int, int]]] = []  # (time, boardings before, stop before)
        self.came: list[dict[int, tuple[int, int, int, int, int]]] = [{}]
        """(time, boardings, trip of the timetable, stop and time of boarding)"""

    def search(self, origin: int) -> None:
        first = {s: (self.departure + t, 0, -1) for s, t in _row(self.access, origin)}
        self.ready.append(first)
        touched = set(first)
        for k in range(1, self.rounds + 1):
            came = dict(self.came[-1])
            earlier = self._ride(k, touched, came)
            self.came.append(came)
            ready = dict(self.ready[-1])
            touched = set()
            for stop in sorted(earlier):
                at = came[stop][0]
                for other, walk in _row(self.changes, stop):
                    if at + walk <= self.end and (other not in ready or at + walk < ready[other][0]):
                        ready[other] = (at + walk, k, stop)
                        touched.add(other)
            self.ready.append(ready)

    def _ride(self, k: int, touched: set[int], came: dict[int, tuple[int, int, int, int, int]]) -> set[int]:
        p, ready, earlier = self.patterns, self.ready[k - 1], set()
        near = {
            int(q)
            for s in touched
            for q in p.pair_pattern[p.pair_pointer[s] : p.pair_pointer[s + 1]]
        }  # fmt: skip
        for q in sorted(near):
            stops = p.stops[p.stop_pointer[q] : p.stop_pointer[q + 1]].tolist()
            many = int(p.trip_pointer[q + 1] - p.trip_pointer[q])
            times = slice(p.time_pointer[q], p.time_pointer[q + 1])
            leave = p.departures[times].reshape(len(stops), many)
            come = p.arrivals[times].reshape(many, len(stops))
            trip, on = many, (-1, 0)  # none yet; where it was boarded, and when
            for i, stop in enumerate(stops):
                if trip < many:
                    at = int(come[trip, i])
                    if at <= self.end and (stop not in came or at < came[stop][0]):
                        came[stop] = (at, k, int(p.trips[p.trip_pointer[q] + trip]), *on)
                        earlier.add(stop)
                if stop in ready:
                    caught = int(leave[i].searchsorted(ready[stop][0] + self.boarding))
                    if caught < trip:
                        trip, on = caught, (stop, int(leave[i, caught]))
        return earlier

    def best(self, origin: int, place: int) -> Journey | None:
        walk = dict(_row(self.direct, origin)).get(place)
        found = None if walk is None else (self.departure + walk, 0, -1)
        for stop, seconds in _column(self.egress, place):
            for k in range(1, self.rounds + 1):
                if stop in self.came[k]:
                    at, boardings = self.came[k][stop][:2]
                    if found is None or (at + seconds, boardings) < found[:2]:
                        found = (at + seconds, boardings, stop)
        if found is None or found[0] > self.end:
            return None
        return Journey(self.departure, found[0], self._legs(*found))

    def _legs(self, arrival: int, boardings: int, stop: int) -> tuple[Leg, ...]:
        if stop < 0:
            return (Leg("walk", self.departure, arrival, -1, -1),)
        legs = [Leg("walk", self.came[boardings][stop][0], arrival, stop, -1)]
        while stop >= 0:
            at, k, trip, start, leave = self.came[boardings][stop]
            legs.append(Leg("ride", leave, at, start, stop, trip))
            ready, boardings, before = self.ready[k - 1][start]
            since = self.departure if before < 0 else self.came[boardings][before][0]
            if before == start:  # a change at one stop is a wait there
                ready = since
            legs.append(Leg("wait", ready, leave, start, start))
            legs.append(Leg("walk", since, ready, before, start))
            stop = before
        return tuple(
            leg for leg in reversed(legs) if leg.seconds or leg.from_stop != leg.to_stop or leg.kind == "ride"
        )


def _row(links: tuple[Any, ...], row: int) -> list[tuple[int, int]]:
    span = slice(int(links[0][row]), int(links[0][row + 1]))
    return list(zip(links[1][span].tolist(), links[2][span].tolist(), strict=True))


def _column(links: tuple[Any, ...], column: int) -> list[tuple[int, int]]:
    at = (links[1] == column).nonzero()[0]
    rows = links[0].searchsorted(at, side="right") - 1
    return list(zip(rows.tolist(), links[2][at].tolist(), strict=True))


def clock(seconds: int) -> str:
    """Write seconds after midnight as ``14:03``; after midnight the hours go on: ``25:10``."""
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}"


def _said(leg: Leg, timetable: Timetable) -> str:
    names = timetable.stop_names
    minutes = f"{-(-leg.seconds // 60)}"
    start, end = clock(leg.start), clock(leg.end)
    if leg.kind == "ride":
        return phrase(
            "{start}: ride {route} from {stop}, to {other} at {end}.", start=start, end=end,
            route=timetable.trip_routes[leg.trip], stop=names[leg.from_stop], other=names[leg.to_stop],
        )  # fmt: skip
    if leg.kind == "wait":
        return phrase("{start}: wait {n} min at {stop}.", start=start, n=minutes, stop=names[leg.from_stop])
    if leg.to_stop >= 0:
        return phrase("{start}: walk {n} min to {stop}.", start=start, n=minutes, stop=names[leg.to_stop])
    return phrase("{start}: walk {n} min to the place.", start=start, n=minutes)
