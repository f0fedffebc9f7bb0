"""Tables of cities, and what a workspace has settled about its peers."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

__all__ = ["PeerChoice", "PeerTable"]


class PeerTableQuery(models.QuerySet["PeerTable"]):
    """Tables that a workspace may use."""

    def open_to(self, workspace: object) -> PeerTableQuery:
        """Its own, and those that are shared with every workspace of this server."""
        shared = Q(shared=True, state=PeerTable.State.READY)
        return self.filter(Q(workspace=workspace) | shared)


class PeerTable(models.Model):
    """A table of cities as it was uploaded, and as the reader understood it."""

    class State(models.TextChoices):
        """What the reader made of it."""

        WAITING = "waiting", _("being read")
        READY = "ready", _("ready")
        REFUSED = "refused", _("something has to be mended")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey("workspaces.Workspace", on_delete=models.CASCADE)
    title = models.CharField(max_length=120)
    name = models.CharField(max_length=120)
    shared = models.BooleanField(default=False)
    content = models.BinaryField()
    roles = models.TextField(blank=True)
    roles_name = models.CharField(max_length=120, blank=True)
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    table = models.JSONField(null=True)
    problems = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    objects = PeerTableQuery.as_manager()

    class Meta:
        """Looked up by who may use it."""

        indexes: ClassVar = [models.Index(fields=["shared", "state"], name="peer_tables_shared")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Address of the page that says how it was understood."""
        return reverse("peer_table", args=[self.workspace.slug, self.pk])


class PeerChoice(models.Model):
    """The table, the city and the weights that a workspace has settled on."""

    workspace = models.OneToOneField("workspaces.Workspace", on_delete=models.CASCADE, primary_key=True)
    table = models.ForeignKey(PeerTable, on_delete=models.CASCADE)
    city = models.CharField(max_length=200)
    weights = models.JSONField(default=dict)
    chosen = models.JSONField(default=list)
    changed_at = models.DateTimeField(auto_now=True)
