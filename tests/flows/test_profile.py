"""Profiles of a town with a river, of the example city by its streets, of Berlin and Belo Horizonte."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely

from isopolis.cli.app import run
from isopolis.flows.profile import profile
from isopolis.flows.profile_words import corrected, scale_said, sentences
from isopolis.flows.ways import costs_by_streets, read_travel
from isopolis.measure.estimate import Estimate
from isopolis.measure.scale import Point, by_network
from isopolis.model import CallError, City, Counts, DataError, Dimension, Zones
from isopolis.report.change import change_html
from isopolis.report.profile import compose_profile, tables

ROOT = Path(__file__).resolve().parents[2]
ORIGIN = Dimension("origin", ("here", "abroad"))
SIDE = 8


def town(outlines: bool = True) -> City:
    """Example data, not a real place: 8 × 8 zones of 250 m, a river between columns 3 and 4."""
    row, column = (a.ravel() for a in np.mgrid[:SIDE, :SIDE])
    corners = np.column_stack([column, row]) * 250.0 + 4_000_000
    shapes = np.array([shapely.box(a, b, a + 250, b + 250) for a, b in corners], dtype=object)
    abroad = np.where(column >= 4, 70, 20) + row
    values = np.column_stack([100 - abroad, abroad]).astype(float)
    ids = np.array([f"z{i:02}" for i in range(64)], dtype=object)
    zones = Zones(ids, geometry=shapes, crs="EPSG:3035", centroid=corners + 125) if outlines else Zones(ids)
    return City("Town", zones, (Counts(ids, (ORIGIN,), values, np.zeros((64, 2), np.uint8), "2020"),))


TOWN = town()


def walks(folder: Path, column: str = "minutes") -> Path:
    """Three minutes for each step between neighbours, and one bridge in the first row."""
    lines = [f"from,to,{column}"]
    for i in range(64):
        for j in range(64):
            (r, c), (s, d) = divmod(i, SIDE), divmod(j, SIDE)
            steps = abs(r - s) + abs(c - d) if (c < 4) == (d < 4) else r + s + abs(c - d)
            lines.append(f"z{i:02},z{j:02},{3 * steps}")
    place = folder / "walks.csv"
    place.write_text("\n".join(lines), encoding="utf-8")
    return place


def test_scales_are_chosen_and_said() -> None:
    found = profile(TOWN, "origin", simulations=19)
    kinds = [p.near.kind for p in found.profile.points]
    assert kinds[0] == "zone"
    assert {"distance", "people"} <= set(kinds)
    told = sentences(found)
    assert any("whole parts of the city differ" in t for t in told)
    plain = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert plain["people"] == 6400
    assert plain["scales"][0]["value"] == pytest.approx(float(found.profile.points[0].found.value))
    assert [scale_said(p.near) for p in found.profile.points][:2] == ["the zone itself", "250 m"]


def test_the_river_is_a_barrier_among_the_same_number_of_people(tmp_path: Path) -> None:
    found = profile(
        TOWN, "origin=abroad", radii=[500], people=[900, 1600], travel=walks(tmp_path), minutes=[6, 12],
        simulations=49,
    )  # fmt: skip
    assert found.travel == "travel times"
    assert [p.near.kind for p in found.profile.barrier] == ["network people"] * 2
    for p in found.profile.barrier:
        assert p.found.value > p.chance[1] > 0  # type: ignore[index]
    told = sentences(found)
    assert any(t.startswith("Barrier") and "more than in a straight line" in t for t in told)
    page = change_html(compose_profile(found))
    assert page.count("<h1>") == 1
    assert page.count("<svg") == 5
    assert page.count("<table") >= 5
    assert "The way less the straight line" in page
    assert all(said in page for said in ("6 minutes on the way", "the 900 people reached first"))


def test_streets_meet_at_their_ends_and_the_way_to_them_counts(tmp_path: Path) -> None:
    import geopandas

    lines = [
        shapely.LineString([(0, 0), (100, 0), (100, 50)]),  # 150 m round a corner
        shapely.LineString([(100, 50.02), (400, 50)]),
        shapely.LineString([(0, 0), (0, 500), (100, 50)]),  # a longer way between the same crossings
    ]
    place = tmp_path / "streets.gpkg"
    geopandas.GeoDataFrame(geometry=lines, crs="EPSG:3035").to_file(place)
    points = np.array([[0.0, 10.0], [400.0, 50.0], [9000.0, 0.0]])
    costs = costs_by_streets(place, points, "EPSG:3035", 1000.0)
    x = np.array([[1.0], [10.0], [100.0]])
    assert by_network(costs, [459.0])[0].environment(x).ravel().tolist() == [1, 10, 100]
    assert by_network(costs, [461.0])[0].environment(x).ravel().tolist() == [11, 11, 100]
    found = profile(TOWN, "origin", radii=[500], people=[500], streets=_grid(tmp_path), simulations=19)
    assert found.travel == "streets"
    assert {(p.near.kind, p.near.scale) for p in found.profile.barrier} == {
        ("network", 500), ("network people", 500),
    }  # fmt: skip


def test_people_are_looked_for_along_streets_as_far_as_they_are(tmp_path: Path) -> None:
    """3 × 250 m reach a few hundred people; 3,000 are compared with 3,000, however long the way."""
    streets = _grid(tmp_path)
    near, far = (
        profile(TOWN, "origin", radii=[r], people=[3000], streets=streets, bands="none") for r in (250, 4000)
    )
    barrier = [f.profile.barrier[-1] for f in (near, far)]
    assert [b.near.fewest for b in barrier] == [pytest.approx(3000)] * 2
    assert barrier[0].found.value == pytest.approx(barrier[1].found.value, abs=1e-12)
    # without the bridge each side has 3,200 people: an end of the streets, no end of the search
    apart = profile(
        TOWN, "origin", radii=[250], people=[4000], streets=_grid(tmp_path, bridge=False), bands="none"
    )
    assert apart.profile.barrier[-1].near.fewest == pytest.approx(3200)
    assert any("fewer than 4,000 people are reached" in c for c in map(str, apart.caveats))
    assert not any("table of ways" in c for c in map(str, apart.caveats))


def test_a_table_that_may_leave_longer_ways_out_is_told(tmp_path: Path) -> None:
    lines = walks(tmp_path).read_text(encoding="utf-8").splitlines()
    cut = tmp_path / "cut.csv"
    cut.write_text("\n".join([lines[0], *(t for t in lines[1:] if int(t.split(",")[2]) <= 9)]))
    call: dict = {"people": [900, 3000], "minutes": [6], "bands": "none"}
    said = "holds nothing longer than 9 min"
    assert any(said in str(c) for c in profile(TOWN, "origin", travel=cut, **call).caveats)
    call["people"] = [300]
    assert not any("table of ways" in str(c) for c in profile(TOWN, "origin", travel=cut, **call).caveats)
    call["minutes"] = [6, 30]
    assert any(said in str(c) for c in profile(TOWN, "origin", travel=cut, **call).caveats)
    whole = profile(TOWN, "origin", travel=walks(tmp_path), minutes=[6, 300], people=[300], bands="none")
    assert not any("table of ways" in str(c) for c in whole.caveats)


def test_a_zone_without_any_way_is_told_and_is_no_traceback(tmp_path: Path) -> None:
    lines = walks(tmp_path).read_text(encoding="utf-8").splitlines()
    cut = tmp_path / "cut.csv"
    cut.write_text("\n".join([lines[0], *(t for t in lines[1:] if "z07" not in t)]))
    call: dict = {"people": [900], "minutes": [6], "bands": "none"}
    found = profile(TOWN, "origin", travel=cut, **call)
    assert any(str(c).startswith("100 people live in zones from which no way leads") for c in found.caveats)
    whole = profile(TOWN, "origin", travel=walks(tmp_path), **call)
    assert not any("no way leads" in str(c) for c in whole.caveats)
    import geopandas

    ring = shapely.LineString([(0, 0), (100, 0), (100, 50), (0, 0)])
    geopandas.GeoDataFrame(geometry=[ring], crs="EPSG:3035").to_file(tmp_path / "ring.gpkg")
    with pytest.raises(CallError, match="no street from one place to another"):
        profile(TOWN, "origin", streets=tmp_path / "ring.gpkg", **(call | {"minutes": []}))


def test_numbers_of_people_that_would_not_fit_are_not_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {p.near.scale for p in profile(TOWN, "origin", bands="none").profile.of("people")} == {
        250, 500, 1000, 2000,
    }  # fmt: skip
    monkeypatch.setattr(sys.modules["isopolis.flows.profile"], "PAIRS_MOST", 64 * 6)
    assert {p.near.scale for p in profile(TOWN, "origin", bands="none").profile.of("people")} == {250, 500}


def _grid(folder: Path, bridge: bool = True) -> Path:
    import geopandas

    at = 4_000_000 + 125 + 250 * np.arange(SIDE)
    lines = [
        shapely.LineString([(a, b), (a + 250, b)])
        for a in at[:-1]
        for b in at
        if a != at[3] or (bridge and b == at[0])
    ]
    lines += [shapely.LineString([(a, b), (a, b + 250)]) for a in at for b in at[:-1]]
    place = folder / "grid.gpkg"
    geopandas.GeoDataFrame(geometry=lines, crs="EPSG:3035").to_file(place)
    return place


def test_all_problems_of_a_travel_table_are_told_at_once(tmp_path: Path) -> None:
    place = tmp_path / "walks.csv"
    place.write_text("from,to,minutes\nz00,z01,far\nz00,q,3\nr,z01,-1\n", encoding="utf-8")
    with pytest.raises(DataError) as wrong:
        read_travel(place, TOWN.zones.ids, np.arange(64))
    assert sorted(p.code for p in wrong.value.problems) == ["bad-cost", "unknown-zone", "unknown-zone"]
    assert "row 3" in str(wrong.value)
    place.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(DataError, match='no column "from"') as wrong:
        read_travel(place, TOWN.zones.ids, np.arange(64))
    assert len(wrong.value.problems) == 3


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"of": "age"}, "no dimension"),
        ({"of": "origin", "measure": "delta"}, "needs areas"),
        ({"of": "origin", "measure": "isolation"}, "one group"),
        ({"of": "origin=abroad", "measure": "exposure"}, "needs versus"),
        ({"of": "origin", "versus": "origin=here"}, "versus needs a group"),
        ({"of": "origin=abroad", "versus": "origin=abroad"}, "share people"),
        ({"of": "origin", "kernel": "round"}, "no kernel"),
        ({"of": "origin", "radii": [500], "minutes": [5]}, "travel times in minutes"),
        ({"of": "origin", "radii": [500, 900], "ends": (900.0, 500.0)}, "must rise"),
        ({"of": "origin", "people": [1e9]}, "the city has 6400"),
        ({"of": "origin", "bands": "wide"}, "no bands"),
        ({"of": "origin", "travel": Path("none.csv")}, "no table of travel times"),
        ({"of": "origin", "streets": Path("none.gpkg")}, "no layer of streets"),
    ],
)
def test_a_wrong_call_is_told(options: dict, said: str) -> None:
    with pytest.raises(CallError, match=said):
        profile(TOWN, options.pop("of"), **options)


def test_without_outlines_and_with_hidden_cells() -> None:
    with pytest.raises(CallError, match="no outlines"):
        profile(town(outlines=False), "origin")
    cells = np.zeros((64, 2), np.uint8)
    cells[0] = 6
    bounds = {"lower": np.zeros((64, 2)), "upper": np.full((64, 2), 9.0)}
    hidden = replace(TOWN, counts=(replace(TOWN.counts[0], mechanism=cells, **bounds),))
    with pytest.raises(CallError, match="suppressed cells"):
        profile(hidden, "origin", bands="permutation")
    found = profile(hidden, "origin", radii=[500], simulations=19)
    assert any("suppressed" in c for c in found.caveats)


def test_exposure_and_kernels_and_other_weights() -> None:
    met = profile(TOWN, "origin=abroad", versus="origin=here", measure="exposure", radii=[500], bands="none")
    values = [float(p.found.value) for p in met.profile.points]
    assert values[0] < values[1] < 0.6
    soft = profile(
        TOWN, "origin", radii=[600, 1200], kernel="gaussian", weighting="environment", bands="none"
    )
    assert [p.near.kind for p in soft.profile.points] == ["zone", "kernel", "kernel"]
    assert soft.to_dict()["weighting"] == "environment"


def _with(values: list[float], *, half: float, spread: float, shift: float = 0.0, ratio: float = 0.5):
    """The town's profile with other values: what is said must follow from them."""
    found = profile(TOWN, "origin", radii=[500, 1000], simulations=19, ends=(500, 1000))
    points = []
    for p, value in zip(found.profile.points, values, strict=True):
        ends = (value - shift - half, value - shift + half)
        told = Estimate(
            value, expected=0.001, sd=spread, maximum=1.0, shift=shift, spread=half, interval=ends
        )
        points.append(Point(p.near, told))
    share = Estimate(ratio, interval=(ratio - half, ratio + half))
    return replace(found, profile=replace(found.profile, points=tuple(points), ratio=share))


