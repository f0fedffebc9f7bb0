"""What is asked of a siting: who lives where, what could be opened or closed, and within which limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError
from isopolis.model.counts import frozen
from isopolis.model.errors import near
from isopolis.model.pickling import as_fields
from isopolis.model.text import phrase

__all__ = ["MEASURES", "OBJECTIVES", "Matrix", "Question"]

MEASURES = ("within", "shortfall")
OBJECTIVES = ("leximin", "ede", "total")

Whole = npt.NDArray[np.int64]
Matrix = (
    npt.NDArray[np.integer[Any]]
    | tuple[npt.NDArray[np.integer[Any]], npt.NDArray[np.integer[Any]], npt.NDArray[np.integer[Any]]]
)
"""Costs of all pairs, (O, C), or by rows (CSR): where rows begin, columns, costs."""

PARTS_OF_A_PERSON = 1000
LARGEST = 2**62


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """Where should new sites go, and for whose sake.

    A person's *loss* is 0 within the standard and 1 otherwise (``measure="within"``), or the time beyond
    the standard, at most up to `longest` (``measure="shortfall"``; with a standard of 0 the capped time
    itself). Somebody who reaches nothing has the largest loss there is, and is counted apart in every level.
    A group's loss is the mean over its people, as an exact fraction.

    Parameters
    ----------
    groups : (G,) sequence of str
        Names, unique. Groups may overlap.
    people : (O, G) array, at least 0
        People of each group at each origin. Counts that are not whole are taken to a thousandth of a person.
    existing : (O,) array of int, milliseconds
        Time to the nearest of the sites that stay in any case; -1 where none can be reached.
    ids : (C,) sequence of str
        Names of the candidates, unique. Ties are broken by them, never by the order of the columns.
    costs : (O, C) array of int, or (indptr, indices, costs); milliseconds
        Time from every origin to every candidate; -1, or no entry, where it cannot be reached.
    prices : (C,) array, euros, at least 0
        For opening a candidate; whole cents.
    standard : int, milliseconds
        Time that anybody should need at most, inclusive.
    measure : {"within", "shortfall"}
    objective : {"leximin", "ede", "total"}
        The worst-off group first, then the next; the Kolm–Pollak equally-distributed equivalent over groups;
        or everyone's sum: maximal covering (MCLP) for ``within`` and the p-median for ``shortfall``.
    longest : int, milliseconds
        Only for ``shortfall``: what lies beyond counts as this long.
    budget : float, euros, optional
    sites : int, optional
        How many may be opened at most. A budget or a number of sites, or both, must be given.
    open_now : (C,) array of bool, optional
        Candidates that are open today and may be closed (closing one and opening another is a move).
    closing : (C,) array, euros, optional
        What closing costs; below 0 where it saves. 0 when not given.
    closures : int, optional
        How many may be closed at most; as many as are open when not given.
    everyone : (O,) array, optional
        All people at an origin, for ``total``; the sum of the groups when not given, which is right only
        when groups do not overlap.
    aversion : float, above 0
        Only for ``ede``: how much more the worse-off count.

    Raises
    ------
    CallError
        If lengths disagree, a number is outside its range, or a name is unknown or repeated.
    """

    groups: Sequence[str]
    people: npt.NDArray[Any]
    existing: npt.NDArray[np.integer[Any]]
    ids: Sequence[str]
    costs: Matrix
    prices: npt.NDArray[Any]
    standard: int
    measure: str = "within"
    objective: str = "leximin"
    longest: int = 3_600_000
    budget: float | None = None
    sites: int | None = None
    open_now: npt.NDArray[np.bool_] | None = None
    closing: npt.NDArray[Any] | None = None
    closures: int | None = None
    everyone: npt.NDArray[Any] | None = None
    aversion: float = 1.0

    def __post_init__(self) -> None:
        put, many = object.__setattr__, len(self.ids)
        # texts that can be said in other languages stay so
        put(self, "groups", tuple(g if isinstance(g, str) else str(g) for g in self.groups))
        put(self, "ids", tuple(i if isinstance(i, str) else str(i) for i in self.ids))
        put(self, "people", frozen(self.people))
        put(self, "existing", frozen(self.existing, np.int64))
        put(self, "prices", frozen(self.prices))
        put(self, "open_now", frozen(_or(self.open_now, many, False), np.bool_))
        put(self, "closing", frozen(_or(self.closing, many, 0.0)))
        put(self, "costs", _by_rows(self.costs, len(self.existing), many))
        if self.everyone is not None:
            put(self, "everyone", frozen(self.everyone))
        self._check_names()
        self._check_numbers()

    def __reduce__(self) -> tuple[Any, ...]:
        return as_fields(self)

    def _check_names(self) -> None:
        for name, allowed in (("measure", MEASURES), ("objective", OBJECTIVES)):
            given = getattr(self, name)
            if given not in allowed:
                raise CallError(
                    phrase(
                        'there is no {what} "{name}": {near}',
                        what=name,
                        name=given,
                        near=near(given, allowed),
                    )
                )
        for what, names in (("groups", self.groups), ("candidates", self.ids)):
            if len(set(names)) != len(names):
                raise CallError(phrase("the names of {what} must be unique", what=what))
        if not self.groups:
            raise CallError(phrase("a siting needs at least one group of people"))

    def _check_numbers(self) -> None:
        origins, many = len(self.existing), len(self.ids)
        assert self.open_now is not None
        assert self.closing is not None
        if self.people.shape != (origins, len(self.groups)):
            raise CallError(phrase("people need one row for each origin and one column for each group"))
        if any(len(a) != many for a in (self.prices, self.open_now, self.closing)):
            raise CallError(
                phrase("every candidate needs a price, and whether it is open today or not at all")
            )
        if self.everyone is not None and self.everyone.shape != (origins,):
            raise CallError(phrase("everyone needs one number for each origin"))
        counts = [self.people] if self.everyone is None else [self.people, self.everyone]
        if any(not np.isfinite(a).all() or (a < 0).any() for a in (*counts, self.prices)):
            raise CallError(phrase("people and prices must be known and 0 or more"))
        if not np.isfinite(self.closing).all():
            raise CallError(phrase("what closing a site costs or saves must be known"))
        if self.budget is None and self.sites is None:
            raise CallError(phrase("a siting needs a budget, a number of sites, or both"))
        limits = (self.budget, self.sites, self.closures)
        if any(x is not None and (not isfinite(x) or x < 0) for x in limits):
            raise CallError(phrase("a budget and a number of sites must be 0 or more"))
        if self.standard < 0 or (self.measure == "shortfall" and self.longest <= self.standard):
            raise CallError(phrase("the longest time that counts must be longer than the standard"))
        if not (isfinite(self.aversion) and self.aversion > 0):
            raise CallError(phrase("the aversion to inequality must be above 0"))
        if self.existing.size and self.existing.min() < -1:
            raise CallError(phrase("times must be 0 or more, or -1 where nothing can be reached"))


def _or(given: npt.ArrayLike | None, many: int, missing: object) -> npt.ArrayLike:
    return np.full(many, missing) if given is None else given


def _by_rows(costs: Matrix, origins: int, many: int) -> tuple[Whole, Whole, Whole]:
    """Bring both forms to rows (CSR) that hold what can be reached only."""
    if isinstance(costs, tuple):
        indptr, indices, values = (np.asarray(a, dtype=np.int64) for a in costs)
        fits = len(indptr) == origins + 1 and indptr[0] == 0 and indptr[-1] == len(indices) == len(values)
        if not fits or (np.diff(indptr) < 0).any():
            raise CallError(phrase("the rows of the times to candidates do not fit their entries"))
        if len(indices) and not (indices.min() >= 0 and indices.max() < many):
            raise CallError(phrase("a time leads to a candidate that does not exist"))
        rows = np.repeat(np.arange(origins, dtype=np.int64), np.diff(indptr))
    else:
        dense = np.asarray(costs, dtype=np.int64)
        if dense.shape != (origins, many):
            raise CallError(phrase("times to candidates need one row for each origin, one column for each"))
        rows, indices = (a.astype(np.int64) for a in np.nonzero(dense != -1))
        values = dense[rows, indices]
    if len(values) and values.min() < -1:
        raise CallError(phrase("times must be 0 or more, or -1 where nothing can be reached"))
    reached = values >= 0
    rows, indices, values = rows[reached], indices[reached], values[reached]
    order = np.lexsort((indices, rows))
    rows, indices, values = rows[order], indices[order], values[order]
    if ((np.diff(rows) == 0) & (np.diff(indices) == 0)).any():
        raise CallError(phrase("there are two times for one origin and one candidate"))
    starts = np.zeros(origins + 1, dtype=np.int64)
    np.cumsum(np.bincount(rows, minlength=origins), out=starts[1:])
    return frozen(starts, np.int64), frozen(indices, np.int64), frozen(values, np.int64)  # type: ignore[return-value]
