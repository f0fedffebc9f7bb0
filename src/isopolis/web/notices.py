"""Where "it is saved" waits until the next page: in a cookie, so that no change is written twice.

Kept in the session, each notice costs a second write to the database after the change itself.
What does not fit into the cookie still goes to the session.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.messages.storage.base import BaseStorage
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage

__all__ = ["NoticeStorage"]


class _Cookie(CookieStorage):
    """Django's signed cookie, under the name prefix that binds it to this host where there is TLS."""

    def __init__(self, request: Any, *args: Any, **options: Any) -> None:
        self.cookie_name = f"{'__Host-' if settings.SESSION_COOKIE_SECURE else ''}notices"
        super().__init__(request, *args, **options)


class NoticeStorage(FallbackStorage):
    """Cookie first, session for what is too long."""

    storage_classes: ClassVar[tuple[type[BaseStorage], ...]] = (_Cookie, SessionStorage)
