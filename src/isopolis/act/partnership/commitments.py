"""The register of commitments: each with its indicator, its evidence, its owner and its review.

A commitment that lacks one of these is no mistake in the file; it is what the register is there to say.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from isopolis.model.text import phrase

from .base import Access, Key, Link, Plain, Source, Texts, Words
from .when import When, last_day

__all__ = ["LACKS", "Case", "Commitment", "CommitmentRow", "Evidence", "Indicator", "register", "without"]

LACKS: dict[str, str] = {
    "indicator": phrase("no indicator"),
    "evidence": phrase("no evidence"),
    "owner": phrase("no owner"),
    "review": phrase("never reviewed"),
    "overdue": phrase("review overdue"),
}
"""What can be missing, in the order in which it is said."""


class Indicator(Plain):
    """What is measured; `measure` names a measure of this program, if it is one."""

    title: Words
    measure: str = ""
    unit: str = ""


class Evidence(Plain):
    """What shows it: an address, a finding, or a record of the library."""

    title: Words
    url: Link | None = None
    record: str = ""
    day: When | None = None


class Case(Plain):
    """A city's example for a commitment, told in a record of the library."""

    city: str
    record: str
    title: str = ""


class Commitment(Plain):
    """One promise, possibly a part of a larger one."""

    key: Key
    number: str = Field(default="", max_length=20)
    title: Texts
    text: Texts | None = None
    part_of: str = ""
    framework: str = ""
    indicators: tuple[Indicator, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    owner: str = ""
    reviewed: When | None = None
    review_due: When | None = None
    cases: tuple[Case, ...] = ()
    strategies: tuple[str, ...] = ()
    status: Literal["", "absent"] = ""
    access: Access = "public"
    sources: tuple[Source, ...] = ()

    @model_validator(mode="after")
    def _not_its_own_part(self) -> Commitment:
        if self.part_of == self.key:
            raise ValueError("a commitment cannot be a part of itself")
        return self


@dataclass(frozen=True, slots=True)
class CommitmentRow:
    """A commitment with its parts below it and what it lacks; `depth` counts from 0."""

    commitment: Commitment
    depth: int
    lacks: tuple[str, ...]


def _lacks(one: Commitment, on: date) -> tuple[str, ...]:
    has = {
        "indicator": bool(one.indicators),
        "evidence": bool(one.evidence or one.cases),
        "owner": bool(one.owner),
        "review": one.reviewed is not None,
        "overdue": one.review_due is None or on <= last_day(one.review_due),
    }
    return tuple(k for k in LACKS if not has[k])


def register(commitments: Iterable[Commitment], on: date) -> tuple[CommitmentRow, ...]:
    """Return all commitments, parts under what they are part of, each with what it lacks.

    Parts of something that is not there, or of each other in a circle, stand at the end: nothing is lost.
    """
    every = {c.key: c for c in commitments}
    below: dict[str, list[Commitment]] = {}
    for c in every.values():
        below.setdefault(c.part_of if c.part_of in every else "", []).append(c)
    rows: list[CommitmentRow] = []
    seen: set[str] = set()

    def add(one: Commitment, depth: int) -> None:
        if one.key not in seen:
            seen.add(one.key)
            rows.append(CommitmentRow(one, depth, _lacks(one, on)))
            for part in below.get(one.key, ()):
                add(part, depth + 1)

    for one in [*below.get("", ()), *every.values()]:
        add(one, 0)
    return tuple(rows)


def without(rows: Iterable[CommitmentRow], what: str) -> tuple[CommitmentRow, ...]:
    """Return the rows that lack `what`, one of `LACKS`.

    Raises
    ------
    ValueError
        When there is no such thing to lack.
    """
    if what not in LACKS:
        raise ValueError(f'nothing can lack "{what}"; choose one of {", ".join(LACKS)}')
    return tuple(r for r in rows if what in r.lacks)
