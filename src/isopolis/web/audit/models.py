"""The audit log: rows that are only ever added, each sealed with the one before."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models

__all__ = ["AuditEvent", "AuditHead"]


class AuditEvent(models.Model):
    """One change: who (by number), what, to what. No name, address or text of a person stands here."""

    number = models.BigIntegerField(primary_key=True)
    at = models.CharField(max_length=40)
    verb = models.CharField(max_length=60)
    actor = models.BigIntegerField(null=True)
    workspace = models.UUIDField(null=True, db_index=True)
    target = models.CharField(max_length=80)
    detail = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    seal = models.CharField(max_length=64, unique=True)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep a new row; a row that is there cannot be changed."""
        if not self._state.adding:
            _refuse()
        super().save(*args, force_insert=True, using=kwargs.get("using"))

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        _refuse()


class AuditHead(models.Model):
    """The newest seal and the number of rows: shows when rows at the end are taken away."""

    count = models.BigIntegerField(default=0)
    seal = models.CharField(max_length=64, default="")


def _refuse() -> NoReturn:
    raise TypeError("the audit log is only ever added to")
