"""What goes wrong on a first try: totals in the table, zipped outlines, files that are elsewhere."""

from __future__ import annotations

import csv
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopolis.model import City, DataError, Mechanism, Problem
from isopolis.read import archives, guess_city, init_city, read_city
from isopolis.read.labels import labels_of, universe_without
from isopolis.read.wording import many, named_zones

from .small_city import csv_text, people, squares, write_small
from .test_guess import contents, read_rows


def refused(path: Path, **options: Any) -> Problem:
    with pytest.raises(DataError) as caught:
        read_city(path, **options)
    return caught.value.problems[0]


def caveats(city: City, code: str) -> list[Problem]:
    return [p for p in city.caveats if p.code == code]


# -- rows of totals -----------------------------------------------------------
def with_total(source: Path, target: Path, row: Callable[[list[list[str]]], list[str]]) -> None:
    rows = read_rows(source)
    with target.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([*rows, row(rows)])


def sums(rows: list[list[str]], first: str, name: str) -> list[str]:
    """A row of totals as an office writes it: sums of people, nothing for codes, areas and incomes."""
    out = []
    for j, heading in enumerate(rows[0]):
        cells = [r[j] for r in rows[1:]]
        whole = all(c.isdigit() for c in cells) and "code" not in heading and heading != "id"
        out.append(str(sum(int(c) for c in cells)) if whole and "income" not in heading else "")
    out[rows[0].index("id")] = first
    out[rows[0].index("name")] = name
    return out


@pytest.mark.parametrize("outlines", [True, False])
@pytest.mark.parametrize(
    ("first", "name"),
    [
        ("", ""),
        ("Total", ""),
        ("Summe:", ""),
        ("Totale", "x"),
        ("", "Total"),
        ("99", "Total Barcelona"),
        ("99", ""),
    ],
)
def test_a_row_of_totals_is_no_zone(
    data: Path, tmp_path: Path, outlines: bool, first: str, name: str
) -> None:
    source = data / "barcelona_neighbourhoods"
    plain, summed = tmp_path / "a" / "city", tmp_path / "b" / "city"
    for folder in (plain, summed):
        folder.mkdir(parents=True)
        if outlines:
            shutil.copy(source / "neighbourhoods.gpkg", folder)
    shutil.copy(source / "neighbourhoods.csv", plain)
    with_total(source / "neighbourhoods.csv", summed / "people.csv", lambda r: sums(r, first, name))
    (summed / "people.csv").rename(summed / "neighbourhoods.csv")
    city, sound = read_city(summed), read_city(plain)
    assert contents(city, {}) == contents(sound, {})
    assert len(city.zones) == 73
    (problem,) = caveats(city, "total-row")
    assert (problem.rows, problem.count) == ((75,), 1)
    assert "row 75 holds the total" in guess_city(summed)
    assert "holds the total" not in guess_city(plain)
    (summed / "city.toml").write_text(guess_city(summed), encoding="utf-8")
    assert contents(read_city(summed), {}) == contents(sound, {})


def test_a_single_file_with_a_row_of_totals(tmp_path: Path) -> None:
    table = people()
    for name, column in table.items():
        column.append("" if name in ("id", "name", "rent_eur") else str(sum(int(v) for v in column)))
    path = tmp_path / "p.csv"
    path.write_text(csv_text(table), encoding="utf-8")
    city = read_city(path, groups=["foreign"], total="total")
    assert len(city.zones) == 24
    assert caveats(city, "total-row")


def test_a_large_zone_at_the_end_is_no_total(small: Path) -> None:
    table = people()
    for name, column in table.items():
        if name not in ("id", "name", "rent_eur"):
            column[-1] = str(sum(int(v) for v in column[:-1]) + 3)
    (small / "people.csv").write_text(csv_text(table), encoding="utf-8")
    (small / "city.toml").unlink()
    assert len(read_city(small).counts[0].zone_ids) == 24
    assert read_city(small).counts[0].covered.all()


def test_zones_called_by_letters_keep_the_letter_t(small: Path) -> None:
    table = people()
    table["id"] = list("ABCDEFGHIJKLMNOPQRSTUVWX")
    (small / "people.csv").write_text(csv_text(table), encoding="utf-8")
    (small / "city.toml").unlink()
    (small / "zones.gpkg").unlink()
    city = read_city(small)
    assert "".join(city.zones.ids) == "ABCDEFGHIJKLMNOPQRSTUVWX"
    assert not caveats(city, "total-row")


