"""What partnerships keep about people."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from isopolis.web.protect.register import Erase, Record
from isopolis.web.protect.rules import Rule, remove_rows

from .models import PartnershipInvitation

__all__ = ["RECORDS", "RULES"]


def _spent(limit: datetime, dry: bool) -> int:
    return remove_rows(PartnershipInvitation.objects.filter(expires_at__lt=limit), dry)


RULES = [Rule("partnership invitation", _("until it is used or too old; removed within a day"), clean=_spent)]
RECORDS = [
    Record(
        "partnerships.PartnershipMembership", _("your roles in partnerships of cities"),
        purpose=_("to know who may do what in a partnership"), basis="task", keep="membership",
        people="staff", seen_by="members", owners={"user": Erase.DELETE},
        personal={"user": _("account"), "role": _("role"), "since": _("since")},
    ),
    Record(
        "partnerships.PartnershipInvitation", _("invitations to a partnership"),
        purpose=_("to let you in when you accept"), basis="task", keep="partnership invitation",
        people="invited", seen_by="owners", owners={"email": Erase.DELETE}, secret=("digest",),
        personal={
            "email": _("e-mail address"), "kind": _("role"), "digest": _("hash of the link"),
            "created_at": _("sent"), "expires_at": _("end"),
        },
    ),
    Record("partnerships.Partnership", "", other={"*": "a group of cities, about nobody"}),
    Record("partnerships.PartnershipCity", "", other={"*": "a city in a partnership, about nobody"}),
    Record("partnerships.Share", "", other={"*": "findings that a city shares, about nobody"}),
]  # fmt: skip
