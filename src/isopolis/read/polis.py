"""Conversations in the form that Polis exports: read from a folder, and written back.

``votes.csv`` (timestamp, datetime, comment-id, voter-id, vote) or ``participants-votes.csv`` (a row per
participant with the published group and a column per statement) is needed; ``comments.csv`` and
``summary.csv`` add texts, moderation and headings. In these files 1 agrees, -1 disagrees and 0 passes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from isopolis.model import Problem, Problems
from isopolis.model.text import phrase, phrases

from .text_tables import decode

__all__ = ["Conversation", "Matrix", "Statement", "VoteRows", "polis_files", "read_polis"]

VOTES, MATRIX, COMMENTS, SUMMARY = "votes.csv", "participants-votes.csv", "comments.csv", "summary.csv"
ABOUT_A_PERSON = ("participant", "xid", "group-id", "n-comments", "n-votes", "n-agree", "n-disagree")
LARGEST_CELL = 2**24
SHOWN = 5
A_TIME = 10**9
"""Smaller numbers are places in the file, not milliseconds."""

Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement.

    Parameters
    ----------
    id, text, author : str
    moderated : int
        1 in, -1 out, 0 not looked at.
    timestamp : int
        Milliseconds; 0 when not known.
    """

    id: str
    text: str = ""
    author: str = ""
    moderated: int = 0
    timestamp: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class VoteRows:
    """Votes row by row; `person` and `statement` are places in the lists of the conversation."""

    person: Ints
    statement: Ints
    value: npt.NDArray[np.int8]
    when: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """The published matrix.

    Parameters
    ----------
    group : mapping of str to str
        Published group of each participant that has one.
    rows : VoteRows
    columns : tuple of str
        Statements that are published.
    xid : mapping of str to str
        What another system calls a participant.
    """

    group: Mapping[str, str]
    rows: VoteRows
    columns: tuple[str, ...]
    xid: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Conversation:
    """A conversation as it stands in its files.

    Parameters
    ----------
    name : str
    people : tuple of str
    statements : tuple of Statement
    votes : VoteRows
        Every row of ``votes.csv``, or the matrix where that is all there is.
    matrix : Matrix or None
    summary : mapping of str to str
    caveats : tuple of Problem
    """

    name: str
    people: tuple[str, ...]
    statements: tuple[Statement, ...]
    votes: VoteRows
    matrix: Matrix | None = None
    summary: Mapping[str, str] = field(default_factory=dict)
    caveats: tuple[Problem, ...] = ()


def read_polis(folder: Path) -> Conversation:
    """Read the folder of an export.

    Raises
    ------
    DataError
        With everything that is wrong in the files.
    """
    problems = Problems()
    names = [n for n in (VOTES, MATRIX, COMMENTS, SUMMARY) if (folder / n).is_file()]
    if VOTES not in names and MATRIX not in names:
        problems.error(
            "no-votes", phrase("there are no votes in the folder"), file=folder.name,
            rule=f"{VOTES}, {MATRIX}",
            hint=phrase("Name the folder that the export of the conversation was unpacked to."),
        )  # fmt: skip
        problems.raise_if_fatal()
    rows = {n: _rows(folder / n, problems) for n in names}
    return _conversation(folder.name, rows, problems)


