"""What the true count of a cell may be, given what was published: the likelihood of each way of observing.

Every mechanism answers one question: for which true counts could this number have been published, and how
likely would it have been for each of them? `Candidates` holds the answer for a column of cells, padded to
one width. An exact count has one candidate.

| mechanism | P(published | true) |
|---|---|
| exact | 1 where equal |
| rounded to base b | 1 − |published − true| / b, for multiples of b; it serves random and nearest rounding |
| cell key (V) | maximum entropy with mean 0 and variance V on −D … D; an empty cell stays empty |
| differentially private (ε) | geometric, ∝ exp(−ε |published − true|); what fell below 0 was set to 0 |
| interval | 1 between the bounds |

A sample has no such table, see `sampled`.

References
----------
Marley, J. & Leaver, V. (2011): A method for confidentialising user-defined tables, ISI World Statistics
Congress (cell keys). Giessing, S. (2016): Computational issues in the design of transition probabilities and
disclosure risk estimation for additive noise, PSD 2016, LNCS 9867 (maximum entropy rows).
Ghosh, A., Roughgarden, T. & Sundararajan, M. (2009): Universally utility-maximizing privacy mechanisms,
STOC 2009 (geometric mechanism). Fellegi, I. P. (1975): Controlled random rounding, Survey Methodology 1(2).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError, Mechanism

__all__ = ["Candidates", "candidates", "joined", "largest_geometric", "noise_rows", "noise_variance"]

Floats = npt.NDArray[np.float64]

WIDEST = 41
"""Candidates of one cell at most; wider ranges are thinned."""

NEVER = -1e30


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """True counts that cells may have.

    Parameters
    ----------
    count : (Z, S) array
        Persons, >= 0; padding repeats a candidate.
    log : (Z, S) array
        Log-likelihood of each; `NEVER` for padding.
    """

    count: Floats
    log: Floats

    @property
    def sure(self) -> bool:
        """True when every cell has one candidate."""
        return self.count.shape[1] == 1

    def moments(self) -> tuple[Floats, Floats]:
        """(Z,) mean and variance of the true counts where all candidates were equally likely before."""
        weight = np.exp(self.log - self.log.max(axis=1, keepdims=True))
        weight /= weight.sum(axis=1, keepdims=True)
        mean = (weight * self.count).sum(axis=1)
        return mean, (weight * (self.count - mean[:, None]) ** 2).sum(axis=1)


def largest_noise(variance: float) -> int:
    """D that goes with V where it was not told: 5 for V = 2, as offices use it."""
    return max(1, int(np.ceil(2.5 * np.sqrt(variance) + 1)))


def largest_geometric(epsilon: float) -> float:
    """Geometric noise that is hardly exceeded: once in 3,000 times, 8/ε."""
    return float(np.ceil(8 / max(epsilon, 0.02)))


@lru_cache(maxsize=64)
def noise_rows(variance: float, largest: int) -> Floats:
    """(D + 1, 2D + 1) rows of cell-key noise −D … D by true count; the last serves all larger counts.

    Row i is the law of largest entropy on the noise that keeps i from falling below 0, with mean 0
    and the given variance, or the largest variance possible if that is less.
    """
    v = np.arange(-largest, largest + 1, dtype=np.float64)
    out = np.zeros((largest + 1, len(v)))
    out[0, largest] = 1.0
    for i in range(1, largest + 1):
        out[i] = _entropy_row(v, v >= -i, min(variance, 0.95 * i * largest))
    return out


def _entropy_row(v: Floats, allowed: npt.NDArray[np.bool_], variance: float) -> Floats:
    """Weights ∝ exp(a v + b v²) on the allowed noise with mean 0 and the variance, by Newton."""
    a, b = 0.0, -0.5 / variance
    row = np.zeros(len(v))
    for _ in range(200):
        power = np.where(allowed, a * v + b * v * v, -np.inf)
        row = np.exp(power - power.max())
        row /= row.sum()
        m = [float((row * v**k).sum()) for k in range(1, 5)]
        off = np.array([m[0], m[1] - variance])
        if np.abs(off).max() < 1e-12:
            break
        curve = np.array([[m[1] - m[0] ** 2, m[2] - m[0] * m[1]], [m[2] - m[0] * m[1], m[3] - m[1] ** 2]])
        jump = np.linalg.solve(curve + 1e-12 * np.eye(2), off)
        jump /= max(1.0, 4 * float(np.abs(jump).max()))
        a, b = a - float(jump[0]), b - float(jump[1])
    return row


def noise_variance(mechanism: int, parameter: float) -> float:
    """Variance that a mechanism adds to a large count; 0 for those that add none.

    Random rounding to b adds (b² − 1)/6 averaged over residues.
    """
    if mechanism == Mechanism.CELL_KEY:
        return parameter
    if mechanism == Mechanism.DP:
        alpha = float(np.exp(-parameter))
        return 2 * alpha / (1 - alpha) ** 2
    if mechanism == Mechanism.ROUNDED:
        return max(parameter**2 - 1, 0.0) / 6
    return 0.0


def candidates(
    seen: npt.ArrayLike,
    mechanism: npt.ArrayLike,
    parameter: float,
    lower: npt.ArrayLike | None = None,
    upper: npt.ArrayLike | None = None,
) -> Candidates:
    """True counts behind one column of published counts.

    Parameters
    ----------
    seen : (Z,) array
        Published counts; not read where the mechanism is interval.
    mechanism : (Z,) array of Mechanism codes
    parameter : float
        Base of rounding, V of cell keys, or ε of differential privacy.
    lower, upper : (Z,) arrays, optional
        Bounds of hidden cells.

    Raises
    ------
    CallError
        If a cell is hidden without bounds, or noise has no parameter.
    """
    x = np.rint(np.asarray(seen, dtype=np.float64))
    codes = np.broadcast_to(np.asarray(mechanism), x.shape)
    noisy = np.isin(codes, (Mechanism.CELL_KEY, Mechanism.DP))
    if noisy.any() and parameter <= 0:
        raise CallError("counts with noise need its parameter: V of cell keys, or epsilon")
    reach = np.zeros(x.shape)
    if noisy.any() or (codes == Mechanism.ROUNDED).any():
        reach[codes == Mechanism.CELL_KEY] = largest_noise(parameter) if parameter > 0 else 0
        reach[codes == Mechanism.DP] = largest_geometric(parameter)
        if parameter >= 2:
            reach[(codes == Mechanism.ROUNDED) & (x % parameter == 0)] = parameter - 1
    low, high = np.maximum(x - reach, 0), x + reach
    hidden = codes == Mechanism.INTERVAL
    if hidden.any():
        if lower is None or upper is None:
            raise CallError("hidden cells need bounds: give lower and upper")
        low = np.where(hidden, np.ceil(np.asarray(lower, dtype=np.float64)), low)
        high = np.where(hidden, np.floor(np.asarray(upper, dtype=np.float64)), high)
    count, weight = _spaced(low, np.maximum(high, low))
    log = np.zeros(count.shape)
    gap = x[:, None] - count
    _cell_key(log, count, gap, codes, parameter)
    dp = codes == Mechanism.DP
    if dp.any():
        flat = np.where(x[:, None] == 0, count, np.abs(gap)) * -parameter
        log[dp] = flat[dp]
        # what fell below 0 was set to 0: the tail, against the one value
        tail = -np.log1p(-np.exp(-parameter))
        log[dp & (x == 0)] += tail
    rounded = (codes == Mechanism.ROUNDED) & (reach > 0)
    if rounded.any():
        log[rounded] = np.log(np.maximum(1 - np.abs(gap[rounded]) / parameter, 1e-12))
    return Candidates(count, np.maximum(log + weight, NEVER))


def _cell_key(log: Floats, count: Floats, gap: Floats, codes: npt.ArrayLike, parameter: float) -> None:
    where = np.asarray(codes) == Mechanism.CELL_KEY
    if not where.any():
        return
    largest = largest_noise(parameter)
    rows = noise_rows(float(parameter), largest)
    row = np.minimum(count[where], largest).astype(np.intp)
    place = np.clip(gap[where] + largest, 0, 2 * largest).astype(np.intp)
    chance = np.where(np.abs(gap[where]) <= largest, rows[row, place], 0.0)
    log[where] = np.log(np.maximum(chance, 1e-300))
    log[where] = np.where(chance > 0, log[where], NEVER)


def _spaced(low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Whole numbers from low to high, and the log of how many of them each stands for.

    Wide ranges are thinned, ever more so away from their lower end: that is where a small group is.
    """
    wide = high - low + 1
    width = int(min(wide.max(initial=1), WIDEST))
    steps = np.arange(width, dtype=np.float64)
    count = low[:, None] + steps
    weight = np.where(count <= high[:, None], 0.0, NEVER)
    long = wide > width
    if long.any():
        reach = (wide[long] - 1)[:, None]
        # the first steps are of one person, the later ones grow
        bend = steps / (width - 1)
        far = np.rint(steps + (reach - (width - 1)) * bend**3)
        edges = np.concatenate([far[:, :1] - 0.5, (far[:, 1:] + far[:, :-1]) / 2, far[:, -1:] + 0.5], axis=1)
        count[long] = low[long, None] + far
        weight[long] = np.log(np.diff(edges, axis=1))
    return np.where(weight > NEVER / 2, count, low[:, None]), weight


