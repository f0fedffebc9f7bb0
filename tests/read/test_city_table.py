"""A file of cities and its sheet of roles: every problem at once, and nothing used that is not declared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from isopolis.flows.peer_files import table_from_plain, table_to_plain
from isopolis.flows.peers import FEATURES, find_city, load_table, read_sheet, shipped_features, template
from isopolis.learn.peers import CityTable, peers
from isopolis.learn.peers.words import WORDS
from isopolis.learn.vocabulary import shipped
from isopolis.model import CallError, DataError, Undefined

ROLES = """
title = "Invented"
id = "code"
languages = "speaks"
[context.population]
year = 2024
[context.climate_zone]
column = "weather"
[context.languages]
column = "speaks"
[outcome.gap]
column = "gap in rent"
label = "Gap"
unit = "%"
better = "low"
low = "from"
high = "to"
year_column = "when"
"""
CSV = """city,code,country,population,weather,speaks,gap in rent,from,to,when,mayor
Anna,A1,XX,100000,Cfb,fr; de,"12,5","11,5","13,5",2020,x
Bela,B1,XX,..,Dfb,FR,"8,25",,,2021,x
Cara,C1,YY,250000,,c,*,,,,x
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "cities.csv").write_text(CSV, encoding="utf-8")
    (tmp_path / "features.toml").write_text(ROLES, encoding="utf-8")
    return tmp_path


def test_what_is_read(folder: Path) -> None:
    loaded = load_table(folder / "cities.csv")
    table = loaded.table
    assert [(c.id, c.name, c.country, c.languages, c.population) for c in table.cities] == [
        ("A1", "Anna", "XX", ("de", "fr"), 100_000),
        ("B1", "Bela", "XX", ("FR",), None),
        ("C1", "Cara", "YY", ("c",), 250_000),
    ]
    assert [(f.id, f.transform, f.kind, f.year) for f in table.context.features] == [
        ("population", "log", "number", "2024"),
        ("climate_zone", "none", "category", ""),
        ("languages", "none", "tags", ""),
    ]
    missing = table.context.column("population")[1]
    assert isinstance(missing, Undefined)
    assert missing.code == "not-stated"
    assert table.context.column("climate_zone")[:2] == ("cfb", "dfb")
    assert isinstance(table.context.column("languages")[2], Undefined), "c is a mark of a hidden cell"
    readings = table.outcomes.of("gap")
    assert (readings["A1"].value, readings["A1"].low, readings["A1"].high, readings["A1"].year) == (
        12.5, 11.5, 13.5, "2020",
    )  # fmt: skip
    assert (readings["B1"].value, readings["B1"].low) == (8.25, None)
    assert isinstance(readings["C1"].value, Undefined)
    assert readings["C1"].value.code == "suppressed"
    assert table.unused == {"mayor": "it has no declared role"}
    assert [p.code for p in loaded.caveats] == ["no-role"]


def test_the_same_from_excel_parquet_and_yaml(folder: Path) -> None:
    import tomllib

    import yaml

    (folder / "roles.yaml").write_text(yaml.safe_dump(tomllib.loads(ROLES)), encoding="utf-8")
    numbers = pd.read_csv(folder / "cities.csv", decimal=",", na_values=[".."], keep_default_na=False)
    for name in ("population", "gap in rent", "from", "to"):
        numbers[name] = pd.to_numeric(
            numbers[name].astype(str).str.replace(",", ".", regex=False), errors="coerce"
        )
    numbers.to_parquet(folder / "cities.parquet")
    book = openpyxl.Workbook()
    for row in [list(numbers.columns), *numbers.astype(object).where(numbers.notna(), None).values.tolist()]:
        book.active.append(row)
    book.save(folder / "cities.xlsx")
    want = load_table(folder / "cities.csv").table
    for suffix in ("parquet", "xlsx"):
        got = load_table(folder / f"cities.{suffix}", folder / "roles.yaml").table
        assert got.context.column("population")[0] == 100_000
        assert [c.id for c in got.cities] == [c.id for c in want.cities]
        assert got.outcomes.of("gap")["A1"].high == 13.5


def test_without_a_sheet_only_names_of_shipped_features_are_context(tmp_path: Path) -> None:
    place = tmp_path / "t.csv"
    place.write_text("city,population,density,segregation\nA,1000,5,0.3\nB,2000,6,0.5\n", encoding="utf-8")
    table = load_table(place).table
    assert [f.id for f in table.context.features] == ["population", "density"]
    assert table.outcomes.indicators == ()
    assert table.unused == {"segregation": "it has no declared role"}


