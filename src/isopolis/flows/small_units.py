"""What a dissimilarity would be without the part that small zones make, beside the value itself.

Only asked where zones hold few people and chance alone makes a tenth of the value or more, and only of counts
that are known in full.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from isopolis.measure.inference import Corrected, corrections, disagreement
from isopolis.model import Finding, Mechanism, Undefined
from isopolis.model.text import joint, listing, phrase

from .ask import Asked
from .observe import Table
from .words import percent

__all__ = ["FEW", "PART", "corrected", "read", "said_of", "told"]

FEW = 100
"""People of the average zone below which corrections are asked for."""

PART = 0.1
"""Least part of the value that chance must make."""

MANY_ZONES = 20_000
"""Zones above which the mixture is not fitted in a diagnosis: it takes seconds for each group."""


def corrected(finding: Finding, asked: Asked, table: Table, seed: int) -> Finding:
    """Return the finding with its corrections in `detail`, or as it is where none are asked for."""
    if not _asked(finding, table):
        return finding
    x = asked.question.select(table.seen.x)
    if x.shape[1] != 2:
        return finding
    found = corrections(x, seed=seed, mixture=len(x) <= MANY_ZONES)
    why = disagreement(found)
    caveats = (*finding.caveats, why) if why else finding.caveats
    detail = {
        **finding.detail,
        "corrections": [c.to_dict() for c in found],
        "corrections_disagree": bool(why),
    }
    return replace(finding, caveats=caveats, detail=detail)


def _asked(finding: Finding, table: Table) -> bool:
    if finding.measure != "dissimilarity" or isinstance(finding.value, Undefined) or finding.versus != "rest":
        return False
    if table.seen.se is not None or table.seen.hidden or table.counts.weighted or not table.zones:
        return False
    if (table.counts.mechanism[table.kept] != Mechanism.EXACT).any():
        return False
    few = table.people < FEW * table.zones
    return few and finding.expected is not None and finding.expected >= PART * finding.number > 0


def _said(found: Sequence[Corrected]) -> str:
    return phrase(
        "The zones hold few people, which raises the value. Corrected for that it is {listed}.",
        listed=listing([_one(c) for c in found]),
    )


def _one(c: Corrected) -> str:
    if c.low == c.high:
        return phrase("{value} by {name}", value=percent(c.low), name=c.name)
    return phrase("between {low} and {high} by {name}", low=percent(c.low), high=percent(c.high), name=c.name)


def read(detail: Mapping[str, Any]) -> tuple[Corrected, ...]:
    """Corrections that a finding carries; empty when it has none."""
    return tuple(Corrected.from_dict(c) for c in detail.get("corrections", ()))


def said_of(finding: Finding) -> str:
    """Sentence with the corrected values of a finding; empty when it has none."""
    found = read(finding.detail)
    return joint((_said(found), disagreement(found))) if found else ""


def told(first: Sequence[Corrected], second: Sequence[Corrected]) -> str:
    """Say whether the corrections of two values agree on which is larger; empty when they do."""
    other = {c.name: c for c in second}
    return disagreement([c.less(other[c.name]) for c in first if c.name in other])
