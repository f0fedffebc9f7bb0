"""Rows of a table that repeat the sum of the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from .columns import Column, Table
from .counts_long import ALL_WORDS
from .not_people import zone_word
from .numbers import looks_numeric
from .profile import Looks, look_at
from .vocabulary import plain, words

__all__ = ["find_totals", "looks_without_totals", "names_total"]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Numbers = Callable[[], Sequence[Floats]]
"""Columns of counts, NaN where there is no number; asked for only when a row is suspected."""

_TOTAL_IDS = ALL_WORDS | {
    "grand_total",
    "city_total",
    "gesamtsumme",
    "total_general",
    "total_city",
    "stadt",
    "suma",
}
_TOTAL_WORDS = frozenset(
    "total totals totale totaal totalt sum summe summa suma gesamt insgesamt gesamtsumme ensemble ogolem "
    "razem yhteensa".split()
)
_NO_COUNTS = ("share", "place", "area", "money", "code", "time", "level")


def names_total(text: str) -> bool:
    """True for a cell such as ``Total`` or ``Summe:``; ids mostly hold digits, or are letters like T."""
    return not any(c.isdigit() for c in text) and plain(text) in _TOTAL_IDS and len(plain(text)) > 2


def _speaks_of_total(text: str) -> bool:
    """True for ``Total Barcelona`` too, which a zone could be called: only its numbers can tell."""
    if any(c.isdigit() for c in text):
        return False
    found = words(text)
    return plain(text) in _TOTAL_IDS or (bool(found) and bool({found[0], found[-1]} & _TOTAL_WORDS))


def find_totals(
    table: Table,
    zone: str,
    numbers: Numbers,
    known: frozenset[str] = frozenset(),
    *,
    wide: bool,
    share: float,
) -> list[int]:
    """Find the rows that hold totals: named so, or the sum of the others at the end of the table.

    Parameters
    ----------
    table : Table
    zone : str
        Column of zone ids.
    numbers : callable
        Returns the columns of counts.
    known : frozenset of str
        Ids of the outlines, which are zones whatever they are called.
    wide : bool
        True for a row per zone; rows of a long table repeat their zone.
    share : float
        Part of the columns in which a row must be the sum.

    Returns
    -------
    list of int
        Positions of rows.
    """
    n = len(table)
    if n < 3:
        return []
    codes, texts = table[zone].coded()
    named = np.array([names_total(str(t)) and str(t) not in known for t in texts], dtype=bool)[codes]
    new = np.array([str(t) not in known for t in texts], dtype=bool)[codes]
    blank = (texts == "")[codes]
    last = np.arange(n) >= n - 2
    strange = last & new if wide and n >= 5 else np.zeros(n, dtype=bool)
    told = _told(table) & new if wide else np.zeros(n, dtype=bool)
    suspects = np.flatnonzero(named | told | (last & blank) | strange)
    few = len(suspects) < n / 2
    out: list[int] = []
    columns: Sequence[Floats] | None = None
    for i in suspects.tolist():
        if few and (named[i] or (blank[i] and told[i])):
            out.append(i)
            continue
        columns = numbers() if columns is None else columns
        if _is_sum(columns, i, bool(blank[i]), bool(told[i]), share):
            out.append(i)
    return out


def _told(table: Table) -> Flags:
    """(n,) True where some cell of text speaks of a total."""
    out = np.zeros(len(table), dtype=bool)
    for column in table.columns.values():
        if column.texts is None or looks_numeric(column.texts.tolist(), 0.9):
            continue
        codes, texts = column.coded()
        hit = np.array([_speaks_of_total(str(t)) for t in texts], dtype=bool)
        if hit.any() and hit[codes].mean() < 0.5:
            out |= hit[codes]
    return out


def _is_sum(columns: Sequence[Floats], i: int, blank: bool, told: bool, share: float) -> bool:
    """True when the row equals the sum of the others in most of its counts, of which there are some."""
    slack = 0.01 if blank or told else 1e-9
    hits = []
    for values in columns:
        value = values[i]
        if not np.isfinite(value):
            continue
        sums = [float(np.nansum(values[:i]))] + [float(np.nansum(values)) - value] * told
        hits.append(value > 0 and any(abs(s - value) <= slack * value for s in sums))
    # one number alone can be the sum of the others by chance
    return len(hits) >= (1 if blank else 2) and float(np.mean(hits)) >= share


def looks_without_totals(looks: Looks) -> tuple[Looks, tuple[int, ...]]:
    """Leave out rows of totals before anything is guessed.

    Returns
    -------
    looks, rows
        Without these rows; their numbers as a spreadsheet counts them.
    """
    table = looks.table

    def numbers() -> list[Floats]:
        some = [k for k in looks.columns.values() if k.counts and not k.dates]
        return [k.values for k in some if k.purpose not in _NO_COUNTS]

    drop: set[int] = set()
    for name, look in looks.columns.items():
        # the zone is not known yet: any column that could hold it may name the total
        if not look.dates and look.distinct >= 2 and (table[name].texts is not None or not look.filled):
            found = find_totals(table, name, numbers, wide=True, share=0.5)
            if found and _could_be_zone(table, name, found):
                drop |= set(found)
    drop |= set() if drop else set(_sums_at_the_end(table, numbers()))
    if not drop:
        return looks, ()
    rows = np.array(sorted(drop), dtype=np.int64)
    keep = np.ones(len(table), dtype=bool)
    keep[rows] = False
    return look_at(_only_present(table.take(np.flatnonzero(keep)))), table.shown(rows)


def _only_present(table: Table) -> Table:
    """Forget the texts of rows that are gone: "Total" among ids would look like an id."""
    columns = {}
    for name, column in table.columns.items():
        columns[name] = column
        if column.texts is not None:
            codes, texts = column.coded()
            present, again = np.unique(codes, return_inverse=True)
            columns[name] = Column(name, codes=again.astype(np.int32).ravel(), texts=texts[present])
    return Table(table.file, columns, table.row_numbers, table.decimal, table.delimiter)


def _could_be_zone(table: Table, column: str, drop: list[int]) -> bool:
    codes, texts = table[column].coded()
    rest = np.delete(codes, drop)
    return zone_word(column) or (len(np.unique(rest)) == len(rest) and not (texts == "")[rest].any())


def _sums_at_the_end(table: Table, columns: Sequence[Floats]) -> list[int]:
    if len(table) < 5:
        return []
    return [i for i in (len(table) - 2, len(table) - 1) if _is_sum(columns, i, False, False, 0.5)]
