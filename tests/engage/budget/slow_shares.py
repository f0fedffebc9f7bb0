"""Equal shares as a textbook has it: every voter a fraction, every project looked at in every round."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from isopolis.engage.budget import kernel
from isopolis.engage.budget.election import Election


def price(left: list[Fraction], weights: dict[int, int], cost: int) -> Fraction | None:
    """The least price of a point at which supporters with what they have left pay the cost."""
    if sum(left[v] for v in weights) < cost:
        return None
    for q in sorted({left[v] / w for v, w in weights.items()}):
        if sum(min(left[v], q * w) for v, w in weights.items()) >= cost:
            poor = {v for v, w in weights.items() if left[v] / w < q}
            rich = sum(w for v, w in weights.items() if v not in poor)
            return Fraction(cost - sum(left[v] for v in poor)) / rich
    raise AssertionError("unreachable")


def shares(
    election: Election, endowments: list[Fraction], utility: str = "cost", lot: list[int] | None = None
) -> list[int]:
    """Winners in order; ties by lower cost, more supporters, then the lot."""
    left = list(endowments)
    side = election.ballots.by_project
    open_ = {
        p: dict(zip(side.row(p).tolist(), side.weights(p).tolist(), strict=True))
        for p in range(election.n_projects)
        if election.costs[p] <= election.budget and len(side.row(p))
    }
    won: list[int] = []
    while open_:
        found: dict[int, Fraction] = {}
        for p, weights in open_.items():
            q = price(left, weights, election.projects[p].cost)
            if q is not None:
                found[p] = q
        if not found:
            return won
        worth = {p: found[p] / (election.projects[p].cost if utility == "cost" else 1) for p in found}
        best = min(worth, key=lambda p: (
            worth[p], election.projects[p].cost, -len(open_[p]), 0 if lot is None else lot.index(p),
        ))  # fmt: skip
        for v, w in open_.pop(best).items():
            left[v] = max(Fraction(0), left[v] - found[best] * w)
        won.append(best)
    return won


def add1(
    election: Election,
    step: Fraction,
    utility: str = "cost",
    lot: list[int] | None = None,
    limit: int = 100_000,
) -> tuple[list[int], Fraction]:
    """Raise the endowment step by step; the last allocation before the first that overspends."""
    b = Fraction(election.budget, election.n_voters)
    kept = shares(election, [b] * election.n_voters, utility, lot)
    open_ = [
        p
        for p in range(election.n_projects)
        if election.ballots.votes[p] and election.costs[p] <= election.budget
    ]
    for _ in range(limit):
        if len(kept) == len(open_):
            return kept, b
        found = shares(election, [b + step] * election.n_voters, utility, lot)
        if election.cost_of(found) > election.budget:
            return kept, b
        kept, b = found, b + step
    raise AssertionError("too many steps")


class Plain:
    """The loops of the kernel as they stand, not compiled."""

    def __init__(self) -> None:
        self.calls = 0
        self.undecided = 0

    def run(
        self, sizes: Any, arrays: list[Any], flags: tuple[bool, bool, bool], limits: tuple[float, float]
    ) -> int:
        self.calls += 1
        fixed, (alive, purse), rest = arrays[:8], arrays[8:10], arrays[10:]
        order, price_, tied, numbers, marks, left, doubt = rest
        with np.errstate(all="ignore"):
            n = kernel.run(
                *fixed, *flags, alive, purse, *limits, order, price_, tied, numbers, marks, left, doubt
            )
        self.undecided += n == kernel.UNDECIDED
        return int(n)
