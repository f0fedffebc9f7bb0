"""Changes of ideas by those who propose them: begun, handed in, changed, repaired, withdrawn; or on paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from isopolis.engage.representation.cells import Cell
from isopolis.web.actions import Action, ValidationError
from isopolis.web.modules.comments.words import plain
from isopolis.web.modules.models import Module, Participant, Process
from isopolis.web.participation import record

from .access import settled
from .models import TEXT_MOST, TOPICS_MOST, Budget, Idea, IdeaVersion, packed
from .money import shown, units_of

__all__ = ["EditIdea", "EnterIdea", "HandIn", "OfIdea", "RepairForAuthor", "WithdrawIdea", "checked"]

LEAST_WORDS = 20
"""Letters that an idea has at least: below, nobody can check it."""
MOST_PER_TEN_MINUTES = 5
MOST_PER_DAY = 20
MOST_VERSIONS = 30
TITLE_MOST = 120


def checked(budget: Budget, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of an idea as they are kept.

    Raises
    ------
    ValidationError
        With everything that is wrong.
    """
    wrong: list[str] = []
    title = " ".join(plain(str(said.get("title", ""))).split())
    text = plain(str(said.get("text", "")))
    if not title or len(title) > TITLE_MOST:
        wrong.append(_("Give the idea a title of at most %(most)s characters.") % {"most": TITLE_MOST})
    if not LEAST_WORDS <= len(text) <= TEXT_MOST:
        told = _("Describe the idea in %(least)s to %(most)s characters; it has %(length)s.")
        wrong.append(told % {"least": LEAST_WORDS, "most": TEXT_MOST, "length": len(text)})
    if len(said.get("topics", ())) > TOPICS_MOST:
        wrong.append(_("Choose at most %(most)s topics.") % {"most": TOPICS_MOST})
    if said.get("zone") and said["zone"] not in dict(budget.zones):
        wrong.append(_("Choose one of the neighbourhoods."))
    asked = _asked(budget, said.get("asked"), wrong)
    place = " ".join(plain(str(said.get("place") or "")).split())
    if wrong:
        raise ValidationError(wrong)
    return {
        "title": title, "text": text, "language": str(said.get("language") or "")[:12],
        "zone": str(said.get("zone") or ""), "place": place[:200],
        "topics": packed(said.get("topics", ())), "asked": asked,
    }  # fmt: skip


def _asked(budget: Budget, given: Decimal | None, wrong: list[str]) -> int | None:
    if given is None:
        return None
    try:
        units = units_of(given, budget.scale)
    except ValidationError as error:
        wrong += error.messages
        return None
    most = budget.most_each or budget.money
    if most and units > most:
        told = _("One project can cost at most %(most)s. Think of a smaller part of it.")
        wrong.append(told % {"most": shown(most, budget.scale, budget.currency)})
    return units


def cell_of(budget: Budget, zone: str) -> Cell | None:
    """Return the cell of a neighbourhood for the participation record; None where it is not known."""
    return Cell(zone) if zone in dict(budget.zones) else None


@dataclass
class _OfBudget(Action):
    """A change in the budget of one module of this workspace, before a vote was opened."""

    workspace: Any
    module: Module

    def thing(self) -> Any:
        """Look at the module and its phases."""
        return self.module

    def check(self) -> None:
        """Require a module of this workspace that is set up, and no vote yet."""
        if self.module.process.workspace_id != self.workspace.pk or self.module.kind != "budget":
            raise ValidationError(_("This belongs to another workspace."))
        # held until the end, so that numbers and limits are counted one after the other
        held = Budget.objects.select_for_update().filter(module=self.module).first()
        if held is None:
            raise ValidationError(_("The budget is not set up yet."))
        held.module = self.module
        self.budget = held
        if settled(held):
            raise ValidationError(_("The vote was opened: the list of projects stands."))

    def make(self, fields: Mapping[str, Any], now: datetime, **more: Any) -> Idea:
        """Keep a new idea under the next number."""
        last = self.budget.ideas.aggregate(n=Max("number"))["n"] or 0
        return Idea.objects.create(
            budget=self.budget, number=last + 1, created_at=now, **fields, **more
        )  # fmt: skip

    def detail(self, made: Any) -> dict[str, str | int]:
        """Number of the process in the city, and of the idea."""
        return {"number": self.module.process.number, "idea": made.number}


