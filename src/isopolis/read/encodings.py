"""Which letters the bytes of a text mean, when the file does not say so."""

from __future__ import annotations

import re

__all__ = ["GUESSED", "sniff_encoding"]

# the frequent letters of the languages that are written so; what fits none is read as western European
_LATIN = {
    "cp1252": "äöüßéèêàâçôùîñóáíúæøåãõìòœ",
    "cp1250": "ąćęłńóśźżčďěňřšťůžýáíéúőűäöüăâîđ",
    "cp1257": "ąčęėįšųūžāēģīķļņõäöü",
    "cp1254": "ığüşöçâî",
}
_OTHER = {
    "cp1251": "оаеинтсрвлкдпмузя",
    "cp1253": "αοιετσνηυρςκπάίόέήώύ",
    "cp1256": "اليمنوترةبدعسفقهك",
}
_NOT_IN_CP1252 = {0x81, 0x8D, 0x8F, 0x90, 0x9D}
_WORD = re.compile(r"[^\W\d_]+")

GUESSED = (*_LATIN, *_OTHER, "latin-1")
"""Encodings that are a guess, which has to be said."""


def sniff_encoding(head: bytes, whole: bool) -> str:
    """Name the encoding of a file from its first bytes; `whole` when they are all of it."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if head.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if head[:2000].count(0) > len(head[:2000]) // 4:
        return "utf-16-le" if head[1:2] == b"\0" else "utf-16-be"
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        if whole or error.start < len(head) - 4:
            return _one_byte_encoding(head)
    return "utf-8"


def _one_byte_encoding(head: bytes) -> str:
    fits = {name: _fit(head, name, letters, mixed=True) for name, letters in _LATIN.items()}
    fits |= {name: _fit(head, name, letters, mixed=False) for name, letters in _OTHER.items()}
    best = max(fits, key=lambda name: fits[name])  # the first of equal ones
    if best == "cp1252" and set(head) & _NOT_IN_CP1252:
        return "latin-1"
    return best


def _fit(head: bytes, encoding: str, letters: str, *, mixed: bool) -> float:
    """Return which share of the signs beyond ASCII are frequent letters, in words that can be.

    Words of the Latin alphabet mix both (`mixed`); words of another alphabet have no ASCII letter.
    """
    try:
        text = head.decode(encoding)
    except UnicodeDecodeError:
        return 0.0
    good, beyond = 0, sum(not c.isascii() for c in text)
    for word in _WORD.findall(text):
        strange = sum(not c.isascii() for c in word)
        if (strange < len(word) or len(word) < 3) if mixed else strange == len(word):
            good += sum(c in letters for c in word.lower() if not c.isascii())
    return good / max(beyond, 1)
