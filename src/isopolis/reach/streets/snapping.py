"""Where on the streets a place lies: the nearest point of the nearest edge, within a limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError, Problem
from isopolis.model.streets import Streets
from isopolis.model.text import phrase

from .parts import _passable

__all__ = ["Snapped", "snap"]

EARTH = 6_371_008.8  # metres, as for lengths
_PIECE = 60.0  # metres that edges are cut into before they are searched
_FIRST = 8  # pieces looked at first; points for which they do not settle it look at four times as many
_EXACT = 20_000.0  # metres up to which the gap of a refused point is exact too
_POLAR = 85.0  # degrees of latitude beyond which degrees of longitude are no measure of anything
_BLOCK = 1 << 20  # pairs of point and piece that are measured at once

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Snapped:
    """Places on edges.

    Parameters
    ----------
    edge : (P,) array of int
        Row of the edge in `Streets`; -1 for a point that was refused.
    share : (P,) array, 0 to 1
        How far along the edge from its tail; 0 for a point that was refused.
    gap : (P,) array, metres
        From the point to the edge; 0 for a point that was refused.
    refused : tuple of Problem
        One for each of `refused_points`, with its reason.
    """

    edge: npt.NDArray[np.int32]
    share: Floats
    gap: Floats
    refused: tuple[Problem, ...] = ()

    def __len__(self) -> int:
        return len(self.edge)

    @property
    def refused_points(self) -> Ints:
        """(R,) the points that `refused` speaks of, rising."""
        return np.flatnonzero(self.edge < 0)

    @property
    def reasons(self) -> dict[str, int]:
        """How many points were refused for each reason, by its code."""
        codes = [p.code for p in self.refused]
        return {code: codes.count(code) for code in dict.fromkeys(codes)}


def snap(
    streets: Streets,
    lon: npt.ArrayLike,
    lat: npt.ArrayLike,
    passable: npt.ArrayLike | None = None,
    *,
    limit: float,
) -> Snapped:
    """Find for each point the nearest edge that can be passed, and the nearest place on it.

    The place on an edge is found on a plane that touches the Earth at the point, where an edge is a straight
    line; the gap to it is then measured at the middle latitude. Beyond 85 degrees both are done in space.
    Gaps are compared in whole millimetres, and of edges equally near the first counts: what comes out does
    not depend on the machine, on the order of the points or on how many there are.

    Parameters
    ----------
    streets : Streets
    lon, lat : (P,) arrays, degrees (WGS84)
    passable : (E,) array of bool, optional
        Edges that a point may be joined to; every edge by default.
    limit : float, metres
        The largest gap, inclusive. Points further away are refused, not joined to the far side of a river.

    Returns
    -------
    Snapped
        Points are refused with the codes ``no-place`` (not a number), ``no-degrees`` (outside the globe),
        ``too-far`` and ``no-street`` (nothing can be passed).

    Raises
    ------
    CallError
        If lengths disagree or the limit is not a number of 0 or more.
    """
    x, y = (np.array(v, dtype=float).ravel() for v in (lon, lat))
    if len(x) != len(y):
        raise CallError(phrase("every point needs a longitude and a latitude"))
    if not (np.isfinite(limit) and limit >= 0):
        raise CallError(phrase("the largest distance to a street must be a number of metres, 0 or more"))
    usable = np.flatnonzero(_passable(streets, passable))
    finite = np.isfinite(x) & np.isfinite(y)
    globe = finite & (np.abs(np.where(finite, x, 0)) <= 180) & (np.abs(np.where(finite, y, 0)) <= 90)
    edge = np.full(len(x), -1, dtype=np.int32)
    share, gap = np.zeros(len(x)), np.zeros(len(x))
    if len(usable) and globe.any():
        edge[globe], share[globe], gap[globe] = _nearest(streets, usable, x[globe], y[globe], limit)
    near = (edge >= 0) & (np.rint(gap * 1000) <= np.rint(limit * 1000))
    refused = tuple(_why(finite[i], globe[i], len(usable), gap[i], limit) for i in np.flatnonzero(~near))
    return Snapped(
        edge=np.where(near, edge, -1).astype(np.int32),
        share=np.where(near, share, 0.0),
        gap=np.where(near, gap, 0.0),
        refused=refused,
    )


def _why(finite: Any, globe: Any, streets: int, gap: float, limit: float) -> Problem:
    """Say why one point was refused."""
    if not finite:
        said = ("no-place", phrase("its place is not known"), "")
    elif not globe:
        rule = phrase("longitude -180 to 180, latitude -90 to 90")
        said = ("no-degrees", phrase("its place is not on the globe"), rule)
    elif not streets:
        said = ("no-street", phrase("there is no street that can be used"), "")
    else:
        rule = phrase("at most {limit} m", limit=f"{limit:,.0f}")
        said = ("too-far", phrase("{gap} m from the nearest street", gap=f"{gap:,.0f}"), rule)
    return Problem(said[0], said[1], rule=said[2], fatal=False)


# -- search ---------------------------------------------------------------------------------------------
def _nearest(
    streets: Streets, usable: Ints, lon: Floats, lat: Floats, limit: float
) -> tuple[Ints, Floats, Floats]:
    """Nearest edge of each point, share along it and gap.

    Edges are cut into pieces of at most `_PIECE`, and their middles are searched in space. An edge nearer
    than the best so far has a piece whose middle is nearer than that plus half a piece: when the last middle
    that was looked at is further away, none was missed. Points that are certainly refused and further away
    than `_EXACT` are told how far to a piece or so.
    """
    from scipy.spatial import cKDTree

    middle, of, half = _pieces(streets, usable)
    tree = cKDTree(middle, balanced_tree=False, compact_nodes=False)
    beyond = max(limit, _EXACT) * 1.02 + half
    at = _space(lon, lat)
    edge, share, gap = np.zeros(len(lon), dtype=np.int64), np.zeros(len(lon)), np.zeros(len(lon))
    todo, many = np.arange(len(lon)), min(_FIRST, len(of))
    while len(todo):
        settled = np.zeros(len(todo), dtype=bool)
        step = max(1, _BLOCK // many)
        for begin in range(0, len(todo), step):
            some = todo[begin : begin + step]
            far, index = tree.query(at[some], k=np.arange(1, many + 1))
            found = _best(streets, usable[of[index]], lon[some], lat[some])
            edge[some], share[some], gap[some] = found
            # a plane and a straight line through the Earth differ by well under this
            reach = found[2] * 1.01 + 0.01 + half
            settled[begin : begin + step] = (far[:, -1] > reach) | (far[:, 0] > beyond) | (many == len(of))
        todo, many = todo[~settled], min(many * 4, len(of))
    return edge, share, gap


def _pieces(streets: Streets, usable: Ints) -> tuple[Floats, Ints, float]:
    """Middles of the pieces of edges in space, the edge of each, and half the longest piece, metres."""
    lon, lat = streets.lon, streets.lat
    tail, head = streets.tail[usable], streets.head[usable]
    across = _turned(lon[head] - lon[tail])
    up = lat[head] - lat[tail]
    narrow = np.cos(np.radians(np.minimum(np.abs(lat[tail]), np.abs(lat[head]))))
    long_ = np.radians(np.hypot(across * narrow, up)) * EARTH
    polar = np.maximum(np.abs(lat[tail]), np.abs(lat[head])) > _POLAR
    first, second = _space(lon[tail], lat[tail]), _space(lon[head], lat[head])
    long_ = np.where(polar, np.linalg.norm(second - first, axis=1), long_)
    cuts = np.maximum(1, np.ceil(long_ / _PIECE)).astype(np.int64)
    of = np.repeat(np.arange(len(usable)), cuts)
    place = np.arange(len(of)) - np.repeat(np.cumsum(cuts) - cuts, cuts)
    share = (place + 0.5) / cuts[of]
    middle = _space(lon[tail][of] + share * across[of], lat[tail][of] + share * up[of])
    straight = first[of] + share[:, None] * (second - first)[of]
    return np.where(polar[of, None], straight, middle), of, float((long_ / cuts).max()) / 2


def _best(streets: Streets, edges: Ints, lon: Floats, lat: Floats) -> tuple[Ints, Floats, Floats]:
    """Nearest of (P, k) edges for each of P points, the first of equals."""
    share, gap = _measure(streets, edges, lon[:, None], lat[:, None])
    whole = np.rint(gap * 1000)
    nearest = whole == whole.min(axis=1, keepdims=True)
    winner = np.where(nearest, edges, np.iinfo(np.int64).max).argmin(axis=1)
    rows = np.arange(len(lon))
    return edges[rows, winner], share[rows, winner], gap[rows, winner]


def _measure(streets: Streets, edges: Ints, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Share along edges and gap to them, on the plane that touches the Earth at each point."""
    tail, head = streets.tail[edges], streets.head[edges]
    narrow = np.cos(np.radians(lat))
    ax, ay = _turned(streets.lon[tail] - lon) * narrow, streets.lat[tail] - lat
    bx, by = _turned(streets.lon[head] - lon) * narrow, streets.lat[head] - lat
    dx, dy = bx - ax, by - ay
    square = dx * dx + dy * dy
    along = -(ax * dx + ay * dy)
    share = np.clip(np.divide(along, square, out=np.zeros_like(along), where=square > 0), 0.0, 1.0)
    # at an end its own place, so that edges which meet there are exactly equally near
    px = np.where(share == 1.0, bx, ax + share * dx)
    py = np.where(share == 1.0, by, ay + share * dy)
    # a degree of longitude is as long as it is halfway there: with that, the gap is the great circle's to
    # millimetres over kilometres
    px = px / narrow * np.cos(np.radians(lat + py / 2))
    gap = np.radians(np.hypot(px, py)) * EARTH
    rows = np.flatnonzero(np.abs(lat[:, 0]) > _POLAR)
    if len(rows):
        share[rows], gap[rows] = _measure_polar(streets, edges[rows], lon[rows, 0], lat[rows, 0])
    return share, gap


