"""Volunteers and quotas of a lottery, from any table: who they are, and how many of each kind.

Column names differ from tool to tool and are matched without regard to capitals and blanks:

- quotas: ``feature, value, min, max`` or ``category, feature, min, max``; instead of bounds a column
  ``count`` (or ``population``, ``residents``) with the census. ``gender & age`` with ``female & 65+``
  crosses attributes.
- people: one row each; every attribute of the quotas is a column. An id column is found by its name,
  else people are called by their rows as a spreadsheet counts them: the heading is row 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from isopolis.model import Problems, near
from isopolis.model.text import phrase

from .columns import Table
from .tables import read_table
from .text_tables import decode, parse_text

__all__ = ["PeopleTable", "QuotaRow", "QuotaTable", "read_people", "read_quotas", "text_table"]

IDS = ("id", "person_id", "nationbuilder_id", "people_id", "candidate_id", "respondent_id", "key", "person")
ATTRIBUTE_AND_VALUE = (
    ("category", "feature"),
    ("feature", "value"),
    ("attribute", "value"),
    ("category", "value"),
)
LOW, HIGH = ("min", "low", "minimum", "lower"), ("max", "high", "maximum", "upper")
COUNTS = ("count", "population", "residents", "census", "people")
BETWEEN = (" & ", " × ", " x ")


@dataclass(frozen=True, slots=True)
class QuotaRow:
    """One row: attributes and values that are crossed, and its bounds or its census count."""

    attributes: tuple[str, ...]
    values: tuple[str, ...]
    low: int | None
    high: int | None
    count: float | None
    row: int


@dataclass(frozen=True, slots=True)
class QuotaTable:
    """All rows; either all have bounds or all have counts."""

    file: str
    rows: tuple[QuotaRow, ...]

    @property
    def attributes(self) -> tuple[str, ...]:
        """Every attribute that a row names, once."""
        return tuple(dict.fromkeys(a for r in self.rows for a in r.attributes))

    @property
    def from_counts(self) -> bool:
        """True when rows have census counts in the place of bounds."""
        return any(r.count is not None for r in self.rows)


@dataclass(frozen=True, slots=True)
class PeopleTable:
    """Volunteers: ids, for each attribute the value of everyone, and households where they are known."""

    file: str
    ids: tuple[str, ...]
    traits: Mapping[str, tuple[str, ...]]
    households: tuple[str, ...]
    id_column: str
    rows: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.ids)


def text_table(raw: bytes, file: str, problems: Problems) -> Table:
    """Read a delimited table that is in memory."""
    return parse_text(decode(raw, file, "", problems), file, "", problems)


def read_quotas(source: Path | Table, problems: Problems) -> QuotaTable:
    """Read the quotas.

    Raises
    ------
    DataError
        With everything that is wrong in the table.
    """
    table = source if isinstance(source, Table) else read_table(source, problems=problems)
    names = {n.strip().casefold(): n for n in table.columns}
    pair = next((p for p in ATTRIBUTE_AND_VALUE if set(p) <= set(names)), None)
    low, high, count = (next((names[n] for n in c if n in names), None) for c in (LOW, HIGH, COUNTS))
    if pair is None or (count is None and (low is None or high is None)):
        problems.error(
            "quota-columns",
            phrase("the columns are {names}", names=", ".join(table.columns)),
            file=table.file,
            rule=phrase(
                "feature, value, min, max; or category, feature, min, max; or count instead of bounds"
            ),
        )
        problems.raise_if_fatal()
        raise AssertionError
    attributes, values = table[names[pair[0]]].text(), table[names[pair[1]]].text()
    rows = [
        QuotaRow(
            _parts(str(attributes[i])),
            _parts(str(values[i])),
            None if low is None else _whole(table, low, i, problems),
            None if high is None else _whole(table, high, i, problems),
            None if low is not None or count is None else _number(table, count, i, problems),
            int(table.row_numbers[i]),
        )
        for i in range(len(table))
    ]
    _check_rows(table.file, rows, problems)
    problems.raise_if_fatal()
    return QuotaTable(table.file, tuple(rows))


def _parts(text: str) -> tuple[str, ...]:
    for mark in BETWEEN:
        if mark in text:
            return tuple(part.strip() for part in text.split(mark))
    return (text.strip(),)


def _number(table: Table, column: str, row: int, problems: Problems) -> float:
    text = str(table[column].at(row))
    try:
        number = float(text.replace(",", ""))
    except ValueError:
        number = -1.0
    if not 0 <= number < 1e12:
        problems.error(
            "not-a-count", phrase("this is no count of people"), file=table.file, column=column,
            rows=table.shown(np.array([row])), value=text, rule=phrase("0, 1, 2, …"),
        )  # fmt: skip
        return 0.0
    return number


def _whole(table: Table, column: str, row: int, problems: Problems) -> int:
    number = _number(table, column, row, problems)
    if number != int(number):
        problems.error(
            "not-whole", phrase("people come in whole numbers"), file=table.file, column=column,
            rows=table.shown(np.array([row])), value=str(number), rule=phrase("0, 1, 2, …"),
        )  # fmt: skip
    return int(number)


def _check_rows(file: str, rows: Sequence[QuotaRow], problems: Problems) -> None:
    if not rows:
        problems.error("no-quotas", phrase("there is no quota in the table"), file=file)
    seen: dict[frozenset[tuple[str, str]], int] = {}
    for row in rows:
        if len(row.attributes) != len(row.values) or "" in row.attributes + row.values:
            problems.error(
                "quota-parts",
                phrase("attributes and values do not pair up"),
                file=file, rows=(row.row,),
                value=f"{' & '.join(row.attributes)}: {' & '.join(row.values)}",
                rule=phrase('one value, or as many values as attributes with " & " between them'),
            )  # fmt: skip
            continue
        key = frozenset(zip(row.attributes, row.values, strict=True))
        if key in seen:
            problems.error(
                "quota-twice",
                phrase("this quota stands there twice, first in row {row}", row=seen[key]),
                file=file, rows=(row.row,),
            )  # fmt: skip
        seen.setdefault(key, row.row)
        if row.low is not None and row.high is not None and row.low > row.high:
            problems.error(
                "low-above-high",
                phrase("the lower bound {low} is above the upper bound {high}", low=row.low, high=row.high),
                file=file, rows=(row.row,),
            )  # fmt: skip


def read_people(
    source: Path | Table,
    attributes: Sequence[str],
    problems: Problems,
    *,
    id_column: str = "",
    household: Sequence[str] = (),
) -> PeopleTable:
    """Read the volunteers.

    Parameters
    ----------
    source : Path or Table
    attributes : sequence of str
        What the quotas need to know of each person.
    problems : Problems
    id_column : str
        Column of ids; found by its name when empty, else people are called by their rows; the
        heading is row 1.
    household : sequence of str
        Columns that together name a household, for the rule of one person per household.

    Raises
    ------
    DataError
        With everything that is wrong in the table.
    """
    table = source if isinstance(source, Table) else read_table(source, problems=problems)
    names = {n.strip().casefold(): n for n in table.columns}
    for wanted in (*attributes, *household, *((id_column,) if id_column else ())):
        if wanted.strip().casefold() not in names:
            problems.error(
                "missing-column",
                phrase('there is no column "{column}"', column=wanted),
                file=table.file, hint=near(wanted, table.columns),
            )  # fmt: skip
    problems.raise_if_fatal()
    found = names.get(id_column.strip().casefold()) or next((names[n] for n in IDS if n in names), "")
    numbers = tuple(int(n) for n in table.row_numbers)
    ids = tuple(str(t) for t in table[found].text()) if found else tuple(map(str, numbers))
    _check_ids(table, ids, found, problems)
    traits = {a: tuple(str(t) for t in table[names[a.strip().casefold()]].text()) for a in attributes}
    homes = _households(table, [names[h.strip().casefold()] for h in household])
    problems.raise_if_fatal()
    return PeopleTable(table.file, ids, traits, homes, found, numbers)


def _check_ids(table: Table, ids: Sequence[str], column: str, problems: Problems) -> None:
    if not ids:
        problems.error("no-people", phrase("there is nobody in the table"), file=table.file)
    empty = [i for i, name in enumerate(ids) if not name]
    first: dict[str, int] = {}
    twice = [i for i, name in enumerate(ids) if name and first.setdefault(name, i) != i]
    for code, places, words in (
        ("no-id", empty, phrase("people without an id")),
        ("id-twice", twice, phrase("ids that stand there twice")),
    ):
        if places:
            problems.error(
                code, words, file=table.file, column=column or None, count=len(places),
                rows=table.shown(np.array(places)), hint=phrase("Name another column with --id."),
            )  # fmt: skip


def _households(table: Table, columns: Sequence[str]) -> tuple[str, ...]:
    if not columns:
        return ("",) * len(table)
    parts = [table[c].text() for c in columns]
    # where nothing is known of the address, people live apart
    return tuple(
        "|".join(" ".join(str(p[i]).casefold().split()) for p in parts) if any(p[i] for p in parts) else ""
        for i in range(len(table))
    )
