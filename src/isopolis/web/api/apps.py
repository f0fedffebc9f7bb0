"""Says to Django what this app is."""

from __future__ import annotations

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The programming interface."""

    name = "isopolis.web.api"
    label = "api"
