"""A city's workspace and who works in it."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import connections, models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

__all__ = ["ROLE_CHOICES", "Invitation", "Membership", "Workspace"]

ROLE_CHOICES = [
    ("owner", _("Owner: everything, and who is a member")),
    ("analyst", _("Analyst: uploads data and runs diagnoses")),
    ("participation_officer", _("Participation officer: reads findings, runs participation")),
    ("policy_officer", _("Policy officer: reads and downloads findings")),
    ("moderator", _("Moderator: looks after contributions of residents")),
    ("viewer", _("Viewer: reads findings")),
    ("resident", _("Resident: takes part")),
]


class Workspace(models.Model):
    """One city on this server."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name of the city"), max_length=120)
    slug = models.SlugField(max_length=60, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through="Membership")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Address of the workspace's first page."""
        return reverse("workspace", args=[self.slug])

    def role_of(self, user: Any) -> str:
        """Role of `user` here; empty for others."""
        if not getattr(user, "is_authenticated", False):
            return ""
        found = self.membership_set.filter(user=user).values_list("role", flat=True).first()
        return found or ""


def locked(rows: models.QuerySet[Any]) -> list[Any]:
    """Return the keys of rows; in a transaction they stay as they are until it ends.

    So two owners who demote each other at the same moment come one after the other.
    """
    if connections[rows.db].in_atomic_block:
        rows = rows.select_for_update()
    return list(rows.order_by("pk").values_list("pk", flat=True))


class Membership(models.Model):
    """One person's role in one workspace."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    role = models.CharField(_("role"), max_length=30, choices=ROLE_CHOICES)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        """One role per person and workspace."""

        constraints = [models.UniqueConstraint(fields=["user", "workspace"], name="one_role_each")]

    def is_last_owner(self) -> bool:
        """Tell whether the workspace would be without owner if this went."""
        owners = locked(Membership.objects.filter(workspace=self.workspace, role="owner"))
        return self.role == "owner" and not set(owners) - {self.pk}


class Invitation(models.Model):
    """A role offered to an e-mail address. Only a hash of its link is kept; the row goes when it is used."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=30, choices=ROLE_CHOICES)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    class Meta:
        """One open invitation per address and workspace."""

        constraints = [models.UniqueConstraint(fields=["workspace", "email"], name="invited_once")]
