"""How sure a list of peers is: the same list many times over, with what could have been otherwise.

In each run features are drawn with replacement, weights are jittered, and each gap in the table is filled
with a value drawn from the cities that state it. The share of runs in which a city is among the nearest is
printed beside it: a list of peers without it is false precision.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .distance import Space

__all__ = ["TIE", "Resampling", "credit", "interval", "one_run", "shares"]

Floats = npt.NDArray[np.float64]

TIE = 1e-9
"""Distances closer than this are equal."""

NORMAL_95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Resampling:
    """What varies between runs.

    Parameters
    ----------
    weight_sd : float
        Standard deviation of the logarithm of each weight.
    features : bool
        Draw as many features as there are, with replacement.
    missing : bool
        Fill gaps with values drawn from other cities; otherwise gaps stay gaps.
    """

    weight_sd: float = 0.25
    features: bool = True
    missing: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    weights: Floats
    uniform: Floats


def _draw(space: Space, seed: int, run: int, how: Resampling) -> _Drawn:
    """Draw what one run needs; it depends on seed, run, and the ids of features and cities only."""
    key = np.random.SeedSequence([seed, zlib.crc32(b"peers")]).generate_state(2, np.uint64)
    rng = np.random.Generator(np.random.Philox(key=key, counter=[0, 0, 0, run]))
    n = len(space.features)
    times = rng.multinomial(n, np.full(n, 1 / n))
    jitter = np.exp(how.weight_sd * rng.standard_normal(n))
    uniform = np.empty((len(space.cities), n))
    # by id, so that the order of the rows in the file is of no consequence
    uniform[np.argsort(np.array(space.cities, dtype=object), kind="stable")] = rng.random(uniform.shape)
    return _Drawn(space.weights * jitter * (times if how.features else 1), uniform)


def one_run(
    space: Space, row: int, candidates: npt.NDArray[np.int64], k: int, seed: int, run: int, how: Resampling
) -> Floats:
    """Credit of each candidate in one run: 1 among the k nearest, 0 not, in between for ties at the edge.

    Parameters
    ----------
    row : int
        The city whose peers are asked for.
    candidates : (N,) int array
        Rows of the cities that may be peers.
    run : int
        Number of the run; runs may be made in any order and by any worker.
    """
    drawn = _draw(space, seed, run, how)
    total, weight = np.zeros(len(candidates)), np.zeros(len(candidates))
    for place, one in enumerate(space.features):
        w = float(drawn.weights[place])
        at, known = one.at, one.known
        if how.missing and not known.all():
            donors = np.sort(one.at[known])
            filled = donors[(drawn.uniform[:, place] * len(donors)).astype(np.intp)]
            at, known = np.where(known, at, filled), np.ones_like(known)
        if w == 0 or not known[row]:
            continue
        total += np.where(known[candidates], w * one.gaps(at[row], at[candidates]), 0.0)
        weight += np.where(known[candidates], w, 0.0)
    distance = np.divide(total, weight, out=np.ones_like(total), where=weight > 0)
    return credit(distance, k)


def credit(distance: Floats, k: int) -> Floats:
    """Give each of the k nearest 1; cities tied for the last places share them."""
    if k >= len(distance):
        return np.ones(len(distance))
    edge = np.partition(distance, k - 1)[k - 1]
    inside, tied = distance < edge - TIE, np.abs(distance - edge) <= TIE
    return np.where(inside, 1.0, np.where(tied, (k - inside.sum()) / max(tied.sum(), 1), 0.0))


def shares(
    space: Space,
    row: int,
    candidates: npt.NDArray[np.int64],
    k: int,
    *,
    runs: Iterable[int],
    seed: int,
    how: Resampling,
) -> Floats:
    """(N,) mean credit of each candidate over the runs of these numbers."""
    made = [one_run(space, row, candidates, k, seed, run, how) for run in runs]
    return np.array([math.fsum(column) / len(made) for column in zip(*made, strict=True)])


def interval(share: float, runs: int) -> tuple[float, float]:
    """95 % interval of a share that was found in so many runs (Wilson 1927, *JASA* 22, 209-212)."""
    z2 = NORMAL_95**2 / runs
    middle = (share + z2 / 2) / (1 + z2)
    half = NORMAL_95 / (1 + z2) * math.sqrt(share * (1 - share) / runs + z2 / (4 * runs))
    return max(0.0, middle - half), min(1.0, middle + half)
