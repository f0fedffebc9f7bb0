"""Threads, parts and workers change nothing but the time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from isopolis.model import CallError
from isopolis.reach.engine import (
    Graph,
    Points,
    Topology,
    blocks,
    matrix,
    nearest,
    nearest_k,
    ready,
    trip,
    within,
)  # fmt: skip
from isopolis.reach.engine.parallel import matrix_over, nearest_k_over, nearest_over, within_over
from isopolis.run import Dask, InProcess


def town(side: int = 40, seed: int = 5) -> tuple[Graph, Points, Points, Any]:
    """A grid with gaps, slow and one-way pieces; people anywhere, some of them far from any street."""
    rng = np.random.default_rng(seed)
    cell = np.arange(side * side).reshape(side, side)
    tail = np.concatenate([cell[:-1].ravel(), cell[:, :-1].ravel()])
    head = np.concatenate([cell[1:].ravel(), cell[:, 1:].ravel()])
    kept = rng.random(len(tail)) < 0.7
    tail, head = tail[kept], head[kept]
    x, y = np.indices((side, side)).reshape(2, -1) + rng.normal(0, 0.1, (2, side * side))
    costs = [np.where(rng.random(len(tail)) < 0.05, -1, rng.integers(40, 160, len(tail))) for _ in range(2)]
    graph = Topology.of(tail, head, side * side, x, y).weigh(*costs)

    def some(many: int) -> Points:
        edge = np.where(rng.random(many) < 0.05, -1, rng.integers(0, len(tail), many))
        return Points(edge, rng.random(many).round(1), rng.integers(0, 30, many))

    return graph, some(1500), some(200), rng.integers(0, 50, (200, 2))


@pytest.fixture(scope="module")
def here() -> tuple[Graph, Points, Points, Any]:
    return town()


def test_parts_and_threads_give_the_same_bits(here: Any) -> None:
    graph, o, p, amount = here
    expected = within(graph, o, p, amount, [300, 900])
    for threads in (2, 5):
        assert within(graph, o, p, amount, [300, 900], threads=threads).tobytes() == expected.tobytes()
    for side in ("origins", "places"):
        found = within_over(graph, o, p, amount, [300, 900], side=side, parts=7, executor=InProcess())
        assert found.tobytes() == expected.tobytes()
    for one, other in zip(
        matrix(graph, o, p, limit=800), matrix_over(graph, o, p, limit=800, parts=5), strict=True
    ):
        assert one.tobytes() == other.tobytes()
    for one, other in zip(matrix(graph, o, p), matrix(graph, o, p, threads=3), strict=True):
        assert one.tobytes() == other.tobytes()
    for one, other in zip(nearest_k(graph, o, p, 3), nearest_k_over(graph, o, p, 3, parts=4), strict=True):
        assert one.tobytes() == other.tobytes()


def test_two_workers_and_one_process_give_the_same_bits(here: Any) -> None:
    graph, o, p, amount = here
    with Dask.local(2, memory=2**30) as two:
        there = within_over(graph, o, p, amount, [500], executor=two, parts=3)
        near = nearest_over(graph, o, p, executor=two, parts=2)
    assert there.tobytes() == within(graph, o, p, amount, [500]).tobytes()
    assert near.cost.tobytes() == nearest(graph, o, p).cost.tobytes()


def test_sums_nearest_matrix_and_trips_agree(here: Any) -> None:
    graph, o, p, amount = here
    ptr, indices, costs = matrix(graph, o, p)
    rows = np.repeat(np.arange(len(o)), np.diff(ptr))
    sums = np.zeros((len(o), 2))
    np.add.at(sums, rows[costs <= 700], amount[indices[costs <= 700]])
    assert (within(graph, o, p, amount, [700])[:, 0] == sums).all()
    near = nearest(graph, o, p)
    for i in range(0, len(o), 10):
        row = costs[ptr[i] : ptr[i + 1]]
        assert near.cost[i] == (row.min() if len(row) else -1)
        if len(row):
            place = near.place[i : i + 1]
            assert trip(graph, o.take([i]), p.take(place)).cost == near.cost[i]
    parts = list(blocks(graph, o, p, rows=333))
    assert np.concatenate([part.costs for part in parts]).tobytes() == costs.tobytes()


def test_more_time_never_reaches_less(here: Any) -> None:
    graph, o, p, amount = here
    found = within(graph, o, p, amount, [100, 400, 1600])
    assert (np.diff(found, axis=1) >= 0).all()
    assert (found[:, 2] > found[:, 0]).any()


BAD: list[Any] = [
    lambda g, o, p: g.topology.weigh([1], [1]),
    lambda g, o, p: g.topology.weigh(g.forward * 0 - 2, g.backward),
    lambda g, o, p: Topology.of([0], [3], 2, [0, 1], [0, 1]),
    lambda g, o, p: Topology.of([0], [1], 2, [0], [0, 1]),
    lambda g, o, p: Points([0], [1.5], [0]),
    lambda g, o, p: Points([0], [float("nan")], [0]),
    lambda g, o, p: Points([0], [0.5], [-1]),
    lambda g, o, p: nearest(g, Points([10**6], [0.5], [0]), p),
    lambda g, o, p: nearest(g, o, p, limit=-1),
    lambda g, o, p: nearest_k(g, o, p, 0),
    lambda g, o, p: within(g, o, p, [1.0], [5]),
    lambda g, o, p: within(g, o, p, np.full(len(p), np.nan), [5]),
    lambda g, o, p: within(g, o, p, np.ones(len(p)), [-5]),
    lambda g, o, p: trip(g, o, p),
]


@pytest.mark.parametrize("call", BAD)
def test_a_wrong_call_is_refused(here: Any, call: Any) -> None:
    with pytest.raises(CallError):
        call(*here[:3])


def test_nothing_to_search_gives_nothing() -> None:
    graph = Topology.of([], [], 3, [0, 1, 2], [0, 0, 0]).weigh([], [])
    none, lost = Points([], [], []), Points.at_nodes(graph.topology, [0, 1])
    assert len(nearest(graph, none, none).cost) == 0
    assert nearest(graph, lost, lost).cost.tolist() == [-1, -1]
    assert matrix(graph, lost, lost)[0].tolist() == [0, 0, 0]
    assert within(graph, lost, lost, [1, 1], [9]).tolist() == [[[0.0]], [[0.0]]]


def test_being_made_ready_is_told() -> None:
    said: list[str] = []
    ready(said.append)
    assert len(said) > 5
    assert said[-1] == "the search is ready"


@pytest.mark.parametrize("folder", ["kept", "refused"])
def test_loops_need_no_folder_beside_the_package(tmp_path: Path, folder: str) -> None:
    """Code is kept where the machine says, and made anew where it cannot be kept at all."""
    place = tmp_path / folder
    if folder == "refused":
        place.write_text("a file, so that nothing can be put below it")
    code = (
        "from isopolis.reach.engine.compiled import kernel; import numpy as np;"
        "a, b, d = (np.array(x, np.int32) for x in ([0], [1], [0, 0])); kernel('degrees')(a, b, d); print(d)"
    )
    source = Path(__file__).parents[3] / "src"
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(place), "PYTHONPATH": str(source)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["[1", "1]"], done.stderr
    assert any(place.rglob("*.nbi")) == (folder == "kept")
