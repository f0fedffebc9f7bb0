"""From estimates to findings: labels, caveats, provenance, words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from isopolis import __version__
from isopolis.measure import MEASURES, Estimate, MeasureSpec
from isopolis.model import City, Counts, Finding, Mechanism, Undefined
from isopolis.model.text import count, phrase, phrases

from .ask import Asked
from .observe import Table
from .words import Names, change_sentence, sentence

__all__ = ["Maker"]

SMALL_GROUP = 100


@dataclass(frozen=True, slots=True, eq=False)
class Maker:
    """Makes the findings of one city."""

    city: City
    seed: int
    names: Names

    def provenance(self, counts: Counts) -> dict[str, Any]:
        """Where the numbers of a finding came from."""
        source = next((s for s in self.city.sources if s.key == counts.source), None)
        codes = sorted(
            {
                Mechanism(int(c)).name.lower()
                for c in set(counts.mechanism.flat[:: max(1, counts.mechanism.size // 100_000)])
            }
        )
        return {
            "source": source.to_dict() if source else counts.source,
            "universe": counts.universe,
            "observed": codes,
            "software": f"isopolis {__version__}",
            "seed": self.seed,
        }

    def found(
        self,
        asked: Asked,
        estimate: Estimate,
        table: Table,
        *,
        scope: str = "city",
        total: float | None = None,
        caveats: tuple[str, ...] = (),
        detail: Mapping[str, Any] | None = None,
        provenance: Mapping[str, Any] | None = None,
    ) -> Finding:
        """Turn one answered question into a finding."""
        spec = asked.question.spec
        about_all = not asked.group
        group = self.names.dimension(asked.dimension) if about_all else self.names.group(asked.group)
        people = table.people
        met = list(asked.met)
        share = float(table.seen.x[:, met].sum()) / people if met and people else None
        members = people if about_all else estimate.members
        versus = self.names.group(asked.versus or "rest")
        if spec.name == "dissimilarity" and asked.versus == "rest" and share is not None and share > 0.5:
            group, versus = (
                versus,
                group,
            )  # as true the other way round, and it is the smaller side that would move
        return Finding(
            measure=spec.name,
            value=estimate.value,
            dimension=asked.dimension,
            group=asked.group,
            versus=asked.versus,
            scale=asked.scale,
            scope=scope,
            date=table.counts.date,
            expected=estimate.expected,
            maximum=estimate.maximum,
            excess=estimate.excess,
            sd=estimate.sd,
            null_method=estimate.null_method,
            interval=estimate.interval,
            interval_method=estimate.interval_method or _no_interval(estimate),
            p=estimate.p,
            n_people=people,
            n_group=members,
            n_zones=table.zones,
            caveats=(*table.caveats, *caveats, *_small(members, about_all, estimate), *_raised(estimate)),
            provenance=self.provenance(table.counts) if provenance is None else provenance,
            explanation=sentence(
                spec,
                estimate,
                group=group,
                versus=versus,
                scale=asked.scale,
                city_share=share,
                total=total,
                about_all=about_all,
                scope="city" if spec.kind == "local" else scope,
            ),
            detail=detail or {},
        )

    def _about(self, finding: Finding) -> str:
        """Name what a finding is about, for a sentence on its change."""
        kind = MEASURES[finding.measure].kind
        if not finding.group:
            about = self.names.dimension(finding.dimension)
            return (
                phrase("{group} within {scale}", group=about, scale=finding.scale)
                if kind == "spatial"
                else about
            )
        about = self.names.group(finding.group)
        if kind != "exposure":
            return about
        return phrase("{group} to {other}", group=about, other=self.names.group(finding.versus))

    def change(self, before: Finding, after: Finding, first: Estimate, last: Estimate) -> Finding:
        """Compare the same question at two dates."""
        spec = MEASURES[before.measure]
        about = self._about(before)
        reason = next((f.value for f in (before, after) if isinstance(f.value, Undefined)), None)
        low_high = None if reason is not None else _interval_of_change(first, last)
        value: float | Undefined = reason if reason is not None else after.number - before.number
        expected = None
        if before.expected is not None and after.expected is not None:
            expected = after.expected - before.expected
        method = after.interval_method if reason is None else phrase("none: a date has no value")
        if low_high:
            method = phrase(
                "difference of two independent dates, each {method}", method=after.interval_method
            )
        return Finding(
            measure=f"{before.measure}_change",
            value=value,
            dimension=before.dimension,
            group=before.group,
            versus=before.versus,
            scale=before.scale,
            scope=before.scope,
            date=f"{before.date}/{after.date}",
            expected=expected,
            sd=_hypot(before.sd, after.sd),
            null_method="" if expected is None else phrase("difference of what chance gives at each date"),
            interval=low_high,
            interval_method=method,
            n_people=after.n_people,
            n_group=after.n_group,
            n_zones=after.n_zones,
            caveats=_caveats_of_change(before, after),
            provenance={"before": dict(before.provenance), "after": dict(after.provenance)},
            explanation=_words_of_change(spec, about, before, after, reason, low_high),
            detail={"before": _plain(before), "after": _plain(after)},
        )


def _interval_of_change(first: Estimate, last: Estimate) -> tuple[float, float] | None:
    """Interval of a difference from two intervals that need not be even on both sides.

    Errors of the ends that point the same way are added in quadrature. Zou, G. Y. & Donner, A. (2008):
    Construction of confidence limits about effect measures, Statistics in Medicine 27(10), 1693-1702.
    """
    if first.interval is None or last.interval is None:
        return None
    middles = [float(e.value) - (e.shift or 0.0) for e in (first, last)]  # type: ignore[arg-type]
    between = middles[1] - middles[0]
    down = ((middles[1] - last.interval[0]) ** 2 + (first.interval[1] - middles[0]) ** 2) ** 0.5
    up = ((last.interval[1] - middles[1]) ** 2 + (middles[0] - first.interval[0]) ** 2) ** 0.5
    return between - down, between + up


def _words_of_change(
    spec: MeasureSpec,
    about: str,
    before: Finding,
    after: Finding,
    reason: Undefined | None,
    interval: tuple[float, float] | None,
) -> str:
    title = phrase(spec.explain.title)
    if reason is not None:
        why = reason.reason
        return phrase("The change of {measure} cannot be given: {reason}", measure=title, reason=why)
    return change_sentence(
        title,
        about,
        before.date,
        after.date,
        before.number,
        after.number,
        interval,
        share=spec.unit == "share",
    )


def _caveats_of_change(before: Finding, after: Finding) -> tuple[str, ...]:
    caveats = tuple(dict.fromkeys((*before.caveats, *after.caveats)))
    if before.n_zones == after.n_zones:
        return caveats
    said = phrase(
        "{before} zones with people in {first}, {after} in {last}: each date keeps all of its residents.",
        before=count(before.n_zones),
        first=before.date,
        after=count(after.n_zones),
        last=after.date,
    )
    return (*caveats, said)


def _plain(finding: Finding) -> dict[str, Any]:
    interval = None if finding.interval is None else list(finding.interval)
    value = finding.value if finding.defined else None
    return {"date": finding.date, "value": value, "expected": finding.expected, "interval": interval}


def _hypot(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else (a * a + b * b) ** 0.5


def _no_interval(estimate: Estimate) -> str:
    if isinstance(estimate.value, Undefined):
        return phrase("none: there is no value")
    return phrase("none: no interval is given for a single zone; compare with what chance gives for its size")


def _raised(estimate: Estimate) -> tuple[str, ...]:
    """Say why a value may lie outside its own interval."""
    if estimate.interval is None or isinstance(estimate.value, Undefined):
        return ()
    if estimate.interval[0] <= estimate.value <= estimate.interval[1]:
        return ()
    return (
        phrase(
            "The value lies outside its interval: chance raises it where zones or groups are small, and the "
            "interval is about the probabilities behind the counts, from which that part is taken out."
        ),
    )


def _small(members: int, about_all: bool, estimate: Estimate) -> tuple[str, ...]:
    if about_all or isinstance(estimate.value, Undefined) or members >= SMALL_GROUP:
        return ()
    return (
        phrases(
            "Only {n} people in this group: read the excess over chance, not the value.",
            "Only {n} people in this group: read the excess over chance, not the value.",
            members,
        ),
    )
