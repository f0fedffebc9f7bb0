"""How much indices tell about counts that noise or suppression hides.

An index of the whole city is computed from true counts. One alone tells nothing about a single cell,
but many of them, with many digits, beside a table of few cells, are a system of equations. Counted here
in bits: what a reader of the table does not know, and what the indices add. Only where the indices add
a small part may they stand beside the table; elsewhere they have to be computed from what is shown.

References
----------
Dinur, I. & Nissim, K. (2003): Revealing information while preserving privacy, PODS (answers that are
too exact and too many determine the data).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from isopolis.model import Counts, Finding, Mechanism

from .perturb import noise_table
from .policy import Policy

__all__ = ["PART", "told_bits", "unknown_bits", "within_budget"]

PART = 0.25
"""Largest part of what a table leaves open that indices of true counts may tell."""


def unknown_bits(table: Counts, policy: Policy) -> float:
    """Bits that the reader of a released table lacks to know the true one.

    Parameters
    ----------
    table : Counts
        As `release` gives it out.
    policy : Policy
        The one it was released under.

    Notes
    -----
    A noisy cell counts with the entropy of the noise of large counts; cells shown as 0 count as known.
    A hidden cell counts as one of the ``threshold`` + 1 numbers that it must look like at least.
    """
    row = noise_table(policy.noise_largest, policy.noise_variance, policy.noise_small).rows[-1]
    row = row[row > 0]
    each = float(-(row * np.log2(row)).sum())
    noisy = int(((table.mechanism == Mechanism.CELL_KEY) & (table.values > 0)).sum())
    return noisy * each + int(table.hidden.sum()) * float(np.log2(policy.threshold + 1))


def told_bits(findings: Iterable[Finding], policy: Policy) -> float:
    """Bits in the values of these findings when they are rounded to the digits of `policy`.

    Equal values of one measure (a group and everyone else) count once; what chance gives depends on
    totals only and is not counted.
    """
    values = {
        (f.measure, f.scale, f.scope, f.date, round(f.number, policy.digits)) for f in findings if f.defined
    }
    return len(values) * policy.digits * float(np.log2(10))


def within_budget(
    findings: Iterable[Finding], tables: Iterable[Counts], policy: Policy, part: float = PART
) -> bool:
    """Tell whether findings of true counts may be published beside these tables of the same dimension."""
    given = tuple(tables)
    exact = all(((t.mechanism < Mechanism.CELL_KEY) | t.absent).all() for t in given)
    # a table that is shown as it is has nothing left that an index could tell
    return exact or told_bits(findings, policy) <= part * sum(unknown_bits(t, policy) for t in given)
