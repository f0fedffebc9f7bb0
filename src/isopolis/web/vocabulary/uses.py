"""What in the shipped library uses a concept."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from isopolis import content

__all__ = ["uses"]

FOLDER = "library"


@lru_cache(maxsize=1)
def _by_concept() -> dict[str, tuple[tuple[str, dict[str, str]], ...]]:
    found: dict[str, list[tuple[str, dict[str, str]]]] = {}
    for name in content.names(FOLDER):
        record = content.read(f"{FOLDER}/{name}") if name.endswith(".yaml") else None
        if not isinstance(record, dict) or not isinstance(record.get("title"), dict):
            continue
        for id in sorted(set(_texts(record))):
            if ":" in id and len(id) < 120:
                found.setdefault(id, []).append((str(record.get("id", "")), record["title"]))
    return {id: tuple(listed) for id, listed in found.items()}


def _texts(plain: Any) -> Iterator[str]:
    if isinstance(plain, str):
        yield plain
    elif isinstance(plain, dict):
        for value in plain.values():
            yield from _texts(value)
    elif isinstance(plain, list):
        for value in plain:
            yield from _texts(value)


def uses(concept: str, lang: str) -> list[tuple[str, str]]:
    """Return language and title of the shipped records that name a concept, in `lang` or in English."""
    said = []
    for _id, title in _by_concept().get(concept, ()):
        spoken = next((code for code in (lang, "en") if title.get(code)), next(iter(title), ""))
        said.append((str(title.get(spoken, "")), spoken))
    return [(code, title) for title, code in sorted(said)]
