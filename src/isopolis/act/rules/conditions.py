"""What a rule may ask: conditions on facts, each a small frozen tree that judges itself.

A fact is a number, a text, yes or no, a date, or a list of texts; a fact that is not there, or ``None``, is
missing. A list may hold ``None`` where one of its items is not known. Numbers are compared exactly, as
fractions, so that 51 % of 100 is 51.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

from .truth import Judged, Truth, all_of, any_of, count_of, not_of, ranged, unknown

__all__ = [
    "All", "Any_", "Between", "Compare", "Condition", "Count", "Facts", "In", "Not", "Ref", "Share", "TopK",
    "Use", "Window", "exact",
]  # fmt: skip

Facts = Mapping[str, Any]


class Condition(Protocol):
    """Something that can be judged by facts."""

    def judge(self, facts: Facts) -> Judged:
        """Answer yes, no, or which facts are missing."""
        ...

    def fields(self) -> frozenset[str]:
        """Name every fact that it looks at."""
        ...


@dataclass(frozen=True, slots=True)
class Ref:
    """Another fact in the place of a value."""

    name: str


def exact(value: Any) -> Any:
    """Return a number as a fraction of what was written, anything else as it is."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    return Fraction(str(value))


def _value(of: Any, facts: Facts) -> tuple[Any, frozenset[str]]:
    if not isinstance(of, Ref):
        return exact(of), frozenset()
    found = facts.get(of.name)
    return (None, frozenset([of.name])) if found is None else (exact(found), frozenset())


def _named(*parts: Any) -> frozenset[str]:
    return frozenset(p.name for p in parts if isinstance(p, Ref))


ORDERS = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
}
"""Comparisons of one fact with a value or another fact."""


@dataclass(frozen=True, slots=True)
class Compare:
    """``{">=": [population, 25000]}``, ``{ne: [country, {field: peer_country}]}``."""

    op: str
    field: str
    value: Any

    def judge(self, facts: Facts) -> Judged:
        """Compare, unless one side is missing."""
        left, no_left = _value(Ref(self.field), facts)
        right, no_right = _value(self.value, facts)
        if no_left or no_right:
            return Judged(Truth.UNKNOWN, no_left | no_right)
        return _answer(ORDERS[self.op](left, right))

    def fields(self) -> frozenset[str]:
        """Name the facts on both sides."""
        return frozenset([self.field]) | _named(self.value)


@dataclass(frozen=True, slots=True)
class In:
    """``{in: [degurba, [1, 2]]}``."""

    field: str
    values: tuple[Any, ...]

    def judge(self, facts: Facts) -> Judged:
        """Look the fact up among the values."""
        found = facts.get(self.field)
        return unknown(self.field) if found is None else _answer(exact(found) in map(exact, self.values))

    def fields(self) -> frozenset[str]:
        """Name the fact."""
        return frozenset([self.field])


@dataclass(frozen=True, slots=True)
class Between:
    """``{between: [months, 10, 12]}``, both ends included."""

    field: str
    low: Any
    high: Any

    def judge(self, facts: Facts) -> Judged:
        """Hold the fact against both ends; one end alone can already say no."""
        return all_of(
            Compare(op, self.field, end).judge(facts) for op, end in ((">=", self.low), ("<=", self.high))
        )

    def fields(self) -> frozenset[str]:
        """Name the facts."""
        return frozenset([self.field]) | _named(self.low, self.high)


@dataclass(frozen=True, slots=True)
class All:
    """``{all: [...]}``."""

    parts: tuple[Condition, ...]

    def judge(self, facts: Facts) -> Judged:
        """Yes when all are, no when one is not."""
        return all_of(p.judge(facts) for p in self.parts)

    def fields(self) -> frozenset[str]:
        """Name the facts of all parts."""
        return _of(self.parts)


@dataclass(frozen=True, slots=True)
class Any_:  # noqa: N801 - beside All, and not typing.Any
    """``{any: [...]}``."""

    parts: tuple[Condition, ...]

    def judge(self, facts: Facts) -> Judged:
        """Yes when one is, no when none is."""
        return any_of(p.judge(facts) for p in self.parts)

    def fields(self) -> frozenset[str]:
        """Name the facts of all parts."""
        return _of(self.parts)


@dataclass(frozen=True, slots=True)
class Not:
    """``{not: ...}``."""

    part: Condition

    def judge(self, facts: Facts) -> Judged:
        """Turn yes and no round."""
        return not_of(self.part.judge(facts))

    def fields(self) -> frozenset[str]:
        """Name its facts."""
        return self.part.fields()


@dataclass(frozen=True, slots=True)
class Count:
    """``{count: {of: [...], at_least: 2, at_most: 3}}``: how many of these conditions hold."""

    parts: tuple[Condition, ...]
    at_least: int | None
    at_most: int | None

    def judge(self, facts: Facts) -> Judged:
        """Count the yes; open ones may still be either."""
        return count_of((p.judge(facts) for p in self.parts), self.at_least, self.at_most)

    def fields(self) -> frozenset[str]:
        """Name the facts of all parts."""
        return _of(self.parts)


