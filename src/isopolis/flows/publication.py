"""From a diagnosis to what may be published of it: through the gate, and nothing beside it.

Tables of counts go through the gate first. What is said of single zones, and every map, is computed
from the released tables. Indices of the whole city are the measured ones, rounded by the gate, where
that tells no more than a small part of what the noise hides; where the table is too small for that,
they are computed anew from the released counts, so that they tell nothing that the counts do not tell.
Where the released counts have no answer, as many measured values as fit are let through one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from isopolis import __version__
from isopolis.model import City, Counts, Finding, Mechanism
from isopolis.privacy import Ledger, Policy, Release, release, within_budget
from isopolis.privacy.rules import Hit

from .diagnose import diagnose
from .diagnosis import Diagnosis, LocalTable
from .findings import Maker
from .headlines import headlines
from .locals import local_table, top_zones
from .observe import table_of
from .resay import Resayer
from .universes import told_apart
from .unknowns import unknowns
from .words import Names

__all__ = ["MEASURED", "RELEASED", "Published", "prepare_publication", "single_tables"]

CELLS_MOST = 60_000
"""Cells of a table above which it is not published: nobody reads it, and its proof takes too long."""
MEASURED, RELEASED = "measured", "released"
CROSS = " × "
CITY = "city"
NOISE_PART = 0.1
"""Largest part of the variance of a count that noise may be where an index is computed from it."""
FIRST = ("dissimilarity", "isolation", "information_theory", "ordinal_information_theory", "exposure")
"""What residents ask first: let through first where not everything fits."""
TOO_NOISY = "So few people of the group in each zone that the value would mostly be noise."
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Published:
    """What would be published.

    Parameters
    ----------
    diagnosis : Diagnosis
        Released numbers only: its city holds the released tables, its findings are those to show.
    basis : tuple of str
        Of each finding: ``measured`` when it is the measured one, rounded; ``released`` when it was
        computed from released counts.
    released : Release
        What the gate answered for the tables, with the ledger to keep.
    withheld : tuple of Hit
        Everything not shown and why. For staff.
    """

    diagnosis: Diagnosis
    basis: tuple[str, ...]
    released: Release
    withheld: tuple[Hit, ...]

    @property
    def refused(self) -> bool:
        """True when nothing of it may be published."""
        return not self.diagnosis.findings and not self.released.tables


def single_tables(city: City) -> tuple[Counts, ...]:
    """Return the tables to publish: one for each dimension, date and population, its own margin."""
    best: dict[tuple[object, ...], Counts] = {}
    for counts in city.counts:
        for dimension in counts.dimensions:
            key = (dimension.name, dimension.categories, counts.date, counts.universe)
            if key not in best or counts.values.size < best[key].values.size:
                best[key] = counts
    made = (counts.margin(str(name)) for (name, *_), counts in best.items())
    return tuple(c for c in made if c.values.size <= CELLS_MOST)


def prepare_publication(
    city: City,
    findings: Sequence[Finding],
    policy: Policy,
    ledger: Ledger,
    *,
    secret: bytes,
    purpose: str,
    now: str,
    progress: Progress | None = None,
) -> Published:
    """Send a diagnosis through the gate.

    Parameters
    ----------
    city : City
        True counts.
    findings : sequence of Finding
        Everything that the diagnosis of `city` found.
    policy, ledger, secret, purpose, now
        As in `isopolis.privacy.release`.
    progress : callable, optional
        Called with a sentence before each step.
    """
    say = progress or (lambda _: None)
    city = told_apart(city)
    say("the gate: tables of counts")
    levels = {k: v for k, v in city.zones.parents.items() if k not in ("zone", CITY)}
    tables = single_tables(city)
    out = release(tables, policy, ledger, secret=secret, purpose=purpose, now=now, parents=levels)
    if tables and not out.tables:
        return Published(_diagnosis(city, (), (), now), (), out, out.withheld)
    say("the gate: findings")
    run = _Run(city, policy, out, [t for t in tables if not _among(t, out.tables)], secret, now, say)
    return run.published(findings)


@dataclass(slots=True)
class _Run:
    """What the steps share."""

    city: City
    policy: Policy
    out: Release
    refused: list[Counts]
    secret: bytes
    now: str
    say: Progress

    def published(self, findings: Sequence[Finding]) -> Published:
        """Sort the findings by where they may come from, and put them together."""
        by_name: dict[str, list[Counts]] = {}
        for t in self.out.tables:
            by_name.setdefault(t.dimensions[0].name, []).append(t)
        closed = {t.dimensions[0].name for t in self.refused}
        groups: dict[str, list[Finding]] = {}
        for f in findings:
            if f.measure != "local_mutual_information":
                groups.setdefault(f.dimension, []).append(f)
        open_ = {
            name: name not in closed and within_budget(found, by_name.get(name, ()), self.policy)
            for name, found in groups.items()
        }
        measured = [
            f for name, found in groups.items() if all(open_.get(p, True) for p in (name, *name.split(CROSS)))
            for f in found
        ]  # fmt: skip
        anew = {name: found for name, found in by_name.items() if not open_.get(name, False)}
        again = [t for name, found in by_name.items() if open_.get(name, False) for t in found]
        hits = [*self.out.withheld, *self._left_out(findings, measured, closed)]
        told, drowned = self._from_released([t for found in anew.values() for t in found])
        for name, mine in anew.items():
            if name not in closed:
                measured += self._that_fit(groups.get(name, ()), told, mine)
        asked = {_question(f) for f in measured}
        hits += [
            Hit(f.scope, f.group or f.dimension, "too-noisy", TOO_NOISY, "hidden")
            for f in drowned
            if _question(f) not in asked
        ]
        kept, basis = [], list[str]()
        for origin, items in ((MEASURED, measured), (RELEASED, [*told, *self._zones(again)])):
            for f in self._gate(items, hits):
                kept.append(f)
                basis.append(origin)
        return Published(
            _diagnosis(self.city, tuple(kept), self.out.tables, self.now),
            tuple(basis),
            self.out,
            tuple(hits),
        )

    def _gate(self, items: Sequence[Finding], hits: list[Hit]) -> Iterator[Finding]:
        """Withhold, round, and say anew from what is left."""
        names = frozenset(d.name for c in (*self.city.counts, *self.city.survey) for d in c.dimensions
                          if self.policy.is_sensitive(d))  # fmt: skip
        passed = release(
            list(items), self.policy, self.out.ledger, secret=self.secret, purpose="", now="", sensitive=names
        )
        hits += passed.withheld
        shown = [f for f in passed.safe if isinstance(f, Finding) and f.defined]
        resay = Resayer(self.city, shown)
        return (resay.say(f) for f in shown)

    def _from_released(self, tables: Sequence[Counts]) -> tuple[list[Finding], list[Finding]]:
        """Measure the released tables; return what is sound, and what would mostly be noise."""
        if not tables:
            return [], []
        self.say("measuring the released counts")
        city = replace(self.city, counts=tuple(tables), survey=())
        found = diagnose(city, progress=self.say, today=self.now).findings
        sizes = {t.dimensions[0].name: len(t.dimensions[0].categories) for t in tables}
        noisy = {t.dimensions[0].name for t in tables if (t.mechanism == Mechanism.CELL_KEY).any()}
        sound, drowned = list[Finding](), list[Finding]()
        for f in found:
            lost = f.dimension in noisy and self._drowned(f, sizes.get(f.dimension, 1))
            (drowned if lost else sound).append(f)
        return sound, drowned

    def _that_fit(
        self, found: Sequence[Finding], told: Sequence[Finding], tables: Sequence[Counts]
    ) -> list[Finding]:
        """Return measured values that the released counts have no answer to, as many as tell little."""
        answered = {_question(f) for f in told if f.defined}
        rest = [f for f in found if f.defined and f.measure in FIRST and _question(f) not in answered]
        rest.sort(key=lambda f: (f.scope != CITY, FIRST.index(f.measure)))
        chosen: list[Finding] = []
        for f in rest:
            if within_budget([*chosen, f], tables, self.policy):
                chosen.append(f)
        return chosen

    def _drowned(self, finding: Finding, groups: int) -> bool:
        """Tell whether noise is a large part of what such counts vary by; known from released counts."""
        if not finding.defined or finding.scope != CITY:
            return False
        members = finding.n_group if finding.group else finding.n_people / groups
        return members / max(finding.n_zones, 1) < self.policy.noise_variance / NOISE_PART

    def _zones(self, tables: Sequence[Counts]) -> list[Finding]:
        """What the released tables say of the zones that stand out, at the newest date."""
        out: list[Finding] = []
        newest = {t.dimensions[0].name: t for t in sorted(tables, key=lambda t: t.date)}
        maker = Maker(self.city, 0, Names.of(self.city))
        for counts in newest.values():
            table = table_of(counts)
            if table.people > 0:
                out += top_zones(local_table(table, len(self.city.zones)), self.city, maker, table)
        return out

    def _left_out(
        self, findings: Sequence[Finding], measured: Sequence[Finding], closed: set[str]
    ) -> Iterator[Hit]:
        kept = {f.dimension for f in measured}
        for name in dict.fromkeys(f.dimension for f in findings):
            if set(name.split(CROSS)) & closed:
                reason = "Its counts may not be published beside earlier ones, so neither may its findings."
                yield Hit(CITY, name, "differencing", reason, "hidden")
            elif name not in kept and CROSS in name:
                reason = (
                    "Its findings have so many digits for so few zones that they would tell what noise hides."
                )
                yield Hit(CITY, name, "too-exact", reason, "hidden")


def _question(f: Finding) -> tuple[str, ...]:
    return f.measure, f.dimension, f.group, f.versus, f.scale, f.scope, f.date


def _among(table: Counts, released: Sequence[Counts]) -> bool:
    def key(c: Counts) -> tuple[Any, ...]:
        return c.dimensions[0].name, c.dimensions[0].categories, c.date, c.universe

    return any(key(table) == key(r) for r in released)


def _hollow(counts: Counts) -> Counts:
    """Return the names of a table without its numbers."""
    return replace(
        counts,
        values=np.zeros(counts.values.shape),
        mechanism=np.zeros(counts.values.shape, np.uint8),
        lower=None,
        upper=None,
        se=None,
    )


def _diagnosis(
    city: City, findings: tuple[Finding, ...], tables: tuple[Counts, ...], today: str
) -> Diagnosis:
    """Put together what the pages are made of; no true number is in it."""
    hollow = replace(
        city,
        counts=tuple(_hollow(c) for c in city.counts),
        survey=tuple(_hollow(c) for c in city.survey),
        caveats=(),
        context={},
    )
    top, reasons = headlines(findings, Names.of(city))
    local: list[LocalTable] = []
    for counts in tables:
        table = table_of(counts)
        if table.people > 0:
            local.append(local_table(table, len(city.zones)))
    return Diagnosis(
        city=replace(hollow, counts=(*tables, *hollow.counts)),
        findings=findings,
        headlines=top,
        headline_reasons=reasons,
        local=tuple(sorted(local, key=lambda t: t.counts.date, reverse=True)),
        unknowns=unknowns(hollow),
        undefined=(),
        settings={"isopolis": __version__, "date of the run": today},
    )
