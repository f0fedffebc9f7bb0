"""Changes of entries: written, submitted, asked about, answered, published, withdrawn, reviewed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext as _

from isopolis.learn.exchange import checksum
from isopolis.learn.record import CRITERIA, NOT_STATED, Record, problems
from isopolis.learn.vocabulary import shipped as vocabulary
from isopolis.web.actions import Action, ValidationError
from isopolis.web.modules.comments.words import plain as cleaned

from . import index
from .contact import PERSONAL
from .models import Entry, Message, Review, Version

__all__ = [
    "ASKABLE", "MOST_DRAFTS", "TRANSLATED", "AnswerEntry", "AskEntry", "PublishEntry", "RemoveDraft",
    "ReviewEntry", "SaveEntry", "SubmitEntry", "TranslateEntry", "WithdrawEntry", "keep", "wrong_with",
]  # fmt: skip

RESERVED = {"collections", "export", "bundle", "contact", "search"}
MOST_DRAFTS = 200
ASKABLE = ("cost", "failures", "results", "sources", "lost", "gained", "transfer", "summary", "contact")
OPEN = (Entry.State.DRAFT, Entry.State.ASKED, Entry.State.WITHDRAWN)


def wrong_with(plain: dict[str, Any]) -> list[Any]:
    """Return the problems of a record, held against the vocabulary that ships."""
    return problems(plain, vocabulary())


def keep(entry: Entry, record: Record, what: str, by: Any, now: datetime) -> Entry:
    """Store a record in its entry and as a version."""
    entry.hold(record, checksum(record))
    entry.changed_at = now
    entry.save()
    number = entry.versions.count() + 1
    Version.objects.create(
        entry=entry, number=number, record=entry.record, what=what, by=_account(by), at=now
    )
    return entry


def _account(user: Any) -> Any:
    return user if getattr(user, "pk", None) is not None else None


@dataclass
class _OfEntry(Action):
    """A change of one entry."""

    entry: Entry
    now: datetime | None = None

    def at(self) -> datetime:
        """Return when it happens."""
        return self.now or timezone.now()

    def thing(self) -> Any:
        """Look at the entry."""
        return self.entry

    def where(self) -> Any:
        """It happens in the city that wrote it, if one did."""
        return self.entry.workspace

    def in_state(self, *states: Any) -> None:
        """Require one of these states, read anew so that two clicks do not cross."""
        self.entry = Entry.objects.select_for_update().get(pk=self.entry.pk)
        if self.entry.state not in states:
            said = _("This cannot be done now: the entry is “%(state)s”.")
            raise ValidationError(said % {"state": self.entry.get_state_display()})

    def detail(self, made: Any) -> dict[str, str | int]:
        """Its number."""
        return {"entry": self.entry.pk}


@dataclass
class SaveEntry(Action):
    """Write a new entry of a city, or change one that is not published."""

    workspace: Any
    plain: dict[str, Any]
    entry: Entry | None = None
    now: datetime | None = None
    verb: ClassVar[str] = "library.write"
    permission: ClassVar[str] = "library.submit"
    sentence: ClassVar[str] = "{actor} wrote {target} of the library"

    def check(self) -> None:
        """Require a record without problems, and an entry of this city that may be changed."""
        if self.entry is not None:
            self.entry = Entry.objects.select_for_update().get(pk=self.entry.pk)
            if self.entry.workspace_id != self.workspace.pk:
                raise ValidationError(_("This belongs to another workspace."))
            if self.entry.state not in OPEN:
                raise ValidationError(
                    _("This entry can be changed when it is a draft, asked about or withdrawn.")
                )
            self.plain = self.plain | {"id": self.entry.key}
        elif self.workspace.entries.count() >= MOST_DRAFTS:
            raise ValidationError(_("Your city has many entries already. Remove drafts first."))
        wrong = wrong_with(self.plain)
        if wrong:
            raise ValidationError([str(p) for p in wrong])

    def change(self) -> Entry:
        """Keep it."""
        now = self.now or timezone.now()
        record = Record.model_validate(self._with_agreed_contact())
        if self.entry is None:
            record = record.model_copy(update={"id": free_key(record.id)})
            entry = Entry(workspace=self.workspace, submitted_by=self.actor)
        else:
            entry = self.entry
            if entry.state == Entry.State.WITHDRAWN:
                entry.state = Entry.State.DRAFT
        return keep(entry, record, "written", self.actor, now)

    def _with_agreed_contact(self) -> dict[str, Any]:
        """Return the record with the person whom the entry may name now, and nobody else."""
        agreed = (self.entry.record.get("contact") or {}) if self.entry is not None else {}
        given = self.plain.get("contact") or {}
        merged = {k: v for k, v in given.items() if k not in PERSONAL}
        merged |= {k: v for k, v in agreed.items() if k in PERSONAL}
        rest = {k: v for k, v in self.plain.items() if k != "contact"}
        return rest | ({"contact": merged} if merged else {})


def free_key(wanted: str) -> str:
    """Return the key, or with a number after it when it is taken."""
    key, number = wanted[:110], 2
    while key in RESERVED or Entry.objects.filter(key=key).exists():
        key, number = f"{wanted[:110]}-{number}", number + 1
    return key


@dataclass
class RemoveDraft(_OfEntry):
    """Delete an entry that never was published."""

    verb: ClassVar[str] = "library.remove"
    permission: ClassVar[str] = "library.submit"
    sentence: ClassVar[str] = "{actor} deleted draft {entry} of the library"

    def check(self) -> None:
        """Require a draft."""
        self.in_state(Entry.State.DRAFT, Entry.State.ASKED)
        if self.entry.published_at is not None:
            # others took it in: its withdrawal has to stay known, and with it the reason
            said = _("This cannot be done now: the entry is “%(state)s”.")
            withdrawn = Entry(state=Entry.State.WITHDRAWN).get_state_display()
            raise ValidationError(said % {"state": withdrawn})

    def change(self) -> Entry:
        """Delete it; what is returned has its number still."""
        self.number = self.entry.pk
        self.entry.delete()
        self.entry.pk = self.number
        return self.entry


@dataclass
class SubmitEntry(_OfEntry):
    """Hand a draft in for publication."""

    verb: ClassVar[str] = "library.submit"
    permission: ClassVar[str] = "library.submit"
    sentence: ClassVar[str] = "{actor} submitted {target} to the library"

    def check(self) -> None:
        """Require a draft that has a summary."""
        self.in_state(Entry.State.DRAFT)
        if not self.entry.record.get("summary"):
            raise ValidationError(_("Write a summary first."))

    def change(self) -> Entry:
        """Put it in the queue."""
        self.entry.state, self.entry.changed_at = Entry.State.SUBMITTED, self.at()
        self.entry.save(update_fields=["state", "changed_at"])
        return self.entry


@dataclass
class AskEntry(_OfEntry):
    """Ask the city something before publication, about one of its answers."""

    text: str = ""
    field: str = ""
    verb: ClassVar[str] = "library.ask"
    permission: ClassVar[str] = "library.moderate"
    sentence: ClassVar[str] = "{actor} asked something about {target} of the library"

    def check(self) -> None:
        """Require a question to a city."""
        self.in_state(Entry.State.SUBMITTED)
        self.text = cleaned(self.text)[:3000]
        if not self.text:
            raise ValidationError(_("Write what you ask."))
        if self.field not in ("", *ASKABLE):
            raise ValidationError(_("Choose one of the fields."))
        if self.entry.workspace_id is None:
            raise ValidationError(_("No city of this server wrote this entry."))

    def change(self) -> Entry:
        """Keep the question; the city may change its entry again."""
        Message.objects.create(
            entry=self.entry,
            from_moderator=True,
            field=self.field,
            text=self.text,
            by=self.actor,
            at=self.at(),
        )
        self.entry.state, self.entry.changed_at = Entry.State.ASKED, self.at()
        self.entry.save(update_fields=["state", "changed_at"])
        return self.entry


@dataclass
class AnswerEntry(_OfEntry):
    """Answer what moderators asked, and hand the entry in again."""

    text: str = ""
    verb: ClassVar[str] = "library.answer"
    permission: ClassVar[str] = "library.submit"
    sentence: ClassVar[str] = "{actor} answered a question about {target} of the library"

    def check(self) -> None:
        """Require an answer to a question."""
        self.in_state(Entry.State.ASKED)
        self.text = cleaned(self.text)[:3000]
        if not self.text:
            raise ValidationError(_("Write an answer."))

    def change(self) -> Entry:
        """Keep the answer and put the entry back in the queue."""
        Message.objects.create(entry=self.entry, text=self.text, by=self.actor, at=self.at())
        self.entry.state, self.entry.changed_at = Entry.State.SUBMITTED, self.at()
        self.entry.save(update_fields=["state", "changed_at"])
        return self.entry


@dataclass
class PublishEntry(_OfEntry):
    """Show an entry to everybody."""

    verb: ClassVar[str] = "library.publish"
    permission: ClassVar[str] = "library.moderate"
    sentence: ClassVar[str] = "{actor} published {target} in the library"

    def check(self) -> None:
        """Require one that is submitted, or of another origin and withdrawn here, and still right."""
        again = Entry.objects.get(pk=self.entry.pk).may_return
        self.in_state(Entry.State.WITHDRAWN if again else Entry.State.SUBMITTED)
        wrong = wrong_with(self.entry.record)
        if wrong:
            raise ValidationError([str(p) for p in wrong])

    def change(self) -> Entry:
        """Publish it and let the search find it."""
        now = self.at()
        record = self.entry.content
        if self.entry.is_ours:  # what others wrote stays as they wrote it
            record = record.model_copy(update={"updated": now.date().isoformat()})
        self.entry.state, self.entry.published_at = Entry.State.PUBLISHED, now
        self.entry.withdrawn_here = False
        kept = keep(self.entry, Record.model_validate(record.plain()), "published", self.actor, now)
        index.refresh([kept])
        return kept


@dataclass
class WithdrawEntry(_OfEntry):
    """Take a published entry out of sight, with a reason that is kept."""

    reason: str = ""
    verb: ClassVar[str] = "library.withdraw"
    permission: ClassVar[str] = "library.withdraw"
    sentence: ClassVar[str] = "{actor} withdrew {target} from the library"

    def check(self) -> None:
        """Require a reason and a published entry."""
        self.in_state(Entry.State.PUBLISHED)
        self.reason = cleaned(self.reason)[:3000]
        if not self.reason:
            raise ValidationError(_("Say why."))

    def change(self) -> Entry:
        """Withdraw it; the search forgets it."""
        Message.objects.create(
            entry=self.entry, text=self.reason, by=_account(self.actor), at=self.at(), field="withdrawn"
        )
        self.entry.state, self.entry.changed_at = Entry.State.WITHDRAWN, self.at()
        self.entry.withdrawn_here = True
        self.entry.save(update_fields=["state", "changed_at", "withdrawn_here"])
        index.forget([self.entry.key])
        return self.entry


@dataclass
class ReviewEntry(_OfEntry):
    """Judge an entry by the five questions; a second review of the same person replaces the first."""

    criteria: dict[str, int] = field(default_factory=dict)
    note: str = ""
    verb: ClassVar[str] = "library.review"
    permission: ClassVar[str] = "library.moderate"
    sentence: ClassVar[str] = "{actor} reviewed {target} of the library"

    def check(self) -> None:
        """Require an answer from 0 to 4 to each question."""
        whole = set(self.criteria) == set(CRITERIA)
        if not whole or not all(type(v) is int and 0 <= v <= 4 for v in self.criteria.values()):
            raise ValidationError(_("Answer each of the five questions with 0 to 4."))

    def change(self) -> Entry:
        """Keep the review."""
        Review.objects.update_or_create(
            entry=self.entry,
            by=self.actor,
            defaults={"criteria": self.criteria, "note": cleaned(self.note)[:2000], "at": self.at()},
        )
        return self.entry


TRANSLATED = ("title", "summary", "body", "failures", "side_effects")


@dataclass
class TranslateEntry(_OfEntry):
    """Add the texts of an entry in another language, marked as made by a person or a machine."""

    language: str = ""
    by: str = "human"
    texts: dict[str, str] = field(default_factory=dict)
    verb: ClassVar[str] = "library.translate"
    permission: ClassVar[str] = "library.translate"
    sentence: ClassVar[str] = "{actor} translated {target} of the library"

    def check(self) -> None:
        """Require texts of fields that are there, in another language, and a record that stays right."""
        self.entry = Entry.objects.select_for_update().get(pk=self.entry.pk)
        if not self.entry.is_ours:
            raise ValidationError(
                _("This entry comes from elsewhere; it can be translated where it comes from.")
            )
        if self.language == self.entry.record.get("language", "en"):
            raise ValidationError(_("The entry was written in this language."))
        said = {k: cleaned(v) for k, v in self.texts.items() if k in TRANSLATED and cleaned(v)}
        if "title" not in said:
            raise ValidationError(_("Translate the title at least."))
        self.plain = dict(self.entry.record)
        for name, text in said.items():
            if not isinstance(self.plain.get(name), dict):
                raise ValidationError(_("There is nothing to translate in one of the fields."))
            self.plain[name] = self.plain[name] | {self.language: text}
        marks = self.plain.get("translations", {}) | {self.language: self.by}
        self.plain["translations"] = marks
        wrong = wrong_with(self.plain)
        if wrong:
            raise ValidationError([str(p) for p in wrong])

    def change(self) -> Entry:
        """Keep it; the search finds it by the new words."""
        kept = keep(self.entry, Record.model_validate(self.plain), "translated", self.actor, self.at())
        if kept.state == Entry.State.PUBLISHED:
            index.refresh([kept])
        return kept


def unknown(value: Any) -> bool:
    """Tell whether a field has no more than "not stated"."""
    return value is None or value == NOT_STATED
