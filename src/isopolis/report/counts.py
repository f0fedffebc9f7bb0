"""Released tables of counts as plain rows: for a page, a CSV and a JSON file.

Only blocks that the privacy gate gave out are read. A hidden cell has no number here, only a word.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from isopolis.model import City, Counts, Mechanism
from isopolis.model.vocabulary import standard
from isopolis.privacy import Block

from .files import neutral
from .prose import Names, clean

__all__ = ["COLUMNS", "HIDDEN", "MISSING", "released_tables", "write_counts_csv", "write_counts_json"]

HIDDEN, MISSING = "hidden", "not collected"
COLUMNS = (
    "level", "unit", "name", "date", "universe", "dimension", "category", "label", "people", "note",
)  # fmt: skip
WORDS = {HIDDEN: "not shown, to protect people", MISSING: "not collected"}
ZONE, CITY = "zone", "city"
Cell = int | float | str


def released_tables(blocks: Iterable[Block], city: City) -> list[dict[str, Any]]:
    """Return one table for each released table of counts with one dimension.

    Parameters
    ----------
    blocks : iterable of Block
        As `Release.safe` has them: of each table all levels and margins, the zones' full crossing first.
    city : City
        For names only.

    Returns
    -------
    list of dict
        ``levels`` is a list of ``{"level", "units": [{"id", "name", "cells", "all"}]}``; a cell is a
        number, ``hidden`` or ``not collected``.
    """
    names = Names(city)
    labels = {str(i): clean(n) for i, n in _pairs(city)}
    out = []
    for parts in _by_table(blocks):
        first = parts[0].counts
        dimension = first.dimensions[0]
        out.append(
            {
                "dimension": dimension.name,
                "title": names.dimension(dimension.name),
                "date": clean(first.date),
                "universe": standard(clean(first.universe)),
                "categories": list(dimension.categories),
                "labels": [names.category(dimension.name, c) for c in dimension.categories],
                "levels": list(_levels(parts, labels)),
            }
        )
    return out


def _pairs(city: City) -> Iterator[tuple[object, object]]:
    assert city.zones.names is not None
    yield from zip(city.zones.ids.tolist(), city.zones.names.tolist(), strict=True)


def _by_table(blocks: Iterable[Block]) -> list[list[Block]]:
    out: list[list[Block]] = []
    for block in blocks:
        if block.level == ZONE and block.names:
            out.append([])
        out[-1].append(block)
    return out


def _levels(parts: Sequence[Block], labels: dict[str, str]) -> Iterator[dict[str, Any]]:
    totals = {b.level: b.counts for b in parts if not b.names}
    for block in parts:
        if not block.names:
            continue
        whole = totals[block.level]
        units = [
            {
                "id": str(unit),
                "name": labels.get(str(unit), str(unit)) if block.level == ZONE else clean(unit),
                "cells": [_cell(block.counts, (row, i)) for i in range(block.counts.values.shape[1])],
                "all": _cell(whole, (row,)),
            }
            for row, unit in enumerate(block.counts.zone_ids.tolist())
        ]
        yield {"level": block.level, "units": units}


def _cell(counts: Counts, at: tuple[int, ...]) -> Cell:
    code = counts.mechanism[at]
    if code == Mechanism.NOT_COLLECTED:
        return MISSING
    if code == Mechanism.INTERVAL:
        return HIDDEN
    value = float(counts.values[at])
    return int(value) if value.is_integer() else round(value, 1)


def _rows(tables: Sequence[dict[str, Any]]) -> Iterator[tuple[object, ...]]:
    for t in tables:
        for level in t["levels"]:
            for unit in level["units"]:
                head = (level["level"], unit["id"], unit["name"], t["date"], t["universe"], t["dimension"])
                pairs = zip(t["categories"], t["labels"], unit["cells"], strict=True)
                for category, label, cell in (*pairs, ("", "", unit["all"])):
                    known = not isinstance(cell, str)
                    yield (*head, category, label, cell if known else "", "" if known else WORDS[cell])


def write_counts_csv(tables: Sequence[dict[str, Any]], path: Path) -> None:
    """Write one row per cell; no category is everybody; a cell that is not shown says so in ``note``."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows([neutral(cell) for cell in row] for row in _rows(tables))


def write_counts_json(tables: Sequence[dict[str, Any]], path: Path) -> None:
    """Write a list of tables as `released_tables` returns them."""
    path.write_text(json.dumps(tables, ensure_ascii=False, allow_nan=False), encoding="utf-8")
