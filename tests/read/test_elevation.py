"""Heights from rasters: planes exactly, tiles and systems, holes, what lies elsewhere or is no height."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from isopolis.model import CallError, DataError
from isopolis.model.streets import Streets
from isopolis.read import elevation
from isopolis.read.elevation import heights


def streets(lon, lat, height=None) -> Streets:
    nodes = len(lon)
    return Streets(
        node_ids=np.arange(nodes), lon=np.array(lon, dtype=float), lat=np.array(lat, dtype=float),
        tail=np.arange(nodes - 1), head=np.arange(1, nodes), length=np.full(nodes - 1, 1000),
        way=np.zeros(nodes - 1, dtype=int), way_ids=np.array([1]), way_tags={},
        tagged=np.empty(0, dtype=int), node_tags={}, height=height,
    )  # fmt: skip


def raster(path: Path, values, west: float, north: float, cell: float, crs="EPSG:4326", **more) -> Path:
    import rasterio
    from rasterio.transform import from_origin

    values = np.asarray(values)
    profile = {"driver": "GTiff", "count": 1, "dtype": values.dtype.name, "crs": crs}
    transform = more.pop("transform", from_origin(west, north, cell, cell))
    shape = {"width": values.shape[1], "height": values.shape[0]}
    unit, scale = more.pop("unit", None), more.pop("scale", None)
    with rasterio.open(path, "w", transform=transform, **profile, **shape, **more) as out:
        out.write(values, 1)
        if unit:
            out.units = (unit,)
        if scale:
            out.scales, out.offsets = (scale[0],), (scale[1],)
    return path


def plane(rows: int, columns: int, west: float, north: float, cell: float) -> np.ndarray:
    """Heights of a tilted plane at the centres of cells: 10 + 1000 lon - 500 lat."""
    x = west + (np.arange(columns) + 0.5) * cell
    y = north - (np.arange(rows) + 0.5) * cell
    return 10 + 1000 * x[None, :] - 500 * y[:, None]


@pytest.mark.parametrize("tile", [2, 7, 512])
def test_a_tilted_plane_comes_back_exactly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tile: int
) -> None:
    monkeypatch.setattr(elevation, "TILE", tile)
    path = raster(tmp_path / "a.tif", plane(30, 40, 0.0, 0.3, 0.01), 0.0, 0.3, 0.01, nodata=-9999.0)
    rng = np.random.default_rng(1)
    x, y = rng.uniform(0.005, 0.395, 200), rng.uniform(0.005, 0.295, 200)
    found = heights(path, streets(x, y))
    assert found.height == pytest.approx(10 + 1000 * x - 500 * y, abs=1e-9)
    assert found.caveats == ()


def test_a_raster_in_metres_and_turned_is_reprojected(tmp_path: Path) -> None:
    from pyproj import Transformer
    from rasterio.transform import Affine

    to = Transformer.from_crs("EPSG:4326", "EPSG:32632", always_xy=True)
    # cells of 20 m, turned by 30 degrees: heights of the plane 100 + x/50 - y/80 at their centres
    turned = Affine.translation(500_000, 5_000_000) * Affine.rotation(30) * Affine.scale(20, -20)
    column, row = np.meshgrid(np.arange(60) + 0.5, np.arange(50) + 0.5)
    x, y = (turned.a * column + turned.b * row + turned.c, turned.d * column + turned.e * row + turned.f)
    path = raster(
        tmp_path / "a.tif",
        100 + (x - 500_000) / 50 - (y - 5e6) / 80,
        0,
        0,
        1,
        crs="EPSG:32632",
        transform=turned,
    )
    back = Transformer.from_crs("EPSG:32632", "EPSG:4326", always_xy=True)
    lon, lat = back.transform(x[4:45:20, 5:56:25].diagonal(), y[4:45:20, 5:56:25].diagonal() + 3.0)
    u, v = to.transform(lon, lat)
    found = heights(path, streets(lon, lat))
    assert found.height == pytest.approx(100 + (u - 500_000) / 50 - (v - 5e6) / 80, abs=1e-3)


def slow(values: np.ndarray, column: float, row: float) -> float:
    """Four neighbours written out; counted from the centre of the first cell."""
    rows, columns = values.shape
    column, row = min(max(column, 0), columns - 1), min(max(row, 0), rows - 1)
    out = 0.0
    for r in (int(row), int(row) + 1):
        for c in (int(column), int(column) + 1):
            weight = max(0.0, 1 - abs(column - c)) * max(0.0, 1 - abs(row - r))
            if weight:
                out += weight * values[r, c]
    return out


def test_holes_borders_and_noise_are_those_of_a_slow_twin(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    values = rng.normal(50, 20, (12, 15))
    values[rng.random(values.shape) < 0.1] = np.nan
    path = raster(
        tmp_path / "a.tif", np.where(np.isnan(values), -32768, values), 10.0, 50.0, 0.1, nodata=-32768
    )
    x, y = rng.uniform(9.9, 11.6, 400), rng.uniform(48.7, 50.1, 400)
    x[:3], y[:3] = [10.05, 10.25, 11.0], [49.95, 49.85, 49.75]  # the centres of cells need no neighbour
    found = heights(path, streets(x, y)).height
    for i, (a, b) in enumerate(zip((x - 10) / 0.1, (50 - y) / 0.1, strict=True)):
        inside = 0 <= a <= 15 and 0 <= b <= 12
        want = slow(values, a - 0.5, b - 0.5) if inside else np.nan
        if i >= 3:
            assert found[i] == pytest.approx(want, abs=1e-6, nan_ok=True)
    assert 20 < np.isnan(found).sum() < 300


def test_the_second_raster_fills_what_the_first_leaves_open(tmp_path: Path) -> None:
    first = raster(tmp_path / "a.tif", np.full((4, 4), 7.0), 0.0, 0.4, 0.1)
    second = raster(tmp_path / "b.tif", np.full((4, 8), 9.0), 0.0, 0.4, 0.1)
    found = heights([first, second], streets([0.2, 0.6, 5.0], [0.2, 0.2, 0.2]))
    assert found.height[:2].tolist() == [7.0, 9.0]
    assert np.isnan(found.height[2])
    (said,) = found.caveats
    assert (said.code, said.count, said.fatal) == ("no-height", 1, False)
    assert said.said().startswith("a.tif, b.tif: 1 vertex of the streets has no height.")


def test_a_raster_of_another_place_is_said_and_keeps_what_is_known(tmp_path: Path) -> None:
    path = raster(tmp_path / "a.tif", np.ones((4, 4)), 0.0, 0.4, 0.1)
    found = heights(path, streets([50.0, 50.1], [20.0, 20.0], height=[3.0, np.nan]))
    assert [p.code for p in found.caveats] == ["elevation-elsewhere", "no-height"]
    assert "does not reach the streets" in found.caveats[0].said()
    assert found.height[0] == 3.0
    empty = raster(tmp_path / "b.tif", np.full((4, 4), -1.0), 0.0, 0.4, 0.1, nodata=-1.0)
    assert "has no values where the streets are" in heights(empty, streets([0.2], [0.2])).caveats[0].said()


def test_feet_and_scaled_values_become_metres(tmp_path: Path) -> None:
    feet = raster(tmp_path / "a.tif", np.full((4, 4), 100.0), 0.0, 0.4, 0.1, unit="ft")
    assert heights(feet, streets([0.2], [0.2])).height == pytest.approx([30.48])
    packed = np.full((4, 4), 200, dtype=np.int16)
    scaled = raster(tmp_path / "b.tif", packed, 0.0, 0.4, 0.1, scale=(0.1, 5.0))
    assert heights(scaled, streets([0.2], [0.2])).height == pytest.approx([25.0])


def test_one_row_or_one_cell_is_enough(tmp_path: Path) -> None:
    one = raster(tmp_path / "a.tif", np.full((1, 1), 4.0), 0.0, 0.1, 0.1)
    assert heights(one, streets([0.03], [0.09])).height.tolist() == [4.0]
    row = raster(tmp_path / "b.tif", np.array([[0.0, 10.0]]), 0.0, 0.1, 0.1)
    assert heights(row, streets([0.1], [0.02])).height == pytest.approx([5.0])


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda p: None, "missing-file"),
        (lambda p: p.write_bytes(b""), "empty-file"),
        (lambda p: p.write_bytes(b"II*\x00 no raster"), "unreadable-file"),
        (lambda p: raster(p, np.ones((4, 4)), 0.0, 0.4, 0.1, crs=None), "no-crs"),
        (lambda p: raster(p, np.ones((4, 4)), 0.0, 0.4, 0.1, unit="fathom"), "unknown-unit"),
        (lambda p: raster(p, np.full((4, 4), -32768.0), 0.0, 0.4, 0.1), "no-heights"),
    ],
)
def test_files_that_give_no_heights_say_so(tmp_path: Path, make, code: str) -> None:
    make(tmp_path / "a.tif")
    with pytest.raises(DataError) as caught:
        heights(tmp_path / "a.tif", streets([0.2, 0.21], [0.2, 0.2]))
    (problem,) = caught.value.problems
    assert (problem.code, problem.file) == (code, "a.tif")


def test_a_missing_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = raster(tmp_path / "a.tif", np.ones((4, 4)), 0.0, 0.4, 0.1)
    monkeypatch.setitem(sys.modules, "rasterio", None)
    with pytest.raises(CallError, match=r"pip install 'isopolis\[raster\]'"):
        heights(path, streets([0.2], [0.2]))


def test_a_raster_across_the_date_line_reaches_both_sides(tmp_path: Path) -> None:
    path = raster(tmp_path / "a.tif", plane(10, 40, 179.8, 0.1, 0.01) / 100, 179.8, 0.1, 0.01)
    found = heights(path, streets([179.9, -179.9, -179.7], [0.05, 0.05, 0.05])).height
    assert found[:2] == pytest.approx([0.1 + 1799 - 0.25, 0.1 + 1801 - 0.25])
    assert np.isnan(found[2])


def test_a_raster_west_of_the_date_line_reaches_the_streets_east_of_it(tmp_path: Path) -> None:
    path = raster(tmp_path / "a.tif", plane(10, 40, -180.2, 0.1, 0.01) / 1000, -180.2, 0.1, 0.01)
    found = heights(path, streets([179.9, -179.9], [0.05, 0.05])).height
    assert found == pytest.approx([0.01 - 180.1 - 0.025, 0.01 - 179.9 - 0.025])


def test_survey_feet_are_a_little_longer(tmp_path: Path) -> None:
    path = raster(tmp_path / "a.tif", np.full((4, 4), 10_000.0), 0.0, 0.4, 0.1, unit="us-ft")
    assert heights(path, streets([0.2], [0.2])).height == pytest.approx([10_000 * 1200 / 3937], abs=1e-9)
