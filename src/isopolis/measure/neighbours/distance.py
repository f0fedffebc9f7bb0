"""Near by straight line: bands, kernels, the nearest zones and the nearest people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError

from ..arrays import Floats
from .types import Neighbourhood

__all__ = ["Shape", "distance_band", "kernel", "nearest_people", "nearest_zones"]

Shape = Literal["uniform", "triangular", "epanechnikov", "biweight", "gaussian", "exponential"]

_SHAPES: dict[str, Callable[[Floats], Floats]] = {
    "uniform": np.ones_like,
    "triangular": lambda u: 1 - u,
    "epanechnikov": lambda u: 1 - u**2,
    "biweight": lambda u: (1 - u**2) ** 2,
    "gaussian": lambda u: np.exp(-(u**2) / 2),
    "exponential": lambda u: np.exp(-u),
}
_REACH = {"gaussian": 8.0, "exponential": 37.0}
"""Bandwidths beyond which a kernel without end weighs under 1e-13 and is cut."""


def _points(points: npt.ArrayLike) -> Floats:
    out = np.asarray(points, dtype=np.float64)
    if out.ndim != 2 or out.shape[1] != 2:
        raise CallError(f"points are (zones, 2) in metres, not {out.shape}")
    bad = np.flatnonzero(~np.isfinite(out).all(axis=1))
    if len(bad):
        raise CallError(f"zone {int(bad[0])} has no place on the map: leave zones without a point out")
    return out


def _above_zero(value: float, what: str) -> None:
    if not (np.isfinite(value) and value > 0):
        raise CallError(f"{what} is {value:g}: it must be above 0")


def distance_band(points: npt.ArrayLike, radius: float) -> Neighbourhood:
    """All zones whose points lie within `radius` metres, the zone itself included.

    Parameters
    ----------
    points : (Z, 2) array, metres
    radius : float, metres, > 0
    """
    _above_zero(radius, "the radius")
    weights = _weigh(_points(points), radius, radius, "uniform")
    return Neighbourhood(weights, f"within {radius:g} m, straight line", "distance")


def kernel(points: npt.ArrayLike, bandwidth: float, shape: Shape = "biweight") -> Neighbourhood:
    """Nearer zones count more.

    Parameters
    ----------
    points : (Z, 2) array, metres
    bandwidth : float, metres, > 0
        Where the kernel ends; for ``gaussian`` its standard deviation and for
        ``exponential`` the distance at which a weight has fallen to 1/e.
    shape : str
        ``uniform``, ``triangular``, ``epanechnikov``, ``biweight``, ``gaussian`` or
        ``exponential``; 1 at distance 0.
    """
    _above_zero(bandwidth, "the bandwidth")
    if shape not in _SHAPES:
        raise CallError(f'there is no kernel "{shape}": it is one of {", ".join(get_args(Shape))}')
    reach = bandwidth * _REACH.get(shape, 1.0)
    weights = _weigh(_points(points), bandwidth, reach, shape)
    return Neighbourhood(weights, f"{shape} kernel of {bandwidth:g} m, straight line", "kernel")


def _weigh(points: Floats, bandwidth: float, reach: float, shape: str) -> Any:
    from scipy.sparse import coo_array, eye_array
    from scipy.spatial import cKDTree

    pairs = cKDTree(points).query_pairs(reach, output_type="ndarray")
    i, j = pairs[:, 0], pairs[:, 1]
    apart = np.hypot(*(points[i] - points[j]).T)
    half = coo_array((_SHAPES[shape](apart / bandwidth), (i, j)), shape=(len(points),) * 2)
    out = (half + half.T + eye_array(len(points))).tocsr()
    out.eliminate_zeros()
    return out


def nearest_zones(points: npt.ArrayLike, k: int, *, include_self: bool = False) -> Neighbourhood:
    """The `k` nearest other zones; among equally near ones the first in the list.

    Parameters
    ----------
    points : (Z, 2) array, metres
    k : int
        From 1 to the number of zones less one.
    include_self : bool
        Whether the zone counts as well.
    """
    from scipy.sparse import csr_array
    from scipy.spatial.distance import cdist

    at = _points(points)
    if len(at) < 2:
        raise CallError(f"{len(at)} zone has no nearest zones: it takes two zones or more")
    if k != int(k) or not 1 <= k < len(at):
        raise CallError(f"{k:g} nearest zones of {len(at)}: ask for 1 to {len(at) - 1}, a whole number")
    k = int(k)
    rows = []
    for i in range(len(at)):
        apart = cdist(at[i : i + 1], at)[0]
        apart[i] = -1  # itself, also where two zones share a point
        near = np.argsort(apart, kind="stable")[: k + 1]
        rows.append(np.sort(near if include_self else near[1:]))
    width = k + include_self
    weights = csr_array(
        (np.ones(len(at) * width), np.concatenate(rows), np.arange(0, len(at) * width + 1, width)),
        shape=(len(at),) * 2,
    )
    return Neighbourhood(weights, f"the {k} nearest zones", "zones")


def nearest_people(points: npt.ArrayLike, people: npt.ArrayLike, k: float) -> Neighbourhood:
    """The `k` people who live nearest, those of the zone itself first.

    The last ring is taken in part, so that every environment holds exactly k people;
    zones that are equally far share that part in proportion to their people.

    Parameters
    ----------
    points : (Z, 2) array, metres
    people : (Z,) array
        Persons, >= 0.
    k : float
        From above 0 to everybody.

    Returns
    -------
    Neighbourhood
        Weights from 0 to 1: the part of a zone that belongs to the environment.
    """
    from scipy.sparse import csr_array
    from scipy.spatial import cKDTree

    at, n = _points(points), np.asarray(people, dtype=np.float64)
    _above_zero(k, "the number of people")
    if n.shape != (len(at),):
        raise CallError(f"there are {len(at)} points and {n.size} numbers of people")
    bad = np.flatnonzero(~np.isfinite(n) | (n < 0))
    if len(bad):
        raise CallError(f"zone {int(bad[0])} holds {n[bad[0]]:g} people: people are numbers from 0 up")
    if k > n.sum():
        raise CallError(f"the {k:g} nearest people: the city has {n.sum():g}")
    tree = cKDTree(at)
    column, weight, ends = [], [], [0]
    for i in range(len(at)):
        zones, parts = _nearest(tree, at, n, i, k)
        column.append(zones)
        weight.append(parts)
        ends.append(ends[-1] + len(zones))
    matrix = csr_array((np.concatenate(weight), np.concatenate(column), ends), shape=(len(at),) * 2)
    return Neighbourhood(matrix, f"the {k:g} nearest people, straight line", "people")


def _nearest(tree: Any, at: Floats, n: Floats, i: int, k: float) -> tuple[npt.NDArray[np.intp], Floats]:
    """Zones and parts of the environment of zone `i`."""
    ask = min(len(at), 32)
    while True:
        apart, near = tree.query(at[i], k=ask)
        apart, near = np.atleast_1d(apart), np.atleast_1d(near)
        if ask == len(at) or (n[near[apart < apart[-1]]].sum() >= k):
            break  # every zone as far as the last one needed has been found
        ask = min(len(at), 4 * ask)
    apart = np.where(near == i, -1.0, apart)
    order = np.argsort(apart, kind="stable")
    near, apart = near[order], apart[order]
    filled = np.cumsum(n[near])
    last = apart[min(int(np.searchsorted(filled, k * (1 - 1e-15))), len(near) - 1)]
    inside, ring = apart < last, apart == last
    left = k - n[near[inside]].sum()
    parts = np.where(inside, 1.0, 0.0)
    parts[ring] = min(1.0, left / n[near[ring]].sum())
    keep = (parts > 0) & (n[near] > 0)
    chosen: npt.NDArray[np.intp] = near[keep]
    return chosen, parts[keep]
