"""Random numbers that anybody can compute again: SHA-256 of the seed, a purpose and a counter.

The seed is agreed in public before the draw: dice, balls, or the digits of a number that nobody could
know. Every number below is the first eight bytes of ``sha256("seed|purpose|counter")``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

__all__ = ["Lots", "digest"]

Item = TypeVar("Item")
WORDS = 2**64


def digest(text: str) -> str:
    """Return the SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


class Lots:
    """A stream of lots for one purpose.

    Parameters
    ----------
    seed : str
        The announced seed, as it was written down.
    purpose : str
        Streams of different purposes know nothing of each other.
    """

    def __init__(self, seed: str, purpose: str) -> None:
        self._start, self._count = f"{seed}|{purpose}|", 0

    def _word(self) -> int:
        self._count += 1
        return int.from_bytes(hashlib.sha256(f"{self._start}{self._count}".encode()).digest()[:8], "big")

    def below(self, n: int) -> int:
        """Return a number from 0 to n - 1, all equally likely."""
        limit = WORDS - WORDS % n
        while (word := self._word()) >= limit:
            pass  # numbers above the last full round would favour the small ones
        return word % n

    def share(self) -> float:
        """Return a number from 0 up to and without 1."""
        return (self._word() >> 11) / 2**53

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        """Return the items in a random order (Fisher and Yates)."""
        out = list(items)
        for i in range(len(out) - 1, 0, -1):
            j = self.below(i + 1)
            out[i], out[j] = out[j], out[i]
        return out
