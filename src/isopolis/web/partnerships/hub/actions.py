"""Changes of a partnership's records: kept, removed, shown to all, loaded from a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from isopolis.act.partnership import KINDS, Book, check_record
from isopolis.web.actions import Action, ValidationError
from isopolis.web.partnerships.models import Partnership, PartnershipMembership

from .models import HubItem

__all__ = ["ChangeEnd", "KeepRecord", "LoadBook", "RemoveRecord", "ShowPartnership", "plain_of"]


KIND_NAMES = {
    "member": gettext_noop("member"),
    "meeting": gettext_noop("meeting"),
    "news": gettext_noop("news"),
    "document": gettext_noop("document"),
    "call": gettext_noop("call"),
    "strategy": gettext_noop("strategy"),
    "milestone": gettext_noop("milestone"),
    "survey": gettext_noop("survey"),
    "paper": gettext_noop("paper"),
    "plan": gettext_noop("plan"),
    "commitment": gettext_noop("commitment"),
}
RESERVED = {"feed", "new"}
"""Keys that would hide another page."""


def plain_of(record: Any) -> dict[str, Any]:
    """Return a record as it is kept."""
    kept: dict[str, Any] = record.model_dump(mode="json", exclude_defaults=True)
    return kept


@dataclass
class KeepRecord(Action):
    """Keep a record of a partnership, new or changed.

    `seen` says when the record had been changed last as somebody saw it who changes it now: where it was
    changed since, nothing is kept, so that nobody undoes what another has written. None asks for nothing.
    """

    partnership: Partnership
    kind: str
    plain: Mapping[str, Any]
    was: str = ""
    seen: str | None = None
    verb: ClassVar[str] = "hub.keep"
    permission: ClassVar[str] = "partnership.manage"
    sentence: ClassVar[str] = gettext_noop("{actor} kept a record ({kind}) of partnership {partnership}")
    words: ClassVar[Mapping[str, Callable[[str], Any]]] = {"kind": lambda code: _(KIND_NAMES[code])}

    def check(self) -> None:
        """Require a known kind, a whole record, and a key that no other record of the kind has."""
        if self.kind not in KINDS:
            raise ValidationError(_("There is no such kind of record."))
        self.record, wrong = check_record(self.kind, dict(self.plain))
        if wrong:
            raise ValidationError([f"{p.column}: {p.message}" if p.column else str(p.message) for p in wrong])
        same = HubItem.objects.filter(partnership=self.partnership, kind=self.kind)
        self.row = same.select_for_update().filter(key=self.was).first() if self.was else None
        if self.was and self.row is None:
            raise ValidationError(_("This record is not there any more."))
        if self.row is not None and self.seen not in (None, self.row.changed_at.isoformat()):
            raise ValidationError(
                _("Somebody else saved this part meanwhile. Look at it in another window, then save again.")
            )
        if self.record.key in RESERVED:
            raise ValidationError(_("This key is an address of its own. Choose another one."))
        if self.record.key != self.was and same.filter(key=self.record.key).exists():
            raise ValidationError(_("Another record has this key. Choose another one."))

    def change(self) -> HubItem:
        """Keep it; a meeting counts its changes, so that calendars take over the newest.

        Comments on a paper go along when its key changes; another paper may take the old one.
        """
        mine = HubItem.objects.filter(partnership=self.partnership, kind=self.kind)
        row = self.row or HubItem(partnership=self.partnership, kind=self.kind, position=mine.count())
        if self.kind == "meeting" and self.row is not None:
            before = self.row.record().revision
            self.record = self.record.model_copy(update={"revision": before + 1})
        if self.kind == "paper" and self.row is not None:
            self.partnership.comment_set.filter(paper=row.key).update(paper=self.record.key)
        row.key, row.access, row.data = self.record.key, self.record.access, plain_of(self.record)
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:  # somebody else took the key at this moment
            raise ValidationError(_("Another record has this key. Choose another one.")) from None
        return row

    def detail(self, made: HubItem) -> dict[str, str | int]:
        """Kind and number of the partnership."""
        return {"kind": self.kind, "partnership": str(self.partnership.pk)}


@dataclass
class RemoveRecord(Action):
    """Remove a record, with its file, its answers and its comments."""

    partnership: Partnership
    row: HubItem
    verb: ClassVar[str] = "hub.remove"
    permission: ClassVar[str] = "partnership.manage"
    sentence: ClassVar[str] = gettext_noop("{actor} removed a record ({kind}) of partnership {partnership}")
    words: ClassVar[Mapping[str, Callable[[str], Any]]] = {"kind": lambda code: _(KIND_NAMES[code])}

    def check(self) -> None:
        """Require a record of this partnership, with the key that it has at this moment."""
        if self.row.partnership_id != self.partnership.pk:
            raise ValidationError(_("This belongs to another partnership."))
        row = HubItem.objects.select_for_update().filter(pk=self.row.pk).first()
        if row is None:
            raise ValidationError(_("This record is not there any more."))
        self.row = row

    def change(self) -> HubItem:
        """Remove the row now and the file once that is safely kept."""
        path, number = self.row.file, self.row.pk
        if self.row.kind == "paper":
            self.partnership.comment_set.filter(paper=self.row.key).delete()
        self.row.delete()
        self.row.pk = number
        transaction.on_commit(lambda: path.unlink(missing_ok=True))
        return self.row

    def detail(self, made: HubItem) -> dict[str, str | int]:
        """Kind and number of the partnership."""
        return {"kind": made.kind, "partnership": str(self.partnership.pk)}


@dataclass
class ShowPartnership(Action):
    """Show the public records of a partnership to everybody, or no longer; and say what it is about."""

    partnership: Partnership
    public: bool
    about: str = ""
    focus: str = ""
    language: str = "en"
    verb: ClassVar[str] = "hub.show"
    permission: ClassVar[str] = "partnership.manage"
    sentence: ClassVar[str] = gettext_noop("{actor} changed who sees partnership {partnership}")
    sentences: ClassVar[Mapping[str, str]] = {
        "public": gettext_noop("{actor} showed partnership {partnership} to everybody"),
        "members": gettext_noop("{actor} showed partnership {partnership} to its members only"),
    }

    def change(self) -> Partnership:
        """Keep it."""
        texts = dict(self.partnership.texts)
        for name, said in (("about", self.about), ("focus", self.focus)):
            kept = {k: v for k, v in texts.get(name, {}).items() if k != self.language}
            texts[name] = kept | ({self.language: said.strip()[:20_000]} if said.strip() else {})
        self.partnership.texts, self.partnership.public = texts, self.public
        self.partnership.save(update_fields=["texts", "public"])
        return self.partnership

    def detail(self, made: Partnership) -> dict[str, str | int]:
        """Whether everybody sees it."""
        return {"partnership": str(made.pk), "what": "public" if made.public else "members"}


@dataclass
class ChangeEnd(Action):
    """Say until which day an expert from outside, or somebody else, has access."""

    partnership: Partnership
    membership: PartnershipMembership
    until: date | None
    verb: ClassVar[str] = "partnership.change_end"
    permission: ClassVar[str] = "partnership.manage"
    sentence: ClassVar[str] = gettext_noop(
        "{actor} changed until when account {account} has access to partnership {partnership}"
    )

    def check(self) -> None:
        """Require a member of this partnership; coordinators stay, and experts have an end."""
        if self.membership.partnership_id != self.partnership.pk:
            raise ValidationError(_("This is no member of the partnership."))
        if self.membership.role == "coordinator" and self.until is not None:
            raise ValidationError(_("Who coordinates has no last day. Give another role first."))
        if self.membership.role == "expert" and self.until is None:
            raise ValidationError(_("An expert from outside has access for a time only. Give a last day."))

    def change(self) -> PartnershipMembership:
        """Keep the day."""
        self.membership.until = self.until
        self.membership.save(update_fields=["until"])
        return self.membership

    def detail(self, made: PartnershipMembership) -> dict[str, str | int]:
        """Numbers of account and partnership."""
        return {"account": made.user_id, "partnership": str(self.partnership.pk)}


@dataclass
class LoadBook(Action):
    """Put a partnership's file into the platform; what is there already stays as it is.

    `added` says afterwards how many records were new.
    """

    book: Book
    coordinator: Any = None
    partnership: Partnership | None = None
    replace: bool = False
    added: int = field(default=0, init=False)
    verb: ClassVar[str] = "partnership.load"
    permission: ClassVar[str] = "partnership.load"
    sentence: ClassVar[str] = gettext_noop("{actor} loaded {target} from a file: {added} new records")

    def check(self) -> None:
        """Look for the partnership that came from this file before."""
        if self.partnership is None:
            known = Partnership.objects.filter(slug=self.book.key).first()
            if known is not None and known.texts.get("book") != self.book.key:
                raise ValidationError(_("Another partnership has this address already."))
            self.partnership = known

    def change(self) -> Partnership:
        """Make the partnership when it is not there, and every record that it lacks."""
        found = self.partnership
        if found is None:
            name = self.book.name.get("en") or next(iter(self.book.name.values()))
            found = Partnership(name=name[:120], slug=self.book.key, public=True)
        if not found.texts or self.replace:
            found.texts = _texts(self.book)
            found.save()
        if self.coordinator is not None:
            PartnershipMembership.objects.get_or_create(
                user=self.coordinator, partnership=found, defaults={"role": "coordinator"}
            )
        for position, (kind, record) in enumerate(self.book):
            self._put(found, kind, record, position)
        return found

    def _put(self, found: Partnership, kind: str, record: Any, position: int) -> None:
        kept = {"access": record.access, "data": plain_of(record), "position": position}
        row, fresh = HubItem.objects.get_or_create(
            partnership=found, kind=kind, key=record.key, defaults=kept
        )
        if self.replace and not fresh and kind == "meeting":
            # how often it was changed is counted here, and calendars take over nothing that counts less
            counted = row.record().revision
            kept["data"] = plain_of(record.model_copy(update={"revision": counted}))
            if row.data != kept["data"]:
                again = max(counted + 1, record.revision)
                kept["data"] = plain_of(record.model_copy(update={"revision": again}))
        if self.replace and not fresh and row.data != kept["data"]:
            row.access, row.data = record.access, kept["data"]
            row.save()
            fresh = True
        self.added += fresh

    def detail(self, made: Partnership) -> dict[str, str | int]:
        """How many records were new."""
        return {"added": self.added}


def _texts(book: Book) -> dict[str, Any]:
    return {
        "book": book.key,
        "name": book.name,
        "about": book.about,
        "focus": book.focus,
        "library": book.library,
        "collection": book.collection,
        "sources": [s.model_dump(mode="json") for s in book.sources],
    }
