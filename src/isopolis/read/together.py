"""Checking tables against each other and against the outlines."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import Counts, Mechanism, Problems
from isopolis.model.text import listing, phrase, phrases

from .counts_wide import Sheet
from .wording import listed, named_zones
from .zones import ZoneFile

__all__ = ["compare_zones", "one_each"]

Objects = npt.NDArray[np.object_]


def one_each(counts: list[Counts], problems: Problems) -> list[Counts]:
    """Join tables that hold the same crossing at the same date for different zones."""
    out: dict[tuple[object, ...], Counts] = {}
    for c in counts:
        key = (tuple(d.name for d in c.dimensions), c.date, c.universe)
        if key not in out:
            out[key] = c
            continue
        first = out[key]
        names = " × ".join(d.name for d in c.dimensions) or phrase("the total")
        both = first.covered & c.covered
        if both.any() or [d.categories for d in first.dimensions] != [d.categories for d in c.dimensions]:
            problems.error(
                "repeated-table",
                phrase(
                    "two tables hold {table} of the same people",
                    table=names,
                ),
                rule=phrase("one table per crossing, universe and date"),
                hint=phrase("Give them dates, or universes, or drop one."),
            )
            continue
        out[key] = _joined(first, c)
    return list(out.values())


def _joined(first: Counts, second: Counts) -> Counts:
    take = second.covered.reshape(-1, *[1] * (second.values.ndim - 1))
    bounds: dict[str, npt.NDArray[np.float64]] = {}
    if first.lower is not None or second.lower is not None:
        for name in ("lower", "upper"):
            a, b = (getattr(c, name) if getattr(c, name) is not None else c.values for c in (first, second))
            bounds[name] = np.where(take, b, a)
    return replace(
        first,
        values=np.where(take, second.values, first.values),
        mechanism=np.where(take, second.mechanism, first.mechanism),
        lower=bounds.get("lower"),
        upper=bounds.get("upper"),
    )


def compare_zones(
    ids: Objects, zones: ZoneFile | None, counts: list[Counts], sheets: list[Sheet], problems: Problems
) -> None:
    """Say which zones lack an outline, counts, or counts at one date."""
    everywhere = {int(z) for s in sheets if s.config.layout != "values" for z in np.unique(s.zone)}
    people = np.max([c.totals() for c in counts], axis=0)
    if zones is not None:
        bare = [i for i in range(len(zones.ids)) if i not in everywhere]
        if bare:
            problems.caveat(
                "zone-without-counts",
                phrases(
                    "{n} zone has an outline and no counts: {zones}",
                    "{n} zones have an outline and no counts: {zones}",
                    len(bare),
                    zones=named_zones(ids[bare]),
                ),
                file=zones.table.file,
                count=len(bare),
            )
        lost = list(range(len(zones.ids), len(ids)))
        if lost:
            problems.caveat(
                "counts-without-outline",
                phrases(
                    "{n} zone has counts and no outline: {zones} ({people}); counted in every measure "
                    "that needs no map",
                    "{n} zones have counts and no outline: {zones} ({people}); counted in every measure "
                    "that needs no map",
                    len(lost),
                    zones=named_zones(ids[lost]),
                    people=_people(people[lost]),
                ),
                file=zones.table.file,
                count=len(lost),
            )
    for sheet in sheets:
        if sheet.config.layout != "values":
            _say_missing(ids, sheet, everywhere, people, problems)
    _say_not_collected(ids, counts, sheets, problems)


def _say_missing(
    ids: Objects, sheet: Sheet, everywhere: set[int], people: npt.NDArray[np.float64], problems: Problems
) -> None:
    for date, rows in sheet.by_date().items():
        gone = sorted(everywhere - set(np.unique(sheet.zone[rows]).tolist()))
        if gone:
            problems.caveat(
                "zone-missing-in-table",
                phrases(
                    "{n} zone counted elsewhere is missing {here}: {zones} ({people} elsewhere)",
                    "{n} zones counted elsewhere are missing {here}: {zones} ({people} elsewhere)",
                    len(gone),
                    here=phrase("here ({date})", date=date) if date else phrase("here"),
                    zones=named_zones(ids[gone]),
                    people=_people(people[gone]),
                ),
                file=sheet.table.file,
                count=len(gone),
            )


def _people(numbers: npt.NDArray[np.float64]) -> str:
    return phrases("{n} person", "{n} people", float(numbers.sum()))


def _about(what: str, date: str) -> str:
    """Name a table of counts, with its date when it has one."""
    return phrase("{table} at {date}", table=what, date=date) if date else what


def _say_not_collected(ids: Objects, counts: list[Counts], sheets: list[Sheet], problems: Problems) -> None:
    for c in counts:
        flat = c.mechanism.reshape(len(ids), -1)
        some = np.flatnonzero(
            (flat == Mechanism.NOT_COLLECTED).any(axis=1) & (flat != Mechanism.NOT_COLLECTED).any(axis=1)
        )
        hidden = np.flatnonzero((flat == Mechanism.INTERVAL).any(axis=1))
        names = " × ".join(d.name for d in c.dimensions) or phrase("the total")
        if len(some):
            _say_gaps(names, ids, c, some, sheets, problems)
        if len(hidden):
            cells = int((flat == Mechanism.INTERVAL).sum())
            problems.caveat(
                "suppressed-cells",
                phrases(
                    "{n} cell of {table} is suppressed; only bounds are known",
                    "{n} cells of {table} are suppressed; only bounds are known",
                    cells,
                    table=_about(names, c.date),
                ),
                **(_place(c, Mechanism.INTERVAL, hidden, sheets) | {"count": cells, "rows": ()}),
            )


def _say_gaps(
    what: str, ids: Objects, c: Counts, some: npt.NDArray[np.int64], sheets: list[Sheet], problems: Problems
) -> None:
    gaps = (c.mechanism.reshape(len(ids), -1)[some] == Mechanism.NOT_COLLECTED).any(axis=0)
    groups = [listing(category for _, category in g) for g, gap in zip(c.groups(), gaps, strict=True) if gap]
    some_of = _about(phrase("{table} ({groups})", table=what, groups=listed(groups, 4)), c.date)
    problems.caveat(
        "missing-cells",
        phrases(
            "{zones} has no number for some of {groups} and was left out of {parts} only",
            "{zones} have no number for some of {groups} and were left out of {parts} only",
            len(some),
            zones=named_zones(ids[some]),
            groups=some_of,
            parts=phrase("this dimension") if len(c.dimensions) == 1 else phrase("this table"),
        ),
        **({"count": len(some)} | _place(c, Mechanism.NOT_COLLECTED, some, sheets)),
    )


def _place(
    c: Counts, mechanism: Mechanism, zones: npt.NDArray[np.int64], sheets: list[Sheet]
) -> dict[str, Any]:
    """File, rows and column from which the cells of these zones came, as far as one file tells."""
    for sheet in sheets:
        config = sheet.config
        names = {d.name for d in config.dimensions}
        universes = {config.universe, *(d.universe for d in config.dimensions)}
        if (
            c.date not in sheet.dates
            or c.universe not in universes
            or not {d.name for d in c.dimensions} <= names
        ):
            continue
        rows = np.flatnonzero(np.isin(sheet.zone, zones) & (sheet.date == sheet.dates.index(c.date)))
        if not len(rows):
            continue
        place: dict[str, Any] = {"file": sheet.table.file}
        if sheet.config.layout == "wide":
            place |= {"rows": sheet.table.shown(rows), "count": len(rows)}
        column = _column(c, mechanism, sheet)
        return place | ({"column": column} if column else {})
    return {}


def _column(c: Counts, mechanism: Mechanism, sheet: Sheet) -> str:
    if sheet.config.layout == "long" or len(c.dimensions) != 1:
        return sheet.config.count
    hit = (c.mechanism == mechanism).any(axis=0)
    names = [n for n, h in zip(c.dimensions[0].categories, hit, strict=True) if h]
    return next((n for n in names if n in sheet.table.columns), "")
