"""The choice of sites as a program: open or not, and for each origin how near the nearest open site is.

The rows are those of the radius formulation of the p-median (Cornuéjols, Nemhauser and Wolsey 1980; García,
Labbé and Marín 2011, INFORMS Journal on Computing 23(4): 546–556), with each distance resting on the shorter
one, so that there are as many entries as pairs. With losses of 0 and 1 they are those of maximal covering
(Church and ReVelle 1974). Only the choices are whole; the nearness of an origin follows.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from .losses import Bools, Losses, Whole
from .solver import Answer, Model

__all__ = ["SCALE", "SLACK", "Formulation", "formulate"]

SCALE = 1000.0
"""Mean losses stand in the program per mille of the largest loss."""
SLACK = 1e-6
"""How far a row that holds an earlier goal may be off, in the same unit."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Formulation:
    """A program without a goal.

    Attributes
    ----------
    model : Model
        Its first columns are the candidates.
    groups : range
        Columns that hold the mean losses of the groups with people.
    total : int
        Column of everyone's mean loss.
    """

    losses: Losses
    model: Model
    groups: range
    total: int

    def chosen(self, answer: Answer) -> Bools | None:
        """Return the sites of an answer, or None when there is none or it breaks a limit."""
        if not len(answer.x):
            return None
        chosen = answer.x[: self.losses.many] > 0.5
        return chosen if self.losses.allowed(chosen) else None

    def levels(self, below: tuple[float, ...]) -> Model:
        """Return the program that makes the next sum of worst losses small, after those in `below`.

        The sum of the k largest losses is the smallest value of ``k r + sum of max(0, loss - r)``, so that
        it takes only linear rows (Ogryczak and Śliwiński 2006, conditional means). Making these sums small
        one after the other is leximin.

        Parameters
        ----------
        below : tuple of float
            Sums of the worst, the two worst, … that must be kept, in the unit of the program.
        """
        model, groups = self.model.copy(), np.array(self.groups)
        for k, held in enumerate((*below, None), 1):
            (pivot,) = model.columns(1)  # losses are never below 0, so neither is the k-th largest
            over = np.array(model.columns(len(groups)))
            for excess, loss in zip(over, groups, strict=True):
                model.row(0.0, np.inf, [excess, pivot, loss], [1.0, 1.0, -1.0])
            if held is None:
                model.cost[pivot] = float(k)
                for excess in over:
                    model.cost[excess] = 1.0
            else:
                model.row(-np.inf, held + SLACK, [pivot, *over], [float(k), *np.ones(len(over))])
        return model

    def whole_total(self, below: tuple[float, ...]) -> Model:
        """Return the program for everyone's mean loss, keeping the sums of worst losses in `below`."""
        if below:
            # the goal of the last level becomes a row like those before it
            model = self.levels(below[:-1])
            where = [c for c, cost in enumerate(model.cost) if cost]
            model.row(-np.inf, below[-1] + SLACK, where, [model.cost[c] for c in where])
            model.cost = [0.0] * len(model.cost)
        else:
            model = self.model.copy()
        model.cost[self.total] = 1.0
        return model

    def sums_of_worst(self, chosen: Bools) -> tuple[float, ...]:
        """Sums of the worst, the two worst, … mean losses of a set; rounded once, from exact numbers."""
        ordered = self.losses.ordered(self.losses.sums(self.losses.at(chosen)))
        one = self.losses.denominator * self.losses.worst
        return tuple(float(Fraction(s * int(SCALE), one)) for s in accumulate(ordered))


def formulate(losses: Losses) -> Formulation:
    """Write the program down."""
    model = Model()
    model.columns(losses.many, high=1.0, whole=True)
    people = np.column_stack([losses.weights, losses.everyone])
    base = people.T @ losses.base
    sizes = people.sum(axis=0)
    kept = np.append(losses.judged, sizes[-1] > 0)
    unit = np.where(kept, SCALE / (np.maximum(sizes, 1).astype(np.float64) * losses.worst), 0.0)
    starts = base * unit
    saved = _nearness(losses, model, people)  # (z, G + 1), after the columns of nearness are there
    first = losses.many
    means = [*np.flatnonzero(losses.judged).tolist(), len(sizes) - 1]
    columns = model.columns(len(means), low=-np.inf)
    for column, g in zip(columns, means, strict=True):
        used = np.flatnonzero(saved[:, g])
        numbers = saved[used, g] * unit[g]
        model.row(starts[g], starts[g], [column, *(first + used)], [1.0, *numbers])
    _limits(losses, model, dict(zip(means, columns, strict=True)), unit)
    return Formulation(losses, model, columns[:-1], columns[-1])


