"""One table and everything that can be added up from it: every level of zones × every margin.

Disclosure control must look at all of these together, because a reader can subtract any of
them from any other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError, Counts, Group

__all__ = ["CITY", "ZONE", "Block", "blocks", "gather"]

ZONE = "zone"
CITY = "city"

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """The cells of one level and one margin.

    Parameters
    ----------
    level : str
        ``zone``, the name of a level of parents, or ``city``.
    counts : Counts
        One row per unit of the level; dimensions in alphabetical order.
    extents : tuple of frozenset of str
        The zones that each row is made of.
    """

    level: str
    counts: Counts
    extents: tuple[frozenset[str], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the dimensions crossed."""
        return tuple(d.name for d in self.counts.dimensions)

    def place(self, flat: int) -> tuple[str, str]:
        """Return the names of the unit and of the group of one cell, given its flat position."""
        row, *at = np.unravel_index(flat, self.counts.values.shape)
        pairs = zip(self.counts.dimensions, at, strict=True)
        group = Group(tuple((d.name, d.categories[int(i)]) for d, i in pairs))
        unit = str(self.counts.zone_ids[int(row)])
        return (unit if self.level in (ZONE, CITY) else f"{self.level}:{unit}"), str(group)


def gather(counts: Counts, labels: npt.ArrayLike, ids: Sequence[str]) -> Counts:
    """Add up the zones that carry the same label.

    Parameters
    ----------
    counts : Counts
    labels : (Z,) array of str
        Where each zone belongs; labels that are not in `ids` are left out.
    ids : sequence of str
        The units wanted, in this order.

    Returns
    -------
    Counts
        One row per unit; a sum is known as badly as its worst part.
    """
    position = {unit: i for i, unit in enumerate(ids)}
    where = np.array([position.get(str(label), -1) for label in np.asarray(labels, object)])
    inside = where >= 0
    shape = (len(ids), *counts.values.shape[1:])

    def add(array: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        out = np.zeros(shape)
        np.add.at(out, where[inside], array[inside])
        return out

    def bound(array: npt.NDArray[np.float64] | None) -> npt.NDArray[np.float64] | None:
        unknown = counts.hidden | counts.absent
        return None if array is None else add(np.where(unknown, array, counts.values))

    mechanism = np.zeros(shape, np.uint8)
    np.maximum.at(mechanism, where[inside], counts.mechanism[inside])
    squares = None if counts.se is None else add(counts.se**2)
    return replace(
        counts,
        zone_ids=np.array(list(ids), dtype=object),
        values=add(counts.values),
        mechanism=mechanism,
        lower=bound(counts.lower),
        upper=bound(counts.upper),
        se=None if squares is None else np.sqrt(squares),
    )


def blocks(counts: Counts, parents: Mapping[str, npt.ArrayLike] | None = None) -> tuple[Block, ...]:
    """Return every level × every margin of one table.

    Parameters
    ----------
    counts : Counts
    parents : mapping of str to (Z,) array of str, optional
        Levels of parents, finest first, as in `Zones.parents`; a zone without a parent has an
        empty text there.

    Returns
    -------
    tuple of Block
        Levels from ``zone`` to ``city``; within a level the full crossing first.
    """
    ids = [str(i) for i in counts.zone_ids]
    levels: list[tuple[str, Counts, tuple[frozenset[str], ...]]] = [
        (ZONE, counts, tuple(frozenset([i]) for i in ids))
    ]
    everywhere = {} if CITY in (parents or {}) else {CITY: np.full(len(ids), CITY, dtype=object)}
    for name, labels in {**(parents or {}), **everywhere}.items():
        if name == ZONE:
            raise CallError(f'a level of parents cannot be called "{ZONE}"')
        texts = ["" if label is None else str(label) for label in np.asarray(labels, object)]
        if len(texts) != len(ids):
            raise CallError(f'the level "{name}" must give one parent per zone')
        units = list(dict.fromkeys(t for t in texts if t))
        made_of: dict[str, set[str]] = {unit: set() for unit in units}
        for zone, unit in zip(ids, texts, strict=True):
            if unit:
                made_of[unit].add(zone)
        extents = tuple(frozenset(made_of[unit]) for unit in units)
        levels.append((name, gather(counts, texts, units), extents))
    names = sorted(d.name for d in counts.dimensions)
    kept = [c for n in range(len(names), -1, -1) for c in combinations(names, n)]
    return tuple(
        Block(level, table.margin(*names_), extents) for level, table, extents in levels for names_ in kept
    )