@dataclass(frozen=True, slots=True)
class Use:
    """``{use: name}``: a condition that the file defines once and uses in several places."""

    name: str
    part: Condition

    def judge(self, facts: Facts) -> Judged:
        """Judge what is defined under that name."""
        return self.part.judge(facts)

    def fields(self) -> frozenset[str]:
        """Name its facts."""
        return self.part.fields()


@dataclass(frozen=True, slots=True)
class Share:
    """A share, of two numbers or of the items of a list.

    ``{share: {part: urban, whole: all, at_least: 0.51}}`` or
    ``{share: {list: names, value: woman, at_least: 0.4, round: up}}``; with `rounding` the share asked for
    is made a number of items first: ``up``, ``down`` or ``nearest`` (a half goes up).
    """

    part: str
    whole: str
    listed: str
    values: tuple[Any, ...]
    at_least: Any
    at_most: Any
    rounding: str

    def judge(self, facts: Facts) -> Judged:
        """Compare without dividing, so that nothing is rounded on the way."""
        if self.listed:
            items = facts.get(self.listed)
            if items is None:
                return unknown(self.listed)
            low, high, whole = *_found(items, self.values), Fraction(len(items))
            missing = frozenset([self.listed])
        else:
            part, no_part = _value(Ref(self.part), facts)
            whole, no_whole = _value(Ref(self.whole), facts)
            if no_part or no_whole:
                return Judged(Truth.UNKNOWN, no_part | no_whole)
            low = high = part
            missing = frozenset([self.whole])
        if whole == 0:  # a share of nothing is not known, whatever was asked
            return Judged(Truth.UNKNOWN, missing)
        asked = [None if end is None else self._items(end, whole) for end in (self.at_least, self.at_most)]
        return ranged(low, high, asked[0], asked[1], missing if low != high else frozenset())

    def _items(self, share: Any, whole: Fraction) -> Fraction:
        wanted = exact(share) * whole
        rounded = {"up": math.ceil, "down": math.floor, "nearest": lambda x: math.floor(x + Fraction(1, 2))}
        return Fraction(rounded[self.rounding](wanted)) if self.rounding else wanted

    def fields(self) -> frozenset[str]:
        """Name the list, or both numbers."""
        return frozenset(n for n in (self.part, self.whole, self.listed) if n)


@dataclass(frozen=True, slots=True)
class Window:
    """``{window: {list: names, value: woman, at_least: 2, of_every: 5}}``: n of every m consecutive places.

    Sliding windows ask it of each run of m places, so a list with fewer than m places passes. With `blocks`
    the list is cut into blocks of m one after the other, and a last block that is not full must hold its
    part of n, rounded down.
    """

    listed: str
    values: tuple[Any, ...]
    at_least: int
    of_every: int
    blocks: bool

    def judge(self, facts: Facts) -> Judged:
        """Judge every window; all must hold."""
        items = facts.get(self.listed)
        if items is None:
            return unknown(self.listed)
        step = self.of_every if self.blocks else 1
        last = len(items) if self.blocks else len(items) - self.of_every + 1
        return all_of(self._one(items[at : at + self.of_every]) for at in range(0, last, step))

    def _one(self, items: Any) -> Judged:
        wanted = self.at_least * len(items) // self.of_every
        return ranged(*_found(items, self.values), wanted, None, frozenset([self.listed]))

    def fields(self) -> frozenset[str]:
        """Name the list."""
        return frozenset([self.listed])


@dataclass(frozen=True, slots=True)
class TopK:
    """``{top_k: {list: names, value: woman, k: 3, at_least: 1}}``: so many among the first k places."""

    listed: str
    values: tuple[Any, ...]
    k: int
    at_least: int

    def judge(self, facts: Facts) -> Judged:
        """Look at the first k places; a shorter list has fewer to offer."""
        items = facts.get(self.listed)
        if items is None:
            return unknown(self.listed)
        return ranged(*_found(items[: self.k], self.values), self.at_least, None, frozenset([self.listed]))

    def fields(self) -> frozenset[str]:
        """Name the list."""
        return frozenset([self.listed])


def _found(items: Any, values: tuple[Any, ...]) -> tuple[Fraction, Fraction]:
    """Count the items that are surely, and at most, among the values."""
    sure = sum(i in values for i in items if i is not None)
    return Fraction(sure), Fraction(sure + sum(i is None for i in items))


def _answer(holds: bool) -> Judged:
    return Judged(Truth.YES if holds else Truth.NO)


def _of(parts: tuple[Condition, ...]) -> frozenset[str]:
    return frozenset().union(*(p.fields() for p in parts))
