"""How steep each edge is, from the heights of vertices."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError
from isopolis.model.streets import Streets
from isopolis.model.text import phrase

from .parts import components

__all__ = ["CAP", "LEAST", "SPAN", "slopes"]

SPAN = 60.0
"""Metres over which a slope is taken: two cells of the common elevation models with cells of 30 m, below
which a difference of heights says more about the model's errors than about the street."""
LEAST = 20.0
"""A stretch that is shorter, from junction to junction, counts as this long: its slope is damped."""
CAP = 0.40
"""No slope is steeper: the steepest residential streets rise by 35 to 37 in 100."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_GROUND = ("", "no")
_STAIRS = ("steps", "elevator")


def slopes(streets: Streets, *, span: float = SPAN, least: float = LEAST, cap: float = CAP) -> Floats:
    """(E,) rise over run from tail to head; NaN where the height of an end is not known.

    Heights come from models with cells of tens of metres and errors of metres, while edges may be a metre
    long. So the rise is taken over a stretch of `span` metres with the edge in its middle, that follows the
    street but goes around no corner with a choice: it ends at junctions, and where a stair or a lift begins
    or ends, whose rise is not that of the street. A uniform ramp keeps its slope exactly. A bridge or tunnel
    rises evenly from one of its ends to the other, since the model shows the ground below or above it.

    Parameters
    ----------
    streets : Streets
        With `height`; without it every slope is unknown.
    span, least : float, metres
        The stretch, and the shortest run that a rise is divided by.
    cap : float
        Steepest slope that is believed, as a ratio.

    Raises
    ------
    CallError
        If a length is negative or `least` or `cap` is not above 0.
    """
    if not (span >= 0 and least > 0 and cap > 0):
        raise CallError(phrase("slopes need a span of 0 m or more, and a shortest run and a cap above 0"))
    if streets.height is None or not len(streets.tail):
        return np.full(len(streets.tail), np.nan)
    height, length = streets.height, streets.length / 1000
    over = _over(streets)
    stairs = np.isin(streets.tag("highway"), _STAIRS) | ~np.isin(streets.tag("step_count"), ("", "0"))
    kind = over + 2 * stairs[streets.way]
    want = np.where(over, np.inf, np.maximum(0.0, (span - length) / 2))
    pair = _beside(streets)
    want[_small_ring(streets, pair, length, over, span)] = 0.0
    low, back = _walk(streets, pair, length, kind, want, forward=False)
    high, ahead = _walk(streets, pair, length, kind, want, forward=True)
    run = np.maximum(length + back + ahead, least)
    known = np.isfinite(height[streets.tail]) & np.isfinite(height[streets.head])
    rise = np.where(known, high - low, np.nan)
    return np.clip(rise / run, -cap, cap)


def _over(streets: Streets) -> Bools:
    """(E,) True for edges that do not lie on the ground."""
    ways = ~np.isin(streets.tag("bridge"), _GROUND) | ~np.isin(streets.tag("tunnel"), _GROUND)
    out: Bools = ways[streets.way]
    return out


def _beside(streets: Streets) -> Ints:
    """(N, 2) the two edges of vertices that have exactly two; -1 for other vertices."""
    nodes, edges = len(streets.node_ids), len(streets.tail)
    ends = np.concatenate([streets.tail, streets.head])
    edge = np.concatenate([np.arange(edges), np.arange(edges)])
    order = np.argsort(ends, kind="stable")
    begin = np.searchsorted(ends[order], np.arange(nodes + 1))
    two = np.flatnonzero(np.diff(begin) == 2)
    out = np.full((nodes, 2), -1, dtype=np.int64)
    out[two] = np.stack([edge[order][begin[two]], edge[order][begin[two] + 1]], axis=1)
    return out


def _small_ring(streets: Streets, pair: Ints, length: Floats, over: Bools, span: float) -> Bools:
    """(E,) True on rings without a junction around which the two ends of a stretch would meet."""
    labels, sizes = components(streets)
    part = labels[streets.tail]
    turns = np.zeros(len(sizes), dtype=bool)
    np.logical_or.at(turns, labels[labels >= 0], pair[labels >= 0, 0] < 0)
    around = np.bincount(part, weights=length, minlength=len(sizes))
    endless = np.bincount(part, weights=~over, minlength=len(sizes)) == 0
    out: Bools = (~turns & ((around < 2 * span) | endless))[part]
    return out


def _walk(
    streets: Streets, pair: Ints, length: Floats, kind: Ints, want: Floats, *, forward: bool
) -> tuple[Floats, Floats]:
    """Go on from one end of every edge at once; the height reached, and how far it is from that end."""
    height = streets.height
    assert height is not None
    edge = np.arange(len(length))
    vertex = np.array(streets.head if forward else streets.tail, dtype=np.int64)
    level, walked = height[vertex].copy(), np.zeros(len(length))
    active, here, start = np.flatnonzero(want > 0), edge.copy(), edge
    while len(active):
        at = vertex[active]
        onward = np.where(pair[at, 0] == here[active], pair[at, 1], pair[at, 0])
        # a junction, the end of a bridge or of a stair, or the edge itself again: a loop
        go = (onward >= 0) & (onward != start[active]) & (onward != here[active])
        go &= kind[onward] == kind[active]
        active, at, onward = active[go], at[go], onward[go]
        there = np.where(streets.tail[onward] == at, streets.head[onward], streets.tail[onward])
        rise = height[there] - height[at]
        go = np.isfinite(rise)
        active, onward, there, rise = active[go], onward[go], there[go], rise[go]
        step = np.minimum(length[onward], want[active] - walked[active])
        level[active] += rise * step / length[onward]
        walked[active] += step
        vertex[active], here[active] = there, onward
        active = active[walked[active] < want[active]]
    return level, walked
