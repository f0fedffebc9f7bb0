"""What all charts of findings share."""

from __future__ import annotations

from collections.abc import Sequence

from isopolis.model import Finding
from isopolis.model.text import count, joint, phrase, phrases

from ..charts import Dot
from ..prose import is_share, percent, shown

__all__ = ["ROWS", "band", "dot", "explained", "in_percent", "left", "notes", "outside", "percents"]

ROWS = 24
"""Most rows of a chart; the table has them all."""

OUTSIDE = phrase(
    "Some intervals do not hold the measured value. That is no error: chance raises the value where zones or "
    "groups are small, and the interval is about what is left once that part is taken out."
)
IN_ORDER = phrase("Rows stand in the order of the data.")


def dot(finding: Finding, label: str) -> Dot:
    """One row: value, what chance gives, interval."""
    low, high = finding.interval or (None, None)
    written = shown(finding.measure, finding.number)
    return Dot(label, finding.number, finding.expected, low, high, written)


def in_percent(found: Sequence[Finding]) -> bool:
    """True when all of `found` are written in per cent."""
    return all(is_share(f.measure) for f in found)


def band(found: Sequence[Finding]) -> str:
    """Name the interval for the key of a chart."""
    corrected = any(f.interval is not None and "bias" in f.interval_method for f in found)
    return phrase("interval, chance part taken out") if corrected else phrase("interval")


def outside(found: Sequence[Finding]) -> str:
    """Say why an interval does not hold its value, when there is such a one."""
    apart = any(
        f.interval is not None and f.defined and not f.interval[0] <= f.number <= f.interval[1] for f in found
    )
    return OUTSIDE if apart else ""


def left(found: Sequence[Finding], what: str) -> str:
    """Say how many rows, of groups, areas or headlines, only the table has."""
    rest = len(found) - ROWS
    if rest <= 0:
        return ""
    words = {
        "areas": phrases("{n} area", "{n} areas", len(found)),
        "groups": phrases("{n} group", "{n} groups", len(found)),
        "headlines": phrases("{n} headline", "{n} headlines", len(found)),
    }
    return phrases(
        "The chart shows {shown} of {all}; the other {n} is in the table only.",
        "The chart shows {shown} of {all}; the other {n} are in the table only.",
        rest,
        shown=count(ROWS),
        all=words[what],
    )


def explained(found: Sequence[Finding]) -> bool:
    """True when the method chapter says how chance or an interval was found."""
    return any(f.null_method or f.interval is not None for f in found)


def notes(*parts: str) -> str:
    """Join the sentences that there are."""
    return joint(parts)


def percents(finding: Finding) -> str:
    """The interval in per cent."""
    if not finding.interval:
        return "–"
    low, high = (percent(x) for x in finding.interval)
    return phrase("{low} to {high}", low=low, high=high)
