"""The app "plans" for Django."""

from __future__ import annotations

from django.apps import AppConfig


class PlansConfig(AppConfig):
    """Action plans."""

    name = "isopolis.web.plans"
    label = "plans"
    default_auto_field = "django.db.models.BigAutoField"
