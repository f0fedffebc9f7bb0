"""What the tables of a folder look like, for a person who says what each column means."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["SeenColumn", "SeenTable", "seen"]

SAMPLES, LONGEST = 3, 40


@dataclass(frozen=True, slots=True)
class SeenColumn:
    """A column: its heading, its first different values, whether they are numbers."""

    name: str
    samples: tuple[str, ...]
    numeric: bool


@dataclass(frozen=True, slots=True)
class SeenTable:
    """A table that can be read, or the attributes of a file of outlines.

    Parameters
    ----------
    file, sheet : str
        Where it stands; `sheet` only when a workbook has one sheet per date.
    outlines : bool
        Whether the file holds outlines.
    rows : int
        Rows looked at: all, or the first 200,000.
    columns : tuple of SeenColumn
    """

    file: str
    sheet: str
    outlines: bool
    rows: int
    columns: tuple[SeenColumn, ...]


def seen(folder: Path) -> list[SeenTable]:
    """Look at every readable table of `folder`; files that cannot be read are left out."""
    from isopolis.read.guess_files import scan

    files, _, _ = scan(folder)
    out = []
    for found in files:
        columns = tuple(
            SeenColumn(name, _samples(found.table[name]), bool(look.numeric))
            for name, look in found.looks.columns.items()
        )
        out.append(SeenTable(found.name, found.sheet, found.outlines, len(found.table), columns))
    return out


def _samples(column: Any) -> tuple[str, ...]:
    kept: dict[str, None] = {}
    for row in range(min(50, len(column))):
        text = str(column.at(row)).strip()[:LONGEST]
        if text:
            kept.setdefault(text)
        if len(kept) == SAMPLES:
            break
    return tuple(kept)
