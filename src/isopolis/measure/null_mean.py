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

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, xlogy

from isopolis.model import CallError

from .arrays import Floats, column_totals, divide, entropy, shares, zone_totals
from .few_sizes import at_sizes
from .windows import Bell, means

__all__ = [
    "Margins",
    "about_mean",
    "absolute_deviation",
    "dissimilarity",
    "exposure_matrix",
    "information_theory",
    "local_mutual_information",
    "margins",
    "mean_of_d",
    "mean_of_m",
    "mutual_information",
    "variance_ratio",
    "whole",
    "xlogx",
]

LEAST = 1e-300
"""Stands for 0 under a logarithm that is then multiplied by 0."""


MOST = 2.0**53
"""Largest count that a float holds to the person."""


def whole(x: npt.ArrayLike, start: int = 0) -> Floats:
    """Return the table in whole persons.

    Parameters
    ----------
    x : (Z, G) array
        Persons, >= 0.
    start : int
        Number of the first row, for the message.

    Raises
    ------
    CallError
        If a cell is below 0, missing or no count: there is no chance of such a table.
    """
    given = np.asarray(x)
    out = given.astype(np.float64) if given.dtype.kind in "iu" else np.rint(given.astype(np.float64))
    # NaN fails every comparison
    if out.size and not (out.min() >= 0 and out.max() <= MOST):
        bad = np.argwhere(~((out >= 0) & (out <= MOST)))
        first = tuple(bad[0])
        at = f"row {first[0] + start}" + (f", column {first[1]}" if len(first) > 1 else "")
        raise CallError(
            f"{len(bad)} cells of the table are no persons, the first in {at}: {given[first]}; "
            "give whole numbers of 0 or more, and leave zones out whose counts are not known"
        )
    return out


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
        out: Floats = (members - x) * (n - x) / ((x + 1) * (x + (others + 1 - n)))
        return out

    def cells(x: Floats, n: Floats) -> tuple[Floats, ...]:
        return x, n - x, members - x, others - n + x

    lowest, highest = np.maximum(0, size - others), np.minimum(size, members)
    mode = np.clip(np.floor((size + 1) * (members + 1) / (people + 2)), lowest, highest)
    return Bell(size, size * share, mode, spread, lowest, highest, ratio, cells)


def about_mean(x: Floats, mean: Floats) -> Floats:
    """Return x ln(x / mean) less (x − mean); `mean` > 0. Much quicker than ``xlogy`` over whole windows."""
    out: Floats = x * np.log(np.maximum(x, LEAST) / np.maximum(mean, LEAST)) - (x - mean)
    return out


def xlogx(size: Floats, people: float, members: float) -> Floats:
    """Mean of x ln x for a hypergeometric count; one value per size."""
    size = np.asarray(size, dtype=np.float64)
    if members <= 0 or people <= 0:
        return np.zeros(size.shape)
    if members >= people:
        return np.asarray(xlogy(size, size), dtype=np.float64)
    share, rarer = members / people, min(members, people - members)

    def beyond(y: Floats, n: Floats) -> tuple[Floats, ...]:
        # less its tangent at the mean, whose mean is known: nothing large is left to cancel
        return (about_mean(y if rarer == members else n - y, n * share),)

    def evaluate(n: Floats) -> list[Floats]:
        return means(hypergeometric(n, people, rarer), beyond, smooth=True)

    mean = size * share
    out: Floats = at_sizes(size, evaluate, most=people / 4)[0] + xlogy(mean, mean)
    return out


@dataclass(frozen=True, slots=True)
class Margins:
    """All that chance knows of a table: distinct zone sizes and how often each comes, groups, people."""

    sizes: Floats
    times: Floats
    columns: Floats
    people: float


COUNTABLE = 4_000_000
"""Largest zone up to which sizes are counted in one pass instead of sorted."""


def margins(x: npt.ArrayLike) -> Margins:
    """Margins of a table in whole persons; zones with nobody are left out."""
    totals, columns = _totals(x)
    if totals.size and totals.max() <= min(COUNTABLE, 64 * totals.size + 4096):
        counted = np.bincount(totals.astype(np.intp))
        counted[0] = 0
        found = np.flatnonzero(counted)
        sizes, times = found.astype(np.float64), counted[found].astype(np.float64)
    else:
        sizes, often = np.unique(totals[totals > 0], return_counts=True)
        times = often.astype(np.float64)
    return Margins(sizes, times, columns, float(columns.sum()))


ROWS = 8192
"""Zones rounded and added up at a time: they stay in the cache between the two sums."""


def _totals(x: npt.ArrayLike) -> tuple[Floats, Floats]:
    """People of each zone and of each group, in whole persons."""
    table = np.asarray(x)
    totals, columns = np.empty(len(table)), np.zeros(table.shape[-1])
    for start in range(0, len(table), ROWS):
        part = whole(table[start : start + ROWS], start)
        totals[start : start + ROWS] = zone_totals(part)
        columns += column_totals(part)
    return totals, columns


def mean_of_d(m: Margins) -> float:
    """Exact mean of D under chance, from the margins."""
    p = shares(m.columns)
    diversity = float((p * (1 - p)).sum())
    if m.people == 0 or diversity == 0:
        return 0.0
    total = sum(float(m.times @ absolute_deviation(m.sizes, m.people, c)) for c in m.columns)
    return total / (2 * m.people * diversity)


def mean_of_m(m: Margins) -> float:
    """Exact mean of M in nats under chance, from the margins."""
    if m.people == 0:
        return 0.0
    cells = sum(float(m.times @ xlogx(m.sizes, m.people, c)) for c in m.columns)
    fixed = float(m.times @ xlogy(m.sizes, m.sizes)) + float(xlogy(m.columns, m.columns).sum())
    return max(0.0, (cells - fixed + float(xlogy(m.people, m.people))) / m.people)


def dissimilarity(x: Floats) -> float:
    """Exact mean of D (two or more groups) under chance; 0 for an empty table."""
    return mean_of_d(margins(x))


def mutual_information(x: Floats) -> float:
    """Exact mean of M in nats under chance."""
    return mean_of_m(margins(x))


def information_theory(x: Floats) -> float:
    """Exact mean of H under chance: that of M over the entropy of the groups."""
    m = margins(x)
    top = float(entropy(shares(m.columns)))
    return mean_of_m(m) / top if top > 0 else 0.0


def variance_ratio(x: Floats) -> float:
    """Exact mean of V under chance: (zones − 1)/(people − 1), whatever the groups."""
    m = margins(x)
    if m.people <= 1 or (m.columns > 0).sum() < 2:
        return 0.0
    return float((m.times.sum() - 1) / (m.people - 1))


def exposure_matrix(x: Floats) -> Floats:
    """(G, G) exact means of exposure of row group to column group under chance."""
    m = margins(x)
    columns, people, zones = m.columns, m.people, m.times.sum()
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
