"""Which parts of a network hang together, for whoever may pass a given set of edges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError, Problem
from isopolis.model.streets import Streets
from isopolis.model.text import Number, phrase, phrases

__all__ = ["SMALL", "Parts", "components", "parts"]

SMALL = 100
"""A part with fewer vertices than this is called small."""


@dataclass(frozen=True, slots=True)
class Parts:
    """How a network falls apart.

    Parameters
    ----------
    number : int
        Parts, each held together by passable edges.
    small : int
        Parts with fewer than `SMALL` vertices.
    vertices, largest : int
        Vertices that a passable edge touches, and those of them in the largest part.
    closed : int
        Vertices that no passable edge touches.
    kilometres, kilometres_off : float
        Length of the passable edges, and of those outside the largest part.
    """

    number: int
    small: int
    vertices: int
    largest: int
    closed: int
    kilometres: float
    kilometres_off: float

    @property
    def share(self) -> float:
        """Share of the passable length that lies in the largest part; 0 where nothing is passable."""
        return 1 - self.kilometres_off / self.kilometres if self.kilometres else 0.0

    def caveat(self, file: str = "") -> Problem | None:
        """Say it when there is more than one part; None otherwise."""
        if self.number < 2:
            return None
        return Problem(
            "street-parts",
            phrases(
                "what can be used falls into {n} part; {off} of {all} km are not connected to the largest",
                "what can be used falls into {n} parts; {off} of {all} km are not connected to the largest",
                self.number,
                off=Number(f"{self.kilometres_off:,.1f}"),
                all=Number(f"{self.kilometres:,.1f}"),
            ),
            file=file or None,
            count=self.number,
            hint=phrase("Whoever starts on a small part reaches only what lies on it."),
            fatal=False,
        )


def components(
    streets: Streets, passable: npt.ArrayLike | None = None
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Find the connected parts of what can be passed, in one direction at least.

    Parameters
    ----------
    streets : Streets
    passable : (E,) array of bool, optional
        Every edge by default.

    Returns
    -------
    labels : (N,) array of int
        0 for the largest part, then by falling size and rising first vertex; -1 for a vertex that no passable
        edge touches.
    sizes : (P,) array of int
        Vertices of each part.

    Raises
    ------
    CallError
        If `passable` has not one entry per edge.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    open_, nodes = _passable(streets, passable), len(streets.node_ids)
    tail, head = streets.tail[open_], streets.head[open_]
    touched = np.zeros(nodes, dtype=bool)
    touched[tail] = touched[head] = True
    labels = np.full(nodes, -1, dtype=np.int32)
    if not touched.any():
        return labels, np.empty(0, dtype=np.int64)
    graph = coo_array((np.ones(len(tail), dtype=np.int8), (tail, head)), shape=(nodes, nodes))
    raw = connected_components(graph, directed=False)[1][touched]
    _, first, code, sizes = np.unique(raw, return_index=True, return_inverse=True, return_counts=True)
    order = np.lexsort((first, -sizes))
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    labels[touched] = rank[code.ravel()]
    return labels, sizes[order].astype(np.int64)


def parts(streets: Streets, passable: npt.ArrayLike | None = None) -> Parts:
    """Count the parts of a network and what lies outside the largest.

    Parameters and errors are those of `components`.
    """
    open_ = _passable(streets, passable)
    labels, sizes = components(streets, open_)
    length = streets.length[open_].astype(np.int64)
    off = labels[streets.tail[open_]] > 0
    return Parts(
        number=len(sizes),
        small=int((sizes < SMALL).sum()),
        vertices=int(sizes.sum()),
        largest=int(sizes[0]) if len(sizes) else 0,
        closed=int((labels < 0).sum()),
        kilometres=float(length.sum()) / 1e6,
        kilometres_off=float(length[off].sum()) / 1e6,
    )


def _passable(streets: Streets, passable: npt.ArrayLike | None) -> npt.NDArray[np.bool_]:
    if passable is None:
        return np.ones(len(streets.tail), dtype=bool)
    out = np.asarray(passable, dtype=bool)
    if out.shape != (len(streets.tail),):
        raise CallError(
            phrase("what can be passed must be said for each of the {n} edges", n=len(streets.tail))
        )
    return out
