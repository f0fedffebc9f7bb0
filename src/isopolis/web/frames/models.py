"""Questionnaires that a city fills in, and questionnaires that it brought itself."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from isopolis.act.frames import Frame, from_plain, read_frame

__all__ = ["OwnFrame", "Sheet"]


class OwnFrame(models.Model):
    """A questionnaire that a workspace brought as a file, beside those that ship."""

    workspace = models.ForeignKey("workspaces.Workspace", on_delete=models.CASCADE)
    key = models.CharField(max_length=80)
    title = models.CharField(max_length=200)
    content = models.JSONField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        """One of each id within a city."""

        constraints = [models.UniqueConstraint(fields=["workspace", "key"], name="own_frame_key")]

    def __str__(self) -> str:
        return self.title


class Sheet(models.Model):
    """One questionnaire, filled in once. It keeps the frame as it was when it was begun."""

    workspace = models.ForeignKey("workspaces.Workspace", on_delete=models.CASCADE)
    number = models.PositiveIntegerField()
    key = models.CharField(max_length=80)
    title = models.CharField(_("title"), max_length=160)
    content = models.JSONField()
    answers = models.JSONField(default=dict)
    # how often each section was saved: two people who fill in the same one must not undo each other
    revisions = models.JSONField(default=dict)
    compared = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True)

    class Meta:
        """One number each within a city."""

        constraints = [models.UniqueConstraint(fields=["workspace", "number"], name="sheet_number")]
        indexes = [models.Index(fields=["key", "compared"])]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Address of its first page."""
        return reverse("sheet", args=[self.workspace.slug, self.number])

    def frame(self) -> Frame:
        """Return the frame as it was when this was begun."""
        return read_frame(self.content, self.key)

    def given(self, frame: Frame) -> dict[str, Any]:
        """Return the answers."""
        return from_plain(frame, self.answers)
