"""One archive of everything that a server must not lose, made while it runs.

The database is copied first and the files after it. A row is only ever written when its files are there,
so every row of the copy finds its files, unless somebody deletes an upload in between; then the backup
starts over. The other order would keep rows whose files came too late.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from isopolis.model import CallError
from isopolis.web.options import read_options

from .archive import FORMAT, VanishedError, Writer, clean_name, sha256
from .databases import dumped, engine_of
from .lock import LOCK

__all__ = [
    "FOLDER",
    "LAST",
    "SECRETS",
    "Backup",
    "existing",
    "kept_files",
    "last_backup",
    "make_backup",
    "rotate",
]

FOLDER = "backups"
LAST = "last_backup.json"
SECRETS = ("secret_key", "equality_key", "ballots_key", "isopolis.toml")
OUT = {FOLDER, "mail", LOCK, LAST}
"""Mail may hold sign-in links and belongs to nobody once it is sent; the rest is about this machine."""
NAME = re.compile(r"isopolis-\d{8}T\d{6}Z(-[a-z0-9-]+)?\.tar\.gz")
TRIES = 8
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made."""

    path: Path
    size: int
    files: int
    rows: int
    missing: tuple[str, ...]


def make_backup(
    folder: Path,
    to: Path | None = None,
    *,
    secrets: bool = True,
    keep: int = 0,
    label: str = "",
    now: datetime | None = None,
) -> Backup:
    """Back the data folder and its databases up; Django must be set up on that folder.

    Parameters
    ----------
    folder : Path
        The data folder.
    to : Path or None
        File to write, or a folder for it; ``backups`` in the data folder when None.
    secrets : bool
        Whether the secret key and the settings file go along.
    keep : int
        Backups that stay in the folder, this one included; 0 keeps all.
    label : str
        What the file's name says of its occasion.
    now : datetime or None
        When it is.

    Raises
    ------
    CallError
        If it cannot be written, or a program for it is missing.
    """
    now = now or datetime.now(UTC)
    target = _target(folder, to, now, label)
    try:
        made = _attempts(folder, target, secrets, now)
        _note(folder, made, now)
        if keep:
            rotate(target.parent, keep, target)
    except OSError as error:
        raise CallError(
            f"the backup {target} cannot be written ({error.strerror or error}); nothing was left half-done"
        ) from None
    return made


def existing(data: Path | None) -> None:
    """Refuse a data folder that is not there: a mistyped one would be made, and its emptiness backed up.

    Raises
    ------
    CallError
        That names the folder.
    """
    folder = data.expanduser().absolute() if data is not None else read_options()["data"]
    if not folder.is_dir():
        raise CallError(f"there is no data folder {folder}; name the right one with --data")


def _target(folder: Path, to: Path | None, now: datetime, label: str) -> Path:
    name = f"isopolis-{now:%Y%m%dT%H%M%SZ}{'-' * bool(label)}{label}.tar.gz"
    if to is None:
        place = folder / FOLDER
        place.mkdir(mode=0o700, exist_ok=True)
        return place / name
    target = to.expanduser().absolute()
    target = target / name if target.is_dir() else target
    if not target.parent.is_dir():
        raise CallError(f"there is no folder {target.parent} for the backup; make it first")
    inside = target.resolve().is_relative_to(folder.resolve())
    if inside and target.resolve().parent != (folder / FOLDER).resolve():
        raise CallError(
            f"a backup inside the data folder would become part of the next one: leave --to out, or choose "
            f"a place outside {folder}"
        )
    return target


def _attempts(folder: Path, target: Path, secrets: bool, now: datetime) -> Backup:
    lacking: set[str] = set()
    for attempt in range(1, TRIES + 1):
        scratch = Path(tempfile.mkdtemp(prefix=".backup-", dir=folder))
        try:
            made, missing = _one_attempt(folder, scratch, target, secrets, now, lacking, attempt == TRIES)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        if made is not None:
            return made
        lacking = missing
        time.sleep(0.2 * attempt)
    raise AssertionError("the last attempt is kept")


