"""What two databases say differently: their tables and their full-text search."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from .analyser import GAP
from .logic import Logic, to_fts5, to_tsquery

__all__ = ["DIALECTS", "Dialect", "vector"]

Row = tuple[int, str, str]
"""Number, title and body."""


class Dialect(Protocol):
    """One database's way; `{p}` in statements is the name that all tables begin with."""

    real: str
    text: str

    def create(self) -> Sequence[str]:
        """Return the statements that make the full-text table."""
        ...

    def drop(self) -> Sequence[str]:
        """Return the statements that take it away."""
        ...

    def take_in(self) -> str:
        """Return the statement that makes a row findable."""
        ...

    def given(self, row: Row) -> tuple[Any, ...]:
        """Return the values for `take_in`."""
        ...

    def take_out(self) -> str:
        """Return the statement that makes it unfindable."""
        ...

    def taken(self, row: Row) -> tuple[Any, ...]:
        """Return the values for `take_out`."""
        ...

    def match(self, logic: Logic, titles: bool) -> tuple[str, str]:
        """Return the question for the numbers of fitting rows, with commas between, and its one value."""
        ...


class Sqlite:
    """FTS5 without content of its own; ``unicode61`` leaves tokens of letters and digits as they are."""

    real, text = "REAL", "TEXT"

    def create(self) -> Sequence[str]:
        """Return the statements that make the full-text table."""
        return (
            "CREATE VIRTUAL TABLE {p}_words USING fts5(title, body, content='', detail=full, "
            "tokenize='unicode61 remove_diacritics 0')",
        )

    def drop(self) -> Sequence[str]:
        """Return the statements that take it away."""
        return ("DROP TABLE IF EXISTS {p}_words",)

    def take_in(self) -> str:
        """Return the statement that makes a row findable."""
        return "INSERT INTO {p}_words(rowid, title, body) VALUES (?, ?, ?)"

    def given(self, row: Row) -> tuple[Any, ...]:
        """Return the values for `take_in`."""
        return row

    def take_out(self) -> str:
        """Return the statement that makes it unfindable; it needs the text that was taken in."""
        return "INSERT INTO {p}_words({p}_words, rowid, title, body) VALUES ('delete', ?, ?, ?)"

    def taken(self, row: Row) -> tuple[Any, ...]:
        """Return the values for `take_out`."""
        return row

    def match(self, logic: Logic, titles: bool) -> tuple[str, str]:
        """Return the question for the numbers of fitting rows, with commas between, and its one value."""
        said = to_fts5(logic)
        return (
            "SELECT group_concat(rowid) FROM {p}_words WHERE {p}_words MATCH ?",
            f"{{title}} : ({said})" if titles else said,
        )


class Postgresql:
    """A ``tsvector`` written out by us, so that no parser of the server cuts the tokens again."""

    # tokens are compared byte by byte, whatever the language of the server
    real, text = "DOUBLE PRECISION", 'TEXT COLLATE "C"'

    def create(self) -> Sequence[str]:
        """Return the statements that make the full-text table."""
        return (
            "CREATE TABLE {p}_words (number INTEGER PRIMARY KEY, vector tsvector NOT NULL)",
            "CREATE INDEX {p}_words_vector ON {p}_words USING gin (vector)",
        )

    def drop(self) -> Sequence[str]:
        """Return the statements that take it away."""
        return ("DROP TABLE IF EXISTS {p}_words",)

    def take_in(self) -> str:
        """Return the statement that makes a row findable."""
        return "INSERT INTO {p}_words(number, vector) VALUES (?, CAST(? AS tsvector))"

    def given(self, row: Row) -> tuple[Any, ...]:
        """Return the values for `take_in`."""
        number, title, body = row
        return number, vector(title.split(), body.split())

    def take_out(self) -> str:
        """Return the statement that makes it unfindable."""
        return "DELETE FROM {p}_words WHERE number = ?"

    def taken(self, row: Row) -> tuple[Any, ...]:
        """Return the values for `take_out`."""
        return row[:1]

    def match(self, logic: Logic, titles: bool) -> tuple[str, str]:
        """Return the question for the numbers of fitting rows, with commas between, and its one value."""
        return (
            "SELECT string_agg(CAST(number AS TEXT), ',') FROM {p}_words WHERE vector @@ CAST(? AS tsquery)",
            to_tsquery(logic, "A" if titles else ""),
        )


def vector(title: Iterable[str], body: Iterable[str]) -> str:
    """Write a ``tsvector``: every token with its places, those of the title with the weight A.

    A gap of one place lies between title and body; `GAP` takes a place and is not written.
    """
    places: dict[str, list[str]] = {}
    place = 0
    for weight, tokens in (("A", title), ("", body)):
        for token in tokens:
            place += 1
            if token != GAP:
                places.setdefault(token, []).append(f"{place}{weight}")
        place += 1
    return " ".join(f"{token}:{','.join(at)}" for token, at in places.items())


DIALECTS: dict[str, Dialect] = {"sqlite": Sqlite(), "postgresql": Postgresql()}
