"""Why did my project lose? For each project that was not funded: what stopped it, where its votes went."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError
from isopolis.model.text import Number, count, joint, phrase, phrases

from .approvals import Approvals, Ints

__all__ = ["REASONS", "Elsewhere", "Lost", "Purses", "lost", "replay"]

Floats = npt.NDArray[np.float64]
REASONS = ("no-votes", "threshold", "too-dear", "spent", "no-room", "left-over", "behind")
SHOWN = 5


@dataclass(frozen=True, slots=True, eq=False)
class Purses:
    """What voters paid and kept when each project is paid equally by its supporters.

    Parameters
    ----------
    order : tuple of int
        Funded projects in the order in which they were bought.
    left : (n,) array
        What each voter keeps, units. For explaining, not for deciding.
    paid : mapping of int to (k,) array
        Project → what each of its supporters paid, in the order of `Approvals.of`.
    unpaid : tuple of int
        Projects whose supporters did not have the money: they were funded by another step of the rule.
    """

    order: tuple[int, ...]
    left: Floats
    paid: dict[int, Floats]
    unpaid: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A funded project that took votes or money of a lost one's supporters.

    Parameters
    ----------
    project : int
    voters : int
        Supporters of both.
    money : int or None
        What these voters paid for it, whole units; None when the rule knows no payments.
    """

    project: int
    voters: int
    money: int | None


@dataclass(frozen=True, slots=True)
class Lost:
    """Why one project was not funded.

    Parameters
    ----------
    project : int
    reason : str
        One of `REASONS`.
    votes, cost : int
    available : int or None
        Money that was there for it, whole units: what its supporters kept (``spent``), or what was left
        of the budget at its turn (``no-room``); never above the cost.
    support : Fraction or None
        `available` over cost: how near it came.
    nothing : int
        Its supporters none of whose projects is funded.
    elsewhere : tuple of Elsewhere
        Funded projects that its supporters also support, those with the most of them first.
    least : int
        Votes or points that the rules of the vote ask for; 0 where they are not known.
    """

    project: int
    reason: str
    votes: int
    cost: int
    available: int | None
    support: Fraction | None
    nothing: int
    elsewhere: tuple[Elsewhere, ...]
    least: int = 0

    def said(self, names: Sequence[str], money: Any) -> str:
        """Say it in sentences.

        Parameters
        ----------
        names : sequence of str
            Of all projects.
        money : callable
            Units → text.
        """
        return joint((self._why(money), self._where(names, money), self._who()))

    def _why(self, money: Any) -> str:
        cost, there = money(self.cost), money(self.available or 0)
        near = Number(f"{int(100 * (self.support or 0))}%")  # rounded down: nearly is not wholly
        return {
            "no-votes": phrase("Nobody voted for it."),
            "threshold": phrase(
                "The rules of this vote ask for at least {least} votes or points; it had fewer.",
                least=count(self.least),
            ) if self.least else phrase("It had fewer votes than the regulation asks for."),
            "too-dear": phrase("It costs more than the whole budget."),
            "spent": phrase(
                "Its supporters had {there} left between them, {near} of its cost of {cost}: the rest of "
                "their share had gone to other projects they support.",
                there=there, near=near, cost=cost,
            ),
            "no-room": phrase(
                "When its turn came, {there} of the budget was left and it costs {cost}.",
                there=there, cost=cost,
            ),
            "behind": phrase("Under the rule other projects came before it."),
            "left-over": phrase(
                "Its cost of {cost} would have fitted, but the rule stops before it.", cost=cost
            ),
        }[self.reason]  # fmt: skip

    def _where(self, names: Sequence[str], money: Any) -> str:
        if not self.elsewhere:
            return ""
        first = self.elsewhere[0]
        if first.money is not None and self.reason == "spent":
            return phrase(
                "The largest part, {money}, went to “{name}”, which {voters} of its supporters also chose.",
                money=money(first.money), name=names[first.project], voters=count(first.voters),
            )  # fmt: skip
        return phrase(
            "{voters} of its {votes} supporters also chose “{name}”, which is funded.",
            voters=count(first.voters), votes=count(self.votes), name=names[first.project],
        )  # fmt: skip

    def _who(self) -> str:
        if not self.votes:
            return ""
        return phrases(
            "{n} of its supporters got none of their projects.",
            "{n} of its supporters got none of their projects.",
            self.nothing,
        )

    def to_dict(self, ids: Sequence[str]) -> dict[str, Any]:
        """Return the plain JSON form; projects by their ids."""
        return {
            "project": ids[self.project],
            "reason": self.reason,
            "votes": self.votes,
            "cost": self.cost,
            "available": self.available,
            "support": None if self.support is None else round(float(self.support), 4),
            "supporters_with_nothing": self.nothing,
            "elsewhere": [
                {"project": ids[e.project], "voters": e.voters, "money": e.money} for e in self.elsewhere
            ],
        }


