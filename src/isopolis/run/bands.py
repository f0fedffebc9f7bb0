"""A grid cut into bands of rows, each with the rows around it that its windows reach into."""

from __future__ import annotations

from dataclasses import dataclass

from isopolis.model import CallError
from isopolis.model.text import phrase

__all__ = ["Band", "bands", "rows_that_fit"]

PARTS_PER_WORKER = 8
"""Bands for each worker where fewer would fit: progress is seen, and little is lost with a worker."""


@dataclass(frozen=True, slots=True)
class Band:
    """Rows ``first`` to ``last`` (not included) of a grid, read from ``top`` to ``bottom``.

    A band is as wide as the grid: the numbers of a row are then added up in one order, wherever the grid
    is cut.
    """

    first: int
    last: int
    top: int
    bottom: int

    @property
    def inside(self) -> tuple[int, int]:
        """Where the rows that are asked about lie in what is read."""
        return self.first - self.top, self.last - self.top


def bands(rows: int, each: int, halo: int) -> tuple[Band, ...]:
    """Cut `rows` rows into bands of `each`, which read `halo` rows more on both sides.

    Raises
    ------
    CallError
        If `each` is not at least 1.
    """
    if each < 1:
        raise CallError(phrase("a band has at least one row, not {n}", n=each))
    return tuple(
        Band(a, min(a + each, rows), max(0, a - halo), min(rows, a + each + halo))
        for a in range(0, rows, each)
    )


def rows_that_fit(rows: int, bytes_per_row: int, halo: int, memory: int, workers: int = 1) -> int:
    """Rows of a band that keep a worker below `memory` bytes; at least 1.

    Parameters
    ----------
    rows : int
        Rows of the grid.
    bytes_per_row : int
        What one row takes while it is worked on.
    halo : int
        Rows more on each side.
    memory : int
        Bytes that a worker may use for a band.

    Raises
    ------
    CallError
        If one row with its halo does not fit; the message says what would.
    """
    fit = memory // max(bytes_per_row, 1) - 2 * halo
    if fit < 1:
        need = bytes_per_row * (2 * halo + 1)
        raise CallError(
            phrase(
                "the longest radius reaches {halo} rows: with them one row takes {need} MiB, and a worker has"
                " {have} MiB for it. Give workers more memory, or leave the longest radius out",
                halo=halo,
                need=-(-need // 2**20),
                have=memory // 2**20,
            )
        )
    small = -(-rows // (PARTS_PER_WORKER * max(workers, 1)))
    # a band thinner than its halo would read most rows more than three times
    return max(1, min(fit, max(small, 2 * halo), rows))
