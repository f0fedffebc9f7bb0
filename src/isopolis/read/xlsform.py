"""XLSForm workbooks: the cells of their sheets with row and column, out of files that may be hostile.

A workbook is looked at before anything else opens it: its size unpacked, its parts, links to other files,
macros, declarations in its XML. A cell with a formula is refused: what it shows is computed by somebody's
spreadsheet and need not be what was meant. The last word has pyxform, which gets the cells and not the file.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from isopolis.model import DataError, Problems, near
from isopolis.model.text import Number, count, phrase

from .failure import fail, guarded

__all__ = ["Sheets", "check_xlsform", "read_xlsform"]

LARGEST_FILE = 10_000_000
LARGEST = 60_000_000
"""Bytes that a form may be, packed and unpacked."""
MOST_PARTS = 500
MOST_TIMES = 200
MOST_ROWS = 5_000
MOST_CELLS = 400_000
LONGEST_CELL = 10_000

SHEETS = ("survey", "choices", "settings")
_PASSED_OVER = {"entities", "external_choices", "osm"}
_BAD_PARTS = ("xl/externallinks/", "xl/connections", "xl/querytables/", "xl/embeddings/", "xl/activex/",
              "xl/vbaproject", "xl/macrosheets/")  # fmt: skip
_RELATION = re.compile(rb"<Relationship\b[^>]*>")

Row = tuple[int, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Sheets:
    """The sheets of a form.

    Parameters
    ----------
    file : str
    survey, choices, settings : tuple of (row, cells)
        Row number of the sheet, and heading → text of every filled cell.
    """

    file: str
    survey: tuple[Row, ...]
    choices: tuple[Row, ...]
    settings: tuple[Row, ...]


def read_xlsform(path: Path, problems: Problems) -> Sheets:
    """Read the sheets of a form.

    Parameters
    ----------
    path : Path
        An ``.xlsx`` workbook.
    problems : Problems
        What is wrong in cells is noted here.

    Raises
    ------
    DataError
        If the file is not a workbook, is hostile or far too large, or has no sheet “survey”.
    """
    import openpyxl

    file = path.name
    _refuse_hostile(path, file)
    what, hint = phrase("an Excel workbook"), phrase("Save it again as .xlsx.")
    with guarded(file, what, hint):
        book = openpyxl.load_workbook(path, read_only=True, data_only=False, keep_links=False)
        try:
            found: dict[str, Any] = {}
            for name in book.sheetnames:
                found.setdefault(name.strip().lower(), book[name])
            _sheets_there(found, file, problems)
            rows = {n: _rows(found[n], n, file, problems) if n in found else () for n in SHEETS}
        finally:
            book.close()
    return Sheets(file, rows["survey"], rows["choices"], rows["settings"])


def _sheets_there(found: Mapping[str, Any], file: str, problems: Problems) -> None:
    if "survey" not in found:
        names = near("survey", found)
        fail("no-sheet", phrase("there is no sheet “survey”: {hint}", hint=names), file=file,
             hint=phrase("An XLSForm has the sheets survey, choices and settings."))  # fmt: skip
    for name in sorted(_PASSED_OVER & found.keys()):
        problems.error("not-done", phrase("the sheet “{sheet}” cannot be done here", sheet=name), file=file)


# -- before anything opens it ------------------------------------------------------------------------------
def _refuse_hostile(path: Path, file: str) -> None:
    if not path.is_file():
        fail("missing-file", phrase("there is no such file"), file=file)
    size = path.stat().st_size
    if size > LARGEST_FILE:
        _too_large(size, LARGEST_FILE, file)
    if not zipfile.is_zipfile(path):
        fail(
            "unreadable-file", phrase("this is not an Excel workbook (.xlsx)"), file=file,
            hint=phrase("Old .xls files and files with a password must be saved as .xlsx first."),
        )  # fmt: skip
    hint = phrase("The file may be cut off; get it again.")
    with guarded(file, phrase("an Excel workbook"), hint), zipfile.ZipFile(path) as packed:
        parts = packed.infolist()
        total = sum(p.file_size for p in parts)
        if total > LARGEST or (total > 1_000_000 and total > MOST_TIMES * size):
            _too_large(total, LARGEST, file)
        if len(parts) > MOST_PARTS:
            fail("too-large", phrase("the workbook has {n} parts", n=count(len(parts))), file=file,
                 rule=phrase("at most {n}", n=count(MOST_PARTS)))  # fmt: skip
        for part in parts:
            _look_into(packed, part, file)


def _too_large(size: int, most: int, file: str) -> None:
    fail(
        "too-large",
        phrase("the workbook unpacks to {value} MB, which is refused", value=Number(f"{size / 1e6:,.0f}")),
        file=file,
        rule=phrase("at most {value} MB unpacked", value=Number(f"{most / 1e6:,.0f}")),
    )


def _look_into(packed: zipfile.ZipFile, part: zipfile.ZipInfo, file: str) -> None:
    name = part.filename.lower().lstrip("/")
    hint = phrase("Copy the values into a new workbook and save it as .xlsx.")
    if name.startswith(_BAD_PARTS):
        said = phrase("the workbook refers to other files or has macros")
        fail("external-reference", said, file=file, value=part.filename[:100], hint=hint)
    if not name.endswith((".xml", ".rels", ".vml")):
        return
    # one part at a time; zipfile gives no more than the size that was counted above
    text = packed.read(part).replace(b"\0", b"")  # the same words in UTF-16
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        said = phrase("the workbook declares entities, which no spreadsheet does")
        fail("hostile-file", said, file=file, value=part.filename[:100], hint=hint)
    if name.endswith(".rels"):
        for relation in _RELATION.findall(text):
            if b"External" in relation and b"/hyperlink" not in relation:
                said = phrase("the workbook refers to other files or has macros")
                fail("external-reference", said, file=file, value=part.filename[:100], hint=hint)


# -- cells -------------------------------------------------------------------------------------------------
def _rows(sheet: Any, name: str, file: str, problems: Problems) -> tuple[Row, ...]:
    """Rows that hold something, under the headings of the first row."""
    place = phrase("{file}, sheet “{sheet}”", file=file, sheet=name)
    headings: list[str] = []
    out: list[Row] = []
    cells = 0
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells += len(row)
        filled = any(c.value is not None for c in row)
        if cells > MOST_CELLS or (filled and number > MOST_ROWS) or number > 100 * MOST_ROWS:
            fail("too-large", phrase("the sheet is far larger than a form"), file=place,
                 rule=phrase("at most {n} rows", n=count(MOST_ROWS)),
                 hint=phrase("Delete the empty rows and columns behind the form."))  # fmt: skip
        if not filled:
            continue
        texts = [_cell(c, number, headings, i, place, problems) for i, c in enumerate(row)]
        if not headings:
            headings = texts
            _headings_once(headings, number, place, problems)
            continue
        have = {h: t for h, t in zip(headings, texts, strict=False) if h and t}
        for i, t in enumerate(texts):
            if t and (i >= len(headings) or not headings[i]):
                problems.error("no-heading", phrase("a cell stands under no heading"), file=place,
                               rows=(number,), column=_letter(i), value=t[:60])  # fmt: skip
        if have:
            out.append((number, have))
    return tuple(out)


def _headings_once(headings: list[str], number: int, place: str, problems: Problems) -> None:
    seen: set[str] = set()
    for h in headings:
        if h and h in seen:
            problems.error("repeated-column", phrase("the heading is there twice"), file=place,
                           rows=(number,), column=h)  # fmt: skip
        seen.add(h)


def _letter(i: int) -> str:
    out = ""
    i += 1
    while i:
        i, rest = divmod(i - 1, 26)
        out = chr(65 + rest) + out
    return out


def _cell(cell: Any, number: int, headings: list[str], i: int, place: str, problems: Problems) -> str:
    value = cell.value
    if value is None:
        return ""
    column = headings[i] if i < len(headings) and headings[i] else _letter(i)
    if cell.data_type == "f":
        problems.error(
            "formula", phrase("a cell holds a formula"), file=place, rows=(number,), column=column,
            value=str(value)[:60], hint=phrase("Put the value there instead (copy, paste values)."),
        )  # fmt: skip
        return ""
    text = _text(value).replace("\N{NO-BREAK SPACE}", " ").strip()
    if len(text) > LONGEST_CELL:
        problems.error("too-long", phrase("a cell holds more than {n} characters", n=count(LONGEST_CELL)),
                       file=place, rows=(number,), column=column)  # fmt: skip
        return ""
    return "".join(c for c in text if c >= " " or c in "\n\t")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


# -- the last word -----------------------------------------------------------------------------------------
def check_xlsform(sheets: Sheets, own: frozenset[str], problems: Problems) -> None:
    """Let pyxform say whether other programs will take the form, too.

    Parameters
    ----------
    sheets : Sheets
    own : frozenset of str
        Columns of ours, which it need not see.
    problems : Problems
        Its errors and warnings are noted here.
    """
    from pyxform.errors import PyXFormError
    from pyxform.xls2xform import convert

    given = {
        name: _dense(rows, own)
        for name, rows in zip(SHEETS, (sheets.survey, sheets.choices, sheets.settings), strict=True)
        if rows
    }
    warnings: list[str] = []
    try:
        with guarded(sheets.file, phrase("an XLSForm"), phrase("Compare it with the XLSForm documentation.")):
            try:
                convert(given, warnings=warnings, validate=False, form_name="data")
            except PyXFormError as error:
                said = " ".join(str(error).split())
                row = re.match(r"\[row : (\d+)\]\s*", said)
                problems.error(
                    "xlsform", phrase("pyxform does not take this form"), file=sheets.file,
                    rows=(int(row[1]),) if row else (), value=said[row.end() if row else 0 :][:300],
                )  # fmt: skip
    except DataError as error:
        for problem in error.problems:
            problems.add(problem)
    for warning in warnings[:10]:
        problems.caveat(
            "xlsform", phrase("pyxform warns"), file=sheets.file, value=" ".join(warning.split())[:300]
        )


def _dense(rows: tuple[Row, ...], own: frozenset[str]) -> list[dict[str, str]]:
    """Rows with the empty ones between them, so that row numbers stay right."""
    last = rows[-1][0] if rows else 1
    by_number = {n: {h: t for h, t in cells.items() if h.strip().lower() not in own} for n, cells in rows}
    return [by_number.get(n, {}) for n in range(2, last + 1)]
