"""Pedestrian squares: who sees whom across them, holes, corners, relations, broken outlines."""

from __future__ import annotations

import heapq
import math
from pathlib import Path

import numpy as np
import pytest

from isopolis.model.streets import Streets
from isopolis.read.osm import read_osm
from isopolis.read.osm_squares import Square, crossings, rings_of
from isopolis.read.osm_ways import is_square

DEGREE = math.pi * 6_371_008.8 / 180  # metres


def town(folder: Path, places: dict[int, tuple[float, float]], ways, relations=(), **options) -> Streets:
    """Places in metres from 0, 0."""
    text = ["<osm version='0.6'>"]
    text += [
        f"<node id='{i}' lon='{x / DEGREE:.7f}' lat='{y / DEGREE:.7f}'/>" for i, (x, y) in places.items()
    ]
    for i, refs, tags in ways:
        text += [f"<way id='{i}'>", *(f"<nd ref='{r}'/>" for r in refs)]
        text += [*(f"<tag k='{k}' v='{v}'/>" for k, v in tags.items()), "</way>"]
    for i, members, tags in relations:
        text += [f"<relation id='{i}'>", *(f"<member type='way' ref='{r}' role='{o}'/>" for r, o in members)]
        text += [*(f"<tag k='{k}' v='{v}'/>" for k, v in tags.items()), "</relation>"]
    path = folder / "town.osm"
    path.write_text("".join([*text, "</osm>"]), encoding="utf-8")
    return read_osm(path, **options)


def edges(streets: Streets, mark: str) -> set[tuple[int, int]]:
    mine = streets.tag("square")[streets.way] == mark
    ids = streets.node_ids
    return {
        (min(a, b), max(a, b))
        for a, b in zip(ids[streets.tail[mine]].tolist(), ids[streets.head[mine]].tolist(), strict=True)
    }


def shortest(streets: Streets, start: int, goal: int) -> float:
    """Metres by a plain Dijkstra."""
    ids, near = streets.node_ids.tolist(), {}
    for a, b, mm in zip(streets.tail.tolist(), streets.head.tolist(), streets.length.tolist(), strict=True):
        near.setdefault(ids[a], []).append((ids[b], mm))
        near.setdefault(ids[b], []).append((ids[a], mm))
    queue, done = [(0, start)], set()
    while queue:
        cost, at = heapq.heappop(queue)
        if at == goal:
            return cost / 1000
        if at not in done:
            done.add(at)
            for there, mm in near.get(at, []):
                heapq.heappush(queue, (cost + mm, there))
    return math.inf


SQUARE = {1: (0, 0), 2: (100, 0), 3: (100, 100), 4: (0, 100)}
AREA = {"highway": "pedestrian", "area": "yes", "surface": "sett"}


def test_a_square_is_crossed_between_the_streets_that_meet_it(tmp_path: Path) -> None:
    places = SQUARE | {11: (-50, 0), 13: (150, 100), 14: (0, 150)}
    ways = [(9, [1, 2, 3, 4, 1], AREA)]
    ways += [(i, [i, i - 10], {"highway": "residential"}) for i in (11, 13, 14)]
    found = town(tmp_path, places, ways)
    assert edges(found, "across") == {(1, 3)}  # 1-4 and 3-4 are its sides, and no street meets at 2
    across = found.tag("square") == "across"
    assert found.way_ids[across].tolist() == [9]
    assert found.tag("surface")[across].tolist() == ["sett"]
    assert shortest(found, 11, 13) == pytest.approx(50 + 100 * math.sqrt(2) + 50, abs=0.05)
    without = town(tmp_path, places, ways, squares=False)
    assert shortest(without, 11, 13) == pytest.approx(300, abs=0.05)
    assert "square" not in without.way_tags


@pytest.mark.parametrize(
    "tags",
    [{"highway": "pedestrian"}, AREA | {"access": "private"}, {"highway": "residential", "area": "yes"}],
)
def test_rings_that_are_streets_or_closed_are_not_crossed(tmp_path: Path, tags) -> None:
    places = SQUARE | {11: (-50, 0), 13: (150, 100)}
    ways = [(9, [1, 2, 3, 4, 1], tags), *((i, [i, i - 10], {"highway": "path"}) for i in (11, 13))]
    assert edges(town(tmp_path, places, ways), "across") == set()


