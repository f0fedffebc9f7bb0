"""Sessions in the database that do not stand between a reader and a page when nothing can be written."""

from __future__ import annotations

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError

__all__ = ["SessionStore"]


class SessionStore(db.SessionStore):
    """Django's store, for a disk that may be full."""

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
