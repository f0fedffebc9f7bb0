"""From panels to a lottery: panels are added until their mean gives everybody what was aimed at.

First panels follow the deficits: each one is drawn towards those who have been left behind so far.
Then prices of the mixing program lead: an interior point keeps them in the middle of what is possible
(which is what steadies them), and an integer program proves when no panel helps any more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .pool import Types
from .programs import Program
from .search import Search

__all__ = ["Budget", "Mixture", "Panels", "mixed"]

Real = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
EXACT, NEAR = 1e-7, 2e-3
"""Gaps at which the search ends where none was asked for: with few types, and with many."""
MANY = 300
"""With more types than this the mixing program is solved by an interior point without clean-up."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How long to work: a clock in seconds, when to stop, and a gap that is good enough if one was named."""

    clock: Callable[[], float]
    until: float
    within: float | None = None

    def enough(self, types: Types) -> float:
        """Return the gap at which to stop."""
        if self.within is not None:
            return max(self.within, EXACT)
        return EXACT if len(types) <= MANY else NEAR

    @property
    def left(self) -> float:
        """Seconds left, at least zero."""
        return max(self.until - self.clock(), 0.0)


class Panels:
    """The panels found so far, each once."""

    def __init__(self, types: Types) -> None:
        self._list: list[Whole] = []
        self._seen: set[bytes] = set()
        self._types = types

    def __len__(self) -> int:
        return len(self._list)

    def add(self, panel: Whole | None) -> bool:
        """Keep a panel that is new and allowed; say whether it was kept."""
        if panel is None or panel.tobytes() in self._seen or not self._types.allows(panel):
            return False
        self._seen.add(panel.tobytes())
        self._list.append(panel)
        return True

    @property
    def array(self) -> Whole:
        """All panels, ``(panels, types)``."""
        return np.array(self._list, dtype=np.int64).reshape(len(self._list), len(self._types))


@dataclass(frozen=True, slots=True, eq=False)
class Mixture:
    """Weights of the panels, and the share of the wanted seats that every type gets.

    Attributes
    ----------
    weights : (panels,) array
    share : float
        Smallest ratio of seats given to seats wanted.
    bound : float
        No mixture of allowed panels has a larger share.
    prices : (T,) array
        What a seat of each type is worth now; the sum over wanted seats is 1.
    """

    weights: Real
    share: float
    bound: float
    prices: Real


