from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from isopolis.model import CallError, City, DataError, Mechanism
from isopolis.read import read_city
from isopolis.read.checks import rounding
from isopolis.read.ids import match

from .small_city import TOML, csv_text, people, write_small


def rewrite(folder: Path, **cells: dict[int, str]) -> None:
    """Change cells of people.csv: column → {row index: text}."""
    table = people()
    for column, changes in cells.items():
        for row, text in changes.items():
            table[column][row] = text
    (folder / "people.csv").write_text(csv_text(table), encoding="utf-8")


def codes(city: City) -> set[str]:
    return {p.code for p in city.caveats}


def fatal(folder: Path) -> dict[str, str]:
    with pytest.raises(DataError) as caught:
        read_city(folder)
    return {p.code: str(p) for p in caught.value.problems if p.fatal}


# -- wide ---------------------------------------------------------------------
def test_a_sound_city(small: Path) -> None:
    city = read_city(small)
    table = people()
    assert city.caveats == ()
    assert city.notes == ("example data, not a real place",)
    assert city.zones.ids.tolist() == table["id"]
    assert city.zones.names is not None
    assert city.zones.names[3] == "Block 3"
    assert len(set(city.zones.parents["district"])) == 3
    assert city.dimension_names() == ("sex", "age", "citizenship")
    for name, columns in (("sex", ["female", "male"]), ("age", ["age_0_17", "age_18_64", "age_65_plus"])):
        counts = city.table(name)
        assert counts.values.T.tolist() == [[float(v) for v in table[c]] for c in columns]
        assert (counts.mechanism == Mechanism.EXACT).all()
    native = city.table("citizenship").values[:, 1]
    assert native.tolist() == [
        float(t) - float(f) for t, f in zip(table["total"], table["foreign"], strict=True)
    ]
    assert city.context["rent_eur"].tolist() == [float(v) for v in table["rent_eur"]]
    assert city.sources[0].key == "office"


def test_missing_is_not_collected_and_never_zero(small: Path) -> None:
    rewrite(small, female={4: ".."}, age_0_17={7: ""})
    city = read_city(small)
    sex, age = city.table("sex"), city.table("age")
    assert sex.mechanism[4].tolist() == [Mechanism.NOT_COLLECTED, Mechanism.EXACT]
    assert not sex.covered[4]
    assert not age.covered[7]
    assert sex.covered.sum() == 23
    assert "missing-cells" in codes(city)


def test_suppressed_is_an_interval_and_so_is_the_rest(small: Path) -> None:
    rewrite(small, foreign={2: "<5"})
    counts = read_city(small).table("citizenship")
    total = float(people()["total"][2])
    assert counts.mechanism[2].tolist() == [Mechanism.INTERVAL] * 2
    assert counts.lower is not None
    assert counts.upper is not None
    assert counts.lower[2].tolist() == [0, total - 4]
    assert counts.upper[2].tolist() == [4, total]
    assert counts.lower[3].tolist() == counts.values[3].tolist()


def test_hidden_without_a_bound_takes_it_from_the_total(small: Path) -> None:
    rewrite(small, female={2: "c"})
    counts = read_city(small).table("sex")
    table = people()
    assert counts.upper is not None
    assert counts.upper[2, 0] == float(table["total"][2]) - float(table["male"][2])
    assert counts.values[2, 0] > 0


def test_hidden_without_bound_or_total_is_not_collected(small: Path) -> None:
    (small / "city.toml").write_text(
        TOML.replace('total = "total"\n[[', "[[").replace('"male"]\ntotal = "total"', '"male"]')
    )
    rewrite(small, female={2: "*"})
    counts = read_city(small).table("sex")
    assert counts.mechanism[2, 0] == Mechanism.NOT_COLLECTED


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("-3", "negative-count"),
        ("many", "text-in-counts"),
        ("3 %", "percent-in-counts"),
        ("inf", "infinite-count"),
    ],
)
def test_what_stops_the_run_names_row_and_column(small: Path, text: str, code: str) -> None:
    rewrite(small, male={9: text})
    said = fatal(small)[code]
    assert 'people.csv, row 11, column "male"' in said
    assert f'"{text}"' in said


