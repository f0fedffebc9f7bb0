"""Letters before words: how a text of any script is folded and cut, the same on every database."""

from __future__ import annotations

import functools
import re
import unicodedata

__all__ = ["LATIN_ONLY", "cut", "fold", "lower", "script"]

_DOTTED = frozenset({"tr", "az"})
_APOSTROPHES = str.maketrans(dict.fromkeys("’ʼ‘`´＇ʹ", "'"))
# French and Irish, Italian, Catalan, Maltese write their articles onto the word
_ELIDED = (
    "aujourd|all|agl|b|c|ch|coll|d|dagl|dall|degl|dell|fl|gl|j|jusqu|l|lorsqu|m|mh|n|negl|nell|puisqu|qu|quell|"
    "quelqu|quest|quoiqu|s|sant|sull|sugl|t|un"
)
_ELISION = re.compile(rf"(?<!\w)(?:{_ELIDED})'(?=[^\W\d_]{{2}})")
_OWNED = re.compile(r"(?<=[^\W\d_])'s(?!\w)")
_INSIDE = re.compile(r"(?<=[\u0400-\u052f])'(?=[\u0400-\u052f])")
_WORD = re.compile(r"[^\W_]+")
# what has no decomposition in Unicode, and is typed without by those who lack the key
_PLAIN = str.maketrans({
    "ı": "i", "ł": "l", "đ": "d", "ð": "d", "ø": "o", "æ": "ae", "œ": "oe", "þ": "th", "ħ": "h", "ŧ": "t",
    "ß": "ss", "ς": "σ", "ٱ": "ا", "ى": "ي", "ة": "ه", "ک": "ك", "ی": "ي", "ھ": "ه", "ѝ": "и",
})  # fmt: skip
_OWN_LETTER = {"и": "\u0306", "і": "\u0308", "у": "\u0306"}
"""Cyrillic letters whose mark makes another letter: й, ї, ў."""
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
)
LATIN_ONLY = re.compile(r"[\u0000-\u024f\u1e00-\u1eff]+")


def lower(text: str, lang: str = "") -> str:
    """Return `text` in one form (NFKC) and in small letters, with marks, without what joins words.

    Turkish and Azerbaijani keep their two letters i apart. Arabic vowel marks and the stretching
    line go, digits of every script become those of ASCII.
    """
    text = unicodedata.normalize("NFKC", text).translate(_APOSTROPHES)
    if lang in _DOTTED:
        text = text.replace("I", "ı").replace("İ", "i")
    # dot above, left over from the capital dotted I
    text = unicodedata.normalize("NFC", text.casefold().replace("i\u0307", "i"))
    if "'" in text:
        text = _INSIDE.sub("", _OWNED.sub("", _ELISION.sub("", text)))
    return text if text.isascii() else "".join(map(_letter, text))


@functools.lru_cache(maxsize=4096)
def _letter(letter: str) -> str:
    if letter == "\u0640" or unicodedata.combining(letter) or unicodedata.category(letter) in ("Mn", "Cf"):
        return "" if unicodedata.category(letter) != "Mc" else letter
    digit = unicodedata.digit(letter, None) if not letter.isascii() else None
    return letter if digit is None else str(digit)


def cut(text: str) -> list[str]:
    """Cut what `lower` returned into words; scripts without spaces into pairs of letters."""
    words: list[str] = []
    for word in _WORD.findall(text):
        if word.isascii() or not _UNSPACED.search(word):
            words.append(word)
        else:
            words += _pairs(word)
    return words


def _pairs(word: str) -> list[str]:
    out, end = [], 0
    for run in _UNSPACED.finditer(word):
        if run.start() > end:
            out.append(word[end : run.start()])
        signs, end = run.group(), run.end()
        out += [signs[i : i + 2] for i in range(len(signs) - 1)] or [signs]
    return out + ([word[end:]] if end < len(word) else [])


def fold(word: str) -> str:
    """Return a word without its marks, as somebody types it who lacks the keys: ``łódź`` → ``lodz``."""
    if word.isascii():
        return word
    kept: list[str] = []
    for sign in unicodedata.normalize("NFD", word.translate(_PLAIN)):
        if not unicodedata.combining(sign) or (kept and _OWN_LETTER.get(kept[-1]) == sign):
            kept.append(sign)
    return unicodedata.normalize("NFC", "".join(kept))


def script(word: str) -> str:
    """Name the script of the first letter: ``latin``, ``greek``, ``cyrillic``, ``arabic`` or ``other``."""
    for letter in word:
        if letter.isalpha():
            if LATIN_ONLY.match(letter):
                return "latin"
            code = ord(letter)
            if 0x370 <= code < 0x400 or 0x1F00 <= code < 0x2000:
                return "greek"
            if 0x400 <= code < 0x530:
                return "cyrillic"
            return "arabic" if 0x600 <= code < 0x780 else "other"
    return "other"
