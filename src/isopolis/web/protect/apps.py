"""The app "protect" for Django."""

from __future__ import annotations

from django.apps import AppConfig


class ProtectConfig(AppConfig):
    """What the platform keeps about people, for how long, and how they get it or get rid of it."""

    name = "isopolis.web.protect"
    label = "protect"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen for who comes in."""
        from . import watch

        assert watch
