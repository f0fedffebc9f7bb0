"""Questionnaires as data: a frame has sections, a section has questions, a question has a scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

__all__ = ["EVIDENCE", "NOT_STATED", "ORDERED", "SCALES", "Frame", "Question", "Section", "Source"]

SCALES = {
    "0-3": "a whole number from 0 to 3",
    "0-5": "a whole number from 0 to 5",
    "yes_no": "yes or no",
    "yes_no_partly": "yes, partly or no",
    "text": "a text",
    "number": "a number",
    "date": "a date",
    "choice": "one of the choices",
    "terms": "terms of the vocabulary",
}
"""What an answer may be."""

ORDERED = {
    "0-3": (0, 1, 2, 3),
    "0-5": (0, 1, 2, 3, 4, 5),
    "yes_no": ("no", "yes"),
    "yes_no_partly": ("no", "partly", "yes"),
}
"""Scales with an order, from the lowest to the highest."""

EVIDENCE = ("none", "wanted", "needed")
"""Whether an answer asks for evidence; an export without needed evidence is refused."""

NOT_STATED = "not stated"
"""A limit that exists but is not known here; it has to be looked up in the current form."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a frame or a question was read: address, title, day, and how it is known.

    Parameters
    ----------
    url, title : str
    read : date or None
    mark : str
        ``read``, ``inferred`` or ``general``, as for rules; ``own`` for what we made ourselves.
    """

    url: str
    title: str
    read: date | None
    mark: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    Parameters
    ----------
    id : str
        Stays the same for ever; answers of other years and cities are matched by it.
    text, help, definition : str or mapping of language to str
        What is asked, how to answer, what the words mean.
    meaning : int
        Raised when the question comes to mean something else; then earlier answers are not compared.
    scale : str
        A key of `SCALES`.
    number : str
        As its source counts it: ``Article 9``.
    limit : int, ``"not stated"`` or None
        Most characters of a text.
    choices : tuple of str
        Of a choice.
    scheme : str
        Of terms: the scheme of the vocabulary, ``group``; empty for any.
    role : str
        Who answers, in words.
    required : bool
    evidence : str
        One of `EVIDENCE`.
    absent : str
        Why the question is missing here; such a question is not asked. Empty for all others.
    source : Source or None
        Its own, where it differs from that of the frame.
    """

    id: str
    text: Any
    scale: str = "text"
    number: str = ""
    help: Any = ""
    definition: Any = ""
    meaning: int = 1
    limit: int | str | None = None
    choices: tuple[str, ...] = ()
    scheme: str = ""
    role: str = ""
    required: bool = False
    evidence: str = "none"
    absent: str = ""
    source: Source | None = None

    def measured(self) -> tuple[Any, ...]:
        """Return all on which comparison rests: when it differs, answers are not comparable."""
        return (self.meaning, self.scale, self.choices, self.scheme)


@dataclass(frozen=True, slots=True)
class Section:
    """Questions under one heading."""

    id: str
    title: Any
    questions: tuple[Question, ...]
    note: Any = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """A questionnaire.

    Parameters
    ----------
    id, version : str
    title, note : str or mapping of language to str
    source : Source
    sections : tuple of Section
    scale_labels : mapping of scale to tuple of str
        Words for the steps of a scale, from the lowest.
    """

    id: str
    version: str
    title: Any
    note: Any
    source: Source
    sections: tuple[Section, ...]
    scale_labels: Mapping[str, tuple[Any, ...]]

    def questions(self) -> tuple[Question, ...]:
        """Return every question in order, those that are absent too."""
        return tuple(q for s in self.sections for q in s.questions)

    def asked(self) -> tuple[Question, ...]:
        """Return the questions that can be answered."""
        return tuple(q for q in self.questions() if not q.absent)

    def absent(self) -> tuple[Question, ...]:
        """Return the questions that are known to exist and could not be read."""
        return tuple(q for q in self.questions() if q.absent)

    def question(self, name: str) -> Question | None:
        """Return a question by its id."""
        return next((q for q in self.questions() if q.id == name), None)
