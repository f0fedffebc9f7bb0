"""XLSForm workbooks, honest and hostile."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from isopolis.model import DataError, Problems
from isopolis.read import xlsform
from isopolis.read.xlsform import Sheets, check_xlsform, read_xlsform

SURVEY = [("type", "name", "label"), ("integer", "age", "Age?"), (None,), ("select_one yn", "b", "B?")]
CHOICES = [("list_name", "name", "label"), ("yn", 1, "Yes"), ("yn", 0.0, "No")]


def book(path: Path, **sheets: list[tuple[object, ...]]) -> Path:
    made = Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    made.save(path)
    return path


def changed(path: Path, **parts: bytes) -> Path:
    """Add parts to a workbook, or put others in their place."""
    raw = path.read_bytes()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        names = {k.replace("__", "/").replace("_DOT_", "."): v for k, v in parts.items()}
        for part in old.infolist():
            if part.filename not in names:
                new.writestr(part.filename, old.read(part))
        for name, content in names.items():
            new.writestr(name, content)
    return path


def refused(path: Path) -> str:
    def read() -> None:
        problems = Problems()
        read_xlsform(path, problems)
        problems.raise_if_fatal()

    with pytest.raises(DataError) as caught:
        read()
    return "\n".join(f"{p.code}: {p}" for p in caught.value.problems)


def test_cells_with_their_rows(tmp_path: Path) -> None:
    problems = Problems()
    found = read_xlsform(book(tmp_path / "f.xlsx", Survey=SURVEY, choices=CHOICES), problems)
    assert len(problems) == 0
    assert found.survey == (
        (2, {"type": "integer", "name": "age", "label": "Age?"}),
        (4, {"type": "select_one yn", "name": "b", "label": "B?"}),
    )
    assert [cells["name"] for _, cells in found.choices] == ["1", "0"]
    check_xlsform(found, frozenset(), problems)
    assert not problems.fatal


def test_pyxform_has_the_last_word_with_the_row() -> None:
    rows = ((2, {"type": "text", "name": "a", "label": "A"}), (5, {"type": "text", "name": "b", "label": "B",
            "relevant": "${zz} = 1", "randomised": "x"}))  # fmt: skip
    problems = Problems()
    check_xlsform(Sheets("f.xlsx", rows, (), ()), frozenset({"randomised"}), problems)
    (found,) = [p for p in problems if p.fatal]
    assert (found.code, found.rows) == ("xlsform", (5,))
    assert "zz" in str(found.value)


def test_formulas_are_refused_with_their_place(tmp_path: Path) -> None:
    survey = [*SURVEY, ("=HYPERLINK(1)", "c", "='[other.xlsx]Sheet1'!A1")]
    said = refused(book(tmp_path / "f.xlsx", survey=survey, choices=CHOICES))
    assert said.count("formula: f.xlsx, sheet “survey”, row 5") == 2
    assert 'column "type"' in said
    assert 'column "label"' in said


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("xl__externalLinks__externalLink1_DOT_xml", b"<x/>", "external-reference"),
        ("xl__vbaProject_DOT_bin", b"\0", "external-reference"),
        ("xl__worksheets___rels__sheet1_DOT_xml_DOT_rels",
         b'<Relationships><Relationship Id="a" Type="x/oleObject" TargetMode="External" Target="file:///etc/x"/>'
         b"</Relationships>", "external-reference"),
        ("xl__theme__theme1_DOT_xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "hostile-file"),
        ("xl__theme__theme1_DOT_xml", '<!DOCTYPE a [<!ENTITY b "c">]><a/>'.encode("utf-16"), "hostile-file"),
        ("xl__media__bomb_DOT_xml", b"0" * 70_000_000, "too-large"),
        ("xl__media__bomb_DOT_xml", b"0" * 5_000_000, "too-large"),
        ("xl__worksheets__sheet1_DOT_xml", b"<worksheet><sheetData><row r='1'>", "unreadable-file"),
    ],
    ids=["link", "macro", "relation", "entity", "entity-utf16", "bomb", "ratio", "cut-off"],
)  # fmt: skip
def test_hostile_workbooks(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    path = book(tmp_path / "f.xlsx", survey=SURVEY, choices=CHOICES)
    assert refused(changed(path, **{name: content})).startswith(code)


def test_many_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = book(tmp_path / "f.xlsx", survey=SURVEY)
    monkeypatch.setattr(xlsform, "MOST_PARTS", 5)
    assert "parts" in refused(path)


def test_huge_sheets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsform, "MOST_ROWS", 50)
    long = [("type", "name", "label"), *[("text", f"q{i}", "Q") for i in range(60)]]
    assert "larger than a form" in refused(book(tmp_path / "long.xlsx", survey=long))
    far = Workbook()
    far.active.title = "survey"
    far.active["A1"] = "type"
    far.active["A1048576"] = "text"
    far.save(tmp_path / "far.xlsx")
    assert "larger than a form" in refused(tmp_path / "far.xlsx")
    monkeypatch.setattr(xlsform, "MOST_CELLS", 1_000)
    far.active["XFD2"] = "x"
    far.save(tmp_path / "wide.xlsx")
    assert "larger than a form" in refused(tmp_path / "wide.xlsx")


@pytest.mark.parametrize(
    ("content", "code"), [(b"", "unreadable"), (b"type,name\n", "unreadable"), (b"PK\x03\x04", "unreadable")]
)
def test_no_workbooks(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "f.xlsx"
    path.write_bytes(content)
    assert refused(path).startswith(code)
    assert refused(tmp_path / "none.xlsx").startswith("missing-file")


def test_sheets_and_headings(tmp_path: Path) -> None:
    assert "no sheet “survey”" in refused(book(tmp_path / "a.xlsx", Fragen=SURVEY))
    assert "entities" in refused(book(tmp_path / "b.xlsx", survey=SURVEY, entities=SURVEY))
    twice = [("type", "name", "name"), ("text", "a", "b")]
    assert "twice" in refused(book(tmp_path / "c.xlsx", survey=twice))
    said = refused(book(tmp_path / "d.xlsx", survey=[*SURVEY, ("text", "z", "Z", "stray")]))
    assert 'row 5, column "D"' in said
    long = [*SURVEY, ("text", "z", "x" * 20_000)]
    assert "10,000 characters" in refused(book(tmp_path / "e.xlsx", survey=long))
