"""What city.toml may say, as frozen types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

__all__ = [
    "CityConfig",
    "CrossingConfig",
    "DimensionConfig",
    "ParentConfig",
    "SourceConfig",
    "TableConfig",
    "ZonesConfig",
]


@dataclass(frozen=True, slots=True)
class ParentConfig:
    """A coarser level: a `column`, or the first `prefix` characters of the id."""

    level: str
    column: str = ""
    prefix: int = 0


@dataclass(frozen=True, slots=True)
class ZonesConfig:
    """[zones]: the outlines, or only how zones are called when `file` is empty."""

    file: str = ""
    layer: str = ""
    id: str = "id"
    name: str = ""
    kind: str = "zone"
    parents: tuple[ParentConfig, ...] = ()
    x: str = ""
    y: str = ""


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """[[sources]]."""

    key: str
    title: str = ""
    publisher: str = ""
    licence: str = ""
    date: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class DimensionConfig:
    """[[tables.dimensions]] of a wide table, or one of `dimensions` of a long one.

    `columns` are the category columns of a wide table; `column` holds the
    categories of a long one, where `categories` gives their order if stated.
    """

    name: str
    columns: tuple[str, ...] = ()
    column: str = ""
    categories: tuple[str, ...] = ()
    label: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    ordered: bool = False
    sensitive: bool | None = None
    ground: str | None = None
    legal_basis: str = ""
    total: str = ""
    universe: str = ""
    complement: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", MappingProxyType(dict(self.labels)))


@dataclass(frozen=True, slots=True)
class CrossingConfig:
    """[[tables.crossings]] of a wide table."""

    within: tuple[str, str]
    dimension: str
    columns: Mapping[str, str]

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", MappingProxyType(dict(self.columns)))


@dataclass(frozen=True, slots=True)
class TableConfig:
    """[[tables]]; `number` is its place in the file, counted from 1."""

    file: str
    layout: str
    zone: str
    number: int = 1
    sheet: str = ""
    layer: str = ""
    encoding: str = ""
    delimiter: str = ""
    decimal: str = ""
    missing: tuple[str, ...] = ()
    date: str = ""
    date_column: str = ""
    source: str = ""
    universe: str = "residents"
    total: str = ""
    context: tuple[str, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    where: Mapping[str, str] = field(default_factory=dict)
    dimensions: tuple[DimensionConfig, ...] = ()
    crossings: tuple[CrossingConfig, ...] = ()
    count: str = ""
    lower: str = ""
    upper: str = ""
    se: str = ""
    mechanism: str = ""
    mechanism_default: str = "exact"
    rounding_base: float = 0.0
    noise_variance: float = 0.0
    epsilon: float = 0.0
    level: str = "zone"

    def __post_init__(self) -> None:
        object.__setattr__(self, "units", MappingProxyType(dict(self.units)))
        object.__setattr__(self, "where", MappingProxyType(dict(self.where)))

    @property
    def parameter(self) -> float:
        """How strongly counts were changed: V of cell keys, epsilon, or the base of rounding; 0 unknown."""
        return self.noise_variance or self.epsilon or self.rounding_base

    def needed(self) -> tuple[str, ...]:
        """Every column that this table must have."""
        one = (
            self.zone if self.level != "city" else "",
            self.date_column,
            self.total,
            self.count,
            self.lower,
            self.upper,
            self.se,
            self.mechanism,
        )
        dims = [c for d in self.dimensions for c in (*d.columns, d.column, d.total)]
        cross = [c for x in self.crossings for c in x.columns.values()]
        names = (*one, *self.context, *self.where, *dims, *cross)
        return tuple(dict.fromkeys(n for n in names if n))


@dataclass(frozen=True, slots=True)
class CityConfig:
    """A whole city.toml.

    Parameters
    ----------
    folder : Path
        Files are relative to it.
    origin : str
        How messages call the file: ``city.toml``.
    """

    folder: Path
    name: str
    code: str = ""
    country: str = ""
    notes: tuple[str, ...] = ()
    crs: str = ""
    zones: ZonesConfig = field(default_factory=ZonesConfig)
    sources: tuple[SourceConfig, ...] = ()
    tables: tuple[TableConfig, ...] = ()
    origin: str = "city.toml"
