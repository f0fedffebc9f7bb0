"""The errors of the schema in sentences of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from isopolis.model.text import phrase

__all__ = ["said"]

MARKS = ("given", "absent", "number")
"""Names that the schema puts into a path to tell "not stated" from an answer; no reader needs them."""
SHOWN = 60


def said(error: Mapping[str, Any], plain: Any) -> tuple[str, str, str, str | None, str]:
    """Return path, code, sentence, what stood there, and what is allowed."""
    path = _path(error["loc"], plain)
    kind = str(error["type"])
    code, text, rule = _own(error) if kind == "value_error" else _schema(kind, error.get("ctx") or {}, error)
    value = error.get("input")
    shown = str(value)[:SHOWN] if isinstance(value, str | int | float) and kind != "extra_forbidden" else None
    return path, code, text, shown, rule


def _path(loc: tuple[Any, ...], plain: Any) -> str:
    out, here = "", plain
    for step in loc:
        marked = step in MARKS and not (isinstance(here, Mapping) and step in here)
        if marked or (isinstance(step, str) and step.startswith("[")):
            continue
        out += f"[{step}]" if isinstance(step, int) else f".{step}" if out else str(step)
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            here = None
    return out


def _own(error: Mapping[str, Any]) -> tuple[str, str, str]:
    """Say what a validator of ours means by its one word."""
    word = str((error.get("ctx") or {}).get("error", ""))
    known = {
        "day": ("bad-day", phrase("this is no day"), "2021, 2021-05, 2021-05-03"),
        "address": ("bad-address", phrase("this is no address of a page"), "https://…, http://…"),
        "period": ("bad-period", phrase("it ends before it begins"), ""),
        "cost": (
            "empty-cost",
            phrase("a cost needs an amount or a note"),
            phrase('total, capex, opex, note, or "not stated" instead of all'),
        ),
        "currency": ("no-currency", phrase("an amount needs its currency"), "EUR, PLN, …"),
        "consent": (
            "no-consent",
            phrase("a person may be named only with consent that stands"),
            phrase("consent with by and date, or only the organisation and the role"),
        ),
        "source": ("empty-source", phrase("a source needs an address or a title"), ""),
        "hostile:tag": ("markup", phrase("this text holds a tag"), phrase("plain text")),
        "hostile:script": ("markup", phrase("this text holds a script"), phrase("plain text")),
        "hostile:unseen": ("markup", phrase("this text holds signs that nobody sees"), phrase("plain text")),
    }
    return known.get(word, ("wrong", word, ""))


def _schema(kind: str, context: Mapping[str, Any], error: Mapping[str, Any]) -> tuple[str, str, str]:
    if kind == "missing":
        return "missing", phrase("this field is missing"), ""
    if kind == "extra_forbidden":
        return (
            "unknown-field",
            phrase("there is no such field"),
            phrase("the fields of docs/library-record.md"),
        )
    if kind == "literal_error":
        return "wrong-word", phrase("this word has no place here"), str(context.get("expected", ""))
    if kind == "string_pattern_mismatch":
        return "wrong-form", phrase("this is not written as it should be"), str(context.get("pattern", ""))
    if kind in ("too_long", "string_too_long"):
        return "too-long", phrase("this is too long"), phrase("at most {n}", n=context.get("max_length", ""))
    if kind in ("too_short", "string_too_short"):
        return "empty", phrase("this is too short"), phrase("at least {n}", n=context.get("min_length", ""))
    # whatever else the schema finds is said by its own author, in English
    return kind.replace("_", "-"), str(error.get("msg", kind)), ""
