"""Changes of a city's own words: added, judged by a person, taken out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from isopolis.learn.vocabulary import LocalTerm as Term
from isopolis.learn.vocabulary import UnknownTermError, plain, shipped
from isopolis.web.actions import Action, ValidationError

from .models import LocalTerm
from .words import LANGUAGES

__all__ = ["MOST", "AddLocalTerm", "JudgeLocalTerm", "RemoveLocalTerm"]

MOST = 500


@dataclass
class _LocalTerms(Action):
    """Something with the words of one workspace."""

    workspace: Any

    permission: ClassVar[str] = "vocabulary.local"

    def same_city(self, term: LocalTerm) -> None:
        """Require a word of this workspace."""
        if term.workspace_id != self.workspace.pk:
            raise ValidationError(_("This belongs to another workspace."))


@dataclass
class AddLocalTerm(_LocalTerms):
    """Keep a word of the city's own; the likest shipped concept is proposed, nothing is decided."""

    label: str
    lang: str
    kind: str
    verb: ClassVar[str] = "vocabulary.add"
    sentence: ClassVar[str] = "{actor} added {target} to the words of the city"

    def check(self) -> None:
        """Require a new word with letters, a known language and kind, and room."""
        self.label = " ".join(self.label.split())
        if not plain(self.label) or len(self.label) > 120 or any(c in self.label for c in "<>"):
            raise ValidationError(_("Write a word or a few: at most 120 letters, without < and >."))
        if self.lang not in LANGUAGES or self.kind not in shipped().schemes:
            raise ValidationError(_("Choose a language and a kind from the lists."))
        here = LocalTerm.objects.filter(workspace=self.workspace)
        if here.filter(kind=self.kind, lang=self.lang, label=self.label).exists():
            raise ValidationError(_("This word is there already."))
        if here.count() >= MOST:
            raise ValidationError(_("There are very many words here already. Take some out first."))

    def change(self) -> LocalTerm:
        """Keep it, with a proposal where something is alike."""
        term = shipped().proposal(Term("local:new", self.label, self.lang, self.kind))
        return LocalTerm.objects.create(
            workspace=self.workspace,
            label=self.label,
            lang=self.lang,
            kind=self.kind,
            state=term.state,
            concept=term.concept,
            score=term.score,
        )


@dataclass
class JudgeLocalTerm(_LocalTerms):
    """Say what a word means: a shipped concept, or nothing but itself."""

    term: LocalTerm
    concept: str = ""
    now: datetime | None = None
    verb: ClassVar[str] = "vocabulary.judge"
    sentence: ClassVar[str] = "{actor} judged {target}: {state}"
    sentences: ClassVar[Mapping[str, str]] = {
        "confirmed": gettext_noop("{actor} said what {target} means: {concept}"),
        "declined": gettext_noop("{actor} said that {target} is a word of its own"),
    }

    def check(self) -> None:
        """Require a concept of the same kind, by id or by name."""
        self.same_city(self.term)
        if not self.concept:
            return
        try:
            self.concept = shipped().resolve(self.concept, self.term.kind).id
        except UnknownTermError as error:
            near = ", ".join(f"{c.label(self.term.lang)} ({c.id})" for c in error.nearest)
            said = _("The vocabulary has no such concept.")
            raise ValidationError(f"{said} {near}" if near else said) from error

    def change(self) -> LocalTerm:
        """Keep the verdict and who gave it."""
        self.term.state = LocalTerm.State.CONFIRMED if self.concept else LocalTerm.State.DECLINED
        self.term.concept, self.term.judged_by = self.concept, self.actor
        self.term.judged_at = self.now or timezone.now()
        self.term.save(update_fields=["state", "concept", "judged_by", "judged_at"])
        return self.term

    def detail(self, made: LocalTerm) -> dict[str, str | int]:
        """What it means from now on."""
        return {"what": str(made.state), "concept": made.concept}


@dataclass
class RemoveLocalTerm(_LocalTerms):
    """Take a word out."""

    term: LocalTerm
    verb: ClassVar[str] = "vocabulary.remove"
    sentence: ClassVar[str] = "{actor} took {target} out of the words of the city"

    def check(self) -> None:
        """Require a word of this workspace."""
        self.same_city(self.term)

    def change(self) -> LocalTerm:
        """Delete it, keeping its number for the log."""
        number = self.term.pk
        self.term.delete()
        self.term.pk = number
        return self.term
