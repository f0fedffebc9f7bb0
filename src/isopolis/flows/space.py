"""What the outlines and the levels of a city allow to ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import City, Counts

from .observe import Table

__all__ = ["drawable_table", "neighbourhoods", "parent_codes", "radii_borne", "radii_for"]

PAIRS_MOST = 30_000_000
CANDIDATES = (100.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 16000.0)
RADII_MOST = 4


def radii_for(points: npt.NDArray[np.float64]) -> tuple[float, ...]:
    """Choose round radii from about the spacing of the zones to half the extent of the city.

    Parameters
    ----------
    points : (Z, 2) array, metres
    """
    if len(points) < 3:
        return ()
    from scipy.spatial import cKDTree

    nearest = cKDTree(points).query(points, k=2)[0][:, 1]
    spacing = float(np.median(nearest))
    extent = float(np.hypot(*(np.percentile(points, 97.5, axis=0) - np.percentile(points, 2.5, axis=0))))
    fitting = [r for r in CANDIDATES if spacing <= r <= extent / 2]
    return tuple(fitting[:RADII_MOST])


def drawable_table(city: City, counts: Counts) -> tuple[Counts, npt.NDArray[np.float64], int] | None:
    """Keep the zones that have a place on the map.

    Returns
    -------
    (counts, points, left_out) or None
        The counts of zones with a point and people, their points, and how many
        persons could not be placed; None when fewer than three zones can.
    """
    if city.zones.centroid is None:
        return None
    placed = np.isfinite(city.zones.centroid).all(axis=1) & counts.covered & (counts.totals() > 0)
    if placed.sum() < 3:
        return None
    left_out = float(counts.totals()[counts.covered & ~placed].sum())
    return _rows(counts, placed), city.zones.centroid[placed], round(left_out)


def _rows(counts: Counts, keep: npt.NDArray[np.bool_]) -> Counts:
    from dataclasses import replace

    def cut(array: Any) -> Any:
        return None if array is None else array[keep]

    return replace(
        counts,
        zone_ids=counts.zone_ids[keep],
        values=counts.values[keep],
        mechanism=counts.mechanism[keep],
        lower=cut(counts.lower),
        upper=cut(counts.upper),
        se=cut(counts.se),
    )


def radii_borne(points: npt.NDArray[np.float64]) -> tuple[float, ...]:
    """Radii in metres that are measured: as many of `radii_for` as memory bears."""
    from isopolis.measure.spatial import pairs_within

    out: list[float] = []
    for radius in radii_for(points):
        if pairs_within(points, radius) > PAIRS_MOST:
            break
        out.append(radius)
    return tuple(out)


def neighbourhoods(points: npt.NDArray[np.float64]) -> dict[float, Any]:
    """Radius in metres → neighbourhood matrix."""
    from isopolis.measure.spatial import neighbours_within

    return {radius: neighbours_within(points, radius) for radius in radii_borne(points)}


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """One level above the zones, for the zones kept in a table."""

    name: str
    ids: tuple[str, ...]
    codes: npt.NDArray[np.intp]


def parent_codes(city: City, table: Table) -> list[Level]:
    """Levels above the zones in which every kept zone has a parent."""
    out = []
    for name, parents in city.zones.parents.items():
        mine = parents[table.kept]
        if any(p is None or p == "" for p in mine):
            continue
        ids, codes = np.unique(mine.astype(str), return_inverse=True)
        if 1 < len(ids) < len(mine):
            out.append(Level(name, tuple(ids.tolist()), codes))
    return out
