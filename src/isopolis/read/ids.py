"""Zone ids: matching those of a table to those already known, repairing only what is unambiguous."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ["Matched", "match", "normal"]


def _spaces(text: str) -> str:
    return " ".join(text.split()).casefold()


def _whole(text: str) -> str:
    return re.sub(r"^(\d+)[.,]0+$", r"\1", _spaces(text))


def _zeros(text: str) -> str:
    return _whole(text).lstrip("0") or "0"


def _marks(text: str) -> str:
    return re.sub(r"[\W_]+", " ", _zeros(text)).strip()


def _named(text: str) -> str:
    return re.sub(r"^\d+\s+(?=\D)", "", _spaces(text))


LADDER: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("stray spaces or capitals", _spaces),
    ("a decimal part", _whole),
    ("lost leading zeros", _zeros),
    ("separators", _marks),
    ("a number before the name", _named),
)
"""Ways in which ids get damaged, mildest first."""


def normal(text: str) -> str:
    """Loosest form of an id, for guessing which columns hold the same ids."""
    return _marks(_named(text))


@dataclass(frozen=True, slots=True)
class Matched:
    """Ids of a table and what they are among the known ones.

    Parameters
    ----------
    to : dict
        Id in the table → known id; itself when it is a new one.
    repaired : dict
        Kind of damage → ids repaired.
    new : tuple of str
        Ids that match nothing known.
    """

    to: dict[str, str]
    repaired: dict[str, tuple[str, ...]]
    new: tuple[str, ...]


def match(found: Sequence[str], known: Sequence[str]) -> Matched:
    """Match ids, repairing one only when exactly one known id can be meant.

    Parameters
    ----------
    found, known : sequences of distinct str
    """
    known_set = set(known)
    to = {f: f for f in found if f in known_set}
    left = [f for f in found if f not in known_set]
    repaired: dict[str, tuple[str, ...]] = {}
    for kind, form in LADDER:
        if not left:
            break
        taken = set(to.values())
        free = [k for k in known if k not in taken]
        if not free:
            break
        pairs = _pairs(left, free, form)
        if pairs:
            to |= pairs
            repaired[kind] = tuple(pairs)
            left = [f for f in left if f not in pairs]
    return Matched(to | {f: f for f in left}, repaired, tuple(left))


def _pairs(left: list[str], free: list[str], form: Callable[[str], str]) -> dict[str, str]:
    by_form = {form(k): k for k in free}
    clashes = {f for f, n in Counter(form(k) for k in free).items() if n > 1}
    clashes |= {f for f, n in Counter(form(k) for k in left).items() if n > 1}
    return {f: by_form[form(f)] for f in left if form(f) in by_form and form(f) not in clashes and form(f)}
