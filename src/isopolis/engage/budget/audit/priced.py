"""Could the voters have bought this outcome, each with the same purse? Priceability, by linear programming.

An outcome is priceable when there is a purse, the same for everybody and together at least the budget, and
payments for funded projects so that voters pay only for what they support and no more than their purse,
every funded project is paid exactly, and the supporters of no lost project keep enough to pay it.

References
----------
Peters, D. & Skowron, P. (2020): Proportionality and the limits of welfarism, EC, section 3. Peters, D.,
Pierczyński, G., Shah, N. & Skowron, P. (2021): Market-based explanations of collective decisions, AAAI 35.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model.text import phrase

from .approvals import Approvals, Ballots
from .lost import Purses

__all__ = ["Priced", "priceable"]

LARGEST = 15_000
"""Payments, of one kind of ballot for one project, that are still handed to the solver."""
STEPS = 50_000
"""Steps of the solver, so that the same vote gets the same answer on any machine."""
CLOSE = 1e-7
"""Money that does not count, as a share of the budget."""


@dataclass(frozen=True, slots=True)
class Priced:
    """The answer about priceability.

    Parameters
    ----------
    answer : {"holds", "broken", "not decided"}
    purse : float or None
        Purse of each voter in units of money, the smallest that the solver found to do.
    over : tuple of (int, float)
        Where it is broken: lost projects, and by how much their supporters, whatever they paid, keep more
        than its cost; the least in all that can be had.
    how : str
        Why the answer is known, or why it is not.
    """

    answer: str
    purse: float | None = None
    over: tuple[tuple[int, float], ...] = ()
    how: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the plain JSON form."""
        return {
            "answer": self.answer,
            "purse": None if self.purse is None else round(self.purse, 6),
            "over": [{"project": p, "money": round(m, 6)} for p, m in self.over],
            "how": str(self.how),
        }


def priceable(
    approvals: Approvals,
    winners: Iterable[int],
    *,
    paid: tuple[float, Purses] | None = None,
    largest: int = LARGEST,
) -> Priced:
    """Decide whether an outcome is priceable.

    Parameters
    ----------
    approvals : Approvals
    winners : iterable of int
    paid : (float, Purses), optional
        A purse that is the same for everybody, and what the rule itself let voters pay from it: when these
        are such prices, nothing needs to be searched.
    largest : int
        Size of the problem from which the answer is "not decided".

    Returns
    -------
    Priced
        Decided within one ten-millionth of the budget, the tolerance of the solver.
    """
    won = sorted(set(winners))
    unpaid = [p for p in won if not approvals.votes[p]]
    if unpaid:
        return Priced("broken", how=phrase("A funded project has no supporter who could pay for it."))
    lost = [p for p in range(approvals.projects) if p not in set(won) and approvals.votes[p]]
    if paid is not None and _are_prices(approvals, won, lost, *paid):
        return Priced("holds", paid[0], how=phrase("What the rule let everybody pay are such prices."))
    # supporters of a lost project that even their whole purses could not pay are never too rich
    bound: list[int] = []
    while True:
        ballots = approvals.ballots([*won, *bound])
        if int((ballots.support[:, : len(won)]).sum()) > largest:
            return Priced("not decided", how=phrase("The vote is too large for the solver."))
        found = _solve(approvals, won, bound, ballots)
        if found is None:
            return Priced("not decided", how=phrase("The solver gave no answer."))
        purse, left, slack = found
        rich = _too_rich(approvals, [p for p in lost if p not in bound], purse, left[ballots.kind])
        if slack > CLOSE * approvals.budget or not rich:
            break
        bound += rich
    if slack > CLOSE * approvals.budget:
        return Priced("broken", over=_over(approvals, bound, left[ballots.kind]), how=_solved())
    return Priced("holds", purse, how=_solved())


