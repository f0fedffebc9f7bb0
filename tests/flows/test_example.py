"""The example city: the same every time, whole, nested, and true to its stated parameters.

Everything is computed here from the written files with pandas and shapely alone; nothing of
the generator is called but `write_example`.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from isopolis.flows.example import write_example
from isopolis.model import CallError

NOTICE = "example data, not a real place"
SIZES = (12, 240, 2000)
TEXTS = (
    "city.toml",
    "README.txt",
    "truth.json",
    "population.csv",
    "religion.csv",
    "lgbtiq_survey.csv",
    "prices.csv",
    "households.csv",
    "broadband.csv",
    "services.csv",
    "participation.csv",
)
LAYERS = ("zones", "districts", "streets")
AXES = ["age", "sex", "origin", "income", "disability"]


@pytest.fixture
def cities(example_cities: Callable[[int], Any]) -> Callable[[int], Any]:
    return example_cities


@pytest.fixture
def city(example_city: Any) -> Any:
    return example_city


# -- the same every time ------------------------------------------------------------------------------
def test_same_seed_same_files(city: Any, tmp_path: Path) -> None:
    again = write_example(tmp_path / "again", zones=240, seed=7)
    for name in TEXTS:
        assert (again / name).read_bytes() == (city.folder / name).read_bytes(), name
    for name in LAYERS:
        one, other = (gpd.read_file(f / f"{name}.gpkg") for f in (city.folder, again))
        assert shapely.equals_exact(one.geometry.to_numpy(), other.geometry.to_numpy(), 0).all()
        pd.testing.assert_frame_equal(one.drop(columns="geometry"), other.drop(columns="geometry"))


def test_another_seed_is_another_city(tmp_path: Path) -> None:
    one, other = (write_example(tmp_path / str(s), zones=12, seed=s) for s in (1, 2))
    same = [n for n in TEXTS if (one / n).read_bytes() == (other / n).read_bytes()]
    assert same == ["city.toml"]
    a, b = (gpd.read_file(f / "zones.gpkg").union_all() for f in (one, other))
    assert not a.equals(b)


def test_written_again_in_place_but_never_over_another_city(tmp_path: Path) -> None:
    folder = write_example(str(tmp_path / "new" / "city"), zones=12)
    assert folder == tmp_path / "new" / "city"
    (folder / "mine.txt").write_text("kept")
    write_example(folder, zones=13)
    assert len(gpd.read_file(folder / "zones.gpkg")) == 13
    assert (folder / "mine.txt").read_text() == "kept"
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["city"]
    (folder / "city.toml").write_text('name = "Elsewhere"\n')
    with pytest.raises(CallError, match="another city"):
        write_example(folder, zones=12)
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "services.csv").write_text("id\n1\n")
    with pytest.raises(CallError, match="empty folder"):
        write_example(taken, zones=12)
    assert (taken / "services.csv").read_text() == "id\n1\n"


@pytest.mark.parametrize(("zones", "seed"), [(11, 7), (50_001, 7), (240, -1), (0, 0)])
def test_impossible_calls_say_so(tmp_path: Path, zones: int, seed: int) -> None:
    with pytest.raises(CallError, match=r"zones|seed"):
        write_example(tmp_path / "x", zones=zones, seed=seed)
    assert list(tmp_path.iterdir()) == []


# -- places ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("size", SIZES)
def test_zones_divide_districts(cities: Callable[[int], Any], size: int) -> None:
    city = cities(size)
    zones, districts = city.zones, city.districts
    assert len(zones) == size == zones["zone"].nunique() == zones["name"].nunique()
    assert len(districts) == min(11, size // 4)
    assert zones.crs.to_epsg() == districts.crs.to_epsg() == 3035
    assert set(zones["district"]) == set(districts["district"])
    assert (zones["zone"].str[:2] == zones["district"]).all()
    assert (zones.is_valid & (zones.area > 1_000)).all()
    assert (zones.geom_type == "Polygon").all()
    total, whole = zones.area.sum(), shapely.union_all(zones.geometry)
    assert whole.area == pytest.approx(total, rel=1e-12)  # no overlap
    assert shapely.union_all(districts.geometry).symmetric_difference(whole).area <= 1e-9 * total
    joined = zones.dissolve("district").geometry.reindex(districts["district"])
    gap = shapely.area(shapely.symmetric_difference(joined.to_numpy(), districts.geometry.to_numpy()))
    assert gap.max() <= 1e-9 * total


def test_outlines_are_irregular_and_a_river_divides_them(city: Any) -> None:
    assert shapely.get_num_geometries(shapely.union_all(city.zones.geometry)) == 2
    roundness = 4 * math.pi * city.zones.area / city.zones.length**2
    assert roundness.max() < 0.78  # a square has 0.785
    assert city.zones.area.quantile(0.9) > 2 * city.zones.area.quantile(0.1)


@pytest.mark.parametrize("size", SIZES)
def test_streets_are_one_network_over_all_zones(cities: Callable[[int], Any], size: int) -> None:
    city = cities(size)
    streets = city.streets
    ends = streets[["from_node", "to_node"]].to_numpy() - 1
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(ends.max() + 1,) * 2)
    assert connected_components(graph, directed=False)[0] == 1
    assert len(city.zones.sjoin(streets[["geometry"]])["zone"].unique()) == size
    # a node is one place
    xy = shapely.get_coordinates(streets.geometry).reshape(-1, 2, 2)
    places = pd.DataFrame(xy.reshape(-1, 2)).groupby(ends.ravel()).nunique()
    assert (places == 1).all().all()
    assert np.abs(streets.length - streets["length_m"]).max() < 0.051
    assert 10 * size < len(streets) < 40 * size
    assert (streets["bridge"] == "yes").sum() >= 2


def test_streets_have_barriers_and_unknowns(city: Any) -> None:
    streets = city.streets
    assert {"yes", "no", "unknown"} == set(streets["lit"])
    assert {"lowered", "raised", "flush", "unknown"} == set(streets["kerb"])
    assert 0.15 < (streets["surface"] == "unknown").mean() < 0.35
    assert 0.3 < streets["width_m"].isna().mean() < 0.7
    assert ((streets["steps"] > 0) == (streets["highway"] == "steps")).all()
    assert 0.002 < (streets["highway"] == "steps").mean() < 0.05


@pytest.mark.parametrize("size", SIZES)
def test_services_lie_in_their_zones(cities: Callable[[int], Any], size: int) -> None:
    city = cities(size)
    services = city.table("services")
    wanted = {"health_centre", "school", "childcare", "library", "town_hall_office", "digital_help_point"}
    assert wanted | {"pharmacy", "park", "public_toilet"} <= set(services["kind"])
    assert services["id"].is_unique
    points = gpd.GeoDataFrame(services, geometry=gpd.points_from_xy(services["x"], services["y"]), crs=3035)
    found = points.sjoin(city.zones[["zone", "geometry"]], predicate="within", lsuffix="said", rsuffix="lies")
    assert len(found) == len(services)
    assert (found["zone_said"] == found["zone_lies"]).all()
    assert set(services["step_free"]) <= {"yes", "no", "unknown"}
    assert services["languages"].str.split(";").map(lambda tongues: tongues[0] == "en").all()
    assert (services["fee_eur"].astype(float) >= 0).all()
    assert services["opening_hours"].str.match(r"24/7|(Mo|Tu)").all()
    assert services.loc[services["kind"] == "school", "capacity"].astype(int).min() > 0


# -- people ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("size", SIZES)
def test_whole_persons_at_two_dates(cities: Callable[[int], Any], size: int) -> None:
    city = cities(size)
    people = city.people
    assert people["count"].dtype.kind == "i"
    assert list(people.columns) == ["zone", "date", *AXES, "count"]
    assert not people.duplicated(["zone", "date", *AXES]).any()
    assert set(people["zone"]) == set(city.zones["zone"])
    for date in ("2015", "2025"):
        at = people[people["date"] == date]
        assert at["count"].sum() == city.truth["dates"][date]["people"]
        by_zone = at.groupby("zone")["count"].sum()
        assert len(by_zone) == size  # a zone with nobody says so
        assert 1_000 < by_zone.mean() < 2_500
        # 0 is written only to say that a zone is empty
        assert (at["count"] == 0).sum() == (by_zone == 0).sum() == len(city.truth["empty_zones"])
        assert set(by_zone.index[by_zone == 0]) == set(city.truth["empty_zones"])
    empty = city.zones[city.zones["zone"].isin(city.truth["empty_zones"])]
    assert set(empty["land_use"]) == {"park", "harbour"}
    assert set(people["date"]) == {"2015", "2025"}


def test_zone_sizes_are_skewed(city: Any) -> None:
    size = city.wide("2025", "sex").sum(axis=1)
    assert size.mean() > 1.05 * size.median()
    assert size.max() > 3 * size.median()
    assert size.min() < 0.15 * size.median()


@pytest.mark.parametrize("date", ["2015", "2025"])
def test_the_mix_is_believable(city: Any, date: str) -> None:
    shares = {name: city.wide(date, name).sum() / city.wide(date, name).to_numpy().sum() for name in AXES}
    assert np.allclose(shares["income"], 0.2, atol=0.004)
    assert 0.50 < shares["sex"]["female"] < 0.53
    assert 0.10 < shares["origin"]["non_eu"] < 0.25
    crossed = city.wide(date, "age", "disability").sum().unstack("disability")
    disabled = crossed["yes"] / crossed.sum(axis=1)
    assert (disabled.diff().dropna() > 0).all()  # rises with age
    crossed = city.wide(date, "income", "disability").sum().unstack("disability")
    assert (crossed["yes"] / crossed.sum(axis=1)).is_monotonic_decreasing


# -- what it says of itself ---------------------------------------------------------------------------
@pytest.mark.parametrize("size", SIZES)
def test_nothing_passes_for_real(cities: Callable[[int], Any], size: int) -> None:
    city = cities(size)
    for name in ("city.toml", "README.txt", "truth.json"):
        assert NOTICE in (city.folder / name).read_text(encoding="utf-8"), name
    assert (city.folder / "README.txt").read_text(encoding="utf-8").splitlines()[0].endswith(NOTICE)
    assert city.truth["notice"] == NOTICE
    assert city.toml["notes"] == [NOTICE]
    for source in city.toml["sources"]:
        assert source["licence"] == "CC0-1.0, example data"
        assert NOTICE in source["title"]
        assert NOTICE in source["publisher"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", source["date"])
    readme = (city.folder / "README.txt").read_text(encoding="utf-8")
    files = {p.name for p in city.folder.iterdir()}
    assert files == {*TEXTS, *(f"{n}.gpkg" for n in LAYERS)}
    assert all(re.search(rf"^{re.escape(f)}\s", readme, re.M) for f in files)
    for name in LAYERS:
        assert pyogrio.read_info(city.folder / f"{name}.gpkg")["layer_metadata"] == {"NOTICE": NOTICE}


def test_city_toml_names_what_is_there(city: Any) -> None:
    toml = city.toml
    keys = {s["key"] for s in toml["sources"]}
    for table in [*toml["tables"], *toml["places"], *toml["participation"]]:
        columns = set(city.table(table["file"].removesuffix(".csv")).columns)
        assert table["source"] in keys
        named = [table[k] for k in ("zone", "date_column", "count", "se", "mechanism", "total") if k in table]
        named += table.get("context", [])
        for dimension in table.get("dimensions", []):
            named += dimension.get("columns", [dimension.get("column")])
            if "column" in dimension:
                found = set(city.table(table["file"].removesuffix(".csv"))[dimension["column"]])
                assert found == set(dimension["categories"])
            assert set(dimension.get("labels", {})) <= set(
                dimension.get("categories", dimension.get("columns"))
            )
        assert set(named) <= columns
    assert toml["zones"]["id"] in city.zones
    assert set(toml["zones"]["parents"].values()) <= set(city.zones.columns)
    assert set(toml["streets"]["tags"]) <= set(city.streets.columns)
    ordered = {d["name"] for t in toml["tables"] for d in t.get("dimensions", []) if d.get("ordered")}
    assert ordered == {"age", "income"}
    sensitive = {d["name"] for t in toml["tables"] for d in t.get("dimensions", []) if d.get("sensitive")}
    assert {"religion", "lgbtiq", "disability"} <= sensitive


def test_above_five_thousand_zones_residents_come_as_parquet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same residents in both forms (the limit is lowered here to spare time)."""
    plain = write_example(tmp_path / "csv", zones=12)
    monkeypatch.setattr("isopolis.flows.example.tables.CSV_UP_TO", 11)
    folder = write_example(tmp_path / "parquet", zones=12)
    assert not (folder / "population.csv").exists()
    one = pd.read_parquet(folder / "population.parquet")
    other = pd.read_csv(plain / "population.csv", dtype={"zone": str, "date": str})
    assert one.astype(str).equals(other.astype(str))
    toml = tomllib.loads((folder / "city.toml").read_text(encoding="utf-8"))
    assert toml["tables"][0]["file"] == "population.parquet"
    assert "population.parquet" in (folder / "README.txt").read_text(encoding="utf-8")
