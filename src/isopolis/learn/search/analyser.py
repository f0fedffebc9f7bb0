"""From text to the tokens that are stored: one analyser for every database.

A token is what is left of a word when case, marks and endings are gone. Where Snowball has a
stemmer for the language it is used; elsewhere a word of five letters or more is kept by its first
five (Snowball 3 has none for Bulgarian, Croatian, Latvian, Maltese, Slovak, Slovenian and
Ukrainian; Croatian takes the Serbian one). Stemming after McNamee & Mayfield (2004), "Character
n-gram tokenization for European language text retrieval", Information Retrieval 7, pp. 73–97, for
the part without stemmers.
"""

from __future__ import annotations

import functools
import threading
from dataclasses import dataclass

from .compounds import parts_of
from .letters import cut, fold, lower, script

__all__ = ["GAP", "MOST_TOKENS", "PREFIX", "Indexed", "analyse", "encoded", "indexed", "variants"]

PREFIX = 5
"""Letters kept of a word where the language has no stemmer."""

LONGEST = 64
"""Letters of a word that count; what follows is cut off."""

MOST_TOKENS = 12_000
"""Words of one text that are searched; what follows is not."""

MOST_TIMES = 250
"""How often one token counts in one record: PostgreSQL keeps 255 places of a word."""

GAP = "z"
"""Token that no word can have: a phrase does not reach over it."""

STEMMERS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek",
    "en": "english", "es": "spanish", "et": "estonian", "eu": "basque", "fi": "finnish", "fr": "french",
    "ga": "irish", "hr": "serbian", "hu": "hungarian", "hy": "armenian", "it": "italian", "lt": "lithuanian",
    "nb": "norwegian", "nl": "dutch", "nn": "norwegian", "no": "norwegian", "pl": "polish",
    "pt": "portuguese", "ro": "romanian", "ru": "russian", "bs": "serbian", "sr": "serbian", "sv": "swedish",
    "tr": "turkish",
}  # fmt: skip
WITHOUT = ("bg", "lv", "mk", "mt", "sk", "sl", "sq", "uk")
"""Languages known to have no stemmer here; any other language is treated alike."""

_SCRIPTS = {
    "ar": "arabic",
    "bg": "cyrillic",
    "el": "greek",
    "mk": "cyrillic",
    "ru": "cyrillic",
    "uk": "cyrillic",
}
_BOTH = frozenset({"sr", "bs", "hr"})
_own = threading.local()


def _stemmer(name: str) -> object:
    import Stemmer

    # one for each thread: they keep state while they work
    kept = _own.__dict__.setdefault("stemmers", {})
    if name not in kept:
        try:
            kept[name] = Stemmer.Stemmer(name, 0)
        except KeyError:  # an older Snowball without this language
            kept[name] = None
    return kept[name]


def base(lang: str) -> str:
    """Return the language without its region: ``pt-BR`` → ``pt``."""
    return lang.replace("_", "-").split("-")[0].lower()


@functools.lru_cache(maxsize=400_000)
def variants(word: str, lang: str) -> tuple[str, ...]:
    """Return the tokens of one word as `lower` and `cut` give it.

    Returns
    -------
    tuple of str
        First the token that keeps the word's place; a second one where the word has marks and its
        stem would be another without them.
    """
    word = word[:LONGEST]
    plain = fold(word)
    first = fold(_stem(word, lang))
    if plain == word:
        return (first,)
    second = fold(_stem(plain, lang))
    return (first,) if second == first else (first, second)


def _stem(word: str, lang: str) -> str:
    expected = _SCRIPTS.get(lang, "latin")
    if any(c.isdigit() for c in word) or (lang not in _BOTH and script(word) != expected):
        return word  # a number, or a word of another language: "Nantes" in a Bulgarian text
    name = STEMMERS.get(lang)
    stemmer = _stemmer(name) if name else None
    if stemmer is None:
        # the star keeps these apart from whole words of other languages
        return word[:PREFIX] + "*" if len(fold(word)) >= PREFIX else word
    return str(stemmer.stemWord(word)) or word  # type: ignore[attr-defined]


def analyse(text: str, lang: str) -> tuple[str, ...]:
    """Return the tokens of a text, one for each word, in their order.

    Parameters
    ----------
    text : str
    lang : str
        Language code of two letters, regions are left out; empty when it is unknown.
    """
    lang = base(lang)
    return tuple(variants(word, lang)[0] for word in cut(lower(text, lang)))


@functools.lru_cache(maxsize=400_000)
def encoded(token: str) -> str:
    """Write a token with ``a-z0-9`` only, so that no database cuts it in its own way; one to one.

    Whatever is not plain ASCII becomes ``z`` and its bytes in hexadecimal; so does a word that
    begins with ``z``, and nothing else does.
    """
    if token.isascii() and token.isalnum() and token[:1] != "z":
        return token
    return "z" + token.encode("utf-8").hex()


@dataclass(frozen=True, slots=True)
class Indexed:
    """What of a text is stored: the tokens in their places, and others by which it is found too."""

    places: tuple[str, ...]
    besides: tuple[str, ...]


def indexed(text: str, lang: str) -> Indexed:
    """Analyse a text for the store; tokens are `encoded`."""
    lang = base(lang)
    places: list[str] = []
    besides: dict[str, None] = {}
    for word in cut(lower(text[: MOST_TOKENS * LONGEST], lang))[:MOST_TOKENS]:
        first, *more = _stored(word, lang)
        places.append(first)
        for token in more:
            besides[token] = None
    seen = set(places)
    return Indexed(tuple(places), tuple(t for t in besides if t not in seen))


@functools.lru_cache(maxsize=400_000)
def _stored(word: str, lang: str) -> tuple[str, ...]:
    tokens = dict.fromkeys(variants(word, lang))
    for part in parts_of(word, lang):
        tokens |= dict.fromkeys(variants(part, lang))
    return tuple(encoded(t) for t in tokens)
