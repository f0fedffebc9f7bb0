"""The people who live nearest, and those who are reached first along a network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError

from ..arrays import Floats
from ..neighbours.distance import _points
from .lattice import Lattice, lattice
from .near import PAIRS_MOST, Near, from_matrix, rising

__all__ = ["Costs", "along_links", "by_network", "by_people", "from_pairs"]

GRID_FROM = 20_000
"""Zones in a regular grid from which the nearest people are taken in square rings."""


TIE = 1e-9
"""Part of a distance by which two zones may differ and still be equally far: coordinates are rounded."""

DENSE = 8_000_000
"""Nodes × zones whose distances are held at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Costs:
    """What it costs to get from zone to zone; pairs that are not there are out of reach.

    Parameters
    ----------
    starts : (Z + 1,) int array
    to : (P,) int array
        Zones reached from zone i stand from ``starts[i]`` to ``starts[i + 1]``, the zone itself among them.
    cost : (P,) array, >= 0
    unit : str
        ``m`` or ``min``.
    limit : float
        Pairs above it were not looked for; infinite when all are there.
    """

    starts: npt.NDArray[np.intp]
    to: npt.NDArray[np.intp]
    cost: Floats
    unit: str
    limit: float = np.inf

    @property
    def zones(self) -> int:
        """Number of zones."""
        return len(self.starts) - 1

    def rows(self) -> Iterator[tuple[int, npt.NDArray[np.intp], Floats]]:
        """Each zone with the zones it reaches and their costs, the nearest first."""
        for i in range(self.zones):
            part = slice(self.starts[i], self.starts[i + 1])
            order = np.argsort(self.cost[part], kind="stable")
            yield i, self.to[part][order], self.cost[part][order]


def from_pairs(
    start: npt.ArrayLike, end: npt.ArrayLike, cost: npt.ArrayLike, zones: int, unit: str = "min"
) -> Costs:
    """Costs from a table of pairs of zones, as a router writes it.

    Parameters
    ----------
    start, end : (P,) int arrays
        Zones, counted from 0. The least cost counts where a pair stands twice.
    cost : (P,) array, >= 0
    zones : int
    unit : str

    Returns
    -------
    Costs
        A zone reaches itself at no cost.

    Raises
    ------
    CallError
        If a zone does not exist or a cost is negative or unknown.
    """
    a, b = np.asarray(start, dtype=np.intp), np.asarray(end, dtype=np.intp)
    c = np.asarray(cost, dtype=np.float64)
    bad = np.flatnonzero((a < 0) | (a >= zones) | (b < 0) | (b >= zones))
    if len(bad):
        raise CallError(f"pair {int(bad[0])} names a zone that is not there: there are {zones} from 0")
    bad = np.flatnonzero(~(c >= 0) | ~np.isfinite(c))
    if len(bad):
        raise CallError(f"pair {int(bad[0])} costs {c[bad[0]]:g}: a cost is a number from 0 up")
    every = np.arange(zones)
    a, b, c = np.append(a, every), np.append(b, every), np.append(np.where(a == b, 0.0, c), np.zeros(zones))
    order = np.lexsort((c, b, a))
    a, b, c = a[order], b[order], c[order]
    first = np.append(True, (a[1:] != a[:-1]) | (b[1:] != b[:-1]))
    a, b, c = a[first], b[first], c[first]
    return Costs(np.searchsorted(a, np.arange(zones + 1)), b, c, unit)


