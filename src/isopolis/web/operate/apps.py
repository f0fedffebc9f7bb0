"""The app "operate" for Django: it has no tables, only sentences for the audit log."""

from __future__ import annotations

from django.apps import AppConfig


class OperateConfig(AppConfig):
    """Backup, restore, upgrade, doctor, logs and metrics."""

    name = "isopolis.web.operate"
    label = "operate"

    def ready(self) -> None:
        """Say how changes of the whole server read in the audit log."""
        from isopolis.web.audit.chain import SENTENCES

        SENTENCES["server.upgrade"] = "{actor} upgraded the database to version {version}"
        SENTENCES["server.restore"] = "{actor} put a backup back that was made at {made}"
