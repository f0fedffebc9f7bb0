"""The app "accounts" for Django."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Accounts and ways to sign in."""

    name = "isopolis.web.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen for changes of passwords, addresses and second factors."""
        from . import signals

        assert signals
