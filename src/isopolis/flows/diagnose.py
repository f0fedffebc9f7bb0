"""The main job: from a city to its equality diagnosis."""

from __future__ import annotations

import platform
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from isopolis import __version__
from isopolis.measure import MEASURES, Estimate, Question, estimate
from isopolis.measure.draws import replicates
from isopolis.measure.noise import Drawn, Part
from isopolis.model import City, Counts, Finding, Undefined
from isopolis.model.text import phrase, phrases

from .ask import Asked, about_crossing, about_dimension, about_distance, about_levels, everything, versus_rest
from .diagnosis import Diagnosis, LocalTable
from .findings import Maker
from .headlines import headlines
from .locals import local_table, top_zones
from .observe import Table, table_of
from .small_units import corrected
from .space import Level, drawable_table, neighbourhoods, parent_codes
from .universes import told_apart
from .unknowns import unknowns
from .words import Names

__all__ = ["diagnose", "pairs", "singles"]

SEED = 20240131
CROSSED_CELLS_MOST = 80
UNITS_MOST = 60
UNIT_SIMULATIONS = 99

Progress = Callable[[str], None]


@dataclass(slots=True)
class _Run:
    """State of one run: what has been found so far."""

    city: City
    maker: Maker
    seed: int
    simulations: int | None
    only: Collection[tuple[str, ...]] | None = None
    findings: list[Finding] = field(default_factory=list)
    local: list[LocalTable] = field(default_factory=list)
    answers: dict[tuple[object, ...], dict[str, tuple[Finding, Estimate]]] = field(default_factory=dict)

    def wanted(self, asked: Iterable[Asked], date: str) -> list[Asked]:
        """Keep what is to be answered of one date."""
        if self.only is None:
            return list(asked)
        return [a for a in asked if (a.measure, a.dimension, a.group, a.versus, a.scale, date) in self.only]

    def answer(
        self,
        table: Table,
        asked: Sequence[Asked],
        key: str,
        caveats: tuple[str, ...] = (),
        drawn: Drawn | Part | None = None,
    ) -> list[Finding]:
        """Estimate, turn into findings, remember for comparing dates."""
        made = estimate(
            table.seen,
            [a.question for a in asked],
            seed=self.seed,
            key=key,
            simulations=self.simulations,
            drawn=drawn,
        )
        total = _total_information(asked, made)
        provenance = self.maker.provenance(table.counts)
        out = []
        for a, e in zip(asked, made, strict=True):
            finding = self.maker.found(a, e, table, total=total, caveats=caveats, provenance=provenance)
            finding = corrected(finding, a, table, self.seed)
            out.append(finding)
            # all groups at once can be compared between dates only where they are the same groups
            groups = () if a.group else tuple(d.categories for d in table.counts.dimensions)
            identity = (a.measure, a.dimension, a.group, a.versus, a.scale, table.counts.universe, groups)
            self.answers.setdefault(identity, {}).setdefault(finding.date, (finding, e))
        self.findings += out
        return out


def diagnose(
    city: City,
    *,
    seed: int = SEED,
    simulations: int | None = None,
    progress: Progress | None = None,
    today: str = "",
    only: Collection[tuple[str, ...]] | None = None,
) -> Diagnosis:
    """Measure what a city's data allow, rank it, and say what they do not allow.

    Parameters
    ----------
    city : City
    seed : int
        Key of every random stream; equal seeds give equal findings.
    simulations : int, optional
        Random tables per table of counts; by default chosen from its size
        (999 below 40 zones, 199, fewer for very large tables).
    progress : callable, optional
        Called with a sentence before each step.
    today : str
        ISO date written into the settings.
    only : collection of tuple, optional
        Measure, dimension, group, versus, scale and date of what is to be answered, each with the value of
        a whole diagnosis; parts of the city and single zones are then left out.

    Returns
    -------
    Diagnosis
    """
    say = progress or (lambda _: None)
    given, city = city, told_apart(city)
    names = Names.of(city)
    run = _Run(city, Maker(city, seed, names), seed, simulations, only)
    alone = [c for c in singles(city) if _asked_of(run, c)]
    for step, counts in enumerate(alone, start=1):
        say(f"{names.dimension(counts.dimensions[0].name)} {counts.date} ({step} of {len(alone)})")
        _one_dimension(run, counts)
    crossed = [c for c in pairs(city) if _asked_of(run, c)]
    for step, counts in enumerate(crossed, start=1):
        say(
            f"{' × '.join(d.title.lower() for d in counts.dimensions)} {counts.date} (crossing "
            f"{step} of {len(crossed)})"
        )
        _crossing(run, counts)
    say("changes and ranking")
    _changes(run)
    _surveys(run)
    top, reasons = headlines(run.findings, names)
    return Diagnosis(
        city=city,
        findings=tuple(run.findings),
        headlines=top,
        headline_reasons=reasons,
        local=tuple(sorted(run.local, key=lambda t: t.counts.date, reverse=True)),
        unknowns=unknowns(given),
        undefined=() if alone or only is not None else (_no_groups(city),),
        settings={
            "seed": seed,
            "simulations": "by size of table" if simulations is None else simulations,
            "isopolis": __version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
            "date of the run": today,
        },
    )


