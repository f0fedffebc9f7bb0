"""Heights of street vertices from rasters of elevation (GeoTIFF)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError, Problem, Problems
from isopolis.model.streets import Streets
from isopolis.model.text import joint, phrase, phrases

from .failure import fail, guarded

__all__ = ["TILE", "heights"]

TILE = 512
"""Cells along one side of what is read at a time."""
_FEET = {"ft": 0.3048, "foot": 0.3048, "feet": 0.3048, "us-ft": 1200 / 3937, "us survey foot": 1200 / 3937}
_METRES = frozenset({"", "m", "metre", "meter", "metres", "meters"})
_HIGHEST = 9_000.0  # metres; no street lies higher, nor lower than the shore of the Dead Sea by much
_LOWEST = -500.0

Floats = npt.NDArray[np.float64]


def heights(path_or_paths: Path | str | Sequence[Path | str], streets: Streets) -> Streets:
    """Give every vertex its height above sea level.

    The height is interpolated between the four nearest cells, each of which stands for its centre. Where one
    of them has no value, neither has the vertex. Only the tiles that vertices lie on are read, one at a time.

    Parameters
    ----------
    path_or_paths : Path, str or a sequence of them
        GeoTIFFs in any reference system; a later one fills what the earlier ones leave open. The first band
        counts, in metres, or in feet when the file says so.
    streets : Streets

    Returns
    -------
    Streets
        With `height` (N,) metres, NaN where no raster reaches, and a caveat for every raster that reaches no
        vertex and for the vertices that remain without a height. Heights that `streets` had stay where the
        rasters say nothing.

    Raises
    ------
    CallError
        If rasterio is not installed.
    DataError
        If a file is missing, empty, damaged or without a reference system, or if its values cannot be heights
        in metres.
    """
    given = [path_or_paths] if isinstance(path_or_paths, Path | str) else list(path_or_paths)
    notes = Problems()
    height = np.full(len(streets.node_ids), np.nan)
    if streets.height is not None:
        height[:] = streets.height
    fresh = np.full(len(height), np.nan)
    for path in (Path(p) for p in given):
        open_ = np.flatnonzero(np.isnan(fresh))
        found = _sample(path, streets.lon[open_], streets.lat[open_], notes)
        fresh[open_] = found
    height = np.where(np.isnan(fresh), height, fresh)
    names = joint([Path(p).name for p in given], ", ")
    lacking = int(np.isnan(height).sum())
    if 0 < lacking < len(height):
        notes.caveat(
            "no-height",
            phrases(
                "{n} vertex of the streets has no height",
                "{n} vertices of the streets have no height",
                lacking,
            ),
            file=names,
            count=lacking,
            hint=phrase("Slopes there are unknown; give a raster that covers all streets."),
        )
    return replace(streets, height=height, caveats=(*streets.caveats, *_once(notes, streets.caveats)))


def _once(notes: Problems, before: Sequence[Problem]) -> list[Problem]:
    return [p for p in notes if p not in before]


def _sample(path: Path, lon: Floats, lat: Floats, notes: Problems) -> Floats:
    """(n,) heights from one raster, NaN where it has none."""
    if not path.is_file():
        fail(
            "missing-file",
            phrase("there is no such file"),
            file=path.name,
            hint=phrase("Correct the name in city.toml."),
        )
    if path.stat().st_size == 0:
        fail("empty-file", phrase("the file is empty"), file=path.name, hint=phrase("Get it again."))
    try:
        import rasterio
    except ImportError as error:
        raise CallError(
            phrase(
                "reading {file} needs rasterio, which is not installed: pip install 'isopolis[raster]'",
                file=path.name,
            )
        ) from error
    hint = phrase("Elevation is read from GeoTIFF; get the file again.")
    with guarded(path.name, phrase("a raster of elevation"), hint), rasterio.open(path) as raster:
        if raster.crs is None:
            fail(
                "no-crs",
                phrase("the raster names no reference system, so nobody knows where it lies"),
                file=path.name,
                hint=phrase("Give it one, for example with gdal_edit.py -a_srs EPSG:4326."),
            )
        factor = _factor(raster, path.name)
        column, row = _cells(raster, lon, lat)
        inside = (
            np.isfinite(column) & np.isfinite(row)
            & (column >= 0) & (column <= raster.width) & (row >= 0) & (row <= raster.height)
        )  # fmt: skip
        out = np.full(len(lon), np.nan)
        if inside.any():
            out[inside] = _by_tiles(raster, column[inside] - 0.5, row[inside] - 0.5) * factor
    _check(out, inside, path.name, notes)
    return out


def _factor(raster: Any, file: str) -> float:
    """Metres of one unit of the first band."""
    unit = str(raster.units[0] or "").strip().lower()
    if unit in _METRES:
        return 1.0
    if unit not in _FEET:
        fail(
            "unknown-unit",
            phrase("the heights are in a unit that is not known"),
            file=file,
            value=unit[:40],
            rule=phrase("metres or feet"),
        )
    return _FEET[unit]


def _cells(raster: Any, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Column and row of each point, counted from the corner of the first cell."""
    from pyproj import CRS, Transformer

    to = Transformer.from_crs("EPSG:4326", CRS.from_user_input(raster.crs.to_wkt()), always_xy=True)
    x, y = (np.asarray(v, dtype=float) for v in to.transform(lon, lat))
    if raster.crs.is_geographic:
        # a raster may reach across the date line, or count from 0 to 360
        left, right = raster.bounds.left, raster.bounds.right
        x = np.where((x < left) | (x > right), left + (x - left) % 360.0, x)
    back = ~raster.transform
    with np.errstate(invalid="ignore"):  # points that the system cannot show are infinite
        return back.a * x + back.b * y + back.c, back.d * x + back.e * y + back.f


