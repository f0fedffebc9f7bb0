"""Sessions end by themselves: some time after the last page, at the latest some hours after signing in."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.sessions.backends.base import UpdateError
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

__all__ = ["STEP", "ended", "idle", "unseen"]

STEP = 60
"""Seconds between two notes of when a session was last used: not every page writes to the database."""
SINCE, SEEN = "since", "seen"


def idle(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Sign out whoever has been away for too long, before the page is made."""

    def middleware(request: HttpRequest) -> HttpResponse:
        session: Any = getattr(request, "session", None)
        # the cookie first: a visitor without a session costs no look at the database
        if settings.SESSION_COOKIE_NAME in request.COOKIES and session is not None and SESSION_KEY in session:
            now = time.time()
            if ended(session.get(SINCE, now), session.get(SEEN, now), now):
                logout(request)
            elif now - session.get(SEEN, 0) > STEP and not unseen(request):
                session[SINCE], session[SEEN] = session.get(SINCE, now), now
                _keep(session)
        return get_response(request)

    return middleware


def unseen(request: HttpRequest) -> bool:
    """Tell whether nothing may say that somebody was on this page: one on which people vote."""
    match = getattr(request, "resolver_match", None)
    if match is None:
        try:
            match = resolve(request.path_info)
        except Resolver404:
            return False
    return bool(getattr(match.func, "unseen", False))


def _keep(session: Any) -> None:
    """Write the note now; where nothing can be written, on a full disk, pages are read all the same."""
    with suppress(UpdateError, DatabaseError), transaction.atomic():
        session.save()
    session.modified = False


def ended(since: float, seen: float, now: float) -> bool:
    """Tell whether a session that began at `since` and was last used at `seen` is over."""
    away = 60 * int(settings.OPTIONS["idle_minutes"])
    return now - seen > away or now - since > int(settings.SESSION_COOKIE_AGE)
