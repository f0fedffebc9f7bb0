"""Read a profile from what stands in its YAML file, with everything that is wrong at once."""

from __future__ import annotations

import datetime
import functools
import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Any

from isopolis import content
from isopolis.model.errors import Problems, near
from isopolis.model.text import joint, phrase

from .model import (
    BARRIERS,
    CLASSES,
    CROSSINGS,
    SMOOTHNESS,
    SURFACES,
    TAGS,
    Choice,
    Citation,
    Costing,
    Limits,
    Profile,
    Range,
    Speed,
    Transit,
    Unknown,
)
from .shipped import FOLDER, vocabulary

__all__ = ["parse_profile", "parse_profile_text"]

SLOPES = ("none", "tobler", "table")
STEPS = ("allowed", "ramp", "wheelchair_ramp", "never")
TOP = "profile title note read sources speed limits costs unknown transit max_minutes snap_limit".split()
YES_NO = ("yes", "no")


def parse_profile_text(text: str, origin: str) -> Profile:
    """Read a profile from YAML text, such as a file that a user names; `origin` is its name.

    Raises
    ------
    DataError
        With everything that is wrong.
    """
    problems = Problems()
    written: Any = {}
    try:
        written = content.parse(text, origin)
    except ValueError as error:
        problems.error("profile-not-yaml", phrase("this is no YAML: {error}", error=error), file=origin)
    problems.raise_if_fatal()
    return parse_profile(written, origin)


def parse_profile(mapping: Any, origin: str) -> Profile:
    """Read a profile from what stands in its YAML file.

    Parameters
    ----------
    mapping : mapping
        Keys as in docs/mobility-profiles.md; what is left out limits nothing and costs nothing.
    origin : str
        Where it stands, for messages.

    Raises
    ------
    DataError
        With everything that is wrong: unknown keys with the nearest allowed ones, types, ranges, and
        expected values that are not possible.
    """
    problems = Problems()
    top = _Table(problems, origin, "", mapping, TOP)
    name = top.text("profile", needed=True)
    if name and not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        top.wrong("profile", name, phrase("small letters, digits and _"))
    read = top.values.get("read", "")
    if isinstance(read, datetime.date):
        read = read.isoformat()
    if not (isinstance(read, str) and (not read or re.fullmatch(r"\d{4}-\d\d-\d\d", read))):
        top.wrong("read", read, phrase("a date such as 2026-11-23"))
    speed = _speed(top.table("speed", ("flat", "slope", "factors"), needed=True))
    limits = _limits(top.table("limits", Limits.__slots__))
    costing = _costing(top.table("costs", Costing.__slots__))
    moved = top.table("transit", Transit.__slots__)
    made = Profile(
        name,
        top.text("title") or name.replace("_", " "),
        top.text("note"),
        str(read),
        _citations(top),
        speed,
        limits,
        costing,
        Transit(
            moved.flag("needs_wheelchair"),
            int(moved.number("boarding_seconds", 0, 0, 3600, whole=True)),
            int(moved.number("walk_limit", 1000, 0, 20_000, whole=True)),
        ),
        _unknown(top.table("unknown", TAGS)),
        int(top.number("max_minutes", 60, 1, 600, whole=True)),
        int(top.number("snap_limit", 200, 1, 5000, whole=True)),
    )
    problems.raise_if_fatal()
    return made


