"""A survey, the versions of its form, its roll, and answers that no relation joins to the roll.

An answer is first sealed in `Waiting` with a key that is in no database and no backup
(`isopolis.web.ballots.keys`); a shuffled batch then enters `Answer` under new random names. What people say
of special categories lies in `Apart`, a row for each question, which nothing joins to the other answers.
"""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from isopolis.engage.surveys.form import Form
from isopolis.flows.surveys import form_again
from isopolis.web.modules.models import Module, Process

__all__ = [
    "LEAST", "Answer", "Apart", "Code", "Draft", "Paper", "RollEntry", "Survey", "Version", "Waiting",
]  # fmt: skip

LEAST = 20
"""Answers in a batch. As many stay behind when one is shuffled: the last batch is not of one person."""


class Survey(models.Model):
    """What a module of this kind is about. `public` is what everybody sees of the results."""

    class Access(models.TextChoices):
        """Who can answer."""

        ANONYMOUS = "anonymous", _("everybody, without an account and without a code")
        ROLL = "roll", _("people on a roll, once each, with a code from a letter")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    module = models.OneToOneField(Module, on_delete=models.CASCADE, related_name="survey")
    access = models.CharField(max_length=10, choices=Access.choices, default=Access.ANONYMOUS)
    # how often what waits was shuffled; each time has a key of its own
    epoch = models.PositiveIntegerField(default=0)
    uploads = models.JSONField(default=list)
    weights = models.JSONField(default=dict)
    known = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=0)
    asked = models.JSONField(default=dict)
    shown = models.JSONField(default=dict)
    public = models.JSONField(default=dict)
    counted_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)

    @property
    def process(self) -> Process:
        """The process that it belongs to."""
        return self.module.process

    def windows(self, feature: str) -> list[tuple[datetime, datetime]]:
        """Return from when to when something is open in its module."""
        return self.module.windows(feature)

    def current(self) -> Version | None:
        """Return the version that is answered."""
        found = self.version_set.filter(state=Version.State.OPEN).first()
        if found is not None:
            found.survey = self
        return found

    def newest(self) -> Version | None:
        """Return the version that was uploaded last."""
        found = self.version_set.order_by("-number").first()
        if found is not None:
            found.survey = self
        return found


@lru_cache(maxsize=32)
def _form(text: str) -> Form:
    return form_again(json.loads(text))


class Version(models.Model):
    """A form as it was uploaded. It never changes once somebody has answered it.

    `purposes` holds the questions about special categories, each with what it is asked for.
    """

    class State(models.TextChoices):
        """Whether it is answered."""

        DRAFT = "draft", _("draft")
        OPEN = "open", _("open")
        CLOSED = "closed", _("replaced by a newer one")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    survey = models.ForeignKey(Survey, on_delete=models.CASCADE)
    number = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    sheets = models.JSONField()
    caveats = models.JSONField(default=list)
    purposes = models.JSONField(default=dict)

    class Meta:
        """Counted in each survey; one is answered at a time."""

        constraints = [
            models.UniqueConstraint(fields=["survey", "number"], name="survey_version_number"),
            models.UniqueConstraint(fields=["survey"], condition=Q(state="open"), name="one_open_version"),
        ]

    def __str__(self) -> str:
        return str(self.number)

    @cached_property
    def form(self) -> Form:
        """The form itself."""
        return _form(json.dumps(self.sheets, sort_keys=True))

    def answered(self) -> bool:
        """Tell whether anybody has answered it, or begun to on paper."""
        kinds: tuple[Any, ...] = (Answer, Waiting, Paper)
        return any(k.objects.filter(version=self).exists() for k in kinds)


class Draft(models.Model):
    """Answers on the way, sealed with the token in the cookie of a running session."""

    id = models.CharField(primary_key=True, max_length=64)
    version = models.ForeignKey(Version, on_delete=models.CASCADE)
    content = models.BinaryField()
    until = models.DateTimeField()


class RollEntry(models.Model):
    """Somebody who may answer, under a keyed hash; says whether they did, never what and never when."""

    class State(models.TextChoices):
        """What has become of it."""

        OPEN = "open", _("has not answered")
        ANSWERED = "answered", _("has answered")

    id = models.CharField(primary_key=True, max_length=64)
    survey = models.ForeignKey(Survey, on_delete=models.CASCADE)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    cell = models.CharField(max_length=300, blank=True)


class Code(models.Model):
    """A one-time code: what finds it, and a salted hash of its secret under a key outside of the database."""

    id = models.CharField(primary_key=True, max_length=12)
    entry = models.OneToOneField(RollEntry, on_delete=models.CASCADE)
    salt = models.CharField(max_length=32)
    secret = models.CharField(max_length=64)


class Waiting(models.Model):
    """An accepted answer before it is shuffled, sealed."""

    id = models.CharField(primary_key=True, max_length=32)
    version = models.ForeignKey(Version, on_delete=models.CASCADE)
    content = models.BinaryField()


class Answer(models.Model):
    """What one person answered. No day, no order, nobody's name."""

    id = models.CharField(primary_key=True, max_length=32)
    version = models.ForeignKey(Version, on_delete=models.CASCADE)
    channel = models.CharField(max_length=10)
    given = models.JSONField()


class Apart(models.Model):
    """What one person answered to one question about a special category; joined to nothing else."""

    id = models.CharField(primary_key=True, max_length=32)
    version = models.ForeignKey(Version, on_delete=models.CASCADE)
    question = models.CharField(max_length=200)
    value = models.TextField()


class Paper(models.Model):
    """A sheet of paper that is typed in twice. Once both agree, its answers are taken out of here."""

    class State(models.TextChoices):
        """How far it is."""

        ONCE = "once", _("typed in once")
        DIFFERS = "differs", _("differs")
        DONE = "done", _("counted")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(Version, on_delete=models.CASCADE)
    sheet = models.CharField(_("number of the sheet"), max_length=40)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ONCE)
    first = models.JSONField(default=dict)
    second = models.JSONField(default=dict)
    first_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        """Each sheet once."""

        constraints = [models.UniqueConstraint(fields=["version", "sheet"], name="survey_sheet_once")]

    def __str__(self) -> str:
        return self.sheet
