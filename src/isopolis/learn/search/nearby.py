"""For a word that stands in no record: words that begin like it, said visibly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from isopolis.model.text import phrase

from .analyser import encoded
from .index import Index
from .letters import cut, fold, lower
from .logic import Any, Phrase, pruned
from .query import Asked, Item, Part, Term

__all__ = ["FEWEST", "with_nearby"]

FEWEST = 4
"""Letters that must be the same."""


def with_nearby(index: Index, asked: Asked, seen: Mapping[str, int]) -> tuple[Asked, dict[str, int]]:
    """Replace unknown words by those of the index that begin alike.

    A word may lose letters at its end, at most half of them, as long as `FEWEST` are left; the
    longest beginning that any word has is taken. This is how inflected forms are found that no
    stemmer brings together. Phrases stay as they are.

    Returns
    -------
    (Asked, dict)
        With a note for each word replaced, and in how many records the new tokens stand.
    """
    more: dict[str, int] = {}
    parts, notes = [], list(asked.notes)
    for part in asked.parts:
        item = asked.items[part.items[0]]
        known = pruned(part.logic, seen.__contains__) is not None
        start, found = ("", {}) if known or len(part.items) > 1 else _alike(index, item)
        if not found:
            parts.append(part)
            continue
        more |= found
        notes.append(
            phrase("“{word}” is in no record; searched for words that begin with “{start}”.",
                   word=item.words, start=start)
        )  # fmt: skip
        phrases = tuple((token,) for token in found)
        logic = Any(tuple(Phrase(p) for p in phrases))
        parts.append(Part(part.said, part.items, logic, (Term(part.said, phrases, 1.0),)))
    return replace(asked, parts=tuple(parts), notes=tuple(notes)), more


def _alike(index: Index, item: Item) -> tuple[str, dict[str, int]]:
    words = cut(lower(item.words))
    if item.phrase or len(words) != 1:
        return "", {}
    word = fold(words[0])
    for letters in range(len(word) - 1, max(FEWEST, (len(word) + 1) // 2) - 1, -1):
        # an encoded word begins as its beginning does, also in hexadecimal
        found = index.beginning(encoded(word[:letters]))
        if found:
            return word[:letters], found
    return "", {}
