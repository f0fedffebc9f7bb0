"""One lock per data folder: servers share it, a restore or an upgrade needs it alone.

The lock belongs to the open file, so the operating system frees it when the last process that holds it
ends, however it ends. A file with a process number in it would outlive a power cut.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from isopolis.model import CallError

__all__ = ["LOCK", "alone", "hold", "share"]

LOCK = "isopolis.lock"


def hold(folder: Path, *, exclusive: bool) -> int:
    """Take the lock and return the open file; closing it gives the lock back.

    Raises
    ------
    CallError
        If somebody else holds the lock in a way that does not go together.
    """
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(handle, exclusive)
    except OSError:
        os.close(handle)
        raise CallError(
            f"the data folder {folder} is in use: a server runs on it, or is being upgraded or restored; "
            "stop that first, then run the command again"
        ) from None
    return handle


def share(handle: int) -> None:
    """Let others in that share, too."""
    _lock(handle, exclusive=False)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep servers away meanwhile."""
    handle = hold(folder, exclusive=True)
    try:
        yield
    finally:
        os.close(handle)


def _lock(handle: int, exclusive: bool) -> None:
    if sys.platform == "win32":
        import msvcrt

        if exclusive:  # Windows knows no shared lock: one server per folder there
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
