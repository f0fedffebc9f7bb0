from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from shapely import Polygon, box

from isopolis.model import DataError, Problems
from isopolis.read.outlines import give_back_strays
from isopolis.read.zones import ZoneFile, read_zones

from .small_city import squares

UTM = 25831


def frame(geometry: list[Any], ids: list[str] | None = None, crs: int | None = UTM) -> Any:
    import geopandas

    ids = ids or [f"z{k}" for k in range(len(geometry))]
    return geopandas.GeoDataFrame({"id": ids}, geometry=geometry, crs=crs)


def read(path: Path, **options: Any) -> tuple[ZoneFile, list[str]]:
    problems = Problems()
    zones = read_zones(path, path.name, id_column="id", problems=problems, **options)
    return zones, [p.code for p in problems]


def refused(path: Path, **options: Any) -> str:
    with pytest.raises(DataError) as caught:
        read(path, **options)
    return caught.value.problems[0].code


@pytest.mark.parametrize("kind", ["gpkg", "shp", "parquet", "geojson"])
def test_every_format(tmp_path: Path, kind: str) -> None:
    data = frame(squares(6))
    path = tmp_path / f"z.{kind}"
    data.to_parquet(path) if kind == "parquet" else data.to_file(path)
    zones, codes = read(path)
    assert zones.ids.tolist() == data["id"].tolist()
    assert zones.crs == "EPSG:25831"
    assert shapely.area(zones.geometry) == pytest.approx([250_000] * 6, rel=1e-6)
    assert codes == []


def test_degrees_become_equal_area_metres(tmp_path: Path) -> None:
    data = frame(squares(6))
    data.to_crs(4326).to_file(tmp_path / "z.geojson")
    zones, codes = read(tmp_path / "z.geojson")
    assert codes == ["projected"]
    assert zones.crs == "EPSG:3035"
    # the same squares measured in their own metric system, which stretches by its scale factor
    assert shapely.area(zones.geometry) == pytest.approx([250_000] * 6, rel=2e-3)


def test_far_from_europe_the_system_is_centred_on_the_data(tmp_path: Path) -> None:
    cells = [box(-43.9 + 0.01 * k, -19.9, -43.89 + 0.01 * k, -19.89) for k in range(3)]
    frame(cells, crs=4326).to_file(tmp_path / "z.gpkg")
    zones, _ = read(tmp_path / "z.gpkg")
    lat = np.radians(-19.895)
    # an independent estimate: lengths of one degree on the GRS80 ellipsoid
    north = 111_132.954 - 559.822 * np.cos(2 * lat) + 1.175 * np.cos(4 * lat)
    east = 111_412.84 * np.cos(lat) - 93.5 * np.cos(3 * lat)
    assert shapely.area(zones.geometry) == pytest.approx([0.01 * north * 0.01 * east] * 3, rel=1e-4)


def test_without_a_system(tmp_path: Path) -> None:
    frame(squares(4), crs=None).to_file(tmp_path / "plane.gpkg")
    assert read(tmp_path / "plane.gpkg")[1] == ["no-crs"]
    data = frame(squares(4)).to_crs(4326)
    data.set_crs(None, allow_override=True).to_file(tmp_path / "degrees.gpkg")
    zones, codes = read(tmp_path / "degrees.gpkg")
    assert codes == ["projected"]
    assert zones.crs == "EPSG:3035"


def test_coordinates_that_cannot_be(tmp_path: Path) -> None:
    metres, degrees = frame(squares(4)), frame(squares(4)).to_crs(4326)
    metres.set_crs(4326, allow_override=True).to_file(tmp_path / "a.gpkg")
    degrees.set_crs(UTM, allow_override=True).to_file(tmp_path / "b.gpkg")
    metres.to_crs(3857).set_crs(27700, allow_override=True).to_file(tmp_path / "c.gpkg")
    assert refused(tmp_path / "a.gpkg") == "wrong-crs"
    assert refused(tmp_path / "b.gpkg") == "wrong-crs"
    assert refused(tmp_path / "c.gpkg") == "wrong-crs"
    metres.to_file(tmp_path / "d.gpkg")
    assert refused(tmp_path / "d.gpkg", crs="EPSG:77777777") == "unknown-crs"


def test_feet_and_web_maps_are_no_true_metres(tmp_path: Path) -> None:
    frame(squares(4)).to_crs(3857).to_file(tmp_path / "web.gpkg")
    zones, codes = read(tmp_path / "web.gpkg")
    assert codes == ["projected"]
    assert shapely.area(zones.geometry) == pytest.approx([250_000] * 4, rel=2e-3)


