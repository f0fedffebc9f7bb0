"""What an action plan is made of: the fields of an Urban Agenda action, frozen, with "not stated" as a state.

An empty text, an empty list or None says "not stated"; nothing is ever filled in with zero.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

__all__ = [
    "DECISIONS", "EVIDENCE_KINDS", "PROGRESS", "STATES", "Action", "Activity", "Change", "Consultation",
    "Evidence", "Indicator", "Milestone", "Output", "Plan", "Resources", "Response", "Version",
]  # fmt: skip

STATES = ("proposal", "draft", "consulted", "final", "running", "done", "dropped")
"""States of an action in their usual order; `dropped` can follow any but `done`."""

PROGRESS = ("low", "mid", "advanced")
DECISIONS = ("taken_up", "in_part", "not_taken_up")
EVIDENCE_KINDS = ("finding", "record", "input", "peer", "document")

State = Literal["proposal", "draft", "consulted", "final", "running", "done", "dropped"]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$")]
Short = Annotated[str, StringConstraints(max_length=300)]
Long = Annotated[str, StringConstraints(max_length=8000)]
Address = Annotated[str, StringConstraints(max_length=1000, pattern=r"^(https?://[^\s]+)?$")]
Number = Annotated[float, Field(allow_inf_nan=False)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
PillarId = Annotated[str, StringConstraints(pattern=r"^pillar:[a-z0-9_-]+$")]


class _Frozen(BaseModel):
    """A part of a plan: nothing unknown in it, nothing that changes."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Activity(_Frozen):
    """Something that is done in an action: what, by whom, when (as people say it)."""

    text: Long
    who: Short = ""
    when: Short = ""


class Output(_Frozen):
    """What an action hands over; `kind` is free: guide, dataset, proposal for a law."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    kind: Short = ""
    due: date | None = None
    delivered: date | None = None
    url: Address = ""


class Milestone(_Frozen):
    """A day that was planned, and the day on which it happened."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    planned: date
    actual: date | None = None

    def slip(self, today: date) -> int | None:
        """Days later than planned; negative is early; None while it is not yet due."""
        if self.actual is not None:
            return (self.actual - self.planned).days
        return (today - self.planned).days if today > self.planned else None


class Resources(_Frozen):
    """Money and people; None is "not stated", which is not nothing."""

    text: Long = ""
    amount: Amount | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^([A-Z]{3})?$")] = ""
    staff_fte: Amount | None = None
    source: Short = ""

    @property
    def stated(self) -> bool:
        """True when anything at all is said."""
        return bool(self.text) or self.amount is not None or self.staff_fte is not None

    @model_validator(mode="after")
    def _money_has_a_currency(self) -> Resources:
        if self.amount is not None and not self.currency:
            raise ValueError("an amount needs a currency of three letters, such as EUR")
        return self


class Indicator(_Frozen):
    """How one will know: where it stood, where it should stand, where it stands."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    unit: Short = ""
    finding: Short = ""
    baseline: Number | None = None
    baseline_date: Short = ""
    target: Number | None = None
    target_date: date | None = None
    latest: Number | None = None
    latest_date: date | None = None


class Evidence(_Frozen):
    """Why an action is there: a finding, a record of the library, what residents said, a peer, a document."""

    kind: Literal["finding", "record", "input", "peer", "document"]
    ref: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    title: Short = ""
    why: Long = ""
    url: Address = ""


class Response(_Frozen):
    """A point raised in the consultation, in the words of the city, and what became of it."""

    point: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    raised_by: Annotated[int, Field(ge=1)] | None = None
    decision: Literal["", "taken_up", "in_part", "not_taken_up"] = ""
    why: Long = ""

    @property
    def answered(self) -> bool:
        """True when it is decided, and said why."""
        return bool(self.decision and self.why)


class Action(_Frozen):
    """One action in the fields of the Urban Agenda for the EU.

    Parameters
    ----------
    pillar : str
        Id of the vocabulary (``pillar:knowledge``); an action in no pillar is refused.
    secondary_pillars : tuple of str
    theme, groups, links : str, tuples of str
        Ids of the vocabulary; `links` are the cross-cutting issues in free words.
    measure_type : str
        Id of the vocabulary: targeted at a group, universal, or both; empty while undecided.
    bottleneck : str
        What stands in the way; actions with the same words stand together in the tree.
    status : str
        One of `STATES`; changed by `moved` only.
    source : str
        Record of the library that the proposal was made from.
    """

    id: Name
    title: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    pillar: PillarId
    secondary_pillars: tuple[PillarId, ...] = ()
    theme: Short = ""
    measure_type: Short = ""
    bottleneck: Long = ""
    groups: tuple[Short, ...] = ()
    objective: Long = ""
    existing_policies: tuple[Long, ...] = ()
    gap: Long = ""
    activities: tuple[Activity, ...] = ()
    outputs: tuple[Output, ...] = ()
    leader: Short = ""
    partners: tuple[Short, ...] = ()
    start: date | None = None
    end: date | None = None
    milestones: tuple[Milestone, ...] = ()
    resources: Resources = Resources()
    indicators: tuple[Indicator, ...] = ()
    risks: tuple[Long, ...] = ()
    links: tuple[Short, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    responses: tuple[Response, ...] = ()
    small_scale_test: bool = False
    source: Short = ""
    status: State = "proposal"
    progress: Literal["", "low", "mid", "advanced"] = ""
    last_update: date | None = None


class Consultation(_Frozen):
    """When the public was asked, and where; answers of single people are never part of a plan."""

    opens: date
    closes: date
    where: Short = ""


class Change(_Frozen):
    """Who changed what, when and why; `action` is empty for a change of the plan itself.

    `what` names a field, or ``status``, ``added``, ``removed``, ``version``. Both values are plain JSON.
    """

    when: datetime
    who: Short
    action: Short = ""
    what: Short
    before: Any = None
    after: Any = None
    why: Long = ""


class Version(_Frozen):
    """A state of the plan that was shown to people, and what its actions were then."""

    number: Annotated[int, Field(ge=1)]
    when: datetime
    who: Short
    note: Short = ""
    states: dict[str, str] = {}


class Plan(_Frozen):
    """A city's or a partnership's action plan.

    Parameters
    ----------
    definition : str
        Version of the definition of a "City of Equality" that it goes by.
    diagnosis : str
        Which diagnosis it was drafted from, if it was.
    """

    title: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    place: Short = ""
    note: Long = ""
    definition: Short = ""
    diagnosis: Short = ""
    actions: tuple[Action, ...] = ()
    consultation: Consultation | None = None
    changes: tuple[Change, ...] = ()
    versions: tuple[Version, ...] = ()

    def action(self, name: str) -> Action | None:
        """Return the action of this id."""
        return next((a for a in self.actions if a.id == name), None)
