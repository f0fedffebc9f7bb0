"""Regular expressions of constraints, matched in a time that nobody can blow up.

The library of Python goes back and tries again, and a pattern such as ``(a+)+$`` in somebody's form would
keep a server busy for years. Here a pattern is walked with the set of all places that it can have reached:
at most length of the pattern times length of the answer steps. Places are a bit mask.

References
----------
Thompson, K. (1968): Regular expression search algorithm, Communications of the ACM 11(6), 419–422.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from isopolis.model.text import count, phrase

__all__ = ["PatternError", "fits", "parse_pattern"]

LONGEST = 500
LONGEST_ANSWER = 10_000
MOST_STEPS = 2_000
"""Largest product of repetitions that stand inside each other, over the whole pattern."""
DEEPEST = 20

_KINDS: dict[str, Callable[[str], bool]] = {
    "d": str.isdecimal,
    "w": lambda c: c.isalnum() or c == "_",
    "s": str.isspace,
}


class PatternError(ValueError):
    """Why a pattern is refused."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class _One:
    accepts: Callable[[str], bool]

    def steps(self) -> int:
        return 1

    def move(self, text: str, at: int) -> int:
        out, rest = 0, at & ((1 << len(text)) - 1)
        while rest:
            low = rest & -rest
            if self.accepts(text[low.bit_length() - 1]):
                out |= low << 1
            rest ^= low
        return out


@dataclass(frozen=True, slots=True)
class _Edge:
    end: bool

    def steps(self) -> int:
        return 1

    def move(self, text: str, at: int) -> int:
        return at & (1 << len(text) if self.end else 1)


@dataclass(frozen=True, slots=True)
class _Row:
    parts: tuple[_Part, ...]

    def steps(self) -> int:
        return 1 + sum(p.steps() for p in self.parts)

    def move(self, text: str, at: int) -> int:
        for part in self.parts:
            at = part.move(text, at) if at else 0
        return at


@dataclass(frozen=True, slots=True)
class _Either:
    parts: tuple[_Part, ...]

    def steps(self) -> int:
        return sum(p.steps() for p in self.parts)

    def move(self, text: str, at: int) -> int:
        out = 0
        for part in self.parts:
            out |= part.move(text, at)
        return out


@dataclass(frozen=True, slots=True)
class _Again:
    part: _Part
    least: int
    most: int | None

    def steps(self) -> int:
        return self.part.steps() * max(self.least + 1, self.most or 1)

    def move(self, text: str, at: int) -> int:
        for _time in range(self.least):
            at = self.part.move(text, at)
        out = new = at
        done = self.least
        while new and (self.most is None or done < self.most):
            new = self.part.move(text, new) & ~out
            out |= new
            done += 1
        return out


_Part = _One | _Edge | _Row | _Either | _Again


@lru_cache(maxsize=512)
def parse_pattern(pattern: str) -> _Part:
    """Read a pattern.

    Raises
    ------
    PatternError
        Where it is damaged or asks for what is not done here: looking ahead or behind, going back to what
        was matched.
    """
    if len(pattern) > LONGEST:
        raise PatternError(phrase("the pattern is longer than {most} characters", most=count(LONGEST)))
    reader = _Reader(pattern)
    part = reader.either()
    if reader.at < len(pattern):
        raise PatternError(phrase("the pattern has a “)” too many"))
    if part.steps() > MOST_STEPS:
        raise PatternError(phrase("the pattern repeats too much inside of repetitions"))
    return part


def fits(pattern: str, text: str) -> bool:
    """Say whether the whole of `text` fits `pattern`, as XForms ask; too long texts do not."""
    if len(text) > LONGEST_ANSWER:
        return False
    return bool(parse_pattern(pattern).move(text, 1) >> len(text) & 1)


class _Reader:
    def __init__(self, pattern: str) -> None:
        self.text, self.at, self.deep = pattern, 0, 0

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def next(self) -> str:
        sign = self.peek()
        if not sign:
            raise PatternError(phrase("the pattern ends too early"))
        self.at += 1
        return sign

    def either(self) -> _Part:
        parts = [self.row()]
        while self.peek() == "|":
            self.at += 1
            parts.append(self.row())
        return parts[0] if len(parts) == 1 else _Either(tuple(parts))

    def row(self) -> _Part:
        parts: list[_Part] = []
        while self.peek() not in ("", "|", ")"):
            parts.append(self.repeated(self.single()))
        return _Row(tuple(parts))

    def repeated(self, part: _Part) -> _Part:
        while self.peek() and self.peek() in "*+?{":
            sign = self.next()
            least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(sign) or self.bounds()
            part = _Again(part, least, most)
            if part.steps() > MOST_STEPS:
                raise PatternError(phrase("the pattern repeats too much inside of repetitions"))
        return part

    def bounds(self) -> tuple[int, int | None]:
        end = self.text.find("}", self.at)
        low, comma, high = self.text[self.at : max(end, self.at)].partition(",")
        if end < 0 or not low.isdecimal() or not (high.isdecimal() or not high) or len(low + high) > 8:
            raise PatternError(phrase("the pattern has a repetition that is not understood"))
        self.at = end + 1
        least = int(low)
        most = (int(high) if high else None) if comma else least
        if most is not None and most < least:
            raise PatternError(phrase("the pattern has a repetition that is not understood"))
        return least, most

    def single(self) -> _Part:
        sign = self.next()
        if sign == "(":
            return self.group()
        if sign == "[":
            return _One(self.set())
        if sign in "^$":
            return _Edge(sign == "$")
        if sign in "*+?{":
            raise PatternError(phrase("the pattern has a repetition that is not understood"))
        if sign == ".":
            return _One(lambda c: c != "\n")
        return _One(self.escaped() if sign == "\\" else sign.__eq__)

    def group(self) -> _Part:
        if self.peek() == "?":
            if self.text[self.at : self.at + 2] != "?:":
                raise PatternError(phrase("patterns that look ahead or behind are not done here"))
            self.at += 2
        self.deep += 1
        if self.deep > DEEPEST:
            raise PatternError(phrase("the pattern is nested too deeply"))
        part = self.either()
        if self.next() != ")":
            raise PatternError(phrase("the pattern ends too early"))
        self.deep -= 1
        return part

    def escaped(self) -> Callable[[str], bool]:
        sign = self.next()
        if sign.lower() in _KINDS:
            kind = _KINDS[sign.lower()]
            return kind if sign.islower() else lambda c: not kind(c)
        if sign.isalnum():
            plain = {"n": "\n", "t": "\t", "r": "\r"}.get(sign)
            if plain is None:
                raise PatternError(phrase("“{sign}” is not done here in patterns", sign=f"\\{sign}"))
            return plain.__eq__
        return sign.__eq__

    def set(self) -> Callable[[str], bool]:
        negative = self.peek() == "^"
        self.at += negative
        tests: list[Callable[[str], bool]] = []
        while self.peek() != "]" or not tests:
            sign = self.next()
            if sign == "\\":
                tests.append(self.escaped())
            elif self.peek() == "-" and self.text[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                tests.append(_between(sign, self.next()))
            else:
                tests.append(sign.__eq__)
        self.at += 1
        return lambda c: any(t(c) for t in tests) != negative


def _between(low: str, high: str) -> Callable[[str], bool]:
    if high == "\\" or high < low:
        raise PatternError(phrase("the pattern has a range that is not understood"))
    return lambda c: low <= c <= high
