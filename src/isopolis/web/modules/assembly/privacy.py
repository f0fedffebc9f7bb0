"""What assemblies keep about people."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from isopolis.web.protect.register import Record
from isopolis.web.protect.rules import Rule, remove_rows

from .models import Volunteer

__all__ = ["DAYS", "RECORDS", "RULES"]

DAYS = 365


def _old_pools(before: datetime, dry: bool) -> int:
    """Remove the volunteers of assemblies that were drawn long ago."""
    old = Volunteer.objects.filter(assembly__drawn_at__lte=before - timedelta(days=DAYS))
    return remove_rows(old, dry)


RULES = [Rule("assembly", _("until a year after the assembly was drawn"), clean=_old_pools)]

RECORDS = [
    Record(
        "assembly.Volunteer",
        _("that you would come to an assembly drawn by lot, under a code"),
        purpose=_("to draw an assembly that looks like the city, and to show how it was drawn"),
        basis="consent",
        keep="assembly",
        people="residents",
        seen_by="members",
        found="by the code in the letter that you got",
        sensitive=True,
        personal={
            "code": _("a code; only the city can lead it back to you"),
            "traits": _("what the quotas ask for, as you told it"),
            "household": _("a digest by which people of one household are known"),
            "seat": _("whether you were drawn"),
            "tickets": _("on how many of the panels of the draw you are"),
            "chance": _("your chance to be drawn"),
        },
        other={"place": "order of the table"},
    ),
    Record(
        "assembly.Assembly",
        "",
        other={"*": "rules of a draw, the lottery over codes, and what was drawn in public"},
    ),
]
