"""Kernels on a grid by Fourier transform, row by row: the twin of `scores` where near people count more.

The transform of a band of rows gives the sums of the whole grid to rounding (1e-12 of everybody), not to the
bit: its butterflies depend on the size of the band.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.special import xlogy

from isopolis.model import CallError

from ..arrays import Floats, divide, shares
from ..neighbours.distance import _REACH, _SHAPES
from .scores import SCORES, Score

__all__ = ["KERNELS", "kernel_reach", "kernel_rows", "kernel_sums"]

KERNELS: tuple[str, ...] = tuple(_SHAPES)


def kernel_reach(bandwidth: float, kernel: str) -> int:
    """Rows and columns that a kernel needs on each side, for a bandwidth in cells.

    Raises
    ------
    CallError
        If there is no such kernel, or the bandwidth is not above 0.
    """
    if kernel not in _SHAPES:
        raise CallError(f'there is no kernel "{kernel}": it is one of {", ".join(KERNELS)}')
    if not (np.isfinite(bandwidth) and bandwidth > 0):
        raise CallError(f"a bandwidth of {bandwidth:g} cells: it is a number above 0")
    return int(np.floor(bandwidth * _REACH.get(kernel, 1.0) * (1 + 1e-9)))


def kernel_sums(
    counts: npt.ArrayLike, bandwidth: float, kernel: str, *, rows: tuple[int, int] | None = None
) -> Floats:
    """People of each group around each cell, weighted by their distance.

    Parameters
    ----------
    counts : (rows, columns, groups) array
        Persons, >= 0. Nobody lives outside.
    bandwidth : float
        In cells, > 0.
    kernel : str
        See `isopolis.measure.neighbours.kernel`; the cell itself weighs 1.
    rows : (first, last), optional
        The rows that are asked about; the others are halo, `kernel_reach` of them on each side.

    Returns
    -------
    (groups, last − first, columns) array
        Within 1e-12 of everybody in the window of the exact sums; never below 0.
    """
    from scipy.fft import irfft2, next_fast_len, rfft2

    x = np.asarray(counts)
    first, last = (0, len(x)) if rows is None else rows
    far = kernel_reach(bandwidth, kernel)
    # no more than the grid has: beyond it nobody lives
    tall, wide = min(far, max(x.shape[0] - 1, 0)), min(far, max(x.shape[1] - 1, 0))
    apart = np.hypot(np.arange(-tall, tall + 1)[:, None], np.arange(-wide, wide + 1)[None, :])
    inside = apart <= bandwidth * _REACH.get(kernel, 1.0) * (1 + 1e-9)
    weights = np.where(inside, _SHAPES[kernel](apart / bandwidth), 0.0)
    size = (next_fast_len(x.shape[0] + 2 * tall, real=True), next_fast_len(x.shape[1] + 2 * wide, real=True))
    transform = rfft2(weights, size)
    out = np.empty((x.shape[2], last - first, x.shape[1]))
    for g in range(x.shape[2]):
        whole = irfft2(rfft2(x[:, :, g].astype(np.float64), size) * transform, size)
        out[g] = whole[first + tall : last + tall, wide : wide + x.shape[1]]
    return np.maximum(out, 0.0, out=out)  # what the transform leaves below 0 is its rounding


def kernel_rows(
    counts: npt.ArrayLike,
    bandwidths: Sequence[float],
    kernel: str,
    *,
    scores: Sequence[Score],
    city: npt.ArrayLike,
    rows: tuple[int, int] | None = None,
) -> Floats:
    """For each row, the sum over its cells of people × score of their surroundings; see `scores.row_scores`.

    Returns
    -------
    (scores, bandwidths, last − first) array
    """
    for score in scores:
        if score not in SCORES:
            raise CallError(f'there is no score "{score}": it is one of {", ".join(SCORES)}')
    x = np.asarray(counts)
    first, last = (0, len(x)) if rows is None else rows
    own = x[first:last].sum(axis=2, dtype=np.int64).astype(np.float64)
    mix = shares(np.asarray(city, dtype=np.float64))[:, None, None]
    out = np.empty((len(scores), len(bandwidths), last - first))
    for b, bandwidth in enumerate(bandwidths):
        around = kernel_sums(x, bandwidth, kernel, rows=(first, last))
        # where nobody lives the transform may leave a speck of people; it has no weight, but no mix either
        p = divide(around, np.where(own > 0, around.sum(axis=0), 0.0)[None])
        for s, score in enumerate(scores):
            out[s, b] = (own * _scored(score, p, mix)).sum(axis=1)
    return out


def _scored(score: Score, p: Floats, mix: Floats) -> Floats:
    """(groups, rows, columns) shares → (rows, columns)."""
    out: Floats
    if score == "entropy":
        out = -xlogy(p, p).sum(axis=0)
    elif score == "interaction":
        out = (p * (1 - p)).sum(axis=0)
    elif score == "gap":
        out = np.abs(p - mix).sum(axis=0)
    else:
        gap = (p - mix) ** 2
        out = divide(gap, np.broadcast_to(1 - mix, gap.shape)).sum(axis=0)
    return out
