"""The app "work" for Django."""

from __future__ import annotations

from django.apps import AppConfig


class WorkConfig(AppConfig):
    """Jobs that run in the background."""

    name = "isopolis.web.work"
    label = "work"
    default_auto_field = "django.db.models.BigAutoField"
