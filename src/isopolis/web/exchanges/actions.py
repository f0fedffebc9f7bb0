"""Changes of exchanges: planned, dated, peers and visits, lessons, closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from isopolis.act.exchange import shipped_names
from isopolis.act.rules import shipped as rules_shipped
from isopolis.act.rules import wrong_facts
from isopolis.web.actions import Action, ValidationError
from isopolis.web.languages import said

from .findings import reading_at
from .models import IN_REACH, ExchangeLesson, ExchangePeer, ExchangePlan, ExchangeStep, ExchangeVisit

__all__ = [
    "AddLesson", "AddPeer", "AddVisit", "ChangeLesson", "CloseExchange", "DateSteps", "EditExchange",
    "LinkForm", "PlanExchange", "RemovePeer", "RemoveVisit", "StateFacts",
]  # fmt: skip

MOST = 500
MOST_LESSONS = 100


def _in_reach(*days: date | None) -> None:
    """Refuse days that can only be slips."""
    for day in days:
        for validate in IN_REACH if day is not None else ():
            validate(day)


@dataclass
class PlanExchange(Action):
    """Plan an exchange."""

    workspace: Any
    kind: str
    title: str
    started: date
    now: datetime | None = None
    verb: ClassVar[str] = "exchange.plan"
    permission: ClassVar[str] = "exchange.manage"
    sentence: ClassVar[str] = "{actor} planned exchange {number}"

    def check(self) -> None:
        """Require a known kind and a title."""
        if self.kind not in shipped_names():
            raise ValidationError(_("Choose one of the kinds of exchange."))
        if not self.title.strip():
            raise ValidationError(_("Give the exchange a title."))
        if ExchangePlan.objects.filter(workspace=self.workspace).count() >= MOST:
            raise ValidationError(_("There are too many exchanges here."))
        _in_reach(self.started)

    def change(self) -> ExchangePlan:
        """Keep it."""
        for _try in range(5):
            last = ExchangePlan.objects.filter(workspace=self.workspace).aggregate(n=Max("number"))["n"] or 0
            try:
                with transaction.atomic():
                    return ExchangePlan.objects.create(
                        workspace=self.workspace,
                        number=last + 1,
                        kind=self.kind,
                        title=self.title.strip()[:160],
                        started=self.started,
                        created_at=self.now or timezone.now(),
                        created_by=self.actor,
                    )
            except IntegrityError:  # somebody else took the number
                continue
        raise ValidationError(_("Somebody else is planning one at this moment. Try again."))

    def detail(self, made: ExchangePlan) -> dict[str, str | int]:
        """Its number in the city."""
        return {"number": made.number}


@dataclass
class _OfPlan(Action):
    """A change of one exchange of this workspace."""

    workspace: Any
    plan: ExchangePlan
    permission: ClassVar[str] = "exchange.manage"

    def check(self) -> None:
        """Require an exchange of this workspace."""
        if self.plan.workspace_id != self.workspace.pk:
            raise ValidationError(_("This belongs to another workspace."))
        # whoever changes the same exchange at this moment waits, so that the limits below hold
        self.plan = ExchangePlan.objects.select_for_update().select_related("workspace").get(pk=self.plan.pk)

    def detail(self, made: Any) -> dict[str, str | int]:
        """Its number in the city."""
        return {"number": self.plan.number}


@dataclass
class EditExchange(_OfPlan):
    """Change title and questions."""

    title: str
    questions: list[str]
    verb: ClassVar[str] = "exchange.edit"
    sentence: ClassVar[str] = "{actor} changed exchange {number}"

    def check(self) -> None:
        """Require a title, and no more questions than the workflow has."""
        super().check()
        if not self.title.strip():
            raise ValidationError(_("Give the exchange a title."))
        self.questions = [q.strip()[:2000] for q in self.questions if q.strip()]
        most = self.plan.workflow().questions
        if len(self.questions) > most:
            raise ValidationError(_("At most %(n)s questions.") % {"n": most})

    def change(self) -> ExchangePlan:
        """Keep both."""
        self.plan.title, self.plan.questions = self.title.strip()[:160], self.questions
        self.plan.save(update_fields=["title", "questions"])
        return self.plan


@dataclass
class StateFacts(_OfPlan):
    """State what the rules ask for and the plan itself does not tell; ``None`` takes a fact back."""

    facts: Mapping[str, Any]
    verb: ClassVar[str] = "exchange.state"
    sentence: ClassVar[str] = "{actor} stated facts for the rules of exchange {number}"

    def check(self) -> None:
        """Require facts that the rules know, of the right type."""
        super().check()
        ruled = self.plan.workflow().rules
        wrong = wrong_facts(rules_shipped(ruled).fields, self.facts) if ruled else []
        if wrong or not ruled:
            raise ValidationError([said(p.said()) for p in wrong] or _("This kind of exchange has no rules."))

    def change(self) -> ExchangePlan:
        """Keep them."""
        merged = self.plan.stated | dict(self.facts)
        self.plan.stated = {k: v for k, v in merged.items() if v is not None}
        self.plan.save(update_fields=["stated"])
        return self.plan


@dataclass
class AddPeer(_OfPlan):
    """Add a city."""

    name: str
    country: str = ""
    degurba: int | None = None
    article11: bool | None = None
    persons: int | None = None
    verb: ClassVar[str] = "exchange.add_peer"
    sentence: ClassVar[str] = "{actor} added a peer to exchange {number}"

    def check(self) -> None:
        """Require a name, and no more cities than the workflow has."""
        super().check()
        if not self.name.strip():
            raise ValidationError(_("Name the city."))
        most = self.plan.workflow().peers
        if self.plan.peers.count() >= most:
            raise ValidationError(_("This kind of exchange has at most %(n)s peers.") % {"n": most})

    def change(self) -> ExchangePeer:
        """Keep it."""
        return ExchangePeer.objects.create(
            exchange=self.plan,
            name=self.name.strip()[:120],
            country=self.country.strip().upper()[:2],
            degurba=self.degurba,
            article11=self.article11,
            persons=self.persons,
        )


@dataclass
class _Remove(_OfPlan):
    """Take a part of an exchange away."""

    part: Any

    def check(self) -> None:
        """Require a part of this exchange."""
        super().check()
        if self.part.exchange_id != self.plan.pk:
            raise ValidationError(_("This belongs to another exchange."))

    def change(self) -> ExchangePlan:
        """Delete it."""
        self.part.delete()
        return self.plan


@dataclass
class RemovePeer(_Remove):
    """Take a city away."""

    verb: ClassVar[str] = "exchange.remove_peer"
    sentence: ClassVar[str] = "{actor} took a peer from exchange {number}"


@dataclass
class RemoveVisit(_Remove):
    """Take a visit away."""

    verb: ClassVar[str] = "exchange.remove_visit"
    sentence: ClassVar[str] = "{actor} took a visit from exchange {number}"


@dataclass
class AddVisit(_OfPlan):
    """Add a visit."""

    start: date
    end: date
    place: str
    verb: ClassVar[str] = "exchange.add_visit"
    sentence: ClassVar[str] = "{actor} added a visit to exchange {number}"

    def check(self) -> None:
        """Require days in order, and no more visits than the workflow has."""
        super().check()
        _in_reach(self.start, self.end)
        if self.end < self.start:
            raise ValidationError(_("A visit ends on the day it begins or later."))
        most = self.plan.workflow().visits
        if self.plan.visits.count() >= most:
            raise ValidationError(_("This kind of exchange has at most %(n)s visits.") % {"n": most})

    def change(self) -> ExchangeVisit:
        """Keep it."""
        place = self.place.strip()[:120]
        return ExchangeVisit.objects.create(exchange=self.plan, start=self.start, end=self.end, place=place)


@dataclass
class DateSteps(_OfPlan):
    """Set for which day steps are planned and on which they were done."""

    dates: Mapping[str, tuple[date | None, date | None]]
    verb: ClassVar[str] = "exchange.date"
    sentence: ClassVar[str] = "{actor} set the days of exchange {number}"

    def check(self) -> None:
        """Require steps of the workflow."""
        super().check()
        _in_reach(*(day for pair in self.dates.values() for day in pair))
        if set(self.dates) - {s.id for s in self.plan.workflow().steps}:
            raise ValidationError(_("This kind of exchange has no such step."))

    def change(self) -> ExchangePlan:
        """Keep them."""
        for step, (planned, done) in self.dates.items():
            ExchangeStep.objects.update_or_create(
                exchange=self.plan, step=step, defaults={"planned": planned, "done": done}
            )
        return self.plan


@dataclass
class AddLesson(_OfPlan):
    """Write down what was learnt."""

    text: str
    learnt: date
    verb: ClassVar[str] = "exchange.learn"
    sentence: ClassVar[str] = "{actor} wrote down a lesson of exchange {number}"

    def check(self) -> None:
        """Require a text."""
        super().check()
        _in_reach(self.learnt)
        if not self.text.strip():
            raise ValidationError(_("Write down what was learnt."))
        if self.plan.lessons.count() >= MOST_LESSONS:
            raise ValidationError(_("There are too many lessons here."))

    def change(self) -> ExchangeLesson:
        """Keep it."""
        text = self.text.strip()[:4000]
        return ExchangeLesson.objects.create(exchange=self.plan, text=text, learnt=self.learnt)


@dataclass
class ChangeLesson(_OfPlan):
    """Record the change at home that came of a lesson, and an indicator before and after it.

    Attributes
    ----------
    before, after
        Addresses of pages of findings; empty where there is none.
    """

    lesson: ExchangeLesson
    text: str
    changed: date | None
    before: str = ""
    after: str = ""
    verb: ClassVar[str] = "exchange.follow"
    sentence: ClassVar[str] = "{actor} recorded what came of a lesson of exchange {number}"

    def check(self) -> None:
        """Require text and day together, a day after the lesson, and findings of this city."""
        super().check()
        if self.lesson.exchange_id != self.plan.pk:
            raise ValidationError(_("This belongs to another exchange."))
        self.text = self.text.strip()[:4000]
        if bool(self.text) != (self.changed is not None):
            raise ValidationError(_("A change has a text and a day: give both, or none."))
        _in_reach(self.changed)
        if self.changed is not None and self.changed < self.lesson.learnt:
            raise ValidationError(_("The change is older than the lesson."))
        if self.changed is None and (self.before or self.after):
            raise ValidationError(_("Say first what was changed, then which indicator shows it."))
        self.readings = [
            self._reading(kept, address)
            for kept, address in ((self.lesson.before, self.before), (self.lesson.after, self.after))
        ]

    def _reading(self, kept: Any, address: str) -> Any:
        """Return the numbers of a finding; those that were kept stay, even when its diagnosis is gone."""
        address = address.strip()
        if not address:
            return None
        if kept and address.endswith(kept["ref"]):
            return kept
        return reading_at(self.workspace, address)

    def change(self) -> ExchangeLesson:
        """Keep it."""
        self.lesson.change, self.lesson.changed = self.text, self.changed
        self.lesson.before, self.lesson.after = self.readings
        self.lesson.save(update_fields=["change", "changed", "before", "after"])
        return self.lesson


@dataclass
class CloseExchange(_OfPlan):
    """End an exchange, or take it up again; lessons are followed all the same."""

    day: date | None
    verb: ClassVar[str] = "exchange.close"
    sentence: ClassVar[str] = "{actor} ended exchange {number}, or took it up again"

    def check(self) -> None:
        """Require a day within reach, or none."""
        super().check()
        _in_reach(self.day)

    def change(self) -> ExchangePlan:
        """Keep the day."""
        self.plan.closed = self.day
        self.plan.save(update_fields=["closed"])
        return self.plan


@dataclass
class LinkForm(_OfPlan):
    """Join an exchange with the questionnaire that prepares its form."""

    sheet: Any
    verb: ClassVar[str] = "exchange.form"
    sentence: ClassVar[str] = "{actor} began the form of exchange {number}"

    def check(self) -> None:
        """Require a questionnaire of the same city."""
        super().check()
        if self.sheet.workspace_id != self.workspace.pk:
            raise ValidationError(_("This belongs to another workspace."))

    def change(self) -> ExchangePlan:
        """Keep it."""
        self.plan.form = self.sheet
        self.plan.save(update_fields=["form"])
        return self.plan
