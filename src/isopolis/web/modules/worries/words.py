"""Names of topics in the language of the page; language and topic of a single text."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import numpy as np

from isopolis.web.languages import sorted_by_name

__all__ = ["looked_at", "may_name_people", "single_desk", "topic_choices", "topic_names"]

_PERSONAL = re.compile(r"[^\s@]+@[^\s@]+\.\w{2,}|(?:\+|00)?\d[\d\s()/.-]{6,}\d")
"""E-mail addresses and long numbers, such as those of telephones."""


@lru_cache(maxsize=32)
def topic_names(language: str) -> dict[str, str]:
    """Return topic → its name."""
    from isopolis.flows.worries import labels_of

    return labels_of(language)


def topic_choices(language: str) -> list[tuple[str, str]]:
    """Return topics and their names, in the order of the names."""
    return sorted_by_name(topic_names(language).items(), lambda pair: str(pair[1]))


def may_name_people(text: str) -> bool:
    """Tell whether a text seems to hold an e-mail address or a telephone number."""
    return _PERSONAL.search(text) is not None


def single_desk(rows: list[Any]) -> Any:
    """Return rows of worries as the desk that the engine reads; `rows` have the names of its columns."""
    from isopolis.engage.worries.desk import Desk

    def texts(name: str) -> Any:
        return np.array([getattr(r, name) for r in rows] or [""], dtype=object)[: len(rows)]

    def times(name: str) -> Any:
        found = [getattr(r, name) for r in rows]
        # the engine's clock has no zone: everything here is written in one
        return np.array([t.replace(tzinfo=None) if t else "NaT" for t in found], dtype="datetime64[s]")

    def numbers(name: str) -> Any:
        found = [getattr(r, name) for r in rows]
        return np.array([np.nan if x is None else x for x in found], dtype=np.float64)

    def flags(name: str) -> Any:
        return np.array([getattr(r, name) for r in rows], dtype=bool)

    empty = np.full(len(rows), "", dtype=object)
    return Desk(
        texts("request_id"), texts("text"), texts("service"), texts("channel"), texts("zone"), empty,
        texts("language"), texts("about"), times("received_at"), times("resolved_at"), flags("registered"),
        flags("resolved"), numbers("lat"), numbers("lon"),
    )  # fmt: skip


def looked_at(worry: Any) -> None:
    """Tell language and topic of one worry, where nobody has said them, and keep them."""
    from isopolis.flows.worries import recognised

    found = recognised(single_desk([worry]), worry.desk.languages)
    worry.language = worry.language or str(found.languages[0])[:12]
    worry.proposed = worry.proposed or str(found.topics[0])[:80]
    worry.looked = True
    worry.save(update_fields=["language", "proposed", "looked"])
