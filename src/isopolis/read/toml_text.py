"""A configuration → commented city.toml text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from .config import CityConfig, CrossingConfig, DimensionConfig, ParentConfig, TableConfig, ZonesConfig

__all__ = ["Comments", "city_text", "quoted", "quoted_key", "quoted_list", "quoted_map"]

Comments = Mapping[tuple[str, ...], str]
"""Reason of a guess by its place: ``("zones",)``, ``("table", "1")``, ``("dimension", "1", "sex")`` …"""


def quoted(value: str) -> str:
    """Write a text in quotation marks."""
    return json.dumps(value, ensure_ascii=False)


def quoted_key(text: str) -> str:
    """Write a key, in quotation marks where it needs them."""
    return text if re.fullmatch(r"[A-Za-z0-9_-]+", text) else quoted(text)


def quoted_list(values: Sequence[str]) -> str:
    """Write a list of texts."""
    return "[" + ", ".join(quoted(v) for v in values) + "]"


def quoted_map(values: Mapping[str, str]) -> str:
    """Write a table of texts in one line."""
    return "{ " + ", ".join(f"{quoted_key(k)} = {quoted(v)}" for k, v in values.items()) + " }"


def _why(comments: Comments, *place: str) -> list[str]:
    said = comments.get(place, "")
    return [f"# {line}" for line in said.splitlines()] if said else []


def city_text(config: CityConfig, comments: Comments) -> str:
    """Write a city.toml that reads back as `config`, with the reason of each guess above it."""
    lines = [*_why(comments, "top"), f"name = {quoted(config.name)}"]
    lines += [f"code = {quoted(config.code)}"] if config.code else []
    lines += [
        '# country = "ES"   # two letters',
        '# notes = ["..."]   # sentences that every report must carry',
    ]
    if config.crs:
        lines.append(f"crs = {quoted(config.crs)}")
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
            lines.append(f"{key} = {quoted(value)}")
    if zones.parents:
        lines.append("parents = { " + ", ".join(_parent(p) for p in zones.parents) + " }")
    return lines


def _parent(parent: ParentConfig) -> str:
    value = f"{{ prefix = {parent.prefix} }}" if parent.prefix else quoted(parent.column)
    return f"{quoted_key(parent.level)} = {value}"


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
            lines.append(f"{key} = {quoted(value)}")
    if table.where:
        lines += [*_why(comments, "where", str(table.number)), f"where = {quoted_map(table.where)}"]
    lines += ['source = "city"', f"universe = {quoted(table.universe)}"]
    if table.total:
        lines += [*_why(comments, "total", str(table.number)), f"total = {quoted(table.total)}"]
    for key in ("count", "lower", "upper", "se", "mechanism"):
        if getattr(table, key):
            lines.append(f"{key} = {quoted(getattr(table, key))}")
    if table.context:
        lines += ["# numbers of the zone that are no people", f"context = {quoted_list(table.context)}"]
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
    parts = [f"name = {quoted(dimension.name)}", f"column = {quoted(dimension.column)}"]
    if dimension.ordered:
        parts += ["ordered = true", f"categories = {quoted_list(dimension.categories)}"]
    if dimension.labels:
        parts.append(f"labels = {quoted_map(dimension.labels)}")
    return "{ " + ", ".join(parts) + " }"


def _wide_dimension(dimension: DimensionConfig, table: TableConfig, comments: Comments) -> list[str]:
    lines = ["", *_why(comments, "dimension", str(table.number), dimension.name), "[[tables.dimensions]]"]
    lines.append(f"name = {quoted(dimension.name)}")
    lines += [f"label = {quoted(dimension.label)}"] if dimension.label else []
    lines.append(f"columns = {quoted_list(dimension.columns)}")
    lines += [f"labels = {quoted_map(dimension.labels)}"] if dimension.labels else []
    if dimension.ordered:
        lines.append("ordered = true   # lowest first")
    for key in ("total", "universe", "complement"):
        if getattr(dimension, key):
            lines.append(f"{key} = {quoted(getattr(dimension, key))}")
    return lines


def _crossing(crossing: CrossingConfig) -> list[str]:
    name, category = crossing.within
    why = f'# these columns follow those of "{crossing.dimension}" one by one and never exceed them'
    return [
        "", why, "[[tables.crossings]]", f"within = {quoted_map({name: category})}",
        f"dimension = {quoted(crossing.dimension)}",
        f"columns = {quoted_map(crossing.columns)}",
    ]  # fmt: skip
