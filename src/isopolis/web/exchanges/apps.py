"""The app's name."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["ExchangesConfig"]


class ExchangesConfig(AppConfig):
    """Exchanges of workspaces."""

    name = "isopolis.web.exchanges"
    label = "exchanges"