# -- labels -------------------------------------------------------------------
@pytest.mark.parametrize(
    ("columns", "wanted"),
    [
        ("age_0_15 age_16_64 age_65_plus", ["0–15", "16–64", "65 and over"]),
        ("age_below_6 age_6_64 age_above_65", ["below 6", "6–64", "above 65"]),
        ("age_unter_6 age_6_64 age_65_und_mehr", ["under 6", "6–64", "65 and over"]),
        ("edu_none edu_lower_secondary edu_university", ["None", "Lower secondary", "University"]),
        (
            "registered_under_1y registered_1_5y registered_over_15y",
            ["Under 1 year", "1–5 years", "Over 15 years"],
        ),
        ("small_1_2 medium_3_4 big_5_plus", ["Small 1–2", "Medium 3–4", "Big 5 and over"]),
        ("elderly_55_plus not_elderly_55_plus", ["Elderly 55 and over", "Not elderly 55 and over"]),
        # the heading written out is as good or better
        ("born_abroad born_rest_spain", None),
        ("female male", None),
        ("c1 c2 c3", None),
        ("A1 A2", None),
        ("tract_15_3 tract_15_2", None),
        ("0-14 15-64 65+", None),
    ],
)
def test_labels_where_headings_say_them(columns: str, wanted: list[str] | None) -> None:
    names = columns.split()
    assert labels_of(names) == (dict(zip(names, wanted, strict=True)) if wanted else {})


@given(st.lists(st.text("ab_01y9+-é", min_size=1, max_size=12), min_size=1, max_size=6, unique=True))
def test_labels_never_make_two_categories_one(columns: list[str]) -> None:
    made = labels_of(columns)
    assert set(made) <= set(columns)
    assert len(set(made.values())) == len(made)
    assert all(made.values())


def test_universes_in_plain_words(data: Path) -> None:
    ages = ["age_0_15", "age_16_64", "age_65_plus"]
    labels = labels_of(ages)
    assert universe_without("residents", "age_0_15", ages, labels) == "residents aged 16 and over"
    assert universe_without("residents", "age_65_plus", ages, labels) == "residents aged under 65"
    assert universe_without("residents", "age_16_64", ages, labels) == "residents not in “16–64”"
    # nobody knows how old those below the first band are
    assert universe_without("pupils", "age_6_15", ["age_6_15", "age_16_18"], {}).startswith("pupils not in")
    assert universe_without("residents", "born_abroad", ["born_abroad", "born_here"], {}) == (
        "residents not in “Born abroad”"
    )
    city = read_city(data / "barcelona_neighbourhoods")
    assert city.table("education").universe == "residents aged 16 and over"
    assert city.table("age").dimensions[0].label_of("age_65_plus") == "65 and over"


# -- archives and Shapefiles ----------------------------------------------------
def packed(folder: Path, kind: str, *, but: str = "", into: str = "zones.zip") -> Path:
    """Move the outlines of a small city into a .zip, as offices publish them."""
    import geopandas

    inside = folder.parent / f"inside_{kind}"
    inside.mkdir()
    geopandas.read_file(folder / "zones.gpkg").to_file(inside / f"zones.{kind}")
    (folder / "zones.gpkg").unlink()
    with zipfile.ZipFile(folder / into, "w", zipfile.ZIP_DEFLATED) as archive:
        for p in sorted(inside.iterdir()):
            if p.suffix != but:
                archive.write(p, f"export 2024/{p.name}")
    return folder


@pytest.mark.parametrize("kind", ["shp", "gpkg", "geojson"])
def test_outlines_in_a_zip(tmp_path: Path, kind: str) -> None:
    sound = read_city(write_small(tmp_path / "sound", toml=False))
    folder = packed(write_small(tmp_path / "s", toml=False), kind)
    city = read_city(folder)
    assert city.zones.geometry is not None
    assert city.zones.ids.tolist() == sound.zones.ids.tolist()
    assert city.zones.area == pytest.approx(sound.zones.area, rel=2e-3)
    init_city(folder)
    assert read_city(folder).zones.ids.tolist() == sound.zones.ids.tolist()


def test_a_zip_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = packed(write_small(tmp_path / "s", toml=False), "shp", but=".dbf")
    (said,) = caveats(read_city(folder), "guessed")
    assert "zones.zip" in said.message
    assert "zones.dbf" in said.message
    assert "unzip it first" in said.message
    assert "# Not used: zones.zip: " in guess_city(folder)
    other = packed(write_small(tmp_path / "t", toml=False), "gpkg")
    monkeypatch.setattr(archives, "LARGEST", 10_000)
    (said,) = caveats(read_city(other), "guessed")
    assert "unpacks to" in said.message
    assert "may hold the outlines" in said.message


def test_zip_bombs_are_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "z.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("z.geojson", b"0" * 60_000_000)
    problem = refused(path)
    assert problem.code in ("unknown-format", "nothing-usable")
    assert "which is refused" in problem.message