def test_all_problems_come_at_once(small: Path) -> None:
    rewrite(small, male={9: "-3"}, female={1: "many"}, foreign={2: "inf"})
    assert set(fatal(small)) == {"negative-count", "text-in-counts", "infinite-count"}


def test_totals_that_disagree_a_little_and_grossly(small: Path) -> None:
    table = people()
    rewrite(small, female={5: str(int(table["female"][5]) + 9)})
    city = read_city(small)
    (problem,) = [p for p in city.caveats if p.code == "total-mismatch"]
    assert problem.count == 1
    assert table["id"][5] in problem.message
    rewrite(small, female={k: str(2 * int(table["female"][k])) for k in range(24)})
    assert "total-mismatch" in fatal(small)


def test_groups_that_exceed_their_total(small: Path) -> None:
    table = people()
    rewrite(small, foreign={5: str(int(table["total"][5]) + 3)})
    city = read_city(small)
    assert "groups-exceed-total" in codes(city)
    assert city.table("citizenship").values[5, 1] == 0
    rewrite(small, foreign={k: str(2 * int(table["total"][k])) for k in range(24)})
    assert "groups-exceed-total" in fatal(small)


def test_crossings_keep_their_margins(small: Path) -> None:
    rng = np.random.default_rng(1)
    table = people()
    for age in ("age_0_17", "age_18_64", "age_65_plus"):
        table[f"f_{age}"] = [str(int(rng.binomial(int(v), 0.5))) for v in table[age]]
    table["female"] = [
        str(sum(int(table[f"f_{a}"][k]) for a in ("age_0_17", "age_18_64", "age_65_plus"))) for k in range(24)
    ]
    table["male"] = [str(int(t) - int(f)) for t, f in zip(table["total"], table["female"], strict=True)]
    (small / "people.csv").write_text(csv_text(table), encoding="utf-8")
    cross = '\n[[tables.crossings]]\nwithin = { sex = "female" }\ndimension = "age"\ncolumns = { '
    cross += ", ".join(f'{a} = "f_{a}"' for a in ("age_0_17", "age_18_64", "age_65_plus")) + " }\n"
    (small / "city.toml").write_text(TOML + cross, encoding="utf-8")
    city = read_city(small)
    both = next(c for c in city.counts if len(c.dimensions) == 2)
    assert both.margin("sex").values.tolist() == city.table("sex").values.tolist()
    assert both.margin("age").values.tolist() == city.table("age").values.tolist()
    assert both.values[3, 0].tolist() == [
        float(table[f"f_{a}"][3]) for a in ("age_0_17", "age_18_64", "age_65_plus")
    ]
    (small / "city.toml").write_text(TOML + cross.replace('"female"', '"ladies"'), encoding="utf-8")
    assert "bad-crossing" in fatal(small)


# -- zones --------------------------------------------------------------------
def test_counts_without_outline_keep_everybody(small: Path) -> None:
    table = people()
    for column, value in {"id": "9999", "name": "Far", "total": "100", "female": "60", "male": "40"}.items():
        table[column].append(value)
    for column, value in {"age_0_17": "20", "age_18_64": "50", "age_65_plus": "30", "foreign": "7"}.items():
        table[column].append(value)
    table["rent_eur"].append("9.10")
    (small / "people.csv").write_text(csv_text(table), encoding="utf-8")
    city = read_city(small)
    assert len(city.zones) == 25
    assert city.table("sex").totals().sum() == sum(int(v) for v in table["total"])
    assert city.zones.drawable.sum() == 24
    (problem,) = [p for p in city.caveats if p.code == "counts-without-outline"]
    assert "9999 (100 people)" in problem.message


def test_a_file_without_outlines_at_all(tmp_path: Path) -> None:
    folder = write_small(tmp_path / "s")
    (folder / "zones.gpkg").unlink()
    (folder / "city.toml").write_text(TOML.replace('file = "zones.gpkg"\n', ""), encoding="utf-8")
    city = read_city(folder)
    assert city.zones.geometry is None
    assert city.zones.ids.tolist() == people()["id"]


