"""How labels are compared: small letters, no accents, and by shared letter triples."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Sequence

__all__ = ["folded", "likeness", "plain", "tokens", "triples"]

_GAPS = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """Return `text` in small letters, with single spaces and without punctuation."""
    return _GAPS.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


@functools.lru_cache(maxsize=65536)
def folded(text: str) -> str:
    """Return `plain` text without accents and vowel marks, so that "sante" finds "santé".

    Turkish dotless ı counts as i. Cyrillic й and ё lose their marks too; the same is done to what
    is searched and to what is found.
    """
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold().replace("ı", "i"))
    bare = "".join(c for c in apart if not unicodedata.combining(c))
    return _GAPS.sub(" ", unicodedata.normalize("NFC", bare)).strip()


def tokens(text: str, lang: str = "") -> Sequence[str]:
    """Return the words of a text as they are compared when no analyser of a language is given."""
    return folded(text).split()


@functools.lru_cache(maxsize=65536)
def triples(text: str) -> frozenset[str]:
    """Return the letter triples of a word, with its beginning and end."""
    padded = f"  {folded(text)} "
    return frozenset(padded[i : i + 3] for i in range(len(padded) - 2))


def likeness(a: str, b: str) -> float:
    """Return how alike two words are, from 0 to 1: shared letter triples over all (Dice)."""
    one, other = triples(a), triples(b)
    return 2 * len(one & other) / (len(one) + len(other))
