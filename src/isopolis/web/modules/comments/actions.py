"""Changes of comments: written, changed, deleted, reported, hidden and shown again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from isopolis.web.actions import Action, ValidationError
from isopolis.web.modules.models import Module, Participant

from .models import TEXT_MOST, Comment, CommentVersion, Report
from .words import plain

__all__ = ["AddComment", "DeleteComment", "EditComment", "HideComment", "ReportComment", "ShowComment"]

MOST_PER_TEN_MINUTES = 5
MOST_PER_DAY = 60
MOST_REPORTS_PER_DAY = 30


@dataclass
class _OfComment(Action):
    """A change of one comment of this workspace."""

    workspace: Any
    comment: Comment
    now: datetime | None = None

    def thing(self) -> Any:
        """Look at the comment."""
        return self.comment

    def check(self) -> None:
        """Require a comment of this workspace."""
        if self.comment.module.process.workspace_id != self.workspace.pk:
            raise ValidationError(_("This belongs to another workspace."))

    def at(self) -> datetime:
        """Return when it happens."""
        return self.now or timezone.now()


@dataclass
class AddComment(Action):
    """Write a comment, or an answer to one."""

    workspace: Any
    module: Module
    text: str
    language: str
    parent: Comment | None = None
    now: datetime | None = None
    verb: ClassVar[str] = "comment.add"
    permission: ClassVar[str] = "comment.add"
    sentence: ClassVar[str] = "{actor} wrote a comment"

    def thing(self) -> Any:
        """Look at the module and its phases."""
        return self.module

    def check(self) -> None:
        """Require a text, a name to show, a parent that can be answered, and not too many at once."""
        if self.module.process.workspace_id != self.workspace.pk:
            raise ValidationError(_("This belongs to another workspace."))
        self.text = _checked(self.text)
        self.author = Participant.objects.filter(user=self.actor, workspace=self.workspace).first()
        if self.author is None:
            raise ValidationError(_("Choose to take part first, with a name that others see."))
        if self.parent is not None and self.parent.module_id != self.module.pk:
            raise ValidationError(_("This belongs to another discussion."))
        if self.parent is not None and not self.parent.is_shown:
            raise ValidationError(_("What you answer is not there any more."))
        self._not_too_many()

    def _not_too_many(self) -> None:
        now = self.now or timezone.now()
        mine = Comment.objects.filter(author=self.author)
        if mine.filter(created_at__gt=now - timedelta(minutes=10)).count() >= MOST_PER_TEN_MINUTES:
            raise ValidationError(
                _("You wrote several comments just now. Wait ten minutes, then send this one.")
            )
        if mine.filter(created_at__gt=now - timedelta(days=1)).count() >= MOST_PER_DAY:
            raise ValidationError(_("You wrote many comments today. Send this one tomorrow."))

    def change(self) -> Comment:
        """Keep it; an answer to an answer goes under the same comment."""
        above = self.parent
        if above is not None and above.parent_id is not None:
            above = above.parent
        return Comment.objects.create(
            module=self.module,
            parent=above,
            author=self.author,
            from_staff=self.workspace.role_of(self.actor) in ("owner", "participation_officer", "moderator"),
            text=self.text,
            language=self.language[:12],
            created_at=self.now or timezone.now(),
        )


@dataclass
class EditComment(_OfComment):
    """Change a comment of one's own; what it said before is kept."""

    text: str = ""
    verb: ClassVar[str] = "comment.edit"
    permission: ClassVar[str] = "comment.edit"
    sentence: ClassVar[str] = "{actor} changed a comment"

    def check(self) -> None:
        """Require a text."""
        super().check()
        self.text = _checked(self.text)

    def change(self) -> Comment:
        """Keep the old text as a version, then the new one."""
        CommentVersion.objects.create(comment=self.comment, text=self.comment.text, until=self.at())
        self.comment.text, self.comment.edited_at = self.text, self.at()
        self.comment.save(update_fields=["text", "edited_at"])
        return self.comment


