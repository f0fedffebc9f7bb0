"""A library as one flat table, for spreadsheets, and back.

Simple fields are columns by their path (``place.name``, ``title.fr``); lists of terms are joined by
``; ``; lists of parts, such as sources and results, are JSON in a cell. A cell that a spreadsheet
would take for a formula gets an apostrophe in front, which reading takes away again.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable
from typing import Any

from isopolis.learn.record import Record
from isopolis.model.errors import DataError, Problem
from isopolis.model.text import phrase

from .guard import MOST_CHARACTERS, MOST_RECORDS, loaded, refusal
from .json_form import read_all

__all__ = ["from_csv", "neutral", "to_csv"]

FIRST = ("id", "kind", "language")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "'", "＝", "＋", "－", "＠")
NUMBER = re.compile(r"^-?\d+(\.\d+)?([eE][-+]?\d+)?$")
NUMBERS = {
    "place.lat", "place.lon", "place.degurba", "participants.n", "cost.total", "cost.capex", "cost.opex",
    "cost.year", "staff_fte", "evidence_grade",
}  # fmt: skip
TRUTHS = {"period.ongoing": {"true": True, "false": False}}
LISTS = {
    "themes", "grounds", "groups", "services", "barriers", "hazards", "pillars", "instruments",
    "gained.groups", "lost.groups", "participants.targeted",
}  # fmt: skip
PARTICIPATION = "participation."
JSON_CELLS = {
    "intersections", "funding_sources", "results", "transfer.copied_by", "sources", "documents", "links",
    "identifiers", "reviews",
}  # fmt: skip


def neutral(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; plain numbers stay numbers."""
    return f"'{cell}" if cell.startswith(FORMULA) and not NUMBER.match(cell) else cell


def _restored(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell


def to_csv(records: Iterable[Record]) -> str:
    """Write records as a table; every field is there and `from_csv` reads it back."""
    rows = [_flat(r.plain()) for r in records]
    names = sorted({name for row in rows for name in row} - set(FIRST))
    out = io.StringIO()
    writer = csv.DictWriter(out, [*FIRST, *names], restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: neutral(cell) for name, cell in row.items()} for row in rows)
    return out.getvalue()


def _flat(plain: dict[str, Any], before: str = "") -> dict[str, str]:
    out: dict[str, str] = {}
    for name, value in plain.items():
        path = before + name
        if isinstance(value, dict):
            out |= _flat(value, path + ".")
        elif isinstance(value, list):
            out[path] = _listed(value, path)
        else:
            out[path] = _cell(value)
    return out


def _cell(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool | int | float) else str(value)


def _listed(items: list[Any], path: str) -> str:
    simple = path in LISTS or path.startswith(PARTICIPATION)
    if simple and all(";" not in i and i == i.strip() and not i.startswith("[") for i in items):
        return "; ".join(items)
    return json.dumps(items, ensure_ascii=False)


def from_csv(text: str, vocabulary: Any = None, *, file: str | None = None) -> tuple[Record, ...]:
    """Read a table of records.

    Raises
    ------
    DataError
        With all problems: of the table, of cells that are not what their column takes, of records.
    """
    if len(text) > MOST_CHARACTERS:
        raise refusal("too-large", phrase("this file is too large"), file)
    csv.field_size_limit(max(csv.field_size_limit(), MOST_CHARACTERS))
    try:
        rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))
    except csv.Error as error:
        raise refusal(
            "no-table", phrase("this is not a table as it should be: {why}", why=str(error)), file
        ) from None
    if len(rows) > MOST_RECORDS:
        raise refusal("too-many", phrase("there are too many records in this file"), file)
    found: list[Problem] = []
    plains = [_deep(row, number, file, found) for number, row in enumerate(rows, 2)]
    if found:
        raise DataError(found)
    return read_all(plains, vocabulary, file=file)


def _deep(row: dict[Any, Any], number: int, file: str | None, found: list[Problem]) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for path, cell in row.items():
        if path is None or not isinstance(cell, str):
            message = phrase("this row has another number of cells than the heading")
            found.append(Problem("ragged", message, file=file, rows=(number,)))
            break
        if cell == "" or not path:
            continue
        try:
            value = _value(path, _restored(cell))
        except (ValueError, DataError):
            message = phrase("this cell is not what its column takes")
            found.append(
                Problem("bad-cell", message, file=file, rows=(number,), column=path, value=cell[:60])
            )
            continue
        if not _put(plain, path.split("."), value):
            message = phrase("two columns say different things about the same field")
            found.append(Problem("clash", message, file=file, rows=(number,), column=path))
    return plain


def _value(path: str, cell: str) -> Any:
    if path in NUMBERS and NUMBER.match(cell):
        return loaded(cell)
    if path in TRUTHS:
        return TRUTHS[path].get(cell.lower(), cell)
    whole = cell.startswith("[") and (path in LISTS or path in JSON_CELLS or path.startswith(PARTICIPATION))
    if whole:
        return loaded(cell)
    if path in LISTS and cell != "not stated":
        return [part.strip() for part in cell.split(";") if part.strip()]
    if path.startswith(PARTICIPATION) and path.removeprefix(PARTICIPATION) in _lists_of_participation():
        return [part.strip() for part in cell.split(";") if part.strip()]
    return cell


def _lists_of_participation() -> set[str]:
    from isopolis.learn.record import Participation

    return {name for name, field in Participation.model_fields.items() if field.default == ()}


def _put(plain: dict[str, Any], path: list[str], value: Any) -> bool:
    here = plain
    for step in path[:-1]:
        here = here.setdefault(step, {})
        if not isinstance(here, dict):
            return False
    if path[-1] in here:
        return False
    here[path[-1]] = value
    return True
