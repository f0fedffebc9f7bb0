"""Tables of the library: entries, what was said about them, collections, contacts, imports, moderators."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from isopolis.learn.record import Record, completeness
from isopolis.web.workspaces.models import Workspace

__all__ = [
    "HELD", "KINDS", "Collection", "CollectionItem", "Contact", "Entry", "Import", "Loaded", "Message",
    "Moderator", "Review", "Version", "entry_of", "is_moderator",
]  # fmt: skip

KEY = re.compile(r"[a-z0-9][a-z0-9._-]{0,119}")
KINDS = {
    "case": _("case"), "policy": _("policy"), "method": _("method"), "tool": _("tool"), "law": _("law"),
    "study": _("study"), "funding_story": _("funding story"), "commitment": _("commitment"),
    "document": _("document"), "strategy": _("strategy"),
    "call": pgettext_lazy("invitation to apply", "call"),
}  # fmt: skip


class Entry(models.Model):
    """One record of the library with its state. The record is the truth; other columns repeat it."""

    class State(models.TextChoices):
        """What may happen to it next."""

        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("submitted")
        ASKED = "asked", _("question to answer")
        PUBLISHED = "published", _("published")
        WITHDRAWN = "withdrawn", _("withdrawn")

    key = models.CharField(max_length=120, unique=True)
    record = models.JSONField()
    checksum = models.CharField(max_length=64)
    origin = models.CharField(max_length=500, blank=True)
    made = models.CharField(max_length=20, blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    withdrawn_here = models.BooleanField(default=False)  # then no file of its origin brings it back
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, null=True, related_name="entries")
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True)
    kind = models.CharField(max_length=20)
    title = models.CharField(max_length=500)
    country = models.CharField(max_length=2, blank=True)
    grade = models.PositiveSmallIntegerField(default=0)
    completeness = models.FloatField(default=0)
    words = models.TextField(blank=True)
    changed_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)

    class Meta:
        """Lists ask for a state, by title."""

        indexes: ClassVar = [models.Index(fields=["state", "title"])]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the page of the record."""
        return reverse("library_record", args=[self.key])

    @property
    def content(self) -> Record:
        """The record."""
        return Record.model_validate(self.record)

    @property
    def is_ours(self) -> bool:
        """True when it was written in this installation."""
        return self.origin == ""

    @property
    def may_return(self) -> bool:
        """True when it came from elsewhere and was withdrawn here, so that nothing else brings it back."""
        return self.state == self.State.WITHDRAWN and self.withdrawn_here and not self.is_ours

    def hold(self, record: Record, checksum: str) -> None:
        """Take a record over, into all columns that repeat something of it."""
        self.key, self.record, self.checksum = record.id, record.plain(), checksum
        self.kind, self.grade = record.kind, record.evidence_grade
        self.title = record.title.best([record.language]).text[:500]
        self.country = (record.place.country or "") if record.place else ""
        self.completeness = completeness(record).share
        texts = [text for _path, many in record.texts() for text in many.root.values()]
        names = [record.place.name] if record.place else []
        self.words = "\n".join([*texts, *names]).casefold()


HELD = (
    "key", "record", "checksum", "kind", "grade", "title", "country", "completeness", "words",
)  # fmt: skip
"""Columns that `Entry.hold` fills."""


class Version(models.Model):
    """What a record said before or after a change; the number counts from 1."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    record = models.JSONField()
    what = models.CharField(max_length=20)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True)
    at = models.DateTimeField()

    class Meta:
        """Each number once."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["entry", "number"], name="one_version")]
        ordering: ClassVar = ["number"]


class Message(models.Model):
    """What moderators and the city write to each other about an entry; never shown in public."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="messages")
    from_moderator = models.BooleanField(default=False)
    field = models.CharField(max_length=40, blank=True)
    text = models.TextField(max_length=3000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True)
    at = models.DateTimeField()

    class Meta:
        """Oldest first."""

        ordering: ClassVar = ["at", "pk"]


class Review(models.Model):
    """What one moderator says to the five questions; shown without a name."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="opinions")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True)
    criteria = models.JSONField()
    note = models.TextField(max_length=2000, blank=True)
    at = models.DateTimeField()

    class Meta:
        """One review from each person."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["entry", "by"], name="one_review")]
        ordering: ClassVar = ["at", "pk"]


class Collection(models.Model):
    """Entries that somebody has put together, in order, with an introduction."""

    slug = models.SlugField(max_length=60, unique=True)
    title = models.CharField(_("title"), max_length=200)
    intro = models.TextField(_("introduction"), max_length=4000)
    language = models.CharField(max_length=12, default="en")
    entries: models.ManyToManyField[Entry, CollectionItem] = models.ManyToManyField(
        Entry, through="CollectionItem"
    )
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return its page."""
        return reverse("library_collection", args=[self.slug])


class CollectionItem(models.Model):
    """The place of an entry in a collection."""

    collection = models.ForeignKey(Collection, on_delete=models.CASCADE)
    entry = models.ForeignKey(Entry, on_delete=models.CASCADE)
    position = models.PositiveIntegerField()

    class Meta:
        """Each entry once, in order."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["collection", "entry"], name="collected_once")
        ]
        ordering: ClassVar = ["position", "pk"]


class Contact(models.Model):
    """A person whom a city wants to name, and whether that person agreed by the link.

    Name and address stand in the record only from consent to withdrawal. The link works as long as
    this row is there, so that consent can be taken back at any time; the row goes with it.
    """

    entry = models.OneToOneField(Entry, on_delete=models.CASCADE, related_name="contact")
    name = models.CharField(max_length=200)
    email = models.EmailField()
    role = models.CharField(max_length=200, blank=True)
    digest = models.CharField(max_length=64, unique=True)
    asked_at = models.DateTimeField()
    given_at = models.DateTimeField(null=True)

    @property
    def stands(self) -> bool:
        """True while the person agrees."""
        return self.given_at is not None


class Import(models.Model):
    """What came of a bundle of another installation, or of a file: counts and each refusal."""

    origin = models.CharField(max_length=500)
    name = models.CharField(max_length=200)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True)
    added = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    withdrawn = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.JSONField(default=list)

    class Meta:
        """Newest first."""

        ordering: ClassVar = ["-at", "-pk"]


class Moderator(models.Model):
    """A person whom an administrator lets look after the library."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    since = models.DateTimeField()


class Loaded(models.Model):
    """Which edition of the shipped records was taken in last."""

    name = models.CharField(max_length=40, unique=True)
    digest = models.CharField(max_length=64)


def entry_of(key: str, **more: Any) -> Entry | None:
    """Return the entry of an address; whatever cannot be a key is none, in every database."""
    return Entry.objects.filter(key=key, **more).first() if KEY.fullmatch(key) else None


def is_moderator(user: Any) -> bool:
    """Tell whether `user` looks after the library."""
    return bool(user.is_admin) or Moderator.objects.filter(user_id=user.pk).exists()
