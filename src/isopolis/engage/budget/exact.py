"""Equal shares in whole numbers: no rounding anywhere.

Voters who started with the same money and paid the same share a class; all classes hold whole numbers
over one common denominator, which grows with each purchase. No fraction of a single voter is ever made.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .election import Side
from .ties import Choose

__all__ = ["Chosen", "Task", "exact_run", "money_left"]


@dataclass(frozen=True)
class Task:
    """What a run of equal shares needs, whatever the endowment.

    Parameters
    ----------
    entries : Side
        Sorted by project.
    costs, factor : tuple of int
        Cost of each project, and what one point for it is worth: its cost, or 1.
    total, votes : (projects,) int64
        Points and supporters.
    open : (projects,) bool
        Which may be funded.
    kind : (voters,) int32
        Which voters start with the same money.
    parts : tuple of Fraction
        Money of each kind, as a multiple of the endowment.
    paid : tuple of Fraction
        What each kind has spent before, units; nobody starts with less than nothing.
    """

    entries: Side
    costs: tuple[int, ...]
    factor: tuple[int, ...]
    total: NDArray[np.int64]
    votes: NDArray[np.int64]
    open: NDArray[np.bool_]
    kind: NDArray[np.int32]
    parts: tuple[Fraction, ...] = (Fraction(1),)
    paid: tuple[Fraction, ...] = (Fraction(0),)

    def money(self, endowment: Fraction) -> list[Fraction]:
        """Return what each kind of voter starts with, units."""
        both = zip(self.parts, self.paid, strict=True)
        return [max(Fraction(0), endowment * part - paid) for part, paid in both]


@dataclass(frozen=True, slots=True)
class Chosen:
    """One purchase.

    Parameters
    ----------
    project : int
    price : Fraction or float
        Units of money for one point.
    over : tuple of int
        Rivals that were just as good and lost the tie.
    """

    project: int
    price: Fraction | float
    over: tuple[int, ...] = ()


class _Purse:
    """Money left, by class, over one denominator."""

    def __init__(self, task: Task, endowment: Fraction) -> None:
        start = task.money(endowment)
        self.unit = lcm(*(s.denominator for s in start))
        self.values: list[int] = [int(s * self.unit) for s in start]
        self.place = task.kind.astype(np.int64)

    def groups(self, task: Task, p: int) -> tuple[Any, Any, Any]:
        """Return class and weight of the supporters of `p`, and how many there are of each."""
        rows = slice(task.entries.start[p], task.entries.start[p + 1])
        where, weight = self.place[task.entries.other[rows]], task.entries.weight[rows]
        heaviest = int(weight.max()) + 1
        if heaviest == 2:
            many = np.bincount(where)
            which = np.flatnonzero(many)
            return which, np.ones(len(which), np.int64), many[which]
        keys, many = np.unique(where * heaviest + weight, return_counts=True)
        return keys // heaviest, keys % heaviest, many

    def price(self, task: Task, p: int) -> tuple[int, int] | None:
        """Return the price of a point as ``(number, divisor)``, over `unit`; None when too dear."""
        which, weight, many = self.groups(task, p)
        has = [self.values[c] for c in which.tolist()]
        people = (weight * many).tolist()
        once, many = weight.tolist(), many.tolist()
        cost = task.costs[p] * self.unit
        number, divisor = cost, sum(people)
        while True:
            poor = [h * d for h, d in zip(has, many, strict=True)]
            still = [h * divisor > number * w for h, w in zip(has, once, strict=True)]
            rich = sum(d for d, s in zip(people, still, strict=True) if s)
            short = cost - sum(h for h, s in zip(poor, still, strict=True) if not s)
            if rich == 0:
                # everybody gives everything and it is exactly enough, or it is not enough
                return (number, divisor) if short == 0 else None
            if short * divisor == number * rich:
                return number, divisor
            number, divisor = short, rich

    def pay(self, task: Task, p: int, number: int, divisor: int) -> None:
        """Take the price from the supporters of `p`."""
        common = gcd(number, divisor)
        number, divisor = number // common, divisor // common
        rows = slice(task.entries.start[p], task.entries.start[p + 1])
        voters, weight = task.entries.other[rows], task.entries.weight[rows]
        heaviest = int(weight.max()) + 1
        keys, groups = _distinct(self.place[voters] * heaviest + weight, len(self.values) * heaviest)
        self.unit *= divisor
        values = [v * divisor for v in self.values]
        known = {v: c for c, v in enumerate(values)}
        moved = []
        for key in keys.tolist():
            value = max(0, values[key // heaviest] - number * (key % heaviest))
            if value not in known:
                known[value] = len(values)
                values.append(value)
            moved.append(known[value])
        self.place[voters] = np.array(moved)[groups]
        used, self.place = _distinct(self.place, len(values))
        self.values = [values[c] for c in used.tolist()]


def _distinct(keys: NDArray[np.int64], limit: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the different keys, all below `limit`, ascending, and the place of each given one among them."""
    if limit > 8 * len(keys) + 4096:
        return np.unique(keys, return_inverse=True)
    seen = np.zeros(limit, bool)
    seen[keys] = True
    return np.flatnonzero(seen), (np.cumsum(seen) - 1)[keys]


