"""Geometry of the example city: blocks, zones made of blocks, districts made of zones.

Blocks are the cells of one Voronoi diagram, so that every border is shared to the last
digit. A river divides the city; its cells and those beyond the outline are taken away.
Zones grow over neighbouring blocks and districts over neighbouring zones, never across
the river, so that each is in one piece and they nest by construction.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from .grow import boundaries, grow_regions, inner, sweep
from .names import place_names

__all__ = ["CRS", "HARBOUR", "INDUSTRY", "PARK", "RESIDENTIAL", "Blocks", "Plan", "make_plan"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

CRS = "EPSG:3035"
ORIGIN = (2_600_000.0, 2_900_000.0)  # open Atlantic, so that no real place lies under the outlines
ZONE_AREA = 250_000.0  # square metres a zone, on average
RESIDENTIAL, PARK, HARBOUR, INDUSTRY = "residential", "park", "harbour", "industry"
OUTSIDE, RIVER = -1, -2


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """Street blocks and the edges between them.

    Parameters
    ----------
    points : (B, 2) array, metres
        One point inside each cell of the diagram, river and surroundings included.
    kind : (B,) array
        Number of the bank (0, 1) for blocks of the city; -1 outside, -2 river.
    area : (B,) array, square metres
    vertices : (V, 2) array, metres, rounded to 0.1
    edges : (E, 2) array
        Ends of each edge, as positions in `vertices`.
    sides : (E, 2) array
        Blocks on the two sides of each edge, as positions in `points`.
    """

    points: Floats
    kind: Ints
    area: Floats
    vertices: Floats
    edges: Ints
    sides: Ints

    @property
    def waterside(self) -> npt.NDArray[np.bool_]:
        """(E,) True for edges along the river."""
        out: npt.NDArray[np.bool_] = (self.kind[self.sides] == RIVER).any(axis=1)
        return out


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Zones and districts of the example city, in the order of their ids.

    `block_zone` is the zone of each block, -1 where there is none; `centre` and `radius`
    (metres) describe the city's disc; `centroid` is (Z, 2), `area` square metres.
    """

    blocks: Blocks
    block_zone: Ints
    ids: list[str]
    names: list[str]
    district: Ints
    district_ids: list[str]
    district_names: list[str]
    land_use: list[str]
    polygons: npt.NDArray[np.object_]
    district_polygons: npt.NDArray[np.object_]
    centroid: Floats
    area: Floats
    centre: Floats
    radius: float

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def place(self) -> Floats:
        """(Z, 2) centroids in units of the city's radius, from its centre."""
        out: Floats = (self.centroid - self.centre) / self.radius
        return out


def make_plan(rng: np.random.Generator, zones: int) -> Plan:
    """Return the plan of a city of exactly `zones` zones."""
    per_zone = 8 if zones <= 2_500 else 4
    blocks = _banks(_make_blocks(rng, zones, zones * per_zone))
    block_zone, block_district = _regions(rng, blocks, zones)
    district_polygons = boundaries(blocks, block_district)
    polygons = boundaries(blocks, block_zone)
    return _describe(rng, blocks, block_zone, block_district, polygons, district_polygons)


# -- blocks -------------------------------------------------------------
def _outline(rng: np.random.Generator) -> Any:
    """Return the city's radius as a function of the direction; 1 on average."""
    k = np.arange(2, 6)
    size, phase = rng.uniform(0.03, 0.09, 4) / np.sqrt(k - 1), rng.uniform(0, 2 * np.pi, 4)
    return lambda angle: 1 + (size * np.cos(np.multiply.outer(angle, k) + phase)).sum(axis=-1)


def _grid(rng: np.random.Generator, step: float, reach: float) -> Floats:
    """Return a jittered triangular lattice that covers a square of half side `reach`."""
    rows = np.arange(-reach, reach, step * np.sqrt(3) / 2)
    x = np.arange(-reach, reach, step)
    points = np.stack(np.meshgrid(x, rows), axis=-1)
    points[1::2, :, 0] += step / 2
    flat: Floats = points.reshape(-1, 2)
    return flat + rng.uniform(-0.27, 0.27, flat.shape) * step


