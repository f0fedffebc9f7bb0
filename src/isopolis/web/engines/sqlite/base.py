"""SQLite over connections that stay open, as long as they still lead to the file of that name."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from django.db import OperationalError
from django.db.backends.sqlite3 import base

__all__ = ["DatabaseWrapper", "only_existing"]

_may_create = True
_next: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
"""By file: who holds it is the next of this process to change something; the others wait here."""

PAUSE = 0.001
"""Seconds between two looks at whether the change of another process is done."""


def only_existing() -> None:
    """Never make a new file in this process: an empty database in the place of a lost one answers wrongly."""
    global _may_create
    _may_create = False


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's wrapper that knows which file it has opened."""

    opened: tuple[int, int] | None = None

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect, unless that would make a file where one must be."""
        if not _may_create and self._file() is None and not self.is_in_memory_db():
            raise sqlite3.OperationalError("unable to open database file: it is not there")
        made = super().get_new_connection(conn_params)
        self.opened = self._file()
        return made

    def _start_transaction_under_autocommit(self) -> None:
        """Begin a change when it is its turn.

        SQLite lets writers ask again after pauses that grow to 100 ms: who has waited long asks seldom, and
        newcomers go before. Here one thread of each process asks, every millisecond, so that processes have
        equal chances and the threads of one wait for each other. As SQLite's own wait it ends with an error.
        """
        if self.transaction_mode != "IMMEDIATE" or self.is_in_memory_db():
            super()._start_transaction_under_autocommit()
            return
        limit = float(self.settings_dict["OPTIONS"]["timeout"])
        until, turn = time.monotonic() + limit, _next[str(self.settings_dict["NAME"])]
        if not turn.acquire(timeout=limit):
            raise OperationalError("database is locked")
        try:
            with self.wrap_database_errors:
                self._begin(until, round(limit * 1000))
        finally:
            turn.release()

    def _begin(self, until: float, patience: int) -> None:
        link, as_before = self.connection, f"PRAGMA busy_timeout = {patience:d}"
        link.execute("PRAGMA busy_timeout = 0")
        try:
            while True:
                try:
                    link.execute("BEGIN IMMEDIATE")
                    return
                except sqlite3.OperationalError as error:
                    # the lowest byte is the kind of error, what is above says more of it
                    if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                        raise
                time.sleep(PAUSE)
        finally:
            link.execute(as_before)

    def is_usable(self) -> bool:
        """Tell whether the name still leads to the file that was opened."""
        return self.is_in_memory_db() or (self.opened is not None and self.opened == self._file())

    def _file(self) -> tuple[int, int] | None:
        try:
            found = os.stat(Path(str(self.settings_dict["NAME"])))
        except OSError:
            return None
        return found.st_dev, found.st_ino
