"""Changes of plans. Each writes who and when into the plan's log, a line without words into the audit log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from isopolis.act import plan as act
from isopolis.model import CallError, DataError
from isopolis.web.actions import Action, ValidationError
from isopolis.web.languages import page_language, said
from isopolis.web.partnerships.models import Partnership
from isopolis.web.work.models import Job

from .drafting import draft_from
from .models import ActionPlan
from .shielding import shielded
from .showing import paper_of
from .standing import facts, label, words_of

__all__ = [
    "AddAction", "CreatePlan", "DraftPlan", "EditAction", "EditPlan", "FinaliseAction", "MoveAction",
    "PublishPlan", "RemoveAction", "WithdrawPlan", "moving", "unpublishable",
]  # fmt: skip

MOST_PLANS = 200
MOST_ACTIONS = 200
LARGEST = 4_000_000
"""Characters of JSON that a plan may have with its log."""


@dataclass
class _AtHome(Action):
    """A change in a city or in a partnership; who may it is asked of the one that it is in."""

    home_of: Any
    now: datetime | None = None
    permission: ClassVar[str] = "plan.manage"

    def __post_init__(self) -> None:
        partner = isinstance(self.home_of, Partnership)
        self.workspace = None if partner else self.home_of
        self.partnership = self.home_of if partner else None
        if partner:
            self.permission = "partnership.manage"  # type: ignore[misc]

    def at(self) -> datetime:
        """Return when it happens."""
        return self.now or timezone.now()

    def by(self) -> dict[str, Any]:
        """Return what the plan's log says of it: a number, never a name."""
        return {"who": f"account:{self.actor.pk}", "when": self.at()}

    def detail(self, made: Any) -> dict[str, str | int]:
        """Return the number of the plan."""
        return {"number": made.number}


@dataclass
class CreatePlan(_AtHome):
    """Make an empty plan."""

    title: str = ""
    verb: ClassVar[str] = "plan.create"
    sentence: ClassVar[str] = "{actor} made plan {number}"

    def check(self) -> None:
        """Require a title, and not too many plans."""
        self.title = " ".join(self.title.split())[:300]
        if not self.title:
            raise ValidationError(_("Give the plan a title."))
        if self.all().count() >= MOST_PLANS:
            raise ValidationError(_("There are many plans here already. Change one of them."))

    def all(self) -> Any:
        """Return the plans at this place."""
        return ActionPlan.objects.filter(workspace=self.workspace, partnership=self.partnership)

    def content(self) -> act.Plan:
        """Return what the plan begins with."""
        return act.Plan(title=self.title, place=self.home_of.name)

    def change(self) -> ActionPlan:
        """Keep it under the next number."""
        plan = self.content()
        for _try in range(5):
            number = (self.all().aggregate(n=Max("number"))["n"] or 0) + 1
            try:
                with transaction.atomic():
                    return ActionPlan.objects.create(
                        workspace=self.workspace, partnership=self.partnership, number=number,
                        title=plan.title, content=act.to_plain(plan), changed_at=self.at(),
                    )  # fmt: skip
            except IntegrityError:  # somebody else took the number
                continue
        raise ValidationError(_("Somebody else is making a plan at this moment. Try again."))


@dataclass
class DraftPlan(CreatePlan):
    """Draft a plan from a diagnosis: the measures of the library that fit its largest gaps."""

    job: Job | None = None
    verb: ClassVar[str] = "plan.draft"
    sentence: ClassVar[str] = "{actor} drafted plan {number} from a diagnosis"

    def check(self) -> None:
        """Require a finished diagnosis of this city."""
        super().check()
        if self.workspace is None or self.job is None or self.job.workspace_id != self.workspace.pk:
            raise ValidationError(_("This belongs to another workspace."))
        if self.job.kind != "diagnose" or self.job.state != Job.State.DONE:
            raise ValidationError(_("Only a finished diagnosis can be drafted from."))

    def content(self) -> act.Plan:
        """Return the draft, in the language of the page."""
        assert self.job is not None
        return draft_from(self.job, self.title, page_language())


