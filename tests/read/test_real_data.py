"""The traps of the real files: found, named, and nobody lost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from isopolis.model import City, Mechanism, Problem
from isopolis.read import read_city


@pytest.fixture(scope="module")
def berlin(data: Path) -> City:
    return read_city(data / "berlin_planning_areas")


def only(city: City, code: str) -> Problem:
    (problem,) = [p for p in city.caveats if p.code == code]
    return problem


def test_berlin_keeps_every_resident(berlin: City) -> None:
    assert len(berlin.zones) == 448
    for date, people in (("2015", 3_576_190), ("2020", 3_769_962)):
        assert berlin.table("citizenship", date=date).totals().sum() == people


def test_berlin_area_that_exists_at_one_date(berlin: City) -> None:
    problem = only(berlin, "zone-missing-in-table")
    assert "09041403" in problem.message
    assert problem.file == "population_2015h1.csv"
    before = berlin.table("citizenship", date="2015")
    row = berlin.zones.ids.tolist().index("09041403")
    assert (before.mechanism[row] == Mechanism.NOT_COLLECTED).all()
    assert not before.covered[row]
    assert berlin.table("citizenship", date="2020").values[row].tolist() == [3966, 402]


def test_berlin_missing_and_doubled_outline(berlin: City) -> None:
    assert "04030417 (10,797 people)" in only(berlin, "counts-without-outline").message
    problem = only(berlin, "mislabelled-outline")
    assert "06010102" in problem.message
    assert "04030417" in problem.message
    ids = berlin.zones.ids.tolist()
    assert berlin.zones.centroid is not None
    own, given = (berlin.zones.centroid[ids.index(z)] for z in ("06010102", "04030417"))
    # beside 04030416 (Klausenerplatz) and beside 06010101 (Fichtenberg), as their centroids stand in the file
    assert np.hypot(*(given - [383_990.931, 5_819_820.923])) < 1_000
    assert np.hypot(*(own - [385_294.868, 5_813_484.553])) < 1_000


def test_berlin_small_counts_are_rounded(berlin: City) -> None:
    said = [p.message for p in berlin.caveats if p.code == "rounded-counts"]
    assert any("of 1,204 values from 1 to 9, 1,017 are 3, 6 or 9 and none is 1 or 2" in m for m in said)
    age = berlin.table("age", date="2020")
    assert age.parameter == 3
    assert (age.mechanism[age.covered] == Mechanism.ROUNDED).all()


def test_berlin_dissimilarity_needs_all_rows(berlin: City) -> None:
    # the value of the full table, 0.242869, not that of an inner join, 0.242998
    counts = berlin.table("citizenship", date="2020").values
    share = counts / counts.sum(axis=0)
    assert 0.5 * np.abs(share[:, 0] - share[:, 1]).sum() == pytest.approx(0.242869, abs=5e-7)


def test_barcelona_reads_without_a_caveat_of_its_own(data: Path) -> None:
    city = read_city(data / "barcelona_neighbourhoods")
    assert [p.code for p in city.caveats] == ["guessed"]
    assert city.zones.crs == "EPSG:25831"
    assert set(city.zones.parents["district"]) == {str(k) for k in range(1, 11)}
    income = city.context["gross_income_per_person_eur"]
    people = city.table("sex").totals()
    assert (income * people).sum() / people.sum() == pytest.approx(21_322.039, abs=0.005)


def test_heat_tables_are_modelled_numbers(data: Path) -> None:
    city = read_city(data / "heat_strasbourg")
    assert all(c.weighted for c in city.counts)
    assert only(city, "fractional-counts").count == 3
    assert only(city, "fractional-counts").fatal is False
    alone = city.table("living_alone")
    assert alone.universe == "elderly 55 plus"


def test_degrees_are_projected_and_said(data: Path) -> None:
    city = read_city(data / "access_belo_horizonte")
    assert only(city, "projected")
    assert city.zones.crs.startswith("+proj=laea")
    assert city.zones.area is not None
    # hexagons of resolution 9 measure about 0.105 km²
    assert np.median(city.zones.area) == pytest.approx(105_000, rel=0.15)


def test_points_make_zones_without_area(data: Path) -> None:
    city = read_city(data / "access_porto_alegre")
    assert city.zones.area is None
    assert city.zones.drawable.all()
    assert np.isnan(city.context["jobs"]).sum() == 5


def test_toy_layer_without_reference_system(data: Path) -> None:
    city = read_city(data / "oasisr_teaching" / "segdata.gpkg")
    assert only(city, "no-crs")
    assert city.zones.crs == ""
    assert city.zones.area is not None
    assert city.zones.area.tolist() == [1.0] * 100


def test_sources_carry_the_sum_of_each_file(data: Path) -> None:
    import hashlib

    city = read_city(data / "heat_toulouse")
    (source,) = city.sources
    assert set(source.files) == {"elderly_living_alone.csv", "iris_heat.gpkg"}
    for name, digest in source.sha256.items():
        assert digest == hashlib.sha256((data / "heat_toulouse" / name).read_bytes()).hexdigest()
