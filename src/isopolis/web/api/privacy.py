"""What the API keeps about people."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from isopolis.web.protect.register import Erase, Record
from isopolis.web.protect.rules import Rule, remove_rows

from .models import ApiToken, Usage

__all__ = ["RECORDS", "RULES"]


def _ended(limit: datetime, dry: bool) -> int:
    return remove_rows(ApiToken.objects.filter(Q(expires_at__lt=limit) | Q(revoked_at__lt=limit)), dry)


def _counted(limit: datetime, dry: bool) -> int:
    return remove_rows(Usage.objects.filter(minute__lt=int(limit.timestamp() // 60) - 60), dry)


RULES = [
    Rule("token", _("until you revoke it or it ends, and %(days)s days after"), "log_days", _ended),
    Rule("usage", _("an hour, for counting requests; removed within a day"), clean=_counted),
]
RECORDS = [
    Record(
        "api.ApiToken", _("keys of programs that act for you"), purpose=_("to let your programs in"),
        basis="service", keep="token", people="accounts", seen_by="operators", owners={"user": Erase.DELETE},
        secret=("digest",),
        personal={
            "user": _("account"), "digest": _("hash of the key"), "name": _("name"),
            "scopes": _("what it may do"),
            "created_at": _("made"), "expires_at": _("end"), "last_used_on": _("last used"),
            "revoked_at": _("revoked"),
        },
    ),
    Record(
        "api.Usage", _("counts of requests"), purpose=_("to keep the service safe from too many requests"),
        basis="security", keep="usage", people="visitors", seen_by="nobody",
        found="by the hash of the token, which is gone with it; addresses, and "
        "accounts that invite, are kept as keyed hashes only",
        personal={"who": _("hash of a key or of an address"), "minute": _("minute"),
                  "granted": _("requests")},
    ),
]  # fmt: skip