@dataclass
class HandIn(_OfBudget):
    """Propose an idea, or keep it as a draft; `idea` is a draft of one's own that is handed in now."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    draft: bool = False
    idea: Idea | None = None
    home_zone: str = ""
    now: datetime | None = None
    verb: ClassVar[str] = "idea.add"
    permission: ClassVar[str] = "idea.add"
    sentence: ClassVar[str] = "{actor} handed in idea {idea} of process {number}"
    sentences: ClassVar[Mapping[str, str]] = {
        "drafted": gettext_noop("{actor} drafted idea {idea} of process {number}")
    }

    def check(self) -> None:
        """Require a name that others see, an idea that can be read, and not too many of one person."""
        super().check()
        author = Participant.objects.filter(user=self.actor, workspace=self.workspace).first()
        if author is None:
            raise ValidationError(_("Choose to take part first, with a name that others see."))
        self.author = author
        if self.idea is not None:
            mine = self.idea.budget_id == self.budget.pk and self.idea.belongs_to(self.actor)
            if not mine or self.idea.state != Idea.State.DRAFT:
                raise ValidationError(_("This idea was handed in already."))
        self.kept = checked(self.budget, self.fields)
        self._not_too_many()

    def _not_too_many(self) -> None:
        mine = self.budget.ideas.filter(author=self.author).exclude(state=Idea.State.WITHDRAWN)
        if self.idea is None and mine.count() >= self.budget.ideas_each:
            told = _(
                "Everybody can propose %(most)s ideas here, drafts included. Withdraw one of yours first."
            )
            raise ValidationError(told % {"most": self.budget.ideas_each})
        now, written = self.now or timezone.now(), self.budget.ideas.filter(author=self.author)
        if (
            self.idea is None
            and written.filter(created_at__gt=now - timedelta(days=1)).count() >= MOST_PER_DAY
        ):
            raise ValidationError(_("You wrote many ideas today. Send this one tomorrow."))
        if written.filter(created_at__gt=now - timedelta(minutes=10)).count() >= MOST_PER_TEN_MINUTES:
            raise ValidationError(
                _("You wrote several ideas just now. Wait ten minutes, then send this one.")
            )

    def change(self) -> Idea:
        """Keep it; who hands in for the first time is counted among those who took part."""
        now = self.now or timezone.now()
        before = self.budget.ideas.filter(author=self.author, submitted_at__isnull=False).exists()
        state = Idea.State.DRAFT if self.draft else Idea.State.SUBMITTED
        handed_in = None if self.draft else now
        if self.idea is None:
            made = self.make(self.kept, now, author=self.author, state=state, submitted_at=handed_in)
        else:
            made = self.idea
            made.state, made.submitted_at = state, handed_in
            _put(made, self.kept)
            made.save()
        if not self.draft and not before:
            record(self.module, "web", cell_of(self.budget, self.home_zone))
        return made

    def detail(self, made: Any) -> dict[str, str | int]:
        """Whether it was handed in."""
        return super().detail(made) | {"what": "drafted" if self.draft else "handed in"}


def _put(idea: Idea, fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        setattr(idea, name, value)


@dataclass
class EnterIdea(_OfBudget):
    """Enter an idea that came on paper, at a meeting or through somebody who helps; nobody's name is kept."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    channel: str = "paper"
    home_zone: str = ""
    first: bool = True
    now: datetime | None = None
    verb: ClassVar[str] = "idea.enter"
    permission: ClassVar[str] = "budget.manage"
    sentence: ClassVar[str] = "{actor} entered idea {idea} of process {number} ({channel})"
    words: ClassVar[Mapping[str, Callable[[str], Any]]] = {"channel": lambda code: Idea.Channel(code).label}

    def check(self) -> None:
        """Require a public process, a way by which it came, and an idea that can be read."""
        super().check()
        if self.module.process.state != Process.State.PUBLISHED:
            raise ValidationError(_("Nobody can have proposed anything: this process is not open."))
        if self.channel not in Idea.Channel.values or self.channel == "web":
            raise ValidationError(_("Choose the way by which it came."))
        self.kept = checked(self.budget, self.fields)

    def change(self) -> Idea:
        """Keep it like any other, and count its proposer."""
        now = self.now or timezone.now()
        made = self.make(
            self.kept, now, channel=self.channel, state=Idea.State.SUBMITTED, submitted_at=now
        )  # fmt: skip
        if self.first:
            record(self.module, self.channel, cell_of(self.budget, self.home_zone))
        return made

    def detail(self, made: Any) -> dict[str, str | int]:
        """How it came."""
        return super().detail(made) | {"channel": made.channel}


