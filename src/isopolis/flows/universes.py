"""Several populations counted by the same dimension: candidates, voters and residents by sex."""

from __future__ import annotations

from dataclasses import replace

from isopolis.model import City, Counts, Dimension

__all__ = ["told_apart"]


def told_apart(city: City) -> City:
    """Name each dimension after its population where several populations have it.

    ``sex`` of candidates and ``sex`` of residents become ``sex (candidates)`` and
    ``sex (residents)``, so that no table, sentence or comparison mixes the two.
    """
    populations: dict[str, set[str]] = {}
    for counts in city.counts:
        for dimension in counts.dimensions:
            populations.setdefault(dimension.name, set()).add(counts.universe)
    several = {name for name, found in populations.items() if len(found) > 1}
    if not several:
        return city
    return replace(city, counts=tuple(_named(c, several) for c in city.counts))


def _named(counts: Counts, several: set[str]) -> Counts:
    return replace(counts, dimensions=tuple(_one(d, counts.universe, several) for d in counts.dimensions))


def _one(dimension: Dimension, universe: str, several: set[str]) -> Dimension:
    if dimension.name not in several:
        return dimension
    population = universe or "population not named"
    return replace(
        dimension, name=f"{dimension.name} ({population})", label=f"{dimension.title} ({population})"
    )
