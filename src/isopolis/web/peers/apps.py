"""The app's name."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["PeersConfig"]


class PeersConfig(AppConfig):
    """Peer cities of workspaces."""

    name = "isopolis.web.peers"
    label = "peers"
