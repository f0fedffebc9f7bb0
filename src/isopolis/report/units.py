"""What a map is drawn with: the zones, or areas made of them when they are too many."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import City
from isopolis.model.text import phrase
from isopolis.model.vocabulary import standard

from .prose import clean, metres, people

__all__ = ["AGGREGATE_ABOVE", "RASTER_ABOVE", "Units", "units_of"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

RASTER_ABOVE = 1_500
AGGREGATE_ABOVE = 20_000
PARENTS_FROM, PARENTS_BELOW = 50, 5_000
"""Fewer areas than this say less than squares do; more are a blur again."""
GRID_CELLS = 3_000
MAP_PIXELS = 460


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """Shapes to colour, and which zone falls in which.

    Parameters
    ----------
    shapes : (N,) array of shapely geometries
        Simplified for drawing.
    names : (N,) array of str
    of_zone : (Z,) int array
        Shape of each zone, -1 for a zone that is not drawn.
    bounds : tuple of float
        xmin, ymin, xmax, ymax in metres.
    note : str
        How the shapes were made, when they are not the zones.
    """

    shapes: npt.NDArray[np.object_]
    names: npt.NDArray[np.object_]
    of_zone: Ints
    bounds: tuple[float, float, float, float]
    note: str = ""

    def __len__(self) -> int:
        return len(self.shapes)

    @property
    def raster(self) -> bool:
        """True when there are too many shapes to draw each as a line."""
        return len(self) > RASTER_ABOVE

    def total(self, values: Floats) -> Floats:
        """(N,) sum of zone `values` over each shape."""
        inside = self.of_zone >= 0
        return np.bincount(self.of_zone[inside], values[inside], len(self)).astype(np.float64)

    def mean(self, values: Floats, weights: Floats) -> Floats:
        """(N,) weighted mean of zone `values` in each shape; 0 where there is no weight."""
        whole = self.total(weights)
        return np.divide(self.total(values * weights), whole, out=np.zeros(len(self)), where=whole > 0)


def units_of(city: City) -> Units | None:
    """Return the shapes to draw `city` with; None when it has no outline."""
    zones = city.zones
    drawn = np.flatnonzero(zones.drawable)
    if zones.geometry is None or not len(drawn):
        return None
    if len(drawn) <= AGGREGATE_ABOVE:
        of_zone = np.full(len(zones), -1, dtype=np.int64)
        of_zone[drawn] = np.arange(len(drawn))
        names = _texts([clean(n) for n in zones.names[drawn]])  # type: ignore[index]
        return _finished(zones.geometry[drawn], names, of_zone, "")
    level = _level(zones.parents, drawn)
    return _by_parent(city, level, drawn) if level else _by_grid(city, drawn)


def _texts(items: list[str]) -> npt.NDArray[np.object_]:
    out = np.empty(len(items), dtype=object)
    out[:] = items
    return out


def _level(parents: Mapping[str, npt.NDArray[np.object_]], drawn: Ints) -> str:
    """Finest level with few enough areas, empty when there is none."""
    for level, codes in parents.items():
        if PARENTS_FROM <= len(set(codes[drawn].tolist())) < PARENTS_BELOW:
            return level
    return ""


def _by_parent(city: City, level: str, drawn: Ints) -> Units:
    import shapely

    zones = city.zones
    codes, inverse = np.unique(zones.parents[level].astype(str), return_inverse=True)
    of_zone = np.full(len(zones), -1, dtype=np.int64)
    of_zone[drawn] = inverse[drawn]
    order = drawn[np.argsort(inverse[drawn], kind="stable")]
    edges = np.searchsorted(inverse[order], np.arange(len(codes) + 1))
    assert zones.geometry is not None
    outlines = zones.geometry[order]
    tolerance = _tolerance(shapely.total_bounds(outlines)) / 4
    shapes = np.empty(len(codes), dtype=object)
    for i, (start, stop) in enumerate(itertools.pairwise(edges)):
        shapes[i] = _dissolved(outlines[start:stop], tolerance)
    note = phrase(
        "With {zones} zones the map would be a blur: it shows the {areas} areas "
        'of the level "{level}", each with the average of its residents.',
        zones=people(len(drawn)),
        areas=people(len(codes)),
        level=standard(clean(level)),
    )
    return _finished(shapes, _texts([clean(c) for c in codes]), of_zone, note)


def _dissolved(shapes: npt.NDArray[np.object_], tolerance: float) -> Any:
    """Union of zones; a coverage is quick, any other set is joined the slow way."""
    import shapely

    if not len(shapes):
        return None
    try:
        return shapely.coverage_union_all(shapes)
    except shapely.errors.GEOSException:
        return shapely.union_all(shapely.make_valid(shapely.simplify(shapes, tolerance)))


def _by_grid(city: City, drawn: Ints) -> Units:
    import shapely

    zones = city.zones
    assert zones.geometry is not None
    points = shapely.get_coordinates(shapely.centroid(zones.geometry[drawn]))
    low, span = points.min(axis=0), np.ptp(points, axis=0)
    side = _nice_side(points, low)
    columns = int(span[0] // side) + 1
    cell = ((points - low) // side).astype(np.int64)
    used, inverse = np.unique(cell[:, 1] * columns + cell[:, 0], return_inverse=True)
    x, y = low[0] + (used % columns) * side, low[1] + (used // columns) * side
    of_zone = np.full(len(zones), -1, dtype=np.int64)
    of_zone[drawn] = inverse
    note = phrase(
        "With {zones} zones the map would be a blur: it shows squares of {side} a side "
        "({squares} of them), each with the average of its residents.",
        zones=people(len(drawn)),
        side=metres(side),
        squares=people(len(used)),
    )
    names = _texts([phrase("square {number}", number=str(i + 1)) for i in range(len(used))])
    return _finished(shapely.box(x, y, x + side, y + side), names, of_zone, note)


def _nice_side(points: Floats, low: Floats) -> float:
    """Return a round side with which about `GRID_CELLS` squares have a zone in them."""
    span = np.maximum(np.ptp(points, axis=0), 1.0)
    side = float(np.sqrt(span.prod() / GRID_CELLS))
    for _ in range(6):
        cells = ((points - low) // side).astype(np.int64)
        used = len(np.unique(cells[:, 1] * (int(span[0] // side) + 1) + cells[:, 0]))
        if used > 0.8 * GRID_CELLS:
            break
        side *= max(0.6, float(np.sqrt(used / GRID_CELLS)))
    step = 10 ** np.floor(np.log10(side))
    return float(np.ceil(side / step * 2) / 2 * step)


def _tolerance(bounds: npt.ArrayLike) -> float:
    """Half a pixel of the map, in metres."""
    xmin, ymin, xmax, ymax = np.asarray(bounds, dtype=float)
    return max(xmax - xmin, ymax - ymin, 1.0) / MAP_PIXELS / 2


def _finished(
    shapes: npt.NDArray[np.object_], names: npt.NDArray[np.object_], of_zone: Ints, note: str
) -> Units:
    import shapely

    bounds = shapely.total_bounds(shapes)
    shapes = _areas(np.asarray(shapes, dtype=object), max(np.ptp(bounds[[0, 2]]), 1.0))
    bounds = shapely.total_bounds(shapes)
    xmin, ymin, xmax, ymax = (float(b) for b in bounds)
    return Units(_simplified(shapes, _tolerance(bounds)), names, of_zone, (xmin, ymin, xmax, ymax), note)


def _areas(shapes: npt.NDArray[np.object_], width: float) -> npt.NDArray[np.object_]:
    """Give points and lines a body, so that they can be coloured."""
    import shapely

    thin = shapely.get_dimensions(shapes) < 2
    if not thin.any():
        return shapes
    out = shapes.copy()
    out[thin] = shapely.buffer(shapes[thin], width / 120)
    return out


def _simplified(shapes: npt.NDArray[np.object_], tolerance: float) -> npt.NDArray[np.object_]:
    """Leave out what is finer than `tolerance`, with shared borders kept shared where that can be."""
    import shapely

    if hasattr(shapely, "coverage_simplify"):
        try:
            out = shapely.coverage_simplify(shapes, tolerance)
            return np.asarray(out, dtype=object)
        except shapely.errors.GEOSException:
            pass  # outlines that overlap are no coverage
    return np.asarray(shapely.simplify(shapes, tolerance, preserve_topology=True), dtype=object)
