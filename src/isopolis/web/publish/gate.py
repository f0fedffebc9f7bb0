"""The gate of a workspace: its secret, what was published before, its rules from a form."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

from .models import Gate, GateRecord, Publication

if TYPE_CHECKING:  # pages of visitors need none of it
    from isopolis.privacy import Entry, Ledger, Policy

__all__ = ["DIGITS", "entries_of", "gate_of", "ledger_of", "lock", "policy_of"]

SECRET_BYTES = 32
DIGITS = 3
"""Decimals of a published index: as many as the pages show."""
REMEMBERED = (Publication.State.PUBLISHED, Publication.State.WITHDRAWN)
"""What was public once stays known."""


def gate_of(workspace: Any) -> Gate:
    """Return the gate of a workspace; its secret is made once."""
    found = Gate.objects.filter(workspace=workspace).first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            return Gate.objects.create(workspace=workspace, secret=secrets.token_bytes(SECRET_BYTES))
    except IntegrityError:  # somebody else was faster
        return Gate.objects.get(workspace=workspace)


def lock(workspace: Any) -> Gate:
    """Take the lock of the gate until the end of the transaction: one publishes after the other."""
    gate_of(workspace)
    return Gate.objects.select_for_update().get(workspace=workspace)


def ledger_of(workspace: Any) -> tuple[Ledger, list[int]]:
    """Return everything that was ever public, and the numbers of those publications."""
    from isopolis.privacy import Ledger

    records = (
        GateRecord.objects.filter(publication__workspace=workspace, publication__state__in=REMEMBERED)
        .select_related("publication")
        .order_by("publication__published_at", "publication__number")
    )
    entries: list[Entry] = []
    numbers: list[int] = []
    for record in records:
        numbers.append(record.publication.number)
        day = record.publication.published_at.date().isoformat()
        told = Ledger.from_json(record.entries).entries
        entries += [replace(e, number=record.publication.number, published=day) for e in told]
    return Ledger(tuple(entries)), numbers


def entries_of(before: Ledger, after: Ledger) -> str:
    """Return what a release adds to the ledger, as text to keep."""
    from isopolis.privacy import Ledger

    return Ledger(after.entries[len(before.entries) :]).to_json()


def policy_of(said: Mapping[str, Any]) -> Policy:
    """Return the rules that a publication was prepared under."""
    from isopolis.privacy import Policy

    known = {
        k: said[k] for k in ("protection", "threshold", "sensitive_threshold", "across_dates") if k in said
    }
    return Policy(digits=DIGITS, **json.loads(json.dumps(known)))
