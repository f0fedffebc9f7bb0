"""Streets from lines: nodes by column or by place, lengths to the millimetre, tags, what can be wrong."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isopolis.model import DataError, Problems
from isopolis.model.streets import Streets
from isopolis.read.street_lines import StreetsConfig, read_lines

DEGREE = math.pi * 6_371_008.8 / 180


def write(folder: Path, features, name: str = "lines.geojson", crs: str = "") -> Path:
    """Features are (points, properties), several lists of points making a MultiLineString."""
    out = []
    for points, properties in features:
        many = bool(points) and isinstance(points[0][0], (list, tuple))
        geometry = {"type": "MultiLineString" if many else "LineString", "coordinates": points}
        out.append({"type": "Feature", "properties": properties, "geometry": geometry if points else None})
    whole = {"type": "FeatureCollection", "features": out}
    if crs:
        whole["crs"] = {"type": "name", "properties": {"name": crs}}
    path = folder / name
    path.write_text(json.dumps(whole), encoding="utf-8")
    return path


def read(path: Path, **columns) -> Streets:
    return read_lines(path, StreetsConfig(path, **columns))


def codes(streets: Streets) -> list[str]:
    return [p.code for p in streets.caveats]


def test_the_example_city_reads_with_the_columns_of_its_own_file(tmp_path: Path) -> None:
    import pyogrio
    import shapely

    from isopolis.flows.example.write import write_example

    folder = tmp_path / "city"
    write_example(folder, zones=60)
    path = folder / "streets.gpkg"
    tags = ("highway", "bridge", "lit", "kerb", "steps", "surface", "width_m", "incline_pct")
    ends = {"start": "from_node", "end": "to_node"}
    found = read(path, layer="streets", id="street", length="length_m", tags=tags, **ends)
    frame = pyogrio.read_dataframe(path)
    nodes = set(frame["from_node"]) | set(frame["to_node"])
    assert (len(found.tail), set(found.node_ids.tolist())) == (len(frame), nodes)
    assert found.way_ids[found.way].tolist() == frame["street"].tolist()
    assert found.node_ids[found.tail].tolist() == frame["from_node"].tolist()
    assert found.length.tolist() == [round(v * 1000) for v in frame["length_m"]]
    said = {k: v[found.way].tolist() for k, v in found.way_tags.items()}
    assert said["kerb"] == ["" if v == "unknown" else v for v in frame["kerb"]]
    assert said["width"] == ["" if v != v else f"{v:g}" for v in frame["width_m"]]
    assert said["incline"] == [
        "" if v != v else f"{v:g}%".replace("-0%", "0%") for v in frame["incline_pct"]
    ] or ([float(v[:-1]) for v in said["incline"] if v] == [v for v in frame["incline_pct"] if v == v])
    assert said["step_count"] == [str(v) if v else "" for v in frame["steps"]]
    # its places, and joined by place it is the same network
    lon, lat = shapely.get_coordinates(shapely.get_point(frame.to_crs(4326).geometry.values, 0)).T
    assert found.lon[found.tail] == pytest.approx(lon, abs=1e-7)
    assert found.lat[found.tail] == pytest.approx(lat, abs=1e-7)
    joined = read(path, tags=tags)
    assert (len(joined.node_ids), len(joined.tail)) == (len(nodes), len(frame))
    assert joined.kilometres == pytest.approx(found.kilometres, rel=0.005)


LINES = [
    ([(0, 0), (0.001, 0), (0.001, 0.001)], {"from": "a", "to": "b", "m": 250.0, "lit": "yes", "steps": 12}),
    ([(0.001, 0.001), (0.002, 0.001)], {"from": "b", "to": "c", "m": 111.1, "lit": "unknown", "steps": 0}),
]


def test_points_between_the_ends_become_vertices_and_share_the_length(tmp_path: Path) -> None:
    found = read(write(tmp_path, LINES), start="from", end="to", length="m", tags=("lit", "steps"))
    assert len(found.node_ids) == len(set(found.node_ids.tolist())) == 4
    assert (found.node_ids < 0).sum() == 1  # the point that has no name
    assert found.length.tolist() == [125_000, 125_000, 111_100]
    assert found.way.tolist() == [0, 0, 1]
    assert found.tag("lit").tolist() == ["yes", ""]
    assert found.tag("step_count").tolist() == ["12", ""]
    assert found.way_ids.tolist() == [1, 2]
    mine = read(write(tmp_path, LINES), tags={"lit": "lit", "steps": "name"}).way_tags
    assert {k: v.tolist() for k, v in mine.items()} == {"lit": ["yes", ""], "name": ["12", "0"]}


@settings(max_examples=30)
@given(
    st.lists(st.floats(0.5, 400), min_size=1, max_size=9),
    st.floats(0.8, 1.3),
)
def test_shared_lengths_sum_to_what_is_stated(tmp_path_factory, steps: list[float], longer: float) -> None:
    along = np.concatenate([[0], np.cumsum(steps)]) / DEGREE
    stated = round(sum(steps) * longer, 3)
    path = write(tmp_path_factory.mktemp("lines"), [([(x, 0) for x in along], {"m": stated})])
    found = read(path, length="m")
    assert found.length.sum() == round(stated * 1000)
    assert found.length / 1000 == pytest.approx(np.array(steps) * longer, abs=0.0021 + 0.0005 * longer)


def test_ends_within_a_centimetre_are_one_vertex(tmp_path: Path) -> None:
    near, far = 0.006 / DEGREE, 0.02 / DEGREE
    lines = [
        ([(0, 60), (0.001, 60)], {}),
        ([(0.001 + near / math.cos(math.radians(60)), 60), (0.002, 60)], {}),
        ([(0.002, 60 + far), (0.003, 60)], {}),
    ]
    found = read(write(tmp_path, lines))
    assert len(found.node_ids) == 5
    assert codes(found) == ["street-parts"]


def slow_joined(points: list[tuple[float, float]]) -> int:
    """How many vertices, each point compared with each."""
    groups = [{i} for i in range(len(points))]
    for i, (a, b) in enumerate(points):
        for j, (c, d) in enumerate(points[:i]):
            if math.hypot(a - c, b - d) <= 0.01:
                one, two = (next(g for g in groups if k in g) for k in (i, j))
                if one is not two:
                    groups.remove(two)
                    one |= two
    return len(groups)


@pytest.mark.parametrize("seed", range(12))
def test_joining_by_place_is_that_of_comparing_all_pairs(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    at = rng.integers(0, 6, (16, 2)) * 0.004 + rng.integers(0, 3, (16, 1)) * 5.0  # metres
    far = [(200.0 + 10 * i, 50.0) for i in range(16)]
    lines = [
        ([(float(x) / DEGREE, float(y) / DEGREE), (u / DEGREE, v / DEGREE)], {})
        for (x, y), (u, v) in zip(at, far, strict=True)
    ]
    found = read(write(tmp_path, lines))
    assert len(found.node_ids) == 16 + slow_joined(at.tolist())


def test_a_projected_layer_lies_where_it_should(tmp_path: Path) -> None:
    path = write(tmp_path, [([(500_000, 4_649_776), (500_100, 4_649_776)], {})], crs="EPSG:32632")
    found = read(path)
    assert found.lon[found.tail] == pytest.approx([9.0], abs=1e-6)
    assert found.lat[found.tail] == pytest.approx([42.0], abs=1e-4)
    assert found.kilometres == pytest.approx(0.1, rel=0.005)
    over = read(write(tmp_path, LINES), crs="EPSG:4326")
    assert codes(over) == []


def test_features_in_pieces_loops_and_nothing(tmp_path: Path) -> None:
    lines = [
        ([[(0, 0), (0.001, 0)], [(0.002, 0), (0.003, 0)]], {"lit": "yes"}),
        ([(0, 0), (0, 0)], {"lit": "no"}),
        ([], {"lit": "no"}),
    ]
    notes = Problems()
    path = write(tmp_path, lines)
    found = read_lines(path, problems=notes)
    assert (len(found.tail), found.tag("lit").tolist()) == (2, ["yes"])
    assert codes(found) == [p.code for p in notes] == ["no-line", "street-parts"]


def test_ends_without_a_name_are_joined_by_place_and_named_ones_apart_are_said(tmp_path: Path) -> None:
    lines = [
        ([(0, 0), (0.001, 0)], {"from": 1, "to": None}),
        ([(0.001, 0), (0.002, 0)], {"from": None, "to": 3}),
        ([(0.003, 0), (0.004, 0)], {"from": 3, "to": 4}),  # a kilometre from where 3 was
    ]
    found = read(write(tmp_path, lines), start="from", end="to")
    assert codes(found) == ["node-not-named", "node-apart"]
    assert len(found.node_ids) == 4


def test_lines_without_a_length_are_measured(tmp_path: Path) -> None:
    lines = [(points, {**p, "m": None if i else p["m"]}) for i, (points, p) in enumerate(LINES)]
    found = read(write(tmp_path, lines), length="m")
    assert codes(found) == ["length-measured"]
    assert found.length[2] == pytest.approx(0.001 * DEGREE * 1000, abs=1)


@pytest.mark.parametrize(
    ("columns", "want"),
    [
        ({"start": "form"}, {"unknown-column", "half-nodes"}),
        ({"tags": ("lit", "surfaces"), "length": "metres"}, {"unknown-column"}),
        ({"layer": "street"}, {"unknown-layer"}),
        ({"crs": "EPSG:1"}, {"unknown-crs"}),
        ({"crs": "EPSG:3035"}, {"wrong-crs"}),
        ({"length": "steps"}, {"no-length"}),
        ({"length": "lit"}, {"no-number"}),
        ({"length": "km"}, {"length-unit"}),
    ],
)
def test_wrong_columns_are_all_said(tmp_path: Path, columns, want: set[str]) -> None:
    lines = [(points, p | {"km": p["m"] / 1000}) for points, p in LINES]
    with pytest.raises(DataError) as caught:
        read(write(tmp_path, lines), **columns)
    assert {p.code for p in caught.value.problems if p.fatal} == want
    assert all(p.file == "lines.geojson" for p in caught.value.problems)
    if columns.get("length") == "metres":
        assert len(caught.value.problems) == 2


def points_file(folder: Path) -> Path:
    path = folder / "p.geojson"
    feature = {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [0, 0]}}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    return path


def test_files_without_lines_say_so(tmp_path: Path) -> None:
    (tmp_path / "empty.gpkg").write_bytes(b"")
    (tmp_path / "bad.gpkg").write_bytes(b"SQLite format 3\x00 no")
    none = write(tmp_path, [], "none.geojson")
    still = write(tmp_path, [([(0, 0), (0, 0)], {})], "still.geojson")
    metres = write(tmp_path, [([(500_000, 4e6), (500_100, 4e6)], {})], "metres.geojson")
    for path, code in (
        (tmp_path / "nowhere.gpkg", "missing-file"),
        (tmp_path / "empty.gpkg", "empty-file"),
        (tmp_path / "bad.gpkg", "unreadable-file"),
        (points_file(tmp_path), "no-lines"),
        (none, "empty-file"),
        (still, "no-streets"),
        (metres, "wrong-crs"),
    ):
        with pytest.raises(DataError) as caught:
            read_lines(path)
        assert [p.code for p in caught.value.problems] == [code], path.name


def test_ends_on_both_sides_of_the_date_line_are_one_place(tmp_path: Path) -> None:
    path = write(tmp_path, [([[179.99, -17], [180.0, -17]], {}), ([[-180.0, -17], [-179.99, -17]], {})])
    found = read(path)
    assert (len(found.node_ids), len(found.tail)) == (3, 2)


def test_a_length_that_no_street_has_is_refused(tmp_path: Path) -> None:
    lines = [([[0.0, i / 1000], [0.001, i / 1000]], {"m": 111.2}) for i in range(3)]
    lines.append(([[0.0, 0.01], [0.001, 0.01]], {"m": 99_999_999.0}))
    with pytest.raises(DataError) as caught:
        read(write(tmp_path, lines), length="m")
    assert [(p.code, p.value) for p in caught.value.problems] == [("no-length", "99999999")]


def test_centimetres_and_columns_that_fill_others(tmp_path: Path) -> None:
    rows = [{"width_cm": 90, "a": "yes", "b": "no"}, {"width_cm": 125, "a": None, "b": "no"}]
    path = write(tmp_path, [([[0.0, i / 1000], [0.001, i / 1000]], row) for i, row in enumerate(rows)])
    assert read(path, tags=("width_cm",)).tag("width").tolist() == ["0.9", "1.25"]
    assert read(path, tags={"a": "lit", "b": "lit"}).tag("lit").tolist() == ["yes", "no"]