class _Table:
    """One table of the file: takes values out of it and writes down what is wrong."""

    def __init__(
        self,
        problems: Problems,
        origin: str,
        path: str,
        values: Any,
        allowed: Sequence[str],
        needed: bool = False,
    ) -> None:
        self.problems, self.origin, self.path = problems, origin, path
        self.values: Mapping[Any, Any] = values if isinstance(values, Mapping) else {}
        if values is not None and not isinstance(values, Mapping):
            self.error(path, values, phrase("a table of keys and values"))
        elif needed and values is None:
            self.error(path, None, phrase("a table of {keys}", keys=joint(allowed, ", ")))
        for key in self.values:
            if _word(key) not in allowed:
                problems.error(
                    "profile-unknown-key",
                    phrase('there is no "{key}" here; {near}', key=key, near=near(_word(key), allowed)),
                    file=origin,
                    column=self.at(_word(key)),
                    rule=joint(allowed, ", "),
                )

    def at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def error(self, column: str, value: Any, rule: str) -> None:
        self.problems.error(
            "profile-value",
            phrase("this is missing") if value is None else phrase("this cannot be used"),
            file=self.origin,
            column=column or None,
            value=None if value is None else str(value),
            rule=rule,
            hint=phrase("docs/mobility-profiles.md explains every key."),
        )

    def wrong(self, key: str, value: Any, rule: str) -> None:
        self.error(self.at(key), value, rule)

    def table(self, key: str, allowed: Sequence[str], needed: bool = False) -> _Table:
        return _Table(self.problems, self.origin, self.at(key), self.values.get(key), allowed, needed)

    def text(self, key: str, needed: bool = False) -> str:
        value = self.values.get(key)
        if value is None and not needed:
            return ""
        if not isinstance(value, str) or not value.strip():
            self.wrong(key, value, phrase("a text"))
            return ""
        return value.strip()

    def flag(self, key: str) -> bool:
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            self.wrong(key, value, phrase("yes or no"))
        return value is True

    def number(self, key: str, other: float, low: float, high: float, whole: bool = False) -> float:
        value = self.values.get(key, other)
        usable = isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
        if not (usable and low <= value <= high):
            rule = (
                phrase("a whole number from {low} to {high}", low=low, high=high)
                if whole
                else phrase("a number from {low} to {high}", low=low, high=high)
            )
            self.wrong(key, value, rule)
            return other
        return value if whole else float(value)

    def maybe(self, key: str, low: float, high: float) -> float | None:
        return None if self.values.get(key) is None else self.number(key, low, low, high)

    def word(self, key: str, other: str, allowed: Sequence[str]) -> str:
        value = _word(self.values.get(key, other))
        if value in allowed:
            return value
        self.wrong(key, value, joint(allowed, ", "))
        return other

    def words(self, key: str, allowed: Sequence[str], needed: bool = False) -> tuple[str, ...]:
        value = self.values.get(key, [])
        if not isinstance(value, list) or (needed and not value):
            self.wrong(key, value, phrase("a list of {words}", words=joint(allowed, ", ")))
            return ()
        found = [_word(v) for v in value]
        for word in found:
            if word not in allowed:
                self.wrong(key, word, joint(allowed, ", "))
        return tuple(w for w in found if w in allowed)

    def factors(self, key: str, allowed: Sequence[str], low: float, high: float) -> dict[str, float]:
        inner = self.table(key, allowed)
        return {str(k): inner.number(k, low, low, high) for k in inner.values if _word(k) in allowed}


def _word(value: Any) -> str:
    """YAML reads yes and no as true and false."""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _citations(top: _Table) -> tuple[Citation, ...]:
    written = top.values.get("sources", [])
    if not isinstance(written, list):
        top.wrong("sources", written, phrase("a list of sources"))
        return ()
    tables = [
        _Table(top.problems, top.origin, f"sources[{i}]", w, Citation.__slots__)
        for i, w in enumerate(written, 1)
    ]
    return tuple(Citation(t.text("cite", needed=True), t.text("where"), t.text("url")) for t in tables)


def _speed(table: _Table) -> Speed:
    if table.values and "flat" not in table.values:
        table.wrong("flat", None, phrase("metres per second"))
    flat, function = table.number("flat", 1.0, 0.1, 5.0), table.word("slope", "none", SLOPES)
    points = table.values.get("factors", [])
    rule = phrase(
        "pairs of percent, ascending from -100 to 100, and factor on time, 0.1 to 100, one pair [0, 1]"
    )
    good = isinstance(points, list) and all(_is_pair(p) for p in points)
    pairs = tuple((float(a), float(b)) for a, b in points) if good else ()
    ascending = all(a[0] < b[0] for a, b in itertools.pairwise(pairs))
    fits = (function == "table") == bool(pairs) and (not pairs or (0.0, 1.0) in pairs)
    if not good or not ascending or not fits:
        table.wrong("factors", points, rule)
    return Speed(flat, function, pairs)


