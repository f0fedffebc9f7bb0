"""A vote, its roll, its codes, and two stores of ballots. No relation leads from a ballot to the roll.

`Waiting` holds ballots that were just accepted. A row of it was written together with the mark on the roll,
so its order may tell whose it is; therefore its content is sealed with a key that is in no database and no
backup and that is destroyed as soon as its ballots were shuffled. `Boxed` holds shuffled ballots in batches.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from isopolis.engage.ledger.ballot import Question, canonical, question_from
from isopolis.engage.ledger.chain import Entry, Sealed
from isopolis.web.modules.models import Module, Process

__all__ = ["LEAST", "Boxed", "Code", "LogEntry", "Papers", "Refusal", "RollEntry", "Step", "Vote", "Waiting"]

LEAST = 50
"""Smallest batch that enters a box, unless fewer people vote in all."""


@lru_cache(maxsize=64)
def _question(text: bytes) -> Question:
    import json

    return question_from(json.loads(text))


class Vote(models.Model):
    """A vote of one module. What is voted on and the rule never change after it was opened."""

    class State(models.TextChoices):
        """Whether ballots are taken, waited for, or counted."""

        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")
        TALLIED = "tallied", _("counted")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    module = models.OneToOneField(Module, on_delete=models.CASCADE, related_name="vote")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    asked = models.JSONField()
    card = models.JSONField()
    least = models.PositiveIntegerField(default=LEAST)
    # how often what waits was shuffled; each time has a key of its own
    epoch = models.PositiveIntegerField(default=0)
    tallied_on = models.DateField(null=True)
    result = models.JSONField(null=True)
    bundle = models.BinaryField(null=True)

    @cached_property
    def question(self) -> Question:
        """What is voted on."""
        return _question(canonical(self.asked))

    @property
    def process(self) -> Process:
        """The process that it belongs to."""
        return self.module.process

    def windows(self, feature: str) -> list[tuple[datetime, datetime]]:
        """Return from when to when something is open in its module."""
        return self.module.windows(feature)


class RollEntry(models.Model):
    """Somebody who may vote, under a keyed hash; says whether they voted and how, never what and never when.

    `cell` is the neighbourhood and group for the participation record, as far as the city gave it.
    """

    class State(models.TextChoices):
        """What has become of the right to vote."""

        OPEN = "open", _("has not voted")
        VOTED = "voted", _("has voted")
        REVOKED = "revoked", _("may not vote")

    id = models.CharField(primary_key=True, max_length=64)
    vote = models.ForeignKey(Vote, on_delete=models.CASCADE)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    channel = models.CharField(max_length=10, blank=True)
    cell = models.CharField(max_length=300, blank=True)
    package = models.BooleanField(default=False)


class Code(models.Model):
    """A one-time code: what finds it, and a salted hash of its secret under a key outside of the database."""

    id = models.CharField(primary_key=True, max_length=12)
    entry = models.OneToOneField(RollEntry, on_delete=models.CASCADE)
    salt = models.CharField(max_length=32)
    secret = models.CharField(max_length=64)


class Waiting(models.Model):
    """An accepted ballot before it is shuffled, sealed; every row of a vote is as long as any other."""

    id = models.CharField(primary_key=True, max_length=64)
    vote = models.ForeignKey(Vote, on_delete=models.CASCADE)
    content = models.BinaryField()


class Boxed(models.Model):
    """A ballot in the box: a random name, its batch, what binds it to its receipt, and its sealed content."""

    id = models.CharField(primary_key=True, max_length=64)
    vote = models.ForeignKey(Vote, on_delete=models.CASCADE)
    batch = models.PositiveIntegerField()
    commitment = models.CharField(max_length=64)
    content = models.BinaryField()

    class Meta:
        """Asked for batch by batch."""

        indexes = [models.Index(fields=["vote", "batch", "id"])]


class LogEntry(models.Model):
    """One entry of the public log of a vote, sealed with the one before; nothing of a person."""

    vote = models.ForeignKey(Vote, on_delete=models.CASCADE)
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)
    day = models.CharField(max_length=10)
    content = models.JSONField(default=dict)
    previous = models.CharField(max_length=64, blank=True)
    seal = models.CharField(max_length=64)

    class Meta:
        """One entry per number: two at the same moment cannot both follow from the same one."""

        ordering = ("number",)
        constraints = [models.UniqueConstraint(fields=["vote", "number"], name="one_log_entry_per_number")]

    @property
    def sealed(self) -> Sealed:
        """The entry as the chain knows it."""
        return Sealed(Entry(self.number, self.kind, self.day, self.content), self.previous, self.seal)


class Papers(models.Model):
    """How many people were marked as voting on paper, and how many sheets were entered.

    Sheets that cannot be counted (`invalid`) are among those that were entered.
    """

    vote = models.OneToOneField(Vote, on_delete=models.CASCADE, primary_key=True)
    marked = models.PositiveIntegerField(default=0)
    entered = models.PositiveIntegerField(default=0)
    invalid = models.PositiveIntegerField(default=0)


class Refusal(models.Model):
    """How often ballots were refused on a day, and why; nothing of who sent them."""

    vote = models.ForeignKey(Vote, on_delete=models.CASCADE)
    day = models.DateField()
    reason = models.CharField(max_length=20)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        """One count per day and reason."""

        constraints = [models.UniqueConstraint(fields=["vote", "day", "reason"], name="one_refusal_count")]


class Step(models.Model):
    """Something that needs two people, and the one who asked first; it goes when the account goes."""

    vote = models.ForeignKey(Vote, on_delete=models.CASCADE)
    kind = models.CharField(max_length=10)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)

    class Meta:
        """Asked once."""

        constraints = [models.UniqueConstraint(fields=["vote", "kind"], name="one_step_of_a_kind")]

    def is_by(self, user: Any) -> bool:
        """Tell whether `user` asked for it."""
        return self.asked_by_id == getattr(user, "pk", None)
