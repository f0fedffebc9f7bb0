"""The language that an account prefers, unless this browser has chosen another one."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

__all__ = ["preferred"]

Respond = Callable[[HttpRequest], HttpResponse]


def preferred(get_response: Respond) -> Respond:
    """Speak the language of the account."""
    known = {code for code, _name in settings.LANGUAGES}

    def middleware(request: HttpRequest) -> HttpResponse:
        chosen = settings.LANGUAGE_COOKIE_NAME in request.COOKIES
        # without a session there is nobody to ask the database for
        if not chosen and settings.SESSION_COOKIE_NAME in request.COOKIES:
            language = getattr(request.user, "language", "")
            if language in known:
                translation.activate(language)
                request.LANGUAGE_CODE = language  # type: ignore[attr-defined]
        return get_response(request)

    return middleware
