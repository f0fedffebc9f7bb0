"""Parsed columns → cells with mechanism and bounds, by zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import Counts, Dimension, Mechanism

from .numbers import Kind, Parsed

__all__ = ["Cells", "bounded", "cells_of", "counts_of", "joined", "scatter"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Counts by row and category, each with how it is known: all arrays are (n, ...)."""

    values: Floats
    mechanism: Codes
    lower: Floats
    upper: Floats

    def take(self, rows: npt.NDArray[np.int64]) -> Cells:
        """Keep some rows."""
        return Cells(self.values[rows], self.mechanism[rows], self.lower[rows], self.upper[rows])

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """True where the number itself is known."""
        return self.mechanism < Mechanism.INTERVAL


def cells_of(columns: Sequence[Parsed], default: Mechanism = Mechanism.EXACT) -> Cells:
    """Put parsed columns side by side."""
    kind = np.stack([p.kind for p in columns], axis=1)
    mechanism = np.full(kind.shape, default, dtype=np.uint8)
    mechanism[kind == Kind.SUPPRESSED] = Mechanism.INTERVAL
    mechanism[(kind != Kind.NUMBER) & (kind != Kind.SUPPRESSED)] = Mechanism.NOT_COLLECTED
    values, lower, upper = (
        np.stack([getattr(p, n) for p in columns], axis=1) for n in ("values", "lower", "upper")
    )
    gone = mechanism == Mechanism.NOT_COLLECTED
    values, lower, upper = (np.where(gone, 0.0, a) for a in (values, lower, upper))
    return Cells(values, mechanism, lower, upper)


def joined(first: Cells, second: Cells, axis: int | None = None) -> Cells:
    """Put cells beside each other: as further columns, or along a new `axis`."""

    def put(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.column_stack([a, b]) if axis is None else np.stack([a, b], axis=axis)

    return Cells(
        put(first.values, second.values),
        put(first.mechanism, second.mechanism),
        put(first.lower, second.lower),
        put(first.upper, second.upper),
    )


def bounded(cells: Cells, total: Floats | None) -> Cells:
    """Bound what was hidden without a bound by what the total leaves; give up where there is no total."""
    open_end = np.isinf(cells.upper)
    if not open_end.any():
        return cells
    sure = np.where(open_end, 0.0, cells.lower).sum(axis=1, keepdims=True)
    room = np.zeros_like(sure) if total is None else np.maximum(total[:, None] - sure, 0.0)
    upper = np.where(open_end, room, cells.upper)
    hopeless = open_end & (total is None)
    mechanism = np.where(hopeless, np.uint8(Mechanism.NOT_COLLECTED), cells.mechanism)
    values = np.where(open_end & ~hopeless, upper / 2, cells.values)
    return Cells(values, mechanism.astype(np.uint8), cells.lower, upper)


def scatter(cells: Cells, zone: npt.NDArray[np.int64], zones: int) -> Cells:
    """Spread rows over all zones of the city; a zone without a row was not collected."""
    shape = (zones, *cells.values.shape[1:])
    out = [np.zeros(shape) for _ in range(3)]
    mechanism = np.full(shape, Mechanism.NOT_COLLECTED, dtype=np.uint8)
    for target, source in zip(out, (cells.values, cells.lower, cells.upper), strict=True):
        target[zone] = source
    mechanism[zone] = cells.mechanism
    return Cells(out[0], mechanism, out[1], out[2])


def counts_of(
    cells: Cells,
    zone_ids: npt.NDArray[np.object_],
    dimensions: tuple[Dimension, ...],
    *,
    date: str,
    universe: str,
    source: str,
    parameter: float = 0.0,
    weighted: bool = False,
    se: Floats | None = None,
) -> Counts:
    """Make `Counts`, with bounds only where something is hidden."""
    hidden = bool((cells.mechanism == Mechanism.INTERVAL).any())
    return Counts(
        zone_ids,
        dimensions,
        cells.values,
        cells.mechanism,
        date=date,
        universe=universe,
        source=source,
        lower=cells.lower if hidden else None,
        upper=cells.upper if hidden else None,
        se=se,
        parameter=parameter,
        weighted=weighted,
    )