def _river(rng: np.random.Generator, step: float, reach: float) -> tuple[Floats, Floats, Any]:
    """Return points on both banks, points in the water, and the distance to the centre line.

    Each bank point has its mirror image in the water: the border between their two cells
    is the water's edge.
    """
    level, swing = rng.choice([-1, 1]) * rng.uniform(0.08, 0.16), rng.uniform(0.12, 0.20)
    pace, phase = rng.uniform(1.8, 2.6), rng.uniform(0, 2 * np.pi)
    x = np.arange(-reach, reach, 0.8 * step)
    line = np.stack([x, level + swing * np.sin(pace * x + phase)], axis=1)
    slope = swing * pace * np.cos(pace * x + phase)
    normal = np.stack([-slope, np.ones_like(x)], axis=1) / np.hypot(slope, 1)[:, None]
    bank = np.concatenate([line + normal * 0.7 * step, line - normal * 0.7 * step])
    water = np.concatenate([line + normal * 0.1 * step, line - normal * 0.1 * step])

    def away(points: Floats) -> Floats:
        tilt = swing * pace * np.cos(pace * points[:, 0] + phase)
        height = points[:, 1] - level - swing * np.sin(pace * points[:, 0] + phase)
        out: Floats = np.abs(height) / np.hypot(tilt, 1)
        return out

    return bank, water, away


def _make_blocks(rng: np.random.Generator, zones: int, wanted: int) -> Blocks:
    from scipy.spatial import Voronoi

    outline = _outline(rng)
    step = float(np.sqrt(np.pi / (wanted * np.sqrt(3) / 2)))
    reach = 1.35 + 4 * step
    bank, water, away = _river(rng, step, reach)
    grid = _grid(rng, step, reach)
    grid = grid[away(grid) > 1.2 * step]
    points = np.concatenate([grid, bank, water])
    radius = np.hypot(points[:, 0], points[:, 1])
    border = outline(np.arctan2(points[:, 1], points[:, 0]))
    near = radius < border + 3 * step
    kind = np.where(radius < border, 0, OUTSIDE)
    kind[len(points) - len(water) :] = RIVER
    # streets are denser in the middle
    warped = (points * (0.62 + 0.38 * radius)[:, None])[near]
    diagram = Voronoi(warped)
    return _cells(warped, kind[near], diagram.vertices, diagram.ridge_vertices, diagram.ridge_points, zones)


def _cells(
    points: Floats, kind: Ints, vertices: Floats, ridges: list[list[int]], ridge_points: Ints, zones: int
) -> Blocks:
    """Scale the diagram to metres and round it; keep the edges that touch the city."""
    ends, sides = np.array(ridges, dtype=np.intp), np.array(ridge_points, dtype=np.intp)
    keep = (kind[sides] >= 0).any(axis=1) & (ends >= 0).all(axis=1)
    ends, sides = ends[keep], sides[keep]
    arms = vertices[ends][:, None] - points[sides][:, :, None]  # (E, side, end, xy)
    slice_area = 0.5 * np.abs(arms[..., 0, 0] * arms[..., 1, 1] - arms[..., 0, 1] * arms[..., 1, 0])
    area = np.bincount(sides.ravel(), slice_area.ravel(), len(points)).astype(np.float64)
    scale = float(np.sqrt(zones * ZONE_AREA / area[kind >= 0].sum()))
    metres: Floats = np.round(np.asarray(ORIGIN) + vertices[np.unique(ends)] * scale, 1)
    rank = np.searchsorted(np.unique(ends), ends)
    corners: Floats
    corners, inverse = np.unique(metres, axis=0, return_inverse=True)
    edges = inverse.reshape(-1)[rank]
    real = edges[:, 0] != edges[:, 1]
    places = np.asarray(ORIGIN) + points * scale
    return Blocks(places, kind, area * scale**2, corners, edges[real], sides[real])


def _banks(blocks: Blocks) -> Blocks:
    """Number the two banks; a block that is on neither is left out of the city."""
    from scipy.sparse.csgraph import connected_components

    _, part = connected_components(inner(blocks, blocks.kind >= 0), directed=False)
    size = np.bincount(part[blocks.kind >= 0], minlength=part.max() + 1)
    kind = np.where(blocks.kind == RIVER, RIVER, OUTSIDE)
    for bank, component in enumerate(np.argsort(-size, kind="stable")[:2]):
        kind[(part == component) & (blocks.kind >= 0)] = bank
    return replace(blocks, kind=kind)


