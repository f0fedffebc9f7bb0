"""The fairest lottery over allowed panels, with a proof of how far from the best it can be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError
from isopolis.model.text import phrase

from .levels import even_product, level_by_level
from .mixing import Budget, Mixture, Panels, mixed
from .pool import Types
from .search import Search
from .targets import Target, impossible, leximin_target, nash_target

__all__ = ["OBJECTIVES", "Lottery", "known_objective", "lottery"]

Real = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
OBJECTIVES = ("maximin", "leximin", "nash")


@dataclass(frozen=True, slots=True, eq=False)
class Lottery:
    """Panels of types with a probability each.

    Attributes
    ----------
    types : Types
    objective : str
    panels : (J, T) array
        Seats of each type on each panel; every panel keeps every rule.
    weights : (J,) array
        Probabilities, positive, summing to 1.
    never : (T,) array of bool
        Types that no allowed panel can hold.
    bound : float
        For maximin and leximin: no lottery has a larger lowest chance. For Nash: no lottery has a
        larger geometric mean of the chances.
    share : float
        For leximin and Nash the smallest ratio of a chance to the chance at the best point, where that
        point is known; 1 when it was reached.
    levels : int
        Different chances that leximin settled.
    """

    types: Types
    objective: str
    panels: Whole
    weights: Real
    never: npt.NDArray[np.bool_]
    bound: float
    share: float
    levels: int

    @property
    def chances(self) -> Real:
        """Chance of a person of each type, ``(T,)``."""
        chances: Real = (self.weights @ self.panels) / self.types.count
        return chances

    @property
    def lowest(self) -> float:
        """Lowest chance of those who can be on a panel at all; 0 when nobody can."""
        return float(self.chances[~self.never].min(initial=1.0)) if not self.never.all() else 0.0

    @property
    def geometric_mean(self) -> float:
        """Geometric mean of the chances of all people who can be on a panel."""
        live = ~self.never
        logs = np.log(np.maximum(self.chances[live], 1e-300))
        return float(np.exp(np.average(logs, weights=self.types.count[live])))

    @property
    def gap(self) -> float:
        """How much of the best the objective may be short of, from 0 to 1; proven."""
        reached = self.geometric_mean if self.objective == "nash" else self.lowest
        gap = 1 - reached / self.bound if self.bound > 0 else 0.0
        return max(gap, 0.0) if gap > 1e-12 else 0.0


def known_objective(objective: str) -> None:
    """Refuse what is no objective.

    Raises
    ------
    CallError
    """
    if objective not in OBJECTIVES:
        raise CallError(phrase('there is no objective "{name}": leximin, maximin or nash', name=objective))


def lottery(
    types: Types,
    objective: str,
    budget: Budget,
    *,
    seed: int = 1,
    say: Callable[[str], None] = lambda _: None,
) -> Lottery | None:
    """Find the lottery; None when no panel keeps the rules.

    Parameters
    ----------
    types : Types
    objective : {"maximin", "leximin", "nash"}
        Largest lowest chance; the same, then the next lowest and so on; largest product of chances.
    budget : Budget
        When to stop; the best lottery so far comes back with its proven gap.
    seed : int
        For ties between panels while searching; it favours nobody.
    say : callable
        Progress.

    Raises
    ------
    CallError
        When there is no such objective.
    """
    known_objective(objective)
    search, panels = Search(types, seed), Panels(types)
    first, answer = search.best(np.zeros(len(types)), max(budget.left, 30.0))
    if not panels.add(first):
        if answer.status == "time":
            raise CallError(phrase("no panel was found in the time given; allow more time"))
        return None
    never = impossible(types)
    while True:
        target = nash_target(types, never) if objective == "nash" else leximin_target(types, never)
        wanted = target.seats
        if objective == "maximin":
            wanted = np.where(never, 0.0, target.bound * types.count)
        mixture = mixed(search, panels, wanted, target.seats, budget, say)
        missed = _missed(search, panels, never, budget)
        if not missed.any():
            return _settled(search, panels, objective, target, mixture, budget, say)
        never = never | missed


def _missed(
    search: Search, panels: Panels, never: npt.NDArray[np.bool_], budget: Budget
) -> npt.NDArray[np.bool_]:
    """Find the types that no whole panel can hold, among those that none of ours holds."""
    missed = np.zeros(len(never), dtype=bool)
    for kind in np.flatnonzero((panels.array.sum(axis=0) == 0) & ~never):
        if panels.array[:, kind].any():
            continue
        panel, answer = search.best((np.arange(len(never)) == kind).astype(float), max(budget.left, 1.0))
        panels.add(panel)
        missed[kind] = answer.status == "optimal" and (panel is None or panel[kind] == 0)
    return missed


def _settled(
    search: Search,
    panels: Panels,
    objective: str,
    target: Target,
    mixture: Mixture,
    budget: Budget,
    say: Callable[[str], None],
) -> Lottery:
    """Take the mixture where it reaches the target; else search on in the time that is left."""
    types, never = search.types, target.never
    weights = np.zeros(len(panels))
    weights[: len(mixture.weights)] = mixture.weights
    bound, share, levels = target.bound, mixture.share, target.levels
    short = share < 1 - budget.enough(types) and budget.left > 0
    if objective == "maximin":
        bound = min(bound, bound * mixture.bound)
    elif objective == "nash":
        if short:
            weights = even_product(search, panels, never, budget, say)
        return _made(
            types, objective, panels, weights, never, _product_bound(search, panels, weights, never), share, 1
        )
    elif short and mixture.bound < 1 - budget.enough(types):
        settled = level_by_level(search, panels, never, budget, say)
        if settled.proven:
            return _made(types, objective, panels, settled.weights, never, settled.bound, 1.0, settled.levels)
        bound = min(bound, settled.bound)
    return _made(types, objective, panels, weights, never, bound, share, levels)


def _product_bound(search: Search, panels: Panels, weights: Real, never: npt.NDArray[np.bool_]) -> float:
    """Bound the geometric mean of the chances: the logarithm is concave, so its slope bounds its growth."""
    types, live = search.types, ~never
    seats = weights @ panels.array[: len(weights)]
    share = np.where(live, types.count, 0) / types.count[live].sum()
    rewards = np.where(live, share / np.maximum(seats, 1e-300), 0.0)
    search.panel(rewards)
    mean = float(np.exp(share[live] @ np.log(np.maximum(seats[live], 1e-300) / types.count[live])))
    return mean * float(np.exp(max(search.bound - 1, 0.0)))


def _made(
    types: Types,
    objective: str,
    panels: Panels,
    weights: Real,
    never: npt.NDArray[np.bool_],
    bound: float,
    share: float,
    levels: int,
) -> Lottery:
    weights = np.append(weights, np.zeros(len(panels) - len(weights)))
    keep = np.flatnonzero(weights > 1e-12)
    kept = weights[keep] / weights[keep].sum()
    return Lottery(types, objective, panels.array[keep], kept, never, bound, share, levels)
