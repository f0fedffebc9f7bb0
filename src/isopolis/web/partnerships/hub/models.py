"""Tables of a partnership's own records, of comments, of answers to surveys, and of calendar links."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse

from isopolis.act.partnership import KINDS, LEVELS_OF_ACCESS

__all__ = ["Comment", "FeedKey", "HubItem", "SurveyAnswer"]


class HubItem(models.Model):
    """One record of a partnership: a member organisation, a meeting, a piece of news, a document.

    What is in `data` was checked by `isopolis.act.partnership` when it was kept, and is about
    organisations, never about persons.
    """

    partnership = models.ForeignKey("partnerships.Partnership", on_delete=models.CASCADE)
    kind = models.CharField(max_length=12, choices=[(k, k) for k in KINDS])
    key = models.CharField(max_length=60)
    access = models.CharField(max_length=12, choices=[(a, a) for a in LEVELS_OF_ACCESS])
    position = models.PositiveIntegerField(default=0)
    data = models.JSONField()
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        """One record of a kind for each key."""

        constraints = [models.UniqueConstraint(fields=["partnership", "kind", "key"], name="hub_key_once")]

    def record(self) -> Any:
        """Return the record."""
        return KINDS[self.kind].model_validate(self.data)

    @property
    def file(self) -> Path:
        """Where the file of a document lies; the name that it was sent under is only in the record."""
        return Path(settings.DATA_DIR) / "partnerships" / str(self.partnership_id) / f"{self.pk}.file"

    def get_absolute_url(self) -> str:
        """Address of the page that shows it."""
        page = {"meeting": "hub_meeting", "news": "hub_news_item", "survey": "hub_survey"}.get(self.kind)
        return reverse(page, args=[self.partnership.slug, self.key]) if page else ""


class Comment(models.Model):
    """What somebody says about a version of the orientation paper, and what the coordinators answer."""

    partnership = models.ForeignKey("partnerships.Partnership", on_delete=models.CASCADE)
    paper = models.CharField(max_length=60)
    version = models.CharField(max_length=20)
    section = models.CharField(max_length=60, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True)
    text = models.TextField(max_length=4000)
    created_at = models.DateTimeField(auto_now_add=True)
    answer = models.TextField(max_length=4000, blank=True)
    answered_at = models.DateTimeField(null=True)

    def belongs_to(self, user: Any) -> bool:
        """Tell whether `user` wrote it."""
        return self.author_id is not None and self.author_id == user.pk


class SurveyAnswer(models.Model):
    """What one person answered for a member organisation; kept under the name of both."""

    item = models.ForeignKey(HubItem, on_delete=models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    member = models.CharField(max_length=120)
    answers = models.JSONField()
    answered_at = models.DateTimeField(auto_now=True)

    class Meta:
        """One answer for each person."""

        constraints = [models.UniqueConstraint(fields=["item", "user"], name="survey_answered_once")]


class FeedKey(models.Model):
    """A secret link to the calendar of meetings that are not public. Only its hash is kept."""

    partnership = models.ForeignKey("partnerships.Partnership", on_delete=models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """One link for each person and partnership; a new one ends the old one."""

        constraints = [models.UniqueConstraint(fields=["partnership", "user"], name="one_feed_each")]
