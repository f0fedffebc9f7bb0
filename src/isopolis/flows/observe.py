"""From counts to the table that measures work on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.measure import Observed
from isopolis.model import Counts, Mechanism

__all__ = ["Table", "table_of"]

SMALL_TABLE = 10


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table ready to be measured.

    Parameters
    ----------
    counts : Counts
        What it was made of; axes after the zones are flattened.
    seen : Observed
        (K, G) for the K zones kept.
    kept : (K,) int array
        Positions of the kept zones among the city's zones.
    caveats : tuple of str
        What a reader of any value of this table must know.
    """

    counts: Counts
    seen: Observed
    kept: npt.NDArray[np.intp]
    caveats: tuple[str, ...]

    @property
    def people(self) -> int:
        """Everyone counted, in whole persons."""
        return round(float(self.seen.x.sum()))

    @property
    def zones(self) -> int:
        """Zones with at least one person."""
        return int((self.seen.x.sum(axis=1) > 0).sum())


def table_of(counts: Counts) -> Table:
    """Keep the zones that were collected, and say what else there is to know."""
    covered = counts.covered
    kept = np.flatnonzero(covered)
    x = counts.flat()[kept]
    hidden = counts.hidden.reshape(len(counts.zone_ids), -1)[kept]
    lower = upper = None
    if hidden.any() and counts.lower is not None and counts.upper is not None:
        shape = (len(counts.zone_ids), -1)
        lower = np.where(hidden, counts.lower.reshape(shape)[kept], x)
        upper = np.where(hidden, counts.upper.reshape(shape)[kept], x)
        x = np.where(hidden, (lower + upper) / 2, x)
    sampled = (counts.mechanism == Mechanism.SAMPLE).any() or (counts.mechanism == Mechanism.MODELLED).any()
    se = counts.se.reshape(len(counts.zone_ids), -1)[kept] if sampled and counts.se is not None else None
    seen = Observed(x, lower, upper, se)
    return Table(counts, seen, kept, _caveats(counts, seen, covered, hidden))


def _caveats(
    counts: Counts, seen: Observed, covered: npt.NDArray[np.bool_], hidden: npt.NDArray[np.bool_]
) -> tuple[str, ...]:
    out = []
    missing = int((~covered).sum())
    if missing:
        out.append(
            f"{missing:,} zone{'s' * (missing != 1)} left out: nothing was collected there for this table."
        )
    if hidden.any():
        out.append(
            f"{int(hidden.sum()):,} suppressed cells were filled at random within their bounds; "
            "the value is the mean over these fillings."
        )
    codes = set(np.unique(counts.mechanism))
    if Mechanism.ROUNDED in codes:
        base = f" to multiples of {counts.parameter:g}" if counts.parameter else ""
        out.append(
            f"Small counts were rounded{base} at the source; values for small groups are less "
            f"exact than shown."
        )
    if codes & {Mechanism.CELL_KEY, Mechanism.DP}:
        out.append("Noise was added to the counts to protect people; it raises values for small groups.")
    if Mechanism.SAMPLE in codes:
        out.append("The counts come from a sample; sampling error raises the value and widens the interval.")
    if counts.weighted or Mechanism.MODELLED in codes:
        out.append(
            "The counts are estimates, not whole persons; what chance gives was found for rounded counts."
        )
    zones = int((seen.x.sum(axis=1) > 0).sum())
    if 1 < zones < SMALL_TABLE:
        out.append(f"Only {zones} zones: one zone more or less changes the value.")
    return tuple(out)
