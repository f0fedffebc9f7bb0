"""What was published before: only what every reader could see, nothing that was held back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError, Group, Mechanism

from .blocks import Block

__all__ = ["Entry", "Ledger", "entry_of"]

FORMAT = 1
NOISY = (Mechanism.CELL_KEY, Mechanism.DP)


@dataclass(frozen=True, slots=True)
class Entry:
    """The published cells of one block.

    Parameters
    ----------
    number : int
        Number of the release, from 1.
    purpose, published : str
        Why, and when.
    level, date, universe : str
        What the cells are about.
    dimensions : tuple of (str, tuple of str)
        Names and categories.
    zones : tuple of str
        One unit per row.
    extents : tuple of tuple of str
        The zones that each unit is made of.
    cells : tuple of (float or None)
        What was shown, flattened; None where it was hidden.
    variance : float
        Of the noise in every shown cell; 0 when a shown cell is exact.
    """

    number: int
    purpose: str
    published: str
    level: str
    date: str
    universe: str
    dimensions: tuple[tuple[str, tuple[str, ...]], ...]
    zones: tuple[str, ...]
    extents: tuple[tuple[str, ...], ...]
    cells: tuple[float | None, ...]
    variance: float = 0.0

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the dimensions."""
        return tuple(name for name, _ in self.dimensions)

    @property
    def values(self) -> npt.NDArray[np.float64]:
        """The cells as an array (unit, ...), infinite where hidden."""
        shape = (len(self.zones), *(len(c) for _, c in self.dimensions))
        return np.array([np.inf if c is None else c for c in self.cells], dtype=np.float64).reshape(shape)

    def place(self, row: int, at: Sequence[int]) -> str:
        """Unit and group of one cell in words."""
        pairs = zip(self.dimensions, at, strict=True)
        group = Group(tuple((name, categories[i]) for (name, categories), i in pairs))
        return f"{self.level} {self.zones[row]}, {group}"

    def __str__(self) -> str:
        return f"release {self.number} ({self.purpose}, {self.published})"

    def to_dict(self) -> dict[str, Any]:
        """Return the plain JSON form."""
        out = {f.name: getattr(self, f.name) for f in fields(self)}
        out["dimensions"] = [[name, list(categories)] for name, categories in self.dimensions]
        out["extents"] = [list(e) for e in self.extents]
        return out | {"zones": list(self.zones), "cells": list(self.cells)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Entry:
        """Read the JSON form back."""
        rest = dict(data)
        rest["dimensions"] = tuple((name, tuple(categories)) for name, categories in rest["dimensions"])
        rest["extents"] = tuple(tuple(e) for e in rest["extents"])
        rest["zones"], rest["cells"] = tuple(rest["zones"]), tuple(rest["cells"])
        return cls(**rest)


@dataclass(frozen=True, slots=True)
class Ledger:
    """All releases so far, oldest first. Equal ledgers have equal text."""

    entries: tuple[Entry, ...] = ()

    @property
    def next_number(self) -> int:
        """Number of the release to come."""
        return max((e.number for e in self.entries), default=0) + 1

    def with_entries(self, entries: Sequence[Entry]) -> Ledger:
        """Return a ledger with these entries at its end."""
        return replace(self, entries=(*self.entries, *entries))

    def to_json(self) -> str:
        """Return the whole ledger as one JSON object."""
        data = {"format": FORMAT, "entries": [e.to_dict() for e in self.entries]}
        return json.dumps(data, ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Ledger:
        """Read a ledger back.

        Raises
        ------
        CallError
            If the text was written by a newer version.
        """
        data = json.loads(text)
        if data.get("format") != FORMAT:
            raise CallError(f"this ledger of releases has the format {data.get('format')}, known is {FORMAT}")
        return cls(tuple(Entry.from_dict(e) for e in data["entries"]))


def entry_of(block: Block, number: int, purpose: str, published: str) -> Entry:
    """Write down what `block` shows, and only that."""
    counts = block.counts
    shown = counts.mechanism < Mechanism.INTERVAL
    noisy = bool(shown.any()) and bool(np.isin(counts.mechanism[shown], NOISY).all())
    cells = zip(counts.values.reshape(-1).tolist(), shown.reshape(-1).tolist(), strict=True)
    return Entry(
        number=number,
        purpose=purpose,
        published=published,
        level=block.level,
        date=counts.date,
        universe=counts.universe,
        dimensions=tuple((d.name, d.categories) for d in counts.dimensions),
        zones=tuple(str(z) for z in counts.zone_ids),
        extents=tuple(tuple(sorted(e)) for e in block.extents),
        cells=tuple(value if seen else None for value, seen in cells),
        variance=counts.parameter if noisy else 0.0,
    )
