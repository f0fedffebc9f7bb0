"""Tables of voters by group that may be shown to everybody.

Ballots are published without attributes, so how many voters got nothing in all is public. By age, sex,
district or channel it is not: those tables pass the rules of publication, those of all outcomes together,
because one can be subtracted from another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import Counts, Dimension, Mechanism
from isopolis.model.text import phrase
from isopolis.privacy import Block, Policy, suppress, verdicts

from .approvals import Approvals
from .satisfied import Group, by_group

__all__ = ["Row", "Tables", "publish"]

GOT = ("nothing", "something")
UNKNOWN = "unknown"
POLICY = Policy(protection="suppress", differencing=False)
MOST = 40
"""Groups in one table; the smallest are put together."""


@dataclass(frozen=True, slots=True)
class Row:
    """One group as it may be shown; None where the rules of publication hide it.

    Parameters
    ----------
    label : str
    voters, nothing : int or None
    projects : Fraction or None
        Mean number of funded projects that a member supports.
    share : Fraction or None
        Mean money that falls to a member, units.
    """

    label: str
    voters: int | None
    nothing: int | None
    projects: Fraction | None
    share: Fraction | None

    def to_dict(self) -> dict[str, Any]:
        """Return the plain JSON form."""
        return {
            "label": self.label,
            "voters": self.voters,
            "nothing": self.nothing,
            "projects_per_voter": None if self.projects is None else round(float(self.projects), 2),
            "share_per_voter": None if self.share is None else round(float(self.share), 2),
        }


@dataclass(frozen=True, slots=True)
class Tables:
    """Tables by outcome and attribute that may be shown.

    Parameters
    ----------
    rows : mapping of str to mapping of str to tuple of Row
        Name of the outcome → attribute → its groups.
    hidden : int
        Cells that are hidden in all.
    note : str
        What was done, for readers.
    """

    rows: Mapping[str, Mapping[str, tuple[Row, ...]]]
    hidden: int
    note: str

    def to_dict(self) -> dict[str, Any]:
        """Return the plain JSON form."""
        return {
            "groups": {
                outcome: {name: [r.to_dict() for r in rows] for name, rows in tables.items()}
                for outcome, tables in self.rows.items()
            },
            "hidden_cells": self.hidden,
            "note": str(self.note),
        }


def publish(
    approvals: Approvals,
    outcomes: Mapping[str, Iterable[int]],
    attributes: Mapping[str, tuple[npt.ArrayLike, Sequence[str]]],
    policy: Policy = POLICY,
) -> Tables:
    """Make the tables that may be shown.

    Parameters
    ----------
    approvals : Approvals
    outcomes : mapping of str to iterable of int
        Name → winners. Everything that will be shown about the same voters belongs into one call.
    attributes : mapping
        Name → codes of the voters and labels, as in `by_group`.
    policy : Policy
        Thresholds; its protection is suppression, because a report must not contradict the public ballots.

    Returns
    -------
    Tables
    """
    pieces = _pieces(approvals, outcomes, attributes)
    if not pieces:
        return Tables({}, 0, phrase("The file says nothing about the voters."))
    seen = {f"outcome {i}": name for i, name in enumerate(outcomes)}
    counts = [_counts(attribute, f"outcome {i}", groups) for i, attribute, groups in pieces]

    def public(block: Block) -> npt.NDArray[np.bool_]:
        return np.full(block.counts.values.shape, set(block.names) <= set(seen))

    def unsafe(block: Block) -> npt.NDArray[np.bool_]:
        out = np.zeros(block.counts.values.shape, dtype=np.bool_)
        for verdict in verdicts(block, policy):
            out |= verdict.cells
        return out & ~public(block)

    done = suppress(counts, threshold=policy.threshold, unsafe=unsafe, public=public)
    if not done.safe:
        return Tables({}, 0, phrase("The groups are too small to be shown at all."))
    rows: dict[str, dict[str, tuple[Row, ...]]] = {name: {} for name in outcomes}
    for (i, attribute, groups), blocks in zip(pieces, done.blocks, strict=True):
        rows[seen[f"outcome {i}"]][attribute] = _rows(attribute, groups, blocks)
    return Tables(rows, len(done.audit), _note(len(done.audit), policy.threshold))


def _pieces(
    approvals: Approvals,
    outcomes: Mapping[str, Iterable[int]],
    attributes: Mapping[str, tuple[npt.ArrayLike, Sequence[str]]],
) -> list[tuple[int, str, list[Group]]]:
    """Every outcome with every attribute that tells voters apart."""
    out = []
    for i, winners in enumerate(outcomes.values()):
        won = sorted(set(winners))
        for name, (codes, labels) in attributes.items():
            groups = _whole(approvals, won, codes, labels)
            if len(groups) > 1:
                out.append((i, name, groups))
    return out


def _note(hidden: int, threshold: int) -> str:
    if not hidden:
        return phrase(
            "No group is smaller than {least} voters; all numbers are true counts.", least=f"{threshold}"
        )
    return phrase(
        "A dash is a number that is hidden because it would tell about fewer than {least} people, or because "
        "such a number could be worked out from it. Numbers that are shown are true counts.",
        least=f"{threshold}",
    )


def _whole(
    approvals: Approvals, won: Sequence[int], codes: npt.ArrayLike, labels: Sequence[str]
) -> list[Group]:
    """Every voter in one group: those of whom nothing is known, and the smallest, get groups of their own."""
    code = np.asarray(codes, dtype=np.int64).copy()
    names = list(labels)
    size = np.bincount(code[code >= 0], minlength=len(names))
    if len(names) > MOST:
        keep = np.argsort(-size, kind="stable")[: MOST - 1]
        small = ~np.isin(code, keep) & (code >= 0)
        code[small] = len(names)
        names.append("others")
    code[code < 0] = len(names)
    groups = by_group(approvals, won, code, [*names, UNKNOWN])
    return [g for g in groups if g.voters]


def _counts(name: str, outcome: str, groups: Sequence[Group]) -> Counts:
    dimensions = (Dimension(name, tuple(g.label for g in groups)), Dimension(outcome, GOT))
    values = np.array([[[g.nothing, g.voters - g.nothing] for g in groups]], dtype=np.float64)
    zone = np.array(["all"], dtype=object)
    exact = np.array(Mechanism.EXACT, dtype=np.uint8)
    return Counts(zone, dimensions, values, exact, universe="voters")


def _rows(name: str, groups: Sequence[Group], blocks: Sequence[Block]) -> tuple[Row, ...]:
    city = {b.names: b.counts for b in blocks if b.level == "zone"}
    whole = city[(name,)]
    crossed = next(c for names, c in city.items() if len(names) == 2)
    cells = crossed.hidden[0] if crossed.dimensions[0].name == name else crossed.hidden[0].T
    return tuple(_row(g, bool(whole.hidden[0, i]), bool(cells[i, 0])) for i, g in enumerate(groups))


def _row(group: Group, few: bool, secret: bool) -> Row:
    """Means are shown only beside counts that are shown, and rounded to hundredths."""
    if few or secret:
        return Row(group.label, None if few else group.voters, None, None, None)
    projects = Fraction(round(Fraction(100 * group.projects, group.voters)), 100)
    share = Fraction(round(100 * group.share / group.voters), 100)
    return Row(group.label, group.voters, group.nothing, projects, share)
