"""Answers on the way from page to page: sealed with a token that only the browser of the running session has.

The cookie ends with the session of the browser, is sent to the pages of this one survey and names nobody. The
database holds a draft sealed with a key made of the token, and the hour after which it is removed.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from isopolis.model import DataError
from isopolis.web.ballots import keys

from .models import Draft, Version

__all__ = ["HOURS", "KIOSK_MINUTES", "Filling", "begin", "cookie", "drop", "found", "keep", "set_cookie",
           "take"]  # fmt: skip

HOURS = 24
KIOSK_MINUTES = 15
"""Minutes without a page after which a public device forgets what somebody has begun."""


@dataclass
class Filling:
    """What somebody has answered so far.

    Parameters
    ----------
    token : str
        In the cookie; never in the database.
    version : Version
    language : str
        As the form names it.
    channel : str
    answers : dict of str to str
        As `answering.state_of` wants them.
    begun, touched : float
        Seconds since 1970; sealed with the answers.
    """

    token: str
    version: Version
    language: str = ""
    channel: str = "web"
    answers: dict[str, str] = field(default_factory=dict)
    begun: float = 0.0
    touched: float = 0.0


def _digest(what: str, token: str) -> bytes:
    return hashlib.sha256(f"isopolis survey draft 1\x1f{what}\x1f{token}".encode()).digest()


def cookie(version: Version) -> str:
    """Name of the cookie."""
    return f"survey-{version.survey.module_id}"


def begin(version: Version, language: str, channel: str, now: datetime) -> Filling:
    """Make an empty draft; it is not kept yet."""
    at = now.timestamp()
    return Filling(secrets.token_urlsafe(32), version, language, channel, {}, at, at)


def keep(filling: Filling, now: datetime) -> None:
    """Keep a draft; the time beside it is rounded up to whole hours."""
    filling.touched = now.timestamp()
    name = _digest("name", filling.token).hex()
    told = [filling.language, filling.channel, filling.answers, filling.begun, filling.touched]
    until = (now + timedelta(hours=HOURS + 1)).replace(minute=0, second=0, microsecond=0)
    content = keys.sealed(_digest("key", filling.token), name, json.dumps(told).encode())
    Draft.objects.update_or_create(
        id=name, defaults={"version": filling.version, "content": content, "until": until}
    )


def found(request: HttpRequest, version: Version, now: datetime) -> Filling | None:
    """Return the draft of this session for this version; None where there is none any more."""
    token = request.COOKIES.get(cookie(version), "")[:80]
    name = _digest("name", token).hex()
    row = Draft.objects.filter(pk=name, version=version, until__gt=now).first() if token else None
    if row is None:
        return None
    try:
        told: Any = json.loads(keys.opened(_digest("key", token), name, bytes(row.content)))
    except DataError:
        return None
    made = Filling(token, version, *told)
    if made.channel == "kiosk" and now.timestamp() - made.touched > 60 * KIOSK_MINUTES:
        row.delete()
        return None
    return made


def take(filling: Filling) -> bool:
    """Remove a draft that is sent; False when it is gone already."""
    return Draft.objects.filter(pk=_digest("name", filling.token).hex()).delete()[0] > 0


def drop(
    request: HttpRequest, version: Version, response: HttpResponse | None = None, path: str = ""
) -> None:
    """Forget a draft, and its cookie where a response is given."""
    token = request.COOKIES.get(cookie(version), "")[:80]
    Draft.objects.filter(pk=_digest("name", token).hex()).delete()
    if response is not None:
        response.delete_cookie(cookie(version), path=path, samesite="Strict")


def set_cookie(response: HttpResponse, filling: Filling, path: str) -> None:
    """Give the browser the token, for its session and the pages of this survey."""
    response.set_cookie(
        cookie(filling.version), filling.token, path=path, httponly=True, samesite="Strict",
        secure=bool(settings.OPTIONS["https"]),
    )  # fmt: skip
