"""The commands `isopolis survey`: what they print and refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from isopolis.cli.app import run

HEAD = ("type", "name", "label::English (en)", "label::Français (fr)", "relevant", "constraint", "required",
        "randomised")  # fmt: skip
SURVEY = [
    HEAD,
    ("begin_group", "you", "You", "Vous"),
    ("select_one age", "age", "How old?", "Quel âge ?", None, None, "yes"),
    ("integer", "people", "How many?", "Combien ?", None, ". < 20"),
    ("end_group",),
    ("select_one yn", "tram", "A tram?", "Un tram ?", "${people} > 1"),
    ("select_one yn", "fine", "Fined?", "Une amende ?", None, None, None, "forced 1/6 1/6"),
]
CHOICES = [
    ("list_name", "name", "label::English (en)", "label::Français (fr)"),
    ("age", "young", "Young", "Jeune"), ("age", "old", "Old", "Âgé"), ("yn", "yes", "Yes", "Oui"),
    ("yn", "no", "No", "Non"),
]  # fmt: skip
Call = Callable[..., tuple[int, str, str]]


def write(path: Path, survey: list[tuple[object, ...]]) -> None:
    made = Workbook()
    made.active.title = "survey"
    other = made.create_sheet("choices")
    for sheet, rows in ((made.active, survey), (other, CHOICES)):
        for row in rows:
            sheet.append(list(row))
    made.save(path)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A form, a small city with ages, and answers of which too few are young."""
    folder = tmp_path_factory.mktemp("survey")
    write(folder / "form.xlsx", SURVEY)
    write(
        folder / "bad.xlsx", [*SURVEY, ("geopoint", "home", "Home", "Maison"), ("text", "a", "A", "A", "1 +")]
    )
    lines = [f"Z{i:02d},{500 + 10 * i},{500 + 10 * i}" for i in range(12)]
    (folder / "people.csv").write_text("zone,young,old\n" + "\n".join(lines) + "\n", encoding="utf-8")
    (folder / "city.toml").write_text(
        'name = "Testville"\nnotes = ["example data, not a real place"]\n'
        '[zones]\nid = "zone"\n[[tables]]\nfile = "people.csv"\nlayout = "wide"\nzone = "zone"\n'
        'date = "2024"\n'
        '[[tables.dimensions]]\nname = "age"\ncolumns = ["young", "old"]\n',
        encoding="utf-8",
    )
    rows = [
        f"{i},{'young' if i % 4 == 0 else 'old'},{1 + i % 3},"
        f"{'' if i % 3 == 0 else 'yes' if i % 4 == 0 else 'no'},{'yes' if i % 5 < 2 else 'no'}"
        for i in range(480)
    ]
    head = "paper,you/age,you/people,tram,fine\n"
    (folder / "answers.csv").write_text(head + "\n".join(rows) + "\n", encoding="utf-8")
    rows[7] = rows[7].replace("old", "young")
    (folder / "second.csv").write_text(head + "\n".join(rows[:-1]) + "\n", encoding="utf-8")
    rows[3], rows[4] = "3,ancient,1,,no", "4,young,99,yes,no"
    (folder / "wrong.csv").write_text(head + "\n".join(rows) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def call(town: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    monkeypatch.chdir(town)

    def go(*words: str) -> tuple[int, str, str]:
        code = run(["survey", *words])
        out = capsys.readouterr()
        return code, out.out, out.err

    return go


def test_check_tells_what_is_asked(call: Call) -> None:
    code, out, _err = call("check", "form.xlsx", "--json")
    assert code == 0
    found = json.loads(out)
    assert found["languages"] == ["English (en)", "Français (fr)"]
    assert found["pages"] == [["age", "people"], ["tram", "fine"]]
    assert found["questions"][3]["randomised"]["privacy_loss"] == pytest.approx(1.609438)
    code, out, _err = call("check", "form.xlsx")
    assert (code, "4 questions" in out, "2 pages" in out) == (0, True, True)


def test_check_refuses_with_places(call: Call) -> None:
    code, out, err = call("check", "bad.xlsx")
    assert (code, out) == (1, "")
    assert 'bad.xlsx, sheet “survey”, row 8, column "type"' in err
    assert 'row 9, column "relevant"' in err


def test_results_weighted_to_the_city(call: Call) -> None:
    code, out, _err = call("results", "form.xlsx", "answers.csv", "--city", ".", "--json")
    assert code == 0
    found = json.loads(out)
    assert (found["people"], found["weighted_by"], found["refused"]) == (480, ["age"], None)
    assert found["design_effect"] == pytest.approx(4 / 3, abs=1e-6)
    age, people, tram, fine = found["questions"]
    assert [s["raw"] for s in age["shares"]] == [0.25, 0.75]
    assert [s["weighted"] for s in age["shares"]] == [0.5, 0.5]
    assert people["average"]["raw"] == 2.0
    assert (tram["people"], tram["shares"][0]["raw"]) == (320, 0.25)
    low, high = fine["estimate"]["interval"]
    assert low < fine["estimate"]["share"] < high


def test_results_in_words(call: Call) -> None:
    code, out, _err = call("results", "form.xlsx", "answers.csv", "--labels", "Français (fr)")
    assert code == 0
    assert "Un tram ?" in out
    assert "there is nothing to weight by" in out


def test_answers_of_another_form_are_refused(call: Call) -> None:
    code, out, err = call("results", "form.xlsx", "wrong.csv")
    assert (code, out) == (1, "")
    assert 'wrong.csv, row 5, column "age"' in err
    assert 'wrong.csv, row 6, column "people"' in err
    code, _out, err = call("results", "form.xlsx", "people.csv")
    assert code == 1
    assert "no column has the name of a question" in err


def test_two_entries(call: Call) -> None:
    code, out, _err = call("compare", "form.xlsx", "answers.csv", "second.csv", "--json")
    found = json.loads(out)
    assert code == 1
    assert [(d["paper"], d["question"], d["first"], d["second"]) for d in found["differences"]] == [
        ("7", "age", "old", "young")
    ]
    assert found["only_first"] == ["479"]
    assert call("compare", "form.xlsx", "answers.csv", "answers.csv")[0] == 0
    assert call("compare", "form.xlsx", "answers.csv", "answers.csv", "--key", "sheet")[0] == 1
