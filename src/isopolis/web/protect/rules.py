"""Time limits: how long something is kept, and what removes it afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

__all__ = ["Rule", "remove_files", "remove_rows", "skip_none"]

Clean = Callable[[datetime, bool], int]


@dataclass(frozen=True, slots=True)
class Rule:
    """One time limit.

    Parameters
    ----------
    key : str
        Name that records use.
    says : str
        The limit in words; ``%(days)s`` is the value of the option.
    option : str
        Name of the setting that holds the number of days, if there is one.
    clean : callable, optional
        Removes what is older than the moment it is given, or only counts when the second argument is
        true. None when the thing goes with something else.
    """

    key: str
    says: Any
    option: str = ""
    clean: Clean | None = None

    @property
    def days(self) -> int:
        """Value of the option; 0 when there is none."""
        return int(settings.OPTIONS[self.option]) if self.option else 0

    def __str__(self) -> str:
        return str(self.says) % {"days": self.days}

    def run(self, now: datetime, dry: bool) -> int:
        """Remove what is too old at `now`; return how many things, or how many it would be."""
        return self.clean(now - timedelta(days=self.days), dry) if self.clean else 0


def remove_rows(rows: Any, dry: bool) -> int:
    """Delete the rows of a query, or count them."""
    count: int = rows.count()
    if count and not dry:
        rows.delete()
    return count


def remove_files(folder: Path, before: datetime, dry: bool) -> int:
    """Delete files of a folder that nobody has written to since `before`, or count them."""
    old = [p for p in skip_none(folder) if p.stat().st_mtime < before.timestamp()]
    if not dry:
        for path in old:
            path.unlink(missing_ok=True)
    return len(old)


def skip_none(folder: Path) -> Iterable[Path]:
    """Return the plain files of a folder, none when there is no folder; links are not followed."""
    if not folder.is_dir():
        return []
    return sorted(p for p in folder.rglob("*") if p.is_file() and not p.is_symlink())
