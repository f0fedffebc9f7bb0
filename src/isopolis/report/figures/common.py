"""What all charts of findings share."""

from __future__ import annotations

from collections.abc import Sequence

from isopolis.model import Finding

from ..charts import Dot
from ..prose import is_share, percent, shown, verb
from ..select import ByDimension

__all__ = ["ROWS", "at", "band", "dot", "explained", "in_percent", "left", "notes", "outside", "percents"]

ROWS = 24
"""Most rows of a chart; the table has them all."""

OUTSIDE = (
    "Some intervals do not hold the measured value. That is no error: chance raises the value where zones or "
    "groups are small, and the interval is about what is left once that part is taken out."
)


def dot(finding: Finding, label: str) -> Dot:
    """One row: value, what chance gives, interval."""
    low, high = finding.interval or (None, None)
    written = shown(finding.measure, finding.number)
    return Dot(label, finding.number, finding.expected, low, high, written)


def in_percent(found: Sequence[Finding]) -> bool:
    """True when all of `found` are written in per cent."""
    return all(is_share(f.measure) for f in found)


def at(part: ByDimension) -> str:
    """Date as it ends a title: ``, 2025``."""
    return f", {part.newest}" if part.newest else ""


def band(found: Sequence[Finding]) -> str:
    """Name the interval for the key of a chart."""
    corrected = any(f.interval is not None and "bias" in f.interval_method for f in found)
    return "interval, chance part taken out" if corrected else "interval"


def outside(found: Sequence[Finding]) -> str:
    """Say why an interval does not hold its value, when there is such a one."""
    apart = any(
        f.interval is not None and f.defined and not f.interval[0] <= f.number <= f.interval[1] for f in found
    )
    return OUTSIDE if apart else ""


def left(found: Sequence[Finding], what: str) -> str:
    """Say how many rows only the table has."""
    rest = len(found) - ROWS
    if rest <= 0:
        return ""
    return (
        f"The chart shows {ROWS} of {len(found)} {what}; the other {rest} {verb(rest, 'is', 'are')} "
        "in the table only."
    )


def explained(found: Sequence[Finding]) -> bool:
    """True when the method chapter says how chance or an interval was found."""
    return any(f.null_method or f.interval is not None for f in found)


def notes(*parts: str) -> str:
    """Join the sentences that there are."""
    return " ".join(p for p in parts if p)


def percents(finding: Finding) -> str:
    """The interval in per cent."""
    return " to ".join(percent(x) for x in finding.interval) if finding.interval else "–"