def replay(
    approvals: Approvals,
    order: Sequence[int],
    purse: npt.ArrayLike,
    *,
    prices: Sequence[float | None] | None = None,
    points: Mapping[int, npt.ArrayLike] | None = None,
) -> Purses:
    """Pay for projects one after the other, each equally by its supporters, the poor with all they have.

    Parameters
    ----------
    approvals : Approvals
    order : sequence of int
        Funded projects as the method of equal shares bought them.
    purse : number or (n,) array
        What each voter has at the start, units.
    prices : sequence, optional
        What the rule took for one point of each project; worked out where None, for ballots without points.
    points : mapping of int to (k,) array, optional
        Points of the supporters of each project, in the order of `Approvals.of`; 1 when not given.

    Examples
    --------
    >>> from isopolis.engage.budget.audit.approvals import approvals_of
    >>> replay(approvals_of([[0], [0], [1]], [4, 9], 9), [0], 3).left.tolist()
    [1.0, 1.0, 3.0]
    """
    left = np.broadcast_to(np.asarray(purse, dtype=np.float64), (approvals.voters,)).copy()
    paid: dict[int, Floats] = {}
    unpaid: list[int] = []
    for p, price in zip(order, prices or [None] * len(order), strict=True):
        mine = approvals.of(p)
        weight = np.asarray(points[p], dtype=np.float64) if points is not None else 1.0
        amount = _equal(left[mine], float(approvals.costs[p])) if price is None else float(price)
        if amount is None:
            unpaid.append(p)
            continue
        paid[p] = np.minimum(left[mine], amount * weight)
        left[mine] -= paid[p]
    return Purses(tuple(order), left, paid, tuple(unpaid))


def _equal(purses: Floats, cost: float) -> float | None:
    """What each pays at most so that all together pay `cost`; None when they cannot."""
    rich = np.sort(purses)
    if not len(rich) or rich.sum() < cost * (1 - 1e-9):
        return None
    before = np.concatenate([[0.0], np.cumsum(rich)[:-1]])
    amounts = (cost - before) / np.arange(len(rich), 0, -1)
    fits = np.flatnonzero(amounts <= rich)
    return float(amounts[fits[0]]) if len(fits) else float(rich[-1])


def lost(
    approvals: Approvals,
    winners: Iterable[int],
    *,
    purses: Purses | None = None,
    queue: Sequence[int] | None = None,
    below: Iterable[int] = (),
    least: int = 0,
) -> tuple[Lost, ...]:
    """Say of every project that was not funded why.

    Parameters
    ----------
    approvals : Approvals
    winners : iterable of int
    purses : Purses, optional
        For rules in which voters pay.
    queue : sequence of int, optional
        For rules that go through the projects once: their order. Without either, a lost project just came
        after the others.
    below : iterable of int
        Projects under the threshold of the regulation.
    least : int
        That threshold, to be said.

    Returns
    -------
    tuple of Lost
        Those with the most votes first.
    """
    won = sorted(set(winners))
    if purses is not None and queue is not None:
        raise CallError("a rule lets voters pay or goes through a list, not both")
    room = _room(approvals, won, queue) if queue is not None else {}
    got = approvals.utility(won, "count")
    short = set(below)
    losers = [p for p in range(approvals.projects) if p not in set(won)]
    spare = approvals.budget - int(approvals.costs[won].sum())
    out = []
    for p in sorted(losers, key=lambda p: (-int(approvals.votes[p]), p)):
        reason, there = _reason(approvals, p, p in short, purses, room, spare)
        cost, mine = int(approvals.costs[p]), approvals.of(p)
        near = None if there is None else Fraction(there, cost)
        other = _elsewhere(approvals, p, won, purses)
        nothing = int((got[mine] == 0).sum())
        out.append(Lost(p, reason, len(mine), cost, there, near, nothing, other, least))
    return tuple(out)


def _room(a: Approvals, won: Sequence[int], queue: Sequence[int]) -> dict[int, int]:
    """Money left at the turn of each project."""
    left, out, chosen = a.budget, {}, set(won)
    for p in queue:
        out[p] = left
        left -= int(a.costs[p]) if p in chosen else 0
    return out


def _reason(
    a: Approvals, p: int, short: bool, purses: Purses | None, room: dict[int, int], spare: int
) -> tuple[str, int | None]:
    cost = int(a.costs[p])
    if not a.votes[p]:
        return "no-votes", None
    if short:
        return "threshold", None
    if cost > a.budget:
        return "too-dear", None
    if purses is not None:
        return "spent", min(cost, int(purses.left[a.of(p)].sum()))
    if not room:
        return "behind", None
    there = room.get(p, spare)
    return ("no-room" if there < cost else "left-over"), min(there, cost)


def _elsewhere(a: Approvals, p: int, won: Sequence[int], purses: Purses | None) -> tuple[Elsewhere, ...]:
    mine: Ints = a.of(p)
    member = np.zeros(a.voters, dtype=np.bool_)
    member[mine] = True
    found = []
    for q in won:
        both = member[a.of(q)]
        voters = int(both.sum())
        if voters:
            paid = (
                None if purses is None or q not in purses.paid else round(float(purses.paid[q][both].sum()))
            )
            found.append(Elsewhere(q, voters, paid))
    by_money = purses is not None
    found.sort(key=lambda e: (-(e.money or 0) if by_money else 0, -e.voters, e.project))
    return tuple(found[:SHOWN])
