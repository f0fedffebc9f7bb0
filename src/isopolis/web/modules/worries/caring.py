"""What the officer does with worries: read, publish or hide, sort, register, resolve, join."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from isopolis.web.actions import ValidationError
from isopolis.web.modules.comments.words import plain

from .actions import WorryDeskChange, give_number, midnight
from .models import Contact, HiddenNote, Pair, Worry

__all__ = ["AnswerPair", "HideText", "PartWorry", "PublishText", "RegisterWorry", "ResolveWorry", "SortWorry"]

LONGEST = 10_000


@dataclass
class _OfWorry(WorryDeskChange):
    """A change of one worry of this desk."""

    worry: Worry
    now: datetime | None = None

    def check(self) -> None:
        """Require a worry of this desk."""
        super().check()
        self.at = self.now or timezone.now()
        # as it is now: somebody else may have changed it since it was shown
        found = Worry.objects.select_for_update().filter(pk=self.worry.pk, desk__module=self.module).first()
        if found is None:
            raise ValidationError(_("This belongs to another desk."))
        self.worry = found

    def together(self) -> list[Worry]:
        """Return the worry and those that were joined to it."""
        joined = Worry.objects.select_for_update().filter(joined_to=self.worry).order_by("pk")
        return [self.worry, *joined]

    def past(self, day: date | None) -> datetime:
        """Return the beginning of a day, today where none is given; refuse one that is to come."""
        today = timezone.localtime(self.at).date()
        day = day or today
        if day > today:
            raise ValidationError(_("This day is still to come."))
        return midnight(day)


@dataclass
class SortWorry(_OfWorry):
    """Confirm the topic and the language, or choose others."""

    topic: str = ""
    language: str = ""
    verb: ClassVar[str] = "worry.sort"
    sentence: ClassVar[str] = gettext_noop("{actor} gave a worry of process {number} its topic")

    def check(self) -> None:
        """Require a topic of the list."""
        from .words import topic_names

        super().check()
        if self.topic not in topic_names("en"):
            raise ValidationError(_("Choose one of the topics."))

    def change(self) -> Worry:
        """Keep both."""
        self.worry.topic, self.worry.looked = self.topic, True
        self.worry.language = self.language[:12] or self.worry.language
        self.worry.save(update_fields=["topic", "language", "looked"])
        return self.worry


@dataclass
class PublishText(_OfWorry):
    """Let everybody read a text, without what tells of people."""

    text: str = ""
    verb: ClassVar[str] = "worry.publish"
    sentence: ClassVar[str] = gettext_noop("{actor} published the text of a worry in process {number}")

    def check(self) -> None:
        """Require a text."""
        super().check()
        self.text = plain(self.text)[:LONGEST]
        if not self.text:
            raise ValidationError(_("There is nothing to publish."))

    def change(self) -> Worry:
        """Keep what everybody reads; that a hidden text is shown again stands in the log."""
        if self.worry.state == Worry.State.HIDDEN:
            _noted(self.worry, self.at, False, "")
        self.worry.state, self.worry.public_text = Worry.State.SHOWN, self.text
        self.worry.save(update_fields=["state", "public_text"])
        return self.worry


@dataclass
class HideText(_OfWorry):
    """Keep a text from everybody, with a reason that stands in the public log; or delete it for good."""

    reason: str = ""
    erase: bool = False
    verb: ClassVar[str] = "worry.hide"
    sentence: ClassVar[str] = gettext_noop("{actor} hid the text of a worry in process {number}")

    def check(self) -> None:
        """Require a reason, and a text that is not hidden."""
        super().check()
        self.reason = " ".join(plain(self.reason).split())[:300]
        if not self.reason:
            raise ValidationError(_("Say why: the reason is published in its place."))
        if self.worry.state == Worry.State.HIDDEN and not self.erase:
            raise ValidationError(_("This text is hidden already."))

    def change(self) -> Worry:
        """Hide it; the worry still counts."""
        _noted(self.worry, self.at, True, self.reason)
        self.worry.state, self.worry.public_text = Worry.State.HIDDEN, ""
        if self.erase:
            self.worry.text = self.worry.street = self.worry.seen = self.worry.zone = ""
            self.worry.lat = self.worry.lon = None
            Contact.objects.filter(worry=self.worry).delete()
        place = ["street", "zone", "lat", "lon"]
        self.worry.save(update_fields=["state", "public_text", "text", "seen", *place])
        return self.worry


def _noted(worry: Worry, at: datetime, hidden: bool, reason: str) -> None:
    day = timezone.localtime(at).date()
    HiddenNote.objects.create(desk_id=worry.desk_id, day=day, hidden=hidden, topic=worry.about, reason=reason)


@dataclass
class RegisterWorry(_OfWorry):
    """Take a worry up: it gets a number, and those that were joined to it get theirs."""

    day: date | None = None
    verb: ClassVar[str] = "worry.register"
    sentence: ClassVar[str] = gettext_noop("{actor} registered a worry of process {number}")

    def check(self) -> None:
        """Require one that is not registered, and a day that was."""
        super().check()
        self.when = self.past(self.day)
        if self.worry.registered:
            raise ValidationError(_("This worry is registered already."))
        if self.worry.received_at is not None and self.when < midnight(self.worry.received_at.date()):
            raise ValidationError(_("It was received after this day."))

    def change(self) -> Worry:
        """Give numbers."""
        for one in self.together():
            if not one.registered:
                give_number(one, max(self.when, one.received_at or self.when))
                one.save(update_fields=["number", "registered", "registered_at"])
        return self.worry


@dataclass
class ResolveWorry(_OfWorry):
    """Write down that a worry is resolved, with those that were joined to it; or that it is not."""

    day: date | None = None
    again: bool = False
    verb: ClassVar[str] = "worry.resolve"
    sentence: ClassVar[str] = gettext_noop("{actor} marked a worry of process {number} as resolved")
    sentences: ClassVar[Mapping[str, str]] = {
        "reopened": gettext_noop("{actor} marked a worry of process {number} as not resolved")
    }

    def check(self) -> None:
        """Require one that is registered, and a day that was."""
        super().check()
        self.when = self.past(self.day)
        if not self.worry.registered:
            raise ValidationError(_("Register it first."))
        if self.worry.resolved is not self.again:
            raise ValidationError(
                _("This worry is open.") if self.again else _("This worry is resolved already.")
            )
        if self.worry.received_at is not None and self.when < midnight(self.worry.received_at.date()):
            raise ValidationError(_("It was received after this day."))

    def change(self) -> Worry:
        """Keep it."""
        for one in self.together():
            if one.registered and one.resolved is self.again:
                one.resolved = not self.again
                one.resolved_at = None if self.again else max(self.when, one.received_at or self.when)
                one.save(update_fields=["resolved", "resolved_at"])
        return self.worry

    def detail(self, made: Any) -> dict[str, str | int]:
        """What was done."""
        return super().detail(made) | {"what": "reopened" if self.again else "resolved"}


@dataclass
class AnswerPair(WorryDeskChange):
    """Say of two worries that they are one, or that they are two."""

    pair: Pair
    one: bool = False
    verb: ClassVar[str] = "worry.pair"
    sentence: ClassVar[str] = gettext_noop("{actor} joined two worries of process {number}")
    sentences: ClassVar[Mapping[str, str]] = {
        "apart": gettext_noop("{actor} kept two worries of process {number} apart")
    }

    def check(self) -> None:
        """Require a pair of this desk that nobody has answered."""
        super().check()
        found = Pair.objects.select_for_update().filter(pk=self.pair.pk, desk__module=self.module).first()
        if found is None:
            raise ValidationError(_("This belongs to another desk."))
        if found.answer:
            raise ValidationError(_("Somebody has answered this already."))
        self.pair = found

    def change(self) -> Pair:
        """Join them under the first one, or keep them apart."""
        self.pair.answer = Pair.Answer.ONE if self.one else Pair.Answer.TWO
        self.pair.save(update_fields=["answer"])
        if self.one:
            _join(self.pair.first_id, self.pair.second_id)
        return self.pair

    def detail(self, made: Any) -> dict[str, str | int]:
        """What was said."""
        return super().detail(made) | {"what": "joined" if self.one else "apart"}


def _join(first: Any, second: Any) -> None:
    """Put both, and all that hang on them, under the head of the first; they stand as far as it does."""
    pairs = Worry.objects.select_for_update().filter(pk__in=[first, second])
    rows = {w.pk: w for w in pairs}
    head, other = (w.joined_to_id or w.pk for w in (rows[first], rows[second]))
    if head == other:
        return
    moved = Worry.objects.filter(Q(pk=other) | Q(joined_to=other))
    moved.update(joined_to=head)
    # all of them, so that what is erased or hidden meanwhile is not written back
    whole = {w.pk: w for w in Worry.objects.select_for_update().filter(Q(pk=head) | Q(joined_to=head))}
    kept = whole.pop(head)
    for one in whole.values():
        if kept.registered and not one.registered:
            give_number(one, kept.registered_at or one.received_at)  # type: ignore[arg-type]
        if kept.resolved and not one.resolved:
            one.resolved, one.resolved_at = True, kept.resolved_at
            if one.resolved_at and one.received_at:
                one.resolved_at = max(one.resolved_at, one.received_at)
        one.save(update_fields=["number", "registered", "registered_at", "resolved", "resolved_at"])


@dataclass
class PartWorry(_OfWorry):
    """Take a worry out of those that it was joined to."""

    verb: ClassVar[str] = "worry.part"
    sentence: ClassVar[str] = gettext_noop("{actor} took joined worries of process {number} apart")

    def check(self) -> None:
        """Require one that is joined."""
        super().check()
        if self.worry.joined_to_id is None:
            raise ValidationError(_("This worry is not joined to another one."))

    def change(self) -> Worry:
        """Part them; the same pair is not suggested again."""
        Pair.objects.filter(Q(first=self.worry) | Q(second=self.worry), answer=Pair.Answer.ONE).update(
            answer=Pair.Answer.TWO
        )
        self.worry.joined_to = None
        self.worry.save(update_fields=["joined_to"])
        return self.worry