def test_the_corrected_value_stands_beside_its_interval() -> None:
    found = _with([0.05, 0.03, 0.02], half=0.002, spread=0.001, shift=0.004)
    assert [corrected(p) for p in found.profile.points] == pytest.approx([0.046, 0.026, 0.016])
    table = tables(found)[0]
    assert table.head[-2:] == ("Corrected", "Interval")
    assert table.rows[0][-2:] == ("0.0460", "0.0440 to 0.0480")
    assert "the interval lies around it" in table.note
    assert "Excess over chance: measured less by chance" in table.note
    assert found.to_dict()["scales"][0]["corrected"] == pytest.approx(0.046)
    assert "corrected" in change_html(compose_profile(found))
    real = profile(TOWN, "origin", radii=[500], simulations=99)
    for p in real.profile.points:
        assert p.found.interval is not None
        assert p.found.interval[0] <= corrected(p) <= p.found.interval[1]  # type: ignore[operator]


def test_a_value_clearly_below_chance_is_not_as_good_as_nothing() -> None:
    told = sentences(_with([0.062, 0.02, -0.021], half=0.001, spread=0.0001))
    assert "6.2% for the zone itself, −2.1% for 1 km" in told[0]
    assert any(t.startswith("Clearly below what chance alone gives: 1 km.") for t in told)
    assert not any("as good as 0" in t or "No higher than chance" in t for t in told)
    told = sentences(_with([0.062, 0.02, -0.0012], half=0.001, spread=0.002))
    assert any("as good as 0" in t for t in told)
    assert any(t == "No higher than chance alone may give: 1 km." for t in told)
    assert not any(t.startswith("Clearly below") for t in told)


