"""Erasing again, after a restore, whoever had been erased since the backup was made."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from django.contrib.auth import get_user_model

from .actions import SERVER, EraseAccount
from .erasure import known_erasures, plan

__all__ = ["Replayed", "replay"]

Replayed = tuple[list[int], list[int]]


def replay(path: Path | None = None, *, dry: bool = False) -> Replayed:
    """Erase again every account of the list that is back.

    An account that was made after the erasure is somebody else who was given the same number.

    Returns
    -------
    erased : list of int
        Numbers of the accounts.
    left : list of int
        Accounts that are the only owner of a workspace with other members; name another owner first.
    """
    erased, left = [], []
    for number, at in sorted(known_erasures(path).items()):
        account = get_user_model().objects.filter(pk=number, joined_at__lte=_aware(at)).first()
        if account is None:
            continue
        if plan(account).hand_over:
            left.append(number)
            continue
        if not dry:
            EraseAccount(SERVER, account, close=True).run()
        erased.append(number)
    return erased, left


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)
