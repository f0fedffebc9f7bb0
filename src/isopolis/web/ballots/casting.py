"""A ballot with a one-time code, and what every channel has in common."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from django.utils.translation import gettext as _

from isopolis.engage.ledger import codes
from isopolis.engage.ledger.ballot import checked
from isopolis.engage.ledger.chain import commitment
from isopolis.model import DataError
from isopolis.web.languages import said
from isopolis.web.permissions import require

from . import keys, refusals, rows
from .box import Slip
from .grouping import Job, RefusedError, submit
from .models import RollEntry, Vote

__all__ = [
    "BY_CODE",
    "Receipt",
    "accepted",
    "ballot_of",
    "cast_in",
    "cast_with_code",
    "day_of",
    "entry_of_code",
    "slip",
]

BY_CODE = ("web", "kiosk", "sms", "phone")
"""Channels in which people vote by themselves."""
NOBODY = ("", "0" * 32, "0" * 64)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What somebody keeps who has voted.

    Parameters
    ----------
    code : str
        In groups of four; known to nobody else. It proves that the ballot is in the box, and whoever has it
        can find out by trying what was chosen: it is not for others.
    commitment : str
        What will stand in the public list; 64 letters.
    """

    code: str
    commitment: str


def day_of(now: datetime) -> str:
    """Return the day for the log."""
    return timezone.localtime(now).date().isoformat()


def ballot_of(vote: Vote, choice: Sequence[str] | Mapping[str, int]) -> dict[str, int]:
    """Bring a choice into its one form, or refuse it with every limit that it breaks."""
    try:
        return checked(vote.question, choice)
    except DataError as error:
        raise RefusedError("ballot", [said(p.said()) for p in error.problems]) from None


def slip(ballot: dict[str, int]) -> Slip:
    """Give a ballot its receipt."""
    return Slip(ballot, codes.receipt_from(secrets.token_bytes(16)))


def accepted(vote: Vote, one: Slip) -> Receipt:
    """Return what the person is given."""
    bound = commitment(str(vote.pk), one.receipt, one.ballot)
    return Receipt(codes.grouped(one.receipt), bound)


def entry_of_code(vote: Vote, typed: str) -> tuple[str, str] | None:
    """Return key and cell of whose code this is; the same work whatever is wrong with it."""
    parts = codes.split(codes.normal(typed))
    found = rows.codes_row(vote, parts[0]) if parts is not None else None
    entry, salt, kept = found[:3] if found else NOBODY
    fits = codes.secret_fits(keys.lasting(vote.pk, "codes"), salt, parts[1] if parts else "", kept)
    return (entry, found[3]) if found and fits else None


def cast_with_code(
    module: Any,
    choice: Sequence[str] | Mapping[str, int],
    *,
    code: str,
    channel: str = "web",
    address: str = "",
    now: datetime | None = None,
) -> Receipt:
    """Take a ballot with a one-time code; see `isopolis.web.ballots.cast`."""
    at = now or timezone.now()
    vote = Vote.objects.filter(module=module).defer("result", "card", "bundle").first()
    if vote is None:
        raise RefusedError("closed")
    vote.module = module
    return cast_in(vote, choice, code=code, channel=channel, address=address, now=at)


def cast_in(
    vote: Vote,
    choice: Sequence[str] | Mapping[str, int],
    *,
    code: str,
    channel: str,
    address: str,
    now: datetime,
) -> Receipt:
    """Do it in a vote that was found already, with its module and process."""
    at = now
    # who is signed in does not matter here, and is not asked
    require(AnonymousUser(), "ballot.cast", vote.process.workspace, vote, now=at)
    try:
        return _cast(vote, choice, code, channel, address, at)
    except RefusedError as error:
        refusals.counted(vote, error, at)
        raise


def _cast(
    vote: Vote, choice: Sequence[str] | Mapping[str, int], code: str, channel: str, address: str, at: datetime
) -> Receipt:
    if channel not in BY_CODE:
        raise RefusedError(
            "ballot", _("Ballots with a code come by one of: %(known)s.") % {"known": ", ".join(BY_CODE)}
        )
    refusals.slow_down(vote, address, at)
    ballot = ballot_of(vote, choice)
    found = entry_of_code(vote, code)
    if found is None:
        refusals.wrong_code(vote, address, at)
        raise RefusedError("code")
    one = slip(ballot)
    submit(Job(vote.pk, vote.question.room, day_of(at), channel, found[0], found[1], one))
    return accepted(vote, one)


def entry_of_person(vote: Vote, identifier: str) -> tuple[str, str] | None:
    """Return key and cell of somebody on the roll."""
    try:
        key = codes.roll_key(keys.lasting(vote.pk, "roll"), identifier)
    except ValueError:
        return None
    row: Any = RollEntry.objects.filter(pk=key, vote=vote).values_list("pk", "cell").first()
    return row
