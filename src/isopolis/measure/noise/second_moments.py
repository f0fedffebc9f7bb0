r"""Noise taken out of measures that are second moments, exactly: V (eta²), isolation, interaction, Simpson.

Published counts are :math:`y = x + e` with noise of mean 0 and known variance v, independent between cells.
Then :math:`E[y^2] = x^2 + v` and, for two cells, :math:`E[y_g y_h] = x_g x_h`: what noise adds to a sum of
squares is known without knowing the counts. Zone totals are known (they were published exactly) or are sums
of the cells; in the second case the ratio :math:`y_g y_h / n` is corrected to second order in noise over zone
size.

A cell of which only bounds are known has no moments to correct. The answer is then `Undefined`. And noise
that was cut off at 0, a 0 that may hide people, or rounding of unknown kind do not have mean 0 and variance
v: `biased` marks those cells, and a table with any of them is left to the likelihood.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from isopolis.intersect.observed import largest_geometric, noise_variance
from isopolis.model import Mechanism, Undefined
from isopolis.model.text import phrase

from ..arrays import Floats, column_totals, divide, zone_totals
from ..draws import Observed

__all__ = [
    "biased",
    "corrected",
    "isolation",
    "meetings",
    "of_persons",
    "simpson",
    "variance_ratio",
    "variances",
]


def variances(seen: Observed) -> Floats | Undefined:
    """(Z, G) variance of the error of each cell, or why it is not known."""
    codes = np.zeros(seen.x.shape, dtype=np.uint8) if seen.mechanism is None else np.asarray(seen.mechanism)
    if seen.hidden or (codes == Mechanism.INTERVAL).any():
        return Undefined(
            "not-identifiable",
            phrase(
                "Not identifiable by moments: hidden cells have bounds, and no mean and variance of error."
            ),
        )
    out = np.zeros(seen.x.shape) if seen.se is None else np.asarray(seen.se) ** 2
    for code in np.unique(codes):
        out[codes == code] += noise_variance(int(code), seen.parameter)
    # an empty cell stays empty under cell keys, and 0 is a multiple of every base
    certain = np.isin(codes, (Mechanism.CELL_KEY, Mechanism.ROUNDED)) & (seen.x == 0)
    return np.where(certain, 0.0, out)


def biased(seen: Observed) -> npt.NDArray[np.bool_]:
    """(Z, G) whether the noise of a cell may have another mean or variance than `variances` says.

    Under cell keys a published 0 may be nobody, who gets no noise, or a few; differentially private counts
    below 0 were set to 0; of rounding it is not known whether it was random or to the nearest multiple,
    which has half the variance and depends on the count.
    """
    if seen.mechanism is None:
        return np.zeros(seen.x.shape, dtype=bool)
    codes = np.asarray(seen.mechanism)
    found = (codes == Mechanism.ROUNDED) & (seen.parameter >= 2)
    found |= (codes == Mechanism.CELL_KEY) & (seen.x <= 0)
    if (codes == Mechanism.DP).any():
        found |= (codes == Mechanism.DP) & (seen.x < largest_geometric(seen.parameter))
    return np.asarray(found)


def meetings(y: Floats, v: Floats, totals: Floats | None = None) -> Floats:
    r"""Unbiased :math:`\sum_i x_{ig} x_{ih} / n_i` for all pairs of columns.

    Parameters
    ----------
    y : (Z, G) array
        Published counts.
    v : (Z, G) array
        Variance of their noise.
    totals : (Z,) array, optional
        True zone populations; sums of the cells when not given, with what their noise adds taken out too.

    Returns
    -------
    (G, G) array of persons.
    """
    y, v = np.asarray(y, dtype=np.float64), np.asarray(v, dtype=np.float64)
    n = zone_totals(y) if totals is None else np.asarray(totals, dtype=np.float64)
    met = y.T @ divide(y, np.broadcast_to(n[:, None], y.shape))
    met -= np.diag(divide(v, np.broadcast_to(n[:, None], v.shape)).sum(axis=0))
    if totals is not None:
        return met
    # E[y_g y_h / n] with n = sum of y: − (y_g v_h + y_h v_g)/n² + y_g y_h v_n / n³, to second order
    square = divide(1.0, n**2)
    cross = (y * square[:, None]).T @ v
    met += cross + cross.T
    met -= (y * (zone_totals(v) * divide(1.0, n**3))[:, None]).T @ y
    return met


def of_persons(x: Floats) -> Floats:
    r"""Unbiased :math:`\sum_i n_i p_{ig} p_{ih}` of the probabilities behind a full count.

    :math:`E[x_g (x_g - 1)/(n - 1)] = n p_g^2` and :math:`E[x_g x_h/(n - 1)] = n p_g p_h`; zones of one
    person say nothing of squares and are left out.
    """
    x = np.asarray(x, dtype=np.float64)
    x = x[zone_totals(x) > 1]
    less = zone_totals(x)[:, None] - 1
    out: Floats = x.T @ (x / less) - np.diag((x / less).sum(axis=0))
    return out


def isolation(y: Floats, v: Floats, totals: Floats | None = None) -> float:
    """Isolation of the first column, noise taken out."""
    people = float(np.asarray(y)[:, 0].sum())
    return float(meetings(y, v, totals)[0, 0]) / people if people > 0 else 0.0


def variance_ratio(y: Floats, v: Floats, totals: Floats | None = None) -> float:
    r"""V of all columns, noise taken out: :math:`\sum_g (M_{gg}/N - P_g^2)/(1 - P_g)`; it may be below 0."""
    met = np.diag(meetings(y, v, totals))
    columns = column_totals(np.asarray(y, dtype=np.float64))
    people = float(columns.sum())
    share = divide(columns, people)
    # the square of a share that carries noise is too large by its variance
    square = share**2 - np.asarray(v).sum(axis=0) / max(people, 1.0) ** 2
    return float(divide(met / max(people, 1.0) - square, 1 - share).sum())


def simpson(y: Floats, v: Floats, totals: Floats | None = None) -> float:
    """Mean over people of Simpson's interaction in their zone: the chance that two differ in group."""
    people = float(np.asarray(y).sum())
    return 1.0 - float(np.trace(meetings(y, v, totals))) / people if people > 0 else 0.0


def corrected(name: str, table: Floats, v: Floats) -> float | None:
    """Value of a second-moment measure without what noise added, or None for other measures.

    Parameters
    ----------
    name : str
        Registered name.
    table, v : (Z, k) arrays
        Selected columns as published, and the variance of their noise.
    """
    if name == "variance_ratio":
        return float(np.clip(variance_ratio(table, v), 0, 1))
    if name in ("isolation", "exposure"):
        people = float(table[:, 0].sum())
        other = 0 if name == "isolation" else 1
        met = float(meetings(table, v)[0, other])
        return float(np.clip(met / people, 0, 1)) if people > 0 else None
    return None
