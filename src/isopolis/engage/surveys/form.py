"""A form as it is asked: questions in their groups, with what decides whether and how they are asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from .expressions import Node
from .randomised import Design

__all__ = ["ASKED", "KINDS", "Choice", "Form", "Question", "said_in_language"]

KINDS = ("select_one", "select_multiple", "integer", "decimal", "text", "date", "note", "calculate", "group")
ASKED = ("select_one", "select_multiple", "integer", "decimal", "text", "date")
"""Kinds that have an answer by a person."""

Words = Mapping[str, str]
"""Language → text; the language is the empty text where the form names none."""


def said_in_language(words: Words, language: str, default: str = "") -> str:
    """Return the text in `language`, else in the default language of the form, else in any."""
    return words.get(language) or words.get(default) or next((w for w in words.values() if w), "")


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to choose.

    Parameters
    ----------
    name : str
        What is stored.
    label : mapping of str to str
        Language → text.
    columns : mapping of str to str
        Further columns of the sheet, for filters.
    """

    name: str
    label: Words
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """One row of the form: a question, a note, a calculation or the beginning of a group.

    Parameters
    ----------
    name : str
    kind : str
        One of `KINDS`.
    row : int
        Of the sheet.
    label, hint, constraint_message, required_message : mapping of str to str
    inside : tuple of str
        Names of the groups around it, the outermost first.
    list_name : str
        List of its choices.
    relevant, constraint, required, calculation, choice_filter : Node or None
        `required` true always is the node ``true()``.
    design : Design or None
        How the answer is randomised before it is given.
    together : bool
        True for a group that is shown on one page (``field-list``).
    """

    name: str
    kind: str
    row: int
    label: Words = field(default_factory=dict)
    hint: Words = field(default_factory=dict)
    constraint_message: Words = field(default_factory=dict)
    required_message: Words = field(default_factory=dict)
    inside: tuple[str, ...] = ()
    list_name: str = ""
    relevant: Node | None = None
    constraint: Node | None = None
    required: Node | None = None
    calculation: Node | None = None
    choice_filter: Node | None = None
    design: Design | None = None
    together: bool = False

    @property
    def asked(self) -> bool:
        """True when a person answers it."""
        return self.kind in ASKED


@dataclass(frozen=True)
class Form:
    """A form.

    Parameters
    ----------
    title : str
    version : str
    languages : tuple of str
        As the form names them; the first is the default.
    questions : tuple of Question
        In the order of the sheet, groups before what is in them.
    choices : mapping of str to tuple of Choice
        By name of list.
    order : tuple of str
        Names in an order in which everything that an expression asks about comes before it.
    """

    title: str
    version: str
    languages: tuple[str, ...]
    questions: tuple[Question, ...]
    choices: Mapping[str, tuple[Choice, ...]]
    order: tuple[str, ...]

    @cached_property
    def by_name(self) -> Mapping[str, Question]:
        """Question of each name."""
        return {q.name: q for q in self.questions}

    @property
    def asked(self) -> tuple[Question, ...]:
        """Questions that a person answers."""
        return tuple(q for q in self.questions if q.asked)

    @property
    def language(self) -> str:
        """Default language."""
        return self.languages[0] if self.languages else ""
