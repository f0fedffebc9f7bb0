"""The app's name."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["FramesConfig"]


class FramesConfig(AppConfig):
    """Questionnaires of workspaces."""

    name = "isopolis.web.frames"
    label = "frames"
