"""From a city that does better than expected to what the library knows of it."""

from __future__ import annotations

from typing import Any

from isopolis.web.library.models import Entry

__all__ = ["records_of"]

MOST = 5
LOOKED_AT = 50


def records_of(city: str) -> list[dict[str, Any]]:
    """Published records of the library that took place in a city, newest first."""
    name = city.casefold()
    able = Entry.objects.filter(state=Entry.State.PUBLISHED, words__contains=name).order_by("-published_at")
    there = [e for e in able[:LOOKED_AT] if name in _places(e.record)]
    return [{"title": e.title, "url": e.get_absolute_url()} for e in there[:MOST]]


def _places(record: dict[str, Any]) -> set[str]:
    place = record.get("place") or {}
    return {str(place.get(key, "")).casefold() for key in ("city", "name")}
