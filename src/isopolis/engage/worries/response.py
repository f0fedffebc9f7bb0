"""How long it takes until a worry is resolved, with those that still wait.

Leaving out what is still open makes a slow desk look quick: the longest waits are the open ones. The
product-limit estimate counts them as long as they were watched.

References
----------
Kaplan, E. L. & Meier, P. (1958): Nonparametric estimation from incomplete observations, Journal of the
American Statistical Association 53, 457–481, section 2.
Brookmeyer, R. & Crowley, J. (1982): A confidence interval for the median survival time, Biometrics 38,
29–41; on the scale of log(−log S) after Kalbfleisch, J. D. & Prentice, R. L. (1980): The Statistical
Analysis of Failure Time Data, Wiley, section 1.3.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError, Undefined
from isopolis.model.text import phrase

__all__ = ["Curve", "Wait", "kaplan_meier", "median_wait"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Part still open after each time at which something was resolved.

    Parameters
    ----------
    times : (m,) array, rising
    open : (m,) array, 0 to 1, falling
    low, high : (m,) arrays
        Pointwise interval.
    """

    times: Floats
    open: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class Wait:
    """Median time until resolved.

    Parameters
    ----------
    worries, resolved : int
        Watched; of them resolved.
    median : float or Undefined
        In the unit of the durations.
    low, high : float or None
        Interval; None where the interval has no such end, or there is no median.
    """

    worries: int
    resolved: int
    median: float | Undefined
    low: float | None = None
    high: float | None = None


def kaplan_meier(durations: npt.ArrayLike, resolved: npt.ArrayLike, *, level: float = 0.95) -> Curve:
    """Estimate the part that is still open as time goes by.

    Parameters
    ----------
    durations : (n,) array, >= 0
        Until resolved, or for what is open until it was last watched.
    resolved : (n,) bool array
    level : float
        Probability of the intervals.

    Raises
    ------
    CallError
        If lengths differ or a duration is negative or not known.
    """
    time, done = np.asarray(durations, dtype=np.float64), np.asarray(resolved, dtype=bool)
    if time.shape != done.shape or time.ndim != 1:
        raise CallError("give one duration and one mark for each worry")
    if not (np.isfinite(time).all() and (time >= 0).all()):
        raise CallError("durations must be known and not negative")
    at = np.unique(time[done])
    events = np.bincount(np.searchsorted(at, time[done]), minlength=len(at))
    waiting = len(time) - np.searchsorted(np.sort(time), at, side="left")
    left = np.cumprod(1 - events / waiting).astype(np.float64)
    # Greenwood's sum; where nothing is left it has no meaning and the interval is a point
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.sqrt(np.cumsum(events / (waiting * (waiting - events.astype(float)))))
        width = _quantile(level) * spread / np.abs(np.log(left))
        low, high = left ** np.exp(width), left ** np.exp(-width)
    return Curve(at, left, np.where(left > 0, low, 0.0), np.where(left > 0, high, 0.0))


def _quantile(level: float) -> float:
    from scipy.special import ndtri

    return float(ndtri((1 + level) / 2))


def median_wait(durations: npt.ArrayLike, resolved: npt.ArrayLike, *, level: float = 0.95) -> Wait:
    """Return the time after which half of the worries are resolved.

    Parameters
    ----------
    durations, resolved
        As for `kaplan_meier`.
    """
    done = np.asarray(resolved, dtype=bool)
    n, k = len(done), int(done.sum())
    if not k:
        reason = phrase("Nothing was resolved yet.")
        if not n:
            reason = phrase("No registered worry has the times that this needs.")
        return Wait(n, k, Undefined("nothing-resolved" if n else "nobody", reason))
    curve = kaplan_meier(durations, done, level=level)
    middle = _first(curve.times, curve.open)
    if middle is None:
        return Wait(
            n, k, Undefined("half-open", phrase("More than half were still open when last watched.")),
            _first(curve.times, curve.low),
        )  # fmt: skip
    return Wait(n, k, middle, _first(curve.times, curve.low), _first(curve.times, curve.high))


def _first(times: Floats, curve: Floats) -> float | None:
    under = np.flatnonzero(curve <= 0.5 + 1e-12)
    return float(times[under[0]]) if len(under) else None
