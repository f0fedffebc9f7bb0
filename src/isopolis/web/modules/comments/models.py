"""Comments, their earlier versions, and reports of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from isopolis.web.modules.models import Module, Participant, Process

__all__ = ["EDIT_MINUTES", "TEXT_MOST", "Comment", "CommentVersion", "Report"]

EDIT_MINUTES = 15
TEXT_MOST = 3000


class Comment(models.Model):
    """What somebody wrote; an answer has a parent, and nobody answers an answer."""

    module = models.ForeignKey(Module, on_delete=models.CASCADE)
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="answers")
    author = models.ForeignKey(Participant, on_delete=models.SET_NULL, null=True)
    from_staff = models.BooleanField(default=False)
    text = models.TextField(_("comment"), max_length=TEXT_MOST)
    language = models.CharField(max_length=12, blank=True)
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    hidden_at = models.DateTimeField(null=True)
    hidden_because = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        """A page asks for the threads of one module, newest first."""

        indexes = [models.Index(fields=["module", "parent", "created_at"])]

    @property
    def process(self) -> Process:
        """The process that it belongs to."""
        return self.module.process

    @property
    def is_shown(self) -> bool:
        """True when its text may be read."""
        return self.deleted_at is None and self.hidden_at is None

    @property
    def state(self) -> str:
        """Tell whether it is shown, deleted by its author, or hidden by a moderator."""
        if self.deleted_at is not None:
            return "deleted"
        return "shown" if self.hidden_at is None else "hidden"

    def windows(self, feature: str) -> list[tuple[datetime, datetime]]:
        """Return from when to when something is open in its module."""
        return self.module.windows(feature)

    def belongs_to(self, user: Any) -> bool:
        """Tell whether `user` wrote it."""
        mine = self.author.user_id if self.author is not None else None
        return mine is not None and mine == getattr(user, "pk", None)

    def is_fresh(self, now: datetime) -> bool:
        """Tell whether it may still be changed."""
        return self.is_shown and now < self.created_at + timedelta(minutes=EDIT_MINUTES)

    def get_absolute_url(self) -> str:
        """Address of its thread."""
        process = self.module.process
        first = self.parent_id or self.pk
        where = [process.workspace.slug, process.number, self.module_id, first]
        return f"{reverse('thread', args=where)}#c{self.pk}"


class CommentVersion(models.Model):
    """The text of a comment before it was changed."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="versions")
    text = models.TextField()
    until = models.DateTimeField()


class Report(models.Model):
    """Somebody's notice that a comment should not be there."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="reports")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True)
    reason = models.CharField(_("what is wrong with it"), max_length=500)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        """Reported once by each person."""

        constraints = [
            models.UniqueConstraint(
                fields=["comment", "by"], condition=Q(by__isnull=False), name="one_report_per_person"
            )
        ]
