"""Finding a zone: by name in any script, by a point, by an address of the city's own list."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import Zones

__all__ = [
    "Located", "addresses_of", "features", "fold", "fold_words", "parse_point", "to_degrees",
    "write_outlines", "zone_of_point", "zones_at",
]  # fmt: skip

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_ALIKE = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "þ": "th", "ħ": "h"})
"""Letters that have a base letter for readers, but none for Unicode."""

DETAIL = 4000
"""The widest side of a city in steps of the outlines that browsers get."""

METRIC_GUESS = ("EPSG:3035",)
FITTING = 0.5
"""Part of the addresses that must lie in zones for a reference system to be believed."""


# -- words ------------------------------------------------------------------------------------
def fold(text: str) -> str:
    """Return `text` without case, accents and signs, so that `Łódź` and `lodz` are the same.

    Works on any script: letters stay letters, and everything else becomes one blank.
    """
    bare = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(c for c in bare if not unicodedata.combining(c)).translate(_ALIKE)
    return " ".join(re.findall(r"\w+", kept.replace("_", " ")))


def fold_words(text: str) -> list[str]:
    """Return the words of `text`, folded."""
    return fold(text).split()


def parse_point(text: str) -> tuple[float, float] | None:
    """Read ``41.39, 2.17`` (latitude first, as people copy it from maps) as (longitude, latitude)."""
    match = re.fullmatch(r"\s*(-?\d{1,3}(?:\.\d+)?)\s*[°]?\s*[,;\s]\s*(-?\d{1,3}(?:\.\d+)?)\s*[°]?\s*", text)
    if match is None:
        return None
    lat, lon = float(match[1]), float(match[2])
    return (lon, lat) if abs(lat) <= 90 and abs(lon) <= 180 else None


# -- places --------------------------------------------------------------------------------------
def to_degrees(shapes: npt.NDArray[np.object_], crs: str) -> npt.NDArray[np.object_]:
    """Project shapes of `crs` to longitude and latitude; None stays None."""
    import shapely
    from pyproj import Transformer

    there = Transformer.from_crs(crs, "OGC:CRS84", always_xy=True)

    def moved(points: Floats) -> Floats:
        return np.column_stack(there.transform(points[:, 0], points[:, 1]))

    out: npt.NDArray[np.object_] = shapely.transform(shapes, moved)
    return out


def zones_at(zones: Zones, x: Floats, y: Floats) -> Ints:
    """(n,) position of the zone that holds each point, -1 for none.

    Coordinates are in the zones' own system. On a common border the first zone in the city's order has it.
    """
    import shapely

    out = np.full(len(x), -1, dtype=np.int64)
    drawn = np.flatnonzero(zones.drawable)
    if zones.geometry is None or not len(drawn) or not len(x):
        return out
    good = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    tree = shapely.STRtree(zones.geometry[drawn])
    point, shape = tree.query(shapely.points(x[good], y[good]), predicate="intersects")
    # the last assignment to a place stays, so the first zone is written last
    order = np.argsort(-shape, kind="stable")
    out[good[point[order]]] = drawn[shape[order]]
    return out


def features(zones: Zones) -> tuple[list[dict[str, Any]], tuple[float, float, float, float]] | None:
    """Return the outlines as GeoJSON features in degrees, thinned, with their bounds; None without outlines.

    The id of a feature is the position of its zone.
    """
    import shapely

    drawn = np.flatnonzero(zones.drawable)
    if zones.geometry is None or not len(drawn) or not zones.crs:
        return None
    shapes = zones.geometry[drawn]
    west, south, east, north = shapely.total_bounds(shapes)
    span = max(east - west, north - south, 1.0)
    flat = shapely.get_dimensions(shapes) < 2
    # points and lines get a body, so that they can be coloured and pointed at
    shapes = np.where(flat, shapely.buffer(shapes, span / 240), shapes)
    thin = _thinned(shapes, span / DETAIL)
    placed = shapely.set_precision(to_degrees(thin, zones.crs), 1e-6, mode="pointwise")
    assert zones.names is not None
    out = [
        {
            "type": "Feature",
            "id": int(zone),
            "properties": {"name": str(zones.names[zone])},
            "geometry": shapely.geometry.mapping(shape),
        }
        for zone, shape in zip(drawn, placed, strict=True)
        if not shapely.is_empty(shape)
    ]
    bounds = tuple(float(b) for b in shapely.total_bounds(placed))
    return out, bounds  # type: ignore[return-value]


def _thinned(shapes: npt.NDArray[np.object_], tolerance: float) -> npt.NDArray[np.object_]:
    import shapely

    if hasattr(shapely, "coverage_simplify"):
        try:
            return np.asarray(shapely.coverage_simplify(shapes, tolerance), dtype=object)
        except shapely.errors.GEOSException:
            pass  # outlines that overlap, or points, are no coverage
    return np.asarray(shapely.simplify(shapes, tolerance, preserve_topology=True), dtype=object)


# -- addresses ---------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, eq=False)
class Located:
    """Addresses of a city with the zone of each.

    Parameters
    ----------
    texts : list of str
    zones : (n,) int array
    lost : int
        Addresses that lie in no zone; they are left out.
    """

    texts: list[str]
    zones: Ints
    lost: int


def addresses_of(paths: Iterable[Path], zones: Zones) -> Located:
    """Read every list of addresses among `paths` and find the zone of each address."""
    from isopolis.read.addresses import read_addresses

    texts: list[str] = []
    where: list[Ints] = []
    lost = 0
    for path in paths:
        found = read_addresses(path)
        if found is None or not found.texts:
            continue
        at = _best_fit(zones, found.x, found.y, degrees=found.degrees)
        inside = np.flatnonzero(at >= 0)
        lost += len(found.texts) - len(inside)
        texts += [found.texts[i] for i in inside.tolist()]
        where.append(at[inside])
    return Located(texts, np.concatenate(where) if where else np.zeros(0, dtype=np.int64), lost)


def _best_fit(zones: Zones, x: Floats, y: Floats, *, degrees: bool) -> Ints:
    """Place points whose reference system is not stated: the first system with which most lie in zones."""
    nowhere = np.full(len(x), -1, dtype=np.int64)
    if not zones.crs:
        return nowhere
    small = (np.abs(x[np.isfinite(x)]) <= 180).all() and (np.abs(y[np.isfinite(y)]) <= 90).all()
    for crs in ["OGC:CRS84"] if degrees or small else _systems(zones):
        px, py = _moved(x, y, crs, zones.crs)
        found = zones_at(zones, px, py)
        if (found >= 0).mean() >= FITTING:
            return found
    return nowhere


def _moved(x: Floats, y: Floats, source: str, target: str) -> tuple[Floats, Floats]:
    from pyproj import Transformer

    px, py = Transformer.from_crs(source, target, always_xy=True).transform(x, y)
    return np.asarray(px), np.asarray(py)


def _systems(zones: Zones) -> list[str]:
    """Reference systems in metres that a European city is likely to use."""
    import shapely
    from pyproj import Transformer

    assert zones.geometry is not None
    west, south, east, north = shapely.total_bounds(zones.geometry[zones.drawable])
    lon, lat = Transformer.from_crs(zones.crs, "OGC:CRS84", always_xy=True).transform(
        (west + east) / 2, (south + north) / 2
    )
    band = int((lon + 180) // 6) + 1
    utm = [f"EPSG:258{b}" for b in (band, band - 1, band + 1) if 28 <= b <= 38]
    wgs = [f"EPSG:{326 if lat >= 0 else 327}{band:02d}"]
    return list(dict.fromkeys([zones.crs, *METRIC_GUESS, *utm, *wgs]))


# -- outlines as a file ------------------------------------------------------------------------------
def write_outlines(zones: Zones, path: Path) -> None:
    """Keep the exact outlines so that `zone_of_point` need not make shapes of all of them."""
    import shapely

    drawn = np.flatnonzero(zones.drawable)
    assert zones.geometry is not None
    shapes = zones.geometry[drawn]
    blobs = shapely.to_wkb(shapes)
    ends = np.cumsum([len(b) for b in blobs])
    np.savez(
        path,
        zone=drawn,
        bounds=shapely.bounds(shapes),
        ends=ends,
        wkb=np.frombuffer(b"".join(blobs), dtype=np.uint8),
        crs=np.array(zones.crs),
    )


def zone_of_point(path: Path, lon: float, lat: float) -> int:
    """Return the position of the zone that holds a point, -1 for none.

    Parameters
    ----------
    path : Path
        A file of `write_outlines`.
    lon, lat : float
        Degrees.
    """
    import shapely
    from pyproj import Transformer

    with np.load(path, allow_pickle=False) as kept:
        there = Transformer.from_crs("OGC:CRS84", str(kept["crs"]), always_xy=True)
        x, y = there.transform(lon, lat)
        west, south, east, north = kept["bounds"].T
        near = np.flatnonzero((west <= x) & (x <= east) & (south <= y) & (y <= north))
        if not (np.isfinite(x) and np.isfinite(y) and len(near)):
            return -1
        ends, wkb = kept["ends"], kept["wkb"]
        starts = np.concatenate([[0], ends[:-1]])
        shapes = shapely.from_wkb([wkb[starts[i] : ends[i]].tobytes() for i in near])
        inside = near[shapely.intersects_xy(shapes, x, y)]
        return int(kept["zone"][inside[0]]) if len(inside) else -1
