"""Checking tables against each other and against the outlines."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from isopolis.model import Counts, Mechanism, Problems

from .counts_wide import Sheet
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
        names = " × ".join(d.name for d in c.dimensions) or "the total"
        both = first.covered & c.covered
        if both.any() or [d.categories for d in first.dimensions] != [d.categories for d in c.dimensions]:
            problems.error(
                "repeated-table",
                f"two tables hold {names} of the same people{' at ' + c.date if c.date else ''}",
                rule="one table per crossing, universe and date",
                hint="Give them dates, or universes, or drop one.",
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


def _listed(items: list[str]) -> str:
    return ", ".join(items[:5]) + (f" and {len(items) - 5} more" if len(items) > 5 else "")


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
                f"{len(bare)} zones have an outline and no counts: {_listed([str(ids[i]) for i in bare])}",
                file=zones.table.file,
                count=len(bare),
            )
        lost = list(range(len(zones.ids), len(ids)))
        if lost:
            problems.caveat(
                "counts-without-outline",
                f"{len(lost)} zones have counts and no outline: "
                f"{_listed([str(ids[i]) for i in lost])} ({people[lost].sum():,.0f} people); they are "
                f"counted in every "
                "measure that needs no map",
                file=zones.table.file,
                count=len(lost),
            )
    for sheet in sheets:
        if sheet.config.layout != "values":
            _say_missing(ids, sheet, everywhere, people, problems)
    _say_not_collected(ids, counts, problems)


def _say_missing(
    ids: Objects, sheet: Sheet, everywhere: set[int], people: npt.NDArray[np.float64], problems: Problems
) -> None:
    for date, rows in sheet.by_date().items():
        gone = sorted(everywhere - set(np.unique(sheet.zone[rows]).tolist()))
        if gone:
            problems.caveat(
                "zone-missing-in-table",
                f"{len(gone)} zones that are counted elsewhere are missing "
                f"here{' (' + date + ')' if date else ''}: "
                f"{_listed([str(ids[i]) for i in gone])} ({people[gone].sum():,.0f} people elsewhere)",
                file=sheet.config.file,
                count=len(gone),
            )


def _say_not_collected(ids: Objects, counts: list[Counts], problems: Problems) -> None:
    for c in counts:
        flat = c.mechanism.reshape(len(ids), -1)
        some = np.flatnonzero(
            (flat == Mechanism.NOT_COLLECTED).any(axis=1) & (flat != Mechanism.NOT_COLLECTED).any(axis=1)
        )
        hidden = int((flat == Mechanism.INTERVAL).sum())
        names = " × ".join(d.name for d in c.dimensions) or "the total"
        at = f" at {c.date}" if c.date else ""
        if len(some):
            problems.caveat(
                "missing-cells",
                f"{len(some)} zones lack some of {names}{at}: {_listed([str(ids[i]) for i in some])}",
                count=len(some),
            )
        if hidden:
            problems.caveat(
                "suppressed-cells",
                f"{hidden} cells of {names}{at} are suppressed; only bounds are known",
                count=hidden,
            )
