"""The app "ballots" for Django."""

from __future__ import annotations

from django.apps import AppConfig


class BallotsConfig(AppConfig):
    """Votes: roll, ballot box, log."""

    name = "isopolis.web.ballots"
    label = "ballots"
    default_auto_field = "django.db.models.BigAutoField"
