"""What becomes of refused ballots: counted by day and reason, said in the log of the server, slowed down.

Nothing tells who sent one. Addresses fall into drawers as those of consultations do and are not kept.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db import DatabaseError, transaction
from django.db.models import F, Sum
from django.utils import timezone

from isopolis.web.modules.consultation.limits import drawer

from .grouping import RefusedError
from .models import Refusal, Vote

__all__ = ["MOST_WRONG", "counted", "refused_so_far", "slow_down", "wrong_code"]

MOST_WRONG = 30
"""Wrong codes from one drawer in ten minutes, after which nothing is taken from it until they are over."""
SECONDS = 600
logger = logging.getLogger(__name__)


def _place(vote: Vote, address: str, now: datetime) -> str:
    number = drawer(address, timezone.localtime(now).date().isoformat())
    return f"ballots:{vote.pk}:{number}:{int(now.timestamp()) // SECONDS}"


def slow_down(vote: Vote, address: str, now: datetime) -> None:
    """Raise when many wrong codes came from there."""
    if address and int(cache.get(_place(vote, address, now), 0)) >= MOST_WRONG:
        raise RefusedError("many")


def wrong_code(vote: Vote, address: str, now: datetime) -> None:
    """Note a wrong code."""
    if not address:
        return
    place = _place(vote, address, now)
    cache.add(place, 0, SECONDS)
    try:
        cache.incr(place)
    except ValueError:  # it went away in between
        return


def counted(vote: Vote, error: RefusedError, now: datetime) -> None:
    """Count a refusal; that this fails must not hide why the ballot was refused."""
    logger.warning("a ballot was refused in vote %s: %s", vote.pk, error.reason)
    place = {"vote": vote, "day": timezone.localtime(now).date(), "reason": error.reason}
    try:
        with transaction.atomic():
            row, more = Refusal.objects.filter(**place), {"count": F("count") + 1}
            if not row.update(**more):  # the first one of the day
                Refusal.objects.bulk_create([Refusal(**place)], ignore_conflicts=True)
                row.update(**more)
    except DatabaseError:
        logger.warning("a refused ballot was not counted")


def refused_so_far(vote: Vote) -> dict[str, int]:
    """Return how many ballots were refused, by reason."""
    rows: Any = Refusal.objects.filter(vote=vote).values_list("reason").order_by("reason")
    return dict(rows.annotate(n=Sum("count")))
