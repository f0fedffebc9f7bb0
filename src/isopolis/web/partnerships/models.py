"""A partnership, who works in it, which cities are in it, and what each of them shares."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from isopolis.web.workspaces.models import Membership, locked

from .hub.models import Comment, FeedKey, HubItem, SurveyAnswer

__all__ = [
    "CITY_READERS", "EXPERT_DAYS", "ROLE_CHOICES", "Comment", "FeedKey", "HubItem", "Partnership",
    "PartnershipCity", "PartnershipInvitation", "PartnershipMembership", "Share", "SurveyAnswer",
]  # fmt: skip

EXPERT_DAYS = 90
"""How long an expert from outside has access when nobody says another day."""
ROLE_CHOICES = [
    ("coordinator", _("Coordinator: invites cities and people")),
    ("reader", _("Reader: reads what the cities share")),
    ("expert", _("Expert from outside: reads meetings, documents and the orientation paper for a time")),
]
INVITED_AS = [("city", _("A city: its owner decides with which workspace")), *ROLE_CHOICES]
CITY_READERS = ("owner", "analyst", "participation_officer", "policy_officer", "viewer")
"""Roles in a member city that may read what the other cities share."""


class Partnership(models.Model):
    """Several cities that learn from each other."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(max_length=60, unique=True)
    description = models.TextField(_("description"), blank=True, max_length=4000)
    created_at = models.DateTimeField(auto_now_add=True)
    public = models.BooleanField(default=False)
    texts = models.JSONField(default=dict)
    """What its public page says about it, by language, and where its file came from."""

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Address of its first page."""
        return reverse("partnership", args=[self.slug])

    def role_of(self, user: Any) -> str:
        """Role of `user` here; "city" for who reads findings in a member city, empty for others."""
        if not getattr(user, "is_authenticated", False):
            return ""
        mine = PartnershipMembership.objects.filter(partnership=self, user=user).first()
        if mine is not None and not mine.is_over(timezone.localdate()):
            return mine.role
        inside = Membership.objects.filter(
            user=user,
            role__in=CITY_READERS,
            workspace__partnershipcity__partnership=self,
            workspace__archived_at=None,
        )
        return "city" if inside.exists() else ""


class PartnershipMembership(models.Model):
    """One person's role in one partnership."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    partnership = models.ForeignKey(Partnership, on_delete=models.CASCADE)
    role = models.CharField(_("role"), max_length=20, choices=ROLE_CHOICES)
    since = models.DateTimeField(auto_now_add=True)
    until = models.DateField(_("last day"), null=True, blank=True)

    class Meta:
        """One role per person and partnership."""

        constraints = [
            models.UniqueConstraint(fields=["user", "partnership"], name="one_partnership_role_each")
        ]

    def is_over(self, today: date) -> bool:
        """Tell whether the last day of access has passed."""
        return self.until is not None and self.until < today

    def is_last_coordinator(self) -> bool:
        """Tell whether the partnership would be without coordinator if this went."""
        mine = PartnershipMembership.objects.filter(partnership=self.partnership, role="coordinator")
        return self.role == "coordinator" and not set(locked(mine)) - {self.pk}


class PartnershipCity(models.Model):
    """A city in a partnership."""

    partnership = models.ForeignKey(Partnership, on_delete=models.CASCADE)
    workspace = models.ForeignKey("workspaces.Workspace", on_delete=models.CASCADE)
    joined_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Once per partnership."""

        constraints = [
            models.UniqueConstraint(fields=["partnership", "workspace"], name="city_once_per_partnership")
        ]


class Share(models.Model):
    """One diagnosis whose main findings a city shows to one partnership."""

    partnership = models.ForeignKey(Partnership, on_delete=models.CASCADE)
    workspace = models.ForeignKey("workspaces.Workspace", on_delete=models.CASCADE)
    job = models.ForeignKey("work.Job", on_delete=models.CASCADE)
    shared_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Once per partnership and diagnosis."""

        constraints = [
            models.UniqueConstraint(fields=["partnership", "job"], name="shared_once_per_partnership")
        ]


class PartnershipInvitation(models.Model):
    """An invitation by e-mail, to a person or to the owner of a city. Only a hash of its link is kept."""

    partnership = models.ForeignKey(Partnership, on_delete=models.CASCADE)
    email = models.EmailField(_("e-mail address"))
    kind = models.CharField(max_length=20, choices=INVITED_AS)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    class Meta:
        """One open invitation of a kind per address."""

        constraints = [
            models.UniqueConstraint(fields=["partnership", "email", "kind"], name="partnership_invited_once")
        ]
