"""Origins in parts, over the executors of `isopolis.run`: this process, or the workers of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError
from isopolis.model.text import phrase
from isopolis.run import Executor, Progress, carry_out

from .bulk import Nearest, matrix, nearest, nearest_k, side_of, within
from .network import Graph
from .points import Points, spots

__all__ = ["matrix_over", "nearest_k_over", "nearest_over", "within_over"]

PARTS = 4
"""Parts for each worker: enough that none waits long for the last."""

Tell = Callable[[Progress], None]


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    """What all parts share; it goes to a worker with each part, so parts are few."""

    graph: Graph
    places: Points
    call: Callable[..., Any]
    said: Mapping[str, Any]


def _work(job: _Job, origins: Points) -> tuple[npt.NDArray[Any], ...]:
    """Answer one part; in a module, so that a worker finds it by name."""
    found = job.call(job.graph, origins, job.places, **job.said)
    if isinstance(found, Nearest):
        return found.cost, found.place
    return found if isinstance(found, tuple) else (found,)


def within_over(
    graph: Graph, origins: Points, places: Points, amounts: npt.ArrayLike, cutoffs: npt.ArrayLike,
    *, executor: Executor | None = None, parts: int = 0, progress: Tell | None = None, **said: Any,
) -> npt.NDArray[np.float64]:  # fmt: skip
    """(O, T, C) `within` with its origins in parts: the same bits.

    Parameters
    ----------
    graph, origins, places, amounts, cutoffs
        As for `within`, like everything in `said`.
    executor : Executor, optional
        This process when not given.
    parts : int
        Into how many parts; four for each worker when 0.
    progress : callable, optional
    """
    side = said.pop("side", "") or side_of(len(origins), len(places))
    rest = {"amounts": amounts, "cutoffs": cutoffs, "side": side, **said}
    return _rows(_Job(graph, places, within, rest), origins, executor, parts, progress)[0]


def nearest_over(
    graph: Graph, origins: Points, places: Points, *, limit: int | None = None,
    executor: Executor | None = None, parts: int = 0, progress: Tell | None = None,
) -> Nearest:  # fmt: skip
    """`nearest` with its origins in parts; see `within_over`."""
    found = _rows(_Job(graph, places, nearest, {"limit": limit}), origins, executor, parts, progress)
    return Nearest(*found)


def nearest_k_over(
    graph: Graph, origins: Points, places: Points, k: int, *, limit: int | None = None,
    executor: Executor | None = None, parts: int = 0, progress: Tell | None = None,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:  # fmt: skip
    """(O, k) costs and places of `nearest_k` with its origins in parts; see `within_over`."""
    job = _Job(graph, places, nearest_k, {"k": k, "limit": limit})
    cost, place = _rows(job, origins, executor, parts, progress)
    return cost, place


def matrix_over(
    graph: Graph, origins: Points, places: Points, *, limit: int | None = None,
    executor: Executor | None = None, parts: int = 0, progress: Tell | None = None,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], npt.NDArray[np.int32]]:  # fmt: skip
    """Return the CSR arrays of `matrix` with its origins in parts; see `within_over`."""
    job = _Job(graph, places, matrix, {"limit": limit})
    order, found = _parts(job, origins, executor, parts, progress)
    lengths = np.concatenate([np.diff(part[0]) for part in found])
    starts = np.cumsum(lengths) - lengths
    back = np.argsort(order, kind="stable")
    ptr = np.zeros(len(origins) + 1, np.int64)
    np.cumsum(lengths[back], out=ptr[1:])
    entry = np.repeat(starts[back] - ptr[:-1], lengths[back]) + np.arange(ptr[-1])
    indices, costs = (np.concatenate([part[i] for part in found]) for i in (1, 2))
    return ptr, indices[entry], costs[entry]


def _rows(
    job: _Job, origins: Points, executor: Executor | None, parts: int, progress: Tell | None
) -> list[npt.NDArray[Any]]:
    """Put the answers of all parts in the order of the origins."""
    order, found = _parts(job, origins, executor, parts, progress)
    out = []
    for arrays in zip(*found, strict=True):
        joined = np.concatenate(arrays)
        back = np.empty_like(joined)
        back[order] = joined
        out.append(back)
    return out


def _parts(
    job: _Job, origins: Points, executor: Executor | None, parts: int, progress: Tell | None
) -> tuple[npt.NDArray[np.int64], list[tuple[npt.NDArray[Any], ...]]]:
    if parts < 0:
        raise CallError(phrase("the number of parts is 0 or more"))
    # origins that lie together stay together, and search the same streets
    order = np.argsort(spots(job.graph, origins)[:, 3], kind="stable")
    many = parts or PARTS * (executor.workers if executor else 1)
    pieces = np.array_split(order, max(1, min(many, len(order))))
    found = carry_out(
        partial(_work, job), pieces, executor, progress=progress, send=lambda piece: origins.take(piece)
    )
    return order, found
