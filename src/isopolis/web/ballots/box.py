"""From the accepted ballots that wait into the box: opened, shuffled, and sealed anew.

When four times the smallest batch waits, all but one smallest batch of it, chosen at random, enter the box,
and the rest is sealed anew under new names. Who looks on cannot tell which of those that waited are in the
batch and which go on waiting. Only the end empties what waits.
"""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from isopolis.engage.ledger.ballot import canonical, padded, unpadded
from isopolis.engage.ledger.chain import batch_digest, commitment, tag

from . import keys, log, rows
from .models import Boxed, Vote, Waiting

__all__ = ["DUE", "ROOM", "Slip", "due", "held", "mix", "put", "slips_of", "waiting_name"]

DUE = 4
"""Smallest batches that wait before they are shuffled."""
ROOM = 80
"""Bytes that a slip needs beside the ballot."""
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Slip:
    """A ballot and its receipt, without anything of who cast it."""

    ballot: dict[str, int]
    receipt: str

    def filled(self, room: int) -> bytes:
        """Return it in a form that is as long as any other of this vote."""
        return padded(canonical({"b": self.ballot, "r": self.receipt}), room + ROOM)


def _read(content: bytes) -> Slip:
    said = json.loads(unpadded(content))
    return Slip(said["b"], said["r"])


def _place(epoch: int) -> str:
    return f"waiting {epoch}"


def put(vote: Vote, slips: Sequence[Slip], room: int) -> None:
    """Let accepted ballots wait; `vote` must be locked by this transaction, so that its epoch stands."""
    if not slips:
        return
    key = keys.epoch_key(vote.pk, vote.epoch)
    number, sealed = rows.number_of(vote.pk), []
    for slip in slips:
        name = tag(str(vote.pk), slip.receipt, _place(vote.epoch))
        sealed.append((name, number, keys.sealed(key, name, slip.filled(room))))
    rows.insert(Waiting, ("id", "vote_id", "content"), sorted(sealed))


def due(vote: Vote) -> bool:
    """Tell whether enough waits to be shuffled."""
    return rows.waiting(vote) >= DUE * vote.least


def mix(number: Any, day: str, *, last: bool = False) -> int:
    """Shuffle what waits and put a batch into the box; return its size, 0 when too little waits.

    Parameters
    ----------
    number : UUID
        Of the vote.
    day : str
        For the log.
    last : bool
        True at the end: nothing is left waiting, however few there are.

    Raises
    ------
    DataError
        If something that waits cannot be opened; then nothing is changed.
    """
    with transaction.atomic():
        vote = Vote.objects.select_for_update().get(pk=number)
        sealed = list(Waiting.objects.filter(vote=vote).values_list("id", "content"))
        if not sealed or (len(sealed) < DUE * vote.least and not last):
            return 0
        key = keys.epoch_key(vote.pk, vote.epoch)
        slips = [_read(keys.opened(key, name, bytes(content))) for name, content in sealed]
        secrets.SystemRandom().shuffle(slips)
        stay = 0 if last else vote.least
        Waiting.objects.filter(vote=vote).delete()
        vote.epoch += 1
        vote.save(update_fields=["epoch"])
        keys.make_epoch(vote.pk, vote.epoch)
        put(vote, slips[:stay], vote.question.room)
        _box(vote, slips[stay:], day)
        epoch = vote.epoch
        transaction.on_commit(lambda: keys.destroy_before(number, epoch))
    return len(slips) - stay


def _box(vote: Vote, slips: Sequence[Slip], day: str) -> None:
    """Write a batch in the order of its random names, and its digest into the log."""
    before = Boxed.objects.filter(vote=vote).order_by("-batch").values_list("batch", flat=True).first()
    batch = (before or 0) + 1
    key, number = keys.lasting(vote.pk, "box"), str(vote.pk)
    here, room, sealed = rows.number_of(vote.pk), vote.question.room, []
    for slip in slips:
        name = tag(number, slip.receipt, "box")
        bound = commitment(number, slip.receipt, slip.ballot)
        sealed.append((name, here, batch, bound, keys.sealed(key, name, slip.filled(room))))
    rows.insert(Boxed, ("id", "vote_id", "batch", "commitment", "content"), sorted(sealed))
    told = {"batch": batch, "ballots": len(sealed), "digest": batch_digest((r[0], r[3]) for r in sealed)}
    log.add(vote, "batch", day, told)


def slips_of(vote: Vote) -> list[tuple[Boxed, Slip]]:
    """Open the box.

    Raises
    ------
    DataError
        If a ballot in it was changed.
    """
    key = keys.lasting(vote.pk, "box")
    held = Boxed.objects.filter(vote=vote).order_by("batch", "id")
    return [(r, _read(keys.opened(key, r.pk, bytes(r.content)))) for r in held]


def held(vote: Vote, receipt: str) -> Boxed | str | None:
    """Return where the ballot of a receipt lies: its row in the box, ``"waiting"``, or None."""
    found = Boxed.objects.filter(vote=vote, pk=tag(str(vote.pk), receipt, "box")).first()
    if found is not None:
        return found
    name = waiting_name(vote, receipt)
    return "waiting" if Waiting.objects.filter(vote=vote, pk=name).exists() else None


def waiting_name(vote: Vote, receipt: str) -> str:
    """Return the name of a ballot for as long as it waits and nothing is shuffled."""
    return tag(str(vote.pk), receipt, _place(vote.epoch))