def test_a_profile_that_rises_and_a_ratio_above_one_have_words_of_their_own() -> None:
    told = sentences(_with([0.004, 0.003, 0.013], half=0.001, spread=0.0001, ratio=1.617))
    assert any("It does not fade but is larger for 1 km than for the zone itself" in t for t in told)
    assert not any("whole parts" in t or "is left" in t for t in told)
    assert any("1 km is 1.62 times that within 500 m" in t for t in told)
    assert all(t[0].isupper() for t in told)


def test_an_interval_of_rounding_only_is_not_told_as_two_equal_numbers() -> None:
    found = _with([0.06, 0.05, 0.02], half=1e-6, spread=0.0001)
    assert tables(found)[0].rows[0][-1] == "narrower than 0.0001"
    assert "rounding only" in tables(found)[0].note
    assert "Corrected" not in tables(found)[0].head
    assert any("Its interval is narrower than 0.1%" in t for t in sentences(found))


def test_a_year_is_enough_where_it_fits_one_date() -> None:
    counts = TOWN.counts[0]
    two = replace(TOWN, counts=(replace(counts, date="2015-06-30"), replace(counts, date="2020-12-31")))
    assert profile(two, "origin", radii=[500], date="2015", bands="none").date == "2015-06-30"
    with pytest.raises(CallError, match="it has 2015-06-30, 2020-12-31"):
        profile(two, "origin", date="2014")


