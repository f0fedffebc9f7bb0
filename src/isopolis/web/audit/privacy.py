"""What the audit log keeps about people: numbers of accounts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from isopolis.web.protect.register import Erase, Record

__all__ = ["RECORDS"]

RECORDS = [
    Record(
        "audit.AuditEvent", _("the log of changes"),
        purpose=_("to be able to show who changed what, and that nobody changed the log"), basis="security",
        keep="audit", people="accounts", seen_by="owners", owners={"actor": Erase.KEEP},
        personal={"actor": _("number of the account"), "at": _("when"), "verb": _("what")},
        other={"*": "numbers of things, and seals"},
    ),
    Record("audit.AuditHead", "", other={"*": "newest seal and number of rows"}),
]  # fmt: skip
