"""Which findings belong together: by dimension, by question, by date."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from isopolis.flows.diagnosis import Diagnosis, LocalTable
from isopolis.model import Finding

__all__ = ["ByDimension", "by_dimension", "ends", "radius_of"]

_RADIUS = re.compile(r"^\s*([\d.,]+)\s*(k?m)\b")


def radius_of(scale: str) -> float | None:
    """Metres in a scale such as ``500 m`` or ``2 km``; None for a level of zones."""
    match = _RADIUS.match(scale)
    if not match:
        return None
    return float(match[1].replace(",", "")) * (1000 if match[2] == "km" else 1)


def ends(finding: Finding) -> tuple[float | None, float | None]:
    """Values before and after of a change, as the finding tells them."""
    return _end(finding.detail.get("before")), _end(finding.detail.get("after"))


def _end(told: object) -> float | None:
    """Value of one date, told as a number or as ``{"value": number, ...}``."""
    value = told.get("value") if isinstance(told, dict) else told
    return float(value) if isinstance(value, int | float) else None


@dataclass(frozen=True, eq=False)
class ByDimension:
    """Findings of one dimension, in the order in which the diagnosis lists them.

    Parameters
    ----------
    name : str
    findings : tuple of Finding
    tables : tuple of LocalTable
        Newest first.
    """

    name: str
    findings: tuple[Finding, ...]
    tables: tuple[LocalTable, ...]

    @cached_property
    def newest(self) -> str:
        """Newest date of the findings that are no change."""
        return max((f.date for f in self.findings if not f.measure.endswith("_change")), default="")

    @cached_property
    def scale(self) -> str:
        """The zones' own level: the scale that most evenness findings have."""
        level = Counter(
            f.scale for f in self.findings if f.measure == "dissimilarity" and radius_of(f.scale) is None
        )
        return level.most_common(1)[0][0] if level else ""

    def take(self, *measures: str, date: str | None = None) -> tuple[Finding, ...]:
        """Findings of the whole city with one of `measures`; the newest date when none is given."""
        wanted = self.newest if date is None else date
        return tuple(
            f for f in self.findings if f.measure in measures and f.date == wanted and f.scope in ("", "city")
        )

    def spread(self, date: str | None = None) -> tuple[Finding, ...]:
        """Dissimilarity of each group from the rest, at the zones' own level."""
        found = self.take("dissimilarity", date=date)
        return tuple(f for f in found if f.group and f.scale in ("", self.scale))

    def profile(self) -> tuple[tuple[float, Finding], ...]:
        """H of all groups by radius, rising."""
        found = self.take("spatial_information_theory")
        pairs = [(radius_of(f.scale), f) for f in found if f.defined and not f.group]
        return tuple(sorted(((r, f) for r, f in pairs if r is not None), key=lambda p: p[0]))

    def inside(self) -> tuple[Finding, ...]:
        """H of all groups inside each area of a level above the zones."""
        return tuple(
            f
            for f in self.findings
            if f.measure == "information_theory" and ":" in f.scope and f.date == self.newest and not f.group
        )

    def survey(self) -> tuple[Finding, ...]:
        """Shares known from a sample of the whole city."""
        return tuple(f for f in self.findings if f.measure == "share")

    def nested(self) -> tuple[tuple[Finding, Finding], ...]:
        """Pairs of what lies between and what lies within the areas of a level."""
        within = {f.scale: f for f in self.take("mutual_information_within") if f.defined}
        between = [f for f in self.take("mutual_information_between") if f.defined]
        return tuple((f, within[f.scale]) for f in between if f.scale in within)

    def changes(self) -> tuple[Finding, ...]:
        """Every change between two dates."""
        return tuple(f for f in self.findings if f.measure.endswith("_change"))

    def exposure(self) -> dict[tuple[str, str], Finding]:
        """(Group, whom it meets) → finding; the same group twice is isolation."""
        out: dict[tuple[str, str], Finding] = {}
        for f in self.take("exposure", "isolation"):
            if f.scale in ("", self.scale) or radius_of(f.scale) is None:
                own = f.measure == "isolation" or f.versus in ("", f.group)
                out.setdefault((f.group, f.group if own else f.versus), f)
        return out


def _order(diagnosis: Diagnosis) -> list[str]:
    """Dimensions as the headlines rank them, then as they are measured."""
    items: Iterable[Finding] = (*diagnosis.headlines, *diagnosis.findings)
    names = [f.dimension for f in items if f.dimension] + [t.name for t in diagnosis.local]
    return list(dict.fromkeys(names))


def by_dimension(diagnosis: Diagnosis) -> Sequence[ByDimension]:
    """Sort a diagnosis by dimension, those with the first headlines first."""
    found: dict[str, list[Finding]] = {}
    tables: dict[str, list[LocalTable]] = {}
    for finding in diagnosis.findings:
        found.setdefault(finding.dimension, []).append(finding)
    for table in diagnosis.local:
        tables.setdefault(table.name, []).append(table)
    return [ByDimension(n, tuple(found.get(n, ())), tuple(tables.get(n, ()))) for n in _order(diagnosis)]
