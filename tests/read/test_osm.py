"""Streets from OpenStreetMap: counts against a plain reader, tags, what is cut, twice or closed."""

from __future__ import annotations

import bz2
import gzip
import json
import math
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isopolis.model import CallError, DataError, Problems
from isopolis.model.streets import Streets
from isopolis.read.osm import read_osm
from isopolis.read.osm_network import parts_of
from isopolis.read.osm_ways import walkable


def xml(nodes: Iterable, ways: Iterable = (), relations: Iterable = (), *, turned: bool = False) -> str:
    """An extract as text: (id, lon, lat, tags) of nodes, (id, refs, tags) of ways, and so on."""

    def tags(some: dict[str, str]) -> str:
        return "".join(f'<tag k="{k}" v="{v}"/>' for k, v in some.items())

    parts = [
        "".join(f'<node id="{i}" version="1" lon="{x}" lat="{y}">{tags(t)}</node>' for i, x, y, t in nodes),
        "".join(
            f'<way id="{i}" version="1">' + "".join(f'<nd ref="{r}"/>' for r in refs) + f"{tags(t)}</way>"
            for i, refs, t in ways
        ),
        "".join(
            f'<relation id="{i}" version="1">'
            + "".join(f'<member type="way" ref="{r}" role="{role}"/>' for r, role in members)
            + f"{tags(t)}</relation>"
            for i, members, t in relations
        ),
    ]
    return f'<osm version="0.6">{"".join(parts[::-1] if turned else parts)}</osm>'


def read(folder: Path, text: str, name: str = "town.osm", **options) -> Streets:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_osm(path, **options)


def grid(size: int) -> list[tuple[int, float, float, dict[str, str]]]:
    """Nodes 1 … size², 0.001 degrees apart, row by row."""
    return [(1 + i + size * j, i / 1000, j / 1000, {}) for j in range(size) for i in range(size)]


def codes(streets: Streets) -> dict[str, int]:
    return {p.code: p.count for p in streets.caveats}


def pairs(streets: Streets) -> set[frozenset[int]]:
    ids = streets.node_ids
    return {frozenset((int(ids[a]), int(ids[b]))) for a, b in zip(streets.tail, streets.head, strict=True)}


# -- against a real city and a plain reader ----------------------------------------------------------------
def test_porto_alegre_has_exactly_the_counts_of_its_expected_values(data: Path) -> None:
    folder = data / "access_porto_alegre"
    want = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["network"]
    found = read_osm(folder / "poa_osm.pbf", rule="classes", squares=False)
    assert len(found.way_ids) == want["ways"]
    assert len(found.node_ids) == want["nodes"]
    assert len(found.tail) == want["edges_undirected"]
    assert found.kilometres == pytest.approx(want["total_length_km"], abs=45_142 * 0.0005 / 1000)
    sizes = np.unique(parts_of(len(found.node_ids), found.tail, found.head), return_counts=True)[1]
    assert (len(sizes), sizes.max()) == (want["components"], want["nodes_in_largest"])
    assert codes(found) == {"street-parts": want["components"]}


def test_porto_alegre_by_tags_adds_only_what_tags_or_squares_say(data: Path) -> None:
    path = data / "access_porto_alegre" / "poa_osm.pbf"
    plain, full = (read_osm(path, rule=r, squares=s) for r, s in (("classes", False), ("tags", True)))
    lost = ~np.isin(plain.way_ids, full.way_ids)
    assert set(plain.tag("highway")[lost].tolist()) == {"rest_area"}
    added = ~np.isin(full.way_ids, plain.way_ids)
    said = (
        (full.tag("foot") != "") | (full.tag("square") != "") | (full.tag("highway") == "platform")
        | (full.tag("railway") == "platform") | (full.tag("public_transport") == "platform")
    )  # fmt: skip
    assert added.any()
    assert said[added].all()


