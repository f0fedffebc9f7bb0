"""Search for groups that agree on projects, could pay them from their share, and were left short.

A group S of the n voters is cohesive for a set T of projects when all of S support all of T and
``|S| · budget ≥ n · cost(T)``. The search goes through the sets T depth first and drops a branch as soon as
no group below it could be both large enough and short enough, so that on real elections it mostly ends;
where it does not within its limits it says so.

References
----------
Peters, D., Pierczyński, G. & Skowron, P. (2021): Proportional participatory budgeting with additive
utilities, NeurIPS 34, definitions 1 and 2 (EJR, up to one project). Brill, M., Forster, S., Lackner, M.,
Maly, J. & Peters, J. (2023): Proportionality in approval-based participatory budgeting, AAAI 37, section 3
(up to any project, PJR).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .approvals import Approvals

__all__ = ["EXTENDED", "LEVELS", "PROPORTIONAL", "Breach", "Search", "Unions", "search"]

Ints = npt.NDArray[np.int64]

EXTENDED, PROPORTIONAL = "ejr", "pjr"
LEVELS = ("", "any", "one")
"""Exactly, up to any project, up to one project."""
NODES = 20_000
ROWS = 20_000_000
UNIONS = 2_000


@dataclass(frozen=True, slots=True)
class Breach:
    """A group that is left short.

    Parameters
    ----------
    projects : tuple of int
        What all of the group support and could pay from their share.
    size : int
        Voters in the group.
    need, got : int
        Money or number of projects that the group is entitled to, and the most that one of them
        (extended) or all of them together (proportional) got.
    """

    projects: tuple[int, ...]
    size: int
    need: int
    got: int


@dataclass(slots=True)
class Search:
    """What a search found.

    Parameters
    ----------
    breaches : dict
        ``(axiom, level)`` → the breach found, for the largest group seen.
    open : set
        ``(axiom, level)`` that is neither broken nor shown to hold.
    nodes, rows : int
        Sets of projects looked at, and rows of ballots read for them.
    complete : bool
        False when a limit ended the search.
    """

    breaches: dict[tuple[str, str], Breach] = field(default_factory=dict)
    open: set[tuple[str, str]] = field(default_factory=set)
    nodes: int = 0
    rows: int = 0
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Unions:
    """Bit masks of funded projects that members of a group support, with voters and worth of each bit."""

    masks: tuple[int, ...]
    weights: tuple[int, ...]
    worth: tuple[int, ...]

    def most(self, short: int, limit: int = UNIONS) -> tuple[int, int, bool]:
        """Find the largest part of the group whose union is worth less than `short`.

        Returns
        -------
        tuple of int, int, bool
            Voters, worth of their union, and whether every union was looked at.
        """
        whole = 0
        for mask in self.masks:
            whole |= mask
        if self.of(whole) < short:  # the whole group is short
            return sum(self.weights), self.of(whole), True
        seen = {0: 0}
        order = [0]
        for mask in self.masks:
            for old in tuple(order):
                union = old | mask
                if union not in seen and (worth := self.of(union)) < short:
                    seen[union] = worth
                    order.append(union)
            if len(order) > limit:
                return *self._best(seen), False
        return *self._best(seen), True

    def of(self, union: int) -> int:
        """Worth of a set of projects given as bits."""
        return sum(w for bit, w in enumerate(self.worth) if union >> bit & 1)

    def _best(self, seen: dict[int, int]) -> tuple[int, int]:
        def weight(union: int) -> int:
            return sum(w for m, w in zip(self.masks, self.weights, strict=True) if m | union == union)

        return max((weight(union), worth) for union, worth in seen.items())


def search(
    approvals: Approvals,
    winners: Iterable[int],
    measure: str = "cost",
    *,
    nodes: int = NODES,
    rows: int = ROWS,
) -> Search:
    """Look for breaches of EJR and PJR, exactly and up to any or one project.

    Parameters
    ----------
    approvals : Approvals
    winners : iterable of int
    measure : {"cost", "count"}
        What voters get from a project: its money, or one project.
    nodes, rows : int
        Limits of the search.

    Returns
    -------
    Search
    """
    walk = _Walk(approvals, tuple(sorted(set(winners))), measure, nodes, rows)
    walk.run()
    return walk.found


class _Walk:
    """One search: what it needs at every step."""

    def __init__(
        self, approvals: Approvals, winners: tuple[int, ...], measure: str, nodes: int, rows: int
    ) -> None:
        self.a, self.winners, self.won = approvals, winners, approvals.flags(winners)
        self.limits = (nodes, rows)
        self.found = Search()
        self.worth = approvals.worth(measure)
        self.by_count = measure != "cost"
        cover = approvals.votes * approvals.budget >= approvals.voters * approvals.costs
        columns = np.flatnonzero(cover | self.won)
        self.column = {int(p): i for i, p in enumerate(columns)}
        ballots = approvals.ballots(columns.tolist())
        mine = [self.column[w] for w in winners]
        got = ballots.support[:, mine].astype(np.int64) @ self.worth[list(winners)]
        order = np.argsort(got, kind="stable")
        self.support, self.weight = ballots.support[order], ballots.weight[order]
        self.got = got[order]
        self.losers = [int(p) for p in np.flatnonzero(cover & ~self.won)]
        self.others = [int(p) for p in np.flatnonzero(cover & self.won)]

    def run(self) -> None:
        """Every set with at least one loser, once: by its first loser."""
        everyone = np.arange(len(self.weight))
        for i, first in enumerate(self.losers):
            self.step((), everyone, 0, first, self.losers[i + 1 :] + self.others)
            if not self.found.complete:
                break
        if not self.found.complete:
            keys = {(axiom, level) for axiom in (EXTENDED, PROPORTIONAL) for level in LEVELS}
            self.found.open |= keys
        self.found.open -= set(self.found.breaches)

    def step(self, chosen: tuple[int, ...], rows: Ints, cost: int, project: int, rest: list[int]) -> None:
        """Add one project and go on below it."""
        found, a = self.found, self.a
        found.nodes += 1
        found.rows += len(rows)
        if found.nodes > self.limits[0] or found.rows > self.limits[1]:
            found.complete = False
            return
        cost += int(a.costs[project])
        rows = rows[self.support[rows, self.column[project]]]
        size = np.cumsum(self.weight[rows])
        if not len(rows) or int(size[-1]) * a.budget < cost * a.voters:
            return
        chosen = (*chosen, project)
        short = np.flatnonzero(self._could_be_short(rows, size, chosen, cost, rest))
        if not len(short):
            return
        rows, size = rows[: short[-1] + 1], size[: short[-1] + 1]
        if int(size[-1]) * a.budget < cost * a.voters:
            return
        self._judge(chosen, rows, size, cost)
        for i, project in enumerate(rest):
            if not found.complete:
                return
            self.step(chosen, rows, cost, project, rest[i + 1 :])

    def _could_be_short(
        self, rows: Ints, size: Ints, chosen: tuple[int, ...], cost: int, rest: list[int]
    ) -> npt.NDArray[np.bool_]:
        """True for rows that a group below this set, poorest first, could still hold."""
        a = self.a
        if not self.by_count:
            return np.asarray(self.got[rows] * a.voters < size * a.budget)
        spare = size * a.budget // a.voters - cost
        more = np.searchsorted(np.cumsum(np.sort(a.costs[rest])), spare, side="right")
        return np.asarray((spare >= 0) & (self.got[rows] < len(chosen) + more))

    def _judge(self, chosen: tuple[int, ...], rows: Ints, size: Ints, cost: int) -> None:
        lacking = [int(self.worth[p]) for p in chosen if not self.won[p]]
        need = int(self.worth[list(chosen)].sum())
        got = self.got[rows]
        for level, extra in zip(LEVELS, (0, min(lacking), max(lacking)), strict=True):
            short = need - extra + (1 if extra else 0)  # got < need, or got + extra ≤ need
            k = int(np.searchsorted(got, short))
            if not k or int(size[k - 1]) * self.a.budget < cost * self.a.voters:
                continue
            self._keep((EXTENDED, level), Breach(chosen, int(size[k - 1]), need, int(got[k - 1])))
            if (PROPORTIONAL, level) not in self.found.breaches:
                self._together(chosen, rows[:k], cost, need, short, level)

    def _together(
        self, chosen: tuple[int, ...], rows: Ints, cost: int, need: int, short: int, level: str
    ) -> None:
        """Look for a part of the group that is short even when all that its members got is put together."""
        mine = [self.column[w] for w in self.winners]
        # whole numbers of Python: there may be more winners than a machine word has bits
        bits = [sum(1 << j for j in np.flatnonzero(r).tolist()) for r in self.support[rows][:, mine]]
        weights: dict[int, int] = {}
        for mask, weight in zip(bits, self.weight[rows].tolist(), strict=True):
            weights[mask] = weights.get(mask, 0) + weight
        worth = tuple(int(self.worth[w]) for w in self.winners)
        size, got, all_seen = Unions(tuple(weights), tuple(weights.values()), worth).most(short)
        if size * self.a.budget >= cost * self.a.voters:
            self._keep((PROPORTIONAL, level), Breach(chosen, size, need, got))
        elif not all_seen:
            self.found.open.add((PROPORTIONAL, level))

    def _keep(self, key: tuple[str, str], breach: Breach) -> None:
        old = self.found.breaches.get(key)
        if old is None or breach.size > old.size:
            self.found.breaches[key] = breach
