"""city.toml → `CityConfig`, with every complaint collected."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from isopolis.model import GROUNDS, DataError, Mechanism, Problems, ground_of, near
from isopolis.model.text import phrase

from .config import (
    CityConfig,
    CrossingConfig,
    DimensionConfig,
    ParentConfig,
    SourceConfig,
    TableConfig,
    ZonesConfig,
)
from .vocabulary import DIMENSIONS

__all__ = ["Notebook", "expand", "load_config", "parse_config"]

LATER = (
    "places",
    "streets",
    "participation",
    "feeds",
    "services",
    "prices",
    "help_points",
    "indicators",
    "digital",
    "travel",
    "origins",
)
"""Top-level tables that other parts of the system read."""

_TOP = {
    "name": str,
    "code": str,
    "country": str,
    "notes": list,
    "crs": str,
    "zones": dict,
    "sources": list,
    "tables": list,
}
_ZONES = {"file": str, "layer": str, "id": str, "name": str, "kind": str, "parents": dict, "x": str, "y": str}
_SOURCE = {"key": str, "title": str, "publisher": str, "licence": str, "date": str, "url": str}
_TABLE = {
    "file": str, "layout": str, "zone": str, "sheet": str, "layer": str, "encoding": str, "delimiter": str,
    "decimal": str, "missing": list, "date": str, "date_column": str, "source": str, "universe": str,
    "total": str, "context": list, "units": dict, "where": dict, "dimensions": list, "crossings": list,
    "count": str,
    "lower": str, "upper": str, "se": str, "mechanism": str, "mechanism_default": str,
    "rounding_base": float, "noise_variance": float, "epsilon": float, "level": str,
}  # fmt: skip
_DIMENSION = {
    "name": str, "columns": list, "column": str, "categories": list, "label": str, "labels": dict,
    "ordered": bool, "sensitive": bool, "ground": str, "legal_basis": str, "total": str,
    "universe": str, "complement": str,
}  # fmt: skip
_CROSSING = {"within": dict, "dimension": str, "columns": dict}
_OF_MECHANISM = {"rounding_base": "rounded", "noise_variance": "cell_key", "epsilon": "dp"}
"""Keys that say how strongly counts were changed, and by what."""

_WORDS = {
    str: phrase("a text in quotation marks"),
    list: phrase("a list in [ ]"),
    dict: phrase("a table in {{ }}"),
    bool: phrase("true or false"),
    float: phrase("a number"),
}


class Notebook:
    """Complaints about one toml text, each with its line."""

    def __init__(self, text: str, origin: str, problems: Problems) -> None:
        self.lines, self.origin, self.problems = text.splitlines(), origin, problems

    def line(self, section: str, number: int, key: str) -> tuple[int, ...]:
        """Find the line of `key` in the `number`-th [[section]] (or in [section], or at the top)."""
        seen, inside = 0, not section
        for i, line in enumerate(self.lines, start=1):
            head = re.match(r"\s*\[\[?\s*([\w.]+)", line)
            if head:
                own = head[1] == section or (section and head[1].startswith(section + ".") and seen == number)
                seen += head[1] == section
                inside = bool(own) and seen == number
                if inside and not key:
                    return (i,)
            elif inside and re.match(rf'\s*"?{re.escape(key)}"?\s*=', line):
                return (i,)
        return ()

    def error(self, code: str, message: str, place: tuple[str, int, str], **more: Any) -> None:
        """Write a problem down with the line of its place."""
        key = place[2]
        rows = self.line(*place) or (self.line(place[0], place[1], "") if place[0] else ())
        self.problems.error(code, message, file=self.origin, rows=rows, column=key or None, **more)

    def checked(self, raw: Any, keys: Mapping[str, type], section: str, number: int = 1) -> dict[str, Any]:
        """Return the known, rightly typed entries of a toml table."""
        what = f"[{section}]" if section else phrase("the top of the file")
        if not isinstance(raw, dict):
            self.error("wrong-type", phrase("{what} must be a table", what=what), (section, number, ""))
            return {}
        out = {}
        for key, value in raw.items():
            kind = keys.get(key)
            if kind is None:
                self.error(
                    "unknown-key",
                    phrase(
                        '{what} has no key "{key}": {suggestion}',
                        what=what,
                        key=key,
                        suggestion=near(key, keys),
                    ),
                    (section, number, key),
                )
            elif not _fits(value, kind):
                self.error(
                    "wrong-type",
                    phrase('"{key}" in {what} must be {kind}', key=key, what=what, kind=_WORDS[kind]),
                    (section, number, key),
                    value=str(value)[:60],
                )
            else:
                out[key] = float(value) if kind is float else value
        return out

    def texts(self, raw: list[Any], section: str, number: int, key: str) -> tuple[str, ...]:
        """Return a list of texts."""
        if not all(isinstance(v, str) for v in raw):
            self.error(
                "wrong-type",
                phrase('every entry of "{key}" must be a text in quotation marks', key=key),
                (section, number, key),
            )
        return tuple(str(v) for v in raw)

    def map(self, raw: dict[str, Any], section: str, number: int, key: str) -> dict[str, str]:
        """Return a table of texts."""
        if not all(isinstance(v, str) for v in raw.values()):
            self.error(
                "wrong-type",
                phrase('every value of "{key}" must be a text in quotation marks', key=key),
                (section, number, key),
            )
        return {str(k): str(v) for k, v in raw.items()}


def _fits(value: Any, kind: type) -> bool:
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, kind)


def expand(text: str) -> str:
    """Replace ``$NAME`` and ``${NAME:-default}`` by environment variables."""

    def value(match: re.Match[str]) -> str:
        name, default = match[1] or match[3], match[2]
        return os.environ.get(name) or (default if default is not None else match[0])

    return re.sub(r"\$(?:\{(\w+)(?::-([^}]*))?\}|(\w+))", value, text)


def load_config(path: Path) -> CityConfig:
    """Read a city.toml.

    Raises
    ------
    DataError
        With every complaint about the file.
    """
    problems = Problems()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        problems.error(
            "unreadable-file",
            phrase("this cannot be read as UTF-8 text"),
            file=path.name,
            value=str(error)[:80],
            hint=phrase("Save it in UTF-8."),
        )
        raise DataError(problems) from None
    return parse_config(text, path.parent, path.name)


def parse_config(text: str, folder: Path, origin: str = "city.toml") -> CityConfig:
    """Read the text of a city.toml whose files are relative to `folder`.

    Raises
    ------
    DataError
        With every complaint about the text.
    """
    problems = Problems()
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problems.error(
            "bad-toml",
            phrase("this is not valid TOML"),
            file=origin,
            value=str(error),
            hint=phrase("Correct that line; texts need quotation marks."),
        )
        raise DataError(problems) from None
    config = _city(
        {k: v for k, v in raw.items() if k not in LATER}, folder, origin, Notebook(text, origin, problems)
    )
    if len(problems):
        raise DataError(problems)
    return config


def _city(raw: dict[str, Any], folder: Path, origin: str, book: Notebook) -> CityConfig:
    top = book.checked(raw, _TOP, "")
    if not top.get("name"):
        book.error(
            "missing-key", phrase('city.toml must give the city a name: name = "..."'), ("", 1, "name")
        )
    sources = tuple(_source(s, i, book) for i, s in enumerate(top.get("sources", []), 1))
    keys = {s.key for s in sources}
    tables = tuple(_table(t, i, book) for i, t in enumerate(top.get("tables", []), 1))
    for t in tables:
        if t.source and t.source not in keys:
            book.error(
                "unknown-source",
                phrase('no [[sources]] has the key "{source}"', source=t.source),
                ("tables", t.number, "source"),
            )
    if not tables:
        book.error(
            "no-tables",
            phrase("city.toml names no table of counts"),
            ("", 1, ""),
            hint=phrase("Add a [[tables]] section, or run `isopolis init` in a copy of the folder."),
        )
    return CityConfig(
        folder,
        top.get("name", ""),
        code=top.get("code", ""),
        country=top.get("country", ""),
        notes=book.texts(top.get("notes", []), "", 1, "notes"),
        crs=top.get("crs", ""),
        zones=_zones(top.get("zones", {}), book),
        sources=sources,
        tables=tables,
        origin=origin,
    )


def _source(raw: Any, number: int, book: Notebook) -> SourceConfig:
    got = book.checked(raw, _SOURCE, "sources", number)
    if not got.get("key"):
        book.error("missing-key", phrase("every [[sources]] needs a key"), ("sources", number, "key"))
    return SourceConfig(**{"key": "", **got})


def _zones(raw: Any, book: Notebook) -> ZonesConfig:
    got = book.checked(raw, _ZONES, "zones")
    parents = tuple(_parent(level, value, book) for level, value in got.pop("parents", {}).items())
    if bool(got.get("x")) != bool(got.get("y")):
        book.error(
            "missing-key", phrase("points need both x and y"), ("zones", 1, "x" if got.get("x") else "y")
        )
    return ZonesConfig(**got, parents=parents)


def _parent(level: str, value: Any, book: Notebook) -> ParentConfig:
    if isinstance(value, str) and value:
        return ParentConfig(level, column=value)
    if (
        isinstance(value, dict)
        and set(value) == {"prefix"}
        and isinstance(value["prefix"], int)
        and value["prefix"] > 0
    ):
        return ParentConfig(level, prefix=value["prefix"])
    book.error(
        "wrong-type",
        phrase('the parent "{level}" must be a column in quotation marks or {{ prefix = N }}', level=level),
        ("zones", 1, "parents"),
        value=str(value)[:60],
    )
    return ParentConfig(level)


def _table(raw: Any, number: int, book: Notebook) -> TableConfig:
    got = book.checked(raw, _TABLE, "tables", number)
    lists: dict[str, Any] = {
        k: book.texts(got.pop(k, []), "tables", number, k) for k in ("missing", "context")
    }
    where = book.map(got.pop("where", {}), "tables", number, "where")
    units = book.map(got.pop("units", {}), "tables", number, "units")
    for column in [c for c in units if c not in lists["context"]]:
        book.error(
            "unknown-column",
            phrase('there is no column "{name}"', name=column),
            ("tables", number, "units"),
            rule=", ".join(lists["context"]) or "context",
        )
    dims = tuple(_dimension(d, number, got.get("layout", ""), book) for d in got.pop("dimensions", []))
    crossings = tuple(_crossing(x, number, book) for x in got.pop("crossings", []))
    needed = ["file", "layout"] + ["zone"] * (got.get("level") != "city")
    for key in needed:
        if not got.get(key):
            book.error(
                "missing-key",
                phrase('table {number} needs "{key}"', number=number, key=key),
                ("tables", number, key),
            )
    _one_of(got, "layout", ("wide", "long", "values"), number, book)
    _one_of(got, "level", ("zone", "city"), number, book)
    _one_of(got, "decimal", (".", ","), number, book)
    _one_of(got, "mechanism_default", [m.name.lower() for m in Mechanism], number, book)
    _strength(got, number, book)
    names = [d.name for d in dims]
    for name in {n for n in names if names.count(n) > 1}:
        book.error(
            "repeated-dimension",
            phrase('table {number} has the dimension "{name}" twice', number=number, name=name),
            ("tables", number, "dimensions"),
        )
    if got.get("layout") == "long" and not dims:
        book.error(
            "missing-key",
            phrase("the long table {number} names no dimension", number=number),
            ("tables", number, "dimensions"),
        )
    got = {"file": "", "layout": "wide", "zone": ""} | got
    return TableConfig(
        **got, **lists, units=units, where=where, dimensions=dims, crossings=crossings, number=number
    )


def _strength(got: dict[str, Any], number: int, book: Notebook) -> None:
    """Require one positive strength, and of what was done to the counts."""
    given = [key for key in _OF_MECHANISM if key in got]
    for key in given:
        place = "tables", number, key
        word = _OF_MECHANISM[key]
        if got[key] <= 0:
            book.error("wrong-value", phrase('"{key}" must be more than 0', key=key), place,
                       value=f"{got[key]:g}")  # fmt: skip
        # small counts that were rounded stand beside exact ones
        elif got.get("mechanism_default", "exact") not in (word, "exact") and not got.get("mechanism"):
            book.error(
                "wrong-value",
                phrase('"{key}" belongs to the mechanism "{word}"', key=key, word=word), place,
                value=got["mechanism_default"], rule=word,
            )  # fmt: skip
        elif key != "rounding_base" and "mechanism_default" not in got and not got.get("mechanism"):
            book.error(
                "missing-key",
                phrase('"{key}" needs mechanism_default = "{word}"', key=key, word=word), place, rule=word,
            )  # fmt: skip
    if len(given) > 1:
        book.error(
            "two-mechanisms",
            phrase("counts of one table are changed in one way only; this one names {keys}",
                   keys=", ".join(given)),
            ("tables", number, given[1]),
        )  # fmt: skip


def _one_of(got: dict[str, Any], key: str, allowed: Any, number: int, book: Notebook) -> None:
    if got.get(key) and got[key] not in allowed:
        book.error(
            "wrong-value",
            phrase(
                '"{key}" cannot be "{got}": {suggestion}',
                key=key,
                got=got[key],
                suggestion=near(got[key], allowed),
            ),
            ("tables", number, key),
            rule=", ".join(allowed),
        )


def _dimension(raw: Any, number: int, layout: str, book: Notebook) -> DimensionConfig:
    got = book.checked(raw, _DIMENSION, "tables.dimensions" if layout == "wide" else "tables", number)
    place = ("tables", number, "dimensions")
    lists: dict[str, Any] = {k: book.texts(got.pop(k, []), *place) for k in ("columns", "categories")}
    labels = book.map(got.pop("labels", {}), *place)
    name = got.pop("name", "")
    if not name:
        book.error("missing-key", phrase("a dimension of table {number} has no name", number=number), place)
    if layout == "wide" and not lists["columns"]:
        book.error("missing-key", phrase('the dimension "{name}" names no columns', name=name), place)
    if layout == "long" and not got.get("column"):
        book.error("missing-key", phrase('the dimension "{name}" names no column', name=name), place)
    for key, items in lists.items():
        if len(set(items)) != len(items):
            book.error(
                "repeated-category",
                phrase('the dimension "{name}" names one of its {key} twice', name=name, key=key),
                place,
            )
    ground = got.get("ground", "")
    if ground and not ground_of(ground) and ground not in {word.ground for word in DIMENSIONS}:
        book.error(
            "unknown-ground",
            phrase('"{ground}" is no ground of discrimination: {suggestion}', ground=ground,
                   suggestion=near(ground, GROUNDS)),
            ("tables", number, "ground"),
        )  # fmt: skip
    if got.get("complement") in lists["columns"] and got.get("complement"):
        book.error(
            "repeated-category",
            phrase('the complement of "{name}" is also one of its columns', name=name),
            place,
        )
    return DimensionConfig(name, **lists, labels=labels, **got)


def _crossing(raw: Any, number: int, book: Notebook) -> CrossingConfig:
    got = book.checked(raw, _CROSSING, "tables.crossings", number)
    place = ("tables", number, "crossings")
    within = book.map(got.get("within", {}), *place)
    if len(within) != 1 or not got.get("dimension") or not got.get("columns"):
        book.error(
            "missing-key",
            phrase(
                'a crossing of table {number} needs within = {{ dimension = "category" }}, dimension '
                "and columns",
                number=number,
            ),
            place,
        )
        return CrossingConfig(("", ""), "", {})
    return CrossingConfig(next(iter(within.items())), got["dimension"], book.map(got["columns"], *place))
