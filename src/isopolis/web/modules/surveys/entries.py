"""Answers that officers bring: sheets of paper typed in twice, and tables from the field."""

from __future__ import annotations

import csv
import io
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _

from isopolis.engage.surveys.answering import check
from isopolis.engage.surveys.entries import compare
from isopolis.engage.surveys.form import Form, said_in_language
from isopolis.flows.surveys import answers_of
from isopolis.model import DataError, Problem, Problems
from isopolis.model.text import phrase
from isopolis.report.files import neutral
from isopolis.web.actions import ValidationError
from isopolis.web.modules.models import Process
from isopolis.web.permissions import Verdict, may

from . import asking, box, roll
from .actions import FormError, OfSurvey, digest, ended
from .models import Paper, Survey, Version

__all__ = [
    "CODE",
    "BringMany",
    "SettleSheet",
    "ThrowAway",
    "TypeSheet",
    "can_enter",
    "differences",
    "template",
]

CODE = "code"
"""Column of a table with the one-time code of whoever answered."""
BYTES_MOST, ROWS_MOST = 5_000_000, 5000


def can_enter(actor: Any, survey: Survey) -> Verdict:
    """Tell whether answers can be brought: paper comes in after the end, too, until results are public."""
    process, now = survey.process, timezone.now()
    verdict = may(actor, "answer.add", process.workspace, survey.module, now=now)
    if verdict or process.state != Process.State.PUBLISHED or not ended(survey.module, now):
        return verdict
    if survey.published_at is None:
        return Verdict(True, "")
    return Verdict(False, _("The results are public. No more answers are taken."))


@dataclass
class _Entry(OfSurvey):
    """Answers brought by an officer, while the form can be answered."""

    def check(self) -> None:
        """Require an open form, and the time in which answers are taken."""
        super().check()
        self.version = self.opened()
        verdict = can_enter(self.actor, self.version.survey)
        if not verdict:
            raise PermissionDenied(verdict.why)

    def entry(self, code: str) -> str:
        """Return the place on the roll of a code; the empty text where there is no roll."""
        if self.needed().access != Survey.Access.ROLL:
            return ""
        found = roll.entry_of(self.needed(), code)
        if not found:
            raise ValidationError(_("This code is none of this survey. Please compare it with the paper."))
        return found


