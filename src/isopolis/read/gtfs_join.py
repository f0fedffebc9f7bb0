"""One day of several feeds → one `Timetable`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.model import Problems
from isopolis.model.places import UNKNOWN
from isopolis.model.text import listing, phrase
from isopolis.model.timetable import Timetable

from .gtfs_fares import fares
from .gtfs_files import Feed
from .gtfs_notes import time_zones
from .gtfs_stops import Stops
from .gtfs_transfers import transfers
from .gtfs_trips import Routes, Runs, Trips

__all__ = ["Part", "joined"]


@dataclass(frozen=True, slots=True)
class Part:
    """One feed on the day."""

    feed: Feed
    stops: Stops
    trips: Trips
    routes: Routes
    runs: Runs

    def shown(self) -> npt.NDArray[np.int64]:
        """Rows of the stops and boarding areas where people can get on and off."""
        return np.flatnonzero(np.isin(self.stops.kind, (0, 4)) & self.stops.placed)


def joined(
    parts: Sequence[Part], date: str, covers: tuple[str, str], source: str, problems: Problems
) -> Timetable:
    """Put the feeds together; ids that two feeds share get the name of their feed before them."""
    stop_names = _unique([(p.feed.name, p.stops.ids[p.shown()]) for p in parts])
    trip_names = _unique([(p.feed.name, p.runs.ids) for p in parts])
    offsets = np.cumsum([0] + [len(s) for s in stop_names])
    call_stop, links, wheel, prices = [], [], [], []
    for part, offset in zip(parts, offsets.tolist(), strict=False):
        shown = part.shown()
        place = np.full(len(part.stops.ids), -1, dtype=np.int64)
        place[shown] = np.arange(len(shown)) + offset
        call_stop.append(place[part.runs.stop])
        found = transfers(part.feed, part.stops, shown)
        wheel.append(found.wheelchair)
        links.append((place[found.tail], place[found.head], found.seconds))
        prices.append(fares(part.feed, part.routes))
    _note_zones(parts, problems)
    trip_fare, currency = _prices(parts, prices, problems)
    sizes = np.concatenate([np.diff(p.runs.pointer) for p in parts])
    order = np.argsort(np.concatenate([p.runs.departure[p.runs.pointer[:-1]] for p in parts]), kind="stable")
    pointer, rows = _reordered(sizes, order)

    def per_trip(arrays: list[npt.NDArray[np.object_]]) -> npt.NDArray[np.object_]:
        return np.concatenate(arrays)[order]

    def per_call(arrays: list[npt.NDArray[np.int64]]) -> npt.NDArray[np.int32]:
        return np.asarray(np.concatenate(arrays)[rows], dtype=np.int32)

    tail, head, seconds = (np.concatenate([x[i] for x in links]).astype(np.int32) for i in range(3))
    return Timetable(
        date=date,
        stop_ids=np.concatenate(stop_names),
        stop_names=np.concatenate([p.stops.names[p.shown()] for p in parts]),
        stop_lon=np.concatenate([p.stops.lon[p.shown()] for p in parts]),
        stop_lat=np.concatenate([p.stops.lat[p.shown()] for p in parts]),
        stop_wheelchair=np.concatenate(wheel),
        trip_ids=per_trip(trip_names),
        trip_routes=per_trip([p.trips.route_names[p.runs.trip] for p in parts]),
        trip_wheelchair=_wheelchairs(parts, problems)[order],
        trip_pointer=pointer,
        call_stop=per_call(call_stop),
        call_arrival=per_call([p.runs.arrival for p in parts]),
        call_departure=per_call([p.runs.departure for p in parts]),
        transfer_from=tail,
        transfer_to=head,
        transfer_seconds=seconds,
        trip_fare=trip_fare[order],
        currency=currency,
        covers=covers,
        caveats=tuple(problems),
        source=source,
    )


def _unique(named: Sequence[tuple[str, npt.NDArray[np.object_]]]) -> list[npt.NDArray[np.object_]]:
    seen: set[str] = set()
    clash: set[str] = set()
    for _, ids in named:
        own = set(ids.tolist())
        clash |= own & seen
        seen |= own
    return [
        np.array([f"{name}:{i}" if i in clash else i for i in ids.tolist()] or [], dtype=object)
        for name, ids in named
    ]


def _reordered(
    sizes: npt.NDArray[np.int64], order: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Pointer of the trips in their new order, and the old row of each call."""
    starts = np.concatenate([[0], np.cumsum(sizes)])[:-1]
    pointer = np.concatenate([[0], np.cumsum(sizes[order])])
    rows = np.arange(pointer[-1]) + np.repeat(starts[order] - pointer[:-1], sizes[order])
    return pointer, rows


def _wheelchairs(parts: Sequence[Part], problems: Problems) -> npt.NDArray[np.int8]:
    for part in parts:
        says = part.trips.wheelchair[part.runs.trip]
        unknown = int((says == UNKNOWN).sum())
        if unknown:
            problems.caveat(
                "wheelchair-unknown",
                phrase("{n} of {all} trips of the day do not say whether a wheelchair user can ride",
                       n=unknown, all=len(says)),
                file=f"{part.feed.file}/trips.txt", column="wheelchair_accessible", count=unknown,
                hint=phrase("Not known is not no: results for wheelchair users show both bounds."),
            )  # fmt: skip
    return np.concatenate([p.trips.wheelchair[p.runs.trip] for p in parts])


def _prices(
    parts: Sequence[Part], prices: Sequence[tuple[npt.NDArray[np.float64], str]], problems: Problems
) -> tuple[npt.NDArray[np.float64], str]:
    """Price of boarding each run; only of the currency of the most runs, as others cannot be added."""
    runs: dict[str, int] = {}
    for part, (_, currency) in zip(parts, prices, strict=True):
        if currency:
            runs[currency] = runs.get(currency, 0) + len(part.runs.trip)
    chosen = max(runs, key=lambda c: runs[c]) if runs else ""
    if len(runs) > 1:
        problems.caveat(
            "currencies",
            phrase("fares are in different currencies: {names}; only those in {chosen} count",
                   names=listing(sorted(runs)), chosen=chosen),
            file=", ".join(p.feed.file for p in parts),
        )  # fmt: skip
    out = []
    for part, (price, currency) in zip(parts, prices, strict=True):
        fare = np.full(len(part.runs.trip), np.nan)
        if currency == chosen and len(price):
            route = part.trips.route[part.runs.trip]
            fare = np.where(route >= 0, price[route], np.nan)
        out.append(fare)
    return np.concatenate(out), chosen


def _note_zones(parts: Sequence[Part], problems: Problems) -> None:
    zones = sorted({z for p in parts for z in time_zones(p.feed)[:1]})
    if len(zones) > 1:
        problems.caveat(
            "time-zones",
            phrase("the feeds have different time zones: {zones}", zones=listing(zones)),
            file=", ".join(p.feed.file for p in parts), column="agency_timezone",
            hint=phrase("Times of each feed were taken as they stand, so changes between them may be wrong."),
        )  # fmt: skip
