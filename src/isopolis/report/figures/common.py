"""What all charts of findings share."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from isopolis.model import Finding

from ..charts import Dot
from ..prose import joined, number, percent, sentence
from ..select import ByDimension

__all__ = ["ROWS", "at", "dot", "method", "percents"]

ROWS = 24
"""Most rows of a chart; the table has them all."""


def dot(finding: Finding, label: str, written: Callable[[float], str] = number) -> Dot:
    """One row: value, what chance gives, interval."""
    low, high = finding.interval or (None, None)
    return Dot(label, finding.number, finding.expected, low, high, written(finding.number))


def at(part: ByDimension) -> str:
    """Date as it ends a title: ``, 2025``."""
    return f", {part.newest}" if part.newest else ""


def method(found: Sequence[Finding]) -> str:
    """Say how interval and chance were found."""
    methods = dict.fromkeys(f.interval_method for f in found if f.interval is not None)
    chance = dict.fromkeys(f.null_method for f in found if f.null_method)
    parts = [
        f"Interval: {sentence(joined(methods))}." if methods else "",
        f"By chance: {sentence(joined(chance))}." if chance else "",
    ]
    return " ".join(p for p in parts if p)


def percents(finding: Finding) -> str:
    """The interval in per cent."""
    return " to ".join(percent(x) for x in finding.interval) if finding.interval else "–"
