"""Answers to a frame: their check, how complete they are, and their export within a form's limits."""

from __future__ import annotations

import csv
import io
import math
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from isopolis.act.rules.words import said_as
from isopolis.model import Problem
from isopolis.model.errors import near
from isopolis.model.text import listing, phrase

from .model import NOT_STATED, ORDERED, SCALES, Frame, Question

__all__ = [
    "EVIDENCE_KINDS", "STATES", "Answer", "Completeness", "Evidence", "Export", "Line", "characters",
    "completeness", "export", "from_plain", "to_csv", "to_plain", "wrong_answers",
]  # fmt: skip

STATES = ("answered", "not_known", "not_applicable")
"""An answer, the statement that it is not known, or that the question does not apply, with the reason."""

EVIDENCE_KINDS = ("finding", "case", "document", "link")
"""What evidence may point at: a finding of a diagnosis, a library record, a document, an address."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an answer rests on.

    Parameters
    ----------
    kind : str
        One of `EVIDENCE_KINDS`.
    ref : str
        Where it is.
    note : str
    """

    kind: str
    ref: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a city says to one question.

    Parameters
    ----------
    value : object
        As the scale of the question wants it; ``None`` where `state` is not ``answered``.
    state : str
        One of `STATES`.
    comment : str
        Also the reason of "not known" and "does not apply".
    evidence : tuple of Evidence
    """

    value: Any = None
    state: str = "answered"
    comment: str = ""
    evidence: tuple[Evidence, ...] = ()


Answers = Mapping[str, Answer]


def characters(text: str) -> int:
    """Count characters as a reader does: composed where a composed form exists, a line end as one."""
    return len(unicodedata.normalize("NFC", text.replace("\r\n", "\n")))


def wrong_answers(
    frame: Frame, answers: Answers, known_term: Callable[[str, str], bool] | None = None
) -> list[Problem]:
    """List what is wrong with answers; a text over its limit is no error here but in `export`.

    Parameters
    ----------
    frame : Frame
    answers : mapping of question id to Answer
    known_term : callable, optional
        Tells whether a term exists in a scheme of the vocabulary; without it terms are only texts.
    """
    out = []
    for name, answer in answers.items():
        question = frame.question(name)
        if question is None:
            said = phrase('there is no question "{id}"', id=name)
            out.append(Problem("answer", said, hint=near(name, [q.id for q in frame.asked()])))
        elif question.absent:
            out.append(Problem("answer", phrase('the question "{id}" is absent here', id=name)))
        else:
            out += _wrong(question, answer, known_term)
    return out


def _wrong(question: Question, answer: Answer, known: Callable[[str, str], bool] | None) -> list[Problem]:
    out, place = [], question.id
    if answer.state not in STATES:
        rule = ", ".join(STATES)
        out.append(
            Problem("answer", phrase("the state is unknown"), column=place, value=answer.state, rule=rule)
        )
    elif answer.state != "answered":
        if answer.value is not None:
            out.append(Problem("answer", phrase("what is not answered has no value"), column=place))
        if not answer.comment.strip():
            said = phrase("say why it is not known or does not apply")
            out.append(Problem("answer", said, column=place))
    elif not _fits(question, answer.value):
        said, rule = phrase("the answer does not fit the question"), _allowed(question)
        out.append(Problem("answer", said, column=place, value=str(answer.value)[:80], rule=rule))
    elif question.scale == "terms" and known:
        for term in answer.value:
            if not known(term, question.scheme):
                said = phrase('"{term}" is no term of the vocabulary', term=term)
                out.append(Problem("answer", said, column=place, rule=question.scheme))
    for one in answer.evidence:
        if one.kind not in EVIDENCE_KINDS or not one.ref.strip():
            said, rule = phrase("evidence is a kind and a reference"), ", ".join(EVIDENCE_KINDS)
            out.append(Problem("answer", said, column=place, value=one.kind, rule=rule))
    return out


def _fits(question: Question, value: Any) -> bool:
    if question.scale in ORDERED:
        return any(type(value) is type(step) and value == step for step in ORDERED[question.scale])
    texts = isinstance(value, (list, tuple)) and all(isinstance(v, str) and v for v in value)
    number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    return {
        "text": isinstance(value, str) and bool(value.strip()),
        "number": number,
        "date": isinstance(value, date),
        "choice": value in question.choices if isinstance(value, str) else False,
        "terms": texts and bool(value) and len(set(value)) == len(value) if texts else False,
    }[question.scale]


def _allowed(question: Question) -> str:
    return listing(question.choices, "or") if question.choices else SCALES[question.scale]


# -- completeness ----------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Completeness:
    """How far a questionnaire is filled in.

    Parameters
    ----------
    asked, answered : int
        Questions, and those answered or marked as not applying with a reason.
    by_section : tuple of (section id, answered, asked)
    open_required : tuple of str
        Required questions without answer.
    not_known : tuple of str
        Questions that are stated to be not known.
    without_evidence : tuple of str
        Answers that need evidence and have none.
    absent : tuple of str
        Questions that exist and could not be read; they count nowhere.
    """

    asked: int
    answered: int
    by_section: tuple[tuple[str, int, int], ...]
    open_required: tuple[str, ...]
    not_known: tuple[str, ...]
    without_evidence: tuple[str, ...]
    absent: tuple[str, ...]

    @property
    def done(self) -> bool:
        """True when every required question has an answer and no needed evidence is missing."""
        return not self.open_required and not self.without_evidence


def completeness(frame: Frame, answers: Answers) -> Completeness:
    """Say what is answered, open, not known, without evidence, and absent."""

    def settled(name: str) -> bool:
        found = answers.get(name)
        return found is not None and found.state != "not_known"

    asked = frame.asked()
    sections = []
    for section in frame.sections:
        names = [q.id for q in section.questions if not q.absent]
        sections.append((section.id, sum(map(settled, names)), len(names)))
    return Completeness(
        len(asked),
        sum(settled(q.id) for q in asked),
        tuple(sections),
        tuple(q.id for q in asked if q.required and not settled(q.id)),
        tuple(q.id for q in asked if q.id in answers and answers[q.id].state == "not_known"),
        tuple(q.id for q in asked if q.evidence == "needed" and _bare(answers.get(q.id))),
        tuple(q.id for q in frame.absent()),
    )


def _bare(answer: Answer | None) -> bool:
    return answer is not None and answer.state == "answered" and not answer.evidence


# -- export ----------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Line:
    """One question in an export: its text, the answer as text, its length and limit."""

    section: str
    question: Question
    said: str
    answer: Answer | None
    length: int
    limit: int | str | None

    @property
    def over(self) -> int:
        """Characters too many; 0 when it fits or no limit is known."""
        return max(0, self.length - self.limit) if isinstance(self.limit, int) else 0


@dataclass(frozen=True, slots=True)
class Export:
    """A questionnaire ready to be handed in, or the reasons why it is not.

    Parameters
    ----------
    lines : tuple of Line
    refused : tuple of str
        Why it cannot be handed in: texts over their limit, required answers and needed evidence missing.
    notes : tuple of str
        What to look at: limits that are not known here, wanted evidence, absent questions.
    """

    lines: tuple[Line, ...]
    refused: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def ready(self) -> bool:
        """True when nothing speaks against handing it in."""
        return not self.refused


def export(
    frame: Frame,
    answers: Answers,
    language: str = "en",
    limits: Mapping[str, int] | None = None,
    label: Callable[[str], str] | None = None,
) -> Export:
    """Write answers out within the limits of the form.

    Parameters
    ----------
    frame : Frame
    answers : mapping of question id to Answer
    language : str
        Of the texts of the frame, where it has them.
    limits : mapping of question id to int, optional
        Limits of this year's form where the frame does not state them.
    label : callable, optional
        Words for a term of the vocabulary.
    """
    given, lines = limits or {}, []
    for section in frame.sections:
        for question in section.questions:
            if question.absent:
                continue
            answer = answers.get(question.id)
            said = shown(frame, question, answer, language, label)
            text = said if question.scale == "text" else ""
            limit = given.get(question.id, question.limit)
            title = said_as(section.title, language)
            lines.append(Line(title, question, said, answer, characters(text), limit))
    return Export(
        tuple(lines), tuple(_refusals(frame, answers, lines, language)), tuple(_notes(frame, lines, language))
    )


def shown(
    frame: Frame,
    question: Question,
    answer: Answer | None,
    language: str = "en",
    label: Callable[[str], str] | None = None,
) -> str:
    """Return an answer as a text; empty where there is none."""
    if answer is None or answer.state != "answered" or answer.value is None:
        return ""
    if question.scale in frame.scale_labels:
        at = ORDERED[question.scale].index(answer.value)
        words = said_as(frame.scale_labels[question.scale][at], language)
        return f"{answer.value} – {words}" if isinstance(answer.value, int) else words
    if question.scale == "terms":
        return ", ".join(label(t) if label else t for t in answer.value)
    return str(answer.value)


def _refusals(frame: Frame, answers: Answers, lines: list[Line], language: str) -> list[str]:
    state = completeness(frame, answers)
    out = [
        phrase(
            "“{question}” is {over} characters too long: {length} of {limit}.",
            question=said_as(line.question.text, language),
            over=line.over,
            length=line.length,
            limit=line.limit,
        )
        for line in lines
        if line.over
    ]
    for names, said in (
        (state.open_required, phrase("An answer is missing:")),
        (state.without_evidence, phrase("Evidence is missing:")),
    ):
        for name in names:
            question = frame.question(name)
            assert question is not None
            text = said_as(question.text, language)
            out.append(phrase("{what} “{question}”.", what=said, question=text))
    return out


def _notes(frame: Frame, lines: list[Line], language: str) -> list[str]:
    out = []
    for line in lines:
        text = said_as(line.question.text, language)
        if line.limit == NOT_STATED and line.length:
            out.append(phrase("“{question}”: look up the limit in the form of this year.", question=text))
        if line.question.evidence == "wanted" and _bare(line.answer):
            out.append(phrase("“{question}” would be stronger with evidence.", question=text))
    if frame.absent():
        out.append(phrase("{n} questions are absent here: they could not be read.", n=len(frame.absent())))
    return out


def to_csv(made: Export, language: str = "en") -> str:
    """Return an export as a table; a text that a spreadsheet would compute is made harmless."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(
        ["section", "number", "question", "answer", "state", "comment", "evidence", "characters", "limit"]
    )
    for line in made.lines:
        answer = line.answer or Answer(state="open")
        evidence = "; ".join(f"{e.kind} {e.ref}" for e in answer.evidence)
        limit = "" if line.limit is None else line.limit
        cells = [
            line.section, line.question.number, said_as(line.question.text, language), line.said,
            answer.state, answer.comment, evidence, line.length if line.question.scale == "text" else "",
            limit,
        ]  # fmt: skip
        table.writerow([_harmless(c) for c in cells])
    return out.getvalue()


def _harmless(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip()[:1] in ("=", "+", "-", "@") else cell


# -- plain form ------------------------------------------------------------------------------------------
def to_plain(answers: Answers) -> dict[str, Any]:
    """Return answers ready for JSON."""
    return {
        name: {
            "value": a.value.isoformat() if isinstance(a.value, date) else _list(a.value),
            "state": a.state,
            "comment": a.comment,
            "evidence": [{"kind": e.kind, "ref": e.ref, "note": e.note} for e in a.evidence],
        }
        for name, a in answers.items()
    }


def _list(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def from_plain(frame: Frame, plain: Mapping[str, Any]) -> dict[str, Answer]:
    """Read what `to_plain` made; answers to questions that the frame no longer has are kept as they are."""
    out = {}
    for name, one in plain.items():
        question, value = frame.question(name), one.get("value")
        if question is not None and question.scale == "date" and isinstance(value, str):
            value = date.fromisoformat(value)
        evidence = tuple(Evidence(e["kind"], e["ref"], e.get("note", "")) for e in one.get("evidence", []))
        state, comment = one.get("state", "answered"), one.get("comment", "")
        out[name] = Answer(tuple(value) if isinstance(value, list) else value, state, comment, evidence)
    return out
