"""Steps of funded projects: planned, reached, late or stopped with a reason that everybody can read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from isopolis.web.actions import ValidationError

from .models import Idea, Milestone
from .money import MONEY_MOST
from .voting_actions import OfBudget

__all__ = ["STEPS_MOST", "SaveStep"]

STEPS_MOST = 60
State: Any = Milestone.State


@dataclass
class SaveStep(OfBudget):
    """Plan a step of a funded project, or say how far one is."""

    idea: Idea
    what: str
    planned_on: date | None
    state: str = State.PLANNED
    reached_on: date | None = None
    spent: int = 0
    note: str = ""
    step: Milestone | None = None
    now: datetime | None = field(default=None, kw_only=True)
    permission: ClassVar[str] = "delivery.manage"
    verb: ClassVar[str] = "delivery.step"
    sentence: ClassVar[str] = "{actor} wrote down a step ({state}) of project {project} in process {number}"
    words: ClassVar[Mapping[str, Callable[[str], Any]]] = {"state": lambda code: Milestone.State(code).label}

    def check(self) -> None:
        """Require a funded project of this budget, and a step that says everything that it must."""
        super().check()
        if self.idea.budget_id != self.budget.pk or not self.idea.won:
            raise ValidationError(_("Only what the vote has funded has steps."))
        if self.step is not None and self.step.idea_id != self.idea.pk:
            raise ValidationError(_("This step belongs to another project."))
        self.at = self.now or timezone.now()
        self.what, self.note = self.what.strip()[:200], self.note.strip()[:1000]
        wrong = [*self._days(), *self._rest()]
        if wrong:
            raise ValidationError(wrong)

    def _days(self) -> list[str]:
        wrong, today = [], timezone.localtime(self.at).date()
        if self.planned_on is None:
            wrong.append(_("Write for which day it is planned."))
        if self.state == State.REACHED:
            self.reached_on = self.reached_on or today
            if self.reached_on > today:
                wrong.append(_("A step cannot be reached on a day that is still to come."))
        else:
            self.reached_on = None
        return wrong

    def _rest(self) -> list[str]:
        wrong = []
        if not self.what:
            wrong.append(_("Write what the step is."))
        if self.state not in State.values:
            wrong.append(_("Choose how far the step is."))
        if self.state in (State.LATE, State.STOPPED) and not self.note:
            wrong.append(_("Write why it is late or stopped. The reason is published."))
        if not 0 <= self.spent <= MONEY_MOST:
            wrong.append(_("This amount is not possible."))
        if self.step is None and self.idea.milestones.count() >= STEPS_MOST:
            wrong.append(_("A project has at most %(n)s steps.") % {"n": STEPS_MOST})
        return wrong

    def change(self) -> Milestone:
        """Keep it."""
        row = self.step or Milestone(idea=self.idea, position=self._next())
        row.what, row.planned_on, row.reached_on = self.what, self.planned_on, self.reached_on
        row.state, row.spent, row.note, row.changed_at = self.state, self.spent, self.note, self.at
        row.save()
        return row

    def _next(self) -> int:
        last: int = self.idea.milestones.aggregate(n=Max("position"))["n"] or 0
        return last + 1

    def detail(self, made: Milestone) -> dict[str, str | int]:
        """Which project, and how far."""
        return super().detail(made) | {"project": self.idea.number, "state": made.state}
