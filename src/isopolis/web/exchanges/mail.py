"""Reminders by mail: each once, to those who plan exchanges in that workspace."""

from __future__ import annotations

import logging
from datetime import datetime

from django.conf import settings
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from isopolis.act.exchange import Reminder, due
from isopolis.web.languages import said
from isopolis.web.permissions import who_may

from .models import ExchangePlan, SentReminder

__all__ = ["send_due"]

log = logging.getLogger(__name__)


def send_due(now: datetime) -> int:
    """Send every reminder that is due at `now` and was not sent; return how many mails went out.

    Called outside of any transaction: what is claimed for one exchange is kept before its mails go out,
    and nobody waits for a lock while the mail server takes its time.
    """
    sent = 0
    rows = ExchangePlan.objects.filter(workspace__archived_at=None).select_related("workspace")
    for number in list(rows.order_by("pk").values_list("pk", flat=True)):
        try:
            plan = rows.filter(pk=number).first()
            sent += _of_plan(plan, now) if plan else 0
        except Exception as error:  # one exchange must not keep the others from their reminders
            log.warning("reminders of exchange %s were not sent: %s", number, type(error).__name__)
    return sent


def _of_plan(plan: ExchangePlan, now: datetime) -> int:
    with transaction.atomic():
        fresh = [r for r in due(plan.record(), now.date()) if _claim(plan, r, now)]
    people = who_may("exchange.manage", plan.workspace) if fresh else ()
    return sum(_send(plan, fresh, user) for user in people)


def _claim(plan: ExchangePlan, reminder: Reminder, now: datetime) -> bool:
    """Write down that it is sent, before it is: rather one mail lost than the same one every day."""
    try:
        with transaction.atomic():
            SentReminder.objects.create(exchange=plan, key=reminder.key[:120], sent_at=now)
    except IntegrityError:
        return False
    return True


def _send(plan: ExchangePlan, found: list[Reminder], user: object) -> int:
    if not getattr(user, "is_active", False):
        return 0
    with translation.override(getattr(user, "language", "") or "en"):
        city = " ".join(plan.workspace.name.split())
        lines = [{"day": r.day, "text": said(r.text), "overdue": r.overdue} for r in found]
        body = render_to_string("exchanges/reminder.txt", {"plan": plan, "lines": lines})
        subject = _("Exchange of %(city)s: what is due") % {"city": city}
        to = [user.email]  # type: ignore[attr-defined]
        return send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, to, fail_silently=True)
