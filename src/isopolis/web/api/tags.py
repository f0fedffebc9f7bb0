"""Tags by which a client knows that nothing has changed (RFC 9110, 8.8.3)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language

from isopolis import __version__

__all__ = ["tag_of", "unless_known"]


def tag_of(*parts: object) -> str:
    """Return a strong tag of everything that an answer depends on."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part if isinstance(part, bytes) else str(part).encode())
        digest.update(b"\0")
    return f'"{digest.hexdigest()[:32]}"'


def unless_known(request: HttpRequest, source: object, make: Callable[[], HttpResponse]) -> Any:
    """Answer 304 without making anything, when the client has what `make` would return.

    Parameters
    ----------
    source : object
        Names the content: a result never changes once it is there.
    """
    # a page for people has a language, and a different head for who has signed in
    reader = (
        get_language(),
        request.headers.get("Accept", ""),
        request.COOKIES.get(settings.SESSION_COOKIE_NAME),
    )
    tag = tag_of(source, __version__, request.build_absolute_uri(), *reader)
    known = get_conditional_response(request, etag=tag)
    response = known if known is not None else make()
    response.headers["ETag"] = tag
    return response