def _rows(path: Path, problems: Problems) -> list[list[str]]:
    before = csv.field_size_limit(LARGEST_CELL)
    try:
        text = decode(path.read_bytes(), path.name, "", problems)
        return [r for r in csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")) if r]
    except (csv.Error, OSError) as error:
        problems.error("unreadable", phrase("the file cannot be read: {why}", why=str(error)), file=path.name)
        return []
    finally:
        csv.field_size_limit(before)


def _conversation(name: str, rows: Mapping[str, list[list[str]]], problems: Problems) -> Conversation:
    texts = _comments(rows.get(COMMENTS, []), problems)
    cast = _Cast(texts)
    votes = _votes(rows[VOTES], cast, problems) if VOTES in rows else None
    matrix = _matrix(rows[MATRIX], cast, problems) if MATRIX in rows else None
    problems.raise_if_fatal()
    held = votes if votes is not None else (matrix.rows if matrix is not None else None)
    assert held is not None
    if not len(held.value):
        problems.error("no-votes", phrase("there is not one vote in the files"), file=name)
    problems.raise_if_fatal()
    loose = [s for s in cast.statements if s not in texts]
    if COMMENTS in rows and loose:
        problems.caveat(
            "statement-without-text",
            phrases("{n} statement has votes but no text", "{n} statements have votes but no text",
                    len(loose)),
            file=COMMENTS, count=len(loose), value=", ".join(loose[:SHOWN]),
        )  # fmt: skip
    statements = tuple(texts.get(s, Statement(s)) for s in cast.statements)
    summary = {r[0].strip(): ",".join(r[1:]) for r in rows.get(SUMMARY, [])}
    return Conversation(name, tuple(cast.people), statements, held, matrix, summary, tuple(problems))


class _Cast:
    """Places of people and statements, in the order in which the files name them."""

    def __init__(self, statements: Iterable[str]) -> None:
        self.people: dict[str, int] = {}
        self.statements: dict[str, int] = {s: i for i, s in enumerate(statements)}

    def person(self, name: str) -> int:
        return self.people.setdefault(name, len(self.people))

    def statement(self, name: str) -> int:
        return self.statements.setdefault(name, len(self.statements))


def _places(
    heading: Sequence[str], wanted: Mapping[str, Sequence[str]], file: str, problems: Problems
) -> list[int]:
    """Find columns by any of their names; the first name is the one in messages."""
    names = {h.strip().casefold(): i for i, h in enumerate(heading)}
    found = [next((names[n] for n in also if n in names), -1) for also in wanted.values()]
    for name, place in zip(wanted, found, strict=True):
        if place < 0:
            problems.error(
                "missing-column", phrase('there is no column "{column}"', column=name), file=file,
                value=", ".join(heading[:12]), rule=", ".join(wanted[name]),
            )  # fmt: skip
    return found


def _complete(rows: list[list[str]], width: int, file: str, problems: Problems) -> list[list[str]]:
    short = [i for i, r in enumerate(rows, 2) if len(r) < width]
    if short:
        problems.error(
            "short-row", phrase("rows end before their last column"), file=file, rows=tuple(short[:SHOWN]),
            count=len(short),
        )  # fmt: skip
        return []
    return rows


def _wholes(
    cells: Sequence[str],
    allowed: Callable[[int], bool],
    column: str,
    file: str,
    rule: str,
    problems: Problems,
) -> npt.NDArray[np.int64]:
    out = np.zeros(len(cells), np.int64)
    wrong = []
    for i, cell in enumerate(cells):
        try:
            out[i] = int(cell)
        except (ValueError, OverflowError):
            wrong.append(i)
        else:
            if not allowed(int(out[i])):
                wrong.append(i)
    if wrong:
        problems.error(
            "not-allowed", phrase("this is no value of the column"), file=file, column=column,
            count=len(wrong), rows=tuple(i + 2 for i in wrong[:SHOWN]), value=cells[wrong[0]][:40], rule=rule,
        )  # fmt: skip
    return out


def _votes(rows: list[list[str]], cast: _Cast, problems: Problems) -> VoteRows | None:
    wanted = {
        "voter-id": ("voter-id", "participant_id", "participant"),
        "comment-id": ("comment-id", "statement_id", "comment"),
        "vote": ("vote",),
    }
    heading = rows[0] if rows else []
    places = _places(heading, wanted, VOTES, problems)
    if min(places) < 0:
        return None
    names = [h.strip().casefold() for h in heading]
    time = names.index("timestamp") if "timestamp" in names else -1
    body = _complete(rows[1:], max(*places, time) + 1, VOTES, problems)
    value = _wholes([r[places[2]] for r in body], lambda v: -1 <= v <= 1, "vote", VOTES, "1, 0, -1", problems)
    when = np.arange(len(body))
    if time >= 0:
        when = _wholes([r[time] for r in body], lambda v: v >= 0, "timestamp", VOTES, "0, 1, 2, …", problems)
    return VoteRows(
        np.array([cast.person(r[places[0]].strip()) for r in body], np.int32),
        np.array([cast.statement(r[places[1]].strip()) for r in body], np.int32),
        value.astype(np.int8), when,
    )  # fmt: skip


def _matrix(rows: list[list[str]], cast: _Cast, problems: Problems) -> Matrix | None:
    heading = [h.strip() for h in rows[0]] if rows else []
    (who,) = _places(heading, {"participant": ("participant",)}, MATRIX, problems)
    if who < 0:
        return None
    body = _complete(rows[1:], len(heading), MATRIX, problems)
    held = [(j, cast.statement(h)) for j, h in enumerate(heading) if h.casefold() not in ABOUT_A_PERSON]
    person, statement, cells = [], [], []
    for row in body:
        place = cast.person(row[who].strip())
        for j, s in held:
            if row[j].strip():
                person.append(place)
                statement.append(s)
                cells.append(row[j].strip())
    if len({r[who].strip() for r in body}) < len(body):
        problems.error("id-twice", phrase("a participant has two rows"), file=MATRIX, column="participant")
    value = _wholes(cells, lambda v: -1 <= v <= 1, "", MATRIX, "1, 0, -1", problems)
    votes = VoteRows(
        np.array(person, np.int32),
        np.array(statement, np.int32),
        value.astype(np.int8),
        np.arange(len(value)),
    )

    def filled(column: str) -> dict[str, str]:
        if column not in heading:
            return {}
        at = heading.index(column)
        return {r[who].strip(): r[at].strip() for r in body if r[at].strip()}

    return Matrix(filled("group-id"), votes, tuple(heading[j] for j, _ in held), filled("xid"))


def _comments(rows: list[list[str]], problems: Problems) -> dict[str, Statement]:
    if not rows:
        return {}
    names = [h.strip().casefold() for h in rows[0]]
    wanted = {
        "comment-id": ("comment-id", "statement_id"),
        "comment-body": ("comment-body", "comment", "text"),
    }
    id_, body = _places(rows[0], wanted, COMMENTS, problems)
    if min(id_, body) < 0:
        return {}
    kept = _complete(rows[1:], max(id_, body) + 1, COMMENTS, problems)

    def cell(row: Sequence[str], name: str, default: str) -> str:
        at = names.index(name) if name in names else -1
        return row[at].strip() or default if 0 <= at < len(row) else default

    marks = _wholes([cell(r, "moderated", "0") for r in kept], lambda v: -1 <= v <= 1, "moderated", COMMENTS,
                    "1, 0, -1", problems)  # fmt: skip
    times = _wholes([cell(r, "timestamp", "0") for r in kept], lambda v: v >= 0, "timestamp", COMMENTS,
                    "0, 1, 2, …", problems)  # fmt: skip
    out: dict[str, Statement] = {}
    for row, mark, time in zip(kept, marks, times, strict=True):
        name = row[id_].strip()
        if name in out:
            problems.error("id-twice", phrase("a statement has two rows"), file=COMMENTS, value=name)
        out[name] = Statement(name, row[body], cell(row, "author-id", ""), int(mark), int(time))
    return dict(
        sorted(out.items(), key=lambda p: (not p[0].isdigit(), int(p[0]) if p[0].isdigit() else 0, p[0]))
    )


def polis_files(
    talk: Conversation, person: Ints, statement: Ints, value: npt.NDArray[np.int8], group: Mapping[str, str]
) -> dict[str, str]:
    """Return the text of each file of an export.

    Parameters
    ----------
    talk : Conversation
    person, statement, value : (v,) int array
        The votes that count: one of each person on a statement.
    group : mapping of str to str
        Group of each participant that has one.
    """
    ids = [s.id for s in talk.statements]
    cells: dict[int, dict[int, int]] = {}
    for p, s, v in zip(person.tolist(), statement.tolist(), value.tolist(), strict=True):
        cells.setdefault(p, {})[s] = v
    wrote: dict[str, int] = {}
    for one in talk.statements:
        wrote[one.author] = wrote.get(one.author, 0) + 1
    matrix: list[list[object]] = [["participant", *ABOUT_A_PERSON[2:], *ids]]
    for i, name in enumerate(talk.people):
        have = cells.get(i, {})
        given = list(have.values())
        matrix.append([name, group.get(name, ""), wrote.get(name, 0), len(given), given.count(1),
                       given.count(-1),
                       *(have.get(j, "") for j in range(len(ids)))])  # fmt: skip
    votes: list[list[object]] = [["timestamp", "datetime", "comment-id", "voter-id", "vote"]]
    rows = talk.votes
    for p, s, v, t in zip(
        *(x.tolist() for x in (rows.person, rows.statement, rows.value, rows.when)), strict=True
    ):
        votes.append([t if t >= A_TIME else 0, _said(t), ids[s], talk.people[p], v])
    summary = {**talk.summary, "voters": str(len(talk.people)), "comments": str(len(ids)),
               "groups": str(len(set(group.values())))}  # fmt: skip
    return {
        VOTES: _text(votes), MATRIX: _text(matrix), COMMENTS: _text(_comment_rows(talk, statement, value)),
        SUMMARY: _text([[k, v] for k, v in summary.items()]),
    }  # fmt: skip


def _comment_rows(talk: Conversation, statement: Ints, value: npt.NDArray[np.int8]) -> list[list[object]]:
    m = len(talk.statements)
    yes, no = (np.bincount(statement[value == v], minlength=m).tolist() for v in (1, -1))
    out: list[list[object]] = [
        [
            "timestamp",
            "datetime",
            "comment-id",
            "author-id",
            "agrees",
            "disagrees",
            "moderated",
            "comment-body",
        ]
    ]
    for i, s in enumerate(talk.statements):
        out.append([s.timestamp, _said(s.timestamp), s.id, s.author, yes[i], no[i], s.moderated, s.text])
    return out


def _said(milliseconds: int) -> str:
    if milliseconds < A_TIME:
        return ""
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%a %b %d %H:%M:%S UTC %Y")
    except (ValueError, OverflowError, OSError):
        return ""


def _text(rows: list[list[object]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()
