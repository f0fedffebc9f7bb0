"""An answer as it was given beside the answer weighted to the census, each with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.intersect.raking import Raked
from isopolis.intersect.shrink import jeffreys
from isopolis.model import CallError, Undefined

__all__ = ["Share", "shares"]


@dataclass(frozen=True, slots=True)
class Share:
    """One possible answer.

    Parameters
    ----------
    answer : str
    people : int
        Who gave it.
    raw, weighted : float or Undefined
        Part of those who answered, as they are and weighted to the census.
    raw_interval, weighted_interval : (float, float) or None
    """

    answer: str
    people: int
    raw: float
    raw_interval: tuple[float, float]
    weighted: float | Undefined
    weighted_interval: tuple[float, float] | None


def shares(
    codes: npt.ArrayLike, answers: Sequence[str], raked: Raked, level: float = 0.95
) -> tuple[Share, ...]:
    """Return the share of every answer, raw and weighted.

    Parameters
    ----------
    codes : (n,) array of int
        Position of each person's answer in `answers`; -1 for none.
    answers : sequence of str
    raked : Raked
        Weights of the same people.
    level : float
        Probability of the intervals.

    Notes
    -----
    The weighted interval is Jeffreys' for the effective number of those who answered, which takes nothing
    back for what the census already settles: it is a little wide rather than too narrow.
    """
    given = np.asarray(codes, dtype=np.int64)
    if given.shape != raked.weights.shape:
        raise CallError("every person has one answer and one weight")
    some = given >= 0
    n = int(some.sum())
    if n == 0:
        return ()
    weights = raked.weights[some]
    counts = np.bincount(given[some], minlength=len(answers))
    mass = np.bincount(given[some], weights, len(answers))
    low, high = jeffreys(counts, n, level)
    total, squares = float(weights.sum()), float((weights**2).sum())
    part, effective = mass / total, total**2 / squares
    w_low, w_high = jeffreys(part * effective, effective, level)
    return tuple(
        Share(
            answer, int(counts[i]), float(counts[i] / n), (float(low[i]), float(high[i])),
            raked.refusal or float(part[i]),
            None if raked.refusal else (float(w_low[i]), float(w_high[i])),
        )
        for i, answer in enumerate(answers)
    )  # fmt: skip
