"""What residents said about themselves, and under which terms. No relation leads out of these tables.

Rows carry no time finer than a month and no running number, so that nobody can line them up with
other tables by their order. `isopolis.web.protect.equality` is the only code that uses them.
"""

from __future__ import annotations

import uuid

from django.db import models

__all__ = ["Answer", "Published", "Terms"]


class Terms(models.Model):
    """What one module of one workspace asks, for which purpose: the text that people agree to."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.UUIDField(db_index=True)
    module = models.CharField(max_length=80)
    version = models.PositiveIntegerField()
    purpose = models.CharField(max_length=300)
    text = models.TextField()
    attributes = models.JSONField(default=list)

    class Meta:
        """One text per version."""

        constraints = [
            models.UniqueConstraint(fields=["workspace", "module", "version"], name="one_text_per_version")
        ]


class Answer(models.Model):
    """One answer of one person, under a key that only the secret can make."""

    id = models.CharField(primary_key=True, max_length=64)
    key = models.CharField(max_length=64)
    place = models.CharField(max_length=64)
    attribute = models.CharField(max_length=40)
    value = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    month = models.CharField(max_length=7)

    class Meta:
        """One answer per person and question."""

        constraints = [models.UniqueConstraint(fields=["key", "attribute"], name="one_answer_each")]
        indexes = [models.Index(fields=["place", "attribute"])]


class Published(models.Model):
    """What was read in sum so far, for the comparison with what is read next."""

    place = models.CharField(primary_key=True, max_length=64)
    ledger = models.TextField()
