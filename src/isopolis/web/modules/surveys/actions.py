"""Changes of a survey by officers. Answering is none: the audit log would tell its moment."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from isopolis.flows.surveys import load_form
from isopolis.model import DataError, Problem
from isopolis.model.text import count, phrase, to_tree
from isopolis.web import jobs
from isopolis.web.actions import Action, ValidationError
from isopolis.web.datasets.models import Dataset
from isopolis.web.modules.models import Module
from isopolis.web.participation.actions import over

from . import box, roll
from .models import Code, Draft, RollEntry, Survey, Version, Waiting

__all__ = [
    "KIND", "ConfirmWeights", "CountResults", "FetchAnswers", "FormError", "GiveUpLost", "KeepForm",
    "LoadRoll", "MakeLetters", "MarkSpecial", "OfSurvey", "OpenForm", "PublishResults", "SetAccess", "digest",
    "ended", "turnout",
]  # fmt: skip

KIND = "survey"
BYTES_MOST = 3_000_000
QUESTIONS_MOST, CHOICES_MOST = 300, 500


class FormError(ValidationError):
    """A form that cannot be taken, with everything that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        super().__init__([str(p) for p in problems])


@dataclass
class OfSurvey(Action):
    """A change of the survey of a module of this workspace."""

    workspace: Any
    module: Module
    permission: ClassVar[str] = "survey.manage"

    def check(self) -> None:
        """Require a module of this workspace and of this kind."""
        if self.module.process.workspace_id != self.workspace.pk or self.module.kind != "survey":
            raise ValidationError(_("This belongs to another workspace."))
        self.found = Survey.objects.select_for_update().filter(module=self.module).first()
        if self.found is not None:
            self.found.module = self.module

    def needed(self) -> Survey:
        """Return the survey, which must have a form."""
        if self.found is None:
            raise ValidationError(_("Send the form first."))
        return self.found

    def opened(self) -> Version:
        """Return the version that is answered."""
        version = self.needed().current()
        if version is None:
            raise ValidationError(_("Open the form first."))
        return version

    def target(self, made: Any) -> str:
        """Name the module: nothing that was made is anybody's to find."""
        return f"module:{self.module.pk}"

    def detail(self, made: Any) -> dict[str, str | int]:
        """Number of the process in the city."""
        return {"number": self.module.process.number}


