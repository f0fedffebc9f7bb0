"""The app "workspaces" for Django."""

from __future__ import annotations

from django.apps import AppConfig


class WorkspacesConfig(AppConfig):
    """Workspaces, members and their roles."""

    name = "isopolis.web.workspaces"
    label = "workspaces"
    default_auto_field = "django.db.models.BigAutoField"
