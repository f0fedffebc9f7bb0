"""Reference systems: which one, whether the coordinates can belong to it, and a metric one to work in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import Problems
from isopolis.model.text import phrase

from .failure import fail

__all__ = ["Placed", "place"]

EUROPE = (-25.0, 34.0, 45.0, 72.0)
"""Longitudes and latitudes in which EPSG:3035 is close to true size."""


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """Outlines in a metric system, and its name (empty for plane metres that nobody named)."""

    geometry: npt.NDArray[np.object_]
    crs: str


def place(geometry: npt.NDArray[np.object_], stated: str, file: str, problems: Problems) -> Placed:
    """Bring outlines into a metric system, saying what was done.

    Raises
    ------
    DataError
        If the coordinates cannot belong to the stated system.
    """
    import shapely
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    bounds = np.array(shapely.total_bounds(geometry), dtype=float)
    if not np.isfinite(bounds).all():
        return Placed(geometry, stated)
    degrees = _like_degrees(bounds)
    if not stated:
        return _unnamed(geometry, bounds, degrees, file, problems)
    try:
        crs = CRS.from_user_input(stated)
    except CRSError:
        fail(
            "unknown-crs",
            phrase("this reference system is not known"),
            file=file,
            value=stated[:80],
            hint=phrase('Write crs = "EPSG:..." in city.toml.'),
        )
    _check_domain(crs, bounds, degrees, file)
    if _keeps_areas(crs):
        return Placed(geometry, _name(crs))
    why = "in degrees" if crs.is_geographic else "not in true metres"
    return _project(geometry, crs, f"the coordinates are {why} ({_name(crs)})", file, problems)


def _name(crs: Any) -> str:
    code = crs.to_authority(min_confidence=70)
    return ":".join(code) if code else str(crs.to_string())


def _keeps_areas(crs: Any) -> bool:
    """True for plane systems in metres, other than web maps, whose metre grows towards the poles."""
    metric = crs.is_projected and all(abs(a.unit_conversion_factor - 1) < 1e-9 for a in crs.axis_info[:2])
    return metric and "Popular Visualisation" not in str(crs.coordinate_operation) and crs.to_epsg() != 3857


def _like_degrees(bounds: npt.NDArray[np.float64]) -> bool:
    x0, y0, x1, y1 = bounds
    return bool(x0 >= -180 and x1 <= 180 and y0 >= -90 and y1 <= 90)


def _unnamed(
    geometry: npt.NDArray[np.object_],
    bounds: npt.NDArray[np.float64],
    degrees: bool,
    file: str,
    problems: Problems,
) -> Placed:
    from pyproj import CRS

    # plane toy layers start at 0 with whole numbers; degrees of a city never do both
    toy = bool(np.all(bounds == np.round(bounds)))
    if degrees and not toy:
        said = (
            "the file names no reference system and its numbers look like degrees, so EPSG:4326 was assumed"
        )
        return _project(geometry, CRS.from_epsg(4326), said, file, problems)
    problems.caveat(
        "no-crs",
        phrase("the file names no reference system; its numbers were taken as metres on a plane"),
        file=file,
        hint=(
            phrase(
                "A Shapefile keeps its system in a .prj file of the same name: copy it too, or write "
                'crs = "EPSG:..." in city.toml.'
            )
            if file.lower().endswith(".shp")
            else phrase('Write crs = "EPSG:..." in city.toml if distances or maps look wrong.')
        ),
    )
    return Placed(geometry, "")


def _check_domain(crs: Any, bounds: npt.NDArray[np.float64], degrees: bool, file: str) -> None:
    """Refuse coordinates that the stated system cannot have."""
    from pyproj import Transformer

    shown = ", ".join(f"{b:.6g}" for b in bounds)
    hint = phrase('Set the right system in the file, or write crs = "EPSG:..." in city.toml.')
    if crs.is_geographic and not degrees:
        fail(
            "wrong-crs",
            phrase("the coordinates cannot be degrees, as {name} says", name=_name(crs)),
            file=file,
            value=shown,
            hint=hint,
        )
    if not crs.is_projected:
        return
    if degrees and max(bounds[2] - bounds[0], bounds[3] - bounds[1]) < 100:
        fail(
            "wrong-crs",
            phrase("the coordinates look like degrees, not like metres of {name}", name=_name(crs)),
            file=file,
            value=shown,
            hint=hint,
        )
    area = crs.area_of_use
    if area is None:
        return
    back = Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    x = [(bounds[0] + bounds[2]) / 2, bounds[0], bounds[2]]
    y = [(bounds[1] + bounds[3]) / 2, bounds[1], bounds[3]]
    lon, lat = (np.asarray(v) for v in back.transform(x, y))
    inside = np.isfinite(lon) & np.isfinite(lat) & (lat >= area.south - 8) & (lat <= area.north + 8)
    if area.west <= area.east:
        inside &= (lon >= area.west - 8) & (lon <= area.east + 8)
    if not inside.all():
        fail(
            "wrong-crs",
            phrase(
                "the coordinates lie far outside the area of {name} ({name_2})",
                name=_name(crs),
                name_2=area.name,
            ),
            file=file,
            value=shown,
            hint=hint,
        )


def _project(geometry: npt.NDArray[np.object_], crs: Any, said: str, file: str, problems: Problems) -> Placed:
    import shapely
    from pyproj import CRS, Transformer

    west, south, east, north = shapely.total_bounds(geometry)
    centre = ((west + east) / 2, (south + north) / 2)
    lon, lat = Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform(*centre)
    in_europe = EUROPE[0] <= lon <= EUROPE[2] and EUROPE[1] <= lat <= EUROPE[3]
    target = (
        "EPSG:3035"
        if in_europe
        else (f"+proj=laea +lat_0={lat:.4f} +lon_0={lon:.4f} +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs")
    )
    forward = Transformer.from_crs(crs, CRS.from_user_input(target), always_xy=True)

    def move(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.column_stack(forward.transform(points[:, 0], points[:, 1]))

    moved = shapely.transform(shapely.force_2d(geometry), move)
    if not np.isfinite(np.array(shapely.total_bounds(moved))).all():
        fail(
            "wrong-crs",
            phrase("the coordinates cannot be projected from {name}", name=_name(crs)),
            file=file,
            hint=phrase('Write the right crs = "EPSG:..." in city.toml.'),
        )
    named = "EPSG:3035" if in_europe else "a Lambert equal-area system centred on the data"
    problems.caveat(
        "projected",
        phrase("{said}; they were projected to {named} for areas and distances", said=said, named=named),
        file=file,
    )
    return Placed(moved, target)
