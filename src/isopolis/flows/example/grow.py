"""Regions that grow over a graph of neighbours, and the outlines of regions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from .plan import Blocks

__all__ = ["boundaries", "grow_regions", "inner", "share_out", "sweep"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
SHORTEST_SHARED_EDGE = 2.0  # metres; blocks that touch in less are no neighbours


def inner(blocks: Blocks, inside: npt.NDArray[np.bool_]) -> Any:
    """Return the sparse graph of neighbouring blocks that are both `inside`, weighted by distance."""
    from scipy.sparse import coo_array

    span = np.hypot(*(blocks.vertices[blocks.edges[:, 0]] - blocks.vertices[blocks.edges[:, 1]]).T)
    a, b = blocks.sides[inside[blocks.sides].all(axis=1) & (span >= SHORTEST_SHARED_EDGE)].T
    length = np.hypot(*(blocks.points[a] - blocks.points[b]).T)
    count = len(blocks.points)
    graph = coo_array((length, (a, b)), shape=(count, count)).tocsr()
    return graph + graph.T


def share_out(total: int, sizes: npt.NDArray[Any]) -> Ints:
    """Divide `total` whole things in proportion to `sizes`, at least one each."""
    exact = total * sizes / sizes.sum()
    out = np.maximum(1, np.floor(exact)).astype(np.intp)
    for k in np.argsort(-(exact - out), kind="stable")[: max(0, total - int(out.sum()))]:
        out[k] += 1
    while out.sum() > total:
        out[np.argmax(out)] -= 1
    return out


def sweep(points: Floats, regions: int) -> Ints:
    """Order points in strips, there and back, so that neighbours in the order are near."""
    low, high = points.min(axis=0), points.max(axis=0)
    width = float(np.sqrt(max(np.prod(high - low), 1.0) / max(regions, 1)))
    strip = np.floor((points[:, 1] - low[1]) / width)
    along = np.where(strip % 2 == 0, points[:, 0], -points[:, 0])
    return np.lexsort((along, strip))


def grow_regions(
    rng: np.random.Generator, points: Floats, weight: Floats, graph: Any, part: Ints, regions: int
) -> Ints:
    """Divide the nodes of a graph into `regions` connected regions that respect its parts.

    Parameters
    ----------
    points : (N, 2) array, metres
    weight : (N,) array
        Area of each node.
    graph : sparse (N, N)
        Distances between neighbours; no edge joins two parts.
    part : (N,) array
        Part of each node from 0; negative nodes stay out.
    regions : int

    Returns
    -------
    (N,) array
        Region of each node, -1 for nodes that stay out.
    """
    sizes = np.bincount(part[part >= 0])
    out = np.full(len(points), -1, dtype=np.intp)
    rough = graph.copy()
    rough.data = rough.data * rng.uniform(0.75, 1.25, len(rough.data))  # ragged borders
    first = 0
    for k, number in enumerate(share_out(regions, sizes)):
        nodes = np.flatnonzero(part == k)
        local = _grow(points[nodes], weight[nodes], rough[nodes][:, nodes], int(number))
        out[nodes] = first + local
        first += int(number)
    return out


def _grow(points: Floats, weight: Floats, graph: Any, regions: int) -> Ints:
    """Grow from evenly spread seeds, move each seed to its region's middle, and grow again."""
    from scipy.sparse.csgraph import dijkstra

    order = sweep(points, regions)
    seeds = order[((np.arange(regions) + 0.5) * len(points) / regions).astype(np.intp)]
    for _ in range(3):
        _, _, source = dijkstra(graph, directed=True, indices=seeds, min_only=True, return_predecessors=True)
        seeds = np.sort(seeds)
        region = np.searchsorted(seeds, source)
        area = np.bincount(region, weight)
        middle = np.stack([np.bincount(region, weight * points[:, k]) / area for k in (0, 1)], axis=1)
        off = np.hypot(*(points - middle[region]).T)
        by_region = np.lexsort((off, region))
        seeds = by_region[np.searchsorted(region[by_region], np.arange(regions))]
    return region


def boundaries(blocks: Blocks, region: Ints) -> npt.NDArray[np.object_]:
    """Return the outline of every region of blocks, as shapely polygons in the order of the regions."""
    import shapely
    from scipy.spatial import cKDTree

    between = region[blocks.sides[:, 0]] != region[blocks.sides[:, 1]]
    lines = shapely.linestrings(blocks.vertices[blocks.edges[between]])
    faces = shapely.get_parts(shapely.polygonize(lines))
    inside = shapely.get_coordinates(shapely.point_on_surface(faces))
    # the point nearest to a place is that of the cell it lies in
    _, nearest = cKDTree(blocks.points).query(inside)
    label = region[nearest]
    faces, label = shapely.normalize(faces[label >= 0]), label[label >= 0]
    out = np.empty(int(region.max()) + 1, dtype=object)
    out[label] = faces
    return out
