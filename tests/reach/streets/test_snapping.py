"""Snapping against brute force, its limits and refusals, and what must not change an answer."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopolis.model import CallError
from isopolis.model.streets import Streets
from isopolis.reach.streets import components, snap

EARTH = 6_371_008.8
DEGREE = math.radians(1) * EARTH


def net(lon, lat, edges, **more) -> Streets:
    tail, head = np.array(edges, dtype=int).reshape(-1, 2).T
    return Streets(
        node_ids=np.arange(len(lon)),
        lon=np.array(lon, dtype=float),
        lat=np.array(lat, dtype=float),
        tail=tail,
        head=head,
        length=np.full(len(tail), 1000),
        way=np.zeros(len(tail), dtype=int),
        way_ids=np.array([1]),
        way_tags={},
        tagged=np.empty(0, dtype=int),
        node_tags={},
        **more,
    )


def brute(streets: Streets, x: float, y: float, passable) -> tuple[int, float, float]:
    """Every edge measured by itself, in plain Python; the first of those equal to the millimetre."""
    best = (-1, 0.0, math.inf)
    for e in np.flatnonzero(passable).tolist():
        a, b = streets.tail[e], streets.head[e]
        narrow = math.cos(math.radians(y))
        ax, ay = (streets.lon[a] - x + 180) % 360 - 180, streets.lat[a] - y
        bx, by = (streets.lon[b] - x + 180) % 360 - 180, streets.lat[b] - y
        ax, bx = ax * narrow, bx * narrow
        square = (bx - ax) ** 2 + (by - ay) ** 2
        t = 0.0 if not square else -(ax * (bx - ax) + ay * (by - ay)) / square
        t = min(1.0, max(0.0, t))
        east, north = (ax + t * (bx - ax)) / narrow, ay + t * (by - ay)
        half = math.sin(math.radians(north) / 2) ** 2
        half += narrow * math.cos(math.radians(y + north)) * math.sin(math.radians(east) / 2) ** 2
        gap = 2 * EARTH * math.asin(math.sqrt(half))  # the great circle to that place
        if best[0] < 0 or round(gap * 1000) < round(best[2] * 1000):
            best = (e, t, gap)
    return best


CENTRES = [(0.0, 0.0), (-51.2, -30.0), (25.0, 60.2), (179.9999, -17.0), (15.6, 78.2)]


@pytest.mark.parametrize("centre", CENTRES)
@pytest.mark.parametrize("metres", [300.0, 5_000.0])
def test_the_nearest_place_is_that_of_brute_force(centre: tuple[float, float], metres: float) -> None:
    rng = np.random.default_rng(int(metres) + int(centre[1]))
    wide = metres / DEGREE
    # few long edges among many short ones: pieces of a long one compete with short ones
    near = rng.normal(0, 1, (40, 2)) * wide
    lon = (centre[0] + near[:, 0] / math.cos(math.radians(centre[1])) + 180) % 360 - 180
    lat = centre[1] + near[:, 1]
    edges = rng.integers(0, 40, (70, 2))
    edges[:40, 1] = (edges[:40, 0] + 1) % 40
    streets = net(lon, lat, edges)
    passable = rng.random(len(edges)) < 0.7
    at = rng.normal(0, 1.5, (60, 2)) * wide
    x = (centre[0] + at[:, 0] / math.cos(math.radians(centre[1])) + 180) % 360 - 180
    y = centre[1] + at[:, 1]
    limit = metres / 2
    found = snap(streets, x, y, passable, limit=limit)
    refused = set(found.refused_points.tolist())
    for i in range(len(x)):
        edge, share, gap = brute(streets, x[i], y[i], passable)
        if i in refused:
            assert gap > limit - 0.01
            continue
        assert gap <= limit + 0.01
        assert found.gap[i] == pytest.approx(gap, abs=0.01)
        if found.edge[i] == edge:
            assert found.share[i] == pytest.approx(share, abs=1e-6)
        else:  # as near, to what the plane and the great circle differ by
            again = brute(streets, x[i], y[i], np.arange(len(edges)) == found.edge[i])
            assert again[2] == pytest.approx(gap, abs=0.01)
    assert len(refused) == len(found.refused) == int((found.edge < 0).sum())
    assert 0 < len(refused) < len(x)


def test_of_edges_equally_near_the_first_counts() -> None:
    # a star: the point beyond the shared vertex is equally near to all rays
    lon, lat = [0.0, -0.001, -0.001, -0.001], [0.0, 0.0, 0.001, -0.001]
    for order in ([(0, 1), (0, 2), (0, 3)], [(3, 0), (0, 1), (2, 0)], [(2, 0), (3, 0), (0, 1)]):
        found = snap(net(lon, lat, order), [0.0005], [0.0], limit=100)
        assert found.edge.tolist() == [0]
        assert found.share.tolist() == [1.0 if order[0][1] == 0 else 0.0]
    closed = snap(net(lon, lat, [(0, 1), (0, 2)]), [0.0005], [0.0], [False, True], limit=100)
    assert closed.edge.tolist() == [1]


def test_points_on_a_street_have_no_gap_and_their_share() -> None:
    streets = net([0.0, 0.01], [0.0, 0.0], [(0, 1)])
    found = snap(streets, [0.0025, 0.01, -0.00001], [0.0, 0.0, 0.0], limit=5)
    assert found.share == pytest.approx([0.25, 1.0, 0.0])
    assert found.gap == pytest.approx([0, 0, 0.00001 * DEGREE], abs=1e-6)


@given(st.floats(0.01, 5000), st.floats(0.0, 5000))
def test_the_limit_is_inclusive_to_the_millimetre(gap: float, limit: float) -> None:
    streets = net([-0.1, 0.1], [10.0, 10.0], [(0, 1)])
    found = snap(streets, [0.0], [10.0 + gap / DEGREE], limit=limit)
    assert (found.edge[0] == 0) == (round(gap * 1000, 3) <= round(limit * 1000) + 0.5) or (
        abs(gap - limit) < 0.001
    )


def test_a_crowd_of_small_edges_does_not_hide_a_longer_one() -> None:
    # the point stands at the end of an edge of 60 m, whose middle is further than those of thirty small ones
    at = [(0.0, 0.0), (60.0, 0.0)]
    for i in range(30):
        x, y = -15 * math.cos(i / 10), 15 + 5 * math.sin(i / 10)
        at += [(x, y), (x, y + 1)]
    lon, lat = np.array(at).T / DEGREE
    streets = net(lon, lat, [(2 * i, 2 * i + 1) for i in range(31)][::-1])
    found = snap(streets, [0.0], [1.0 / DEGREE], limit=100)
    assert found.edge.tolist() == [30]
    assert found.gap == pytest.approx([1.0], abs=1e-6)


def test_a_limit_of_nothing_takes_what_lies_on_the_street() -> None:
    streets = net([0.0, 0.01], [0.0, 0.0], [(0, 1)])
    assert snap(streets, [0.005, 0.005], [0.0, 0.00001], limit=0).edge.tolist() == [0, -1]


def test_refused_points_say_why() -> None:
    streets = net([0.0, 0.001], [0.0, 0.0], [(0, 1)])
    x = [np.nan, 300.0, 0.0005, 0.0005, -51.0]
    y = [0.0, 0.0, 3059.4 / DEGREE, 0.0, -30.0]
    found = snap(streets, x, y, limit=500)
    assert found.refused_points.tolist() == [0, 1, 2, 4]
    assert [p.code for p in found.refused] == ["no-place", "no-degrees", "too-far", "too-far"]
    assert found.refused[2].said() == "3,059 m from the nearest street. Allowed: at most 500 m."
    assert found.reasons == {"no-place": 1, "no-degrees": 1, "too-far": 2}
    assert not any(p.fatal for p in found.refused)
    assert found.edge.tolist() == [-1, -1, -1, 0, -1]
    assert np.isfinite(found.gap).all()
    assert np.isfinite(found.share).all()


def test_nothing_to_be_joined_to() -> None:
    streets = net([0.0, 0.001], [0.0, 0.0], [(0, 1)])
    found = snap(streets, [0.0], [0.0], [False], limit=500)
    assert found.reasons == {"no-street": 1}
    assert len(snap(streets, [], [], limit=1)) == 0


@pytest.mark.parametrize(
    ("x", "passable", "limit", "said"),
    [
        ([0.0, 1.0], None, 5, "longitude and a latitude"),
        ([0.0], [True, False], 5, "each of the 1 edges"),
        ([0.0], None, -1, "0 or more"),
        ([0.0], None, float("nan"), "0 or more"),
    ],
)
def test_wrong_calls(x, passable, limit: float, said: str) -> None:
    with pytest.raises(CallError, match=said):
        snap(net([0.0, 1.0], [0.0, 0.0], [(0, 1)]), x, [0.0], passable, limit=limit)


def test_a_point_is_answered_alone_as_among_others() -> None:
    rng = np.random.default_rng(3)
    streets = net(*(rng.random((2, 300)) * 0.02), rng.integers(0, 300, (500, 2)))
    x, y = rng.random((2, 200)) * 0.03 - 0.005
    whole = snap(streets, x, y, limit=300)
    turned = snap(streets, x[::-1], y[::-1], limit=300)
    for name in ("edge", "share", "gap"):
        assert getattr(whole, name).tolist() == getattr(turned, name)[::-1].tolist()
        one = [getattr(snap(streets, x[i : i + 1], y[i : i + 1], limit=300), name)[0] for i in range(20)]
        assert one == getattr(whole, name)[:20].tolist()


def test_points_of_another_continent_cost_little() -> None:
    rng = np.random.default_rng(5)
    streets = net(*(rng.random((2, 2000)) * 0.2 + 40), rng.integers(0, 2000, (4000, 2)))
    found = snap(streets, np.zeros(500), np.linspace(0, 1, 500), limit=100)
    assert found.reasons == {"too-far": 500}


def test_porto_alegre_is_as_near_as_its_expected_values_allow(data: Path) -> None:
    import csv

    from isopolis.read.osm import read_osm

    folder = data / "access_porto_alegre"
    want = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["snap_distance_m"]
    streets = read_osm(folder / "poa_osm.pbf", rule="classes", squares=False)
    with (folder / "poa_hexgrid.csv").open(encoding="utf-8") as lines:
        rows = [(float(r["lon"]), float(r["lat"])) for r in csv.DictReader(lines)]
    x, y = np.array(rows).T
    labels, _ = components(streets)
    largest = labels[streets.tail] == 0
    found = snap(streets, x, y, largest, limit=5000)
    assert not found.refused
    # the expected values go to the nearest vertex: never nearer than the nearest edge
    vertices = np.flatnonzero(labels == 0)
    lon, lat = streets.lon[vertices], streets.lat[vertices]
    square = [(((lon - u) * math.cos(math.radians(v))) ** 2 + (lat - v) ** 2).min() for u, v in rows]
    vertex = np.sqrt(square) * DEGREE
    assert np.median(vertex) == pytest.approx(want["median"], rel=0.001)
    assert vertex.max() == pytest.approx(want["max"], rel=0.001)
    assert (found.gap <= vertex * 1.001).all()
    refused = snap(streets, x, y, largest, limit=3050)
    assert [p.message for p in refused.refused] == ["3,060 m from the nearest street"]
    assert found.gap.max() == pytest.approx(want["max"], rel=0.0002)  # theirs is flat, ours on the globe


@pytest.mark.parametrize("lat", [88.0, 89.99, 90.0, -90.0])
def test_near_the_poles_the_nearest_edge_is_the_nearest_in_space(lat: float) -> None:
    rng = np.random.default_rng(abs(int(lat * 100)))

    def space(x, y) -> np.ndarray:
        x, y = np.radians(x), np.radians(y)
        return EARTH * np.array([np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)])

    north = np.array([-math.sin(math.radians(lat)), 0.0, math.cos(math.radians(lat))])
    for _ in range(10):
        far, turn = rng.uniform(0, 800, 12), rng.uniform(0, 2 * np.pi, 12)
        at = space(0.0, lat)[:, None] + np.array([[0.0], [1.0], [0.0]]) * far * np.cos(turn)
        at = at + north[:, None] * far * np.sin(turn)
        lon, y = np.degrees(np.arctan2(at[1], at[0])), np.degrees(np.arctan2(at[2], np.hypot(at[0], at[1])))
        streets = net(lon, y, [(2 * i, 2 * i + 1) for i in range(6)])
        gaps = []
        for i in range(6):
            a, b, p = space(lon[2 * i], y[2 * i]), space(lon[2 * i + 1], y[2 * i + 1]), space(0.0, lat)
            t = np.clip((p - a) @ (b - a) / ((b - a) @ (b - a)), 0, 1)
            gaps.append(float(np.linalg.norm(a + t * (b - a) - p)))
        found = snap(streets, [0.0], [lat], limit=2000)
        assert found.edge[0] == int(np.argmin(gaps))
        assert found.gap[0] == pytest.approx(min(gaps), abs=0.001)
