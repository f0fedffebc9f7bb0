"""A configuration → commented city.toml text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from .config import CityConfig, CrossingConfig, DimensionConfig, ParentConfig, TableConfig, ZonesConfig

__all__ = ["Comments", "city_text"]

Comments = Mapping[tuple[str, ...], str]
"""Reason of a guess by its place: ``("zones",)``, ``("table", "1")``, ``("dimension", "1", "sex")`` …"""


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _key(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z0-9_-]+", text) else _text(text)


def _list(values: Sequence[str]) -> str:
    return "[" + ", ".join(_text(v) for v in values) + "]"


def _map(values: Mapping[str, str]) -> str:
    return "{ " + ", ".join(f"{_key(k)} = {_text(v)}" for k, v in values.items()) + " }"


def _why(comments: Comments, *place: str) -> list[str]:
    said = comments.get(place, "")
    return [f"# {line}" for line in said.splitlines()] if said else []


def city_text(config: CityConfig, comments: Comments) -> str:
    """Write a city.toml that reads back as `config`, with the reason of each guess above it."""
    lines = [*_why(comments, "top"), f"name = {_text(config.name)}"]
    lines += [f"code = {_text(config.code)}"] if config.code else []
    lines += [
        '# country = "ES"   # two letters',
        '# notes = ["..."]   # sentences that every report must carry',
    ]
    if config.crs:
        lines.append(f"crs = {_text(config.crs)}")
    lines += ["", *_why(comments, "zones"), *_zones(config.zones)]
    lines += [
        "",
        "# Where the numbers come from: fill in, so that reports can cite it.",
        "[[sources]]",
        'key = "city"',
    ]
    lines += [f'{k} = ""' for k in ("title", "publisher", "licence", "date", "url")]
    for table in config.tables:
        lines += ["", *_why(comments, "table", str(table.number)), *_table(table, comments)]
    lines += ["", *_why(comments, "end")]
    return "\n".join(lines).rstrip() + "\n"


def _zones(zones: ZonesConfig) -> list[str]:
    lines = ["[zones]"]
    for key in ("file", "layer", "id", "name", "kind", "x", "y"):
        value = getattr(zones, key)
        if value:
            lines.append(f"{key} = {_text(value)}")
    if zones.parents:
        lines.append("parents = { " + ", ".join(_parent(p) for p in zones.parents) + " }")
    return lines


def _parent(parent: ParentConfig) -> str:
    value = f"{{ prefix = {parent.prefix} }}" if parent.prefix else _text(parent.column)
    return f"{_key(parent.level)} = {value}"


def _table(table: TableConfig, comments: Comments) -> list[str]:
    lines = ["[[tables]]"]
    for key in (
        "file",
        "layout",
        "zone",
        "sheet",
        "layer",
        "encoding",
        "delimiter",
        "decimal",
        "date",
        "date_column",
    ):
        value = getattr(table, key)
        if value:
            lines.append(f"{key} = {_text(value)}")
    if table.where:
        lines += [*_why(comments, "where", str(table.number)), f"where = {_map(table.where)}"]
    lines += ['source = "city"', f"universe = {_text(table.universe)}"]
    if table.total:
        lines += [*_why(comments, "total", str(table.number)), f"total = {_text(table.total)}"]
    for key in ("count", "lower", "upper", "se", "mechanism"):
        if getattr(table, key):
            lines.append(f"{key} = {_text(getattr(table, key))}")
    if table.context:
        lines += ["# numbers of the zone that are no people", f"context = {_list(table.context)}"]
    lines += _why(comments, "left", str(table.number))
    if table.layout == "long":
        lines += ["dimensions = [", *(f"  {_long_dimension(d)}," for d in table.dimensions), "]"]
        return lines
    for dimension in table.dimensions:
        lines += _wide_dimension(dimension, table, comments)
    for crossing in table.crossings:
        lines += _crossing(crossing)
    return lines


def _long_dimension(dimension: DimensionConfig) -> str:
    parts = [f"name = {_text(dimension.name)}", f"column = {_text(dimension.column)}"]
    if dimension.ordered:
        parts += ["ordered = true", f"categories = {_list(dimension.categories)}"]
    if dimension.labels:
        parts.append(f"labels = {_map(dimension.labels)}")
    return "{ " + ", ".join(parts) + " }"


def _wide_dimension(dimension: DimensionConfig, table: TableConfig, comments: Comments) -> list[str]:
    lines = ["", *_why(comments, "dimension", str(table.number), dimension.name), "[[tables.dimensions]]"]
    lines.append(f"name = {_text(dimension.name)}")
    lines += [f"label = {_text(dimension.label)}"] if dimension.label else []
    lines.append(f"columns = {_list(dimension.columns)}")
    lines += [f"labels = {_map(dimension.labels)}"] if dimension.labels else []
    if dimension.ordered:
        lines.append("ordered = true   # lowest first")
    for key in ("total", "universe", "complement"):
        if getattr(dimension, key):
            lines.append(f"{key} = {_text(getattr(dimension, key))}")
    return lines


def _crossing(crossing: CrossingConfig) -> list[str]:
    name, category = crossing.within
    why = f'# these columns follow those of "{crossing.dimension}" one by one and never exceed them'
    return [
        "", why, "[[tables.crossings]]", f"within = {_map({name: category})}",
        f"dimension = {_text(crossing.dimension)}",
        f"columns = {_map(crossing.columns)}",
    ]  # fmt: skip
