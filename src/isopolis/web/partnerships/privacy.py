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
        personal={"user": _("account"), "role": _("role"), "since": _("since"), "until": _("last day")},
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
    Record(
        "partnerships.Comment", _("comments that you wrote on an orientation paper"),
        purpose=_("to write the paper together"), basis="task", keep="content",
        people="staff", seen_by="members", owners={"author": Erase.BLANK}, blank=("text",),
        personal={"author": _("account"), "text": _("comment"), "created_at": _("written")},
        other={"paper version section answer answered_at": "about the paper, and what the coordinators say"},
    ),
    Record(
        "partnerships.SurveyAnswer", _("your answers to surveys among the members of a partnership"),
        purpose=_("to know what the members think, each under its name"), basis="task", keep="content",
        people="staff", seen_by="members", owners={"user": Erase.DELETE},
        personal={
            "user": _("account"), "member": _("organisation"), "answers": _("answers"),
            "answered_at": _("answered"),
        },
    ),
    Record(
        "partnerships.FeedKey", _("secret links to the calendar of a partnership"),
        purpose=_("to show your calendar program the meetings"), basis="task", keep="membership",
        people="staff", seen_by="members", owners={"user": Erase.DELETE}, secret=("digest",),
        personal={"user": _("account"), "digest": _("hash of the link"), "made_at": _("made")},
    ),
    Record("partnerships.HubItem", "", other={"*": "a record about organisations, never about persons"}),
    Record("partnerships.Partnership", "", other={"*": "a group of cities, about nobody"}),
    Record("partnerships.PartnershipCity", "", other={"*": "a city in a partnership, about nobody"}),
    Record("partnerships.Share", "", other={"*": "findings that a city shares, about nobody"}),
]  # fmt: skip
