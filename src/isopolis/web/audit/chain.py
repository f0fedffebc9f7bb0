"""Adding to the audit log, and checking that nothing in it was changed since.

The seal of a row is SHA-256 over the seal of the row before and the row's own content as canonical
JSON. Erasing a person changes no row, because rows hold numbers of accounts and nothing else of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from ..inserts import statement, values_of
from .models import AuditEvent, AuditHead

__all__ = ["SENTENCES", "WORDS", "append", "say", "verify"]

SENTENCES: dict[str, str] = {
    "account.create": "{actor} made an account",
    "account.sign_in_by_link": "{actor} signed in with a one-time link",
    "account.sign_out_everywhere": "{actor} signed out everywhere",
    "account.security": "{actor} changed how the account is protected",
    "account.security password": "{actor} chose another password",
    "account.security e-mail": "{actor} changed the e-mail address of the account",
    "account.security second factor": "{actor} changed a second factor of the account",
}
"""What each verb says in the log, or a verb and what was done; actions add theirs when they are defined."""
WORDS: dict[str, Mapping[str, Callable[[str], Any]]] = {}
"""For each verb, by the keys of its detail, how a code is said."""


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
    # every change waits for the one before it here, so it is kept short: no savepoint, no query made anew
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        count, seal = _head(cursor)
        event = AuditEvent(
            number=count + 1,
            at=datetime.now(UTC).isoformat(timespec="microseconds"),
            verb=verb,
            actor=actor,
            workspace=workspace,
            target=target,
            detail=dict(detail or {}),
            previous=seal,
        )
        event.seal = seal_of(event)
        _keep(cursor, event)
        event._state.adding = False  # kept as Django keeps it: from now on it refuses to change
    return event


def _keep(cursor: Any, event: AuditEvent) -> None:
    insert, fields = statement(AuditEvent)
    row, head = values_of(event, fields), [event.number, event.seal]
    both = f"WITH kept AS ({insert}) {_SET_HEAD}"
    if connection.vendor == "postgresql":  # one way to the server and back instead of two
        cursor.execute(both, [*row, *head])
    else:
        cursor.execute(insert, row)
        cursor.execute(_SET_HEAD, head)


_GET_HEAD = 'SELECT "count", "seal" FROM "audit_audithead" WHERE "id" = 1'
_SET_HEAD = 'UPDATE "audit_audithead" SET "count" = %s, "seal" = %s WHERE "id" = 1'


def _head(cursor: Any) -> tuple[int, str]:
    """Return number and seal of the last row, and let nobody else have them until this change is kept."""
    lock = " FOR UPDATE" if connection.features.has_select_for_update else ""
    cursor.execute(_GET_HEAD + lock)
    row = cursor.fetchone()
    if row is None:  # the very first time
        AuditHead.objects.get_or_create(pk=1)
        return _head(cursor)
    return int(row[0]), str(row[1])


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
    if event.actor is None:
        actor = _("The server")
    else:
        actor = names.get(event.actor) or _("account %(number)s (erased)") % {"number": event.actor}
    known: dict[str, Any] = {"actor": actor, "target": event.target, "verb": event.verb} | event.detail
    if "role" in known:
        known["role"] = _(str(known["role"]).replace("_", " "))
    for key, word in WORDS.get(event.verb, {}).items():
        known[key] = _word(word, known.get(key, ""))
    template = SENTENCES.get(f"{event.verb} {known.get('what', '')}") or SENTENCES.get(event.verb)
    said = _(template) if template else _("{actor} did: {verb}")
    return said.format_map(_Gaps(known))


def _word(word: Callable[[str], Any], code: Any) -> str:
    """Say a code, or give it as it is where an earlier version wrote one that nobody knows any more."""
    try:
        return str(word(str(code)))
    except (KeyError, ValueError):
        return str(code)


class _Gaps(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"
