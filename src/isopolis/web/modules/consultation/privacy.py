"""What consultations keep about people."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from isopolis.web.protect.register import Erase, Record

__all__ = ["RECORDS"]

RECORDS = [
    Record(
        "consultation.Point",
        _("answers that you gave in consultations with your account"),
        purpose=_("to let the city answer what people say about a plan"),
        basis="task",
        keep="content",
        people="residents",
        seen_by="members",
        owners={"author__user": Erase.BLANK},
        blank=("text", "stance"),
        personal={
            "author": _("who wrote it, where the account was linked"),
            "text": _("what was said"),
            "stance": _("for or against"),
            "language": _("language"),
            "day": _("day"),
            "channel": _("the way it came"),
        },
        other={"*": "which action and topic it belongs to, and what the city did with it"},
    ),
    Record(
        "consultation.Consultation",
        "",
        other={
            "published": "topics in the city's words and counts of at least five, rounded",
            "*": "which plan people were asked about, and as it was then",
        },
    ),
    Record("consultation.Question", "", other={"*": "what is asked"}),
    Record(
        "consultation.Topic", "", other={"*": "what many people said in the city's words, and its answer"}
    ),
]
