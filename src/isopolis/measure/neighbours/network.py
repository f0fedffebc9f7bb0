"""Near on foot or by road: distances along a network given as arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError

from .types import Neighbourhood

__all__ = ["network_band"]

ROWS = 256
"""Zones whose distances are held at once; bounds memory to this many rows of the network."""


def network_band(
    network: Any, node_of_zone: npt.ArrayLike, limit: float, *, unit: str = "m"
) -> Neighbourhood:
    """All zones that are reached along a network at a cost of `limit` at most.

    Parameters
    ----------
    network : (N, N) scipy sparse array
        Cost of each link from row to column, above 0: metres, or seconds of walking.
        A link that is used both ways stands there twice.
    node_of_zone : (Z,) int array
        Node at which each zone is joined to the network.
    limit : float
        In the unit of the links, >= 0.
    unit : str
        For the name only.

    Returns
    -------
    Neighbourhood
        Weights 1, the zone itself included. A zone whose node has no links is near
        those at its own node only.

    Raises
    ------
    CallError
        If a node does not exist or a link costs 0 or less.
    """
    from scipy.sparse import csr_array, vstack
    from scipy.sparse.csgraph import dijkstra

    links, node = csr_array(network, dtype=np.float64), np.asarray(node_of_zone)
    if node.ndim != 1 or (len(node) and not np.issubdtype(node.dtype, np.integer)):
        raise CallError("each zone is joined to one node of the network, a whole number")
    node = node.astype(np.intp)
    if links.shape[0] != links.shape[1]:
        raise CallError(f"a network is a square matrix of nodes, not one of shape {links.shape}")
    if len(node) and (node.min() < 0 or node.max() >= links.shape[0]):
        zone = int(np.flatnonzero((node < 0) | (node >= links.shape[0]))[0])
        raise CallError(
            f"zone {zone} is joined to node {int(node[zone])}, of {links.shape[0]} counted from 0"
        )
    if not (links.data > 0).all():
        raise CallError("a link of the network costs 0 or less: every cost must be above 0")
    if not limit >= 0:
        raise CallError(f"the limit is {limit:g}: it must be 0 or more")
    blocks = [csr_array((0, len(node)))]
    for start in range(0, len(node), ROWS):
        rows = node[start : start + ROWS]
        asked, back = np.unique(rows, return_inverse=True)
        cost = dijkstra(links, directed=True, indices=asked, limit=float(np.nextafter(limit, np.inf)))
        blocks.append(csr_array((cost[back][:, node] <= limit).astype(np.float64)))
    weights = csr_array(vstack(blocks))
    return Neighbourhood(weights, f"within {limit:g} {unit} along the network", "network")
