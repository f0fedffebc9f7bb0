"""How unequal participation is, what chance alone would give, and an exact test for small processes.

References
----------
Diaconis, P. & Zabell, S. (1991): Closed form summation for classical distributions, Statistical Science
6(3), 284–302 (mean absolute deviations).
Good, P. (2005): Permutation, Parametric and Bootstrap Tests of Hypotheses, Springer, section 6.3 (tables as
unlikely as the one seen, or more).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError, Undefined
from isopolis.model.text import phrase

__all__ = ["MOST_TABLES", "Unequal", "exact_test", "unequal"]

Floats = npt.NDArray[np.float64]

MOST_TABLES = 400_000
"""Ways to compose the participants up to which the test is exact."""

DRAWS = 20_000
SAME = 1e-7


@dataclass(frozen=True, slots=True)
class Unequal:
    """Part of the participants who would have to be others for every group to have its share.

    Parameters
    ----------
    value, by_chance : float
        0 to 1: what was seen; its mean if participants were drawn by lot among all residents.
    """

    value: float
    by_chance: float

    @property
    def excess(self) -> float:
        """What is more than chance, as a part of what could be more; below 0 when it is less."""
        return (self.value - self.by_chance) / (1 - self.by_chance) if self.by_chance < 1 else 0.0


def unequal(took: npt.ArrayLike, residents: npt.ArrayLike) -> Unequal | Undefined:
    """Compare the composition of the participants with that of the residents.

    Parameters
    ----------
    took, residents : (K,) arrays
        Participants and residents by group; whole numbers, no group with more participants than residents.

    Returns
    -------
    Unequal
        ``½ Σ |k_g / k − n_g / n|`` and its exact mean under a lot without replacement.
    """
    k, n = np.asarray(took, dtype=np.float64), np.asarray(residents, dtype=np.float64)
    if k.sum() == 0 or n.sum() == 0:
        return Undefined("nobody", phrase("Nobody took part."))
    value = 0.5 * float(np.abs(k / k.sum() - n / n.sum()).sum())
    total, drawn = int(n.sum()), int(k.sum())
    chance = sum(_mean_deviation(total, int(g), drawn) for g in n) / (2 * drawn)
    return Unequal(value, chance)


def _mean_deviation(total: int, group: int, drawn: int) -> float:
    """E|X − E X| for the members of a group among those drawn by lot without replacement."""
    if group in (0, total):
        return 0.0
    mean = drawn * group / total
    low, high = max(0, drawn - (total - group)), min(group, drawn)
    # twelve standard deviations hold everything that a float can see
    sd = np.sqrt(mean * (1 - group / total) * (total - drawn) / max(total - 1, 1))
    x = np.arange(max(low, int(mean - 12 * sd - 2)), min(high, int(mean + 12 * sd + 2)) + 1)
    chance = np.exp(_choose(group, x) + _choose(total - group, drawn - x) - _choose(total, drawn))
    return float((np.abs(x - mean) * chance).sum())


def _choose(n: npt.ArrayLike, k: npt.ArrayLike) -> Floats:
    """Logarithm of the number of ways to choose."""
    from scipy.special import gammaln

    n_, k_ = np.asarray(n, dtype=np.float64), np.asarray(k, dtype=np.float64)
    return np.asarray(gammaln(n_ + 1) - gammaln(k_ + 1) - gammaln(n_ - k_ + 1))


def exact_test(
    took: npt.ArrayLike, residents: npt.ArrayLike, rng: np.random.Generator | None = None
) -> float | Undefined:
    """Probability of participants at least as unlikely as these, if they were drawn by lot.

    Parameters
    ----------
    took, residents : (K,) arrays
        Participants and residents by group; whole numbers.
    rng : numpy Generator, optional
        Where there are more than `MOST_TABLES` ways to compose the participants, 20,000 draws by lot
        stand for all of them; without it such a test has no answer.

    Returns
    -------
    float or Undefined
        Between 0 and 1. With two groups it is Fisher's exact test.

    Raises
    ------
    CallError
        If more took part in a group than live there.
    """
    k, n = np.asarray(took, dtype=np.int64), np.asarray(residents, dtype=np.int64)
    if (k > n).any() or (k < 0).any():
        raise CallError("in no group can more people take part than are counted there")
    drawn = int(k.sum())
    if drawn == 0 or (n > 0).sum() < 2:
        return Undefined("nothing-to-compare", phrase("There is nothing to compare with chance."))
    k, n = k[n > 0], n[n > 0]
    seen = _log_chance(k[None, :], n, drawn)[0]
    if _ways(drawn, len(n)) <= MOST_TABLES:
        chance = np.concatenate([_log_chance(part, n, drawn) for part in _compositions(n, drawn)])
        return float(min(1.0, np.exp(chance[chance <= seen + SAME]).sum()))
    if rng is None:
        return Undefined("too-many-tables", phrase("Too many people took part for an exact test."))
    tables = rng.multivariate_hypergeometric(n, drawn, size=DRAWS, method="marginals")
    return float((1 + (_log_chance(tables, n, drawn) <= seen + SAME).sum()) / (DRAWS + 1))


def _ways(drawn: int, groups: int) -> float:
    return float(np.exp(_choose(drawn + groups - 1, groups - 1)))


def _log_chance(tables: npt.NDArray[np.int64], residents: npt.NDArray[np.int64], drawn: int) -> Floats:
    parts = _choose(np.broadcast_to(residents, tables.shape), tables)
    out: Floats = parts.sum(axis=1) - _choose(int(residents.sum()), drawn)
    return out


def _compositions(residents: npt.NDArray[np.int64], drawn: int) -> Iterator[npt.NDArray[np.int64]]:
    """Every way to draw so many people, in blocks: one block for each number from the first group."""
    rest = int(residents[1:].sum())
    for first in range(max(0, drawn - rest), min(int(residents[0]), drawn) + 1):
        tables = np.array([[first]], dtype=np.int64)
        for g in range(1, len(residents)):
            left = drawn - tables.sum(axis=1)
            after = int(residents[g + 1 :].sum())
            low, high = np.maximum(0, left - after), np.minimum(residents[g], left)
            times = high - low + 1
            rows = np.repeat(np.arange(len(tables)), times)
            column = np.arange(len(rows)) - np.repeat(np.cumsum(times) - times, times) + low[rows]
            tables = np.column_stack([tables[rows], column])
        yield tables