def test_the_way_around_a_corner_is_as_short_as_on_the_ground(tmp_path: Path) -> None:
    # an L: from the end of one arm to the end of the other people touch the inner corner, 4
    places = {1: (0, 0), 2: (200, 0), 3: (200, 50), 4: (50, 50), 5: (50, 200), 6: (0, 200)}
    places |= {12: (250, 0), 16: (0, 250)}
    ways = [(9, [1, 2, 3, 4, 5, 6, 1], AREA), *((i, [i, i - 10], {"highway": "path"}) for i in (12, 16))]
    found = town(tmp_path, places, ways)
    assert edges(found, "across") == {(2, 4), (4, 6)}
    assert shortest(found, 12, 16) == pytest.approx(100 + 2 * math.hypot(150, 50), abs=0.05)


def relation(members, **tags) -> list:
    return [(70, members, {"type": "multipolygon", "highway": "pedestrian"} | tags)]


def test_a_relation_is_drawn_joined_and_crossed_around_its_hole(tmp_path: Path) -> None:
    hole = {5: (40, 40), 6: (60, 40), 7: (60, 60), 8: (40, 60)}
    places = SQUARE | hole | {11: (-50, 0), 13: (150, 100)}
    ways = [
        (20, [1, 2, 3], {}), (21, [1, 4, 3], {"barrier": "kerb"}), (22, [5, 6, 7, 8, 5], {}),
        *((i, [i, i - 10], {"highway": "path"}) for i in (11, 13)),
    ]  # fmt: skip
    found = town(tmp_path, places, ways, relation([(20, "outer"), (21, ""), (22, "inner")], lit="yes"))
    assert edges(found, "outline") == {(1, 2), (2, 3), (3, 4), (1, 4), (5, 6), (6, 7), (7, 8), (5, 8)}
    assert edges(found, "across") == {(1, 6), (1, 8), (1, 5), (3, 6), (3, 8), (3, 7)}
    assert set(found.way_ids[found.tag("square") != ""].tolist()) == {-70}
    assert set(found.tag("lit")[found.tag("square") != ""].tolist()) == {"yes"}
    # 1 to 3 bends at a corner of the hole
    assert shortest(found, 1, 3) == pytest.approx(2 * math.hypot(60, 40), abs=0.05)


def test_an_outline_that_is_a_footway_itself_is_not_drawn_twice(tmp_path: Path) -> None:
    places = SQUARE | {11: (-50, 0), 13: (150, 100)}
    ways = [(20, [1, 2, 3, 4, 1], {"highway": "footway"})]
    ways += [(i, [i, i - 10], {"highway": "path"}) for i in (11, 13)]
    found = town(tmp_path, places, ways, relation([(20, "outer")]))
    assert edges(found, "outline") == set()
    assert edges(found, "across") == {(1, 3)}


@pytest.mark.parametrize(
    "broken",
    [
        [(20, [1, 2, 3], {})],  # does not close
        [(20, [1, 2, 99, 4, 1], {})],  # a corner is cut off
        [],  # its ways are not in the file
    ],
)
def test_squares_that_do_not_close_are_counted(tmp_path: Path, broken) -> None:
    ways = [*broken, (11, [11, 1], {"highway": "path"})]
    found = town(tmp_path, SQUARE | {11: (-50, 0)}, ways, relation([(20, "outer")]))
    assert [p.count for p in found.caveats if p.code == "open-square"] == [1]
    assert len(found.tail) == 1


def test_rings_are_joined_from_ways_in_any_order_and_direction() -> None:
    rings, unclosed = rings_of([[3, 4, 1], [1, 2, 3], [9, 8], [5, 6, 7, 5], [8, 7, 9]])
    assert [sorted(r) for r in rings] == [[1, 2, 3, 4], [7, 8, 9], [5, 6, 7]] or sorted(
        map(sorted, rings)
    ) == [[1, 2, 3, 4], [5, 6, 7], [7, 8, 9]]
    assert unclosed == 0
    assert rings_of([[1, 2, 3], [3, 4]]) == ([], 1)
    assert rings_of([[1, 2, 1]]) == ([], 1)  # there and back encloses nothing


