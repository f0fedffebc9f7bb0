"""The command `isopolis took-part`: what it prints, writes and refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from isopolis.cli.app import run

ZONES = 16


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small city with ages, and its participants: a row per neighbourhood and age."""
    folder = tmp_path_factory.mktemp("town")
    head = "zone,young,old\n"
    lines = [f"Z{i:02d},{300 + 10 * i},{500 + 5 * i}" for i in range(ZONES)]
    (folder / "people.csv").write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
    (folder / "city.toml").write_text(
        'name = "Testville"\nnotes = ["example data, not a real place"]\n'
        '[zones]\nid = "zone"\n[[tables]]\nfile = "people.csv"\nlayout = "wide"\n'
        'zone = "zone"\ndate = "2024"\n'
        '[[tables.dimensions]]\nname = "age"\ncolumns = ["young", "old"]\n',
        encoding="utf-8",
    )
    rows = [f"Z{i:02d},{a},{n}" for i in range(ZONES) for a, n in (("young", 20 + i % 5), ("old", 70 + i))]
    (folder / "took.csv").write_text("zone,age,voters\n" + "\n".join(rows) + "\n", encoding="utf-8")
    persons = [
        f"Z{i % ZONES:02d},{'young' if i % 5 == 0 else 'old'},{'yes' if i % 3 else 'no'}" for i in range(600)
    ]
    (folder / "persons.csv").write_text("zone,age,tram\n" + "\n".join(persons) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def call(town: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def go(file: str, *more: str) -> tuple[int, str, str]:
        code = run(["took-part", str(town / file), str(town), *more])
        out = capsys.readouterr()
        return code, out.out, out.err

    return go


def test_json_has_rates_ratios_letters_and_the_rule_card(call: Callable[..., tuple[int, str, str]]) -> None:
    code, out, err = call("took.csv", "--json", "--budget", "500", "--letter", "0.9")
    assert code == 0
    found = json.loads(out)
    young = found["groups"]["age"][0]
    assert (young["group"], young["side"], young["took_part"]) == ("age=young", "below", 350)
    assert young["rate"] == pytest.approx(350 / sum(300 + 10 * i for i in range(ZONES)), abs=1e-6)
    assert found["columns"] == {"zone": "zone", "people": "voters", "age": "age"}
    assert found["rule_card"]["by"] == ["age"]
    assert len(found["cells"]) == 2 * ZONES
    assert 0 < found["invite"]["spent_cents"] <= 50_000
    assert sum(x["letters"] for x in found["invite"]["letters"]) * 90 == found["invite"]["spent_cents"]
    assert "reading" in err


def test_words_and_page(call: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    code, out, _err = call("took.csv", "--report", str(page))
    assert code == 0
    assert "people took part" in out
    assert "less than their share" in out
    lines = out.split("\nBy age\n")[1].split("\n\n")[0].splitlines()
    assert len({line.count(" | ") for line in lines}) == 1, "every number stands under its heading"
    assert lines[0].count(" | ") > 5
    assert not any(letter.isdigit() for letter in lines[0])
    assert "Example data, not a real place." in page.read_text(encoding="utf-8")
    code, _out, err = call("took.csv", "--report", str(page))
    assert code == 2
    assert "is there already" in err


def test_answers_are_weighted(call: Callable[..., tuple[int, str, str]]) -> None:
    code, out, _err = call("persons.csv", "--answer", "tram", "--json")
    assert code == 0
    tram = json.loads(out)["answers"][0]
    assert tram["weighted_by"] == ["age"]
    assert tram["refused"] is None
    assert tram["design_effect"] > 1
    assert sum(s["weighted"] for s in tram["shares"]) == pytest.approx(1, abs=1e-5)
    code, out, _err = call("persons.csv", "--answer", "tram")
    assert code == 0
    assert "design effect" in out


@pytest.mark.parametrize(("file", "more", "code", "said"), [
    ("took.csv", ("--by", "shoe"), 2, "shoe"),
    ("took.csv", ("--level", "planet"), 2, "planet"),
    ("took.csv", ("--leave-out", "age"), 2, "cannot read the group"),
    ("took.csv", ("--column", "age"), 2, "DIMENSION=COLUMN"),
    ("took.csv", ("--column", "shoe=age"), 2, "no dimension"),
    ("took.csv", ("--answer", "voters"), 2, "one person"),
    ("nothing.csv", (), 1, "no such file"),
    ("people.csv", ("--people", "young", "--zone", "old"), 1, "no column holds neighbourhoods"),
])  # fmt: skip
def test_what_is_wrong_is_said(
    call: Callable[..., tuple[int, str, str]], file: str, more: tuple[str, ...], code: int, said: str
) -> None:
    found, _out, err = call(file, *more)
    assert found == code
    assert said in err
