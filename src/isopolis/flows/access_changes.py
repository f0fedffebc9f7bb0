"""What if: a service added, closed, moved or extended, a ramp, a kerb, a tag, more trips."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from isopolis.model import NO, UNKNOWN, YES, AccessData, CallError, Places, near
from isopolis.model.text import phrase

from .access_asked import AccessAsked, ChangeFound, ProfileAccess, clock
from .access_doors import doors_of
from .access_ground import Ground, ground_of
from .access_groups import everyone_access, groups_access
from .access_people import People
from .access_reach import Ride, reached

__all__ = ["FORMS", "changes_of"]

Progress = Callable[[str], None]

FORMS = (
    "add:ZONE", "add:LON,LAT", "close:PLACE", "move:PLACE:ZONE", "move:PLACE:LON,LAT",
    "extend:PLACE:hours=24/7;fee=0;capacity=40;step_free=yes", "ramp:WAY", "kerb:NODE",
    "tag:WAY:surface=asphalt", "trips:TRIP:14:05,14:35",
)  # fmt: skip
"""What ``--change`` takes."""

_ANSWERS = {"yes": YES, "no": NO, "unknown": UNKNOWN}


@dataclass(frozen=True, slots=True, eq=False)
class _World:
    """What an edit may touch."""

    data: AccessData
    places: Places
    ride: Ride | None
    said: str = ""


def changes_of(
    data: AccessData,
    asked: AccessAsked,
    places: Places,
    profile: Any,
    crossings: Sequence[People],
    everyone: People,
    before: ProfileAccess,
    ground: Ground | None,
    ride: Ride | None,
    progress: Progress,
) -> tuple[ChangeFound, ...]:
    """Make each edit on its own and measure every group again.

    Raises
    ------
    CallError
        If an edit is not written as `FORMS` shows, or names what does not exist.
    """
    if not asked.changes:
        return ()
    if ground is None:
        raise CallError("--change needs streets: with a ready matrix nobody knows how times would change")
    worlds = [(text, _edited(text, _World(data, places, ride))) for text in asked.changes]
    out = []
    for text, world in worlds:
        progress(world.said)
        # the streets are only made ready again where they changed
        own = ground if world.data.streets is data.streets else ground_of(world.data, progress)
        doors = doors_of(world.data, world.places, profile, asked)
        reach = reached(world.data, world.places, profile, asked, own, world.ride, progress)
        whole = everyone_access(everyone, reach, world.places, doors, asked, None)
        groups = groups_access(crossings, reach, world.places, doors, asked, whole, None)
        levels = {
            b.label: (b.finding.number, a.finding.number)
            for b, a in zip(before.groups, (whole, *groups), strict=True)
            if a.finding.defined and b.finding.defined
        }
        out.append(ChangeFound(text, world.said, before.everyone.beyond - whole.beyond, levels))
    return tuple(out)


def _edited(text: str, world: _World) -> _World:
    verb, _, rest = text.partition(":")
    known = {"add": _add, "close": _close, "move": _move, "extend": _extend, "ramp": _ramp, "kerb": _kerb,
             "tag": _tag, "trips": _trips}  # fmt: skip
    if verb not in known or not rest:
        raise CallError(f'--change "{text}": write one of {"  ".join(FORMS)}; {near(verb, known)}')
    return known[verb](rest, world, text)


def _spot(text: str, world: _World, whole: str) -> tuple[float, float, str]:
    """Return longitude, latitude and name of a zone's id, or of two numbers."""
    origins = world.data.origins
    found = np.flatnonzero(origins.ids == text)
    if len(found):
        i = int(found[0])
        if not origins.located[i]:
            raise CallError(f'--change "{whole}": nobody knows where "{text}" is')
        return float(origins.lon[i]), float(origins.lat[i]), str(origins.names[i])
    parts = text.split(",")
    try:
        lon, lat = (float(p) for p in parts)
    except ValueError:
        raise CallError(
            f'--change "{whole}": "{text}" is neither the id of a zone nor LON,LAT; '
            + near(text, origins.ids.tolist())
        ) from None
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise CallError(f'--change "{whole}": {lon:g} is no longitude or {lat:g} no latitude, in degrees')
    return lon, lat, text


