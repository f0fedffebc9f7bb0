"""Phragmén's sequential rule, in fractions.

Everybody earns money at the same speed. As soon as the supporters of a project have its cost together,
they buy it and start again from nothing. What a voter has is the time since the last purchase that the
voter took part in, so it is enough to count, for each project, supporters by that purchase.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from .election import Election

__all__ = ["Bought", "phragmen"]


@dataclass(frozen=True, slots=True)
class Bought:
    """One purchase: the project, and the money that each voter had been given until then."""

    project: int
    time: Fraction


def phragmen(
    election: Election,
    allowed: list[int],
    money: int,
    choose: Callable[[list[int]], int],
    *,
    skip: bool = False,
) -> list[Bought]:
    """Buy projects in the order in which their supporters can pay.

    Ticks only: how many points a voter gave does not matter, any points are support.

    Parameters
    ----------
    election : Election
    allowed : list of int
    money : int
        Units that may be spent.
    choose : callable
        Decides among projects that can be bought at the same moment.
    skip : bool
        Leave a project out that no longer fits and go on; else end there.

    References
    ----------
    Los, Christoff, Grossi, "Proportional budget allocations: towards a systematization", IJCAI 2022.
    """
    side, votes = election.ballots.by_project, election.ballots.votes.tolist()
    costs = election.costs.tolist()
    times = [Fraction(0)]
    last = np.zeros(election.n_voters, np.int64)
    left = [p for p in allowed if votes[p] > 0]
    bought: list[Bought] = []
    while left:
        moment = {
            p: _moment(np.bincount(last[side.row(p)]).tolist(), times, costs[p], votes[p]) for p in left
        }
        first = min(moment.values())
        tied = [p for p in left if moment[p] == first]
        dear = [p for p in tied if costs[p] > money]
        if dear and not skip:
            break
        if dear:
            left = [p for p in left if p not in dear]
            continue
        p = tied[0] if len(tied) == 1 else choose(tied)
        bought.append(Bought(p, first))
        last[side.row(p)] = len(times)
        times.append(first)
        money -= costs[p]
        left.remove(p)
    return bought


def _moment(counts: list[int], times: list[Fraction], cost: int, votes: int) -> Fraction:
    """Return when the supporters have the cost: ``votes * t - sum(count * time) = cost``."""
    return (cost + sum((c * t for c, t in zip(counts, times, strict=False) if c), Fraction(0))) / votes
