"""Zones that touch: rook, queen, and neighbours of neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError

from ..arrays import Floats
from .types import Neighbourhood

__all__ = ["Borders", "contiguity", "grid_borders", "orders"]


def _from_0_up(values: Floats, what: str) -> None:
    bad = np.flatnonzero(~np.isfinite(values) | (values < 0))
    if len(bad):
        raise CallError(f"{what} {int(bad[0])} is {values[bad[0]]:g}: it must be a number from 0 up")


@dataclass(frozen=True, slots=True, eq=False)
class Borders:
    """Which zones share a border, and how long it is; each pair once.

    Parameters
    ----------
    first, second : (E,) int arrays
        Zone numbers of a pair, different ones.
    length : (E,) array
        Metres of shared border; 0 where the two meet in a point only.
    area, perimeter : (Z,) arrays
        Square metres, and metres of the whole outline, the edge of the city included.

    Raises
    ------
    CallError
        If a pair names no zone, a zone touches itself, a pair comes twice, or a length or area is
        below 0, unknown or left out.
    """

    first: npt.NDArray[np.intp]
    second: npt.NDArray[np.intp]
    length: Floats
    area: Floats
    perimeter: Floats

    def __post_init__(self) -> None:
        for name, kind in (("first", np.intp), ("second", np.intp), ("length", np.float64)):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=kind))
        for name in ("area", "perimeter"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=np.float64))
        zones = len(self.area)
        if self.perimeter.shape != (zones,):
            raise CallError(
                f"there are {zones} areas and {self.perimeter.size} perimeters: give one for each"
            )
        if not len(self.first) == len(self.second) == len(self.length):
            raise CallError(
                f"borders are pairs with a length: {len(self.first)} first zones, {len(self.second)} second "
                f"zones and {len(self.length)} lengths do not belong together"
            )
        both = np.concatenate([self.first, self.second])
        wrong = both[(both < 0) | (both >= zones)]
        if len(wrong):
            raise CallError(f"borders name zone {int(wrong[0])}, and there are {zones}, counted from 0")
        same = np.flatnonzero(self.first == self.second)
        if len(same):
            raise CallError(
                f"zone {int(self.first[same[0]])} is said to border on itself (pair {int(same[0])})"
            )
        key = np.minimum(self.first, self.second) * zones + np.maximum(self.first, self.second)
        if len(np.unique(key)) != len(key):
            raise CallError("a pair of zones comes twice among the borders: give each pair once")
        _from_0_up(self.length, "the shared border of pair")
        _from_0_up(self.area, "the area of zone")
        _from_0_up(self.perimeter, "the perimeter of zone")

    @property
    def zones(self) -> int:
        """Number of zones."""
        return len(self.area)

    def inner(self) -> Floats:
        """(Z,) metres of border that each zone shares with other zones."""
        out = np.zeros(self.zones)
        np.add.at(out, self.first, self.length)
        np.add.at(out, self.second, self.length)
        return out


def contiguity(
    borders: Borders, rule: Literal["rook", "queen"] = "queen", *, by: Literal["one", "length"] = "one"
) -> Neighbourhood:
    """Zones that touch each other.

    Parameters
    ----------
    borders : Borders
    rule : str
        ``rook``: a shared line; ``queen``: a shared line or a shared point.
    by : str
        What a neighbour counts: 1, or the metres of border (0 for a point).

    Returns
    -------
    Neighbourhood
        Symmetric, without the zone itself.
    """
    if rule not in ("rook", "queen"):
        raise CallError(f'there is no contiguity "{rule}": it is rook or queen')
    if by not in ("one", "length"):
        raise CallError(f'neighbours count by "one" or by "length", not by "{by}"')
    from scipy.sparse import coo_array

    use = borders.length > 0 if rule == "rook" or by == "length" else np.ones(len(borders.length), dtype=bool)
    i, j = borders.first[use], borders.second[use]
    value = borders.length[use] if by == "length" else np.ones(len(i))
    shape = (borders.zones, borders.zones)
    half = coo_array((value, (i, j)), shape=shape)
    words = "by length of the border" if by == "length" else rule
    return Neighbourhood((half + half.T).tocsr(), f"zones that touch ({words})", "contiguity")


def orders(touching: Neighbourhood, most: int) -> tuple[Neighbourhood, ...]:
    """Neighbours, neighbours of neighbours, and so on.

    Parameters
    ----------
    touching : Neighbourhood
        Who touches whom; weights other than 0 count as touching.
    most : int
        Highest order, >= 1.

    Returns
    -------
    tuple of Neighbourhood
        The k-th holds zones that are reached in k steps and not in fewer.
    """
    if most < 1:
        raise CallError(f"neighbours of order {most} do not exist: orders count from 1")
    from scipy.sparse import csr_array, eye_array

    step = csr_array((touching.weights != 0).astype(np.float64))
    seen = csr_array(eye_array(touching.zones))
    ring, out = seen, []
    for k in range(1, most + 1):
        reached = csr_array(((ring @ step) != 0).astype(np.float64))
        ring = csr_array(reached - reached.multiply(seen))
        ring.eliminate_zeros()
        seen = seen + ring
        out.append(Neighbourhood(ring, f"{touching.name}, order {k}", "contiguity"))
    return tuple(out)


def grid_borders(widths: npt.ArrayLike, heights: npt.ArrayLike) -> Borders:
    """Borders of a grid of rectangles, row by row.

    Parameters
    ----------
    widths, heights : (C,) and (R,) arrays, metres
        Zone ``r * C + c`` is ``widths[c]`` wide and ``heights[r]`` high.
    """
    w, h = np.asarray(widths, dtype=np.float64), np.asarray(heights, dtype=np.float64)
    number = np.arange(len(w) * len(h)).reshape(len(h), len(w))
    right = number[:, :-1].ravel(), number[:, 1:].ravel(), np.repeat(h, len(w) - 1)
    up = number[:-1].ravel(), number[1:].ravel(), np.tile(w, len(h) - 1)
    points = np.zeros((len(h) - 1) * (len(w) - 1))
    one = number[:-1, :-1].ravel(), number[1:, 1:].ravel(), points
    other = number[:-1, 1:].ravel(), number[1:, :-1].ravel(), points
    first, second, length = (np.concatenate(parts) for parts in zip(right, up, one, other, strict=True))
    area = np.outer(h, w).ravel()
    return Borders(first, second, length, area, 2 * np.add.outer(h, w).ravel())
