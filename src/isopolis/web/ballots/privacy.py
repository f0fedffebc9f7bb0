"""What votes keep about people: keyed hashes on the roll, and who of two people asked first."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from isopolis.web.protect.register import Erase, Record
from isopolis.web.protect.rules import Rule, remove_rows

from .models import RollEntry, Vote

__all__ = ["DAYS", "RECORDS", "RULES"]

DAYS = 90


def _old_rolls(before: datetime, dry: bool) -> int:
    """Remove the rolls of votes that were counted long ago, and their codes with them."""
    old = Vote.objects.filter(tallied_on__lte=(before - timedelta(days=DAYS)).date())
    return remove_rows(RollEntry.objects.filter(vote__in=old), dry)


RULES = [Rule("roll", _("until three months after the vote was counted"), clean=_old_rolls)]

RECORDS = [
    Record(
        "ballots.RollEntry",
        _("that you may vote, and whether you have voted; never what, and never when"),
        purpose=_("to let everybody vote once, whatever the way"),
        basis="task",
        keep="roll",
        people="residents",
        seen_by="nobody",
        found="by the identifier that the city knows you by, with a key that is not in the database",
        personal={
            "id": _("a keyed hash of your identifier, another one in each vote"),
            "state": _("whether you have voted"),
            "channel": _("the way you voted"),
            "cell": _("neighbourhood and group, as far as the city gave them"),
        },
        other={"package": "whether the place was made for a code that somebody hands out"},
    ),
    Record(
        "ballots.Code",
        _("that a one-time code was made for you"),
        purpose=_("to let you vote without an account"),
        basis="task",
        keep="roll",
        people="residents",
        seen_by="nobody",
        found="by the place on the roll",
        personal={"id": _("the part of the code that finds it"), "secret": _("a salted hash of the rest")},
        secret=("secret",),
        other={"salt": "random"},
    ),
    Record(
        "ballots.Step",
        _("that you asked to close or count a vote"),
        purpose=_("to make sure that two people do it"),
        basis="task",
        keep="account",
        people="staff",
        seen_by="members",
        owners={"asked_by": Erase.DELETE},
        personal={"asked_by": _("your account"), "kind": _("what you asked for")},
    ),
    Record("ballots.Vote", "", other={"*": "what is voted on, the rule, and the result"}),
    Record("ballots.Waiting", "", other={"*": "sealed ballots of nobody, until they are shuffled"}),
    Record("ballots.Boxed", "", other={"*": "sealed ballots of nobody, shuffled, under random names"}),
    Record("ballots.LogEntry", "", other={"*": "numbers and seals; nothing of a person"}),
    Record("ballots.Papers", "", other={"*": "two numbers"}),
    Record("ballots.Refusal", "", other={"*": "how many ballots were refused on a day, and why"}),
]