def _no_groups(city: City) -> Undefined:
    if not city.counts:
        return Undefined("no-counts", phrase("There is no table of people by zone."))
    return Undefined(
        "no-groups", phrase("The tables count people by zone, but not by group: segregation needs groups.")
    )


def singles(city: City) -> Iterator[Counts]:
    """One table per dimension, date and universe; the smallest where several carry it."""
    best: dict[tuple[str, tuple[str, ...], str, str], Counts] = {}
    for counts in city.counts:
        for dimension in counts.dimensions:
            key = (dimension.name, dimension.categories, counts.date, counts.universe)
            if key not in best or counts.values.size < best[key].values.size:
                best[key] = counts
    for (name, *_), counts in best.items():
        yield counts.margin(name)


def pairs(city: City) -> Iterator[Counts]:
    """Two dimensions crossed, one table per date and universe; only where cells are few enough to read."""
    best: dict[tuple[str, str, str, str], Counts] = {}
    for counts in city.counts:
        for a, b in combinations(counts.dimensions, 2):
            if len(a.categories) * len(b.categories) <= CROSSED_CELLS_MOST:
                key = (a.name, b.name, counts.date, counts.universe)
                if key not in best or counts.values.size < best[key].values.size:
                    best[key] = counts
    for (first, second, *_), counts in best.items():
        yield counts.margin(first, second)


def _asked_of(run: _Run, counts: Counts) -> bool:
    return _named(run, " × ".join(d.name for d in counts.dimensions), counts.date)


def _named(run: _Run, dimension: str, date: str) -> bool:
    return run.only is None or any((k[1], k[5]) == (dimension, date) for k in run.only)


def _key(counts: Counts) -> str:
    return "/".join((*(d.name for d in counts.dimensions), counts.date, counts.universe))


def _one_dimension(run: _Run, counts: Counts) -> None:
    table, dimension, key = table_of(counts), counts.dimensions[0], _key(counts)
    levels = parent_codes(run.city, table)
    asked = [
        *about_dimension(dimension, run.city.zones.kind),
        *about_levels(dimension, {level.name: level.codes for level in levels}),
    ]
    zones, groups = table.seen.x.shape
    drawn = Drawn(table.seen, replicates(zones, groups, run.simulations), run.seed, key)
    run.answer(table, run.wanted(asked, counts.date), key, drawn=drawn)
    for level in levels if run.only is None else ():
        _inside_units(run, table, dimension.name, level, key, drawn)
    _by_distance(run, counts, key, table, drawn)
    if table.people > 0 and run.only is None:
        local = local_table(table, len(run.city.zones))
        run.local.append(local)
        if (counts.date, counts.universe) == max(
            (c.date, c.universe) for c in run.city.counts if c.has([dimension.name])
        ):
            run.findings += top_zones(local, run.city, run.maker, table)


