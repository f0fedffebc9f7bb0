"""Texts in several languages, days of which only the year may be known, and addresses."""

from __future__ import annotations

import re
from collections.abc import ItemsView, Iterable, KeysView
from datetime import date
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, RootModel, StringConstraints

__all__ = [
    "NOT_STATED",
    "Address",
    "Day",
    "Language",
    "Moment",
    "NotStated",
    "Said",
    "Texts",
    "hostile",
    "year_of",
]

NOT_STATED: Literal["not stated"] = "not stated"
"""What stands where none of the sources that were read gives an answer."""

NotStated = Literal["not stated"]
LANGUAGE = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
Language = Annotated[str, StringConstraints(pattern=LANGUAGE)]

# a letter, a slash or "!" right after "<" opens a tag; "<5 people" and "a < b" open none
TAG = re.compile(r"<[/!?a-zA-Z]")
RUNS = re.compile(r"(?:java|vb)\s*script\s*:|data\s*:\s*text/html", re.IGNORECASE)
# controls other than tab and new line, halves of signs, and the two signs that turn a text around
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202d\u202e\ud800-\udfff\ufffe\uffff]")
ADDRESS = re.compile(r"^https?://[^\s/?#@\\<>\"'`]+(?:[/?#][^\s\\<>\"`]*)?$")
TIME = re.compile(r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?Z?$")
DAY = re.compile(r"^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$")


def hostile(text: str) -> str:
    """Name what makes a text unfit to be shown, or return "" when it is plain.

    Texts of a record are plain text with the few signs of Markdown that need no tags: a page shows
    them escaped, so this is the second lock, and the one that guards other programs' copies.
    """
    if TAG.search(text):
        return "tag"
    if RUNS.search(text):
        return "script"
    return "unseen" if UNSEEN.search(text) else ""


def _plain(text: str) -> str:
    found = hostile(text)
    if found:
        raise ValueError(f"hostile:{found}")
    return text


Plain = Annotated[str, StringConstraints(min_length=1, max_length=100_000), AfterValidator(_plain)]


class Said(NamedTuple):
    """A text and the language it is in."""

    text: str
    language: str


class Texts(RootModel[dict[Language, Plain]]):
    """One text in one or more languages: ``{"en": "…", "fr": "…"}``."""

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True)
    root: Annotated[dict[Language, Plain], Field(min_length=1, max_length=60)]

    def __getitem__(self, language: str) -> str:
        return self.root[language]

    def __iter__(self) -> Any:
        return iter(self.root)

    def __len__(self) -> int:
        return len(self.root)

    def __contains__(self, language: object) -> bool:
        return language in self.root

    def __hash__(self) -> int:
        return hash(frozenset(self.root.items()))

    def items(self) -> ItemsView[str, str]:
        """Return pairs of language and text."""
        return self.root.items()

    def keys(self) -> KeysView[str]:
        """Return the languages."""
        return self.root.keys()

    def get(self, language: str, default: str = "") -> str:
        """Return the text in exactly this language."""
        return self.root.get(language, default)

    def best(self, wanted: Iterable[str]) -> Said:
        """Return the text in the first language of `wanted` that there is, else the first one written.

        A wanted ``pt-BR`` is also served by ``pt``.
        """
        for language in wanted:
            for tried in (language, language.split("-")[0]):
                if tried in self.root:
                    return Said(self.root[tried], tried)
        first = next(iter(self.root))
        return Said(self.root[first], first)


def _day(value: Any) -> Any:
    """Take a year or a day as YAML reads it."""
    if isinstance(value, bool):
        raise ValueError("day")
    if isinstance(value, int):
        return f"{value:04d}"
    return value.isoformat() if isinstance(value, date) else value


def _real_day(text: str) -> str:
    found = DAY.match(text)
    if not found:
        raise ValueError("day")
    year, month, day = (int(p) if p else 1 for p in found.groups())
    try:
        date(year, month, day)
    except ValueError:
        raise ValueError("day") from None
    return text


Day = Annotated[str, BeforeValidator(_day), AfterValidator(_real_day)]
"""``2021``, ``2021-05`` or ``2021-05-03``: as exact as the source says it."""


def _moment(text: str) -> str:
    """Take a day, or a day and a time of day without a zone or in UTC."""
    day, mark, time = text.partition("T")
    if not mark:
        return _real_day(text)
    _real_day(day)
    if not TIME.match(time):
        raise ValueError("day")
    return text


Moment = Annotated[str, BeforeValidator(_day), StringConstraints(max_length=40), AfterValidator(_moment)]
"""A `Day`, or ``2021-05-03T12:30:00`` with or without parts of a second and a ``Z``."""


def year_of(day: str | None) -> int | None:
    """Return the year of a `Day`."""
    return int(day[:4]) if day else None


def _address(text: str) -> str:
    if not ADDRESS.match(text) or hostile(text):
        raise ValueError("address")
    return text


Address = Annotated[str, StringConstraints(max_length=2000), AfterValidator(_address)]
"""An ``http`` or ``https`` address without a user name in it."""
