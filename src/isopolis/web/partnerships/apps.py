"""The app "partnerships" for Django."""

from __future__ import annotations

from django.apps import AppConfig


class PartnershipsConfig(AppConfig):
    """Partnerships of cities."""

    name = "isopolis.web.partnerships"
    label = "partnerships"
    default_auto_field = "django.db.models.BigAutoField"
