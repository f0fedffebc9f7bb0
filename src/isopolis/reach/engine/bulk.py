"""Searches for many origins at once: nearest, k nearest, sums within cutoffs, matrices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError
from isopolis.model.text import phrase

from .compiled import kernel
from .decays import Decay, tabled
from .kernel_network import FAR
from .kernel_search import NONE
from .kernel_sums import LANES
from .network import LONGEST, Graph
from .points import Points, by_chain, hooks, spots
from .threads import in_threads

__all__ = ["Nearest", "Rows", "blocks", "matrix", "nearest", "nearest_k", "side_of", "within"]

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

CHUNK = 64
"""Groups of origins that one thread takes at a time."""

DENSE = 4
"""How much dearer one search from a place is than the share of one origin in a search of sixteen."""

SCALAR = 0.5
"""Mean chains in a bucket when one origin is searched."""

BLOCK = 2**22
"""Entries of a matrix that are held at a time while it is streamed."""


@dataclass(frozen=True, slots=True, eq=False)
class Nearest:
    """The nearest place of each origin.

    Parameters
    ----------
    cost : (O,) array of int32, milliseconds
        -1 where no place can be reached within the limit.
    place : (O,) array of int32
        The lowest number among equally near places; -1 where there is none.
    """

    cost: Ints
    place: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Some rows of a matrix of costs, compressed (CSR).

    Parameters
    ----------
    begin : int
        Origin of the first row.
    indptr : (n + 1,) array of int64
    indices : array of int32
        Places, rising within a row.
    costs : array of int32, milliseconds
    """

    begin: int
    indptr: npt.NDArray[np.int64]
    indices: Ints
    costs: Ints


def nearest(graph: Graph, origins: Points, places: Points, *, limit: int | None = None) -> Nearest:
    """Find the nearest place of every origin, in one pass from all places.

    Parameters
    ----------
    graph : Graph
    origins, places : Points
    limit : int, milliseconds, optional
        Longest journey, inclusive; up to `LONGEST` when not given.

    Returns
    -------
    Nearest
    """
    most, shape = _limit(limit), graph.topology
    here, there = spots(graph, origins), spots(graph, places)
    label = np.full(max(1, shape.junctions), NONE, np.int64)
    room = len(shape.way) + 2 * len(places) + 1
    kernel("nearest_labels")(
        shape.ptr, graph.back, there, most, label, np.empty(room, np.int64), np.empty(room, np.int32)
    )
    cost, place = (np.empty(len(origins), np.int32) for _ in range(2))
    kernel("nearest_read")(here, there, *by_chain(there, shape.chains), label, most, cost, place)
    return Nearest(cost, place)


def nearest_k(
    graph: Graph, origins: Points, places: Points, k: int, *, limit: int | None = None
) -> tuple[Ints, Ints]:
    """Find the k nearest places of every origin, in one pass from all places.

    Parameters
    ----------
    graph : Graph
    origins, places : Points
    k : int
    limit : int, milliseconds, optional
        Longest journey, inclusive.

    Returns
    -------
    cost : (O, k) array of int32, milliseconds, rising; -1 where there are fewer
    place : (O, k) array of int32; equal costs by number of the place, -1 where there are fewer
    """
    if k < 1:
        raise CallError(phrase("the number of nearest places is 1 or more"))
    most, shape = _limit(limit), graph.topology
    here, there = spots(graph, origins), spots(graph, places)
    label = np.empty((max(1, shape.junctions), k), np.int64)
    many = np.zeros(max(1, shape.junctions), np.int32)
    room = len(shape.way) + 2 * len(places) + 1
    kernel("k_labels")(shape.ptr, graph.back, there, most, room, label, many)
    cost, place = (np.empty((len(origins), k), np.int32) for _ in range(2))
    kernel("k_read")(here, there, *by_chain(there, shape.chains), label, many, most, cost, place)
    return cost, place


