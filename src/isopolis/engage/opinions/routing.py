"""Which statement a person is asked about next: rarely seen ones first, and not the same for everybody.

A statement is drawn with a chance in proportion to its weight, without being put back, so that a statement
nobody has seen yet is up to 81 times as likely as one with many votes. The lot is a hash of the seed, the
person and the statement: asked again, the answer is the same, and whoever knows the seed can compute it.

References
----------
Efraimidis, P. S. & Spirakis, P. G. (2006): Weighted random sampling with a reservoir, Information Processing
Letters 97(5), p. 182 (the key). Weight: Polis, priority of comments, without the part about how extreme a
statement is: it would show people what divides them more often than what they share.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Iterable, Sequence

__all__ = ["next_statement", "priority"]

BOOST, HALVED = 8.0, 5.0
"""A statement without a vote has (1 + 8)² times the weight of an old one; the boost is halved by 5 votes."""


def priority(votes: int) -> float:
    """Return the weight of a statement that has so many votes: 81 without any, 1 with very many."""
    return (1 + BOOST * 2.0 ** (-votes / HALVED)) ** 2


def next_statement(
    seed: str,
    person: str,
    statements: Iterable[tuple[int, int]],
    voted: Collection[int],
    later: Sequence[int] = (),
) -> int | None:
    """Return the statement that a person is asked about next; None when nothing is left.

    Parameters
    ----------
    seed, person : str
        Of the conversation, and a name of the person in it.
    statements : iterable of (statement, votes)
        All that can be voted on.
    voted : collection of int
        Those that the person has voted on.
    later : sequence of int
        Those set aside, the earliest first; they come again, in this order, when nothing else is left.
    """
    waiting = [(s, n) for s, n in statements if s not in voted]
    fresh = [(s, n) for s, n in waiting if s not in later]
    if fresh:
        return max(fresh, key=lambda one: (_key(seed, person, *one), -one[0]))[0]
    there = {s for s, _n in waiting}
    return next((s for s in later if s in there), None)


def _key(seed: str, person: str, statement: int, votes: int) -> float:
    """Return log(u) / weight: the largest is drawn."""
    word = hashlib.sha256(f"{seed}|{person}|{statement}".encode()).digest()[:8]
    share = (int.from_bytes(word, "big") + 0.5) / 2**64
    return math.log(share) / priority(votes)
