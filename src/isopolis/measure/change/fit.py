"""A table with the odds of one date and the margins of another: iterative proportional fitting.

References
----------
Deming, W. E. & Stephan, F. F. (1940): On a least squares adjustment of a sampled frequency table when the
expected marginal totals are known, Annals of Mathematical Statistics 11(4), 427-444 (the cycle of fits).
Ireland, C. T. & Kullback, S. (1968): Contingency tables with given marginals, Biometrika 55(1), 179-188 (its
limit is the one table of minimum discrimination information, so that the order of the cycle cannot matter).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError

__all__ = ["CLOSE", "Fitted", "fit"]

Floats = npt.NDArray[np.float64]

CLOSE = 1e-10
"""Largest difference allowed between a fitted margin and the wanted one, in shares of everyone."""

SWEEPS = 5
STEPS = 200
LONGEST = 20.0
"""Longest step of one logarithm of a group's factor."""


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A fitted table and how well it fits.

    Parameters
    ----------
    table : (Z, G) array
        Shares of everyone, summing to 1.
    residual : float
        Largest difference between a margin of `table` and the wanted one, in shares of everyone.
    rounds : int
        Sweeps and steps that were taken.
    converged : bool
        True when `residual` is at most `CLOSE`. False where the zeros of the source leave no table
        with these margins.
    """

    table: Floats
    residual: float
    rounds: int
    converged: bool


def fit(
    source: npt.ArrayLike, zones: npt.ArrayLike, groups: npt.ArrayLike, *, close: float = CLOSE
) -> Fitted:
    """Give `source` the margins `zones` and `groups`, and keep its odds and its zeros.

    The fixed point of iterative proportional fitting, begun from `source` itself: a few sweeps, then
    Newton's method on the logarithms of the factors of the groups, whose minimum is the same table. Nothing
    is drawn, and no side goes first: equal inputs give equal bits.

    Parameters
    ----------
    source : (Z, G) array, >= 0
        Only the odds between its cells count.
    zones : (Z,) array, groups : (G,) array, >= 0
        Wanted margins; only their shares count.
    close : float
        Residual at which to stop, at least 1e-14.

    Returns
    -------
    Fitted

    Raises
    ------
    CallError
        If shapes disagree, a number is negative or not finite, or a wanted margin is above 0 where the
        source has nobody at all.
    """
    s, u, g = _checked(source, zones, groups)
    with np.errstate(divide="ignore"):
        logs = np.log(s)
    b = np.where(g > 0, 0.0, -np.inf)
    for _ in range(SWEEPS):
        _, have = _columns(logs, u, b)
        b = b + np.log(np.divide(g, have, out=np.ones_like(g), where=(g > 0) & (have > 0)))
    return _newton(logs, u, g, b, close)


def _checked(
    source: npt.ArrayLike, zones: npt.ArrayLike, groups: npt.ArrayLike
) -> tuple[Floats, Floats, Floats]:
    s, u, g = (np.asarray(a, dtype=np.float64) for a in (source, zones, groups))
    if s.ndim != 2 or u.shape != s.shape[:1] or g.shape != s.shape[1:]:
        raise CallError(f"a table of shape {s.shape} needs {s.shape[:1]} zones and {s.shape[1:]} groups")
    for name, array in (("source", s), ("zones", u), ("groups", g)):
        if not (np.isfinite(array).all() and (array >= 0).all() and array.sum() > 0):
            raise CallError(f"{name} must be finite, not negative and not all 0")
    u, g = u / u.sum(), g / g.sum()
    for name, wanted, have in (("zone", u, s[:, g > 0].sum(axis=1)), ("group", g, s[u > 0].sum(axis=0))):
        lost = np.flatnonzero((wanted > 0) & (have == 0))
        if len(lost):
            raise CallError(
                f"{name} {lost[0]} is wanted, and the source has nobody there: leave it out first"
            )
    return s / s.max(), u, g


def _columns(logs: Floats, u: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Return each zone's mix under the factors `b`, and the group totals that follow."""
    tilted = logs + b
    top = tilted.max(axis=1, keepdims=True)
    mix = np.exp(tilted - np.where(np.isfinite(top), top, 0.0))
    total = mix.sum(axis=1, keepdims=True)
    mix = np.divide(mix, total, out=np.zeros_like(mix), where=total > 0)
    return mix, u @ mix


def _objective(logs: Floats, u: Floats, g: Floats, b: Floats) -> float:
    on = u > 0
    value = u[on] @ np.logaddexp.reduce(logs[on] + b, axis=1) - g[g > 0] @ b[g > 0]
    return float(value)


def _newton(logs: Floats, u: Floats, g: Floats, b: Floats, close: float) -> Fitted:
    on = np.flatnonzero(g > 0)
    mix, have = _columns(logs, u, b)
    rounds, best = SWEEPS, _objective(logs, u, g, b)
    # one step beyond the tolerance costs little and leaves rounding alone
    while np.abs(have - g).max() > min(close, 1e-13) and rounds < STEPS:
        gap = (g - have)[on]
        inner = mix[:, on]
        curve = np.diag(have[on]) - inner.T @ (u[:, None] * inner)
        if not curve.any():
            # every zone has one group only: nothing can move
            break
        step = np.zeros_like(b)
        # the factors have one degree of freedom too many, and more where zeros cut the table in two
        step[on] = np.linalg.lstsq(curve, gap, rcond=1e-14)[0]
        longest = float(np.abs(step).max())
        if not 0 < longest < np.inf:
            break
        step *= min(1.0, LONGEST / longest)
        length, moved = _stepped(logs, u, g, b, step, best)
        if length == 0:
            break
        b, best = moved, _objective(logs, u, g, moved)
        mix, have = _columns(logs, u, b)
        rounds += 1
    table = u[:, None] * mix
    off = max(np.abs(table.sum(axis=1) - u).max(), np.abs(table.sum(axis=0) - g).max())
    return Fitted(table, float(off), rounds, bool(off <= close))


def _stepped(
    logs: Floats, u: Floats, g: Floats, b: Floats, step: Floats, best: float
) -> tuple[float, Floats]:
    """Return how far the step was taken, and where to: as far as it does not go uphill."""
    _, have = _columns(logs, u, b)
    old = float(np.abs(have - g).max())
    length = 1.0
    while length > 1e-6:
        moved = np.where(np.isfinite(b), b + length * step, b)
        _, now = _columns(logs, u, moved)
        # near the end the objective is flat to the last digit, and the residual is the better judge
        if np.abs(now - g).max() < old or _objective(logs, u, g, moved) < best - 1e-15 * abs(best):
            return length, moved
        length /= 2
    return 0.0, b
