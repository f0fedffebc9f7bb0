"""What a worry is about: words of a thesaurus in many languages, looked for in what was said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

__all__ = ["MOST_WORDS", "Analyse", "Entry", "Thesaurus", "thesaurus_of", "topic_of"]

Analyse = Callable[[str, str], Sequence[str]]
"""A text and its language → its words as they are compared."""

MOST_WORDS = 300
"""Words of a text that count."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One word or phrase of the thesaurus in one language.

    Parameters
    ----------
    topic : str
        Id of the topic.
    language : str
    words : str
    weight : int
        The larger one wins where two phrases of the same length are in one text.
    """

    topic: str
    language: str
    words: str
    weight: int = 0


@dataclass(frozen=True, slots=True)
class Thesaurus:
    """By language: phrase, as words are compared → (topic, weight); and the longest phrase."""

    tables: Mapping[str, Mapping[tuple[str, ...], tuple[str, int]]]
    longest: int
    analyse: Analyse

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages with words."""
        return tuple(self.tables)


def thesaurus_of(entries: Iterable[Entry], analyse: Analyse) -> Thesaurus:
    """Make a thesaurus; of entries with the same words the weightiest stays, then the first.

    Parameters
    ----------
    entries : iterable of Entry
    analyse : callable
        How words are compared, such as by their stems.
    """
    tables: dict[str, dict[tuple[str, ...], tuple[str, int]]] = {}
    longest = 0
    for entry in entries:
        key = tuple(analyse(entry.words, entry.language))
        table = tables.setdefault(entry.language, {})
        if key and (key not in table or table[key][1] < entry.weight):
            table[key] = (entry.topic, entry.weight)
            longest = max(longest, len(key))
    return Thesaurus(tables, longest, analyse)


def topic_of(text: str, languages: Sequence[str], thesaurus: Thesaurus) -> str:
    """Return the topic whose words stand in a text; empty when there are none.

    The longest phrase wins, then the weightier, then the one that stands first.

    Parameters
    ----------
    text : str
    languages : sequence of str
        Languages it may be written in; more than one when that is not known.
    thesaurus : Thesaurus
    """
    best: tuple[int, int, int] | None = None
    topic = ""
    for language in languages:
        table = thesaurus.tables.get(language)
        if not table:
            continue
        words = tuple(thesaurus.analyse(text, language))[:MOST_WORDS]
        for start in range(len(words)):
            for size in range(min(thesaurus.longest, len(words) - start), 0, -1):
                hit = table.get(words[start : start + size])
                if hit and (best is None or (size, hit[1], -start) > best):
                    best, topic = (size, hit[1], -start), hit[0]
    return topic
