"""What comments keep about people."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from isopolis.web.protect.register import Erase, Record

__all__ = ["RECORDS"]

RECORDS = [
    Record(
        "comments.Comment",
        _("comments that you wrote"),
        purpose=_("to let others read what you say"),
        basis="task",
        keep="content",
        people="residents",
        seen_by="public",
        owners={"author__user": Erase.BLANK},
        blank=("text", "hidden_because"),
        marked=("deleted_at",),
        personal={
            "author": _("who wrote it"),
            "text": _("comment"),
            "language": _("language"),
            "created_at": _("written"),
            "edited_at": _("changed"),
            "deleted_at": _("deleted"),
            "hidden_at": _("hidden by a moderator"),
            "hidden_because": _("reason"),
        },
    ),
    Record(
        "comments.CommentVersion",
        _("earlier texts of your comments"),
        purpose=_("to show that a comment was changed"),
        basis="task",
        keep="content",
        people="residents",
        seen_by="public",
        owners={"comment__author__user": Erase.DELETE},
        personal={"text": _("text before"), "until": _("until")},
    ),
    Record(
        "comments.Report",
        _("comments that you reported"),
        purpose=_("to look after the discussion"),
        basis="task",
        keep="content",
        people="residents",
        seen_by="members",
        owners={"by": Erase.BLANK},
        blank=("reason",),
        personal={
            "by": _("who reported it"),
            "reason": _("reason"),
            "created_at": _("reported"),
            "settled_at": _("settled"),
        },
    ),
]
