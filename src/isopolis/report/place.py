"""Where a report may be written: never over files that are not a report of ours."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from isopolis.model import CallError, City

__all__ = ["FILES", "GENERATOR", "check_place", "made_parents", "refused"]

FILES = ("report.html", "report.pdf", "findings.json", "findings.csv", "zones.gpkg")

GENERATOR = '<meta name="generator" content="Isopolis'
"""How a page of ours begins to name its maker; it stands in the first lines."""

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EFBIG})


def check_place(out: Path, city: City) -> None:
    """Refuse a folder in which a report would replace files that are no earlier report.

    Parameters
    ----------
    out : Path
        Where the report is to go; it need not be there.
    city : City
        Its sources name the files that were read.

    Raises
    ------
    CallError
        If `out` is a file or a city folder, holds a file of the name of one of ours
        that we did not write, or an input file of `city` under such a name.
    """
    with refused(out, every=True):
        if out.exists() and not out.is_dir():
            raise CallError(f'"{out}" is a file; name a folder for the report')
        if (out / "city.toml").exists():
            raise CallError(
                f'"{out}" is the folder of a city (it holds city.toml), and its files are not to be mixed '
                f'with those of a report; name another folder, for example "{out / "report"}"'
            )
        there = [name for name in FILES if (out / name).exists()]
        if there and not _ours(out / "report.html"):
            raise CallError(
                f'"{out}" holds {" and ".join(there)}, but no report of Isopolis that could be replaced; '
                f'name another folder, for example "{out / "report"}", or move these files away'
            )
        inputs = {digest for source in city.sources for digest in source.sha256.values()}
        read = [name for name in there if inputs and _digest(out / name) in inputs]
    if read:
        raise CallError(
            f'"{out / read[0]}" is one of the files that the numbers come from, and the report would '
            "replace it; name another folder"
        )


def _ours(page: Path) -> bool:
    if not page.is_file():
        return False
    with page.open("rb") as stream:
        return GENERATOR.encode() in stream.read(4096)


def _digest(path: Path) -> str:
    if not path.is_file():
        return ""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def made_parents(out: Path) -> Iterator[None]:
    """Make the folders above `out`; take the new ones away when anything fails.

    What the disk or its owner refuses becomes a `CallError`; other errors pass.
    """
    new: list[Path] = []
    try:
        with refused(out, every=True):
            for folder in _missing(out.absolute().parent):
                folder.mkdir()
                new.append(folder)
        with refused(out):
            yield
    except BaseException:
        _take_away(reversed(new))
        raise


@contextmanager
def refused(out: Path, *, every: bool = False) -> Iterator[None]:
    """Turn a refusal of the disk into a sentence; `every` error of the system where only that is tried."""
    try:
        yield
    except OSError as error:
        if every or error.errno in _NO_ROOM:
            why = (error.strerror or str(error)).lower()
            raise CallError(
                f'the report cannot be written to "{out}": {why}; name a folder that can be written'
            ) from error
        raise


def _missing(folder: Path) -> Collection[Path]:
    """Folders that are not there, outermost first."""
    absent = [f for f in (folder, *folder.parents) if not f.exists()]
    return absent[::-1]


def _take_away(folders: Iterator[Path]) -> None:
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:  # somebody else has put something in: it is theirs
            return
