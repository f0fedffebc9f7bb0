"""Times from people to places: by streets, by timetables on top, or from a ready matrix."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import UNKNOWN, AccessData, CallError, Places, Problem, Timetable, Travel
from isopolis.model.text import count, phrase, phrases
from isopolis.model.vocabulary import standard

from .access_asked import POLICIES, AccessAsked, window
from .access_ground import Ground, Spots, Walk

__all__ = ["ROUNDS", "Reached", "Ride", "reached", "ride_of", "spoken_limit", "ways_of", "window_times"]

Ints = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
Progress = Callable[[str], None]

HORIZON = 30
"""Minutes that are looked at in any case, so that a median can be told."""

STEP = 240
"""Seconds between departures: thirty in two hours, and no divisor of usual headways."""

ROUNDS = 4
BUSY = 2 * 3600


@dataclass(frozen=True, slots=True, eq=False)
class Ride:
    """One day of public transport, and the window of departures.

    Parameters
    ----------
    timetable : Timetable
    network : reach.transit.Network
    begin, end : int, seconds after midnight
    """

    timetable: Timetable
    network: Any
    begin: int
    end: int

    def departures(self, begin: int | None = None, end: int | None = None) -> npt.NDArray[np.int32]:
        """Return departures every four minutes of the window, or of a part of it."""
        first, last = self.begin if begin is None else begin, self.end if end is None else end
        return np.arange(first, last, STEP, dtype=np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class Reached:
    """Times of one profile.

    Parameters
    ----------
    travel : mapping of str to Travel
        By policy.
    located : (O,) array of bool
        Origins of which anything can be said.
    walking : mapping of str to Travel
        The same without timetables; equal to `travel` where there is none.
    problems : tuple of Problem
    walk : Walk or None
    ways : mapping of str to reach.transit.Walks
        What rides were computed with, by policy.
    """

    travel: Mapping[str, Travel]
    located: Flags
    walking: Mapping[str, Travel]
    problems: tuple[Problem, ...] = ()
    walk: Walk | None = None
    ways: Mapping[str, Any] = field(default_factory=dict)


def ride_of(data: AccessData, asked: AccessAsked) -> Ride | None:
    """Read the timetable of the day asked for; None without feeds or where they are to be left aside."""
    if data.timetable is None and (asked.depart or asked.date):
        raise CallError(f"{data.name} has no timetable: leave --depart and --date out, or add a GTFS feed")
    if data.timetable is None or not asked.transit:
        return None
    from isopolis.reach.transit import Network

    timetable = data.timetable(asked.date)
    begin, end = window(asked.depart) if asked.depart else _busiest(timetable)
    return Ride(timetable, Network.of(timetable), begin, end)


def _busiest(timetable: Timetable) -> tuple[int, int]:
    """Return the two hours in which most calls leave, the earliest of equals, on whole hours."""
    hour = np.asarray(timetable.call_departure) // 3600
    calls = np.bincount(hour[hour >= 0], minlength=26).astype(np.int64)
    pairs = calls[:-1] + calls[1:]
    first = int(pairs.argmax())
    return first * 3600, first * 3600 + BUSY


def spoken_limit(asked: AccessAsked) -> int:
    """Return the longest time that is looked for, milliseconds: half an hour, or twice the standard."""
    return round(max(HORIZON, 2 * asked.minutes) * 60_000)


def reached(
    data: AccessData,
    places: Places,
    profile: Any,
    asked: AccessAsked,
    ground: Ground | None,
    ride: Ride | None,
    progress: Progress,
) -> Reached:
    """Compute times from all origins to `places` for one profile, under each reading of unknown tags.

    Raises
    ------
    CallError
        If the folder holds neither streets nor a matrix that leads to these places.
    """
    if ground is None:
        return _from_matrix(data, places, profile)
    walk = ground.walk(profile, progress)
    spots = ground.spots(places.lon, places.lat, profile, walk.costs["expected"])
    limit = spoken_limit(asked)
    walking = {p: ground.travel(walk, places, spots, p, limit) for p in POLICIES}
    problems = _refused(data, places, walk.origins, spots, profile)
    located = walk.origins.attached & data.origins.located
    if ride is None:
        return Reached(walking, located, walking, problems, walk)
    progress(phrase("timetable for {profile}", profile=profile.title))
    stops = ground.spots(ride.timetable.stop_lon, ride.timetable.stop_lat, profile, walk.costs["expected"])
    ways = {p: ways_of(walk, walk.origins, spots, stops, p, ride, limit) for p in POLICIES}
    travel = {p: _rides(data, places, profile, ride, ways[p], p, limit) for p in POLICIES}
    return Reached(travel, located, walking, (*problems, *_silent(ride, profile)), walk, ways)


def ways_of(
    walk: Walk, starts: Spots, places: Spots, stops: Spots, policy: str, ride: Ride, limit: int
) -> Any:
    """Return every way on foot that a ride may use, by streets, within the profile's limit of metres."""
    from isopolis.reach.engine import matrix
    from isopolis.reach.transit import Links, Walks, with_rules

    graph, profile = walk.graphs[policy], walk.profile
    short = round(profile.transit.walk_limit / profile.speed.flat * 1000)

    def links(origins: Spots, destinations: Spots, most: int) -> Any:
        indptr, indices, costs = matrix(graph, origins.points, destinations.points, limit=most)
        return Links.of(indptr, indices, costs, len(destinations.attached))

    walks = Walks(
        access=links(starts, stops, short),
        egress=links(stops, places, short),
        direct=links(starts, places, limit),
        transfers=links(stops, stops, short // 2),
    )
    return with_rules(walks, ride.timetable)


def _rides(
    data: AccessData, places: Places, profile: Any, ride: Ride, ways: Any, policy: str, limit: int
) -> Travel:
    """Return the median over the window of departures, walking all the way where that is quicker."""
    links = window_times(profile, ride, ways, policy, limit, ride.departures()).links(50.0)
    return Travel(
        data.origins.ids,
        places.ids,
        links.indptr,
        links.indices,
        links.costs,
        profile.title,
        limit,
        (),
        policy,
    )


def window_times(
    profile: Any, ride: Ride, ways: Any, policy: str, limit: int, departures: npt.NDArray[np.int32]
) -> Any:
    """Return the times of one profile over some departures; `policy` reads unknown trips and stops."""
    from isopolis.reach.transit import times

    # nobody should have to gamble on a bus: what is expected of an unknown trip is that it cannot be boarded
    masks = None
    if profile.transit.needs_wheelchair:
        masks = "optimistic" if policy == "optimistic" else "pessimistic"
    return times(
        ride.network, ways, departures, limit=limit // 1000, rounds=ROUNDS, percentiles=(50.0,),
        wheelchair=masks, boarding=profile.transit.boarding_seconds, threads=2,
    )  # fmt: skip


def _silent(ride: Ride, profile: Any) -> tuple[Problem, ...]:
    """Say it when no stop tells whether a wheelchair user can board there."""
    known = np.asarray(ride.timetable.stop_wheelchair) != UNKNOWN
    if not profile.transit.needs_wheelchair or known.any():
        return ()
    message = phrase(
        "No stop says whether a wheelchair can board there: rides count in the optimistic reading only "
        "({profile})",
        profile=standard(profile.title),
    )
    return (Problem("stops-silent", message, file=ride.timetable.source or None, fatal=False),)


def _from_matrix(data: AccessData, places: Places, profile: Any) -> Reached:
    """Take the ready matrix that leads to most of these places."""
    if not data.travel:
        raise CallError(
            f"{data.name} has no streets and no travel matrix: put a street extract (.osm.pbf) or a table of "
            f"travel times into the folder and run isopolis init again"
        )
    rows = {name: i for i, name in enumerate(data.origins.ids.tolist())}
    best = max(data.travel, key=lambda t: len(set(t.places.tolist()) & set(_targets(places))))
    columns = {name: i for i, name in enumerate(best.places.tolist())}
    targets = np.array([columns.get(n, -1) for n in _targets(places)], dtype=np.int64)
    if (targets < 0).all():
        raise CallError(f'the travel matrix {best.source} leads to none of the places of "{places.kind}"')
    travel = _picked(best, data, places, rows, targets)
    located = np.isin(data.origins.ids, best.origins)
    problems = list(best.caveats)
    if profile.name != "adult":
        problems.append(
            Problem(
                "matrix-of-nobody",
                phrase(
                    "The travel times are those of the table for everybody; nothing is known of this way of "
                    "moving ({profile})",
                    profile=standard(profile.title),
                ),
                file=best.source, fatal=False,
            )
        )  # fmt: skip
    for missing, what in (
        (int((targets < 0).sum()), phrase("places")),
        (int((~located).sum()), phrase("places to start from")),
    ):
        if missing:
            problems.append(
                Problem(
                    "not-in-matrix",
                    phrases("{n} of the {what} is not in the matrix",
                            "{n} of the {what} are not in the matrix", missing, what=what),
                    file=best.source, count=missing, fatal=False,
                )
            )  # fmt: skip
    same = dict.fromkeys(POLICIES, travel)
    return Reached(same, located, same, tuple(problems))


def _targets(places: Places) -> list[str]:
    """Return the ids that a matrix may call the places by: their zone, else their own id."""
    assert places.zone is not None
    return [z or i for z, i in zip(places.zone.tolist(), places.ids.tolist(), strict=True)]


def _picked(
    matrix: Travel, data: AccessData, places: Places, rows: Mapping[str, int], targets: npt.NDArray[np.int64]
) -> Travel:
    """Return the part of a matrix from the city's origins to `places`; several may share a column."""
    from scipy.sparse import csr_array

    row = np.array([rows.get(n, -1) for n in matrix.origins.tolist()], dtype=np.int64)
    entries = matrix.rows()
    kept = row[entries] >= 0
    # one more than the time, so that 0 minutes is an entry of the sparse matrix
    costs = csr_array(
        (matrix.costs[kept].astype(np.int64) + 1, (row[entries[kept]], matrix.indices[kept])),
        shape=(len(data.origins), len(matrix.places)),
    )
    there = np.flatnonzero(targets >= 0)
    found = costs[:, targets[there]].tocsr()
    found.sort_indices()
    return Travel(
        data.origins.ids, places.ids, found.indptr, there[found.indices], found.data - 1, matrix.mode,
        # a matrix that does not say how far it looked has looked as far as its longest time
        matrix.limit or int(matrix.costs.max(initial=0)), (), matrix.source,
    )  # fmt: skip


def _refused(
    data: AccessData, places: Places, origins: Spots, spots: Spots, profile: Any
) -> tuple[Problem, ...]:
    """Say which people and places could not be put on the streets."""
    out = []
    lost = int((~origins.attached).sum())
    if lost:
        from .access_people import everybody

        people = float(everybody(data.origins).values[~origins.attached].sum())
        out.append(
            Problem(
                "origin-refused",
                phrase(
                    "{n} origins with {people} people lie more than {limit} m from any street that can be "
                    "used ({profile}): nothing is known of their access, and shares leave them out",
                    n=count(lost), people=count(people), limit=count(profile.snap_limit),
                    profile=standard(profile.title),
                ),
                count=lost, fatal=False,
            )
        )  # fmt: skip
    gone = np.flatnonzero(~spots.attached)
    if len(gone):
        named = ", ".join(str(n) for n in places.names[gone[:5]])
        out.append(
            Problem(
                "place-refused",
                phrase(
                    "{n} places lie too far from any street that can be used ({profile}): {names}",
                    n=count(len(gone)), profile=standard(profile.title), names=named,
                ),
                file=places.source or None, count=len(gone), fatal=False,
                hint=phrase("Check their coordinates, and the reference system they are in."),
            )
        )  # fmt: skip
    return tuple(out)
