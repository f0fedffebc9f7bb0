"""Grids of people, read by rows: large ones are never in memory as a whole.

A grid is (rows, columns, groups) whole people. Three forms: an array, ``.npy`` files that are mapped into
memory, and rasters (GeoTIFF and what GDAL reads) with one band for each group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError, DataError, Problem
from isopolis.model.text import phrase

__all__ = ["ArrayGrid", "Grid", "NpyGrid", "RasterGrid", "read_grid"]

Whole = npt.NDArray[np.integer]


class Grid(Protocol):
    """What a run asks of a grid; small to send, unless it is an array."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Rows, columns, groups."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the groups."""
        ...

    @property
    def cell(self) -> float:
        """Metres along the side of a cell; 0 when the file does not say."""
        ...

    @property
    def itemsize(self) -> int:
        """Bytes of one number."""
        ...

    def rows(self, first: int, last: int) -> tuple[Whole, int]:
        """Return (last − first, columns, groups) people, and how many cells are not known (0 is there)."""
        ...

    def identity(self) -> dict[str, Any]:
        """What tells this grid from another, as plain JSON values."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class ArrayGrid:
    """A grid in memory, or some rows of one, which begin at row `start`."""

    array: Whole
    names: tuple[str, ...] = ()
    cell: float = 0.0
    start: int = 0
    all_rows: int = -1
    unknown: int = 0

    def __post_init__(self) -> None:
        if self.array.ndim != 3:
            raise CallError(phrase("a grid is (rows, columns, groups), not {shape}", shape=self.array.shape))
        _whole("the array", self.array.dtype)
        if self.all_rows < 0:
            object.__setattr__(self, "all_rows", len(self.array))
        object.__setattr__(self, "names", _names(self.names, self.array.shape[2]))

    @property
    def shape(self) -> tuple[int, int, int]:
        """Rows, columns, groups of the whole grid."""
        return (self.all_rows, self.array.shape[1], self.array.shape[2])

    @property
    def itemsize(self) -> int:
        """Bytes of one number."""
        return int(self.array.dtype.itemsize)

    def rows(self, first: int, last: int) -> tuple[Whole, int]:
        """Return rows, which must be among those that are here."""
        return self.array[first - self.start : last - self.start], self.unknown

    def identity(self) -> dict[str, Any]:
        """Return shape and digest of the numbers."""
        import hashlib

        digest = hashlib.sha256(np.ascontiguousarray(self.array).data).hexdigest()
        return {"shape": list(self.shape), "dtype": self.array.dtype.str, "sha256": digest}


@dataclass(frozen=True, slots=True)
class NpyGrid:
    """A ``.npy`` file (rows, columns, groups), or one (rows, columns) for each group; mapped, not read."""

    files: tuple[str, ...]
    names: tuple[str, ...] = ()
    cell: float = 0.0
    _shape: tuple[int, int, int] = field(init=False, default=(0, 0, 0))
    _itemsize: int = field(init=False, default=8)

    def __post_init__(self) -> None:
        maps = [_mapped(f) for f in self.files]
        shapes = {m.shape for m in maps}
        if len(maps) == 1 and maps[0].ndim == 3:
            shape = maps[0].shape
        elif len(shapes) == 1 and maps[0].ndim == 2:
            shape = (*maps[0].shape, len(maps))
        else:
            said = ", ".join(f"{Path(f).name} {m.shape}" for f, m in zip(self.files, maps, strict=True))
            raise _refused(
                "grid-shape",
                phrase("the arrays do not make one grid: {shapes}", shapes=said),
                rule=phrase("one array (rows, columns, groups), or one (rows, columns) for each group"),
            )
        object.__setattr__(self, "_shape", shape)
        object.__setattr__(self, "_itemsize", max(m.dtype.itemsize for m in maps))
        object.__setattr__(self, "names", _names(self.names or _stems(self.files), shape[2]))

    def __reduce__(self) -> tuple[Any, ...]:
        return NpyGrid, (self.files, self.names, self.cell)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Rows, columns, groups."""
        return self._shape

    @property
    def itemsize(self) -> int:
        """Bytes of one number."""
        return self._itemsize

    def rows(self, first: int, last: int) -> tuple[Whole, int]:
        """Return rows, read from the disk now."""
        # copied out of the map: what is mapped counts as memory of the process as long as it is looked at
        if self._shape[2] == 1 or len(self.files) > 1:
            parts = [np.array(_mapped(f)[first:last]) for f in self.files]
            if parts[0].ndim == 3:
                return parts[0], 0
            kind = np.result_type(*parts)
            # signed and unsigned long numbers have no common kind but that of fractions
            return np.stack(
                parts, axis=2, dtype=kind if kind.kind in "iu" else np.int64, casting="same_kind"
            ), 0
        return np.array(_mapped(self.files[0])[first:last]), 0

    def identity(self) -> dict[str, Any]:
        """Return shape, sizes and times of the files: reading gigabytes to tell them apart would be slow."""
        return {"shape": list(self.shape), "files": [_stamp(f) for f in self.files]}


@dataclass(frozen=True, slots=True)
class RasterGrid:
    """A raster with a band of whole people for each group, read by windows with rasterio."""

    file: str
    names: tuple[str, ...] = ()
    cell: float = 0.0
    _shape: tuple[int, int, int] = field(init=False, default=(0, 0, 0))
    _itemsize: int = field(init=False, default=8)

    def __post_init__(self) -> None:
        with _raster(self.file) as raster:
            shape = (raster.height, raster.width, raster.count)
            described = tuple(d or "" for d in raster.descriptions)
            transform, metric = raster.transform, raster.crs is not None and raster.crs.is_projected
        if abs(abs(transform.a) - abs(transform.e)) > 1e-6 * abs(transform.a) or transform.b or transform.d:
            raise _refused(
                "grid-cells",
                phrase("the cells of {file} are no squares", file=Path(self.file).name),
                rule=phrase("square cells in metres, not turned"),
            )
        put = object.__setattr__
        put(self, "_shape", shape)
        put(self, "names", _names(self.names or (described if all(described) else ()), shape[2]))
        put(self, "cell", self.cell or (abs(transform.a) if metric else 0.0))

    def __reduce__(self) -> tuple[Any, ...]:
        return RasterGrid, (self.file, self.names, self.cell)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Rows, columns, groups."""
        return self._shape

    @property
    def itemsize(self) -> int:
        """Bytes of one number."""
        return self._itemsize

    def rows(self, first: int, last: int) -> tuple[Whole, int]:
        """Return rows; a cell with "no data" in any band counts as not known."""
        with _raster(self.file) as raster:
            read = raster.read(window=((first, last), (0, self._shape[1])), masked=True)
        known = ~np.ma.getmaskarray(read).any(axis=0)
        people = np.where(known, np.ma.getdata(read), 0)
        if not np.issubdtype(people.dtype, np.integer):
            rounded = np.rint(people)
            if not np.array_equal(rounded, people):
                band, row, column = (int(a[0]) for a in np.nonzero(rounded != people))
                raise _refused(
                    "grid-fractions",
                    phrase(
                        "band {band}, row {row}, column {column} holds a part of a person",
                        band=band + 1,
                        row=row + first,
                        column=column,
                    ),
                    file=Path(self.file).name,
                    value=str(people[band, row, column]),
                    rule=phrase("whole people: round what is estimated, and say so with the result"),
                )
            people = rounded.astype(np.int64)
        return np.ascontiguousarray(np.moveaxis(people, 0, 2)), int(known.size - known.sum())

    def identity(self) -> dict[str, Any]:
        """Return shape, size and time of the file."""
        return {"shape": list(self.shape), "files": [_stamp(self.file)]}


