"""Finding zones: by name, id or parent, by a point, by an address of the city's list."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from typing import Any

from isopolis.flows.places import fold_words, parse_point, zone_of_point

from . import store

__all__ = ["LONGEST", "MOST", "Hits", "search"]

MOST = 25
LONGEST = 200


@dataclass(slots=True)
class Hits:
    """What was found: ``(zone, name, why)``, and whether there was more."""

    asked: str
    zones: list[tuple[int, str, str]] = field(default_factory=list)
    more: bool = False
    point: bool = False


def search(job: Any, asked: str) -> Hits:
    """Look for `asked` among the zones of a diagnosis."""
    hits = Hits(asked[:LONGEST].strip())
    point = parse_point(hits.asked)
    named = store.names(job)
    if point is not None:
        hits.point = True
        path = store.page_file(job, "outlines.npz")
        found = zone_of_point(path, *point) if path.is_file() else -1
        if found >= 0:
            hits.zones.append((found, named["names"][found], ""))
        return hits
    words = fold_words(hits.asked)
    if not words:
        return hits
    by_name = _by_name(named, words)
    hits.zones += [(n, named["names"][n], "") for n in by_name]
    hits.zones += [(z, named["names"][z], text) for text, z in _by_address(job, words)]
    hits.more = len(hits.zones) > MOST
    del hits.zones[MOST:]
    return hits


def _by_name(named: dict[str, Any], words: list[str]) -> list[int]:
    """Zones in which every word begins a word; whole words first, then the city's order."""
    found = [n for n, text in enumerate(named["search"]) if all(f" {w}" in text for w in words)]
    found.sort(key=lambda n: -sum(f" {w} " in named["search"][n] for w in words))
    return found[: MOST + 1]


def _by_address(job: Any, words: list[str]) -> list[tuple[str, int]]:
    path = store.page_file(job, "addresses.sqlite")
    if not path.is_file():
        return []
    base = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        where = " AND ".join(["instr(folded, ?)"] * len(words))
        # a house number is meant as a whole, a street may be given by its beginning
        asked = [f" {w} " if w.isdigit() else f" {w}" for w in words]
        rows = base.execute(
            f"SELECT said, zone FROM address WHERE {where} ORDER BY length(folded), said LIMIT ?",
            [*asked, MOST + 1],
        ).fetchall()
    finally:
        base.close()
    return [(str(text), int(zone)) for text, zone in rows]
