"""An assembly, its rules and its draw; and volunteers under codes, without names."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from isopolis.engage.lottery.pool import Person, Quota
from isopolis.web.modules.models import Module, Process

__all__ = ["CODE_MOST", "Assembly", "Volunteer", "plain_quotas"]

CODE_MOST = 40


class Assembly(models.Model):
    """What a module of this kind is about: rules, the lottery found for them, and its public draw."""

    class Objective(models.TextChoices):
        """What is fairest."""

        LEXIMIN = "leximin", _("the lowest chance as large as possible, then the next lowest, and so on")
        MAXIMIN = "maximin", _("the lowest chance as large as possible")
        NASH = "nash", _("the product of all chances as large as possible")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    module = models.OneToOneField(Module, on_delete=models.CASCADE)
    size = models.PositiveSmallIntegerField(_("people on the panel"))
    objective = models.CharField(max_length=10, choices=Objective.choices, default=Objective.LEXIMIN)
    households = models.BooleanField(_("at most one person of a household"), default=False)
    quotas = models.JSONField()
    pool_digest = models.CharField(max_length=64)
    version = models.PositiveIntegerField(default=1)
    solved = models.JSONField(null=True)
    trouble = models.TextField(blank=True)
    seed = models.CharField(max_length=200, blank=True)
    listed_at = models.DateTimeField(null=True)
    list_text = models.TextField(blank=True)
    list_digest = models.CharField(max_length=64, blank=True)
    number = models.PositiveIntegerField(null=True)
    drawn_at = models.DateTimeField(null=True)
    changes = models.JSONField(default=list)

    @property
    def process(self) -> Process:
        """The process that it belongs to."""
        return self.module.process

    def bounds(self) -> tuple[Quota, ...]:
        """Return the quotas."""
        return tuple(Quota(tuple((a, v) for a, v in traits), low, high) for traits, low, high in self.quotas)

    def people(self) -> tuple[Person, ...]:
        """Return the pool in its order."""
        rows = self.volunteer_set.order_by("place")
        return tuple(Person(v.code, dict(v.traits), v.household) for v in rows)

    def codes(self, *seats: Any) -> list[str]:
        """Return the codes of those who have one of these seats."""
        rows = self.volunteer_set.filter(seat__in=seats).order_by("place")
        return list(rows.values_list("code", flat=True))


class Volunteer(models.Model):
    """Somebody who would come, under a code that only the city can lead back to a person."""

    class Seat(models.TextChoices):
        """Where the draw left them."""

        NONE = "", _("not drawn")
        DRAWN = "drawn", _("drawn")
        LEFT = "left", _("drawn, but left")
        CAME = "came", _("came in for somebody who left")

    assembly = models.ForeignKey(Assembly, on_delete=models.CASCADE)
    place = models.PositiveIntegerField()
    code = models.CharField(max_length=CODE_MOST)
    traits = models.JSONField()
    household = models.CharField(max_length=64, blank=True)
    tickets = models.PositiveSmallIntegerField(null=True)
    chance = models.FloatField(null=True)
    seat = models.CharField(max_length=5, choices=Seat.choices, blank=True, default="")

    class Meta:
        """A code stands for one person."""

        constraints = [models.UniqueConstraint(fields=["assembly", "code"], name="code_once_per_assembly")]

    def __str__(self) -> str:
        return self.code


def plain_quotas(quotas: Any) -> list[Any]:
    """Return quotas as lists."""
    return [[[list(t) for t in q.traits], q.low, q.high] for q in quotas]
