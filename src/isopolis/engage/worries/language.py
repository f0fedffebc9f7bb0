"""Which language a worry is written in, among those that a city expects."""

from __future__ import annotations

import copy
import functools
import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError
from isopolis.model.text import phrase

__all__ = ["FEWEST_LETTERS", "SURE", "known_languages", "languages_of"]

FEWEST_LETTERS = 12
"""Letters below which a text is not judged by its words."""

SURE = 0.8
"""Confidence below which the language stays unknown."""

FOREIGN = 0.5
"""Confidence from which a text is of a language that nobody expected."""

_SCRIPTS = {
    "ARABIC": {"ar", "fa", "ur", "ps", "ug"},
    "CYRILLIC": {"be", "bg", "kk", "ky", "mk", "mn", "ru", "sr", "uk"},
    "GREEK": {"el"},
    "HEBREW": {"he"},
    "GEORGIAN": {"ka"},
    "ARMENIAN": {"hy"},
}


@functools.cache
def _whole() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


@functools.cache
def _identifier(expected: tuple[str, ...]) -> Any:
    made = copy.copy(_whole())  # the tables are shared, which languages count is not
    made.set_languages(expected)
    return made


def known_languages() -> tuple[str, ...]:
    """Return the codes of the languages that can be told apart."""
    return tuple(sorted(_whole().labels))


def languages_of(texts: npt.ArrayLike, expected: Sequence[str]) -> npt.NDArray[np.object_]:
    """Tell the language of each text, or that it is not known.

    A script that only one of the expected languages uses tells the language of the shortest text; otherwise
    a text needs `FEWEST_LETTERS` letters, and the classifier needs to be as sure as `SURE`.

    Parameters
    ----------
    texts : (n,) array of str
    expected : sequence of str
        Codes of two letters. One alone is not believed without looking: texts of scripts that it is not
        written in stay unknown.

    Returns
    -------
    (n,) array of str
        A code, or empty for not known.

    Raises
    ------
    CallError
        If nothing is expected, or a code is not known.

    References
    ----------
    Lui, M. & Baldwin, T. (2012): langid.py: an off-the-shelf language identification tool, Proceedings of
    the ACL 2012 System Demonstrations, 25–30 (byte n-grams and naive Bayes).
    """
    wanted = tuple(sorted(set(expected)))
    wrong = [code for code in wanted if code not in known_languages()]
    if wrong or not wanted:
        raise CallError(
            phrase(
                "{codes} cannot be told from other languages; name languages by codes of two letters, "
                "such as en or ru", codes=", ".join(wrong) or "–",
            )
        )  # fmt: skip
    given = np.asarray(texts, dtype=object).astype(str)
    distinct, codes = np.unique(given, return_inverse=True)
    found = [_language(text, wanted) for text in distinct.tolist()]
    return np.array(found, dtype=object)[codes] if len(found) else np.empty(0, dtype=object)


def _language(text: str, expected: tuple[str, ...]) -> str:
    letters = [c for c in text if c.isalpha()]
    possible = _of_script(letters, expected)
    if len(possible) == 1 and len(letters) >= 3 and len(expected) > 1 and _script(letters) in _SCRIPTS:
        return possible[0]
    if len(letters) < FEWEST_LETTERS or not possible:
        return ""
    code, sure = _identifier(possible).classify(text)
    free, free_sure = _whole().classify(text)
    if free not in expected and free_sure >= FOREIGN:
        return ""  # in a language that nobody expected; the nearest expected one would be a guess
    return str(code) if sure >= SURE else ""


def _script(letters: Sequence[str]) -> str:
    names = [unicodedata.name(c, "").split(" ")[0] for c in letters[:40]]
    most = max(set(names), key=lambda n: (names.count(n), n), default="")
    return most if names.count(most) * 2 > len(names) else ""


def _of_script(letters: Sequence[str], expected: tuple[str, ...]) -> tuple[str, ...]:
    script = _script(letters)
    if script in _SCRIPTS:
        return tuple(code for code in expected if code in _SCRIPTS[script])
    if script == "LATIN":
        own = set().union(*_SCRIPTS.values())
        return tuple(code for code in expected if code not in own or code == "sr")
    return expected if script else ()
