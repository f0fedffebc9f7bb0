"""The languages of the platform: their own names, which are complete, and saying texts in them.

A page is shown in the language that its reader chose. Where that language has no complete
translation the page is shown in English as a whole, and says so at its top: a mixture of two
languages can neither be read nor be read out.
"""

from __future__ import annotations

import gettext
import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from html import escape, unescape
from pathlib import Path
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from isopolis.explain import to_html
from isopolis.explain.languages import language
from isopolis.explain.languages import said as in_words
from isopolis.model.text import Text, from_plain

__all__ = [
    "NAMES",
    "RIGHT_TO_LEFT",
    "collated",
    "complete",
    "fall_back",
    "language_notice",
    "page_language",
    "said",
    "said_drawing",
    "shown_in",
    "sorted_by_name",
    "spoken",
    "untranslated",
]

NAMES: dict[str, str] = {
    "en": "English",
    "bg": "български",
    "cs": "čeština",
    "da": "dansk",
    "de": "Deutsch",
    "el": "Ελληνικά",
    "es": "español",
    "et": "eesti",
    "fi": "suomi",
    "fr": "français",
    "ga": "Gaeilge",
    "hr": "hrvatski",
    "hu": "magyar",
    "it": "italiano",
    "lt": "lietuvių",
    "lv": "latviešu",
    "mt": "Malti",
    "nl": "Nederlands",
    "pl": "polski",
    "pt": "português",
    "ro": "română",
    "sk": "slovenčina",
    "sl": "slovenščina",
    "sv": "svenska",
    "ar": "العربية",
}
"""Each language by its own name, those of the Union in the order of their codes."""

RIGHT_TO_LEFT = frozenset({"ar"})


def noop(text: str) -> str:
    """Mark a text for translation. The function of Django asks for settings, and these are read by them."""
    return text


# Translators: %(language)s is the name of the reader's language in that language
NOTICE = noop("This page is not translated into %(language)s yet. It is shown in English.")

HERE = Path(__file__).resolve().parent
COUNTED = "x-untranslated"
"""Heading of a catalogue that says how many texts of its domain have no translation."""

ROOM = {"end": 30, "middle": 70}
"""Letters that fit where a drawing has a name of a row, or of a scale."""
SMALLEST = 0.72

Item = TypeVar("Item")
Respond = Callable[[HttpRequest], HttpResponse]


# -- what is translated -----------------------------------------------------------------------
@lru_cache(maxsize=64)
def untranslated(code: str) -> dict[str, int | None]:
    """Count the texts without a translation by domain; None where there is no catalogue at all."""
    if code == "en":
        return {"isopolis": 0, "django": 0}
    places = {"isopolis": HERE.parent / "locale", "django": HERE / "locale"}
    out: dict[str, int | None] = {}
    for domain, folder in places.items():
        found = gettext.translation(domain, str(folder), [code], fallback=True)
        told = found.info().get(COUNTED) if isinstance(found, gettext.GNUTranslations) else None
        out[domain] = int(told) if told is not None else None
    return out


def complete(code: str) -> bool:
    """True when nothing is left to translate into a language."""
    return all(count == 0 for count in untranslated(code).values())


def shown_in(code: str) -> str:
    """Return the language in which a page is shown to a reader of another one: English where it must be."""
    return code if complete(code) else "en"


def fall_back(get_response: Respond) -> Respond:
    """Show the page in English where the reader's language is not complete, and remember which it was."""

    def middleware(request: HttpRequest) -> HttpResponse:
        asked = translation.get_language() or "en"
        request.language_asked = asked  # type: ignore[attr-defined]
        if shown_in(asked) != asked:
            translation.activate("en")
            request.LANGUAGE_CODE = "en"  # type: ignore[attr-defined]
        return get_response(request)

    return middleware


def language_notice(request: HttpRequest) -> dict[str, Any]:
    """Tell templates which language the reader asked for, and what to say when it is another one."""
    shown = translation.get_language() or "en"
    asked = getattr(request, "language_asked", shown)
    if asked == shown:
        return {"language_asked": asked, "language_missing": ""}
    with translation.override(asked):
        told = _(NOTICE) % {"language": NAMES.get(asked, asked)}
    # a notice that is itself untranslated is English
    own = told if told != NOTICE % {"language": NAMES.get(asked, asked)} else ""
    return {"language_asked": asked, "language_missing": told, "language_missing_in": asked if own else "en"}


