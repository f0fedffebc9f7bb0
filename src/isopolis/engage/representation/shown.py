"""What may be shown of a table of participants: through the gate, every margin with it.

Whatever is estimated later is estimated from what comes out of here, so that no estimate can tell more
than the numbers that are shown. A hidden cell goes on as the bounds that a reader can deduce.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.model import Counts
from isopolis.privacy import Block, Policy, blocks, suppress, verdicts

from .placed import Placed

__all__ = ["MOST_UNSAFE", "Shown", "View", "show", "small_share"]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

MOST_UNSAFE = 400
"""Small cells that the gate can protect in a time that somebody waits for."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """One margin as it may be shown.

    Parameters
    ----------
    names : tuple of str
        Dimensions crossed, in alphabetical order.
    by_zone : bool
        True for one row per zone, False for one row for the whole city.
    residents, low, high : arrays (zones or 1, K1, ...)
        People counted; participants, between bounds.
    hidden : bool array
        Where only the bounds may be shown.
    """

    names: tuple[str, ...]
    by_zone: bool
    residents: Floats
    low: Floats
    high: Floats
    hidden: Flags


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """Every margin as it may be shown; none when the table cannot be protected."""

    views: tuple[View, ...]
    safe: bool

    def view(self, names: tuple[str, ...], *, by_zone: bool) -> View:
        """Return one margin."""
        wanted = tuple(sorted(names))
        return next(v for v in self.views if v.names == wanted and v.by_zone == by_zone)


def _unsafe(placed: Placed, policy: Policy) -> tuple[dict[object, Flags], int, int]:
    """Cells of each margin that may not be shown; how many of the finest are, of how many with people."""
    out: dict[object, Flags] = {}
    finest = people = 0
    both = zip(blocks(placed.took), blocks(placed.residents), strict=True)
    for number, (took, lived) in enumerate(both):
        k, n = took.counts.values, lived.counts.values
        # those who did not take part are as easily recognised as those who did
        bad = ((n > 0) & (n - k < policy.threshold)) | ((n > 0) & (n < policy.threshold) & (k > 0))
        for verdict in verdicts(took, policy):
            bad = bad | verdict.cells
        bad &= n > 0
        out[_key(took)] = bad
        if number == 0:
            finest, people = int(bad.sum()), int((n > 0).sum())
    return out, finest, people


def _key(block: Block) -> object:
    return block.level, block.names


def small_share(placed: Placed, policy: Policy) -> tuple[float, int]:
    """Return the share of cells that may not be shown, before anything is done about it, and their number."""
    _marks, unsafe, people = _unsafe(placed, policy)
    return (unsafe / people if people else 0.0), unsafe


def show(placed: Placed, policy: Policy) -> Shown:
    """Send the participants through the gate.

    Parameters
    ----------
    placed : Placed
    policy : Policy
        Its protection is ``suppress``: counts that are shown are true counts.
    """
    marks, _unsafe_cells, _people = _unsafe(placed, policy)
    pattern = suppress([placed.took], threshold=policy.threshold, unsafe=lambda b: marks[_key(b)])
    if not pattern.safe:
        return Shown((), False)
    lived: Mapping[object, Counts] = {_key(b): b.counts for b in blocks(placed.residents)}
    views = []
    for block in pattern.blocks[0]:
        counts, people = block.counts, lived[_key(block)].values
        hidden = counts.hidden
        low = np.where(hidden, _bound(counts.lower, 0.0), counts.values)
        high = np.where(hidden, _bound(counts.upper, np.inf), counts.values)
        # who knows how many live there knows that no more took part
        views.append(
            View(
                block.names, block.level == "zone", people, np.ceil(low - 1e-6),
                np.minimum(np.floor(high + 1e-6), people), hidden,
            )
        )  # fmt: skip
    return Shown(tuple(views), True)


def _bound(array: Floats | None, otherwise: float) -> Floats | float:
    return otherwise if array is None else array
