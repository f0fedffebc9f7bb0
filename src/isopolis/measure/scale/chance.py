r"""What chance alone gives for an additive index of a grid, both margins fixed: exact, without a simulation.

Chance means: every cell keeps its number of people, the city its groups, and who lives where is a random
arrangement. The people of a group in a window of n are then hypergeometric, whatever other windows it
overlaps, so the mean of the score of a window depends on n alone. All that is needed of a grid is how many
people have a window of which size: whole numbers, equal however the grid is cut.

Windows of `EXACT` people or more are put in classes 1/4096 of their size wide, of which the number of people
and the mean size are kept. The means are as good as straight lines over so little: the error is under 1e-12.

References
----------
Winship (1977), *Social Forces* 55(4), 1058-1066.
Elbers (2023), *Sociological Methods & Research* 52(1), 286-322.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError, Undefined

from ..arrays import Floats, shares
from ..null_mean import absolute_deviation, xlogx
from .grid import Integers, Prefixes, Shape
from .scores import SCORES, Score, from_rows

__all__ = ["expected_by_chance", "merged", "window_sizes"]

EXACT = 2**16
"""Sizes of windows below this are counted one by one."""

CLASSES = 2**12
"""Classes in each doubling of the size from there on."""


def window_sizes(
    sums: Prefixes, radius: float, shape: Shape = "square", *, rows: tuple[int, int] | None = None
) -> Integers:
    """Count how many people have a window of which size.

    Parameters
    ----------
    sums : Prefixes
        Of all groups, or of everybody.
    radius : float
        In cells.
    shape : str
        ``square`` or ``disc``.
    rows : (first, last), optional
        The rows that are asked about.

    Returns
    -------
    (K, 3) array of int64
        Least size of a class, the people who have such a window, and the sum over them of what their window
        has beyond the least; rising, classes of nobody left out.
    """
    table = sums.table
    everyone = sums if len(table) == 1 else Prefixes(table.sum(axis=0, keepdims=True, dtype=table.dtype))
    people, beyond = np.zeros(1), np.zeros(1)
    for start, block in everyone.blocks(radius, shape, rows):
        size = block[0].ravel()
        own = everyone.planar(0, "square", (start, start + block.shape[1]))[0].ravel()
        at = _class_of(size)
        # sums of whole numbers: without rounding as long as they stay below 2 ** 53
        people = _added(people, np.bincount(at, weights=own))
        if len(people) > EXACT:
            beyond = _added(beyond, np.bincount(at, weights=(size - _least(at)) * own.astype(np.int64)))
    found = np.flatnonzero(people)
    rest = _added(np.zeros(len(people)), beyond)
    return np.stack([_least(found), people[found].astype(np.int64), rest[found].astype(np.int64)], axis=1)


def _class_of(size: npt.NDArray[np.integer]) -> npt.NDArray[np.integer]:
    """Class of each size: itself where sizes are counted one by one."""
    if not size.size or int(size.max()) < EXACT:
        return size
    wide = np.maximum(size, EXACT).astype(np.int64)
    doubled = np.frexp(wide.astype(np.float64))[1] - EXACT.bit_length()
    inside = (wide >> (doubled + (EXACT // CLASSES).bit_length() - 1)) - CLASSES
    return np.where(size < EXACT, size, EXACT + doubled * CLASSES + inside)


def _least(at: npt.NDArray[np.integer]) -> Integers:
    """Least size of a class."""
    doubled, inside = np.divmod(np.maximum(at.astype(np.int64) - EXACT, 0), CLASSES)
    return np.where(at < EXACT, at, (CLASSES + inside) << (doubled + (EXACT // CLASSES).bit_length() - 1))


def _added(a: Floats, b: npt.NDArray[Any]) -> Floats:
    """Sum of two arrays, the shorter one taken to go on with 0."""
    out = np.zeros(max(len(a), len(b)))
    out[: len(a)] = a
    out[: len(b)] += b
    return out


def merged(parts: list[Integers]) -> Integers:
    """Add up what `window_sizes` found in parts of a grid."""
    rows = np.concatenate([np.empty((0, 3), dtype=np.int64), *parts])
    least, at = np.unique(rows[:, 0], return_inverse=True)
    out = np.zeros((len(least), 3), dtype=np.int64)
    out[:, 0] = least
    np.add.at(out, at.ravel(), rows * np.array([0, 1, 1]))
    return out


def expected_by_chance(score: Score, sizes: Integers, city: npt.ArrayLike) -> float | Undefined:
    """Exact mean of an index under chance.

    Parameters
    ----------
    score : str
        ``entropy`` (H~), ``interaction`` (R~), ``gap`` (D~) or ``squares`` (V~), with local weights.
    sizes : (K, 3) array of int64
        Of the whole grid, see `window_sizes`.
    city : (groups,) array
        Whole people of each group.

    Returns
    -------
    float or Undefined
        Undefined where the index itself is: nobody, or one group.

    Raises
    ------
    CallError
        If there is no such score.
    """
    if score not in SCORES:
        raise CallError(f'there is no score "{score}": it is one of {", ".join(SCORES)}')
    groups = np.asarray(city, dtype=np.float64)
    weight = float(groups.sum())
    asked = from_rows(score, [], weight, groups)
    if isinstance(asked, Undefined):
        return asked
    least, people, beyond = sizes.T
    below, rest = np.divmod(beyond, people)
    up = rest / people
    low = (least + below).astype(np.float64)
    # between two whole sizes, so that nobody is cut and the mean size stays
    n, weights = np.concatenate([low, low + 1]), np.concatenate([people * (1 - up), people * up])
    some = weights > 0
    each, back = np.unique(n[some], return_inverse=True)
    found = from_rows(score, weights[some] * _of_size(score, each, groups)[back], weight, groups)
    # never below 0, but for the last bit where a window is the whole city
    return found if isinstance(found, Undefined) else max(0.0, found)


def _of_size(score: Score, n: Floats, groups: Floats) -> Floats:
    """Mean score of windows of n people: that of `isopolis.measure.scale.scores`."""
    people, mix = float(groups.sum()), shares(groups)
    # variance of a share, over p (1 - p)
    spread = (people - n) / (n * max(people - 1, 1.0))
    out: Floats
    if score == "entropy":
        out = np.log(n) - sum(xlogx(n, people, float(g)) for g in groups) / n
    elif score == "interaction":
        out = float((mix * (1 - mix)).sum()) * (1 - spread)
    elif score == "gap":
        out = np.asarray(sum(absolute_deviation(n, people, float(g)) for g in groups)) / n
    else:
        out = spread * float(mix.sum())
    return out
