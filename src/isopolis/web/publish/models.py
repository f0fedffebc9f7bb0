"""What a city has published or is about to, and what its privacy gate must remember."""

from __future__ import annotations

import uuid
from pathlib import Path

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

__all__ = ["Gate", "GateRecord", "Publication"]


class Publication(models.Model):
    """One diagnosis on its way to the public, or back from there."""

    class State(models.TextChoices):
        """Where it stands."""

        DRAFT = "draft", _("being prepared")
        READY = "ready", _("ready for a decision")
        REFUSED = "refused", _("refused by the privacy gate")
        PUBLISHED = "published", _("public")
        WITHDRAWN = "withdrawn", _("withdrawn")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey("workspaces.Workspace", on_delete=models.CASCADE)
    number = models.PositiveIntegerField()
    diagnosis = models.ForeignKey(
        "work.Job", on_delete=models.SET_NULL, null=True, related_name="publications"
    )
    title = models.CharField(max_length=120)
    policy = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    summary = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        """One number each within a city."""

        constraints = [models.UniqueConstraint(fields=["workspace", "number"], name="publication_number")]
        indexes = [models.Index(fields=["state", "published_at"])]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Address of the page on which officers decide."""
        return reverse("publication", args=[self.workspace.slug, self.pk])

    @property
    def public_url(self) -> str:
        """Address that everybody may read once it is published."""
        return reverse("public_overview", args=[self.workspace.slug, self.number])

    @property
    def folder(self) -> Path:
        """Folder of the files that were made for the public."""
        return Path(settings.DATA_DIR) / "publications" / str(self.workspace_id) / str(self.pk)

    @property
    def is_public(self) -> bool:
        """True while everybody may read it."""
        return self.state == self.State.PUBLISHED


class Gate(models.Model):
    """The privacy gate of one workspace. Its row is the lock that publishing takes."""

    workspace = models.OneToOneField("workspaces.Workspace", on_delete=models.CASCADE, primary_key=True)
    # the same for every release, so that the same people receive the same noise; nobody is ever shown it
    secret = models.BinaryField()


class GateRecord(models.Model):
    """What the gate said about one publication. For staff, and for comparing later releases."""

    publication = models.OneToOneField(Publication, on_delete=models.CASCADE, primary_key=True)
    entries = models.TextField()
    staff = models.JSONField(default=dict)
    beside = models.JSONField(default=list)
