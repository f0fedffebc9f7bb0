"""A desk, the worries told there, what may be one worry, and the log of hidden texts."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from isopolis.web.modules.models import Module, Process
from isopolis.web.participation.models import Participation

__all__ = [
    "CONTACT_MOST", "LANGUAGES", "TEXT_MOST", "Contact", "FileImport", "HiddenNote", "Pair", "Worry",
    "WorryDesk", "desk_of",
]  # fmt: skip

TEXT_MOST = 4000
CONTACT_MOST = 200
LANGUAGES = ("en", "fr", "it", "es", "de", "bg", "pl", "lt", "nl", "ar")
"""In which residents may write, until the officer says more."""


def _languages() -> list[str]:
    return list(LANGUAGES)


class WorryDesk(models.Model):
    """What a module of this kind is about.

    `shown` holds the numbers as they were counted last and passed the privacy gate; `public` what everybody
    sees, kept apart, so that it changes only when an officer publishes it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    module = models.OneToOneField(Module, on_delete=models.CASCADE, related_name="worry_desk")
    languages = models.JSONField(default=_languages)
    zones = models.JSONField(default=list)
    takes_requests = models.BooleanField(_("takes requests from programs"), default=False)
    revision = models.PositiveIntegerField(default=0)
    last_number = models.PositiveIntegerField(default=0)
    shown = models.JSONField(default=dict)
    public = models.JSONField(default=dict)
    counted_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)

    @property
    def process(self) -> Process:
        """The process that it belongs to."""
        return self.module.process

    def zone_name(self, zone: str) -> str:
        """Return the name of a neighbourhood, or what is known instead."""
        return str(dict(self.zones).get(zone, zone))


def desk_of(module: Module, *, make: bool = False) -> WorryDesk:
    """Return the desk of a module; one that is not kept yet where there is none, unless it is to be made."""
    found = WorryDesk.objects.filter(module=module).first()
    if found is None:
        found = WorryDesk.objects.get_or_create(module=module)[0] if make else WorryDesk(module=module)
    found.module = module
    return found


class FileImport(models.Model):
    """A file of another desk that was read in."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    desk = models.ForeignKey(WorryDesk, on_delete=models.CASCADE)
    name = models.CharField(max_length=200)
    suffix = models.CharField(max_length=10)
    public_already = models.BooleanField(default=False)
    at = models.DateTimeField()
    worries = models.PositiveIntegerField(null=True)
    known_before = models.PositiveIntegerField(default=0)
    told = models.JSONField(default=list)

    @property
    def path(self) -> Path:
        """Where the file waits until it is read."""
        return Path(settings.DATA_DIR) / "worries" / f"{self.pk}{self.suffix}"


class Worry(models.Model):
    """What somebody told. It keeps the day and no time, unless another desk's file tells the time."""

    class State(models.TextChoices):
        """Whether an officer has read the text, and whether everybody may."""

        UNREAD = "unread", _("not read yet")
        SHOWN = "shown", _("published")
        HIDDEN = "hidden", _("hidden")
        NONE = "none", _("without text")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    desk = models.ForeignKey(WorryDesk, on_delete=models.CASCADE)
    number = models.PositiveIntegerField(null=True)
    outside = models.CharField(max_length=120, blank=True)
    text = models.TextField(_("worry"), blank=True)
    public_text = models.TextField(_("what everybody reads"), blank=True)
    language = models.CharField(max_length=12, blank=True)
    service = models.CharField(max_length=200, blank=True)
    proposed = models.CharField(max_length=80, blank=True)
    topic = models.CharField(_("topic"), max_length=80, blank=True)
    looked = models.BooleanField(default=False)
    channel = models.CharField(max_length=10, choices=Participation.Channel.choices)
    people = models.PositiveIntegerField(default=1)
    zone = models.CharField(max_length=120, blank=True)
    street = models.CharField(max_length=200, blank=True)
    seen = models.CharField(max_length=120, blank=True)
    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    received_at = models.DateTimeField(null=True)
    registered = models.BooleanField(default=False)
    registered_at = models.DateTimeField(null=True)
    resolved = models.BooleanField(default=False)
    resolved_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=6, choices=State.choices, default=State.UNREAD)
    joined_to = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="same")
    source = models.ForeignKey(FileImport, on_delete=models.SET_NULL, null=True)

    class Meta:
        """Nothing is resolved that nobody registered; a number stands for one worry."""

        constraints = [
            models.UniqueConstraint(
                fields=["desk", "outside"], condition=~Q(outside=""), name="worry_read_in_once"
            ),
            models.UniqueConstraint(
                fields=["desk", "number"], condition=Q(number__isnull=False), name="worry_number_once"
            ),
            models.CheckConstraint(
                condition=Q(resolved=False) | Q(registered=True), name="worry_registered_before_resolved"
            ),
        ]
        indexes = [
            models.Index(fields=["desk", "state", "received_at", "id"]),
            models.Index(fields=["desk", "registered", "received_at", "id"]),
            models.Index(fields=["desk", "received_at", "id"]),
            models.Index(fields=["desk", "state", "registered", "resolved"]),
        ]

    @property
    def process(self) -> Process:
        """The process that it belongs to."""
        return self.desk.module.process

    @property
    def about(self) -> str:
        """Its topic: the confirmed one, or the one that was proposed."""
        return self.topic or self.proposed

    @property
    def standing(self) -> Any:
        """How far it is, in words."""
        if self.resolved:
            return _("resolved")
        return _("registered") if self.registered else _("received")

    @property
    def request_id(self) -> str:
        """Its number for everybody: the one of the desk it came from, or ours."""
        return self.outside or (str(self.number) if self.number else "")


class Contact(models.Model):
    """How to reach who told a worry, if they wanted an answer; apart from the worry, and never published."""

    worry = models.OneToOneField(Worry, on_delete=models.CASCADE, primary_key=True)
    text = models.CharField(_("how we can reach you"), max_length=CONTACT_MOST)


class HiddenNote(models.Model):
    """A line of the public log: that a text was hidden or shown again, when, and why."""

    desk = models.ForeignKey(WorryDesk, on_delete=models.CASCADE)
    day = models.DateField()
    hidden = models.BooleanField()
    topic = models.CharField(max_length=80, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)


class Pair(models.Model):
    """Two worries that may be one, and what the officer said of it."""

    class Answer(models.TextChoices):
        """What the officer said."""

        OPEN = "", _("not answered yet")
        ONE = "one", _("one worry")
        TWO = "two", _("two worries")

    desk = models.ForeignKey(WorryDesk, on_delete=models.CASCADE)
    first = models.ForeignKey(Worry, on_delete=models.CASCADE, related_name="pairs_first")
    second = models.ForeignKey(Worry, on_delete=models.CASCADE, related_name="pairs_second")
    score = models.FloatField()
    metres = models.FloatField(null=True)
    days = models.FloatField()
    by = models.CharField(max_length=10)
    answer = models.CharField(max_length=3, choices=Answer.choices, blank=True, default="")

    class Meta:
        """Asked once."""

        constraints = [models.UniqueConstraint(fields=["first", "second"], name="worry_pair_once")]
        indexes = [models.Index(fields=["desk", "answer", "-score", "id"])]
