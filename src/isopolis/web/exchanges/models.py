"""Exchanges with their peers, visits, steps and lessons."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from isopolis.act.exchange import Dated, Exchange, Lesson, Peer, Reading, Visit, Workflow, shipped

__all__ = ["ExchangeLesson", "ExchangePeer", "ExchangePlan", "ExchangeStep", "ExchangeVisit", "SentReminder"]

IN_REACH = (MinValueValidator(date(1990, 1, 1)), MaxValueValidator(date(2100, 12, 31)))
"""What a day must pass: beyond it is a slip, and there is no year after the last day to remind anybody in."""
DEGURBA = [(1, _("1, city")), (2, _("2, town or suburb")), (3, _("3, rural area"))]


class ExchangePlan(models.Model):
    """One exchange of a city with others."""

    workspace = models.ForeignKey("workspaces.Workspace", on_delete=models.CASCADE)
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=60)
    title = models.CharField(_("title"), max_length=160)
    questions = models.JSONField(default=list)
    stated = models.JSONField(default=dict)
    form = models.ForeignKey("frames.Sheet", on_delete=models.SET_NULL, null=True, related_name="+")
    started = models.DateField()
    closed = models.DateField(null=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        """One number each within a city."""

        constraints = [models.UniqueConstraint(fields=["workspace", "number"], name="exchange_number")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Address of its page."""
        return reverse("exchange", args=[self.workspace.slug, self.number])

    def workflow(self) -> Workflow:
        """Return the workflow of its kind."""
        return shipped(self.kind)

    def record(self) -> Exchange:
        """Return it as `isopolis.act.exchange` knows it."""
        return Exchange(
            self.title,
            self.workflow(),
            self.started,
            tuple(self.questions),
            tuple(p.record() for p in _ordered(self.peers)),
            tuple(Visit(v.start, v.end, v.place) for v in _ordered(self.visits, "start")),
            tuple(Dated(s.step, s.planned, s.done) for s in _ordered(self.steps)),
            tuple(lesson.record() for lesson in _ordered(self.lessons)),
            self.stated,
            self.closed,
        )


def _ordered(rows: Any, first: str = "pk") -> list[Any]:
    """Order parts here and not in the query, so that a list uses those that it fetched together."""
    return sorted(rows.all(), key=lambda row: (getattr(row, first), row.pk))


class ExchangePeer(models.Model):
    """A city that takes part."""

    exchange = models.ForeignKey(ExchangePlan, on_delete=models.CASCADE, related_name="peers")
    name = models.CharField(max_length=120)
    country = models.CharField(max_length=2, blank=True)
    degurba = models.PositiveSmallIntegerField(null=True, choices=DEGURBA)
    article11 = models.BooleanField(null=True)
    persons = models.PositiveSmallIntegerField(null=True)

    def record(self) -> Peer:
        """Return it for the rules."""
        return Peer(self.name, self.country, self.degurba, self.article11, self.persons)


class ExchangeVisit(models.Model):
    """A visit."""

    exchange = models.ForeignKey(ExchangePlan, on_delete=models.CASCADE, related_name="visits")
    start = models.DateField()
    end = models.DateField()
    place = models.CharField(max_length=120)


class ExchangeStep(models.Model):
    """A step with its day."""

    exchange = models.ForeignKey(ExchangePlan, on_delete=models.CASCADE, related_name="steps")
    step = models.CharField(max_length=60)
    planned = models.DateField(null=True)
    done = models.DateField(null=True)

    class Meta:
        """Each step once."""

        constraints = [models.UniqueConstraint(fields=["exchange", "step"], name="exchange_step_once")]


class ExchangeLesson(models.Model):
    """What was learnt, what was changed, and an indicator before and after."""

    exchange = models.ForeignKey(ExchangePlan, on_delete=models.CASCADE, related_name="lessons")
    text = models.TextField()
    learnt = models.DateField()
    change = models.TextField(blank=True)
    changed = models.DateField(null=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    def record(self) -> Lesson:
        """Return it with its readings."""
        return Lesson(
            self.text, self.learnt, self.change, self.changed, _reading(self.before), _reading(self.after)
        )


def _reading(plain: Any) -> Reading | None:
    return Reading(**(plain | {"measures": tuple(plain["measures"])})) if plain else None


class SentReminder(models.Model):
    """A reminder that was sent by mail, so that it is sent once."""

    exchange = models.ForeignKey(ExchangePlan, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=120)
    sent_at = models.DateTimeField()

    class Meta:
        """Each once."""

        constraints = [models.UniqueConstraint(fields=["exchange", "key"], name="exchange_reminder_once")]
