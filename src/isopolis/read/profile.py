"""What each column of a table looks like, for guessing."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .columns import Column, Table
from .not_people import is_total, meaningless, purpose
from .numbers import Decimal, Kind, parse, table_decimal

__all__ = ["Look", "Looks", "look_at"]

Floats = npt.NDArray[np.float64]
_YEAR = re.compile(r"(19|20)\d\d(-\d\d(-\d\d)?|[hHqQ][1-4])?")


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A column at a glance.

    Parameters
    ----------
    distinct : int
        Number of distinct filled cells.
    unique, filled : bool
        Whether no cell repeats; whether none is empty.
    numeric : bool
        At least nine filled cells in ten are numbers (or gaps).
    values : (n,) array
        NaN where there is no number.
    whole : bool
        Whole numbers.
    dates : bool
        Years or ISO dates.
    purpose : str
        What the heading says, see `isopolis.read.not_people.purpose`.
    """

    name: str
    distinct: int
    unique: bool
    filled: bool
    numeric: bool
    values: Floats
    whole: bool
    dates: bool
    purpose: str

    @property
    def counts(self) -> bool:
        """True when the numbers can be counts: hardly any is negative, and not all are at most 1."""
        good = self.values[np.isfinite(self.values)]
        return self.numeric and len(good) > 0 and bool((good >= 0).mean() >= 0.95) and float(good.max()) > 1


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """All columns of a table at a glance."""

    table: Table
    decimal: Decimal
    columns: dict[str, Look]
    nameless: bool

    def __getitem__(self, name: str) -> Look:
        return self.columns[name]


def look_at(table: Table) -> Looks:
    """Look at every column."""
    decimal = table_decimal(table)
    columns = {n: _look(c, decimal) for n, c in table.columns.items()}
    return Looks(table, decimal, columns, meaningless(list(table.columns)))


def _look(column: Column, decimal: Decimal) -> Look:
    codes, texts = column.coded()
    present = np.unique(codes)
    cells = [str(texts[c]) for c in present]
    full = [c for c in cells if c]
    parsed = parse(column, decimal)
    number = np.isin(parsed.kind, (Kind.NUMBER, Kind.NEGATIVE, Kind.PERCENT))
    soft = number | np.isin(parsed.kind, (Kind.MISSING, Kind.SUPPRESSED))
    filled = column.filled()
    numeric = bool(number.any()) and float(soft.mean()) >= 0.9 and number.sum() >= 0.5 * max(filled.sum(), 1)
    values = np.where(number, parsed.values, np.nan)
    good = values[number]
    said = "share" if bool((parsed.kind == Kind.PERCENT).any()) else purpose(column.name)
    return Look(
        column.name, len(full), len(full) == len(column), bool(filled.all()), numeric, values,
        numeric and bool((np.abs(good - np.round(good)) < 1e-9).mean() > 0.99) if len(good) else False,
        bool(full) and all(_YEAR.fullmatch(c) for c in full[:500]), "" if is_total(column.name) else said,
    )  # fmt: skip
