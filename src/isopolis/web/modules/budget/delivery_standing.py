"""How far a funded project is, out of its steps: late by the calendar, even where nobody has said so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from .models import Idea, Milestone

__all__ = ["STANDS", "Standing", "Step", "standing_of", "step_of"]

STANDS = {
    "unplanned": _("no steps yet"),
    "planned": _("planned"),
    "running": _("under way"),
    "late": _("late"),
    "built": _("built"),
    "stopped": _("stopped"),
}
"""How a project stands, in words."""

State: Any = Milestone.State


@dataclass(frozen=True, slots=True)
class Step:
    """A step as it stands today; `overdue` where its day is over and no reason was given."""

    row: Milestone
    state: str
    overdue: bool

    @property
    def shown(self) -> Any:
        """Say how far it is."""
        return dict(State.choices)[self.state]


@dataclass(frozen=True, slots=True)
class Standing:
    """A project as it stands today.

    Parameters
    ----------
    idea : Idea
    stands : str
        One of `STANDS`.
    steps : tuple of Step
        By planned day.
    reached : int
    spent : int
        Units, over all steps.
    next : Step or None
        The first that is neither reached nor stopped.
    reason : str
        What was published about a delay or a stop, the newest one.
    """

    idea: Idea
    stands: str
    steps: tuple[Step, ...]
    reached: int
    spent: int
    next: Step | None
    reason: str

    @property
    def shown(self) -> Any:
        """Say how it stands."""
        return STANDS[self.stands]

    @property
    def too_much(self) -> bool:
        """Whether more was spent than it was to cost."""
        return self.idea.cost is not None and self.spent > self.idea.cost


def step_of(row: Milestone, today: date) -> Step:
    """Judge one step by the calendar."""
    waits = row.state in (State.PLANNED, State.RUNNING)
    overdue = waits and row.planned_on is not None and row.planned_on < today
    return Step(row, State.LATE if overdue else row.state, overdue)


def standing_of(idea: Idea, rows: Sequence[Milestone], today: date) -> Standing:
    """Judge a project by its steps."""
    ordered = sorted(rows, key=lambda r: (r.planned_on or date.max, r.position, r.pk))
    steps = tuple(step_of(r, today) for r in ordered)
    states = [s.state for s in steps]
    told = [s.row for s in steps if s.state in (State.LATE, State.STOPPED) and s.row.note]
    newest = max(told, key=lambda r: (r.state == State.STOPPED, r.planned_on or date.max), default=None)
    return Standing(
        idea=idea,
        stands=_stands(states),
        steps=steps,
        reached=states.count(State.REACHED),
        spent=sum(r.spent for r in rows),
        next=next((s for s in steps if s.state not in (State.REACHED, State.STOPPED)), None),
        reason=newest.note if newest is not None else "",
    )


def _stands(states: Sequence[str]) -> str:
    if not states:
        return "unplanned"
    if State.STOPPED in states:
        return "stopped"
    if all(s == State.REACHED for s in states):
        return "built"
    if State.LATE in states:
        return "late"
    return "running" if {State.RUNNING, State.REACHED} & set(states) else "planned"
