"""Differencing: what a reader learns by subtracting one published number from another.

Wherever the people of some published cells are part of the people of another, the rest is known too.
A rest of at least one person but fewer than the threshold is a hidden cell by another name. Compared
are a new release and the old ones: the same cell after a revision, a zone and its parts, a group and
its parts, and a group and what is left of everybody.

Where every number carries its own noise, the rest carries the noise of both and is as protected as a
cell of its own; such differences are counted, not refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from .ledger import Entry, Ledger

__all__ = ["Clash", "Compared", "differences"]

Floats = npt.NDArray[np.float64]
CLOSE = 1e-6


@dataclass(frozen=True, slots=True)
class Clash:
    """A small difference between two releases.

    Parameters
    ----------
    whole, parts : str
        The cell, and the release and level of the cells that are subtracted from it.
    reason : str
        In words; without the difference.
    """

    whole: str
    parts: str
    reason: str

    def __str__(self) -> str:
        return f"{self.whole} minus {self.parts}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Compared:
    """Result of a comparison.

    Parameters
    ----------
    clashes : tuple of Clash
        Differences that must not become possible.
    covered : int
        Small differences that noise protects.
    pairs : int
        Pairs of blocks compared.
    """

    clashes: tuple[Clash, ...]
    covered: int
    pairs: int


def differences(
    new: Sequence[Entry],
    ledger: Ledger,
    *,
    threshold: int = 10,
    covered_from: float = 1.0,
    across_dates: bool = False,
) -> Compared:
    """Compare a new release with all earlier ones.

    Parameters
    ----------
    new : sequence of Entry
        What would be published.
    ledger : Ledger
    threshold : int
        Differences from 1 to below this are small.
    covered_from : float
        Variance of noise in a difference from which it is protected.
    across_dates : bool
        Compare counts of different dates too. People move, so that such differences are large in
        most tables; for dates a few weeks apart they are not.

    Notes
    -----
    Each new block is compared with each old one. A rest that only three or more releases together
    give is found when it is protected by suppression (cells that are public count as shown there),
    not here. Categories are compared by name: a recoded dimension is compared by its total.
    """
    clashes: list[Clash] = []
    covered = pairs = 0
    for fresh in new:
        for old in ledger.entries:
            if not _comparable(fresh, old, across_dates):
                continue
            for whole, parts in _directions(fresh, old):
                pairs += 1
                rest = _rest(whole, parts)
                small = (np.abs(rest) > CLOSE) & (np.abs(rest) < threshold - CLOSE)
                if (
                    whole.variance + parts.variance >= covered_from
                    and min(whole.variance, parts.variance) > 0
                ):
                    covered += int(small.sum())
                    continue
                clashes += [_clash(whole, parts, at, threshold) for at in np.argwhere(small).tolist()]
    return Compared(tuple(clashes), covered, pairs)


def _comparable(a: Entry, b: Entry, across_dates: bool) -> bool:
    return a.universe == b.universe and (across_dates or a.date == b.date)


def _directions(a: Entry, b: Entry) -> Iterator[tuple[Entry, Entry]]:
    """Pairs (whole, parts) in which the dimensions of the whole are among those of the parts."""
    if set(a.dimensions) <= set(b.dimensions):
        yield a, b
    if set(b.dimensions) <= set(a.dimensions) and not (
        a.dimensions == b.dimensions and a.extents == b.extents
    ):
        yield b, a
    if not set(a.dimensions) <= set(b.dimensions) and not set(b.dimensions) <= set(a.dimensions):
        # recoded or different dimensions: only margins can be compared, and they are entries of their own
        return


def _rest(whole: Entry, parts: Entry) -> Floats:
    """What is left of every cell of `whole` after the shown `parts` inside it; 0 when none is inside."""
    inside = _within(parts.extents, whole.extents)
    drop = tuple(i + 1 for i, d in enumerate(parts.dimensions) if d not in whole.dimensions)
    values = parts.values
    shown = np.isfinite(values)
    total = np.where(shown, values, 0.0).sum(axis=drop)
    seen = shown.any(axis=drop)
    shape = (len(whole.zones), *total.shape[1:])
    summed = (inside @ total.reshape(len(parts.zones), -1)).reshape(shape)
    some = (inside @ seen.reshape(len(parts.zones), -1).astype(np.float64)).reshape(shape) > 0
    mine = whole.values
    known = np.isfinite(mine) & some
    return np.where(known, np.where(known, mine, 0.0) - summed, 0.0)


def _within(parts: Sequence[tuple[str, ...]], wholes: Sequence[tuple[str, ...]]) -> csr_array:
    """(wholes, parts) 1 where all zones of the part lie in the whole."""
    zones = {z: i for i, z in enumerate(dict.fromkeys(z for e in (*parts, *wholes) for z in e))}

    def incidence(extents: Sequence[tuple[str, ...]]) -> csr_array:
        rows = np.repeat(np.arange(len(extents)), [len(e) for e in extents])
        cols = np.array([zones[z] for e in extents for z in e], dtype=np.intp)
        return csr_array((np.ones(len(rows)), (rows, cols)), shape=(len(extents), len(zones)))

    shared = (incidence(wholes) @ incidence(parts).T).tocoo()
    size = np.array([len(e) for e in parts])
    full = shared.data == size[shared.col]
    place = (shared.row[full], shared.col[full])
    return csr_array((np.ones(int(full.sum())), place), shape=(len(wholes), len(parts)))


def _clash(whole: Entry, parts: Entry, at: Sequence[int], threshold: int) -> Clash:
    row, *cell = at
    same = whole.dimensions == parts.dimensions and whole.extents == parts.extents
    how = "the same people counted again" if same else f"all shown parts of it by {parts.level}"
    if not same and set(parts.names) - set(whole.names):
        how += " and " + " and ".join(sorted(set(parts.names) - set(whole.names)))
    reason = (
        f"the difference is fewer than {threshold} people, "
        "so publishing both would tell about them as if they had a cell of their own"
    )
    return Clash(f"{whole.place(row, cell)} of {whole}", f"{how}, of {parts}", reason)
