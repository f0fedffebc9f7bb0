"""What city.toml says about getting around: places, streets, feeds, travel times, origins."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from isopolis.model import Problems, near
from isopolis.model.text import phrase

from .config_file import Notebook

__all__ = [
    "AccessConfig",
    "DigitalConfig",
    "FeedConfig",
    "OriginsConfig",
    "PlacesConfig",
    "StreetsConfig",
    "TravelConfig",
    "load_access",
    "parse_access",
]


@dataclass(frozen=True, slots=True)
class PlacesConfig:
    """[[places]] (or [[services]]): a table of services; `number` is its place among them, from 1.

    Either one row per place (`kind` names the column that says which service it is, or `service`
    says it for the whole table), or counts (`columns`: each is a kind, its numbers say how many).
    """

    file: str = ""
    number: int = 1
    section: str = "places"
    layer: str = ""
    sheet: str = ""
    encoding: str = ""
    delimiter: str = ""
    decimal: str = ""
    id: str = ""
    name: str = ""
    kind: str = ""
    service: str = ""
    zone: str = ""
    x: str = ""
    y: str = ""
    crs: str = ""
    amount: str = ""
    columns: tuple[str, ...] = ()
    empty: str = "unknown"
    where: Mapping[str, str] = field(default_factory=dict)
    terms: Mapping[str, str] = field(default_factory=dict)
    date: str = ""
    source: str = ""
    opening_hours: str = ""
    capacity: str = ""
    fee: str = ""
    languages: str = ""
    step_free: str = ""
    booking: str = ""
    eligibility: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "where", MappingProxyType(dict(self.where)))
        object.__setattr__(self, "terms", MappingProxyType(dict(self.terms)))

    def needed(self) -> tuple[str, ...]:
        """Every column that the table must have."""
        one = [getattr(self, k) for k in ("id", "name", "kind", "zone", "x", "y", "amount", *ATTRIBUTES)]
        return tuple(dict.fromkeys(c for c in (*one, *self.columns, *self.where) if c))


ATTRIBUTES = ("opening_hours", "capacity", "fee", "languages", "step_free", "booking", "eligibility")
"""Keys of [[places]] that name columns of what keeps people out."""


@dataclass(frozen=True, slots=True)
class StreetsConfig:
    """[streets]: an extract of OpenStreetMap, or a layer of lines with the columns that it names."""

    file: str
    layer: str = ""
    id: str = ""
    start: str = ""
    end: str = ""
    length: str = ""
    tags: tuple[str, ...] | Mapping[str, str] = ()
    crs: str = ""
    elevation: str | tuple[str, ...] = ""
    source: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class FeedConfig:
    """[[feeds]]: a timetable in GTFS."""

    file: str
    number: int = 1
    source: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class TravelConfig:
    """[[travel]]: ready travel times, long (from, to, time) or wide (a column per place)."""

    file: str
    number: int = 1
    layout: str = "long"
    from_: str = ""
    to: str = ""
    minutes: str = ""
    seconds: str = ""
    unit: str = ""
    price: str = ""
    most: float = -1.0
    mode: str = ""
    limit: float = 0.0
    where: Mapping[str, str] = field(default_factory=dict)
    encoding: str = ""
    delimiter: str = ""
    decimal: str = ""
    sheet: str = ""
    date: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "where", MappingProxyType(dict(self.where)))

    @property
    def time(self) -> str:
        """Column of times of a long table."""
        return self.minutes or self.seconds

    @property
    def milliseconds(self) -> int:
        """Milliseconds in one unit of the table."""
        return 1000 if self.seconds or self.unit == "seconds" else 60_000

    def needed(self) -> tuple[str, ...]:
        """Every column that the table must have."""
        names = (self.from_, self.to, self.time, self.price, *self.where)
        return tuple(dict.fromkeys(n for n in names if n))


@dataclass(frozen=True, slots=True)
class OriginsConfig:
    """[origins]: points of people finer than the zones, and classes of zones that are groups.

    Without `file` the origins are the city's zones.
    """

    file: str = ""
    id: str = ""
    name: str = ""
    kind: str = "point"
    x: str = ""
    y: str = ""
    crs: str = ""
    total: str = ""
    date: str = ""
    source: str = ""
    context: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    dimensions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "dimensions", MappingProxyType(dict(self.dimensions)))


@dataclass(frozen=True, slots=True)
class DigitalConfig:
    """[digital]: shares of coverage and use by zone."""

    file: str
    zone: str
    columns: tuple[str, ...]
    source: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class AccessConfig:
    """All of it. Empty where city.toml says nothing."""

    places: tuple[PlacesConfig, ...] = ()
    streets: StreetsConfig | None = None
    feeds: tuple[FeedConfig, ...] = ()
    travel: tuple[TravelConfig, ...] = ()
    origins: OriginsConfig = field(default_factory=OriginsConfig)
    digital: DigitalConfig | None = None

    def __bool__(self) -> bool:
        """True when anything at all is said."""
        return self != AccessConfig()

    @property
    def files(self) -> tuple[str, ...]:
        """Names of the files in use, once each."""
        parts = (self.streets, *self.feeds, *self.places, *self.travel, self.digital, self.origins)
        return tuple(dict.fromkeys(p.file for p in parts if p is not None and p.file))

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of [[sources]] in use, once each."""
        parts = (self.streets, *self.feeds, *self.places, *self.travel, self.digital, self.origins)
        return tuple(dict.fromkeys(p.source for p in parts if p is not None and p.source))


