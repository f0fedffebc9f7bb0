"""From the zones of one date to those of another: shares of people, by area or by who lives where.

Reference
---------
Goodchild, M. F. & Lam, N. S.-N. (1980): Areal interpolation: a variant of the traditional spatial problem,
Geo-Processing 1, 297-312 (weighting by area).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array

from isopolis.model import CallError

__all__ = ["Crosswalk", "carry", "from_shares"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Crosswalk:
    """Which share of each zone's people goes to which new zone.

    Parameters
    ----------
    shares : (old, new) sparse array
        Rows sum to 1, or to 0 for a zone that leads nowhere.
    by : str
        ``area`` or ``people``.
    """

    shares: csr_array
    by: str

    @property
    def lost(self) -> npt.NDArray[np.bool_]:
        """(old,) True for zones that lead nowhere."""
        out: npt.NDArray[np.bool_] = np.asarray(self.shares.sum(axis=1)).ravel() == 0
        return out

    @property
    def split(self) -> npt.NDArray[np.bool_]:
        """(old,) True for zones whose people go to more than one new zone."""
        return np.asarray(np.diff(self.shares.indptr) > 1)


def from_shares(
    old: npt.ArrayLike,
    new: npt.ArrayLike,
    weight: npt.ArrayLike,
    shape: tuple[int, int],
    *,
    by: str = "people",
) -> Crosswalk:
    """Make a crosswalk from rows (old zone, new zone, weight).

    Parameters
    ----------
    old, new : (n,) arrays of int
        Positions of zones; a pair may stand in several rows.
    weight : (n,) array, >= 0
        People, or square metres, that the two have in common; scaled so that each old zone adds up to 1.
    shape : (int, int)
        Numbers of old and new zones.
    by : {"people", "area"}

    Raises
    ------
    CallError
        If a position is out of range or a weight is negative or not finite.
    """
    rows, columns = (np.asarray(a, dtype=np.int64) for a in (old, new))
    values = np.asarray(weight, dtype=np.float64)
    if not (rows.shape == columns.shape == values.shape and rows.ndim == 1):
        raise CallError("old zones, new zones and weights must have one entry per row each")
    if not (np.isfinite(values).all() and (values >= 0).all()):
        raise CallError("weights of a crosswalk must be finite and not negative")
    for name, codes, n in (("old", rows, shape[0]), ("new", columns, shape[1])):
        if len(codes) and not (codes.min() >= 0 and codes.max() < n):
            raise CallError(f"a crosswalk names {name} zones outside of 0 … {n - 1}")
    if by not in ("people", "area"):
        raise CallError(f'a crosswalk is by people or by area, not by "{by}"')
    matrix = coo_array((values, (rows, columns)), shape=shape).tocsr()
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    total = np.asarray(matrix.sum(axis=1)).ravel()
    matrix.data /= np.repeat(total, np.diff(matrix.indptr))
    return Crosswalk(matrix, by)


def carry(x: npt.ArrayLike, crosswalk: Crosswalk) -> Floats:
    """(old, G) → (new, G): give each new zone its share of the old zones' people, all groups alike.

    Parameters
    ----------
    x : (old, G) array, persons

    Returns
    -------
    (new, G) array, as many people as before.

    Raises
    ------
    CallError
        If the table has other zones, or people live in a zone that leads nowhere.
    """
    table = np.asarray(x, dtype=np.float64)
    if table.ndim != 2 or len(table) != crosswalk.shares.shape[0]:
        raise CallError(
            f"the crosswalk is about {crosswalk.shares.shape[0]} zones, the table about {len(table)}"
        )
    gone = crosswalk.lost & (table.sum(axis=1) > 0)
    if gone.any():
        raise CallError(f"{int(gone.sum())} zones with people lead nowhere in the crosswalk")
    return np.asarray(crosswalk.shares.T @ table, dtype=np.float64)
