"""The library: the records that ship, and which of their sources can still be read."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from isopolis import content
from isopolis.model.errors import DataError, Problem
from isopolis.model.text import phrase

from .record import Record, problems

__all__ = ["Answer", "DeadLink", "Library", "addresses", "dead_links", "library_of", "shipped"]

FOLDER = "library"


@dataclass(frozen=True)
class Library:
    """Records by their id, in order."""

    records: tuple[Record, ...] = ()

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records)

    def __contains__(self, id: object) -> bool:
        return id in self._by_id

    def __getitem__(self, id: str) -> Record:
        return self._by_id[id]

    @functools.cached_property
    def _by_id(self) -> dict[str, Record]:
        return {r.id: r for r in self.records}

    def of(self, kind: str) -> Library:
        """Return the records of one kind."""
        return Library(tuple(r for r in self.records if r.kind == kind))


def library_of(plains: Mapping[str, Any], vocabulary: Any = None) -> Library:
    """Make a library of plain records, by the name of the file of each.

    Raises
    ------
    DataError
        With all problems of all records, and with ids that stand twice.
    """
    found: list[Problem] = []
    records: dict[str, Record] = {}
    for name, plain in plains.items():
        wrong = problems(plain, vocabulary, file=name)
        found += wrong
        if wrong:
            continue
        record = Record.model_validate(plain)
        if record.id in records:
            message = phrase('two records are called "{id}"', id=record.id)
            found.append(Problem("doubled", message, file=name, column="id"))
        records[record.id] = record
    if found:
        raise DataError(found)
    return Library(tuple(records[id] for id in sorted(records)))


@functools.lru_cache(maxsize=1)
def shipped() -> tuple[Record, ...]:
    """Return the records that ship with the program, by id."""
    files = [n for n in content.names(FOLDER) if n.endswith(".yaml")]
    return library_of({name: content.read(f"{FOLDER}/{name}") for name in files}).records


# -- sources that can no longer be read ---------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said about one address: its status, or why there was none."""

    url: str
    status: int | None
    reason: str = ""
    checked_on: date | None = None

    @property
    def alive(self) -> bool:
        """True when the page is there; one that asks for a password or patience is there too."""
        return self.status is not None and (self.status < 400 or self.status in (401, 403, 405, 429))


@dataclass(frozen=True, slots=True)
class DeadLink:
    """An address of a record that cannot be read, and where a copy of it lies, if one does."""

    record: str
    path: str
    url: str
    status: int | None
    reason: str
    archived_url: str | None


def addresses(records: Iterable[Record]) -> list[tuple[str, str, str, str | None]]:
    """List record, path of the field, address and archived address of every source and document."""
    out: list[tuple[str, str, str, str | None]] = []
    for record in records:
        for i, source in enumerate(record.sources):
            if source.url:
                out.append((record.id, f"sources[{i}].url", source.url, source.archived_url))
        for i, document in enumerate(record.documents):
            if document.url:
                out.append((record.id, f"documents[{i}].url", document.url, None))
    return out


def dead_links(records: Iterable[Record], answers: Iterable[Answer]) -> tuple[DeadLink, ...]:
    """Report the addresses that no longer answer; one that was not checked is not reported."""
    said = {a.url: a for a in answers}
    out = []
    for record, path, url, archived in addresses(records):
        answer = said.get(url)
        if answer is not None and not answer.alive:
            out.append(DeadLink(record, path, url, answer.status, answer.reason, archived))
    return tuple(out)
