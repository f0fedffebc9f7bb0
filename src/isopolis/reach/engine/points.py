"""Points on a network: origins and places, anywhere along an edge."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError
from isopolis.model.text import phrase

from .compiled import kernel
from .network import Graph, Topology

__all__ = ["Points", "by_chain", "hooks", "spots"]

Ints = npt.NDArray[np.int32]


MANY = 1000
"""So many points are kept as they hang on the graph they were last asked for: twelve services ask from the
same origins, one after the other."""


@dataclass(slots=True, eq=False)
class _Kept:
    graph: weakref.ref[Graph]
    spot: npt.NDArray[np.int64]
    inside: tuple[Ints, Ints] | None = None


_KEPT: weakref.WeakKeyDictionary[Points, _Kept] = weakref.WeakKeyDictionary()


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Points:
    """Points along edges.

    Parameters
    ----------
    edge : (P,) array of int32
        Edge of each point; -1 where it is not attached and reaches nothing.
    share : (P,) array of float64, 0 to 1
        Where on the edge, from its tail. At 0 and 1 the point stands on the vertex itself, and can leave by
        every edge there, whether or not this one can be passed.
    offset : (P,) array of int32, milliseconds, 0 or more; or one number for all
        Time between the point and the network.

    Raises
    ------
    CallError
        If lengths disagree, a share is outside 0 to 1, or an offset is negative.
    """

    edge: Ints
    share: npt.NDArray[np.float64]
    offset: Ints

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "edge", np.ascontiguousarray(self.edge, dtype=np.int32))
        put(self, "share", np.ascontiguousarray(self.share, dtype=np.float64))
        offset = np.broadcast_to(np.asarray(self.offset, dtype=np.int64), self.edge.shape)
        if self.edge.ndim != 1 or self.share.shape != self.edge.shape:
            raise CallError(phrase("points need one edge and one share each"))
        if len(self.edge):
            known = self.share[self.edge >= 0]
            if self.edge.min() < -1 or not ((known >= 0) & (known <= 1)).all():
                raise CallError(phrase("a point lies on an edge, or -1, at a share of it from 0 to 1"))
            if offset.min() < 0 or offset.max() >= 2**31:
                raise CallError(phrase("the way from a point to the network takes 0 ms or more"))
        put(self, "offset", offset.astype(np.int32))

    def __len__(self) -> int:
        """Return how many points there are."""
        return len(self.edge)

    @classmethod
    def at_nodes(cls, topology: Topology, nodes: npt.ArrayLike, offset: npt.ArrayLike = 0) -> Points:
        """Put points on vertices; a vertex without an edge gives a point that is not attached.

        Parameters
        ----------
        topology : Topology
        nodes : (P,) array of int
        offset : (P,) array of int or int, milliseconds
        """
        end = np.full(len(topology.junction), -1, np.int32)
        edges = np.arange(len(topology.tail), dtype=np.int32)
        end[topology.head] = 2 * edges + 1
        end[topology.tail] = 2 * edges
        mine = end[np.asarray(nodes, dtype=np.int64)]
        return cls(np.where(mine < 0, -1, mine >> 1), (mine & 1).astype(np.float64), offset)  # type: ignore[arg-type]

    def take(self, which: Any) -> Points:
        """Return some of the points: a slice, numbers or flags."""
        return Points(self.edge[which], self.share[which], self.offset[which])


def spots(graph: Graph, points: Points) -> npt.NDArray[np.int64]:
    """(P, 16) where points hang on a graph.

    Columns: chain (-1 at a junction); slot; place on the edge; the two junctions; costs to leave to them;
    costs to come from them; cost of the chain before the point, along and against; impassable edges before it
    and with its own edge, along; the same against; offset. Costs at the ends include the offset.

    Raises
    ------
    CallError
        If a point lies on an edge that does not exist.
    """
    if len(points) and int(points.edge.max()) >= len(graph.forward):
        raise CallError(phrase("a point lies on an edge that the network does not have"))
    known = _KEPT.get(points)
    if known is not None and known.graph() is graph:
        return known.spot
    shape = graph.topology
    out = np.zeros((len(points), 16), np.int64)
    kernel("attach")(
        points.edge, points.share, points.offset, shape.tail, shape.head, shape.junction, shape.inner,
        shape.slot_of, shape.chain_of, shape.flip, shape.start, shape.stop, graph.forward, graph.backward,
        shape.first, graph.along, graph.against, graph.shut_along, graph.shut_against, graph.sum_along,
        graph.sum_against, graph.many_along, graph.many_against, out,
    )  # fmt: skip
    out.flags.writeable = False
    if len(points) >= MANY:
        _KEPT[points] = _Kept(weakref.ref(graph), out)
    return out


def by_chain(spot: npt.NDArray[np.int64], chains: int) -> tuple[Ints, Ints]:
    """(C + 1,) and (n,) points inside each chain, by number."""
    kept = next((k for k in list(_KEPT.values()) if k.spot is spot), None)
    if kept is not None and kept.inside is not None:
        return kept.inside
    ptr = np.zeros(chains + 1, np.int32)
    inside = np.flatnonzero(spot[:, 0] >= 0).astype(np.int32)
    if len(inside):
        chain = spot[inside, 0]
        np.cumsum(np.bincount(chain, minlength=chains), out=ptr[1:])
        inside = inside[np.argsort(chain, kind="stable")]
    if kept is not None:
        kept.inside = (ptr, inside)
    return ptr, inside


def hooks(spot: npt.NDArray[np.int64], junctions: int, column: int, limit: int) -> tuple[Ints, Ints]:
    """(J + 1,) and (n, 6) what hangs at each junction.

    Columns: point; 0 at its first end, 1 at its second; cost here; junction and cost of the other end; chain.

    Parameters
    ----------
    spot : (P, 16) array
    junctions : int
    column : int
        First of the two costs at the ends: 5 for travel from the points, 7 for travel to them.
    limit : int, milliseconds
        Ends that cost more are left out.
    """
    ptr, hook = np.zeros(junctions + 1, np.int32), np.empty((2 * len(spot), 6), np.int32)
    many = kernel("hooks")(spot, column, limit, ptr, hook)
    return ptr, hook[:many]
