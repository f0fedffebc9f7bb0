"""What conversations keep about people: pseudonyms, votes, and for a while what voters say of themselves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from isopolis.web.protect.register import Erase, Record
from isopolis.web.protect.rules import Rule, remove_rows

from .models import About, Archive, Conversation, Voter
from .people import forget_groups
from .tasks import due

__all__ = ["DAILY", "DAYS", "DAYS_ABOUT", "RECORDS", "RULES"]

DAYS = 365
DAYS_ABOUT = 30


def _ended(before: datetime) -> Any:
    """Return the conversations in which nobody can vote since `before`."""
    last = Conversation.objects.annotate(end=Max("module__phase__ends_at"))
    return [c.pk for c in last if min(filter(None, (c.end, c.closed_at)), default=before) < before]


def _old_votes(before: datetime, dry: bool) -> int:
    old = _ended(before - timedelta(days=DAYS))
    return remove_rows(Archive.objects.filter(conversation__in=old), dry) + remove_rows(
        Voter.objects.filter(conversation__in=old), dry
    )


def _old_traits(before: datetime, dry: bool) -> int:
    old = _ended(before - timedelta(days=DAYS_ABOUT))
    rows = About.objects.filter(voter__conversation__in=old)
    return rows.count() if dry else forget_groups(old)


RULES = [
    Rule("conversation", _("until a year after the conversation ended"), clean=_old_votes),
    Rule(
        "conversation_about",
        _("until the result is computed at the end, and never longer than a month after it"),
        clean=_old_traits,
    ),
]

DAILY = [due]

RECORDS = [
    Record(
        "opinions.Voter",
        _("that you took part in a conversation, under a name that tells nobody who you are"),
        purpose=_("to count each person once on each statement, and to let you change your votes"),
        basis="consent",
        keep="conversation",
        people="residents",
        seen_by="nobody",
        owners={"user": Erase.DELETE},
        personal={
            "user": _("your account, if you voted with it"),
            "cell": _("the groups that you named, to take them back when you leave"),
        },
        sensitive=True,
    ),
    Record(
        "opinions.Vote",
        _("what you think of statements in conversations"),
        purpose=_("to find what unites the groups of opinion and what divides them"),
        basis="explicit",
        keep="conversation",
        people="residents",
        seen_by="nobody",
        owners={"voter__user": Erase.DELETE},
        personal={"value": _("agree, disagree or pass")},
        sensitive=True,
    ),
    Record(
        "opinions.About",
        _("what you said of yourself in a conversation, by groups of the census"),
        purpose=_("to see whether what many agree with is agreed with in every group of the city"),
        basis="explicit",
        keep="conversation_about",
        people="residents",
        seen_by="nobody",
        owners={"voter__user": Erase.DELETE},
        personal={"traits": _("the groups that you chose")},
        sensitive=True,
    ),
    Record(
        "opinions.Statement",
        _("statements that you wrote in conversations"),
        purpose=_("to let others vote on what you say"),
        basis="consent",
        keep="content",
        people="residents",
        seen_by="public",
        owners={"author__user": Erase.BLANK},
        blank=("text",),
        personal={"text": _("statement"), "language": _("language"), "day": _("day")},
        other={"number votes state": "place in the list, how many voted, and what moderation said"},
    ),
    Record(
        "opinions.Archive",
        _("the votes of a conversation as a file, under numbers"),
        purpose=_("to let the city compute the result anew with another program"),
        basis="task",
        keep="conversation",
        people="residents",
        seen_by="members",
        owners={"conversation__voter__user": Erase.DELETE},
        personal={"content": _("votes under numbers that lead to nobody")},
        other={"made_at": "when the file was made"},
    ),
    Record(
        "opinions.Decision",
        "",
        other={
            "*": "what moderation did with a statement, for the public log; the text does not stand there"
        },
    ),
    Record(
        "opinions.Conversation",
        "",
        other={"*": "settings, and results that passed the privacy gate"},
    ),
]
