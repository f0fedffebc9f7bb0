"""Windows on a regular grid: exact sums of whole people, whatever the radius.

The grid is summed once from its corner (a summed-area table, Crow 1984, *SIGGRAPH* 18(3), 207-212); any
rectangle is then four numbers of it. A square window is one rectangle. A disc is cut into bands of rows of
the same width, each pair of bands one difference of rectangles. All sums are whole numbers: cut in bands of
rows, or done at once, the result is the same bit for bit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError

__all__ = ["SHAPES", "Integers", "Prefixes", "Shape", "asked_rows", "bands", "reach", "window_sums"]

Shape = Literal["square", "disc"]
SHAPES: tuple[str, ...] = get_args(Shape)
Integers = npt.NDArray[np.int64]

RIM = 1 + 1e-12
"""A cell exactly on the rim belongs to a window, whatever the last bit of the radius."""

SMALL = 2**31
"""Fewer people than this are summed in 32 bits: half the memory to read, and still exact."""

CACHE = 40_000
"""Cells × groups worked on at a time, so that the buffers stay near the processor."""


def reach(radius: float) -> int:
    """Rows and columns that a window needs on each side, for a radius in cells.

    Raises
    ------
    CallError
        If the radius is negative or no number.
    """
    if not (np.isfinite(radius) and radius >= 0):
        raise CallError(f"a window of {radius:g} cells: the radius is a number from 0 up")
    return int(np.floor(radius * RIM))


def bands(radius: float, shape: Shape) -> list[tuple[int, int]]:
    """Rectangles that make up a window: (rows, columns) away from the middle, by falling width.

    The window is the first rectangle, and of each further one the rows that those before do not have.

    Raises
    ------
    CallError
        If there is no such shape.
    """
    far = reach(radius)
    if shape == "square":
        return [(far, far)]
    if shape != "disc":
        raise CallError(f'there is no window "{shape}": it is one of {", ".join(SHAPES)}')
    rows = np.arange(far + 1)
    wide = np.floor(np.sqrt(np.maximum((radius * RIM) ** 2 - rows**2, 0))).astype(int)
    last = np.flatnonzero(np.append(wide[1:] != wide[:-1], True))
    return [(int(r), int(wide[r])) for r in last]


def _checked(counts: npt.ArrayLike) -> npt.NDArray[np.integer]:
    x = np.asarray(counts)
    if x.ndim != 3:
        raise CallError(f"a grid is (rows, columns, groups), not {x.shape}")
    if not np.issubdtype(x.dtype, np.integer):
        raise CallError(f"a grid holds whole people, not {x.dtype}: round what is estimated, or use points")
    if x.size and np.issubdtype(x.dtype, np.signedinteger) and int(x.min()) < 0:
        row, column, group = (int(a[0]) for a in np.nonzero(x < 0))
        raise CallError(
            f"row {row}, column {column}, group {group} of the grid: people are numbers from 0 up"
        )
    return x


@dataclass(frozen=True, slots=True, eq=False)
class Prefixes:
    """Sums of a grid from its corner, made once and asked for any number of radii.

    Parameters
    ----------
    table : (groups, rows + 1, columns + 1) array of int32 or int64
        Everybody above and left; the first row and column are 0.
    """

    table: npt.NDArray[np.integer]

    @classmethod
    def of(cls, counts: npt.ArrayLike, *, compiled: bool = False) -> Prefixes:
        """Sum (rows, columns, groups) whole people; the same numbers by numpy or by a compiled loop.

        Raises
        ------
        CallError
            If the array has another shape, or holds fractions or negative numbers.
        """
        x = _checked(counts)
        rows, columns, groups = x.shape
        most = int(x.max(initial=0)) * x.size  # quicker than the sum, and usually enough
        kind = np.int32 if most < SMALL or int(x.sum(dtype=np.int64)) < SMALL else np.int64
        table = np.empty((groups, rows + 1, columns + 1), dtype=kind)
        table[:, 0], table[:, :, 0] = 0, 0
        if compiled:
            from .compiled import sums_from_corner

            sums_from_corner(x, table)
            return cls(table)
        for g in range(groups):
            inner = table[g, 1:, 1:]
            np.cumsum(x[:, :, g], axis=1, out=inner, dtype=kind)
            np.cumsum(inner, axis=0, out=inner, dtype=kind)
        return cls(table)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Rows, columns, groups."""
        groups, rows, columns = self.table.shape
        return rows - 1, columns - 1, groups

    def planar(
        self, radius: float, shape: Shape = "square", rows: tuple[int, int] | None = None
    ) -> npt.NDArray[np.integer]:
        """(groups, rows asked, columns) sums of the windows around each cell; see `window_sums`."""
        first, last = asked_rows(rows, self.shape[0])
        out = np.zeros((self.shape[2], last - first, self.shape[1]), dtype=self.table.dtype)
        before = None
        for tall, wide in bands(radius, shape):
            strip = self._strip(first, last, tall)
            _across(strip if before is None else strip - before, wide, out)
            before = strip
        return out

    def blocks(
        self, radius: float, shape: Shape = "square", rows: tuple[int, int] | None = None
    ) -> Iterator[tuple[int, npt.NDArray[np.integer]]]:
        """First row and (groups, some rows, columns) sums, a few rows at a time."""
        first, last = asked_rows(rows, self.shape[0])
        step = max(1, CACHE // max(1, self.shape[1] * self.shape[2]))
        for start in range(first, last, step):
            yield start, self.planar(radius, shape, (start, min(last, start + step)))

    def _strip(self, first: int, last: int, tall: int) -> npt.NDArray[np.integer]:
        """(groups, rows asked, columns + 1) sums from the left over the rows at most `tall` away."""
        at = np.arange(first, last)
        low, high = np.maximum(at - tall, 0), np.minimum(at + tall + 1, self.shape[0])
        return self._rows(high) - self._rows(low)

    def _rows(self, at: npt.NDArray[np.intp]) -> npt.NDArray[np.integer]:
        if len(at) and at[-1] - at[0] == len(at) - 1:
            return self.table[:, at[0] : at[-1] + 1]  # away from the rim no copy is needed
        return self.table[:, at]


def asked_rows(rows: tuple[int, int] | None, all_rows: int) -> tuple[int, int]:
    """First and last row that are asked about: all when none are named."""
    first, last = (0, all_rows) if rows is None else rows
    if not 0 <= first <= last <= all_rows:
        raise CallError(f"rows {first} to {last} of a grid with {all_rows} rows")
    return first, last


def _across(strip: npt.NDArray[np.integer], wide: int, out: npt.NDArray[np.integer]) -> None:
    """Add to `out` what lies at most `wide` columns away."""
    columns = out.shape[2]
    wide = min(wide, columns)
    out[:, :, : columns - wide] += strip[:, :, wide + 1 :]
    out[:, :, columns - wide :] += strip[:, :, -1:]
    if wide < columns:
        out[:, :, wide:] -= strip[:, :, : columns - wide]


def window_sums(
    counts: npt.ArrayLike,
    radius: float,
    shape: Shape = "square",
    *,
    rows: tuple[int, int] | None = None,
) -> Integers:
    """People of each group in the window around each cell.

    Parameters
    ----------
    counts : (rows, columns, groups) array of integers
        Persons, >= 0. Nobody lives outside.
    radius : float
        In cells, >= 0. ``square``: cells at most so many rows and columns away; ``disc``: cells whose
        middle lies at most so far away. The cell itself always counts.
    shape : str
        ``square`` or ``disc``.
    rows : (first, last), optional
        The rows that are asked about; the others are there for the windows only. So a large grid can be
        done in bands of rows, each with `reach` rows more on both sides.

    Returns
    -------
    (last − first, columns, groups) array of int64
        Exact.

    Raises
    ------
    CallError
        If the grid holds fractions or negative numbers, or there is no such shape or row.
    """
    sums = Prefixes.of(counts).planar(radius, shape, rows)
    return np.ascontiguousarray(np.moveaxis(sums, 0, -1), dtype=np.int64)
