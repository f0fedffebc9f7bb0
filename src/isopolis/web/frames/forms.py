"""The form of one section, made from its questions; the forms to begin and to bring a questionnaire."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from isopolis.act.frames import (
    EVIDENCE_KINDS,
    NOT_STATED,
    ORDERED,
    Answer,
    Evidence,
    Frame,
    Question,
    Section,
    characters,
)
from isopolis.web.modules.comments.words import plain

from .kept import terms, word

__all__ = ["EVIDENCE_NAMES", "BeginForm", "Entry", "ImportForm", "entries", "read_section"]

LONGEST = 20_000
"""Characters of one text; the longest forms ask for a tenth of it."""

MOST_EVIDENCE = 20

EVIDENCE_NAMES = {
    "finding": _("finding of a diagnosis"),
    "case": _("library record"),
    "document": _("document"),
    "link": _("address"),
}


@dataclass
class Entry:
    """One question as its part of the form shows it: what stands there, and what is wrong with it."""

    question: Question
    name: str
    text: str
    help: str
    value: Any = ""
    state: str = "answered"
    comment: str = ""
    evidence: list[Evidence] = field(default_factory=list)
    options: list[tuple[str, str]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    added: dict[str, str] = field(default_factory=dict)

    @property
    def length(self) -> int:
        """Characters of a text."""
        return characters(str(self.value)) if self.question.scale == "text" else 0

    @property
    def over(self) -> bool:
        """True when a text is longer than the form allows."""
        return isinstance(self.question.limit, int) and self.length > self.question.limit

    @property
    def limit_known(self) -> bool:
        """True when the limit is a number."""
        return isinstance(self.question.limit, int)

    @property
    def limit_unknown(self) -> bool:
        """True when there is a limit that is not known here."""
        return self.question.limit == NOT_STATED

    @property
    def kind(self) -> str:
        """Which part of the template shows it."""
        scale = self.question.scale
        return {"choice": "radio", "terms": "many"}.get(scale, "radio" if scale in ORDERED else scale)


def entries(frame: Frame, section: Section, answers: dict[str, Answer]) -> list[Entry]:
    """Return what the form of a section shows."""
    return [_entry(frame, q, answers.get(q.id)) for q in section.questions if not q.absent]


def _entry(frame: Frame, question: Question, answer: Answer | None) -> Entry:
    made = Entry(question, f"q-{question.id}", word(question.text), word(question.help))
    made.options = _options(frame, question)
    if answer is None:
        return made
    made.state, made.comment, made.evidence = answer.state, answer.comment, list(answer.evidence)
    if answer.value is not None:
        shown = answer.value.isoformat() if isinstance(answer.value, date) else answer.value
        made.value = list(shown) if isinstance(shown, (list, tuple)) else str(shown)
    return made


def _options(frame: Frame, question: Question) -> list[tuple[str, str]]:
    if question.scale == "choice":
        return [(c, c) for c in question.choices]
    if question.scale == "terms":
        return terms(question.scheme)
    labels = frame.scale_labels.get(question.scale, ())
    steps = ORDERED.get(question.scale, ())
    words = {"yes": _("yes"), "no": _("no"), "partly": _("partly")}
    if labels:
        return [(str(s), f"{s} – {word(t)}") for s, t in zip(steps, labels, strict=True)]
    return [(str(s), str(words.get(str(s), s))) for s in steps]


def read_section(frame: Frame, section: Section, data: Any) -> tuple[list[Entry], dict[str, Answer | None]]:
    """Read what was sent; an entry with errors stands in the form as it was sent.

    Returns
    -------
    (entries, answers)
        With ``None`` for a question that has no answer.
    """
    made, answers = [], {}
    for question in section.questions:
        if question.absent:
            continue
        entry = _entry(frame, question, None)
        _take(entry, data)
        made.append(entry)
        answers[question.id] = _answer(entry)
    return made, answers


def _take(entry: Entry, data: Any) -> None:
    name = entry.name
    if entry.kind == "many":
        entry.value = [v for v in data.getlist(name) if v][:200]
    else:
        entry.value = plain(str(data.get(name, "")))[: LONGEST + 1]
    state = data.get(f"{name}-state", "answered")
    entry.state = state if state in ("answered", "not_known", "not_applicable") else "answered"
    entry.comment = plain(str(data.get(f"{name}-comment", "")))[:LONGEST]
    gone = set(data.getlist(f"{name}-drop"))
    kinds, refs = data.getlist(f"{name}-kind"), data.getlist(f"{name}-ref")
    for at, (kind, ref) in enumerate(zip(kinds, refs, strict=False)):
        if str(at) not in gone and kind in EVIDENCE_KINDS and ref.strip():
            entry.evidence.append(Evidence(kind, plain(ref)[:500]))
    if len(entry.evidence) > MOST_EVIDENCE:
        entry.errors.append(str(_("At most twenty pieces of evidence.")))
    if len(entry.value) > LONGEST:
        entry.errors.append(str(_("This text is too long for any form: shorten it.")))


def _answer(entry: Entry) -> Answer | None:
    evidence = tuple(entry.evidence)
    if entry.state != "answered":
        if not entry.comment:
            entry.errors.append(str(_("Say in the remark why it is not known or does not apply.")))
        return Answer(None, entry.state, entry.comment, evidence)
    if not entry.value:
        if entry.comment or evidence:
            entry.errors.append(str(_("There is a remark or evidence, and no answer.")))
        return None
    value = _value(entry)
    return Answer(value, "answered", entry.comment, evidence)


def _value(entry: Entry) -> Any:
    """Return the answer in its own type; what cannot be one stays as it was written and is an error."""
    scale, text = entry.question.scale, entry.value
    if scale == "terms":
        return tuple(dict.fromkeys(text))
    if scale in ORDERED:
        found = next((s for s in ORDERED[scale] if str(s) == text), None)
        if found is None:
            entry.errors.append(str(_("Choose one of the answers.")))
        return found
    if scale == "choice" and text not in entry.question.choices:
        entry.errors.append(str(_("Choose one of the answers.")))
    if scale == "number":
        try:
            return forms.FloatField(localize=True).clean(text)
        except forms.ValidationError as error:
            entry.errors += error.messages
    if scale == "date":
        try:
            return forms.DateField().clean(text)
        except forms.ValidationError as error:
            entry.errors += error.messages
    return text


class BeginForm(forms.Form):
    """Which questionnaire is begun."""

    key = forms.ChoiceField(label=_("Questionnaire"), widget=forms.RadioSelect)
    title = forms.CharField(
        label=_("Title"),
        max_length=160,
        required=False,
        help_text=_("For example the year. Without one it has the name of the questionnaire."),
    )


class ImportForm(forms.Form):
    """A questionnaire of one's own as a file."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("YAML, or a CSV table with one row for each question: section, id, text, scale."),
    )
    key = forms.RegexField(
        r"^[a-z][a-z0-9_]*\Z",
        label=_("Id, for a table"),
        required=False,
        max_length=80,
        help_text=_("Small letters, digits and _. A YAML file says its own."),
    )
    title = forms.CharField(label=_("Title, for a table"), required=False, max_length=160)
    url = forms.URLField(
        label=_("Where the questions come from, for a table"), required=False, assume_scheme="https"
    )
    read = forms.DateField(
        label=_("Day on which they were read there, for a table"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
