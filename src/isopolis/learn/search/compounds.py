"""Words written together: ``Kinderbetreuungsplätze`` is found by ``Betreuung`` and ``Kinderbetreuung``.

A word is taken apart only when known words cover all of it, with the letters that a language puts
between them; the list of known words is shipped (``search/compounds.yaml``) and short on purpose.
After Koehn & Knight (2003), "Empirical methods for compound splitting", EACL, pp. 187–193, without
their corpus counts.
"""

from __future__ import annotations

import functools

from isopolis import content

from .letters import fold

__all__ = ["parts_of"]

SHORTEST = 8
MOST_PARTS = 5


@functools.cache
def _known(lang: str) -> tuple[frozenset[str], tuple[str, ...]]:
    found = content.read("search/compounds.yaml")["languages"].get(lang)
    if not found:
        return frozenset(), ()
    return frozenset(fold(w) for w in found["words"].split()), ("", *found["between"].split())


def parts_of(word: str, lang: str) -> tuple[str, ...]:
    """Return the words inside a word: each part and each run of neighbours, never the word itself.

    Empty when it is no compound of known words.
    """
    words, between = _known(lang)
    if not words or len(word) < SHORTEST:
        return ()
    plain = fold(word)
    found = _cover(plain, words, between, MOST_PARTS)
    if len(found) < 2:
        return ()
    runs = [
        plain[found[i][0] : found[j][1]]
        for i in range(len(found))
        for j in range(i, len(found))
        if (i, j) != (0, len(found) - 1)
    ]
    return tuple(dict.fromkeys(runs))


def _cover(
    word: str, words: frozenset[str], between: tuple[str, ...], most: int, start: int = 0
) -> list[tuple[int, int]]:
    """Cover `word` from `start` on by known words, longest first; empty when it cannot be done."""
    if most == 0:
        return []
    for end in range(len(word), start + 2, -1):
        if word[start:end] not in words:
            continue
        if end == len(word):
            return [(start, end)]
        for joint in between:
            if word.startswith(joint, end):
                rest = _cover(word, words, between, most - 1, end + len(joint))
                if rest:
                    return [(start, end), *rest]
    return []
