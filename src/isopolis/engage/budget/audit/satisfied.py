"""Who got what they asked for: projects and money by voter, by group and by place.

The money of a funded project is divided equally among those who support it; a voter's *share* is what falls
to the voter in all. Shares of all voters add up to the money spent on projects that somebody supports.

References
----------
Lackner, M., Maly, J. & Rey, S. (2021): Fairness in long-term participatory budgeting, IJCAI (the share).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from .approvals import Approvals, Ints

__all__ = ["AGES", "Group", "Place", "Reach", "age_bands", "by_group", "by_place", "reach", "shares"]

AGES = ((0, 17), (18, 29), (30, 44), (45, 59), (60, 74), (75, 130))
"""Bands of age in years, both ends inside."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far an outcome reaches among the voters.

    Parameters
    ----------
    voters, empty : int
        Ballots, and those that support no project at all.
    nothing : int
        Voters none of whose projects is funded, empty ballots among them.
    projects : Fraction
        Mean number of funded projects that a voter supports.
    money : Fraction
        Mean money in funded projects that a voter supports, units.
    cost : int
        Money spent, units.
    bottom_half : float
        Part of the money that falls to the half of the voters with the smallest shares.
    gini : float
        Inequality of the shares: 0 when all are the same, towards 1 when one voter has all.
    """

    voters: int
    empty: int
    nothing: int
    projects: Fraction
    money: Fraction
    cost: int
    bottom_half: float
    gini: float

    @property
    def nothing_share(self) -> Fraction:
        """Part of the voters who got nothing."""
        return Fraction(self.nothing, max(1, self.voters))

    def to_dict(self) -> dict[str, Any]:
        """Return the plain JSON form; fractions as decimals."""
        return {
            "voters": self.voters,
            "empty_ballots": self.empty,
            "voters_with_nothing": self.nothing,
            "share_with_nothing": round(float(self.nothing_share), 6),
            "projects_per_voter": round(float(self.projects), 6),
            "money_per_voter": round(float(self.money), 6),
            "cost": self.cost,
            "share_of_bottom_half": round(self.bottom_half, 6),
            "gini": round(self.gini, 6),
        }


@dataclass(frozen=True, slots=True)
class Group:
    """What a group of voters got; true numbers, not for publication as they are (see `published`).

    Parameters
    ----------
    label : str
    voters, nothing : int
    projects : int
        Funded projects that its members support, added up over members.
    share : Fraction
        Money that falls to the group, units.
    """

    label: str
    voters: int
    nothing: int
    projects: int
    share: Fraction


@dataclass(frozen=True, slots=True)
class Place:
    """Money by place or topic of the projects; it tells nothing about single people.

    Parameters
    ----------
    label : str
    listed, funded : int
        Projects.
    asked, spent : int
        Money, units.
    votes : int
        Ticks for its projects, added up.
    """

    label: str
    listed: int
    funded: int
    asked: int
    spent: int
    votes: int


def shares(approvals: Approvals, winners: Iterable[int]) -> npt.NDArray[np.float64]:
    """(n,) what falls to each voter as a part of the budget; for comparing voters, not for adding money."""
    out = np.zeros(approvals.voters)
    for p in winners:
        mine = approvals.of(p)
        if len(mine):
            out[mine] += int(approvals.costs[p]) / (len(mine) * approvals.budget)
    return out


def reach(approvals: Approvals, winners: Iterable[int]) -> Reach:
    """Say how far an outcome reaches.

    Examples
    --------
    >>> from isopolis.engage.budget.audit.approvals import approvals_of
    >>> reach(approvals_of([[0], [0], [1]], [10, 10], 10), [0]).nothing
    1
    """
    won = sorted(set(winners))
    n = max(1, approvals.voters)
    got = approvals.utility(won, "count")
    part = np.sort(shares(approvals, won))
    total = float(part.sum())
    half = approvals.voters // 2
    odd = part[half] / 2 if approvals.voters % 2 else 0.0
    return Reach(
        voters=approvals.voters,
        empty=int((approvals.utility(range(approvals.projects), "count") == 0).sum()),
        nothing=int((got == 0).sum()),
        projects=Fraction(int(got.sum()), n),
        money=Fraction(int(approvals.utility(won, "cost").sum()), n),
        cost=int(approvals.costs[won].sum()),
        bottom_half=float(part[:half].sum() + odd) / total if total else 0.0,
        gini=_gini(part),
    )


def _gini(ascending: npt.NDArray[np.float64]) -> float:
    n, total = len(ascending), float(ascending.sum())
    if not total:
        return 0.0
    rank = np.arange(1, n + 1)
    return float((2 * rank - n - 1) @ ascending / (n * total))


def by_group(
    approvals: Approvals, winners: Iterable[int], codes: npt.ArrayLike, labels: Sequence[str]
) -> tuple[Group, ...]:
    """What each group of voters got.

    Parameters
    ----------
    approvals : Approvals
    winners : iterable of int
    codes : (n,) array of int
        Group of each voter as an index into `labels`; −1 for those of whom nothing is known, who are
        left out.
    labels : sequence of str
    """
    won = sorted(set(winners))
    code = np.asarray(codes, dtype=np.int64)
    known = code >= 0
    got = approvals.utility(won, "count")
    k = len(labels)
    voters = np.bincount(code[known], minlength=k)
    nothing = np.bincount(code[known & (got == 0)], minlength=k)
    projects = np.bincount(code[known], weights=got[known], minlength=k)
    money = [Fraction(0)] * k
    for p in won:
        mine = code[approvals.of(p)]
        counts = np.bincount(mine[mine >= 0], minlength=k)
        for g in np.flatnonzero(counts).tolist():
            money[g] += Fraction(int(approvals.costs[p]) * int(counts[g]), len(mine))
    return tuple(
        Group(labels[g], int(voters[g]), int(nothing[g]), int(projects[g]), money[g]) for g in range(k)
    )


def by_place(
    costs: Ints, votes: Ints, winners: Iterable[int], places: Sequence[Sequence[str]]
) -> tuple[Place, ...]:
    """Money by place or topic; a project with several labels counts under each.

    Parameters
    ----------
    costs, votes : (m,) int arrays
    winners : iterable of int
    places : sequence of sequences of str
        Labels of each project; empty for none.
    """
    won = set(winners)
    rows: dict[str, list[int]] = {}
    for p, labels in enumerate(places):
        for label in labels:
            row = rows.setdefault(label, [0, 0, 0, 0, 0])
            funded = int(p in won)
            cost = int(costs[p])
            for i, more in enumerate((1, funded, cost, cost * funded, int(votes[p]))):
                row[i] += more
    made = (Place(label, *row) for label, row in rows.items())
    return tuple(sorted(made, key=lambda r: (-r.spent, -r.asked, r.label)))


def age_bands(values: Mapping[int, str] | Sequence[str]) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Put ages written as whole numbers into `AGES`; anything else is not known.

    Parameters
    ----------
    values : sequence of str
        Labels of the attribute, one for each code.

    Returns
    -------
    tuple
        For each code the index of its band or −1, and the names of the bands.
    """
    texts = values.values() if isinstance(values, Mapping) else values
    out = []
    for text in texts:
        years = int(text) if text.strip().isdigit() else -1
        out.append(next((i for i, (low, high) in enumerate(AGES) if low <= years <= high), -1))
    names = tuple(f"{low}–{high}" if high < 130 else f"{low}+" for low, high in AGES)
    return tuple(out), names
