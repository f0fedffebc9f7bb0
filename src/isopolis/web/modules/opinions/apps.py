"""The app "opinions" for Django."""

from __future__ import annotations

from django.apps import AppConfig


class OpinionsConfig(AppConfig):
    """Conversations of statements and votes."""

    name = "isopolis.web.modules.opinions"
    label = "opinions"
    default_auto_field = "django.db.models.BigAutoField"
