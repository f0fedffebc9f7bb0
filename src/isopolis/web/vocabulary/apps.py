"""The app "vocabulary" for Django."""

from __future__ import annotations

from django.apps import AppConfig


class VocabularyConfig(AppConfig):
    """One vocabulary for all modules."""

    name = "isopolis.web.vocabulary"
    label = "vocabulary"
    default_auto_field = "django.db.models.BigAutoField"
