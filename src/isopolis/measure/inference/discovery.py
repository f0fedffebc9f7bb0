"""False discoveries on local maps: how many of the zones that stand out may do so by chance."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError

from ..arrays import Floats, column_totals, zone_totals
from ..null_mean import hypergeometric, whole
from ..windows import blocks_of, every

__all__ = ["benjamini_hochberg", "benjamini_yekutieli", "stands_out", "zone_p"]


def benjamini_hochberg(p: npt.ArrayLike) -> Floats:
    """Adjusted p: marking all zones at most q keeps the share of false marks at most q on average.

    Holds for independent tests and for those that tend to move together. The counts of zones with fixed
    totals move slightly against each other; `benjamini_yekutieli` holds whatever they do.

    Parameters
    ----------
    p : array
        0..1.

    References
    ----------
    Benjamini and Hochberg (1995), *Journal of the Royal Statistical Society B* 57(1), 289-300.
    """
    return _step_up(p, 1.0)


def benjamini_yekutieli(p: npt.ArrayLike) -> Floats:
    """As `benjamini_hochberg`, for tests that depend on each other in any way.

    References
    ----------
    Benjamini and Yekutieli (2001), *Annals of Statistics* 29(4), 1165-1188, theorem 1.3.
    """
    tests = np.asarray(p).size
    return _step_up(p, float((1 / np.arange(1, tests + 1)).sum()) if tests else 1.0)


def _step_up(p: npt.ArrayLike, factor: float) -> Floats:
    given = np.asarray(p, dtype=np.float64)
    if not ((given >= 0) & (given <= 1)).all():
        raise CallError("p must lie between 0 and 1 for every zone: leave zones without p out")
    flat = given.ravel()
    order = np.argsort(flat, kind="stable")
    raised = flat[order] * factor * len(flat) / np.arange(1, len(flat) + 1)
    out = np.empty(len(flat))
    out[order] = np.minimum(np.minimum.accumulate(raised[::-1])[::-1], 1.0)
    return out.reshape(given.shape)


def zone_p(x: npt.ArrayLike, group: int) -> Floats:
    """(Z,) exact two-sided p of the count of one group in each zone, both margins fixed.

    Twice the smaller tail of the hypergeometric law, at most 1; 1 for a zone with nobody. Tails below 1e-18
    are given as what lies at the end of the summed window, which is at least as much.
    """
    table = whole(x)
    size, columns = zone_totals(table), column_totals(table)
    people, members = float(columns.sum()), float(columns[group])
    out = np.ones(len(size))
    if not 0 < members < people:
        return out
    distinct, which = np.unique(size, return_inverse=True)
    bell = hypergeometric(distinct, people, members)
    order = np.argsort(which, kind="stable")
    ends = np.searchsorted(which[order], np.arange(len(distinct) + 1))
    for block in blocks_of(bell):
        for_these = np.concatenate([order[ends[b] : ends[b + 1]] for b in block])
        row = np.repeat(np.arange(len(block)), ends[block + 1] - ends[block])
        values, weight = every(bell.rows(block))
        place = np.clip(table[for_these, group] - values[row, 0], 0, values.shape[1] - 1).astype(np.intp)
        upto, beyond = weight.cumsum(axis=1), weight[:, ::-1].cumsum(axis=1)[:, ::-1]
        out[for_these] = np.minimum(1, 2 * np.minimum(upto[row, place], beyond[row, place]))
    out[size == 0] = 1.0
    return out


def stands_out(x: npt.ArrayLike, rate: float = 0.05) -> npt.NDArray[np.int8]:
    """(Z, G) 1 where a group is over- and −1 where it is under-represented beyond chance, else 0.

    Exact tails for every zone and group, with at most `rate` of all marks false on average whatever depends
    on what (`benjamini_yekutieli` over the whole table).
    """
    table = whole(x)
    if not table.size:
        return np.zeros(table.shape, dtype=np.int8)
    two = table.shape[1] == 2  # what is many of one is few of the other
    p = np.stack([zone_p(table, 0 if two else g) for g in range(table.shape[1])], axis=1)
    usual = zone_totals(table)[:, None] * column_totals(table) / max(float(table.sum()), 1.0)
    marked = benjamini_yekutieli(p) <= rate
    out: npt.NDArray[np.int8] = np.where(marked, np.sign(table - usual), 0).astype(np.int8)
    return out