@pytest.mark.parametrize(
    ("found", "known", "wanted"),
    [
        (["101"], ["0101", "0202"], {"101": "0101"}),
        (["101"], ["0101", "00101"], {"101": "101"}),
        (["101.0"], ["0101"], {"101.0": "0101"}),
        (["1011101.0"], ["01011101"], {"1011101.0": "01011101"}),
        ([" ab  c"], ["AB C"], {" ab  c": "AB C"}),
        (["Helsinki"], ["091 Helsinki"], {"Helsinki": "091 Helsinki"}),
        (["A111_2"], ["A11_12"], {"A111_2": "A111_2"}),
        (["1", "01"], ["001"], {"1": "1", "01": "01"}),
        (["1", "01"], ["1", "001"], {"1": "1", "01": "001"}),
    ],
)
def test_ids_are_repaired_only_when_one_can_be_meant(
    found: list[str], known: list[str], wanted: dict[str, str]
) -> None:
    assert match(found, known).to == wanted


# -- long ---------------------------------------------------------------------
LONG = """
name = "X"
[zones]
id = "zone"
[[tables]]
file = "long.csv"
layout = "long"
zone = "zone"
date_column = "date"
count = "n"
dimensions = [ { name = "age", column = "age", ordered = true }, { name = "sex", column = "sex" } ]
"""


def long_city(folder: Path, rows: str, toml: str = LONG) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "long.csv").write_text("zone,date,age,sex,n\n" + rows, encoding="utf-8")
    (folder / "city.toml").write_text(toml, encoding="utf-8")
    return folder


ROWS = "a,2020,5-9,f,3\na,2020,10-14,m,4\nb,2020,5-9,f,1\nb,2021,5-9,m,<5\na,2021,10-14,f,..\n"


def test_a_long_table(tmp_path: Path) -> None:
    city = read_city(long_city(tmp_path / "l", ROWS))
    assert city.dates == ("2020", "2021")
    before, after = city.counts
    assert before.dimensions[0].categories == ("5-9", "10-14")
    assert before.values[0].tolist() == [[3, 0], [0, 4]]
    assert (before.mechanism == Mechanism.EXACT).all()
    absent = [p for p in city.caveats if p.code == "absent-rows"]
    assert [p.count for p in absent] == [5, 6]
    assert after.mechanism[1, 0, 1] == Mechanism.INTERVAL
    assert after.upper is not None
    assert after.upper[1, 0, 1] == 4
    assert after.mechanism[0, 1, 0] == Mechanism.NOT_COLLECTED
    assert "zone-missing-in-table" not in codes(city)


def test_a_zone_without_any_row_at_a_date_was_not_collected(tmp_path: Path) -> None:
    city = read_city(
        long_city(tmp_path / "l", "a,2020,5-9,f,3\nb,2020,5-9,m,2\na,2021,5-9,f,3\na,2021,5-9,m,1\n")
    )
    after = city.counts[1]
    assert after.covered.tolist() == [True, False]


def test_long_tables_agree_with_a_loop(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    seen: dict[tuple[str, str, str, str], int] = {}
    for _ in range(400):
        key = (
            f"z{rng.integers(30):02d}",
            str(rng.integers(2020, 2022)),
            ["5-9", "10-14", "65+"][rng.integers(3)],
            "fm"[rng.integers(2)],
        )
        seen.setdefault(key, int(rng.integers(0, 99)))
    city = read_city(long_city(tmp_path / "l", "".join(f"{','.join(k)},{n}\n" for k, n in seen.items())))
    for c in city.counts:
        for i, z in enumerate(c.zone_ids):
            for j, age in enumerate(c.dimensions[0].categories):
                for k, sex in enumerate(c.dimensions[1].categories):
                    assert c.values[i, j, k] == seen.get((z, c.date, age, sex), 0)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ("a,2020,5-9,f,3\na,2020,5-9,f,3\n", "duplicate-cell"),
        ("a,2020,,f,3\n", "missing-category"),
        (",2020,5-9,f,3\n", "row-without-zone"),
        ("a,,5-9,f,3\n", "row-without-date"),
        ("a,2020,5-9,f,-3\n", "negative-count"),
        ("a,2020,5-9,f,three\n", "text-in-counts"),
    ],
)
def test_long_tables_that_stop_the_run(tmp_path: Path, rows: str, code: str) -> None:
    assert code in fatal(long_city(tmp_path / "l", "b,2020,5-9,f,1\nb,2020,5-9,m,1\n" + rows))


