"""The counts of people who took part, and the board on which they stand beside the census."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from isopolis.web.modules.models import Module

__all__ = ["CELL_MOST", "Board", "Participation"]

CELL_MOST = 300


class Participation(models.Model):
    """How many people of one cell took part in one module by one channel; never who.

    A count is spread over several rows (`lane`), so that people who take part at the same moment do not
    wait for each other's row; only their sum means anything.
    """

    class Channel(models.TextChoices):
        """The way in which they took part."""

        WEB = "web", _("on the web")
        PAPER = "paper", _("on paper")
        KIOSK = "kiosk", _("at a public device")
        SMS = "sms", _("by text message")
        PHONE = "phone", _("by telephone")
        MEETING = "meeting", _("at a meeting")
        ASSISTED = "assisted", _("with somebody's help")
        IMPORT = "import", _("from another system")

    module = models.ForeignKey(Module, on_delete=models.CASCADE)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    cell = models.CharField(max_length=CELL_MOST, blank=True)
    lane = models.PositiveSmallIntegerField(default=0)
    people = models.PositiveBigIntegerField(default=0)

    class Meta:
        """One row per count and lane."""

        constraints = [
            models.UniqueConstraint(
                fields=["module", "channel", "cell", "lane"], name="participation_counted_once"
            )
        ]


class Board(models.Model):
    """Who took part in one module against the census, as it was last counted.

    `shown` holds what passed the privacy gate, ready for pages; `public` what everybody may see, kept apart,
    so that it changes only when an officer publishes it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    module = models.OneToOneField(Module, on_delete=models.CASCADE, related_name="board")
    revision = models.PositiveIntegerField(default=0)
    asked = models.JSONField(default=dict)
    known = models.JSONField(default=dict)
    shown = models.JSONField(default=dict)
    public = models.JSONField(default=dict)
    counted_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
