"""A library as JSON, without loss."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from isopolis.learn.record import Record, problems
from isopolis.model.errors import DataError, Problem
from isopolis.model.text import phrase

from .guard import MOST_RECORDS, loaded, refusal

__all__ = ["FORMAT", "PERSONAL", "from_json", "nameless", "public", "read_all", "to_json"]

FORMAT = "isopolis-library"
VERSION = 1
PERSONAL = ("name", "role", "email", "phone", "consent")
"""What of a contact goes with the person; the organisation and its page stay."""


def public(record: Record) -> Record:
    """Return the record with only those of its documents that everybody may have."""
    kept = tuple(d for d in record.documents if d.access == "public")
    return record if kept == record.documents else record.model_copy(update={"documents": kept})


def nameless(record: Record) -> Record:
    """Return the record without the person to ask: consent is given to one installation only."""
    contact = record.contact
    if contact is None or all(getattr(contact, name) is None for name in PERSONAL):
        return record
    left = contact.model_copy(update=dict.fromkeys(PERSONAL))
    return record.model_copy(update={"contact": left if left.organisation or left.url else None})


def to_json(records: Iterable[Record]) -> str:
    """Write records as one JSON document; the same records give the same bytes."""
    whole = {"format": FORMAT, "version": VERSION, "records": [r.plain() for r in records]}
    return json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n"


def from_json(text: str, vocabulary: Any = None, *, file: str | None = None) -> tuple[Record, ...]:
    """Read what `to_json` wrote, a list of records, or a single one.

    Raises
    ------
    DataError
        With all problems of all records.
    """
    whole = loaded(text, file)
    if isinstance(whole, dict) and "records" in whole:
        if whole.get("format") != FORMAT or whole.get("version") != VERSION:
            rule = f'"format": "{FORMAT}", "version": {VERSION}'
            raise refusal(
                "other-format", phrase("this is another format, or another version of it"), file, rule=rule
            )
        whole = whole["records"]
    return read_all(whole if isinstance(whole, list) else [whole], vocabulary, file=file)


def read_all(plains: list[Any], vocabulary: Any = None, *, file: str | None = None) -> tuple[Record, ...]:
    """Make records of plain ones, or raise with everything that is wrong, each by its number in the file."""
    if len(plains) > MOST_RECORDS:
        rule = phrase("at most {n}", n=MOST_RECORDS)
        raise refusal("too-many", phrase("there are too many records in this file"), file, rule=rule)
    found: list[Problem] = []
    out: dict[str, Record] = {}
    for number, plain in enumerate(plains, 1):
        name = plain.get("id") if isinstance(plain, dict) else None
        where = f"{file or 'records'}[{number}]" + (f" {name}" if isinstance(name, str) else "")
        wrong = problems(plain, vocabulary, file=where[:200])
        if not wrong:
            record = Record.model_validate(plain)
            if record.id not in out:
                out[record.id] = record
                continue
            wrong = [Problem("doubled", phrase('two records are called "{id}"', id=record.id), file=where)]
        found += wrong
    if found:
        raise DataError(found)
    return tuple(out.values())
