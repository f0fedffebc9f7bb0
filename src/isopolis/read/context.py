"""What a zone has besides people counted by group: its parents and zone-level numbers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from isopolis.model import Problems, near
from isopolis.model.text import phrase, phrases

from .config import ParentConfig
from .counts_wide import Sheet
from .numbers import Kind, report
from .zones import ZoneFile

__all__ = ["context_of", "parents_of", "zone_names"]

Objects = npt.NDArray[np.object_]
_PLAIN = (Kind.NEGATIVE, Kind.PERCENT)


def context_of(sheets: Sequence[Sheet], problems: Problems) -> dict[str, npt.NDArray[np.float64]]:
    """Zone-level numbers by name, NaN where there is none; ``name at date`` where there are several dates."""
    out: dict[str, npt.NDArray[np.float64]] = {}
    asked = [c for s in sheets for c in s.config.context]
    for sheet in sheets:
        for column in sheet.config.context:
            parsed = sheet.number(column)
            # a label among the numbers of a zone is a gap, not a reason to stop counting people
            if not report(parsed, sheet.table, column, problems, allow=(*_PLAIN, Kind.TEXT, Kind.INFINITE)):
                continue
            known = np.isin(parsed.kind, (Kind.NUMBER, *_PLAIN))
            _say_text(sheet, column, parsed.where(Kind.TEXT, Kind.INFINITE), problems)
            for date, rows in sheet.by_date().items():
                several = asked.count(column) > 1 or len(sheet.dates) > 1
                array = out.setdefault(
                    f"{column} at {date}" if several and date else column, np.full(len(sheet.ids), np.nan)
                )
                array[sheet.zone[rows]] = np.where(known, parsed.values, np.nan)[rows]
    return out


def _say_text(sheet: Sheet, column: str, rows: npt.NDArray[np.int64], problems: Problems) -> None:
    if len(rows):
        problems.caveat(
            "text-in-context",
            phrases(
                "a cell that is no number was left empty",
                "cells that are no number were left empty",
                len(rows),
            ),
            file=sheet.table.file,
            column=column,
            rows=sheet.table.shown(rows),
            count=len(rows),
            value=sheet.table[column].at(int(rows[0])),
        )


def _by_zone(
    column: str, zones: ZoneFile | None, sheets: Sequence[Sheet], ids: Objects
) -> list[tuple[Objects, str]]:
    """Texts of a column by zone (empty where unknown), from every file that has it."""
    found = []
    if zones is not None and column in zones.table.columns:
        texts = np.full(len(ids), "", dtype=object)
        texts[: len(zones.ids)] = zones.table[column].text()
        found.append((texts, zones.table.file))
    for sheet in sheets:
        if column in sheet.table.columns:
            texts = np.full(len(ids), "", dtype=object)
            texts[sheet.zone] = sheet.table[column].text()
            found.append((texts, sheet.table.file))
    return found


def zone_names(
    column: str, zones: ZoneFile | None, sheets: Sequence[Sheet], ids: Objects, problems: Problems
) -> Objects:
    """(Z,) names for readers; the id where there is none."""
    names = np.full(len(ids), "", dtype=object)
    found = _by_zone(column, zones, sheets, ids) if column else []
    if column and not found:
        _no_column(column, "name", zones, sheets, problems)
    for texts, _ in found:
        names = np.where(names == "", texts, names)
    return np.where(names == "", ids, names)


def _no_column(
    column: str, key: str, zones: ZoneFile | None, sheets: Sequence[Sheet], problems: Problems
) -> None:
    known = [*(zones.table.columns if zones else ()), *(c for s in sheets for c in s.table.columns)]
    problems.error(
        "unknown-column",
        phrase(
            'no file has the column "{column}": {suggestion}', column=column, suggestion=near(column, known)
        ),
        file="city.toml",
        column=key,
        hint=phrase("Correct [zones] in city.toml."),
    )


def parents_of(
    configs: Sequence[ParentConfig],
    zones: ZoneFile | None,
    sheets: Sequence[Sheet],
    ids: Objects,
    problems: Problems,
) -> dict[str, Objects]:
    """Parents by level, finest first; every level nests in the next."""
    out: dict[str, Objects] = {}
    for config in configs:
        if config.prefix:
            out[config.level] = np.array([str(i)[: config.prefix] for i in ids], dtype=object)
            continue
        found = _by_zone(config.column, zones, sheets, ids)
        if not found:
            _no_column(config.column, "parents", zones, sheets, problems)
            continue
        out[config.level] = _agreed(config, found, ids, problems)
    _check_nesting(out, problems)
    return out


def _agreed(
    config: ParentConfig, found: list[tuple[Objects, str]], ids: Objects, problems: Problems
) -> Objects:
    parents = np.full(len(ids), "", dtype=object)
    for texts, file in found:
        clash = np.flatnonzero((parents != "") & (texts != "") & (parents != texts))
        if len(clash):
            problems.caveat(
                "moved-zone",
                phrases(
                    "{n} zone has another {level} in this file than in the first, such as zone {ids}; "
                    "the first was used",
                    "{n} zones have another {level} in this file than in the first, such as zone {ids}; "
                    "the first was used",
                    len(clash),
                    level=config.level,
                    ids=ids[clash[0]],
                ),
                file=file,
                column=config.column,
                count=len(clash),
            )
        parents = np.where(parents == "", texts, parents)
    lone = np.flatnonzero(parents == "")
    if len(lone):
        problems.caveat(
            "no-parent",
            (
                phrase(
                    'zone {ids} belongs to no {level}; it is put into one called "unknown"',
                    ids=ids[lone[0]],
                    level=config.level,
                )
                if len(lone) == 1
                else phrases(
                    '{n} zone belong to no {level}, such as zone {ids}; they are put together as "unknown"',
                    '{n} zones belong to no {level}, such as zone {ids}; they are put together as "unknown"',
                    len(lone),
                    level=config.level,
                    ids=ids[lone[0]],
                )
            ),
            column=config.column,
            count=len(lone),
        )
    return np.where(parents == "", "unknown", parents)


def _check_nesting(levels: dict[str, Objects], problems: Problems) -> None:
    names = list(levels)
    for finer, coarser in pairwise(names):
        above: dict[str, str] = {}
        for child, parent in zip(levels[finer], levels[coarser], strict=True):
            if above.setdefault(child, parent) != parent:
                problems.error(
                    "not-nested",
                    phrase(
                        '{finer} "{child}" lies in two of {coarser}: "{above}" and "{parent}"',
                        finer=finer,
                        child=child,
                        coarser=coarser,
                        above=above[child],
                        parent=parent,
                    ),
                    rule=phrase("each level nests in the next, finest first"),
                    hint=phrase("Correct parents under [zones], finest level first."),
                )
                break
