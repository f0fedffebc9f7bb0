"""Rules that take projects in one fixed order, and the spending of what is over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction

from .election import Election

__all__ = ["greedy", "ranked"]


def ranked(election: Election, allowed: Iterable[int], per_cost: bool) -> Iterator[list[int]]:
    """Yield groups of projects with equal score, the best group first.

    Parameters
    ----------
    election : Election
    allowed : iterable of int
        Projects that may be funded.
    per_cost : bool
        Score divided by cost, compared as whole numbers, instead of the score.
    """
    score = election.ballots.score.tolist()
    costs = election.costs.tolist()
    worth: dict[int, Fraction] = {p: Fraction(score[p], costs[p] if per_cost else 1) for p in allowed}
    groups: dict[Fraction, list[int]] = {}
    for p in sorted(worth):
        groups.setdefault(worth[p], []).append(p)
    for value in sorted(groups, reverse=True):
        if value > 0:  # nobody wants the others
            yield groups[value]


def greedy(
    election: Election,
    allowed: Iterable[int],
    money: int,
    choose: Callable[[list[int]], int],
    *,
    per_cost: bool = False,
    skip: bool = True,
) -> list[int]:
    """Fund the best project, then the next, while money lasts.

    Parameters
    ----------
    election : Election
    allowed : iterable of int
    money : int
        Units that may be spent.
    choose : callable
        Decides among equals; asked only when not all of them fit.
    per_cost : bool
        Best by score per cost instead of by score.
    skip : bool
        Go on after a project that does not fit; else end there.

    Returns
    -------
    list of int
        In order of funding.
    """
    chosen: list[int] = []
    costs = election.costs.tolist()
    for group in ranked(election, allowed, per_cost):
        left = list(group)
        if sum(costs[p] for p in left) <= money:
            left.sort(key=lambda p: (costs[p], p))
            chosen += left
            money -= sum(costs[p] for p in left)
            continue
        while left:
            if skip:
                left = [p for p in left if costs[p] <= money]
                if not left:
                    break
            p = left[0] if len(left) == 1 else choose(left)
            left.remove(p)
            if costs[p] <= money:
                chosen.append(p)
                money -= costs[p]
            elif not skip:
                return chosen
    return chosen
