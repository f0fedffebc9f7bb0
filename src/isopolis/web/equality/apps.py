"""The app "equality" for Django."""

from __future__ import annotations

from django.apps import AppConfig


class EqualityConfig(AppConfig):
    """Equality attributes; may lie in a database of their own."""

    name = "isopolis.web.equality"
    label = "equality"
    default_auto_field = "django.db.models.BigAutoField"
