"""The [zones] section of a guess: outlines or points, names, parents, kind."""

from __future__ import annotations

from pathlib import Path

from .config import ParentConfig, TableConfig, ZonesConfig
from .guess_files import FoundFile, Join
from .guess_long import nested_columns
from .profile import Looks
from .vocabulary import words

__all__ = ["guess_zones"]


def guess_zones(join: Join, tables: list[TableConfig]) -> tuple[ZonesConfig, str]:
    """Return the section and the reason for it."""
    used = {t.file for t in tables}
    parents: tuple[ParentConfig, ...] = ()
    for found, column in join.tables:
        if found.name in used and not parents:
            parents = tuple(ParentConfig(_level(n), n) for n in nested_columns(found.looks, column))
    first = join.tables[0]
    name = next(
        (
            n
            for f, c in ([(join.zones, join.zone_id)] if join.zones else []) + join.tables
            if (n := _name_column(f, c))
        ),
        "",
    )
    reason = f'zones of {first[0].name} by "{first[1]}"'
    if join.zones:
        reason = "; ".join(
            f'"{c}" of {f.name} holds the ids "{join.zone_id}" of {join.zones.name}' for f, c in join.tables
        )
    elif point := _points(first[0].looks):
        return ZonesConfig(
            first[0].name, "", first[1], name, _kind(first[0].name), parents, *point
        ), reason + "; they are points"
    parents = parents or _prefix_parents(join)
    kind = _kind((join.zones or first[0]).name)
    file = join.zones.name if join.zones else ""
    return ZonesConfig(file, "", join.zone_id if join.zones else first[1], name, kind, parents), reason


def _level(column: str) -> str:
    kept = [w for w in words(column) if w not in ("code", "id", "name", "no", "nr")]
    return "_".join(kept) or column


def _points(looks: Looks) -> tuple[str, str] | None:
    x = next(
        (n for n in looks.columns if n.lower() in ("lon", "lng", "long", "longitude") and looks[n].numeric),
        "",
    )
    y = next((n for n in looks.columns if n.lower() in ("lat", "latitude") and looks[n].numeric), "")
    return (x, y) if x and y else None


def _name_column(found: FoundFile, column: str) -> str:
    texts = [
        n
        for n, look in found.looks.columns.items()
        if not look.numeric and n != column and look.distinct > 0.5 * len(found.table)
    ]
    said = [
        n
        for n in texts
        if {"name", "nom", "nombre", "nimi", "navn", "namn", "nome", "naam", "nazwa"} & set(words(n))
    ]
    return (said or texts or [""])[0]


def _prefix_parents(join: Join) -> tuple[ParentConfig, ...]:
    """Long ids of equal, even length whose first two digits make a few groups: districts, as in Berlin."""
    found, column = (join.zones, join.zone_id) if join.zones else join.tables[0]
    ids = [str(t) for t in found.table[column].coded()[1]]
    if (
        not ids
        or len({len(i) for i in ids}) != 1
        or len(ids[0]) < 6
        or len(ids[0]) % 2
        or not all(i.isdigit() for i in ids)
    ):
        return ()
    groups = len({i[:2] for i in ids})
    return (ParentConfig("district", prefix=2),) if 3 <= groups <= len(ids) / 4 else ()


def _kind(file: str) -> str:
    found = words(Path(file).stem)
    for word in found:
        for kind in (
            "neighbourhood",
            "neighborhood",
            "tract",
            "district",
            "school",
            "ward",
            "parish",
            "barrio",
            "municipality",
            "quarter",
        ):
            if word.rstrip("s") == kind:
                return kind
    if "planning" in found:
        return "planning area"
    if {"grid", "hex", "hexgrid", "cell", "cells"} & set(found):
        return "grid cell"
    return "IRIS area" if "iris" in found else "zone"
