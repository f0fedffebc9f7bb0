"""Adding to the audit log, and checking that nothing in it was changed since.

The seal of a row is SHA-256 over the seal of the row before and the row's own content as canonical
JSON. Erasing a person changes no row, because rows hold numbers of accounts and nothing else of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from .models import AuditEvent, AuditHead

__all__ = ["SENTENCES", "append", "say", "verify"]

SENTENCES: dict[str, str] = {
    "account.create": "{actor} made an account",
    "account.sign_in_by_link": "{actor} signed in with a one-time link",
}
"""What each verb says in the log; actions add theirs when they are defined."""


def append(
    verb: str,
    *,
    actor: int | None,
    target: str,
    workspace: UUID | None = None,
    detail: Mapping[str, str | int] | None = None,
) -> AuditEvent:
    """Add one row in the transaction of the change that it tells of."""
    if verb not in SENTENCES:
        raise KeyError(f"{verb} has no sentence for the audit log")
    with transaction.atomic():
        AuditHead.objects.get_or_create(pk=1)
        head = AuditHead.objects.select_for_update().get(pk=1)
        event = AuditEvent(
            number=head.count + 1,
            at=datetime.now(UTC).isoformat(timespec="microseconds"),
            verb=verb,
            actor=actor,
            workspace=workspace,
            target=target,
            detail=dict(detail or {}),
            previous=head.seal,
        )
        event.seal = seal_of(event)
        event.save()
        AuditHead.objects.filter(pk=1).update(count=event.number, seal=event.seal)
    return event


def seal_of(event: AuditEvent) -> str:
    """Compute the seal that a row must carry."""
    content = {
        "number": event.number,
        "at": event.at,
        "verb": event.verb,
        "actor": event.actor,
        "workspace": str(event.workspace) if event.workspace else None,
        "target": event.target,
        "detail": event.detail,
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{event.previous}\n{text}".encode()).hexdigest()


def verify() -> Iterator[str]:
    """Yield one sentence for everything that is wrong with the log; nothing when it is whole."""
    with transaction.atomic():
        seal, number = "", 0
        for event in AuditEvent.objects.order_by("number").iterator(chunk_size=2000):
            if event.number != number + 1:
                yield f"rows {number + 1} to {event.number - 1} are missing"
            if event.previous != seal:
                yield f"row {event.number} does not follow from the row before it"
            if event.seal != seal_of(event):
                yield f"row {event.number} ({event.verb}, {event.at}) was changed after it was written"
            seal, number = event.seal, event.number
        head = AuditHead.objects.filter(pk=1).first()
        count, last = (head.count, head.seal) if head else (0, "")
        if (count, last) != (number, seal):
            yield f"the log says that it ends with row {count}, but it ends with row {number}"


def say(event: AuditEvent, names: Mapping[int, str]) -> str:
    """Write a row as a sentence for those who may know the names."""
    actor = "The server" if event.actor is None else names.get(event.actor, f"account {event.actor} (erased)")
    template = SENTENCES.get(event.verb, "{actor} did: " + event.verb.replace("{", "").replace("}", ""))
    known: dict[str, Any] = {"actor": actor, "target": event.target} | event.detail
    return template.format_map(_Gaps(known))


class _Gaps(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"
