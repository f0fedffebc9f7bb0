"""Numbers and lists in messages: one zone has, two zones have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from isopolis.model.text import joint, phrases

__all__ = ["listed", "many", "named_zones", "one_or_more"]


def one_or_more(n: int, one: str, more: str) -> str:
    """Choose between the word for one and the word for several: ``has`` or ``have``."""
    return one if n == 1 else more


_COUNTED = {
    "cell": lambda n: phrases("{n} cell", "{n} cells", n),
    "column": lambda n: phrases("{n} column", "{n} columns", n),
    "row": lambda n: phrases("{n} row", "{n} rows", n),
    "zone": lambda n: phrases("{n} zone", "{n} zones", n),
    "zone id": lambda n: phrases("{n} zone id", "{n} zone ids", n),
}


def many(n: int, one: str, more: str = "") -> str:
    """Write a number with its noun: ``1 zone``, ``2 zones``."""
    if one in _COUNTED and not more:
        return _COUNTED[one](n)
    return f"{n:,} {one_or_more(n, one, more or one + 's')}"


def listed(items: Iterable[Any], limit: int = 5) -> str:
    """Write the first few items, and how many there are besides."""
    names = [str(i) for i in items]
    first = joint(names[:limit], ", ")
    if len(names) <= limit:
        return first
    return phrases("{items} and {n} more", "{items} and {n} more", len(names) - limit, items=first)


def named_zones(ids: Iterable[Any], limit: int = 5) -> str:
    """Write ids so that nobody takes them for numbers of people: ``zone 10``, ``zones 10, 11``."""
    names = [str(i) for i in ids]
    return phrases("zone {ids}", "zones {ids}", len(names), ids=listed(names, limit))