def _inside_units(run: _Run, table: Table, dimension: str, level: Level, key: str, drawn: Drawn) -> None:
    """H of each district by itself, for levels with few enough units to list."""
    if len(level.ids) > UNITS_MOST:
        return
    spec = MEASURES["information_theory"]
    provenance = run.maker.provenance(table.counts)
    for code, unit in enumerate(level.ids):
        rows = level.codes == code
        part = table.seen.rows(rows)
        inside = Table(table.counts, part, table.kept[rows], table.caveats)
        asked = Asked(
            Question(spec, everything, f"inside/{dimension}/{unit}"), dimension, scale=run.city.zones.kind
        )
        most = UNIT_SIMULATIONS if run.simulations is None else min(run.simulations, UNIT_SIMULATIONS)
        made = estimate(
            part,
            [asked.question],
            seed=run.seed,
            key=f"{key}/{level.name}/{unit}",
            simulations=most,
            drawn=drawn.rows(rows),
        )
        run.findings.append(
            run.maker.found(asked, made[0], inside, scope=f"{level.name}:{unit}", provenance=provenance)
        )


def _by_distance(run: _Run, counts: Counts, key: str, table: Table, drawn: Drawn) -> None:
    placed = drawable_table(run.city, counts)
    if placed is None:
        return
    cut, points, left_out = placed
    if run.only is not None and not any(k[0] == "spatial_information_theory" for k in run.only):
        return
    asked = run.wanted(about_distance(counts.dimensions[0], neighbourhoods(points)), counts.date)
    if not asked:
        return
    caveats: list[str] = [phrase("Distances are straight lines between the middle points of zones.")]
    if left_out:
        caveats.append(
            phrases(
                "{n} people live in zones without an outline and are left out of values by distance.",
                "{n} people live in zones without an outline and are left out of values by distance.",
                left_out,
            )
        )
    part = drawn.rows(np.isin(table.counts.zone_ids[table.kept], cut.zone_ids))
    run.answer(table_of(cut), asked, f"{key}/distance", tuple(caveats), part)


def _crossing(run: _Run, counts: Counts) -> None:
    asked = list(about_crossing(counts.dimensions, list(counts.groups()), run.city.zones.kind))
    run.answer(table_of(counts), run.wanted(asked, counts.date), _key(counts))


def _total_information(asked: Sequence[Asked], made: Sequence[Estimate]) -> float | None:
    for a, e in zip(asked, made, strict=True):
        if a.measure == "mutual_information" and not isinstance(e.value, Undefined):
            return e.value
    return None


def _changes(run: _Run) -> None:
    """Compare the oldest with the newest date of every question."""
    for dated in run.answers.values():
        if len(dated) > 1:
            (before, first), (after, last) = dated[min(dated)], dated[max(dated)]
            run.findings.append(run.maker.change(before, after, first, last))


def _surveys(run: _Run) -> None:
    """City-wide sample tables: shares with their intervals, never by zone."""
    spec = MEASURES["share"]
    for counts in run.city.survey:
        for dimension in counts.dimensions:
            if run.only is not None and not any(
                (k[1], k[5]) == (dimension.name, counts.date) for k in run.only
            ):
                continue
            margin = counts.margin(dimension.name)
            table = table_of(margin)
            for column, category in enumerate(dimension.categories):
                group = f"{dimension.name}={category}"
                asked = Asked(
                    Question(spec, versus_rest(column), group),
                    dimension.name,
                    group,
                    "rest",
                    "city",
                    (column,),
                )
                run.findings.append(run.maker.found(asked, _survey_share(table, column), table))


def _survey_share(table: Table, column: int) -> Estimate:
    x, se = table.seen.x, table.seen.se
    people = float(x.sum())
    if people == 0:
        return Estimate(Undefined("nobody", phrase("Nobody answered.")))
    value = float(x[:, column].sum() / people)
    if se is None:
        return Estimate(
            value,
            interval_method=phrase("none: the table states no standard error"),
            members=round(float(x[:, column].sum())),
        )
    own, rest = float((se[:, column] ** 2).sum()), float((np.delete(se, column, axis=1) ** 2).sum())
    spread = ((1 - value) ** 2 * own + value**2 * rest) ** 0.5 / people
    low, high = (float(np.clip(value + s * 1.96 * spread, 0, 1)) for s in (-1, 1))
    return Estimate(
        value,
        interval=(low, high),
        interval_method=phrase("stated standard errors, 95 %; about: the true share in the city"),
        members=round(float(x[:, column].sum())),
    )