def along_links(
    network: Any,
    node_of_zone: npt.ArrayLike,
    limit: float,
    *,
    off: npt.ArrayLike | None = None,
    unit: str = "m",
) -> Costs:
    """Costs along a network, by the shortest way.

    Parameters
    ----------
    network : (N, N) scipy sparse array
        See `isopolis.measure.neighbours.network_band`.
    node_of_zone : (Z,) int array
    limit : float
        Ways that cost more are not looked for.
    off : (Z,) array, optional
        What it costs from a zone's point to its node, counted at both ends.

    Raises
    ------
    CallError
        If a node does not exist, a link costs 0 or less, or more than 30 million pairs lie within the limit.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    links, node = csr_array(network, dtype=np.float64), np.asarray(node_of_zone, dtype=np.intp)
    if links.shape[0] != links.shape[1]:
        raise CallError(f"a network is a square matrix of nodes, not one of shape {links.shape}")
    if not (links.data > 0).all():
        raise CallError("a link of the network costs 0 or less: every cost must be above 0")
    if not limit >= 0:
        raise CallError(f"the limit is {limit:g}: it must be 0 or more")
    if len(node) and (node.min() < 0 or node.max() >= links.shape[0]):
        raise CallError(f"a zone is joined to a node that is not there: there are {links.shape[0]} from 0")
    extra = np.zeros(len(node)) if off is None else np.asarray(off, dtype=np.float64)
    start, end, cost, held = [], [], [], 0
    most = float(np.nextafter(limit, np.inf))
    step = max(1, DENSE // max(1, links.shape[0]))
    for first in range(0, len(node), step):
        some = node[first : first + step]
        whole = dijkstra(links, indices=some, limit=most)[:, node] + extra + extra[first : first + step, None]
        here = np.arange(len(some))
        whole[here, first + here] = 0.0
        row, near = np.nonzero(np.isfinite(whole) & (whole <= limit * (1 + 1e-9)))
        held += len(near)
        if held > PAIRS_MOST:
            raise CallError(
                f"more than {PAIRS_MOST:,} pairs of zones lie within {limit:g} {unit} of each other"
            )
        start.append(row + first)
        end.append(near)
        cost.append(whole[row, near])
    none = [np.empty(0)]
    froms, tos, costs = (np.concatenate(a or none) for a in (start, end, cost))
    made = from_pairs(froms, tos, costs, len(node), unit)
    return Costs(made.starts, made.to, made.cost, unit, limit)


def by_network(costs: Costs, limits: Sequence[float]) -> list[Near]:
    """Everybody who is reached at a cost of at most each limit.

    Raises
    ------
    CallError
        If a limit lies beyond what the costs hold.
    """
    from scipy.sparse import csr_array

    wanted = rising(limits, "a limit")
    if wanted and wanted[-1] > costs.limit * (1 + 1e-9):
        raise CallError(f"ways were looked for up to {costs.limit:g} {costs.unit}, not {wanted[-1]:g}")
    row = np.repeat(np.arange(costs.zones), np.diff(costs.starts))
    out = []
    for limit in wanted:
        inside = costs.cost <= limit * (1 + 1e-9)
        weights = (np.ones(int(inside.sum())), (row[inside], costs.to[inside]))
        matrix = csr_array(weights, shape=(costs.zones,) * 2)
        name = f"within {limit:g} {costs.unit} along the network"
        out.append(from_matrix(matrix, limit, "network", costs.unit, name, "network pairs"))
    return out


def by_people(where: npt.ArrayLike | Costs, people: npt.ArrayLike, numbers: Sequence[float]) -> list[Near]:
    """The k people who live nearest, or are reached first, for several k.

    Those of the zone itself come first; zones equally far share the last part in proportion to their
    people, so that every surroundings hold exactly k.

    Parameters
    ----------
    where : (Z, 2) array of metres, or Costs
    people : (Z,) array, >= 0
    numbers : sequence of float
        k, from above 0 to everybody.

    Returns
    -------
    list of Near
        In rising order. On a regular grid of 20,000 zones and more, people are taken in square rings of
        cells. Along a network a zone that reaches fewer than k people has those whom it reaches.
    """
    n, wanted = np.asarray(people, dtype=np.float64), rising(numbers, "a number of people")
    zones = where.zones if isinstance(where, Costs) else len(_points(where))
    if n.shape != (zones,):
        raise CallError(f"there are {zones} zones and {n.size} numbers of people")
    if wanted and wanted[-1] > n.sum():
        raise CallError(f"the {wanted[-1]:g} nearest people: the city has {n.sum():g}")
    if isinstance(where, Costs):
        rows, kind, how = where.rows(), "network people", "along the network"
    else:
        at = _points(where)
        grid = lattice(at) if zones >= GRID_FROM else None
        if grid is not None:
            return [_rings(grid, n, k) for k in wanted]
        rows, kind, how = _sorted(at, n, wanted[-1] if wanted else 0.0), "people", "straight line"
    matrices = _filled(rows, n, wanted, zones)
    made = [
        from_matrix(m, k, kind, "people", f"the {k:g} nearest people, {how}")  # type: ignore[arg-type]
        for k, m in zip(wanted, matrices, strict=True)
    ]
    return [replace(near, fewest=float((near.matrix @ n).min(initial=np.inf))) for near in made]


def _sorted(at: Floats, n: Floats, most: float) -> Iterator[tuple[int, npt.NDArray[np.intp], Floats]]:
    """Each zone with enough others, the nearest first and the zone itself before all."""
    from scipy.spatial import cKDTree

    tree = cKDTree(at)
    usual = 32
    for i in range(len(at)):
        ask = min(len(at), usual)
        while True:
            apart, near = (np.atleast_1d(a) for a in tree.query(at[i], k=ask))
            # every zone as far as the last one needed must have been found
            if ask == len(at) or n[near[apart < apart[-1] * (1 - 2 * TIE)]].sum() >= most:
                break
            ask = min(len(at), 2 * ask)
        usual = max(32, ask)
        apart = np.where(near == i, -1.0, apart)
        order = np.argsort(apart, kind="stable")
        yield i, near[order], apart[order]


def _filled(
    rows: Iterator[tuple[int, npt.NDArray[np.intp], Floats]], n: Floats, numbers: Sequence[float], zones: int
) -> list[Any]:
    from scipy.sparse import csr_array

    held: list[list[tuple[npt.NDArray[np.intp], Floats]]] = [[] for _ in numbers]
    pairs = 0
    for _, near, apart in rows:
        filled = np.cumsum(n[near])
        for k, parts in zip(numbers, held, strict=True):
            parts.append(_parts(near, apart, filled, n, k))
            pairs += len(parts[-1][0])
        if pairs > PAIRS_MOST * len(numbers):
            raise CallError(
                f"the {max(numbers):g} nearest people make more than {PAIRS_MOST:,} pairs of zones, which do "
                "not fit in memory: choose fewer people or larger zones"
            )
    out = []
    for parts in held:
        ends = np.concatenate([[0], np.cumsum([len(p[0]) for p in parts])])
        weights = np.concatenate([p[1] for p in parts]) if parts else np.empty(0)
        columns = np.concatenate([p[0] for p in parts]) if parts else np.empty(0, dtype=np.intp)
        out.append(csr_array((weights, columns, ends), shape=(zones, zones)))
    return out


def _parts(
    near: npt.NDArray[np.intp], apart: Floats, filled: Floats, n: Floats, k: float
) -> tuple[npt.NDArray[np.intp], Floats]:
    """Zones of one environment and the part of each that belongs to it."""
    last = apart[min(int(np.searchsorted(filled, k * (1 - 1e-15))), len(near) - 1)]
    near_last = TIE * max(float(last), 0.0)
    low = int(np.searchsorted(apart, last - near_last, side="left"))
    high = int(np.searchsorted(apart, last + near_last, side="right"))
    before = float(filled[low - 1]) if low else 0.0
    ring = float(filled[high - 1]) - before
    weights = np.ones(high)
    weights[low:] = min(1.0, (k - before) / ring) if ring > 0 else 0.0
    keep = (weights > 0) & (n[near[:high]] > 0)
    chosen: npt.NDArray[np.intp] = near[:high][keep]
    return chosen, weights[keep]


def _rings(grid: Lattice, n: Floats, k: float) -> Near:
    """Square windows that grow until they hold k people; of the last ring a part."""
    wide, part = _widths(grid, n, k)

    def summed(x: Floats) -> Floats:
        table = grid.sums(x).table.astype(np.float64)
        inner = _corners(table, grid, wide - 1)
        inner[:, wide == 0] = 0.0
        return np.asarray((inner + part * (_corners(table, grid, wide) - inner)).T)

    name = f"the {k:g} nearest people, in square rings of cells"
    return Near(k, "people", "people", name, "grid windows", len(n), summed)


def _widths(grid: Lattice, n: Floats, k: float) -> tuple[npt.NDArray[np.intp], Floats]:
    """Smallest half-width that holds k people, by halving, and the part of its last ring that is needed."""
    table = grid.sums(n[:, None]).table.astype(np.float64)
    low = np.full(len(n), -1)
    high = np.full(len(n), max(grid.rows, grid.columns))
    while (high - low > 1).any():
        middle = (low + high) // 2
        enough = _corners(table, grid, middle)[0] >= k
        high, low = np.where(enough, middle, high), np.where(enough, low, middle)
    inner = np.where(high > 0, _corners(table, grid, high - 1)[0], 0.0)
    ring = _corners(table, grid, high)[0] - inner
    return high, np.minimum(1.0, (k - inner) / np.where(ring > 0, ring, 1.0))


def _corners(table: Floats, grid: Lattice, wide: npt.NDArray[np.intp]) -> Floats:
    """(G, Z) sums of square windows, each zone with a half-width of its own."""
    k = np.maximum(wide, 0)
    top, bottom = np.maximum(grid.row - k, 0), np.minimum(grid.row + k + 1, grid.rows)
    left, right = np.maximum(grid.column - k, 0), np.minimum(grid.column + k + 1, grid.columns)
    out: Floats = (
        table[:, bottom, right] - table[:, top, right] - table[:, bottom, left] + table[:, top, left]
    )
    return out
