"""What every answer carries and what no request may bring."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from .errors import too_large

__all__ = ["POLICY", "body_limit", "headers", "programs_use_tls", "site"]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
)
"""No inline script, no inline style, no eval, no other origin."""

SMALL_BODY = 3_000_000
UPLOADS = re.compile(r"/api/v1/workspaces/[-\w]+/datasets")
Respond = Callable[[HttpRequest], HttpResponse]


def headers(get_response: Respond) -> Respond:
    """Set the policy on every answer, error pages included."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if settings.SESSION_COOKIE_NAME in request.COOKIES and not request.path.startswith(
            settings.STATIC_URL
        ):
            # pages of a person who has signed out must not come back with the back button; looking at the
            # cookie asks no database, which may be what is broken
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return middleware


def programs_use_tls(get_response: Respond) -> Respond:
    """Refuse a program's plain http request behind TLS: a redirect would hide that its token was readable."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if settings.SECURE_SSL_REDIRECT and request.path.startswith("/api/") and not request.is_secure():
            return HttpResponse("Use https.\n", status=403, content_type="text/plain; charset=utf-8")
        return get_response(request)

    return middleware


def body_limit(get_response: Respond) -> Respond:
    """Refuse what is too large before any of it is kept; only the upload page may receive files."""

    def middleware(request: HttpRequest) -> HttpResponse:
        most = SMALL_BODY
        # a stranger's body would be kept in a file before anybody asks who sent it
        known = settings.SESSION_COOKIE_NAME in request.COOKIES
        if (known and request.path.endswith("/upload/")) or UPLOADS.fullmatch(request.path):
            most = settings.OPTIONS["upload_mb"] * 1_000_000 + SMALL_BODY
        try:
            length = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            length = 0
        return too_large(request, most) if length > most else get_response(request)

    return middleware


def site(request: HttpRequest) -> dict[str, Any]:
    """Tell templates which doors are open."""
    return {"signup_open": settings.OPTIONS["signup"], "languages_offered": len(settings.LANGUAGES) > 1}
