"""A plan as it is kept: its content is one JSON document of `isopolis.act.plan`, with its log in it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from isopolis.act.plan import Plan, read_plan

__all__ = ["ActionPlan"]


class ActionPlan(models.Model):
    """A plan of one city or of one partnership; `revision` rises with every change."""

    workspace = models.ForeignKey("workspaces.Workspace", on_delete=models.CASCADE, null=True)
    partnership = models.ForeignKey("partnerships.Partnership", on_delete=models.CASCADE, null=True)
    number = models.PositiveIntegerField()
    title = models.CharField(_("title"), max_length=300)
    content = models.JSONField()
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField()
    public = models.JSONField(null=True)
    paper = models.BinaryField(null=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        """Counted from one in each city and in each partnership; a plan belongs to exactly one of them."""

        constraints = [
            models.CheckConstraint(
                condition=Q(workspace=None) ^ Q(partnership=None), name="plan_has_one_home"
            ),
            models.UniqueConstraint(
                fields=["workspace", "number"],
                condition=Q(partnership=None),
                name="plan_number_per_workspace",
            ),
            models.UniqueConstraint(
                fields=["partnership", "number"],
                condition=Q(workspace=None),
                name="plan_number_per_partnership",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @cached_property
    def plan(self) -> Plan:
        """The plan itself."""
        return read_plan(self.content)

    @property
    def home(self) -> Any:
        """The workspace or the partnership that it belongs to."""
        return self.workspace if self.workspace_id else self.partnership

    @property
    def prefix(self) -> str:
        """What the names of its addresses begin with."""
        return "" if self.workspace_id else "partnership_"

    def address(self, name: str, *more: Any) -> str:
        """Address of one of its pages."""
        return reverse(f"{self.prefix}{name}", args=[self.home.slug, self.number, *more])

    def get_absolute_url(self) -> str:
        """Address of its page for those who work on it."""
        return self.address("plan")

    def public_url(self) -> str:
        """Address of its page for everybody."""
        return self.address("public_plan")
