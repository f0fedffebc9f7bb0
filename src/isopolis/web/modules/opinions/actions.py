"""Statements: written, accepted or refused with a reason, taken back; and a person who takes all back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from isopolis.web.actions import Action, ValidationError
from isopolis.web.languages import page_language
from isopolis.web.modules.comments.words import plain
from isopolis.web.modules.models import Module, name_key

from .limits import let_propose
from .models import SHORTEST, Conversation, Decision, Statement, Voter
from .people import Person, enter, leave

__all__ = [
    "MOST_STATEMENTS", "AddSeeds", "Decide", "OfConversation", "Propose", "TakeBack", "Withdraw", "held",
]  # fmt: skip

MOST_STATEMENTS = 1000
MOST_WAITING = 500
MOST_SEEDS = 100


def held(module: Module) -> Conversation:
    """Return the conversation of a module, made when there is none yet, and keep others from changing it."""
    Conversation.objects.get_or_create(module=module)
    found = Conversation.objects.select_for_update().get(module=module)
    found.module = module
    return found


@dataclass
class OfConversation(Action):
    """A change in a conversation of this workspace."""

    workspace: Any
    module: Module
    permission: ClassVar[str] = "opinion.manage"

    def at(self) -> datetime:
        """Return when it happens."""
        return getattr(self, "now", None) or timezone.now()

    def thing(self) -> Any:
        """Look at the conversation: it may be closed before its phase ends."""
        found = Conversation.objects.filter(module=self.module).first()
        if found is None:
            return self.module
        found.module = self.module
        return found

    def check(self) -> None:
        """Require a module of this workspace and kind."""
        if self.module.process.workspace_id != self.workspace.pk or self.module.kind != "opinions":
            raise ValidationError(_("This belongs to another workspace."))
        self.found = held(self.module)

    def own(self, statement: Statement) -> None:
        """Require a statement of this conversation."""
        if statement.conversation_id != self.found.pk:
            raise ValidationError(_("This belongs to another conversation."))

    def target(self, made: Any) -> str:
        """Name the module: a time beside a number would tell whose statement it is."""
        return f"module:{self.module.pk}"

    def detail(self, made: Any) -> dict[str, str | int]:
        """Number of the process in the city."""
        return {"number": self.module.process.number}

    def add(self, text: str, language: str, **more: Any) -> Statement:
        """Keep a statement under the next number."""
        last = Statement.objects.filter(conversation=self.found).aggregate(n=Max("number"))["n"] or 0
        day = timezone.localtime(self.at()).date()
        return Statement.objects.create(
            conversation=self.found, number=last + 1, text=text, language=language[:12], day=day, **more
        )

    def checked(self, text: str) -> str:
        """Return a text as it is kept; raise when it is too short, too long, or there already."""
        text = " ".join(plain(text).split())
        if len(text) < SHORTEST:
            said = _("This is too short: write at least %(least)s characters.")
            raise ValidationError(said % {"least": SHORTEST})
        if len(text) > self.found.longest:
            said = _("This is too long: at most %(most)s characters are possible.")
            raise ValidationError(said % {"most": self.found.longest})
        return text

    def known(self) -> set[str]:
        """Return what the statements of this conversation say, so that none stands there twice."""
        rows = Statement.objects.filter(conversation=self.found).exclude(state=Statement.State.REFUSED)
        return {name_key(t) for t in rows.values_list("text", flat=True) if t}


@dataclass
class Propose(OfConversation):
    """Write a statement; nobody sees it before moderation has looked at it."""

    person: Person
    text: str
    language: str = ""
    now: datetime | None = None
    verb: ClassVar[str] = "opinion.propose"
    permission: ClassVar[str] = "opinion.propose"
    sentence: ClassVar[str] = "Somebody wrote a statement in process {number}"

    def check(self) -> None:
        """Require a text that is new, and not too many."""
        super().check()
        self.text = self.checked(self.text)
        if name_key(self.text) in self.known():
            raise ValidationError(_("This statement is there already: vote on it."))
        rows = Statement.objects.filter(conversation=self.found)
        if rows.exclude(state=Statement.State.REFUSED).count() >= MOST_STATEMENTS:
            raise ValidationError(_("There are as many statements as people can vote on. Vote on those."))
        if rows.filter(state=Statement.State.WAITING).count() >= MOST_WAITING:
            raise ValidationError(_("Many statements wait to be looked at. Send yours tomorrow."))

    def change(self) -> Statement:
        """Keep it."""
        voter = enter(self.found, self.person, self.at())
        let_propose(self.module.pk, voter.pk, self.person.address, self.at())
        return self.add(self.text, self.language or page_language(), author=voter)


@dataclass
class TakeBack(OfConversation):
    """Take back a statement of one's own: its text goes, its number stays empty."""

    voter: Voter
    statement: Statement
    verb: ClassVar[str] = "opinion.take_back"
    permission: ClassVar[str] = "opinion.withdraw"
    sentence: ClassVar[str] = "Somebody took a statement back in process {number}"

    def check(self) -> None:
        """Require one that this person wrote and that is still there."""
        super().check()
        self.own(self.statement)
        if self.statement.author_id != self.voter.pk:
            raise ValidationError(_("Only who wrote this may take it back."))
        if not self.statement.text:
            raise ValidationError(_("This statement was taken back already."))

    def change(self) -> Statement:
        """Empty it."""
        self.statement.text, self.statement.author = "", None
        self.statement.save(update_fields=["text", "author"])
        return self.statement


