"""What a city.toml may name on a server: only the files of its own upload.

On a laptop the reader follows absolute paths and environment variables. Here that would let one city read
another's files, or the server's, so such names are refused before the reader sees them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator
from typing import Any

from isopolis.model import Problem, near

__all__ = ["LONGEST", "foreign_names"]

LONGEST = 200_000


def foreign_names(text: str, names: Collection[str]) -> list[Problem]:
    """Return a problem for each file named that is not part of the upload.

    Text that is no TOML has none: the reader says what is wrong with it, and reads nothing.
    """
    if len(text) > LONGEST:
        return [
            Problem("too-long", "city.toml is too long", file="city.toml", rule=f"{LONGEST:,} characters")
        ]
    try:
        raw = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return []
    found = [_foreign(value, names) for key, value in _walk(raw) if key == "file" and value not in names]
    crs = raw.get("crs")
    if isinstance(crs, str) and any(sign in crs for sign in ("://", "@", "/", "\\")):
        found.append(_wrong("crs", crs, "the reference system is no code", "a code such as EPSG:25831"))
    return found


def _walk(item: Any) -> Iterator[tuple[str, Any]]:
    """Every key and value at any depth."""
    waiting = [item]
    while waiting:
        now = waiting.pop()
        if isinstance(now, dict):
            for key, value in now.items():
                yield key, value
                waiting.append(value)
        elif isinstance(now, list):
            waiting.extend(now)


def _foreign(value: Any, names: Collection[str]) -> Problem:
    rule = "the name of a file of this upload, without a path outside it"
    return _wrong(
        "file", str(value), "this upload has no such file", rule, near(str(value), names).capitalize()
    )


def _wrong(key: str, value: str, message: str, rule: str, hint: str = "") -> Problem:
    return Problem(
        f"foreign-{key}", message, file="city.toml", column=key, value=value[:120], rule=rule, hint=hint
    )
