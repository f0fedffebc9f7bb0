"""One journey explained, by the engine and the streets that the figures for all people come from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from isopolis.model import AccessData, CallError, Places, near
from isopolis.model.text import Number, count, phrase, phrases
from isopolis.model.vocabulary import standard

from .access_asked import POLICIES, AccessAsked, clock
from .access_ground import Ground, Walk, ground_of
from .access_more import kind_said
from .access_reach import ROUNDS, Ride, ride_of, ways_of

__all__ = ["Leg", "TripFound", "trip", "trip_lines", "trip_to_dict"]

Progress = Callable[[str], None]

LONGEST = 4 * 3600


@dataclass(frozen=True, slots=True)
class Leg:
    """One part of a journey.

    Parameters
    ----------
    kind : str
        ``street``, ``walk``, ``wait`` or ``ride``.
    said : str
    seconds : float
    metres : float or None
    unknown : tuple of str
        Tags that nobody has recorded here and that this way of moving depends on.
    """

    kind: str
    said: str
    seconds: float
    metres: float | None = None
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TripFound:
    """The journey.

    Parameters
    ----------
    start, goal : str
    profile : str
        Its title.
    seconds : mapping-like tuple of (policy, float or None)
        By reading of unknown tags; None where the goal is out of reach.
    legs : tuple of Leg
        Of the expected reading.
    departs : int or None
        Seconds after midnight, for a ride.
    fare : str
        What the rides cost, as far as the feed says it.
    """

    start: str
    goal: str
    profile: str
    seconds: tuple[tuple[str, float | None], ...]
    legs: tuple[Leg, ...]
    departs: int | None = None
    fare: str = ""


def trip(
    data: AccessData, start: str, goal: str, *, profile: str = "adult", depart: str = "", date: str = "",
    transit: bool = True, progress: Progress | None = None,
) -> TripFound:  # fmt: skip
    """Explain the quickest journey from `start` to `goal`.

    Parameters
    ----------
    data : AccessData
    start, goal : str
        Id or name of a zone or of a place of any service, or LON,LAT in degrees.
    profile : str
        How one moves.
    depart : str
        ``14:05``: also by public transport, leaving then.
    date : str
        Day of the timetable.

    Raises
    ------
    CallError
        If there are no streets, or `start`, `goal` or `profile` is unknown.
    """
    from isopolis.reach.profiles import profile as named_profile

    say = progress or (lambda _text: None)
    moving = named_profile(profile)
    departs = clock(depart, "--depart") if depart else 0
    if depart and transit and data.timetable is None:
        raise CallError(f"--depart {depart}: {data.name} has no timetable; add a GTFS feed, or leave it out")
    ground = ground_of(data, say)
    if ground is None:
        raise CallError(f"{data.name} has no streets: a journey cannot be explained from a ready matrix")
    a, b = _spot(data, start), _spot(data, goal)
    walk = ground.walk(moving, say)
    ends = _places((a, b))
    spots = ground.spots(ends.lon, ends.lat, moving, walk.costs["expected"])
    for (_, _, name), attached in zip((a, b), spots.attached, strict=True):
        if not attached:
            raise CallError(
                f"{name} lies more than {moving.snap_limit} m from any street for this way of moving: "
                f"{moving.title}"
            )
    ride = ride_of(data, AccessAsked("", depart="", date=date)) if depart and transit else None
    if ride is not None:
        return _by_ride(ground, walk, spots, ride, departs, a[2], b[2])
    journeys = {p: _walked(walk, spots, p) for p in POLICIES}
    seconds = tuple((p, None if j.cost < 0 else j.cost / 1000) for p, j in journeys.items())
    return TripFound(
        a[2], b[2], standard(moving.title), seconds, _streets(ground, walk, journeys["expected"])
    )


def _walked(walk: Walk, spots: Any, policy: str) -> Any:
    from isopolis.reach.engine import trip as engine_trip

    return engine_trip(walk.graphs[policy], spots.points.take([0]), spots.points.take([1]))


def _spot(data: AccessData, text: str) -> tuple[float, float, str]:
    """Return longitude, latitude and name of what a text names."""
    origins = data.origins
    names: dict[str, tuple[float, float, str]] = {}
    for places in data.services:
        for i, n, x, y in zip(places.ids, places.names, places.lon, places.lat, strict=True):
            names.setdefault(str(n), (float(x), float(y), str(n)))
            names.setdefault(str(i), (float(x), float(y), str(n)))
    for i, n, x, y in zip(origins.ids, origins.names, origins.lon, origins.lat, strict=True):
        names[str(n)] = names[str(i)] = (float(x), float(y), str(n))
    if text in names:
        found = names[text]
        if not np.isfinite(found[:2]).all():
            raise CallError(f'nobody knows where "{text}" is')
        return found
    try:
        lon, lat = (float(p) for p in text.split(","))
    except ValueError:
        raise CallError(f'"{text}" is no zone, no place and no LON,LAT: ' + near(text, list(names))) from None
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise CallError(f'"{text}": write the longitude first, then the latitude, both in degrees')
    return lon, lat, text


def _places(ends: tuple[tuple[float, float, str], ...]) -> Places:
    texts = np.array([f"end-{i}" for i in range(len(ends))], dtype=object)
    lon, lat = (np.array([e[k] for e in ends], dtype=np.float64) for k in (0, 1))
    return Places("ends", texts, texts, lon, lat)


def _streets(ground: Ground, walk: Walk, journey: Any) -> tuple[Leg, ...]:
    """Return the streets of a journey, pieces of one street together."""
    from isopolis.reach.profiles import missing

    if journey.cost < 0:
        return ()
    streets = ground.streets
    names, kinds = streets.tag("name"), streets.tag("highway")
    tags = missing(ground.parsed, walk.profile, decides=True)
    rows: list[tuple[str, float, float, set[str]]] = []
    for edge, part in zip(journey.edges.tolist(), journey.parts.tolist(), strict=True):
        way = int(streets.way[edge])
        name = str(names[way]) or kind_said(str(kinds[way]))
        whole = max(int(walk.costs["expected"].forward[edge]), int(walk.costs["expected"].backward[edge]), 1)
        metres = float(streets.length[edge]) / 1000 * min(part / whole, 1.0)
        lost = {tag for tag, where in tags.items() if where[edge]}
        if rows and rows[-1][0] == name:
            _, seconds, so_far, seen = rows[-1]
            rows[-1] = (name, seconds + part / 1000, so_far + metres, seen | lost)
        else:
            rows.append((name, part / 1000, metres, lost))
    legs = [Leg("street", n, s, m, tuple(sorted(t))) for n, s, m, t in rows]
    if journey.to_network:
        legs.insert(0, Leg("walk", phrase("to the street"), journey.to_network / 1000))
    if journey.from_network:
        legs.append(Leg("walk", phrase("from the street"), journey.from_network / 1000))
    return tuple(legs)


def _by_ride(
    ground: Ground, walk: Walk, spots: Any, ride: Ride, departs: int, start: str, goal: str
) -> TripFound:
    from isopolis.reach.transit import fare, journey

    one, other = spots.part([0]), spots.part([1])
    stops = ground.spots(
        ride.timetable.stop_lon, ride.timetable.stop_lat, walk.profile, walk.costs["expected"]
    )
    needs = walk.profile.transit.needs_wheelchair
    seconds: list[tuple[str, float | None]] = []
    legs: tuple[Leg, ...] = ()
    cost = ""
    for policy in POLICIES:
        ways = ways_of(walk, one, other, stops, policy, ride, LONGEST * 1000)
        masks = ("optimistic" if policy == "optimistic" else "pessimistic") if needs else None
        found = journey(
            ride.network, ways, 0, 0, departs, limit=LONGEST, rounds=ROUNDS, wheelchair=masks,
            boarding=walk.profile.transit.boarding_seconds,
        )  # fmt: skip
        seconds.append((policy, None if found is None else float(found.arrival - departs)))
        if policy == "expected" and found is not None:
            legs = tuple(_leg(one_leg, ride) for one_leg in found.legs)
            cost = fare(found, ride.timetable).said() if found.boardings else ""
    return TripFound(start, goal, standard(walk.profile.title), tuple(seconds), legs, departs, cost)


def _leg(leg: Any, ride: Ride) -> Leg:
    table = ride.timetable
    at = phrase("{begin} to {end}", begin=_time(leg.start), end=_time(leg.end))
    if leg.kind == "ride":
        said = phrase(
            "{at}: {route} from {stop} to {other}", at=at, route=str(table.trip_routes[leg.trip]),
            stop=str(table.stop_names[leg.from_stop]), other=str(table.stop_names[leg.to_stop]),
        )  # fmt: skip
    elif leg.kind == "wait":
        said = phrase("{at}: wait at {stop}", at=at, stop=str(table.stop_names[leg.from_stop]))
    else:
        said = phrase("{at}: on foot or on wheels", at=at)
    return Leg(leg.kind, said, float(leg.end - leg.start))


def _time(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}"


def trip_lines(found: TripFound) -> list[str]:
    """Return what the command line prints."""
    by = dict(found.seconds)
    out = [
        phrase("From {start} to {goal}: {profile}", start=found.start, goal=found.goal, profile=found.profile)
    ]
    if by["expected"] is None:
        out.append(phrase("There is no way that this body can use."))
    else:
        out.append(phrase("As expected: {minutes}", minutes=_minutes(by["expected"])))
    out += [
        phrase("If every unknown tag is a barrier: {minutes}", minutes=_minutes(by["pessimistic"])),
        phrase("If none is: {minutes}", minutes=_minutes(by["optimistic"])),
    ]
    for leg in found.legs:
        metres = phrase(", {n} m", n=count(leg.metres)) if leg.metres is not None else ""
        lost = phrase("; nobody has recorded: {tags}", tags=", ".join(leg.unknown)) if leg.unknown else ""
        out.append(
            phrase("  {leg}: {minutes}{metres}{lost}", leg=leg.said, minutes=_minutes(leg.seconds),
                   metres=metres, lost=lost)
        )  # fmt: skip
    return [*out, found.fare] if found.fare else out


def _minutes(seconds: float | None) -> str:
    if seconds is None:
        return phrase("out of reach")
    if seconds < 60:
        return phrases("{n} second", "{n} seconds", round(seconds))
    return phrase("{n} minutes", n=Number(f"{seconds / 60:.1f}"))


def trip_to_dict(found: TripFound) -> dict[str, Any]:
    """Return the JSON form; seconds, and null where the goal is out of reach."""
    return {
        "from": found.start, "to": found.goal, "profile": str(found.profile), "seconds": dict(found.seconds),
        "departs": found.departs, "fare": str(found.fare),
        "legs": [
            {"kind": leg.kind, "said": str(leg.said), "seconds": leg.seconds, "metres": leg.metres,
             "not_recorded": list(leg.unknown)}
            for leg in found.legs
        ],
    }  # fmt: skip
