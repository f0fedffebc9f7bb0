"""Workflows of exchange as data: steps, the most peers and visits, their rules and their form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from isopolis.act import frames, rules
from isopolis.act.rules.words import is_said
from isopolis.content import names, read
from isopolis.model import CallError
from isopolis.model.errors import Problems, near
from isopolis.model.text import phrase

__all__ = ["Step", "Workflow", "read_workflow", "shipped", "shipped_names"]

FOLDER = "exchange"
KEYS = {
    "id", "title", "about", "rules", "form", "peers", "visits", "months", "questions", "source", "steps",
}  # fmt: skip
NUMBERS = ("peers", "visits", "months", "questions")


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `fact` is the fact of the rules that is true once it has a date."""

    id: str
    title: Any
    fact: str = ""


@dataclass(frozen=True, slots=True)
class Workflow:
    """A kind of exchange.

    Parameters
    ----------
    id : str
    title, about : str or mapping of language to str
    rules, form : str
        Ids of the set of rules and of the frame of its form; empty where there is none.
    peers, visits, months, questions : int
        The most of each.
    steps : tuple of Step
    """

    id: str
    title: Any
    about: Any
    rules: str
    form: str
    peers: int
    visits: int
    months: int
    questions: int
    steps: tuple[Step, ...]

    def step(self, name: str) -> Step | None:
        """Return a step by its id."""
        return next((s for s in self.steps if s.id == name), None)


def read_workflow(plain: Any, file: str) -> Workflow:
    """Read the plain data of a workflow.

    Raises
    ------
    DataError
        With everything that is wrong: unknown keys, rules, forms and facts.
    """
    problems = Problems()

    def wrong(message: str, value: Any = None, hint: str = "") -> None:
        shown = str(value)[:80] if value is not None else None
        problems.error("workflow", message, file=file, value=shown, hint=hint)

    top = plain if isinstance(plain, Mapping) else {}
    for key in top:
        if key not in KEYS:
            wrong(phrase('"{key}" is unknown here', key=str(key)), hint=near(str(key), sorted(KEYS)))
    if not is_said(top.get("id")) or not is_said(top.get("title")):
        wrong(phrase("an id and a title are missing"))
    for key in NUMBERS:
        if not isinstance(top.get(key), int) or isinstance(top.get(key), bool) or top[key] < 1:
            wrong(phrase('"{name}" is a whole number from 1', name=key), top.get(key))
    ruled, form = str(top.get("rules") or ""), str(top.get("form") or "")
    if ruled and ruled not in rules.shipped_names():
        wrong(phrase("there are no such rules"), ruled, near(ruled, rules.shipped_names()))
    if form and form not in frames.shipped_names():
        wrong(phrase("there is no such frame"), form, near(form, frames.shipped_names()))
    given = top.get("steps")
    steps = [s for s in given if isinstance(s, Mapping)] if isinstance(given, list) else []
    if not steps or len({str(s.get("id")) for s in steps}) < len(given or ()):
        wrong(phrase("there are no steps, or two with one id"))
    facts = rules.shipped(ruled).fields if ruled in rules.shipped_names() else {}
    for step in steps:
        if not is_said(step.get("id")) or not is_said(step.get("title")):
            wrong(phrase("a step has an id and a title"), step)
        if step.get("fact") and step["fact"] not in facts:
            wrong(phrase("the rules know no such fact"), step["fact"], near(step["fact"], facts))
    problems.raise_if_fatal()
    made = tuple(Step(s["id"], s["title"], s.get("fact", "")) for s in steps)
    peers, visits, months, questions = (int(top[k]) for k in NUMBERS)
    words = (top["id"], top["title"], top.get("about", ""), ruled, form)
    return Workflow(*words, peers, visits, months, questions, made)


def shipped_names() -> tuple[str, ...]:
    """Return the ids of the workflows that ship."""
    return tuple(n.removesuffix(".yaml") for n in names(FOLDER) if n.endswith(".yaml"))


@cache
def shipped(name: str) -> Workflow:
    """Return a workflow that ships.

    Raises
    ------
    CallError
        When there is none of that name.
    """
    if name not in shipped_names():
        hint = near(name, shipped_names())
        raise CallError(phrase('no workflow "{name}" ships; {hint}', name=name, hint=hint))
    return read_workflow(read(f"{FOLDER}/{name}.yaml"), f"{name}.yaml")
