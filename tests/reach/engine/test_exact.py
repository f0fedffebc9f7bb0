"""Every bulk figure equals the slow twin's, on networks with all that streets can have."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from isopolis.reach.engine import (
    LONGEST,
    Decay,
    Graph,
    Points,
    Topology,
    blocks,
    matrix,
    nearest,
    nearest_k,
    trip,
    within,
)  # fmt: skip

from .twin import FAR, At, Net, table

OFTEN = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
COSTS = st.one_of(st.just(-1), st.integers(0, 6), st.integers(0, 5000))


@st.composite
def nets(draw: Any) -> Net:
    """Few vertices, so that chains, rings, parallel edges, loops and parts apart are common."""
    nodes = draw(st.integers(1, 14))
    kind = draw(st.sampled_from(["any", "path", "ring", "mixed"]))
    ends: list[tuple[int, int]] = []
    if kind in ("path", "ring", "mixed"):
        ends = [(v, v + 1) if draw(st.booleans()) else (v + 1, v) for v in range(nodes - 1)]
    if kind == "ring":
        ends.append((nodes - 1, 0))
    if kind in ("any", "mixed"):
        vertex = st.integers(0, nodes - 1)
        ends += draw(st.lists(st.tuples(vertex, vertex), min_size=1, max_size=10 if kind == "any" else 4))
    ends = draw(st.permutations(ends))
    both = draw(st.booleans())
    forward = [draw(COSTS) for _ in ends]
    backward = list(forward) if both else [draw(COSTS) for _ in ends]
    return Net(nodes, [a for a, _ in ends], [b for _, b in ends], forward, backward)


@st.composite
def on(draw: Any, net: Net, least: int = 1, most: int = 6) -> list[At]:
    """Points on a net: at ends, in the middle, often at the same spot, sometimes nowhere."""
    edge = st.integers(-1 if draw(st.booleans()) else 0, len(net.tail) - 1) if net.tail else st.just(-1)
    share = st.one_of(st.sampled_from([0.0, 1.0, 0.5, 1 / 3]), st.floats(0, 1))
    one = st.builds(At, edge, share, st.one_of(st.just(0), st.integers(0, 900)))
    return draw(st.lists(one, min_size=least, max_size=most))  # type: ignore[no-any-return]


@st.composite
def cases(draw: Any) -> tuple[Net, list[At], list[At]]:
    net = draw(nets())
    return net, draw(on(net)), draw(on(net))


def made(net: Net, **how: bool) -> Graph:
    where = np.arange(net.nodes, dtype=float)
    shape = Topology.of(
        np.array(net.tail, int), np.array(net.head, int), net.nodes, where * 7 % 5, where * 3 % 4, **how
    )
    return shape.weigh(np.array(net.forward, int), np.array(net.backward, int))


def points(some: list[At]) -> Points:
    return Points(
        np.array([a.edge for a in some], np.int32), np.array([a.share for a in some]),
        np.array([a.offset for a in some], np.int32),
    )  # fmt: skip


def dense(csr: tuple[Any, Any, Any], columns: int) -> list[list[float]]:
    ptr, indices, costs = csr
    out = np.full((len(ptr) - 1, columns), FAR)
    for row in range(len(ptr) - 1):
        here = indices[ptr[row] : ptr[row + 1]]
        assert (np.diff(here) > 0).all()
        out[row, here] = costs[ptr[row] : ptr[row + 1]]
    return out.tolist()  # type: ignore[no-any-return]


LIMITS = st.one_of(st.none(), st.integers(0, 8000))
HOW = st.fixed_dictionaries({"contract": st.booleans(), "hilbert": st.booleans()})


@OFTEN
@given(cases(), LIMITS, HOW)
def test_matrices_equal_the_twin(case: Any, limit: int | None, how: dict[str, bool]) -> None:
    net, origins, places = case
    graph, o, p = made(net, **how), points(origins), points(places)
    expected = table(net, origins, places, LONGEST if limit is None else limit)
    assert dense(matrix(graph, o, p, limit=limit), len(places)) == expected
    parts = list(blocks(graph, o, p, limit=limit, rows=2))
    assert [part.begin for part in parts] == list(range(0, len(origins), 2))
    joined = [row for part in parts for row in dense((part.indptr, part.indices, part.costs), len(places))]
    assert joined == expected


@OFTEN
@given(cases(), LIMITS, st.integers(1, 4))
def test_nearest_and_k_nearest_equal_the_twin(case: Any, limit: int | None, k: int) -> None:
    net, origins, places = case
    graph, o, p = made(net), points(origins), points(places)
    expected = table(net, origins, places, LONGEST if limit is None else limit)
    cost, place = nearest_k(graph, o, p, k, limit=limit)
    one = nearest(graph, o, p, limit=limit)
    for i, row in enumerate(expected):
        best = sorted((c, j) for j, c in enumerate(row) if c < FAR)[:k]
        best += [(-1, -1)] * (k - len(best))
        assert list(zip(cost[i].tolist(), place[i].tolist(), strict=True)) == best
        assert (one.cost[i], one.place[i]) == best[0]


@OFTEN
@given(cases(), st.lists(st.integers(0, 8000), min_size=1, max_size=3), st.integers(0, 99), st.booleans())
def test_sums_equal_the_twin(case: Any, cutoffs: list[int], seed: int, whole: bool) -> None:
    net, origins, places = case
    graph, o, p = made(net), points(origins * 4), points(places)
    rng = np.random.default_rng(seed)
    amount = rng.integers(0, 9, (len(places), 2)) if whole else rng.random((len(places), 2)) * 7
    costs = np.array(table(net, origins, places) * 4)
    expected = np.stack([(costs <= t) @ amount for t in cutoffs], axis=1)
    found = [
        within(graph, o, p, amount, cutoffs, side=side, threads=threads)
        for side in ("origins", "places") for threads in (1, 3)
    ]  # fmt: skip
    for other in found[1:]:
        assert found[0].tobytes() == other.tobytes()
    if whole:
        assert (found[0] == expected).all()
    else:
        np.testing.assert_allclose(found[0], expected, atol=1e-13)


@OFTEN
@given(cases(), st.integers(1, 700), st.integers(0, 99))
def test_weighted_sums_equal_the_twin(case: Any, step: int, seed: int) -> None:
    net, origins, places = case
    graph, o, p = made(net), points(origins), points(places)
    rng = np.random.default_rng(seed)
    amount, decay = rng.random((len(places), 2)), Decay(rng.random(9), step)
    cutoffs = [5 * step, LONGEST]
    expected = np.zeros((len(origins), 2, 2))
    for i, row in enumerate(table(net, origins, places)):
        for j, cost in enumerate(row):
            for t, cutoff in enumerate(cutoffs):
                if cost <= cutoff and cost // step < 9:
                    expected[i, t] += amount[j] * decay.weights[int(cost // step)]
    found = [within(graph, o, p, amount, cutoffs, decay=decay, side=s) for s in ("origins", "places")]
    assert found[0].tobytes() == found[1].tobytes()
    np.testing.assert_allclose(found[0], expected, atol=1e-13)


@OFTEN
@given(cases())
def test_a_trip_costs_what_the_matrix_says_and_can_be_walked(case: Any) -> None:
    net, origins, places = case
    graph = made(net)
    expected = table(net, origins, places)
    for i, o in enumerate(origins):
        for j, p in enumerate(places):
            found = trip(graph, points([o]), points([p]))
            assert found.cost == (-1 if math.isinf(expected[i][j]) else expected[i][j])
            if found.cost >= 0:
                assert found.cost == found.to_network + int(found.parts.sum()) + found.from_network
                check_walk(net, o, p, found)


def check_walk(net: Net, o: At, p: At, found: Any) -> None:
    """Edges join, none is impassable, and none takes longer than it does or less than it may."""
    ends = [
        (net.tail[e], net.head[e]) if ahead else (net.head[e], net.tail[e])
        for e, ahead in zip(found.edges, found.forward, strict=True)
    ]
    assert all(a[1] == b[0] for a, b in pairwise(ends))
    for n, (e, ahead, part) in enumerate(zip(found.edges, found.forward, found.parts, strict=True)):
        whole = net.forward[e] if ahead else net.backward[e]
        assert 0 <= part <= whole
        if 0 < n < len(ends) - 1:
            assert part == whole
    if len(ends):
        stands = {o.share == 0: net.tail[o.edge], o.share == 1: net.head[o.edge]}.get(True)
        assert found.edges[0] == o.edge if stands is None else ends[0][0] == stands
        stands = {p.share == 0: net.tail[p.edge], p.share == 1: net.head[p.edge]}.get(True)
        assert found.edges[-1] == p.edge if stands is None else ends[-1][1] == stands


@pytest.mark.parametrize("long", [2**30 - 2, 2**30 - 1, 2**30, 2**31 - 1])
def test_what_takes_too_long_is_unreachable_and_never_wraps(long: int) -> None:
    net = Net(4, [0, 1, 2], [1, 2, 3], [long, 1, long], [1, long, 1])
    origins = [At(0, 0.0, 0), At(2, 1.0, 0), At(0, 0.0, 2**31 - 1), At(2, 0.5, 3)]
    places = [At(0, 1.0, 0), At(1, 1.0, 0), At(2, 1.0, 5), At(0, 0.25, 0)]
    sides = ([-1 if c > LONGEST else c for c in side] for side in (net.forward, net.backward))
    capped = Net(4, net.tail, net.head, *sides)
    expected = table(capped, origins, places)
    found = dense(matrix(made(net), points(origins), points(places)), len(places))
    assert found == expected
