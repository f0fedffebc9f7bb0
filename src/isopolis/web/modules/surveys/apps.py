"""The app "surveys" for Django."""

from __future__ import annotations

from django.apps import AppConfig


class SurveysConfig(AppConfig):
    """Surveys."""

    name = "isopolis.web.modules.surveys"
    label = "surveys"
    default_auto_field = "django.db.models.BigAutoField"