@dataclass
class _OfPlan(_AtHome):
    """A change of one plan; `revision` is that of the page which the change was made on."""

    row: Any = None
    revision: int | None = None

    def check(self) -> None:
        """Require a plan of this place, which nobody has changed meanwhile, and a change that can be."""
        own = (self.row.workspace_id, self.row.partnership_id)
        if own != (getattr(self.workspace, "pk", None), getattr(self.partnership, "pk", None)):
            raise ValidationError(_("This belongs to another workspace."))
        if self.revision is not None and self.revision != self.row.revision:
            raise ValidationError(_meanwhile())
        try:
            self.made = self.changed(self.row.plan)
        except DataError as error:
            raise ValidationError([said(p.message) for p in error.problems]) from None
        except CallError as error:
            raise ValidationError(str(error)) from None

    def changed(self, plan: act.Plan) -> act.Plan:
        """Return the plan after the change."""
        raise NotImplementedError

    def change(self) -> ActionPlan:
        """Keep it, unless somebody else was faster."""
        content = act.to_plain(self.made)
        if len(str(content)) > LARGEST:
            raise ValidationError(_("The plan is too large. Make a second one."))
        before = self.row.revision
        kept = ActionPlan.objects.filter(pk=self.row.pk, revision=before).update(
            content=content, title=self.made.title, revision=before + 1, changed_at=self.at(), **self.more()
        )
        if kept != 1:
            raise ValidationError(_meanwhile())
        return ActionPlan.objects.get(pk=self.row.pk)

    def more(self) -> dict[str, Any]:
        """Return further columns that change with it."""
        return {}


def _meanwhile() -> str:
    return _("Somebody else changed the plan meanwhile. Look at it as it is now, then change it again.")


@dataclass
class EditPlan(_OfPlan):
    """Change what a plan says of itself."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    verb: ClassVar[str] = "plan.edit"
    sentence: ClassVar[str] = "{actor} edited plan {number}"

    def changed(self, plan: act.Plan) -> act.Plan:
        """Return the plan with other words."""
        return act.renamed(plan, self.fields, **self.by())


@dataclass
class AddAction(_OfPlan):
    """Put an action into a plan, as a proposal."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    verb: ClassVar[str] = "plan.action.add"
    sentence: ClassVar[str] = "{actor} added an action to plan {number}"

    def changed(self, plan: act.Plan) -> act.Plan:
        """Return the plan with one more action, under the next free number."""
        if len(plan.actions) >= MOST_ACTIONS:
            raise ValidationError(_("There are many actions in this plan already."))
        taken = {a.id for a in plan.actions} | {c.action for c in plan.changes}
        self.name = next(f"a{n}" for n in range(1, len(taken) + 2) if f"a{n}" not in taken)
        made = act.read_plan({"title": "x", "actions": [{**self.fields, "id": self.name}]}).actions[0]
        return act.added(plan, made.model_copy(update={"status": "proposal"}), **self.by())


@dataclass
class _OfAction(_OfPlan):
    """A change of one action."""

    name: str = ""


