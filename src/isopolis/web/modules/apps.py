"""The app "modules" for Django."""

from __future__ import annotations

from django.apps import AppConfig


class ModulesConfig(AppConfig):
    """Processes, modules and phases."""

    name = "isopolis.web.modules"
    label = "modules"
    default_auto_field = "django.db.models.BigAutoField"
