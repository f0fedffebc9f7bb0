"""Making tokens and finding whose token was sent."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime

from django.utils import timezone

from .models import ApiToken

__all__ = ["PREFIX", "digest_of", "find", "fresh"]

PREFIX = "iso_"
"""By which people, and programs that look for lost secrets, know what it is."""

LENGTH = len(PREFIX) + 43


def fresh() -> str:
    """Return a new token of 256 random bits."""
    return PREFIX + secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    """Return what is kept of a token. It is random and long, so that a plain hash cannot be guessed back."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def find(token: str, now: datetime | None = None) -> ApiToken | None:
    """Return the token if it is good for anything, and note the day of its use."""
    if len(token) != LENGTH or not token.startswith(PREFIX):
        return None
    now, digest = now or timezone.now(), digest_of(token)
    found = ApiToken.objects.select_related("user").filter(digest=digest).first()
    if found is None or not hmac.compare_digest(found.digest, digest) or not found.valid(now):
        return None
    if found.last_used_on != now.date():
        ApiToken.objects.filter(pk=found.pk).update(last_used_on=now.date())
    return found
