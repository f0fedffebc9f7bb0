"""One day of public transport: stops, and trips in the order in which they run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .counts import frozen
from .errors import CallError, Problem
from .pickling import as_fields
from .places import UNKNOWN

__all__ = ["Timetable"]


@dataclass(frozen=True, slots=True, eq=False)
class Timetable:
    """Every trip of one date, of one or more feeds.

    Parameters
    ----------
    date : str
        ISO date. Times count from its midnight; trips of the evening before run past 24:00 there.
    stop_ids, stop_names : (S,) arrays of str
    stop_lon, stop_lat : (S,) arrays, degrees (WGS84)
    stop_wheelchair : (S,) array of int
        `model.YES`, `NO` or `UNKNOWN`: can a wheelchair user board here.
    trip_ids, trip_routes : (T,) arrays of str
        Routes as riders know them: ``T1``.
    trip_wheelchair : (T,) array of int
        Three-valued as above.
    trip_pointer : (T + 1,) array of int
        Where the calls of each trip begin.
    call_stop : (C,) array of int
        Stop of each call, in the order of the trip.
    call_arrival, call_departure : (C,) arrays of int, seconds after midnight
        Never falling along a trip.
    transfer_from, transfer_to : (X,) arrays of int
        Stops between which the feed itself states a way, and
    transfer_seconds : (X,) array of int
        how long it takes; -1 where the feed forbids it.
    trip_fare : (T,) array
        Euros, or the feed's currency, for boarding; NaN where not known.
    currency : str
    covers : (str, str)
        First and last date that the feeds say anything about.
    caveats : tuple of Problem
    source : str
    """

    date: str
    stop_ids: npt.NDArray[np.object_]
    stop_names: npt.NDArray[np.object_]
    stop_lon: npt.NDArray[np.float64]
    stop_lat: npt.NDArray[np.float64]
    stop_wheelchair: npt.NDArray[np.int8]
    trip_ids: npt.NDArray[np.object_]
    trip_routes: npt.NDArray[np.object_]
    trip_wheelchair: npt.NDArray[np.int8]
    trip_pointer: npt.NDArray[np.int64]
    call_stop: npt.NDArray[np.int32]
    call_arrival: npt.NDArray[np.int32]
    call_departure: npt.NDArray[np.int32]
    transfer_from: npt.NDArray[np.int32] | None = None
    transfer_to: npt.NDArray[np.int32] | None = None
    transfer_seconds: npt.NDArray[np.int32] | None = None
    trip_fare: npt.NDArray[np.float64] | None = None
    currency: str = ""
    covers: tuple[str, str] = ("", "")
    caveats: tuple[Problem, ...] = ()
    source: str = ""

    def __post_init__(self) -> None:
        put = object.__setattr__
        for name, dtype in _DTYPES.items():
            given = getattr(self, name)
            if given is None:
                given = np.full(
                    len(self.trip_ids) if name == "trip_fare" else 0, np.nan if name == "trip_fare" else 0
                )
            put(self, name, frozen(given, dtype))
        self._check()

    def _check(self) -> None:
        stops, trips, calls = len(self.stop_ids), len(self.trip_ids), len(self.call_stop)
        wanted = {"stop": stops, "trip": trips, "call": calls}
        for name in _DTYPES:
            many = wanted.get(name.partition("_")[0])
            if name != "trip_pointer" and many is not None and len(getattr(self, name)) != many:
                raise CallError(
                    f"a timetable has {many} rows of its kind for {name}, not {len(getattr(self, name))}"
                )
        if len(self.trip_pointer) != trips + 1 or self.trip_pointer[0] != 0 or self.trip_pointer[-1] != calls:
            raise CallError("the calls of a timetable do not fit its trips")
        if calls and not (self.call_stop.min() >= 0 and self.call_stop.max() < stops):
            raise CallError("a trip of the timetable calls at a stop that does not exist")
        if (self.call_departure < self.call_arrival).any():
            raise CallError("a trip of the timetable leaves a stop before it arrives there")
        falling = self.call_arrival[1:] < self.call_departure[:-1]
        falling[np.asarray(self.trip_pointer[1:-1]) - 1] = False  # from one trip to the next
        if falling.any():
            raise CallError("a trip of the timetable arrives before it has left")
        if (self.stop_wheelchair < UNKNOWN).any() or (self.trip_wheelchair < UNKNOWN).any():
            raise CallError("wheelchair access is yes, no or unknown")

    def __reduce__(self) -> tuple[Any, ...]:
        return as_fields(self)


_DTYPES: dict[str, npt.DTypeLike] = {
    "stop_ids": object,
    "stop_names": object,
    "stop_lon": np.float64,
    "stop_lat": np.float64,
    "stop_wheelchair": np.int8,
    "trip_ids": object,
    "trip_routes": object,
    "trip_wheelchair": np.int8,
    "trip_pointer": np.int64,
    "call_stop": np.int32,
    "call_arrival": np.int32,
    "call_departure": np.int32,
    "transfer_from": np.int32,
    "transfer_to": np.int32,
    "transfer_seconds": np.int32,
    "trip_fare": np.float64,
}
