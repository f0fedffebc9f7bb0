"""Zones that stand in rows and columns: a regular grid found from their points alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..arrays import Floats
from .grid import Prefixes, Shape

__all__ = ["Lattice", "lattice"]

OFF = 1e-3
"""How far a point may lie from its place, in steps: coordinates are often rounded to a metre or less."""

RIM = 1e-9
"""Part of a radius by which a cell may lie beyond it and still belong."""

THIN = 50
"""Cells for one zone at most; a few far-off zones would make a table of nothing but empty cells."""


@dataclass(frozen=True, slots=True, eq=False)
class Lattice:
    """Rows and columns of zones.

    Parameters
    ----------
    rows, columns : int
    row, column : (Z,) int arrays
        Place of each zone; no two share one.
    step : float
        Metres between neighbours, the same both ways.
    """

    rows: int
    columns: int
    row: npt.NDArray[np.intp]
    column: npt.NDArray[np.intp]
    step: float

    def spread(self, x: Floats) -> Floats:
        """(Z, G) → (rows, columns, G); nobody where no zone is."""
        out = np.zeros((self.rows, self.columns, x.shape[1]))
        out[self.row, self.column] = x
        return out

    def sums(self, x: Floats) -> Prefixes:
        """Sums of (Z, G) people from the corner: whole numbers where people are whole."""
        whole = np.rint(x)
        if np.array_equal(whole, x):
            return Prefixes.of(self.spread(x).astype(np.int64))
        table = np.zeros((x.shape[1], self.rows + 1, self.columns + 1))
        table[:, 1:, 1:] = np.moveaxis(self.spread(x), -1, 0).cumsum(axis=1).cumsum(axis=2)
        return Prefixes(table)  # type: ignore[arg-type]

    def windows(self, x: Floats, radius: float, shape: Shape = "disc") -> Floats:
        """(Z, G) people within `radius` metres of each zone."""
        sums = self.sums(x)
        out = np.zeros(x.shape)
        order = np.argsort(self.row, kind="stable")
        at = self.row[order]
        # as much room for rounding as pairs of points have: the step is only nearly what it was meant to be
        for start, block in sums.blocks(radius / self.step * (1 + RIM), shape):
            mine = order[np.searchsorted(at, start) : np.searchsorted(at, start + block.shape[1])]
            out[mine] = block[:, self.row[mine] - start, self.column[mine]].T
        return out


def lattice(points: npt.ArrayLike) -> Lattice | None:
    """Find the grid that zones stand in.

    Parameters
    ----------
    points : (Z, 2) array, metres

    Returns
    -------
    Lattice or None
        None when the points are no square grid along the axes, or a very sparse one.
    """
    at = np.asarray(points, dtype=np.float64)
    if len(at) < 4:
        return None
    steps = [_step(at[:, axis]) for axis in (0, 1)]
    if None in steps or abs(steps[0] - steps[1]) > OFF * steps[0]:  # type: ignore[operator]
        return None
    step = float(np.mean(steps))  # type: ignore[arg-type]
    place = (at - at.min(axis=0)) / step
    cells = np.rint(place).astype(np.intp)
    columns, rows = (int(n) + 1 for n in cells.max(axis=0))
    if np.abs(place - cells).max() > 10 * OFF or rows * columns > THIN * len(at):
        return None
    if len(np.unique(cells[:, 1] * columns + cells[:, 0])) < len(at):
        return None
    return Lattice(rows, columns, cells[:, 1], cells[:, 0], step)


def _step(values: Floats) -> float | None:
    """Distance between neighbouring lines, or None."""
    gaps = np.diff(np.unique(values))
    width = float(values.max() - values.min())
    gaps = gaps[gaps > 1e-6 * width] if width > 0 else gaps[:0]
    if not len(gaps):
        return None
    least = float(gaps.min())
    near = gaps[gaps < 1.5 * least]
    step = float(near.mean())
    lines = width / step
    if abs(lines - round(lines)) > 0.05 or lines < 1:
        return None
    return width / round(lines)
