"""Changes by members: comments on the paper, answers to surveys, calendar links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from isopolis.act.partnership import answer_problems
from isopolis.web.actions import Action, ValidationError
from isopolis.web.modules.comments.words import plain
from isopolis.web.partnerships.models import Partnership
from isopolis.web.workspaces.invitations import digest_of, fresh_token

from .models import Comment, FeedKey, HubItem, SurveyAnswer

__all__ = [
    "AnswerComment",
    "AnswerSurvey",
    "CommentPaper",
    "DeleteComment",
    "MakeFeed",
    "StopFeed",
    "feed_of",
]

AT_ONCE, WHILE = 10, timedelta(minutes=10)
"""Comments that one person may write in a while."""


@dataclass
class _InHub(Action):
    """A change that a member makes in a partnership."""

    partnership: Partnership

    def same(self, thing: Any) -> None:
        """Refuse what belongs to another partnership."""
        if thing.partnership_id != self.partnership.pk:
            raise ValidationError(_("This belongs to another partnership."))

    def detail(self, made: Any) -> dict[str, str | int]:
        """Number of the partnership."""
        return {"partnership": str(self.partnership.pk)}


@dataclass
class CommentPaper(_InHub):
    """Say something about a version of the paper, or about one of its sections."""

    row: HubItem
    version: str
    section: str
    text: str
    verb: ClassVar[str] = "hub.comment"
    permission: ClassVar[str] = "hub.comment"
    sentence: ClassVar[str] = gettext_noop("{actor} commented on the paper of partnership {partnership}")

    def check(self) -> None:
        """Require a text, a version and section that exist, and some rest between comments."""
        self.same(self.row)
        # the paper may be renamed or removed at this moment, and its comments go with it
        row = HubItem.objects.select_for_update().filter(pk=self.row.pk, kind="paper").first()
        self.row, version = row or self.row, row and row.record().version(self.version)
        if version is None or (self.section and self.section not in {s.key for s in version.sections}):
            raise ValidationError(_("This part of the paper is not there any more."))
        self.text = plain(self.text)
        if not self.text or len(self.text) > 4000:
            raise ValidationError(_("Write something, at most 4,000 characters."))
        mine = Comment.objects.filter(author=self.actor, created_at__gt=timezone.now() - WHILE)
        if mine.count() >= AT_ONCE:
            raise ValidationError(_("You have written a lot in a short time. Wait some minutes."))
        self.number = version.number

    def change(self) -> Comment:
        """Keep it."""
        return Comment.objects.create(
            partnership=self.partnership,
            paper=self.row.key,
            version=self.number,
            section=self.section,
            author=self.actor,
            text=self.text,
        )


@dataclass
class AnswerComment(_InHub):
    """Answer a comment as coordinator; every comment is to have one."""

    comment: Comment
    text: str
    verb: ClassVar[str] = "hub.answer_comment"
    permission: ClassVar[str] = "partnership.manage"
    sentence: ClassVar[str] = gettext_noop("{actor} answered a comment in partnership {partnership}")

    def check(self) -> None:
        """Require a text and a comment of this partnership."""
        self.same(self.comment)
        self.text = plain(self.text)
        if not self.text or len(self.text) > 4000:
            raise ValidationError(_("Write something, at most 4,000 characters."))

    def change(self) -> Comment:
        """Keep it."""
        self.comment.answer, self.comment.answered_at = self.text, timezone.now()
        self.comment.save(update_fields=["answer", "answered_at"])
        return self.comment


@dataclass
class DeleteComment(_InHub):
    """Take back one's own comment."""

    comment: Comment
    verb: ClassVar[str] = "hub.delete_comment"
    permission: ClassVar[str] = "hub.own"
    sentence: ClassVar[str] = gettext_noop("{actor} deleted a comment in partnership {partnership}")

    def thing(self) -> Any:
        """Look at whose comment it is."""
        return self.comment

    def check(self) -> None:
        """Require a comment of this partnership."""
        self.same(self.comment)

    def change(self) -> Comment:
        """Delete it, keeping its number for the log."""
        number = self.comment.pk
        self.comment.delete()
        self.comment.pk = number
        return self.comment


@dataclass
class AnswerSurvey(_InHub):
    """Answer a survey of the partnership for one's organisation; a second answer replaces the first."""

    row: HubItem
    member: str
    answers: Mapping[str, tuple[str, ...]]
    today: date | None = None
    verb: ClassVar[str] = "hub.answer_survey"
    permission: ClassVar[str] = "hub.answer"
    sentence: ClassVar[str] = gettext_noop("{actor} answered a survey of partnership {partnership}")

    def check(self) -> None:
        """Require an open survey of this partnership, a name, and answers that fit."""
        self.same(self.row)
        if self.row.kind != "survey":
            raise ValidationError(_("This belongs to another partnership."))
        survey = self.row.record()
        if not survey.open_on(self.today or timezone.localdate()):
            raise ValidationError(_("This survey is not open."))
        self.member = " ".join(plain(self.member).split())[:120]
        if not self.member:
            raise ValidationError(_("Say for which member you answer."))
        # options are compared with those of the survey; only texts are what somebody wrote
        texts = {q.key for q in survey.questions if q.kind == "text"}
        self.answers = {
            k: tuple(filter(None, map(plain, v))) if k in texts else tuple(v) for k, v in self.answers.items()
        }
        if wrong := answer_problems(survey, self.answers):
            raise ValidationError(wrong)

    def change(self) -> SurveyAnswer:
        """Keep it."""
        made, _fresh = SurveyAnswer.objects.update_or_create(
            item=self.row,
            user=self.actor,
            defaults={
                "member": self.member,
                "answers": {k: list(v) for k, v in self.answers.items() if v},
            },
        )
        return made


@dataclass
class MakeFeed(_InHub):
    """Make a secret link to the calendar; the one before ends. `token` holds it afterwards."""

    verb: ClassVar[str] = "hub.make_feed"
    permission: ClassVar[str] = "hub.read"
    sentence: ClassVar[str] = gettext_noop("{actor} made a calendar link for partnership {partnership}")

    def change(self) -> FeedKey:
        """Keep the hash."""
        self.token, digest = fresh_token()
        made, _fresh = FeedKey.objects.update_or_create(
            partnership=self.partnership, user=self.actor, defaults={"digest": digest}
        )
        return made


@dataclass
class StopFeed(Action):
    """End one's calendar link."""

    partnership: Partnership
    verb: ClassVar[str] = "hub.stop_feed"
    permission: ClassVar[str] = "hub.read"
    sentence: ClassVar[str] = gettext_noop("{actor} ended a calendar link for {target}")

    def change(self) -> Partnership:
        """Forget the hash."""
        FeedKey.objects.filter(partnership=self.partnership, user=self.actor).delete()
        return self.partnership


def feed_of(token: str) -> FeedKey | None:
    """Return what a secret link opens; None when it is unknown or was ended."""
    return FeedKey.objects.select_related("partnership", "user").filter(digest=digest_of(token)).first()
