"""Who starts with how much: equal endowments, shares of districts or groups, a cap, what floors used up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from isopolis.model import DataError, Problem
from isopolis.model.text import joint, phrase

from .card import RuleCard
from .election import Attribute, Election

__all__ = ["capped", "first_endowment", "kinds", "parts_by_label", "voter_parts"]


def parts_by_label(
    attribute: Attribute, shares: Mapping[str, Fraction], cap: Fraction | None
) -> tuple[tuple[Fraction, ...], Fraction]:
    """Return the endowment of a voter of each label, and of one without, as multiples of the mean.

    The voters of a label share its part of the budget equally, so that a district with low turnout keeps
    its weight. Parts of labels that nobody voted from go back to all. Voters without a label share as
    many parts as they are. What a cap takes from some goes to the others in proportion.

    Parameters
    ----------
    attribute : Attribute
    shares : mapping of label to Fraction
        In any unit.
    cap : Fraction or None
        Largest multiple of the mean, at least 1.

    Raises
    ------
    DataError
        When a label with voters has no share, or nobody has any.
    """
    people = np.bincount(attribute.codes[attribute.codes >= 0], minlength=len(attribute.labels)).tolist()
    missing = [a for a, n in zip(attribute.labels, people, strict=True) if n and a not in shares]
    if missing:
        raise DataError([
            Problem(
                "no-share",
                phrase("the rule card gives no share to {labels}", labels=joint(missing, ", ")),
                column=attribute.name,
                rule=joint(list(shares), ", "),
                hint=phrase("Give each label with voters its share; 0 is a share."),
            )
        ])  # fmt: skip
    known = sum(people)
    total = sum((shares[a] for a, n in zip(attribute.labels, people, strict=True) if n), Fraction(0))
    if known and total == 0:
        raise DataError([Problem("no-share", phrase("nobody who voted has a share"), column=attribute.name)])
    parts = tuple(
        shares[a] / total * known / n if n else Fraction(0)
        for a, n in zip(attribute.labels, people, strict=True)
    )
    unknown = len(attribute.codes) - known
    held = capped([*parts, Fraction(1)], [*people, unknown], cap)
    return tuple(held[:-1]), held[-1]


def capped(parts: Sequence[Fraction], people: Sequence[int], cap: Fraction | None) -> list[Fraction]:
    """Hold parts to a cap and give what is over to the others in proportion; the mean stays 1."""
    held = list(parts)
    if cap is None:
        return held
    everyone = sum(people)
    while True:
        over = [i for i, part in enumerate(held) if part > cap and people[i]]
        if not over:
            return held
        for i in over:
            held[i] = cap
        fixed = sum((cap * people[i] for i, part in enumerate(held) if part == cap), Fraction(0))
        free = sum((part * people[i] for i, part in enumerate(held) if part < cap), Fraction(0))
        if free == 0:
            return held
        held = [part if part == cap else part * (everyone - fixed) / free for part in held]


def voter_parts(election: Election, card: RuleCard) -> tuple[NDArray[np.int32], tuple[Fraction, ...]]:
    """Return the kind of each voter and the part of each kind, as multiples of the mean endowment."""
    if not card.attribute or not card.shares:
        return np.zeros(election.n_voters, np.int32), (Fraction(1),)
    attribute = election.attributes[card.attribute]
    shares = {label: Fraction(share) for label, share in card.shares.items()}
    parts, other = parts_by_label(attribute, shares, Fraction(card.cap) if card.cap else None)
    kind = np.where(attribute.codes < 0, len(parts), attribute.codes).astype(np.int32)
    return kind, (*parts, other)


def kinds(
    kind: NDArray[np.int32], parts: Sequence[Fraction], paid: Mapping[int, Fraction]
) -> tuple[NDArray[np.int32], tuple[Fraction, ...], tuple[Fraction, ...]]:
    """Split kinds of voters by what each voter has paid already.

    Parameters
    ----------
    kind : (voters,) int32
    parts : sequence of Fraction
    paid : mapping of voter to Fraction
        Units; a voter who is not there has paid nothing.
    """
    seen = {(k, Fraction(0)): k for k in range(len(parts))}
    out = kind.copy()
    for voter, amount in paid.items():
        out[voter] = seen.setdefault((int(kind[voter]), amount), len(seen))
    return out, tuple(parts[k] for k, _ in seen), tuple(amount for _, amount in seen)


def first_endowment(
    kind: NDArray[np.int32], parts: Sequence[Fraction], paid: Sequence[Fraction], money: int
) -> Fraction:
    """Return the endowment at which voters have `money` together, less what each has paid before.

    Whoever paid more than the endowment in a floor starts with nothing; the others then start with less than
    the budget by the number of voters, since the money is spent already.

    Parameters
    ----------
    kind : (voters,) int32
    parts, paid : one for each kind
    money : int
        Units; at least 0.
    """
    people = np.bincount(kind, minlength=len(parts)).tolist()
    rows = [
        (paid_ / part, part, paid_, n)
        for part, paid_, n in zip(parts, paid, people, strict=True)
        if n and part
    ]
    rows.sort()
    slope = used = Fraction(0)
    for i, (_, part, paid_, n) in enumerate(rows):
        slope, used = slope + n * part, used + n * paid_
        endowment = (money + used) / slope
        if i + 1 == len(rows) or endowment <= rows[i + 1][0]:
            return endowment
    return Fraction(0)
