r"""What a sample says of shares and of true counts, given its published standard errors.

A share :math:`t` of n people would have been published with the variance

.. math:: s(t) = [(1 - t)^2 v_a(t) + t^2 v_b(t)] / n^2

where v are squared standard errors of the group and of the others. They are known at the published
counts; elsewhere a power of the count is laid through all cells, with a factor for each zone. The likelihood
is the integral of :math:`(\hat t - u) / (s(u) + u(1-u)/n)`: that of persons for a simple sample, the normal
one where standard errors do not depend on the count, and in between for designs with weights and clusters.

References
----------
Wedderburn, R. W. M. (1974): Quasi-likelihood functions, generalized linear models, and the Gauss-Newton
method, Biometrika 61(3), 439–447. Wolter, K. M. (2007): Introduction to Variance Estimation, 2nd ed.,
Springer, chapter 7 (curves of variance). Kish, L. (1965): Survey Sampling, Wiley, section 8.2 (effective
size).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["SampledPair"]

Floats = npt.NDArray[np.float64]
Rows = slice | npt.NDArray[np.intp]
EVERY = slice(None)

ROUNDS = 3
STEEPEST = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class SampledPair:
    """Sampled counts of a group and of the others, and how their variances depend on the count.

    Parameters
    ----------
    x : (Z, 2) array
        Published counts.
    v : (Z, 2) array
        Squared standard errors.
    share : (Z,) array
        Shares, drawn towards the city's as far as their errors ask for.
    scale, slope : (Z,) array, float
        Variance of a count c of a zone: scale × c ** slope.
    """

    x: Floats
    v: Floats
    share: Floats
    scale: Floats
    slope: float

    @classmethod
    def of(cls, seen: npt.ArrayLike, variance: npt.ArrayLike) -> SampledPair:
        """Lay the curve through (Z, 2) published counts and squared standard errors."""
        x, v = np.asarray(seen, dtype=np.float64), np.asarray(variance, dtype=np.float64)
        n, people = x.sum(axis=1), float(x.sum())
        city = float(x[:, 0].sum()) / people if people > 0 else 0.0
        raw = np.divide(x[:, 0], n, where=n > 0, out=np.full(n.shape, city))
        found = cls(x, v, raw, np.full(n.shape, float(v.sum()) / max(people, 1e-12)), 1.0)
        if not 0 < city < 1 or not v.any():
            return found
        share = np.full(n.shape, city)
        for _ in range(ROUNDS):
            error = found.error(share)
            apart = float((n * ((raw - city) ** 2 - error)).sum()) / people
            spread = max(apart, 1e-4 * city * (1 - city))
            share = city + (raw - city) * spread / (spread + error)
            scale, slope = _curve(x, v, np.stack([n * share, n * (1 - share)], axis=1))
            found = cls(x, v, share, scale, slope)
        return found

    @property
    def people(self) -> Floats:
        """(Z,) published people."""
        return np.asarray(self.x.sum(axis=1))

    def error(self, share: Floats, part: Rows = EVERY) -> Floats:
        """Variance that sampling gives a published share; (..., Z), or (k, T) for (1, T) shares of a part."""
        n = self.people[part]
        x, v, scale = self.x[part], self.v[part], self.scale[part]
        if share.shape[0] == 1:
            n, x, v, scale = n[:, None], x[:, None], v[:, None], scale[:, None]
        size = np.maximum(n, 1e-9)
        total = np.zeros(np.broadcast_shapes(share.shape, size.shape))
        for g, mine in enumerate((share, 1 - share)):
            at = scale * np.maximum(size * mine, 1e-9) ** self.slope
            # an estimate without error is exact; a 0 is without error only because nobody of it was asked
            at = np.where(x[..., g] > 0, np.where(v[..., g] > 0, at, 0.0), np.maximum(at, v[..., g]))
            total += (1 - mine) ** 2 * at
        return np.asarray(total / size**2)

    def worth(self, share: Floats) -> Floats:
        """Persons that the sample of each zone is worth, at most its people; (..., Z) for such shares.

        Sampling as bad as that of m persons leaves nm/(n + m) of n people known.
        """
        own, n = share * (1 - share), self.people
        return np.asarray(
            n * np.divide(own, own + n * self.error(share), where=own > 0, out=np.ones(share.shape))
        )

    def loglik(self, theta: Floats, part: Rows = EVERY) -> Floats:
        """(k, T) log-likelihood of the log-odds of a grid for some zones, up to a constant by row."""
        share = (1 / (1 + np.exp(-theta)))[None]
        own, n = share * (1 - share), self.people[part, None]
        raw = np.divide(self.x[part, :1], n, where=n > 0, out=np.zeros(n.shape))
        slope = n * (raw - share) * own / np.maximum(own + n * self.error(share, part), 1e-300)
        steps = (slope[:, 1:] + slope[:, :-1]) / 2 * np.diff(theta)
        return np.concatenate([np.zeros((len(slope), 1)), np.cumsum(steps, axis=1)], axis=1)


def _curve(x: Floats, v: Floats, expected: Floats) -> tuple[Floats, float]:
    """Scale of every zone and power of the count.

    Offices work standard errors out of the same sample, so that they follow the estimate with all its chance,
    or smooth them; the power is of the estimate or of the expected count, whichever it follows more closely.
    """
    use = (v > 0) & (x > 0)
    if not use.any():
        return np.zeros(len(x)), 1.0
    fits = []
    for by in (x, expected):
        a, b = np.log(np.maximum(by[use], 1e-9)), np.log(v[use])
        moved = a - a.mean()
        slope = float(np.clip(moved @ b / (moved @ moved), 0, STEEPEST)) if np.ptp(a) > 0.1 else 1.0
        level = float(b.mean() - slope * a.mean())
        fits.append((float(((b - level - slope * a) ** 2).sum()), level, slope, by))
    _, level, slope, by = min(fits, key=lambda f: f[0])
    usual = np.where(use, np.exp(level) * np.maximum(by, 1e-9) ** slope, 0.0).sum(axis=1)
    found = np.where(use, v, 0.0).sum(axis=1)
    factor = np.divide(found, usual, where=(usual > 0) & (found > 0), out=np.ones(usual.shape))
    return np.exp(level) * factor, slope