def test_a_square_that_crosses_itself_is_mended() -> None:
    at = np.array([(0, 0), (100, 100), (100, 0), (0, 100)]) / DEGREE
    pairs = crossings(Square([np.arange(4)]), at[:, 0], at[:, 1], np.ones(4, dtype=bool))
    # a bow tie: 0-1, 1-2, 2-3 and 3-0 are its sides, and no other line stays inside
    assert pairs.tolist() == []


def sees(at: np.ndarray, i: int, j: int) -> bool:
    """Plain test: the line crosses no side, and its middle is inside (counted by rays)."""

    def turn(a, b, c) -> float:
        return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

    many = len(at)
    for k in range(many):
        m = (k + 1) % many
        if {k, m} & {i, j}:
            continue
        apart = turn(at[i], at[j], at[k]) * turn(at[i], at[j], at[m]) < 0
        if apart and turn(at[k], at[m], at[i]) * turn(at[k], at[m], at[j]) < 0:
            return False
    x, y = (at[i] + at[j]) / 2
    inside = False
    for (ax, ay), (bx, by) in zip(at, np.roll(at, -1, axis=0), strict=True):
        if (ay > y) != (by > y) and x < ax + (y - ay) / (by - ay) * (bx - ax):
            inside = not inside
    return inside


@pytest.mark.parametrize("seed", range(40))
def test_who_sees_whom_is_what_a_plain_test_of_lines_says(seed: int) -> None:
    rng = np.random.default_rng(seed)
    many = int(rng.integers(4, 14))
    angle = np.sort(rng.uniform(0, 2 * np.pi, many)) + np.arange(many) * 1e-3
    at = np.stack([np.cos(angle), np.sin(angle)], axis=1) * rng.uniform(20, 200, many)[:, None]
    gates = rng.random(many) < 0.6
    found = crossings(Square([np.arange(many)]), at[:, 0] / DEGREE, at[:, 1] / DEGREE, gates)
    if gates.sum() < 2:
        assert not len(found)
        return
    # corners by the same plain measure: the line between the neighbours of a corner leaves the square there
    area = np.sum(at[:, 0] * np.roll(at[:, 1], -1) - np.roll(at[:, 0], -1) * at[:, 1])
    before, after = np.roll(at, 1, axis=0), np.roll(at, -1, axis=0)
    bend = (at - before)[:, 0] * (after - at)[:, 1] - (at - before)[:, 1] * (after - at)[:, 0]
    points = np.flatnonzero(gates | (bend * area < 0))
    want = {
        (int(i), int(j))
        for i in points
        for j in points
        if i < j and (j - i) % many not in (1, many - 1) and sees(at, i, j)
    }
    assert {tuple(p) for p in found.tolist()} == want


def test_an_outline_that_is_walked_already_is_not_drawn_again_whichever_way_it_was_drawn(
    tmp_path: Path,
) -> None:
    text = (
        '<osm version="0.6">'
        + "".join(
            f'<node id="{i}" version="1" lon="{x}" lat="{y}"/>'
            for i, x, y in ((1, 0.0, 0.0), (2, 0.001, 0.0), (3, 0.001, 0.001), (4, 0.0, 0.001))
        )
        + "".join(
            f'<way id="{w}" version="1">{"".join(f"""<nd ref="{n}"/>""" for n in refs)}'
            '<tag k="highway" v="footway"/></way>'
            for w, refs in ((1, (1, 2, 3)), (2, (1, 4, 3)))
        )
        + '<relation id="9" version="1"><member type="way" ref="1" role="outer"/>'
        '<member type="way" ref="2" role="outer"/><tag k="type" v="multipolygon"/>'
        '<tag k="highway" v="pedestrian"/></relation></osm>'
    )
    (tmp_path / "town.osm").write_text(text, encoding="utf-8")
    found = read_osm(tmp_path / "town.osm")
    assert "outline" not in found.tag("square").tolist()
    pairs = {frozenset(p) for p in zip(found.tail.tolist(), found.head.tolist(), strict=True)}
    assert len(pairs) == len(found.tail)


def test_a_line_that_does_not_close_is_no_square() -> None:
    tags = {"highway": "pedestrian", "area": "yes"}
    assert (is_square(tags, True), is_square(tags, False)) == (True, False)
    assert not is_square({"highway": "pedestrian"}, True)
