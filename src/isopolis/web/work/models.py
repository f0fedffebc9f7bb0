"""Jobs in a table of our own, and the runner's sign of life."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

__all__ = ["Job", "Runner"]


class Job(models.Model):
    """One computation for one workspace."""

    class State(models.TextChoices):
        """Where a job stands."""

        QUEUED = "queued", _("waiting for its turn")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey("workspaces.Workspace", on_delete=models.CASCADE)
    kind = models.CharField(max_length=30)
    subject = models.UUIDField(db_index=True)
    key = models.CharField(max_length=64)
    state = models.CharField(max_length=12, choices=State.choices, default=State.QUEUED)
    said = models.CharField(max_length=300, blank=True)
    done = models.PositiveIntegerField(default=0)
    steps = models.PositiveIntegerField(default=0)
    attempt = models.PositiveIntegerField(default=0)
    fell = models.PositiveIntegerField(default=0)
    stop_asked = models.BooleanField(default=False)
    error = models.TextField(blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    beat_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        """The database itself holds that nothing runs twice, and one job per workspace at a time."""

        constraints = [
            models.UniqueConstraint(
                fields=["workspace"], condition=Q(state="running"), name="one_running_per_workspace"
            ),
            models.UniqueConstraint(
                fields=["workspace", "kind", "key"],
                condition=Q(state__in=["queued", "running", "done"]),
                name="submitted_once",
            ),
        ]
        indexes = [models.Index(fields=["state", "created_at"])]

    @property
    def waiting(self) -> bool:
        """True while there is something to wait for."""
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    @property
    def shown(self) -> int:
        """The step that is running, counted from one."""
        return min(self.done, self.steps)


class Runner(models.Model):
    """When a job runner was last heard of."""

    name = models.CharField(max_length=120, primary_key=True)
    beat_at = models.DateTimeField()