def plain_counts(text: str) -> dict[str, float]:
    """The same counts with a parser of XML, dictionaries and a union of sets, under the rule of classes."""
    root = ElementTree.fromstring(text)
    place = {n.get("id"): (float(n.get("lon")), float(n.get("lat"))) for n in root.iter("node")}
    away = "motorway motorway_link trunk trunk_link construction proposed raceway bus_guideway abandoned"
    away += " platform"
    lines: dict[frozenset[str], float] = {}
    ways = 0
    for way in root.iter("way"):
        tags = {t.get("k"): t.get("v") for t in way.iter("tag")}
        refs = [n.get("ref") for n in way.iter("nd")]
        if tags.get("highway", "platform") in away.split() or tags.get("foot") == "no":
            continue
        if tags.get("access") in ("no", "private"):
            continue
        mine = [(a, b) for a, b in pairwise(refs) if a != b and a in place and b in place]
        ways += any(frozenset(pair) not in lines for pair in mine)
        for a, b in mine:
            (x, y), (u, v) = (map(math.radians, place[n]) for n in (a, b))
            cos = math.sin(y) * math.sin(v) + math.cos(y) * math.cos(v) * math.cos(x - u)
            lines[frozenset((a, b))] = max(0.001, 6_371_008.8 * math.acos(min(1.0, cos)))
    groups = {n: {n} for pair in lines for n in pair}
    for a, b in map(tuple, lines):
        if groups[a] is not groups[b]:
            groups[a] |= groups[b]
            for n in groups[b]:
                groups[n] = groups[a]
    parts = len({id(g) for g in groups.values()})
    return {
        "ways": ways,
        "nodes": len(groups),
        "edges": len(lines),
        "parts": parts,
        "metres": sum(lines.values()),
    }


KINDS = st.sampled_from("residential footway steps motorway platform cycleway construction trunk".split())
TAGS = st.fixed_dictionaries(
    {},
    optional={
        "highway": KINDS,
        "foot": st.sampled_from(["yes", "no", "designated"]),
        "access": st.sampled_from(["yes", "no", "private"]),
        "name": st.just("Rua"),
    },
)
WAYS = st.lists(
    st.tuples(st.lists(st.integers(1, 30), min_size=1, max_size=6), TAGS), min_size=1, max_size=14
)


@settings(max_examples=40)
@given(WAYS)
def test_counts_are_those_of_a_plain_parser(tmp_path_factory, drawn) -> None:
    # of the 30 nodes that ways speak of, 25 are in the file
    text = xml(grid(5), [(i, refs, tags) for i, (refs, tags) in enumerate(drawn, 1)])
    want = plain_counts(text)
    folder = tmp_path_factory.mktemp("osm")
    if not want["edges"]:
        with pytest.raises(DataError, match=r"walked on|no streets"):
            read(folder, text, rule="classes", squares=False)
        return
    found = read(folder, text, rule="classes", squares=False)
    parts = len(np.unique(parts_of(len(found.node_ids), found.tail, found.head)))
    got = (len(found.way_ids), len(found.node_ids), len(found.tail), parts)
    assert got == (want["ways"], want["nodes"], want["edges"], want["parts"])
    # the cosine formula of the plain parser loses a few centimetres per line of a hundred metres
    assert found.kilometres * 1000 == pytest.approx(want["metres"], abs=0.1 * want["edges"])


# -- formats -----------------------------------------------------------------------------------------------
TOWN = xml(
    [*grid(3), (50, 0.0005, 0.0005, {"kerb": "lowered", "note": "x"})],
    [
        (7, [1, 2, 50, 3], {"highway": "footway", "lit": "yes", "ref": "A1"}),
        (8, [3, 6], {"highway": "steps"}),
    ],
)


def same(a: Streets, b: Streets) -> None:
    for name in ("node_ids", "lon", "lat", "tail", "head", "length", "way", "way_ids", "tagged"):
        assert getattr(a, name).tolist() == getattr(b, name).tolist(), name
    assert {k: v.tolist() for k, v in a.way_tags.items()} == {k: v.tolist() for k, v in b.way_tags.items()}


def test_every_format_gives_the_same_streets(tmp_path: Path) -> None:
    import osmium

    plain = read(tmp_path, TOWN)
    (tmp_path / "a.osm.bz2").write_bytes(bz2.compress(TOWN.encode()))
    (tmp_path / "a.osm.gz").write_bytes(gzip.compress(TOWN.encode()))
    with osmium.SimpleWriter(str(tmp_path / "a.osm.pbf")) as writer:
        for item in osmium.FileProcessor(str(tmp_path / "town.osm")):
            writer.add(item)
    for name in ("a.osm.bz2", "a.osm.gz", "a.osm.pbf"):
        same(plain, read_osm(tmp_path / name))


