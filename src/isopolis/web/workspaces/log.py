"""The audit log of a workspace as sentences: colleagues by name, residents by their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from isopolis.web.accounts.models import User
from isopolis.web.audit.chain import say
from isopolis.web.audit.models import AuditEvent

__all__ = ["sentences"]

JOINED = "process.join"
PARTICIPATING = {
    JOINED, "comment.add", "comment.edit", "comment.delete", "comment.report",
    "answer.add", "answer.withdraw",
}  # fmt: skip
"""What people do under a name of their own choice, those who work here too: a time and a real name beside
each other would tell whose comment it is."""


def sentences(workspace: Any, events: Sequence[AuditEvent], *, addresses: bool) -> list[str]:
    """Say rows of a workspace's log, in their order.

    Parameters
    ----------
    workspace : Workspace
    events : sequence of AuditEvent
    addresses : bool
        Whether a colleague without a name may be called by the e-mail address.
    """
    people = User.objects.in_bulk({e.actor for e in events if e.actor})
    roles = dict(workspace.membership_set.filter(user__in=people).values_list("user", "role"))
    joined = AuditEvent.objects.filter(workspace=workspace.pk, verb=JOINED, actor__in=people)
    # whoever took part and has left since is nobody's business either
    residents = {pk for pk, role in roles.items() if role == "resident"}
    residents |= set(joined.values_list("actor", flat=True)) - roles.keys()
    numbers = {pk: _("Resident %(number)s") % {"number": pk} for pk in people}
    names = {
        pk: numbers[pk] if pk in residents else _called(user, addresses=addresses and pk in roles)
        for pk, user in people.items()
    }
    return [str(say(e, numbers if e.verb in PARTICIPATING else names)) for e in events]


def _called(user: Any, *, addresses: bool) -> str:
    return str(user.name or (user.email if addresses else f"account:{user.pk}"))
