"""Facets and numbers of all records as arrays, so that counting them for 100,000 costs milliseconds.

They are read from the database once and then only what has changed; the stamp of the index says
which state they belong to.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from .index import Index

__all__ = ["Columns", "remembered"]

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
REMEMBERED = 4
FEW = 4
"""Below a quarter of all records, hits are counted one by one."""


@dataclass(frozen=True, eq=False)
class Columns:
    """All records of one state of the index; arrays are indexed by the number of the row.

    Parameters
    ----------
    version, stamp
        The state.
    ids : list of str
    live : (N,) bool array
        False where there is no record.
    length, completeness : (N,) array
    evidence : (N,) int array
    values : tuple of (str, str)
        Field and value of each facet option.
    starts : (V + 1,) int array
        Where the rows of an option begin in `rows`.
    rows : (P,) int array
        Numbers of the rows, option by option.
    by_row : (N + 1,) int array
        Where the options of a row begin in `codes`.
    codes : (P,) int array
        Places of the options in `values`, row by row.
    languages : tuple of str
        In which there are texts.
    """

    version: int
    stamp: str
    ids: list[str]
    live: Bools
    length: Floats
    completeness: Floats
    evidence: Ints
    values: tuple[tuple[str, str], ...]
    starts: npt.NDArray[np.int64]
    rows: Ints
    by_row: npt.NDArray[np.int64]
    codes: Ints
    languages: tuple[str, ...]
    _code: dict[tuple[str, str], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._code.update({v: i for i, v in enumerate(self.values)})

    @property
    def count(self) -> int:
        """Number of records."""
        return int(self.live.sum())

    @property
    def mean_length(self) -> float:
        """Mean number of words of a record; 1 when there is none."""
        return float(self.length[self.live].mean()) if self.live.any() else 1.0

    def rows_of(self, name: str, value: str) -> Ints:
        """Return the numbers of the rows that have a value of a facet."""
        code = self._code.get((name, value))
        return self.rows[:0] if code is None else self.rows[self.starts[code] : self.starts[code + 1]]

    def having(self, name: str, values: Iterable[str]) -> Bools:
        """Return True for the rows that have one of the values."""
        found = np.zeros(len(self.live), bool)
        for value in values:
            found[self.rows_of(name, value)] = True
        return found

    def marked(self, terms: Iterable[str]) -> Bools:
        """Return True for the rows that have one of these ids of the vocabulary in any facet."""
        wanted = set(terms)
        found = np.zeros(len(self.live), bool)
        for code, (_, value) in enumerate(self.values):
            if value in wanted:
                found[self.rows[self.starts[code] : self.starts[code + 1]]] = True
        return found

    def counts(self, hits: Bools) -> npt.NDArray[np.int64]:
        """Return how many of `hits` have each option."""
        out = np.zeros(len(self.values), np.int64)
        numbers = np.flatnonzero(hits)
        if len(numbers) * FEW < len(hits):
            # few hits: look at their options only
            begin, many = self.by_row[numbers], self.by_row[numbers + 1] - self.by_row[numbers]
            shift = (
                np.repeat(begin - np.concatenate(([0], np.cumsum(many)[:-1])), many) if len(many) else begin
            )
            codes = self.codes[np.arange(len(shift)) + shift]
            return out + np.bincount(codes, minlength=len(out)) if len(codes) else out
        used = np.flatnonzero(self.starts[1:] > self.starts[:-1])
        if len(used):
            inside = hits.view(np.uint8)[self.rows]
            out[used] = np.add.reduceat(inside, self.starts[used], dtype=np.int64)
        return out

    def facets_of(self, number: int) -> dict[str, tuple[str, ...]]:
        """Return the facets of one row."""
        out: dict[str, list[str]] = {}
        for code in self.codes[self.by_row[number] : self.by_row[number + 1]].tolist():
            name, value = self.values[code]
            out.setdefault(name, []).append(value)
        return {k: tuple(v) for k, v in out.items()}


_lock = threading.Lock()
_kept: OrderedDict[tuple[str, int], Columns] = OrderedDict()


def remembered(index: Index, version: int, stamp: str) -> Columns:
    """Return the columns of a state, from memory or from the nearest earlier state in it."""
    with _lock:
        known = dict(_kept)
    if (stamp, version) in known:
        return known[stamp, version]
    past = index.changes([s for s, _ in known])
    earlier = [c for (s, v), c in known.items() if past.get(s) == v and v < version]
    base = max(earlier, key=lambda c: c.version, default=None)
    made = _after(base, index.rows_since(base.version if base else -1), version, stamp)
    with _lock:
        _kept[stamp, version] = made
        while len(_kept) > REMEMBERED:
            _kept.popitem(last=False)
    return made


def _after(base: Columns | None, rows: Sequence[Sequence[Any]], version: int, stamp: str) -> Columns:
    """Return the columns of `base` with rows changed."""
    top = max([len(base.ids) - 1 if base else 0, *(int(r[0]) for r in rows)])
    ids = [*(base.ids if base else [""]), *[""] * (top + 1 - (len(base.ids) if base else 1))]
    live, length = (
        _grown(base.live if base else None, top, bool),
        _grown(base.length if base else None, top, np.float64),
    )
    complete = _grown(base.completeness if base else None, top, np.float64)
    evidence = _grown(base.evidence if base else None, top, np.int32)
    values = list(base.values) if base else []
    code = {v: i for i, v in enumerate(values)}
    languages = set(base.languages) if base else set()
    pairs_row, pairs_code = [], []
    for number, id_, gone, long, facets, langs, grade, full in rows:
        ids[number], live[number] = id_, not gone
        length[number], evidence[number], complete[number] = long, grade, full
        languages |= set(langs.split())
        for name, options in json.loads(facets).items() if not gone else ():
            for value in options:
                pairs_row.append(number)
                pairs_code.append(code.setdefault((name, value), len(code)))
    values = list(code)
    old_rows, old_codes = _kept_pairs(base, np.array([r[0] for r in rows], np.int64), top)
    all_rows = np.concatenate([old_rows, np.array(pairs_row, np.int32)])
    all_codes = np.concatenate([old_codes, np.array(pairs_code, np.int32)])
    order, back = np.lexsort((all_rows, all_codes)), np.lexsort((all_codes, all_rows))
    return Columns(
        version, stamp, ids, live, length, complete, evidence, tuple(values),
        _starts(all_codes, len(values)), all_rows[order].astype(np.int32),
        _starts(all_rows, top + 1), all_codes[back].astype(np.int32), tuple(sorted(languages)),
    )  # fmt: skip


def _starts(keys: Ints, many: int) -> npt.NDArray[np.int64]:
    """Return where each key begins when they are sorted."""
    return np.concatenate(([0], np.cumsum(np.bincount(keys, minlength=many)))).astype(np.int64)


def _grown(old: npt.NDArray[Any] | None, top: int, kind: Any) -> npt.NDArray[Any]:
    new = np.zeros(top + 1, kind)
    if old is not None:
        new[: len(old)] = old
    return new


def _kept_pairs(base: Columns | None, changed: npt.NDArray[np.int64], top: int) -> tuple[Ints, Ints]:
    if base is None:
        return np.zeros(0, np.int32), np.zeros(0, np.int32)
    codes = np.repeat(np.arange(len(base.values), dtype=np.int32), np.diff(base.starts))
    gone = np.zeros(top + 1, bool)
    gone[changed] = True
    stays = ~gone[base.rows]
    return base.rows[stays], codes[stays]
