"""The change of a city, of one date or of several, with its zones or with others."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely

from isopolis.cli.app import run
from isopolis.flows.change import change
from isopolis.flows.change_words import most_changed, sentences
from isopolis.flows.crosswalks import crosswalk_by_area, crosswalk_by_people
from isopolis.model import CallError, City, Counts, DataError, Dimension, Zones
from isopolis.report.change import change_html, compose_change, tables

ROOT = Path(__file__).resolve().parents[2]
ORIGIN = Dimension("origin", ("here", "abroad"))


def counts(ids: list[str], values: list[list[float]], date: str, mechanism: int = 0) -> Counts:
    bounds = {"lower": np.zeros((len(ids), 2)), "upper": np.full((len(ids), 2), 9.0)} if mechanism else {}
    cells = np.full((len(ids), 2), mechanism, dtype=np.uint8)
    return Counts(np.array(ids, dtype=object), (ORIGIN,), np.array(values), cells, date, **bounds)  # type: ignore[arg-type]


def city(ids: list[str], tables: dict[str, list[list[float]]], boxes: list[tuple] | None = None) -> City:
    shapes = None
    if boxes is not None:
        shapes = np.array([shapely.box(*b) for b in boxes], dtype=object)
    zones = Zones(np.array(ids, dtype=object), geometry=shapes, crs="EPSG:3035" if boxes else "")
    return City("Town", zones, tuple(counts(ids, v, d) for d, v in tables.items()))


FIRST = [[60.0, 20], [30, 50], [40, 40]]
MIDDLE = [[60.0, 25], [32, 50], [40, 42]]
LAST = [[55.0, 35], [40, 50], [45, 45]]
TOWN = city(["a", "b", "c"], {"2010": FIRST, "2015": MIDDLE, "2020": LAST})


def test_oldest_and_newest_unless_dates_are_named() -> None:
    found = change(TOWN, "origin")
    assert found.dates == ("2010", "2020")
    assert len(found.path.steps) == 1
    path = change(TOWN, "origin=abroad", measure="gini", dates=["2010", "2015", "2020"])
    assert len(path.path.steps) == 2
    assert path.groups == ("origin=abroad", "rest")
    assert sum(path.path.summed().values()) == pytest.approx(path.path.direct.parts.change, abs=1e-13)


def test_words_json_and_page_say_the_same() -> None:
    found = change(TOWN, "origin", dates=["2010", "2015", "2020"])
    told = sentences(found)
    assert "fell" in told[0]
    assert "The change is −" in told[1]
    assert any("separation fell" in t for t in told)
    plain = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    parts = plain["direct"]["parts"]
    assert sum(p["value"] for p in parts) == pytest.approx(plain["direct"]["change"], abs=1e-13)
    assert sum(z["structure"] for z in plain["by_zone"]) == pytest.approx(parts[0]["value"], abs=1e-13)
    page = change_html(compose_change(found))
    assert page.count("<h1>") == 1
    assert "<svg" in page
    assert "All steps together" in page
    assert f"{abs(parts[0]['value']):.4f}" in page


@pytest.mark.parametrize(
    ("of", "options", "said"),
    [
        ("age", {}, 'no table of "age": there is "origin"'),
        ("origin", {"dates": ["1999", "2020"]}, 'no date "1999"; it has 2010, 2015, 2020'),
        ("origin", {"dates": ["2010"]}, "two dates"),
        ("origin", {"method": "elbers"}, "no method"),
        ("origin", {"method": "mrc", "measure": "gini"}, "mutual_information only"),
        ("origin", {"measure": "exposure"}, "not a measure of groups"),
        ("origin=nowhere", {}, "nowhere"),
    ],
)
def test_a_wrong_call_is_told(of: str, options: dict, said: str) -> None:
    with pytest.raises(CallError, match=said):
        change(TOWN, of, **options)


def test_a_year_stands_for_the_one_date_it_fits() -> None:
    dates = {"2010-06-30": FIRST, "2015-01-01": MIDDLE, "2015-07-01": MIDDLE, "2020-12-31": LAST}
    town = city(["a", "b", "c"], dates)
    assert change(town, "origin", dates=["2010", "2020-12"]).dates == ("2010-06-30", "2020-12-31")
    with pytest.raises(CallError, match="several dates of origin of Town: 2015-01-01, 2015-07-01"):
        change(town, "origin", dates=["2010", "2015"])
    with pytest.raises(CallError, match='no date "201"'):
        change(town, "origin", dates=["201", "2020"])


@pytest.mark.parametrize("method", ["shapley", "shapley_equal", "km"])
def test_the_parts_that_are_told_add_up_to_the_change(method: str) -> None:
    ids = ["a", "b", "c", "d", "e"]
    dates = {"2010": [*FIRST, [50, 5], [0, 0]], "2020": [*LAST, [0, 0], [9, 60]]}
    found = change(city(ids, dates), "origin", method=method)
    assert found.refusal is None
    told = sentences(found)[1].replace("−", "-")
    whole, *parts = [float(v) for v in re.findall(r"[+-]\d+\.\d+", told)]
    assert whole == pytest.approx(found.path.direct.parts.change, abs=6e-5)
    assert sum(parts) == pytest.approx(whole, abs=6e-5 * (len(parts) + 1))
    assert "that went" in told
    assert "that came" in told
    assert ("together" in told) == (method == "km")
    (parts, *_) = tables(found)
    assert ("several orders" in parts.note) == (method != "km")
    assert "Largest difference" not in parts.note
    assert "more than chance" in found.caveats[-1]


def test_suppressed_cells_stop_it() -> None:
    hidden = replace(TOWN, counts=(TOWN.counts[0], counts(["a", "b", "c"], LAST, "2020", mechanism=6)))
    with pytest.raises(DataError, match="6 suppressed cells at 2020"):
        change(hidden, "origin")


def test_what_zeros_forbid_is_refused_in_words_and_without_a_waterfall() -> None:
    thin = city(["a", "b"], {"2010": [[10.0, 0], [0, 10]], "2020": [[14.0, 3], [0, 3]]})
    found = change(thin, "origin")
    assert found.refusal is not None
    assert found.refusal.code == "no-fit"
    assert found.refusal.reason in sentences(found)
    page = change_html(compose_change(found))
    assert "cannot be split" in page
    assert "<svg" not in page
    assert found.to_dict()["refused"]["code"] == "no-fit"


def test_the_zones_that_pushed_most_each_way_are_named() -> None:
    rng = np.random.default_rng(2)
    ids = [f"z{i}" for i in range(9)]
    first = rng.integers(20, 90, (9, 2)).astype(float)
    last = first.copy()
    last[2] = [90, 5]  # one zone becomes of one group, one becomes mixed
    first[5], last[5] = [80, 4], [45, 40]
    found = change(city(ids, {"2010": first.tolist(), "2020": last.tolist()}), "origin")
    local = found.path.direct.by_zone
    assert local is not None
    up, down = ids[int(np.argmax(local.structure))], ids[int(np.argmin(local.structure))]
    assert (up, down) == ("z2", "z5")
    told = sentences(found)
    assert any(t.startswith("Zones whose mix raises it most: z2: +") for t in told)
    assert any(t.startswith("Zones whose mix lowers it most: z5: −") for t in told)
    assert told[-2] in compose_text(found)
    rows = most_changed(found, 4)
    assert [r[0] for r in rows[:1] + rows[-1:]] == ["z2", "z5"]
    assert len(rows) == 4
    values = [r[1] for r in rows]
    assert values == sorted(values, reverse=True)


def compose_text(found: object) -> str:
    return html.unescape(change_html(compose_change(found)))  # type: ignore[arg-type]


@pytest.mark.parametrize("measure", ["gini", "information_theory", "mutual_information"])
def test_from_nobody_to_somebody_is_no_rise_from_zero(measure: str) -> None:
    town = city(["a", "b"], {"2010": [[5.0, 0], [3, 0]], "2020": [[5.0, 2], [3, 9]]})
    with pytest.raises(DataError, match="2010: Nobody of this group was counted"):
        change(town, "origin=abroad", measure=measure)
    with pytest.raises(DataError, match="one zone"):
        change(city(["a"], {"2010": [[5.0, 1]], "2020": [[5.0, 2]]}), "origin")


def test_no_change_has_no_part_that_lowers_it_most() -> None:
    told = sentences(change(city(["a", "b", "c"], {"2010": FIRST, "2020": FIRST}), "origin"))
    assert not any("most" in t for t in told)


def test_the_newer_city_is_newer() -> None:
    with pytest.raises(CallError, match="name the older one first"):
        change(TOWN, "origin", later=TOWN)


def test_groups_at_one_date_only_are_named() -> None:
    three = Dimension("origin", ("here", "eu", "third"))
    zones = TOWN.zones
    exact = np.zeros((3, 3), dtype=np.uint8)
    before = Counts(zones.ids, (replace(three, categories=("here", "eu", "far")),),
                    np.array([[60.0, 20, 5], [30, 50, 9], [40, 40, 2]]), exact, "2010")  # fmt: skip
    after = Counts(zones.ids, (three,), np.array([[60.0, 25, 5], [35, 50, 19], [40, 40, 2]]), exact, "2020")
    found = change(City("Town", zones, (before, after)), "origin")
    assert any("“Far”" in c and "“Third”" in c for c in found.caveats)
    assert not any("“Eu”" in c for c in found.caveats)


# -- zones that were redrawn ----------------------------------------------------------------------
OLD = city(["p", "q"], {"2010": [[60.0, 20], [30, 50]]}, [(0, 0, 4, 2), (4, 0, 8, 2)])
NEW = city(["x", "y", "z"], {"2020": LAST}, [(0, 0, 3, 2), (3, 0, 6, 2), (6, 0, 8, 2)])
PEOPLE = np.array([80.0, 80.0])


def test_by_area_it_is_the_area_that_outlines_share() -> None:
    walk = crosswalk_by_area(OLD.zones, NEW.zones, PEOPLE)
    np.testing.assert_allclose(walk.shares.toarray(), [[0.75, 0.25, 0], [0, 0.5, 0.5]], atol=1e-12)
    found = change(OLD, "origin", later=NEW, crosswalk="area")
    assert found.people == (160, 270)
    assert found.crosswalk == "area"
    assert any("more even" in c for c in found.caveats)


def test_by_people_rows_of_a_pair_add_up(tmp_path: Path) -> None:
    place = tmp_path / "walk.csv"
    place.write_text("from,to,people\np,x,10\np,x,20\np,y,10\nq,y,1\nq,z,3\n", encoding="utf-8")
    walk = crosswalk_by_people(place, OLD.zones, NEW.zones, PEOPLE)
    np.testing.assert_allclose(walk.shares.toarray(), [[0.75, 0.25, 0], [0, 0.25, 0.75]])


def test_all_problems_of_a_crosswalk_are_told_at_once(tmp_path: Path) -> None:
    place = tmp_path / "walk.csv"
    place.write_text("from,to,people\np,x,ten\nr,y,1\nq,w,3\n", encoding="utf-8")
    with pytest.raises(DataError) as wrong:
        crosswalk_by_people(place, OLD.zones, NEW.zones, PEOPLE)
    assert {p.code for p in wrong.value.problems} == {"unknown-zone", "bad-weight"}
    assert len(wrong.value.problems) == 3
    assert "row 3" in str(wrong.value)
    place.write_text("from,to,people\np,x,1\n", encoding="utf-8")
    with pytest.raises(DataError, match="1 zone with 80 people lead nowhere: q"):
        crosswalk_by_people(place, OLD.zones, NEW.zones, PEOPLE)
    place.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(DataError, match='no column "from"'):
        crosswalk_by_people(place, OLD.zones, NEW.zones, PEOPLE)


def test_outlines_that_leave_people_out_are_refused() -> None:
    short = city(["x"], {"2020": [[5.0, 5]]}, [(0, 0, 5, 2)])
    with pytest.raises(DataError, match="not covered by the outlines of the newer city: q"):
        crosswalk_by_area(OLD.zones, short.zones, PEOPLE)
    with pytest.raises(CallError, match="no outlines"):
        crosswalk_by_area(TOWN.zones, NEW.zones, PEOPLE)


def test_without_a_crosswalk_the_same_id_is_the_same_zone() -> None:
    later = city(["b", "c", "d"], {"2020": LAST})
    found = change(city(["a", "b", "c"], {"2010": FIRST}), "origin", later=later)
    assert list(found.zone_ids) == ["a", "b", "c", "d"]
    assert list(found.path.direct.zones) == [False, True, True, False]
    assert found.path.direct.parts.of("added") != 0 != found.path.direct.parts.of("removed")


# -- Berlin, from the command line ----------------------------------------------------------------
def test_berlin_has_the_values_of_both_dates(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ISOPOLIS_DATA", str(data))
    want = json.loads((data / "berlin_planning_areas" / "expected.json").read_text(encoding="utf-8"))
    page = tmp_path / "change.html"
    city_folder = str(ROOT / "examples" / "berlin")
    assert run(["change", city_folder, "origin", "--json", "--report", str(page)]) == 0
    found = json.loads(capsys.readouterr().out)
    for end, period in (("before", "2015h1"), ("after", "2020h2")):
        values = want["periods"][period]["multigroup"]["origin3"]["values"]
        assert found["direct"][end] == pytest.approx(values["MultiDivergence"], abs=1e-12)
    parts = {p["name"]: p for p in found["direct"]["parts"]}
    assert sum(p["value"] for p in parts.values()) == pytest.approx(found["direct"]["change"], abs=1e-13)
    # the area that exists in 2020 only
    assert parts["added"]["value"] != 0
    assert parts["removed"]["value"] == 0
    assert found["direct"]["zones"] == 447
    assert found["direct"]["residual"] <= 1e-10
    assert parts["structure"]["value"] < 0 < parts["groups"]["value"]
    assert page.read_text(encoding="utf-8").count("<svg") == 1
    assert run(["change", city_folder, "origin", "--report", str(page)]) == 2
