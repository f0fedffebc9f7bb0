"""Which zones touch, from their outlines."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from isopolis.model import Zones

__all__ = ["GAP", "touching"]

GAP = 0.5
"""Metres that outlines may be apart and still touch: simplified or projected outlines rarely meet."""


def touching(zones: Zones, *, corners: bool = True, gap: float = GAP) -> npt.NDArray[np.int64]:
    """(E, 2) pairs of zones that touch, each once, the lower number first.

    Parameters
    ----------
    zones : Zones
        With outlines; a zone without one touches nothing.
    corners : bool
        True when a common corner is enough; False asks for a common border.
    gap : float
        Metres that outlines may be apart.
    """
    import shapely

    drawn = np.flatnonzero(zones.drawable)
    if zones.geometry is None or len(drawn) < 2:
        return np.zeros((0, 2), dtype=np.int64)
    shapes = zones.geometry[drawn]
    tree = shapely.STRtree(shapes)
    left, right = tree.query(shapes, predicate="dwithin", distance=gap)
    once = left < right
    left, right = left[once], right[once]
    if not corners and len(left):
        # a border of length L shares about L x gap with a rim of width `gap`, a corner about gap x gap
        rim = shapely.buffer(shapes, gap)
        shared = shapely.area(shapely.intersection(rim[left], shapes[right])) / gap
        left, right = left[shared > 4 * gap], right[shared > 4 * gap]
    out: npt.NDArray[np.int64] = np.stack([drawn[left], drawn[right]], axis=1).astype(np.int64)
    return out
