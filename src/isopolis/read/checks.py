"""Checks on counts that are numbers already: totals, rounding, fractions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.model import Problems
from isopolis.model.text import Number, phrase

from .wording import many

__all__ = ["GROSS", "Rounding", "check_total", "fractional", "rounding"]

Floats = npt.NDArray[np.float64]

GROSS = 0.05
"""Share of all residents above which totals and groups are about different people."""

ENOUGH = 20


@dataclass(frozen=True, slots=True)
class Rounding:
    """Small counts that were rounded: `base`, and the evidence."""

    base: int
    small: int
    multiples: int
    top: int


def rounding(values: Floats) -> Rounding | None:
    """Find out whether small whole counts were rounded.

    Small counts that are mostly multiples of a base, while values below it
    (which are the most frequent small counts otherwise) never occur.

    Parameters
    ----------
    values : array of counts
    """
    if fractional(values):
        return None
    for base in (10, 5, 3):
        top = 3 * base
        small = values[(values >= 1) & (values <= top)]
        multiples = int((small % base == 0).sum())
        below = int((small < base).sum())
        if len(small) >= ENOUGH and not below and multiples >= 0.8 * len(small):
            return Rounding(base, len(small), multiples, top)
    return None


def fractional(values: Floats) -> bool:
    """True when more than one count in a hundred is no whole number."""
    filled = values[values > 0]
    return bool(len(filled)) and float((np.abs(filled - np.round(filled)) > 1e-6).mean()) > 0.01


def _said(share: float) -> str:
    if share > 1:
        return phrase("more than everyone")
    return phrase("{percent} of everyone", percent=Number(f"{share:.1%}"))


def check_total(
    sums: Floats,
    total: Floats,
    known: npt.NDArray[np.bool_],
    *,
    name: str,
    total_name: str,
    ids: Sequence[str],
    file: str,
    problems: Problems,
    weighted: bool = False,
) -> bool:
    """Compare groups with their total, zone by zone; return False when they are about different people.

    Parameters
    ----------
    sums, total : (n,) arrays
    known : (n,) bool array
        Rows in which both are known in full.
    name, total_name : str
        Dimension and total column.
    ids : sequence of str
        Zone of each row.
    """
    gap = np.where(known, sums - total, 0.0)
    # modelled numbers were added up in floating point somewhere
    slack = np.maximum(1e-6 * np.abs(total), 0.51 if weighted else 0.0) if weighted else 1e-9 * np.abs(total)
    off = np.flatnonzero(np.abs(gap) > slack)
    if not len(off):
        return True
    worst = int(off[np.argmax(np.abs(gap[off]))])
    everyone = float(total[known].sum())
    share = float(np.abs(gap[off]).sum()) / everyone if everyone > 0 else 1.0
    # a handful of zones may err grossly only together with the city
    gross = share > GROSS
    message = phrase(
        'the groups of "{dimension}" do not add up to "{total}" in {count} of {zones}; the worst is '
        "zone {zone}: {sum} against {whole} ({share} in all)",
        dimension=name,
        total=total_name,
        count=len(off),
        zones=many(int(known.sum()), "zone"),
        zone=ids[worst],
        sum=Number(f"{sums[worst]:,.10g}"),
        whole=Number(f"{total[worst]:,.10g}"),
        share=_said(share),
    )
    hint = phrase("The groups were taken as they are; shares refer to their own sum.")
    if gross:
        hint = phrase(
            "Check that the columns are about the same people; take total out of this dimension if it has "
            "its own universe."
        )
    add = problems.error if gross else problems.caveat
    add("total-mismatch", message, file=file, column=total_name, count=len(off), hint=hint)
    return not gross
