"""Texts of shipped content: English, or a text for each of several languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["is_said", "said_as"]


def said_as(text: Any, language: str = "en") -> str:
    """Return a text in `language`, else in English, else in the first language that it has."""
    if isinstance(text, Mapping):
        return str(text.get(language) or text.get("en") or next(iter(text.values()), ""))
    return str(text or "")


def is_said(text: Any) -> bool:
    """Tell whether something is a text or texts by language, and not empty."""
    if isinstance(text, Mapping):
        return bool(text) and all(isinstance(k, str) and isinstance(v, str) and v for k, v in text.items())
    return isinstance(text, str) and bool(text.strip())
