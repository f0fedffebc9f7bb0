r"""Standard deviations under chance by the conditional central limit.

Derivation. Fix both margins. The table under chance has the law of independent
multinomial rows :math:`x_i \sim M(n_i, P)` *given* that the columns add up to
:math:`X`. For a sum over zones :math:`T = \sum_i T_i(x_i)` the pair
:math:`(T, \sum_i x_i)` is asymptotically normal, and a normal given some of its
coordinates has

.. math:: \operatorname{Var}(T \mid X) = \sum_i \operatorname{Var}(T_i) - c' V^{-1} c,
   \qquad c = \sum_i \operatorname{Cov}(T_i, x_i), \quad V = N(\operatorname{diag} P - P P').

With cells of the form :math:`T_i = \sum_g f_g(x_{ig})`:

* variances and covariances of one cell are summed over the exact binomial weights;
* :math:`\operatorname{Cov}(f_h, x_g) = -P_g/(1-P_h) \operatorname{Cov}(f_h, x_h)`, exactly;
* with two groups, :math:`x_2 = n - x_1` makes the zone's variance exact;
* with more, zones of at most `SMALL` persons get it exactly by recursion over groups
  (given the first g groups, the rest is multinomial again), larger ones take the
  limit of the covariance of two cells, whose share of the variance is then exact to
  a few parts in a hundred of itself.

The result is named "conditional central limit" wherever it is shown.

References
----------
Holst (1979), *Annals of Probability* 7(3), 551-557 (conditional limit theorems).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, xlogy

from .arrays import Floats, column_totals, divide, entropy, shares, zone_totals
from .null_mean import whole
from .windows import Bell, means

__all__ = ["dissimilarity", "exposure_cell", "information_theory", "mutual_information", "variance_ratio"]

SMALL = 64
"""Largest zone whose variance over three or more groups is found by recursion."""

Cell = Callable[[Floats, Floats, float], Floats]
PairLimit = Callable[[Floats, Floats], Floats]


@dataclass(frozen=True, slots=True)
class _Margins:
    sizes: Floats
    times: Floats
    p: Floats
    people: float


def _margins(x: Floats) -> _Margins | None:
    """Margins of the groups present; None where chance has no room to vary."""
    table = whole(x)
    columns = column_totals(table)
    sizes, times = np.unique(zone_totals(table), return_counts=True)
    keep = sizes > 0
    if (columns > 0).sum() < 2 or times[keep].sum() < 2:
        return None
    return _Margins(
        sizes[keep], times[keep].astype(np.float64), shares(columns[columns > 0]), float(columns.sum())
    )


def _binomial(size: Floats, p: float) -> Bell:
    odds = p / (1 - p)

    def ratio(x: Floats, n: Floats) -> Floats:
        return (n - x) / (x + 1) * odds

    def cells(x: Floats, n: Floats) -> tuple[Floats, ...]:
        return x, n - x

    mode = np.minimum(np.floor((size + 1) * p), size)
    spread = np.sqrt(size * p * (1 - p))
    return Bell(size, size * p, mode, spread, np.zeros(size.shape), size, ratio, cells)


def _cell_moments(m: _Margins, g: int, cell: Cell, smooth: bool) -> tuple[Floats, Floats]:
    """Variance of f(x) and its covariance with x, per distinct zone size."""
    p = float(m.p[g])

    def functions(x: Floats, n: Floats) -> tuple[Floats, ...]:
        f, z = cell(x, n, p), x - n * p
        return f, f * f, f * z

    mean, square, cross = means(_binomial(m.sizes, p), functions, smooth=smooth)
    return square - mean**2, cross


def _two_groups(m: _Margins, cell: Cell, smooth: bool) -> float:
    p = float(m.p[0])

    def functions(x: Floats, n: Floats) -> tuple[Floats, ...]:
        t = cell(x, n, p) + cell(n - x, n, 1 - p)
        return t, t * t, t * (x - n * p)

    mean, square, cross = means(_binomial(m.sizes, p), functions, smooth=smooth)
    variance = float(m.times @ (square - mean**2))
    return variance - float(m.times @ cross) ** 2 / (m.people * p * (1 - p))


def _recursion(n: int, p: Floats, values: list[Floats]) -> float:
    """Variance of the sum of values[g][x_g] under a multinomial of n persons."""
    left = 1 - np.concatenate([[0.0], np.cumsum(p)[:-1]])
    k = np.arange(n + 1)
    rest, x = np.meshgrid(k, k, indexing="ij")  # rest: persons not yet placed
    possible = x <= rest
    choose = np.where(
        possible, gammaln(rest + 1) - gammaln(x + 1) - gammaln(np.maximum(rest - x, 0) + 1), -np.inf
    )
    first, second = values[-1].copy(), values[-1] ** 2  # the last group takes whoever is left
    for g in range(len(p) - 2, -1, -1):
        q = min(p[g] / left[g], 1.0)
        weight = np.where(possible, np.exp(choose + xlogy(x, q) + xlogy(np.maximum(rest - x, 0), 1 - q)), 0)
        after = np.where(possible, rest - x, 0)
        here = values[g][x]
        second = (weight * (here**2 + 2 * here * first[after] + second[after])).sum(axis=1)
        first = (weight * (here + first[after])).sum(axis=1)
    return float(second[n] - first[n] ** 2)


def _many_groups(m: _Margins, cell: Cell, pair: PairLimit, smooth: bool) -> float:
    groups = range(len(m.p))
    moments = [_cell_moments(m, g, cell, smooth) for g in groups]
    with_self = np.array([float(m.times @ cross) for _, cross in moments])
    zone_variance = sum(v for v, _ in moments) + pair(m.sizes, m.p)
    for row in np.flatnonzero(m.sizes <= SMALL):
        n = int(m.sizes[row])
        k = np.arange(n + 1, dtype=np.float64)
        values = [cell(k, np.full(k.shape, float(n)), float(m.p[g])) for g in groups]
        zone_variance[row] = _recursion(n, m.p, values)
    ratio = with_self / (1 - m.p)
    c = with_self - m.p * (ratio.sum() - ratio)
    v = m.people * (np.diag(m.p) - np.outer(m.p, m.p))
    projected = float(c[:-1] @ np.linalg.solve(v[:-1, :-1], c[:-1]))
    return float(m.times @ zone_variance) - projected


def _deviation(m: _Margins, cell: Cell, pair: PairLimit, *, smooth: bool) -> float:
    variance = _two_groups(m, cell, smooth) if len(m.p) == 2 else _many_groups(m, cell, pair, smooth)
    return float(np.sqrt(max(variance, 0.0)))


def _one_zone_less(m: _Margins) -> float:
    """Second order: squares over Z zones whose sum is fixed scatter like those over Z - 1.

    A projection on the margin is linear and cannot see it. With two districts it is 30 %.
    """
    zones = float(m.times.sum())
    return float(np.sqrt((zones - 1) / zones))


def _entropy_cell(x: Floats, n: Floats, p: float) -> Floats:
    # the linear part of x ln(x/np) adds up to a constant and would only cancel
    out: Floats = xlogy(x, divide(x, n * p)) - (x - n * p)
    return out


def _entropy_pair(sizes: Floats, p: Floats) -> Floats:
    out: Floats = np.full(sizes.shape, 0.5 * (1 - float((p**2).sum())))
    return out


def _absolute_cell(x: Floats, n: Floats, p: float) -> Floats:
    out: Floats = np.abs(x - n * p)
    return out


def _absolute_pair(sizes: Floats, p: Floats) -> Floats:
    """Sum of Cov(abs z_g, abs z_h) over pairs, z jointly normal."""
    s = np.sqrt(p * (1 - p))
    r = -np.outer(p, p) / np.outer(s, s)
    np.fill_diagonal(r, 0)
    r = np.clip(r, -1, 1)
    cov = (2 / np.pi) * (np.sqrt(1 - r**2) + r * np.arcsin(r) - 1) * np.outer(s, s)
    np.fill_diagonal(cov, 0)
    return sizes * float(cov.sum())


def mutual_information(x: Floats) -> float:
    """Standard deviation of M in nats under chance."""
    m = _margins(x)
    if m is None:
        return 0.0
    return _deviation(m, _entropy_cell, _entropy_pair, smooth=True) * _one_zone_less(m) / m.people


def information_theory(x: Floats) -> float:
    """Standard deviation of H under chance."""
    top = float(entropy(shares(column_totals(whole(x)))))
    return mutual_information(x) / top if top > 0 else 0.0


def dissimilarity(x: Floats) -> float:
    """Standard deviation of D (two or more groups) under chance."""
    m = _margins(x)
    if m is None:
        return 0.0
    scale = 2 * m.people * float((m.p * (1 - m.p)).sum())
    return _deviation(m, _absolute_cell, _absolute_pair, smooth=False) / scale


def _products(m: _Margins, a: int, b: int, c: int, d: int) -> Floats:
    """E[z_a z_b z_c z_d] of a centred multinomial, per distinct zone size."""
    one = np.eye(len(m.p)) - m.p  # row: who is drawn; column: the centred indicator

    def mean(*which: int) -> float:
        return float(m.p @ np.prod([one[:, w] for w in which], axis=0))

    n = m.sizes
    pairs = mean(a, b) * mean(c, d) + mean(a, c) * mean(b, d) + mean(a, d) * mean(b, c)
    return n * mean(a, b, c, d) + n * (n - 1) * pairs


def _quadratic(m: _Margins, weights: Floats) -> float:
    """Variance of the sum over zones of sum w_ab z_a z_b / n, given the columns."""
    groups = range(len(m.p))
    one = np.eye(len(m.p)) - m.p
    pairs = [(a, b) for a in groups for b in groups if weights[a, b] != 0]
    variance = 0.0
    for a, b in pairs:
        for c, d in pairs:
            cov = _products(m, a, b, c, d) - m.sizes**2 * _pair(m, one, a, b) * _pair(m, one, c, d)
            variance += weights[a, b] * weights[c, d] * float(m.times @ (cov / m.sizes**2))
    c_vector = np.zeros(len(m.p))
    for a, b in pairs:
        third = (m.p[:, None] * one * (one[:, a] * one[:, b])[:, None]).sum(axis=0)
        c_vector += weights[a, b] * float(m.times.sum()) * third
    v = m.people * (np.diag(m.p) - np.outer(m.p, m.p))
    return variance - float(c_vector[:-1] @ np.linalg.solve(v[:-1, :-1], c_vector[:-1]))


def _pair(m: _Margins, one: Floats, a: int, b: int) -> float:
    return float(m.p @ (one[:, a] * one[:, b]))


def variance_ratio(x: Floats) -> float:
    """Standard deviation of V (two or more groups) under chance."""
    m = _margins(x)
    if m is None:
        return 0.0
    weights = np.diag(1 / (1 - m.p))
    return float(np.sqrt(max(_quadratic(m, weights), 0.0))) * _one_zone_less(m) / m.people


def exposure_cell(x: Floats, row: int, column: int) -> float:
    """Standard deviation under chance of the exposure of one group to another or itself."""
    table = whole(x)
    columns = column_totals(table)
    if columns[row] == 0 or columns[column] == 0:
        return 0.0
    named = [table[:, row]] if row == column else [table[:, row], table[:, column]]
    rest = table.sum(axis=1) - sum(named)
    m = _margins(np.stack([*named, rest], axis=1))
    if m is None:
        return 0.0
    weights = np.zeros((len(m.p),) * 2)
    weights[0, 0 if row == column else 1] = 1.0
    # x_a x_b / n = z_a z_b / n + terms that the margins fix
    return float(np.sqrt(max(_quadratic(m, weights), 0.0))) * _one_zone_less(m) / float(columns[row])
