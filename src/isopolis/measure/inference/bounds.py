r"""Bounds on the dissimilarity of the true shares behind small units, without a law for the shares.

A unit of n persons tells the first n moments of its true share and nothing else (D'Haultfœuille and Rathelot
2017, section 2). For each size the law of the counts is estimated by maximum likelihood among the laws that
some distribution of shares can give; then two linear programs find the least and the greatest
:math:`E|p - P|` of all distributions with that law. Sizes are put together by their persons, so that shares
may depend on the size of a unit.

The bounds are about what is known with as many units as one likes; with few units they move like any
estimate, and no interval is added here.

References
----------
D'Haultfœuille and Rathelot (2017), *Quantitative Economics* 8(1), 39-73.
Wang (2007), *Journal of the Royal Statistical Society B* 69(2), 185-198 (the likelihood of a mixture).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, xlogy

from isopolis.model import CallError

from ..arrays import Floats
from ..null_mean import whole

__all__ = ["LARGE", "deviation_bounds", "dissimilarity_bounds"]

LARGE = 30
"""Most persons in a unit: beyond, the moments say so much that the bounds close."""

GRID = 200
STEPS = 100
"""Most steps of the maximum likelihood; ten are usual."""
STILL = 1e-9
"""What a point of the grid may still add to the mean log-likelihood when it ends."""


def dissimilarity_bounds(x: npt.ArrayLike) -> tuple[float, float]:
    """Least and greatest D of the true shares; 0 <= low <= high <= 1.

    Parameters
    ----------
    x : (Z, 2) array
        Persons of a group and of all others; units of at most `LARGE` persons.

    Raises
    ------
    CallError
        If a unit is larger, or a group has nobody.
    """
    table = whole(x)
    size, count = table.sum(axis=1).astype(np.int64), table[:, 0].astype(np.int64)
    share = count.sum() / max(size.sum(), 1)
    if size.max(initial=0) > LARGE or not 0 < share < 1:
        raise CallError(f"bounds are for two groups that are both present, in units of at most {LARGE}")
    low = high = 0.0
    for n in np.unique(size[size > 0]):
        here = size == n
        seen = np.bincount(count[here], minlength=n + 1) / here.sum()
        ends = deviation_bounds(seen, float(share))
        weight = n * here.sum() / size.sum()
        low, high = low + weight * ends[0], high + weight * ends[1]
    top = 2 * share * (1 - share)
    return float(np.clip(low / top, 0, 1)), float(np.clip(high / top, 0, 1))


def deviation_bounds(seen: npt.ArrayLike, share: float) -> tuple[float, float]:
    r"""Least and greatest :math:`E|p - share|` given the law of counts of units of one size.

    Parameters
    ----------
    seen : (n + 1,) array
        How often 0 … n members were counted, as shares.
    share : float
        0..1; the share from which distance is measured.
    """
    seen = np.asarray(seen, dtype=np.float64)
    # the ends, the kink and points that lie closer near the ends, where the counts tell most
    grid = np.unique(np.append(0.5 - 0.5 * np.cos(np.linspace(0, np.pi, GRID + 1)), share))
    law = _binomial(len(seen) - 1, grid)
    fitted = law @ _most_likely(law, seen)
    far = np.abs(grid - share)
    return _end(far, law, fitted), -_end(-far, law, fitted)


SLACK = (0.0, 1e-9, 1e-7, 1e-5)
"""How far the law may be missed: a solver may find no point of a set as thin as an equation."""


def _end(far: Floats, law: Floats, fitted: Floats) -> float:
    """Least mean of `far` over all weights with the law `fitted`."""
    from scipy.optimize import linprog

    message = ""
    for slack in SLACK:
        if slack:
            both, limits = np.vstack([law, -law]), np.concatenate([fitted + slack, slack - fitted])
            one = np.ones((1, len(far)))
            found = linprog(
                far, A_ub=both, b_ub=limits, A_eq=one, b_eq=[1.0], bounds=(0, None), method="highs"
            )
        else:
            found = linprog(far, A_eq=law, b_eq=fitted, bounds=(0, None), method="highs")
        if found.status == 0:
            return float(found.fun)
        message = found.message
    raise CallError(f"the bounds for units of {len(fitted) - 1} were not found: {message}")


def _binomial(n: int, p: Floats) -> Floats:
    """(n + 1, K) probabilities of each count for each share."""
    k = np.arange(n + 1)[:, None]
    choose = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    out: Floats = np.exp(choose + xlogy(k, p) + xlogy(n - k, 1 - p))
    return out


def _most_likely(law: Floats, seen: Floats) -> Floats:
    """Weights on the grid that make `seen` most likely: constrained Newton steps (Wang 2007), no randomness.

    The likelihood to second order is a least-squares problem in weights that are not negative; at the top no
    point of the grid would add to it, which is the sign to stop.
    """
    from scipy.optimize import nnls

    law, seen = law[seen > 0], seen[seen > 0]
    weights = np.full(law.shape[1], 1 / law.shape[1])
    for _ in range(STEPS):
        given = law @ weights
        if float((seen / given @ law).max()) < 1 + STILL:
            break
        parts = np.sqrt(seen)[:, None] * (law / given[:, None] - 2)
        wanted, _ = nnls(np.vstack([parts, np.ones(len(weights))]), np.append(np.zeros(len(seen)), 1.0))
        towards = wanted / wanted.sum() - weights
        step, now = 1.0, float(seen @ np.log(given))
        while (
            step > STILL and float(seen @ np.log(np.maximum(law @ (weights + step * towards), 1e-300))) <= now
        ):
            step /= 2
        if step <= STILL:
            break
        weights = np.maximum(weights + step * towards, 0)
    out: Floats = weights / weights.sum()
    return out
