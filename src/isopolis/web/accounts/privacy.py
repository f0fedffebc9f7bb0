"""What accounts keep about people."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from isopolis.web.protect.register import Erase, Record
from isopolis.web.protect.rules import Rule, remove_rows

from .models import SignInLink

__all__ = ["RECORDS", "RULES"]


def _spent(limit: datetime, dry: bool) -> int:
    return remove_rows(SignInLink.objects.filter(Q(expires_at__lt=limit) | Q(used_at__lt=limit)), dry)


RULES = [Rule("link", _("until it is used or an hour has passed; removed within a day"), clean=_spent)]
RECORDS = [
    Record(
        "accounts.User",
        _("your account"),
        purpose=_("to let you in and show others who did something"),
        basis="service",
        keep="account",
        people="accounts",
        seen_by="members",
        owners={"id": Erase.DELETE},
        secret=("password",),
        names=("email", "name"),
        personal={
            "email": _("e-mail address"),
            "name": _("name shown to others"),
            "password": _("password, as a one-way hash"),
            "last_login": _("last time you signed in"),
            "joined_at": _("when you made the account"),
            "language": _("language that you chose"),
        },
        other={"is_active": "a switch", "is_admin": "a switch"},
    ),
    Record(
        "accounts.SignInLink",
        _("one-time sign-in links"),
        purpose=_("to let you in without a password"),
        basis="service",
        keep="link",
        people="accounts",
        seen_by="nobody",
        owners={"user": Erase.DELETE},
        secret=("digest",),
        personal={
            "user": _("account"),
            "digest": _("hash of the link"),
            "expires_at": _("end"),
            "used_at": _("used"),
        },
    ),
]
