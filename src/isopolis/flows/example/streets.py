"""A connected street network with the tags that decide who can use it; some are unknown.

Streets are the borders of the blocks and a few bridges. Above 10,000 zones only the
borders of zones are kept, to keep the file sane.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .fields import waves
from .plan import HARBOUR, OUTSIDE, PARK, RIVER, Plan

__all__ = ["TAGS", "UNKNOWN", "Streets", "lay_streets"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Texts = npt.NDArray[np.object_]

UNKNOWN = "unknown"
TAGS = ("highway", "bridge", "lit", "kerb", "steps", "surface", "width_m", "incline_pct")
ALL_BLOCKS_UP_TO = 10_000
STEEP = 6.0  # per cent; a steep small street may be steps


@dataclass(frozen=True, slots=True, eq=False)
class Streets:
    """Street segments between nodes; NaN in `width` and `incline` where nobody measured."""

    nodes: Floats
    ends: Ints
    highway: Texts
    bridge: Texts
    lit: Texts
    kerb: Texts
    steps: npt.NDArray[np.int64]
    surface: Texts
    width: Floats
    incline: Floats
    length: Floats


def lay_streets(rng: np.random.Generator, plan: Plan) -> Streets:
    """Lay streets along the blocks' edges, bridge the river, and tag every segment."""
    blocks = plan.blocks
    zone = plan.block_zone[blocks.sides]
    keep = (blocks.kind[blocks.sides] >= 0).any(axis=1)
    if len(plan) > ALL_BLOCKS_UP_TO:
        keep &= zone[:, 0] != zone[:, 1]
    highway = _classes(rng, plan, blocks.sides[keep], zone[keep])
    over = _bridges(plan)
    ends = np.concatenate([blocks.edges[keep], over])
    highway = np.concatenate([highway, rng.choice(np.array(["secondary", "footway"], object), len(over))])
    bridge = np.arange(len(ends)) >= len(ends) - len(over)
    together = _largest(ends, len(blocks.vertices))
    ends, highway, bridge = ends[together], highway[together], bridge[together]
    used, inverse = np.unique(ends, return_inverse=True)
    return _tag(rng, plan, blocks.vertices[used], inverse.reshape(-1, 2), highway, bridge)


def _classes(rng: np.random.Generator, plan: Plan, sides: Ints, zone: Ints) -> Texts:
    """Say what kind of street each edge is, from what lies on its two sides."""
    n = len(zone)
    small = np.array(["residential", "living_street", "pedestrian", "footway"], object)
    out = rng.choice(small, n, p=[0.78, 0.08, 0.04, 0.10])
    use = np.append(np.array(plan.land_use, object), "")[zone]
    green = (use == PARK).all(axis=1)
    out[green] = rng.choice(np.array(["path", "footway"], object), n)[green]
    out[(use == HARBOUR).any(axis=1)] = "service"
    kind = plan.blocks.kind[sides]
    both = (kind >= 0).all(axis=1)
    district = np.append(plan.district, -1)[zone]
    out[both & (zone[:, 0] != zone[:, 1])] = "tertiary"
    out[both & (district[:, 0] != district[:, 1])] = "secondary"
    out[(kind == OUTSIDE).any(axis=1)] = "unclassified"
    quay = (kind == RIVER).any(axis=1)
    out[quay] = rng.choice(np.array(["footway", "residential"], object), n)[quay]
    return out


def _bridges(plan: Plan) -> Ints:
    """(n, 2) pairs of nodes on the two banks, spread along the river; at least one."""
    from scipy.spatial import cKDTree

    blocks = plan.blocks
    bank = blocks.kind[blocks.sides[blocks.waterside]].max(axis=1)
    ends = blocks.edges[blocks.waterside]
    first, second = np.unique(ends[bank == 0]), np.unique(ends[bank == 1])
    gap, nearest = cKDTree(blocks.vertices[second]).query(blocks.vertices[first])
    pairs = np.stack([first, second[nearest]], axis=1)[gap < 1.5 * np.median(gap)]
    pairs = pairs[np.argsort(blocks.vertices[pairs[:, 0], 0], kind="stable")]
    number = min(len(pairs), max(2, round(len(first) / 12)))
    return pairs[((np.arange(number) + 0.5) * len(pairs) / number).astype(np.intp)]


def _largest(ends: Ints, nodes: int) -> npt.NDArray[np.bool_]:
    """(n,) True for segments of the largest connected part."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(nodes, nodes))
    _, part = connected_components(graph, directed=False)
    of_segment = part[ends[:, 0]]
    out: npt.NDArray[np.bool_] = of_segment == np.bincount(of_segment).argmax()
    return out


def _pick(rng: np.random.Generator, values: str, shares: list[float], n: int) -> Texts:
    return rng.choice(np.array(values.split(), object), n, p=shares)


def _hide(rng: np.random.Generator, values: Texts, share: float) -> Texts:
    """Make a share of the tags unknown, as on real maps."""
    return np.where(rng.random(len(values)) < share, UNKNOWN, values)


def _tag(
    rng: np.random.Generator,
    plan: Plan,
    nodes: Floats,
    ends: Ints,
    highway: Texts,
    bridge: npt.NDArray[np.bool_],
) -> Streets:
    n = len(ends)
    place = (nodes - plan.centre) / plan.radius
    height = 0.006 * plan.radius * waves(rng, place)
    length: Floats = np.hypot(*(nodes[ends[:, 0]] - nodes[ends[:, 1]]).T)
    incline = np.where(bridge, 0.0, 100 * (height[ends[:, 1]] - height[ends[:, 0]]) / length)
    minor = np.isin(highway, ["footway", "residential", "living_street", "pedestrian"]) & ~bridge
    stairs = minor & (np.abs(incline) > STEEP) & (rng.random(n) < 0.3)
    stairs |= minor & (rng.random(n) < 0.006)
    highway = np.where(stairs, "steps", highway)
    soft = np.isin(highway, ["path", "footway", "steps"])
    lit = np.where(rng.random(n) < np.where(soft, 0.60, 0.95), "yes", "no").astype(object)
    central = np.hypot(*place[ends].mean(axis=1).T) < 0.35
    hard = _pick(rng, "asphalt paving_stones concrete", [0.70, 0.22, 0.08], n)
    old = _pick(rng, "sett paving_stones asphalt", [0.35, 0.35, 0.30], n)
    surface = np.where(central, old, hard)
    surface = np.where(highway == "path", _pick(rng, "gravel compacted grass", [0.5, 0.4, 0.1], n), surface)
    kerb = np.where(soft, "flush", _pick(rng, "lowered raised flush", [0.50, 0.38, 0.12], n))
    width = np.round(np.where(soft, rng.uniform(0.9, 3.5, n), rng.uniform(1.2, 4.5, n)), 1)
    count = np.maximum(3, np.rint(np.abs(incline) / 100 * length / 0.16)).astype(np.int64)
    return Streets(
        nodes=nodes,
        ends=ends,
        highway=highway,
        bridge=np.where(bridge, "yes", "no"),
        lit=_hide(rng, lit, 0.15),
        kerb=_hide(rng, kerb, 0.30),
        steps=np.where(stairs, np.minimum(count, 120), 0),
        surface=_hide(rng, surface, 0.25),
        width=np.where(rng.random(n) < 0.55, np.nan, width),
        incline=np.where(rng.random(n) < 0.60, np.nan, np.round(incline, 1)),
        length=np.round(length, 1),
    )
