"""Two cities, two groups or two dates: how far apart two values are, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from isopolis.model import CallError, Undefined

from ..arrays import Floats
from ..estimate import Estimate
from ..null_mean import whole
from .permute import value_of
from .streams import stream

__all__ = ["SIDES", "Difference", "dates_shuffled", "of_estimates", "of_normal"]

Z95 = 1.959963984540054
SIDES = ("two-sided", "greater", "less")
Statistic = Callable[[Floats], float]


@dataclass(frozen=True, slots=True)
class Difference:
    """First less second, in the unit of the index.

    `p` is for the hypothesis of no difference, against ``two-sided``, ``greater`` (the first is larger) or
    ``less``. `interval` is two-sided, 95 %; None where the method gives none.
    """

    value: float
    se: float
    z: float
    p: float
    interval: tuple[float, float] | None
    side: str
    method: str


def of_normal(
    first: tuple[float, float], second: tuple[float, float], *, side: str, method: str
) -> Difference:
    """Compare two independent values, each with its standard error."""
    _known(side)
    value, se = first[0] - second[0], float(np.hypot(first[1], second[1]))
    if not se > 0:
        raise CallError("two values without any standard error cannot be tested")
    z = value / se
    p = {"two-sided": 2 * ndtr(-abs(z)), "greater": ndtr(-z), "less": ndtr(z)}[side]
    return Difference(value, se, z, float(p), (value - Z95 * se, value + Z95 * se), side, method)


def of_estimates(first: Estimate, second: Estimate, *, side: str = "two-sided") -> Difference:
    """Compare two estimates after taking the bias off each.

    The two tables must be independent: two cities, or two dates with other people. For two dates of one
    city that share most of their people the standard error is on the safe side.

    Raises
    ------
    CallError
        If one has no value or no spread.
    """
    for e in (first, second):
        if isinstance(e.value, Undefined):
            raise CallError(f"there is no value to compare: {e.value}")
        if e.shift is None or e.spread is None:
            raise CallError(f"there is no spread to compare by: {e.interval_method}")
    a, b = ((float(e.value) - float(e.shift or 0), float(e.spread or 0)) for e in (first, second))  # type: ignore[arg-type]
    return of_normal(
        a, b, side=side, method="difference of values less their bias, standard errors by redrawn tables"
    )


def dates_shuffled(
    before: npt.ArrayLike,
    after: npt.ArrayLike,
    statistic: Statistic,
    *,
    seed: int,
    count: int = 999,
    side: str = "two-sided",
) -> Difference:
    """Test a change between two dates on the same zones: within each group the dates are shuffled.

    Each group keeps its people at each date; which of its persons belong to which date is drawn at random
    (multivariate hypergeometric over the zones). The hypothesis is that every group is spread over the zones
    at both dates alike. The difference is that of second less first date.

    Parameters
    ----------
    before, after : (Z, G) arrays
        Persons, the same zones and groups in the same order.

    Raises
    ------
    CallError
        If the tables are not of one shape, or the statistic is no number for one of them.
    """
    _known(side)
    old, new = whole(before).astype(np.int64), whole(after).astype(np.int64)
    if old.shape != new.shape:
        raise CallError(f"zones and groups are {old.shape} and {new.shape}: both dates must have the same")
    if count < 19:
        raise CallError(f"{count} shuffles are too few: allow at least 19, so that p can reach 0.05")
    value = value_of(statistic, new.astype(np.float64)) - value_of(statistic, old.astype(np.float64))
    null = np.array([_shuffled(old, new, statistic, stream(seed, r, 0, "dates")) for r in range(count)])
    slack = 1e-12
    above = (1 + int((null >= value - slack).sum())) / (count + 1)
    below = (1 + int((null <= value + slack).sum())) / (count + 1)
    p = {"two-sided": min(1.0, 2 * min(above, below)), "greater": above, "less": below}[side]
    se = float(null.std(ddof=1))
    z = (value - float(null.mean())) / se if se > 0 else 0.0
    return Difference(value, se, z, p, None, side, f"{count} shuffles of dates within each group")


def _shuffled(
    old: npt.NDArray[np.int64], new: npt.NDArray[np.int64], statistic: Statistic, rng: np.random.Generator
) -> float:
    both = old + new
    first = np.stack(
        [
            rng.multivariate_hypergeometric(both[:, g], int(old[:, g].sum()), method="marginals")
            for g in range(both.shape[1])
        ],
        axis=1,
    )
    after, before = (both - first).astype(np.float64), first.astype(np.float64)
    return value_of(statistic, after) - value_of(statistic, before)


def _known(side: str) -> None:
    if side not in SIDES:
        raise CallError(f"side {side!r} is not one of {', '.join(SIDES)}")
