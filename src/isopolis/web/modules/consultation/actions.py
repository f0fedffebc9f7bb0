"""Changes that open a consultation, and what people say in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext as _

from isopolis.act import plan as act
from isopolis.web.actions import Action, ValidationError
from isopolis.web.languages import page_language
from isopolis.web.modules.actions import CreateProcess
from isopolis.web.modules.comments.words import plain
from isopolis.web.modules.models import Module, Participant, Process
from isopolis.web.plans.actions import _OfPlan
from isopolis.web.plans.models import ActionPlan
from isopolis.web.plans.shielding import shielded

from .limits import let_in
from .models import TEXT_MOST, Consultation, Point, Question

__all__ = ["Answer", "ChoosePlan", "OpenConsultation", "Said", "WithdrawPoint", "questions_of"]

SHORTEST, LONGEST = 7, 180
"""Days that a consultation may last; the first generation of the Urban Agenda took six weeks."""
MOST_POINTS_A_DAY = 100
ASKED = ("draft", "consulted")
"""States of an action in which it can be asked about."""


@dataclass
class Consulting(_OfPlan):
    """Write into the plan when the public is asked."""

    opens: Any = None
    closes: Any = None
    permission: ClassVar[str] = "consultation.manage"
    verb: ClassVar[str] = "plan.consult"
    sentence: ClassVar[str] = "{actor} set when the public is asked about plan {number}"

    def changed(self, plan: act.Plan) -> act.Plan:
        """Return the plan with the days."""
        days = act.Consultation(opens=self.opens, closes=self.closes)
        return act.consulting(plan, days, **self.by())


def public_copy(plan: act.Plan, workspace: Any) -> dict[str, Any]:
    """Return what people are asked about: the actions that are ready for it, nothing of the log."""
    asked = tuple(a for a in plan.actions if a.status in ASKED)
    shown = plan.model_copy(update={"actions": asked, "changes": (), "versions": ()})
    return act.to_plain(shielded(shown, workspace))


@dataclass
class OpenConsultation(CreateProcess):
    """Ask the public about a plan: a process with its dates, public at once."""

    row: ActionPlan | None = None
    description: str = ""
    closes: datetime | None = None
    now: datetime | None = None
    verb: ClassVar[str] = "consultation.open"
    permission: ClassVar[str] = "consultation.manage"
    sentence: ClassVar[str] = "{actor} opened a consultation as process {number}"

    def check(self) -> None:
        """Require a plan of this city with actions that can be asked about, a text, and days that can be."""
        super().check()
        row = self.row
        if row is None or row.workspace_id != self.workspace.pk:
            raise ValidationError(_("This belongs to another workspace."))
        wrong, now = [], self.now or timezone.now()
        if not any(a.status in ASKED for a in row.plan.actions):
            wrong.append(_("No action of this plan is a draft: bring at least one there first."))
        if not self.description.strip():
            wrong.append(_("Write what it is about: people decide by it whether to take part."))
        if self.start is None or self.closes is None:
            wrong.append(_("Give the first and the last day."))
        elif timezone.localtime(self.start).date() < timezone.localtime(now).date():
            wrong.append(_("The first day is over already."))
        elif not SHORTEST <= (self.closes - self.start).days <= LONGEST:
            said = _("A consultation lasts %(least)s to %(most)s days.")
            wrong.append(said % {"least": SHORTEST, "most": LONGEST})
        # a form that is sent twice must not ask people twice
        held = Consultation.objects.filter(plan=row).exclude(module__process__state=Process.State.DRAFT)
        if any(end > now for c in held for _start, end in c.module.windows("answer")):
            wrong.append(_("People can still answer: wait for the end."))
        if wrong:
            raise ValidationError(wrong)

    def change(self) -> Process:
        """Make the process, its questions, and publish it."""
        assert self.row is not None
        assert self.closes is not None
        made = super().change()
        module = made.module_set.get(kind="consultation")
        phases = module.phases()
        phases[0].ends_at = phases[1].starts_at = self.closes
        phases[1].ends_at = self.closes + timedelta(days=42)
        for phase in phases:
            phase.save()
        set_up(module, self.row)
        made.description, made.state = plain(self.description)[:8000], Process.State.PUBLISHED
        made.published_at = self.now or timezone.now()
        made.save()
        first = timezone.localtime(self.start).date()
        last = timezone.localtime(self.closes - timedelta(microseconds=1)).date()
        Consulting(self.actor, self.row.home, row=self.row, now=self.now, opens=first, closes=last).run()
        return made


def set_up(module: Module, row: ActionPlan) -> Consultation:
    """Tie a module to a plan, with one question for each action and one for the whole."""
    made = Consultation.objects.create(module=module, plan=row, shown=public_copy(row.plan, row.workspace))
    asked = act.read_plan(made.shown).actions
    texts = [(a.id, _("What do you think of this action? What should be different?")) for a in asked]
    texts.append(("", _("What do you want to say about the plan as a whole? What is missing?")))
    for position, (action, text) in enumerate(texts):
        Question.objects.create(consultation=made, action=action, text=text, position=position)
    return made


def questions_of(consultation: Consultation, action: str) -> list[Question]:
    """Return the questions on an action, or on the whole plan."""
    return list(Question.objects.filter(consultation=consultation, action=action))


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody answers to one question."""

    question: Question
    text: str = ""
    stance: str = ""


