"""Changes of a vote by officers. Casting with a code is none: the audit log would tell its moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from isopolis.engage.budget.card import RuleCard
from isopolis.engage.ledger import codes
from isopolis.engage.ledger.ballot import Question, digest
from isopolis.model import CallError
from isopolis.web.actions import Action, ValidationError
from isopolis.web.languages import said
from isopolis.web.permissions import require

from . import keys, log, refusals
from .casting import Receipt, accepted, ballot_of, day_of, entry_of_person, slip
from .grouping import PAPER, Job, RefusedError, submit
from .models import LEAST, Code, Papers, RollEntry, Vote
from .roll import Loaded, Person, add_people, new_codes, package_of, roll_digest

__all__ = [
    "CastFor",
    "Enter",
    "LoadRoll",
    "MakeLetters",
    "MakePackage",
    "Mark",
    "OfVote",
    "OpenVote",
    "Revoke",
]

MOST_IN_PACKAGE = 1000
BY_OFFICER = ("assisted", PAPER)


@dataclass
class OfModule(Action):
    """A change in a module of this workspace."""

    workspace: Any
    module: Any
    permission: ClassVar[str] = "ballot.manage"

    def at(self) -> datetime:
        """Return when it happens."""
        return getattr(self, "now", None) or timezone.now()

    def check(self) -> None:
        """Require a module of this workspace."""
        if self.module.process.workspace_id != self.workspace.pk:
            raise ValidationError(_("This belongs to another workspace."))

    def target(self, made: Any) -> str:
        """Name the module: nothing that was made is anybody's to find."""
        return f"module:{self.module.pk}"

    def detail(self, made: Any) -> dict[str, str | int]:
        """Number of the process in the city."""
        return {"number": self.module.process.number}


@dataclass
class OpenVote(OfModule):
    """Fix what is voted on and by which rule."""

    card: Mapping[str, Any]
    question: Question
    least: int = LEAST
    now: datetime | None = None
    verb: ClassVar[str] = "ballot.open"
    sentence: ClassVar[str] = "{actor} fixed what is voted on in process {number}"

    def check(self) -> None:
        """Require a module without a vote."""
        super().check()
        if Vote.objects.filter(module=self.module).exists():
            raise ValidationError(_("What is voted on here stands already and cannot be changed."))
        if self.least < 2:
            raise ValidationError(_("A batch has at least two ballots: one alone is not shuffled."))
        try:
            self.rule = RuleCard.from_dict(self.card)
        except CallError as error:
            raise ValidationError(said(error.args[0])) from None
        if self.rule.attribute or any(f.attribute for f in self.rule.floors):
            raise ValidationError(
                _("This rule asks who cast a ballot, and ballots here do not say it. Choose another.")
            )

    def change(self) -> Vote:
        """Keep it, write both digests into the log, and make the first key."""
        made = Vote.objects.create(
            module=self.module, asked=self.question.to_plain(), card=self.rule.to_dict(), least=self.least
        )
        Papers.objects.create(vote=made)
        keys.make_epoch(made.pk, 0)
        told = {"question": digest(made.asked), "card": digest(made.card), "least": made.least}
        log.add(made, "opened", day_of(self.at()), told)
        return made


@dataclass
class OfVote(OfModule):
    """A change of the vote of a module, while ballots are taken."""

    now: datetime | None = field(default=None, kw_only=True)

    def check(self) -> None:
        """Require an open vote."""
        super().check()
        found = Vote.objects.select_for_update().filter(module=self.module).first()
        if found is None:
            raise ValidationError(_("Nothing is voted on here yet."))
        found.module = self.module
        self.vote = found
        if found.state != Vote.State.OPEN:
            raise RefusedError("closed")

    def tell_roll(self) -> None:
        """Write into the log how many are on the roll, and which."""
        total = RollEntry.objects.filter(vote=self.vote).count()
        told = {"people": total, "digest": roll_digest(self.vote)}
        log.add(self.vote, "roll", day_of(self.at()), told)


