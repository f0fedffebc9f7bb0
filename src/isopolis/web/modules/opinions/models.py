"""A conversation: its statements, votes under pseudonyms, what voters say of themselves, and its result."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from isopolis.web.modules.models import Module, Process

__all__ = [
    "SHORTEST", "TEXT_LEAST", "TEXT_MOST", "About", "Archive", "Conversation", "Decision", "Statement",
    "Vote", "Voter", "seed_of",
]  # fmt: skip

TEXT_LEAST, TEXT_MOST = 140, 400
"""Between these an officer sets how long a statement may be, in characters."""
SHORTEST = 10


def seed_of() -> str:
    """Return a fresh seed for the order of statements."""
    return uuid.uuid4().hex


class Conversation(models.Model):
    """What a module of this kind is about.

    `shown` is the result as the officer sees it, `public` as everybody does; both hold only what passed the
    privacy gate, and statements by their numbers. `public_voters` is how many had voted then.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    module = models.OneToOneField(Module, on_delete=models.CASCADE, related_name="conversation")
    seed = models.CharField(max_length=64, default=seed_of)
    longest = models.PositiveSmallIntegerField(_("longest statement, in characters"), default=280)
    residents = models.PositiveIntegerField(_("residents who could take part"), null=True, blank=True)
    census = models.JSONField(default=list)
    revision = models.PositiveIntegerField(default=0)
    shown = models.JSONField(default=dict)
    public = models.JSONField(default=dict)
    public_voters = models.PositiveIntegerField(default=0)
    computed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    @property
    def process(self) -> Process:
        """The process that it belongs to."""
        return self.module.process

    def windows(self, feature: str) -> list[tuple[datetime, datetime]]:
        """Return from when to when something is open; nothing once it was closed."""
        found = self.module.windows(feature)
        if self.closed_at is None:
            return found
        return [(start, min(end, self.closed_at)) for start, end in found if start < self.closed_at]

    def over(self, now: datetime) -> bool:
        """Tell whether nobody can vote any more."""
        if self.closed_at is not None or self.process.state == Process.State.ARCHIVED:
            return True
        windows = self.module.windows("vote")
        return bool(windows) and all(end <= now for _start, end in windows)

    def choices(self) -> dict[str, list[str]]:
        """Return the attributes of the census with their values, for whoever describes themselves."""
        out: dict[str, dict[str, None]] = {}
        for family in self.census:
            for i, name in enumerate(family["attributes"]):
                out.setdefault(name, {}).update({row[0][i]: None for row in family["rows"]})
        return {name: list(values) for name, values in out.items()}


class Voter(models.Model):
    """Somebody in one conversation: an account, or a name that only the browser with its cookie knows."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True)
    brought = models.BooleanField(default=False)
    cell = models.CharField(max_length=300, blank=True)

    class Meta:
        """One for each account."""

        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "user"], condition=Q(user__isnull=False), name="one_voter_per_account"
            )
        ]


class Statement(models.Model):
    """A short text that people vote on. Without text it was taken back."""

    class State(models.TextChoices):
        """What became of it."""

        WAITING = "waiting", _("waiting to be looked at")
        ACCEPTED = "accepted", _("accepted")
        REFUSED = "refused", _("refused")

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE)
    number = models.PositiveIntegerField()
    text = models.TextField(_("statement"), blank=True)
    language = models.CharField(max_length=12, blank=True)
    by_city = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    author = models.ForeignKey(Voter, on_delete=models.SET_NULL, null=True)
    day = models.DateField()
    votes = models.PositiveIntegerField(default=0)

    class Meta:
        """Counted from one in each conversation."""

        constraints = [
            models.UniqueConstraint(fields=["conversation", "number"], name="statement_number_once")
        ]
        indexes = [models.Index(fields=["conversation", "state", "number"])]

    @property
    def open(self) -> bool:
        """True when people can vote on it."""
        return self.state == self.State.ACCEPTED and bool(self.text)


class Vote(models.Model):
    """What one voter thinks of one statement. It keeps no time."""

    class Value(models.IntegerChoices):
        """The three answers."""

        AGREE = 1, _("I agree")
        DISAGREE = -1, _("I disagree")
        PASS = 0, _("Pass")

    voter = models.ForeignKey(Voter, on_delete=models.CASCADE)
    statement = models.ForeignKey(Statement, on_delete=models.CASCADE)
    value = models.SmallIntegerField(choices=Value.choices)

    class Meta:
        """One of each voter on each statement."""

        constraints = [
            models.UniqueConstraint(fields=["voter", "statement"], name="one_opinion_each"),
            models.CheckConstraint(condition=Q(value__in=(-1, 0, 1)), name="opinion_is_one_of_three"),
        ]


class About(models.Model):
    """What a voter says of themselves by the groups of the census, kept apart from votes and soon removed."""

    voter = models.OneToOneField(Voter, on_delete=models.CASCADE, primary_key=True)
    traits = models.JSONField()


class Decision(models.Model):
    """What moderation did with a statement, for the public log. A refused text does not stand here."""

    class Rule(models.TextChoices):
        """House rules."""

        NONE = "", _("it keeps the rules")
        TOPIC = "topic", _("it is not about the question")
        SEVERAL = "several", _("it holds several statements: nobody could agree with one and not the other")
        TWICE = "twice", _("the same statement is there already")
        PERSON = "person", _("it is about a private person, or gives away who somebody is")
        INSULT = "insult", _("it insults people, or incites hatred against a group")
        UNLAWFUL = "unlawful", _("it is against the law")
        NONSENSE = "nonsense", _("it is advertising, or cannot be understood")

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE)
    accepted = models.BooleanField()
    rule = models.CharField(max_length=10, choices=Rule.choices, blank=True, default="")
    note = models.CharField(_("more about the reason"), max_length=300, blank=True)
    day = models.DateField()

    class Meta:
        """The newest first."""

        ordering = ("-pk",)


class Archive(models.Model):
    """The conversation in Polis's form, as it was when the result was computed last; for the officer."""

    conversation = models.OneToOneField(Conversation, on_delete=models.CASCADE, primary_key=True)
    content = models.BinaryField()
    made_at = models.DateTimeField()

    def download(self) -> bytes:
        """Return the bytes; databases give them in different forms."""
        content: Any = self.content
        return bytes(content)