@dataclass
class Withdraw(OfConversation):
    """Take back every vote, what was said of oneself, and the pseudonym."""

    voter: Voter
    verb: ClassVar[str] = "opinion.withdraw"
    permission: ClassVar[str] = "opinion.withdraw"
    sentence: ClassVar[str] = "Somebody took all their votes back in process {number}"

    def check(self) -> None:
        """Require a voter of this conversation."""
        super().check()
        if self.voter.conversation_id != self.found.pk:
            raise ValidationError(_("This belongs to another conversation."))

    def change(self) -> Conversation:
        """Remove it."""
        leave(self.found, self.voter)
        return self.found


@dataclass
class AddSeeds(OfConversation):
    """Put the city's own statements at the start, so that the first people have something to vote on."""

    texts: list[str]
    language: str = ""
    now: datetime | None = None
    verb: ClassVar[str] = "opinion.seed"
    sentence: ClassVar[str] = "{actor} wrote statements of the city in process {number}"

    def check(self) -> None:
        """Require texts that are new; everything that is wrong is said at once."""
        super().check()
        known, wrong, kept = self.known(), [], []
        for n, text in enumerate((t for t in self.texts if t.strip()), 1):
            try:
                kept.append(self.checked(text))
            except ValidationError as error:
                wrong.append(_("Line %(n)s: %(why)s") % {"n": n, "why": " ".join(error.messages)})
        fresh = {name_key(t): t for t in kept if name_key(t) not in known}
        if len(fresh) > MOST_SEEDS or len(known) + len(fresh) > MOST_STATEMENTS:
            wrong.append(_("These are too many: people cannot vote on them."))
        if not fresh and not wrong:
            wrong.append(_("Write at least one statement that is not there yet."))
        if wrong:
            raise ValidationError(wrong)
        self.fresh = list(fresh.values())

    def change(self) -> Conversation:
        """Keep them, accepted."""
        for text in self.fresh:
            self.add(text, self.language, by_city=True, state=Statement.State.ACCEPTED)
        return self.found


@dataclass
class Decide(OfConversation):
    """Accept a statement or refuse it by a house rule; both stand in the public log."""

    statement: Statement
    accepted: bool
    rule: str = ""
    note: str = ""
    now: datetime | None = None
    verb: ClassVar[str] = "opinion.moderate"
    permission: ClassVar[str] = "opinion.moderate"
    sentence: ClassVar[str] = "{actor} looked at a statement in process {number}"

    def check(self) -> None:
        """Require a rule where it is refused, and a statement that is not decided like this already."""
        super().check()
        self.own(self.statement)
        if not self.statement.text:
            raise ValidationError(_("This statement was taken back already."))
        goal = Statement.State.ACCEPTED if self.accepted else Statement.State.REFUSED
        if self.statement.state == goal:
            raise ValidationError(_("That is decided already."))
        if not self.accepted and (not self.rule or self.rule not in Decision.Rule.values):
            raise ValidationError(_("Say which house rule it breaks."))
        self.goal = goal

    def change(self) -> Statement:
        """Keep the decision."""
        self.statement.state = self.goal
        self.statement.save(update_fields=["state"])
        Decision.objects.create(
            statement=self.statement,
            accepted=self.accepted,
            rule="" if self.accepted else self.rule,
            note=" ".join(plain(self.note).split())[:300],
            day=timezone.localtime(self.at()).date(),
        )
        return self.statement