def test_several_outlines_or_none_in_a_zip(tmp_path: Path) -> None:
    folder = write_small(tmp_path / "s", toml=False)
    with zipfile.ZipFile(folder / "zones.zip", "w") as archive:
        archive.write(folder / "zones.gpkg", "a.gpkg")
        archive.write(folder / "zones.gpkg", "b.gpkg")
    with zipfile.ZipFile(folder / "texts.zip", "w") as archive:
        archive.writestr("stops.txt", "a,b")
    (folder / "old.rar").write_bytes(b"Rar!")
    text = guess_city(folder)
    assert (
        "# Not used: zones.zip: the archive holds several outlines: a.gpkg, b.gpkg; unzip it first." in text
    )
    assert "# Not used: texts.zip: an archive without outlines that can be read; unzip it first" in text
    assert "# Not used: old.rar: an archive" in text
    # with outlines beside them, they are nothing to worry about
    assert "may hold the outlines" not in caveats(read_city(folder), "guessed")[0].message


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        ((".dbf",), "zones.dbf is not"),
        ((".shx", ".dbf", ".prj"), "zones.shx, zones.dbf and zones.prj are not"),
    ],
)
def test_a_shapefile_without_its_sisters(tmp_path: Path, gone: tuple[str, ...], said: str) -> None:
    import geopandas

    folder = write_small(tmp_path / "s", toml=False)
    geopandas.read_file(folder / "zones.gpkg").to_file(folder / "zones.shp")
    (folder / "zones.gpkg").unlink()
    for suffix in gone:
        (folder / f"zones{suffix}").unlink()
    problem = refused(folder)
    assert problem.code == "missing-file"
    assert f"{said} beside zones.shp" in problem.message
    assert "SHAPE_RESTORE_SHX" not in str(problem)


def test_a_shapefile_without_its_system(tmp_path: Path) -> None:
    import geopandas

    folder = write_small(tmp_path / "s", toml=False)
    geopandas.read_file(folder / "zones.gpkg").to_file(folder / "zones.shp")
    (folder / "zones.gpkg").unlink()
    (folder / "zones.prj").unlink()
    (problem,) = caveats(read_city(folder), "no-crs")
    assert ".prj" in problem.hint


# -- nothing usable, or not there --------------------------------------------------
def test_nothing_usable_names_what_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    said = str(refused(tmp_path / "a"))
    for kind in ("CSV", "Excel (.xlsx)", "Parquet", "GeoPackage", "Shapefile"):
        assert kind in said
    (tmp_path / "a" / "report.docx").write_bytes(b"PK")
    assert "report.docx (neither a table nor outlines)" in refused(tmp_path / "a").message
    for name in ("report.docx", "notes.md"):
        (tmp_path / "a" / name).write_bytes(b"PK")
        problem = refused(tmp_path / "a" / name)
        assert (problem.code, problem.file) == ("unknown-format", name)
        assert "folder" not in problem.message
        assert "CSV" in problem.rule


