"""Areas of connected zones below a threshold, with a minimum of people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

__all__ = ["Delimited", "connected", "delimit", "held", "weighted_median"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Delimited:
    """What a threshold and a minimum of people make of a city.

    Parameters
    ----------
    area : (Z,) int array
        Number of the area of each zone, from 0, the most populous first; -1 in none.
    below : (Z,) bool array
        Zones under the threshold.
    unknown : (Z,) bool array
        Zones without a value, or of which nobody knows the people: neither below nor above.
    people : (A,) array
        People of each area.
    dropped : int
        Connected groups of zones with too few people.
    """

    area: Ints
    below: Bools
    unknown: Bools
    people: Floats
    dropped: int

    @property
    def inside(self) -> Bools:
        """(Z,) True for a zone of any area."""
        out: Bools = self.area >= 0
        return out


def weighted_median(values: Floats, weights: Floats) -> float:
    """Least value at or below which half of the weight lies.

    Parameters
    ----------
    values : (Z,) array
        NaN where nothing is known; such zones are left out.
    weights : (Z,) array, >= 0

    Returns
    -------
    float, or NaN when no zone with a value has weight.
    """
    kept = np.isfinite(values) & np.isfinite(weights) & (weights > 0)
    if not kept.any():
        return float("nan")
    order = np.argsort(values[kept], kind="stable")
    piled = np.cumsum(weights[kept][order])
    return float(values[kept][order][np.searchsorted(piled, piled[-1] / 2)])


def connected(zones: Bools, pairs: Ints) -> Ints:
    """(Z,) number of the connected group of each chosen zone, -1 for the others.

    Parameters
    ----------
    zones : (Z,) bool array
        The zones that take part.
    pairs : (E, 2) int array
        Neighbours; each pair once, in any order.

    Returns
    -------
    (Z,) int array; groups are numbered by their first zone.
    """
    out = np.full(len(zones), -1, dtype=np.int64)
    chosen = np.flatnonzero(zones)
    if not len(chosen):
        return out
    place = np.full(len(zones), -1, dtype=np.int64)
    place[chosen] = np.arange(len(chosen))
    ends = place[np.asarray(pairs, dtype=np.int64).reshape(-1, 2)]
    ends = ends[(ends >= 0).all(axis=1)]
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(len(chosen), len(chosen)))
    out[chosen] = connected_components(graph, directed=False)[1]
    return out


def delimit(value: Floats, people: Floats, pairs: Ints, *, threshold: float, fewest: float) -> Delimited:
    """Join neighbouring zones under a threshold and keep the groups with enough people.

    A zone without people joins nothing: a park does not connect two areas unless it is given as their
    neighbourhood.

    Parameters
    ----------
    value : (Z,) array
        What is held against the threshold, such as income; NaN where unknown.
    people : (Z,) array, >= 0
        NaN where nobody knows how many live there: such a zone is unknown too.
    pairs : (E, 2) int array
        Neighbours.
    threshold : float
        Zones strictly under it take part.
    fewest : float
        People that an area needs at least.

    Returns
    -------
    Delimited
    """
    lived_in = np.nan_to_num(people) > 0
    unknown = (lived_in & ~np.isfinite(value)) | np.isnan(people)
    below = lived_in & ~unknown & (np.where(unknown, np.inf, value) < threshold)
    group = connected(below, pairs)
    inside: Floats = np.nan_to_num(people)[below]
    sums: Floats = np.bincount(group[below], inside).astype(np.float64)
    enough = np.flatnonzero(sums >= fewest)
    order = enough[np.argsort(-sums[enough], kind="stable")]
    number = np.full(len(sums) + 1, -1, dtype=np.int64)
    number[order] = np.arange(len(order))
    return Delimited(number[group], below, unknown, sums[order], len(sums) - len(order))


def held(variants: Iterable[Delimited]) -> Floats:
    """(Z,) share of the variants in which each zone lies in an area, 0 to 1.

    Raises
    ------
    ValueError
        Without any variant.
    """
    inside = [v.inside for v in variants]
    if not inside:
        raise ValueError("no variant to compare")
    out: Floats = np.mean(inside, axis=0, dtype=np.float64)
    return out
