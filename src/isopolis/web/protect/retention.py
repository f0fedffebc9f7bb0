"""Running the time limits: once a day by the job runner, or by hand, with or without removing."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from . import equality
from .erasure import wipe
from .models import RetentionDay
from .register import daily_rounds, retention_rules
from .rules import Rule

__all__ = ["Cleaned", "daily", "once_a_day", "run"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What one rule removed, or would remove."""

    rule: Rule
    count: int


def run(now: datetime, *, dry: bool) -> list[Cleaned]:
    """Apply every rule at the time `now`; only count when `dry`.

    A rule that fails stands in the log, and the others run all the same.
    """
    out = []
    for rule in retention_rules():
        if rule.clean is None:
            continue
        try:
            with transaction.atomic():
                out.append(Cleaned(rule, rule.run(now, dry)))
        except Exception as error:  # whatever it is, what others promise to remove has to go today
            log.warning("the time limit %s could not be applied: %s", rule.key, type(error).__name__)
    if not dry:
        equality.settle()
        wipe()
    return out


def once_a_day(now: datetime) -> int | None:
    """Run the rules if no job runner has done so on this day; return how much went, or None.

    Then comes what else is done once a day, outside every transaction: it may wait for a mail server.
    """
    day = now.date()
    if RetentionDay.objects.filter(pk=day).exists():
        return None
    try:
        with transaction.atomic():
            RetentionDay.objects.create(day=day)
    except IntegrityError:  # another runner was faster
        return None
    removed = sum(c.count for c in run(now, dry=False))
    RetentionDay.objects.filter(pk=day).update(removed=removed)
    for turn in daily_rounds():
        try:
            turn(now)
        except Exception as error:
            log.warning("%s failed: %s", turn.__module__, type(error).__name__)
    return removed


def daily() -> None:
    """Run the rules of today, if nobody has; for the loop of the job runner."""
    removed = once_a_day(timezone.now())
    if removed:
        log.info("time limits removed %s things", removed)