@dataclass
class Answer(Action):
    """Answer questions; `author` only where somebody wants the answer to be linked to the account."""

    workspace: Any
    consultation: Consultation
    said: Sequence[Said] = field(default_factory=tuple)
    linked: bool = False
    address: str = ""
    language: str = ""
    now: datetime | None = None
    verb: ClassVar[str] = "answer.add"
    permission: ClassVar[str] = "answer.add"
    sentence: ClassVar[str] = "Somebody answered in process {number}"

    def thing(self) -> Any:
        """Look at the module and its phases."""
        return self.consultation.module

    def check(self) -> None:
        """Require something said, questions of this consultation, and not too many answers at once."""
        if self.consultation.process.workspace_id != self.workspace.pk:
            raise ValidationError(_("This belongs to another workspace."))
        self.said = [Said(s.question, plain(s.text), s.stance) for s in self.said]
        self.said = [s for s in self.said if s.text or s.stance]
        if not self.said:
            raise ValidationError(_("Say something, or choose what you think of it."))
        if any(s.question.consultation_id != self.consultation.pk for s in self.said):
            raise ValidationError(_("This belongs to another consultation."))
        if any(s.stance not in Point.Stance.values for s in self.said):
            raise ValidationError(_("Choose one of the answers."))
        if any(len(s.text) > TEXT_MOST for s in self.said):
            raise ValidationError(
                _("This is too long: at most %(most)s characters are possible.") % {"most": TEXT_MOST}
            )
        self._who()

    def _who(self) -> None:
        at = self.now or timezone.now()
        self.author = None
        if self.linked:
            self.author = Participant.objects.filter(user=self.actor, workspace=self.workspace).first()
            if self.author is None:
                raise ValidationError(_("Choose to take part first, with a name that others see."))
            mine = Point.objects.filter(author=self.author, day=timezone.localtime(at).date())
            if mine.count() >= MOST_POINTS_A_DAY:
                raise ValidationError(_("You wrote many answers today. Send this one tomorrow."))
        else:
            let_in(self.consultation.pk, self.address, at)

    def change(self) -> list[Point]:
        """Keep one point for each question that was answered."""
        day = timezone.localtime(self.now or timezone.now()).date()
        return [
            Point.objects.create(
                consultation=self.consultation,
                question=s.question,
                action=s.question.action,
                stance=s.stance,
                text=s.text,
                language=(self.language or page_language())[:12],
                day=day,
                author=self.author,
            )
            for s in self.said
        ]

    def target(self, made: Any) -> str:
        """Name the process only: a time beside a number would tell whose answer it is."""
        return f"process:{self.consultation.process.pk}"

    def detail(self, made: Any) -> dict[str, str | int]:
        """Return the number of the process."""
        return {"number": self.consultation.process.number}


@dataclass
class WithdrawPoint(Action):
    """Take back an answer of one's own: its text goes, its place stays empty."""

    workspace: Any
    point: Point
    verb: ClassVar[str] = "answer.withdraw"
    permission: ClassVar[str] = "answer.withdraw"
    sentence: ClassVar[str] = "Somebody took an answer back in process {number}"

    def thing(self) -> Any:
        """Look at the point."""
        return self.point

    def check(self) -> None:
        """Require one that is still there."""
        if self.point.process.workspace_id != self.workspace.pk:
            raise ValidationError(_("This belongs to another workspace."))
        if self.point.withdrawn:
            raise ValidationError(_("This answer was taken back already."))

    def change(self) -> Point:
        """Empty it."""
        self.point.text = self.point.stance = ""
        self.point.withdrawn, self.point.topic = True, None
        self.point.save(update_fields=["text", "stance", "withdrawn", "topic"])
        return self.point

    def target(self, made: Any) -> str:
        """Name the process only."""
        return f"process:{self.point.process.pk}"

    def detail(self, made: Any) -> dict[str, str | int]:
        """Return the number of the process."""
        return {"number": self.point.process.number}


@dataclass
class ChoosePlan(Action):
    """Tie a consultation that was made from a blueprint to a plan."""

    workspace: Any
    module: Module
    row: ActionPlan
    verb: ClassVar[str] = "consultation.choose"
    permission: ClassVar[str] = "consultation.manage"
    sentence: ClassVar[str] = "{actor} chose the plan for process {number}"

    def check(self) -> None:
        """Require a module without plan and a plan of the same city with something to ask about."""
        if {self.module.process.workspace_id, self.row.workspace_id} != {self.workspace.pk}:
            raise ValidationError(_("This belongs to another workspace."))
        if Consultation.objects.filter(module=self.module).exists():
            raise ValidationError(_("This consultation has its plan already."))
        if not any(a.status in ASKED for a in self.row.plan.actions):
            raise ValidationError(_("No action of this plan is a draft: bring at least one there first."))

    def change(self) -> Consultation:
        """Keep it."""
        return set_up(self.module, self.row)

    def detail(self, made: Any) -> dict[str, str | int]:
        """Return the number of the process."""
        return {"number": self.module.process.number}