def test_ways_before_nodes_and_ids_of_editors_are_read(tmp_path: Path) -> None:
    nodes = [(-1, 0, 0, {}), (-2, 0.001, 0, {}), (3, 0.002, 0, {})]
    ways = [(-5, [-1, -2, 3], {"highway": "path"})]
    found = read(tmp_path, xml(nodes, ways, turned=True))
    assert found.node_ids.tolist() == [-2, -1, 3]
    assert found.way_ids.tolist() == [-5]
    assert len(found.tail) == 2


def test_tags_that_matter_are_kept_and_others_are_not(tmp_path: Path) -> None:
    found = read(tmp_path, TOWN)
    assert found.tag("lit").tolist() == ["yes", ""]
    assert "ref" not in found.way_tags
    assert found.node_ids[found.tagged].tolist() == [50]
    assert {k: v.tolist() for k, v in found.node_tags.items()} == {"kerb": ["lowered"]}
    # as the way is drawn
    assert found.node_ids[found.tail].tolist() == [1, 2, 50, 3]


# -- who may walk where ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("tags", "by_tags", "by_classes"),
    [
        ({"highway": "residential"}, True, True),
        ({"highway": "cycleway", "foot": "designated"}, True, True),
        ({"highway": "cycleway", "foot": "no"}, False, False),
        ({"highway": "motorway"}, False, False),
        ({"highway": "motorway", "foot": "designated"}, True, False),
        ({"highway": "trunk", "sidewalk": "both"}, True, False),
        ({"highway": "trunk", "sidewalk:right": "yes"}, True, False),
        ({"highway": "trunk", "sidewalk": "separate"}, False, False),
        ({"highway": "primary", "sidewalk": "separate"}, True, True),
        ({"highway": "primary", "foot": "use_sidepath"}, True, True),
        ({"highway": "service", "access": "private"}, False, False),
        ({"highway": "primary", "motorroad": "yes"}, False, True),
        ({"highway": "primary", "motorroad": "yes", "sidewalk": "left"}, True, True),
        ({"highway": "footway", "foot": "private"}, False, True),
        ({"highway": "footway", "foot": "military", "access": "yes"}, False, True),
        ({"highway": "service", "access": "private", "foot": "yes"}, True, False),
        ({"highway": "footway", "access": "customers"}, True, True),
        ({"highway": "construction", "foot": "yes"}, False, False),
        ({"highway": "platform"}, True, False),
        ({"railway": "platform"}, True, False),
        ({"highway": "corridor", "indoor": "yes"}, True, True),
        ({"highway": "elevator"}, True, True),
        ({"route": "ferry", "foot": "yes"}, False, False),
        ({"railway": "rail"}, False, False),
        ({}, False, False),
    ],
)
def test_tags_about_walking_decide_before_the_class(tags, by_tags: bool, by_classes: bool) -> None:
    assert walkable(tags) is by_tags
    assert walkable(tags, "classes") is by_classes


def test_ferries_are_left_out_and_counted(tmp_path: Path) -> None:
    ways = [(1, [1, 2], {"highway": "path"}), (2, [2, 3], {"route": "ferry"})]
    assert codes(read(tmp_path, xml(grid(2), ways))) == {"ferries": 1}


# -- what is wrong with a file -----------------------------------------------------------------------------
def test_a_clipped_way_keeps_its_pieces_and_is_counted(tmp_path: Path) -> None:
    ways = [(1, [1, 2, 99, 3, 4, 98], {"highway": "path"}), (2, [1, 99], {"highway": "path"})]
    found = read(tmp_path, xml(grid(2), ways))
    assert pairs(found) == {frozenset((1, 2)), frozenset((3, 4))}
    assert codes(found) == {"missing-nodes": 2, "street-parts": 2}
    assert "cuts 2 ways" in found.caveats[0].said()
    assert found.way_ids.tolist() == [1]  # the other way has nothing left


def test_repeated_nodes_and_edges_of_no_length(tmp_path: Path) -> None:
    nodes = [*grid(2), (9, 0.0, 0.0, {})]  # where node 1 is
    ways = [(1, [1, 1, 9, 2, 9, 2], {"highway": "path"}), (2, [2, 9], {"highway": "steps"})]
    found = read(tmp_path, xml(nodes, ways))
    assert [sorted(p) for p in sorted(pairs(found), key=min)] == [[1, 9], [2, 9]]
    assert found.way.tolist() == [0, 0, 1]  # another way over the same vertices is another edge
    assert found.length.tolist()[0] == 1
    assert len(read(tmp_path, xml(nodes, ways), rule="classes").tail) == 2