def side_of(origins: int, places: int) -> str:
    """Say from which side sums are cheaper: ``origins`` or ``places``; the sums are the same bits."""
    return "places" if places * DENSE < origins else "origins"


def within(
    graph: Graph, origins: Points, places: Points, amounts: npt.ArrayLike, cutoffs: npt.ArrayLike,
    *, decay: Decay | None = None, threads: int = 1, side: str = "",
) -> Floats:  # fmt: skip
    """Sum amounts at the places that each origin reaches, for many columns and cutoffs in one pass.

    Parameters
    ----------
    graph : Graph
    origins, places : Points
    amounts : (P, C) or (P,) array, 0 or more
        What is summed. Amounts are rounded to 2**-52 of their total, so that sums are exact in whatever
        order they are taken; whole numbers stay as they are.
    cutoffs : (T,) array of int, milliseconds
        Longest journeys that count, inclusive.
    decay : Decay, optional
        Weight of a journey by its cost, up to the cutoff; 1 when not given.
    threads : int
        Give the same bits for any number.
    side : str, optional
        ``origins`` or ``places``: from where to search, the cheaper side when empty; the same bits.

    Returns
    -------
    (O, T, C) array
    """
    amount, at = _amounts(amounts, len(places)), _cutoffs(cutoffs)
    table, step = tabled(decay, len(at))
    fixed, magic = _fixed(amount)
    if not len(at) or not amount.shape[1] or not len(origins):
        return np.zeros((len(origins), len(at), amount.shape[1]))
    used = np.flatnonzero((fixed > 0).any(axis=1) & (places.edge >= 0))
    if len(used) < len(places):
        places, fixed = places.take(used), np.ascontiguousarray(fixed[used])
    what = (fixed, at, table, step, magic)
    if (side or side_of(len(origins), len(places))) == "places":
        return _from_places(graph, origins, places, *what, threads)
    return _from_origins(graph, origins, places, *what, threads)


def _from_origins(
    graph: Graph, origins: Points, places: Points, amount: Floats, at: Ints, table: Floats, step: int,
    magic: float, threads: int,
) -> Floats:  # fmt: skip
    shape, limit = graph.topology, int(at.max())
    here, there = spots(graph, origins), spots(graph, places)
    at_node = np.zeros((max(1, shape.junctions), amount.shape[1]))
    # weights are rounded place by place, so with a decay no two are put together
    plain = (there[:, 0] < 0) & (there[:, 7] == 0) & (table.shape[1] == 0)
    np.add.at(at_node, there[plain, 3], amount[plain])
    hung = there.copy()
    hung[plain, 7] = FAR
    hook = hooks(hung, shape.junctions, 7, limit)
    inside = by_chain(there, shape.chains)
    order = np.argsort(here[:, 3], kind="stable")
    sorted_here = np.ascontiguousarray(here[order])
    shift, buckets = _buckets(graph, limit, 1.5)
    found = np.empty((len(origins), len(at) * amount.shape[1]))

    def state() -> tuple[Any, ...]:
        many = max(1, shape.junctions)
        return (
            np.full((many, LANES), FAR, np.int32), np.empty((many, 2), np.int32),
            np.full(many, -2, np.int32), np.full(buckets, -1, np.int32), np.empty(many, np.int32),
            np.empty(LANES, np.int32), np.empty((1, LANES), np.int32),
            np.empty((len(at) * amount.shape[1], LANES)),
        )  # fmt: skip

    def work(begin: int, end: int, room: tuple[Any, ...]) -> None:
        kernel("sums")(
            shape.ptr, graph.out, sorted_here, begin, end, hung, *hook, *inside, at_node, amount, at, table,
            step, magic, limit, shift, *room, found,
        )  # fmt: skip

    in_threads(work, len(origins), CHUNK * LANES, state, threads)
    out = np.empty_like(found)
    out[order] = found
    return out.reshape(len(origins), len(at), amount.shape[1])


