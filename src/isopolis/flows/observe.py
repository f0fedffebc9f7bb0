"""From counts to the table that measures work on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.measure import Observed
from isopolis.model import Counts, Mechanism
from isopolis.model.text import Number, phrase, phrases

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
    mechanism = np.asarray(counts.mechanism).reshape(len(counts.zone_ids), -1)[kept]
    seen = Observed(x, lower, upper, se, mechanism if mechanism.any() else None, counts.parameter or 0.0)
    return Table(counts, seen, kept, _caveats(counts, seen, covered, hidden))


def _caveats(
    counts: Counts, seen: Observed, covered: npt.NDArray[np.bool_], hidden: npt.NDArray[np.bool_]
) -> tuple[str, ...]:
    out = []
    missing = int((~covered).sum())
    if missing:
        out.append(
            phrases(
                "{n} zone left out: nothing was collected there for this table.",
                "{n} zones left out: nothing was collected there for this table.",
                missing,
            )
        )
    if hidden.any():
        out.append(
            phrases(
                "{n} suppressed cell: value and interval are an estimate from its bounds and from all "
                "other zones.",
                "{n} suppressed cells: value and interval are an estimate from their bounds and from all "
                "other zones.",
                int(hidden.sum()),
            )
        )
    codes = set(np.unique(counts.mechanism))
    if Mechanism.ROUNDED in codes:
        out.append(_rounded(counts.parameter))
    if codes & {Mechanism.CELL_KEY, Mechanism.DP}:
        out.append(_noise(counts.parameter))
    if Mechanism.SAMPLE in codes:
        out.append(
            phrase(
                "The counts come from a sample: sampling error raises the value; the interval is about the "
                "true counts, with that part taken out."
            )
        )
    if counts.weighted or Mechanism.MODELLED in codes:
        out.append(
            phrase(
                "The counts are estimates, not whole persons; what chance gives was found for rounded counts."
            )
        )
    zones = int((seen.x.sum(axis=1) > 0).sum())
    if 1 < zones < SMALL_TABLE:
        out.append(
            phrases(
                "Only {n} zones: one zone more or less changes the value.",
                "Only {n} zones: one zone more or less changes the value.",
                zones,
            )
        )
    return tuple(out)


def _noise(strength: float | None) -> str:
    if not strength:
        return phrase(
            "Noise was added to the counts to protect people, and the city’s file does not say how much "
            "(noise_variance or epsilon): the value holds it, and no interval can be given."
        )
    return phrase(
        "Noise was added to the counts to protect people. Its part is taken out of the value "
        "(exactly for isolation, exposure and V, by its likelihood for the others) and is in the "
        "interval."
    )


def _rounded(base: float | None) -> str:
    if not base:
        return phrase(
            "Small counts were rounded at the source; values for small groups are less exact than shown."
        )
    return phrase(
        "Small counts were rounded to multiples of {base} at the source; the value is an estimate from all "
        "counts that round to the published ones.",
        base=Number(f"{base:g}"),
    )
