"""The store of the search: tables beside the library in whichever database it lies, rebuilt at will.

Nothing here is the truth about a record; the library is. A row holds the analysed tokens, the facets
and two numbers of a record, so that hits, counts and scores come out alike on SQLite and PostgreSQL.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError, near

from .columns import Columns, remembered
from .dialects import DIALECTS
from .documents import Document, Stored, stored
from .logic import Logic

__all__ = ["Index", "Matcher"]

Numbers = npt.NDArray[np.int32]
KEPT_CHANGES = 500
AT_ONCE = 2_000
_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")

_TABLES = (
    "CREATE TABLE {p}_meta (one INTEGER PRIMARY KEY, version INTEGER NOT NULL, stamp TEXT NOT NULL)",
    "CREATE TABLE {p}_change (version INTEGER PRIMARY KEY, stamp TEXT NOT NULL)",
    "CREATE TABLE {p}_record (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, "
    "gone INTEGER NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL, length {real} NOT NULL, "
    "facets TEXT NOT NULL, languages TEXT NOT NULL, evidence INTEGER NOT NULL, completeness {real} NOT NULL, "
    "digest TEXT NOT NULL)",
    "CREATE INDEX {p}_record_version ON {p}_record (version)",
    "CREATE TABLE {p}_term (token {text} PRIMARY KEY, records INTEGER NOT NULL)",
    "INSERT INTO {p}_meta (one, version, stamp) VALUES (1, 0, '')",
    "INSERT INTO {p}_change (version, stamp) VALUES (0, '')",
)
_NAMES = ("meta", "change", "record", "term")
_ROW = (
    "INSERT INTO {p}_record (number, id, version, gone, title, body, length, facets, languages, evidence, "
    "completeness, digest) VALUES (?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (number) DO UPDATE SET "
    "version = excluded.version, gone = 0, title = excluded.title, body = excluded.body, "
    "length = excluded.length, facets = excluded.facets, languages = excluded.languages, "
    "evidence = excluded.evidence, completeness = excluded.completeness, digest = excluded.digest"
)
_TERM = (
    "INSERT INTO {p}_term (token, records) VALUES (?, ?) "
    "ON CONFLICT (token) DO UPDATE SET records = {p}_term.records + excluded.records"
)


class Matcher(Protocol):
    """Another engine that answers which rows fulfil a logic; the database stays the truth."""

    def rows(self, index: Index, logic: Logic, titles: bool) -> Numbers:
        """Return the numbers of the rows that fulfil `logic`, in any order."""
        ...


class Index:
    """Tables of the search on one connection.

    Parameters
    ----------
    connection : DB-API 2.0 connection
        Of ``sqlite3``, of psycopg, or Django's own; changes are not committed here.
    dialect : str
        ``sqlite`` or ``postgresql``.
    name : str
        What the names of all tables begin with.
    marks : str
        How the connection writes a value in a statement, ``?`` or ``%s``; by default what fits.
    matcher : Matcher, optional
        Another engine for the words, such as `isopolis.learn.search.tantivy.Tantivy`.

    Raises
    ------
    CallError
        For an unknown dialect or a name that is none.
    """

    def __init__(
        self,
        connection: Any,
        dialect: str,
        name: str = "library_search",
        marks: str = "",
        matcher: Matcher | None = None,
    ) -> None:
        if dialect not in DIALECTS:
            raise CallError(f'no search on "{dialect}": {near(dialect, DIALECTS)}')
        if not _NAME.fullmatch(name):
            raise CallError(f'"{name}" cannot begin the names of tables: small letters, digits and _ only')
        plain = type(connection).__module__.startswith("sqlite3")
        self.connection, self.name, self.matcher = connection, name, matcher
        self.dialect = DIALECTS[dialect]
        self._marks = marks or ("?" if plain else "%s")

    # -- tables ---------------------------------------------------------------------------------
    def create_tables(self) -> None:
        """Make the tables; they must not be there."""
        for statement in (*_TABLES, *self.dialect.create()):
            self._run(statement)

    def drop_tables(self) -> None:
        """Take the tables away, if they are there."""
        for statement in (*self.dialect.drop(), *(f"DROP TABLE IF EXISTS {{p}}_{n}" for n in _NAMES)):
            self._run(statement)

    # -- changes --------------------------------------------------------------------------------
    def put(self, documents: Iterable[Document]) -> int:
        """Take documents in, or anew; return how many were not there just so.

        Raises
        ------
        CallError
            When the same id is given twice.
        """
        given = [stored(d) for d in documents]
        twice = [i for i, times in Counter(s.id for s in given).items() if times > 1]
        if twice:
            raise CallError(f'record "{twice[0]}" is given twice')
        version, stamp = self._start()
        old = self._rows_of([s.id for s in given])
        new = [s for s in given if s.id not in old or old[s.id][4] != s.digest]
        if not new:
            return 0
        self._forget([old[s.id] for s in new if s.id in old])
        top = self._ask("SELECT COALESCE(MAX(number), 0) FROM {p}_record")[0][0]
        fresh = iter(range(top + 1, top + 1 + len(new)))
        numbers = [old[s.id][0] if s.id in old else next(fresh) for s in new]
        self._many(_ROW, [_values(n, version, s) for n, s in zip(numbers, new, strict=True)])
        self._many(
            self.dialect.take_in(),
            [self.dialect.given((n, s.title, s.body)) for n, s in zip(numbers, new, strict=True)],
        )
        self._count(Counter(t for s in new for t in s.tokens))
        self._finish(version, stamp, [s.digest for s in new])
        return len(new)

    def remove(self, ids: Iterable[str]) -> int:
        """Take records out; return how many were there."""
        version, stamp = self._start()
        gone = list(self._rows_of(list(ids)).values())
        gone = [row for row in gone if row[4]]
        if not gone:
            return 0
        self._forget(gone)
        self._many(
            "UPDATE {p}_record SET version = ?, gone = 1, title = '', body = '', facets = '{{}}', "
            "languages = '', digest = '' WHERE number = ?",
            [(version, row[0]) for row in gone],
        )
        self._finish(version, stamp, [f"-{row[1]}" for row in gone])
        return len(gone)

    def replace_all(self, documents: Iterable[Document]) -> int:
        """Make the index hold exactly these; return how many were changed or taken out."""
        given = list(documents)
        kept = {d.id for d in given}
        there = [row[0] for row in self._ask("SELECT id FROM {p}_record WHERE gone = 0")]
        return self.remove(i for i in there if i not in kept) + self.put(given)

    def _start(self) -> tuple[int, str]:
        # the update first: it makes a second writer wait until this one has done
        self._run("UPDATE {p}_meta SET version = version + 1 WHERE one = 1")
        (version, stamp), *_ = self._ask("SELECT version, stamp FROM {p}_meta")
        return int(version), str(stamp)

    def _finish(self, version: int, stamp: str, digests: Sequence[str]) -> None:
        # a chain: the same stamp means the same history, also in another process
        stamp = hashlib.sha256("\n".join([stamp, *digests]).encode()).hexdigest()
        self._run("UPDATE {p}_meta SET stamp = ? WHERE one = 1", stamp)
        self._run("INSERT INTO {p}_change (version, stamp) VALUES (?, ?)", version, stamp)
        self._run("DELETE FROM {p}_change WHERE version < ?", version - KEPT_CHANGES)

    def _rows_of(self, ids: Sequence[str]) -> dict[str, tuple[int, str, str, str, str]]:
        found: dict[str, tuple[int, str, str, str, str]] = {}
        for start in range(0, len(ids), 500):
            some = ids[start : start + 500]
            marks = ", ".join("?" * len(some))
            question = f"SELECT number, id, title, body, digest FROM {{p}}_record WHERE id IN ({marks})"
            found |= {row[1]: tuple(row) for row in self._ask(question, *some)}  # type: ignore[misc]
        return found

    def _forget(self, rows: Sequence[tuple[int, str, str, str, str]]) -> None:
        rows = [row for row in rows if row[4]]  # one that was removed before is in no word
        self._many(self.dialect.take_out(), [self.dialect.taken((r[0], r[2], r[3])) for r in rows])
        lost = Counter(t for r in rows for t in _tokens(r[2], r[3]))
        self._count({t: -n for t, n in lost.items()})
        if lost:
            self._run("DELETE FROM {p}_term WHERE records <= 0")

    def _count(self, tokens: Mapping[str, int]) -> None:
        self._many(_TERM, sorted(tokens.items()))

    # -- questions ------------------------------------------------------------------------------
    def columns(self) -> Columns:
        """Return facets and numbers of all records as arrays, kept between calls while nothing changes."""
        ((version, stamp),) = self._ask(
            "SELECT c.version, c.stamp FROM {p}_change c JOIN {p}_meta m ON c.stamp = m.stamp "
            "ORDER BY c.version DESC LIMIT 1"
        )
        return remembered(self, int(version), str(stamp))

    def changes(self, stamps: Sequence[str]) -> dict[str, int]:
        """Return the versions of those stamps that lie in this index's past."""
        marks = ", ".join("?" * len(stamps))
        question = f"SELECT stamp, version FROM {{p}}_change WHERE stamp IN ({marks})"
        return {str(s): int(v) for s, v in self._ask(question, *stamps)} if stamps else {}

    def rows_since(self, version: int) -> list[tuple[Any, ...]]:
        """Return number, id, gone, length, facets, languages, evidence, completeness of what came after."""
        return self._ask(
            "SELECT number, id, gone, length, facets, languages, evidence, completeness FROM {p}_record "
            "WHERE version > ? ORDER BY number",
            version,
        )

    def rows(self, logic: Logic, titles: bool = False) -> Numbers:
        """Return the numbers of the rows that fulfil `logic`, rising; `titles` looks at titles only."""
        if self.matcher is not None:
            return np.sort(self.matcher.rows(self, logic, titles))
        statement, value = self.dialect.match(logic, titles)
        # one text of many numbers: a tuple for each would take four times as long
        ((numbers,),) = self._ask(statement, value)
        return np.sort(np.fromstring(numbers or "", np.int32, sep=","))

    def frequencies(self, tokens: Iterable[str]) -> dict[str, int]:
        """Return in how many records each token stands; one that stands in none is left out."""
        wanted = sorted(set(tokens))
        found: dict[str, int] = {}
        for start in range(0, len(wanted), 500):
            some = wanted[start : start + 500]
            marks = ", ".join("?" * len(some))
            found |= dict(self._ask(f"SELECT token, records FROM {{p}}_term WHERE token IN ({marks})", *some))
        return found

    def beginning(self, start: str, most: int = 40) -> dict[str, int]:
        """Return tokens that begin so, in their order, with the number of records of each."""
        end = start[:-1] + chr(ord(start[-1]) + 1)
        question = "SELECT token, records FROM {p}_term WHERE token >= ? AND token < ? ORDER BY token LIMIT ?"
        return dict(self._ask(question, start, end, most))

    def strings(self, numbers: Numbers) -> list[tuple[int, str, str]]:
        """Return number, title and body of rows, in the order of `numbers`."""
        found: dict[int, tuple[int, str, str]] = {}
        for start in range(0, len(numbers), AT_ONCE):
            some = ", ".join(str(int(n)) for n in numbers[start : start + AT_ONCE])
            question = f"SELECT number, title, body FROM {{p}}_record WHERE number IN ({some})"
            found |= {row[0]: row for row in self._ask(question)}  # type: ignore[misc]
        return [found[int(n)] for n in numbers]

    def everything(self) -> list[tuple[int, str, str]]:
        """Return number, title and body of all records that are there."""
        return [tuple(r) for r in self._ask("SELECT number, title, body FROM {p}_record WHERE gone = 0")]  # type: ignore[misc]

    # -- the connection ---------------------------------------------------------------------------
    def _said(self, statement: str) -> str:
        said = statement.format(p=self.name, real=self.dialect.real, text=self.dialect.text)
        return said if self._marks == "?" else said.replace("?", self._marks)

    def _run(self, statement: str, *values: Any) -> None:
        cursor = self.connection.cursor()
        try:
            cursor.execute(self._said(statement), *([values] if values else []))
        finally:
            cursor.close()

    def _many(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        if rows:
            cursor = self.connection.cursor()
            try:
                cursor.executemany(self._said(statement), rows)
            finally:
                cursor.close()

    def _ask(self, question: str, *values: Any) -> list[tuple[Any, ...]]:
        cursor = self.connection.cursor()
        try:
            cursor.execute(self._said(question), *([values] if values else []))
            return list(cursor.fetchall())
        finally:
            cursor.close()


def _tokens(title: str, body: str) -> frozenset[str]:
    return Stored("", title, body, 0.0, "", "", 0, 0.0, "").tokens


def _values(number: int, version: int, row: Stored) -> tuple[Any, ...]:
    return (
        number, row.id, version, row.title, row.body, row.length, row.facets, row.languages, row.evidence,
        row.completeness, row.digest,
    )  # fmt: skip
