"""The app "explore" for Django."""

from __future__ import annotations

from django.apps import AppConfig


class ExploreConfig(AppConfig):
    """Looking around in a finished diagnosis. It has no tables; it reads the files of a job."""

    name = "isopolis.web.explore"
    label = "explore"