@dataclass
class DeleteComment(_OfComment):
    """Delete a comment of one's own: its text and its earlier versions go, the answers stay."""

    verb: ClassVar[str] = "comment.delete"
    permission: ClassVar[str] = "comment.delete"
    sentence: ClassVar[str] = "{actor} deleted a comment"

    def check(self) -> None:
        """Require one that is still there."""
        super().check()
        if self.comment.deleted_at is not None:
            raise ValidationError(_("This comment was deleted already."))

    def change(self) -> Comment:
        """Empty it."""
        self.comment.versions.all().delete()
        self.comment.text, self.comment.deleted_at = "", self.at()
        self.comment.save(update_fields=["text", "deleted_at"])
        return self.comment


@dataclass
class ReportComment(_OfComment):
    """Tell the moderators that a comment should not be there."""

    reason: str = ""
    verb: ClassVar[str] = "comment.report"
    permission: ClassVar[str] = "comment.report"
    sentence: ClassVar[str] = "{actor} reported a comment"

    def check(self) -> None:
        """Require a reason, a comment that is shown, and not too many reports at once."""
        super().check()
        self.reason = plain(self.reason)[:500]
        if not self.reason:
            raise ValidationError(_("Say what is wrong with it."))
        if not self.comment.is_shown:
            raise ValidationError(_("This comment is not shown any more."))
        mine = Report.objects.filter(by=self.actor)
        if mine.filter(comment=self.comment).exists():
            raise ValidationError(_("You reported this comment already. A moderator will look at it."))
        if mine.filter(created_at__gt=self.at() - timedelta(days=1)).count() >= MOST_REPORTS_PER_DAY:
            raise ValidationError(_("You reported many comments today. Go on tomorrow."))

    def change(self) -> Report:
        """Keep the report."""
        try:
            with transaction.atomic():
                return Report.objects.create(
                    comment=self.comment, by=self.actor, reason=self.reason, created_at=self.at()
                )
        except IntegrityError:  # sent twice at the same moment
            return Report.objects.get(comment=self.comment, by=self.actor)


@dataclass
class HideComment(_OfComment):
    """Take a comment out of sight, with a reason that everybody reads in its place."""

    reason: str = ""
    verb: ClassVar[str] = "comment.hide"
    permission: ClassVar[str] = "comment.moderate"
    sentence: ClassVar[str] = "{actor} hid a comment"

    def check(self) -> None:
        """Require a reason and a comment that is shown."""
        super().check()
        self.reason = plain(self.reason)[:300]
        if not self.reason:
            raise ValidationError(_("Say why: the reason is shown in the place of the comment."))
        if not self.comment.is_shown:
            raise ValidationError(_("This comment is not shown any more."))

    def change(self) -> Comment:
        """Hide it and settle its reports."""
        self.comment.hidden_at, self.comment.hidden_because = self.at(), self.reason
        self.comment.save(update_fields=["hidden_at", "hidden_because"])
        self.comment.reports.filter(settled_at=None).update(settled_at=self.at())
        return self.comment


@dataclass
class ShowComment(_OfComment):
    """Show a comment again, or settle reports of one that stays."""

    verb: ClassVar[str] = "comment.show"
    permission: ClassVar[str] = "comment.moderate"
    sentence: ClassVar[str] = "{actor} let a comment be seen"

    def check(self) -> None:
        """Require one that its author did not delete."""
        super().check()
        if self.comment.deleted_at is not None:
            raise ValidationError(_("Its author deleted this comment; it cannot be shown again."))

    def change(self) -> Comment:
        """Show it and settle its reports."""
        self.comment.hidden_at, self.comment.hidden_because = None, ""
        self.comment.save(update_fields=["hidden_at", "hidden_because"])
        self.comment.reports.filter(settled_at=None).update(settled_at=self.at())
        return self.comment


def _checked(text: str) -> str:
    cleaned = plain(text)
    if not cleaned:
        raise ValidationError(_("Write something."))
    if len(cleaned) > TEXT_MOST:
        said = _("This is too long: it has %(length)s characters, at most %(most)s are possible.")
        raise ValidationError(said % {"length": len(cleaned), "most": TEXT_MOST})
    return cleaned
