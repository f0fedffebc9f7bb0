"""Travel times as rows without ids, and sums over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError, Travel
from isopolis.model.text import phrase

from .result import MINUTE

__all__ = ["Rows", "amounts_of", "cutoffs_of", "row_sums", "rows_of"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """A sparse matrix of travel times, as `model.Travel` without ids.

    Parameters
    ----------
    indptr : (O + 1,) array of int
    indices : (n,) array of int
        Place of each entry.
    costs : (n,) array of int, milliseconds
    places : int
        How many places there are.
    limit : int
        Longest time that was looked for, milliseconds; 0 when there was no limit.
    """

    indptr: npt.NDArray[Any]
    indices: npt.NDArray[Any]
    costs: npt.NDArray[Any]
    places: int
    limit: int = 0

    @property
    def origins(self) -> int:
        """How many origins there are."""
        return len(self.indptr) - 1

    def row(self) -> npt.NDArray[np.int64]:
        """(n,) origin of each entry."""
        return np.repeat(np.arange(self.origins, dtype=np.int64), np.diff(self.indptr))

    def kept(self, keep: npt.NDArray[np.bool_]) -> Rows:
        """Return the entries where (n,) `keep` is True."""
        if keep.all():
            return self
        ends = np.concatenate([[0], np.cumsum(keep)])[self.indptr]
        return Rows(ends, self.indices[keep], self.costs[keep], self.places, self.limit)


def rows_of(travel: Travel | Rows) -> Rows:
    """Return rows of a travel matrix."""
    if isinstance(travel, Rows):
        return travel
    return Rows(travel.indptr, travel.indices, travel.costs, len(travel.places), travel.limit)


def amounts_of(rows: Rows, amounts: npt.ArrayLike | None) -> Floats:
    """(P, C) amounts of what is at the places; 1 each when not given.

    Raises
    ------
    CallError
        If there is not one row per place, or an amount is negative or not finite.
    """
    if amounts is None:
        return np.ones((rows.places, 1))
    out = np.asarray(amounts, dtype=np.float64)
    out = out[:, None] if out.ndim == 1 else out
    if out.ndim != 2 or len(out) != rows.places:
        raise CallError(f"give one amount for each of the {rows.places} places")
    if not (np.isfinite(out).all() and (out >= 0).all()):
        raise CallError("amounts at places must be finite and not negative")
    return out


def cutoffs_of(rows: Rows, cutoffs: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """(T,) cutoffs in milliseconds, rising.

    Raises
    ------
    CallError
        If one is not positive, they do not rise, or one is longer than was looked for.
    """
    out = np.atleast_1d(np.asarray(cutoffs)).astype(np.int64)
    if not len(out) or out[0] <= 0 or (np.diff(out) <= 0).any():
        raise CallError("cutoffs are times above 0, each longer than the one before")
    if rows.limit and out[-1] > rows.limit:
        raise CallError(
            phrase(
                "times were looked for up to {limit} minutes: within {asked} minutes nothing can be said",
                limit=f"{rows.limit / MINUTE:g}",
                asked=f"{out[-1] / MINUTE:g}",
            )
        )
    return out


def row_sums(rows: Rows, weights: npt.NDArray[Any], amounts: Floats) -> Floats:
    """(O, C) sums of weight × amount over the entries of each origin."""
    if not len(rows.indices):
        return np.zeros((rows.origins, amounts.shape[1]))
    row = rows.row()
    out = np.empty((rows.origins, amounts.shape[1]))
    for c in range(amounts.shape[1]):
        out[:, c] = np.bincount(row, weights * amounts[rows.indices, c], rows.origins)
    return out
