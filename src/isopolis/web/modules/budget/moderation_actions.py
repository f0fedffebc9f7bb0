"""Looking after what people write: reported, hidden by a rule of the house, appealed, shown again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from isopolis.web.actions import ValidationError
from isopolis.web.modules.comments.words import plain

from .ideas_actions import OfIdea
from .models import Decision, HouseRule, Idea, Notice

__all__ = ["AppealIdea", "HideIdea", "KeepIdea", "ReportIdea", "RestoreIdea"]

MOST_REPORTS_PER_DAY = 30
REASON_MOST = 300


@dataclass
class _OfModeration(OfIdea):
    """A change that is possible during and after the vote too."""

    def before_vote(self) -> bool:
        """Insults are hidden whenever they are found."""
        return False

    def waiting(self) -> Any:
        """Return reports and appeals that nobody has settled."""
        return self.idea.notices.filter(settled_at=None)


@dataclass
class ReportIdea(_OfModeration):
    """Tell the moderators that an idea should not be shown."""

    rule: str = ""
    text: str = ""
    verb: ClassVar[str] = "idea.report"
    permission: ClassVar[str] = "idea.report"
    sentence: ClassVar[str] = "{actor} reported idea {idea} of process {number}"

    def check(self) -> None:
        """Require a rule, an idea that is shown, and not too many reports at once."""
        super().check()
        self.text = plain(self.text)[:500]
        if self.rule not in HouseRule.values:
            raise ValidationError(_("Choose the rule of the house that it breaks."))
        if not self.idea.is_shown:
            raise ValidationError(_("This idea is not shown any more."))
        mine = Notice.objects.filter(by=self.actor, kind=Notice.Kind.REPORT)
        if mine.filter(idea=self.idea, settled_at=None).exists():
            raise ValidationError(_("You reported this idea already. A moderator will look at it."))
        if mine.filter(created_at__gt=self.at() - timedelta(days=1)).count() >= MOST_REPORTS_PER_DAY:
            raise ValidationError(_("You reported many ideas today. Go on tomorrow."))

    def change(self) -> Idea:
        """Keep the report."""
        _noted(self.idea, Notice.Kind.REPORT, self.actor, self.rule, self.text, self.at())
        return self.idea


def _noted(idea: Idea, kind: Any, by: Any, rule: str, text: str, at: Any) -> None:
    try:
        with transaction.atomic():
            Notice.objects.create(idea=idea, kind=kind, by=by, rule=rule, text=text, created_at=at)
    except IntegrityError:  # sent twice at the same moment
        return


@dataclass
class AppealIdea(_OfModeration):
    """Ask that an idea of one's own that was hidden is shown again."""

    text: str = ""
    verb: ClassVar[str] = "idea.appeal"
    permission: ClassVar[str] = "idea.appeal"
    sentence: ClassVar[str] = "{actor} asked that idea {idea} of process {number} is shown again"

    def check(self) -> None:
        """Require a hidden idea, words, and no appeal that waits."""
        super().check()
        self.text = plain(self.text)[:500]
        if self.idea.hidden_at is None:
            raise ValidationError(_("This idea is not hidden."))
        if not self.text:
            raise ValidationError(_("Say why it should be shown."))
        if self.waiting().filter(kind=Notice.Kind.APPEAL).exists():
            raise ValidationError(_("You asked already. A moderator will look at it."))

    def change(self) -> Idea:
        """Keep it for the moderators."""
        _noted(self.idea, Notice.Kind.APPEAL, self.actor, "", self.text, self.at())
        return self.idea


@dataclass
class _Decide(_OfModeration):
    """What a moderator decides stands in the public log, without anybody's name."""

    rule: str = ""
    reason: str = ""
    permission: ClassVar[str] = "idea.moderate"
    what: ClassVar[Any] = ""

    def check(self) -> None:
        """Require a reason, and an idea that is not one's own."""
        super().check()
        self.reason = plain(self.reason)[:REASON_MOST]
        if self.idea.belongs_to(self.actor):
            raise ValidationError(_("Nobody decides about an idea of their own: ask a colleague."))
        if not self.reason:
            raise ValidationError(_("Say why: the reason stands in the public log."))

    def logged(self) -> Idea:
        """Write the line of the log and settle what waited."""
        waiting = self.waiting()
        Decision.objects.create(
            idea=self.idea,
            what=self.what,
            rule=self.rule,
            reason=self.reason,
            reports=waiting.filter(kind=Notice.Kind.REPORT).count(),
            appeal=waiting.filter(kind=Notice.Kind.APPEAL).exists(),
            day=timezone.localtime(self.at()).date(),
        )
        waiting.update(settled_at=self.at())
        self.idea.save(update_fields=["hidden_at", "hidden_because"])
        return self.idea


@dataclass
class HideIdea(_Decide):
    """Take an idea out of sight by a rule of the house."""

    what: ClassVar[Any] = Decision.What.HIDDEN
    verb: ClassVar[str] = "idea.hide"
    sentence: ClassVar[str] = "{actor} hid idea {idea} of process {number}"

    def check(self) -> None:
        """Require a rule, and an idea that is shown."""
        super().check()
        if self.rule not in HouseRule.values:
            raise ValidationError(_("Choose the rule of the house that it breaks."))
        if not self.idea.is_shown:
            raise ValidationError(_("This idea is not shown any more."))

    def change(self) -> Idea:
        """Hide it."""
        self.idea.hidden_at, self.idea.hidden_because = self.at(), self.rule
        return self.logged()


@dataclass
class RestoreIdea(_Decide):
    """Show a hidden idea again."""

    what: ClassVar[Any] = Decision.What.RESTORED
    verb: ClassVar[str] = "idea.restore"
    sentence: ClassVar[str] = "{actor} let idea {idea} of process {number} be seen"

    def check(self) -> None:
        """Require one that is hidden."""
        super().check()
        if self.idea.hidden_at is None:
            raise ValidationError(_("This idea is not hidden."))

    def change(self) -> Idea:
        """Show it."""
        self.rule = ""
        self.idea.hidden_at, self.idea.hidden_because = None, ""
        return self.logged()


@dataclass
class KeepIdea(_Decide):
    """Leave an idea as it is, shown or hidden, and settle what was said about it."""

    what: ClassVar[Any] = Decision.What.KEPT
    verb: ClassVar[str] = "idea.keep"
    sentence: ClassVar[str] = "{actor} left idea {idea} of process {number} as it was"

    def check(self) -> None:
        """Require something to settle."""
        super().check()
        if not self.waiting().exists():
            raise ValidationError(_("Nothing waits for an answer here."))

    def change(self) -> Idea:
        """Settle."""
        self.rule = self.idea.hidden_because
        return self.logged()
