"""A street network as its source describes it: vertices, pieces of way, tags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from .counts import frozen
from .errors import CallError, Problem
from .pickling import as_fields

__all__ = ["Streets"]


@dataclass(frozen=True, slots=True, eq=False)
class Streets:
    """Streets and paths, every vertex and every part kept, whether connected or not.

    Parameters
    ----------
    node_ids : (N,) array of int
        Ids of the vertices in the source, unique.
    lon, lat : (N,) arrays, degrees (WGS84)
    tail, head : (E,) arrays of int
        Vertex at each end of an edge, as the way is drawn; each edge stands once.
    length : (E,) array of int, millimetres
        Length on the ground, at least 1.
    way : (E,) array of int
        Row of the edge's way in `way_ids` and `way_tags`.
    way_ids : (W,) array of int
    way_tags : mapping of str to (W,) array of str
        Value of each tag by its key in OpenStreetMap; empty where the way has no such tag.
    tagged : (K,) array of int
        Vertices that carry tags themselves: kerbs, crossings, barriers.
    node_tags : mapping of str to (K,) array of str
    height : (N,) array, metres, optional
        Above sea level; NaN where the elevation does not reach.
    caveats : tuple of Problem
    source : str
        Name of the file.

    Raises
    ------
    CallError
        If lengths disagree or an edge points at no vertex.
    """

    node_ids: npt.NDArray[np.int64]
    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    tail: npt.NDArray[np.int32]
    head: npt.NDArray[np.int32]
    length: npt.NDArray[np.int32]
    way: npt.NDArray[np.int32]
    way_ids: npt.NDArray[np.int64]
    way_tags: Mapping[str, npt.NDArray[np.object_]]
    tagged: npt.NDArray[np.int32]
    node_tags: Mapping[str, npt.NDArray[np.object_]]
    height: npt.NDArray[np.float64] | None = None
    caveats: tuple[Problem, ...] = ()
    source: str = ""

    def __post_init__(self) -> None:
        put = object.__setattr__
        for name, dtype in _DTYPES.items():
            put(self, name, frozen(getattr(self, name), dtype))
        if self.height is not None:
            put(self, "height", frozen(self.height))
        for name in ("way_tags", "node_tags"):
            tags = {k: frozen(v, object) for k, v in getattr(self, name).items()}
            put(self, name, MappingProxyType(tags))
        self._check()

    def _check(self) -> None:
        nodes, edges = len(self.node_ids), len(self.tail)
        if any(len(a) != nodes for a in (self.lon, self.lat)) or (
            self.height is not None and len(self.height) != nodes
        ):
            raise CallError("every vertex of the streets needs a longitude, a latitude and a height or none")
        if any(len(a) != edges for a in (self.head, self.length, self.way)):
            raise CallError("every edge of the streets needs two ends, a length and a way")
        for ends, many in ((self.tail, nodes), (self.head, nodes), (self.way, len(self.way_ids))):
            if edges and not (ends.min() >= 0 and ends.max() < many):
                raise CallError("an edge of the streets points at a vertex or a way that does not exist")
        if any(len(v) != len(self.way_ids) for v in self.way_tags.values()):
            raise CallError("tags of ways must have one entry per way")
        if any(len(v) != len(self.tagged) for v in self.node_tags.values()):
            raise CallError("tags of vertices must have one entry per tagged vertex")

    def __reduce__(self) -> tuple[Any, ...]:
        return as_fields(self)

    @property
    def kilometres(self) -> float:
        """Length of all edges."""
        return float(self.length.sum(dtype=np.int64)) / 1e6

    def tag(self, key: str) -> npt.NDArray[np.object_]:
        """(W,) value of `key` on each way; empty texts when no way has it."""
        return self.way_tags.get(key, _nothing(len(self.way_ids)))

    def node_tag(self, key: str) -> npt.NDArray[np.object_]:
        """(K,) value of `key` on each tagged vertex; empty texts when none has it."""
        return self.node_tags.get(key, _nothing(len(self.tagged)))


_DTYPES: Mapping[str, npt.DTypeLike] = {
    "node_ids": np.int64,
    "lon": np.float64,
    "lat": np.float64,
    "tail": np.int32,
    "head": np.int32,
    "length": np.int32,
    "way": np.int32,
    "way_ids": np.int64,
    "tagged": np.int32,
}


def _nothing(many: int) -> npt.NDArray[np.object_]:
    return np.full(many, "", dtype=object)
