"""News, documents, calls, strategies, dates that were planned, and surveys among the members."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from .base import NOT_STATED, Access, Key, Link, Plain, Source, Texts, Words
from .when import When, covers, first_day, is_exact, last_day

__all__ = [
    "Answer",
    "Call",
    "Document",
    "Milestone",
    "News",
    "Question",
    "Result",
    "Strategy",
    "Survey",
    "answer_problems",
    "results",
    "slip",
]


class News(Plain):
    """One piece of news or one fact of the timeline, dated as well as it is known."""

    key: Key
    title: Texts
    day: When
    text: Texts
    kind: Literal["news", "fact"] = "news"
    access: Access = "public"
    sources: tuple[Source, ...] = ()


class Document(Plain):
    """A document: a file that was sent here, with its checksum, or an address elsewhere."""

    key: Key
    title: Texts
    language: str = Field(default="not stated", max_length=12)
    version: str = Field(default="not stated", max_length=40)
    day: When | None = None
    text: str = Field(default="", max_length=4000)
    url: Link | None = None
    file: str = Field(default="", max_length=150)
    size: Annotated[int, Field(ge=0)] = 0
    sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    status: Literal["", "absent"] = ""
    access: Access = "members"
    sources: tuple[Source, ...] = ()

    @model_validator(mode="after")
    def _is_somewhere(self) -> Document:
        if bool(self.file) != bool(self.sha256):
            raise ValueError("a file has a name and a checksum, or neither")
        if not (self.url or self.file or self.status == "absent"):
            raise ValueError("it has neither a file nor an address; mark it absent if there is none")
        return self


class Call(Plain):
    """An invitation to apply for something, with its dates."""

    key: Key
    title: Texts
    text: Texts
    opens: When | None = None
    closes: When | None = None
    continuous: bool = False
    closes_at: str = Field(default="", max_length=60)
    url: Link | None = None
    precheck: Literal["", "exchange", "review"] = ""
    access: Access = "public"
    sources: tuple[Source, ...] = ()

    def open_on(self, on: date) -> bool:
        """Tell whether one can apply on a day."""
        if not self.continuous and self.closes is None:
            return False
        return covers(self.opens, None if self.continuous else self.closes, on)


class Strategy(Plain):
    """A strategy or programme to which actions and commitments can be mapped."""

    key: Key
    title: Texts
    text: Texts
    start: When | None = None
    end: When | None = None
    kind: Literal["strategy", "programme", "network"] = "strategy"
    url: Link | None = None
    access: Access = "public"
    sources: tuple[Source, ...] = ()


class Milestone(Plain):
    """Something that is to be there by a date, and when it was."""

    key: Key
    title: Texts
    planned: When
    actual: Literal["not stated"] | When | None = None
    note: str = ""
    access: Access = "public"
    sources: tuple[Source, ...] = ()


def slip(milestone: Milestone, on: date) -> tuple[int, int] | None:
    """Return by how many days a milestone is late, as the least and the most that its dates allow.

    Negative days are early. A milestone that is not reached counts as of `on` once that is after its
    planned date; before that there is no slip yet and the answer is None, as it is for one that was
    reached on a day that is not stated.

    Parameters
    ----------
    milestone : Milestone
        With dates that may be known to the month or year only.
    on : date
        Today.
    """
    first, last = first_day(milestone.planned), last_day(milestone.planned)
    if milestone.actual == NOT_STATED:
        return None
    if milestone.actual is None:
        return None if on <= last else ((on - last).days, (on - first).days)
    if is_exact(milestone.planned) or milestone.actual != milestone.planned:
        return (first_day(milestone.actual) - last).days, (last_day(milestone.actual) - first).days
    return 0, 0  # planned and reached in the same month or year: no slip can be seen


class Question(Plain):
    """One question: free text, or options of which one or several may be chosen."""

    key: Key
    text: Words
    kind: Literal["text", "one", "several"] = "text"
    options: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _options_fit(self) -> Question:
        if (self.kind == "text") == bool(self.options):
            raise ValueError("a question for a choice needs options, one for a text has none")
        if len(set(self.options)) < len(self.options):
            raise ValueError("two options are the same")
        return self


class Survey(Plain):
    """Questions to the members, who answer under their name."""

    key: Key
    title: Texts
    text: str = Field(default="", max_length=4000)
    opens: When | None = None
    closes: When | None = None
    questions: Annotated[tuple[Question, ...], Field(min_length=1, max_length=60)]
    access: Access = "members"
    sources: tuple[Source, ...] = ()

    @model_validator(mode="after")
    def _keys_differ(self) -> Survey:
        keys = [q.key for q in self.questions]
        if len(set(keys)) < len(keys):
            raise ValueError("two questions have the same key")
        return self

    def open_on(self, on: date) -> bool:
        """Tell whether members can answer on a day."""
        return covers(self.opens, self.closes, on)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one member said: texts by key of the question."""

    member: str
    said: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Result:
    """One question with what was answered.

    Attributes
    ----------
    question : Question
        The question.
    counts : tuple of (str, int)
        Every option with how many chose it, 0 included; empty for texts.
    texts : tuple of (str, str)
        Member and text; empty for choices.
    silent : tuple of str
        Members that answered the survey but not this question: not the same as a zero.
    """

    question: Question
    counts: tuple[tuple[str, int], ...]
    texts: tuple[tuple[str, str], ...]
    silent: tuple[str, ...]


def answer_problems(survey: Survey, said: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Say what is wrong with an answer; empty when it can be taken."""
    known = {q.key: q for q in survey.questions}
    wrong = [f"there is no question {key}" for key in said if key not in known]
    for key, given in said.items():
        q = known.get(key)
        if q is None:
            continue
        if q.kind != "text" and (strange := [g for g in given if g not in q.options]):
            wrong.append(f"{key}: {strange[0][:40]} is none of the options")
        if (q.kind != "several" and len(given) > 1) or len(set(given)) < len(given):
            wrong.append(f"{key}: one answer is wanted")
        if any(len(g) > 4000 for g in given):
            wrong.append(f"{key}: a text has at most 4,000 characters")
    return wrong


def results(survey: Survey, answers: Iterable[Answer]) -> tuple[Result, ...]:
    """Count choices and list texts, question by question."""
    given = tuple(answers)
    out = []
    for q in survey.questions:
        counted = Counter(g for a in given for g in a.said.get(q.key, ()))
        counts = tuple((o, counted[o]) for o in q.options)
        texts = tuple((a.member, a.said[q.key][0]) for a in given if q.kind == "text" and a.said.get(q.key))
        silent = tuple(a.member for a in given if not a.said.get(q.key))
        out.append(Result(q, counts, texts, silent))
    return tuple(out)
