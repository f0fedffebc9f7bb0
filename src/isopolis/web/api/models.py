"""Tokens of programs, and how much each has asked for."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

__all__ = ["ApiToken", "Usage"]


class ApiToken(models.Model):
    """A key with which a program acts for one account. Only a hash of it is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    digest = models.CharField(max_length=64, unique=True)
    name = models.CharField(_("name of the token"), max_length=80)
    scopes = models.JSONField(default=list)
    workspace = models.ForeignKey("workspaces.Workspace", on_delete=models.CASCADE, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    last_used_on = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name

    def belongs_to(self, user: Any) -> bool:
        """Tell whether it acts for `user`."""
        return bool(self.user_id == user.pk)

    def valid(self, now: datetime) -> bool:
        """Tell whether it opens anything now."""
        return self.revoked_at is None and self.expires_at > now and bool(self.user.is_active)


class Usage(models.Model):
    """Requests that one token, or one address under a keyed hash, was granted within a minute.

    For what is counted over a longer time `minute` is the one in which that time ends.
    """

    who = models.CharField(max_length=64)
    minute = models.BigIntegerField()
    granted = models.PositiveIntegerField(default=0)

    class Meta:
        """One row for each, so that all processes count together."""

        constraints = [models.UniqueConstraint(fields=["who", "minute"], name="api_usage_once")]
        indexes = [models.Index(fields=["minute"])]
