"""The languages that findings and explanations speak, and how each writes numbers.

>>> from isopolis.explain.languages import language, said
>>> said(finding.explanation, "fr")  # doctest: +SKIP
"""

from __future__ import annotations

import gettext
from functools import lru_cache
from importlib.resources import files

from isopolis.model.text import Text

__all__ = ["DOMAIN", "Language", "language", "said", "translated", "written"]

DOMAIN = "isopolis"

_DOT, _SPACE, _NARROW = ".", "\u00a0", "\u202f"
MARKS: dict[str, tuple[str, str, str]] = {
    "bg": (",", _SPACE, "%"),
    "cs": (",", _SPACE, _SPACE + "%"),
    "da": (",", _DOT, _SPACE + "%"),
    "de": (",", _DOT, _SPACE + "%"),
    "el": (",", _DOT, "%"),
    "es": (",", _DOT, _SPACE + "%"),
    "et": (",", _SPACE, "%"),
    "fi": (",", _SPACE, _SPACE + "%"),
    "fr": (",", _NARROW, _SPACE + "%"),
    "hr": (",", _DOT, _SPACE + "%"),
    "hu": (",", _SPACE, "%"),
    "it": (",", _DOT, "%"),
    "lt": (",", _SPACE, _SPACE + "%"),
    "lv": (",", _SPACE, "%"),
    "nl": (",", _DOT, "%"),
    "pl": (",", _SPACE, "%"),
    "pt": (",", _SPACE, "%"),
    "ro": (",", _DOT, _SPACE + "%"),
    "sk": (",", _SPACE, _SPACE + "%"),
    "sl": (",", _DOT, _SPACE + "%"),
    "sv": (",", _SPACE, _SPACE + "%"),
}
"""Decimal mark, mark between thousands and per cent sign, as the Unicode locale data has them.

English, Irish, Maltese and Arabic with Western digits are not here: they write as English does.
"""


def written(english: str, code: str) -> str:
    """Write a number given in English notation as the language `code` writes it.

    Parameters
    ----------
    english : str
        ``1,639,981``, ``23.4%``, ``−0.5``.
    code : str
        ISO 639-1 code.
    """
    marks = MARKS.get(code)
    if marks is None:
        return english
    decimal, thousands, per_cent = marks
    swapped = english.translate({ord("."): decimal, ord(","): thousands})
    return swapped.replace("%", per_cent)


class Language:
    """One language with its catalogue of sentences.

    Parameters
    ----------
    code : str
        ISO 639-1 code; a language without a catalogue speaks English.
    catalogue : gettext.NullTranslations, optional
        Found among the files of the package when not given.
    """

    def __init__(self, code: str, catalogue: gettext.NullTranslations | None = None) -> None:
        self.code = code
        self._words = catalogue or gettext.translation(
            DOMAIN, str(files("isopolis") / "locale"), [code], fallback=True
        )

    @property
    def known(self) -> bool:
        """True when there is a catalogue, or none is needed."""
        return self.code == "en" or isinstance(self._words, gettext.GNUTranslations)

    def phrase(self, template: str) -> str:
        """Translate a template; return it as it is when there is no translation."""
        return self._words.gettext(template) if template else template

    def plural(self, one: str, more: str, n: float) -> str:
        """Translate the template that fits `n` things."""
        # grammar knows whole numbers only; part of a thing is spoken of as several
        return self._words.ngettext(one, more, int(n) if n == int(n) else 2)

    def number(self, english: str) -> str:
        """Write a number."""
        return written(english, self.code)


@lru_cache(maxsize=64)
def language(code: str) -> Language:
    """Return the language of an ISO 639-1 code; of ``pt-BR`` the part before the hyphen."""
    return Language(code.lower().partition("-")[0])


def said(text: object, code: str) -> str:
    """Say a text in a language; names and texts without a translation stay as they are."""
    if code == "en" or not isinstance(text, Text):
        return str(text)
    return text.said(language(code))


def translated(text: str, code: str) -> str:
    """Translate a sentence without anything to fill in, such as those of an `Explain`."""
    return text if code == "en" else language(code).phrase(text)