def joined(columns: list[Candidates]) -> Candidates:
    """Candidates of the sum of several cells of each zone.

    Cells add up one after the other; a sum of many candidates is brought back to `WIDEST` of them by its
    mean and variance, as a normal law within its ends.
    """
    total = columns[0]
    for other in columns[1:]:
        if other.sure:
            total = Candidates(total.count + other.count, total.log)
        elif total.sure:
            total = Candidates(total.count + other.count, other.log)
        else:
            total = _sum(total, other)
    return total


def _sum(a: Candidates, b: Candidates) -> Candidates:
    (mean_a, var_a), (mean_b, var_b) = a.moments(), b.moments()
    mean, sd = mean_a + mean_b, np.sqrt(var_a + var_b)
    ends = [
        np.where(c.log > NEVER / 2, c.count, c.count.max(axis=1, keepdims=True)).min(axis=1) for c in (a, b)
    ]
    tops = [np.where(c.log > NEVER / 2, c.count, 0).max(axis=1) for c in (a, b)]
    low = np.maximum(ends[0] + ends[1], np.floor(mean - 4 * sd))
    high = np.minimum(tops[0] + tops[1], np.ceil(mean + 4 * sd))
    count, weight = _spaced(low, np.maximum(high, low))
    log = -0.5 * ((count - mean[:, None]) / np.maximum(sd, 0.05)[:, None]) ** 2
    return Candidates(count, np.maximum(log + weight, NEVER))
