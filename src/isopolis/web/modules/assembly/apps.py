"""The app "assembly" for Django."""

from __future__ import annotations

from django.apps import AppConfig


class AssemblyConfig(AppConfig):
    """Assemblies drawn by lot."""

    name = "isopolis.web.modules.assembly"
    label = "assembly"
    default_auto_field = "django.db.models.BigAutoField"
