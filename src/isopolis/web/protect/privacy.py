"""What this app itself keeps about people, and the time limits that many tables share."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils.translation import gettext_lazy as _

from . import inactive
from .register import Erase, Record
from .rules import Rule, remove_files, remove_rows

__all__ = ["RECORDS", "RULES"]


def _sessions(limit: datetime, dry: bool) -> int:
    return remove_rows(Session.objects.filter(expire_date__lt=limit), dry)


def _cache(limit: datetime, dry: bool) -> int:
    table = str(settings.CACHES["default"].get("LOCATION", ""))
    if table not in connection.introspection.table_names():
        return 0
    name = connection.ops.quote_name(table)
    with connection.cursor() as cursor:
        moment = connection.ops.adapt_datetimefield_value(limit)
        cursor.execute(f"SELECT COUNT(*) FROM {name} WHERE expires < %s", [moment])
        count = int(cursor.fetchone()[0])
        if count and not dry:
            cursor.execute(f"DELETE FROM {name} WHERE expires < %s", [moment])
    return count


def _mail(limit: datetime, dry: bool) -> int:
    return remove_files(Path(settings.DATA_DIR) / "mail", limit, dry)


def _logs(limit: datetime, dry: bool) -> int:
    return remove_files(Path(settings.DATA_DIR) / "logs", limit, dry)


def _erasures(limit: datetime, dry: bool) -> int:
    from .models import Erasure

    return remove_rows(Erasure.objects.filter(at__lt=limit), dry)


def _days(limit: datetime, dry: bool) -> int:
    from .models import RetentionDay

    return remove_rows(RetentionDay.objects.filter(day__lt=limit.date()), dry)


RULES = [
    Rule(
        "account",
        _("until you erase your account; one that is not used for %(days)s days is erased after a warning"),
        "inactive_days",
        inactive.clean,
    ),
    Rule(
        "unverified",
        _("%(days)s days, when the e-mail address is never confirmed"),
        "unverified_days",
        inactive.clean_unverified,
    ),
    Rule("membership", _("as long as you are a member")),
    Rule("content", _("as long as the thing that it belongs to")),
    Rule("session", _("until you sign out, 12 hours at most"), clean=_sessions),
    Rule("cache", _("minutes to a day, for counting tries"), clean=_cache),
    Rule("mail", _("%(days)s days, where no mail server is set up"), "mail_days", _mail),
    Rule("log", _("%(days)s days"), "log_days", _logs),
    Rule(
        "audit", _("as long as the log; it holds the number of your account, and no name after you erase it")
    ),
    Rule("erasure", _("%(days)s days, longer than any backup"), "erasure_days", _erasures),
    Rule("day", _("%(days)s days"), "log_days", _days),
    Rule("equality", _("until you take it back, you erase your account, or the participation ends")),
]

RECORDS = [
    Record(
        "protect.Erasure",
        _("that an account was erased"),
        purpose=_("to erase it again when an old backup is put back"),
        basis="law",
        keep="erasure",
        people="accounts",
        seen_by="operators",
        owners={"number": Erase.KEEP},
        personal={"number": _("number of the erased account"), "at": _("when it was erased")},
    ),
    Record(
        "protect.Warned",
        _("warning about an unused account"),
        purpose=_("to warn you before an unused account is erased"),
        basis="law",
        keep="account",
        people="accounts",
        seen_by="nobody",
        owners={"user": Erase.DELETE},
        personal={"user": _("account"), "at": _("when you were warned")},
    ),
    Record("protect.RetentionDay", "", other={"*": "a day and a count of removed things"}),
    Record("equality.Terms", "", other={"*": "questions and consent text of a module, about nobody"}),
    Record(
        "equality.Answer",
        _("what you say about yourself for equality"),
        sensitive=True,
        purpose=_("to see in sums whether everybody is heard; never about single people"),
        basis="explicit",
        keep="equality",
        people="residents",
        seen_by="nobody",
        found="by making the key again from account, workspace and module",
        personal={
            "id": _("key of the answer"),
            "key": _("key that only the program can make"),
            "place": _("key of the participation"),
            "attribute": _("question"),
            "value": _("answer"),
            "version": _("version of the consent"),
            "month": _("month"),
        },
    ),
    Record("equality.Published", "", other={"*": "sums that passed the privacy gate"}),
]
