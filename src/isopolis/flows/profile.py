"""A measure at growing distances, numbers of people and ways: at which scale a pattern lives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np
import numpy.typing as npt

from isopolis import __version__
from isopolis.measure import MeasureSpec
from isopolis.measure.neighbours.distance import Shape
from isopolis.measure.scale import (
    Costs,
    Near,
    Point,
    Profile,
    by_distance,
    by_kernel,
    by_network,
    by_people,
    fitting,
    itself,
    lattice,
)  # fmt: skip
from isopolis.measure.scale import profile as measured
from isopolis.measure.scale.near import PAIRS_MOST
from isopolis.measure.scale.people import GRID_FROM
from isopolis.model import CallError, City, Counts, Group, Undefined
from isopolis.model.text import phrase, phrases

from .ask import among_all, everything, versus_other, versus_rest
from .dates import date_of
from .diagnose import SEED
from .observe import Table, table_of
from .profile_words import corrected
from .space import CANDIDATES, drawable_table, radii_for
from .ways import costs_by_streets, read_travel
from .words import Names

__all__ = ["Profiled", "profile"]

Floats = npt.NDArray[np.float64]

NUMBERS = (250, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000)
MINUTES = (5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0)
MICRO, MACRO = 500.0, 4000.0
"""Metres of the ratio of Reardon and others (2008, *Demography* 45(3), 489-514) when no others are named."""

MOST = 8
"""Scales of one kind that are chosen when none are named."""


@dataclass(frozen=True, slots=True, eq=False)
class Profiled:
    """A profile of a city, with how it was asked.

    Parameters
    ----------
    city, date : str
    of : str
        The dimension or the group, as it was asked.
    about : str
        Whom it is about, for readers.
    profile : Profile
    people, zones : int
        People and zones with people that were measured.
    kernel : str
        Shape by which nearer people count more; empty when all count the same.
    travel : str
        ``streets``, ``travel times`` or empty.
    seed : int
    caveats, notes : tuple of str
    """

    city: str
    date: str
    of: str
    about: str
    profile: Profile
    people: int
    zones: int
    kernel: str
    travel: str
    seed: int
    caveats: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def spec(self) -> MeasureSpec:
        """The measure."""
        return self.profile.spec

    def to_dict(self) -> dict[str, Any]:
        """Return the plain JSON form."""
        found = self.profile
        ratio = None
        if found.ratio is not None and found.micro is not None and found.macro is not None:
            ratio = {"micro": _place(found.micro), "macro": _place(found.macro)} | _plain(found.ratio)
        return {
            "city": self.city,
            "date": self.date,
            "measure": self.spec.name,
            "unit": self.spec.unit,
            "of": self.of,
            "weighting": found.convention,
            "bands": found.bands,
            "kernel": self.kernel,
            "ways": self.travel,
            "people": self.people,
            "zones": self.zones,
            "scales": [_whole(p) for p in found.points],
            "barrier": [_whole(p) for p in found.barrier],
            "macro_micro": ratio,
            "seed": self.seed,
            "caveats": [str(c) for c in self.caveats],
            "notes": [str(n) for n in self.notes],
            "software": f"isopolis {__version__}",
        }


def _place(near: Near) -> dict[str, Any]:
    return {"scale": near.scale, "scale_unit": near.unit, "kind": near.kind, "engine": near.engine}


def _whole(point: Point) -> dict[str, Any]:
    return _place(point.near) | _plain(point.found) | {"corrected": corrected(point)}


def _plain(found: Any) -> dict[str, Any]:
    if isinstance(found.value, Undefined):
        return {"value": None, "undefined": found.value.code, "reason": str(found.value.reason)}
    return {
        "value": float(found.value),
        "expected": found.expected,
        "sd": found.sd,
        "excess": found.excess if found.maximum is not None and np.isfinite(found.maximum) else None,
        "p": found.p,
        "interval": None if found.interval is None else list(found.interval),
        "null_method": str(found.null_method),
        "interval_method": str(found.interval_method),
    }


def profile(
    city: City,
    of: str,
    *,
    versus: str = "",
    measure: str = "information_theory",
    radii: Sequence[float] = (),
    people: Sequence[float] = (),
    kernel: str = "",
    minutes: Sequence[float] = (),
    travel: Path | None = None,
    streets: Path | None = None,
    date: str = "",
    weighting: str = "local",
    bands: str = "auto",
    simulations: int | None = None,
    ends: tuple[float, float] | None = None,
    seed: int = SEED,
    progress: Callable[[str], None] | None = None,
) -> Profiled:
    """Measure a city at several scales.

    Parameters
    ----------
    city : City
    of : str
        A dimension for all its groups at once (``origin``), or one group (``origin=foreigners``).
    versus : str
        Another group; everyone else when empty. Exposure needs one.
    measure : str
        Any index of the catalogue that `isopolis.measure.scale.fitting` takes.
    radii, people : sequence of float
        Metres, and numbers of nearest people; chosen from the city when neither is given.
    kernel : str
        Shape by which nearer people count more, ``biweight`` for one; `radii` are then bandwidths.
    minutes : sequence of float
        With `travel`, when it holds times.
    travel, streets : Path, optional
        A table of travel times or ways between zones, or a layer of streets: the same again by network.
    date : str
        The newest when empty; its beginning (``2020``) will do where it fits just one.
    weighting : str
        ``local`` or ``environment``.
    bands : str
        See `isopolis.measure.scale.profile`.
    simulations : int, optional
    ends : (micro, macro), optional
        Two scales in metres whose values are divided; when not given, those nearest to 500 m and 4 km.
    seed : int
    progress : callable, optional

    Returns
    -------
    Profiled

    Raises
    ------
    CallError
        If a name is unknown, the city has no outlines, or a scale does not fit it.
    """
    say = progress or (lambda _: None)
    spec = fitting(measure)
    counts, select = _asked(city, spec, of, versus, date)
    placed = drawable_table(city, counts)
    if placed is None:
        raise CallError(f"{city.name} has no outlines, so nothing can be said about distance")
    cut, points, left_out = placed
    table = table_of(cut)
    _refuse(table, bands)
    x = table.seen.x
    kept = np.flatnonzero(np.isin(city.zones.ids, cut.zone_ids))
    radii, people = _chosen(points, x.sum(axis=1), radii, people, kernel)
    straight = [itself(len(x)), *_around(points, x, radii, people, kernel)]
    for n in straight[1:]:
        say(f"{n.name}: {n.engine}")
    ways = _ways(city, points, kept, radii, travel, streets, x.sum(axis=1), max(people, default=0.0))
    network, pairs = _by_ways(ways, straight, x, radii, people, minutes)
    for n in network:
        say(f"{n.name}: {n.engine}")
    say("measuring")
    found = measured(
        table.seen, spec, [*straight, *network], seed=seed, key=f"profile/{of}/{cut.date}", select=select,
        convention=weighting, bands=bands, simulations=simulations,  # type: ignore[arg-type]
        ends=_ends(straight, ends), pairs=pairs,
    )  # fmt: skip
    names = Names.of(city)
    return Profiled(
        city=city.name,
        date=cut.date,
        of=of + (f" | {versus}" if versus else ""),
        about=names.group(of) if "=" in of else names.dimension(of),
        profile=found,
        people=table.people,
        zones=table.zones,
        kernel=kernel,
        travel="" if ways is None else ("streets" if streets else "travel times"),
        seed=seed,
        caveats=(*table.caveats, *_caveats(found, left_out, ways, bands, x.sum(axis=1))),
        notes=tuple(city.notes),
    )


# -- what is asked ----------------------------------------------------------------------------
def _asked(
    city: City, spec: MeasureSpec, of: str, versus: str, date: str
) -> tuple[Counts, Callable[[Floats], Floats]]:
    group = "=" in of
    wanted = Group.parse(of).dimensions if group else tuple(p.strip() for p in of.split(" × "))
    other = Group.parse(versus).dimensions if versus else ()
    if versus and not group:
        raise CallError(f'"{of}" is a dimension: versus needs a group, as dimension=category')
    crossed = tuple(dict.fromkeys((*wanted, *other)))
    own = [c.date for c in city.counts if c.has(crossed)]
    if date and own:
        date = date_of(date, own, f"{' × '.join(crossed)} of {city.name}")
    counts = city.table(*crossed, date=date or None)
    if not group:
        if spec.groups in ("one", "two") or spec.kind == "exposure":
            raise CallError(f"{spec.name} is about one group: write {counts.dimensions[0].name}=category")
        return counts, everything
    if spec.kind == "ordered":
        raise CallError(f"{spec.name} is about all groups at once: write the dimension alone")
    columns = _columns(counts, of)
    met = spec.kind == "exposure" or spec.name == "environment_exposure"
    if not versus:
        if met:
            raise CallError(f"{spec.name} needs versus: whom does the group meet?")
        return counts, versus_rest(*columns)
    others = _columns(counts, versus)
    if set(columns) & set(others):
        raise CallError(f'"{of}" and "{versus}" share people: name two groups that exclude each other')
    return counts, (among_all if met else versus_other)(columns, others)


def _columns(counts: Counts, group: str) -> tuple[int, ...]:
    wanted = Group.parse(group)
    for name, category in wanted:
        counts.dimension(name).index(category)
    return tuple(i for i, g in enumerate(counts.groups()) if g.within(wanted))


def _refuse(table: Table, bands: str) -> None:
    if bands == "bootstrap" and table.seen.se is not None:
        raise CallError("the table states standard errors: bands redrawn use them, bootstrap does not")
    if bands in ("permutation", "bootstrap") and table.seen.hidden:
        raise CallError(f"the table has suppressed cells: bands {bands} cannot know them, redrawn can")


def _chosen(
    points: Floats, size: Floats, radii: Sequence[float], people: Sequence[float], kernel: str
) -> tuple[list[float], list[float]]:
    if kernel and kernel not in get_args(Shape):
        raise CallError(f'there is no kernel "{kernel}": it is one of {", ".join(get_args(Shape))}')
    if radii or people:
        return sorted(set(map(float, radii))), sorted(set(map(float, people)))
    first = radii_for(points)
    if first:
        span = float(np.hypot(*np.ptp(points, axis=0)))
        radii = [r for r in CANDIDATES if first[0] <= r <= span / 3][:MOST]
    # pairs of zones among the nearest k people, about; more would not fit in memory
    rings = len(size) >= GRID_FROM and lattice(points) is not None
    most = np.inf if rings else PAIRS_MOST * size.sum() / len(size) ** 2
    numbers = [k for k in NUMBERS if np.median(size) <= k <= min(size.sum() / 2, most)][:MOST]
    return list(radii), [float(k) for k in numbers]


def _around(
    points: Floats, x: Floats, radii: Sequence[float], people: Sequence[float], kernel: str
) -> list[Near]:
    far = by_kernel(points, radii, kernel) if kernel else by_distance(points, radii)  # type: ignore[arg-type]
    return [*far, *by_people(points, x.sum(axis=1), people)]


def _ends(straight: Sequence[Near], wanted: tuple[float, float] | None) -> tuple[Near, Near] | None:
    far = [n for n in straight if n.kind in ("distance", "kernel")]
    if wanted is None:
        near = next((n for n in far if n.scale >= MICRO), None)
        wide = next((n for n in reversed(far) if n.scale <= MACRO), None)
        return (near, wide) if near and wide and near.scale < wide.scale else None
    known = {n.scale: n for n in far}
    missing = [w for w in wanted if w not in known]
    if missing or wanted[0] >= wanted[1]:
        have = ", ".join(f"{s:g}" for s in known)
        raise CallError(f"the two scales to divide must rise and be among the radii: {have}")
    return known[wanted[0]], known[wanted[1]]


# -- ways -------------------------------------------------------------------------------------
def _ways(
    city: City, points: Floats, kept: npt.NDArray[np.intp], radii: Sequence[float],
    travel: Path | None, streets: Path | None, size: Floats, most: float,
) -> Costs | None:  # fmt: skip
    if travel and streets:
        raise CallError("name a table of travel times or a layer of streets, not both")
    if travel:
        return read_travel(travel, city.zones.ids, kept)
    if streets is None:
        return None
    # people are looked for along the streets too, which are about a third longer than straight lines
    limit = 3 * max(radii, default=float(np.hypot(*np.ptp(points, axis=0))))
    return costs_by_streets(streets, points, city.zones.crs, limit, size=size, most=most)


def _by_ways(
    ways: Costs | None, straight: Sequence[Near], x: Floats, radii: Sequence[float],
    people: Sequence[float], minutes: Sequence[float],
) -> tuple[list[Near], list[tuple[Near, Near]]]:  # fmt: skip
    if minutes and (ways is None or ways.unit != "min"):
        raise CallError("minutes need a table of travel times in minutes")
    if ways is None:
        return [], []
    metres = ways.unit == "m"
    limits = list(radii) if metres else list(minutes or (m for m in MINUTES if m <= ways.cost.max()))
    network = [*by_network(ways, limits), *by_people(ways, x.sum(axis=1), people)]
    by_scale = {(n.kind, n.scale): n for n in straight}
    pairs = []
    for n in network:
        # minutes have no straight line beside them; the same number of people has
        kind = "people" if n.kind == "network people" else "distance" if metres else ""
        if (kind, n.scale) in by_scale:
            pairs.append((by_scale[kind, n.scale], n))
    return network, pairs


def _caveats(found: Profile, left_out: int, ways: Costs | None, bands: str, size: Floats) -> list[str]:
    out = [phrase("Distances are straight lines between the middle points of zones.")]
    if left_out:
        out.append(
            phrases(
                "{n} people live in zones without an outline and are left out of values by distance.",
                "{n} people live in zones without an outline and are left out of values by distance.",
                left_out,
            )
        )
    first = found.points[0].found.value
    if found.spec.unit == "share" and not isinstance(first, Undefined) and first >= 1 - 1e-9:
        out.append(
            phrase(
                "No zone has people of two groups: the table gives each zone to one group. What is mixed "
                "inside zones cannot be known, and all values are upper bounds."
            )
        )
    if bands == "auto" and found.bands == "none":
        out.append(phrase("The city is so large that intervals would take too long; ask for them by name."))
    if any(p.near.name.endswith("square rings of cells") for p in found.points):
        out.append(phrase("The nearest people were taken in square rings of cells."))
    return out + ([] if ways is None else _ends_of_ways(found, ways, size))


def _ends_of_ways(found: Profile, ways: Costs, size: Floats) -> list[str]:
    """What cannot be known because the ways end: by streets where they do, in a table perhaps before."""
    out = []
    cut_off = float(size[np.diff(ways.starts) < 2].sum()) if ways.zones > 1 else 0.0
    if cut_off > 0:
        out.append(
            phrases(
                "{n} people live in zones from which no way leads to another zone. By the ways only their "
                "own zone is around them; part of a barrier may be only that ways are missing.",
                "{n} people live in zones from which no way leads to another zone. By the ways only their "
                "own zone is around them; part of a barrier may be only that ways are missing.",
                cut_off,
            )
        )
    short = [p.near.scale for p in found.of("network people") if p.near.fewest < p.near.scale * (1 - 1e-9)]
    if short:
        out.append(
            phrases(
                "From some zones fewer than {n} people are reached; they have those whom they reach.",
                "From some zones fewer than {n} people are reached; they have those whom they reach.",
                short[0],
            )
        )
    # a table of all pairs ends nowhere; one without its longest ways looks like a city full of barriers
    whole = len(ways.cost) == ways.zones**2
    far = [p.near.scale for p in found.of("network") if p.near.scale > ways.cost.max()]
    if np.isinf(ways.limit) and not whole and (short or far):
        out.append(
            phrase(
                "The table of ways holds nothing longer than {n} {unit}. If it leaves longer ways out, wide "
                "surroundings are cut short, and part of a barrier may be only that.",
                n=f"{ways.cost.max():g}", unit=ways.unit,
            )
        )  # fmt: skip
    return out