# -- zones and districts -------------------------------------------------
def _regions(rng: np.random.Generator, blocks: Blocks, zones: int) -> tuple[Ints, Ints]:
    """Return the zone and the district of every block (-1: none), numbered in reading order."""
    raw = grow_regions(rng, blocks.points, blocks.area, inner(blocks, blocks.kind >= 0), blocks.kind, zones)
    count, area, centre, bank = _summary(blocks, raw)
    pairs = np.sort(raw[blocks.sides], axis=1)
    pairs = np.unique(pairs[(pairs[:, 0] >= 0) & (pairs[:, 0] != pairs[:, 1])], axis=0)
    from scipy.sparse import coo_array

    length = np.hypot(*(centre[pairs[:, 0]] - centre[pairs[:, 1]]).T)
    graph = coo_array((length, (pairs[:, 0], pairs[:, 1])), shape=(count, count)).tocsr()
    graph = graph + graph.T
    districts = min(11, max(3, zones // 4))
    of_zone = grow_regions(rng, centre, area, graph, bank, districts)
    middle = np.array([centre[of_zone == d].mean(axis=0) for d in range(districts)])
    rank = np.argsort(np.argsort(np.hypot(*(middle - np.asarray(ORIGIN)).T)))  # 0 is the old town
    of_zone = rank[of_zone]
    position = np.empty(count, dtype=np.intp)
    position[sweep(centre, count)] = np.arange(count)
    order = np.lexsort((position, of_zone))
    new = np.full(count + 1, -1, dtype=np.intp)
    new[order] = np.arange(count)
    district = np.append(of_zone, -1)
    return new[raw], district[raw]


def _summary(blocks: Blocks, zone: Ints) -> tuple[int, Floats, Floats, Ints]:
    """Return number, area, centre and bank of the zones made of blocks."""
    inside = zone >= 0
    index, weight, points = zone[inside], blocks.area[inside], blocks.points[inside]
    area = np.bincount(index, weight).astype(np.float64)
    centre = np.stack([np.bincount(index, weight * points[:, k]) / area for k in (0, 1)], axis=1)
    bank: Ints = np.zeros(len(area), dtype=np.intp)
    bank[index] = blocks.kind[inside]
    return len(area), area, centre, bank


def _describe(
    rng: np.random.Generator,
    blocks: Blocks,
    block_zone: Ints,
    block_district: Ints,
    polygons: npt.NDArray[np.object_],
    district_polygons: npt.NDArray[np.object_],
) -> Plan:
    import shapely

    count = len(polygons)
    district = np.empty(count, dtype=np.intp)
    inside = block_zone >= 0
    district[block_zone[inside]] = block_district[inside]
    number = np.arange(count) - np.searchsorted(district, district) + 1
    width = max(2, len(str(int(number.max()))))
    district_ids = [f"{d + 1:02d}" for d in range(len(district_polygons))]
    names = place_names(rng, count + len(district_ids))
    centroid = shapely.get_coordinates(shapely.centroid(polygons))
    radius = float(np.quantile(np.hypot(*(centroid - np.asarray(ORIGIN)).T), 0.95))
    waterside = np.unique(block_zone[blocks.sides[blocks.waterside].ravel()])
    return Plan(
        blocks=blocks,
        block_zone=block_zone,
        ids=[f"{district_ids[d]}{n:0{width}d}" for d, n in zip(district, number, strict=True)],
        names=names[:count],
        district=district,
        district_ids=district_ids,
        district_names=["Old Town", *names[count + 1 :]],
        land_use=_land_use(rng, centroid, waterside[waterside >= 0]),
        polygons=polygons,
        district_polygons=district_polygons,
        centroid=centroid,
        area=shapely.area(polygons),
        centre=np.asarray(ORIGIN),
        radius=radius,
    )


def _land_use(rng: np.random.Generator, centroid: Floats, waterside: Ints) -> list[str]:
    """Say which zones are parks (3 %), harbour (1.5 %, downstream on the river) and industry (2 %)."""
    count = len(centroid)
    use = np.full(count, RESIDENTIAL, dtype=object)
    downstream = waterside[np.argsort(-centroid[waterside, 0], kind="stable")]
    use[downstream[: max(1, min(round(0.015 * count), len(downstream) // 4))]] = HARBOUR
    free = rng.permutation(np.flatnonzero(use == RESIDENTIAL))
    parks, works = max(1, round(0.03 * count)), round(0.02 * count)
    use[free[:parks]] = PARK
    use[free[parks : parks + works]] = INDUSTRY
    return [str(u) for u in use]
