"""Process, module, phase, and who takes part under which name."""

from __future__ import annotations

import unicodedata
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .manifests import ModuleManifest, manifest_of

__all__ = ["Module", "Participant", "Phase", "Process", "name_key"]


def name_key(name: str) -> str:
    """Return what two names that look alike have in common."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


class Process(models.Model):
    """Something that a city asks its residents."""

    class State(models.TextChoices):
        """Who sees it, and whether anything in it is open."""

        DRAFT = "draft", _("draft")
        PUBLISHED = "published", _("published")
        ARCHIVED = "archived", _("archived")

    workspace = models.ForeignKey("workspaces.Workspace", on_delete=models.CASCADE)
    number = models.PositiveIntegerField()
    title = models.CharField(_("title"), max_length=160)
    description = models.TextField(_("what it is about"), blank=True, max_length=8000)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        """Counted from one in each workspace, so that an address tells nothing of other cities."""

        constraints = [
            models.UniqueConstraint(fields=["workspace", "number"], name="process_number_per_workspace")
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Address of the page for residents."""
        return reverse("process", args=[self.workspace.slug, self.number])

    def modules(self) -> models.QuerySet[Module]:
        """Return the modules in their order."""
        return self.module_set.prefetch_related("phase_set").order_by("position", "pk")


class Module(models.Model):
    """A part of a process: a kind of participation with phases."""

    process = models.ForeignKey(Process, on_delete=models.CASCADE)
    kind = models.CharField(max_length=40)
    title = models.CharField(_("title"), max_length=120)
    position = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return self.title

    @property
    def manifest(self) -> ModuleManifest | None:
        """What kind of module it is; None when that kind is not installed any more."""
        return manifest_of(self.kind)

    def get_absolute_url(self) -> str:
        """Address of its first page."""
        if self.manifest is None:
            return self.process.get_absolute_url()
        return reverse(self.manifest.page, args=[self.process.workspace.slug, self.process.number, self.pk])

    def phases(self) -> list[Phase]:
        """Return the phases in the order of time."""
        # sorted here, so that phases that were fetched along are not asked for again
        return sorted(self.phase_set.all(), key=lambda p: (p.position, p.pk))

    def windows(self, feature: str) -> list[tuple[datetime, datetime]]:
        """Return from when to when something is open."""
        return [
            (p.starts_at, p.ends_at)
            for p in self.phases()
            if p.starts_at is not None and p.ends_at is not None and feature in p.opens
        ]


class Phase(models.Model):
    """A time in which a module opens what its kind of phase opens."""

    module = models.ForeignKey(Module, on_delete=models.CASCADE)
    kind = models.CharField(max_length=40)
    name = models.CharField(_("name"), max_length=120)
    position = models.PositiveSmallIntegerField(default=0)
    starts_at = models.DateTimeField(_("first day"), null=True, blank=True)
    ends_at = models.DateTimeField(_("end"), null=True, blank=True)

    class Meta:
        """A phase ends after it has begun."""

        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at=None) | Q(ends_at=None) | Q(ends_at__gt=models.F("starts_at")),
                name="phase_ends_after_it_begins",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def opens(self) -> frozenset[str]:
        """What can be done while it runs."""
        manifest = self.module.manifest
        kind = manifest.phase(self.kind) if manifest else None
        return kind.opens if kind else frozenset()

    def stands(self, now: datetime) -> str:
        """Tell whether it is to come, open, over, or without dates."""
        if self.starts_at is None or self.ends_at is None:
            return "undated"
        if now < self.starts_at:
            return "before"
        return "open" if now < self.ends_at else "after"


class Participant(models.Model):
    """A person in a city's processes, under a name that they chose; erasing the account empties it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True)
    workspace = models.ForeignKey("workspaces.Workspace", on_delete=models.CASCADE)
    shown_as = models.CharField(_("name shown to others"), max_length=60, blank=True)
    key = models.CharField(max_length=120, blank=True, editable=False)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        """One name per person and city, and no two people under the same one."""

        constraints = [
            models.UniqueConstraint(
                fields=["user", "workspace"], condition=Q(user__isnull=False), name="one_participant_each"
            ),
            models.UniqueConstraint(
                fields=["workspace", "key"], condition=~Q(key=""), name="one_participant_per_name"
            ),
        ]

    def __str__(self) -> str:
        return self.shown_as

    def call(self, name: str) -> None:
        """Set the name, and what it looks like."""
        self.shown_as = " ".join(name.split())[:60]
        self.key = name_key(self.shown_as)[:120]
