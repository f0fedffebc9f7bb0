"""Links that invite: made once, kept as a hash, bound to an e-mail address, gone after two weeks."""

from __future__ import annotations

import hashlib
import logging
import secrets
from datetime import datetime, time, timedelta
from smtplib import SMTPException
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

from isopolis.web.api.limits import counted

__all__ = [
    "MOST_PER_DAY",
    "VALID_FOR",
    "belongs_to",
    "clean_address",
    "digest_of",
    "fresh_token",
    "send",
    "too_many",
]

VALID_FOR = timedelta(days=14)
MOST_PER_DAY = 50
"""Invitations that one account may send on a day: this is no way to send mail to strangers."""

log = logging.getLogger(__name__)


def fresh_token() -> tuple[str, str]:
    """Return a token for the link, and what is kept of it."""
    token = secrets.token_urlsafe(32)
    return token, digest_of(token)


def digest_of(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def clean_address(email: str) -> str:
    """Return an address as accounts keep it."""
    return email.strip().lower()


def belongs_to(user: Any, email: str) -> bool:
    """Tell whether the address is one that `user` has proved to have.

    Where no mail server is set nobody can prove an address; there the account's own one counts, and the
    link itself is what only the invited person was given.
    """
    if EmailAddress.objects.filter(user=user, email__iexact=email, verified=True).exists():
        return True
    return not settings.OPTIONS["email_url"] and user.email.lower() == email.lower()


def too_many(actor: Any, now: datetime) -> bool:
    """Count one more invitation of today, and tell whether it is one too many."""
    midnight = datetime.combine(now.date() + timedelta(days=1), time.min, now.tzinfo)
    return counted(f"invitations:{actor.pk}", midnight) > MOST_PER_DAY


def send(email: str, subject: str, template: str, context: dict[str, Any]) -> None:
    """Send the mail; when the mail server does not take it the invitation stays and the log says so."""
    text = render_to_string(template, context)
    try:
        send_mail(subject, text, settings.DEFAULT_FROM_EMAIL, [email])
    except (OSError, SMTPException) as error:
        # no address in the log
        log.warning("an invitation could not be sent: %s", type(error).__name__)