def _answers(version: Version, typed: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return what may be kept of a sheet, and what cannot have stood on it; empty answers stand."""
    today = asking.today_of(timezone.now())
    given = {q.name: typed.get(q.name, "")[:11_000] for q in version.form.asked}
    found = check(version.form, given, today)
    wrong = [t for t in found.troubles if t.code != "required"]
    told = asking.wrong(version.form, wrong, version.form.language)
    labels = {
        n: said_in_language(version.form.by_name[n].label, "", version.form.language) or n for n in told
    }
    return given, [f"{labels[n]}: {why}" for n, why in told.items()]


# -- paper ---------------------------------------------------------------------------------------------------
@dataclass
class TypeSheet(_Entry):
    """Type in a sheet of paper, the first or the second time; equal entries count at once."""

    sheet: str
    typed: Mapping[str, str]
    code: str = ""
    verb: ClassVar[str] = "survey.type"
    sentence: ClassVar[str] = "{actor} typed in a sheet of paper of the survey in process {number}"

    def check(self) -> None:
        """Require a number, answers that can have stood there, and another person the second time."""
        super().check()
        self.sheet = " ".join(self.sheet.replace("\0", "").split())[:40]
        if not self.sheet:
            raise ValidationError(_("Write the number of the sheet: the second entry is found by it."))
        self.given, wrong = _answers(self.version, self.typed)
        if wrong:
            raise ValidationError(wrong)
        self.before = Paper.objects.filter(version=self.version, sheet=self.sheet).first()
        if self.before is None:
            return
        if self.before.state != Paper.State.ONCE:
            raise ValidationError(_("This sheet was typed in twice already."))
        if self.before.first_by_id == self.actor.pk:
            raise ValidationError(_("You typed this sheet in. The second time is for somebody else."))

    def change(self) -> Paper:
        """Keep the first entry; compare the second."""
        if self.before is None:
            return Paper.objects.create(
                version=self.version, sheet=self.sheet, first=self.given, first_by=self.actor
            )
        self.before.second = self.given
        if not differences(self.before):
            return _counted(self, self.before, self.given, self.code)
        self.before.state = Paper.State.DIFFERS
        self.before.save()
        return self.before


@dataclass
class SettleSheet(_Entry):
    """Settle where two entries differ by a third look at the paper."""

    paper: Paper
    chosen: Mapping[str, str]
    code: str = ""
    verb: ClassVar[str] = "survey.settle"
    sentence: ClassVar[str] = "{actor} settled a sheet of paper of the survey in process {number}"

    def check(self) -> None:
        """Require a sheet of this survey whose entries differ, and an answer for every difference."""
        super().check()
        paper = self.paper
        if paper.version_id != self.version.pk or paper.state != Paper.State.DIFFERS:
            raise ValidationError(_("There is nothing to settle here."))
        names = [q for q, _first, _second in differences(paper)]
        if set(names) - set(self.chosen):
            raise ValidationError(_("Say for every difference what stands on the paper."))
        settled = dict(paper.first) | {n: self.chosen[n] for n in names}
        self.given, wrong = _answers(self.version, settled)
        if wrong:
            raise ValidationError(wrong)

    def change(self) -> Paper:
        """Count the sheet."""
        return _counted(self, self.paper, self.given, self.code)


def _counted(action: _Entry, paper: Paper, given: Mapping[str, str], code: str) -> Paper:
    """Take the answers of a sheet, and leave nothing of them beside its number."""
    kept = check(action.version.form, given, asking.today_of(timezone.now())).answers
    box.accept(action.version, [box.Sent(kept, "paper", action.entry(code))])
    paper.first, paper.second, paper.state, paper.first_by = {}, {}, Paper.State.DONE, None
    paper.save()
    return paper


@dataclass
class ThrowAway(_Entry):
    """Forget a sheet that was not counted, such as one with a wrong number."""

    paper: Paper
    verb: ClassVar[str] = "survey.forget"
    sentence: ClassVar[str] = "{actor} took back a sheet of paper of the survey in process {number}"

    def check(self) -> None:
        """Require a sheet of this survey that was not counted."""
        super().check()
        if self.paper.version.survey_id != self.needed().pk or self.paper.state == Paper.State.DONE:
            raise ValidationError(_("This sheet is counted. It cannot be taken back."))

    def change(self) -> Survey:
        """Remove it."""
        self.paper.delete()
        return self.needed()


def differences(paper: Paper) -> list[tuple[str, str, str]]:
    """Return question, first and second entry wherever the two differ."""
    version, problems = paper.version, Problems()
    one, two = ({**typed, "": paper.sheet} for typed in (paper.first, paper.second))
    found = compare(
        version.form, [(1, one)], [(1, two)], "", asking.today_of(timezone.now()), problems
    )  # fmt: skip
    return [(d.name, d.first, d.second) for d in found.differences]


# -- tables --------------------------------------------------------------------------------------------
def template(version: Version, ending: str) -> bytes:
    """Return an empty table for answers; a workbook says on a second sheet what may stand where."""
    names = [*([CODE] if version.survey.access == Survey.Access.ROLL else []),
             *(q.name for q in version.form.asked)]  # fmt: skip
    if ending == "csv":
        out = io.StringIO(newline="")
        csv.writer(out).writerow([neutral(n) for n in names])
        return out.getvalue().encode("utf-8-sig")
    from isopolis.report.sheets import workbook

    return workbook(
        {_("Answers"): [names], _("Questions"): [list(map(str, r)) for r in _guide(version.form)]}
    )


def _guide(form: Form) -> list[list[str]]:
    rows = [[_("Column"), _("Question"), _("What may stand there")]]
    kinds = {
        "integer": _("a whole number"), "decimal": _("a number"), "text": _("a text"),
        "date": _("a date as year-month-day"),
    }  # fmt: skip
    for q in form.asked:
        told = kinds.get(q.kind, "")
        if q.list_name:
            listed = ", ".join(c.name for c in form.choices[q.list_name])
            told = (_("one of: %(names)s") if q.kind == "select_one" else _("some of these, with blanks "
                    "between: %(names)s")) % {"names": listed}  # fmt: skip
        rows.append([q.name, said_in_language(q.label, "", form.language), told])
    return rows


@dataclass
class BringMany(_Entry):
    """Take a table of answers from the field, all or none."""

    content: bytes
    name: str
    channel: str = "import"
    verb: ClassVar[str] = "survey.bring"
    sentence: ClassVar[str] = "{actor} brought {count} answers to the survey in process {number}"

    def check(self) -> None:
        """Require a table that fits the form; say everything that is wrong with it at once."""
        super().check()
        if len(self.content) > BYTES_MOST:
            said = _("A file is too large: at most %(most)s MB.") % {"most": BYTES_MOST // 1_000_000}
            raise ValidationError(said)
        if self.channel not in ("import", "paper", "phone", "meeting", "assisted", "sms"):
            raise ValidationError(_("Choose in which way they took part."))
        if digest(self.content) in self.needed().uploads:
            raise ValidationError(_("This very table was taken already."))
        ending = ".xlsx" if self.name.lower().endswith(".xlsx") else ".csv"
        with tempfile.TemporaryDirectory(prefix="isopolis-answers-") as folder:
            path = Path(folder) / f"answers{ending}"
            path.write_bytes(self.content)
            try:
                read = answers_of(path, self.version.form, asking.today_of(timezone.now()))
            except DataError as error:
                raise FormError(error.problems) from None
        self.sent = self._entered(read.answers, read.columns)
        self.caveats = read.caveats

    def _entered(self, answers: Any, columns: Mapping[str, tuple[str, ...]]) -> list[box.Sent]:
        problems, rows = [], list(answers)
        if not rows or len(rows) > ROWS_MOST:
            said = _("A table has 1 to %(most)s answers.") % {"most": ROWS_MOST}
            raise ValidationError(said)
        empty = [n for n, a in enumerate(rows, 2) if not any(a.values())]
        if empty:
            problems.append(_problem("no-answer", phrase("nothing is answered"), empty))
        places = [""] * len(rows)
        if self.needed().access == Survey.Access.ROLL:
            codes = columns.get(CODE, ("",) * len(rows))
            places = roll.entries_of(self.needed(), codes)
            wrong = [n for n, place in enumerate(places, 2) if not place]
            often = Counter(places)
            twice = [n for n, place in enumerate(places, 2) if place and often[place] > 1]
            for code, said, where in (
                ("no-code", phrase("this code is none of this survey"), wrong),
                ("repeated-code", phrase("the same code is there twice"), twice),
            ):
                if where:
                    problems.append(_problem(code, said, where, CODE))
        if problems:
            raise FormError(problems)
        return [box.Sent(a, self.channel, p) for a, p in zip(rows, places, strict=True)]

    def change(self) -> int:
        """Take them."""
        box.accept(self.version, self.sent)
        survey = Survey.objects.get(pk=self.needed().pk)
        survey.uploads = [*survey.uploads, digest(self.content)]
        survey.save(update_fields=["uploads"])
        return len(self.sent)

    def detail(self, made: int) -> dict[str, str | int]:
        """How many."""
        return super().detail(made) | {"count": made}


def _problem(code: str, said: str, rows: list[int], column: str | None = None) -> Problem:
    return Problem(code, said, rows=tuple(rows), column=column, count=len(rows))
