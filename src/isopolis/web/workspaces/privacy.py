"""What workspaces keep about people."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from isopolis.web.protect.register import Erase, Record
from isopolis.web.protect.rules import Rule, remove_rows

from .models import Invitation

__all__ = ["RECORDS", "RULES"]


def _spent(limit: datetime, dry: bool) -> int:
    return remove_rows(Invitation.objects.filter(expires_at__lt=limit), dry)


RULES = [Rule("invitation", _("until it is used or too old; removed within a day"), clean=_spent)]
RECORDS = [
    Record(
        "workspaces.Membership", _("your roles in workspaces"),
        purpose=_("to know who may do what in a city's workspace"), basis="task", keep="membership",
        people="staff", seen_by="members", owners={"user": Erase.DELETE},
        personal={"user": _("account"), "role": _("role"), "since": _("since")},
    ),
    Record(
        "workspaces.Invitation", _("invitations to a workspace"), purpose=_("to let you in when you accept"),
        basis="task", keep="invitation", people="invited", seen_by="owners", owners={"email": Erase.DELETE},
        secret=("digest",),
        personal={
            "email": _("e-mail address"), "role": _("role"), "digest": _("hash of the link"),
            "created_at": _("sent"), "expires_at": _("end"),
        },
    ),
    Record("workspaces.Workspace", "", other={"*": "a city and its address here, about nobody"}),
]  # fmt: skip
