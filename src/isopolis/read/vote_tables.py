"""Votes on budgets as two tables, projects and ballots: the form in which platforms give them away.

What comes out has the parts and columns of a Pabulib file, so that every export ends where a ``.pb`` does.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from isopolis.model import Problems
from isopolis.model.text import phrase

from .pabulib import Part, PbFile
from .text_tables import decode, sniff_delimiter

__all__ = ["Sheet", "amount", "as_pabulib", "ballots_from_lines", "checked_votes", "read_sheet"]

_AMOUNT = re.compile(r"\d[\d\s.,'’\u00a0\u202f]*")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of text.

    Parameters
    ----------
    file : str
    head : tuple of str
        Names of the columns, trimmed.
    rows : tuple of (int, dict)
        Row number as a spreadsheet counts it, and its cells by name.
    """

    file: str
    head: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]

    def first(self, names: Sequence[str]) -> str | None:
        """Return the first of `names` that is a column, or None."""
        return next((n for n in names if n in self.head), None)


def read_sheet(path: Path, problems: Problems) -> Sheet:
    """Read a delimited table whose first row names its columns."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        problems.error(
            "unreadable", phrase("the file cannot be read"), file=path.name, value=str(error.strerror)
        )
        return Sheet(path.name, (), ())
    text = decode(raw, path.name, "", problems)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=sniff_delimiter(text)))
    if not rows:
        problems.error("empty", phrase("the file is empty"), file=path.name)
        return Sheet(path.name, (), ())
    head = tuple(name.strip() for name in rows[0])
    body = []
    for number, row in enumerate(rows[1:], start=2):
        if any(cell.strip() for cell in row):
            if len(row) != len(head):
                problems.error(
                    "ragged",
                    phrase("the row has not as many cells as the heading"),
                    file=path.name,
                    rows=(number,),
                )
            body.append((number, {n: c.strip() for n, c in zip(head, row, strict=False)}))
    return Sheet(path.name, head, tuple(body))


def amount(text: str) -> str | None:
    """Find one amount of money in a cell: ``Feasible (€12,500)`` gives ``12500``; None where there is none.

    A comma or point before exactly three digits parts thousands, before one or two it is the decimal mark.

    Examples
    --------
    >>> amount("12.500,50 €"), amount("Feasible ($1,000)"), amount("–")
    ('12500.50', '1000', None)
    """
    found = _AMOUNT.findall(text)
    if len(found) != 1:
        return None
    bare = re.sub(r"[\s'’\u00a0\u202f]", "", found[0]).strip(".,")
    whole, mark, rest = bare, "", ""
    last = max(bare.rfind("."), bare.rfind(","))
    if last >= 0 and len(bare) - last - 1 in (1, 2):
        whole, mark, rest = bare[:last], ".", bare[last + 1 :]
    return re.sub(r"[.,]", "", whole) + mark + rest


def ballots_from_lines(
    sheet: Sheet, ballot: str, project: str, known: Mapping[str, object], problems: Problems
) -> tuple[dict[str, str], ...]:
    """Put lines of one ballot and one project each together; ballots are numbered anew.

    Lines on projects that are not in `known` are a problem, all of them said at once.
    """
    chosen: dict[str, list[str]] = {}
    unknown: list[int] = []
    for number, row in sheet.rows:
        ids = chosen.setdefault(row.get(ballot, ""), [])
        name = row.get(project, "")
        if name not in known:
            unknown.append(number)
        elif name not in ids:
            ids.append(name)
    if unknown:
        problems.error(
            "unknown-project", phrase("ballots name projects that are not in the list of projects"),
            file=sheet.file, rows=tuple(unknown[:5]), count=len(unknown), column=project,
            hint=phrase("Export projects and ballots of the same budget."),
        )  # fmt: skip
    return tuple(
        {"voter_id": str(i), "vote": ",".join(ids)} for i, ids in enumerate(chosen.values(), start=1)
    )


def checked_votes(
    projects: Sequence[dict[str, str]], votes: Sequence[dict[str, str]], file: str, problems: Problems
) -> None:
    """Say where the votes that the platform states differ from the ballots, and write the counted ones."""
    counted: dict[str, int] = {}
    for row in votes:
        for project in filter(None, row["vote"].split(",")):
            counted[project] = counted.get(project, 0) + 1
    wrong = [
        p["project_id"] for p in projects
        if p.get("votes", "").isdigit() and int(p["votes"]) != counted.get(p["project_id"], 0)
    ]  # fmt: skip
    if wrong:
        problems.caveat(
            "votes-differ",
            phrase("the platform states other votes than the ballots hold; the ballots are counted"),
            file=file, value=", ".join(wrong[:5]), count=len(wrong),
        )  # fmt: skip
    for p in projects:
        p["votes"] = str(counted.get(p["project_id"], 0))


def as_pabulib(
    file: str,
    meta: Mapping[str, str],
    projects: Sequence[Mapping[str, str]],
    votes: Sequence[Mapping[str, str]],
    problems: Problems,
) -> PbFile:
    """Put rows in the parts of a Pabulib file."""
    return PbFile(file, dict(meta), _part(projects), _part(votes), tuple(problems))


def _part(rows: Sequence[Mapping[str, str]]) -> Part:
    head = list(dict.fromkeys(key for row in rows for key in row))
    return Part({key: [row.get(key, "") for row in rows] for key in head}, 2)
