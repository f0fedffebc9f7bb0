"""Priority areas and warnings: Belo Horizonte, Berlin, and cities made so that the answer is known."""

from __future__ import annotations

import html
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from isopolis.cli.app import run
from isopolis.flows.area_rules import area_rule, area_rules, change_rules
from isopolis.flows.cities import load
from isopolis.flows.priority_areas import Asked, priority_areas, signs
from isopolis.flows.touching import touching
from isopolis.measure.typology.warning import YES
from isopolis.model import CallError, City, Counts, DataError, Zones
from isopolis.model.counts import Mechanism
from isopolis.model.groups import Dimension

INCOME = Asked({"income": "income_per_capita"}, {"national_income": 1500})


# -- Belo Horizonte ------------------------------------------------------
@pytest.fixture(scope="module")
def horizonte_folder(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("horizonte")
    for name in ("land_use.csv", "grid.gpkg"):
        shutil.copy(data / "access_belo_horizonte" / name, folder / name)
    (folder / "city.toml").write_text(
        'name = "Belo Horizonte"\n[zones]\nfile = "grid.gpkg"\nid = "id"\nkind = "grid cell"\n'
        '[[tables]]\nfile = "land_use.csv"\nlayout = "wide"\nzone = "id"\ndate = "2019"\n'
        'context = ["income_per_capita"]\n'
        '[[tables.dimensions]]\nname = "people"\ncolumns = ["population"]\n',
        encoding="utf-8",
    )
    return folder


@pytest.fixture(scope="module")
def horizonte(horizonte_folder: Path) -> City:
    return load(horizonte_folder)


def test_belo_horizonte_by_a_walk_over_shared_corners(data: Path, horizonte: City) -> None:
    import geopandas as gpd
    import pandas as pd

    rows = pd.read_csv(data / "access_belo_horizonte" / "land_use.csv").set_index("id")
    outlines = gpd.read_file(data / "access_belo_horizonte" / "grid.gpkg").set_index("id").geometry
    corners = {
        i: {(round(x, 6), round(y, 6)) for x, y in shapely.get_coordinates(g)} for i, g in outlines.items()
    }
    at: dict[tuple[float, float], set[str]] = {}
    for cell, points in corners.items():
        for p in points:
            at.setdefault(p, set()).add(cell)
    known = rows[(rows["population"] > 0) & rows["income_per_capita"].notna()].sort_values(
        "income_per_capita"
    )
    half = known["population"].sum() / 2
    median = known["income_per_capita"][known["population"].cumsum() >= half].iloc[0]
    threshold = np.ceil(0.6 * (0.7 * 1500 + 0.3 * median) / 100) * 100
    poor = set(known.index[known["income_per_capita"] < threshold])
    areas = []
    while poor:
        todo, seen = [poor.pop()], set()
        while todo:
            one = todo.pop()
            seen.add(one)
            near = {c for p in corners[one] for c in at[p]} & poor
            poor -= near
            todo += near
        areas.append((int(rows.loc[list(seen), "population"].sum()), seen))
    expected = sorted((a for a in areas if a[0] >= 1000), key=lambda a: -a[0])
    found = priority_areas(horizonte, area_rule("france_2014"), INCOME)
    assert found.undefined is None
    assert found.threshold == threshold
    assert [(r["people"], set(r["zones"])) for r in found.rows()] == expected
    assert len(expected) > 3


def test_belo_horizonte_says_how_firmly_each_zone_holds(horizonte: City) -> None:
    found = priority_areas(horizonte, area_rule("sixty_percent"), INCOME)
    assert found.found is not None
    assert found.stability is not None
    assert found.variants == 30
    assert found.stability[found.found.inside].min() >= 0.2
    poorest = np.nanargmin(np.where(found.found.inside, horizonte.context["income_per_capita"], np.nan))
    assert found.stability[poorest] > 0.9
    assert 0 < (found.stability[~found.found.inside] > 0).sum() < len(horizonte.zones)
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["variants"] == 30


def test_what_a_rule_needs_and_does_not_get_is_named(horizonte: City) -> None:
    found = priority_areas(horizonte, area_rule("france_2014"), Asked({}, {}))
    assert found.undefined is not None
    assert '"income"' in found.said()
    assert "--number national_income=VALUE" in found.said()
    assert found.rows() == []


# -- Berlin --------------------------------------------------------------
@pytest.fixture(scope="module")
def berlin_folder(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("berlin")
    text = 'name = "Berlin"\n[zones]\nid = "id"\n'
    for file, date in (("population_2015h1", "2015"), ("population_2020h2", "2020")):
        shutil.copy(data / "berlin_planning_areas" / f"{file}.csv", folder)
        text += (
            f'[[tables]]\nfile = "{file}.csv"\nlayout = "wide"\nzone = "id"\ndate = "{date}"\n'
            '[[tables.dimensions]]\nname = "origin"\ncolumns = ["germans", "foreigners"]\n'
        )
    (folder / "city.toml").write_text(text, encoding="utf-8")
    return folder


def test_berlin_cannot_be_known_and_names_the_missing_columns(berlin_folder: Path) -> None:
    found = signs(load(berlin_folder), Asked({}, {"prices": 1.07}))
    assert not found.known
    assert found.dates == ("2015", "2020")
    for name in ("income (before)", "home_value (after)", "degree_share (before)", "renter_share (after)"):
        assert name in found.missing
    # what Berlin has is not among what it lacks
    assert not [m for m in found.missing if m.startswith(("population", "prices"))]
    assert next(iter(found.said())).startswith("Cannot be known")
    assert all(z["agree"] is None for z in found.to_dict()["zones"])


def test_the_command_on_berlin_ends_with_the_data_says_no(
    berlin_folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    page = tmp_path / "berlin.html"
    assert run(["priority-areas", str(berlin_folder), "--warn", "--report", str(page)]) == 1
    assert "Cannot be known" in (out := capsys.readouterr().out)
    assert "Pew 2016 was not asked. Missing:" in out
    assert "--number ten_thousand_dollars_of_2000=…" in out  # told from a column
    assert not page.exists()  # the data says no: nothing is written


# -- cities made so that the answer is known ------------------------------
SIDE = 5


def made_city(context: dict[str, np.ndarray], people: float = 1000.0) -> City:
    """A city of 25 square zones, example data, with columns at two dates."""
    boxes = [
        shapely.box(200 * x, 200 * y, 200 * x + 200, 200 * y + 200) for y in range(SIDE) for x in range(SIDE)
    ]
    size = len(boxes)
    geometry = np.empty(size, dtype=object)
    geometry[:] = boxes
    ids = np.array([f"Z{i:02d}" for i in range(size)], dtype=object)
    points = shapely.get_coordinates(shapely.centroid(geometry))
    zones = Zones(ids, geometry=geometry, crs="EPSG:3035", area=np.full(size, 4e4), centroid=points)
    counts = tuple(
        Counts(
            ids, (Dimension("all", ("people",)),), np.full((size, 1), people),
            np.full((size, 1), Mechanism.EXACT, dtype=np.uint8), date=date,
        )
        for date in ("2010", "2020")
    )  # fmt: skip
    return City("Testville", zones, counts, notes=("example data, not a real place",), context=context)


def changing() -> dict[str, np.ndarray]:
    """Zones 0-4 poor and cheap; of these 0 gentrifies by every rule, 1 by income alone, 2 by prices alone."""
    size = SIDE * SIDE
    income = np.full(size, 40_000.0) + 100 * np.arange(size)
    income[:5] = [10_000, 10_500, 11_000, 11_500, 12_000]
    value = np.full(size, 300_000.0) + 1000 * np.arange(size)
    value[:5] = [100_000, 101_000, 102_000, 103_000, 104_000]
    degree, new = np.full(size, 0.30), np.full(size, 0.40)
    new[:5] = 0.05
    degree_after = degree + 0.01
    later, worth = income.copy(), value * 1.02
    later[0], worth[0], degree_after[0] = 60_000, 400_000, 0.60
    later[1] = 60_000
    worth[2] = 400_000
    return {
        "income at 2010": income, "income at 2020": later,
        "family_income at 2010": income, "family_income at 2020": later,
        "home_value at 2010": value, "home_value at 2020": worth,
        "degree_share at 2010": degree, "degree_share at 2020": degree_after,
        "new_homes_share at 2010": new,
    }  # fmt: skip


NUMBERS = {"prices": 1.0, "ten_thousand_dollars_of_2000": 10_000.0}


def test_each_rule_names_the_zones_that_were_made_for_it() -> None:
    found = signs(made_city(changing()), Asked({}, NUMBERS))
    named = {v.rule.id: np.flatnonzero(v.answer == YES).tolist() for v in found.verdicts}
    assert named == {
        "freeman_2005": [0], "governing_2015": [0], "mckinnish_2010": [0, 1], "pew_2016": [0, 1],
        "hartley_2013": [0, 2],
    }  # fmt: skip
    assert found.yes.tolist() == [5, 2, 1, *([0] * 22)]
    assert set(found.asked.tolist()) == {5}
    assert (found.least <= found.yes).all()
    assert (found.yes <= found.most).all()
    assert {m.rpartition(" ")[0] for m in found.missing} == {
        "renter_share", "minority_share", "no_degree_share", "low_income_share"
    }  # fmt: skip


def test_a_zone_with_a_gap_is_asked_fewer_rules_and_then_none() -> None:
    context = {k: v.copy() for k, v in changing().items()}
    context["home_value at 2020"][0] = np.nan
    found = signs(made_city(context), Asked({}, NUMBERS))
    assert (found.yes[0], found.asked[0]) == (-1, 2)  # only income is left: two rules are too few
    assert found.known


def test_without_the_price_level_no_real_change_is_claimed() -> None:
    found = signs(made_city(changing()), Asked({}, {}))
    silent = {v.rule.id for v in found.verdicts if v.missing}
    assert silent == {"freeman_2005", "governing_2015", "mckinnish_2010", "pew_2016"}
    assert not found.known


def test_one_date_knows_no_change() -> None:
    found = signs(made_city(changing()), Asked({}, NUMBERS, "2020", "2020"))
    assert not found.known


def test_vulnerable_are_zones_above_the_mean_in_three_of_four() -> None:
    size, context = SIDE * SIDE, changing()
    for n, name in enumerate(("renter_share", "minority_share", "no_degree_share", "low_income_share")):
        share = np.full(size, 0.3)
        share[: 4 - n] = 0.6
        context[f"{name} at 2020"] = share
    found = signs(made_city(context), Asked({}, NUMBERS))
    assert np.flatnonzero(found.vulnerable[0].answer == YES).tolist() == [0, 1]
    assert found.missing == ()


def test_neighbours_touch_by_border_and_by_corner() -> None:
    zones = made_city({}).zones
    assert len(touching(zones, corners=False)) == 2 * SIDE * (SIDE - 1)
    assert len(touching(zones)) == 2 * SIDE * (SIDE - 1) + 2 * (SIDE - 1) ** 2


def diagonal(value: float = 9_000.0) -> City:
    income = np.full(SIDE * SIDE, 20_000.0)
    income[[0, 6, 12]] = value
    return made_city({"income at 2020": income}, people=600.0)


def test_the_french_threshold_is_rounded_up_and_corners_join() -> None:
    # 0.6 x (0.7 x 20,000 + 0.3 x 20,000) = 12,000 exactly: not rounded up to 12,100
    found = priority_areas(diagonal(), area_rule("france-2014"), Asked({}, {"national_income": 20_000}))
    assert (found.threshold, [r["people"] for r in found.rows()]) == (12_000, [1800])
    found = priority_areas(diagonal(), area_rule("france_2014"), Asked({}, {"national_income": 20_001}))
    assert found.threshold == 12_100


def test_the_decree_is_not_for_small_towns() -> None:
    city = made_city({"income at 2020": np.full(25, 9_000.0)}, people=399.0)  # 9,975, rounded up to 10,000
    assert (
        priority_areas(city, area_rule("france_2014"), Asked({}, {"national_income": 20_000})).undefined
        is None
    )
    city = made_city({"income at 2020": np.full(25, 9_000.0)}, people=390.0)
    found = priority_areas(city, area_rule("france_2014"), Asked({}, {"national_income": 20_000}))
    assert found.undefined is not None
    assert found.undefined.code == "not-for-this-city"


def test_a_metropolis_weighs_the_country_less() -> None:
    city = made_city({"income at 2020": np.full(25, 10_000.0)}, people=200_000.0)
    found = priority_areas(city, area_rule("france_2014"), Asked({}, {"national_income": 20_000}))
    assert found.threshold == 7_800  # 0.6 x (0.3 x 20,000 + 0.7 x 10,000)


def test_no_area_is_said_in_a_sentence_of_its_own() -> None:
    found = priority_areas(diagonal(19_999.0), area_rule("sixty_percent"), Asked({}, {}))
    assert found.rows() == []
    assert found.said() == (
        "No area is found: nowhere do connected zones with “income” below 12,000 have 1,000 people or more."
    )


def test_the_unit_is_told_and_asked_for_where_the_files_do_not_say_it() -> None:
    silent = priority_areas(diagonal(), area_rule("sixty_percent"), Asked({}, {}))
    assert any("city.toml" in c and "“income”" in c for c in silent.cautions())
    told = priority_areas(
        replace(diagonal(), units={"income": "crowns a year"}), area_rule("sixty_percent"), Asked({}, {})
    )
    assert told.cautions() == ()
    assert "below 12,000 crowns a year" in told.said()
    assert told.reckoned().endswith("= 12,000 crowns a year")
    assert told.to_dict()["unit"] == "crowns a year"


def test_zones_whose_people_are_not_known_are_counted_and_never_empty() -> None:
    city = diagonal()
    hidden = np.full((25, 1), Mechanism.EXACT, dtype=np.uint8)
    hidden[6] = Mechanism.INTERVAL
    bounds = {"lower": np.full((25, 1), 600.0), "upper": np.full((25, 1), 600.0)}
    bounds["lower"][6], bounds["upper"][6] = 0, 9
    table = replace(city.counts[-1], mechanism=hidden, **bounds)
    found = priority_areas(replace(city, counts=(table,)), area_rule("sixty_percent"), Asked({}, {}))
    assert found.found is not None
    assert np.flatnonzero(found.found.unknown).tolist() == [6]
    # the middle of the diagonal is unknown: what is left of it does not touch
    assert found.rows() == []
    assert any(c.startswith("1 zone has no known people") for c in found.cautions())
    assert found.to_dict()["zones_without_a_value"] == 1
    # another table of the same people hides nothing there
    both = replace(city, counts=(table, replace(city.counts[-1], values=np.full((25, 1), 570.0))))
    found = priority_areas(both, area_rule("sixty_percent"), Asked({}, {}))
    assert [r["people"] for r in found.rows()] == [600 + 570 + 600]


def test_a_column_without_any_value_is_cannot_be_known() -> None:
    found = priority_areas(diagonal(np.nan), area_rule("sixty_percent"), Asked({}, {}))
    assert found.undefined is None
    empty = made_city({"income at 2020": np.full(25, np.nan)})
    found = priority_areas(empty, area_rule("sixty_percent"), Asked({}, {}))
    assert found.undefined is not None
    assert "No zone with people has a value of “income”" in found.said()
    assert found.to_dict()["threshold"] is None


def test_a_home_value_that_falls_in_real_terms_is_no_sign_for_governing() -> None:
    context = changing()
    context["home_value at 2020"] = context["home_value at 2010"] * 1.02
    context["home_value at 2020"][0] = 110_000  # the largest rise, and less than prices
    answers = {
        prices: next(
            v.answer[0]
            for v in signs(made_city(context), Asked({}, {**NUMBERS, "prices": prices})).verdicts
            if v.rule.id == "governing_2015"
        )
        for prices in (1.0, 1.2)
    }
    assert answers == {1.0: YES, 1.2: 0}


# -- the example city -----------------------------------------------------
def test_the_example_city_answers_both_and_rules_see_what_was_drawn(
    example_city: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(example_city.folder)
    assert run(["priority-areas", folder, "--number", "national_income=40000", "--json", "-q"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["areas"]
    assert told["unit"] == "euros a year per household"
    numbers = ("--number", "prices=1.2", "--number", "ten_thousand_dollars_of_2000=12000")
    assert run(["priority-areas", folder, "--warn", *numbers, "--json", "-q"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["missing"] == []
    assert all(rule["yes"] for rule in told["rules"])
    seen = {z["zone"]: z["agree"] for z in told["zones"]}
    drawn = set(example_city.truth["gentrified_zones"])
    assert {z for z, n in seen.items() if n is None} == set(example_city.truth["empty_zones"])
    several = {z for z, n in seen.items() if n is not None and n >= 4}
    assert several
    assert several <= drawn


# -- rule files ----------------------------------------------------------
def test_every_shipped_rule_says_what_was_read() -> None:
    assert set(area_rules()) == {"france_2014", "sixty_percent"}
    rules = change_rules()
    assert len(rules.gentrification) >= 3
    for rule in (*rules.gentrification, *rules.displacement):
        source = rules.sources[rule.id]
        assert all((source.cite, source.where, source.url.startswith("https://"), source.read))
        assert {n.rpartition(" (")[0] or n for n in rule.needs} <= set(rules.columns) | set(rules.numbers)


def test_a_rule_file_says_everything_that_is_wrong_at_once(tmp_path: Path) -> None:
    file = tmp_path / "rule.yaml"
    file.write_text(
        "id: mine\ntitle: Mine\nvalue: income\narea_people: {at_least: 5}\n"
        "threshold: {factor: much, parts: [{reference: 0.5, city: 0.5, below: 10}]}\n",
        encoding="utf-8",
    )
    with pytest.raises(DataError) as caught:
        area_rule(str(file))
    columns = {p.column for p in caught.value.problems}
    assert {
        "source",
        "people",
        "area_people",
        "threshold: factor",
        "threshold: parts",
        "reference",
    } <= columns
    file.write_text("a: [", encoding="utf-8")
    with pytest.raises(DataError, match="cannot be read"):
        area_rule(str(file))
    with pytest.raises(CallError, match="no rule and no file"):
        area_rule("france_2041")


# -- the command ---------------------------------------------------------
@pytest.fixture
def call(horizonte_folder: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def go(*more: str) -> tuple[int, str, str]:
        code = run(["priority-areas", str(horizonte_folder), *more])
        return (code, *capsys.readouterr())

    return go


def test_the_command_writes_areas_and_a_page(
    call: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    page = tmp_path / "areas.html"
    code, out, _ = call(
        "--column",
        "income=income_per_capita",
        "--number",
        "national_income=1500",
        "--json",
        "--report",
        str(page),
    )
    assert code == 0
    told = json.loads(out)
    assert told["rule"] == "france_2014"
    assert "article 4" in told["source"]["where"]
    text = page.read_text(encoding="utf-8")
    assert all(part in text for part in ("<svg", "<caption", "http-equiv"))
    assert told["column"] == "income_per_capita"
    assert told["outside"] == 1500
    assert told["areas"][0]["names"]
    assert "0.6 × (0.7 × 1,500 [national_income] + 0.3 ×" in told["threshold_in_words"]
    assert told["threshold_in_words"].endswith(", rounded up to 900")
    assert told["threshold_in_words"] in html.unescape(text)
    assert "“income_per_capita” below" in text
    assert told["areas"][0]["names"][0] in text
    assert call("--report", str(page))[0] == 2


def test_nothing_is_written_where_nothing_can_be_known(
    call: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    page = tmp_path / "areas.html"
    code, out, err = call("--report", str(page))
    assert code == 1
    assert "Cannot be known" in out
    assert "was not written" in err
    assert not page.exists()


def test_the_terminal_names_zones_and_how_the_threshold_comes_about(
    call: Callable[..., tuple[int, str, str]],
) -> None:
    from isopolis.flows.priority_areas import amount, named

    code, out, _ = call("--rule", "sixty_percent", "--column", "income=income_per_capita")
    assert code == 0
    assert "Threshold: 0.6 × 1 ×" in out
    assert "zones' median of" in out
    assert named(["a", "b", "c"], 2) == "a, b and 1 more"
    assert named(["a", "b"], 2) == "a, b"
    assert [str(amount(v)) for v in (12_500.0, 0.6, 0.6049, 12.0)] == ["12,500", "0.6", "0.6049", "12"]


@pytest.mark.parametrize(
    "wrong",
    [("--number", "prices"), ("--number", "prices=-1"), ("--number", "prices=x"), ("--after", "1999")],
)
def test_a_wrong_call_is_a_wrong_call(
    call: Callable[..., tuple[int, str, str]], wrong: tuple[str, ...]
) -> None:
    assert call(*wrong)[0] == 2


def test_the_list_names_what_each_rule_needs(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["priority-areas", "--rules"]) == 0
    out = capsys.readouterr().out
    assert "france_2014: Priority quarters" in out
    assert "needs income, population, national_income" in out
    assert run(["priority-areas"]) == 2


def test_the_page_on_change_shows_agreement_and_its_sources(tmp_path: Path) -> None:
    from isopolis.report.agreement import page, signs_report

    text = page(signs_report(signs(made_city(changing()), Asked({}, NUMBERS))))
    for part in (
        "cannot be known",
        "5 of 5 rules",
        "Journal of Urban",
        "example data, not a real place",
        "<svg",
    ):
        assert part.lower() in text.lower()
