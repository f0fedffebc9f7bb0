"""What the city does with what people said: topics, decisions with reasons, paper entries, publication."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext as _

from isopolis.act import plan as act
from isopolis.web.actions import Action, ValidationError
from isopolis.web.modules.comments.words import plain
from isopolis.web.plans.actions import _OfPlan
from isopolis.web.plans.models import ActionPlan

from .models import TEXT_MOST, Consultation, Point, Question, Topic
from .publishing import frozen, published_topics, standing

__all__ = [
    "EditQuestion", "EnterOffline", "PublishAnswers", "PutUnder", "SetAside", "WriteTopic", "open_points",
    "unanswered",
]  # fmt: skip

MOST_TOPICS = 500


def unanswered(consultation: Consultation) -> Any:
    """Return the points that nobody has answered yet: without topic, or under one that is not decided."""
    return standing(consultation).exclude(topic__in=_answered(consultation))


def _answered(consultation: Consultation) -> set[int]:
    return {t.pk for t in consultation.topic_set.all() if t.answered}


def open_points(consultation: Consultation) -> dict[str, int]:
    """Count, by action, what keeps it from becoming final: points without answer, topics not decided.

    An answer counts once it is published.
    """
    out: dict[str, int] = {}
    readable = _answered(consultation) & published_topics(consultation)
    waiting = standing(consultation).exclude(topic__in=readable)
    for action in waiting.values_list("action", flat=True):
        out[action] = out.get(action, 0) + 1
    return out


@dataclass
class _OfConsultation(Action):
    """A change by the city of one consultation."""

    workspace: Any
    consultation: Consultation
    permission: ClassVar[str] = "consultation.manage"

    def check(self) -> None:
        """Require a consultation of this city."""
        if self.consultation.process.workspace_id != self.workspace.pk:
            raise ValidationError(_("This belongs to another workspace."))

    def detail(self, made: Any) -> dict[str, str | int]:
        """Return the number of the process."""
        return {"number": self.consultation.process.number}

    def target(self, made: Any) -> str:
        """Name the process only."""
        return f"process:{self.consultation.process.pk}"

    def own_topic(self, topic: Topic | None) -> None:
        """Require a topic of this consultation."""
        if topic is not None and topic.consultation_id != self.consultation.pk:
            raise ValidationError(_("This belongs to another consultation."))

    def own_points(self, points: Sequence[Point]) -> None:
        """Require points of this consultation."""
        if any(p.consultation_id != self.consultation.pk for p in points):
            raise ValidationError(_("This belongs to another consultation."))

    def known_action(self, action: str) -> None:
        """Require an action that people were asked about, or none."""
        if action and act.read_plan(self.consultation.shown).action(action) is None:
            raise ValidationError(_("People were not asked about this action."))


@dataclass
class EditQuestion(_OfConsultation):
    """Change what is asked, before anybody has answered."""

    question: Question | None = None
    text: str = ""
    verb: ClassVar[str] = "consultation.question"
    sentence: ClassVar[str] = "{actor} changed a question of process {number}"

    def check(self) -> None:
        """Require a text, and nobody's answer to the old one."""
        super().check()
        if self.question is None or self.question.consultation_id != self.consultation.pk:
            raise ValidationError(_("This belongs to another consultation."))
        self.text = " ".join(plain(self.text).split())[:500]
        if not self.text:
            raise ValidationError(_("Write a question."))
        if Point.objects.filter(question=self.question).exists():
            raise ValidationError(_("Somebody has answered this question already; it stays as it is."))

    def change(self) -> Question:
        """Keep it."""
        assert self.question is not None
        self.question.text = self.text
        self.question.save(update_fields=["text"])
        return self.question


@dataclass
class EnterOffline(_OfConsultation):
    """Write down what somebody said on paper, by telephone or at a meeting."""

    action: str = ""
    text: str = ""
    stance: str = ""
    channel: str = ""
    day: date | None = None
    now: datetime | None = None
    verb: ClassVar[str] = "consultation.offline"
    sentence: ClassVar[str] = "{actor} entered an answer that came offline in process {number}"

    def check(self) -> None:
        """Require something said, a way by which it came, and a day that was."""
        super().check()
        self.text = plain(self.text)[:TEXT_MOST]
        today = timezone.localtime(self.now or timezone.now()).date()
        self.day = self.day or today
        if not self.text and not self.stance:
            raise ValidationError(_("Write what was said, or choose what the person thinks of it."))
        if self.channel not in Point.Channel.values or self.channel == "online":
            raise ValidationError(_("Choose the way by which it came."))
        if self.stance not in Point.Stance.values:
            raise ValidationError(_("Choose one of the answers."))
        if self.day > today:
            raise ValidationError(_("This day is still to come."))
        self.known_action(self.action)

    def change(self) -> Point:
        """Keep it like any other, with its channel."""
        asked = Question.objects.filter(consultation=self.consultation, action=self.action).first()
        return Point.objects.create(
            consultation=self.consultation, question=asked, action=self.action, stance=self.stance,
            text=self.text, channel=self.channel, day=self.day,
        )  # fmt: skip


