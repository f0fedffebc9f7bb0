"""Putting accepted projects on the ballot, and opening the vote on them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext as _

from isopolis.model import CallError, DataError
from isopolis.web import ballots
from isopolis.web.actions import Action, ValidationError
from isopolis.web.ballots.models import LEAST, Vote
from isopolis.web.languages import said
from isopolis.web.modules.models import Process

from .models import Budget, Idea
from .voting_ballot import STATES, against_opening, card_of, question_of

__all__ = ["ChooseProjects", "OpenBudgetVote"]

SEED_LEAST = 4


@dataclass
class OfBudget(Action):
    """A change of one budget of this workspace."""

    workspace: Any
    budget: Budget
    permission: ClassVar[str] = "budget.ballot"

    def check(self) -> None:
        """Require a budget of this workspace."""
        if self.budget.module.process.workspace_id != self.workspace.pk:
            raise ValidationError(_("This belongs to another workspace."))

    def target(self, made: Any) -> str:
        """Name the module."""
        return f"module:{self.budget.module_id}"

    def detail(self, made: Any) -> dict[str, str | int]:
        """Number of the process in the city."""
        return {"number": self.budget.module.process.number}

    def locked(self) -> None:
        """Hold the budget against a second change, and require that nothing is voted on yet."""
        Budget.objects.select_for_update().get(pk=self.budget.pk)
        if Vote.objects.filter(module_id=self.budget.module_id).exists():
            raise ValidationError(_("What is voted on here stands already and cannot be changed."))


@dataclass
class ChooseProjects(OfBudget):
    """Say which of the accepted projects are on the ballot; the others need a reason, which is published."""

    numbers: Collection[int]
    reason: str = ""
    verb: ClassVar[str] = "budget.choose"
    sentence: ClassVar[str] = "{actor} put {count} projects on the ballot of process {number}"

    def check(self) -> None:
        """Require accepted projects, and a reason where one is left out."""
        super().check()
        self.locked()
        self.ideas = list(self.budget.ideas.select_for_update().filter(state__in=STATES).order_by("pk"))
        known = {i.number for i in self.ideas}
        if set(self.numbers) - known:
            raise ValidationError(_("Only accepted projects can be put on the ballot."))
        self.left_out = [i for i in self.ideas if i.number not in set(self.numbers)]
        self.reason = self.reason.strip()[:2000]
        if self.left_out and not self.reason:
            raise ValidationError(_("Write why accepted projects are left out. The reason is published."))

    def change(self) -> Budget:
        """Keep state and reason."""
        outside = {i.pk for i in self.left_out}
        for idea in self.ideas:
            out = idea.pk in outside
            idea.state = Idea.State.ACCEPTED if out else Idea.State.ON_BALLOT
            idea.reason = self.reason if out else ""
            idea.save(update_fields=["state", "reason"])
        return self.budget

    def detail(self, made: Any) -> dict[str, str | int]:
        """How many."""
        return super().detail(made) | {"count": len(set(self.numbers))}


@dataclass
class OpenBudgetVote(OfBudget):
    """Fix projects, ballot and rule with a lot drawn in public; from then on none of it can be changed."""

    seed: str
    least: int = LEAST
    now: datetime | None = None
    verb: ClassVar[str] = "budget.open_vote"
    sentence: ClassVar[str] = "{actor} opened the vote on the projects of process {number}"

    def check(self) -> None:
        """Require a public process, everything in its place, and a lot."""
        super().check()
        self.locked()
        wrong = against_opening(self.budget)
        if self.budget.module.process.state != Process.State.PUBLISHED:
            wrong.append(_("Publish the process first: residents have to see what they vote on."))
        self.seed = " ".join(self.seed.replace("\0", "").split())[:200]
        if len(self.seed) < SEED_LEAST:
            wrong.append(_("Write what was drawn in public: at least four figures or letters."))
        if wrong:
            raise ValidationError(wrong)

    def change(self) -> Vote:
        """Open it."""
        try:
            question = question_of(self.budget, self.seed)
        except DataError as error:
            raise ValidationError([said(p.said()) for p in error.problems]) from None
        except CallError as error:
            raise ValidationError(said(error.args[0])) from None
        return ballots.open_vote(
            self.actor, self.budget.module, card_of(self.budget, self.seed), question,
            least=self.least, now=self.now or timezone.now(),
        )  # fmt: skip
