"""Finding zones: letters of any script, points against a slow search, addresses in several systems."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from isopolis.flows.places import (
    addresses_of,
    features,
    fold,
    parse_point,
    to_degrees,
    write_outlines,
    zone_of_point,
    zones_at,
)
from isopolis.model import Zones
from isopolis.read.addresses import address_headings, read_addresses

CRS = "EPSG:25831"
X0, Y0 = 430_000.0, 4_580_000.0


def scattered(seed: int, count: int = 40, **more: object) -> Zones:
    """Cells of random points: shapes that touch each other and cover the square; some are not drawn."""
    rng = np.random.default_rng(seed)
    points = shapely.multipoints(rng.random((count, 2)) * 5000 + (X0, Y0))
    frame = shapely.box(X0, Y0, X0 + 5000, Y0 + 5000)
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=frame))
    shapes = np.array([shapely.intersection(c, frame) for c in cells], dtype=object)
    shapes[::7] = None
    ids = np.array([f"Z{i}" for i in range(len(shapes))], dtype=object)
    return Zones(ids, geometry=shapes, crs=CRS, **more)  # type: ignore[arg-type]


def slowly(zones: Zones, x: float, y: float) -> int:
    """The first zone that holds the point, looked at one by one."""
    assert zones.geometry is not None
    here = shapely.Point(x, y)
    return next((i for i, g in enumerate(zones.geometry) if g is not None and g.intersects(here)), -1)


@pytest.mark.parametrize("seed", range(4))
def test_points_against_a_slow_search(seed: int, tmp_path: Path) -> None:
    zones = scattered(seed)
    rng = np.random.default_rng(99 + seed)
    xy = rng.random((300, 2)) * 5600 + (X0 - 300, Y0 - 300)
    assert zones.geometry is not None
    corners = shapely.get_coordinates(zones.geometry[1])  # on borders of several zones at once
    xy = np.vstack([xy, corners, [[np.nan, 0.0]]])
    expected = [slowly(zones, x, y) if x == x else -1 for x, y in xy]
    assert zones_at(zones, xy[:, 0], xy[:, 1]).tolist() == expected

    write_outlines(zones, tmp_path / "outlines.npz")
    inside = xy[:60]
    degrees = shapely.get_coordinates(to_degrees(shapely.points(inside), CRS))
    found = [zone_of_point(tmp_path / "outlines.npz", lon, lat) for lon, lat in degrees]
    assert found == expected[:60]


def test_a_point_far_out_is_nowhere(tmp_path: Path) -> None:
    write_outlines(scattered(1), tmp_path / "outlines.npz")
    for lon, lat in ((0.0, 90.0), (180.0, -90.0), (2.0, 0.0)):
        assert zone_of_point(tmp_path / "outlines.npz", lon, lat) == -1


def test_outlines_for_browsers_lie_where_the_zones_lie() -> None:
    zones = scattered(2)
    made = features(zones)
    assert made is not None
    shapes, (west, south, east, north) = made
    assert [s["id"] for s in shapes] == np.flatnonzero(zones.drawable).tolist()
    assert zones.geometry is not None
    back = to_degrees(zones.geometry[zones.drawable], CRS)
    for shape, real in zip(shapes, back, strict=True):
        drawn = shapely.geometry.shape(shape["geometry"])
        assert drawn.symmetric_difference(real).area < 0.02 * real.area
    assert (west, south, east, north) == pytest.approx(shapely.total_bounds(back).tolist(), abs=2e-6)
    assert features(Zones(np.array(["a"], dtype=object))) is None


def test_points_and_lines_get_a_body() -> None:
    shapes = np.array([shapely.Point(X0, Y0), shapely.box(X0, Y0, X0 + 900, Y0 + 900)], dtype=object)
    made = features(Zones(np.array(["a", "b"], dtype=object), geometry=shapes, crs=CRS))
    assert made is not None
    assert [s["geometry"]["type"] for s in made[0]] == ["Polygon", "Polygon"]


# -- words ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Łódź-Północ", "lodz polnoc"),
        ("STRASSE", "Straße"),
        ("İstanbul", "istanbul"),
        ("ISPARTA", "ısparta"),
        ("Άγιος", "αγιοσ"),
        ("Ñandú", "nandu"),
        ("Ærø", "aero"),
        ("Бургас", "БУРГАС"),
        ("l’Hospitalet", "l'hospitalet"),
        ("ﬁn", "FIN"),
        ("حَيّ", "حي"),
    ],
)
def test_the_same_for_a_reader(one: str, other: str) -> None:
    assert fold(one) == fold(other) != ""


@given(st.text(max_size=40))
def test_folding_ends(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert fold(text) == fold(text).strip()


def test_points_as_people_write_them() -> None:
    assert parse_point("41.39, 2.17") == (2.17, 41.39)
    assert parse_point(" -33.4;-70.6 ") == (-70.6, -33.4)
    assert parse_point("41.39 2.17") == (2.17, 41.39)
    for text in ("91, 2", "41.39", "Calle 5, 3 b", "1e5, 3", "nan, nan", "", "41,39"):
        found = parse_point(text)
        assert found is None or text == "41,39"


# -- addresses ---------------------------------------------------------------------------------------------
def middles(zones: Zones) -> tuple[np.ndarray, np.ndarray]:
    assert zones.geometry is not None
    drawn = np.flatnonzero(zones.drawable)
    points = shapely.get_coordinates(shapely.point_on_surface(zones.geometry[drawn]))
    return drawn, points


@pytest.mark.parametrize(
    ("crs", "head", "comma"),
    [
        ("OGC:CRS84", "lon,lat", False),
        ("EPSG:25831", "x,y", False),
        ("EPSG:3035", "X;Y", True),
        ("EPSG:25830", "UTM_X,UTM_Y", False),
        ("OGC:CRS84", "x\ty", False),
    ],
)
def test_addresses_in_any_system(tmp_path: Path, crs: str, head: str, comma: bool) -> None:
    zones = scattered(3)
    drawn, points = middles(zones)
    from pyproj import Transformer

    x, y = Transformer.from_crs(CRS, crs, always_xy=True).transform(points[:, 0], points[:, 1])
    mark = next(c for c in ",;\t" if c in head)
    rows = [f"Street{mark}Nº{mark}{head}"]
    for i, (a, b) in enumerate(zip(x, y, strict=True)):
        said = mark.join(["Calle Mayor", str(i), f"{a:.7f}", f"{b:.7f}"])
        rows.append(said.replace(".", ",") if comma else said)
    path = tmp_path / "list.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    found = addresses_of([path], zones)
    assert found.zones.tolist() == drawn.tolist()
    assert found.texts[3] == "Calle Mayor 3"
    assert found.lost == 0


def test_other_tables_are_no_addresses(tmp_path: Path) -> None:
    for text in (
        "zone,total,born_here\nA,1,1\n",
        "street,number\nMain,1\n",
        "lon,lat\n1,2\n",
        "",
        "street,x\n",
    ):
        path = tmp_path / "table.csv"
        path.write_text(text)
        assert address_headings(path) is None, text
        assert read_addresses(path) is None
    (tmp_path / "a.gpkg").write_bytes(b"street,lon,lat\n")
    assert address_headings(tmp_path / "a.gpkg") is None
    assert addresses_of([tmp_path / "table.csv"], scattered(1)).texts == []


def test_addresses_elsewhere_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("street,lon,lat\nFar 1,100.0,10.0\nFar 2,101.0,11.0\nOdd,x,y\n")
    found = addresses_of([path], scattered(1))
    assert (found.texts, found.lost) == ([], 3)
