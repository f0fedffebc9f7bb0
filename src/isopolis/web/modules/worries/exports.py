"""Worries as a table for the officer, without anything that tells who told them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .models import Worry

__all__ = ["COLUMNS", "rows"]

COLUMNS = (
    "id", "received", "registered", "resolved", "channel", "zone", "topic", "confirmed", "language", "text",
    "state",
)  # fmt: skip


def rows(module: Any) -> Iterator[dict[str, str | int]]:
    """Yield worries by day; no contact, and of hidden texts that they are hidden."""
    found = Worry.objects.filter(desk__module=module).order_by("received_at", "pk")
    for w in found.iterator(chunk_size=2000):
        yield {
            "id": w.request_id,
            "received": _day(w.received_at),
            "registered": (_day(w.registered_at) or "yes") if w.registered else "no",
            "resolved": (_day(w.resolved_at) or "yes") if w.resolved else "no",
            "channel": w.channel,
            "zone": w.zone,
            "topic": w.about,
            "confirmed": "yes" if w.topic else "no",
            "language": w.language,
            "text": "" if w.state == Worry.State.HIDDEN else w.text,
            "state": w.state,
        }


def _day(moment: Any) -> str:
    return moment.date().isoformat() if moment else ""
