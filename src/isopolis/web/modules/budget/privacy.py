"""What budgets keep about people."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from isopolis.web.protect.register import Erase, Record
from isopolis.web.protect.rules import Rule, remove_rows

from .models import Idea, MailTold

__all__ = ["DAILY", "DAYS", "RECORDS", "RULES"]

DAYS = 90
TOLD_DAYS = 730


def _old_drafts(before: datetime, dry: bool) -> int:
    """Remove drafts that nobody touched for long, and those whose author is gone."""
    old = Q(created_at__lte=before - timedelta(days=DAYS))
    gone = Q(author=None) | Q(author__user=None)
    return remove_rows(Idea.objects.filter(old | gone, state=Idea.State.DRAFT), dry)


def _old_notes(before: datetime, dry: bool) -> int:
    """Remove notes of what was sent long ago: nothing as old as that is sent anew."""
    return remove_rows(MailTold.objects.filter(at__lt=before - timedelta(days=TOLD_DAYS)), dry)


def _tell(now: datetime) -> None:
    """Have the mail of the day sent, where mail can be sent."""
    from .mails import queue_due

    if settings.OPTIONS["email_url"]:
        queue_due(now)


# the day's round of the job runner is the one place that wakes up once a day
DAILY = [_tell]
RULES = [
    Rule(
        "ideas",
        _(
            "as long as the city answers for the idea: your name goes with your account, drafts go after "
            "90 days, and the text goes when you withdraw it"
        ),
        clean=_old_drafts,
    ),
    Rule("budget mail", _("two years"), clean=_old_notes),
]

RECORDS = [
    Record(
        "budget.Idea",
        _("ideas that you proposed for a budget of residents"),
        purpose=_("to check your idea, to put it to the vote and to build what wins"),
        basis="task",
        keep="ideas",
        people="residents",
        seen_by="public",
        # what was proposed stays, without a name and without a place that may be somebody's door
        owners={"author__user": Erase.BLANK},
        blank=("place",),
        personal={
            "author": _("who proposed it"),
            "title": _("title"),
            "text": _("idea"),
            "language": _("language"),
            "place": _("where it would be"),
            "created_at": _("begun"),
            "submitted_at": _("handed in"),
            "repair_until": _("until when you can repair it"),
            "hidden_at": _("hidden by a moderator"),
            "hidden_because": _("reason"),
        },
        other={"*": "what the city did with the idea, and what it is about"},
    ),
    Record(
        "budget.IdeaVersion",
        _("earlier texts of your ideas"),
        purpose=_("to show what was changed"),
        basis="task",
        keep="ideas",
        people="residents",
        seen_by="public",
        owners={"idea__author__user": Erase.DELETE},
        personal={"title": _("title before"), "text": _("text before"), "until": _("until")},
        other={"*": "language, cost, and whether it was a repair"},
    ),
    Record(
        "budget.Check",
        _("checks of ideas that you made for the city"),
        purpose=_("to know who answers for a check"),
        basis="task",
        keep="content",
        people="accounts",
        seen_by="members",
        owners={"by": Erase.UNLINK},
        personal={"by": _("who checked it"), "at": _("when")},
        other={"*": "what the city found about an idea, in words for everybody"},
    ),
    Record(
        "budget.Notice",
        _("ideas that you reported, and your appeals"),
        purpose=_("to look after what people write"),
        basis="task",
        keep="content",
        people="residents",
        seen_by="members",
        owners={"by": Erase.BLANK},
        blank=("text",),
        personal={
            "by": _("who wrote it"),
            "text": _("what is wrong"),
            "created_at": _("written"),
            "settled_at": _("settled"),
        },
        other={"*": "which idea, and which rule of the house"},
    ),
    Record(
        "budget.MailChoice",
        _("which mail about a budget of residents you want"),
        purpose=_("to send you no other mail than that"),
        basis="task",
        keep="account",
        people="accounts",
        seen_by="nobody",
        owners={"user": Erase.DELETE},
        personal={"user": _("account"), "wish": _("which mail"), "changed_at": _("chosen")},
        other={"budget": "which budget"},
    ),
    Record(
        "budget.MailTold",
        _("news about your ideas that you were sent by mail"),
        purpose=_("to send each piece of news once"),
        basis="task",
        keep="budget mail",
        people="accounts",
        seen_by="nobody",
        owners={"user": Erase.DELETE},
        personal={"user": _("account"), "key": _("what was sent"), "at": _("sent")},
        other={"budget": "which budget"},
    ),
    Record("budget.Decision", "", other={"*": "a line of the public log of moderation, without names"}),
    Record("budget.Result", "", other={"*": "what the result page says, from the public bundle"}),
    Record("budget.Milestone", "", other={"*": "how far a project is, and what it cost"}),
    Record("budget.Budget", "", other={"*": "money, ballot and rule of a budget, and what is in its city"}),
]
