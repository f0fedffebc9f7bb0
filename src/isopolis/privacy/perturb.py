"""The perturbation table of the cell-key method: which noise a count may receive, and how likely.

References
----------
Marley, J. & Leaver, V. (2011): A method for confidentialising user-defined tables, ISI World
Statistics Congress. Giessing, S. (2016): Computational issues in the design of transition
probabilities and disclosure risk estimation for additive noise, PSD 2016, LNCS 9867 (maximum
entropy rows). Counterpart in R: the package ptable.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError

__all__ = ["NoiseTable", "entropy_row", "noise_table"]

Floats = npt.NDArray[np.float64]
MARGIN = 0.05
STEPS = 200


@dataclass(frozen=True, slots=True, eq=False)
class NoiseTable:
    """Noise by count.

    Parameters
    ----------
    largest : int
        D: no count changes by more.
    variance : float
        V asked for.
    small : int
        Results from 1 to `small` do not occur; 0 when all results may.
    rows : (I, 2D + 1) array
        Row i: probabilities of the noise −D … D for the count i; the last row serves all larger counts.
    variances : (I,) array
        Variance that each row really has.
    notes : tuple of str
        Rows for which V is not possible, and what they have instead.
    """

    largest: int
    variance: float
    small: int
    rows: Floats
    variances: Floats
    notes: tuple[str, ...] = ()

    def noise(self, counts: npt.ArrayLike, keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
        """Look the noise up: the key as a fraction of 2⁶⁴ is a place in the cumulated row.

        Parameters
        ----------
        counts : array of whole numbers >= 0
        keys : uint64 array of the same shape
        """
        row = np.minimum(np.asarray(counts, dtype=np.int64), len(self.rows) - 1)
        place = (keys >> np.uint64(11)).astype(np.float64) * 2.0**-53  # exact, and always below 1
        edges = np.cumsum(self.rows, axis=1)[:, :-1]
        out = np.zeros(row.shape, dtype=np.int64)
        for v in range(edges.shape[1]):
            out += place >= edges[row, v]
        return out - self.largest


def _moments(v: Floats, a: float, b: float) -> tuple[Floats, Floats]:
    """Probabilities ∝ exp(a v + b v²), and their moments 1 to 4."""
    power = a * v + b * v * v
    p = np.exp(power - power.max())
    p /= p.sum()
    return p, np.array([(p * v**k).sum() for k in range(1, 5)])


def entropy_row(support: npt.ArrayLike, variance: float) -> Floats:
    """Return the distribution on `support` of largest entropy with mean 0 and the given variance.

    It is p(v) ∝ exp(a v + b v²); a and b are found by Newton's method on the convex dual, with
    step halving.

    Raises
    ------
    CallError
        If no distribution on `support` has that mean and variance.
    """
    v = np.asarray(support, dtype=np.float64)
    low, high = feasible(v)
    if not low < variance < high:
        raise CallError(f"no noise on {v.min():g} … {v.max():g} has mean 0 and variance {variance:g}")
    at = np.array([0.0, -0.5 / variance])

    def dual(at: Floats) -> float:
        power = at[0] * v + at[1] * v * v
        return float(power.max() + np.log(np.exp(power - power.max()).sum()) - at[1] * variance)

    def slope(at: Floats) -> tuple[Floats, Floats]:
        _, m = _moments(v, *at)
        curve = np.array([[m[1] - m[0] ** 2, m[2] - m[0] * m[1]], [m[2] - m[0] * m[1], m[3] - m[1] ** 2]])
        return np.array([m[0], m[1] - variance]), curve

    for _ in range(STEPS):
        down, curve = slope(at)
        if np.abs(down).max() < 1e-13:
            break
        step, size = np.linalg.solve(curve + 1e-14 * np.eye(2), down), 1.0
        goal = 1e-4 * float(down @ step)
        # close to the end the dual is flat to the last digit: there a smaller slope is the better guide
        while size > 1e-12 and not (
            dual(at - size * step) <= dual(at) - size * goal
            or np.abs(slope(at - size * step)[0]).max() < np.abs(down).max() / 2
        ):
            size /= 2
        if size <= 1e-12:
            break
        at = at - size * step
    a, b = float(at[0]), float(at[1])
    p, m = _moments(v, a, b)
    if abs(m[0]) > 1e-8 or abs(m[1] - variance) > 1e-8:
        raise CallError(f"the noise for variance {variance:g} could not be computed")
    return p


def feasible(support: Floats) -> tuple[float, float]:
    """Return the smallest and the largest variance that noise of mean 0 on `support` can have."""
    below, above = support[support < 0], support[support > 0]
    if not len(below) or not len(above):
        return 0.0, 0.0
    nearest = 0.0 if (support == 0).any() else float(-below.max() * above.min())
    return nearest, float(-below.min() * above.max())


def noise_table(largest: int = 5, variance: float = 2.0, small: int = 0) -> NoiseTable:
    """Make the perturbation table: mean 0, zero stays zero, nothing below zero.

    Parameters
    ----------
    largest : int
        D, at least 1.
    variance : float
        V > 0. A row for which V is out of reach takes the nearest variance that is possible, and
        `NoiseTable.notes` says so.
    small : int
        Results from 1 to `small` do not occur; below D.
    """
    if largest < 1 or variance <= 0 or not 0 <= small < largest:
        raise CallError("the noise needs D of at least 1, V above 0 and no-small-counts below D")
    every = np.arange(-largest, largest + 1, dtype=np.float64)
    last = largest + small + (small > 0)
    rows, notes, variances = np.zeros((last + 1, len(every))), [], np.zeros(last + 1)
    rows[0, largest] = 1.0
    for i in range(1, last + 1):
        allowed = (i + every == 0) | (i + every > small)
        low, high = feasible(every[allowed])
        room = MARGIN * (high - low)
        taken = float(np.clip(variance, low + room if low else 0.0, high - room))
        if taken != variance:
            notes.append(f"count {i}: variance {taken:.4g} instead of {variance:g}, not possible there")
        rows[i, allowed] = entropy_row(every[allowed], taken)
        variances[i] = taken
    return NoiseTable(largest, float(variance), small, rows, variances, tuple(notes))
