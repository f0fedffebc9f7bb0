"""Keeping machines from answering, without knowing who answers: no address is stored, not even for a minute.

What is counted are drawers: an address falls into one of a few thousand by a keyed sum whose key changes
every day. Many addresses share a drawer, so that it tells nobody's; a machine that sends again and again
fills its own.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, time, timedelta

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext as _

from isopolis.web.actions import ValidationError
from isopolis.web.api.limits import counted

__all__ = ["DRAWERS", "MOST_A_DAY", "PER_DRAWER", "drawer", "issued", "let_in", "too_fast"]

DRAWERS = 4096
PER_DRAWER = 20
"""Answers from one drawer in ten minutes; a library or a school behind one address fits into it."""
MINUTES = 10
MOST_A_DAY = 3000
"""Answers without an account to one consultation in a day."""
FASTEST = 3
"""Seconds that a person needs at least to read and answer."""
SALT = "isopolis.consultation"


def drawer(address: str, day: str) -> int:
    """Return the drawer of an address on a day."""
    key = f"{settings.SECRET_KEY}{day}".encode()
    digest = hmac.new(key, address.encode("utf-8", "replace"), hashlib.sha256).digest()
    return int.from_bytes(digest[:4], "big") % DRAWERS


def issued(now: datetime) -> str:
    """Return the sign of a form: when it was shown."""
    return signing.dumps(int(now.timestamp()), salt=SALT)


def too_fast(sign: str, now: datetime) -> bool:
    """Tell whether a form comes back faster than a person writes, or with a sign that is none of ours."""
    try:
        shown = int(signing.loads(sign, salt=SALT))
    except (signing.BadSignature, ValueError, TypeError):
        return True
    return not FASTEST <= now.timestamp() - shown <= timedelta(days=2).total_seconds()


def let_in(consultation: int, address: str, now: datetime) -> None:
    """Count one answer without an account; raise when there are too many."""
    day = now.date().isoformat()
    span = 60 * MINUTES
    ends = datetime.fromtimestamp((int(now.timestamp()) // span + 1) * span, UTC)
    midnight = datetime.combine(now.date() + timedelta(days=1), time.min, now.tzinfo)
    if counted(f"consultation:{consultation}:{drawer(address, day)}", ends) > PER_DRAWER:
        raise ValidationError(_("Many answers came from here just now. Wait ten minutes, then send yours."))
    if counted(f"consultation:{consultation}", midnight) > MOST_A_DAY:
        raise ValidationError(_("Many answers came today. Please send yours tomorrow, or on paper."))
