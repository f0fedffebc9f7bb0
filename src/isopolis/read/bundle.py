"""The files of a published result: a folder, or one ZIP file, into texts. Nothing is unpacked to disk."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

from isopolis.model import DataError, Problem
from isopolis.model.text import phrase

__all__ = ["LARGEST", "MOST", "read_bundle", "read_log"]

LARGEST = 400_000_000
"""Bytes of one text; a city of millions of voters stays below."""
MOST = 40
"""Files; a bundle has about ten."""


def read_bundle(path: Path) -> dict[str, bytes]:
    """Read the texts of a bundle.

    Parameters
    ----------
    path : Path
        Folder or ZIP file.

    Returns
    -------
    dict of str to bytes
        Name → text. Files in folders inside are named with their folder, so that they count as added.

    Raises
    ------
    DataError
        When it is neither, is damaged, or holds far more than a bundle does.
    """
    if path.is_dir():
        files = sorted(f for f in path.rglob("*") if f.is_file() and not f.name.startswith("."))
        _check(path, len(files), max((f.stat().st_size for f in files), default=0))
        return {f.relative_to(path).as_posix(): f.read_bytes() for f in files}
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [e for e in archive.infolist() if not e.is_dir()]
            _check(path, len(entries), max((e.file_size for e in entries), default=0))
            names = [e.filename for e in entries]
            if len(set(names)) < len(names):
                raise _problem(path, phrase("the archive holds two files of one name"))
            return {e.filename: _text(archive, e, path) for e in entries}
    except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise _problem(
            path, phrase("this is no bundle: a folder or a ZIP file that is whole"), error
        ) from None


def read_log(path: Path) -> dict[str, Any]:
    """Read the public log of a vote, ``ballot-log.json``.

    Raises
    ------
    DataError
        When it is no JSON object.
    """
    try:
        _check(path, 1, path.stat().st_size)
        made = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise _problem(path, phrase("this is no public log of a vote: a JSON file"), error) from None
    if not isinstance(made, dict):
        raise _problem(path, phrase("this is no public log of a vote: a JSON file"))
    return made


def _text(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path) -> bytes:
    """Read one file, and no more of it than it says it holds."""
    with archive.open(entry) as stream:
        text = stream.read(LARGEST + 1)
    if len(text) > LARGEST:
        raise _problem(path, phrase("a file in it is larger than any bundle needs"))
    return text


def _check(path: Path, files: int, largest: int) -> None:
    if files > MOST or largest > LARGEST:
        raise _problem(path, phrase("it holds far more than a bundle does"))


def _problem(path: Path, message: str, error: Exception | None = None) -> DataError:
    value = None if error is None else str(error)[:80]
    return DataError([Problem("no-bundle", message, file=path.name, value=value)])
