"""What cannot be known from a city's data, in plain sentences."""

from __future__ import annotations

from isopolis.model import GROUNDS, City, Counts, Mechanism, ground_of

from .words import Names, percent

__all__ = ["unknowns"]

EXPECTED = ("age", "sex", "disability", "origin", "religion", "lgbtiq", "income")
"""Grounds that a city of equality looks at."""


def unknowns(city: City) -> tuple[str, ...]:
    """List what this data cannot say, most important first."""
    return (*_grounds(city), *_crossings(city), *_dates(city), *_places(city), *_hidden(city))


def _grounds(city: City) -> list[str]:
    by_zone = {ground_of(d.ground) for c in city.counts for d in c.dimensions}
    by_survey = {ground_of(d.ground) for c in city.survey for d in c.dimensions} - by_zone
    out = []
    missing = [GROUNDS[key] for key in EXPECTED if key not in by_zone | by_survey]
    if missing:
        listed = _listed(missing, "or")
        out.append(f"No table counts people by {listed}: about these nothing can be said.")
    out += [
        f"People are known by {GROUNDS[g]} for the whole city only, from a sample: "
        "where they live cannot be said, and must not be guessed."
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
        labels = _listed([names.dimension(n) for n in known])
        return [
            f"{labels[0].upper() + labels[1:]} are counted apart: people who are in two groups at once "
            "(older women, say, or poor newcomers) cannot be seen."
        ]
    alone = [names.dimension(n) for n in known if not any(n in pair for pair in crossed)]
    return [f"No table crosses {_listed(alone)} with anything else."] if alone else []


def _dates(city: City) -> list[str]:
    if not city.counts:
        return []
    if all(not c.date for c in city.counts):
        return [
            "The tables carry no date: say it in city.toml, or nobody can tell how old these findings are."
        ]
    if len(city.dates) == 1:
        return [
            f"There is one date only ({city.dates[0]}): whether things get better or worse cannot be said."
        ]
    once = sorted(
        {
            d.title.lower()
            for c in city.counts
            for d in c.dimensions
            if len({o.date for o in city.counts if d.name in [x.name for x in o.dimensions]}) == 1
        }
    )
    return [f"No change can be given for {_listed(once)}: counted at one date only."] if once else []


def _places(city: City) -> list[str]:
    if city.zones.geometry is None:
        return ["There are no outlines: no map, and nothing about distances or neighbours."]
    lost = [c for c in city.counts if _unplaced(city, c) > 0]
    if not lost:
        return []
    worst = max(lost, key=lambda c: _unplaced(city, c))
    people = _unplaced(city, worst)
    part = percent(people / max(float(worst.totals().sum()), 1))
    return [
        f"{people:,.0f} residents ({part}) live in zones without an outline: they count everywhere"
        f" except on maps "
        "and in values by distance."
    ]


def _unplaced(city: City, counts: Counts) -> float:
    return float(counts.totals()[~city.zones.drawable].sum())


def _hidden(city: City) -> list[str]:
    hidden = sum(int((c.mechanism == Mechanism.INTERVAL).sum()) for c in city.counts)
    if not hidden:
        return []
    return [f"{hidden:,} cells are suppressed at the source: small groups in small zones cannot be seen."]


def _listed(words: list[str], last: str = "and") -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + f" {last} " + words[-1]
