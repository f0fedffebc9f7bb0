r"""Dissimilarity of the true shares behind small units, the shares following a mixture of beta laws.

A unit of n persons has a true share p; its count is binomial given p. With p from a mixture of beta laws the
count is beta-binomial, the parameters are found by maximum likelihood, and
:math:`D = E|p - P| / (2 P (1 - P))` has a closed form.

References
----------
Rathelot (2012), *Journal of Business & Economic Statistics* 30(4), 546-553.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, betaln, digamma, gammaln, logsumexp

from isopolis.model import CallError

from ..arrays import Floats
from ..null_mean import whole

__all__ = ["rathelot"]

SMALLEST, LARGEST = -7.0, 12.0
"""Range of the logarithms of the beta parameters; at the upper end a law is one point for our purposes."""


def rathelot(x: npt.ArrayLike, components: int = 2) -> float:
    """D of the true shares, by a mixture of `components` beta laws; 0..1.

    Parameters
    ----------
    x : (Z, 2) array
        Persons of a group and of all others. The shares are taken not to depend on the size of units.
    components : int
        Beta laws in the mixture.

    Raises
    ------
    CallError
        If a group has nobody, or the largest unit has fewer persons than the mixture has parameters
        (3 × `components` − 1): a unit of n persons tells n moments, and many mixtures then fit alike.
    """
    table = whole(x)
    pairs, times = np.unique(table[table.sum(axis=1) > 0], axis=0, return_counts=True)
    k, n = pairs[:, 0], pairs.sum(axis=1)
    if k.sum() in (0, n.sum()):
        raise CallError("Rathelot's mixture is for two groups that are both present")
    if n.max() < least_unit(components):
        raise CallError(
            f"units of at most {int(n.max())} persons do not tell {least_unit(components)} parameters of "
            f"{components} beta laws apart: ask for the bounds instead"
        )
    weights, a, b = _fit(k, n, times.astype(np.float64), components)
    return _dissimilarity(weights, a, b)


def least_unit(components: int) -> int:
    """Persons that the largest unit must have."""
    return 3 * components - 1


def _fit(k: Floats, n: Floats, times: Floats, components: int) -> tuple[Floats, Floats, Floats]:
    from scipy.optimize import minimize

    choose = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    others, people = (n - k)[:, None], float(times.sum())
    k, n = k[:, None], n[:, None]

    def cost(theta: Floats) -> tuple[float, Floats]:
        """Minus the mean log-likelihood, and its slope in each parameter."""
        weights, a, b = _read(theta, components)
        log = betaln(k + a, others + b) - betaln(a, b) + np.log(weights)
        likely = logsumexp(log, axis=1)
        part = np.exp(log - likely[:, None]) * times[:, None]  # of each pair, what is due to each law
        both = digamma(n + a + b) - digamma(a + b)
        by_a = (part * (digamma(k + a) - digamma(a) - both)).sum(axis=0) * a
        by_b = (part * (digamma(others + b) - digamma(b) - both)).sum(axis=0) * b
        by_weight = part.sum(axis=0)[1:] - people * weights[1:]
        slope = -np.concatenate([by_a, by_b, by_weight]) / people
        return -float(times @ (choose + likely)) / people, slope

    box = [(SMALLEST, LARGEST)] * (2 * components) + [(-8.0, 8.0)] * (components - 1)
    starts = _starts(k[:, 0], n[:, 0], times, components)
    tries = [minimize(cost, s, jac=True, method="L-BFGS-B", bounds=box) for s in starts]
    return _read(min(tries, key=lambda t: t.fun).x, components)


def _read(theta: Floats, components: int) -> tuple[Floats, Floats, Floats]:
    logits = np.concatenate([[0.0], theta[2 * components :]])
    weights = np.exp(logits - logsumexp(logits))
    return weights, np.exp(theta[:components]), np.exp(theta[components : 2 * components])


def _starts(k: Floats, n: Floats, times: Floats, components: int) -> list[Floats]:
    """Tight, medium and wide laws about shares that lie either side of the mean; no randomness."""
    mean = float(times @ k / (times @ n))
    centre = np.clip(mean * np.linspace(0.6, 1.4, components) if components > 1 else [mean], 0.01, 0.99)
    return [
        np.concatenate([np.log(centre * s), np.log((1 - centre) * s), np.zeros(components - 1)])
        for s in (1.0, 10.0, 1000.0)
    ]


def _dissimilarity(weights: Floats, a: Floats, b: Floats) -> float:
    means = a / (a + b)
    mean = float(weights @ means)
    below = weights @ (mean * betainc(a, b, mean) - means * betainc(a + 1, b, mean))
    return float(np.clip(below / (mean * (1 - mean)), 0, 1))
