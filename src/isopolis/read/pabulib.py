"""Read and write files of participatory budgets in the Pabulib format, ``.pb``.

Three parts, META, PROJECTS and VOTES, each with a heading row, cells parted by semicolons. This file only
takes the text apart; what the cells mean is said in `isopolis.engage.budget.tables`.

References
----------
Faliszewski, Flis, Peters, Pierczyński, Skowron, Stolicki, Szufa, Talmon, "Participatory budgeting: data,
tools, and analysis", IJCAI 2023, and the description of the format at pabulib.org/format.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from isopolis.model import Problem, Problems
from isopolis.model.text import phrase

from .text_tables import decode

__all__ = ["Part", "PbFile", "pabulib_text", "parse_pabulib", "read_pabulib"]

PARTS = ("META", "PROJECTS", "VOTES")
LARGEST_CELL = 2**27


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the file, column by column.

    Parameters
    ----------
    columns : mapping of str to list of str
        Trimmed cells by trimmed, lower-case heading; all lists are as long.
    first : int
        Row in the file of the first row below the heading, counted from 1.
    """

    columns: Mapping[str, list[str]]
    first: int

    def __len__(self) -> int:
        """How many rows there are."""
        return len(next(iter(self.columns.values()), ()))


@dataclass(frozen=True, slots=True)
class PbFile:
    """A ``.pb`` file taken apart.

    Parameters
    ----------
    file : str
        Its name.
    meta : mapping of str to str
    projects, votes : Part
    caveats : tuple of Problem
    """

    file: str
    meta: Mapping[str, str]
    projects: Part
    votes: Part
    caveats: tuple[Problem, ...] = ()


def read_pabulib(path: Path) -> PbFile:
    """Read a ``.pb`` file.

    Raises
    ------
    DataError
        When it cannot be read or has not the three parts; all problems at once.
    """
    problems = Problems()
    try:
        raw = path.read_bytes()
    except OSError as error:
        problems.error(
            "unreadable", phrase("the file cannot be read"), file=path.name, value=str(error.strerror)
        )
        problems.raise_if_fatal()
    return parse_pabulib(decode(raw, path.name, "", problems), path.name, problems)


def parse_pabulib(text: str, file: str, problems: Problems | None = None) -> PbFile:
    """Take the text of a ``.pb`` file apart.

    Raises
    ------
    DataError
        When it has not the three parts; all problems at once.
    """
    problems = Problems() if problems is None else problems
    rows = _rows(text)
    starts = _starts(rows)
    if len(starts) < len(PARTS) and '"' in text:
        # a quotation mark that nobody closed swallows what follows: it stands for itself then
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=";", quoting=csv.QUOTE_NONE))
        starts = _starts(rows)
    for name in PARTS:
        if name not in starts:
            problems.error(
                "no-part", phrase("the file has no part {name}", name=name), file=file, rule=", ".join(PARTS)
            )
    problems.raise_if_fatal()
    ends = sorted([*starts.values(), len(rows)])
    parts = {}
    for name, start in starts.items():
        end = ends[ends.index(start) + 1]
        parts[name] = _part(rows, start, end, file, name, problems)
    problems.raise_if_fatal()
    meta = _meta(rows, starts["META"], ends[ends.index(starts["META"]) + 1])
    return PbFile(file, meta, parts["PROJECTS"], parts["VOTES"], tuple(problems))


def _rows(text: str) -> list[list[str]]:
    before = csv.field_size_limit(LARGEST_CELL)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
    finally:
        csv.field_size_limit(before)


def _starts(rows: Sequence[Sequence[str]]) -> dict[str, int]:
    """Return the row of each part's title; the first of a name counts."""
    found: dict[str, int] = {}
    for i, row in enumerate(rows):
        if not row or len(row[0]) > 20:
            continue
        title = row[0].strip().strip("\ufeff").upper()
        if title in PARTS and not any(cell.strip() for cell in row[1:]):
            found.setdefault(title, i)
    return found


def _meta(rows: Sequence[Sequence[str]], start: int, end: int) -> dict[str, str]:
    """Return the pairs of META; a value with semicolons in it is put together again."""
    pairs = [r for r in rows[start + 1 : end] if r and r[0].strip()]
    if pairs and pairs[0][0].strip().lower() == "key":
        pairs = pairs[1:]
    return {row[0].strip().lower(): ";".join(row[1:]).strip().rstrip(";").strip() for row in pairs}


def _part(rows: Sequence[list[str]], start: int, end: int, file: str, name: str, problems: Problems) -> Part:
    body = start + 1
    while body < end and not any(cell.strip() for cell in rows[body]):
        body += 1
    if body >= end:
        problems.error("empty-part", phrase("the part {name} is empty", name=name), file=file)
        return Part({}, body)
    head = [cell.strip().lower() for cell in rows[body]]
    while head and not head[-1]:
        head.pop()
    given = [r for r in rows[body + 1 : end] if r and any(r)]
    wide = len(head)
    if name != "META":
        _lengths(rows, body, end, wide, file, problems)
    even = [r if len(r) == wide else (r + [""] * wide)[:wide] for r in given]
    columns = zip(*even, strict=True) if even else ((),) * wide
    return Part(
        {n: [c.strip() for c in column] for n, column in zip(head, columns, strict=True) if n}, body + 2
    )


def _lengths(
    rows: Sequence[list[str]], body: int, end: int, wide: int, file: str, problems: Problems
) -> None:
    """Say where rows have cells without a heading."""
    long = [i + 1 for i in range(body + 1, end) if len(rows[i]) > wide and any(rows[i][wide:])]
    if long:
        problems.caveat(
            "cells-without-heading",
            phrase("rows have more cells than the heading; the last were left out"),
            file=file,
            rows=tuple(long[:5]),
            count=len(long),
        )


def pabulib_text(
    meta: Mapping[str, str],
    projects: Mapping[str, Sequence[str]],
    votes: Mapping[str, Sequence[str]],
) -> str:
    """Write the text of a ``.pb`` file; columns as `Part.columns`."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    pairs: Iterable[tuple[str, str]] = meta.items()
    writer.writerows([["META"], ["key", "value"], *pairs])
    for name, columns in (("PROJECTS", projects), ("VOTES", votes)):
        writer.writerows([[name], list(columns), *zip(*columns.values(), strict=True)])
    return out.getvalue()