def found(folder: Path, *, csv: str = CSV, roles: str = ROLES) -> list[tuple[str, tuple[int, ...], Any]]:
    (folder / "cities.csv").write_text(csv, encoding="utf-8")
    (folder / "features.toml").write_text(roles, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_table(folder / "cities.csv")
    return [(p.code, p.rows, p.column) for p in caught.value.problems if p.fatal]


def test_every_problem_is_said_at_once_with_its_place(folder: Path) -> None:
    csv = CSV.replace("100000", "many").replace("Bela,B1", "Bela,A1").replace('"12,5"', '"1,5"')
    csv = csv.replace("250000", "-3").replace("Cara", "")
    roles = ROLES + '[context.rented]\n[context.other]\ntransform = "cube"\nweight = -1\nwrong = 1\n'
    assert set(found(folder, csv=csv, roles=roles)) == {
        ("unknown-key", (), "other"),
        ("wrong-weight", (), None),
        ("unknown-name", (), None),
        ("unknown-column", (), None),
        ("twice", (2, 3), None),
        ("no-name", (4,), None),
        ("no-number", (2,), "population"),
        ("not-positive", (4,), "population"),
        ("interval-without-value", (2,), "gap in rent"),
    }


@pytest.mark.parametrize(
    ("roles", "code"),
    [
        ('city = "town"', "unknown-column"),
        ("[outcome.population]\n[context.population]", "two-roles"),
        ('[context.a]\ncolumn = "mayor"\n[outcome.b]\ncolumn = "mayor"', "two-roles"),
        ("context = 3", "wrong-type"),
        ("[context]\na = 3", "wrong-type"),
        ("title = [1]", "wrong-type"),
        ("ignore = [3]", "wrong-type"),
        ('[context.population]\nthemes = "x"', "wrong-type"),
        ("features = 1", "unknown-key"),
        ('[outcome.gap]\ncolumn = "gap in rent"\nbetter = "up"', "unknown-name"),
        ("[[context", "unreadable-file"),
    ],
)
def test_sheets_that_are_wrong(folder: Path, roles: str, code: str) -> None:
    assert code in {c for c, _, _ in found(folder, roles=roles)}


def test_hostile_sheets(tmp_path: Path) -> None:
    (tmp_path / "cities.csv").write_text(CSV, encoding="utf-8")
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{c}: &{c} [*{p}, *{p}, *{p}, *{p}, *{p}, *{p}, *{p}, *{p}, *{p}]\n"
        for p, c in zip("abcdefghi", "bcdefghij", strict=True)
    )
    for text in (
        bomb + "title: *j\nignore: *j\n",
        "!!python/object/apply:os.system [true]",
        "[" * 100_000,
        "\x00",
        "- 1",
    ):
        (tmp_path / "roles.yaml").write_text(text, encoding="utf-8")
        with pytest.raises(DataError):
            load_table(tmp_path / "cities.csv", tmp_path / "roles.yaml")
    (tmp_path / "roles.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="sheet of roles"):
        read_sheet(tmp_path / "roles.toml")
    with pytest.raises(DataError, match="sheet of roles"):
        read_sheet(tmp_path / "nothing.toml")


def test_plain_and_back(folder: Path) -> None:
    import json

    table = load_table(folder / "cities.csv").table
    back = table_from_plain(json.loads(json.dumps(table_to_plain(table))))
    assert back.cities == table.cities
    assert back.context.features == table.context.features
    assert back.context.cells == table.context.cells
    assert back.outcomes.readings == table.outcomes.readings
    assert (back.title, dict(back.unused)) == (table.title, dict(table.unused))


def test_cities_are_found_by_id_or_name(folder: Path) -> None:
    cities = load_table(folder / "cities.csv").table.cities
    assert find_city(cities, "b1").name == find_city(cities, " bela ").name == "Bela"
    with pytest.raises(CallError, match='did you mean "Anna"'):
        find_city(cities, "Ana")


# -- what ships -------------------------------------------------------------------------------------
def test_the_template_is_read_by_its_own_reader(tmp_path: Path) -> None:
    csv, toml = template()
    head = csv.strip().split(",")
    assert set(shipped_features()) <= set(head)
    row = ["Anna" if h == "city" else "" for h in head]
    (tmp_path / "cities.csv").write_text(csv + ",".join(row) + "\n", encoding="utf-8")
    (tmp_path / "features.toml").write_text(toml, encoding="utf-8")
    loaded = load_table(tmp_path / "cities.csv")
    assert {f.id for f in loaded.table.context.features} == set(shipped_features())
    assert loaded.caveats == ()
    assert not loaded.table.context.known().any()


def test_shipped_features_speak_the_vocabulary() -> None:
    from isopolis import content

    assert content.read(FEATURES)["version"]
    themes = {t for f in shipped_features().values() for t in f.get("themes", ())}
    for theme in themes:
        assert shipped().concept(theme).scheme == "theme"
    for id_, feature in content.read(FEATURES)["features"].items():
        said = {k: feature[k] for k in ("label", "unit", "definition") if k in feature and feature[k] != "%"}
        assert said == WORDS[id_]
        assert {"label", "definition"} <= set(said)


@pytest.fixture
def sdg(data: Path) -> CityTable:
    place = Path(load_table.__code__.co_filename).parents[1] / "content" / "data" / "peers" / "sdg_2019.yaml"
    return load_table(data / "cities_sdg_indicators_2019" / "cities.csv", place).table


def test_of_the_45_cities_nearly_everything_is_an_outcome(sdg: CityTable) -> None:
    assert len(sdg.cities) == 45
    assert [f.id for f in sdg.context.features] == ["region", "gdp_per_head"]
    assert len(sdg.outcomes.indicators) == 55
    assert len(sdg.unused) == 146 - 1 - 2 - 55
    assert set(sdg.unused.values()) == {
        "an index made of the outcomes", "a league table", "a colour given to an outcome",
    }  # fmt: skip
    found = peers("Berlin", sdg)
    assert found.caveats[0].startswith("Only 2 common context features remain")
    # known facts of the file, read with pandas
    assert sdg.outcomes.of("sdg5_wgap")["Oslo"].value == pytest.approx(15.7807857378673)
    without = peers("Berlin", sdg, weights={"gdp_per_head": 0})
    assert without.undefined is not None
    assert "Too few context features remain: 1 feature." in without.undefined.reason
