"""Keeping machines from telling worries, in the way of consultations: no address is stored."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from django.utils.translation import gettext as _

from isopolis.web.actions import ValidationError
from isopolis.web.api.limits import counted
from isopolis.web.modules.consultation.limits import MINUTES, PER_DRAWER, drawer

__all__ = ["MOST_A_DAY", "let_in"]

MOST_A_DAY = 5000
"""Worries without an account at one desk in a day: a surge of weather fits into it."""


def let_in(desk: str, address: str, now: datetime) -> None:
    """Count one worry without an account; raise when there are too many."""
    span = 60 * MINUTES
    ends = datetime.fromtimestamp((int(now.timestamp()) // span + 1) * span, UTC)
    midnight = datetime.combine(now.date() + timedelta(days=1), time.min, now.tzinfo)
    place = drawer(address, now.date().isoformat())
    if counted(f"worries:{desk}:{place}", ends) > PER_DRAWER:
        raise ValidationError(_("Many worries came from here just now. Wait ten minutes, then send yours."))
    if counted(f"worries:{desk}", midnight) > MOST_A_DAY:
        raise ValidationError(_("Many worries came today. Please call, write a letter, or come tomorrow."))