def mixed(
    search: Search, panels: Panels, wanted: Real, towards: Real, budget: Budget, say: Callable[[str], None]
) -> Mixture:
    """Find panels and weights whose mean gives every type its wanted seats, or the largest share of them.

    Parameters
    ----------
    search : Search
    panels : Panels
        Panels that are there already; new ones are added.
    wanted : (T,) array
        Seats of each type that count; types with zero are free.
    towards : (T,) array
        Seats that the first panels aim at; at least `wanted`.
    budget : Budget
    say : callable
        Progress.
    """
    types = search.types
    batch, aim = max(16, len(types) // 4), 1 - budget.enough(types)
    follow = _Deficits(search, panels, towards)
    mixture: Mixture | None = None
    while budget.left > 0:
        new = follow.more(batch, budget)
        mixture = _mix(types, panels, wanted, budget, mixture)
        say(_progress(len(panels), mixture.share, 1))
        if mixture.share >= aim:
            return mixture
        if not new or len(panels) >= max(1.5 * len(types), 60):
            break
    if mixture is None:
        follow.more(1, budget)
        mixture = _mix(types, panels, wanted, budget, None)
    return _priced(search, panels, wanted, mixture, budget, say)


class _Deficits:
    """Panels that go after whoever got less than the share of the panels so far."""

    def __init__(self, search: Search, panels: Panels, wanted: Real) -> None:
        self.search, self.panels, self.wanted = search, panels, wanted
        self.given, self.rounds = np.zeros(len(wanted)), 0
        for panel in panels.array:
            self.given, self.rounds = self.given + panel, self.rounds + 1

    def more(self, many: int, budget: Budget) -> int:
        """Look for so many panels; return how many new ones there were."""
        new, weight = 0, np.sqrt(self.search.types.count)
        for _ in range(many):
            self.rounds += 1
            panel = self.search.panel((self.wanted * self.rounds - self.given) / weight, _patience(budget))
            if panel is not None:
                self.given += panel
                new += self.panels.add(panel)
            if budget.left <= 0:
                break
        return new


def _patience(budget: Budget) -> float:
    return max(budget.left, 5.0)  # the first panels are needed whatever the time


def _mix(types: Types, panels: Panels, wanted: Real, budget: Budget, before: Mixture | None) -> Mixture:
    """Give the panels the weights with the largest share; recompute share and prices from the answer.

    Where the time is up in the middle of it, the mixture `before` stays.
    """
    array = panels.array
    live = np.flatnonzero(wanted > 0)
    ratio = array[:, live] / wanted[live]
    panel, place = np.nonzero(ratio)
    count, rows = len(array), len(live)
    program = Program(
        np.append(np.zeros(count), 1.0),
        np.zeros(count + 1),
        np.full(count + 1, np.inf),
        np.append(np.zeros(rows), 1.0),
        np.append(np.full(rows, np.inf), 1.0),
        (
            np.concatenate([place, np.full(count, rows), np.arange(rows)]),
            np.concatenate([panel, np.arange(count), np.full(rows, count)]),
            np.concatenate([ratio[panel, place], np.ones(count), -np.ones(rows)]),
        ),
    )
    if len(types) > MANY:
        program.set_option("solver", "ipm")
        program.set_option("run_crossover", "off")
    answer = program.solve(max(budget.left, 10.0))
    if not len(answer.duals):
        weights, prices = np.full(count, 1 / count), 1 / (wanted[live] * rows)
    else:
        weights = np.maximum(answer.x[:count], 0.0)
        weights /= weights.sum()
        # prices per ratio sum to one; per seat they sum to one over the wanted seats
        prices = np.abs(answer.duals[:rows])
        prices = prices / prices.sum() / wanted[live]
    full = np.zeros(len(types))
    full[live] = prices
    mixture = Mixture(weights, float((weights @ ratio).min()), np.inf, full)
    if before is None or mixture.share >= before.share:
        return mixture
    return Mixture(
        np.append(before.weights, np.zeros(count - len(before.weights))), before.share, np.inf, full
    )


def _priced(
    search: Search, panels: Panels, wanted: Real, mixture: Mixture, budget: Budget, say: Callable[[str], None]
) -> Mixture:
    """Add panels that are worth more than the share, until the share is there or no panel is."""
    bound, steady = 1.0, mixture.prices
    while mixture.share < 1 - budget.enough(search.types) and budget.left > 0:
        new = 0
        for calm in (0.0, 0.5, 0.8):
            prices = (1 - calm) * mixture.prices + calm * steady
            panel = search.panel(prices, budget.left)
            if panel is not None and float(mixture.prices @ panel) > mixture.share + EXACT / 10:
                new += panels.add(panel)
        if not new:
            panel, answer = search.best(mixture.prices, budget.left)
            bound = min(bound, search.bound)
            worth = -np.inf if panel is None else float(mixture.prices @ panel)
            if worth <= mixture.share + EXACT / 10 or not panels.add(panel):
                if answer.status == "optimal":
                    bound = min(bound, max(worth, mixture.share))
                break
        steady = 0.5 * steady + 0.5 * mixture.prices
        mixture = _mix(search.types, panels, wanted, budget, mixture)
        say(_progress(len(panels), mixture.share, 3))
    return Mixture(mixture.weights, mixture.share, max(bound, mixture.share), mixture.prices)


def _progress(panels: int, share: float, digits: int) -> str:
    return (
        f"{panels} possible panels found; drawing one of them, everybody has at least "
        f"{share:.{digits}%} of the fairest chance"
    )