def _buckets(graph: Graph, limit: int, wide: float) -> tuple[int, int]:
    """Width of a bucket, about `wide` chains, and how many are in a cycle; both powers of two."""
    shift = max(0, int(np.log2(graph.mean_cost() * wide) + 0.5))
    return shift, 1 << min(14, (limit >> shift).bit_length() + 1)


def _from_places(
    graph: Graph, origins: Points, places: Points, amount: Floats, at: Ints, table: Floats, step: int,
    magic: float, threads: int,
) -> Floats:  # fmt: skip
    out = np.zeros((len(origins), len(at), amount.shape[1]))
    search = _Search(graph, spots(graph, places), spots(graph, origins), int(at.max()), 7)
    for part in search.blocks(BLOCK, threads):
        some = np.ascontiguousarray(amount[part.begin : part.begin + len(part.indptr) - 1])
        kernel("scatter")(part.indptr, part.indices, part.costs, some, at, table, step, magic, out)
    return out


def matrix(
    graph: Graph, origins: Points, places: Points, *, limit: int | None = None, threads: int = 1
) -> tuple[npt.NDArray[np.int64], Ints, Ints]:
    """Find the cost from every origin to every place within a limit.

    Returns
    -------
    indptr : (O + 1,) array of int64
    indices : (n,) array of int32, rising within an origin
    costs : (n,) array of int32, milliseconds; pairs that are not there cannot be reached within the limit
    """
    most = _limit(limit)
    here, there = spots(graph, origins), spots(graph, places)
    if len(places) < len(origins):
        indptr, indices, costs = _joined(
            _Search(graph, there, here, most, 7).blocks(BLOCK, threads), len(places)
        )
        return _turned(indptr, indices, costs, 0, len(origins))
    parts = _Search(graph, here, there, most, 5).blocks(BLOCK, threads)
    return _sorted(*_joined(parts, len(origins)), len(places))


def blocks(
    graph: Graph, origins: Points, places: Points, *, limit: int | None = None, rows: int = 1024,
    threads: int = 1,
) -> Iterator[Rows]:  # fmt: skip
    """Yield the matrix of costs in blocks of rows, so that it never stands in memory as a whole.

    Parameters
    ----------
    graph : Graph
    origins, places : Points
    limit : int, milliseconds, optional
    rows : int
        Origins in a block.
    threads : int
    """
    if rows < 1:
        raise CallError(phrase("a block of a matrix has 1 row or more"))
    most = _limit(limit)
    there = spots(graph, places)
    for begin in range(0, len(origins), rows):
        here = spots(graph, origins.take(slice(begin, begin + rows)))
        parts = _Search(graph, here, there, most, 5).blocks(BLOCK, threads)
        yield Rows(begin, *_sorted(*_joined(parts, len(here)), len(places)))


