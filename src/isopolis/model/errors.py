"""What can be wrong, and how it is said.

Exceptions::

    IsopolisError
    ├── DataError      the data says no: one or more problems, all collected (exit code 1)
    └── CallError      the call is wrong: an unknown name, a bad option (exit code 2)
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from .text import joint, phrase, phrases

__all__ = ["CallError", "DataError", "IsopolisError", "Problem", "Problems", "near"]

ROWS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing found in the input, with its place and what to do next.

    Parameters
    ----------
    code : str
        Stable machine name, ``kebab-case``.
    message : str
        One sentence naming the thing that is wrong.
    file, column, value : str, optional
        The place and the offending text, as they stand in the file.
    rows : tuple of int
        First few row numbers as a spreadsheet counts them (the heading is row 1).
    count : int
        How many rows or items are concerned in all.
    rule : str
        What was allowed.
    hint : str
        What to do next.
    fatal : bool
        True when going on would make a result wrong; False for a caveat.
    """

    code: str
    message: str
    file: str | None = None
    rows: tuple[int, ...] = ()
    column: str | None = None
    value: str | None = None
    rule: str = ""
    hint: str = ""
    count: int = 1
    fatal: bool = True

    def place(self) -> str:
        """Say where: ``population.csv, row 12, column "age"``."""
        parts = [self.file] if self.file else []
        if self.rows:
            parts.append(self._rows())
        if self.column:
            parts.append(phrase('column "{column}"', column=self.column))
        return joint(parts, ", ")

    def _rows(self) -> str:
        shown = ", ".join(str(r) for r in self.rows[:ROWS_SHOWN])
        more = self.count - len(self.rows[:ROWS_SHOWN])
        if more > 0:
            return phrase("rows {rows} and {n} more", rows=shown, n=more)
        one = len(self.rows) == 1 and self.count == 1
        return phrase("row {rows}", rows=shown) if one else phrase("rows {rows}", rows=shown)

    def said(self) -> str:
        """Say it in full: place, what is wrong, what stood there, what was allowed, what to do."""
        text = self.message
        if self.value is not None:
            text = phrase('{message} (found "{value}")', message=text, value=self.value)
        if self.value is not None or not self.message.endswith((".", "?", "!")):
            # questions ("did you mean ...?") end by themselves
            text = phrase("{sentence}.", sentence=text)
        if self.place():
            text = phrase("{place}: {sentence}", place=self.place(), sentence=text)
        rule = phrase("Allowed: {rule}.", rule=self.rule) if self.rule else ""
        return joint((text, rule, self.hint))

    def __str__(self) -> str:
        return str(self.said())

    def to_dict(self) -> dict[str, Any]:
        """Return the plain JSON form."""
        return {
            "code": self.code,
            "message": self.message,
            "file": self.file,
            "rows": list(self.rows[:ROWS_SHOWN]),
            "count": self.count,
            "column": self.column,
            "value": self.value,
            "rule": self.rule,
            "hint": self.hint,
            "fatal": self.fatal,
        }


class IsopolisError(Exception):
    """Base of every error that a user is meant to read."""


class CallError(IsopolisError):
    """The call is wrong (exit code 2)."""


class DataError(IsopolisError):
    """The data does not allow a right answer (exit code 1).

    Attributes
    ----------
    problems : tuple of Problem
        Everything found, fatal ones first.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: not p.fatal))
        super().__init__("\n".join(str(p) for p in self.problems))

    def __reduce__(self) -> tuple[type[DataError], tuple[tuple[Problem, ...]]]:
        return (type(self), (self.problems,))


class Problems:
    """A notebook in which a reader collects what it finds, to raise once."""

    def __init__(self) -> None:
        self._items: list[Problem] = []

    def __iter__(self) -> Iterator[Problem]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def add(self, problem: Problem) -> None:
        """Write one problem down."""
        self._items.append(problem)

    def error(self, code: str, message: str, **where: Any) -> None:
        """Write down a problem that must stop the run."""
        self.add(Problem(code, message, fatal=True, **where))

    def caveat(self, code: str, message: str, **where: Any) -> None:
        """Write down something that the report must say."""
        self.add(Problem(code, message, fatal=False, **where))

    @property
    def fatal(self) -> bool:
        """True when at least one problem must stop the run."""
        return any(p.fatal for p in self._items)

    def raise_if_fatal(self) -> None:
        """Raise `DataError` with everything found when something is fatal."""
        if self.fatal:
            raise DataError(self._items)


def near(word: str, allowed: Iterable[str]) -> str:
    """Suggest the closest allowed names, or list them all when they are few."""
    names = list(allowed)
    close = difflib.get_close_matches(word, names, n=3, cutoff=0.5)
    if close:
        return phrase("did you mean {names}?", names=_either([f'"{c}"' for c in close]))
    if 0 < len(names) <= 12:
        return phrase("there is {names}.", names=joint([f'"{n}"' for n in names], ", "))
    if not names:
        return phrase("there is none.")
    return phrases("there is {n} to choose from.", "there are {n} to choose from.", len(names))


def _either(names: list[str]) -> str:
    said = names[0]
    for name in names[1:]:
        said = phrase("{first} or {last}", first=said, last=name)
    return said
