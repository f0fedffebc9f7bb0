"""A city: its zones, its counts, where they came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from .counts import Counts
from .errors import CallError, Problem, near
from .groups import Group
from .pickling import as_fields
from .zones import Zones

__all__ = ["City", "Source"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where numbers or outlines came from."""

    key: str
    title: str = ""
    publisher: str = ""
    licence: str = ""
    date: str = ""
    url: str = ""
    files: tuple[str, ...] = ()
    sha256: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sha256", MappingProxyType(dict(self.sha256)))

    def __reduce__(self) -> tuple[Any, ...]:
        return as_fields(self)

    def to_dict(self) -> dict[str, Any]:
        """Return the plain JSON form."""
        out: dict[str, Any] = {
            k: getattr(self, k) for k in ("key", "title", "publisher", "licence", "date", "url")
        }
        return out | {"files": list(self.files), "sha256": dict(self.sha256)}


@dataclass(frozen=True, slots=True, eq=False)
class City:
    """One city as its own files describe it.

    Parameters
    ----------
    name, code, country : str
        Name for readers, short code, ISO 3166 two-letter country.
    zones : Zones
        Every zone met in outlines or counts; all counts share this order.
    counts : tuple of Counts
        One per table of crossed dimensions and date.
    survey : tuple of Counts
        City-wide sample tables (one row, the whole city), such as LGBTIQ by survey.
    sources : tuple of Source
    caveats : tuple of Problem
        What the reader found that does not stop the run.
    notes : tuple of str
        Sentences that every product of this city must carry
        ("example data, not a real place").
    context : mapping of str to object
        Zone-level columns that are no group of people (income in euros,
        area), as (Z,) arrays by name.
    units : mapping of str to str
        Unit of such a column ("euros a year") by its heading, where the files say it.
    """

    name: str
    zones: Zones
    counts: tuple[Counts, ...]
    code: str = ""
    country: str = ""
    survey: tuple[Counts, ...] = ()
    sources: tuple[Source, ...] = ()
    caveats: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    context: Mapping[str, Any] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "context", MappingProxyType(dict(self.context)))
        object.__setattr__(self, "units", MappingProxyType(dict(self.units)))
        for table in self.counts:
            if len(table.zone_ids) != len(self.zones):
                raise CallError("every table of counts must have one row per zone of the city")

    def __reduce__(self) -> tuple[Any, ...]:
        return as_fields(self)

    @property
    def dates(self) -> tuple[str, ...]:
        """Dates of the counts, oldest first."""
        return tuple(sorted({c.date for c in self.counts}))

    def dimension_names(self) -> tuple[str, ...]:
        """Names of all dimensions, in the order in which the tables bring them."""
        return tuple(dict.fromkeys(d.name for c in self.counts for d in c.dimensions))

    def table(self, *names: str, date: str | None = None) -> Counts:
        """Return the counts in which all of `names` are crossed, as their margin.

        Parameters
        ----------
        *names : str
            Dimension names.
        date : str, optional
            The newest date that has them when not given.

        Raises
        ------
        CallError
            If no table crosses these dimensions at that date.
        """
        fitting = [c for c in self.counts if c.has(names) and (date is None or c.date == date)]
        if not fitting:
            known = self.dimension_names()
            missing = [n for n in names if n not in known]
            if missing:
                raise CallError(f'{self.name} has no dimension "{missing[0]}": ' + near(missing[0], known))
            at = f" at {date}" if date else ""
            raise CallError(f"no table of {self.name} crosses {' and '.join(names)}{at}")
        newest = max(c.date for c in fitting)
        smallest = min((c for c in fitting if c.date == newest), key=lambda c: c.values.size)
        return smallest.margin(*names)

    def groups(self, *names: str) -> tuple[Group, ...]:
        """Groups of the crossing of `names`."""
        return tuple(self.table(*names).groups())
