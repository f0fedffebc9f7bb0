"""The words that records choose from: legal bases, kinds of people, who sees it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

__all__ = ["BASES", "PEOPLE", "SEEN_BY"]

BASES = {
    "service": _("to give you the service that you asked for (GDPR Art. 6 (1) b)"),
    "law": _("a legal duty (GDPR Art. 6 (1) c)"),
    "task": _("a task in the public interest (GDPR Art. 6 (1) e)"),
    "security": _("to keep the service safe, in everybody's interest (GDPR Art. 6 (1) f, recital 49)"),
    "consent": _("your consent, which you can take back (GDPR Art. 6 (1) a)"),
    "explicit": _("your explicit consent, which you can take back (GDPR Art. 9 (2) a)"),
}
PEOPLE = {
    "accounts": _("people with an account"),
    "staff": _("people who work for a city"),
    "invited": _("people who were invited"),
    "residents": _("residents who take part"),
    "visitors": _("visitors of the site"),
}
SEEN_BY = {
    "nobody": _("nobody; the program only"),
    "operators": _("whoever runs this server"),
    "members": _("members of the same workspace, and whoever runs this server"),
    "owners": _("owners of the workspace, and whoever runs this server"),
    "public": _("everybody, once it is published"),
}
