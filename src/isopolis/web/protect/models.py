"""Erasures that were done, warnings that were sent, days on which the retention rules ran."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

__all__ = ["Erasure", "RetentionDay", "Warned"]


class Erasure(models.Model):
    """An account that was erased: its number and nothing else, to repeat it after a restore."""

    number = models.BigIntegerField(db_index=True)
    at = models.DateTimeField(default=timezone.now)


class Warned(models.Model):
    """When somebody was told that their account will be erased because nobody uses it."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    at = models.DateTimeField()


class RetentionDay(models.Model):
    """A day on which the retention rules ran; the key makes sure that only one job runner does it."""

    day = models.DateField(primary_key=True)
    removed = models.PositiveIntegerField(default=0)
