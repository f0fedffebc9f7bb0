"""Looking into the catalogues: what is still untranslated, and what is translated wrongly."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

from .languages import NAMES

__all__ = ["DOMAINS", "faults", "languages_with_catalogues", "missing", "path_of"]

HERE = Path(__file__).resolve().parent
DOMAINS = {"isopolis": HERE.parent / "locale", "django": HERE / "locale"}
"""The library's texts and the platform's, each with the folder of its catalogues."""

_PERCENT = re.compile(r"%(?:\(\w+\))?[sd]")
_TAG = re.compile(r"</?[a-z][^>]*>")


def path_of(domain: str, code: str) -> Path:
    """Path of a catalogue, whether it is there or not."""
    return DOMAINS[domain] / code / "LC_MESSAGES" / f"{domain}.po"


def languages_with_catalogues(domain: str) -> list[str]:
    """Codes of the languages that have a catalogue of this domain."""
    return [code for code in NAMES if path_of(domain, code).is_file()]


def _entries(domain: str, code: str) -> list[Any]:
    import polib

    return [e for e in polib.pofile(str(path_of(domain, code))) if not e.obsolete]


def missing(domain: str, code: str) -> list[str]:
    """English texts that have no translation, or one that somebody has doubts about (fuzzy)."""
    return [e.msgid for e in _entries(domain, code) if not e.translated()]


def faults(domain: str, code: str) -> list[str]:
    """Say what is wrong with the translations that are there: placeholders, tags, line ends, plural forms."""
    import polib

    path = path_of(domain, code)
    forms = int(polib.pofile(str(path)).metadata["Plural-Forms"].partition("nplurals=")[2].partition(";")[0])
    found = []
    for entry in _entries(domain, code):
        if not entry.translated():
            continue
        if entry.msgid_plural and len(entry.msgstr_plural) != forms:
            found.append(f"{len(entry.msgstr_plural)} of {forms} plural forms: {entry.msgid}")
        found += [
            f"{wrong}: {entry.msgid} → {told}" for told in _told(entry) for wrong in _wrong(entry, told)
        ]
    return found


def _told(entry: Any) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def _wrong(entry: Any, told: str) -> Iterator[str]:
    english = [entry.msgid, entry.msgid_plural] if entry.msgid_plural else [entry.msgid]
    needed = [_placeholders(text, entry.flags) for text in english]
    mine = _placeholders(told, entry.flags)
    # the form for one thing may leave the number out, as in "one zone"
    if mine is None or (mine not in needed and not (entry.msgid_plural and _only_number_left(mine, needed))):
        yield "placeholders differ"
    if sorted(_TAG.findall(told)) not in [sorted(_TAG.findall(text)) for text in english]:
        yield "tags differ"
    if told.count("\n") not in [text.count("\n") for text in english]:
        yield "line ends differ"
    if entry.msgid[:1].isspace() != told[:1].isspace() or entry.msgid[-1:].isspace() != told[-1:].isspace():
        yield "blanks at the ends differ"


def _only_number_left(mine: list[str], needed: list[list[str] | None]) -> bool:
    numbers = {"n", "%(n)s", "%(count)s", "%(counter)s", "%(number)s"}
    return any(
        more is not None and set(more) - set(mine) <= numbers and set(mine) <= set(more) for more in needed
    )


def _placeholders(text: str, flags: list[str]) -> list[str] | None:
    """Placeholders of a text in a fixed order; None when its braces do not fit together."""
    if "python-brace-format" not in flags:
        return sorted(_PERCENT.findall(text))
    try:
        # the same value may be said twice where a language needs it
        return sorted({name for _, name, _, _ in Formatter().parse(text) if name is not None})
    except ValueError:
        return None
