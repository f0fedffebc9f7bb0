"""What groups say to each statement: counts, consensus over all groups, and what marks a group.

The same functions serve opinion groups and groups of the census. A share of agreement is smoothed as in
Polis, (agrees + 1) / (votes + 2), votes with passes: who has not been asked says neither yes nor no.

References
----------
Small, Bjorkegren, Erkkilä, Shaw & Megill (2021): Polis: scaling deliberation by mapping high dimensional
opinion spaces, Recerca 26(2), pp. 11–13 (representative statements, group-informed consensus).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .votes import Votes

__all__ = ["FEWEST_VOTES", "STANDINGS", "Said", "informed", "marking", "said", "standings"]

Floats = npt.NDArray[np.float64]

FEWEST_VOTES = 5
"""Votes of a group on a statement below which nothing is said about it."""

STANDINGS = ("agreed", "rejected", "divides", "open", "unknown")
"""A majority of every group agrees; disagrees; one agrees where another disagrees; neither; too few votes."""

SURE = 1.2816
"""One-sided 90 percent of the normal distribution, as in Polis."""


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """Votes of each group on each statement.

    Parameters
    ----------
    agree, disagree, votes : (g, m) float array
        `votes` holds passes too.
    """

    agree: Floats
    disagree: Floats
    votes: Floats

    @property
    def share(self) -> Floats:
        """Smoothed share that agrees."""
        return (self.agree + 1) / (self.votes + 2)

    @property
    def against(self) -> Floats:
        """Smoothed share that disagrees."""
        return (self.disagree + 1) / (self.votes + 2)


def said(votes: Votes, group: npt.NDArray[np.int64], number: int, weights: Floats | None = None) -> Said:
    """Count the votes of each group.

    Parameters
    ----------
    votes : Votes
    group : (n,) int array
        Of each person; -1 for none.
    number : int
        How many groups there are.
    weights : (n,) float array, optional
        How often each person counts.
    """
    m = len(votes.statements)
    held = group[votes.person] >= 0
    person, value = votes.person[held], votes.value[held]
    cell = group[person] * m + votes.statement[held]
    w = np.ones(len(cell)) if weights is None else weights[person]

    def total(which: npt.NDArray[np.bool_] | slice) -> Floats:
        return np.asarray(np.bincount(cell[which], w[which], number * m), float).reshape(number, m)

    return Said(total(value == 1), total(value == -1), total(slice(None)))


def informed(counts: Said) -> Floats:
    """Return group-informed consensus of each statement: the product over groups of their smoothed shares.

    High only where every group agrees, however small it is.

    Returns
    -------
    (m,) float array, from 0 to 1
    """
    return np.asarray(np.prod(counts.share, axis=0))


def standings(counts: Said, fewest: int = FEWEST_VOTES) -> npt.NDArray[np.int8]:
    """Return the standing of each statement as a place in `STANDINGS`."""
    yes, no = counts.share > 0.5, counts.against > 0.5
    out = np.full(yes.shape[1], STANDINGS.index("open"), np.int8)
    out[yes.any(axis=0) & no.any(axis=0)] = STANDINGS.index("divides")
    out[yes.all(axis=0)] = STANDINGS.index("agreed")
    out[no.all(axis=0)] = STANDINGS.index("rejected")
    out[(counts.votes < fewest).any(axis=0)] = STANDINGS.index("unknown")
    return out


def marking(counts: Said, allowed: npt.NDArray[np.bool_], most: int = 5) -> list[list[tuple[int, int]]]:
    """Return for each group the statements that mark it: (statement, 1 agrees or -1 disagrees).

    A statement marks a group when its share is above one half and above that of everybody else, both
    surely by Polis's tests; the order is the product of both shares' ratio and both tests.
    """
    out = []
    for g in range(len(counts.votes)):
        n, others = counts.votes[g], counts.votes.sum(axis=0) - counts.votes[g]
        scored = []
        for way, x in ((1, counts.agree), (-1, counts.disagree)):
            mine, theirs = x[g], x.sum(axis=0) - x[g]
            p, q = (mine + 1) / (n + 2), (theirs + 1) / (others + 2)
            one, two = _above_half(mine, n), _above(mine, n, theirs, others)
            good = allowed & (one > SURE) & (two > SURE)
            score = p / q * one * two * p
            scored += [(-float(score[j]), int(j), way) for j in np.flatnonzero(good)]
        out.append([(j, way) for _, j, way in sorted(scored)[:most]])
    return out


def _above_half(x: Floats, n: Floats) -> Floats:
    return 2 * np.sqrt(n + 1) * ((x + 1) / (n + 1) - 0.5)


def _above(x: Floats, n: Floats, y: Floats, m: Floats) -> Floats:
    """Two-proportion test with one added to each count, as Polis does."""
    a, b = (x + 1) / (n + 1), (y + 1) / (m + 1)
    pooled = (x + y + 2) / (n + m + 2)
    spread = np.sqrt(np.maximum(pooled * (1 - pooled) * (1 / (n + 1) + 1 / (m + 1)), 0))
    return np.divide(a - b, spread, out=np.zeros_like(a), where=spread > 0)
