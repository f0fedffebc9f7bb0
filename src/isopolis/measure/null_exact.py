r"""Exact variances under chance, both margins fixed, of sums over the cells of a small table.

Let :math:`T = \sum_i T_i`, :math:`T_i = \sum_g f_g(x_{ig})`, over zones i and groups g. Then

.. math:: \operatorname{Var} T = \sum_i \operatorname{Var} T_i
   + \sum_{i \ne j} \sum_h \operatorname{Cov}(T_i, f_h(x_{jh})).

Given :math:`x_{ih} = c`, the other groups of zone i and the group h of zone j are independent of each other:
what is left of group h is spread over the other zones by chance, whatever the rest of zone i is. So with
:math:`t_{ih}(c) = E[T_i \mid x_{ih} = c]` a term is the sum of :math:`t_{ih}(c) f_h(b)` over the law of the
counts c and b of one group in two zones. That law factorises,

.. math:: P(c, b) = \beta_{n_i}(c)\, \beta_{n_j}(b)\, \beta_{N - n_i - n_j}(X_h - c - b) / \beta_N(X_h),

with binomial weights :math:`\beta` of any chance, so the sum is a convolution. And given
:math:`x_{ih} = c` the count of another group is hypergeometric, which gives :math:`t_{ih}`. Nothing is
approximated and nothing drawn; the work grows with the square of the people of the distinct zone sizes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, xlogy

from .arrays import Floats

__all__ = ["affordable", "variance"]

SIZES, OF_SIZES, PEOPLE = 2_000, 4_000, 1_000_000
"""Most pairs of distinct zone sizes (for each of three groups and more), people of one zone of each size, and
people of a table that counts as small."""

CONDITIONAL = 300_000
"""With three groups or more: most entries of the laws of one group given another."""

Cell = Callable[[Floats, Floats, float], Floats]


def affordable(sizes: Floats, groups: int, people: float) -> bool:
    """Whether a table with these distinct zone sizes counts as small: a few hundredths of a second."""
    each = 1 if groups == 2 else groups
    if len(sizes) ** 2 * each > SIZES or sizes.sum() > OF_SIZES or people > PEOPLE:
        return False
    return groups == 2 or float((sizes**2).sum()) * groups**2 <= CONDITIONAL


def variance(sizes: Floats, times: Floats, columns: Floats, cell: Cell) -> float:
    """Variance of the sum of cells over all tables with these margins.

    Parameters
    ----------
    sizes, times : (K,) arrays
        Distinct zone sizes above 0, and how many zones have each.
    columns : (G,) array
        People of each group, above 0.
    cell : callable
        ``(x, n, p) -> f``: the part of a cell with x of n people, of a group with the share p.
    """
    groups = [0] if len(columns) == 2 else list(range(len(columns)))  # of two, one count gives the other
    zones = [_Zone(int(n), columns, groups, cell) for n in sizes]
    total = sum(float(often) * z.variance for z, often in zip(zones, times, strict=True))
    for h in groups:
        law = _Pairs(columns, h)
        for i, first in enumerate(zones):
            for j in range(i + 1):
                # Cov(T_i, T_j) is symmetric once summed over groups
                pairs = times[i] * (times[i] - 1) if i == j else 2 * times[i] * times[j]
                if pairs:
                    total += float(pairs) * law.covariance(first, zones[j], h)
    return total


class _Zone:
    """Laws and centred cells of a zone of n people, by group."""

    def __init__(self, size: int, columns: Floats, groups: list[int], cell: Cell) -> None:
        people, x = float(columns.sum()), np.arange(size + 1.0)
        n: Floats = np.array(float(size))
        own = [cell(x, n, float(c / people)) for c in columns]
        self.size, self.part, self.given, self.variance = size, {}, {}, 0.0
        for h in groups:
            rest = people - float(columns[h])
            given = own[h] + sum(
                # of two groups all others are of the other one
                own[g][::-1] if len(columns) == 2 else (_left(size, rest, float(columns[g])) @ own[g])[::-1]
                for g in range(len(columns))
                if g != h
            )
            law = _hypergeometric(x, n, people, float(columns[h]))
            one = given if len(columns) == 2 else own[h]
            part, whole = one - float(law @ one), given - float(law @ given)
            self.variance += float(law @ (part * whole))
            weight = _binomial(x, n, float(columns[h] / people))
            self.part[h], self.given[h] = weight * part, weight * whole


class _Pairs:
    """Law of the counts of one group in two zones, but for the weights of each zone alone."""

    def __init__(self, columns: Floats, h: int) -> None:
        self.people, self.members = int(columns.sum()), int(columns[h])
        p = self.members / self.people
        self.logs = np.log(p), np.log1p(-p)
        self.factorial = gammaln(np.arange(self.people + 2.0) + 1)
        self.at_city = self._weight(self.people, np.array([self.members]))[0]

    def _weight(self, n: int, k: npt.NDArray[np.intp]) -> Floats:
        inside = (k >= 0) & (k <= n)
        at = np.where(inside, k, 0)
        log = self.factorial[n] - self.factorial[at] - self.factorial[n - at]
        out: Floats = np.where(inside, np.exp(log + at * self.logs[0] + (n - at) * self.logs[1]), 0.0)
        return out

    def covariance(self, first: _Zone, second: _Zone, h: int) -> float:
        """Of all cells of the first zone with the cell of group h in the second."""
        both = np.convolve(first.given[h], second.part[h])
        left = self.members - np.arange(len(both))
        return float(both @ self._weight(self.people - first.size - second.size, left)) / float(self.at_city)


def _left(most: int, people: float, members: float) -> Floats:
    """(most + 1, most + 1) chance of a members among r people drawn, r by rows."""
    r, a = np.arange(most + 1.0)[:, None], np.arange(most + 1.0)[None]
    return _hypergeometric(a, r, people, members)


def _hypergeometric(a: Floats, r: Floats, people: float, members: float) -> Floats:
    p = members / people
    out: Floats = _binomial(a, r, p) * _binomial(members - a, people - r, p)
    total = out.sum(axis=-1, keepdims=True)
    law: Floats = np.divide(out, total, where=total > 0, out=np.zeros(out.shape))
    return law


def _binomial(k: Floats, n: Floats, p: float) -> Floats:
    """Binomial weights, 0 outside 0 … n."""
    inside = (k >= 0) & (k <= n)
    at, m = np.where(inside, k, 0.0), np.maximum(n, 0.0)
    log = gammaln(m + 1) - gammaln(at + 1) - gammaln(m - at + 1) + xlogy(at, p) + xlogy(m - at, 1 - p)
    out: Floats = np.where(inside, np.exp(log), 0.0)
    return out
