"""A consultation, its questions, what people say, and the topics under which it is answered."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from isopolis.web.modules.models import Module, Participant, Process

__all__ = ["TEXT_MOST", "Consultation", "Point", "Question", "Topic"]

TEXT_MOST = 4000


class Consultation(models.Model):
    """What a module of this kind is about: one plan, as it was when people were asked.

    `published` is what everybody sees of the answers, as it was when they were published last.
    """

    module = models.OneToOneField(Module, on_delete=models.CASCADE)
    plan = models.ForeignKey("plans.ActionPlan", on_delete=models.CASCADE, related_name="consultations")
    shown = models.JSONField()
    answers_published_at = models.DateTimeField(null=True)
    published = models.JSONField(null=True)

    @property
    def process(self) -> Process:
        """The process that it belongs to."""
        return self.module.process


class Question(models.Model):
    """Something that is asked of one action, or of the plan as a whole (`action` is empty)."""

    consultation = models.ForeignKey(Consultation, on_delete=models.CASCADE)
    action = models.CharField(max_length=60, blank=True)
    text = models.CharField(_("question"), max_length=500)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        """In the order of the actions."""

        ordering = ("position", "pk")


class Topic(models.Model):
    """Points that say the same, in the city's words, and what becomes of them."""

    class Decision(models.TextChoices):
        """What the city does with it."""

        OPEN = "", _("not decided yet")
        TAKEN_UP = "taken_up", _("taken up")
        IN_PART = "in_part", _("taken up in part")
        NOT_TAKEN_UP = "not_taken_up", _("not taken up")

    consultation = models.ForeignKey(Consultation, on_delete=models.CASCADE)
    action = models.CharField(max_length=60, blank=True)
    summary = models.CharField(_("the point, in the city's words"), max_length=2000)
    decision = models.CharField(max_length=20, choices=Decision.choices, blank=True, default="")
    why = models.TextField(_("why"), blank=True, max_length=4000)

    @property
    def answered(self) -> bool:
        """True when it is decided, and said why."""
        return bool(self.decision and self.why.strip())


class Point(models.Model):
    """What one person said. It keeps the day and no time, and no number that rises with the time.

    `author` is empty for whoever answered without an account, or did not want to be linked to it.
    """

    class Stance(models.TextChoices):
        """What somebody thinks of an action."""

        NONE = "", _("I do not want to say")
        FOR = "for", _("I am for it")
        PARTLY = "partly", _("I am for it with changes")
        AGAINST = "against", _("I am against it")

    class Channel(models.TextChoices):
        """The way it came."""

        ONLINE = "online", _("on this page")
        PAPER = "paper", _("on paper")
        PHONE = "phone", _("by telephone")
        MEETING = "meeting", _("at a meeting")
        MAIL = "mail", _("by letter or e-mail")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    consultation = models.ForeignKey(Consultation, on_delete=models.CASCADE)
    question = models.ForeignKey(Question, on_delete=models.SET_NULL, null=True)
    action = models.CharField(max_length=60, blank=True)
    stance = models.CharField(max_length=10, choices=Stance.choices, blank=True, default="")
    text = models.TextField(_("what you want to say"), blank=True, max_length=TEXT_MOST)
    language = models.CharField(max_length=12, blank=True)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.ONLINE)
    day = models.DateField()
    author = models.ForeignKey(Participant, on_delete=models.SET_NULL, null=True)
    topic = models.ForeignKey(Topic, on_delete=models.SET_NULL, null=True, related_name="points")
    set_aside = models.CharField(_("why it needs no answer"), max_length=300, blank=True)
    withdrawn = models.BooleanField(default=False)

    class Meta:
        """Officers ask for those of one consultation by day."""

        indexes = [models.Index(fields=["consultation", "day", "id"])]

    @property
    def process(self) -> Process:
        """The process that it belongs to."""
        return self.consultation.module.process

    def windows(self, feature: str) -> list[tuple[datetime, datetime]]:
        """Return from when to when something is open in its module."""
        return self.consultation.module.windows(feature)

    def belongs_to(self, user: Any) -> bool:
        """Tell whether `user` wrote it."""
        mine = self.author.user_id if self.author is not None else None
        return mine is not None and mine == getattr(user, "pk", None)
