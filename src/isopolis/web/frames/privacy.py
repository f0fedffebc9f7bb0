"""What questionnaires keep about people: who filled them in. Answers are about the city."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from isopolis.web.protect.register import Erase, Record

__all__ = ["RECORDS"]

RECORDS = [
    Record(
        "frames.Sheet", _("questionnaires that you began or filled in"),
        purpose=_("to be able to ask whoever answered for the city"), basis="task", keep="content",
        people="staff", seen_by="members",
        owners={"created_by": Erase.UNLINK, "changed_by": Erase.UNLINK},
        personal={
            "created_by": _("who began it"), "created_at": _("begun"),
            "changed_by": _("who changed it last"), "changed_at": _("changed"),
        },
        other={"*": "what a city says about itself"},
    ),
    Record(
        "frames.OwnFrame", _("questionnaires that you brought"),
        purpose=_("to be able to ask whoever brought it"), basis="task", keep="content",
        people="staff", seen_by="members", owners={"created_by": Erase.UNLINK},
        personal={"created_by": _("who brought it"), "created_at": _("brought")},
        other={"*": "questions, about nobody"},
    ),
]  # fmt: skip
