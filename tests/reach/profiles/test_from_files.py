"""From files to costs: a raster of elevation changes them, and the example city has sensible ones."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from isopolis.model.streets import Streets
from isopolis.reach.profiles import costs, names, parse_tags, profile
from isopolis.read.elevation import heights

from .made import SHARED, Twin

POLICIES = ("optimistic", "expected", "pessimistic")
DEGREE = math.radians(1) * 6_371_008.8


def east(metres: float) -> Streets:
    """A footway of two edges along the equator, drawn from west to east, and the same with a tag."""
    lon = np.array([0.0, metres, 2 * metres]) / DEGREE
    tags = {
        "highway": "footway", "surface": "asphalt", "smoothness": "good", "width": "2", "lit": "yes",
    }  # fmt: skip
    columns = {k: np.array([v, v], object) for k, v in tags.items()}
    columns["incline"] = np.array(["", "-1%"], object)
    length = np.full(3, round(metres * 1000))
    return Streets(
        np.arange(3), lon, np.zeros(3), np.array([0, 1, 0]), np.array([1, 2, 1]), length,
        np.array([0, 0, 1]), np.arange(2), columns, np.empty(0, np.int32), {},
    )  # fmt: skip


@pytest.mark.parametrize("percent", [6.0, -6.0, 12.0])
def test_an_elevation_changes_costs_by_the_direction_of_its_slope(tmp_path: Path, percent: float) -> None:
    import rasterio
    from rasterio.transform import Affine

    cell = 30 / DEGREE
    x = (np.arange(40) - 10 + 0.5) * 30.0
    values = np.broadcast_to(50 + x * percent / 100, (20, 40)).astype(np.float64)
    path = tmp_path / "hill.tif"
    shape = {"driver": "GTiff", "count": 1, "dtype": "float64", "width": 40, "height": 20}
    transform = Affine(cell, 0, -10 * cell, 0, -cell, 10 * cell)
    with rasterio.open(path, "w", crs="EPSG:4326", transform=transform, **shape) as out:
        out.write(values, 1)
    flat, hilly = east(100.0), heights(path, east(100.0))
    assert costs(flat, profile("adult")).unknown.tolist() == [True, True, False]
    found = costs(hilly, profile("adult"), "pessimistic")
    assert not found.unknown.any()

    def tobler(s: float) -> float:
        return 100_000 / 1.33 * math.exp(3.5 * (abs(s + 0.05) - 0.05))

    there, back = tobler(percent / 100), tobler(-percent / 100)
    assert found.forward.tolist() == pytest.approx([there, there, tobler(-0.01)], abs=1.5)
    assert found.backward.tolist() == pytest.approx([back, back, tobler(0.01)], abs=1.5)
    wheels = costs(hilly, profile("wheelchair"))
    assert (wheels.forward[:2] > 0).all() == (percent <= 8)
    assert (wheels.backward[:2] > 0).all() == (percent <= 10)
    assert wheels.forward[2] > 0


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Streets:
    from isopolis.flows.example import write_example
    from isopolis.read.street_lines import StreetsConfig, read_lines

    path = write_example(tmp_path_factory.mktemp("city") / "city", zones=12) / "streets.gpkg"
    tags = ("highway", "bridge", "lit", "kerb", "steps", "surface", "width_m", "incline_pct")
    more = {"id": "street", "start": "from_node", "end": "to_node", "length": "length_m"}
    return read_lines(path, StreetsConfig(path, layer="streets", tags=tags, **more))


def test_the_example_city_has_sensible_costs_equal_to_the_twin(city: Streets) -> None:
    parsed = parse_tags(city)
    assert parsed.caveats == ()
    adult = costs(parsed, profile("adult"))
    assert adult.unusable == 0
    straight = city.length / 1.33
    assert (adult.forward >= 0.8 * straight).all()
    assert np.median(adult.forward / straight) == pytest.approx(1.0, abs=0.1)
    named = [{k: str(v[w]) for k, v in city.way_tags.items() if v[w]} for w in range(len(city.way_ids))]
    stairs = np.array(["step_count" in named[w] for w in city.way.tolist()])
    order = np.random.default_rng(3).permutation(len(city.tail))
    sample = [*order[:40].tolist(), *np.flatnonzero(stairs)[:5].tolist()]
    assert stairs.any()
    for name in names():
        every = {p: costs(parsed, profile(name), p) for p in POLICIES}
        cost = {p: np.stack([c.forward, c.backward]).astype(float) for p, c in every.items()}
        for found in cost.values():
            found[found < 0] = np.inf
        assert (cost["optimistic"] <= cost["expected"]).all()
        assert (cost["expected"] <= cost["pessimistic"]).all()
        assert 0 <= every["expected"].unusable < 0.8
        assert every["expected"].passable.mean() > 0.2
        if name in ("manual_wheelchair", "powered_wheelchair", "pram"):
            assert not every["expected"].passable[stairs].any()
            assert every["pessimistic"].unusable > every["optimistic"].unusable
        for policy, found in every.items():
            twin = Twin(name, policy)
            twin.surveyed = True  # seven streets in ten have a kerb in this table
            for e in sample:
                tags = named[city.way[e]]
                mm = int(city.length[e])
                way = tags | {"nodes": [0, 1], "mm": [mm]}
                pair = (int(found.forward[e]), int(found.backward[e]))
                assert pair == twin.edge(way, mm, 0, 1, {}, set()), (name, policy, tags)
    words = {w for some in SHARED["surfaces"].values() for w in some}
    assert set(city.tag("surface").tolist()) <= words | {""}
