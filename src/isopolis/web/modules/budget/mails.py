"""Mail about a budget: to those who proposed ideas, and to those who asked to be kept informed.

Once a day each budget that has news for somebody gets a job, which sends at most one mail to each person. A
piece of news is written down before it is sent, in one transaction of its own: whoever is killed in between
loses one mail and never sends one twice. What the mail server refuses is taken off the list again, and tried
on the next day.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import signing
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from isopolis.web import jobs
from isopolis.web.ballots.models import Vote
from isopolis.web.languages import shown_in
from isopolis.web.modules.models import Process

from .mails_news import About, news_for
from .models import Budget, Idea, MailChoice, MailTold

__all__ = ["KIND", "MOST", "key_of", "queue_due", "read_key", "send_due", "send_queued"]

log = logging.getLogger(__name__)

KIND = "budget_mail"
MOST = 40
"""Pieces of news that one mail holds; the page has the others."""
FAILED_MOST = 3
"""Mails in a row that the mail server may refuse before the rest waits for the next day."""
SALT = "isopolis.budget.mail"


@dataclass(slots=True)
class Reader:
    """Somebody who may be sent mail about a budget."""

    user: Any
    wish: str
    mine: list[Idea] = field(default_factory=list)
    told: dict[str, datetime] = field(default_factory=dict)


# -- once a day ----------------------------------------------------------------------------------------------
def queue_due(now: datetime) -> int:
    """Queue a job for every budget that has news for somebody; return how many."""
    queued = 0
    for budget in _budgets():
        try:
            if any(news for _reader, news in _waiting(budget, now)):
                key = f"{budget.pk}:{now.date().isoformat()}"
                jobs.submit(budget.module.process.workspace, KIND, UUID(int=budget.pk), key, None)
                queued += 1
        except Exception as error:  # one budget must not keep the others from their mail
            log.warning("mail of budget %s was not queued: %s", budget.pk, type(error).__name__)
    return queued


def send_queued(job: Any, say: Callable[[str], None]) -> None:
    """Send what is new about one budget, as its job."""
    if not settings.OPTIONS["email_url"]:
        return
    budget = _budgets().filter(pk=job.subject.int, module__process__workspace=job.workspace_id).first()
    if budget is not None:
        send_due(budget, timezone.now())


def _budgets() -> Any:
    """Return the budgets that everybody can see, in workspaces that are not in the archive."""
    public = (Process.State.PUBLISHED, Process.State.ARCHIVED)
    rows = Budget.objects.filter(module__process__state__in=public)
    rows = rows.filter(module__process__workspace__archived_at=None)
    return rows.select_related("module__process__workspace").order_by("pk")


def send_due(budget: Budget, now: datetime) -> int:
    """Send everybody what is new for them at `now`; return how many mails went out.

    Called outside of any transaction: what is claimed for one person is kept before the mail goes out, and
    nobody waits for a lock while the mail server takes its time.
    """
    line, sent, failed = get_connection(), 0, 0
    try:
        for reader, news in list(_waiting(budget, now)):
            if failed >= FAILED_MOST:
                log.warning("the mail server refuses mail of budget %s: the rest waits a day", budget.pk)
                break
            mine = _claim(budget, reader, news, now)
            try:
                sent += _send(budget, reader, mine, line) if mine else 0
                failed = 0
            except Exception as error:  # whatever it is, the others get their mail
                _unclaim(budget, reader, mine)
                line.close()
                failed += 1
                # no address in the log
                log.warning("a mail of budget %s was not sent: %s", budget.pk, type(error).__name__)
    finally:
        line.close()
    return sent


# -- who is told what ----------------------------------------------------------------------------------------
def _waiting(budget: Budget, now: datetime) -> Iterator[tuple[Reader, list[About]]]:
    vote = Vote.objects.filter(module=budget.module).defer("bundle", "result").first()
    ideas = _ideas(budget)
    funded = [i for i in ideas if i.won]
    for reader in _readers(budget, ideas):
        own = {i.pk for i in reader.mine}
        others = [i for i in funded if i.pk not in own]
        with translation.override(shown_in(reader.user.language or "en")):
            news = news_for(budget, vote, reader.mine, others, reader.told, reader.wish, now)
        if news:
            yield reader, news


def _ideas(budget: Budget) -> list[Idea]:
    rows = budget.ideas.filter(state__in=Idea.PUBLIC).select_related("author__user", "merged_into")
    found = list(rows.prefetch_related("milestones").order_by("number"))
    for idea in found:
        idea.budget = budget
    return found


def _readers(budget: Budget, ideas: list[Idea]) -> list[Reader]:
    """Return whoever proposed something or asked to be kept informed, and has proved to have the address."""
    chosen = dict(MailChoice.objects.filter(budget=budget).values_list("user", "wish"))
    mine: dict[int, list[Idea]] = defaultdict(list)
    for idea in ideas:
        if idea.author is not None and idea.author.user_id is not None:
            mine[idea.author.user_id].append(idea)
    asked = {pk for pk, wish in chosen.items() if wish == MailChoice.Wish.ALL} | set(mine)
    users = get_user_model().objects.filter(pk__in=asked, is_active=True).order_by("pk")
    known = EmailAddress.objects.filter(user__in=asked, verified=True).values_list("user", "email")
    proved = {(pk, email.lower()) for pk, email in known}
    told: dict[int, dict[str, datetime]] = defaultdict(dict)
    for pk, key, at in MailTold.objects.filter(budget=budget).values_list("user", "key", "at"):
        told[pk][key] = at
    return [
        Reader(u, chosen.get(u.pk, MailChoice.Wish.OWN), mine[u.pk], told[u.pk])
        for u in users
        if (u.pk, u.email.lower()) in proved
    ]


# -- once each -----------------------------------------------------------------------------------------------
def _claim(budget: Budget, reader: Reader, news: list[About], now: datetime) -> list[About]:
    """Write down what is sent, before it is; leave out what another process has just written down."""
    keys = [n.key for a in news for n in a.news]
    with transaction.atomic():
        # the row of the account orders two who claim at once; who chose no mail a moment ago gets none
        get_user_model().objects.select_for_update().filter(pk=reader.user.pk).first()
        mine = {"user": reader.user, "budget": budget}
        chosen = MailChoice.objects.filter(**mine).first()
        if (chosen.wish if chosen else MailChoice.Wish.OWN) != reader.wish:
            return []
        known = set(MailTold.objects.filter(**mine, key__in=keys).values_list("key", flat=True))
        MailTold.objects.bulk_create(MailTold(**mine, key=k, at=now) for k in keys if k not in known)
    left = [About(a.idea, tuple(n for n in a.news if n.key not in known)) for a in news]
    return [a for a in left if a.news]


def _unclaim(budget: Budget, reader: Reader, news: list[About]) -> None:
    keys = [n.key for a in news for n in a.news]
    MailTold.objects.filter(user=reader.user, budget=budget, key__in=keys).delete()


# -- the mail itself -----------------------------------------------------------------------------------------
def _send(budget: Budget, reader: Reader, news: list[About], line: Any) -> int:
    process, user = budget.module.process, reader.user
    place = [process.workspace.slug, process.number, budget.module_id]
    stop = settings.SITE + reverse("budget_mails_stop", args=[*place, key_of(user, budget)])
    with translation.override(shown_in(user.language or "en")):
        shown, left = _fitting(news)
        body = render_to_string(
            "modules/budget/mail.txt",
            {
                "process": process, "city": process.workspace, "all": shown, "left": left,
                "own": bool(reader.mine), "site": settings.SITE, "stop": stop,
                "choose": settings.SITE + reverse("budget_mails", args=place),
                "more": settings.SITE + reverse("budget", args=place),
            },
        )  # fmt: skip
        title = " ".join(process.title.split())
        subject = _("What is new: %(title)s") % {"title": title}
    headers = {"Auto-Submitted": "auto-generated", "List-Unsubscribe": f"<{stop}>"}
    mail = EmailMessage(
        subject, body, settings.DEFAULT_FROM_EMAIL, [user.email], connection=line, headers=headers
    )  # fmt: skip
    line.open()  # once for all mails of the round
    return mail.send()


def _fitting(news: list[About]) -> tuple[list[About], int]:
    """Return as much as one mail holds, and how many pieces are left."""
    shown, room = [], MOST
    for about in news:
        if room > 0:
            shown.append(About(about.idea, about.news[:room]))
        room -= len(about.news)
    return shown, max(-room, 0)


def key_of(user: Any, budget: Budget) -> str:
    """Return what is in the link that stops mail: it opens nothing else, and needs nobody to sign in."""
    return signing.dumps([user.pk, budget.pk], salt=SALT)


def read_key(key: str, budget: Budget) -> Any:
    """Return the account of a link to stop mail about this budget; None when it is no such link."""
    try:
        user, number = signing.loads(key, salt=SALT)
    except (signing.BadSignature, TypeError, ValueError):
        return None
    return get_user_model().objects.filter(pk=user, is_active=True).first() if number == budget.pk else None