def _is_pair(pair: Any) -> bool:
    numbers = isinstance(pair, list) and len(pair) == 2
    if not numbers or any(isinstance(n, bool) or not isinstance(n, int | float) for n in pair):
        return False
    return bool(-100 <= pair[0] <= 100 and 0.1 <= pair[1] <= 100)


def _limits(table: _Table) -> Limits:
    return Limits(
        table.maybe("incline_up", 0.1, 100),
        table.maybe("incline_down", 0.1, 100),
        table.maybe("kerb", 0, 1),
        table.maybe("width", 0, 10),
        frozenset(table.words("surfaces", SURFACES)),
        table.word("roughest", "", ("", *SMOOTHNESS)) or None,
        table.word("steps", "allowed", STEPS),
        table.flag("unlit"),
        table.flag("major_without_sidewalk"),
        table.word("major_crossing", "unmarked", CROSSINGS),
        frozenset(table.words("barriers", BARRIERS)),
        table.flag("wheelchair_tag"),
    )


def _costing(table: _Table) -> Costing:
    return Costing(
        table.factors("surface", SURFACES, 1, 20),
        table.factors("smoothness", SMOOTHNESS, 1, 20),
        table.number("seconds_per_step", 0, 0, 60),
        table.number("ramp", 1, 1, 20),
        table.number("kerb_seconds", 0, 0, 600),
        table.factors("crossing_seconds", CROSSINGS, 0, 600),
        table.number("unlit", 1, 1, 20),
        table.factors("without_sidewalk", ("major", "street"), 1, 20),
        table.number("limited", 1, 1, 20),
    )


WORDS: dict[str, tuple[str, ...]] = {
    "surface": SURFACES,
    "smoothness": SMOOTHNESS,
    "lit": YES_NO,
    "sidewalk": YES_NO,
    "crossing": CROSSINGS,
    "ramp": YES_NO,
    "foot": YES_NO,
}
NUMBERS = {"width": (0.0, 100.0), "incline": (-100.0, 100.0), "steps": (0.0, 20.0)}


def _unknown(table: _Table) -> Unknown:
    """Take the shared tables, and the profile's own in their place."""
    tables = dict(_shared().tables) if table.origin != SHARED else {}
    for tag in TAGS:
        if tag not in table.values:
            continue
        keys = ("any",) if tag in ("kerb", "crossing", "ramp", "steps") else (*CLASSES, "any")
        inner = table.table(tag, (*SURFACES, "any") if tag == "smoothness" else keys)
        tables[tag] = {str(k): _assumed(inner, tag, str(k)) for k in inner.values}
    return Unknown(tables)


def _assumed(table: _Table, tag: str, key: str) -> Choice | Range:
    if tag in NUMBERS:
        low, high = NUMBERS[tag]
        inner = table.table(key, Range.__slots__, needed=True)
        values = [inner.number(k, 0.0 if k in inner.values else high + 1, low, high) for k in Range.__slots__]
        if not values[0] <= values[2] <= values[1]:
            inner.wrong("expected", values[2], phrase("from lowest to highest"))
        return Range(*values)
    words = tuple(vocabulary().kerb_heights) if tag == "kerb" else WORDS[tag]
    inner = table.table(key, Choice.__slots__, needed=True)
    possible = inner.words("possible", words, needed=True)
    expected = inner.word("expected", possible[0] if possible else "", possible or words)
    return Choice(possible or words[:1], expected or words[0])


SHARED = "shared/streets.yaml"


@functools.cache
def _shared() -> Unknown:
    problems = Problems()
    written = content.read(f"{FOLDER}/{SHARED}")["unknown"]
    found = _unknown(_Table(problems, SHARED, "unknown", written, TAGS))
    problems.raise_if_fatal()
    return found
