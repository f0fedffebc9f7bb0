"""From vertices and pieces of way to `Streets`: lengths, tags, separate parts, what has to be said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from isopolis.model import Problems
from isopolis.model.text import count, phrase, phrases

__all__ = ["EARTH", "SMALL_PART", "TagColumns", "millimetres", "parts_of", "say_parts"]

EARTH = 6_371_008.8
"""Mean radius of the Earth in metres (IUGG)."""
SMALL_PART = 100
"""A part of the network with fewer vertices than this is called small."""
_LONGEST = 2_000_000_000  # what an int32 of millimetres holds, and a little less

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]


@dataclass(slots=True)
class TagColumns:
    """Tags gathered row by row and kept by key: rows without a tag take no memory.

    Parameters
    ----------
    keys : collection of str
        Keys to keep.
    """

    keys: frozenset[str]
    rows: dict[str, list[int]] = field(default_factory=dict)
    values: dict[str, list[str]] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)

    def add(self, row: int, tags: Mapping[str, str]) -> None:
        """Keep the tags of one row that are wanted and not empty."""
        for key, value in tags.items():
            if value and (key in self.keys or key == "square"):
                self.rows.setdefault(key, []).append(row)
                # one copy of each word, however many ways say it
                self.values.setdefault(key, []).append(self.words.setdefault(value, value))

    def arrays(self, position: Ints, many: int) -> dict[str, Texts]:
        """Return (many,) arrays of str by key, empty where a row has no such tag.

        Parameters
        ----------
        position : (rows,) array of int
            Where each row went; -1 for a row that is left out.
        many : int
        """
        out = {}
        for key in sorted(self.rows):
            to = position[np.array(self.rows[key], dtype=np.int64)]
            values = np.array(self.values[key], dtype=object)
            if (to >= 0).any():
                column = np.full(many, "", dtype=object)
                column[to[to >= 0]] = values[to >= 0]
                out[key] = column
        return out


def millimetres(lon: Floats, lat: Floats, tail: npt.ArrayLike, head: npt.ArrayLike) -> npt.NDArray[np.int32]:
    """(E,) length of edges along the great circle, whole millimetres, at least 1.

    Haversine formula (R. W. Sinnott, Sky and Telescope 68, 1984, p. 159) on a sphere of `EARTH` metres.

    Parameters
    ----------
    lon, lat : (N,) arrays, degrees
    tail, head : (E,) arrays of int
    """
    a, b = np.asarray(tail), np.asarray(head)
    first, second = np.radians(lat[a]), np.radians(lat[b])
    across = np.radians(lon[b] - lon[a])
    h = np.sin((second - first) / 2) ** 2 + np.cos(first) * np.cos(second) * np.sin(across / 2) ** 2
    metres = 2 * EARTH * np.arcsin(np.sqrt(np.clip(h, 0, 1)))
    return np.clip(np.rint(metres * 1000), 1, _LONGEST).astype(np.int32)


def parts_of(nodes: int, tail: npt.ArrayLike, head: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """(N,) label of the part that each vertex belongs to: its lowest vertex.

    Labels are handed on along edges, then shortcut to the label of the label, until nothing changes
    (Y. Shiloach and U. Vishkin, Journal of Algorithms 3, 1982, pp. 57-67).
    """
    label = np.arange(nodes, dtype=np.int64)
    a, b = np.asarray(tail, dtype=np.int64), np.asarray(head, dtype=np.int64)
    while True:
        low = np.minimum(label[a], label[b])
        before = label.copy()
        # hook whole trees: the lower label goes to the roots of both ends
        np.minimum.at(label, before[a], low)
        np.minimum.at(label, before[b], low)
        while True:
            shorter = label[label]
            if (shorter == label).all():
                break
            label = shorter
        if (label == before).all():
            return label


def say_parts(nodes: int, tail: npt.ArrayLike, head: npt.ArrayLike, file: str, problems: Problems) -> None:
    """Say when the network falls into parts; all of them are kept."""
    if not nodes:
        return
    sizes = np.bincount(parts_of(nodes, tail, head), minlength=nodes)
    sizes = sizes[sizes > 0]
    if len(sizes) < 2:
        return
    small, rest = int((sizes < SMALL_PART).sum()), int(nodes - sizes.max())
    said = phrases(
        "the streets fall into {n} part; {small} have fewer than {limit} vertices, and {rest} of {all} "
        "vertices are not connected to the largest part",
        "the streets fall into {n} parts; {small} have fewer than {limit} vertices, and {rest} of {all} "
        "vertices are not connected to the largest part",
        len(sizes),
        small=count(small),
        limit=SMALL_PART,
        rest=count(rest),
        all=count(nodes),
    )
    problems.caveat(
        "street-parts",
        said,
        file=file,
        count=len(sizes),
        hint=phrase("All parts are kept. Whoever starts on a small part reaches only what lies on it."),
    )
