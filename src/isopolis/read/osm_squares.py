"""Pedestrian squares: areas that people cross in any direction, turned into edges.

The outline of a square is walked along like a street. Across it go straight lines between the points
where streets meet the outline, and the corners that stick into the square, wherever one sees the other
without leaving the square: the shortest way from street to street is then as long as it is on the ground
(T. Lozano-Pérez and M. A. Wesley, Communications of the ACM 22, 1979, pp. 560-570).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["MOST_POINTS", "Square", "crossings", "rings_of"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

MOST_POINTS = 150
"""Points joined each with each; of a larger square only those of streets, or each with its nearest."""
_NEIGHBOURS = 16
_SLACK = 0.01  # metres that a line may leave the outline by: coordinates are rounded to a centimetre


@dataclass(frozen=True, slots=True, eq=False)
class Square:
    """One area.

    Parameters
    ----------
    outer, inner : sequences of (n,) arrays of int
        Rings of vertices; the first vertex is not repeated at the end.
    """

    outer: Sequence[Ints]
    inner: Sequence[Ints] = ()


def rings_of(ways: Iterable[Sequence[int]]) -> tuple[list[list[int]], int]:
    """Join ways end to end into rings.

    Parameters
    ----------
    ways : iterable of sequences of int
        Ids of the nodes of each way, in any order and direction.

    Returns
    -------
    rings : list of lists of int
        Ids of each closed ring, the first not repeated.
    open : int
        How many chains did not close: their ways are cut off or drawn wrongly.
    """
    left = [list(w) for w in ways if len(w) > 1]
    rings, unclosed = [], 0
    while left:
        chain = left.pop(0)
        while chain[0] != chain[-1]:
            found = next((i for i, w in enumerate(left) if chain[-1] in (w[0], w[-1])), None)
            if found is None:
                break
            more = left.pop(found)
            chain += more[1:] if more[0] == chain[-1] else more[-2::-1]
        if chain[0] == chain[-1] and len(chain) > 3:
            rings.append(chain[:-1])
        else:
            unclosed += 1
    return rings, unclosed


def crossings(square: Square, lon: Floats, lat: Floats, meets: npt.NDArray[np.bool_]) -> Ints:
    """(n, 2) pairs of vertices that see each other across a square and are no neighbours on its outline.

    Parameters
    ----------
    square : Square
    lon, lat : (N,) arrays, degrees
    meets : (N,) array of bool
        True for vertices where a street meets.
    """
    import shapely

    rings = [*square.outer, *square.inner]
    every = np.unique(np.concatenate(rings)) if rings else np.empty(0, dtype=np.int64)
    gates = every[meets[every]]
    if len(gates) < 2:
        return np.empty((0, 2), dtype=np.int64)
    place = _plane(lon, lat, every)
    area = _area(square, place)
    if area is None:
        return np.empty((0, 2), dtype=np.int64)
    corners = np.concatenate(
        [_inward(ring, place, hole=i >= len(square.outer)) for i, ring in enumerate(rings)]
    )
    points = np.union1d(gates, corners)
    pairs = _pairs(points if len(points) <= MOST_POINTS else gates, place)
    beside = {
        frozenset(p) for ring in rings for p in zip(ring.tolist(), np.roll(ring, -1).tolist(), strict=True)
    }
    pairs = np.array([p for p in pairs.tolist() if frozenset(p) not in beside], dtype=np.int64).reshape(-1, 2)
    if not len(pairs):
        return pairs
    # rounding must not hide what lies along a straight border
    room = shapely.buffer(area, _SLACK, quad_segs=1)
    shapely.prepare(room)
    ends = np.array([[place[int(a)], place[int(b)]] for a, b in pairs])
    seen: Ints = pairs[shapely.covers(room, shapely.linestrings(ends))]
    return seen


def _plane(lon: Floats, lat: Floats, vertices: Ints) -> dict[int, tuple[float, float]]:
    """Metres on a plane that touches the Earth at the square."""
    middle = float(lat[vertices].mean())
    east = (lon[vertices] - lon[vertices[0]]) * np.cos(np.radians(middle)) * 111_195.0
    north = (lat[vertices] - middle) * 111_195.0
    return {int(v): (float(x), float(y)) for v, x, y in zip(vertices, east, north, strict=True)}


def _ring(ring: Ints, place: dict[int, tuple[float, float]]) -> Floats:
    return np.array([place[int(v)] for v in ring])


def _area(square: Square, place: dict[int, tuple[float, float]]) -> Any:
    """The area without its holes, mended where its outline crosses itself; None when nothing is left."""
    import shapely

    def union(rings: Sequence[Ints]) -> Any:
        drawn = [shapely.make_valid(shapely.Polygon(_ring(r, place))) for r in rings if len(r) > 2]
        return shapely.union_all(drawn)

    area = shapely.difference(union(square.outer), union(square.inner))
    return None if shapely.is_empty(area) or shapely.area(area) <= 0 else area


def _inward(ring: Ints, place: dict[int, tuple[float, float]], hole: bool) -> Ints:
    """Corners of a ring that stick into the area: shortest ways bend only there."""
    at = _ring(ring, place)
    ahead, behind = np.roll(at, -1, axis=0), np.roll(at, 1, axis=0)
    double = np.sum(at[:, 0] * ahead[:, 1] - ahead[:, 0] * at[:, 1])
    turn = (at[:, 0] - behind[:, 0]) * (ahead[:, 1] - at[:, 1]) - (at[:, 1] - behind[:, 1]) * (
        ahead[:, 0] - at[:, 0]
    )
    left = turn * (1 if double > 0 else -1)
    sticks = left > 1e-9 if hole else left < -1e-9
    out: Ints = np.asarray(ring)[sticks]
    return out


def _pairs(points: Ints, place: dict[int, tuple[float, float]]) -> Ints:
    """Each point with each; of very many points each with its nearest."""
    if len(points) <= MOST_POINTS:
        first, second = np.triu_indices(len(points), 1)
        return np.stack([points[first], points[second]], axis=1)
    at = _ring(points, place)
    pairs = set()
    for i in range(len(points)):
        gap = np.hypot(*(at - at[i]).T)
        for j in np.argsort(gap, kind="stable")[1 : _NEIGHBOURS + 1].tolist():
            pairs.add((min(i, j), max(i, j)))
    return points[np.array(sorted(pairs), dtype=np.int64)]