# -- saying texts -------------------------------------------------------------------------------
def page_language() -> str:
    """Code of the language in which the page is shown."""
    return (translation.get_language() or "en").partition("-")[0]


def said(text: Any) -> str:
    """Say a text of the library in the language of the page; names out of a city's data stay."""
    return in_words(text, page_language())


def spoken(item: Any, code: str = "") -> Any:
    """Say all texts in what was read from JSON (see `isopolis.model.text.to_tree`).

    Parameters
    ----------
    item : Any
        Lists, dicts, texts in their JSON form.
    code : str
        The language of the page when not given.
    """
    code = code or page_language()
    if isinstance(item, list):
        return [spoken(i, code) for i in item]
    if not isinstance(item, Mapping):
        return item
    if "explains" in item:
        from isopolis.report.prose import explain_of

        explain = explain_of(item["explains"])
        return to_html(explain, code) if explain else ""
    if _is_text(item):
        if code == "en":
            return item.get("s", item.get("d"))
        return _one(json.dumps(item, sort_keys=True, ensure_ascii=False), code)
    return {k: spoken(v, code) for k, v in item.items()}


def _is_text(item: Mapping[str, Any]) -> bool:
    return item.keys() == {"d"} or ("s" in item and bool(item.keys() & {"t", "j", "c", "e", "l"}))


@lru_cache(maxsize=4096)
def _one(text: str, code: str) -> str:
    made = from_plain(json.loads(text))
    return made.said(language(code)) if isinstance(made, Text) else made


# -- drawings -------------------------------------------------------------------------------------
def said_drawing(svg: str, words: Mapping[str, Any], code: str = "") -> str:
    """Say the words inside a drawing.

    Parameters
    ----------
    svg : str
    words : mapping
        English words as they stand in the drawing → ``{"is": text in its JSON form}``.
    code : str
        The language of the page when not given.
    """
    code = code or page_language()
    if code == "en" or not words:
        return svg

    def translate(match: re.Match[str]) -> str:
        known = words.get(unescape(match[3]))
        if known is None:
            return match[0]
        told = spoken(known["is"], code)
        look = _fitted(match[2], unescape(match[3]), told)
        return f"<{match[1]}{look}>{escape(told, quote=False)}</{match[1]}>"

    out = re.sub(r"<(text|title)((?:\s[^>]*)?)>([^<]*)</\1>", translate, svg)
    # the drawing is placed from left to right in every language; only its words run the other way
    return out.replace("<svg ", '<svg direction="ltr" ', 1)


def _fitted(attributes: str, before: str, after: str) -> str:
    """Make the letters smaller where a translation is much longer than the room that there is."""
    size = re.search(r'font-size="([\d.]+)"', attributes)
    anchor = re.search(r'text-anchor="(\w+)"', attributes)
    # names of rows and of scales have room of their own; in a key the next entry follows
    room = max(1.2 * len(before), ROOM.get(anchor[1] if anchor else "start", 0))
    if size is None or len(after) <= room:
        return attributes
    smaller = float(size[1]) * max(SMALLEST, room / len(after))
    return attributes.replace(size[0], f'font-size="{smaller:.1f}"')


# -- sorting ------------------------------------------------------------------------------------------
def sorted_by_name(items: Iterable[Item], name: Callable[[Item], str] = str) -> list[Item]:
    """Sort as readers expect it, letters with accents beside those without (Unicode collation).

    Parameters
    ----------
    items : iterable
    name : callable
        Item → the name that is shown.
    """
    return sorted(items, key=lambda item: collated(name(item)))


@lru_cache(maxsize=65_536)
def collated(name: str) -> Any:
    """Key by which a name is sorted."""
    return _collator()(name)


@lru_cache(maxsize=1)
def _collator() -> Callable[[str], Any]:
    from pyuca import Collator

    made: Callable[[str], Any] = Collator().sort_key
    return made
