"""What the spatial indices share: reading a table, saying why there is no value, sources."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from isopolis.explain import Citation
from isopolis.model import CallError, Undefined
from isopolis.model.text import phrase

from ..arrays import Floats, column_totals, shares, zone_totals

__all__ = [
    "MASSEY_DENTON",
    "REARDON_OSULLIVAN",
    "TWO",
    "Value",
    "along",
    "largest_quotient",
    "missing",
    "most_mixed",
    "no_limit",
    "nobody_near",
    "pair",
    "places",
    "rarest",
    "table_of",
]

Value = float | Undefined

MASSEY_DENTON = Citation(
    "Massey, D. S. and Denton, N. A.", 1988, "The dimensions of residential segregation",
    "Social Forces 67(2), 281-315",
)  # fmt: skip
REARDON_OSULLIVAN = Citation(
    "Reardon, S. F. and O'Sullivan, D.", 2004, "Measures of spatial segregation",
    "Sociological Methodology 34, 121-162",
)  # fmt: skip
TWO = "It takes one group against everybody else. For several groups ask for each in turn."


def no_limit(x: Floats) -> float:
    """Largest value of an index that has none."""
    return float("inf")


def largest_quotient(x: Floats) -> float:
    """Largest location quotient: one over the share of the rarest group."""
    p = shares(column_totals(x))
    return float(1 / p[p > 0].min()) if (p > 0).any() else 0.0


def rarest(x: Floats) -> float:
    """Largest divergence: everybody around belongs to the rarest group."""
    most = largest_quotient(x)
    return float(np.log(most)) if most > 0 else 0.0


def most_mixed(x: Floats) -> float:
    """Largest diversity: all groups of the same size."""
    return float(np.log(max(int((column_totals(x) > 0).sum()), 1)))


def table_of(x: npt.ArrayLike) -> Floats:
    """Return a (Z, G) table of floats.

    Raises
    ------
    CallError
        If it has another shape or holds something that is not a number of people.
    """
    table = np.asarray(x, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] < 2:
        raise CallError(f"a table is (zones, groups) with two groups or more, not {table.shape}")
    bad = ~np.isfinite(table) | (table < 0)
    if bad.any():
        zone, group = (int(a[0]) for a in np.nonzero(bad))
        raise CallError(
            f"zone {zone}, group {group} holds {table[zone, group]:g}: people are numbers from 0 up"
        )
    return table


def pair(x: npt.ArrayLike) -> tuple[Floats, Floats, Floats]:
    """(Z, G) → members, others, everyone, each (Z,)."""
    table = table_of(x)
    return table[:, 0], table[:, 1:].sum(axis=1), zone_totals(table)


def missing(x: npt.ArrayLike, *, many: bool = False) -> Undefined | None:
    """Say why this table has no value, or None.

    Parameters
    ----------
    x : (Z, G) array
    many : bool
        True for indices of all groups at once.
    """
    table = table_of(x)
    columns = column_totals(table)
    if columns.sum() == 0:
        return Undefined("nobody", phrase("Nobody was counted here."))
    if many and (columns > 0).sum() < 2:
        return Undefined("one-group", phrase("Only one group was counted, so there is nothing to compare."))
    if not many and columns[0] == 0:
        return Undefined("group-absent", phrase("Nobody of this group was counted."))
    if not many and columns[1:].sum() == 0:
        return Undefined(
            "everyone", phrase("Everyone counted belongs to this group, so there is nobody to compare with.")
        )
    if (zone_totals(table) > 0).sum() < 2:
        return Undefined(
            "one-zone", phrase("All people counted live in one zone, so nothing can be said about where.")
        )
    return None


def nobody_near() -> Undefined:
    """Say that no pair of people can be looked at: the neighbourhood joins none of them."""
    return Undefined(
        "no-neighbours", phrase("No two people counted are near each other in this neighbourhood.")
    )


def places(points: npt.ArrayLike, zones: int | None = None) -> Floats:
    """Return (Z, 2) places in metres, checked.

    Raises
    ------
    CallError
        If there are more or fewer than `zones`, or one is unknown.
    """
    at = np.asarray(points, dtype=np.float64)
    if at.ndim != 2 or at.shape[1] != 2 or zones not in (None, len(at)):
        many = "each zone" if zones is None else f"each of the {zones} zones"
        raise CallError(f"places are (x, y) in metres for {many}, not an array of shape {at.shape}")
    bad = np.flatnonzero(~np.isfinite(at).all(axis=1))
    if len(bad):
        raise CallError(f"zone {int(bad[0])} has no place on the map: leave zones without a point out")
    return at


def along(values: npt.ArrayLike, zones: int, what: str) -> Floats:
    """Return one number for each zone, checked.

    Raises
    ------
    CallError
        If there are more or fewer than zones, or one is negative or unknown.
    """
    out = np.asarray(values, dtype=np.float64)
    if out.shape != (zones,):
        raise CallError(f"{what}: {out.size} numbers for {zones} zones")
    bad = np.flatnonzero(~np.isfinite(out) | (out < 0))
    if len(bad):
        raise CallError(f"{what} of zone {int(bad[0])} is {out[bad[0]]:g}: it must be a number from 0 up")
    return out
