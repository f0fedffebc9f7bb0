"""What if: a service added, closed, moved or extended, a ramp, a kerb, a tag, more trips."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from isopolis.model import YES, AccessData, CallError, Places, near
from isopolis.model.text import phrase

from .access_asked import AccessAsked, ChangeFound, ProfileAccess, clock
from .access_doors import doors_of
from .access_edits import check_tag, numbered, spot, terms_of
from .access_ground import Ground, ground_of
from .access_groups import everyone_access, groups_access
from .access_people import People
from .access_reach import Ride, reached

__all__ = ["FORMS", "changes_of", "check_changes"]

Progress = Callable[[str], None]

FORMS = (
    "add:ZONE", "add:LON,LAT", "close:PLACE", "move:PLACE:ZONE", "move:PLACE:LON,LAT",
    "extend:PLACE:hours=24/7;fee=0;capacity=40;step_free=yes", "ramp:WAY", "kerb:NODE",
    "tag:WAY:surface=asphalt", "trips:TRIP:14:05,14:35",
)  # fmt: skip
"""What ``--change`` takes."""


@dataclass(frozen=True, slots=True, eq=False)
class _World:
    """What an edit may touch."""

    data: AccessData
    places: Places
    ride: Ride | None
    said: str = ""
    put: tuple[float, float, str] | None = None
    """Where a place comes to stand: longitude, latitude, and what that is called."""


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
        If an edit is not written as `FORMS` shows, names what does not exist, or can change nothing: a place
        out of everybody's way, a tag or a value that nobody reads.
    """
    if not asked.changes or ground is None:
        check_changes(data, asked, places, profile, ground, ride, progress)
        return ()
    worlds = _worlds(data, asked, places, profile, ground, ride, progress)
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


def check_changes(
    data: AccessData,
    asked: AccessAsked,
    places: Places,
    profile: Any,
    ground: Ground | None,
    ride: Ride | None,
    progress: Progress,
) -> None:
    """Refuse edits that cannot be made, before anything is measured.

    Raises
    ------
    CallError
        As `changes_of`.
    """
    if asked.changes and ground is None:
        raise CallError("--change needs streets: with a ready matrix nobody knows how times would change")
    if ground is not None:
        _worlds(data, asked, places, profile, ground, ride, progress)


def _worlds(
    data: AccessData, asked: AccessAsked, places: Places, profile: Any, ground: Ground, ride: Ride | None,
    progress: Progress,
) -> list[tuple[str, _World]]:  # fmt: skip
    worlds = [(text, _edited(text, _World(data, places, ride))) for text in asked.changes]
    for text, world in worlds:
        if world.put is not None:
            _on_a_street(text, world.put, ground, profile, progress)
    return worlds


def _on_a_street(
    text: str, put: tuple[float, float, str], ground: Ground, profile: Any, progress: Progress
) -> None:
    """Refuse a place that nobody could reach because no street is near."""
    lon, lat, name = put
    costs = ground.walk(profile, progress).costs["expected"]
    spots = ground.spots(np.array([lon]), np.array([lat]), profile, costs)
    if not spots.attached[0]:
        raise CallError(
            f'--change "{text}": {name} lies more than {profile.snap_limit:g} m from any street for this way '
            f"of moving: {profile.title}; nobody could reach a place there"
        )


def _edited(text: str, world: _World) -> _World:
    verb, _, rest = text.partition(":")
    known = {"add": _add, "close": _close, "move": _move, "extend": _extend, "ramp": _ramp, "kerb": _kerb,
             "tag": _tag, "trips": _trips}  # fmt: skip
    if verb not in known or not rest:
        raise CallError(f'--change "{text}": write one of {"  ".join(FORMS)}; {near(verb, known)}')
    return known[verb](rest, world, text)


def _add(rest: str, world: _World, whole: str) -> _World:
    from isopolis.reach.changes import opened

    lon, lat, name = spot(rest, world.data.origins, whole)
    taken = set(world.places.ids.tolist())
    new = next(n for k in range(1, len(taken) + 2) if (n := f"new-{k}") not in taken)
    places = opened(world.places, new, lon, lat, names=name, step_free=YES, fee=0.0, hours="24/7",
                    eligibility="everyone")  # fmt: skip
    said = phrase("a new place at {name}, open to all", name=name)
    return replace(world, places=places, said=said, put=(lon, lat, name))


def _close(rest: str, world: _World, whole: str) -> _World:
    from isopolis.reach.changes import closed

    place, name = _place(rest, world, whole)
    return replace(world, places=closed(world.places, place), said=phrase("{place} closes", place=name))


def _move(rest: str, world: _World, whole: str) -> _World:
    from isopolis.reach.changes import moved

    text, _, to = rest.rpartition(":")
    place, own = _place(text, world, whole)
    lon, lat, name = spot(to, world.data.origins, whole)
    said = phrase("{place} moves to {where}", place=own, where=name)
    return replace(world, places=moved(world.places, place, lon, lat), said=said, put=(lon, lat, name))


def _extend(rest: str, world: _World, whole: str) -> _World:
    from isopolis.reach.changes import extended

    text, _, terms = rest.partition(":")
    place, name = _place(text, world, whole)
    said = phrase("{place}: {terms}", place=name, terms=terms.replace(";", ", "))
    return replace(world, places=extended(world.places, place, **terms_of(terms, whole)), said=said)


def _place(text: str, world: _World, whole: str) -> tuple[str, str]:
    """Return id and name of a place by its id, or by a name that no other place has."""
    ids, names = ([str(t) for t in column] for column in (world.places.ids, world.places.names))
    row = numbered(text, ids, names, whole)
    if row is None:
        known = dict.fromkeys((*ids, *names))
        raise CallError(f'--change "{whole}": there is no place "{text}"; {near(text, known)}')
    return ids[row], names[row]


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
    key, value = key.strip(), value.strip()
    number = _number(way, whole, "way")
    check_tag(key, value, whole)
    streets = with_way_tag(world.data.streets, number, key, value)
    said = phrase("way {way} with {tag}", way=way, tag=pair)
    return replace(world, data=replace(world.data, streets=streets), said=said)


def _trips(rest: str, world: _World, whole: str) -> _World:
    from isopolis.reach.changes import with_trips
    from isopolis.reach.transit import Network

    if world.ride is None:
        raise CallError(f'--change "{whole}": there is no timetable to add trips to')
    # ids of trips may hold colons themselves: the times are what stands at the end
    found = re.fullmatch(r"(.+):(\d{1,2}:\d\d(?:,\s*\d{1,2}:\d\d)*)", rest)
    if not found:
        raise CallError(f'--change "{whole}": write trips:TRIP:14:05,14:35, the id of a trip and times')
    trip, times = found[1], found[2]
    seconds = [clock(t, "--change") for t in times.split(",")]
    timetable = with_trips(world.ride.timetable, like=trip, departures=seconds)
    ride = replace(world.ride, timetable=timetable, network=Network.of(timetable))
    return replace(world, ride=ride, said=phrase("trips like {trip} at {times}", trip=trip, times=times))
