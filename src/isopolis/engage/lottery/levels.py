"""Leximin and Nash where whole panels cannot reach the relaxed best: searched in the open, panel by panel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .mixing import Budget, Panels
from .pool import Types
from .programs import Answer, Program
from .search import Search

__all__ = ["Settled", "even_product", "level_by_level"]

Real = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
SMALL = 1e-8


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """Weights of the panels, the first bound that was proven, levels done, and whether all is proven."""

    weights: Real
    bound: float
    levels: int
    proven: bool


def level_by_level(
    search: Search, panels: Panels, never: Flags, budget: Budget, say: Callable[[str], None]
) -> Settled:
    """Raise the lowest chance as far as it goes, settle whoever cannot get more, go on with the others.

    Each level adds panels until an integer program proves that no other panel helps. Types whose row has
    a price are settled. Flanigan and others, *Fair algorithms for selecting citizens' assemblies*, Nature
    596 (2021), p. 548–552, give the scheme on people; here it works on types.
    """
    types = search.types
    open_, value = ~never, np.zeros(len(types))
    bound, levels, weights = 1.0, 0, np.full(len(panels), 1 / max(len(panels), 1))
    while open_.any():
        answer, proven = _raised(search, panels, open_, value, budget)
        weights = _weights(answer, len(panels), weights)
        if not proven:
            return Settled(weights, bound, levels, False)
        levels += 1
        level = answer.x[-1]
        bound = level if levels == 1 else bound
        prices = np.where(open_, np.abs(answer.duals[: len(types)]), 0.0)
        settled = open_ & (prices > 1e-6 * prices.max()) if level < 1 - SMALL else open_.copy()
        value[settled] = level
        open_ &= ~settled
        say(f"step {levels}: chances of {level:.2%} are settled, {int(open_.sum())} kinds of people to go")
    return Settled(weights, bound, levels, True)


def _raised(search: Search, panels: Panels, open_: Flags, value: Real, budget: Budget) -> tuple[Answer, bool]:
    """Solve one level; say whether it is proven that no other panel raises it."""
    while True:
        answer = _level(search.types, panels, open_, value)
        if budget.left <= 0:
            return answer, False
        prices, worth = np.abs(answer.duals[:-1]), abs(float(answer.duals[-1]))
        panel = search.panel(prices, budget.left)
        if panel is not None and prices @ panel > worth + SMALL and panels.add(panel):
            continue
        panel, best = search.best(prices, budget.left)
        if panel is not None and prices @ panel > worth + SMALL and panels.add(panel):
            continue
        return answer, best.status == "optimal"


def _level(types: Types, panels: Panels, open_: Flags, value: Real) -> Answer:
    """Maximise the lowest open chance; one row per type, then the sum of the weights."""
    array, count, rows = panels.array, len(panels), len(types)
    place, panel = np.nonzero(array.T)
    chance = np.where(open_, -types.count.astype(float), 0.0)
    program = Program(
        np.append(np.zeros(count), 1.0),
        np.zeros(count + 1),
        np.append(np.full(count, np.inf), 1.0),
        np.append(np.where(open_, 0.0, value * types.count * (1 - 1e-10)), 1.0),
        np.append(np.full(rows, np.inf), 1.0),
        (
            np.concatenate([place, np.arange(rows), np.full(count, rows)]),
            np.concatenate([panel, np.full(rows, count), np.arange(count)]),
            np.concatenate([array.T[place, panel], chance, np.ones(count)]),
        ),
    )
    return program.solve()


def _weights(answer: Answer, count: int, before: Real) -> Real:
    if len(answer.x) != count + 1:
        return before
    weights = np.maximum(answer.x[:count], 0.0)
    return weights / weights.sum()


def even_product(
    search: Search, panels: Panels, never: Flags, budget: Budget, say: Callable[[str], None]
) -> Real:
    """Return weights that maximise the product of chances over the panels, adding panels while they help.

    The weights are found by multiplying each with what its panel is worth (Cover, *An algorithm for
    maximizing expected log investment return*, 1984, p. 370), which never lowers the product.
    """
    types = search.types
    live = ~never
    weights = np.full(len(panels), 1 / len(panels))
    while True:
        seats = panels.array[:, live].astype(float)
        share = types.count[live] / types.count[live].sum()
        for _ in range(3000):
            worth = seats @ (share / np.maximum(weights @ seats, 1e-300))
            weights = weights * worth
            weights /= weights.sum()
            if worth.max() < 1 + 1e-6:
                break
        rewards = np.zeros(len(types))
        rewards[live] = share / np.maximum(weights @ seats, 1e-300)
        panel, _ = search.best(rewards, budget.left)
        if budget.left <= 0 or panel is None or rewards @ panel < 1 + 1e-5 or not panels.add(panel):
            return weights
        more = f"{rewards @ panel - 1:.3%}"
        say(f"{len(panels)} possible panels found; the mean chance can still grow by {more} at most")
        weights = np.append(weights * 0.99, 0.01)
