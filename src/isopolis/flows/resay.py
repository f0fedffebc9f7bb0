"""Saying a finding anew from the numbers that it holds now, after they were rounded or made noisy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from isopolis.measure import MEASURES, Estimate
from isopolis.model import City, Finding, Undefined

from .findings import Maker
from .words import Names, change_sentence, sentence

__all__ = ["Resayer"]

CHANGE = "_change"
Key = tuple[str, ...]


class Resayer:
    """Makes the sentences of findings from their own numbers and from those of the findings around them.

    Parameters
    ----------
    city : City
        Only its names are used.
    findings : iterable of Finding
        All findings that stand together, as they will be shown.
    """

    def __init__(self, city: City, findings: Iterable[Finding]) -> None:
        self.names = Names.of(city)
        self.maker = Maker(city, 0, self.names)
        self.shares: dict[Key, float] = {}
        self.totals: dict[Key, float] = {}
        for f in findings:
            if not f.defined:
                continue
            if f.group and f.n_people > 0:
                self.shares.setdefault((f.dimension, f.group, f.date), min(1.0, f.n_group / f.n_people))
            if f.measure == "mutual_information" and not f.group:
                self.totals.setdefault((f.dimension, f.date), f.number)

    def say(self, finding: Finding) -> Finding:
        """Return `finding` with its sentence made anew; one without a value says why as before."""
        if isinstance(finding.value, Undefined):
            return finding
        text = self._change(finding) if finding.measure.endswith(CHANGE) else self._one(finding)
        return replace(finding, explanation=text)

    def _one(self, f: Finding) -> str:
        spec = MEASURES[f.measure]
        about_all = not f.group
        group = self.names.dimension(f.dimension) if about_all else self.names.group(f.group)
        versus = self.names.group(f.versus or "rest")
        met = f.versus if f.versus not in ("", "rest") else f.group
        share = self.shares.get((f.dimension, met, f.date))
        if f.measure == "dissimilarity" and f.versus == "rest" and share is not None and share > 0.5:
            group, versus = versus, group  # the smaller side would move
        found = Estimate(f.number, expected=f.expected, maximum=f.maximum, sd=f.sd)
        return sentence(
            spec,
            found,
            group=group,
            versus=versus,
            scale=f.scale,
            city_share=share,
            total=self.totals.get((f.dimension, f.date)) if spec.kind == "nested" else None,
            about_all=about_all,
            scope="city" if spec.kind == "local" else f.scope,
        )

    def _change(self, f: Finding) -> str:
        base = replace(f, measure=f.measure.removesuffix(CHANGE))
        spec = MEASURES[base.measure]
        before, _, after = f.date.partition("/")
        return change_sentence(
            spec.explain.title,
            self.maker._about(base),
            before,
            after,
            _value(f.detail.get("before")),
            _value(f.detail.get("after")),
            f.interval,
            share=spec.unit == "share",
        )


def _value(end: Any) -> float:
    return float(end["value"]) if isinstance(end, Mapping) and end.get("value") is not None else 0.0
