"""The app "worries" for Django."""

from __future__ import annotations

from django.apps import AppConfig


class WorriesConfig(AppConfig):
    """The worries desk."""

    name = "isopolis.web.modules.worries"
    label = "worries"
    default_auto_field = "django.db.models.BigAutoField"