def _one_attempt(
    folder: Path, scratch: Path, target: Path, secrets: bool, now: datetime, known: set[str], last: bool
) -> tuple[Backup | None, set[str]]:
    """Try once; what was missing before too was not removed meanwhile, and is only told."""
    from isopolis import __version__

    with Writer(target) as writer:
        bases = list(_databases(folder, scratch, writer))
        for path in kept_files(folder, secrets=secrets):
            # a file that is gone by now and that a row needs is noticed below; another one is no loss
            with suppress(VanishedError):
                writer.add(path, f"data/{path.relative_to(folder).as_posix()}")
        missing = {n for b in bases for n in b["needs"] if f"data/{n}" not in writer.files}
        if missing - known and not last:
            return None, missing
        files = len(writer.files) - len(bases)
        manifest = {
            "format": FORMAT,
            "version": __version__,
            "made_at": now.isoformat(timespec="seconds"),
            "databases": [{k: v for k, v in b.items() if k != "needs"} for b in bases],
            "secrets": secrets,
            "missing": sorted(missing),
        }
        writer.finish(manifest)
    rows = sum(sum(b["counts"].values()) for b in bases)
    return Backup(target, target.stat().st_size, files, rows, tuple(sorted(missing))), missing


def _databases(folder: Path, scratch: Path, writer: Writer) -> Iterator[dict[str, Any]]:
    from django.db import connections

    for alias in sorted(connections):
        settings = connections[alias].settings_dict
        engine = engine_of(settings)
        name = f"databases/{alias}.{'sqlite3' if engine == 'sqlite' else 'dump'}"
        copy = scratch / Path(name).name
        said = dumped(connections[alias], copy)
        writer.add(copy, name)
        copy.unlink()
        yield {"alias": alias, "engine": engine, "file": name, **said}


def kept_files(folder: Path, *, secrets: bool = True) -> list[Path]:
    """List the files that a backup holds.

    Names with a dot in front are work in progress everywhere in the folder. Databases are copied apart.
    """
    found = []
    for here, folders, names in os.walk(folder):
        top = Path(here) == folder
        folders[:] = sorted(n for n in folders if not n.startswith(".") and not (top and n in OUT))
        for name in sorted(names):
            path = Path(here) / name
            if name.startswith(".") or path.is_symlink() or (top and (name in OUT or _base(name))):
                continue
            if top and name in SECRETS and not secrets:
                continue
            if not clean_name(path.relative_to(folder).as_posix()):
                raise CallError(f"the file {path} has a name that no backup can hold; rename it first")
            found.append(path)
    return found


def _base(name: str) -> bool:
    return bool(re.search(r"\.sqlite3(-wal|-shm|-journal)?$", name))


def rotate(place: Path, keep: int, newest: Path) -> list[Path]:
    """Remove the oldest backups, by the time in their names, until `keep` are left; return the removed."""
    mine = sorted(p for p in place.iterdir() if NAME.fullmatch(p.name) and p.is_file() and p != newest)
    gone = mine[: max(0, len(mine) + 1 - keep)]
    for path in gone:
        path.unlink()
    return gone


def _note(folder: Path, made: Backup, now: datetime) -> None:
    """Keep when the last one was made, for `doctor` and for the metrics: it may lie anywhere."""
    said = {"at": now.isoformat(timespec="seconds"), "file": str(made.path), "size": made.size,
            "sha256": sha256(made.path)}  # fmt: skip
    part = folder / f".{LAST}"
    part.write_text(json.dumps(said), encoding="utf-8")
    os.replace(part, folder / LAST)


def last_backup(folder: Path) -> datetime | None:
    """Return when the last backup was made, as far as the data folder knows."""
    try:
        return datetime.fromisoformat(json.loads((folder / LAST).read_text(encoding="utf-8"))["at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
