"""A fresh session key whenever somebody's rights have changed, so that an older one is worth nothing."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.http import HttpRequest

__all__ = ["rotate"]


def rotate(request: HttpRequest) -> None:
    """Give the session another key, and the list of sessions its new name."""
    before = request.session.session_key
    request.session.cycle_key()
    if before:
        UserSession.objects.filter(session_key=before).update(session_key=request.session.session_key)
