"""What the library keeps about people."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from isopolis.web.protect.register import Erase, Record
from isopolis.web.protect.rules import Rule, remove_rows

from .models import Contact

__all__ = ["RECORDS", "RULES"]

TO_ANSWER = timedelta(days=30)


def _unanswered(limit: datetime, dry: bool) -> int:
    asked = Contact.objects.filter(given_at__isnull=True, asked_at__lt=limit - TO_ANSWER)
    return remove_rows(asked, dry)


RULES = [
    Rule("library", _("as long as the entry is in the library")),
    Rule(
        "library contact",
        _("30 days when you do not answer; else until you take your consent back or the entry is deleted"),
        clean=_unanswered,
    ),
]
RECORDS = [
    Record(
        "library.Entry", _("entries of the library that you wrote for your city"),
        purpose=_("to know whom to ask about an entry"), basis="task", keep="library", people="staff",
        seen_by="operators", owners={"submitted_by": Erase.UNLINK}, personal={"submitted_by": _("account")},
        other={
            "*": "a city and its records, about nobody",
            "key checksum origin made state kind title country grade completeness words": "about a measure",
            "changed_at published_at": "about a measure",
            "record": "what is said about a measure of a city; a person only as library.Contact says",
        },
    ),
    Record(
        "library.Version", _("earlier versions of entries that you wrote"),
        purpose=_("to show what changed"), basis="task", keep="library", people="staff", seen_by="operators",
        owners={"by": Erase.UNLINK}, personal={"by": _("account")},
        other={"*": "versions of an entry", "number what at": "what is said about an entry",
               "record": "as library.Entry"},
    ),
    Record(
        "library.Message", _("what you wrote about an entry of the library"),
        purpose=_("to settle questions before publication"), basis="task", keep="library", people="staff",
        seen_by="members", owners={"by": Erase.UNLINK}, personal={"by": _("account"), "text": _("text")},
        other={"*": "talk about an entry", "field at": "what it is about"},
    ),
    Record(
        "library.Review", _("your reviews of entries of the library"),
        purpose=_("to tell cities how good an example is"), basis="task", keep="library", people="staff",
        seen_by="operators", owners={"by": Erase.UNLINK}, personal={"by": _("account"), "note": _("text")},
        other={"*": "reviews of an entry", "criteria at": "numbers, shown without a name"},
    ),
    Record(
        "library.Contact", _("that a city wants to name you as contact, and whether you agreed"),
        purpose=_("to let other cities ask you"), basis="consent", keep="library contact", people="invited",
        seen_by="public", owners={"email": Erase.DELETE}, secret=("digest",), names=("name", "email"),
        personal={
            "name": _("name"), "email": _("e-mail address"), "role": _("role"), "asked_at": _("asked"),
            "given_at": _("agreed"), "digest": _("hash of the link"),
        },
        other={"*": "the entry it belongs to"},
    ),
    Record(
        "library.Import", _("libraries of others that you took in"),
        purpose=_("to know what came from where"), basis="task", keep="library", people="staff",
        seen_by="operators", owners={"by": Erase.UNLINK}, personal={"by": _("account")},
        other={"origin name at added updated withdrawn unchanged refused": "what came of a file"},
    ),
    Record(
        "library.Moderator", _("that you look after the library"),
        purpose=_("to know who may publish"), basis="task", keep="membership", people="staff",
        seen_by="operators", owners={"user": Erase.DELETE},
        personal={"user": _("account"), "since": _("since")},
    ),
    Record("library.Collection", "", other={"*": "a list of entries, about nobody",
           "slug title intro language changed_at": "a list of entries, about nobody"}),
    Record("library.CollectionItem", "", other={"*": "a place in a list", "position": "a place"}),
    Record("library.Loaded", "", other={"name digest": "which records ship, about nobody"}),
]  # fmt: skip
