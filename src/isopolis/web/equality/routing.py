"""Which database the equality store is in."""

from __future__ import annotations

from typing import Any

from django.conf import settings

__all__ = ["EqualityRouter", "alias"]

LABEL = "equality"


def alias() -> str:
    """Return the name of the database that holds the store."""
    return LABEL if LABEL in settings.DATABASES else "default"


class EqualityRouter:
    """Sends the store to its own database when there is one, and nothing else there."""

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        """Choose for reading."""
        return alias() if model._meta.app_label == LABEL else None

    db_for_write = db_for_read

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool | None:
        """Refuse every relation between the store and the rest."""
        apart = {one._meta.app_label == LABEL, other._meta.app_label == LABEL}
        return False if len(apart) == 2 else None

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        """Make the tables where they belong."""
        if app_label == LABEL:
            return db == alias()
        return False if db == LABEL else None