# -- real cities, from the command line -------------------------------------------------------------
def test_berlin_begins_with_the_value_of_pysal_and_fades(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ISOPOLIS_DATA", str(data))
    want = json.loads((data / "berlin_planning_areas" / "expected.json").read_text(encoding="utf-8"))
    page = tmp_path / "profile.html"
    scales = ["--radii", "1000,4000", "--ratio", "1000,4000"]
    asked = ["profile", str(ROOT / "examples" / "berlin"), "origin", *scales]
    assert run([*asked, "--simulations", "19", "--json", "--report", str(page), "-q"]) == 0
    found = json.loads(capsys.readouterr().out)
    values = [s["value"] for s in found["scales"]]
    whole = want["periods"]["2020h2"]["multigroup"]["origin3"]["values"]["MultiInfoTheory"]
    # small counts are rounded at the source: the value is an estimate of what lies behind them
    assert values[0] == pytest.approx(whole, rel=1e-3)
    assert values == sorted(values, reverse=True)
    assert found["macro_micro"]["value"] == pytest.approx(values[2] / values[1], rel=1e-3)
    assert found["macro_micro"]["interval"][0] < found["macro_micro"]["interval"][1]
    assert page.read_text(encoding="utf-8").count("<svg") == 1
    assert run([*asked, "--report", str(page), "-q"]) == 2
    assert run(["profile", str(ROOT / "examples" / "berlin"), "origin", "--radii", "1,x"]) == 2


def test_belo_horizonte_by_public_transport(data: Path, tmp_path: Path) -> None:
    """Income of hexagons: each has one decile, which the result must say; times from the travel matrix."""
    import geopandas
    import pandas as pd

    source = data / "access_belo_horizonte"
    land = pd.read_csv(source / "land_use.csv", dtype={"id": str})
    grid = geopandas.read_file(source / "grid.gpkg").to_crs("EPSG:31983").set_index("id").loc[land.id]
    decile = pd.to_numeric(land.income_decile, errors="coerce")
    parts = ((1, 4), (5, 8), (9, 10))
    values = np.column_stack([np.where(decile.between(a, b), land.population, 0.0) for a, b in parts])
    ids, middle = land.id.to_numpy(dtype=object), grid.geometry.centroid
    zones = Zones(
        ids,
        geometry=grid.geometry.to_numpy(),
        crs="EPSG:31983",
        centroid=np.column_stack([middle.x, middle.y]),
    )
    income = Dimension("income", ("low", "middle", "high"))
    table = Counts(ids, (income,), values, np.zeros(values.shape, np.uint8), "2019")
    city = City("Belo Horizonte", zones, (table,))
    found = profile(
        city, "income", measure="rank_order_information_theory", radii=[500, 4000], people=[20_000],
        minutes=[30], travel=source / "travel_matrix.parquet", bands="none",
    )  # fmt: skip
    assert found.people == 941_160
    values = {(p.near.kind, p.near.scale): float(p.found.value) for p in found.profile.points}
    assert values["zone", 0] == pytest.approx(1)
    assert any("upper bounds" in c for c in found.caveats)
    assert values["distance", 500] > values["distance", 4000] > 0.05
    assert found.profile.barrier[0].found.value == pytest.approx(
        values["network people", 20_000] - values["people", 20_000]
    )
