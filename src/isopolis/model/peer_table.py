"""Cities beside each other: what a city is given (context), and what is compared (outcomes).

The two are different types in different tables. A distance between cities takes a `ContextTable`
and cannot be given an outcome: a city is never called alike because it does as badly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import CallError, near
from .finding import Undefined
from .pickling import as_fields
from .text import phrase

__all__ = [
    "BETTER",
    "GONE",
    "KINDS",
    "TRANSFORMS",
    "WORDS_MOST",
    "CityTable",
    "ContextFeature",
    "ContextTable",
    "OutcomeIndicator",
    "OutcomeTable",
    "PeerCity",
    "Reading",
]

TRANSFORMS = ("none", "log", "rank")
WORDS_MOST = 300
"""Distinct words a feature may have: each is compared with each."""

KINDS = ("number", "category", "tags")
BETTER = ("high", "low", "neither")

GONE = {
    "not-stated": Undefined("not-stated", phrase("the table does not state it")),
    "suppressed": Undefined("suppressed", phrase("its source hides it, or gives bounds only")),
}
"""Why a table has no value, by code."""

Cell = float | str | tuple[str, ...] | Undefined


@dataclass(frozen=True, slots=True)
class PeerCity:
    """A city of the table, and what lists can be narrowed by.

    Parameters
    ----------
    id : str
        Its code (LAU or Eurostat city code), or its name where the table has no code.
    country : str
        As the table writes it; empty when not stated.
    languages, networks : tuple of str
        Languages of its administration; city networks that it is a member of.
    population : float or None
        Residents, for the filter by size; None when not stated.
    """

    id: str
    name: str
    country: str = ""
    languages: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    population: float | None = None


@dataclass(frozen=True, slots=True)
class ContextFeature:
    """Something a city cannot change soon: the only thing that makes cities alike.

    Parameters
    ----------
    kind : {"number", "category", "tags"}
        ``tags`` are several words in one cell, such as languages.
    transform : {"none", "log", "rank"}
        What is done to a number before it is compared.
    themes : tuple of str
        Themes whose lists use it; empty for a feature of every list.
    weight : float
        Weight unless the reader chooses another; 0 leaves it out.
    """

    id: str
    label: str
    unit: str = ""
    year: str = ""
    source: str = ""
    kind: str = "number"
    transform: str = "none"
    themes: tuple[str, ...] = ()
    weight: float = 1.0
    definition: str = ""

    def __post_init__(self) -> None:
        _one_of("kind", self.kind, KINDS, self.id)
        _one_of("transform", self.transform, TRANSFORMS, self.id)
        if not 0 <= self.weight < float("inf"):
            raise CallError(f'feature "{self.id}": weight is {self.weight}; a number from 0 up is allowed')


@dataclass(frozen=True, slots=True)
class OutcomeIndicator:
    """Something cities are compared by; it never enters a distance.

    Parameters
    ----------
    better : {"high", "low", "neither"}
        Which end is good for people; ``neither`` when that is not for us to say.
    scale : str
        Zones or distance it was measured on; empty for a number of the whole city.
    """

    id: str
    label: str
    unit: str = ""
    definition: str = ""
    scale: str = ""
    year: str = ""
    source: str = ""
    better: str = "neither"
    themes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _one_of("better", self.better, BETTER, self.id)


@dataclass(frozen=True, slots=True)
class Reading:
    """One city's value of one outcome, as the table states it.

    Parameters
    ----------
    value : float or Undefined
    low, high : float or None
        Interval; None when the table states none.
    unit, definition, scale, year, source : str
        Of this value, where a city differs from the others.
    """

    value: float | Undefined
    low: float | None = None
    high: float | None = None
    unit: str = ""
    definition: str = ""
    scale: str = ""
    year: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class ContextTable:
    """Cities × context features.

    Parameters
    ----------
    cities : tuple of PeerCity
        C cities, ids distinct.
    features : tuple of ContextFeature
        F features, ids distinct.
    cells : tuple of F tuples of C cells
        By feature: a finite number, a word, a tuple of words, or `Undefined` with its reason.

    Raises
    ------
    CallError
        When ids are not distinct, a column is too short or a cell is not of its feature's kind.
    """

    cities: tuple[PeerCity, ...]
    features: tuple[ContextFeature, ...]
    cells: tuple[tuple[Cell, ...], ...]

    def __post_init__(self) -> None:
        for feature in self.features:
            if not isinstance(feature, ContextFeature):
                raise CallError(
                    f'"{getattr(feature, "id", feature)}" is no context feature; '
                    "outcomes are compared, never matched on"
                )
        _distinct("city", [c.id for c in self.cities])
        _distinct("feature", [f.id for f in self.features])
        if len(self.cells) != len(self.features):
            raise CallError(f"{len(self.features)} features need as many columns, not {len(self.cells)}")
        for feature, column in zip(self.features, self.cells, strict=True):
            self._check(feature, column)

    def _check(self, feature: ContextFeature, column: Sequence[Cell]) -> None:
        if len(column) != len(self.cities):
            raise CallError(f'"{feature.id}" has {len(column)} cells for {len(self.cities)} cities')
        if feature.kind != "number" and len({str(cell) for cell in column}) > WORDS_MOST:
            raise CallError(f'"{feature.id}" has more than {WORDS_MOST} different words')
        wanted = {"number": (int, float), "category": (str,), "tags": (tuple,)}[feature.kind]
        for city, cell in zip(self.cities, column, strict=True):
            if isinstance(cell, Undefined):
                continue
            if not isinstance(cell, wanted) or cell != cell or cell in (float("inf"), float("-inf")):
                raise CallError(f'"{feature.id}" of {city.id} is {cell!r}, which is no {feature.kind}')
            if feature.transform == "log" and isinstance(cell, int | float) and cell <= 0:
                raise CallError(f'"{feature.id}" of {city.id} is {cell}: a logarithm needs more than 0')

    def position(self, city: str) -> int:
        """Row of a city.

        Raises
        ------
        CallError
            When there is none of this id; it names the nearest.
        """
        return _position(self.cities, city)

    def column(self, feature: str) -> tuple[Cell, ...]:
        """Cells of one feature, by city."""
        for f, column in zip(self.features, self.cells, strict=True):
            if f.id == feature:
                return column
        raise CallError(f'there is no feature "{feature}": ' + near(feature, [f.id for f in self.features]))

    def known(self) -> npt.NDArray[np.bool_]:
        """(C, F) True where the table has a value."""
        rows = [[not isinstance(cell, Undefined) for cell in column] for column in self.cells]
        out = np.array(rows, dtype=np.bool_).reshape(len(self.features), len(self.cities)).T
        out.flags.writeable = False
        return out


@dataclass(frozen=True, slots=True, eq=False)
class OutcomeTable:
    """Cities × outcomes: what benchmarks show.

    Parameters
    ----------
    readings : tuple of I tuples of C `Reading`
        By indicator.
    """

    cities: tuple[PeerCity, ...]
    indicators: tuple[OutcomeIndicator, ...] = ()
    readings: tuple[tuple[Reading, ...], ...] = ()

    def __post_init__(self) -> None:
        _distinct("indicator", [i.id for i in self.indicators])
        if len(self.readings) != len(self.indicators):
            raise CallError(
                f"{len(self.indicators)} indicators need as many columns, not {len(self.readings)}"
            )
        for indicator, column in zip(self.indicators, self.readings, strict=True):
            if len(column) != len(self.cities):
                raise CallError(f'"{indicator.id}" has {len(column)} cells for {len(self.cities)} cities')

    def indicator(self, id_: str) -> OutcomeIndicator:
        """Return one indicator, or raise `CallError` with the nearest ids."""
        for one in self.indicators:
            if one.id == id_:
                return one
        raise CallError(f'there is no indicator "{id_}": ' + near(id_, [i.id for i in self.indicators]))

    def of(self, id_: str) -> Mapping[str, Reading]:
        """Readings of one indicator by city id."""
        place = self.indicators.index(self.indicator(id_))
        return {c.id: r for c, r in zip(self.cities, self.readings[place], strict=True)}


@dataclass(frozen=True, slots=True, eq=False)
class CityTable:
    """What one file of cities holds, context and outcomes apart.

    Parameters
    ----------
    unused : mapping of str to str
        Columns that are neither, and why.
    """

    context: ContextTable
    outcomes: OutcomeTable
    title: str = ""
    unused: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "unused", MappingProxyType(dict(self.unused)))
        if [c.id for c in self.context.cities] != [c.id for c in self.outcomes.cities]:
            raise CallError("context and outcomes must be of the same cities in the same order")

    def __reduce__(self) -> tuple[Any, ...]:
        return as_fields(self)

    @property
    def cities(self) -> tuple[PeerCity, ...]:
        """Every city of the table."""
        return self.context.cities


def _one_of(what: str, value: str, allowed: Sequence[str], owner: str) -> None:
    if value not in allowed:
        raise CallError(f'"{owner}": {what} "{value}" is not one of {", ".join(allowed)}')


def _distinct(what: str, ids: Sequence[str]) -> None:
    seen: set[str] = set()
    for id_ in ids:
        if id_ in seen:
            raise CallError(f'the {what} "{id_}" is there twice')
        seen.add(id_)


def _position(cities: Sequence[PeerCity], city: str) -> int:
    for place, one in enumerate(cities):
        if one.id == city:
            return place
    raise CallError(f'there is no city "{city}" in the table: ' + near(city, [c.id for c in cities]))
