"""What all records of a partnership have in common: a key, texts in languages, who may read, sources."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from .when import When

__all__ = [
    "LEVELS_OF_ACCESS",
    "NOT_STATED",
    "Access",
    "Key",
    "Link",
    "Plain",
    "Source",
    "Texts",
    "Words",
    "said",
]

NOT_STATED = "not stated"
LEVELS_OF_ACCESS = ("public", "members", "coordinators")
"""Who may read, from everybody to few."""

Access = Literal["public", "members", "coordinators"]
MOST = 20_000
_KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


def _key(given: str) -> str:
    if len(given) > 60 or not _KEY.fullmatch(given):
        raise ValueError("a key is at most 60 small letters, digits and single hyphens")
    return given


def _link(given: str) -> str:
    # a "javascript:" address would run with the rights of whoever clicks it
    if not re.fullmatch(r"https?://[^\s<>\"']{3,900}", given):
        raise ValueError("an address begins with http:// or https:// and has no blanks")
    return given


def _texts(given: Any) -> dict[str, str]:
    texts = {"en": given} if isinstance(given, str) else given
    if not isinstance(texts, Mapping) or not texts:
        raise ValueError("a text, or texts by language, is needed")
    out = {}
    for language, text in texts.items():
        if not isinstance(language, str) or not _LANGUAGE.fullmatch(language):
            raise ValueError(f'"{str(language)[:20]}" is no language code such as en or pt-BR')
        if not isinstance(text, str) or not text.strip() or len(text) > MOST:
            raise ValueError(f"the text in {language} is empty or longer than {MOST:,} characters")
        out[language] = text.strip()
    return out


Key = Annotated[str, AfterValidator(_key)]
"""Name of a record in addresses."""
Link = Annotated[str, AfterValidator(_link)]
"""An address on the web."""
Texts = Annotated[dict[str, str], BeforeValidator(_texts)]
"""The same text by language code; a plain text counts as English."""
Words = Annotated[str, Field(min_length=1, max_length=4000)]
"""One text, in the language of the record."""


class Plain(BaseModel):
    """A frozen record without unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Source(Plain):
    """Where something was read, and when; what is not known of it says so."""

    title: Words
    url: Link | None = None
    read: When | Literal["not stated"] = NOT_STATED


def said(texts: Mapping[str, str], language: str) -> tuple[str, str]:
    """Return a text and the language it is in: the one asked for, else English, else the first.

    Parameters
    ----------
    texts : mapping of str to str
        Texts by language code, not empty.
    language : str
        Code of the language that is wanted; ``pt-BR`` is also content with ``pt``.
    """
    for code in (language, language.split("-")[0], "en"):
        if code in texts:
            return texts[code], code
    first = next(iter(texts))
    return texts[first], first