def exact_run(task: Task, endowment: Fraction, choose: Choose) -> list[Chosen]:
    """Buy projects while supporters can pay, the cheapest per unit of satisfaction first.

    Parameters
    ----------
    task : Task
    endowment : Fraction
        Units of money for a voter whose part is 1.
    choose : callable
        Decides among tied projects.

    Returns
    -------
    list of Chosen
        In the order of purchase, prices exact.

    References
    ----------
    Peters, Pierczyński, Skowron, "Proportional participatory budgeting with additive utilities",
    NeurIPS 2021, section 3.
    """
    purse = _Purse(task, endowment)
    bound = {p: Fraction(task.costs[p], int(task.total[p]) * task.factor[p])
             for p in np.flatnonzero(task.open & (task.total > 0)).tolist()}  # fmt: skip
    bought: list[Chosen] = []
    while True:
        best, price = _cheapest(task, purse, bound)
        if not best:
            return bought
        first = best[0] if len(best) == 1 else choose(best)
        number, divisor = price[first]
        bought.append(Chosen(first, Fraction(number, divisor * purse.unit),
                             tuple(p for p in best if p != first)))  # fmt: skip
        purse.pay(task, first, number, divisor)
        del bound[first]


def money_left(task: Task, endowment: Fraction, order: list[int]) -> tuple[NDArray[np.int64], list[Fraction]]:
    """Buy these projects in this order; return the class of each voter and what each class has left, units.

    Raises
    ------
    ValueError
        When supporters cannot pay for a project.
    """
    purse = _Purse(task, endowment)
    for p in order:
        price = purse.price(task, p)
        if price is None:
            raise ValueError(f"the supporters of project {p} cannot pay for it")
        purse.pay(task, p, *price)
    return purse.place, [Fraction(v, purse.unit) for v in purse.values]


def _cheapest(
    task: Task, purse: _Purse, bound: dict[int, Fraction]
) -> tuple[list[int], dict[int, tuple[int, int]]]:
    """Return the projects of least price per satisfaction; prices only rise, so old ones are bounds."""
    best: Fraction | None = None
    found: dict[int, tuple[int, int]] = {}
    for p in sorted(bound, key=bound.__getitem__):
        if best is not None and bound[p] > best:
            break
        price = purse.price(task, p)
        if price is None:
            del bound[p]
            continue
        found[p] = price
        bound[p] = Fraction(price[0], price[1] * purse.unit * task.factor[p])
        best = bound[p] if best is None else min(best, bound[p])
    return [p for p in found if bound[p] == best], found
