"""A timetable laid out for searching: patterns of trips that never overtake each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from isopolis.model.errors import CallError, near
from isopolis.model.places import NO, UNKNOWN
from isopolis.model.timetable import Timetable

__all__ = ["POLICIES", "Network", "Patterns", "admitted"]

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

POLICIES = ("pessimistic", "optimistic")
"""What a stop or a trip of which nobody knows whether wheelchairs can board counts as: no, or yes."""


def admitted(answers: npt.NDArray[np.int8], wheelchair: str | None) -> Bools:
    """(n,) can this be used, for three-valued answers about wheelchairs.

    Parameters
    ----------
    answers : (n,) array of `model.YES`, `NO` or `UNKNOWN`
    wheelchair : {None, "pessimistic", "optimistic"}
        Nobody needs a wheelchair; unknown counts as no; unknown counts as yes.

    Raises
    ------
    CallError
        If `wheelchair` is anything else.
    """
    if wheelchair is not None and wheelchair not in POLICIES:
        raise CallError(
            f'there is no wheelchair policy "{wheelchair}"; there is {" and ".join(POLICIES)}, or None'
            + near(str(wheelchair), POLICIES)
        )
    if wheelchair is None:
        return np.ones(len(answers), dtype=bool)
    return (answers != NO) & ((answers != UNKNOWN) | (wheelchair == "optimistic"))


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """Trips by their sequence of stops, in the order of Delling, Pajor and Werneck (2015, section 3.1).

    Trips of one pattern call at the same stops in the same order, and none overtakes another: sorted by
    departure at one stop they are sorted at all. What would overtake is in another pattern.

    Parameters
    ----------
    stop_pointer : (R + 1,) array
        Where the stops of each pattern begin in `stops`.
    stops : (N,) array
    trip_pointer : (R + 1,) array
        Where the trips of each pattern begin in `trips`.
    trips : (T,) array
        Row of each trip in the timetable.
    time_pointer : (R + 1,) array
        Where the times of each pattern begin.
    departures : (C,) array, seconds
        By stop of the pattern, then by trip: boarding looks for a trip at one stop.
    arrivals : (C,) array, seconds
        By trip, then by stop of the pattern: riding follows one trip.
    pair_pointer : (S + 1,) array
        Where the places to board at each stop begin.
    pair_pattern, pair_position : (Q,) arrays
        Pattern, and position along it, of each place to board; a last stop is none.
    stop_open : (S,) array of bool
        Can people board and alight here.
    """

    stop_pointer: Longs
    stops: Ints
    trip_pointer: Longs
    trips: Ints
    time_pointer: Longs
    departures: Ints
    arrivals: Ints
    pair_pointer: Longs
    pair_pattern: Ints
    pair_position: Ints
    stop_open: Bools


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """A timetable with its patterns, made once for each answer about wheelchairs and then kept."""

    timetable: Timetable
    _made: dict[str | None, Patterns] = field(default_factory=dict)

    @classmethod
    def of(cls, timetable: Timetable | Network) -> Network:
        """Make a network of a timetable; a network stays as it is."""
        return timetable if isinstance(timetable, Network) else cls(timetable)

    def patterns(self, wheelchair: str | None = None) -> Patterns:
        """Return the patterns of the trips that can be used under a wheelchair policy."""
        if wheelchair not in self._made:
            self._made[wheelchair] = _patterns(self.timetable, wheelchair)
        return self._made[wheelchair]


def _patterns(timetable: Timetable, wheelchair: str | None) -> Patterns:
    usable = admitted(timetable.trip_wheelchair, wheelchair)
    usable &= np.diff(timetable.trip_pointer) > 1  # one call takes nobody anywhere
    chains = list(_chains(timetable, np.flatnonzero(usable)))
    spans = [timetable.trip_pointer[chain[0] : chain[0] + 2] for chain in chains]
    stops = [timetable.call_stop[a:b] for a, b in spans]
    long = np.array([len(s) for s in stops], dtype=np.int64)
    many = np.array([len(c) for c in chains], dtype=np.int64)
    departures, arrivals = [], []
    for chain in chains:
        calls = _calls(timetable, chain)
        departures.append(timetable.call_departure[calls].T.ravel())
        arrivals.append(timetable.call_arrival[calls].ravel())
    pattern = np.repeat(np.arange(len(chains), dtype=np.int32), np.maximum(long - 1, 0))
    position = _joined([np.arange(n - 1, dtype=np.int32) for n in long])
    at = _joined([s[:-1] for s in stops])
    order = np.argsort(at, kind="stable")
    pairs = np.bincount(at, minlength=len(timetable.stop_ids))
    return Patterns(
        stop_pointer=_pointer(long),
        stops=_joined(stops),
        trip_pointer=_pointer(many),
        trips=_joined([np.array(c, dtype=np.int32) for c in chains]),
        time_pointer=_pointer(long * many),
        departures=_joined(departures),
        arrivals=_joined(arrivals),
        pair_pointer=_pointer(pairs),
        pair_pattern=pattern[order],
        pair_position=position[order],
        stop_open=admitted(timetable.stop_wheelchair, wheelchair),
    )


def _chains(timetable: Timetable, trips: npt.NDArray[np.intp]) -> Iterator[list[int]]:
    """Yield trips of equal stops, each list in an order in which none overtakes another."""
    alike: dict[bytes, list[int]] = {}
    pointer = timetable.trip_pointer
    for trip in trips.tolist():
        alike.setdefault(timetable.call_stop[pointer[trip] : pointer[trip + 1]].tobytes(), []).append(trip)
    for group in alike.values():
        calls = _calls(timetable, group)
        leave, come = timetable.call_departure[calls][:, :-1], timetable.call_arrival[calls][:, 1:]
        # where people board and where they alight; the last departure and the first arrival move nobody
        times = np.concatenate([leave, come], axis=1)
        order = np.lexsort(times.T[::-1])
        open_chains: list[list[int]] = []
        for row in order.tolist():
            for chain in open_chains:
                if (times[chain[-1]] <= times[row]).all():
                    chain.append(row)
                    break
            else:
                open_chains.append([row])
        yield from ([group[row] for row in chain] for chain in open_chains)


def _calls(timetable: Timetable, trips: list[int]) -> Longs:
    """(trips, calls) rows of the calls of trips that are equally long."""
    begin = timetable.trip_pointer[np.array(trips)]
    return begin[:, None] + np.arange(timetable.trip_pointer[trips[0] + 1] - begin[0])


def _pointer(many: npt.NDArray[np.integer]) -> Longs:
    return np.concatenate([[0], np.cumsum(many)]).astype(np.int64)


def _joined(parts: list[npt.NDArray[np.int32]]) -> Ints:
    return np.concatenate([np.zeros(0, dtype=np.int32), *parts]).astype(np.int32)
