"""Worries per resident: those of the many, and those of the unheard.

Ranking by number puts what most people call about first, and what a small group lives with never. Beside it
stands the second list: topics that a group or neighbourhood has more often than everybody else,
measured against how often it calls at all. A day on which one topic overflows (bad weather, a cut main)
counts towards how often a group calls only as a usual day of that topic does, and each topic is estimated
by itself, so that a surge of calls cannot push a small group's worry out of the list.

A group's number of worries on a topic is ``k ~ Poisson(E θ)``, with ``E`` what it would be at the rate of all
others and at the group's own voice, and ``θ ~ Gamma(a, a)``; ``a`` is learned from all groups of the topic.

References
----------
Clayton, D. & Kaldor, J. (1987): Empirical Bayes estimates of age-standardized relative risks for use in
disease mapping, Biometrics 43, 671–681, section 2 (gamma and Poisson).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError

__all__ = ["FEWEST", "Overflow", "Rate", "Shrunk", "Unheard", "rate", "shrunk", "surges", "unheard", "voice"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

Overflow = tuple[int, int, int, float]
"""Topic, day, worries, and how many are usual."""

FEWEST = 3
"""Fewest worries of a group about a topic for the list of the unheard."""

SHORTEST = 5
"""Days below which no day can be called unusual."""

LEAST_SURGE = 20
_GRID = np.exp(np.linspace(np.log(0.05), np.log(200), 60))
_USUAL, _WIDE = np.log(4.0), 1.5  # of log(a): weak


@dataclass(frozen=True, slots=True)
class Rate:
    """Worries per 1,000 residents, with its interval."""

    rate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class Shrunk:
    """Ratios to what was expected: (n,) mean, interval, and what the prior weighs, in expected worries."""

    mean: Floats
    low: Floats
    high: Floats
    prior: float


@dataclass(frozen=True, slots=True)
class Unheard:
    """A topic that one group or neighbourhood has more often than the others.

    Parameters
    ----------
    unit, topic : int
        Positions.
    received : int
    ratio, low, high : float
        To what the others' rate and the group's own voice would give; shrunk, with its interval.
    voice : float
        How often the group calls at all, 1 as often as the others.
    quiet : bool
        True when it calls less than the others by more than chance.
    """

    unit: int
    topic: int
    received: int
    ratio: float
    low: float
    high: float
    voice: float
    quiet: bool


def rate(worries: float, residents: float, *, level: float = 0.95) -> Rate:
    """Return worries per 1,000 residents with Jeffreys' interval for a Poisson rate.

    Raises
    ------
    CallError
        If nobody lives there or a number is negative.
    """
    from scipy.special import gammaincinv

    if residents <= 0 or worries < 0:
        raise CallError("a rate needs residents, and worries that are not fewer than none")
    tail = (1 - level) / 2
    low = gammaincinv(worries + 0.5, tail) if worries else 0.0
    high = gammaincinv(worries + 0.5, 1 - tail)
    return Rate(*(1000 * float(x) / residents for x in (worries, low, high)))


def shrunk(worries: npt.ArrayLike, expected: npt.ArrayLike, *, level: float = 0.95) -> Shrunk:
    """Draw ratios of observed to expected numbers towards 1, the more so the less was expected.

    Parameters
    ----------
    worries, expected : (n,) arrays, >= 0 and > 0

    Raises
    ------
    CallError
        If shapes differ or nothing is expected somewhere.
    """
    from scipy.special import gammaincinv, gammaln

    k, e = np.asarray(worries, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    if k.shape != e.shape or k.ndim != 1 or not ((e > 0).all() and (k >= 0).all()):
        raise CallError("give worries and a positive expected number for each group")
    a = _GRID[:, None]
    fit = gammaln(k + a) - gammaln(a) + a * np.log(a / (a + e)) + k * np.log(e / (a + e))
    weight = fit.sum(axis=1) - 0.5 * ((np.log(_GRID) - _USUAL) / _WIDE) ** 2
    prior = float(_GRID[int(weight.argmax())])
    shape, scale, tail = k + prior, e + prior, (1 - level) / 2
    return Shrunk(
        shape / scale, gammaincinv(shape, tail) / scale, gammaincinv(shape, 1 - tail) / scale, prior
    )


def surges(days: npt.ArrayLike, topics: npt.ArrayLike) -> tuple[Floats, tuple[Overflow, ...]]:
    """Find days on which a topic overflows.

    A day is one when the topic comes more than 20 times, three times as often as on its median day, and more
    than four standard deviations of chance above it. The median is over every day between the first and
    the last worry, also those without the topic.

    Parameters
    ----------
    days : (n,) int array
        Number of the day of each worry; negative where not known.
    topics : (n,) int array

    Returns
    -------
    weights : (n,) array
        What each worry counts when the day is brought down to a usual one: 1, or less in a surge.
    found : tuple of Overflow
    """
    day, topic = np.asarray(days, dtype=np.int64), np.asarray(topics, dtype=np.int64)
    weights = np.ones(len(day))
    known = day >= 0
    found: list[Overflow] = []
    if not known.any() or np.ptp(day[known]) + 1 < SHORTEST:
        return weights, ()
    span = int(np.ptp(day[known])) + 1
    for t in np.unique(topic[known]).tolist():
        mine = np.flatnonzero(known & (topic == t))
        seen, of, counts = np.unique(day[mine], return_inverse=True, return_counts=True)
        # the median over all days: those without the topic are zeros
        zeros = span - len(seen)
        usual = _median(counts, zeros)
        top = max(LEAST_SURGE, 3 * usual, usual + 4 * np.sqrt(usual))
        high = counts > top
        weights[mine] = np.where(high, max(usual, 1.0) / counts, 1.0)[of]
        found += [(t, int(d), int(c), usual) for d, c in zip(seen[high], counts[high], strict=True)]
    return weights, tuple(found)


def _median(counts: Ints, zeros: int) -> float:
    n = len(counts) + zeros
    ordered = np.sort(counts)

    def at(i: int) -> float:
        return float(ordered[i - zeros]) if i >= zeros else 0.0

    return (at((n - 1) // 2) + at(n // 2)) / 2


def _elsewhere(table: Floats, residents: Floats) -> Floats:
    """(G, T) rate of everybody outside each group; half a worry more, so that none is zero."""
    others = np.maximum(residents.sum() - residents, 1.0)
    return (table.sum(axis=0)[None, :] - table + 0.5) / others[:, None]


def voice(calm: npt.ArrayLike, residents: npt.ArrayLike, *, level: float = 0.95) -> Shrunk:
    """Return how often each group calls at all, next to everybody else.

    Parameters
    ----------
    calm : (G,) array
        Worries of each group, surges brought down to usual days.
    residents : (G,) array, > 0
    """
    k, n = np.asarray(calm, dtype=np.float64), np.asarray(residents, dtype=np.float64)
    return shrunk(k, n * _elsewhere(k[:, None], n)[:, 0], level=level)


def unheard(
    worries: npt.ArrayLike,
    residents: npt.ArrayLike,
    *,
    calm: npt.ArrayLike | None = None,
    heard: Sequence[int] = (),
    level: float = 0.95,
) -> tuple[Unheard, ...]:
    """List the topics that a group has more often than everybody else, the surest first.

    Parameters
    ----------
    worries : (G, T) array
        Received, by group or neighbourhood and topic.
    residents : (G,) array
        Groups without residents are left out.
    calm : (G, T) array, optional
        The same with surges brought down to usual days (`surges`).
    heard : sequence of int
        Topics that lead the list of the many; they need no second list.
    level : float

    Returns
    -------
    tuple of Unheard
        Those whose interval lies above 1, by its lower end.
    """
    k, n = np.asarray(worries, dtype=np.float64), np.asarray(residents, dtype=np.float64)
    if k.ndim != 2 or n.shape != k.shape[:1]:
        raise CallError("give a row per group, a column per topic, and the residents of each group")
    usual = k if calm is None else np.asarray(calm, dtype=np.float64)
    lived = np.flatnonzero(n > 0)
    if len(lived) < 2 or not k.shape[1]:
        return ()
    k, n, usual = k[lived], n[lived], usual[lived]
    calls = voice(usual.sum(axis=1), n, level=level)
    # a topic's surge is no louder voice: what is expected is at the rate of the others
    expected = n[:, None] * _elsewhere(k, n) * calls.mean[:, None]
    found: list[Unheard] = []
    for t in (t for t in range(k.shape[1]) if t not in set(heard) and k[:, t].any()):
        ratio = shrunk(k[:, t], expected[:, t], level=level)
        found += [
            Unheard(
                int(lived[g]), t, int(k[g, t]), float(ratio.mean[g]), float(ratio.low[g]),
                float(ratio.high[g]), float(calls.mean[g]), bool(calls.high[g] < 1),
            )
            for g in np.flatnonzero((ratio.low > 1) & (k[:, t] >= FEWEST)).tolist()
        ]  # fmt: skip
    return tuple(sorted(found, key=lambda u: (-u.low, u.unit, u.topic)))
