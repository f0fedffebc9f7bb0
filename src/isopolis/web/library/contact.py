"""Named contacts: asked by a link, named only while they agree, then taken out everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import validate_email
from django.db import transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from isopolis.learn.exchange import PERSONAL, checksum
from isopolis.learn.record import Record
from isopolis.web.actions import Action, ValidationError
from isopolis.web.modules.comments.words import plain as cleaned
from isopolis.web.workspaces.invitations import digest_of, fresh_token, send, too_many

from . import index
from .models import HELD, Contact, Entry

__all__ = ["PERSONAL", "AskContact", "GiveConsent", "LinkHolder", "TakeConsentBack", "contact_of", "unname"]


@dataclass(frozen=True)
class LinkHolder:
    """Whoever opened the link of a contact, as actor; with or without an account."""

    digest: str
    pk: None = None
    is_authenticated: bool = False
    is_active: bool = True
    is_admin: bool = False


def contact_of(token: str) -> Contact | None:
    """Return the contact of a link."""
    return Contact.objects.filter(digest=digest_of(token)).select_related("entry").first()


@dataclass
class AskContact(Action):
    """Ask a person, by a link, whether the library may name them; whoever was asked before is forgotten."""

    workspace: Any
    entry: Entry
    name: str
    email: str
    role: str = ""
    site: str = ""
    now: datetime | None = None
    verb: ClassVar[str] = "library.ask_contact"
    permission: ClassVar[str] = "library.submit"
    sentence: ClassVar[str] = "{actor} asked somebody to be the contact of entry {entry} of the library"

    def check(self) -> None:
        """Require a name and an address, of an entry of this city."""
        self.entry = Entry.objects.select_for_update().get(pk=self.entry.pk)
        if self.entry.workspace_id != self.workspace.pk:
            raise ValidationError(_("This belongs to another workspace."))
        self.name, self.role = cleaned(self.name)[:200], cleaned(self.role)[:200]
        self.email = self.email.strip().lower()
        if not self.name:
            raise ValidationError(_("Write the name of the person."))
        validate_email(self.email)
        if too_many(self.actor, self.now or timezone.now()):
            raise ValidationError(_("You have sent many invitations today. Send this one tomorrow."))

    def change(self) -> Contact:
        """Keep the hash of the link and send it."""
        Contact.objects.filter(entry=self.entry).delete()
        token, digest = fresh_token()
        made = Contact.objects.create(
            entry=self.entry, name=self.name, email=self.email, role=self.role, digest=digest,
            asked_at=self.now or timezone.now(),
        )  # fmt: skip
        self.path = reverse("library_contact", args=[token])
        if settings.OPTIONS["email_url"]:
            subject = _("May a library of city policies name you as contact?")
            context = {"link": self.site + self.path, "title": self.entry.title, "city": self.workspace.name}
            transaction.on_commit(lambda: send(self.email, subject, "library/contact.txt", context))
        return made

    def detail(self, made: Contact) -> dict[str, str | int]:
        """Number of the entry."""
        return {"entry": self.entry.pk}


@dataclass
class GiveConsent(Action):
    """Agree to be named."""

    contact: Contact
    now: datetime | None = None
    verb: ClassVar[str] = "library.consent"
    permission: ClassVar[str] = "library.consent"
    sentence: ClassVar[str] = "the contact of entry {entry} of the library agreed to be named"

    def thing(self) -> Any:
        """Look at the contact, whose link opens this."""
        return self.contact

    def where(self) -> Any:
        """It happens in the city that wrote the entry."""
        return self.contact.entry.workspace

    def check(self) -> None:
        """Require that it was not given already; locks the entry first, as all others do."""
        self.entry = Entry.objects.select_for_update().filter(pk=self.contact.entry_id).first()
        found = Contact.objects.select_for_update().filter(pk=self.contact.pk).first()
        if self.entry is None or found is None:
            raise ValidationError(_("This link leads to nobody: it was used up, or never made."))
        self.contact = found
        if self.contact.stands:
            raise ValidationError(_("You have agreed already."))

    def change(self) -> Contact:
        """Name the person in the record."""
        now = self.now or timezone.now()
        self.contact.given_at = now
        self.contact.save(update_fields=["given_at"])
        entry = self.entry
        named = {
            "name": self.contact.name,
            "email": self.contact.email,
            "consent": {"by": self.contact.name, "date": now.date().isoformat()},
        }
        if self.contact.role:
            named["role"] = self.contact.role
        entry.record = entry.record | {"contact": _without(entry.record.get("contact")) | named}
        _stored(entry)
        return self.contact

    def detail(self, made: Contact) -> dict[str, str | int]:
        """Number of the entry."""
        return {"entry": self.contact.entry_id}


@dataclass
class TakeConsentBack(GiveConsent):
    """Be named no more: the name goes from the record and from all its earlier versions."""

    verb: ClassVar[str] = "library.consent_back"
    permission: ClassVar[str] = "library.consent"
    sentence: ClassVar[str] = "the contact of entry {entry} of the library is named no more"

    def check(self) -> None:
        """Allow it at any time; the entry is locked before the contact."""
        Entry.objects.select_for_update().filter(pk=self.contact.entry_id).first()

    def change(self) -> Contact:
        """Take the name out and forget the person."""
        self.contact.delete()  # the rest is done below, as for an erasure
        return self.contact

    def target(self, made: Contact) -> str:
        """Say which entry."""
        return f"entry:{self.contact.entry_id}"


def _without(contact: Any) -> dict[str, Any]:
    return {k: v for k, v in (contact or {}).items() if k not in PERSONAL}


def _stored(entry: Entry) -> None:
    record = Record.model_validate(entry.record)
    entry.hold(record, checksum(record))
    entry.save(update_fields=HELD)
    if entry.state == Entry.State.PUBLISHED:
        index.refresh([entry])


@receiver(post_delete, sender=Contact)
def _forget(sender: Any, instance: Contact, **_more: Any) -> None:
    """Take the person out of the record and its versions, however the contact went."""
    entry = Entry.objects.select_for_update().filter(pk=instance.entry_id).first()
    if entry is not None:  # else the entry itself is being deleted
        unname(entry)


def unname(entry: Entry) -> None:
    """Take the person out of an entry and of all its versions."""
    for version in entry.versions.all():
        kept = _nameless(version.record)
        if kept != version.record:
            version.record = kept
            version.save(update_fields=["record"])
    kept = _nameless(entry.record)
    if kept != entry.record:
        entry.record = kept
        _stored(entry)


def _nameless(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record without the person; the organisation stays."""
    if "contact" not in record:
        return record
    left = _without(record["contact"])
    rest = {k: v for k, v in record.items() if k != "contact"}
    return rest | ({"contact": left} if left else {})
