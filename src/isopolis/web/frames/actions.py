"""Changes of questionnaires: begun, filled in, finished, shared for medians, imported, thrown away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from isopolis.act.frames import Answer, Frame, shipped_names, to_plain, wrong_answers
from isopolis.act.rules import said_as
from isopolis.model.text import phrase
from isopolis.web.actions import Action, ValidationError
from isopolis.web.languages import said

from .kept import as_json, frame_of, is_scheme, known_term, tidied
from .models import OwnFrame, Sheet

__all__ = ["AnswerSection", "BeginSheet", "CloseSheet", "ImportFrame", "RemoveSheet", "ShareSheet"]

MOST_SHEETS = 500
MOST_OWN = 50


@dataclass
class BeginSheet(Action):
    """Begin a questionnaire."""

    workspace: Any
    key: str
    title: str = ""
    now: datetime | None = None
    verb: ClassVar[str] = "sheet.begin"
    permission: ClassVar[str] = "frames.answer"
    sentence: ClassVar[str] = "{actor} began questionnaire {number}"

    def check(self) -> None:
        """Require a questionnaire that is offered here."""
        frame = frame_of(self.workspace, self.key)
        if frame is None:
            raise ValidationError(_("Choose one of the questionnaires."))
        self.frame: Frame = frame
        if Sheet.objects.filter(workspace=self.workspace).count() >= MOST_SHEETS:
            raise ValidationError(_("There are too many questionnaires here. Throw some away first."))

    def change(self) -> Sheet:
        """Keep it with the frame as it is now."""
        now = self.now or timezone.now()
        title = (self.title.strip() or said_as(self.frame.title))[:160]
        for _try in range(5):
            last = Sheet.objects.filter(workspace=self.workspace).aggregate(n=Max("number"))["n"] or 0
            try:
                with transaction.atomic():
                    return Sheet.objects.create(
                        workspace=self.workspace,
                        number=last + 1,
                        key=self.key,
                        title=title,
                        content=as_json(self.frame),
                        created_at=now,
                        changed_at=now,
                        created_by=self.actor,
                        changed_by=self.actor,
                    )
            except IntegrityError:  # somebody else took the number
                continue
        raise ValidationError(_("Somebody else is beginning one at this moment. Try again."))

    def detail(self, made: Sheet) -> dict[str, str | int]:
        """Its number in the city."""
        return {"number": made.number}


@dataclass
class _OfSheet(Action):
    """A change of one questionnaire of this workspace."""

    workspace: Any
    sheet: Sheet
    permission: ClassVar[str] = "frames.answer"

    def check(self) -> None:
        """Require a questionnaire of this workspace, as it is at this moment."""
        if self.sheet.workspace_id != self.workspace.pk:
            raise ValidationError(_("This belongs to another workspace."))
        self.sheet = Sheet.objects.select_for_update().select_related("workspace").get(pk=self.sheet.pk)

    def detail(self, made: Any) -> dict[str, str | int]:
        """Its number in the city."""
        return {"number": self.sheet.number}


@dataclass
class AnswerSection(_OfSheet):
    """Keep the answers of one section; ``None`` takes an answer away."""

    section: str
    answers: Mapping[str, Answer | None]
    revision: int
    now: datetime | None = None
    verb: ClassVar[str] = "sheet.answer"
    sentence: ClassVar[str] = "{actor} filled in questionnaire {number}"

    def check(self) -> None:
        """Require an open questionnaire, answers that fit, and nobody who was faster."""
        super().check()
        frame = self.sheet.frame()
        section = next((s for s in frame.sections if s.id == self.section), None)
        if section is None or set(self.answers) - {q.id for q in section.questions}:
            raise ValidationError(_("This question is not in this section."))
        if self.sheet.closed_at is not None:
            raise ValidationError(_("This questionnaire is finished. Open it again to change it."))
        if self.sheet.revisions.get(self.section, 0) != self.revision:
            raise ValidationError(
                _("Somebody else saved this part meanwhile. Look at it in another window, then save again.")
            )
        given = {k: a for k, a in self.answers.items() if a is not None}
        wrong = wrong_answers(frame, given, known_term)
        if wrong:
            raise ValidationError([said(p.said()) for p in wrong])

    def change(self) -> Sheet:
        """Keep them."""
        kept = {k: a for k, a in self.sheet.answers.items() if k not in self.answers}
        new = to_plain({k: a for k, a in self.answers.items() if a is not None})
        self.sheet.answers = kept | new
        self.sheet.revisions = self.sheet.revisions | {self.section: self.revision + 1}
        self.sheet.changed_at, self.sheet.changed_by = self.now or timezone.now(), self.actor
        self.sheet.save(update_fields=["answers", "revisions", "changed_at", "changed_by"])
        return self.sheet


@dataclass
class CloseSheet(_OfSheet):
    """Finish a questionnaire, or open it again."""

    closed: bool
    now: datetime | None = None
    verb: ClassVar[str] = "sheet.close"
    sentence: ClassVar[str] = "{actor} finished questionnaire {number}, or opened it again"

    def change(self) -> Sheet:
        """Keep the day. Opened again, it counts in no median until it is finished and shared anew."""
        self.sheet.closed_at = (self.now or timezone.now()) if self.closed else None
        self.sheet.compared = self.sheet.compared and self.closed
        self.sheet.save(update_fields=["closed_at", "compared"])
        return self.sheet


@dataclass
class ShareSheet(_OfSheet):
    """Let a finished questionnaire count in the medians that other cities see, or take it back."""

    compared: bool
    verb: ClassVar[str] = "sheet.share"
    permission: ClassVar[str] = "frames.share"
    sentence: ClassVar[str] = "{actor} decided whether questionnaire {number} counts in medians"

    def check(self) -> None:
        """Require a finished one."""
        super().check()
        if self.compared and self.sheet.closed_at is None:
            raise ValidationError(_("Finish the questionnaire first."))

    def change(self) -> Sheet:
        """Keep it."""
        self.sheet.compared = self.compared
        self.sheet.save(update_fields=["compared"])
        return self.sheet


@dataclass
class RemoveSheet(_OfSheet):
    """Throw a questionnaire away."""

    verb: ClassVar[str] = "sheet.remove"
    sentence: ClassVar[str] = "{actor} threw questionnaire {number} away"

    def check(self) -> None:
        """Require one that is not finished: what is finished belongs to the history."""
        super().check()
        if self.sheet.closed_at is not None:
            raise ValidationError(_("This questionnaire is finished. Open it again to change it."))

    def change(self) -> Sheet:
        """Delete it."""
        kept = self.sheet.pk
        self.sheet.delete()
        self.sheet.pk = kept  # the log names it by its number in the table
        return self.sheet


@dataclass
class ImportFrame(Action):
    """Bring a questionnaire of one's own; one with the same id is replaced, what was begun stays as it is."""

    workspace: Any
    frame: Frame
    now: datetime | None = None
    verb: ClassVar[str] = "frame.import"
    permission: ClassVar[str] = "frames.answer"
    sentence: ClassVar[str] = "{actor} brought questionnaire {frame}"

    def check(self) -> None:
        """Refuse the id of one that ships, terms of a scheme that is not there, and more than fit."""
        self.frame = tidied(self.frame)
        if self.frame.id in shipped_names():
            raise ValidationError(_("A questionnaire of this id ships with the program: take another id."))
        if len(self.frame.id) > 80:
            raise ValidationError(_("The id of the questionnaire is too long."))
        for question in self.frame.asked():
            if question.scale == "terms" and not is_scheme(question.scheme):
                unknown = phrase('"{key}" is unknown here', key=str(question.scheme)[:80])
                raise ValidationError(f"{question.id}, scheme: {said(unknown)}")
        others = OwnFrame.objects.filter(workspace=self.workspace).exclude(key=self.frame.id)
        if others.count() >= MOST_OWN:
            raise ValidationError(_("There are too many questionnaires here. Throw some away first."))

    def change(self) -> OwnFrame:
        """Keep it."""
        made, _new = OwnFrame.objects.update_or_create(
            workspace=self.workspace,
            key=self.frame.id,
            defaults={
                "title": said_as(self.frame.title)[:200],
                "content": as_json(self.frame),
                "created_at": self.now or timezone.now(),
                "created_by": self.actor,
            },
        )
        return made

    def detail(self, made: OwnFrame) -> dict[str, str | int]:
        """Its number."""
        return {"frame": made.pk}
