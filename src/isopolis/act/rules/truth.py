"""Three answers to a question: yes, no, and not known because facts are missing.

The strong logic of S. C. Kleene, Introduction to Metamathematics (1952), page 334: "and" is no as soon as
one part is no, "or" is yes as soon as one part is yes, and only otherwise does a missing part make the
whole unknown. A missing fact is never a no.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

__all__ = ["NO", "UNKNOWN", "YES", "Judged", "Truth", "all_of", "any_of", "count_of", "not_of", "unknown"]

Real = int | float | Fraction


class Truth(Enum):
    """Yes, no or unknown."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"

    def __str__(self) -> str:
        return self.value


YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN


@dataclass(frozen=True, slots=True)
class Judged:
    """An answer, and the facts whose absence left it open.

    Parameters
    ----------
    truth : Truth
    missing : frozenset of str
        Names of fields; empty unless `truth` is unknown, and never empty then.
    """

    truth: Truth
    missing: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if (self.truth is UNKNOWN) != bool(self.missing):
            raise ValueError("exactly an unknown answer names missing facts")


def unknown(*fields: str) -> Judged:
    """Answer that these facts are missing."""
    return Judged(UNKNOWN, frozenset(fields))


def not_of(part: Judged) -> Judged:
    """Yes for no, no for yes, unknown for unknown."""
    if part.truth is UNKNOWN:
        return part
    return Judged(NO if part.truth is YES else YES)


def all_of(parts: Iterable[Judged]) -> Judged:
    """Yes when all are yes (also when there is none), no when one is no."""
    judged = list(parts)
    if any(p.truth is NO for p in judged):
        return Judged(NO)
    missing = _missing(judged)
    return Judged(UNKNOWN, missing) if missing else Judged(YES)


def any_of(parts: Iterable[Judged]) -> Judged:
    """Yes when one is yes, no when all are no (also when there is none)."""
    return not_of(all_of(not_of(p) for p in parts))


def count_of(parts: Iterable[Judged], at_least: int | None, at_most: int | None) -> Judged:
    """Judge how many parts are yes; open parts make the number a range."""
    judged = list(parts)
    low = sum(p.truth is YES for p in judged)
    return ranged(low, low + sum(p.truth is UNKNOWN for p in judged), at_least, at_most, _missing(judged))


def ranged(
    low: Real, high: Real, at_least: Real | None, at_most: Real | None, missing: frozenset[str]
) -> Judged:
    """Judge a number of which only a range from `low` to `high` is known.

    Parameters
    ----------
    low, high : number
        The range; equal where the number is known.
    at_least, at_most : number or None
        What is asked, both ends included.
    missing : frozenset of str
        Facts that would narrow the range.
    """
    floor = low if at_least is None else at_least
    roof = high if at_most is None else at_most
    if low >= floor and high <= roof:
        return Judged(YES)
    if high < floor or low > roof or not missing:
        return Judged(NO)
    return Judged(UNKNOWN, missing)


def _missing(parts: Iterable[Judged]) -> frozenset[str]:
    return frozenset().union(*(p.missing for p in parts))
