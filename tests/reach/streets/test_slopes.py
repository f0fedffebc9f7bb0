"""Slopes: a ramp keeps its own, noise over short edges does not make cliffs, bridges are even."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopolis.model import CallError
from isopolis.model.streets import Streets
from isopolis.reach.streets import slopes


def net(edges, length, height, tags=None) -> Streets:
    tail, head = np.array(edges, dtype=int).reshape(-1, 2).T
    nodes = len(height)
    return Streets(
        node_ids=np.arange(nodes), lon=np.zeros(nodes), lat=np.zeros(nodes), tail=tail, head=head,
        length=np.rint(np.array(length) * 1000), way=np.arange(len(tail)), way_ids=np.arange(len(tail)),
        way_tags={k: np.array(v, dtype=object) for k, v in (tags or {}).items()},
        tagged=np.empty(0, dtype=int), node_tags={}, height=np.array(height, dtype=float),
    )  # fmt: skip


def walked(streets: Streets, edge: int, span: float, least: float) -> float:
    """The same stretch edge by edge, in plain Python, for networks without bridges."""
    degree = np.bincount(np.concatenate([streets.tail, streets.head]), minlength=len(streets.node_ids))
    metres, height = streets.length / 1000, streets.height
    ring = (degree == 2).all()  # networks here hang together
    want = 0.0 if ring and metres.sum() < 2 * span else max(0.0, (span - metres[edge]) / 2)
    ends, run = [], metres[edge]
    for vertex in (int(streets.tail[edge]), int(streets.head[edge])):
        here, level, left = edge, height[vertex], want
        while left > 0 and degree[vertex] == 2:
            onward = [
                e for e in range(len(metres)) if e != here and vertex in (streets.tail[e], streets.head[e])
            ]
            if not onward or onward[0] == edge:
                break
            here = onward[0]
            there = int(streets.head[here] if streets.tail[here] == vertex else streets.tail[here])
            step = min(left, metres[here])
            level += (height[there] - height[vertex]) * step / metres[here]
            run, left, vertex = run + step, left - step, there
        ends.append(level)
    return float(np.clip((ends[1] - ends[0]) / max(run, least), -0.4, 0.4))


@given(st.integers(0, 10_000))
def test_every_slope_is_that_of_a_plain_walk(seed: int) -> None:
    rng = np.random.default_rng(seed)
    nodes = int(rng.integers(2, 12))
    # a chain with a few branches and rings, drawn in both directions
    edges = [(i, i + 1) if rng.random() < 0.5 else (i + 1, i) for i in range(nodes - 1)]
    more = {
        tuple(sorted(rng.choice(nodes, 2, replace=False).tolist())) for _ in range(int(rng.integers(0, 3)))
    }
    edges += sorted(more - {tuple(sorted(e)) for e in edges})
    streets = net(edges, rng.uniform(1, 60, len(edges)).round(3), rng.normal(0, 5, nodes))
    found = slopes(streets, span=60, least=20)
    want = [walked(streets, e, 60, 20) for e in range(len(edges))]
    assert found == pytest.approx(want, abs=1e-9)


def test_a_uniform_ramp_keeps_its_slope() -> None:
    length = [3.0, 0.5, 40.0, 7.0, 90.0, 1.0, 22.0]
    at = np.concatenate([[0], np.cumsum(length)])
    streets = net([(i, i + 1) for i in range(7)], length, 100 - 0.08 * at)
    assert slopes(streets) == pytest.approx(-0.08)
    turned = net([(i + 1, i) for i in range(7)], length, 100 - 0.08 * at)
    assert slopes(turned) == pytest.approx(0.08)


def test_noise_of_a_metre_on_edges_of_two_metres_makes_no_cliffs() -> None:
    rng = np.random.default_rng(1)
    height = rng.normal(0, 0.5, 61)
    streets = net([(i, i + 1) for i in range(60)], np.full(60, 2.0), height)
    raw = np.abs(np.diff(height) / 2)
    assert raw.max() > 0.5
    assert np.abs(slopes(streets)).max() < 0.06


def test_a_short_link_between_junctions_is_damped_and_capped() -> None:
    star = [(0, 1), (0, 2), (0, 3), (1, 4), (1, 5)]
    streets = net(star, [2.0, 100, 100, 100, 100], [0, 2.0, 0, 90, 0, 2])
    assert slopes(streets).tolist() == pytest.approx([0.1, 0.0, 0.4, -0.02, 0.0])


@pytest.mark.parametrize("tag", ["bridge", "tunnel"])
def test_bridges_and_tunnels_rise_evenly_from_end_to_end(tag: str) -> None:
    # the model shows the valley below the bridge
    height, length = [50.0, 50, 10, 5, 12, 56, 56], [100.0] * 6
    tags = {tag: ["", "yes", "yes", "viaduct", "yes", "no"]}
    found = slopes(net([(i, i + 1) for i in range(6)], length, height, tags))
    assert found == pytest.approx([0, 0.015, 0.015, 0.015, 0.015, 0])


def test_unknown_heights_are_unknown_slopes_and_spread_no_further() -> None:
    streets = net([(0, 1), (1, 2), (2, 3)], [10.0, 10.0, 10.0], [0.0, 1.0, np.nan, 3.0])
    found = slopes(streets)
    assert np.isnan(found[1:]).all()
    assert found[0] == pytest.approx(1 / 20)  # 10 m count as 20 m
    flat = net([(0, 1)], [10.0], [0.0, 0.0])
    without = Streets(**{f: getattr(flat, f) for f in Streets.__slots__} | {"height": None})
    assert np.isnan(slopes(without)).all()


def test_a_ring_ends() -> None:
    ring = net([(0, 1), (1, 2), (2, 0)], [5.0, 5.0, 5.0], [0.0, 1.0, 2.0])
    assert np.isfinite(slopes(ring)).all()
    bridges = net([(0, 1), (1, 2), (2, 0)], [5.0] * 3, [0.0, 1.0, 2.0], {"bridge": ["yes"] * 3})
    assert np.isfinite(slopes(bridges)).all()
    # a ring of its own, shorter than the stretch, must not be gone around past itself
    pair = net([(0, 1), (1, 0)], [5.0, 5.0], [0.0, 1.0])
    assert slopes(pair).tolist() == pytest.approx([1 / 20, -1 / 20])


@pytest.mark.parametrize("wrong", [{"span": -1}, {"least": 0}, {"cap": 0}, {"span": float("nan")}])
def test_wrong_calls(wrong) -> None:
    with pytest.raises(CallError, match="slopes need"):
        slopes(net([(0, 1)], [1.0], [0.0, 0.0]), **wrong)


@pytest.mark.parametrize(
    "tags",
    [
        {"highway": ["footway", "steps", "footway"]},
        {"highway": ["path", "elevator", "path"]},
        {"step_count": ["", "30", "0"]},
    ],
)
def test_a_stair_does_not_make_the_street_before_it_steep(tags) -> None:
    streets = net([(0, 1), (1, 2), (2, 3)], [30, 10, 30], [0.0, 0.3, 5.3, 5.6], tags)
    assert slopes(streets) == pytest.approx([0.01, 0.25, 0.01])
    plain = net([(0, 1), (1, 2), (2, 3)], [30, 10, 30], [0.0, 0.3, 5.3, 5.6])
    assert slopes(plain)[0] > 0.05
