"""A network made ready for searching: once its shape, then its costs for each profile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError
from isopolis.model.text import phrase

from .compiled import kernel
from .kernel_network import FAR

__all__ = ["LONGEST", "Graph", "Topology"]

Ints = npt.NDArray[np.int32]

LONGEST = FAR - 1
"""Longest journey that is counted, milliseconds (12 days); what takes longer cannot be reached."""

_DEPTH = 16


@dataclass(frozen=True, slots=True, eq=False)
class Topology:
    """The shape of a network: junctions in the order of a curve, and chains of edges between them.

    A vertex at which just two edges meet is no junction: it lies inside a chain, whatever its tags and costs.
    Make one with `Topology.of`; it serves every profile.

    Parameters
    ----------
    tail, head : (E,) arrays of int32
        Vertex at each end of an edge.
    junction : (N,) array of int32
        Junction of each vertex; -1 inside a chain, and where there is no edge.
    inner : (N,) array of int32
        Slot of the edge that follows a vertex inside a chain; -1 elsewhere.
    first : (C + 1,) array of int32
        Slots of each chain, in the order in which they are walked.
    start, stop : (C,) arrays of int32
        Junctions at the ends of each chain.
    edge_of, chain_of : (E,) arrays of int32
        Edge and chain of each slot.
    flip : (E,) array of uint8
        1 where the chain runs against the edge.
    slot_of : (E,) array of int32
        Slot of each edge.
    ptr, neighbour, way : (J + 1,), (A,), (A,) arrays of int32
        Chains that leave each junction: where to, and 2c along chain c or 2c + 1 against it.
    """

    tail: Ints
    head: Ints
    junction: Ints
    inner: Ints
    first: Ints
    start: Ints
    stop: Ints
    edge_of: Ints
    chain_of: Ints
    flip: npt.NDArray[np.uint8]
    slot_of: Ints
    ptr: Ints
    neighbour: Ints
    way: Ints

    @classmethod
    def of(
        cls, tail: npt.ArrayLike, head: npt.ArrayLike, nodes: int, lon: npt.ArrayLike, lat: npt.ArrayLike,
        *, contract: bool = True, hilbert: bool = True,
    ) -> Topology:  # fmt: skip
        """Find junctions and chains.

        Parameters
        ----------
        tail, head : (E,) arrays of int
        nodes : int
            Number of vertices.
        lon, lat : (N,) arrays
            Where vertices lie, in any unit; only the order of junctions in memory depends on it.
        contract, hilbert : bool
            Off to measure what chains and the order contribute; results are the same.

        Raises
        ------
        CallError
            If lengths disagree or an edge points at no vertex.
        """
        a, b = (np.ascontiguousarray(x, dtype=np.int32) for x in (tail, head))
        where = [np.ascontiguousarray(x, dtype=np.float64) for x in (lon, lat)]
        _check([a, b], where, nodes)
        kept, many = _kept(a, b, nodes, where, contract, hilbert)
        ptr, around = np.zeros(nodes + 1, np.int32), np.empty(2 * len(a), np.int32)
        kernel("incidence")(a, b, ptr, around)
        return cls(a, b, *_chains(a, b, ptr, around, kept, many))

    @property
    def junctions(self) -> int:
        """Number of vertices that are searched."""
        return len(self.ptr) - 1

    @property
    def chains(self) -> int:
        """Number of chains."""
        return len(self.start)

    def weigh(self, forward: npt.ArrayLike, backward: npt.ArrayLike) -> Graph:
        """Put costs on the network.

        Parameters
        ----------
        forward, backward : (E,) arrays of int32, milliseconds
            Cost of each edge from tail to head and back, 0 or more; -1 where it cannot be passed.

        Raises
        ------
        CallError
            If there is not one cost per edge and direction, or one is below -1.
        """
        costs: list[Any] = [_costs(a, len(self.tail)) for a in (forward, backward)]
        many, chains = len(self.tail), self.chains
        before: list[Any] = [np.empty(many, np.int64) for _ in range(2)] + [
            np.empty(many, np.int32) for _ in range(2)
        ]
        total: list[Any] = [np.empty(chains, np.int64) for _ in range(2)] + [
            np.empty(chains, np.int32) for _ in range(2)
        ]
        kernel("weights")(*costs, self.first, self.edge_of, self.flip, *before, *total)
        both: list[Any] = [np.empty((len(self.way), 2), np.int32) for _ in range(2)]
        kernel("fill")(self.neighbour, self.way, *total, *both)
        return Graph(self, *costs, *before, *total, *both)


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Graph:
    """A network with the costs of one profile; made by `Topology.weigh`.

    Parameters
    ----------
    topology : Topology
    forward, backward : (E,) arrays of int32, milliseconds; -1 impassable
    along, against : (E,) arrays of int64
        Cost of the passable edges of the chain before each slot, along the chain and against it.
    shut_along, shut_against : (E,) arrays of int32
        Impassable edges of the chain before each slot.
    sum_along, sum_against, many_along, many_against : (C,) arrays
        The same over the whole chain.
    out, back : (A, 2) arrays of int32
        Neighbour and cost of each chain that leaves a junction, and of travel back from there.
    """

    topology: Topology
    forward: Ints
    backward: Ints
    along: npt.NDArray[np.int64]
    against: npt.NDArray[np.int64]
    shut_along: Ints
    shut_against: Ints
    sum_along: npt.NDArray[np.int64]
    sum_against: npt.NDArray[np.int64]
    many_along: Ints
    many_against: Ints
    out: Ints
    back: Ints

    def mean_cost(self) -> int:
        """Mean cost of the chains that can be walked, milliseconds; at least 1."""
        passable = self.out[:, 1][self.out[:, 1] < FAR]
        return max(1, int(passable.mean())) if len(passable) else 1


def _check(ends: list[Ints], where: list[npt.NDArray[np.float64]], nodes: int) -> None:
    if len(ends[0]) != len(ends[1]) or any(len(a) != nodes for a in where):
        raise CallError(phrase("a network needs two ends for each edge, and a place for each vertex"))
    if len(ends[0]) and not (
        min(a.min() for a in ends) >= 0 and max(a.max() for a in ends) < nodes and 2 * len(ends[0]) < FAR
    ):
        raise CallError(phrase("an edge of the network points at a vertex that does not exist"))


def _kept(
    tail: Ints, head: Ints, nodes: int, where: list[Any], contract: bool, hilbert: bool
) -> tuple[Ints, int]:
    """Vertices that are junctions in their order, with room for all; and how many they are."""
    degree = np.zeros(nodes, np.int32)
    kernel("degrees")(tail, head, degree)
    which = np.flatnonzero((degree > 0) & (degree != 2) if contract else degree > 0)
    many = len(which)
    if hilbert and many:
        key = np.empty(many, np.int64)
        side = float(2**_DEPTH - 1)
        low = [float(a.min()) for a in where]
        scale = [side / max(float(a.max()) - x, 1e-300) for a, x in zip(where, low, strict=True)]
        kernel("hilbert")(*where, which, _DEPTH, *low, *scale, key)
        key.sort()
        which = key & (2**32 - 1)
    kept = np.empty(nodes, np.int32)
    kept[:many] = which
    return kept, many


def _chains(tail: Ints, head: Ints, ptr: Ints, around: Ints, kept: Ints, many: int) -> tuple[Any, ...]:
    edges, nodes = len(tail), len(kept)
    junction, inner = (np.full(nodes, -1, np.int32) for _ in range(2))
    start, stop, edge_of, chain_of = (np.empty(edges, np.int32) for _ in range(4))
    flip, used, first = np.empty(edges, np.uint8), np.zeros(edges, np.uint8), np.empty(edges + 1, np.int32)
    chains, junctions = kernel("chains")(
        tail,
        head,
        ptr,
        around,
        kept,
        many,
        used,
        junction,
        inner,
        start,
        stop,
        edge_of,
        flip,
        chain_of,
        first,
    )
    start, stop, first = start[:chains].copy(), stop[:chains].copy(), first[: chains + 1].copy()
    slot_of = np.empty(edges, np.int32)
    slot_of[edge_of] = np.arange(edges, dtype=np.int32)
    at, neighbour, way = np.zeros(junctions + 1, np.int32), *(np.empty(2 * chains, np.int32) for _ in "ab")
    total = kernel("adjacency")(start, stop, chains, at, neighbour, way)
    neighbour, way = neighbour[:total].copy(), way[:total].copy()
    return junction, inner, first, start, stop, edge_of, chain_of, flip, slot_of, at, neighbour, way


def _costs(given: npt.ArrayLike, edges: int) -> Ints:
    costs = np.ascontiguousarray(given)
    if costs.shape != (edges,) or (edges and int(costs.min()) < -1):
        raise CallError(
            phrase("every edge needs a cost of 0 ms or more in each direction, or -1 (impassable)")
        )
    # what takes longer than any journey that is counted cannot be walked
    return np.where(costs > LONGEST, -1, costs).astype(np.int32)
