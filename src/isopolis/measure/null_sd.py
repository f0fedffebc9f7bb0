r"""Standard deviations under chance: exact on small tables, otherwise by the conditional central limit.

On small tables, and where few zone sizes occur, those of D, H, M and V are exact sums (`null_exact`);
`is_exact` says so. That is where the limit is worst: it wants many zones of which none has a large part of
the people.

Derivation of the limit. Fix both margins. The table under chance has the law of independent
multinomial rows :math:`x_i \sim M(n_i, P)` *given* that the columns add up to
:math:`X`. For a sum over zones :math:`T = \sum_i T_i(x_i)` the pair
:math:`(T, \sum_i x_i)` is asymptotically normal, and a normal given some of its
coordinates has

.. math:: \operatorname{Var}(T \mid X) = \sum_i \operatorname{Var}(T_i) - c' V^{-1} c,
   \qquad c = \sum_i \operatorname{Cov}(T_i, x_i), \quad V = N(\operatorname{diag} P - P P').

With cells of the form :math:`T_i = \sum_g f_g(x_{ig})`:

* variances and covariances of one cell are summed over the exact binomial weights, those of an
  absolute deviation have a closed form;
* :math:`\operatorname{Cov}(f_h, x_g) = -P_g/(1-P_h) \operatorname{Cov}(f_h, x_h)`, exactly;
* with two groups, :math:`x_2 = n - x_1` makes the zone's variance exact;
* with more, zones of at most `SMALL` persons get it exactly by recursion over groups
  (given the first g groups, the rest is multinomial again), larger ones take the
  limit of the covariance of two cells, whose share of the variance is then exact to
  a few parts in a hundred of itself.

Such a result is named "conditional central limit" wherever it is shown.

References
----------
Holst (1979), *Annals of Probability* 7(3), 551-557 (conditional limit theorems).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, gammaln, xlogy

from . import null_exact
from .arrays import Floats, column_totals, entropy, shares
from .few_sizes import at_sizes
from .null_mean import Margins, about_mean, margins, whole
from .windows import Bell, Functions, means

__all__ = [
    "dissimilarity",
    "exposure_cell",
    "has_exact_sd",
    "information_theory",
    "is_exact",
    "mutual_information",
    "sd_of_d",
    "sd_of_m",
    "variance_ratio",
]

EXACT = ("dissimilarity", "information_theory", "mutual_information", "variance_ratio")
"""Measures that are sums over cells, whose sd is exact on small tables."""

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
    return _present(margins(x))


def _present(m: Margins) -> _Margins | None:
    """Margins of the groups present; None where chance has no room to vary."""
    if (m.columns > 0).sum() < 2 or m.times.sum() < 2:
        return None
    return _Margins(m.sizes, m.times, shares(m.columns[m.columns > 0]), m.people)


def is_exact(name: str, x: Floats) -> bool:
    """Whether the standard deviation of a measure is exact for this table, not by a limit."""
    return name in EXACT and has_exact_sd(margins(x))


def has_exact_sd(m: Margins) -> bool:
    """Whether `sd_of_m` and `sd_of_d` are exact for these margins."""
    present = _present(m)
    return present is None or _small(present)


def _small(m: _Margins) -> bool:
    return null_exact.affordable(m.sizes, len(m.p), m.people)


def _exact(m: _Margins, cell: Cell) -> float:
    """Exact standard deviation of a sum of cells."""
    found = null_exact.variance(m.sizes, m.times, np.rint(m.p * m.people), cell)
    return float(np.sqrt(max(found, 0.0)))


def _binomial(size: Floats, p: float) -> Bell:
    odds = p / (1 - p)

    def ratio(x: Floats, n: Floats) -> Floats:
        return (n - x) / (x + 1) * odds

    def cells(x: Floats, n: Floats) -> tuple[Floats, ...]:
        return x, n - x

    mode = np.minimum(np.floor((size + 1) * p), size)
    spread = np.sqrt(size * p * (1 - p))
    return Bell(size, size * p, mode, spread, np.zeros(size.shape), size, ratio, cells)


def _smooth(m: _Margins, p: float, function: Functions) -> tuple[Floats, Floats]:
    """Variance of a smooth function of a binomial count x and its covariance with x, per distinct size."""
    rarer = min(p, 1 - p)

    def functions(y: Floats, n: Floats) -> tuple[Floats, ...]:
        x = y if rarer == p else n - y
        f = function(x, n)[0]
        return f, f * f, f * (x - n * p)

    def evaluate(n: Floats) -> list[Floats]:
        mean, square, cross = means(_binomial(n, rarer), functions, smooth=True)
        return [square - mean**2, cross]

    variance, cross = at_sizes(m.sizes, evaluate)
    return variance, cross


def _cell_moments(m: _Margins, g: int, cell: Cell) -> tuple[Floats, Floats]:
    """Variance of a smooth f(x) and its covariance with x, per distinct zone size."""
    p = float(m.p[g])
    return _smooth(m, p, lambda x, n: (cell(x, n, p),))


def _absolute_moments(m: _Margins, g: int) -> tuple[Floats, Floats]:
    r"""Variance of \|z\| and its covariance with z, z = x − np binomial and centred, in closed form.

    With :math:`\nu = \lfloor np \rfloor + 1` the mean is :math:`2 \nu q b(\nu)` (De Moivre), and
    :math:`E[z g(x)] = q E[x (g(x) - g(x-1))]` with g = z above the mean gives the half of the
    second moment that lies there.
    """
    n, p = m.sizes, float(m.p[g])
    q, nu = 1 - p, np.floor(n * p) + 1
    at = np.exp(gammaln(n + 1) - gammaln(nu + 1) - gammaln(n - nu + 1) + xlogy(nu, p) + xlogy(n - nu, q))
    # scipy's binomial tail loses digits in huge zones, its incomplete beta function does not
    above = np.where(nu < n, betainc(nu + 1, np.maximum(n - nu, 1), p), 0.0)
    upper = q * (n * p * above + ((n - nu) * p + nu * (nu - n * p)) * at)
    return n * p * q - (2 * nu * q * at) ** 2, 2 * upper - n * p * q


def _two_groups(m: _Margins, cell: Cell) -> float:
    p = float(m.p[0])
    variance, cross = _smooth(m, p, lambda x, n: (cell(x, n, p) + cell(n - x, n, 1 - p),))
    return float(m.times @ variance) - float(m.times @ cross) ** 2 / (m.people * p * (1 - p))


def _two_absolute(m: _Margins) -> float:
    variance, cross = _absolute_moments(m, 0)  # the other group is as far off: twice the first
    projected = (2 * float(m.times @ cross)) ** 2 / (m.people * float(m.p[0] * m.p[1]))
    return 4 * float(m.times @ variance) - projected


def _recursions(sizes: Floats, p: Floats, cell: Cell, *, alike: bool = False) -> Floats:
    """Variance of the zone's sum of cells under a multinomial, for zones of each of `sizes`.

    Given the first groups the rest is multinomial again. A row holds, for a number of persons not yet
    placed, mean and mean square of what the later groups add; the binomial weights are the same for all
    sizes and factorise, so that the product term is a convolution.

    `alike` says that the sum of cells of another size differs by a constant: one row then serves all.
    """
    k = np.arange(int(sizes.max()) + 1, dtype=np.float64)
    log_factorial, n = gammaln(k + 1), sizes[-1:, None] if alike else sizes[:, None]
    every = np.broadcast_to(k, (len(n), len(k)))
    left = 1 - np.concatenate([[0.0], np.cumsum(p)[:-1]])
    first = cell(every, n, float(p[-1]))  # the last group takes whoever is left
    second, scale = first**2, np.exp(log_factorial)
    for g in range(len(p) - 2, -1, -1):
        q = min(float(p[g] / left[g]), 1.0)
        here = cell(every, n, float(p[g]))
        taken, others = (np.exp(xlogy(k, w) - log_factorial) for w in (q, 1 - q))
        both = _convolve(here * taken, first * others)
        of_taken, of_others = (_convolve_all(w, v) for w, v in ((taken, others), (others, taken)))
        second = scale * (here**2 @ of_taken + 2 * both + second @ of_others)
        first = scale * (here @ of_taken + first @ of_others)
    row = np.zeros(len(sizes), dtype=np.intp) if alike else np.arange(len(sizes))
    at = row, sizes.astype(np.intp)
    out: Floats = second[at] - first[at] ** 2
    return out


def _convolve(a: Floats, b: Floats) -> Floats:
    """(S, L) rows convolved, the first L entries."""
    length = a.shape[1]
    padded = np.concatenate([np.zeros((len(b), length - 1)), b], axis=1)
    shifted = np.lib.stride_tricks.sliding_window_view(padded, length, axis=1)
    out: Floats = np.einsum("srk,sk->sr", shifted, a[:, ::-1].copy())
    return out


def _convolve_all(weight: Floats, other: Floats) -> Floats:
    """(L, L) matrix M with M[j, r] = weight[j] other[r − j]: rows times M are convolutions."""
    j, r = np.indices((len(weight),) * 2)
    out: Floats = np.where(r >= j, weight[j] * other[np.maximum(r - j, 0)], 0.0)
    return out


def _many_groups(m: _Margins, moments: list[tuple[Floats, Floats]], cell: Cell, pair: PairLimit) -> float:
    with_self = np.array([float(m.times @ cross) for _, cross in moments])
    zone_variance = sum(v for v, _ in moments) + pair(m.sizes, m.p)
    small = m.sizes <= SMALL
    if small.any():
        zone_variance[small] = _recursions(m.sizes[small], m.p, cell, alike=cell is _entropy_cell)
    ratio = with_self / (1 - m.p)
    c = with_self - m.p * (ratio.sum() - ratio)
    v = m.people * (np.diag(m.p) - np.outer(m.p, m.p))
    projected = float(c[:-1] @ np.linalg.solve(v[:-1, :-1], c[:-1]))
    return float(m.times @ zone_variance) - projected


def _one_zone_less(m: _Margins) -> float:
    """Second order: squares over Z zones whose sum is fixed scatter like those over Z - 1.

    A projection on the margin is linear and cannot see it. With two districts it is 30 %.
    """
    zones = float(m.times.sum())
    return float(np.sqrt((zones - 1) / zones))


def _entropy_cell(x: Floats, n: Floats, p: float) -> Floats:
    # the linear part of x ln(x/np) adds up to a constant and would only cancel
    return about_mean(x, n * p)


def _entropy_pair(sizes: Floats, p: Floats) -> Floats:
    out: Floats = np.full(sizes.shape, 0.5 * (1 - float((p**2).sum())))
    return out


def _absolute_cell(x: Floats, n: Floats, p: float) -> Floats:
    out: Floats = np.abs(x - n * p)
    return out


def _square_cell(x: Floats, n: Floats, p: float) -> Floats:
    out: Floats = (x - n * p) ** 2 / (n * (1 - p))
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


def sd_of_m(margins: Margins) -> float:
    """Standard deviation of M in nats under chance, from the margins; exact for small tables."""
    m = _present(margins)
    if m is None:
        return 0.0
    if _small(m):
        return _exact(m, _entropy_cell) / m.people
    if len(m.p) == 2:
        variance = _two_groups(m, _entropy_cell)
    else:
        moments = [_cell_moments(m, g, _entropy_cell) for g in range(len(m.p))]
        variance = _many_groups(m, moments, _entropy_cell, _entropy_pair)
    return float(np.sqrt(max(variance, 0.0))) * _one_zone_less(m) / m.people


def sd_of_d(margins: Margins) -> float:
    """Standard deviation of D under chance, from the margins; exact for small tables."""
    m = _present(margins)
    if m is None:
        return 0.0
    scale = 2 * m.people * float((m.p * (1 - m.p)).sum())
    if _small(m):
        return _exact(m, _absolute_cell) / scale
    if len(m.p) == 2:
        variance = _two_absolute(m)
    else:
        moments = [_absolute_moments(m, g) for g in range(len(m.p))]
        variance = _many_groups(m, moments, _absolute_cell, _absolute_pair)
    return float(np.sqrt(max(variance, 0.0))) / scale


def mutual_information(x: Floats) -> float:
    """Standard deviation of M in nats under chance."""
    return sd_of_m(margins(x))


def information_theory(x: Floats) -> float:
    """Standard deviation of H under chance."""
    m = margins(x)
    top = float(entropy(shares(m.columns)))
    return sd_of_m(m) / top if top > 0 else 0.0


def dissimilarity(x: Floats) -> float:
    """Standard deviation of D (two or more groups) under chance."""
    return sd_of_d(margins(x))


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
    if _small(m):
        return _exact(m, _square_cell) / m.people
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
