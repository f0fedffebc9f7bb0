"""One-time sign-in links: made by whoever runs the server, used once, gone after an hour."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from .models import SignInLink, User

__all__ = ["ADMINISTRATOR", "administrator", "make_link", "redeem"]

ADMINISTRATOR = "administrator@isopolis.localhost"


def make_link(user: User | None = None) -> str:
    """Return the path of a fresh link; earlier unused links of the account stop working.

    Without a user it is for the server's own administrator, who is made when missing.
    """
    who = user or administrator()
    SignInLink.objects.filter(user=who, used_at=None).delete()
    token = secrets.token_urlsafe(32)
    until = timezone.now() + timedelta(minutes=settings.OPTIONS["link_minutes"])
    SignInLink.objects.create(user=who, digest=_digest(token), expires_at=until)
    return reverse("sign_in_link", args=[token])


def redeem(token: str) -> User | None:
    """Return whose link it is and spend it; None when it is unknown, spent or too old."""
    now = timezone.now()
    valid = SignInLink.objects.filter(
        digest=_digest(token), used_at=None, expires_at__gt=now, user__is_active=True
    )
    # one UPDATE decides, so that two clicks cannot both win
    if valid.update(used_at=now) != 1:
        return None
    return SignInLink.objects.select_related("user").get(digest=_digest(token)).user


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def administrator() -> User:
    """Return the first administrator, who is made when missing."""
    known = User.objects.filter(is_admin=True, is_active=True).order_by("pk").first()
    return known or User.objects.create_user(ADMINISTRATOR, name="Administrator", is_admin=True)
