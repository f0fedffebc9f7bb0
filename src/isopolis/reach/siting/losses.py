"""A question in whole numbers: losses, people, cents; and what a set of open sites means, exactly."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import exp, fsum, lcm, log
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError
from isopolis.model.text import phrase

from .question import LARGEST, PARTS_OF_A_PERSON, Question

__all__ = ["Key", "Losses"]

Whole = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Key = tuple[Any, ...]
CENT = 100


@dataclass(frozen=True)
class Losses:
    """A question with candidates in the order of their ids, and only the pairs that can matter.

    Attributes
    ----------
    question : Question
    order : (C,) array of int
        Column of the question that each candidate here was.
    weights : (O, G) array of int
        People in units: persons, or thousandths of a person where counts are not whole.
    everyone : (O,) array of int
    unit : int
        Units to a person.
    base : (O,) array of int
        Loss with the sites that stay in any case.
    starts, columns, values : CSR arrays
        Losses with each candidate that are smaller than `base`.
    judged : (G,) array of bool
        False for groups without people: nothing can be said of them.
    """

    question: Question
    order: Whole
    weights: Whole
    everyone: Whole
    unit: int
    base: Whole
    starts: Whole
    columns: Whole
    values: Whole

    @classmethod
    def of(cls, question: Question) -> Losses:
        """Prepare a question.

        Raises
        ------
        CallError
            If prices are not whole cents, or sums would not fit whole numbers of 64 bits.
        """
        order = np.array(sorted(range(len(question.ids)), key=lambda c: question.ids[c]), dtype=np.int64)
        everyone = question.people.sum(axis=1) if question.everyone is None else question.everyone
        counts = np.column_stack([question.people, everyone])
        unit = 1 if (counts == np.rint(counts)).all() else PARTS_OF_A_PERSON
        # every sum is over one column: groups that overlap must not use up the room of one another
        if float(counts.sum(axis=0).max(initial=0.0)) * unit * float(_largest(question)) >= LARGEST:
            raise CallError(phrase("there are too many people for exact sums: divide the counts by 1,000"))
        whole = np.rint(counts * unit).astype(np.int64)
        weights = np.rint(question.people * unit).astype(np.int64)
        total = weights.sum(axis=1) if question.everyone is None else whole[:, -1]
        base = _loss(question, question.existing)
        starts, columns, values = question.costs
        new = np.empty(len(order), dtype=np.int64)
        new[order] = np.arange(len(order))
        rows = np.repeat(np.arange(len(base), dtype=np.int64), np.diff(starts))
        loss = _loss(question, values)
        kept = loss < base[rows]
        rows, columns, loss = rows[kept], new[columns[kept]], loss[kept]
        sort = np.lexsort((columns, rows))
        fresh = np.zeros(len(base) + 1, dtype=np.int64)
        np.cumsum(np.bincount(rows, minlength=len(base)), out=fresh[1:])
        return cls(question, order, weights, total, unit, base, fresh, columns[sort], loss[sort])

    # -- who, what, how much ------------------------------------------------------------------
    @property
    def many(self) -> int:
        """Number of candidates."""
        return len(self.order)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Ids of the candidates, sorted."""
        return tuple(self.question.ids[c] for c in self.order)

    @cached_property
    def rows(self) -> Whole:
        """(n,) origin of each pair."""
        return np.repeat(np.arange(len(self.base), dtype=np.int64), np.diff(self.starts))

    @cached_property
    def sizes(self) -> Whole:
        """(G,) people of each group, in units."""
        return self.weights.sum(axis=0)

    @cached_property
    def judged(self) -> Bools:
        """(G,) groups with people."""
        return np.asarray(self.sizes > 0)

    @cached_property
    def open_now(self) -> Bools:
        """(C,) candidates that are open today."""
        return np.asarray(self.question.open_now, dtype=bool)[self.order]

    @cached_property
    def prices(self) -> Whole:
        """(C,) cents for opening."""
        return _cents(self.question.prices)[self.order]

    @cached_property
    def closing(self) -> Whole:
        """(C,) cents for closing."""
        return _cents(np.asarray(self.question.closing))[self.order]

    @cached_property
    def budget(self) -> int | None:
        """Cents, or None without a budget."""
        given = self.question.budget
        return None if given is None else int(Fraction(repr(float(given))) * CENT)

    @property
    def worst(self) -> int:
        """Largest loss there is."""
        return _largest(self.question)

    # -- a set of open sites ------------------------------------------------------------------
    def spent(self, chosen: Bools) -> int:
        """Return the cents that a set of open sites costs, against today."""
        opened, closed = chosen & ~self.open_now, ~chosen & self.open_now
        return int(self.prices[opened].sum()) + int(self.closing[closed].sum())

    def allowed(self, chosen: Bools) -> bool:
        """Tell whether a set keeps the budget and the numbers, and makes no group worse."""
        question = self.question
        opened, closed = int((chosen & ~self.open_now).sum()), int((~chosen & self.open_now).sum())
        if question.sites is not None and opened > question.sites:
            return False
        if question.closures is not None and closed > question.closures:
            return False
        if self.budget is not None and self.spent(chosen) > self.budget:
            return False
        return closed == 0 or self.harmless(self.sums(self.at(chosen)))

    def harmless(self, sums: Whole) -> bool:
        """Tell whether no group has more loss than today."""
        return bool((sums <= self.today).all())

    @cached_property
    def today(self) -> Whole:
        """(G,) summed losses today."""
        return self.sums(self.at(self.open_now))

    def at(self, chosen: Bools) -> Whole:
        """(O,) loss of each origin when these candidates are open."""
        out = self.base.copy()
        used = chosen[self.columns]
        np.minimum.at(out, self.rows[used], self.values[used])
        return out

    def sums(self, loss: Whole) -> Whole:
        """(G,) summed losses of the groups, exact."""
        return np.asarray(self.weights.T @ loss, dtype=np.int64)

    # -- order among sets -----------------------------------------------------------------------
    @cached_property
    def multipliers(self) -> tuple[int, ...]:
        """What brings summed losses to one denominator; 0 for groups without people."""
        denominator = self.denominator
        return tuple(denominator // int(n) if n else 0 for n in self.sizes)

    @cached_property
    def denominator(self) -> int:
        """Of all the groups' mean losses."""
        return lcm(*(int(n) for n in self.sizes if n)) if self.judged.any() else 1

    def ordered(self, sums: Iterable[int]) -> tuple[int, ...]:
        """Mean losses of the groups on one denominator, worst first."""
        pairs = zip(sums, self.multipliers, strict=True)
        return tuple(sorted((int(u) * m for u, m in pairs if m), reverse=True))

    def key(self, sums: Whole, total: int) -> Key:
        """Return what two sets are compared by: the smaller, the better. Exact but for ``ede``."""
        ordered = self.ordered(sums)
        if self.question.objective == "total":
            return (total, ordered)
        if self.question.objective == "ede":
            return (self.ede(sums), ordered, total)
        return (ordered, total)

    @cached_property
    def kappa(self) -> float:
        """Kolm–Pollak parameter, fixed by today's losses so that plans are compared on one scale.

        `aversion` times the sum of the mean losses over the sum of their squares (Sheriff and Maguire 2020,
        Health Equity: Theory and Practice, the scaling of kappa to the data at hand).
        """
        today = self.means(self.today)
        squares = fsum(x * x for x in today)
        return self.question.aversion * fsum(today) / squares if squares else self.question.aversion

    def means(self, sums: Whole) -> list[float]:
        """Mean losses of the groups with people, as shares of the largest loss."""
        return [int(u) / int(n) / self.worst for u, n in zip(sums, self.sizes, strict=True) if n]

    def ede(self, sums: Whole) -> float:
        """Kolm–Pollak equivalent of the mean losses, as a share of the largest; groups count equally."""
        means = self.means(sums)
        if not means:
            return 0.0
        top = max(means)  # taken out, so that nothing overflows
        return top + log(fsum(exp(self.kappa * (x - top)) for x in means) / len(means)) / self.kappa

    def score(self, chosen: Bools) -> Key:
        """Return the key of a set."""
        loss = self.at(chosen)
        return self.key(self.sums(loss), self.total(loss))

    def total(self, loss: Whole) -> int:
        """Everyone's summed loss."""
        return int(self.everyone @ loss)


def _largest(question: Question) -> int:
    return 1 if question.measure == "within" else int(question.longest - question.standard)


def _loss(question: Question, costs: npt.NDArray[np.integer[Any]]) -> Whole:
    """Loss of each time, in whole numbers; -1 is the largest loss, as a state and not as a time."""
    reached = np.asarray(costs) >= 0
    if question.measure == "within":
        return np.where(reached & (costs <= question.standard), 0, 1).astype(np.int64)
    capped = np.clip(costs, question.standard, question.longest) - question.standard
    return np.where(reached, capped, question.longest - question.standard).astype(np.int64)


def _cents(euros: npt.NDArray[Any]) -> Whole:
    cents = np.asarray(euros, dtype=np.float64) * CENT
    whole = np.rint(cents)
    if (np.abs(cents - whole) > 1e-4).any() or (np.abs(whole) > 1e15).any():
        raise CallError(phrase("prices must be whole cents"))
    return whole.astype(np.int64)
