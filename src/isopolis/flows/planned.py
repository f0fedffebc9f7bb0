"""What a diagnosis would find of a whole city, without measuring anything.

A comparison asks this first: what may stand side by side follows from definitions, dates and numbers of
people alone, so that it is refused at once, and only what is left is measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from isopolis.measure import MEASURES, Question
from isopolis.model import City, Counts, Finding

from .ask import Asked, about_crossing, about_dimension, about_distance, about_levels, versus_rest
from .compare import Part, identity, part_of
from .diagnose import pairs, singles
from .observe import Table, table_of
from .space import drawable_table, parent_codes, radii_borne
from .universes import told_apart
from .words import Names

__all__ = ["asked_for", "filled", "planned"]


def planned(city: City) -> tuple[Part, ...]:
    """List what a diagnosis would say of the whole city, in its order; parts have no values yet."""
    city = told_apart(city)
    names = Names.of(city)
    made: list[Part] = []
    for counts in singles(city):
        made += _of_dimension(city, counts, names)
    for counts in pairs(city):
        asked = about_crossing(counts.dimensions, list(counts.groups()), city.zones.kind)
        made += _parts(city, table_of(counts), asked, names)
    made += _changes(made)
    return (*made, *_surveys(city, names))


def _of_dimension(city: City, counts: Counts, names: Names) -> Iterator[Part]:
    table, dimension = table_of(counts), counts.dimensions[0]
    yield from _parts(city, table, about_dimension(dimension, city.zones.kind), names)
    levels = {level.name: level.codes for level in parent_codes(city, table)}
    yield from _parts(city, table, about_levels(dimension, levels), names)
    placed = drawable_table(city, counts)
    if placed is not None and (radii := radii_borne(placed[1])):
        yield from _parts(city, table_of(placed[0]), about_distance(dimension, dict.fromkeys(radii)), names)


def _parts(city: City, table: Table, asked: Iterable[Asked], names: Names) -> Iterator[Part]:
    counts, people, zones = table.counts, table.people, table.zones
    totals = table.seen.x.sum(axis=0)[None]
    categories = tuple(c for d in counts.dimensions for c in d.categories)
    for a in asked:
        yield Part(
            label=city.name,
            measure=a.measure,
            city=city.name,
            dimension=a.dimension,
            group=a.group,
            versus=a.versus,
            scale=a.scale,
            date=counts.date,
            people=people,
            members=round(float(a.question.select(totals)[0, 0])) if a.group else people,
            zones=zones,
            universe=counts.universe,
            categories=() if a.group else categories,
            subject=names.dimension(a.dimension),
            about=names.group(a.group) if a.group else names.dimension(a.dimension),
            against=names.group(a.versus) if a.versus else "",
        )


def _changes(made: Sequence[Part]) -> Iterator[Part]:
    """Put the newest date of every question less its oldest beside the rest."""
    dated: dict[tuple[object, ...], dict[str, Part]] = {}
    for part in made:
        alike = (*identity(part)[:-1], part.universe, part.categories)
        dated.setdefault(alike, {}).setdefault(part.date, part)
    for at in dated.values():
        if len(at) > 1:
            before, after = min(at), max(at)
            yield replace(at[after], measure=f"{at[after].measure}_change", date=f"{before}/{after}")


def _surveys(city: City, names: Names) -> Iterator[Part]:
    spec = MEASURES["share"]
    for counts in city.survey:
        for dimension in counts.dimensions:
            table = table_of(counts.margin(dimension.name))
            for column, category in enumerate(dimension.categories):
                group = f"{dimension.name}={category}"
                question = Question(spec, versus_rest(column), group)
                asked = Asked(question, dimension.name, group, "rest", "city", (column,))
                yield from _parts(city, table, (asked,), names)


def asked_for(parts: Iterable[Part]) -> frozenset[tuple[str, ...]]:
    """Name what `diagnose` must answer to give these parts values; a change needs both of its dates."""
    out = set()
    for part in parts:
        *rest, date = identity(part)
        rest[0] = rest[0].removesuffix("_change")
        out |= {(*rest, one) for one in (date.split("/") if part.measure != rest[0] else [date])}
    return frozenset(out)


def filled(parts: Sequence[Part], findings: Iterable[Finding]) -> tuple[Part, ...]:
    """Give planned parts the values of a diagnosis; parts that it did not answer are left out."""
    found: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        if finding.scope == "city":
            found.setdefault(identity(finding), []).append(finding)
    out = []
    # where two tables answer the same, both lists have them in the order of the tables
    for part in parts:
        if left := found.get(identity(part)):
            own = part_of(left.pop(0), label=part.label, city=part.city, categories=part.categories)
            out.append(replace(own, subject=part.subject, about=part.about, against=part.against))
    return tuple(out)