def test_categories_that_are_not_listed(tmp_path: Path) -> None:
    toml = LONG.replace("ordered = true", 'ordered = true, categories = ["5-9"]')
    assert "unknown-category" in fatal(long_city(tmp_path / "l", ROWS, toml))


def test_rows_of_totals_do_not_count_twice(tmp_path: Path) -> None:
    rows = "".join(
        f"{z},2020,{a},{s},{n}\n"
        for z in "ab"
        for a, s, n in (("5-9", "f", 2), ("5-9", "m", 3), ("5-9", "Total", 5))
    )
    city = read_city(long_city(tmp_path / "l", rows))
    assert city.counts[0].totals().tolist() == [5, 5]
    assert "total-category" in codes(city)


def test_one_row_per_person(tmp_path: Path) -> None:
    toml = LONG.replace('count = "n"\n', "")
    city = read_city(long_city(tmp_path / "l", "a,2020,5-9,f,\n" * 3 + "b,2020,5-9,m,\n", toml))
    assert city.counts[0].values[:, 0].tolist() == [[3, 0], [0, 1]]


def test_a_city_wide_survey(tmp_path: Path) -> None:
    folder = long_city(tmp_path / "l", ROWS)
    (folder / "survey.csv").write_text("answer,n,error\nyes,70,8.1\nno,930,8.1\n", encoding="utf-8")
    more = '\n[[tables]]\nfile = "survey.csv"\nlayout = "long"\nlevel = "city"\ndate = "2021"\n'
    more += 'count = "n"\nse = "error"\n'
    more += 'mechanism_default = "sample"\ndimensions = [ { name = "lgbti", column = "answer" } ]\n'
    (folder / "city.toml").write_text(LONG + more, encoding="utf-8")
    city = read_city(folder)
    (survey,) = city.survey
    assert survey.values.tolist() == [[930, 70]]
    assert (survey.mechanism == Mechanism.SAMPLE).all()
    assert survey.se is not None
    assert survey.se.tolist() == [[8.1, 8.1]]
    assert len(city.zones) == 2


# -- single files and calls ------------------------------------------------------
def test_one_file_with_named_columns(small: Path, tmp_path: Path) -> None:
    import geopandas

    table = people()
    frame = geopandas.read_file(small / "zones.gpkg")
    for column in ("total", "foreign", "female", "male"):
        frame[column] = [int(v) for v in table[column]]
    path = tmp_path / "zones.gpkg"
    frame.to_file(path)
    one = read_city(path, groups=["foreign"], total="total")
    assert one.table("group").dimensions[0].categories == ("foreign", "other")
    assert one.table("group").totals().tolist() == [float(v) for v in table["total"]]
    both = read_city(path, groups=["female", "male"], total="total")
    assert both.table("group").dimensions[0].categories == ("female", "male")
    free = read_city(path, groups=["female", "foreign"])
    assert free.table("group").dimensions[0].categories == ("female", "foreign")
    with pytest.raises(DataError, match='did you mean "foreign"'):
        read_city(path, groups=["foreigm"], total="total")


def test_wrong_calls(small: Path, tmp_path: Path) -> None:
    with pytest.raises(CallError, match="no file or folder"):
        read_city(tmp_path / "nowhere")
    with pytest.raises(CallError, match="single file"):
        read_city(small, groups=["a"])


def test_progress_names_the_files(small: Path) -> None:
    said: list[str] = []
    read_city(small, progress=said.append)
    assert any("people.csv" in s for s in said)


# -- rounding -----------------------------------------------------------------
@pytest.mark.parametrize("base", [3, 5, 10])
def test_rounding_is_found(base: int) -> None:
    counts = np.random.default_rng(0).poisson(7, 4000)
    rounded = base * np.round(counts / base)
    found = rounding(rounded.astype(float))
    assert found is not None
    assert found.base == base


def test_plain_small_counts_are_not_taken_for_rounded() -> None:
    rng = np.random.default_rng(0)
    assert rounding(rng.poisson(4, 4000).astype(float)) is None
    assert rounding(rng.poisson(4000, 4000).astype(float)) is None
    assert rounding(rng.uniform(0, 9, 4000)) is None
