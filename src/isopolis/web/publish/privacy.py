"""What publishing keeps about people; what is published has passed the privacy gate."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from isopolis.web.protect.register import Erase, Record

__all__ = ["RECORDS"]

RECORDS = [
    Record(
        "publish.Publication", _("publications that you prepared, published or withdrew"),
        purpose=_("to be able to say who decided on a publication"), basis="task", keep="content",
        people="staff", seen_by="members",
        owners={
            "created_by": Erase.UNLINK, "published_by": Erase.UNLINK, "withdrawn_by": Erase.UNLINK,
        },
        personal={
            "created_by": _("who prepared it"), "published_by": _("who published it"),
            "withdrawn_by": _("who withdrew it"), "created_at": _("prepared"),
            "published_at": _("published"), "withdrawn_at": _("withdrawn"),
        },
        other={"*": "what is published about a city"},
    ),
    Record("publish.Gate", "", other={"*": "the secret of the noise of a workspace"}),
    Record("publish.GateRecord", "", other={"*": "what the gate said about counts"}),
]  # fmt: skip
