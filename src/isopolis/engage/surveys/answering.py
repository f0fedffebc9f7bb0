"""Which questions somebody is asked, on which page, and whether the answers may stand."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from isopolis.model.text import listing, phrase

from .build import needs
from .evaluate import Scope, Unknown, Value, evaluate, text, truth
from .form import Choice, Form, Question, said_in_language

__all__ = [
    "Checked",
    "Item",
    "Page",
    "State",
    "Trouble",
    "check",
    "choices_of",
    "pages",
    "sections",
    "state_of",
]

LONGEST_TEXT = 10_000
MOST_ON_PAGE = 10
_INTEGER = re.compile(r"[+-]?\d{1,15}")
_DECIMAL = re.compile(r"[+-]?(?:\d{1,15}(?:[.,]\d{0,15})?|[.,]\d{1,15})")
_PIPED = re.compile(r"\$\{\s*([^{}\s]+)\s*\}")


@dataclass(frozen=True, slots=True)
class State:
    """What is known after some answers.

    Parameters
    ----------
    shown : mapping of str to (bool or Unknown)
        True: asked; False: skipped; unknown: it depends on answers that are not there.
    values : mapping of str to Value
        Answers that count, calculations with them; empty where skipped.
    """

    shown: Mapping[str, bool | Unknown]
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why one answer may not stand.

    Parameters
    ----------
    name : str
        Of the question.
    code : {"required", "not-allowed", "constraint", "unknown-question"}
    message : str
        For the person who answers.
    """

    name: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A whole set of answers, looked at.

    Parameters
    ----------
    answers : mapping of str to str
        What may be kept: written in one way, without what was skipped.
    troubles : tuple of Trouble
    skipped : tuple of str
        Questions that were answered although they were not asked: not kept.
    state : State
    """

    answers: Mapping[str, str]
    troubles: tuple[Trouble, ...]
    skipped: tuple[str, ...]
    state: State


@dataclass(frozen=True, slots=True)
class Item:
    """One thing on a page.

    Parameters
    ----------
    name, kind, label, hint : str
    choices : tuple of (name, label)
        That may be chosen now.
    value : str
    required : bool
    randomised : bool
        True where chance comes into the answer: show how before it is asked.
    """

    name: str
    kind: str
    label: str
    hint: str
    choices: tuple[tuple[str, str], ...]
    value: str
    required: bool
    randomised: bool


@dataclass(frozen=True, slots=True)
class Page:
    """One page.

    Parameters
    ----------
    number : int
        From 1.
    title : str
        Of its group; empty where there is none.
    items : tuple of Item
        Only what is asked now.
    state : {"open", "skipped", "waiting"}
        ``waiting``: whether anything is asked here depends on answers that are not there yet.
    """

    number: int
    title: str
    items: tuple[Item, ...]
    state: str


# -- skip logic --------------------------------------------------------------------------------------------
def state_of(form: Form, answers: Mapping[str, str], today: date) -> State:
    """Decide what is asked and what is skipped.

    Parameters
    ----------
    form : Form
    answers : mapping of str to str
        Question → answer, the empty text where it was left empty. A question that is not in it was not
        asked yet.
    today : date
    """
    shown: dict[str, bool | Unknown] = {}
    values: dict[str, Value] = {}
    scope = Scope(values, today)
    for name in form.order:
        q = form.by_name[name]
        own = True if q.relevant is None else truth(evaluate(q.relevant, scope))
        shown[name] = _all([*(shown[g] for g in q.inside), own])
        values[name] = _value(q, shown[name], answers, scope)
    return State(shown, values)


def _all(parts: Sequence[bool | Unknown]) -> bool | Unknown:
    if any(p is False for p in parts):
        return False
    waiting = [p.waits_for for p in parts if isinstance(p, Unknown)]
    return Unknown(frozenset().union(*waiting)) if waiting else True


def _value(q: Question, shown: bool | Unknown, answers: Mapping[str, str], scope: Scope) -> Value:
    if shown is False or q.kind in ("note", "group"):
        return ""
    if isinstance(shown, Unknown):
        return shown
    if q.calculation is not None:
        found = evaluate(q.calculation, scope)
        return found if isinstance(found, Unknown) else _finite(found)
    if q.name not in answers:
        return Unknown(frozenset({q.name}))
    written = _written(q, answers[q.name])
    return "" if written is None else float(written) if q.kind in _NUMBERS and written else written


_NUMBERS = ("integer", "decimal")


def _finite(value: str | float | bool) -> Value:
    # what cannot be calculated is empty, as in XForms
    return "" if isinstance(value, float) and not math.isfinite(value) else value


def choices_of(form: Form, q: Question, state: State, today: date) -> tuple[Choice, ...]:
    """Return the choices that may be chosen now."""
    have = form.choices.get(q.list_name, ())
    if q.choice_filter is None:
        return have
    node = q.choice_filter
    return tuple(
        c for c in have if truth(evaluate(node, Scope(state.values, today, columns=c.columns))) is True
    )


# -- answers -----------------------------------------------------------------------------------------------
def _written(q: Question, given: str) -> str | None:
    """Return the answer written in one way; None where it is not of the kind that is asked for."""
    answer = given.strip()
    if not answer:
        return ""
    if q.kind == "integer":
        return str(int(answer)) if _INTEGER.fullmatch(answer) else None  # digits of any script
    if q.kind == "decimal":
        return _decimal(answer)
    if q.kind == "date":
        try:
            return date.fromisoformat(answer).isoformat() if len(answer) == 10 else None
        except ValueError:
            return None
    if q.kind == "select_multiple":
        return " ".join(dict.fromkeys(answer.split()))
    return answer if len(answer) <= LONGEST_TEXT else None


def _decimal(answer: str) -> str | None:
    if not _DECIMAL.fullmatch(answer):
        return None
    found = float(answer.replace(",", "."))
    return str(int(found)) if found.is_integer() else repr(found)


def check(form: Form, answers: Mapping[str, str], today: date, *, whole: bool = True) -> Checked:
    """Look at answers, and say everything that is wrong with them.

    Parameters
    ----------
    form : Form
    answers : mapping of str to str
    today : date
    whole : bool
        True for a form that is handed in: what is not there was left empty. False for a page on the way.
    """
    given = {q.name: answers[q.name] for q in form.asked if q.name in answers}
    if whole:
        given = {q.name: "" for q in form.asked} | given
    state = state_of(form, given, today)
    troubles = [
        Trouble(name, "unknown-question", phrase("The form has no question “{name}”.", name=name))
        for name in answers
        if name not in form.by_name or not form.by_name[name].asked
    ]
    kept: dict[str, str] = {}
    skipped = []
    for q in form.asked:
        if q.name not in given:
            continue
        if state.shown[q.name] is not True:
            skipped += [q.name] if given[q.name].strip() else []
            continue
        found = list(_troubles(form, q, given[q.name], state, today))
        troubles += found
        if not found:
            kept[q.name] = _written(q, given[q.name]) or ""
    return Checked(kept, tuple(troubles), tuple(skipped), state)


def _troubles(form: Form, q: Question, given: str, state: State, today: date) -> Iterator[Trouble]:
    scope = Scope(state.values, today)
    written = _written(q, given)
    if written == "":
        if q.required is not None and truth(evaluate(q.required, scope)) is True:
            own = said_in_language(q.required_message, "", form.language)
            yield Trouble(q.name, "required", own or phrase("An answer is needed here."))
        return
    wrong = _KIND_SAID[q.kind] if written is None else _not_a_choice(form, q, written, state, today)
    if wrong:
        yield Trouble(q.name, "not-allowed", wrong)
        return
    if q.constraint is not None:
        scope = Scope(state.values, today, dot=state.values[q.name])
        if truth(evaluate(q.constraint, scope)) is False:
            own = said_in_language(q.constraint_message, "", form.language)
            yield Trouble(q.name, "constraint", own or phrase("This answer is not allowed here."))


_KIND_SAID = {
    "integer": phrase("Write a whole number."),
    "decimal": phrase("Write a number."),
    "date": phrase("Write a date as year-month-day, such as 2026-05-31."),
    "text": phrase("The text is too long."),
    "select_one": phrase("Choose one of the answers."),
    "select_multiple": phrase("Choose among the answers."),
}


def _not_a_choice(form: Form, q: Question, written: str, state: State, today: date) -> str:
    if not q.list_name:
        return ""
    names = [c.name for c in choices_of(form, q, state, today)]
    chosen = [written] if q.kind == "select_one" else written.split()
    strange = [c[:60] for c in chosen if c not in names]
    return phrase("Not among the answers here: {names}.", names=listing(strange[:5])) if strange else ""


# -- pages -------------------------------------------------------------------------------------------------
def sections(form: Form) -> tuple[tuple[str, ...], ...]:
    """Cut the form into pages.

    Returns
    -------
    tuple of tuple of str
        Names of questions and notes. A page ends with its outermost group, after ten questions, and before
        a question that depends on an answer of the same page: so pages need no script in the browser.
    """
    out: list[list[str]] = []
    group = None
    for q in form.questions:
        if q.kind in ("group", "calculate"):
            continue
        outer = q.inside[0] if q.inside else ""
        around = [form.by_name[g] for g in q.inside]
        wanted = _reach(form, frozenset().union(needs(q), *map(needs, around)))
        if not out or outer != group or len(out[-1]) >= MOST_ON_PAGE or wanted & set(out[-1]):
            out.append([])
        out[-1].append(q.name)
        group = outer
    return tuple(map(tuple, out))


def _reach(form: Form, names: frozenset[str]) -> frozenset[str]:
    """Add the questions that calculations among `names` are made of."""
    found, new = set(names), set(names)
    while new:
        made = (needs(form.by_name[n]) for n in new if form.by_name[n].kind == "calculate")
        new = set().union(*made) - found
        found |= new
    return frozenset(found)


def pages(form: Form, answers: Mapping[str, str], today: date, language: str = "") -> tuple[Page, ...]:
    """Return the pages of the form as they are for somebody who gave `answers` so far.

    Parameters
    ----------
    form : Form
    answers : mapping of str to str
        As in `state_of`.
    today : date
    language : str
        As the form names it.
    """
    state = state_of(form, answers, today)
    out = []
    for number, names in enumerate(sections(form), start=1):
        questions = [form.by_name[n] for n in names]
        shown = [state.shown[n] for n in names]
        asked = [q for q, s in zip(questions, shown, strict=True) if s is True]
        items = tuple(_item(form, q, answers, state, today, language) for q in asked)
        waits = any(isinstance(s, Unknown) for s in shown)
        outer = questions[0].inside[:1]
        title = said_in_language(form.by_name[outer[0]].label, language, form.language) if outer else ""
        out.append(Page(number, title, items, "open" if items else "waiting" if waits else "skipped"))
    return tuple(out)


def _item(
    form: Form, q: Question, answers: Mapping[str, str], state: State, today: date, language: str
) -> Item:
    def words(texts: Mapping[str, str]) -> str:
        return _PIPED.sub(
            lambda m: _piped(form, m[1], state, language), said_in_language(texts, language, form.language)
        )

    offered = tuple((c.name, words(c.label)) for c in choices_of(form, q, state, today))
    required = q.required is not None and truth(evaluate(q.required, Scope(state.values, today))) is True
    value = answers.get(q.name, "") if q.asked else ""
    return Item(q.name, q.kind, words(q.label), words(q.hint), offered, value, required, q.design is not None)


def _piped(form: Form, name: str, state: State, language: str) -> str:
    """Return the answer that a text speaks of, in words; an ellipsis where it is not there yet."""
    value = state.values.get(name, "")
    if isinstance(value, Unknown):
        return "…"
    list_name = form.by_name[name].list_name if name in form.by_name else ""
    labels = {
        c.name: said_in_language(c.label, language, form.language) for c in form.choices.get(list_name, ())
    }
    return ", ".join(labels.get(v, v) for v in text(value).split()) if labels else text(value)
