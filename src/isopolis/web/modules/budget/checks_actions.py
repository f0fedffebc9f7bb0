"""What the city does with an idea: checks with reasons, time to repair, and a decision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from isopolis.web.actions import ValidationError
from isopolis.web.modules.comments.words import plain
from isopolis.web.modules.models import Process

from .ideas_actions import OfIdea
from .models import Check, Idea
from .money import shown, units_of

__all__ = [
    "AcceptIdea",
    "AskRepair",
    "CheckIdea",
    "MergeIdea",
    "RefuseIdea",
    "ReopenIdea",
    "lacking",
    "latest",
]

REASON_MOST = 2000


def latest(idea: Idea) -> dict[str, Check]:
    """Return the last check of each kind."""
    return {c.kind: c for c in idea.checks.order_by("at", "pk")}


def lacking(idea: Idea) -> list[str]:
    """Say everything that keeps an idea from being accepted."""
    held, budget = latest(idea), idea.budget
    wrong = []
    for kind, name in Check.Kind.choices:
        if kind not in held:
            wrong.append(_("Not checked yet: %(kind)s") % {"kind": name})
        elif held[kind].verdict != Check.Verdict.PASSED:
            wrong.append(_("Did not pass: %(kind)s") % {"kind": name})
    if idea.hidden_at is not None:
        wrong.append(_("A moderator hid this idea."))
    most = budget.most_each or budget.money
    if idea.cost and most and idea.cost > most:
        told = _("It costs more than one project can cost: at most %(most)s.")
        wrong.append(told % {"most": shown(most, budget.scale, budget.currency)})
    return wrong


@dataclass
class _OfCheck(OfIdea):
    """A change by the city of one idea that waits for it."""

    permission: ClassVar[str] = "idea.check"
    allowed: ClassVar[tuple[str, ...]] = ("submitted", "in_check")

    def check(self) -> None:
        """Require an idea in the right state, of a public process, that is not one's own."""
        super().check()
        if self.idea.process.state != Process.State.PUBLISHED:
            raise ValidationError(_("This process is not open."))
        if self.idea.belongs_to(self.actor):
            raise ValidationError(_("Nobody checks an idea of their own: ask a colleague."))
        if self.idea.state not in self.allowed:
            told = _("This is not possible now: the idea is %(state)s.")
            raise ValidationError(told % {"state": self.idea.get_state_display()})


def reason_of(text: str, why: str) -> str:
    """Return a reason for everybody to read; `why` says that it is needed."""
    kept = plain(text)
    if not kept:
        raise ValidationError(why)
    if len(kept) > REASON_MOST:
        told = _("This is too long: it has %(length)s characters, at most %(most)s are possible.")
        raise ValidationError(told % {"length": len(kept), "most": REASON_MOST})
    return kept


@dataclass
class CheckIdea(_OfCheck):
    """Write down what a check found, for everybody to read."""

    kind: str = ""
    verdict: str = ""
    reasons: str = ""
    cost: Decimal | None = None
    verb: ClassVar[str] = "idea.check"
    sentence: ClassVar[str] = "{actor} checked idea {idea} of process {number} ({kind} {verdict})"
    words: ClassVar[Mapping[str, Callable[[str], Any]]] = {
        "kind": lambda code: Check.Kind(code).label,
        "verdict": lambda code: Check.Verdict(code).label,
    }

    def check(self) -> None:
        """Require a kind, a verdict, a cost where it was estimated, and reasons for whatever is no yes."""
        super().check()
        wrong: list[str] = []
        if self.kind not in Check.Kind.values:
            wrong.append(_("Choose what was checked."))
        if self.verdict not in Check.Verdict.values:
            wrong.append(_("Choose what came of it."))
        self.reasons = plain(self.reasons)
        if self.verdict != "passed" and not self.reasons:
            wrong.append(_("Say why, in plain words: the reasons are published."))
        if len(self.reasons) > REASON_MOST:
            told = _("The reasons are too long: at most %(most)s characters.")
            wrong.append(told % {"most": REASON_MOST})
        self.units = self._units(wrong)
        if wrong:
            raise ValidationError(wrong)

    def _units(self, wrong: list[str]) -> int | None:
        if self.kind != "cost":
            if self.cost is not None:
                wrong.append(_("A cost belongs to the check of the cost."))
            return None
        if self.cost is None:
            if self.verdict == "passed":
                wrong.append(_("Write what it costs: people vote on this amount."))
            return None
        try:
            units = units_of(self.cost, self.idea.budget.scale)
        except ValidationError as error:
            wrong += error.messages
            return None
        if units < 1:
            wrong.append(_("A project costs more than nothing."))
        return units

    def change(self) -> Idea:
        """Keep the check beside earlier ones."""
        Check.objects.create(
            idea=self.idea, kind=self.kind, verdict=self.verdict, reasons=self.reasons,
            round=self.idea.repairs, by=self.actor, at=self.at(),
        )  # fmt: skip
        self.idea.state = Idea.State.IN_CHECK
        if self.kind == "cost" and self.units is not None:
            self.idea.cost = self.units
        self.idea.save(update_fields=["state", "cost"])
        return self.idea

    def detail(self, made: Any) -> dict[str, str | int]:
        """What was checked, and what came of it."""
        return super().detail(made) | {"kind": self.kind, "verdict": self.verdict}