@dataclass
class EditAction(_OfAction):
    """Change fields of an action."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    verb: ClassVar[str] = "plan.action.edit"
    sentence: ClassVar[str] = "{actor} edited an action of plan {number}"

    def changed(self, plan: act.Plan) -> act.Plan:
        """Return the plan with other words in one action."""
        return act.edited(plan, self.name, self.fields, **self.by())


@dataclass
class RemoveAction(_OfAction):
    """Take a proposal out."""

    verb: ClassVar[str] = "plan.action.remove"
    sentence: ClassVar[str] = "{actor} took a proposal out of plan {number}"

    def changed(self, plan: act.Plan) -> act.Plan:
        """Return the plan without it."""
        return act.removed(plan, self.name, **self.by())


@dataclass
class MoveAction(_OfAction):
    """Move an action to another state, when nothing speaks against it."""

    to: str = ""
    why: str = ""
    verb: ClassVar[str] = "plan.action.move"
    sentence: ClassVar[str] = "{actor} moved an action of plan {number} to “{state}”"
    words: ClassVar[Mapping[str, Callable[[str], Any]]] = {"state": lambda code: said(act.state_name(code))}

    def check(self) -> None:
        """Require a state that is not kept for owners."""
        if self.to == "final" and not isinstance(self, FinaliseAction):
            raise ValidationError(_("Only an owner makes an action final."))
        super().check()

    def changed(self, plan: act.Plan) -> act.Plan:
        """Return the plan with the action in its new state."""
        return act.moved(plan, self.name, self.to, facts(self.row, self.at()), **self.by(), why=self.why)

    def detail(self, made: Any) -> dict[str, str | int]:
        """Return the number of the plan and the state."""
        return {"number": made.number, "state": self.to}


@dataclass
class FinaliseAction(MoveAction):
    """Make an action final, once every point of the consultation has its answer."""

    permission: ClassVar[str] = "plan.finalise"
    verb: ClassVar[str] = "plan.action.finalise"
    sentence: ClassVar[str] = "{actor} made an action of plan {number} final"


def moving(to: str) -> Callable[..., MoveAction]:
    """Return the change that moves an action to the state `to`."""
    return FinaliseAction if to == "final" else MoveAction


@dataclass
class PublishPlan(_OfPlan):
    """Show the plan to everybody, as it is now, under a new version."""

    note: str = ""
    permission: ClassVar[str] = "plan.finalise"
    verb: ClassVar[str] = "plan.publish"
    sentence: ClassVar[str] = "{actor} published plan {number}"

    def check(self) -> None:
        """Require that every action is final, or dropped."""
        reasons = unpublishable(self.row.plan)
        if reasons:
            raise ValidationError(reasons)
        super().check()

    def changed(self, plan: act.Plan) -> act.Plan:
        """Return the plan with its new version."""
        return act.versioned(plan, **self.by(), note=self.note[:300])

    def run(self) -> Any:
        """Make the PDF first: it takes seconds, in which nobody else should have to wait."""
        self.paper = None
        if not unpublishable(self.row.plan):
            today, names = timezone.localtime(self.at()).date(), label(words_of(self.row.workspace))
            self.paper = paper_of(self.public(self.row.plan), today, names)
        return super().run()

    def more(self) -> dict[str, Any]:
        """Keep what everybody sees."""
        public = act.to_plain(self.public(self.made))
        return {"public": public, "paper": self.paper, "published_at": self.at()}

    def public(self, plan: act.Plan) -> act.Plan:
        """Return what everybody sees: nobody's name, and no figure that is not public."""
        return shielded(nameless(plan), self.workspace)


def nameless(plan: act.Plan) -> act.Plan:
    """Return a plan without its log and without who made its versions."""
    versions = tuple(v.model_copy(update={"who": ""}) for v in plan.versions)
    return plan.model_copy(update={"changes": (), "versions": versions})


def unpublishable(plan: act.Plan) -> list[str]:
    """Say why a plan cannot be public yet."""
    standing = [a for a in plan.actions if a.status != "dropped"]
    waiting = [a.id for a in standing if a.status not in ("final", "running", "done")]
    if not standing:
        return [_("There is no action in it that is not dropped.")]
    if waiting:
        said_so = _("These actions are not final yet: %(actions)s.")
        return [said_so % {"actions": ", ".join(waiting)}]
    return []


@dataclass
class WithdrawPlan(_OfPlan):
    """Take the public page away."""

    permission: ClassVar[str] = "plan.finalise"
    verb: ClassVar[str] = "plan.withdraw"
    sentence: ClassVar[str] = "{actor} took plan {number} from the public"

    def check(self) -> None:
        """Require one that is public."""
        if self.row.published_at is None:
            raise ValidationError(_("This plan is not public."))
        super().check()

    def changed(self, plan: act.Plan) -> act.Plan:
        """Return the plan as it is."""
        return plan

    def more(self) -> dict[str, Any]:
        """Empty the public page."""
        return {"public": None, "paper": None, "published_at": None}
