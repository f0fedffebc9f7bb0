"""What cannot be known from a city's data, in plain sentences."""

from __future__ import annotations

from isopolis.model import GROUNDS, City, Counts, Mechanism, ground_of
from isopolis.model.text import capital, listing, phrase, phrases
from isopolis.model.vocabulary import standard

from .words import Names, percent

__all__ = ["unknowns"]

EXPECTED = tuple(GROUNDS)[:7]
"""Grounds that a city of equality looks at: the seven that the partnership names come first."""


def unknowns(city: City) -> tuple[str, ...]:
    """List what this data cannot say, most important first."""
    return (*_grounds(city), *_crossings(city), *_dates(city), *_places(city), *_hidden(city))


def _grounds(city: City) -> list[str]:
    by_zone = {ground_of(d.ground) for c in city.counts for d in c.dimensions}
    by_survey = {ground_of(d.ground) for c in city.survey for d in c.dimensions} - by_zone
    out = []
    missing = [standard(GROUNDS[key]) for key in EXPECTED if key not in by_zone | by_survey]
    if missing:
        out.append(
            phrase(
                "No table counts people by {grounds}: about these nothing can be said.",
                grounds=listing(missing, "or"),
            )
        )
    out += [
        phrase(
            "People are known by {ground} for the whole city only, from a sample: "
            "where they live cannot be said, and must not be guessed.",
            ground=standard(GROUNDS[g]),
        )
        for g in sorted(by_survey)
        if g
    ]
    return out


def _crossings(city: City) -> list[str]:
    names = Names.of(city)
    known = city.dimension_names()
    crossed = {
        frozenset((a.name, b.name))
        for c in city.counts
        for a in c.dimensions
        for b in c.dimensions
        if a.name != b.name
    }
    if len(known) < 2:
        return []
    if not crossed:
        labels = listing([names.dimension(n) for n in known])
        return [
            phrase(
                "{dimensions} are counted apart: people who are in two groups at once "
                "(older women, say, or poor newcomers) cannot be seen.",
                dimensions=capital(labels),
            )
        ]
    alone = [names.dimension(n) for n in known if not any(n in pair for pair in crossed)]
    if not alone:
        return []
    return [phrase("No table crosses {dimensions} with anything else.", dimensions=listing(alone))]


def _dates(city: City) -> list[str]:
    if not city.counts:
        return []
    if all(not c.date for c in city.counts):
        return [
            phrase(
                "The tables carry no date: say it in city.toml, "
                "or nobody can tell how old these findings are."
            )
        ]
    if len(city.dates) == 1:
        return [
            phrase(
                "There is one date only ({date}): whether things get better or worse cannot be said.",
                date=city.dates[0],
            )
        ]
    once = sorted(
        {
            d.title.lower()
            for c in city.counts
            for d in c.dimensions
            if len({o.date for o in city.counts if d.name in [x.name for x in o.dimensions]}) == 1
        }
    )
    if not once:
        return []
    listed = listing([standard(o) for o in once])
    return [phrase("No change can be given for {dimensions}: counted at one date only.", dimensions=listed)]


def _places(city: City) -> list[str]:
    if city.zones.geometry is None:
        return [phrase("There are no outlines: no map, and nothing about distances or neighbours.")]
    lost = [c for c in city.counts if _unplaced(city, c) > 0]
    if not lost:
        return []
    worst = max(lost, key=lambda c: _unplaced(city, c))
    people = _unplaced(city, worst)
    part = percent(people / max(float(worst.totals().sum()), 1))
    return [
        phrases(
            "{n} residents ({part}) live in zones without an outline: they count everywhere "
            "except on maps and in values by distance.",
            "{n} residents ({part}) live in zones without an outline: they count everywhere "
            "except on maps and in values by distance.",
            people,
            part=part,
        )
    ]


def _unplaced(city: City, counts: Counts) -> float:
    return float(counts.totals()[~city.zones.drawable].sum())


def _hidden(city: City) -> list[str]:
    hidden = sum(int((c.mechanism == Mechanism.INTERVAL).sum()) for c in city.counts)
    if not hidden:
        return []
    return [
        phrases(
            "{n} cells are suppressed at the source: small groups in small zones cannot be seen.",
            "{n} cells are suppressed at the source: small groups in small zones cannot be seen.",
            hidden,
        )
    ]
