"""Seals that follow from each other: the public log of a vote, and the batches of its ballot box.

The seal of an entry is SHA-256 over the seal before and the entry's one spelling. A batch is covered by the
digest of its sorted pairs of tag and commitment, so that its order says nothing. Whoever kept a seal can show
that anything before it was changed; nobody can show it of what came after.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from isopolis.model.text import phrase

from .ballot import canonical, digest

__all__ = ["Entry", "Sealed", "batch_digest", "broken", "commitment", "seal", "sealed_entry", "tag"]


@dataclass(frozen=True, slots=True)
class Entry:
    """What one entry of the log says.

    Parameters
    ----------
    number : int
        From 1 on.
    kind : str
        ``opened``, ``roll``, ``codes``, ``batch``, ``closed``, ``tallied`` …
    day : str
        ISO day; nothing finer, since a time would line ballots up.
    content : mapping
        Plain JSON.
    """

    number: int
    kind: str
    day: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sealed:
    """An entry with the seal before it and its own."""

    entry: Entry
    previous: str
    seal: str


def seal(previous: str, entry: Entry) -> str:
    """Return the seal that an entry must carry, 64 letters."""
    content = {"number": entry.number, "kind": entry.kind, "day": entry.day, "content": dict(entry.content)}
    return hashlib.sha256(previous.encode() + b"\n" + canonical(content)).hexdigest()


def sealed_entry(before: Sealed | None, kind: str, day: str, content: Mapping[str, Any]) -> Sealed:
    """Make the entry that follows `before`."""
    number, previous = (before.entry.number + 1, before.seal) if before else (1, "")
    entry = Entry(number, kind, day, content)
    return Sealed(entry, previous, seal(previous, entry))


def tag(vote: str, receipt: str, place: str) -> str:
    """Return the name under which a ballot lies somewhere; only its receipt leads to it.

    The place is part of it, so that the same ballot has unlike names before and after it is shuffled.
    """
    return hashlib.sha256(f"isopolis tag 1\n{vote}\n{place}\n{receipt}".encode()).hexdigest()


def commitment(vote: str, receipt: str, ballot: Mapping[str, int]) -> str:
    """Return what binds a receipt to a ballot: whoever has both can compute it again.

    Examples
    --------
    >>> commitment("v", "R", {"a": 1, "b": 1}) == commitment("v", "R", {"b": 1, "a": 1})
    True
    """
    return digest({"ballot": dict(ballot), "receipt": receipt, "version": 1, "vote": vote})


def batch_digest(pairs: Iterable[tuple[str, str]]) -> str:
    """Return the digest of a batch, whatever the order of its ``(tag, commitment)``."""
    return digest([list(p) for p in sorted(pairs)])


def broken(entries: Sequence[Sealed], batches: Mapping[int, Iterable[tuple[str, str]]]) -> list[str]:
    """Say everything that does not fit in a log and the batches that it speaks of; nothing when it is whole.

    Parameters
    ----------
    entries : sequence of Sealed
        In the order of their numbers.
    batches : mapping of int to iterable of (tag, commitment)
        What lies in the box, by the number of the batch.
    """
    wrong: list[str] = []
    previous, told = "", {}
    for place, one in enumerate(entries, 1):
        if one.entry.number != place:
            wrong.append(phrase("entry {n} of the log is missing", n=place))
            return wrong
        if one.previous != previous or one.seal != seal(previous, one.entry):
            wrong.append(phrase("entry {n} of the log was changed after it was sealed", n=place))
        previous = one.seal
        if one.entry.kind == "batch":
            told[int(one.entry.content["batch"])] = one.entry.content
    for number in sorted(set(told) | set(batches)):
        wrong += _batch(number, told.get(number), list(batches.get(number, ())))
    return wrong


def _batch(number: int, told: Mapping[str, Any] | None, pairs: list[tuple[str, str]]) -> list[str]:
    if told is None:
        return [phrase("the box has a batch {n} that the log does not know", n=number)]
    if len(pairs) != told["ballots"]:
        return [
            phrase("batch {n} has {found} ballots, and the log says {told}",
                   n=number, found=len(pairs), told=told["ballots"])
        ]  # fmt: skip
    if batch_digest(pairs) != told["digest"]:
        return [phrase("a ballot of batch {n} was changed", n=number)]
    return []
