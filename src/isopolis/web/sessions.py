"""Sessions in the database that do not stand between a reader and a page when nothing can be written."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.db import connections, router
from django.utils import timezone

__all__ = ["SessionStore"]

_READ = 'SELECT "session_data" FROM "django_session" WHERE "session_key" = %s AND "expire_date" > %s'


class SessionStore(db.SessionStore):
    """Django's store, for a disk that may be full."""

    def load(self) -> dict[str, Any]:
        """Read the session, if it is there and not over.

        Every page of a member begins with this, and Django would make the question to the database anew
        each time, which costs more than its answer.
        """
        connection = connections[router.db_for_read(self.model)]
        now = connection.ops.adapt_datetimefield_value(timezone.now())
        with connection.cursor() as cursor:
            cursor.execute(_READ, [self.session_key, now])
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return {}
        found: dict[str, Any] = self.decode(row[0])
        return found

    def save(self, must_create: bool = False) -> None:
        """Keep the session; a note in one that is there may be lost, a new one may not.

        Signing in and changing rights make a new session, so a failure of these is never passed over.
        """
        try:
            super().save(must_create)
        except UpdateError:
            # it is gone when somebody signed it out; when it is there, the disk has no room
            if must_create or not self.exists(self.session_key):
                raise
