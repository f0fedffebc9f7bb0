"""Who supports what, as arrays: the one form in which ballots are audited."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError

from ..election import Election

__all__ = ["Approvals", "Ballots", "approvals", "approvals_of"]

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Ballots:
    """Voters with the same ballot counted as one.

    Parameters
    ----------
    support : (T, K) bool array
        True where ballots of this kind support the project.
    weight : (T,) int array
        Voters with this ballot.
    kind : (n,) int array
        Row of each voter.
    """

    support: Flags
    weight: Ints
    kind: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Approvals:
    """Ballots as approvals, with costs and budget.

    Parameters
    ----------
    voters : int
        n, with those whose ballot is empty.
    start : (m + 1,) int array
        Supporters of project p are ``who[start[p]:start[p + 1]]``.
    who : (nnz,) int array
        Numbers of voters from 0 to n - 1, ascending and without repetition within a project.
    costs : (m,) int array
        Cost of each project in the smallest unit of money, at least 1.
    budget : int
        In the same unit.

    Raises
    ------
    CallError
        If the shapes disagree or a number is out of range.
    """

    voters: int
    start: Ints
    who: Ints
    costs: Ints
    budget: int

    def __post_init__(self) -> None:
        for name in ("start", "who", "costs"):
            array = np.asarray(getattr(self, name), dtype=np.int64).view()
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        if len(self.start) != len(self.costs) + 1 or self.start[0] != 0 or self.start[-1] != len(self.who):
            raise CallError("the supporters of the projects do not fit their costs")
        if len(self.who) and not (self.who.min() >= 0 and self.who.max() < self.voters):
            raise CallError("a supporter is not among the voters")
        if len(self.costs) and self.costs.min() < 1:
            raise CallError("every project costs at least one unit of money")

    @property
    def projects(self) -> int:
        """Number of projects, m."""
        return len(self.costs)

    def of(self, project: int) -> Ints:
        """Supporters of one project, ascending."""
        return self.who[self.start[project] : self.start[project + 1]]

    @property
    def votes(self) -> Ints:
        """(m,) supporters of each project."""
        return np.diff(self.start)

    def dense(self, projects: Sequence[int]) -> Flags:
        """(n, K) True where a voter supports one of the `projects`."""
        out = np.zeros((self.voters, len(projects)), dtype=np.bool_)
        for column, project in enumerate(projects):
            out[self.of(project), column] = True
        return out

    def flags(self, winners: Iterable[int]) -> Flags:
        """(m,) True for the projects in `winners`."""
        out = np.zeros(self.projects, dtype=np.bool_)
        out[list(winners)] = True
        return out

    def utility(self, winners: Iterable[int], measure: str = "cost") -> Ints:
        """(n,) money (``cost``) or number (``count``) of funded projects that each voter supports."""
        out = np.zeros(self.voters, dtype=np.int64)
        for project in winners:
            out[self.of(project)] += self.worth(measure)[project]
        return out

    def worth(self, measure: str) -> Ints:
        """(m,) what a project is worth to whoever supports it: its cost, or one."""
        return self.costs if measure == "cost" else np.ones(self.projects, dtype=np.int64)

    def ballots(self, projects: Sequence[int]) -> Ballots:
        """Group voters whose ballots agree on `projects`."""
        dense = self.dense(projects)
        if not len(projects):
            none = np.zeros(self.voters, dtype=np.int64)
            return Ballots(np.zeros((1, 0), dtype=np.bool_), np.array([self.voters]), none)
        words = _words(dense)
        order = np.lexsort(words.T)
        new = np.r_[True, (words[order[1:]] != words[order[:-1]]).any(axis=1)]
        kind = np.empty(self.voters, dtype=np.int64)
        kind[order] = np.cumsum(new) - 1
        weight = np.bincount(kind)
        return Ballots(dense[order[new]], weight.astype(np.int64), kind)


def _words(dense: Flags) -> npt.NDArray[np.uint64]:
    """(n, k) the rows as whole numbers of 64 bits, which sort much faster than strings of bytes."""
    bits = np.packbits(dense, axis=1)
    padded = np.zeros((len(dense), -(-bits.shape[1] // 8) * 8), dtype=np.uint8)
    padded[:, : bits.shape[1]] = bits
    return padded.view(np.uint64)


def approvals_of(ballots: Sequence[Iterable[int]], costs: Sequence[int], budget: int) -> Approvals:
    """Make `Approvals` from lists, one per voter, of the projects that the voter supports.

    Examples
    --------
    >>> approvals_of([[0, 1], [1]], [10, 20], 30).votes.tolist()
    [1, 2]
    """
    pairs = sorted({(p, i) for i, ballot in enumerate(ballots) for p in ballot})
    counts = np.bincount([p for p, _ in pairs], minlength=len(costs)) if pairs else np.zeros(len(costs))
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    who = np.array([i for _, i in pairs], dtype=np.int64)
    return Approvals(len(ballots), start, who, np.asarray(costs, dtype=np.int64), int(budget))


def approvals(election: Election) -> Approvals:
    """Read the ballots of an election as approvals: a project on a ballot is supported, whatever its mark."""
    side = election.ballots.by_project
    who = side.other.astype(np.int64)
    return Approvals(election.n_voters, side.start, who, election.costs, election.budget)
