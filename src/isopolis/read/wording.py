"""Numbers and lists in messages: one zone has, two zones have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

__all__ = ["has", "listed", "many", "named_zones", "one_or_more", "was"]


def one_or_more(n: int, one: str, more: str) -> str:
    """Choose between the word for one and the word for several: ``has`` or ``have``."""
    return one if n == 1 else more


def has(n: int) -> str:
    """Write ``has`` for one, ``have`` for several."""
    return one_or_more(n, "has", "have")


def was(n: int) -> str:
    """Write ``was`` for one, ``were`` for several."""
    return one_or_more(n, "was", "were")


def many(n: int, one: str, more: str = "") -> str:
    """Write a number with its noun: ``1 zone``, ``2 zones``."""
    return f"{n:,} {one_or_more(n, one, more or one + 's')}"


def listed(items: Iterable[Any], limit: int = 5) -> str:
    """Write the first few items, and how many there are besides."""
    names = [str(i) for i in items]
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more


def named_zones(ids: Iterable[Any], limit: int = 5) -> str:
    """Write ids so that nobody takes them for numbers of people: ``zone 10``, ``zones 10, 11``."""
    names = [str(i) for i in ids]
    return f"{one_or_more(len(names), 'zone', 'zones')} {listed(names, limit)}"
