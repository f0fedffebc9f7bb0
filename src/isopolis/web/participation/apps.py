"""The app "participation" for Django."""

from __future__ import annotations

from django.apps import AppConfig


class ParticipationConfig(AppConfig):
    """Who took part, counted."""

    name = "isopolis.web.participation"
    label = "participation"
    default_auto_field = "django.db.models.BigAutoField"
