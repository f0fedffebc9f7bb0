"""A language that does not exist: every text that can be translated stands between two brackets."""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any

from django.utils.translation import trans_real

from isopolis.explain import languages as library
from isopolis.web import languages

OPEN, CLOSE = "⟦", "⟧"
READ_OUT = ("aria-label", "title", "placeholder", "alt")


class Brackets(gettext.NullTranslations):
    """Puts every text between brackets, whatever the language."""

    plural = staticmethod(lambda n: int(n != 1))
    domain = "django"

    def gettext(self, message: str) -> str:
        return f"{OPEN}{message}{CLOSE}" if message else message

    def ngettext(self, one: str, more: str, n: int) -> str:
        return self.gettext(one if n == 1 else more)

    def pgettext(self, context: str, message: str) -> str:
        return self.gettext(message)

    def npgettext(self, context: str, one: str, more: str, n: int) -> str:
        return self.ngettext(one, more, n)

    def language(self) -> str:
        return "fr"

    def to_language(self) -> str:
        return "fr"


@contextmanager
def spoken_as(code: str, patch: Any) -> Iterator[None]:
    """Let the language `code` be the one between brackets."""
    made = Brackets()
    patch.setitem(trans_real._translations, code, made)
    patch.setattr(trans_real, "translation", lambda lang: made if lang == code else real(lang))
    real_language = library.language
    patch.setattr(
        languages,
        "language",
        lambda lang: library.Language(code, made) if lang == code else real_language(lang),
    )
    patch.setattr(
        library,
        "language",
        lambda lang: library.Language(code, made) if lang == code else real_language(lang),
    )
    patch.setattr(languages, "complete", lambda lang: True)
    languages._one.cache_clear()
    yield
    languages._one.cache_clear()


real = trans_real.translation


class Words(HTMLParser):
    """What a reader sees or hears of a page, with the place of each text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.texts: list[tuple[str, str]] = []
        self.inside: list[tuple[str, bool]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        got = dict(attrs)
        # what says which language it is in needs no translation; so do names of people and files
        foreign = ("lang" in got and tag != "html") or got.get("translate") == "no"
        if tag not in ("meta", "link", "input", "br", "img", "hr", "use", "path", "image", "source"):
            self.inside.append((tag, foreign))
        if foreign or any(f for _, f in self.inside):
            return
        for name in READ_OUT:
            if got.get(name):
                self.texts.append((f"{tag} {name}", got[name] or ""))
        if tag == "input" and got.get("type") in ("submit", "button", "reset"):
            self.texts.append(("button", got.get("value") or ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        for i in range(len(self.inside) - 1, -1, -1):
            if self.inside[i][0] == tag:
                del self.inside[i:]
                return

    def handle_data(self, data: str) -> None:
        tags = [t for t, _ in self.inside]
        # bdi holds what stands in a file, in whatever language
        silent = {"bdi", "script", "style", "code", "pre", "textarea", "kbd"} & set(tags)
        if data.strip() and not silent and not any(f for _, f in self.inside):
            self.texts.append((tags[-1] if tags else "", data.strip()))


def outside(text: str, depth: int) -> tuple[str, int]:
    """Return what of `text` stands outside all brackets, and how many stay open."""
    out = []
    for letter in text:
        depth += letter == OPEN
        if depth == 0:
            out.append(letter)
        depth -= letter == CLOSE
    return "".join(out), depth


def untranslated(page: str, names: re.Pattern[str]) -> set[tuple[str, str]]:
    """List texts with words outside the brackets that are no `names` of the city's own data."""
    found, depth = set(), 0
    for place, text in Words(page).texts:
        # a sentence with a link or a strong word in it goes on over several texts; a label does not
        left, depth = outside(text, depth) if " " not in place else (outside(text, 0)[0], depth)
        if re.search(r"[^\W\d_]{2,}", names.sub(" ", left)):
            found.add((place, text))
    assert depth == 0, "a translated sentence does not end"
    return found
