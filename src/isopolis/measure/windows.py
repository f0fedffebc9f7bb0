r"""Means of functions of a count, by summing its weights about the mode.

Two ways, equal to rounding:

* every whole number in the window, with the weights from their recurrence;
* for a wide count and a smooth function, every h-th number only. The weights are then
  so close to a smooth bell that the coarse sum equals the full one: for a normal bell
  of standard deviation s the two differ by about :math:`e^{-2\pi^2 (s/h)^2}`, below
  1e-16 at s/h = 1.4 (the trapezoidal rule of Trefethen and Weideman 2014, *SIAM
  Review* 56(3), 385-458, eq. 3.4).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .arrays import Floats

__all__ = ["Bell", "Functions", "blocks_of", "every", "means"]

CELLS = 30_000
"""Cells of a window matrix worked on at a time: they fit the cache, and rows of like width go together."""

REACH = 9.5
"""Half-width of a window in standard deviations; what lies beyond weighs under 1e-19."""

WIDE = 16.0
"""Least standard deviation for the coarse sum."""

FINE = 1.4
"""Points per standard deviation in the coarse sum."""

AWAY = 20.0
"""Least size of every cell of the table over the window of a coarse sum."""

Functions = Callable[[Floats, Floats], tuple[Floats, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Bell:
    """Counts with unimodal laws, one per entry of the (K,) arrays.

    Parameters
    ----------
    size, mean, mode, spread, lowest, highest : (K,) arrays
        The number of draws, the mean, the most likely value, the standard deviation
        and the support.
    ratio : callable
        ``(x, n) -> weight(x + 1) / weight(x)``.
    cells : callable
        ``(x, n) -> `` the numbers whose factorials are multiplied in the denominator
        of the weight: ``x, n - x`` for a binomial.
    """

    size: Floats
    mean: Floats
    mode: Floats
    spread: Floats
    lowest: Floats
    highest: Floats
    ratio: Callable[[Floats, Floats], Floats]
    cells: Functions

    def rows(self, chosen: npt.NDArray[np.intp]) -> Bell:
        """Return the entries `chosen`."""
        arrays = (self.size, self.mean, self.mode, self.spread, self.lowest, self.highest)
        size, mean, mode, spread, lowest, highest = (a[chosen] for a in arrays)
        return Bell(size, mean, mode, spread, lowest, highest, self.ratio, self.cells)


def means(bell: Bell, functions: Functions, *, smooth: bool) -> list[Floats]:
    """Mean of each of `functions`.

    Parameters
    ----------
    bell : Bell
    functions : callable
        ``(x, n) -> values``, arrays of the shape of x (K, W); n is (K, 1).
    smooth : bool
        True when every function is smooth between whole numbers, as x ln x is and
        an absolute value is not.

    Returns
    -------
    list of (K,) arrays
    """
    coarse = _may_be_coarse(bell) if smooth else np.zeros(len(bell.size), dtype=bool)
    out: list[Floats] = []
    for rows, weigh in ((np.flatnonzero(coarse), _coarse), (np.flatnonzero(~coarse), every)):
        order = rows[
            np.argsort(-bell.spread[rows], kind="stable")
        ]  # widest first: each block fits its first row
        start = 0
        while start < len(order):
            width = _width(float(bell.spread[order[start]])) if weigh is every else 2 * _points() + 1
            block = order[start : start + max(1, CELLS // width)]
            x, weight = weigh(bell.rows(block))
            values = functions(x, bell.size[block][:, None])
            out = out or [np.zeros(len(bell.size)) for _ in values]
            for target, value in zip(out, values, strict=True):
                target[block] = (weight * value).sum(axis=1)
            start += len(block)
    return out


def blocks_of(bell: Bell) -> Iterator[npt.NDArray[np.intp]]:
    """Yield the entries in blocks whose windows, every number in them, fit the cache; widest first."""
    order = np.argsort(-bell.spread, kind="stable")
    start = 0
    while start < len(order):
        step = max(1, CELLS // _width(float(bell.spread[order[start]])))
        yield order[start : start + step]
        start += step


def _points() -> int:
    return int(np.ceil(REACH * FINE))


def _width(spread: float) -> int:
    return 2 * (int(np.ceil(REACH * spread)) + 30) + 1


def _may_be_coarse(bell: Bell) -> npt.NDArray[np.bool_]:
    reach = _points() * np.floor(bell.spread / FINE)
    n = bell.size
    ends = [*bell.cells(bell.mode - reach, n), *bell.cells(bell.mode + reach, n)]
    out: npt.NDArray[np.bool_] = (bell.spread >= WIDE) & (np.min(ends, axis=0) >= AWAY)
    return out


def _coarse(bell: Bell) -> tuple[Floats, Floats]:
    step = np.floor(bell.spread / FINE)
    x = bell.mode[:, None] + step[:, None] * np.arange(-_points(), _points() + 1)
    n = bell.size[:, None]
    log_weight = np.zeros(x.shape)
    for cell, centre in zip(bell.cells(x, n), bell.cells(bell.mean[:, None], n), strict=True):
        log_weight -= _deviance(cell, centre) + 0.5 * np.log(cell) + _stirling_rest(cell)
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    return x, weight / weight.sum(axis=1, keepdims=True)


def _deviance(cell: Floats, centre: Floats) -> Floats:
    """Return k ln(k/a) − (k − a), without cancellation near k = a (Loader 2000)."""
    v = (cell - centre) / centre
    out: Floats = centre * ((1 + v) * np.log1p(v) - v)
    return out


def _stirling_rest(k: Floats) -> Floats:
    """Return ln k! less Stirling's first terms; below 1e-13 off for k >= 20."""
    s = 1 / (k * k)
    return (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s / 1188)))) / k


def every(bell: Bell) -> tuple[Floats, Floats]:
    """Weights of every whole number from the left end of the window on, by their recurrence.

    Beyond the right end of the support the ratio has been 0 once, so that nothing has to be cut off.
    """
    half = np.ceil(REACH * bell.spread) + 30
    first = np.maximum(bell.lowest, bell.mode - half)
    last = np.minimum(bell.highest, bell.mode + half)
    x = first[:, None] + np.arange(int((last - first).max()) + 1, dtype=np.float64)
    weight = np.ones(x.shape)
    np.cumprod(bell.ratio(x[:, :-1], bell.size[:, None]), axis=1, out=weight[:, 1:])
    weight /= weight.sum(axis=1, keepdims=True)
    return np.minimum(x, bell.highest[:, None]), weight
