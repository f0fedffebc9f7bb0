"""The public log of a vote: entries that are only ever added, each sealed with the one before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from isopolis.engage.ledger.chain import broken, sealed_entry

from .models import Boxed, LogEntry, Vote

__all__ = ["add", "entries_of", "plain_log", "wrong_with"]


def add(vote: Vote, kind: str, day: str, content: Mapping[str, Any]) -> LogEntry:
    """Add one entry in the transaction of what it tells of; `vote` must be locked or new."""
    last = LogEntry.objects.filter(vote=vote).order_by("-number").first()
    made = sealed_entry(last.sealed if last else None, kind, day, content)
    return LogEntry.objects.create(
        vote=vote, number=made.entry.number, kind=kind, day=day, content=dict(content),
        previous=made.previous, seal=made.seal,
    )  # fmt: skip


def entries_of(vote: Vote) -> list[LogEntry]:
    """Return the log from its beginning."""
    return list(LogEntry.objects.filter(vote=vote))


def wrong_with(vote: Vote) -> list[str]:
    """Say everything that does not fit in the log and the box; nothing when both are whole."""
    batches: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for batch, name, bound in Boxed.objects.filter(vote=vote).values_list("batch", "id", "commitment"):
        batches[batch].append((name, bound))
    return broken([e.sealed for e in entries_of(vote)], batches)


def plain_log(vote: Vote) -> dict[str, Any]:
    """Return what everybody may have: the log, and the names and commitments of all ballots by batch."""
    batches: dict[int, list[list[str]]] = defaultdict(list)
    rows = Boxed.objects.filter(vote=vote).order_by("batch", "id")
    for batch, name, bound in rows.values_list("batch", "id", "commitment"):
        batches[batch].append([name, bound])
    entries = [
        {"number": e.number, "kind": e.kind, "day": e.day, "content": e.content, "previous": e.previous,
         "seal": e.seal}
        for e in entries_of(vote)
    ]  # fmt: skip
    return {
        "format": "isopolis ballot log 1", "vote": str(vote.pk), "entries": entries,
        "batches": {str(n): pairs for n, pairs in sorted(batches.items())},
    }  # fmt: skip