def _are_prices(a: Approvals, won: list[int], lost: list[int], purse: float, purses: Purses) -> bool:
    """Check the conditions one by one; payments come from supporters and from what they have."""
    near = CLOSE * a.budget
    exact = all(p in purses.paid and abs(purses.paid[p].sum() - int(a.costs[p])) <= near for p in won)
    enough = purse * a.voters >= a.budget - near and float(purses.left.min(initial=0.0)) >= -near
    return exact and enough and not _too_rich(a, lost, purse, purses.left)


def _solved() -> str:
    return phrase("Decided by linear programming, within one ten-millionth of the budget.")


def _too_rich(a: Approvals, lost: list[int], purse: float, left: npt.NDArray[np.float64]) -> list[int]:
    """Lost projects whose supporters keep more than the cost."""
    return [p for p in lost if left[a.of(p)].sum() > int(a.costs[p]) + CLOSE * a.budget]


def _over(a: Approvals, bound: list[int], left: npt.NDArray[np.float64]) -> tuple[tuple[int, float], ...]:
    excess = [(p, float(left[a.of(p)].sum()) - int(a.costs[p])) for p in bound]
    return tuple(sorted(((p, x) for p, x in excess if x > CLOSE * a.budget), key=lambda e: (-e[1], e[0])))


def _solve(
    a: Approvals, won: list[int], bound: list[int], ballots: Ballots
) -> tuple[float, npt.NDArray[np.float64], float] | None:
    """Find purse and payments with the least money in the wrong hands; money as shares of the budget.

    Returns
    -------
    tuple or None
        Purse, what a voter of each kind keeps, and the money by which supporters of lost projects are
        too rich in all; None when the solver fails.
    """
    from scipy.optimize import linprog
    from scipy.sparse import coo_array

    kinds, k = len(ballots.weight), len(won)
    row, col = np.nonzero(ballots.support[:, :k])  # one variable for each payment: all voters of a kind
    pays, extra = len(row), len(bound)
    at = np.arange(pays)
    unit = float(a.budget)
    # variables: payments, then the purse, then one excess for each bound project
    paid = coo_array((np.ones(pays), (col, at)), shape=(k, pays + 1 + extra))
    purses = (
        np.r_[np.ones(pays), -ballots.weight],
        np.r_[row, np.arange(kinds)],
        np.r_[at, np.full(kinds, pays)],
    )
    rows, limits = [coo_array((purses[0], purses[1:]), shape=(kinds, pays + 1 + extra))], [np.zeros(kinds)]
    for j, p in enumerate(bound):
        mine = ballots.support[:, k + j]
        inside = at[mine[row]]
        values = np.r_[-np.ones(len(inside)), float(a.votes[p]), -1.0]
        places = np.r_[inside, pays, pays + 1 + j]
        line = coo_array((values, (np.zeros(len(places), int), places)), shape=(1, pays + 1 + extra))
        rows.append(line)
        limits.append(np.array([int(a.costs[p]) / unit]))
    return _answer(a, won, (row, pays, extra), ballots, (paid, rows, limits), linprog)


def _answer(
    a: Approvals, won: list[int], shape: tuple[Any, int, int], ballots: Ballots, parts: Any, linprog: Any
) -> tuple[float, npt.NDArray[np.float64], float] | None:
    from scipy.sparse import vstack

    row, pays, extra = shape
    paid, rows, limits = parts
    unit = float(a.budget)
    # a purse is worth next to nothing beside money in the wrong hands, but the smaller is taken
    goal = np.r_[np.zeros(pays), 1e-9 * a.voters, np.ones(extra)]
    least = [(0, None)] * pays + [(1 / a.voters, None)] + [(0, None)] * extra
    solved = linprog(
        goal,
        A_ub=vstack(rows, format="csr"),
        b_ub=np.concatenate(limits),
        A_eq=paid.tocsr(),
        b_eq=a.costs[won] / unit,
        bounds=least,
        method="highs",
        options={"maxiter": STEPS},
    )
    if solved.status != 0:
        return None
    spent = np.bincount(row, solved.x[:pays], minlength=len(ballots.weight)) / ballots.weight
    purse = float(solved.x[pays])
    return purse * unit, (purse - spent) * unit, float(solved.x[pays + 1 :].sum()) * unit