def test_a_missing_file_says_where_it_was_looked_for(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toml = small / "city.toml"
    before = toml.read_text(encoding="utf-8")
    toml.write_text(before.replace("people.csv", "peple.csv"), encoding="utf-8")
    said = str(refused(small))
    assert str(small / "peple.csv") in said
    assert 'did you mean "people.csv"?' in said
    toml.write_text(before.replace('"people.csv"', '"${PLACE:-../elsewhere}/people.csv"'), encoding="utf-8")
    monkeypatch.delenv("PLACE", raising=False)
    said = str(refused(small))
    assert 'PLACE is not set, so its default "../elsewhere" was used' in said
    assert f"{small.parent / 'elsewhere'} does not exist" in said
    assert str(small.parent) in said
    toml.write_text(before.replace('"people.csv"', '"$PLACE/people.csv"'), encoding="utf-8")
    assert "PLACE is not set: set it" in str(refused(small))
    monkeypatch.setenv("PLACE", str(small / "zones.gpkg"))
    assert f'PLACE is set to "{small / "zones.gpkg"}"' in str(refused(small))
    monkeypatch.setenv("PLACE", str(small))
    assert read_city(small).counts


# -- words ----------------------------------------------------------------------
def test_one_and_several() -> None:
    assert (many(1, "zone"), many(0, "zone"), many(1200, "cell")) == ("1 zone", "0 zones", "1,200 cells")
    assert many(2, "city", "cities") == "2 cities"
    assert named_zones(["10"]) == "zone 10"
    assert named_zones(range(7)) == "zones 0, 1, 2, 3, 4 and 2 more"


def test_a_missing_cell_is_placed(small: Path) -> None:
    table = people()
    table["female"][4] = ".."
    (small / "people.csv").write_text(csv_text(table), encoding="utf-8")
    city = read_city(small)
    (problem,) = caveats(city, "missing-cells")
    assert (problem.file, problem.rows, problem.column) == ("people.csv", (6,), "female")
    zone = table["id"][4]
    assert problem.message == (
        f"zone {zone} has no number for some of sex (female) at 2024 and was left out of this dimension only"
    )
    assert city.table("sex").mechanism[4, 0] == Mechanism.NOT_COLLECTED
    assert city.table("age").covered.all()
    table["female"][5] = ".."
    table["foreign"][7] = "<5"
    (small / "people.csv").write_text(csv_text(table), encoding="utf-8")
    city = read_city(small)
    (problem,) = caveats(city, "missing-cells")
    assert problem.rows == (6, 7)
    assert "have no number" in problem.message
    assert "were left out" in problem.message
    (hidden,) = caveats(city, "suppressed-cells")
    assert (hidden.file, hidden.column, hidden.count) == ("people.csv", "foreign", 2)
    assert "2 cells of citizenship at 2024 are suppressed" in hidden.message


def test_messages_about_one_thing_are_singular(tmp_path: Path) -> None:
    folder = write_small(tmp_path / "s", zones=24)
    table = people()
    rows = csv_text({n: c[:-1] for n, c in table.items()})
    (folder / "people.csv").write_text("A title\n" + rows, encoding="utf-8")
    said = " ".join(p.message for p in read_city(folder).caveats)
    assert "1 row above the heading was left out" in said
    assert f"1 zone has an outline and no counts: zone {table['id'][-1]}" in said
    (folder / "people.csv").write_text(rows + rows.splitlines()[-1] + "\n", encoding="utf-8")
    assert refused(folder).message == f"zone {table['id'][-2]} stands in more than one row at the same date"


# -- workbooks ------------------------------------------------------------------
def workbook(folder: Path, sheets: dict[str, dict[str, list[str]]]) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, table in sheets.items():
        sheet = book.create_sheet(name)
        sheet.append(list(table))
        for row in zip(*table.values(), strict=True):
            sheet.append([int(c) if c.isdigit() and not c.startswith("0") else c for c in row])
    (folder / "people.csv").unlink()
    book.save(folder / "people.xlsx")


def test_a_sheet_per_year(tmp_path: Path) -> None:
    folder = write_small(tmp_path / "s", toml=False)
    years = {"2019": people(seed=1), "2021": people(seed=2)}
    workbook(folder, {"Notes": {"a": ["x", "y"], "b": ["1", "2"]}, **years})
    city = read_city(folder)
    assert city.dates == ("2019", "2021")
    for year, table in years.items():
        want = [[float(a), float(b)] for a, b in zip(table["female"], table["male"], strict=True)]
        assert city.table("sex", date=year).values.tolist() == want
    assert not caveats(city, "other-sheets")
    (said,) = caveats(city, "guessed")
    assert 'people.xlsx, sheet "Notes"' in said.message
    text = init_city(folder).read_text(encoding="utf-8")
    assert text.count('file = "people.xlsx"') == 2
    assert 'sheet = "2019"\ndate = "2019"' in text
    assert contents(read_city(folder), {}) == contents(city, {})


def test_sheets_that_look_alike_without_years(tmp_path: Path) -> None:
    folder = write_small(tmp_path / "s", toml=False)
    workbook(folder, {"North": people(seed=1), "South": people(seed=2), "West": people(seed=4)})
    (problem,) = caveats(read_city(folder), "other-sheets")
    assert 'only the sheet "North" was read, not "South", "West"' in problem.message
    assert problem.file == "people.xlsx"


# -- init and progress --------------------------------------------------------------
def test_a_file_is_announced_once(small: Path) -> None:
    toml = small / "city.toml"
    text = toml.read_text(encoding="utf-8").replace('file = "people.csv"', 'file = "zones.gpkg"', 1)
    import geopandas

    table = people()
    columns: dict[str, Any] = {
        n: c if n in ("id", "name") else [float(v) for v in c] for n, c in table.items()
    }
    geopandas.GeoDataFrame(columns, geometry=squares(), crs=25831).to_file(small / "zones.gpkg")
    toml.write_text(text + text[text.index("[[tables]]") :].replace("2024", "2023"), encoding="utf-8")
    said: list[str] = []
    assert np.unique(read_city(small, progress=said.append).dates).tolist() == ["2023", "2024"]
    assert [s for s in said if "zones.gpkg" in s] == ["reading zones.gpkg"]


def test_only_totals_says_how_to_go_on(data: Path) -> None:
    text = guess_city(data / "access_belo_horizonte")
    assert "# No groups were found" in text
    assert "add columns that count groups" in " ".join(text.replace("#", " ").split())
    assert "No groups" not in guess_city(data / "barcelona_neighbourhoods")
