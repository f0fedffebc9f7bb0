"""What peer tables keep about people; a table of cities holds numbers of whole cities."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from isopolis.web.protect.register import Erase, Record

__all__ = ["RECORDS"]

RECORDS = [
    Record(
        "peers.PeerTable", _("tables of cities that you uploaded"),
        purpose=_("to know whom to ask about an upload"), basis="task", keep="content", people="staff",
        seen_by="members", owners={"created_by": Erase.UNLINK},
        personal={"created_by": _("who uploaded it"), "created_at": _("when it was uploaded")},
        other={"*": "numbers of whole cities, and what the reader found in them"},
    ),
    Record("peers.PeerChoice", "", other={"*": "which table, city and weights a workspace uses"}),
]  # fmt: skip