def _add(rest: str, world: _World, whole: str) -> _World:
    from isopolis.reach.changes import opened

    lon, lat, name = _spot(rest, world, whole)
    taken = set(world.places.ids.tolist())
    new = next(n for k in range(1, len(taken) + 2) if (n := f"new-{k}") not in taken)
    places = opened(world.places, new, lon, lat, names=name, step_free=YES, fee=0.0, hours="24/7",
                    eligibility="everyone")  # fmt: skip
    return replace(world, places=places, said=phrase("a new place at {name}, open to all", name=name))


def _close(rest: str, world: _World, whole: str) -> _World:
    from isopolis.reach.changes import closed

    name = _name(rest, world)
    return replace(world, places=closed(world.places, rest), said=phrase("{place} closes", place=name))


def _move(rest: str, world: _World, whole: str) -> _World:
    from isopolis.reach.changes import moved

    place, _, to = rest.rpartition(":")
    lon, lat, name = _spot(to, world, whole)
    said = phrase("{place} moves to {where}", place=_name(place, world), where=name)
    return replace(world, places=moved(world.places, place, lon, lat), said=said)


def _extend(rest: str, world: _World, whole: str) -> _World:
    from isopolis.reach.changes import extended

    place, _, terms = rest.partition(":")
    known: dict[str, Any] = {}
    for term in terms.split(";"):
        key, sign, value = term.partition("=")
        if not sign:
            raise CallError(f'--change "{whole}": "{term}" is not NAME=VALUE')
        known[key.strip()] = _value(key.strip(), value.strip(), whole)
    said = phrase("{place}: {terms}", place=_name(place, world), terms=terms.replace(";", ", "))
    return replace(world, places=extended(world.places, place, **known), said=said)


def _value(key: str, text: str, whole: str) -> Any:
    if key == "step_free":
        if text not in _ANSWERS:
            raise CallError(f'--change "{whole}": step_free is yes, no or unknown')
        return _ANSWERS[text]
    if key in ("capacity", "fee", "amount"):
        try:
            return float(text)
        except ValueError:
            raise CallError(f'--change "{whole}": {key} is a number') from None
    return tuple(text.split(",")) if key == "languages" else text


def _name(place: str, world: _World) -> str:
    found = np.flatnonzero(world.places.ids == place)
    return str(world.places.names[found[0]]) if len(found) else place


def _number(text: str, whole: str, what: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise CallError(f'--change "{whole}": "{text}" is no number of a {what}') from None


def _ramp(rest: str, world: _World, whole: str) -> _World:
    from isopolis.reach.changes import with_ramp

    assert world.data.streets is not None
    streets = with_ramp(world.data.streets, _number(rest, whole, "way"))
    return replace(
        world, data=replace(world.data, streets=streets), said=phrase("a ramp at way {way}", way=rest)
    )


def _kerb(rest: str, world: _World, whole: str) -> _World:
    from isopolis.reach.changes import with_kerb

    assert world.data.streets is not None
    streets = with_kerb(world.data.streets, _number(rest, whole, "vertex"))
    return replace(
        world, data=replace(world.data, streets=streets), said=phrase("a flush kerb at {node}", node=rest)
    )


def _tag(rest: str, world: _World, whole: str) -> _World:
    from isopolis.reach.changes import with_way_tag

    assert world.data.streets is not None
    way, _, pair = rest.partition(":")
    key, sign, value = pair.rpartition("=")
    if not sign:
        raise CallError(f'--change "{whole}": write tag:WAY:KEY=VALUE')
    streets = with_way_tag(world.data.streets, _number(way, whole, "way"), key, value)
    said = phrase("way {way} with {tag}", way=way, tag=pair)
    return replace(world, data=replace(world.data, streets=streets), said=said)


def _trips(rest: str, world: _World, whole: str) -> _World:
    from isopolis.reach.changes import with_trips
    from isopolis.reach.transit import Network

    if world.ride is None:
        raise CallError(f'--change "{whole}": there is no timetable to add trips to')
    trip, _, times = rest.partition(":")
    seconds = [clock(t, "--change") for t in times.split(",")]
    timetable = with_trips(world.ride.timetable, like=trip, departures=seconds)
    ride = replace(world.ride, timetable=timetable, network=Network.of(timetable))
    return replace(world, ride=ride, said=phrase("trips like {trip} at {times}", trip=trip, times=times))