def _measure_polar(streets: Streets, edges: Ints, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """The same in space, where edges are straight too: near the poles meridians are not parallel."""
    tail, head = streets.tail[edges], streets.head[edges]
    at = _space(lon, lat)[:, None]
    begin = _space(streets.lon[tail].ravel(), streets.lat[tail].ravel()).reshape(*edges.shape, 3) - at
    end = _space(streets.lon[head].ravel(), streets.lat[head].ravel()).reshape(*edges.shape, 3) - at
    step = end - begin
    square = (step * step).sum(axis=-1)
    along = -(begin * step).sum(axis=-1)
    share = np.clip(np.divide(along, square, out=np.zeros_like(along), where=square > 0), 0.0, 1.0)
    place = np.where((share == 1.0)[..., None], end, begin + share[..., None] * step)
    return share, np.linalg.norm(place, axis=-1)


def _turned(degrees: Floats) -> Floats:
    """Bring differences of longitude to -180 to 180: streets may cross the date line."""
    out: Floats = np.where(np.abs(degrees) > 180, (degrees + 180) % 360 - 180, degrees)
    return out


def _space(lon: Floats, lat: Floats) -> Floats:
    """(n, 3) metres from the centre of the Earth."""
    a, b = np.radians(lon), np.radians(lat)
    return np.stack([np.cos(b) * np.cos(a), np.cos(b) * np.sin(a), np.sin(b)], axis=1) * EARTH