# -- the form ----------------------------------------------------------------------------------------------
@dataclass
class KeepForm(OfSurvey):
    """Check an XLSForm and keep it as a draft; an older draft goes, what was answered stays as it is."""

    content: bytes
    name: str = "form.xlsx"
    verb: ClassVar[str] = "survey.form"
    sentence: ClassVar[str] = "{actor} sent a form for the survey in process {number}"

    def check(self) -> None:
        """Require a form that can be asked here; say everything that is wrong with it."""
        super().check()
        if len(self.content) > BYTES_MOST:
            said = _("A file is too large: at most %(most)s MB.") % {"most": BYTES_MOST // 1_000_000}
            raise ValidationError(said)
        # the check names the file as the officer does, wherever it lies
        named = Path(self.name.replace("\\", "/")).name[:80] or "form.xlsx"
        with tempfile.TemporaryDirectory(prefix="isopolis-form-") as folder:
            path = Path(folder) / named
            path.write_bytes(self.content)
            try:
                self.loaded = load_form(path)
            except DataError as error:
                raise FormError(error.problems) from None
        self._refuse_long()

    def _refuse_long(self) -> None:
        form = self.loaded.form
        wrong = []
        if len(form.asked) > QUESTIONS_MOST:
            said = phrase("the form asks {n} questions; nobody answers that", n=count(len(form.asked)))
            wrong.append(Problem("too-long", said, rule=phrase("at most {n}", n=count(QUESTIONS_MOST))))
        for name, choices in form.choices.items():
            if len(choices) > CHOICES_MOST:
                said = phrase("the list “{name}” has {n} choices", name=name, n=count(len(choices)))
                wrong.append(Problem("too-long", said, rule=phrase("at most {n}", n=count(CHOICES_MOST))))
        if wrong:
            raise FormError(wrong)

    def change(self) -> Version:
        """Keep it."""
        survey = self.found or Survey.objects.create(module=self.module)
        last = survey.version_set.aggregate(n=Max("number"))["n"] or 0
        newest = survey.newest()
        if newest is not None and newest.state == Version.State.DRAFT:
            made, kept = newest, set(self.loaded.form.by_name)
            made.purposes = {k: v for k, v in newest.purposes.items() if k in kept}
        else:
            made = Version(survey=survey, number=last + 1)
            if newest is not None:
                names = {q.name for q in self.loaded.form.asked}
                made.purposes = {k: v for k, v in newest.purposes.items() if k in names}
        made.sheets = dict(self.loaded.plain)
        made.caveats = [_problem(p) for p in self.loaded.caveats]
        made.save()
        return made


def _problem(p: Problem) -> dict[str, Any]:
    kept: dict[str, Any] = to_tree({"place": p.place(), "message": p.message, "value": p.value or "",
                                    "rule": p.rule, "hint": p.hint})  # fmt: skip
    return kept


@dataclass
class MarkSpecial(OfSurvey):
    """Say which questions are about special categories, and what each is asked for."""

    purposes: Mapping[str, str]
    verb: ClassVar[str] = "survey.special"
    sentence: ClassVar[str] = "{actor} marked {count} sensitive questions in process {number}"

    def check(self) -> None:
        """Require questions of a draft."""
        super().check()
        newest = self.needed().newest()
        if newest is None or newest.state != Version.State.DRAFT:
            raise ValidationError(_("The form is open and stands as it is. Send a new version to change it."))
        self.version = newest
        names = {q.name for q in newest.form.asked}
        self.kept = {n: " ".join(t.split())[:300] for n, t in self.purposes.items() if t.strip()}
        if set(self.kept) - names:
            raise ValidationError(_("The form has no such question."))

    def change(self) -> Version:
        """Keep them."""
        self.version.purposes = self.kept
        self.version.save(update_fields=["purposes"])
        return self.version

    def detail(self, made: Any) -> dict[str, str | int]:
        """How many."""
        return super().detail(made) | {"count": len(self.kept)}


@dataclass
class OpenForm(OfSurvey):
    """Let the newest form be answered; from its first answer on it stands. An older one is closed."""

    verb: ClassVar[str] = "survey.open"
    sentence: ClassVar[str] = "{actor} opened version {version} of the form in process {number}"

    def check(self) -> None:
        """Require a draft in which nobody has to answer about special categories."""
        super().check()
        newest = self.needed().newest()
        if newest is None or newest.state != Version.State.DRAFT:
            raise ValidationError(_("This form is open already."))
        self.version = newest
        must = [q.name for q in newest.form.asked if q.name in newest.purposes and q.required is not None]
        if must:
            said = _(
                "Nobody must be made to answer about special categories. Make these optional: %(names)s."
            )
            raise ValidationError(said % {"names": ", ".join(must)})

    def change(self) -> Version:
        """Close the one before, open this one."""
        survey = self.needed()
        Draft.objects.filter(version__survey=survey).delete()
        survey.version_set.filter(state=Version.State.OPEN).update(state=Version.State.CLOSED)
        self.version.state = Version.State.OPEN
        self.version.save(update_fields=["state"])
        survey.weights = {}
        survey.save(update_fields=["weights"])
        return self.version

    def detail(self, made: Version) -> dict[str, str | int]:
        """Which one."""
        return super().detail(made) | {"version": made.number}


@dataclass
class SetAccess(OfSurvey):
    """Choose whether everybody can answer, or people on a roll."""

    access: str
    verb: ClassVar[str] = "survey.access"
    sentence: ClassVar[str] = "{actor} chose who can answer the survey in process {number}"

    def check(self) -> None:
        """Require a survey that nobody has answered."""
        super().check()
        survey = self.needed()
        if self.access not in Survey.Access.values:
            raise ValidationError(_("Choose who can answer."))
        if self.access != survey.access and any(v.answered() for v in survey.version_set.all()):
            raise ValidationError(_("Somebody has answered. Who can answer cannot be changed any more."))

    def change(self) -> Survey:
        """Keep it."""
        survey = self.needed()
        survey.access = self.access
        survey.save(update_fields=["access"])
        return survey


# -- the roll ----------------------------------------------------------------------------------------------
@dataclass
class LoadRoll(OfSurvey):
    """Put people on the roll."""

    people: Sequence[Any]
    verb: ClassVar[str] = "survey.roll"
    sentence: ClassVar[str] = "{actor} put {count} people on the roll of the survey in process {number}"

    def check(self) -> None:
        """Require a survey by roll, and somebody."""
        super().check()
        if self.needed().access != Survey.Access.ROLL:
            raise ValidationError(_("Choose first that people on a roll answer."))
        if not self.people:
            raise ValidationError(_("There is nobody in this list."))

    def change(self) -> int:
        """Keep their hashes."""
        return roll.add_people(self.needed(), self.people)

    def detail(self, made: int) -> dict[str, str | int]:
        """How many."""
        return super().detail(made) | {"count": made}


@dataclass
class MakeLetters(OfSurvey):
    """Make one-time codes for people of the roll who have not answered."""

    identifiers: Sequence[str]
    verb: ClassVar[str] = "survey.letters"
    sentence: ClassVar[str] = "{actor} made {count} codes for letters in process {number}"

    def change(self) -> dict[str, str]:
        """Return the codes by identifier; hashes of them are kept."""
        made = roll.new_codes(self.needed(), self.identifiers)
        if not made:
            raise ValidationError(_("Nobody in this list is on the roll and has still to answer."))
        return made

    def detail(self, made: dict[str, str]) -> dict[str, str | int]:
        """How many."""
        return super().detail(made) | {"count": len(made)}


@dataclass
class GiveUpLost(OfSurvey):
    """Give up answers that waited when a backup was made and cannot be opened any more."""

    verb: ClassVar[str] = "survey.lost"
    sentence: ClassVar[str] = "{actor} gave up {count} answers that were lost in a restore, process {number}"

    def check(self) -> None:
        """Require some."""
        super().check()
        self.count = box.lost(self.needed())
        if not self.count:
            raise ValidationError(_("No answer is lost."))

    def change(self) -> Survey:
        """Remove them."""
        Waiting.objects.filter(version__survey=self.needed()).delete()
        return self.needed()

    def detail(self, made: Any) -> dict[str, str | int]:
        """How many."""
        return super().detail(made) | {"count": self.count}


# -- answers and results -------------------------------------------------------------------------------------
@dataclass
class FetchAnswers(OfSurvey):
    """Download single answers, or those about special categories apart from them."""

    apart: bool = False
    verb: ClassVar[str] = "survey.fetch"
    sentence: ClassVar[str] = "{actor} downloaded the answers of the survey in process {number}"
    sentences: ClassVar[Mapping[str, str]] = {
        "special categories": gettext_noop(
            "{actor} downloaded answers about special categories of the survey in process {number}"
        )
    }

    def change(self) -> Survey:
        """Nothing changes; who looked stands in the log."""
        return self.needed()

    def detail(self, made: Any) -> dict[str, str | int]:
        """What was read."""
        return super().detail(made) | ({"what": "special categories"} if self.apart else {})


@dataclass
class ConfirmWeights(OfSurvey):
    """Say which question answers which dimension of the census, and which answer is which category."""

    weights: Mapping[str, Any]
    verb: ClassVar[str] = "survey.weights"
    sentence: ClassVar[str] = "{actor} confirmed {count} dimensions for the weights in process {number}"

    def check(self) -> None:
        """Require questions of the form that are in no way special, and categories of the census."""
        super().check()
        version, known = self.opened(), self.needed().known.get("dimensions", {})
        for name, told in self.weights.items():
            question = version.form.by_name.get(told["question"])
            if question is None or name not in known:
                raise ValidationError(_("The form has no such question."))
            if question.name in version.purposes or question.design is not None:
                raise ValidationError(
                    _("Answers about special categories are kept apart and answers with chance in them tell "
                      "of nobody: there is no weighting by them.")
                )  # fmt: skip
            if {*told.get("of", {}).values()} - {*known[name][1], ""}:
                raise ValidationError(_("Choose categories of the census."))
        self.version = version

    def change(self) -> Survey:
        """Keep it with the version that it was confirmed for."""
        survey = self.needed()
        survey.weights = dict(self.weights)
        survey.save(update_fields=["weights"])
        return survey

    def detail(self, made: Any) -> dict[str, str | int]:
        """How many."""
        return super().detail(made) | {"count": len(self.weights)}


@dataclass
class CountResults(OfSurvey):
    """Have the results counted."""

    verb: ClassVar[str] = "survey.count"
    sentence: ClassVar[str] = "{actor} had the survey in process {number} counted"

    def check(self) -> None:
        """Require a form that is or was answered."""
        super().check()
        self.version = self.opened()
        found = Dataset.objects.filter(workspace=self.workspace, state=Dataset.State.READY)
        self.dataset = found.order_by("-created_at", "pk").first()

    def change(self) -> Survey:
        """Keep what is asked and queue the counting."""
        survey = self.needed()
        survey.revision += 1
        survey.asked = {
            "version": self.version.pk.hex, "dataset": str(self.dataset.pk) if self.dataset else "",
            "weights": survey.weights,
        }  # fmt: skip
        survey.save(update_fields=["revision", "asked"])
        jobs.submit(self.workspace, KIND, survey.pk, f"{survey.pk.hex}:{survey.revision}", self.actor)
        return survey


@dataclass
class PublishResults(OfSurvey):
    """Show the results to everybody once no more answers come, or take them away again."""

    withdraw: bool = False
    now: datetime | None = None
    verb: ClassVar[str] = "survey.publish"
    sentence: ClassVar[str] = "{actor} published the results of the survey in process {number}"
    sentences: ClassVar[Mapping[str, str]] = {
        "withdrew": gettext_noop("{actor} took back the published results of the survey in process {number}")
    }

    def check(self) -> None:
        """Require results that were counted after the end: two in a row would tell who came between."""
        super().check()
        survey, now = self.needed(), self.now or timezone.now()
        if self.withdraw:
            return
        if not survey.shown:
            raise ValidationError(_("Count the answers first."))
        if not ended(self.module, now):
            raise ValidationError(
                _("Results are published when nobody can answer any more: two of them with a day between "
                  "would tell who answered on that day.")
            )  # fmt: skip
        if not survey.shown.get("whole"):
            raise ValidationError(_("This was counted before the end. Count once more, then publish."))
        if survey.published_at is not None:
            raise ValidationError(
                _("Results were published already; other ones beside them would tell too much.")
            )

    def change(self) -> Survey:
        """Publish or withdraw."""
        survey = self.needed()
        survey.public = {} if self.withdraw else survey.shown
        if not self.withdraw:
            survey.published_at = self.now or timezone.now()
        survey.save(update_fields=["public", "published_at"])
        return survey

    def detail(self, made: Any) -> dict[str, str | int]:
        """What was done."""
        return super().detail(made) | ({"what": "withdrew"} if self.withdraw else {})


def ended(module: Module, now: datetime) -> bool:
    """Tell whether no answers come any more."""
    windows = module.windows("answer")
    return over(module, now) or (bool(windows) and all(end <= now for _start, end in windows))


def turnout(survey: Survey) -> dict[str, int]:
    """Return how many are on the roll, have a code, and have answered."""
    rows = RollEntry.objects.filter(survey=survey)
    return {
        "roll": rows.count(),
        "codes": Code.objects.filter(entry__survey=survey).count(),
        "answered": rows.filter(state=RollEntry.State.ANSWERED).count(),
    }


def digest(content: bytes) -> str:
    """Name a file that was taken."""
    return hashlib.sha256(content).hexdigest()
