"""Replacing what is in a folder by what is in another, all of it or nothing, even when cut off.

A folder may be the root of a disk of its own, which cannot be renamed, so its entries are. Old ones go
into a folder beside them, then new ones come; the rename of that folder is the moment of truth.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Collection
from pathlib import Path

__all__ = ["put_in_place", "recover", "sweep"]

OLD, ALL_OUT = ".before-restore", ".all-out"
DONE = ".replaced"


def put_in_place(folder: Path, fresh: Path, stays: Collection[str]) -> None:
    """Move the entries of `fresh` into `folder`, in the place of all but hidden ones and those of `stays`."""
    old = folder / OLD
    old.mkdir(mode=0o700)
    (old / ".stays").write_text("\n".join(sorted(stays)), encoding="utf-8")
    try:
        for path in _entries(folder, stays):
            os.rename(path, old / path.name)
        (old / ALL_OUT).touch()
        for path in _entries(fresh, ()):
            os.rename(path, folder / path.name)
    except BaseException:
        recover(folder)
        raise
    done = folder / DONE
    shutil.rmtree(done, ignore_errors=True)
    os.rename(old, done)
    shutil.rmtree(done, ignore_errors=True)


def recover(folder: Path) -> bool:
    """Undo an exchange that was cut off before its end; tell whether there was one."""
    shutil.rmtree(folder / DONE, ignore_errors=True)
    old = folder / OLD
    if not old.is_dir():
        return False
    stays = (old / ".stays").read_text(encoding="utf-8").splitlines() if (old / ".stays").is_file() else []
    if (old / ALL_OUT).exists():  # whatever is here now is new
        for path in _entries(folder, stays):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        # until the old ones start to come back, a second try must still see new ones only
        (old / ALL_OUT).unlink()
    for path in _entries(old, ()):
        os.rename(path, folder / path.name)
    shutil.rmtree(old, ignore_errors=True)
    return True


def sweep(folder: Path) -> None:
    """Remove what commands that were cut off have left; a backup that still runs is younger than a day."""
    yesterday = time.time() - 24 * 3600
    left = [*folder.glob(".restore-*"), *folder.glob(".undo-*")]
    copies = [*folder.glob(".backup-*"), *(folder / "backups").glob(".isopolis-*.part")]
    for path in [*left, *(p for p in copies if p.stat().st_mtime < yesterday)]:
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def _entries(folder: Path, stays: Collection[str]) -> list[Path]:
    return sorted(p for p in folder.iterdir() if not p.name.startswith(".") and p.name not in stays)