def test_broken_outlines(tmp_path: Path) -> None:
    shapes: list[Any] = squares(5)
    x, y = shapes[1].bounds[:2]
    shapes[1] = Polygon([(x, y), (x + 500, y + 500), (x + 500, y), (x, y + 500)])
    shapes[2], shapes[3] = Polygon(), None
    frame(shapes).to_file(tmp_path / "z.gpkg")
    zones, codes = read(tmp_path / "z.gpkg")
    assert sorted(codes) == ["mended-outline", "no-outline"]
    assert [g is None for g in zones.geometry] == [False, False, True, True, False]
    assert zones.geometry[1].is_valid
    assert zones.geometry[1].area == pytest.approx(125_000)


def test_repeated_ids(tmp_path: Path) -> None:
    a, b, c, d = squares(4)
    frame([a, b, b, c, d], ["p", "q", "q", "r", "r"]).to_file(tmp_path / "z.gpkg")
    zones, codes = read(tmp_path / "z.gpkg")
    assert codes == ["repeated-outline", "conflicting-outlines"]
    assert zones.ids.tolist() == ["p", "q", "r"]
    assert zones.geometry[2].equals(c)
    assert [g.equals(d) for g in zones.also[2]] == [True]


def test_a_stray_part_goes_home_only_if_ids_say_so() -> None:
    north = [box(1000 * k, 90_000, 1000 * (k + 1), 91_000) for k in range(4)]
    south = [box(1000 * k, 0, 1000 * (k + 1), 1000) for k in range(4)]
    ids = np.array(["0901", "0902", "0904", "0101", "0102", "0103", "0903"], dtype=object)
    mixed = shapely.union_all([south[2], north[2]])
    geometry = np.array([north[0], north[1], north[3], south[0], south[1], mixed, None], dtype=object)
    problems = Problems()
    out = give_back_strays(ids, geometry, ["0903"], "z.gpkg", problems)
    assert [p.code for p in problems] == ["mislabelled-outline"]
    assert out[5].equals(south[2])
    assert out[6].equals(north[2])
    # with ids that say nothing, the outline stays as it is
    plain = np.array(["a", "b", "c", "d", "e", "f", "g"], dtype=object)
    problems = Problems()
    out = give_back_strays(plain, geometry, ["g"], "z.gpkg", problems)
    assert [p.code for p in problems] == ["split-outline"]
    assert out[5] is geometry[5]
    # an island beside its zone is nothing strange
    geometry[5] = shapely.union_all([south[2], box(2000, 1200, 2500, 1700)])
    problems = Problems()
    give_back_strays(ids, geometry, ["0903"], "z.gpkg", problems)
    assert len(problems) == 0


def test_layers(tmp_path: Path) -> None:
    path = tmp_path / "z.gpkg"
    frame(squares(4)).to_file(path, layer="zones")
    frame([s.centroid for s in squares(4)]).to_file(path, layer="points")
    assert read(path)[0].geometry[0].geom_type == "Polygon"
    frame(squares(2)).to_file(path, layer="more")
    assert refused(path) == "several-layers"
    assert len(read(path, layer="more")[0].ids) == 2
    assert refused(path, layer="none") == "unknown-layer"


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\x00" + b"\x00" * 500, b"{}"])
def test_files_that_are_no_outlines(tmp_path: Path, content: bytes) -> None:
    for suffix in ("gpkg", "geojson", "shp", "parquet"):
        path = tmp_path / f"z.{suffix}"
        path.write_bytes(content)
        # a Shapefile on its own is refused for its missing sister files
        assert refused(path) in ("empty-file", "missing-file" if suffix == "shp" else "unreadable-file")
    assert refused(tmp_path / "none.gpkg") == "missing-file"


def test_points_from_a_table(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("id;lon;lat\na;13,41;52,52\nb;13,45;52,50\nc;;\n", encoding="utf-8")
    zones, codes = read(path, xy=("lon", "lat"))
    assert zones.points
    assert codes == ["projected", "no-outline"]
    # 0.04° east and 0.02° south near Berlin: about 2.71 and 2.23 km
    assert shapely.distance(zones.geometry[0], zones.geometry[1]) == pytest.approx(
        np.hypot(2714, 2225), rel=0.01
    )
