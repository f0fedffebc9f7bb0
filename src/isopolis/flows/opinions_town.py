"""Conversations that are held on a platform: made of arrays, read from uploads, given back as files."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.engage.opinions.votes import Votes
from isopolis.model import Problems
from isopolis.model.text import phrase
from isopolis.read.lottery import read_quotas, text_table
from isopolis.read.polis import Conversation, Statement, VoteRows, polis_files, read_polis

from .opinions import Opinions, votes_of

__all__ = ["FILES", "Brought", "archive", "brought", "census_plain", "conversation"]

FILES = ("votes.csv", "comments.csv", "participants-votes.csv", "summary.csv")
MOST_VALUES = 60
FIRST_DAY = (1980, 1, 1, 0, 0, 0)


def conversation(
    topic: str,
    people: Sequence[str],
    statements: Sequence[tuple[str, str, str, bool]],
    person: npt.ArrayLike,
    statement: npt.ArrayLike,
    value: npt.ArrayLike,
) -> Conversation:
    """Make a conversation of what a platform keeps.

    Parameters
    ----------
    topic : str
    people : sequence of str
    statements : sequence of (id, text, author, accepted)
    person, statement, value : (v,) int array
        Places in both lists; 1 agrees, -1 disagrees, 0 passes. Times are not kept.
    """
    rows = VoteRows(
        np.asarray(person, np.int32), np.asarray(statement, np.int32), np.asarray(value, np.int8),
        np.zeros(len(np.asarray(value)), np.int64),
    )  # fmt: skip
    texts = tuple(Statement(i, text, author, 1 if ok else -1) for i, text, author, ok in statements)
    return Conversation(topic, tuple(people), texts, rows, None, {"topic": topic})


@dataclass(frozen=True, slots=True, eq=False)
class Brought:
    """A conversation out of uploaded files.

    Parameters
    ----------
    people : int
    statements : tuple of (text, moderated)
        1 in, -1 out, 0 not looked at.
    votes : Votes
        The last of each person on each statement.
    caveats : tuple of str
    """

    people: int
    statements: tuple[tuple[str, int], ...]
    votes: Votes
    caveats: tuple[str, ...]


def brought(files: Mapping[str, bytes]) -> Brought:
    """Read uploaded files in the form of Polis.

    Parameters
    ----------
    files : mapping of str to bytes
        Names as in `FILES`, or a zip archive of them under any name.

    Raises
    ------
    DataError
        With everything that is wrong in them.
    """
    problems = Problems()
    with tempfile.TemporaryDirectory() as folder:
        for name, content in _unpacked(files, problems).items():
            (Path(folder) / name).write_bytes(content)
        problems.raise_if_fatal()
        talk = read_polis(Path(folder))
    texts = tuple((s.text, s.moderated) for s in talk.statements)
    return Brought(len(talk.people), texts, votes_of(talk), tuple(str(c) for c in talk.caveats))


LARGEST = 200_000_000


def _unpacked(files: Mapping[str, bytes], problems: Problems) -> dict[str, bytes]:
    out: dict[str, bytes] = {}
    for name, content in files.items():
        if name.casefold().endswith(".zip"):
            out |= _from_zip(name, content, problems)
        elif name.rpartition("/")[2] in FILES:
            out[name.rpartition("/")[2]] = content
    if not out:
        problems.error(
            "no-files", phrase("none of the files of a conversation is there"), file=", ".join(files)[:80],
            rule=", ".join(FILES),
        )  # fmt: skip
    return out


def _from_zip(name: str, content: bytes, problems: Problems) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            wanted = [i for i in packed.infolist() if i.filename.rpartition("/")[2] in FILES]
            if sum(i.file_size for i in wanted) > LARGEST:
                problems.error("too-large", phrase("the archive is too large when unpacked"), file=name)
                return {}
            return {i.filename.rpartition("/")[2]: packed.read(i) for i in wanted}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        problems.error("unreadable", phrase("the file cannot be read: {why}", why=str(error)), file=name)
        return {}


def archive(found: Opinions) -> bytes:
    """Return a zip archive with the conversation in Polis's form, and our groups."""
    names = found.group_names
    people = zip(found.talk.people, found.map.group.tolist(), strict=True)
    group = {p: str(g) for p, g in people if names and g >= 0}
    votes = found.votes
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in polis_files(found.talk, votes.person, votes.statement, votes.value, group).items():
            packed.writestr(zipfile.ZipInfo(name, FIRST_DAY), text, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def census_plain(raw: bytes) -> list[dict[str, Any]]:
    """Read residents by attribute: ``[{"attributes": [...], "rows": [[[value, ...], residents], ...]}]``.

    Raises
    ------
    DataError
        With everything that is wrong in the table.
    """
    problems = Problems()
    rows = read_quotas(text_table(raw, "census.csv", problems), problems)
    if not rows.from_counts:
        problems.error(
            "no-census-counts", phrase("the table has bounds but no counts of residents"), file=rows.file,
            rule=phrase("attribute, value, count"),
        )  # fmt: skip
    if len(rows.rows) > MOST_VALUES:
        problems.error(
            "too-many-values", phrase("at most {n} groups can be told apart", n=MOST_VALUES), file=rows.file,
            value=str(len(rows.rows)),
        )  # fmt: skip
    problems.raise_if_fatal()
    out: dict[tuple[str, ...], list[Any]] = {}
    for row in rows.rows:
        out.setdefault(row.attributes, []).append([list(row.values), int(row.count or 0)])
    return [{"attributes": list(a), "rows": r} for a, r in out.items()]
