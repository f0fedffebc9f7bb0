"""`isopolis peers` and `isopolis compare`: what is printed, and exit codes 0, 1, 2."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from isopolis.cli.app import run

HEAD = "city,id,country,population,density,over_64,born_abroad,rented_dwellings,degurba,gap\n"


@pytest.fixture
def cities(tmp_path: Path) -> Path:
    rows = [
        f"Town {i},T{i},{('YY', 'XX')[i % 2]},{1000 + 90 * i},{50 + i},{10 + i},{5 + i},{20 + i},1,{i}"
        for i in range(12)
    ]
    place = tmp_path / "cities.csv"
    place.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    sheet = "\n".join(
        f"[context.{n}]" for n in ("population", "density", "over_64", "born_abroad", "rented_dwellings")
    )
    (tmp_path / "cities.toml").write_text(
        sheet + '\n[outcome.gap]\nbetter = "low"\nunit = "%"\n', encoding="utf-8"
    )
    return place


def test_a_list_in_words_and_as_json(cities: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["peers", "Town 0", "--table", str(cities), "--k", "3", "--outcome", "gap"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("Peers of Town 0\n")
    assert said.index("Town 1 ") < said.index("Town 2 ") < said.index("Town 3 ")
    assert "Features and weights: born_abroad 1, density 1" in said
    assert "Town 0: 0. The middle of 3 peers is 2" in said
    assert "degurba" in said
    assert run(["peers", "T0", "--table", str(cities), "--json", "--seed", "3"]) == 0
    one = json.loads(capsys.readouterr().out)
    assert run(["peers", "T0", "--table", str(cities), "--json", "--seed", "3"]) == 0
    assert json.loads(capsys.readouterr().out) == one
    assert len(one["ranked"]) == 10
    assert sum(one["shares"].values()) == pytest.approx(10)


def test_filters_weights_and_chosen_cities(cities: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = ["peers", "T0", "--table", str(cities), "--json"]
    assert run([*base, "--country", "YY", "--largest", "1500", "--weight", "density=0"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert [p["city"] for p in made["ranked"]] == ["T2", "T4"]
    assert "density" in made["left_out"]
    assert run([*base, "--choose", "Town 9"]) == 0
    assert [p["place"] for p in json.loads(capsys.readouterr().out)["ranked"]] == [9]


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        (["Nowhere"], 2, "no city"),
        (["T0", "--weight", "density"], 2, "ID=NUMBER"),
        (["T0", "--weight", "gap=1"], 2, 'no context feature "gap"'),
        (["T0", "--outcome", "nothing"], 2, "no indicator"),
        (["T0", "--k", "0"], 2, ""),
        (["T0", "--lang", "xx"], 2, "no translation"),
        (["T0", *(f"--weight={n}=0" for n in ("population", "density", "over_64", "born_abroad"))], 1, ""),
        (["T0", "--roles", "nothing.toml"], 1, "sheet of roles"),
    ],
)
def test_exit_codes(
    cities: Path, capsys: pytest.CaptureFixture[str], more: list[str], code: int, said: str
) -> None:
    assert run(["peers", *more, "--table", str(cities)]) == code
    assert said in capsys.readouterr().err


def test_a_call_without_a_table_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["peers", "Berlin"]) == 2
    assert "isopolis peers template" in capsys.readouterr().err


def test_the_template_is_never_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["peers", "template", "--out", str(tmp_path / "t")]) == 0
    assert sorted(p.name for p in (tmp_path / "t").iterdir()) == ["cities.csv", "features.toml"]
    assert run(["peers", "template", "--out", str(tmp_path / "t")]) == 2
    assert "there already" in capsys.readouterr().err


# -- compare ------------------------------------------------------------------------------------------
TOML = """name = "{name}"
[zones]
id = "zone"
kind = "{kind}"
[[tables]]
file = "people.csv"
layout = "wide"
zone = "zone"
date = "2020"
total = "total"
[[tables.dimensions]]
name = "birthplace"
columns = ["born_here", "born_abroad"]
total = "total"
"""


def town(folder: Path, name: str, kind: str = "ward", step: int = 3) -> Path:
    folder.mkdir()
    rows = ["zone,total,born_here,born_abroad"]
    rows += [f"w{i:02d},{140 + step * i},{120 - i},{20 + (step + 1) * i}" for i in range(12)]
    (folder / "people.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (folder / "city.toml").write_text(TOML.format(name=name, kind=kind), encoding="utf-8")
    return folder


def test_two_cities_side_by_side(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = town(tmp_path / "a", "Anna"), town(tmp_path / "b", "Bela", step=5)
    call = ["compare", str(one), str(two), "-q", "--simulations", "19"]
    assert run([*call, "--measure", "dissimilarity"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("3 of 3 findings can be compared.\n"), "the summary comes first"
    assert "of 1 difference" in said, "of two groups D is one number"
    lines = " ".join(said.split())
    assert "In brackets: its 95 % interval." in lines
    assert "- Dissimilarity (D): birthplace: Anna 0." in lines
    assert ", Bela 0." in lines
    assert "Birthplace, 2020" in said
    assert run([*call, "--measure", "dissimilarity", "--group", "abroad", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["compared"]
    assert [p["city"] for p in row["parts"]] == ["Anna", "Bela"]
    assert row["test"]["values"] == [p["value"] for p in row["parts"]]
    assert row["title"].endswith("the group “Born abroad” (birthplace)")
    isolation = [*call, "--measure", "isolation", "--group", "abroad", "--test", "two-sided"]
    assert run([*isolation, "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert 0 < row["test"]["p"] <= row["test"]["p_adjusted"] <= 1
    assert run(isolation) == 0
    assert "difference " in capsys.readouterr().out
    for wrong, told in (
        (["--measure", "dissimilarty"], 'did you mean "dissimilarity"?'),
        (["--measure", "dissimilarity", "--group", "foo"], 'group with "foo" in its name'),
    ):
        assert run([*call, *wrong]) == 2
        assert told in capsys.readouterr().err
    assert run([*call, "--measure", "isolation", "--test", "up"]) == 2
    assert "two-sided, greater, less" in capsys.readouterr().err


def test_rows_are_few_unless_all_are_wanted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = town(tmp_path / "a", "Anna"), town(tmp_path / "b", "Bela", step=4)
    call = ["compare", str(one), str(two), "-q", "--simulations", "19"]
    assert run(call) == 0
    few = capsys.readouterr().out
    assert "more rows are not shown: --all prints every row" in " ".join(few.split())
    assert run([*call, "--all"]) == 0
    every = capsys.readouterr().out
    assert "not shown" not in every
    assert every.count("\n  - ") > few.count("\n  - ")
    third = town(tmp_path / "c", "Cara", step=5)
    assert run([*call, str(third)]) == 0
    assert "is highest for" in " ".join(capsys.readouterr().out.split())


def test_cities_that_cannot_be_compared_are_a_no_with_reasons(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = town(tmp_path / "a", "Anna"), town(tmp_path / "b", "Bela", kind="street")
    assert run(["compare", str(one), str(two), "-q", "--simulations", "19"]) == 1
    said = capsys.readouterr().out
    assert "0 of" in said
    assert "several reasons" not in said
    assert "different zones or distances: ward and street" in said
    sheet = two / "city.toml"
    sheet.write_text(sheet.read_text(encoding="utf-8").replace('"2020"', '"2001"'), encoding="utf-8")
    assert run(["compare", str(one), str(two), "-q", "--simulations", "19"]) == 1
    assert "One finding may have several reasons." in capsys.readouterr().out
    for more in (["--test", "up"], ["--dates", "2010,2020"], ["x", "--test", "less"]):
        assert run(["compare", *[str(tmp_path / "not read at all")] * 2, *more]) == 2
    assert "Traceback" not in capsys.readouterr().err
    assert run(["compare", str(tmp_path / "not read at all")]) == 2
    assert "--test two-sided --dates A,B" in capsys.readouterr().err
    assert run(["compare", str(one), str(one), "-q", "--simulations", "19"]) == 2
    assert run(["compare", str(one), str(tmp_path / "nothing")]) in (1, 2)
