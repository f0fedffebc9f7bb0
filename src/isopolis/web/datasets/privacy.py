"""What uploads keep about people; the tables of a city hold counts of groups, not people."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from isopolis.web.protect.register import Erase, Record

__all__ = ["RECORDS"]

RECORDS = [
    Record(
        "datasets.Dataset", _("files that you uploaded for a city"),
        purpose=_("to know whom to ask about an upload"), basis="task", keep="content", people="staff",
        seen_by="members", owners={"created_by": Erase.UNLINK},
        personal={"created_by": _("who uploaded it"), "created_at": _("when it was uploaded")},
        other={"*": "names of files, settings of tables, and what the reader found in them"},
    ),
]  # fmt: skip
