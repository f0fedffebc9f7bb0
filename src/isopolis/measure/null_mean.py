r"""Exact means under chance, both margins fixed.

Chance means: every person keeps their group, every zone its number of people,
and who lives where is a random arrangement. The count of group *g* in zone *i*
is then hypergeometric with population :math:`N`, successes :math:`X_g` and draws
:math:`n_i`. Every mean here is closed or a finite sum: nothing is simulated.

Counts that are not whole are rounded first (`whole`), because chance is about people.

References
----------
Winship (1977), *Social Forces* 55(4), 1058-1066, eq. 4 and table 2 (dissimilarity).
Elbers (2023), *Sociological Methods & Research* 52(1), 286-322 (the role of chance).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, xlogy

from .arrays import Floats, column_totals, divide, entropy, shares, zone_totals
from .windows import Bell, means

__all__ = [
    "absolute_deviation",
    "dissimilarity",
    "exposure_matrix",
    "information_theory",
    "local_mutual_information",
    "mutual_information",
    "variance_ratio",
    "whole",
    "xlogx",
]


def whole(x: npt.ArrayLike) -> Floats:
    """Return the table in whole persons."""
    return np.rint(np.asarray(x, dtype=np.float64))


def _log_choose(n: Floats | float, k: Floats) -> Floats:
    out: Floats = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return out


def absolute_deviation(size: Floats, people: float, members: float) -> Floats:
    r"""Mean of \|x − n X/N\| for a hypergeometric count, in closed form.

    With :math:`\nu = \lfloor nX/N \rfloor + 1` the sum telescopes to
    :math:`2 \nu (N - X - n + \nu) h(\nu) / N`, the hypergeometric form of
    De Moivre's mean deviation.

    Parameters
    ----------
    size : (K,) array
        Persons in each zone, whole numbers.
    people, members : float
        Everyone, and the members of the group.
    """
    size = np.asarray(size, dtype=np.float64)
    nu = np.floor(size * members / people) + 1
    possible = (nu <= size) & (nu <= members) & (people - members - size + nu >= 0)
    v, n = nu[possible], size[possible]
    log_h = _log_choose(members, v) + _log_choose(people - members, n - v)
    log_h -= _log_choose(people, n)
    out = np.zeros(size.shape)
    out[possible] = 2 * v * (people - members - n + v) / people * np.exp(log_h)
    return out


def hypergeometric(size: Floats, people: float, members: float) -> Bell:
    """Law of the members among `size` persons drawn out of `people`; 0 < members < people."""
    others = people - members
    share = members / people
    spread = np.sqrt(np.maximum(size * share * (1 - share) * (people - size) / max(people - 1, 1), 0))

    def ratio(x: Floats, n: Floats) -> Floats:
        return divide((members - x) * (n - x), (x + 1) * (others - n + x + 1))

    def cells(x: Floats, n: Floats) -> tuple[Floats, ...]:
        return x, n - x, members - x, others - n + x

    lowest, highest = np.maximum(0, size - others), np.minimum(size, members)
    mode = np.clip(np.floor((size + 1) * (members + 1) / (people + 2)), lowest, highest)
    return Bell(size, size * share, mode, spread, lowest, highest, ratio, cells)


def xlogx(size: Floats, people: float, members: float) -> Floats:
    """Mean of x ln x for a hypergeometric count; one value per size."""
    size = np.asarray(size, dtype=np.float64)
    if members <= 0 or people <= 0:
        return np.zeros(size.shape)
    if members >= people:
        return np.asarray(xlogy(size, size), dtype=np.float64)
    share = members / people

    def beyond(x: Floats, n: Floats) -> tuple[Floats, ...]:
        # less its tangent at the mean, whose mean is known: nothing large is left to cancel
        mean = n * share
        return (xlogy(x, divide(x, mean)) - (x - mean),)

    mean = size * share
    out: Floats = means(hypergeometric(size, people, members), beyond, smooth=True)[0] + xlogy(mean, mean)
    return out


def _by_size(x: npt.ArrayLike) -> tuple[Floats, Floats, Floats, float]:
    """Distinct zone sizes, how many zones have each, column totals, people."""
    table = whole(x)
    sizes, times = np.unique(zone_totals(table), return_counts=True)
    columns = column_totals(table)
    keep = sizes > 0
    return sizes[keep], times[keep].astype(np.float64), columns, float(columns.sum())


def dissimilarity(x: Floats) -> float:
    """Exact mean of D (two or more groups) under chance; 0 for an empty table."""
    sizes, times, columns, people = _by_size(x)
    p = shares(columns)
    diversity = float((p * (1 - p)).sum())
    if people == 0 or diversity == 0:
        return 0.0
    total = sum(float(times @ absolute_deviation(sizes, people, m)) for m in columns)
    return total / (2 * people * diversity)


def mutual_information(x: Floats) -> float:
    """Exact mean of M in nats under chance."""
    sizes, times, columns, people = _by_size(x)
    if people == 0:
        return 0.0
    cells = sum(float(times @ xlogx(sizes, people, m)) for m in columns)
    fixed = float(times @ xlogy(sizes, sizes)) + float(xlogy(columns, columns).sum())
    return max(0.0, (cells - fixed + float(xlogy(people, people))) / people)


def information_theory(x: Floats) -> float:
    """Exact mean of H under chance: that of M over the entropy of the groups."""
    top = float(entropy(shares(column_totals(whole(x)))))
    return mutual_information(x) / top if top > 0 else 0.0


def variance_ratio(x: Floats) -> float:
    """Exact mean of V under chance: (zones − 1)/(people − 1), whatever the groups."""
    _, times, columns, people = _by_size(x)
    if people <= 1 or (columns > 0).sum() < 2:
        return 0.0
    return float((times.sum() - 1) / (people - 1))


def exposure_matrix(x: Floats) -> Floats:
    """(G, G) exact means of exposure of row group to column group under chance."""
    _, times, columns, people = _by_size(x)
    zones = times.sum()
    if people <= 1:
        return np.zeros((len(columns), len(columns)))
    meet = (people - zones) / (people * (people - 1))
    same = (columns - 1) * meet + zones / people
    matrix = np.where(
        np.eye(len(columns), dtype=bool), same, np.broadcast_to(columns, (len(columns),) * 2) * meet
    )
    return np.where((columns > 0)[:, None], matrix, 0.0)


def local_mutual_information(x: Floats) -> Floats:
    """(Z,) exact means of the local score under chance, for zones of their size."""
    table = whole(x)
    size, columns = zone_totals(table), column_totals(table)
    people = float(columns.sum())
    distinct, inverse = np.unique(size, return_inverse=True)
    scores = np.zeros(distinct.shape)
    some = distinct > 0
    for members in columns[columns > 0]:
        part = xlogx(distinct[some], people, members)
        scores[some] += divide(part, distinct[some])
        scores[some] -= members / people * np.log(members / people)
    scores[some] -= np.log(distinct[some])
    return np.maximum(scores, 0)[inverse]