def _by_tiles(raster: Any, column: Floats, row: Floats) -> Floats:
    """Interpolate at places counted from the centre of the first cell, tile by tile."""
    width, height = raster.width, raster.height
    # half a cell beyond the outermost centres still belongs to the outermost cells
    column, row = np.clip(column, 0, width - 1), np.clip(row, 0, height - 1)
    left = np.minimum(np.floor(column).astype(np.int64), max(width - 2, 0))
    top = np.minimum(np.floor(row).astype(np.int64), max(height - 2, 0))
    tile = (top // TILE) * (width // TILE + 1) + left // TILE
    order = np.argsort(tile, kind="stable")
    cuts = np.flatnonzero(np.diff(tile[order])) + 1
    out = np.full(len(column), np.nan)
    for some in np.split(order, cuts):
        c0, r0 = int(left[some].min()), int(top[some].min())
        values = _read(raster, c0, r0, int(left[some].max()) + 2, int(top[some].max()) + 2)
        out[some] = _between(values, column[some] - c0, row[some] - r0, left[some] - c0, top[some] - r0)
    return out


def _read(raster: Any, c0: int, r0: int, c1: int, r1: int) -> Floats:
    """Values of a window in the unit of the band, NaN where there is none."""
    from rasterio.windows import Window

    window = Window(c0, r0, min(c1, raster.width) - c0, min(r1, raster.height) - r0)
    band = raster.read(1, window=window, masked=True)
    values: Floats = band.astype(np.float64).filled(np.nan) * raster.scales[0] + raster.offsets[0]
    values[~np.isfinite(values)] = np.nan
    return values


def _between(
    values: Floats, column: Floats, row: Floats, left: npt.NDArray[np.int64], top: npt.NDArray[np.int64]
) -> Floats:
    """Bilinear interpolation; a neighbour without a value counts only where it has weight."""
    right, below = np.minimum(left + 1, values.shape[1] - 1), np.minimum(top + 1, values.shape[0] - 1)
    u, v = column - left, row - top
    out = np.zeros(len(column))
    for r, c, weight in (
        (top, left, (1 - u) * (1 - v)),
        (top, right, u * (1 - v)),
        (below, left, (1 - u) * v),
        (below, right, u * v),
    ):
        out += np.where(weight > 0, weight * values[r, c], 0.0)
    return out


def _check(found: Floats, inside: npt.NDArray[np.bool_], file: str, notes: Problems) -> None:
    """Refuse what cannot be heights, and say when a raster lies elsewhere."""
    known = found[np.isfinite(found)]
    if not len(known):
        said = (
            phrase("the raster has no values where the streets are")
            if inside.any()
            else phrase("the raster does not reach the streets")
        )
        notes.caveat(
            "elevation-elsewhere",
            said,
            file=file,
            hint=phrase("Slopes stay unknown; give a raster of this place."),
        )
        return
    wrong = known[(known < _LOWEST) | (known > _HIGHEST)]
    if len(wrong):
        fail(
            "no-heights",
            phrase("these values cannot be heights of streets"),
            file=file,
            value=f"{wrong[0]:g}",
            count=len(wrong),
            rule=phrase("{low} to {high} metres", low=f"{_LOWEST:g}", high=f"{_HIGHEST:g}"),
            hint=phrase("State the value that stands for no height (nodata) in the file, or take another."),
        )
