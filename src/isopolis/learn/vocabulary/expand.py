"""Say what somebody searches for in every language: find concepts in a text, give all their labels."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from .vocabulary import Vocabulary
from .words import tokens

__all__ = ["Analyse", "Expansion", "expand"]

MOST_WORDS = 64
Analyse = Callable[[str, str], Sequence[str]]
"""A text and its language → its words as they are compared; ``learn.search.analyse`` is one."""


@dataclass(frozen=True)
class Expansion:
    """One concept found in a text.

    Parameters
    ----------
    concept : str
        Its id.
    words : tuple of str
        The words of the text that gave it, as compared.
    start, stop : int
        Their place among the words of the text, the last not included.
    lang : str
        The language of the label that was found.
    labels : mapping of str to tuple of str
        All labels of the concept by language.
    """

    concept: str
    words: tuple[str, ...]
    start: int
    stop: int
    lang: str
    labels: Mapping[str, tuple[str, ...]] = field(hash=False)


_Table = dict[tuple[str, ...], list[tuple[str, str]]]
_MADE: weakref.WeakKeyDictionary[Vocabulary, dict[tuple[str, Analyse], _Table]] = weakref.WeakKeyDictionary()


def expand(
    vocabulary: Vocabulary, text: str, lang: str | None = None, analyse: Analyse = tokens
) -> tuple[Expansion, ...]:
    """Return the concepts that a text names, each with its labels in all languages.

    Longest labels are taken first and a word is used once; where a word means several concepts
    (childcare is a service and a theme) all of them are given. Only the first 64 words count.

    Parameters
    ----------
    vocabulary : Vocabulary
    text : str
    lang : str, optional
        The language of the text; labels of that language and of English are looked for. Without it,
        labels of every language.
    analyse : callable, optional
        How words are compared, per language: give the analyser of the search to find inflected forms.
    """
    spoken = [lang] if lang else []
    spoken += ["en"] if lang and lang != "en" else []
    every = spoken or sorted({code for c in vocabulary.concepts.values() for code in c.labels})
    found: list[Expansion] = []
    taken: set[int] = set()
    for code in every:
        words = tuple(analyse(text, code))[:MOST_WORDS]
        found += _in_words(vocabulary, words, _table(vocabulary, code, analyse), taken if lang else set())
    unique = {(e.concept, e.start, e.stop): e for e in reversed(found)}
    return tuple(sorted(unique.values(), key=lambda e: (e.start, -e.stop, e.concept)))


def _in_words(
    vocabulary: Vocabulary, words: tuple[str, ...], table: _Table, taken: set[int]
) -> list[Expansion]:
    found = []
    longest = min(max(map(len, table), default=0), len(words))
    for size in range(longest, 0, -1):
        for start in range(len(words) - size + 1):
            place = range(start, start + size)
            hits = table.get(words[start : start + size], ())
            if not hits or taken.intersection(place):
                continue
            taken.update(place)
            found += [
                Expansion(id, words[start : start + size], start, start + size, code, vocabulary.labels(id))
                for id, code in hits
            ]
    return found


def _table(vocabulary: Vocabulary, lang: str, analyse: Analyse) -> _Table:
    made = _MADE.setdefault(vocabulary, {})
    if (lang, analyse) not in made:
        table: _Table = {}
        for concept in vocabulary.concepts.values():
            for label in concept.labels.get(lang, ()):
                key = tuple(analyse(label, lang))
                entry = (concept.id, lang)
                if key and entry not in table.setdefault(key, []):
                    table[key].append(entry)
        made[lang, analyse] = table
    return made[lang, analyse]
