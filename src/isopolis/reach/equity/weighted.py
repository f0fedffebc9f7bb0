"""One value of access and people by group: what every measure of equity starts from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError

from ..measures.result import REACHED, UNREACHABLE, Access

__all__ = ["Settings", "Weighted", "masked"]

Floats = npt.NDArray[np.float64]
Masked = Any
"""(G,) numpy masked array: hidden where a group has no value."""


@dataclass(frozen=True, slots=True, eq=False)
class Settings:
    """What measures of equity are asked with.

    Parameters
    ----------
    standard : float or None
        Access that everybody should have, in the unit of the value: at most so many minutes, at least
        so many places.
    level : str
        Registered measure whose values gaps and ratios compare.
    best : int or None
        Column of the best-off group; found from the level when None.
    candidates : (G,) array of bool or None
        Columns that may be the best-off group.
    everyone : int
        Column that holds everybody.
    epsilon : float, above 0
        Aversion to inequality of Atkinson and, with the same meaning, of Kolm and Pollak.
    kappa : float or None
        Aversion of Kolm and Pollak per unit of access, above 0 for what is good and below 0 for what is
        bad; from `epsilon` and the values of everyone when None.
    rank : (O,) array or None
        Standing of the people of each origin, rising (income). NaN where not known.
    bounds : (float, float) or None
        Least and largest value that access can have, for corrected concentration indices.
    percent : float
        Of the percentile.
    """

    standard: float | None = None
    level: str = "mean"
    best: int | None = None
    candidates: npt.NDArray[np.bool_] | None = None
    everyone: int = -1
    epsilon: float = 1.0
    kappa: float | None = None
    rank: Floats | None = None
    bounds: tuple[float, float] | None = None
    percent: float = 90.0


class Weighted:
    """Values of access with the people who have them.

    Parameters
    ----------
    access : Access
        (O,) values. Where more is better, an origin that reaches nothing has a true 0; where less is
        better it has no value, and its people are kept apart in `away`.
    people : (O, G) array
        Persons by group, >= 0.
    like : Weighted, optional
        Other values of the same people and origins: what does not depend on values is taken from there.

    Attributes
    ----------
    at : (n,) array of int
        Origins with a value.
    state : (O,) array of int
    values : (n,) array
    people : (n, G) array
    total : (G,) array
        People with a value.
    away : (G,) array
        People who reach nothing, where less is better.
    lost : (G,) array
        People of whom nothing is known: their origin is not on the network.

    Raises
    ------
    CallError
        If shapes disagree, or people are negative or not finite.
    """

    at: npt.NDArray[np.intp]
    values: Floats
    people: Floats
    total: Floats
    away: Floats
    lost: Floats
    shared: dict[Any, Any]

    def __init__(self, access: Access, people: npt.ArrayLike, like: Weighted | None = None) -> None:
        if access.values.ndim != 1:
            raise CallError("equity is asked of one value per origin: choose a column")
        self.better, self.worst, self.unit = access.better, access.worst, access.unit
        self.state = access.state
        if like is not None and like.better == self.better and np.array_equal(like.state, self.state):
            for name in KEPT:
                setattr(self, name, getattr(like, name))
            self.values = access.values[self.at]
        else:
            known, away = access.state == REACHED, access.state == UNREACHABLE
            if access.better == "more":
                known, away = known | away, np.zeros(len(away), dtype=np.bool_)
            self.at = np.flatnonzero(known)
            self._away = np.flatnonzero(away)
            self._lost = np.flatnonzero(~known & ~away)
            self.values = access.values[self.at]
            self._put(people, len(access.values))
        self._ordered: tuple[Floats, Floats, Floats] | None = None
        self._order: npt.NDArray[np.intp] | None = None
        self._mean: Floats | None = None

    def _put(self, people: npt.ArrayLike, origins: int) -> None:
        table = np.asarray(people, dtype=np.float64)
        table = table[:, None] if table.ndim == 1 else table
        if table.ndim != 2 or len(table) != origins:
            raise CallError(f"give people for each of the {origins} origins")
        self.origins = origins
        self.people = table if len(self.at) == origins else table[self.at]
        self.total = self.people.sum(axis=0)
        self.away = table[self._away].sum(axis=0)
        self.lost = table[self._lost].sum(axis=0)
        if not np.isfinite(self.total + self.away + self.lost).all() or table.min(initial=0.0) < 0:
            raise CallError("people must be finite numbers, not negative")
        self.shared = {}

    def reweighed(self, people: npt.ArrayLike) -> Weighted:
        """Return the same values with other people; nothing is sorted again."""
        out = object.__new__(Weighted)
        for name in ("at", "values", "_away", "_lost", "state", "better", "worst", "unit"):
            setattr(out, name, getattr(self, name))
        out._put(people, self.origins)
        out._ordered = out._mean = None
        out._order = self.order
        return out

    @property
    def order(self) -> npt.NDArray[np.intp]:
        """(n,) places of the values in rising order."""
        if self._order is None:
            self._order = np.argsort(self.values)
        return self._order

    @property
    def ordered(self) -> tuple[Floats, Floats, Floats]:
        """Values in rising order, (n, G) people in it, and people with this value or a lower one."""
        if self._ordered is None:
            people = self.people[self.order]
            self._ordered = self.values[self.order], people, np.cumsum(people, axis=0)
        return self._ordered

    @property
    def everybody(self) -> Floats:
        """(G,) people with a value and people who reach nothing."""
        return self.total + self.away

    @property
    def mean(self) -> Floats:
        """(G,) mean value; 0 where there is nobody."""
        if self._mean is None:
            self._mean = self.mean_of(self.values)
        return self._mean

    def mean_of(self, numbers: Floats) -> Floats:
        """(G,) mean of (n,) numbers over people with a value; 0 where there are none."""
        sums = numbers @ self.people
        return np.divide(sums, self.total, out=np.zeros(len(sums)), where=self.total > 0)


KEPT = ("at", "_away", "_lost", "origins", "people", "total", "away", "lost", "shared")


def masked(values: npt.ArrayLike, known: npt.ArrayLike) -> Masked:
    """(G,) values, hidden and 0 where not `known`."""
    keep = np.asarray(known, dtype=np.bool_)
    return np.ma.MaskedArray(np.where(keep, values, 0.0), mask=~keep)