_DTYPES: dict[str, type] = {"str": str, "float": float}
_NOT_KEYS = {"number", "section"}


def _keys(config: type) -> dict[str, type]:
    """Keys of a section, and the types that they take in TOML, from the fields of its type."""
    out: dict[str, type] = {}
    for f in fields(config):
        if f.name not in _NOT_KEYS:
            kind = str(f.type)
            out[f.name.rstrip("_")] = _DTYPES.get(
                kind, list if kind.startswith("tuple") else dict if kind.startswith("Mapping") else str
            )
    return out


def load_access(path: Path) -> AccessConfig:
    """Read what a city.toml says about access.

    Raises
    ------
    DataError
        With every complaint about these sections; those about other sections are
        `isopolis.read.config_file.load_config`'s.
    """
    return parse_access(path.read_text(encoding="utf-8-sig"), path.name)


def parse_access(text: str, origin: str = "city.toml") -> AccessConfig:
    """Read the text of a city.toml; see `load_access`."""
    problems = Problems()
    book = Notebook(text, origin, problems)
    raw = tomllib.loads(text)
    rows = [(s, i, r) for s in ("places", "services") for i, r in enumerate(_rows(raw, s, book), 1)]
    places = tuple(_places(r, s, i, book) for s, i, r in rows)
    feeds = tuple(_feed(r, i, book) for i, r in enumerate(_rows(raw, "feeds", book), 1))
    travel = tuple(_travel(r, i, book) for i, r in enumerate(_rows(raw, "travel", book), 1))
    streets = _streets(raw["streets"], book) if "streets" in raw else None
    digital = _digital(raw["digital"], book) if "digital" in raw else None
    made = AccessConfig(places, streets, feeds, travel, _origins(raw.get("origins", {}), book), digital)
    known = [s.get("key") for s in raw.get("sources", []) if isinstance(s, dict)]
    for key in made.sources:
        if key not in known:
            book.error(
                "unknown-source", phrase('no [[sources]] has the key "{source}"', source=key), ("", 1, "")
            )
    problems.raise_if_fatal()
    return made


def _rows(raw: Mapping[str, Any], section: str, book: Notebook) -> list[Any]:
    found = raw.get(section, [])
    if isinstance(found, dict):
        return [found]  # written with single brackets
    if not isinstance(found, list):
        book.error("wrong-type", phrase("{what} must be a table", what=f"[[{section}]]"), (section, 1, ""))
        return []
    return found


def _need(got: Mapping[str, Any], keys: tuple[str, ...], section: str, number: int, book: Notebook) -> None:
    for key in keys:
        if not got.get(key):
            book.error(
                "missing-key",
                phrase(
                    '[[{section}]] number {number} needs "{key}"', section=section, number=number, key=key
                ),
                (section, number, key),
            )


def _one_of(
    got: Mapping[str, Any], key: str, allowed: tuple[str, ...], section: str, number: int, book: Notebook
) -> None:
    if got.get(key) and got[key] not in allowed:
        book.error(
            "wrong-value",
            phrase(
                '"{key}" cannot be "{got}": {suggestion}',
                key=key,
                got=got[key],
                suggestion=near(got[key], allowed),
            ),
            (section, number, key),
            rule=", ".join(allowed),
        )


