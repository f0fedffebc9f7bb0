"""The guess on every wide table of the data folder, and its indifference to names, order and marks."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

import numpy as np
import pytest

from isopolis.model import CallError, City, DataError
from isopolis.read import guess_city, init_city, read_city

from .small_city import write_small

AGES_BERLIN = "age_below_6 age_6_15 age_15_18 age_18_27 age_27_45 age_45_55 age_55_65 age_above_65".split()

# dimension → (categories in order, whether the order means something, people in all)
EXPECTED: dict[str, dict[str, tuple[list[str], bool, float]]] = {
    "barcelona_neighbourhoods": {
        "sex": (["female", "male"], False, 1_639_981),
        "length_of_residence": (
            ["registered_under_1y", "registered_1_5y", "registered_6_15y", "registered_over_15y"],
            True,
            1_639_981,
        ),
        "age": (["age_0_15", "age_16_24", "age_25_39", "age_40_64", "age_65_plus"], True, 1_639_981),
        "birthplace": (
            ["born_barcelona", "born_rest_catalonia", "born_rest_spain", "born_abroad"],
            False,
            1_639_981,
        ),
        "education": (
            "edu_none edu_primary edu_lower_secondary edu_upper_secondary edu_university edu_unknown".split(),
            False,
            1_416_740,
        ),
    },
    "berlin_planning_areas": {
        "citizenship": (["germans", "foreigners"], False, 3_769_962),
        "migration_background": (["with_migration_background", "not_migration_background"], False, 3_769_962),
        "age": (AGES_BERLIN, True, 3_769_962),
        "sex": (["female", "male"], False, 3_769_962),
        "migration_background_and_citizenship": (
            ["foreigners", "germans_without_migration_background", "germans_with_migration_background"],
            False,
            3_769_962,
        ),
    },
    "heat_strasbourg": {
        "age": (["elderly_55_plus", "not_elderly_55_plus"], False, 243_085.308),
        "living_alone": (["elderly_55_plus_alone", "not_elderly_55_plus_alone"], False, 69_912.985),
    },
    "heat_toulouse": {
        "age": (["elderly_55_plus", "not_elderly_55_plus"], False, 439_604.653),
        "living_alone": (["elderly_55_plus_alone", "not_elderly_55_plus_alone"], False, 111_434.258),
    },
    "oasisr_teaching/GreHSize.gpkg": {
        "household_size": (["small_1_2", "medium_3_4", "big_5_plus"], True, 225_099.81),
    },
    "oasisr_teaching/segdata.gpkg": {
        letter.lower(): ([f"{letter}1", f"{letter}2"], False, 10_000) for letter in "ABCDEFGHI"
    },
    "access_belo_horizonte": {},
    "access_porto_alegre": {},
    "women_in_local_councils/finland_2021_candidates_by_sex.csv": {
        "sex": (["Miehet", "Naiset"], False, 35_627)
    },
    "women_in_local_councils/finland_2021_population_by_sex.csv": {
        "sex": (["Miehet", "Naiset"], False, 5_548_241)
    },
    "women_in_local_councils/finland_2021_voters_by_sex.csv": {
        "sex": (["Äänestäneitä miehiä", "Äänestäneitä naisia"], False, 2_457_819)
    },
    "women_in_local_councils/finland_2021_population.csv": {},
}
NOBODY = ["cities_sdg_indicators_2019", "maihda_efc", "participedia_cases", "pb_wieliczka_2023"]
NOBODY += ["polis_seattle_15", "sortition_foundation_example", "sortition_example_small_20"]
NOBODY += ["women_in_local_councils/women_share_by_country.csv"]
EVERYONE = {
    "access_belo_horizonte": 941_160,
    "access_porto_alegre": 812_935,
    "women_in_local_councils/finland_2021_population.csv": 4_458_862,
}
NEVER_PEOPLE = ("eur", "km2", "household", "pct", "jobs", "schools", "decile", "per_capita", "lat", "lon")


def simple(city: City) -> dict[str, tuple[list[str], bool, float]]:
    """One-dimensional tables at the newest date, as in EXPECTED."""
    newest = max(c.date for c in city.counts)
    some = [c for c in city.counts if len(c.dimensions) == 1 and c.date == newest]
    return {
        c.dimensions[0].name: (
            list(c.dimensions[0].categories),
            c.dimensions[0].ordered,
            round(float(c.totals().sum()), 3),
        )
        for c in some
    }


@pytest.mark.parametrize("name", EXPECTED)
def test_dimensions_of_every_wide_table(data: Path, name: str) -> None:
    city = read_city(data / name)
    assert simple(city) == EXPECTED[name]
    columns = [c for t in city.counts for d in t.dimensions for c in d.categories]
    assert not [c for c in columns for w in NEVER_PEOPLE if w in c.lower().split("_")]


@pytest.mark.parametrize("name", EVERYONE)
def test_a_total_without_groups_still_reads(data: Path, name: str) -> None:
    (only,) = read_city(data / name).counts
    assert only.dimensions == ()
    assert only.totals().sum() == EVERYONE[name]


@pytest.mark.parametrize("name", NOBODY)
def test_where_nobody_is_counted_by_zone(data: Path, name: str) -> None:
    with pytest.raises(DataError) as caught:
        read_city(data / name)
    (problem,) = caught.value.problems
    assert problem.code == "nothing-usable"
    assert "looked at" in problem.message


def test_berlin_crosses_age_and_migration(data: Path) -> None:
    city = read_city(data / "berlin_planning_areas")
    assert city.dates == ("2015", "2020")
    crossed = [c for c in city.counts if len(c.dimensions) == 2]
    assert [[d.name for d in c.dimensions] for c in crossed] == [["migration_background", "age"]] * 2
    for c in crossed:
        assert c.margin("age").values.tolist() == city.table("age", date=c.date).values.tolist()
        one = city.table("migration_background", date=c.date)
        assert c.margin("migration_background").values.tolist() == one.values.tolist()


def test_schools_are_nested_pupils_at_two_dates(data: Path) -> None:
    city = read_city(data / "schools_us_2000_2005")
    assert [(c.date, c.totals().sum(), c.universe) for c in city.counts] == [
        ("2000", 877_739, "pupils"),
        ("2005", 826_734, "pupils"),
    ]
    assert list(city.zones.parents) == ["district", "state"]
    assert {k: len(set(v)) for k, v in city.zones.parents.items()} == {"district": 443, "state": 3}


def test_one_row_per_pupil(data: Path) -> None:
    (only,) = read_city(data / "schools_us_2000_2005" / "school_ses.csv").counts
    assert [d.name for d in only.dimensions] == ["ethnic_group", "ses_quintile"]
    assert only.dimensions[1].ordered
    assert only.totals().sum() == 5_153


def test_finland_has_several_universes_and_two_spellings(data: Path) -> None:
    city = read_city(data / "women_in_local_councils")
    assert {c.universe: c.totals().sum() for c in city.counts} == {
        "candidates": 35_627,
        "people with the right to vote": 4_458_862,
        "residents": 5_548_241,
        "voters": 2_457_819,
    }
    helsinki = city.zones.ids.tolist().index("091 Helsinki")
    by_universe = {c.universe: c for c in city.counts if c.dimensions}
    assert by_universe["candidates"].values[helsinki].tolist() == [631, 532]
    assert by_universe["voters"].values[helsinki].tolist() == [150_561, 184_306]
    assert by_universe["residents"].values[helsinki].sum() > 600_000
    assert any(p.code == "repaired-ids" for p in city.caveats)


# -- the same table in other clothes ---------------------------------------------
def read_rows(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def disguise(folder: Path, target: Path, seed: int) -> dict[str, str]:
    """Rename columns to c1…cn, shuffle, semicolons and decimal commas; return new → old names."""
    rng = np.random.default_rng(seed)
    target.mkdir()
    names: dict[str, str] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix != ".csv":
            shutil.copy(path, target)
            continue
        rows = read_rows(path)
        new = {old: names.get(old) or f"c{len(names) + k}" for k, old in enumerate(rows[0], 1)}
        names |= new
        order = np.random.default_rng(seed).permutation(len(rows[0]))
        body = [rows[1 + i] for i in rng.permutation(len(rows) - 1)]
        out = [[new[rows[0][j]] for j in order], *([r[j].replace(".", ",") for j in order] for r in body)]
        text = io.StringIO()
        csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(out)
        (target / path.name).write_bytes(text.getvalue().encode("utf-8-sig"))
    return {v: k for k, v in names.items()}


def contents(city: City, names: dict[str, str]) -> set[tuple[object, ...]]:
    """What a city counts, whatever the names and the order: date, categories, numbers by zone."""
    # two of Berlin's columns hold the same numbers under two names
    names = names | {"germans_without_migration_background": "not_migration_background"}

    def one(category: str) -> str:
        # the rest of a group is named after it
        bare = category.removeprefix("not_")
        old = names.get(category) or names.get(bare, bare)
        return names.get(old, old) + (" rest" if category != bare and category not in names else "")

    out = set()
    for c in city.counts:
        flat = c.flat()
        groups = [frozenset(one(p) for _, p in g) for g in c.groups()]
        numbers = frozenset(
            (z, groups[j], float(flat[i, j])) for i, z in enumerate(c.zone_ids) for j in range(len(groups))
        )
        out.add((c.date, numbers))
    return out


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    "name", ["barcelona_neighbourhoods", "berlin_planning_areas", "heat_toulouse", "access_belo_horizonte"]
)
def test_names_order_and_marks_do_not_matter(data: Path, tmp_path: Path, name: str, seed: int) -> None:
    plain = read_city(data / name)
    names = disguise(data / name, tmp_path / "disguised", seed)
    other = read_city(tmp_path / "disguised")
    same = {old: old for old in names.values()}
    assert contents(other, names) == contents(plain, same)


# -- the text and the file ----------------------------------------------------------
def test_the_guess_reads_back_and_gives_its_reasons(data: Path, tmp_path: Path) -> None:
    for name in ("barcelona_neighbourhoods", "heat_toulouse"):
        folder = tmp_path / name
        shutil.copytree(data / name, folder)
        folder.chmod(0o755)
        written = init_city(folder)
        assert written.read_text(encoding="utf-8") == guess_city(data / name)
        by_file, in_memory = read_city(folder), read_city(data / name)
        assert contents(by_file, {}) == contents(in_memory, {})
        assert "guessed" in {p.code for p in in_memory.caveats}
        assert "guessed" not in {p.code for p in by_file.caveats}
        text = written.read_text(encoding="utf-8")
        for line, before in zip(text.splitlines()[1:], text.splitlines(), strict=False):
            if line == "[[tables.dimensions]]":
                assert before.startswith("# ")


def test_init_refuses_to_overwrite(tmp_path: Path) -> None:
    folder = write_small(tmp_path / "s", toml=True)
    before = (folder / "city.toml").read_text(encoding="utf-8")
    with pytest.raises(CallError, match="--overwrite"):
        init_city(folder)
    assert (folder / "city.toml").read_text(encoding="utf-8") == before
    init_city(folder, overwrite=True)
    assert (folder / "city.toml").read_text(encoding="utf-8") != before
    assert sorted(p.name for p in folder.iterdir()) == ["city.toml", "people.csv", "zones.gpkg"]
    with pytest.raises(CallError, match="no folder"):
        init_city(tmp_path / "nowhere")


def test_ignored_files_are_named_with_the_reason(data: Path, small: Path) -> None:
    (small / "photo.jpg").write_bytes(b"no picture")
    assert "# Not used: photo.jpg: neither a table nor outlines." in guess_city(small)
    text = guess_city(data / "access_belo_horizonte")
    assert "# Not used: pareto_frontier.parquet: travel times with a price" in text


def test_sums_that_fail_in_a_few_rows_are_still_found(data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "b"
    shutil.copytree(data / "barcelona_neighbourhoods", folder)
    for p in (folder, *folder.iterdir()):
        p.chmod(0o755)
    rows = read_rows(folder / "neighbourhoods.csv")
    spot = rows[0].index("female")
    rows[5][spot] = str(int(rows[5][spot]) + 30)
    rows[40][spot] = str(int(rows[40][spot]) - 11)
    with (folder / "neighbourhoods.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    city = read_city(folder)
    assert set(simple(city)) == set(EXPECTED["barcelona_neighbourhoods"])
    (mismatch,) = [p for p in city.caveats if p.code == "total-mismatch"]
    assert mismatch.count == 2
    assert rows[5][1] in mismatch.message


def test_classes_of_zones_are_no_groups_and_what_to_do_is_said(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from isopolis.cli.app import run

    for name in ("land_use.csv", "grid.gpkg"):
        shutil.copy(data / "access_belo_horizonte" / name, tmp_path / name)
    assert run(["init", str(tmp_path)]) == 0
    assert "what can be done now" in capsys.readouterr().out
    text = (tmp_path / "city.toml").read_text(encoding="utf-8")
    assert '# "income_decile" gives each zone one class' in text
    (command,) = [line for line in text.splitlines() if line.startswith("# isopolis priority-areas")]
    # the command that is written there runs on this folder as it is
    assert run([w.replace("FOLDER", str(tmp_path)) for w in command.split()[2:]]) == 0
    assert "areas of connected zones" in capsys.readouterr().out
