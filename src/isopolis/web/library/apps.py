"""The app "library" for Django."""

from __future__ import annotations

from django.apps import AppConfig


class LibraryConfig(AppConfig):
    """Cases, policies, methods and so on that cities learn from."""

    name = "isopolis.web.library"
    label = "library"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Take people out of records when the consent of theirs goes."""
        from . import contact  # noqa: F401
