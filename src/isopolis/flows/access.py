"""Who can reach a service: by group, by body, by hour, how sure that is, and what would change it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import AccessData, CallError, Places, Problem
from isopolis.model.text import Number, phrase
from isopolis.model.vocabulary import standard

from .access_asked import AccessAsked, AccessFound, HourAccess, ProfileAccess
from .access_changes import changes_of, check_changes
from .access_digital import digital_of
from .access_doors import Doors, doors_of
from .access_ground import Ground, ground_of
from .access_groups import everyone_access, groups_access, inequality_of, nearest_by_policy
from .access_load import named_service
from .access_more import firmness_of, gained_by_bodies, hours_of, sites_of, survey_of
from .access_people import People, everybody, tables
from .access_reach import Reached, Ride, reached, ride_of
from .access_split import split_of

__all__ = ["access"]

Progress = Callable[[str], None]
Floats = npt.NDArray[np.float64]

BODIES = (
    "adult",
    "older_person",
    "child_alone",
    "pram",
    "cane",
    "manual_wheelchair",
    "powered_wheelchair",
    "night",
)
"""Compared when no other profile is named."""

NOTHING_ADDED = 0.01


def access(
    data: AccessData,
    asked: AccessAsked,
    *,
    progress: Progress | None = None,
    rng: np.random.Generator | None = None,
) -> AccessFound:
    """Answer one question about access.

    Parameters
    ----------
    data : AccessData
        As `load_access` reads it.
    asked : AccessAsked
    progress : callable, optional
        Called with a sentence before each step.
    rng : numpy Generator, optional
        For intervals from counts that are not exact; a fixed one when not given.

    Returns
    -------
    AccessFound

    Raises
    ------
    CallError
        If the service, a profile, a dimension or a what-if is unknown, or the folder holds no streets
        and no matrix.
    DataError
        If the timetable cannot be used on that day.
    """
    from isopolis.reach.profiles import profile as named_profile

    say = progress or _quiet
    draw = rng if rng is not None else np.random.default_rng(20260101)
    places = named_service(data, asked.service)
    if not len(places):
        raise CallError(f'there is no place of "{places.kind}"')
    profiles = [named_profile(n) for n in (asked.profile, *(asked.others or _others(data, asked)))]
    crossings = tuple(tables(data.origins, asked.by))
    ground, everyone = ground_of(data, say), everybody(data.origins)
    ride = ride_of(data, asked) if ground is not None else None
    # a misspelt edit is refused before minutes are spent
    check_changes(data, asked, places, profiles[0], ground, ride, say)
    found: list[ProfileAccess] = []
    hours: list[HourAccess] = []
    reaches: dict[str, Reached] = {}
    all_doors: dict[str, Doors] = {}
    firm = ""
    for number, profile in enumerate(profiles):
        doors = doors_of(data, places, profile, asked)
        reach = reached(data, places, profile, asked, ground, ride, say)
        some = crossings if number == 0 else ()
        found.append(_profile(profile, reach, places, doors, everyone, some, asked, ground, draw))
        reaches[profile.name], all_doors[profile.name] = reach, doors
        if ride is not None and number == 0:
            say(phrase("hours of the day"))
            firm = firmness_of(profile, reach, ride, asked)
            hours += hours_of(profile, reach, ride, asked, everyone.values[:, 0], doors.everyone("expected"))
    return _finished(
        data, asked, places, tuple(found), tuple(hours), reaches, all_doors, crossings, everyone, ground,
        ride, profiles, firm, draw, say,
    )  # fmt: skip


def _quiet(text: str) -> None:
    """Say nothing."""


def _others(data: AccessData, asked: AccessAsked) -> tuple[str, ...]:
    from isopolis.reach.profiles import profile as named_profile

    if data.streets is None:
        return ()
    own = named_profile(asked.profile).name
    return tuple(n for n in BODIES if n != own)


def _profile(
    profile: Any, reach: Reached, places: Places, doors: Doors, everyone: People, crossings: Sequence[People],
    asked: AccessAsked, ground: Ground | None, rng: np.random.Generator,
) -> ProfileAccess:  # fmt: skip
    whole = everyone_access(everyone, reach, places, doors, asked, rng)
    groups = groups_access(crossings, reach, places, doors, asked, whole, rng)
    usable, unknown = None, None
    reasons: tuple[tuple[str, float], ...] = ()
    if reach.walk is not None and ground is not None:
        costs = reach.walk.costs["expected"]
        length = np.asarray(ground.streets.length, dtype=np.float64)
        usable = 1.0 - costs.unusable
        unknown = float(length[costs.unknown].sum() / max(length.sum(), 1.0))
        reasons = tuple((r.sentence, costs.shares[r.code]) for r in costs.reasons[:3])
    mode = next(iter(reach.travel.values())).mode
    title = (
        standard(profile.title) if reach.walk is not None else mode or phrase("by the table of travel times")
    )
    if reach.ways:
        title = phrase("{profile}, also by public transport", profile=title)
    return ProfileAccess(
        profile.name, title, dict(reach.travel), nearest_by_policy(reach, places, doors), (whole, *groups),
        usable, reasons, unknown,
    )  # fmt: skip


def _finished(
    data: AccessData, asked: AccessAsked, places: Places, found: tuple[ProfileAccess, ...],
    hours: tuple[HourAccess, ...], reaches: dict[str, Reached], doors: dict[str, Doors],
    crossings: Sequence[People], everyone: People, ground: Ground | None, ride: Ride | None,
    profiles: Sequence[Any], firm: str, rng: np.random.Generator, say: Progress,
) -> AccessFound:  # fmt: skip
    main, reach, door = found[0], reaches[found[0].name], doors[found[0].name]
    people = everyone.values[:, 0]
    sites: Any = ((), "")
    names = _names(data, ground, reach)
    survey: Any = (None, None, ())
    if ground is not None and reach.walk is not None:
        sites = sites_of(ground, reach.walk, main.nearest, everyone, crossings, names, asked, rng, say)
        say(phrase("streets to look at first"))
        open_ = door.everyone("optimistic") & (np.asarray(places.amount) > 0)
        spots = ground.spots(places.lon[open_], places.lat[open_], profiles[0], reach.walk.costs["expected"])
        walking = nearest_by_policy(_walking(reach), places, door)
        survey = survey_of(ground, reach.walk, spots, people, walking["pessimistic"], asked.limit)
    bodies: tuple[tuple[str, float], ...] = ()
    on_foot = None
    if reach.ways:
        walked = nearest_by_policy(_walking(reach), places, door)["expected"]
        on_foot = float(people[(walked >= 0) & (walked <= asked.limit)].sum() / max(people.sum(), 1e-12))
    if sites[0]:
        others = [(reaches[f.name].walk, f.nearest["expected"]) for f in found[1:]]
        moving = [(w, n) for w, n in others if w is not None]
        bodies = gained_by_bodies(
            [w for w, _ in moving], [n for _, n in moving], sites[0], data.origins, people, asked.limit
        )
    changed = changes_of(data, asked, places, profiles[0], crossings, everyone, main, ground, ride, say)
    problems = (
        *data.caveats,
        *(ride.timetable.caveats if ride is not None else ()),
        *places.caveats,
        *door.problems,
        *(p for r in reaches.values() for p in r.problems),
    )
    return AccessFound(
        data, asked, places, found, hours, door.said,
        inequality_of(everyone, reach, places, door, asked, _rank(data), rng),
        split_of(found, reaches, doors, crossings, places, everyone, profiles, asked),
        sites[0], sites[1], survey[0], survey[1], survey[2], changed,
        ride.timetable.date if ride is not None else "", names,
        digital_of(data, places, reach, main.nearest["expected"], everyone, crossings, asked), firm,
        int(door.everyone("expected").sum()),
        "" if ride is None else asked.depart or _span(ride), on_foot, bodies,
        _alarms(ride, reach, people, places, door, asked),
        _once(problems), data.streets,
    )  # fmt: skip


def _names(data: AccessData, ground: Ground | None, reach: Reached) -> tuple[str, ...]:
    """Name every origin; one that is known by its id alone also by the street it lies at."""
    out = []
    for row, (one, name) in enumerate(
        zip(data.origins.ids.tolist(), data.origins.names.tolist(), strict=True)
    ):
        street = ground.street_of(reach.walk.origins, row) if ground and reach.walk and one == name else ""
        out.append(phrase("{street} ({id})", street=street, id=str(one)) if street else str(name))
    return tuple(out)


def _walking(reach: Reached) -> Reached:
    return Reached(reach.walking, reach.located, reach.walking, (), reach.walk)


def _once(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    return tuple({(p.code, p.message): p for p in problems}.values())


def _rank(data: AccessData) -> tuple[str, Floats] | None:
    """Return the column of origins that ranks people by income, when there is one."""
    for name, values in data.origins.columns.items():
        if "income" in name.lower() and "decile" not in name.lower():
            return name, np.asarray(values)
    return None


def _alarms(
    ride: Ride | None, reach: Reached, people: Floats, places: Places, doors: Doors, asked: AccessAsked
) -> tuple[str, ...]:
    """Say loudly when timetables change next to nothing."""
    if ride is None:
        return ()
    with_rides = nearest_by_policy(reach, places, doors)["expected"]
    on_foot = nearest_by_policy(_walking(reach), places, doors)["expected"]
    better = (with_rides >= 0) & ((on_foot < 0) | (with_rides < on_foot))
    share = float(people[better].sum() / max(people.sum(), 1e-12))
    if share >= NOTHING_ADDED:
        return ()
    return (
        phrase(
            "Public transport adds next to nothing: for {share} of people it is quicker than going all the "
            "way on foot or on wheels. Check that the timetable of {date} is whole, and the window of "
            "departures ({window}).",
            share=Number(f"{share:.1%}"), date=ride.timetable.date, window=asked.depart or _span(ride),
        ),
    )  # fmt: skip


def _span(ride: Ride) -> str:
    return f"{ride.begin // 3600:02d}:00-{ride.end // 3600:02d}:00"
