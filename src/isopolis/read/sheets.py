"""Excel workbooks."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np

from isopolis.model import Problems, near
from isopolis.model.text import Number, count, phrase, phrases

from .columns import Column, Table, column_of_numbers, column_of_texts
from .failure import fail, guarded
from .text_tables import _drop_notes, _heading, unique_names
from .wording import listed

__all__ = ["read_sheet", "read_sheets"]

LARGEST = 400_000_000
"""Bytes that a workbook may unpack to."""
MOST_CELLS = 20_000_000


def read_sheet(path: Path, file: str, *, sheet: str = "", problems: Problems) -> Table:
    """Read one sheet of a workbook: the one named, else the first that holds a table."""
    full = _full(path, file, sheet)
    first, *others = full
    if others:
        names = listed((f'"{n}"' for n in others), 8)
        problems.caveat(
            "other-sheets",
            phrase(
                'the workbook has {count} sheets with tables: only the sheet "{first}" was read, not {names}',
                count=len(full),
                first=first,
                names=names,
            ),
            file=file,
            count=len(others),
            hint=phrases(
                'Write sheet = "..." for this table in city.toml to read the other.',
                'Write sheet = "..." for this table in city.toml to read another.',
                len(others),
            ),
        )
    return _table(full[first], file, problems)


def read_sheets(path: Path, file: str) -> dict[str, Table]:
    """Read every sheet that holds a table, in the order of the workbook."""
    out = {n: _table(rows, file, Problems()) for n, rows in _full(path, file, "").items()}
    return {n: t for n, t in out.items() if len(t)} or out


def _full(path: Path, file: str, sheet: str) -> dict[str, list[tuple[int, list[Any]]]]:
    """Rows of the sheets (or of the one named) that hold a table."""
    import openpyxl

    _refuse_absurd(path, file)
    with guarded(file, phrase("an Excel workbook"), phrase("Save it again as .xlsx, or as CSV.")):
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            names = list(book.sheetnames)
            if sheet and sheet not in names:
                fail(
                    "unknown-sheet",
                    phrase(
                        'there is no sheet "{sheet}": {suggestion}',
                        sheet=sheet,
                        suggestion=near(sheet, names),
                    ),
                    file=file,
                )
            sheets = {n: _rows(book[n], file) for n in ([sheet] if sheet else names)}
        finally:
            book.close()
    full = {n: rows for n, rows in sheets.items() if len(rows) > 1 and max(len(r) for _, r in rows) > 1}
    if not full:
        fail("empty-file", phrase("no sheet holds a table"), file=file, hint=phrase("Export it again."))
    return full


def _refuse_absurd(path: Path, file: str) -> None:
    if not zipfile.is_zipfile(path):
        fail(
            "unreadable-file",
            phrase("this is not an Excel workbook (.xlsx)"),
            file=file,
            hint=phrase("Old .xls files must be saved as .xlsx or CSV first; a download may be cut off."),
        )
    with (
        guarded(file, phrase("an Excel workbook"), phrase("The file may be cut off; get it again.")),
        zipfile.ZipFile(path) as packed,
    ):
        size = sum(i.file_size for i in packed.infolist())
    if size > LARGEST or size > 2000 * max(path.stat().st_size, 1):
        fail(
            "too-large",
            phrase(
                "the workbook unpacks to {value} MB, which is refused",
                value=Number(f"{size / 1000000.0:,.0f}"),
            ),
            file=file,
            rule=phrase("at most {value} MB unpacked", value=Number(f"{LARGEST / 1000000.0:,.0f}")),
            hint=phrase("Save the table as CSV or Parquet."),
        )


def _rows(sheet: Any, file: str) -> list[tuple[int, list[Any]]]:
    out: list[tuple[int, list[Any]]] = []
    cells = 0
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        cells += len(row)
        if cells > MOST_CELLS:
            fail(
                "too-large",
                phrase("the sheet has more than {MOST_CELLS} cells", MOST_CELLS=count(MOST_CELLS)),
                file=file,
                hint=phrase("Save it as Parquet."),
            )
        if any(c is not None and str(c).strip() for c in row):
            out.append((number, list(row)))
    return out


def _table(rows: list[tuple[int, list[Any]]], file: str, problems: Problems) -> Table:
    written = [(n, [_text(c) for c in r]) for n, r in rows]
    width = max(len(r) - next((k for k, c in enumerate(reversed(r)) if c), len(r)) for _, r in written)
    written = [(n, (r + [""] * width)[:width]) for n, r in written]
    start = _heading(written, file, problems)
    body = _drop_notes(written[start + 1 :], width, file, problems)
    raw = dict(rows)
    names = unique_names(written[start][1], file, problems)
    columns: dict[str, Column] = {}
    for i, name in enumerate(names):
        if name:
            cells = [raw[n][i] if i < len(raw[n]) else None for n, _ in body]
            columns[name] = _column(name, cells, [r[i] for _, r in body])
    stored = "." if any(c.native for c in columns.values()) else ""
    return Table(file, columns, np.array([n for n, _ in body], dtype=np.int64), decimal=stored)


def _column(name: str, cells: list[Any], texts: list[str]) -> Column:
    filled = [c for c in cells if c is not None]
    if filled and all(isinstance(c, int | float) and not isinstance(c, bool) for c in filled):
        return column_of_numbers(name, np.array([np.nan if c is None else float(c) for c in cells]))
    return column_of_texts(name, texts)


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime | date):
        return cell.isoformat()[:10]
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
