"""What the words of a city keep about people: who judged one."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from isopolis.web.protect.register import Erase, Record

__all__ = ["RECORDS"]

RECORDS = [
    Record(
        "vocabulary.LocalTerm", _("words of a city whose meaning you confirmed"),
        purpose=_("to know whom to ask about what a word means"), basis="task", keep="content",
        people="staff", seen_by="members", owners={"judged_by": Erase.UNLINK},
        personal={"judged_by": _("who confirmed it"), "judged_at": _("when it was confirmed")},
        other={"*": "a word of a city and what it means, about nobody"},
    ),
]  # fmt: skip