def _nearness(losses: Losses, model: Model, people: Whole) -> Whole:
    """Add columns for "something open within this loss", and return what each saves, (z, G + 1)."""
    origin, column, value, group = _patterns(losses, people)
    first_of_level = np.ones(len(origin), dtype=bool)
    first_of_level[1:] = (np.diff(origin) != 0) | (np.diff(value) != 0)
    level = np.cumsum(first_of_level) - 1
    at = np.flatnonzero(first_of_level)
    many = len(at)
    z = np.array(model.columns(many, high=1.0), dtype=np.int64)
    row0 = len(model.row_low)
    same = np.zeros(many, dtype=bool)  # the level before is of the same origins, and nearer
    same[1:] = origin[at][1:] == origin[at][:-1]
    model.rows(np.full(many, -np.inf), np.zeros(many))
    model.entries(row0 + np.arange(many), z, np.ones(many))
    model.entries(row0 + np.flatnonzero(same), z[np.flatnonzero(same) - 1], -np.ones(int(same.sum())))
    model.entries(row0 + level, column, -np.ones(len(level)))
    following = np.append(value[at][1:], 0)
    last = np.append(~same[1:], True)[:many]
    beyond = np.where(last, group[1][origin[at]], following)
    return group[0][origin[at]] * (beyond - value[at])[:, None]


def _patterns(losses: Losses, people: Whole) -> tuple[Whole, Whole, Whole, tuple[Whole, Whole]]:
    """Put origins together whose losses are the same: pairs sorted by nearness, and people of each."""
    seen: dict[bytes, int] = {}
    pattern = np.full(len(losses.base), -1, dtype=np.int64)
    kept: list[int] = []
    somebody = people.any(axis=1) & (np.diff(losses.starts) > 0)
    for o in np.flatnonzero(somebody).tolist():
        span = slice(losses.starts[o], losses.starts[o + 1])
        name = losses.columns[span].tobytes() + losses.values[span].tobytes() + losses.base[o].tobytes()
        pattern[o] = seen.setdefault(name, len(seen))
        if pattern[o] == len(kept):
            kept.append(o)
    who = np.zeros((len(kept), people.shape[1]), dtype=np.int64)
    np.add.at(who, pattern[pattern >= 0], people[pattern >= 0])
    shown = np.zeros(len(losses.base), dtype=bool)
    shown[kept] = True
    used = shown[losses.rows]
    origin, column, value = pattern[losses.rows[used]], losses.columns[used], losses.values[used]
    order = np.lexsort((column, value, origin))
    return origin[order], column[order], value[order], (who, losses.base[kept])


def _limits(losses: Losses, model: Model, columns: dict[int, int], unit: Floats) -> None:
    """Add the budget, the numbers, and that no group becomes worse."""
    question, now = losses.question, losses.open_now
    every = np.arange(losses.many)
    if losses.budget is not None:
        cents = np.where(now, -losses.closing, losses.prices).astype(np.float64)
        left = float(losses.budget - int(losses.closing[now].sum()))
        one = max(float(np.abs(cents).max(initial=0.0)), 1.0)
        model.row(-np.inf, left / one, every, cents / one)
    if question.sites is not None:
        model.row(-np.inf, float(question.sites), every[~now], np.ones(int((~now).sum())))
    if not now.any():
        return
    if question.closures is not None:
        model.row(float(now.sum()) - float(question.closures), np.inf, every[now], np.ones(int(now.sum())))
    for g in np.flatnonzero(losses.judged).tolist():
        model.high[columns[g]] = float(losses.today[g] * unit[g]) + SLACK