def read_grid(files: Sequence[str | Path], *, names: Sequence[str] = (), cell: float = 0.0) -> Grid:
    """Open a grid: one or more ``.npy`` files, or one raster.

    Parameters
    ----------
    files : sequence of paths
    names : sequence of str
        Names of the groups; those in the file, or of the files, when not given.
    cell : float
        Metres along the side of a cell; what the file says when 0.

    Raises
    ------
    DataError
        If a file is no grid of whole people.
    CallError
        If there is no such file, or names and groups differ in number.
    """
    paths = [Path(f) for f in files]
    for path in paths:
        if not path.is_file():
            raise CallError(phrase("there is no file {file}", file=path))
    texts = tuple(str(p.resolve()) for p in paths)
    if paths and all(p.suffix == ".npy" for p in paths):
        return NpyGrid(texts, tuple(names), cell)
    if len(paths) == 1:
        return RasterGrid(texts[0], tuple(names), cell)
    raise CallError(phrase("give .npy files, or one raster with a band for each group"))


def sent(grid: Grid, first: int, last: int) -> ArrayGrid:
    """Read some rows now, as a grid that can be sent to a worker that does not see the file."""
    array, unknown = grid.rows(first, last)
    return ArrayGrid(array, grid.names, grid.cell, first, grid.shape[0], unknown)


def _mapped(file: str) -> Any:
    try:
        array = np.load(file, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise _refused(
            "grid-unreadable",
            phrase("this is no whole .npy file: {why}", why=error),
            file=Path(file).name,
            rule=phrase("an array written by numpy.save"),
        ) from error
    _whole(Path(file).name, array.dtype)
    return array


def _raster(file: str) -> Any:
    try:
        import rasterio
    except ImportError as error:
        raise CallError(
            phrase(
                "reading {file} needs rasterio, which is not installed: pip install 'isopolis[raster]';"
                " .npy files need nothing more",
                file=Path(file).name,
            )
        ) from error
    try:
        return rasterio.open(file)
    except rasterio.errors.RasterioIOError as error:
        raise _refused(
            "grid-unreadable", phrase("this is no raster: {why}", why=error), file=Path(file).name
        ) from error


def _whole(what: str, dtype: np.dtype[Any]) -> None:
    if not np.issubdtype(dtype, np.integer):
        raise _refused(
            "grid-fractions",
            phrase("{what} holds {dtype}, not whole people", what=what, dtype=str(dtype)),
            rule=phrase("whole numbers: round what is estimated, and say so with the result"),
        )


def _names(given: Sequence[str], groups: int) -> tuple[str, ...]:
    names = tuple(given) or tuple(f"group {g + 1}" for g in range(groups))
    if len(names) != groups or len(set(names)) != groups:
        raise CallError(
            phrase("the grid has {n} groups; they need as many different names, not {names}",
                   n=groups, names=", ".join(names))
        )  # fmt: skip
    return names


def _stems(files: Sequence[str]) -> tuple[str, ...]:
    return tuple(Path(f).stem for f in files) if len(files) > 1 else ()


def _stamp(file: str) -> dict[str, Any]:
    state = Path(file).stat()
    return {"name": Path(file).name, "bytes": state.st_size, "changed": state.st_mtime_ns}


def _refused(code: str, message: str, **where: Any) -> DataError:
    return DataError([Problem(code, message, **where)])