@dataclass
class OfIdea(Action):
    """A change of one idea of this workspace, before a vote was opened."""

    workspace: Any
    idea: Idea
    now: datetime | None = None

    def thing(self) -> Any:
        """Look at the idea."""
        return self.idea

    def check(self) -> None:
        """Require an idea of this workspace as it is now, and no vote yet."""
        if self.idea.process.workspace_id != self.workspace.pk:
            raise ValidationError(_("This belongs to another workspace."))
        # somebody else may have changed it since the page was shown
        Idea.objects.select_for_update().filter(pk=self.idea.pk).first()
        self.idea.refresh_from_db()
        if self.before_vote() and settled(self.idea.budget):
            raise ValidationError(_("The vote was opened: the list of projects stands."))

    def before_vote(self) -> bool:
        """Tell whether this is possible only as long as no vote was opened."""
        return True

    def at(self) -> datetime:
        """Return when it happens."""
        return self.now or timezone.now()

    def detail(self, made: Any) -> dict[str, str | int]:
        """Number of the process in the city, and of the idea."""
        return {"number": self.idea.process.number, "idea": self.idea.number}


@dataclass
class EditIdea(OfIdea):
    """Change an idea of one's own: a draft, what was just handed in, or what the city asked to repair."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    verb: ClassVar[str] = "idea.edit"
    permission: ClassVar[str] = "idea.edit"
    sentence: ClassVar[str] = "{actor} changed idea {idea} of process {number}"

    def check(self) -> None:
        """Require an idea that can still be changed and can be read."""
        super().check()
        self._open()
        self.kept = checked(self.idea.budget, self.fields)
        if self.idea.state == Idea.State.REPAIR and not _differs(self.idea, self.kept):
            raise ValidationError(_("Nothing was changed. Mend what the city asked for, then send it."))
        if self.idea.state == Idea.State.SUBMITTED and self.idea.versions.count() >= MOST_VERSIONS:
            raise ValidationError(_("You changed this idea many times. Leave it as it is now."))

    def _open(self) -> None:
        if not self.idea.is_fresh(self.at()):
            raise ValidationError(_("This idea can no longer be changed."))

    def change(self) -> Idea:
        """Keep the old text as a version, then the new one; a repaired idea goes back to the checks."""
        repair = self.idea.state == Idea.State.REPAIR
        if self.idea.state != Idea.State.DRAFT:
            IdeaVersion.objects.create(
                idea=self.idea, title=self.idea.title, text=self.idea.text, language=self.idea.language,
                asked=self.idea.asked, until=self.at(), repair=repair,
            )  # fmt: skip
        _put(self.idea, self.kept)
        if repair:
            self.idea.state, self.idea.repair_until = Idea.State.IN_CHECK, None
            self.idea.repairs += 1
        self.idea.save()
        return self.idea


def _differs(idea: Idea, kept: Mapping[str, Any]) -> bool:
    return any(getattr(idea, name) != value for name, value in kept.items())


@dataclass
class RepairForAuthor(EditIdea):
    """Write down the repair of an idea that came on paper: nobody has an account who could."""

    verb: ClassVar[str] = "idea.repair_for"
    permission: ClassVar[str] = "budget.manage"
    sentence: ClassVar[str] = "{actor} entered the repair of idea {idea} of process {number}"

    def _open(self) -> None:
        if self.idea.author is not None and self.idea.author.user_id is not None:
            raise ValidationError(_("Whoever proposed this has an account and changes it."))
        if self.idea.state != Idea.State.REPAIR:
            raise ValidationError(_("Ask for a repair first: then everybody sees why the text changes."))


@dataclass
class WithdrawIdea(OfIdea):
    """Take back an idea of one's own: its text and earlier texts go for good."""

    verb: ClassVar[str] = "idea.withdraw"
    permission: ClassVar[str] = "idea.withdraw"
    sentence: ClassVar[str] = "{actor} withdrew idea {idea} of process {number}"

    def check(self) -> None:
        """Require one that is still there and not decided against."""
        super().check()
        if self.idea.state == Idea.State.WITHDRAWN:
            raise ValidationError(_("This idea was withdrawn already."))
        if self.idea.state == Idea.State.ON_BALLOT:
            raise ValidationError(_("It is on the list for the vote: tell the city that you take it back."))

    def change(self) -> Idea:
        """Empty it."""
        self.idea.versions.all().delete()
        self.idea.title = self.idea.text = self.idea.place = ""
        self.idea.state = Idea.State.WITHDRAWN
        self.idea.save(update_fields=["title", "text", "place", "state"])
        return self.idea
