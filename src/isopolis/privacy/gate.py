"""The one gate to publication.

Everything that leaves the city's own workspace goes through `release`. It answers with what may be
shown, with what was withheld and why, with an audit in plain words and with the ledger to keep.
Not here: a budget of differentially private queries; the gate serves tables and findings that are
published once, and repeated questions receive the same noise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError, Counts, Finding
from isopolis.model.text import count, phrase

from .blocks import CITY, ZONE, Block, blocks
from .cell_key import check_secret
from .differencing import Clash, Compared, differences
from .findings import release_findings
from .ledger import Entry, Ledger, entry_of
from .noise import noisy_tables
from .policy import Policy
from .rules import Hit, Verdict, few_households, few_people, one_attribute, one_zone
from .suppress import Audited, Mask, suppress

__all__ = ["Audit", "Release", "release", "verdicts"]

Flags = npt.NDArray[np.bool_]
Parents = Mapping[str, npt.ArrayLike]


@dataclass(frozen=True, slots=True)
class Audit:
    """How a release was protected; holds nothing more exact than what is published.

    Parameters
    ----------
    protection : str
    parameters : mapping
        What may be published about it: thresholds, D and V.
    hidden : tuple of Audited
        Every hidden cell with the bounds that a reader can deduce.
    compared : Compared or None
        Result of the comparison with earlier releases.
    notes : tuple of str
        What was done, in sentences.
    """

    protection: str
    parameters: Mapping[str, float | int]
    hidden: tuple[Audited, ...] = ()
    compared: Compared | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Release:
    """The answer of the gate.

    Parameters
    ----------
    safe : tuple of Block or of Finding
        What may be shown: of each table every level and margin, or the findings.
    tables : tuple of Counts
        Of each table that was released the zones × the full crossing, its dimensions in their order.
    withheld : tuple of Hit
        What is not shown, or only in part, and why. For the city's staff: the public is told that a
        cell is hidden, not which rule asked for it, because a rule tells that the count is small.
    audit : Audit
    ledger : Ledger
        The ledger given, and this release; keep it for the next one.
    """

    safe: tuple[Block | Finding, ...]
    tables: tuple[Counts, ...]
    withheld: tuple[Hit, ...]
    audit: Audit
    ledger: Ledger


def release(
    items: Counts | Finding | Iterable[Counts] | Iterable[Finding],
    policy: Policy,
    ledger: Ledger,
    *,
    secret: bytes,
    purpose: str,
    now: str,
    parents: Parents | None = None,
    households: Sequence[npt.ArrayLike | None] | None = None,
    keys: Sequence[npt.NDArray[np.uint64]] | None = None,
    sensitive: frozenset[str] = frozenset(),
) -> Release:
    """Make tables or findings fit to be published.

    Parameters
    ----------
    items : Counts, Finding, or several of one kind
        True values. Tables must have the same zones.
    policy : Policy
    ledger : Ledger
        Everything published so far.
    secret : bytes
        At least 16 random bytes of the city, the same for every release; from it comes the noise.
    purpose, now : str
        Why, and when (ISO date), for the ledger.
    parents : mapping of str to (Z,) array of str, optional
        Levels of zones, finest first, that are published too.
    households : sequence of arrays, optional
        Per table the households behind each cell, where known.
    keys : sequence of uint64 arrays, optional
        Per table the sums of record keys (`sum_keys`), where there are microdata.
    sensitive : frozenset of str
        For findings: names of sensitive dimensions, which a finding does not know itself.

    Returns
    -------
    Release
    """
    check_secret(secret)
    given = [items] if isinstance(items, (Counts, Finding)) else list(items)
    if all(isinstance(i, Finding) for i in given):
        return _of_findings([i for i in given if isinstance(i, Finding)], policy, ledger, sensitive)
    tables = [i for i in given if isinstance(i, Counts)]
    if len(tables) != len(given):
        raise CallError("release tables and findings one after the other, not in one call")
    if any(not np.array_equal(t.zone_ids, tables[0].zone_ids) for t in tables):
        raise CallError("tables that are released together must have the same zones")
    return _Door(policy, ledger, secret, purpose, now, parents).tables(tables, households, keys)


def _of_findings(
    findings: Sequence[Finding], policy: Policy, ledger: Ledger, sensitive: frozenset[str]
) -> Release:
    safe, hits = release_findings(findings, policy, sensitive)
    closed = sum(h.action == "hidden" for h in hits)
    notes = (
        phrase(
            "{shown} of {all} findings may be shown, {closed} are withheld.",
            shown=count(len(safe) - closed),
            all=count(len(safe)),
            closed=count(closed),
        ),
        phrase("Findings are not compared with earlier ones: only counts are."),
    )
    audit = Audit("findings", {"threshold": policy.threshold, "rounding": policy.rounding}, notes=notes)
    return Release(safe, (), hits, audit, ledger)


def verdicts(block: Block, policy: Policy, homes: npt.ArrayLike | None = None) -> tuple[Verdict, ...]:
    """Everything that the policy does not allow to be shown in one block.

    Small ordinary counts are unsafe under suppression only: under cell-key noise they are noisy.
    """
    counts = block.counts
    private = any(policy.is_sensitive(d) for d in counts.dimensions)
    out = []
    if policy.protection == "suppress":
        out.append(few_people(counts, policy.threshold))
    if private and block.level != CITY:
        out.append(few_people(counts, policy.sensitive_threshold, zeros=True))
    for dimension in counts.dimensions:
        below = np.inf if policy.is_sensitive(dimension) else policy.small_group
        out.append(one_attribute(counts, dimension.name, below))
    if block.names:
        out.append(one_zone(counts, policy.small_group))
    if homes is not None:
        out.append(few_households(counts, homes, policy.households))
    return tuple(v for v in out if v.met)


@dataclass(frozen=True, slots=True)
class _Door:
    """What the steps of one release share."""

    policy: Policy
    ledger: Ledger
    secret: bytes
    purpose: str
    now: str
    parents: Parents | None

    def tables(
        self,
        tables: Sequence[Counts],
        households: Sequence[npt.ArrayLike | None] | None,
        keys: Sequence[npt.NDArray[np.uint64]] | None,
    ) -> Release:
        policy = self.policy
        parts = [blocks(t, self.parents) for t in tables]
        homes = self._homes(tables, parts, households)
        found = {id(b): verdicts(b, policy, homes.get(id(b))) for table in parts for b in table}
        hits = [_at_level(h, b) for table in parts for b in table for v in found[id(b)] for h in v.hits()]
        marks = {_mark(b): _union(b, found[id(b)]) for table in parts for b in table}
        pattern = suppress(
            tables,
            self.parents,
            threshold=policy.threshold,
            unsafe=lambda block: marks[_mark(block)],
            public=self._public(),
        )
        if not pattern.safe:
            return self._refused(hits, pattern.audit)
        hidden = pattern.audit
        shown: Sequence[Sequence[Block]] = pattern.blocks
        if policy.protection == "cell_key":
            shown, hidden, notes = noisy_tables(parts, pattern, policy, self.secret, keys)
        else:
            notes = (phrase("Counts that are shown are true counts."),)
        return self._checked(tables, shown, hits, hidden, notes)

    def _homes(
        self,
        tables: Sequence[Counts],
        parts: Sequence[Sequence[Block]],
        households: Sequence[npt.ArrayLike | None] | None,
    ) -> dict[int, npt.NDArray[np.float64]]:
        """Households of the cells of the finest blocks; sums would count some twice."""
        out: dict[int, npt.NDArray[np.float64]] = {}
        if households is None:
            return out
        for table, mine, known in zip(tables, parts, households, strict=True):
            if known is not None:
                order = np.argsort([d.name for d in table.dimensions])
                full = np.broadcast_to(np.asarray(known, dtype=np.float64), table.values.shape)
                out[id(mine[0])] = np.transpose(full, (0, *(int(i) + 1 for i in order)))
        return out

    def _public(self) -> Mask | None:
        """Cells that an earlier release shows as they would be shown now."""
        exact = self.policy.protection == "suppress"
        seen: dict[object, list[npt.NDArray[np.float64]]] = {}
        for entry in self.ledger.entries:
            key = (entry.level, entry.dimensions, entry.date, entry.universe, entry.extents)
            seen.setdefault(key, []).append(entry.values)

        def mask(block: Block) -> Flags:
            old = entry_of(block, 0, "", "")
            out = np.zeros(block.counts.values.shape, dtype=np.bool_)
            for values in seen.get((old.level, old.dimensions, old.date, old.universe, old.extents), ()):
                out |= (values == block.counts.values) if exact else np.isfinite(values)
            return out

        return mask if seen else None

    def _entries(self, parts: Sequence[Block]) -> list[Entry]:
        number = self.ledger.next_number
        return [entry_of(b, number, self.purpose, self.now) for b in parts]

    def _checked(
        self,
        tables: Sequence[Counts],
        shown: Sequence[Sequence[Block]],
        hits: list[Hit],
        hidden: tuple[Audited, ...],
        notes: tuple[str, ...],
    ) -> Release:
        policy, keep, entries = self.policy, [], list[Entry]()
        clashes: list[Clash] = []
        covered = pairs = 0
        for i, parts in enumerate(shown):
            mine = self._entries(parts)
            if policy.differencing:
                step = self._compare(mine)
                covered, pairs = covered + step.covered, pairs + step.pairs
                if step.clashes:
                    clashes += step.clashes
                    hits += [Hit("table", c.whole, "differencing", str(c), "hidden") for c in step.clashes]
                    continue
            keep.append(i)
            entries += mine
        names = [[d.name for d in t.dimensions] for t in tables]
        audit = Audit(
            policy.protection,
            self._parameters(),
            hidden,
            Compared(tuple(clashes), covered, pairs) if policy.differencing else None,
            (*notes, *_words(policy, hidden, len(tables), len(keep), pairs, covered)),
        )
        safe = tuple(b for i in keep for b in shown[i])
        final = tuple(shown[i][0].counts.margin(*names[i]) for i in keep)
        return Release(safe, final, tuple(hits), audit, self.ledger.with_entries(entries))

    def _compare(self, mine: list[Entry]) -> Compared:
        policy = self.policy
        return differences(
            mine,
            self.ledger,
            threshold=policy.threshold,
            covered_from=min(1.0, policy.noise_variance),
            across_dates=policy.across_dates,
        )

    def _refused(self, hits: list[Hit], hidden: tuple[Audited, ...]) -> Release:
        open_ = [a for a in hidden if not a.safe]
        reason = phrase(
            "Earlier releases or the structure of the tables tell this cell more exactly than allowed: "
            "publish fewer categories or larger zones."
        )
        more = [Hit(a.zone, a.group, "not-protected", reason, "hidden") for a in open_]
        notes = (phrase("Nothing is released: {cells} cells cannot be protected.", cells=count(len(open_))),)
        audit = Audit(self.policy.protection, self._parameters(), notes=notes)
        return Release((), (), (*hits, *more), audit, self.ledger)

    def _parameters(self) -> dict[str, float | int]:
        policy = self.policy
        out: dict[str, float | int] = {
            "threshold": policy.threshold,
            "sensitive_threshold": policy.sensitive_threshold,
        }
        if policy.protection == "cell_key":
            out |= {"D": policy.noise_largest, "V": policy.noise_variance, "js": policy.noise_small}
        return out


def _mark(block: Block) -> object:
    d = tuple((x.name, x.categories) for x in block.counts.dimensions)
    return block.level, d, block.counts.date, block.counts.universe, block.counts.values.tobytes()


def _union(block: Block, found: Sequence[Verdict]) -> Flags:
    out = np.zeros(block.counts.values.shape, dtype=np.bool_)
    for verdict in found:
        out |= verdict.cells
    return out


def _at_level(hit: Hit, block: Block) -> Hit:
    if block.level in (ZONE, CITY):
        return hit
    return Hit(f"{block.level}:{hit.zone}", hit.group, hit.rule, hit.reason, hit.action)


def _words(
    policy: Policy, hidden: Sequence[Audited], asked: int, kept: int, pairs: int, covered: int
) -> tuple[str, ...]:
    first = sum(a.primary for a in hidden)
    out: list[str] = [
        phrase(
            "{first} cells are hidden for what they tell, {more} more so that nobody can "
            "work those out by subtracting.",
            first=count(first),
            more=count(len(hidden) - first),
        )
    ]
    if policy.differencing:
        out.append(
            phrase(
                "{pairs} pairs of tables were compared with earlier releases; "
                "{covered} small differences are protected by noise.",
                pairs=count(pairs),
                covered=count(covered),
            )
        )
    else:
        out.append(phrase("Earlier releases were not compared, as the policy says."))
    if kept < asked:
        out.append(
            phrase(
                "{refused} of {asked} tables are refused: subtracting would tell about few people.",
                refused=f"{asked - kept}",
                asked=f"{asked}",
            )
        )
    return tuple(out)
