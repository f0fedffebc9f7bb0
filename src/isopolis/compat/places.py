"""Where zones lie, from a table with outlines or from a weights matrix of another tool."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.measure.neighbours import (
    Borders,
    Neighbourhood,
    contiguity,
    distance_band,
    from_matrix,
    kernel,
)
from isopolis.model import CallError

__all__ = ["Floats", "areas", "borders", "centre_of", "environment", "metre", "points", "queen", "weights"]

Floats = npt.NDArray[np.float64]

FUNCTIONS = {"triangular": "triangular", "uniform": "uniform", "quadratic": "epanechnikov"} | {
    "quartic": "biweight",
    "gaussian": "gaussian",
}
"""PySAL's names of kernels → ours. Each is 1 for the zone itself, whatever its constant."""


def outlines(data: Any) -> Any:
    """Return the column of outlines of a GeoDataFrame.

    Raises
    ------
    CallError
        If there is none, or it is in degrees.
    """
    shapes = getattr(data, "geometry", None)
    if shapes is None or not hasattr(type(shapes), "centroid"):
        raise CallError("this index needs outlines: give a GeoDataFrame, or a neighbourhood as w")
    system = getattr(shapes, "crs", None)
    if system is not None and system.is_geographic:
        raise CallError("the outlines are in degrees: bring them to metres first, with to_crs()")
    if shapes.isna().any() or shapes.is_empty.any():
        row = int(np.argmax(shapes.isna() | shapes.is_empty))
        raise CallError(f"row {row} has no outline: leave it out, or ask an index without space")
    return shapes.reset_index(drop=True)


def points(data: Any) -> Floats:
    """(Z, 2) centroids, in the unit of the outlines."""
    middle = outlines(data).centroid
    out: Floats = np.column_stack([middle.x, middle.y])
    return out


def metre(data: Any) -> float:
    """How many metres one unit of the outlines is: 1, or 0.3048… where they are drawn in feet."""
    system = getattr(outlines(data), "crs", None)
    return float(system.axis_info[0].unit_conversion_factor) if system is not None else 1.0


def areas(data: Any) -> Floats:
    """(Z,) areas."""
    out: Floats = np.asarray(outlines(data).area, dtype=np.float64)
    return out


def borders(data: Any) -> Borders:
    """Who touches whom, and along how many metres."""
    shapes = outlines(data)
    first, second = shapes.sindex.query(shapes, predicate="intersects")
    once = first < second
    first, second = first[once], second[once]
    left, right = (shapes.iloc[i].reset_index(drop=True) for i in (first, second))
    length = np.asarray(left.intersection(right, align=False).length, dtype=np.float64)
    return Borders(first, second, length, np.asarray(shapes.area), np.asarray(shapes.length))


def queen(data: Any) -> Neighbourhood:
    """Zones that share a border or a corner."""
    return contiguity(borders(data), "queen")


def weights(w: Any, data: Any) -> Neighbourhood:
    """Neighbourhood from what stands for ``w``; zones that touch when it is None.

    Parameters
    ----------
    w : Neighbourhood, weights or graph of libpysal, sparse or dense matrix, or None
    data : GeoDataFrame
        Only asked for outlines when `w` is None.
    """
    if w is None:
        return queen(data)
    if isinstance(w, Neighbourhood):
        return w
    return from_matrix(getattr(w, "sparse", w), "weights that were given")


def environment(x: Floats, data: Any, w: Any, distance: float | None, function: str) -> Floats:
    """(Z, G) people around each zone, never rounded; the table itself without `w` and `distance`.

    A matrix of weights gets 1 for the zone itself, as in PySAL; a `Neighbourhood` is taken as it is.

    Raises
    ------
    CallError
        If the kernel has another name.
    """
    if w is not None:
        near = weights(w, data)
        return (near if isinstance(w, Neighbourhood) else near.with_self()).environment(x)
    if distance is None:
        return x
    if function not in FUNCTIONS:
        raise CallError(f'there is no kernel "{function}": it is one of {", ".join(FUNCTIONS)}')
    shape: Any = FUNCTIONS[function]
    at = points(data) * metre(data)
    near = kernel(at, distance, shape) if shape != "gaussian" else _cut_gaussian(at, distance)
    return near.environment(x)


def _cut_gaussian(at: Floats, distance: float) -> Neighbourhood:
    """PySAL's gaussian kernel: it ends at the distance, which is its standard deviation as well."""
    links = distance_band(at, distance).weights.tocoo()
    links.data = np.exp(-(((at[links.row] - at[links.col]) / distance) ** 2).sum(axis=1) / 2)
    return from_matrix(links, f"gaussian kernel of {distance:g} m, cut there, straight line", "kernel")


def centre_of(data: Any, total: Floats, center: Any) -> Floats:
    """(2,) the centre that PySAL's word, number of a zone, or pair stands for.

    Raises
    ------
    CallError
        If it is none of them.
    """
    at = points(data)
    words = {
        "mean": lambda: at.mean(axis=0),
        "median": lambda: np.median(at, axis=0),
        "population_weighted_mean": lambda: np.average(at, axis=0, weights=total),
        "largest_population": lambda: at[total == total.max()].mean(axis=0),
    }
    if isinstance(center, str) and center in words:
        return np.asarray(words[center](), dtype=np.float64)
    if isinstance(center, int) and 0 <= center < len(at):
        out: Floats = at[center]
        return out
    if not isinstance(center, (str, int)) and np.shape(center) == (2,):
        return np.asarray(center, dtype=np.float64)
    raise CallError(
        f"{center!r} is no centre: it is one of {', '.join(words)}, the number of a zone below {len(at)}, "
        "or a pair (x, y) in metres"
    )
