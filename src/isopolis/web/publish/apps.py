"""The app's name."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["PublishConfig"]


class PublishConfig(AppConfig):
    """Publications of workspaces."""

    name = "isopolis.web.publish"
    label = "publish"
