"""Against stuffing, without knowing who votes: no address is stored, not even for a minute.

Drawers are those of consultations: an address falls into one of a few thousand by a keyed sum whose key
changes every day. A person without an account is a signed name in a cookie. Whoever throws the cookie away
becomes somebody else: that is slowed down here, and said plainly where the result stands.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, time, timedelta

from django.core import signing
from django.utils.translation import gettext as _

from isopolis.web.actions import ValidationError
from isopolis.web.api.limits import counted
from isopolis.web.modules.consultation.limits import drawer

__all__ = [
    "FASTEST", "NEW_A_DAY", "NEW_PER_DRAWER", "STATEMENTS_A_DAY", "VOTES_A_MINUTE", "VOTES_PER_DRAWER",
    "cookie_of", "fresh_sign", "let_in", "let_propose", "let_vote", "person_of_cookie", "person_of_sign",
]  # fmt: skip

NEW_PER_DRAWER = 30
"""New people without an account from one drawer in ten minutes; a school class behind one address fits."""
NEW_A_DAY = 5000
"""New people without an account in one conversation in a day."""
VOTES_A_MINUTE = 40
"""Votes of one person in a minute: faster nobody reads."""
VOTES_PER_DRAWER = 1200
"""Votes from one drawer in ten minutes."""
STATEMENTS_A_DAY = 10
STATEMENTS_PER_DRAWER = 20
MINUTES = 10
FASTEST = 1.0
"""Seconds between the page and the first vote of somebody new."""
OLDEST = timedelta(days=2)
DAYS = 180
"""How long the cookie of a person without an account lasts."""


def _form_salt(module: int) -> str:
    return f"isopolis.opinions.form.{module}"


def _cookie_salt(module: int) -> str:
    return f"isopolis.opinions.person.{module}"


def fresh_sign(module: int, now: datetime, person: str = "") -> str:
    """Return the sign of a page for somebody new: who they would be, and when the page was shown."""
    said = [person or uuid.uuid4().hex, int(10 * now.timestamp()) / 10]
    return signing.dumps(said, salt=_form_salt(module))


def person_of_sign(module: int, sign: str, now: datetime) -> uuid.UUID | None:
    """Return who a sign stands for; None when it is none of ours, too old, or came back too fast."""
    try:
        name, shown = signing.loads(sign, salt=_form_salt(module))
        person, age = uuid.UUID(hex=name), now.timestamp() - float(shown)
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        return None
    return person if FASTEST <= age <= OLDEST.total_seconds() else None


def name_of_sign(module: int, sign: str) -> str:
    """Return the name inside a sign of ours, however old; empty for any other."""
    try:
        name, _shown = signing.loads(sign, salt=_form_salt(module))
        return uuid.UUID(hex=name).hex
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        return ""


def cookie_of(module: int, person: uuid.UUID) -> str:
    """Return the content of the cookie of a person without an account."""
    return signing.dumps(person.hex, salt=_cookie_salt(module))


def person_of_cookie(module: int, content: str) -> uuid.UUID | None:
    """Return who a cookie stands for; None for one that we did not sign for this conversation."""
    try:
        name = signing.loads(content, salt=_cookie_salt(module), max_age=timedelta(days=DAYS))
        return uuid.UUID(hex=name)
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        return None


def _span(now: datetime, minutes: int) -> datetime:
    seconds = 60 * minutes
    return datetime.fromtimestamp((int(now.timestamp()) // seconds + 1) * seconds, UTC)


def _midnight(now: datetime) -> datetime:
    return datetime.combine(now.date() + timedelta(days=1), time.min, now.tzinfo)


def let_in(module: int, address: str, now: datetime) -> None:
    """Count somebody new without an account; raise when there are too many."""
    place = drawer(address, now.date().isoformat())
    if counted(f"opinions:new:{module}:{place}", _span(now, MINUTES)) > NEW_PER_DRAWER:
        raise ValidationError(
            _("Many people came from here just now. Wait ten minutes, or sign in, then go on.")
        )
    if counted(f"opinions:new:{module}", _midnight(now)) > NEW_A_DAY:
        raise ValidationError(_("Many people came today. Please come back tomorrow, or sign in."))


def let_vote(module: int, person: uuid.UUID, address: str, now: datetime) -> None:
    """Count one vote; raise when there are too many."""
    if counted(f"opinions:vote:{person}", _span(now, 1)) > VOTES_A_MINUTE:
        raise ValidationError(_("That was very fast. Wait a minute, then go on."))
    place = drawer(address, now.date().isoformat())
    if counted(f"opinions:votes:{module}:{place}", _span(now, MINUTES)) > VOTES_PER_DRAWER:
        raise ValidationError(_("Many votes came from here just now. Wait ten minutes, then go on."))


def let_propose(module: int, person: uuid.UUID, address: str, now: datetime) -> None:
    """Count one statement; raise when there are too many."""
    if counted(f"opinions:wrote:{person}", _midnight(now)) > STATEMENTS_A_DAY:
        raise ValidationError(_("You wrote many statements today. Send this one tomorrow."))
    place = drawer(address, now.date().isoformat())
    if counted(f"opinions:wrote:{module}:{place}", _span(now, MINUTES)) > STATEMENTS_PER_DRAWER:
        raise ValidationError(
            _("Many statements came from here just now. Wait ten minutes, then send yours.")
        )