class _Search:
    """Searches from each of some points to others, one after another."""

    def __init__(self, graph: Graph, sources: Any, targets: Any, limit: int, out_of: int) -> None:
        shape = graph.topology
        self.graph, self.sources, self.limit, self.out_of = graph, sources, limit, out_of
        self.into = 12 - out_of
        self.shift, self.buckets = _buckets(graph, limit, SCALAR)
        self.network = (shape.ptr, graph.out if out_of == 5 else graph.back)
        hook = hooks(targets, shape.junctions, self.into, limit)
        self.targets = (targets, self.into, *hook, *by_chain(targets, shape.chains))

    def blocks(self, room: int, threads: int) -> Iterator[Rows]:
        """Yield the rows of the sources in their order, about `room` entries at a time."""
        many = max(1, self.graph.topology.junctions)
        chunk = max(1, min(CHUNK, room // max(1, len(self.targets[0]))))
        group = chunk * max(1, threads) * 4

        def state() -> tuple[Any, ...]:
            labels = np.full((many, 4), -1, np.int32)
            labels[:, 0] = FAR
            return (labels, np.full(self.buckets, -1, np.int32), np.empty(many, np.int32))

        kept: list[tuple[Any, ...]] = []
        for begin in range(0, len(self.sources), group):
            end = min(len(self.sources), begin + group)
            parts: dict[int, Rows] = {}

            def work(a: int, b: int, place: tuple[Any, ...], at: int = begin, to: Any = parts) -> None:
                to[a] = self._rows(at + a, at + b, place)

            in_threads(work, end - begin, chunk, state, threads, kept)
            for a in sorted(parts):
                yield parts[a]

    def _rows(self, begin: int, end: int, place: tuple[Any, ...]) -> Rows:
        some = self.sources[begin:end]
        ptr = np.zeros(end - begin + 1, np.int64)
        found, costs = (np.empty(1024, np.int32) for _ in range(2))
        done = 0
        while True:
            done = kernel("rows")(
                *self.network,
                some,
                done,
                self.out_of,
                *self.targets,
                self.limit,
                self.shift,
                *place,
                ptr,
                found,
                costs,
            )
            if done == end - begin:
                return Rows(begin, ptr, found[: ptr[-1]], costs[: ptr[-1]])
            # room for twice as much, and for one row whatever it holds
            room = max(2 * len(found), int(ptr[done]) + len(self.targets[0]))
            found, costs = (np.resize(a, room) for a in (found, costs))


def _joined(parts: Iterator[Rows], rows: int) -> tuple[npt.NDArray[np.int64], Ints, Ints]:
    indptr = np.zeros(rows + 1, np.int64)
    indices: list[Ints] = [np.empty(0, np.int32)]
    costs: list[Ints] = [np.empty(0, np.int32)]
    for part in parts:
        many = len(part.indptr)
        indptr[part.begin + 1 : part.begin + many] = indptr[part.begin] + part.indptr[1:]
        indices.append(part.indices)
        costs.append(part.costs)
    return indptr, np.concatenate(indices), np.concatenate(costs)


def _turned(
    indptr: npt.NDArray[np.int64], indices: Ints, costs: Ints, begin: int, columns: int
) -> tuple[npt.NDArray[np.int64], Ints, Ints]:
    ptr = np.zeros(columns + 1, np.int64)
    found, cost = np.empty_like(indices), np.empty_like(costs)
    kernel("turn")(indptr, indices, costs, begin, ptr, found, cost)
    return ptr, found, cost


def _sorted(
    indptr: npt.NDArray[np.int64], indices: Ints, costs: Ints, columns: int
) -> tuple[npt.NDArray[np.int64], Ints, Ints]:
    """Put the entries of each row in order, by turning the matrix twice."""
    return _turned(*_turned(indptr, indices, costs, 0, columns), 0, len(indptr) - 1)


def _limit(limit: int | None) -> int:
    if limit is None:
        return LONGEST
    if limit < 0:
        raise CallError(phrase("the longest journey is 0 ms or more"))
    return min(int(limit), LONGEST)


def _amounts(amounts: npt.ArrayLike, places: int) -> Floats:
    x = np.asarray(amounts, dtype=np.float64)
    x = x[:, None] if x.ndim == 1 else x
    if x.ndim != 2 or len(x) != places or not (np.isfinite(x).all() and (x >= 0).all()):
        raise CallError(phrase("amounts need one row for each place, of numbers that are 0 or more"))
    return np.ascontiguousarray(x)


def _cutoffs(cutoffs: npt.ArrayLike) -> Ints:
    at = np.atleast_1d(np.asarray(cutoffs, dtype=np.int64))
    if at.ndim != 1 or (len(at) and at.min() < 0):
        raise CallError(phrase("cutoffs are whole milliseconds, 0 or more"))
    return np.minimum(at, LONGEST).astype(np.int32)


def _fixed(amount: Floats) -> tuple[Floats, float]:
    """Round amounts so that all their sums are exact; and the number that rounds a product alike."""
    total = float(amount.sum(axis=0).max(initial=0.0))
    exponent = int(np.ceil(np.log2(total))) + 1 if total > 0 else 0
    magic = 1.5 * 2.0**exponent
    return (amount + magic) - magic, magic