@dataclass
class WriteTopic(_OfConsultation):
    """Write a topic: what people say in the city's words, what becomes of it, and why."""

    topic: Topic | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    verb: ClassVar[str] = "consultation.topic"
    sentence: ClassVar[str] = "{actor} wrote an answer in process {number}"

    def check(self) -> None:
        """Require a summary, and a reason for what is decided."""
        super().check()
        self.own_topic(self.topic)
        said = {k: plain(self.fields.get(k, "")) for k in ("summary", "decision", "why", "action")}
        self.said = said | {"summary": said["summary"][:2000], "why": said["why"][:4000]}
        if not said["summary"]:
            raise ValidationError(_("Write the point in your own words."))
        if said["decision"] not in Topic.Decision.values:
            raise ValidationError(_("Choose whether it is taken up."))
        if said["decision"] and not said["why"]:
            raise ValidationError(_("Say why: the reason is published with the answer."))
        if self.topic is None and self.consultation.topic_set.count() >= MOST_TOPICS:
            raise ValidationError(_("There are many topics here already. Use one of them."))
        self.known_action(said["action"])
        held = Point.objects.filter(topic=self.topic) if self.topic is not None else Point.objects.none()
        if said["action"] and held.exclude(action=said["action"]).exists():
            raise ValidationError(_("This topic is about another action."))

    def change(self) -> Topic:
        """Keep it."""
        topic = self.topic or Topic(consultation=self.consultation)
        for name, value in self.said.items():
            setattr(topic, name, value)
        topic.save()
        return topic


@dataclass
class PutUnder(_OfConsultation):
    """Put points under a topic."""

    topic: Topic | None = None
    points: Sequence[Point] = ()
    verb: ClassVar[str] = "consultation.sort"
    sentence: ClassVar[str] = "{actor} sorted answers of process {number}"

    def check(self) -> None:
        """Require points and a topic of this consultation, about the same action."""
        super().check()
        self.own_topic(self.topic)
        self.own_points(self.points)
        if not self.points:
            raise ValidationError(_("Choose at least one answer."))
        topic = self.topic
        if topic is not None and any(topic.action and p.action != topic.action for p in self.points):
            raise ValidationError(_("This topic is about another action."))

    def change(self) -> Any:
        """Keep it."""
        Point.objects.filter(pk__in=[p.pk for p in self.points]).update(topic=self.topic)
        return self.consultation


@dataclass
class SetAside(_OfConsultation):
    """Say why a point needs no answer: nothing in it, an insult, sent twice. Empty takes it back."""

    point: Point | None = None
    why: str = ""
    verb: ClassVar[str] = "consultation.aside"
    sentence: ClassVar[str] = "{actor} set an answer aside in process {number}"

    def check(self) -> None:
        """Require a point of this consultation."""
        super().check()
        if self.point is None:
            raise ValidationError(_("Choose at least one answer."))
        self.own_points([self.point])

    def change(self) -> Any:
        """Keep the reason."""
        Point.objects.filter(pk=self.point.pk).update(set_aside=plain(self.why)[:300], topic=None)  # type: ignore[union-attr]
        return self.consultation


@dataclass
class TakeResponses(_OfPlan):
    """Write the answers of all consultations on a plan into it; `before` is what stood there of this one."""

    consultation: Consultation | None = None
    before: Mapping[str, Any] | None = None
    permission: ClassVar[str] = "consultation.manage"
    verb: ClassVar[str] = "plan.responses"
    sentence: ClassVar[str] = "{actor} wrote the answers of the consultation into plan {number}"

    def changed(self, plan: act.Plan) -> act.Plan:
        """Return the plan with the answers to each action; what somebody wrote there by hand stays."""
        assert self.consultation is not None
        held = Consultation.objects.filter(plan=self.consultation.plan_id, published__isnull=False)
        told = [r for c in held.order_by("pk") for r in c.published["responses"]]
        old = (self.before or {}).get("responses", ())
        for action in plan.actions:
            mine = [r for r in told if r["action"] == action.id]
            known = {r["point"] for r in (*mine, *old) if r["action"] == action.id}
            answers: list[Any] = [{k: r[k] for k in ("point", "decision", "why")} for r in mine]
            answers += [r for r in action.responses if r.point not in known]
            plan = act.edited(plan, action.id, {"responses": answers}, **self.by())
        return plan


@dataclass
class PublishAnswers(_OfConsultation):
    """Show everybody what people said, in topics, and the answer to each; possible when none is missing."""

    now: datetime | None = None
    verb: ClassVar[str] = "consultation.publish"
    sentence: ClassVar[str] = "{actor} published the answers to process {number}"

    def check(self) -> None:
        """Require the end of the phase and an answer to every point."""
        super().check()
        now = self.now or timezone.now()
        wrong = []
        if any(end > now for _start, end in self.consultation.module.windows("answer")):
            wrong.append(_("People can still answer: wait for the end."))
        left = unanswered(self.consultation).count()
        if left:
            wrong.append(_("%(n)s answers of people have no answer of the city yet.") % {"n": left})
        if any(not t.answered for t in self.consultation.topic_set.all()):
            wrong.append(_("A topic is not decided, or does not say why."))
        if wrong:
            raise ValidationError(wrong)

    def change(self) -> Consultation:
        """Publish, and write the answers into the plan."""
        before = self.consultation.published
        self.consultation.answers_published_at = self.now or timezone.now()
        self.consultation.published = frozen(self.consultation)
        self.consultation.save(update_fields=["answers_published_at", "published"])
        # as it is now: the one that was fetched along may be older
        row = ActionPlan.objects.get(pk=self.consultation.plan_id)
        TakeResponses(
            self.actor, row.home, row=row, now=self.now, consultation=self.consultation, before=before
        ).run()
        return self.consultation
