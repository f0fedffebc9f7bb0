"""Getting a grid: the door that the command line and notebooks use to the readers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from isopolis.read.grids import Grid

__all__ = ["open_grid"]


def open_grid(files: Sequence[str | Path], *, names: Sequence[str] = (), cell: float = 0.0) -> Grid:
    """Open ``.npy`` files or a raster; see `isopolis.read.grids.read_grid`."""
    from isopolis.read.grids import read_grid

    return read_grid(files, names=names, cell=cell)
