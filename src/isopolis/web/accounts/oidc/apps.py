"""The app "oidc" for Django; it has no tables."""

from __future__ import annotations

from django.apps import AppConfig


class OidcConfig(AppConfig):
    """Sign-in with the city's own account."""

    name = "isopolis.web.accounts.oidc"
    label = "oidc"