@dataclass
class AskRepair(_OfCheck):
    """Ask whoever proposed an idea to mend it until a day; asked again, the day moves."""

    until: datetime | None = None
    reason: str = ""
    allowed: ClassVar[tuple[str, ...]] = ("submitted", "in_check", "repair")
    verb: ClassVar[str] = "idea.ask_repair"
    sentence: ClassVar[str] = "{actor} asked for a repair of idea {idea} of process {number}"

    def check(self) -> None:
        """Require what is to be mended, and a day in a phase in which ideas can be mended."""
        super().check()
        self.reason = reason_of(self.reason, _("Say what has to be mended, in plain words."))
        if self.until is None or self.until <= self.at():
            raise ValidationError(_("Choose a day that is still to come."))
        spans = [*self.idea.windows("propose"), *self.idea.windows("repair")]
        last = max((end for _start, end in spans), default=None)
        if last is None or self.until > last:
            raise ValidationError(
                _("Ideas can be mended until the end of the phase of the checks only: choose an earlier day, "
                  "or give the phase more time.")
            )  # fmt: skip

    def change(self) -> Idea:
        """Open the window."""
        self.idea.state, self.idea.reason = Idea.State.REPAIR, self.reason
        self.idea.repair_until = self.until
        self.idea.save(update_fields=["state", "reason", "repair_until"])
        return self.idea


@dataclass
class AcceptIdea(_OfCheck):
    """Accept an idea: it will be on the ballot."""

    allowed: ClassVar[tuple[str, ...]] = ("in_check",)
    verb: ClassVar[str] = "idea.accept"
    sentence: ClassVar[str] = "{actor} accepted idea {idea} of process {number}"

    def check(self) -> None:
        """Require that every check was passed."""
        super().check()
        wrong = lacking(self.idea)
        if wrong:
            raise ValidationError(wrong)

    def change(self) -> Idea:
        """Accept."""
        return _decided(self.idea, Idea.State.ACCEPTED, "", self.at())


def _decided(idea: Idea, state: Any, reason: str, at: datetime) -> Idea:
    idea.state, idea.reason, idea.decided_at, idea.repair_until = state, reason, at, None
    idea.save(update_fields=["state", "reason", "decided_at", "repair_until", "merged_into"])
    return idea


@dataclass
class RefuseIdea(_OfCheck):
    """Refuse an idea with a reason that everybody reads; never while it can still be repaired."""

    reason: str = ""
    allowed: ClassVar[tuple[str, ...]] = ("submitted", "in_check", "repair", "accepted")
    verb: ClassVar[str] = "idea.refuse"
    sentence: ClassVar[str] = "{actor} refused idea {idea} of process {number}"

    def check(self) -> None:
        """Require a reason, and the end of the time to repair."""
        super().check()
        _repair_over(self.idea, self.at())
        self.reason = reason_of(self.reason, _("Say why, in plain words: the reason is published."))

    def change(self) -> Idea:
        """Refuse."""
        return _decided(self.idea, Idea.State.REFUSED, self.reason, self.at())


def _repair_over(idea: Idea, now: datetime) -> None:
    if idea.state == Idea.State.REPAIR and idea.repair_until is not None and now < idea.repair_until:
        raise ValidationError(_("It can still be repaired: wait for the end of the time that was given."))


@dataclass
class MergeIdea(_OfCheck):
    """Join an idea to another one of the same budget."""

    into: Idea | None = None
    reason: str = ""
    allowed: ClassVar[tuple[str, ...]] = ("submitted", "in_check", "repair", "accepted")
    verb: ClassVar[str] = "idea.merge"
    sentence: ClassVar[str] = "{actor} merged idea {idea} of process {number} into another one"

    def check(self) -> None:
        """Require another idea that goes on, and a reason."""
        super().check()
        _repair_over(self.idea, self.at())
        into = self.into
        if into is None or into.budget_id != self.idea.budget_id or into.pk == self.idea.pk:
            raise ValidationError(_("Write the number of another idea of this budget."))
        into.refresh_from_db()
        if not into.is_shown or into.state in (Idea.State.REFUSED, Idea.State.MERGED):
            raise ValidationError(_("The other idea does not go on. Choose one that does."))
        self.reason = reason_of(self.reason, _("Say why, in plain words: the reason is published."))

    def change(self) -> Idea:
        """Merge; what was merged into it before goes along."""
        self.idea.merged_into = self.into
        self.idea.merged.update(merged_into=self.into)
        return _decided(self.idea, Idea.State.MERGED, self.reason, self.at())


@dataclass
class ReopenIdea(_OfCheck):
    """Take a decision back, with a reason: the idea is being checked again."""

    reason: str = ""
    allowed: ClassVar[tuple[str, ...]] = ("accepted", "refused", "merged")
    verb: ClassVar[str] = "idea.reopen"
    sentence: ClassVar[str] = "{actor} reopened idea {idea} of process {number}"

    def check(self) -> None:
        """Require a reason."""
        super().check()
        self.reason = reason_of(self.reason, _("Say why, in plain words: the reason is published."))

    def change(self) -> Idea:
        """Reopen."""
        self.idea.merged_into = None
        self.idea.state, self.idea.reason, self.idea.decided_at = Idea.State.IN_CHECK, self.reason, None
        self.idea.save(update_fields=["state", "reason", "decided_at", "merged_into"])
        return self.idea