def _lists(got: dict[str, Any], section: str, number: int, book: Notebook) -> None:
    for key, value in list(got.items()):
        if isinstance(value, list):
            got[key] = book.texts(value, section, number, key)
        elif isinstance(value, dict):
            got[key] = book.map(value, section, number, key)


def _places(raw: Any, section: str, number: int, book: Notebook) -> PlacesConfig:
    got = book.checked(raw, _keys(PlacesConfig), section, number)
    _lists(got, section, number, book)
    _need(got, ("file",), section, number, book)
    _one_of(got, "empty", ("none", "unknown"), section, number, book)
    ways = [k for k in ("kind", "service", "columns") if got.get(k)]
    if len(ways) != 1:
        book.error(
            "missing-key",
            phrase(
                "[[{section}]] number {number} must say in one way which service it is about: kind (a "
                "column), service (a name) or columns (counts, one column per service)",
                section=section,
                number=number,
            ),
            (section, number, ways[1] if ways else "kind"),
        )
    if bool(got.get("x")) != bool(got.get("y")) or not (got.get("x") or got.get("zone") or _drawn(got)):
        book.error(
            "missing-key",
            phrase(
                "[[{section}]] number {number} needs x and y, or the zone of each place",
                section=section,
                number=number,
            ),
            (section, number, "x" if got.get("x") else "y"),
        )
    return PlacesConfig(number=number, section=section, **got)


def _drawn(got: Mapping[str, Any]) -> bool:
    """True for files that carry the points themselves."""
    from .tables import OUTLINE_SUFFIXES

    return Path(got.get("file", "")).suffix.lower() in OUTLINE_SUFFIXES


def _streets(raw: Any, book: Notebook) -> StreetsConfig:
    keys = _keys(StreetsConfig)
    if isinstance(raw, dict) and isinstance(raw.get("tags"), dict):
        keys["tags"] = dict
    if isinstance(raw, dict) and isinstance(raw.get("elevation"), list):
        keys["elevation"] = list  # one file for each part of the city
    got = book.checked(raw, keys, "streets")
    _lists(got, "streets", 1, book)
    _need(got, ("file",), "streets", 1, book)
    return StreetsConfig(**({"file": ""} | got))


def _feed(raw: Any, number: int, book: Notebook) -> FeedConfig:
    got = book.checked(raw, _keys(FeedConfig), "feeds", number)
    _need(got, ("file",), "feeds", number, book)
    return FeedConfig(number=number, **({"file": ""} | got))


def _travel(raw: Any, number: int, book: Notebook) -> TravelConfig:
    got = book.checked(raw, _keys(TravelConfig), "travel", number)
    _lists(got, "travel", number, book)
    layout = got.get("layout", "long")
    _need(got, ("file", "from", "to") if layout == "long" else ("file", "from"), "travel", number, book)
    _one_of(got, "layout", ("long", "wide"), "travel", number, book)
    _one_of(got, "unit", ("minutes", "seconds"), "travel", number, book)
    if layout == "long" and bool(got.get("minutes")) == bool(got.get("seconds")):
        book.error(
            "missing-key",
            phrase("[[travel]] number {number} needs the column of times: minutes or seconds", number=number),
            ("travel", number, "minutes"),
        )
    if bool(got.get("price")) != ("most" in got):
        book.error(
            "missing-key",
            phrase("[[travel]] number {number} needs both price and most, or neither", number=number),
            ("travel", number, "price"),
        )
    got["from_"] = got.pop("from", "")
    return TravelConfig(number=number, **({"file": ""} | got))


def _origins(raw: Any, book: Notebook) -> OriginsConfig:
    keys = _keys(OriginsConfig) | {"dimensions": dict}
    got = book.checked(raw, keys, "origins")
    dimensions = got.pop("dimensions", {})
    _lists(got, "origins", 1, book)
    if got.get("file"):
        _need(got, ("id", "x", "y", "total"), "origins", 1, book)
    out = {}
    for name, columns in dimensions.items():
        listed = columns if isinstance(columns, list) else [columns]
        out[str(name)] = book.texts(listed, "origins", 1, "dimensions")
    return OriginsConfig(dimensions=out, **got)


def _digital(raw: Any, book: Notebook) -> DigitalConfig:
    got = book.checked(raw, _keys(DigitalConfig), "digital")
    _lists(got, "digital", 1, book)
    _need(got, ("file", "zone", "columns"), "digital", 1, book)
    return DigitalConfig(**({"file": "", "zone": "", "columns": ()} | got))
