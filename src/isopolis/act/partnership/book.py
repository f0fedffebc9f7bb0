"""Everything that one partnership is, as one file that can be read, written and checked as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from isopolis.model import DataError, Problem

from .base import Key, Plain, Source, Texts
from .commitments import Commitment
from .meetings import Meeting
from .members import Member
from .paper import OrientationPaper
from .plans import PlanRecord
from .texts import Call, Document, Milestone, News, Strategy, Survey

__all__ = ["KINDS", "Book", "check_record", "read_book"]

KINDS: dict[str, type[BaseModel]] = {
    "member": Member,
    "meeting": Meeting,
    "news": News,
    "document": Document,
    "call": Call,
    "strategy": Strategy,
    "milestone": Milestone,
    "survey": Survey,
    "paper": OrientationPaper,
    "plan": PlanRecord,
    "commitment": Commitment,
}
"""Kinds of records of a partnership, in the order in which a book lists them."""
LISTS = {
    "member": "members", "meeting": "meetings", "news": "news", "document": "documents", "call": "calls",
    "strategy": "strategies", "milestone": "milestones", "survey": "surveys", "paper": "papers",
    "plan": "plans", "commitment": "commitments",
}  # fmt: skip
HEAD = ("key", "name", "about", "focus", "library", "collection", "sources", "note")


class _Head(Plain):
    key: Key
    name: Texts
    about: Texts
    focus: Texts | None = None
    library: str = ""
    collection: str = ""
    note: str = ""
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Book:
    """A partnership with all its records, by kind, each kind in the order of the file."""

    key: str
    name: dict[str, str]
    about: dict[str, str]
    focus: dict[str, str]
    library: str
    collection: str
    sources: tuple[Source, ...]
    records: Mapping[str, tuple[Any, ...]]

    def of(self, kind: str) -> tuple[Any, ...]:
        """Return the records of one kind."""
        return self.records.get(kind, ())

    @property
    def members(self) -> tuple[Member, ...]:
        """All members that ever were."""
        return self.of("member")

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        for kind, records in self.records.items():
            for record in records:
                yield kind, record


def check_record(kind: str, plain: Any, place: str = "") -> tuple[Any, list[Problem]]:
    """Check one record of a kind; return it, or None with everything that is wrong with it.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    plain : object
        What a file or a form brought.
    place : str
        File, for the messages.
    """
    if not isinstance(plain, Mapping):
        return None, [Problem("partnership-record", f"a {kind} is no list of fields", place or None)]
    try:
        return KINDS[kind].model_validate(plain), []
    except ValidationError as error:
        return None, list(_problems(error, f"{kind} {plain.get('key', '')}".strip(), place))


def _problems(error: ValidationError, what: str, place: str) -> Iterator[Problem]:
    for one in error.errors(include_url=False):
        field = ".".join(str(p) for p in one["loc"])
        message = one["msg"].removeprefix("Value error, ")
        yield Problem(
            "partnership-record",
            f"{what}: {message[:1].lower()}{message[1:]}",
            file=place or None,
            column=field or None,
            hint="Correct this field of the record.",
        )


def read_book(plain: Any, place: str = "") -> Book:
    """Check a whole file and return the book.

    Raises
    ------
    DataError
        With every problem of every record, keys that are there twice and names that lead nowhere.
    """
    if not isinstance(plain, Mapping):
        raise DataError([Problem("partnership-file", "this is no partnership file", place or None)])
    found: list[Problem] = [
        Problem(
            "partnership-file",
            f'there is no part "{k}"',
            place or None,
            rule=", ".join([*HEAD, *LISTS.values()]),
        )
        for k in plain
        if k not in HEAD and k not in LISTS.values()
    ]
    head = None
    try:
        head = _Head.model_validate({k: plain[k] for k in HEAD if k in plain})
    except ValidationError as error:
        found += _problems(error, "partnership", place)
    records = {
        kind: tuple(_records(kind, plain.get(part) or (), found, place)) for kind, part in LISTS.items()
    }
    found += _lost(records, place)
    if found or head is None:
        raise DataError(found)
    return Book(
        head.key,
        head.name,
        head.about,
        head.focus or {},
        head.library,
        head.collection,
        head.sources,
        records,
    )


def _records(kind: str, given: Any, found: list[Problem], place: str) -> Iterator[Any]:
    if not isinstance(given, (list, tuple)):
        found.append(Problem("partnership-file", f'"{LISTS[kind]}" is no list', place or None))
        return
    for plain in given:
        record, wrong = check_record(kind, plain, place)
        found += wrong
        if record is not None:
            yield record


def _lost(records: Mapping[str, tuple[Any, ...]], place: str) -> Iterator[Problem]:
    """Find keys that are there twice, and references to nothing."""
    for kind, those in records.items():
        for key, times in Counter(r.key for r in those).items():
            if times > 1:
                yield Problem("partnership-key", f'the {kind} "{key}" is there {times} times', place or None)
    keys = {kind: {r.key for r in those} for kind, those in records.items()}
    for c in records["commitment"]:
        named = [("commitment", c.part_of)] if c.part_of else []
        for kind, key in [*named, *(("strategy", s) for s in c.strategies)]:
            if key not in keys[kind]:
                said = f'commitment {c.key} names the {kind} "{key}", which is not there'
                yield Problem("partnership-reference", said, place or None)
