"""A city's files as they were uploaded, and what the reader said about them."""

from __future__ import annotations

import uuid
from pathlib import Path

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

__all__ = ["Dataset"]


class Dataset(models.Model):
    """One upload: files that never change, and a city.toml that can be corrected."""

    class State(models.TextChoices):
        """What the reader has made of it."""

        WAITING = "waiting", _("not read yet")
        READY = "ready", _("can be diagnosed")
        REFUSED = "refused", _("has problems to mend first")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey("workspaces.Workspace", on_delete=models.CASCADE)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True)
    files = models.JSONField(default=list)
    digest = models.CharField(max_length=64)
    config = models.TextField(blank=True)
    config_guessed = models.BooleanField(default=False)
    revision = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    problems = models.JSONField(default=list)
    summary = models.JSONField(default=dict)
    seen = models.JSONField(default=list)
    """Headings and first values of every table, for the forms in which people correct the guesses."""

    def get_absolute_url(self) -> str:
        """Address of the page with the reader's findings."""
        return reverse("dataset", args=[self.workspace.slug, self.pk])

    @property
    def folder(self) -> Path:
        """Folder of the files, under the folder of the workspace."""
        return Path(settings.DATA_DIR) / "cities" / str(self.workspace_id) / str(self.pk)

    @property
    def names(self) -> list[str]:
        """Names of the files."""
        return [f["name"] for f in self.files]
