"""Countries by their two letters, known by the ways they are written."""

from __future__ import annotations

import functools
import unicodedata

from isopolis import content

__all__ = ["country_code", "country_name"]


@functools.lru_cache(maxsize=1)
def _table() -> tuple[dict[str, str], dict[str, str]]:
    names: dict[str, str] = {}
    codes: dict[str, str] = {}
    for code, entry in content.read("countries/iso.yaml")["countries"].items():
        names[code] = entry["name"]
        for written in (code, entry["name"], *entry.get("alt", ())):
            codes[_plain(written)] = code
    return names, codes


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip().casefold()


def country_code(name: str) -> str | None:
    """Return the two letters of a country, or None when nothing shipped is written like that."""
    return _table()[1].get(_plain(name))


def country_name(code: str) -> str:
    """Return the usual English name; the code itself when it is not known."""
    return _table()[0].get(code, code)