@dataclass
class LoadRoll(OfVote):
    """Put people on the roll."""

    people: Sequence[Person]
    verb: ClassVar[str] = "ballot.roll"
    sentence: ClassVar[str] = "{actor} put {count} people on the roll of process {number}"

    def check(self) -> None:
        """Require somebody."""
        super().check()
        if not self.people:
            raise ValidationError(_("There is nobody in this list."))

    def change(self) -> Loaded:
        """Keep their hashes."""
        made = add_people(self.vote, self.people)
        if made.new:
            self.tell_roll()
        return made

    def detail(self, made: Loaded) -> dict[str, str | int]:
        """How many, and where."""
        return super().detail(made) | {"count": made.new}


@dataclass
class MakeLetters(OfVote):
    """Make one-time codes for people of the roll who have not voted."""

    identifiers: Sequence[str]
    verb: ClassVar[str] = "ballot.letters"
    sentence: ClassVar[str] = "{actor} made {count} codes for letters of process {number}"

    def change(self) -> dict[str, str]:
        """Return the codes by identifier; hashes of them are kept."""
        found: dict[str, str] = {}
        key = keys.lasting(self.vote.pk, "roll")
        for identifier in self.identifiers:
            if codes.normal_identifier(identifier):
                found.setdefault(codes.roll_key(key, identifier), identifier)
        names, still = sorted(found), RollEntry.objects.filter(vote=self.vote, state=RollEntry.State.OPEN)
        rows: dict[str, RollEntry] = {}
        for start in range(0, len(names), 500):
            rows |= still.in_bulk(names[start : start + 500])
        entries = [rows[n] for n in names if n in rows]
        if not entries:
            raise ValidationError(_("Nobody in this list is on the roll and has still to vote."))
        made = dict(zip((found[e.pk] for e in entries), new_codes(self.vote, entries), strict=True))
        log.add(self.vote, "codes", day_of(self.at()), {"codes": len(made), "for": "letters"})
        # in the order in which they were asked for, so that letters are printed in the order of the list
        return {i: made[i] for i in dict.fromkeys(self.identifiers) if i in made}

    def detail(self, made: dict[str, str]) -> dict[str, str | int]:
        """How many, and where."""
        return super().detail(made) | {"count": len(made)}


@dataclass
class MakePackage(OfVote):
    """Make codes that somebody hands out to people whom no register knows."""

    count: int
    label: str
    verb: ClassVar[str] = "ballot.package"
    sentence: ClassVar[str] = "{actor} made {count} codes to hand out in process {number}"

    def check(self) -> None:
        """Require a number that somebody can hand out, and for whom they are."""
        super().check()
        if not 1 <= self.count <= MOST_IN_PACKAGE:
            raise ValidationError(_("A package has 1 to %(most)s codes.") % {"most": MOST_IN_PACKAGE})
        if not self.label.strip():
            raise ValidationError(_("Say who hands them out: it stands in the public log."))

    def change(self) -> list[str]:
        """Return the codes; hashes of them are kept."""
        made = package_of(self.vote, self.count)
        told = {"codes": len(made), "for": " ".join(self.label.split())[:120]}
        log.add(self.vote, "codes", day_of(self.at()), told)
        self.tell_roll()
        return made

    def detail(self, made: list[str]) -> dict[str, str | int]:
        """How many, and where."""
        return super().detail(made) | {"count": len(made)}


@dataclass
class Revoke(OfVote):
    """Take somebody who has not voted off the roll."""

    identifier: str
    verb: ClassVar[str] = "ballot.revoke"
    sentence: ClassVar[str] = "{actor} took somebody off the roll of process {number}"

    def change(self) -> Vote:
        """Mark the place, end its code."""
        found = entry_of_person(self.vote, self.identifier)
        rows = RollEntry.objects.filter(pk=found[0] if found else "", state=RollEntry.State.OPEN)
        if not rows.update(state=RollEntry.State.REVOKED):
            raise ValidationError(_("This person is not on the roll, has voted, or was taken off it before."))
        Code.objects.filter(entry=found[0] if found else "").delete()
        log.add(self.vote, "revoked", day_of(self.at()), {"people": 1})
        return self.vote


