"""The app "datasets" for Django."""

from __future__ import annotations

from django.apps import AppConfig


class DatasetsConfig(AppConfig):
    """Uploads: a city's files and what the reader found in them."""

    name = "isopolis.web.datasets"
    label = "datasets"
    default_auto_field = "django.db.models.BigAutoField"
