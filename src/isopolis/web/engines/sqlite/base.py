"""SQLite over connections that stay open, as long as they still lead to the file of that name."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

from django.db.backends.sqlite3 import base

__all__ = ["DatabaseWrapper", "only_existing"]

_may_create = True


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

    def is_usable(self) -> bool:
        """Tell whether the name still leads to the file that was opened."""
        return self.is_in_memory_db() or (self.opened is not None and self.opened == self._file())

    def _file(self) -> tuple[int, int] | None:
        try:
            found = os.stat(Path(str(self.settings_dict["NAME"])))
        except OSError:
            return None
        return found.st_dev, found.st_ino
