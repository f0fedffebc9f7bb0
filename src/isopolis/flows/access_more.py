"""What else an answer about access holds: hours, new sites, streets that nobody has looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import Origins, Undefined
from isopolis.model.text import joint, phrase
from isopolis.model.vocabulary import standard

from .access_asked import AccessAsked, HourAccess, SiteFound
from .access_ground import Ground, Spots, Walk
from .access_people import People
from .access_reach import ROUNDS, Reached, Ride, spoken_limit, window_times

__all__ = ["firmness_of", "gained_by_bodies", "hours_of", "kind_said", "sites_of", "survey_of"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Progress = Callable[[str], None]

HOUR = 3600
FEW_TRIPS = 0.1
"""Hours with a smaller part of the trips of the busiest hour are not shown: a feed may not cover them."""
SEED, DRAWS = 20260101, 3
CANDIDATES = 400
"""Candidate sites that are looked at: the places where most people live who are outside the standard."""
REDRAWN = 20
STRETCHED = (0.9, 0.95, 1.05, 1.1)
SECONDS = 20.0
LEAST_GROUP = 0.002
"""Groups of a smaller part of all people do not decide where a site goes; their levels are in the tables."""


def hours_of(
    profile: Any,
    reach: Reached,
    ride: Ride,
    asked: AccessAsked,
    people: Floats,
    admitted: npt.NDArray[np.bool_],
) -> tuple[HourAccess, ...]:
    """Return the share of people within the standard by hour of departure, for the hours with trips.

    An hour counts as within when the median departure of that hour is.
    """
    hour_of = np.asarray(ride.timetable.call_departure) // HOUR
    calls = np.bincount(hour_of[hour_of >= 0])
    # an hour with a handful of trips is an hour on foot; it is said as such
    hours = np.flatnonzero(calls >= FEW_TRIPS * max(int(calls.max(initial=0)), 1))
    out = []
    for hour in hours.tolist():
        span = ride.departures(hour * HOUR, (hour + 1) * HOUR)
        times = window_times(profile, ride, reach.ways["expected"], "expected", spoken_limit(asked), span)
        seconds = times.at(50.0)
        near = ((seconds >= 0) & (seconds * 1000 <= asked.limit))[:, admitted].any(axis=1)
        share = float(people[near].sum() / max(people.sum(), 1e-12))
        out.append(HourAccess(profile.name, standard(profile.title), hour * HOUR, (hour + 1) * HOUR, share))
    return tuple(out)


def firmness_of(profile: Any, reach: Reached, ride: Ride, asked: AccessAsked) -> str:
    """Say how many of the pairs within the standard are lost when trips run late."""
    from isopolis.reach.transit import delays

    masks = "pessimistic" if profile.transit.needs_wheelchair else None
    found = delays(
        ride.network, reach.ways["expected"], ride.departures()[::3], limit=spoken_limit(asked) // 1000,
        cutoff=asked.limit // 1000, seed=SEED, draws=DRAWS, rounds=ROUNDS, wheelchair=masks,
        boarding=profile.transit.boarding_seconds, threads=2,
    )  # fmt: skip
    return found.said()


def sites_of(
    ground: Ground,
    walk: Walk,
    nearest: Mapping[str, Ints],
    everyone: People,
    groups: Sequence[People],
    known_as: Sequence[str],
    asked: AccessAsked,
    rng: np.random.Generator,
    progress: Progress,
) -> tuple[tuple[SiteFound, ...], str]:
    """Choose new sites that serve the worst-off group first, and say how good the choice is known to be.

    Candidates are the places where people start from. Groups are those of every crossing that is measured,
    from two in a thousand people on.

    Parameters
    ----------
    nearest : mapping of str to (O,) array of int, milliseconds
        By policy: to the nearest place that admits, -1 where there is none.
    known_as : (O,) sequence of str
        Names of origins for readers.
    rng : numpy Generator
        For counts drawn again.
    """
    from isopolis.reach.engine import matrix
    from isopolis.reach.siting import Question, choose, explained, stability

    people = everyone.values[:, 0]
    outside = (nearest["expected"] < 0) | (nearest["expected"] > asked.limit)
    lost = np.where(outside & walk.origins.attached, people, 0.0)
    order = np.argsort(-lost, kind="stable")
    chosen = np.sort(order[: min(CANDIDATES, int((lost > 0).sum()))])
    if asked.sites == 0 or not len(chosen):
        return (), ""
    progress(phrase("new sites"))
    candidates = walk.origins.points.take(chosen)
    # two zones may share a name, and a site is told by its name
    named = [known_as[i] for i in chosen]
    names = [
        n if named.count(n) == 1 else phrase("{name} ({id})", name=n, id=str(ground.data.origins.ids[i]))
        for n, i in zip(named, chosen, strict=True)
    ]

    longest = round(asked.limit * max(STRETCHED))

    def question(policy: str, columns: Floats, all_people: Floats) -> Question:
        costs = matrix(walk.graphs[policy], walk.origins.points, candidates, limit=longest)
        return Question(
            labels, columns, nearest[policy], names, costs, np.zeros(len(chosen)), asked.limit,
            sites=asked.sites, everyone=all_people,
        )  # fmt: skip

    labels, columns = _columns(groups, people)
    main = question("expected", columns, people)
    plan = choose(main, seconds=SECONDS)
    others = [question(policy, columns, people) for policy in ("optimistic", "pessimistic")]
    # the same with a standard a tenth shorter and longer: who is just beyond it decides most
    others += [replace(main, standard=round(asked.limit * k)) for k in STRETCHED]
    others += [replace(main, people=d) for d in _drawn(groups, columns, labels, rng)]
    firm = stability(plan, others)
    by_name = dict(zip(names, chosen.tolist(), strict=True))
    kept = dict(firm.kept)
    found = tuple(
        _site(ground, by_name[s.site], s, plan, (kept.get(s.site, 0), firm.asked)) for s in plan.steps
    )
    return found, joint(list(explained(plan, firm)))


def gained_by_bodies(
    walks: Sequence[Walk], nearest: Sequence[Ints], sites: Sequence[SiteFound], origins: Origins,
    people: Floats, limit: int,
) -> tuple[tuple[str, float], ...]:  # fmt: skip
    """Return how many people each way of moving gains by the same sites together."""
    from isopolis.reach.engine import nearest as nearest_place

    rows = {str(i): row for row, i in enumerate(origins.ids.tolist())}
    out = []
    for walk, before in zip(walks, nearest, strict=True):
        spots = walk.origins.points.take([rows[s.origin] for s in sites])
        cost = np.asarray(
            nearest_place(walk.graphs["expected"], walk.origins.points, spots, limit=limit).cost
        )
        newly = (cost >= 0) & ((before < 0) | (before > limit))
        out.append((standard(walk.profile.title), float(people[newly].sum())))
    return tuple(out)


def _columns(groups: Sequence[People], people: Floats) -> tuple[list[str], Floats]:
    """Return the labels of all groups that may decide, and their people, (O, G); everyone first."""
    labels: list[str] = [phrase("everyone")]
    columns = [people]
    for table in groups:
        values = table.values
        for column, group in enumerate(table.groups):
            label = table.label(group)
            if values[:, column].sum() >= LEAST_GROUP * people.sum() and label not in labels:
                labels.append(label)
                columns.append(values[:, column])
    return labels, np.stack(columns, axis=1)


def _drawn(
    groups: Sequence[People], columns: Floats, labels: Sequence[str], rng: np.random.Generator
) -> Iterator[Floats]:
    """Yield tables of people as they may be in truth; none where every count is exact."""
    from isopolis.reach.equity.people import People as Redrawable

    tables = [(g, Redrawable.of(g.counts, g.groups)) for g in groups]
    if all(t.redraw is None or t.redraw.sure for _, t in tables):
        return
    for _ in range(REDRAWN):
        out = columns.copy()
        for table, source in tables:
            if source.redraw is None or source.redraw.sure:
                continue
            drawn = source.drawn(rng)
            for column, group in enumerate(table.groups):
                label = table.label(group)
                if label in labels:
                    out[:, labels.index(label)] = drawn[:, column]
        yield out


def _site(ground: Ground, origin: int, step: Any, plan: Any, firm: tuple[int, int]) -> SiteFound:
    origins = ground.data.origins
    levels = {
        after.group: (_number(before.value), _number(after.value))
        for before, after in zip(plan.before, plan.after, strict=True)
        if not isinstance(after.value, Undefined)
    }
    return SiteFound(
        str(origins.ids[origin]), step.site, float(origins.lon[origin]),
        float(origins.lat[origin]), float(step.everyone), levels, firm,
    )  # fmt: skip


def _number(value: Fraction | Undefined) -> float:
    return 0.0 if isinstance(value, Undefined) else float(value)


def survey_of(
    ground: Ground, walk: Walk, places: Spots, people: Floats, nearest: Ints, limit: int
) -> tuple[Floats, Floats, tuple[tuple[str, float, str], ...]]:
    """Return the streets whose missing tags lie on the way of most people.

    Each person's way to the nearest place under the optimistic reading is the way she would take if
    nothing unknown stood in it; where a piece of it has tags missing that the profile depends on, looking
    there settles whether she can.

    Returns
    -------
    (n, 4) array, (n,) array, rows
        Longitude and latitude of both ends, people, and the streets by name with what is to be recorded.
    """
    from isopolis.reach.engine import nearest as nearest_place
    from isopolis.reach.engine import trip
    from isopolis.reach.profiles import missing

    streets, graph = ground.streets, walk.graphs["optimistic"]
    best = nearest_place(graph, walk.origins.points, places.points, limit=limit)
    # whoever is near enough in any case need not wait for a survey
    open_ = (np.asarray(best.cost) >= 0) & ((nearest < 0) | (nearest > np.asarray(best.cost))) & (people > 0)
    none = np.zeros(len(streets.tail), dtype=np.bool_)
    tags = missing(ground.parsed, walk.profile, decides=True)
    unknown = np.logical_or.reduce([none, *tags.values()])
    if not unknown.any():
        # nothing missing can stop this body: then what would change its time
        tags = missing(ground.parsed, walk.profile)
        unknown = np.logical_or.reduce([none, *tags.values()])
    used = np.zeros(len(streets.tail))
    for origin in np.flatnonzero(open_).tolist():
        journey = trip(
            graph, walk.origins.points.take([origin]), places.points.take([int(best.place[origin])])
        )
        used[np.unique(journey.edges)] += people[origin]
    chosen = np.flatnonzero((used > 0) & unknown)
    ends = [
        streets.lon[streets.tail],
        streets.lat[streets.tail],
        streets.lon[streets.head],
        streets.lat[streets.head],
    ]
    lines = np.stack([e[chosen] for e in ends], axis=1)
    return lines, used[chosen], _by_way(ground, chosen, used, tags)


def _by_way(
    ground: Ground, chosen: npt.NDArray[np.intp], used: Floats, tags: Any, most: int = 20
) -> tuple[tuple[str, float, str], ...]:
    """Return the ways of most people: name, people on the busiest piece, tags to be recorded."""
    streets = ground.streets
    way = np.asarray(streets.way)[chosen]
    names, kinds = streets.tag("name"), streets.tag("highway")
    busiest: dict[str, float] = {}
    wanted: dict[str, set[str]] = {}
    for edge, one in zip(chosen.tolist(), way.tolist(), strict=True):
        name = str(names[one]) or _nameless(ground, str(kinds[one]), int(streets.way_ids[one]), edge)
        busiest[name] = max(busiest.get(name, 0.0), float(used[edge]))
        wanted.setdefault(name, set()).update(tag for tag, where in tags.items() if where[edge])
    order = sorted(busiest, key=lambda n: (-busiest[n], n))[:most]
    return tuple((name, busiest[name], ", ".join(sorted(wanted[name]))) for name in order)


def _nameless(ground: Ground, kind: str, way: int, edge: int) -> str:
    """Name a street without a name by its kind, its number and the nearest place that people start from."""
    origins, streets = ground.data.origins, ground.streets
    node = int(streets.tail[edge])
    known = np.flatnonzero(origins.located)
    shrink = np.cos(np.radians(streets.lat[node]))
    gap = np.hypot((origins.lon[known] - streets.lon[node]) * shrink, origins.lat[known] - streets.lat[node])
    said = kind_said(kind)
    if not len(known):
        return phrase("{kind}, way {number}", kind=said, number=str(way))
    near = str(origins.names[known[int(gap.argmin())]])
    return phrase("{kind} near {zone}, way {number}", kind=said, zone=near, number=str(way))


def kind_said(kind: str) -> str:
    """Return a kind of way in plain words."""
    return _KINDS.get(kind, kind.replace("_", " ") or phrase("street"))


_KINDS = {
    "residential": phrase("residential street"),
    "living_street": phrase("living street"),
    "service": phrase("service road"),
    "footway": phrase("footway"),
    "path": phrase("path"),
    "pedestrian": phrase("pedestrian street"),
    "steps": phrase("steps"),
    "cycleway": phrase("cycleway"),
    "unclassified": phrase("street"),
    "tertiary": phrase("through street"),
    "secondary": phrase("main road"),
    "primary": phrase("main road"),
}
"""Kinds of way in OpenStreetMap, in plain words."""
