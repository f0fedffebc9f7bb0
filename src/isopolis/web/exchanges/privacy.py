"""What exchanges keep about people: who planned them. Peers are cities; offices are named, not people."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from isopolis.web.protect.register import Erase, Record
from isopolis.web.protect.rules import Rule, remove_rows

from .models import SentReminder

__all__ = ["DAILY", "RECORDS", "RULES"]

KEPT = timedelta(days=730)


def _old(limit: datetime, dry: bool) -> int:
    return remove_rows(SentReminder.objects.filter(sent_at__lt=limit - KEPT), dry)


def _remind(now: datetime) -> None:
    """Send what is due today, where mail can be sent."""
    from .mail import send_due

    if settings.OPTIONS["email_url"]:
        send_due(now)


RULES = [Rule("exchange reminder", _("two years"), clean=_old)]
# the day's round of the job runner is the one place that wakes up once a day
DAILY = [_remind]
RECORDS = [
    Record(
        "exchanges.ExchangePlan", _("exchanges that you planned"),
        purpose=_("to be able to ask whoever planned it"), basis="task", keep="content",
        people="staff", seen_by="members", owners={"created_by": Erase.UNLINK},
        personal={"created_by": _("who planned it"), "created_at": _("planned")},
        other={"*": "an exchange between cities"},
    ),
    Record("exchanges.ExchangePeer", "", other={"*": "a city, about nobody"}),
    Record("exchanges.ExchangeVisit", "", other={"*": "a visit of a city, about nobody"}),
    Record("exchanges.ExchangeStep", "", other={"*": "days of an exchange, about nobody"}),
    Record("exchanges.ExchangeLesson", "", other={"*": "what a city learnt, about nobody"}),
    Record("exchanges.SentReminder", "", other={"*": "what was reminded of, about nobody"}),
]  # fmt: skip