def test_a_way_that_stands_twice_counts_once(tmp_path: Path) -> None:
    found = read(tmp_path, xml(grid(2), [(1, [1, 2], {"highway": "path"})] * 2))
    assert len(found.tail) == 1
    assert codes(found) == {"way-twice": 1}


def test_islands_are_kept_and_said(tmp_path: Path) -> None:
    ways = [(1, [1, 2, 3], {"highway": "path"}), (2, [7, 8], {"highway": "path"})]
    notes = Problems()
    found = read(tmp_path, xml(grid(3), ways), problems=notes)
    assert len(found.node_ids) == 5
    assert tuple(notes) == found.caveats
    (said,) = (p.said() for p in found.caveats)
    assert "2 parts; 2 have fewer than 100 vertices, and 2 of 5 vertices are not connected" in said


def test_places_outside_the_globe_are_no_vertices(tmp_path: Path) -> None:
    nodes = [*grid(2), (9, 0.0, 95.0, {}), (10, 200.0, 3.0, {})]
    found = read(tmp_path, xml(nodes, [(1, [1, 2, 9, 10], {"highway": "path"})]))
    assert found.node_ids.tolist() == [1, 2]
    assert codes(found)["no-place-on-earth"] == 2


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.osm.pbf", b"", "empty-file"),
        ("a.osm.pbf", b"this is no protocol buffer at all", "unreadable-file"),
        ("a.osm", b"<osm version='0.6'><node id='1' lon='0'", "unreadable-file"),
        ("a.osm.bz2", b"BZh9 not really", "unreadable-file"),
        ("a.shp", b"something", "unknown-format"),
        ("a.osm", b"<osm version='0.6'></osm>", "no-streets"),
        ("a.osm", xml([], [(1, [1, 2], {"highway": "path"})]).encode(), "no-streets"),
        ("a.osm", xml(grid(2), [(1, [1, 2], {"building": "yes"})]).encode(), "no-streets"),
    ],
)
def test_files_that_hold_no_streets_say_so(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_osm(tmp_path / name)
    (problem,) = caught.value.problems
    assert (problem.code, problem.file) == (code, name)
    assert problem.hint or problem.rule


def test_a_real_extract_that_was_cut_off_is_refused(data: Path, tmp_path: Path) -> None:
    whole = (data / "access_porto_alegre" / "poa_osm.pbf").read_bytes()
    (tmp_path / "cut.osm.pbf").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError) as caught:
        read_osm(tmp_path / "cut.osm.pbf")
    assert caught.value.problems[0].code in ("unreadable-file", "no-streets")


def test_missing_files_libraries_and_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match=r"nowhere\.osm\.pbf: there is no such file"):
        read_osm(tmp_path / "nowhere.osm.pbf")
    with pytest.raises(CallError, match='unknown rule "tag": did you mean "tags"'):
        read(tmp_path, TOWN, rule="tag")
    monkeypatch.setitem(sys.modules, "osmium", None)
    with pytest.raises(CallError, match=r"pip install 'isopolis\[osm\]'"):
        read(tmp_path, TOWN)


def test_locked_gates_and_roads_that_nobody_walks_along_are_known_at_their_vertices(tmp_path: Path) -> None:
    nodes = [*grid(3), (50, 0.0015, 0.0, {"barrier": "gate", "locked": "yes"})]
    ways = [
        (1, [2, 50, 5, 8], {"highway": "footway"}),
        (2, [4, 5, 6], {"highway": "trunk"}),
        (3, [7, 8, 9], {"highway": "residential", "foot": "no"}),
    ]
    found = read(tmp_path, xml(nodes, ways))
    said = dict(zip(found.node_ids[found.tagged].tolist(), found.node_tag("road").tolist(), strict=True))
    assert said == {5: "trunk", 50: ""}
    assert found.node_tag("locked").tolist() == ["", "yes"]
    assert found.way_ids.tolist() == [1]


def test_lengths_far_from_the_equator(tmp_path: Path) -> None:
    nodes = [(1, 10.0, 60.0, {}), (2, 10.001, 60.0, {}), (3, 10.001, 60.001, {})]
    found = read(tmp_path, xml(nodes, [(1, [1, 2, 3], {"highway": "path"})]))
    degree = math.radians(1) * 6_371_008.8
    assert found.length.tolist() == [round(0.5 * degree), round(degree)]