@dataclass
class Taking(OfVote):
    """An officer takes a ballot or a mark; what is refused is counted like any other."""

    def run(self) -> Any:
        """Do it, and count it when it is refused."""
        try:
            return super().run()
        except RefusedError as error:
            vote = Vote.objects.filter(module=self.module).first()
            if vote is not None:
                refusals.counted(vote, error, self.at())
            raise

    def person(self, identifier: str) -> tuple[str, str]:
        """Find somebody on the roll."""
        found = entry_of_person(self.vote, identifier)
        if found is None:
            raise RefusedError("roll")
        return found


@dataclass
class CastFor(Taking):
    """Take the ballot of somebody who is there and cannot cast it alone."""

    choice: Sequence[str] | Mapping[str, int]
    identifier: str
    channel: str = "assisted"
    verb: ClassVar[str] = "ballot.assist"
    sentence: ClassVar[str] = "{actor} helped somebody to vote in process {number}"

    def check(self) -> None:
        """Require the time in which people vote, and a ballot that can be counted."""
        super().check()
        require(self.actor, "ballot.cast", self.workspace, self.vote, now=self.at())
        if self.channel not in BY_OFFICER:
            raise ValidationError(_("An officer takes ballots on paper, or helps somebody."))
        self.ballot = ballot_of(self.vote, self.choice)

    def change(self) -> Receipt:
        """Take it."""
        entry, cell = self.person(self.identifier)
        one = slip(self.ballot)
        submit(Job(self.vote.pk, self.vote.question.room, day_of(self.at()), self.channel, entry, cell, one))
        return accepted(self.vote, one)


@dataclass
class Mark(Taking):
    """Write down that somebody votes on paper; the envelope inside stays shut."""

    identifier: str
    channel: str = PAPER
    verb: ClassVar[str] = "ballot.mark"
    sentence: ClassVar[str] = "{actor} marked a vote on paper in process {number}"

    def check(self) -> None:
        """Paper only, everything else has its ballot with it; and only until the last day ends."""
        super().check()
        if self.channel != PAPER:
            raise ValidationError(_("Only votes on paper are marked before their ballot is entered."))
        windows = self.vote.windows("vote")
        if windows and all(end <= self.at() for _start, end in windows):
            raise RefusedError("closed")  # or who did not vote could be marked once it is known who did

    def change(self) -> Vote:
        """Mark."""
        entry, cell = self.person(self.identifier)
        submit(Job(self.vote.pk, self.vote.question.room, day_of(self.at()), PAPER, entry, cell))
        return self.vote


@dataclass
class Enter(Taking):
    """Enter a paper ballot of nobody in particular; None is one that cannot be counted."""

    choice: Sequence[str] | Mapping[str, int] | None
    channel: str = PAPER
    verb: ClassVar[str] = "ballot.enter"
    sentence: ClassVar[str] = "{actor} entered a paper ballot in process {number}"

    def change(self) -> Receipt | None:
        """Enter it."""
        if self.channel != PAPER:
            raise ValidationError(_("Only paper is entered without a person."))
        if self.choice is None:
            free = Papers.objects.filter(vote=self.vote, entered__lt=F("marked"))
            if not free.update(entered=F("entered") + 1, invalid=F("invalid") + 1):
                raise RefusedError("marks")
            return None
        one = slip(ballot_of(self.vote, self.choice))
        submit(Job(self.vote.pk, self.vote.question.room, day_of(self.at()), PAPER, slip=one))
        return accepted(self.vote, one)
