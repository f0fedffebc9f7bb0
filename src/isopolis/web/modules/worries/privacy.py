"""What the worries desk keeps about people."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from isopolis.web.protect.register import Record
from isopolis.web.protect.rules import Rule, remove_files, remove_rows

from .models import Contact

__all__ = ["DAYS", "DAYS_OPEN", "RECORDS", "RULES"]

DAYS = 90
DAYS_OPEN = 365


def _old_contacts(before: datetime, dry: bool) -> int:
    """Remove contacts of what was resolved long ago, and of what was received a year ago."""
    old = Q(worry__resolved_at__lte=before - timedelta(days=DAYS))
    old |= Q(worry__received_at__lte=before - timedelta(days=DAYS_OPEN))
    return remove_rows(Contact.objects.filter(old), dry)


def _old_files(before: datetime, dry: bool) -> int:
    """Remove files that no job came to read."""
    return remove_files(Path(settings.DATA_DIR) / "worries", before - timedelta(days=7), dry)


RULES = [
    Rule(
        "worry_contact", _("until three months after it is resolved, a year at the latest"),
        clean=_old_contacts,
    ),
    Rule("worry_files", _("until it is read, a week at the latest"), clean=_old_files),
]  # fmt: skip

RECORDS = [
    Record(
        "worries.Worry",
        _("worries that somebody told the city; nobody's account is kept with them"),
        purpose=_("to let the city care for what worries residents, and to show what became of it"),
        basis="task",
        keep="content",
        people="residents",
        seen_by="members",
        found="by what was told; it is kept without an account and without an address on the net",
        personal={
            "text": _("what was told"),
            "public_text": _("the part of it that everybody may read"),
            "language": _("language"),
            "zone": _("neighbourhood"),
            "street": _("street or place, in words"),
            "seen": _("since when"),
            "lat": _("place"),
            "lon": _("place"),
            "received_at": _("day"),
            "channel": _("the way it came"),
            "outside": _("its number in the system that it came from"),
        },
        other={"*": "topic, number, how many people told it, and what the city did with it"},
    ),
    Record(
        "worries.Contact",
        _("how you can be reached about a worry"),
        purpose=_("to answer you about this worry, and for nothing else"),
        basis="consent",
        keep="worry_contact",
        people="residents",
        seen_by="members",
        found="by the worry",
        personal={"text": _("telephone number or e-mail address, as you wrote it")},
        other={"worry": "which worry it is about"},
    ),
    Record(
        "worries.FileImport",
        _("files of worries from another system"),
        purpose=_("to show them beside the others"),
        basis="task",
        keep="worry_files",
        people="residents",
        seen_by="nobody",
        found="not at all: the file is removed once it is read",
        personal={"name": _("name of the file")},
        other={"*": "how many worries it held and what was wrong in it"},
    ),
    Record("worries.WorryDesk", "", other={"*": "settings, and numbers that passed the privacy gate"}),
    Record("worries.HiddenNote", "", other={"*": "that a text was hidden, and the city's reason"}),
    Record("worries.Pair", "", other={"*": "how alike two worries are"}),
]
