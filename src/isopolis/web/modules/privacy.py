"""What taking part keeps about people."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from isopolis.web.protect.register import Erase, Record

__all__ = ["RECORDS"]

RECORDS = [
    Record(
        "modules.Participant", _("the name under which you take part in a city"),
        purpose=_("to show others under which name you take part"), basis="task", keep="membership",
        people="residents", seen_by="public", owners={"user": Erase.BLANK}, blank=("shown_as", "key"),
        names=("shown_as",),
        personal={
            "user": _("account"), "shown_as": _("name shown to others"), "key": _("the name, to compare"),
            "since": _("since"),
        },
    ),
    Record("modules.Process", "", other={"*": "what a city asks its residents"}),
    Record("modules.Module", "", other={"*": "a part of what a city asks"}),
    Record("modules.Phase", "", other={"*": "days on which something is open"}),
]  # fmt: skip
