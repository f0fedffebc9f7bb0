"""The archive of an election by Belenios: ``UUID.bel``, a tar file of data and of events that are chained.

Read for what was asked and what came out. Whether it is true is checked by Belenios' own program.
"""

from __future__ import annotations

import hashlib
import json
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from isopolis.model import DataError, Problem
from isopolis.model.text import phrase

__all__ = ["LARGEST", "Archive", "find_archive", "read_archive"]

LARGEST = 2_000_000_000
"""Bytes of an archive."""
MOST = 4_000_000
"""Members of an archive: two for each ballot, and a few."""
LARGEST_TEXT = 400_000_000


@dataclass(frozen=True, slots=True)
class Archive:
    """An election as it stands in its archive.

    Parameters
    ----------
    election : mapping
        What was asked.
    result : mapping or None
        None as long as it is not counted.
    tallied, weight : int
        Ballots that were counted, the last one of each voter, and the sum of their weights.
    types : tuple of str
        Kinds of events in their order: ``Setup``, ``Ballot`` …, ``Result``.
    """

    election: dict[str, Any]
    result: dict[str, Any] | None
    tallied: int
    weight: int
    types: tuple[str, ...]


def find_archive(folder: Path) -> Path:
    """Return the one archive of a folder, or the file itself.

    Raises
    ------
    DataError
        If there is none, or more than one.
    """
    if folder.is_file():
        return folder
    found = sorted(folder.glob("*.bel")) if folder.is_dir() else []
    if len(found) != 1:
        raise _wrong(folder, phrase("the folder must hold one archive of an election, a file .bel"),
                     value=", ".join(f.name for f in found[:5]))  # fmt: skip
    return found[0]


def read_archive(path: Path) -> Archive:
    """Read an archive; each text is held against the SHA-256 that is its name, events against their chain.

    Raises
    ------
    DataError
        If it is none, is damaged or was changed.
    """
    if path.stat().st_size > LARGEST:
        raise _wrong(path, phrase("the archive is larger than any of an election"))
    try:
        with tarfile.open(path, "r:") as archive:
            return _archive(archive, path)
    except (tarfile.TarError, OSError, ValueError, KeyError, TypeError) as error:
        raise _wrong(
            path, phrase("this is no archive of an election that is whole"), value=type(error).__name__
        ) from None


def _archive(archive: tarfile.TarFile, path: Path) -> Archive:
    texts: dict[str, tarfile.TarInfo] = {}
    events: list[dict[str, Any]] = []
    last = None
    for count, member in enumerate(archive):
        name, _, kind = member.name.partition(".")
        if count == 0 and member.name == "BELENIOS":
            continue
        if not member.isfile() or kind not in ("data.json", "event.json") or count > MOST:
            raise ValueError(member.name)
        if kind == "data.json":
            texts[name] = member
            continue
        event = json.loads(_text(archive, member))
        if event.get("parent") != last:
            raise _wrong(path, phrase("an event of the archive does not follow from the one before"))
        last = name
        events.append(event)
    setup = _payload(archive, texts, events[:1], "Setup")
    if setup is None:
        raise ValueError("no setup")
    election = json.loads(_text(archive, texts[setup["election"]]))
    result = _payload(archive, texts, events, "Result")
    tally = _payload(archive, texts, events, "EncryptedTally") or {}
    tallied = int(tally.get("num_tallied", 0))
    return Archive(
        election, result, tallied, int(tally.get("total_weight", tallied)),
        tuple(str(e["type"]) for e in events),
    )  # fmt: skip


def _payload(
    archive: tarfile.TarFile, texts: dict[str, tarfile.TarInfo], events: list[dict[str, Any]], kind: str
) -> dict[str, Any] | None:
    found = [e for e in events if e.get("type") == kind]
    if not found:
        return None
    read = json.loads(_text(archive, texts[found[-1]["payload"]]))
    return read if isinstance(read, dict) else None


def _text(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    """Read one member, and check that it is what its name says."""
    file = archive.extractfile(member)
    if file is None or member.size > LARGEST_TEXT:
        raise ValueError(member.name)
    content = file.read()
    if hashlib.sha256(content).hexdigest() != member.name.partition(".")[0]:
        raise ValueError("another text than its name says")
    return content


def _wrong(path: Path, message: str, value: str = "") -> DataError:
    return DataError([Problem("belenios-archive", message, file=path.name, value=value)])
