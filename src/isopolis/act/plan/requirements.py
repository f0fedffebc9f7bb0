"""What each state asks of an action: one list, for the guards of transitions and for the check of a plan."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from isopolis.model import Problem
from isopolis.model.text import phrase, phrases

from .types import STATES, Action

__all__ = ["REQUIRED", "Facts", "Requirement", "Terms", "lacks", "unmet"]


class Terms(Protocol):
    """Ids of the vocabulary: ``"theme:housing" in terms``."""

    def __contains__(self, term: object, /) -> bool:
        """Tell whether the vocabulary has the term."""
        ...


@dataclass(frozen=True, slots=True)
class Facts:
    """What a guard must know beside the action.

    Parameters
    ----------
    today : date
    terms : container of str
        Ids of the vocabulary.
    consulted : bool
        True once the public consultation on the plan is over.
    asked : container of str, optional
        Ids of the actions that people were asked about, where that is known.
    open_points : mapping of str to int
        Points of residents without an answer, by id of the action; "" for points on the whole plan.
    """

    today: date
    terms: Container[str]
    consulted: bool = False
    open_points: Mapping[str, int] = field(default_factory=dict)
    asked: Container[str] | None = None


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that must be so from a state on.

    Parameters
    ----------
    code : str
        Stable name of the problem.
    name : str
        The field that is concerned.
    met : callable
        ``(action, facts) -> bool``.
    said : callable
        ``(action, facts) -> str``: what is missing, and what to do.
    """

    code: str
    name: str
    met: Callable[[Action, Facts], bool]
    said: Callable[[Action, Facts], str]


def _words(text: str) -> Callable[[Action, Facts], str]:
    return lambda _action, _facts: text


def _stated(code: str, name: str, text: str) -> Requirement:
    return Requirement(code, name, lambda a, _facts: bool(getattr(a, name)), _words(text))


def _known(scheme: str, term: str, facts: Facts) -> bool:
    return term.startswith(f"{scheme}:") and term in facts.terms


def _unanswered(action: Action, facts: Facts) -> int:
    own = sum(not r.answered for r in action.responses)
    return own + facts.open_points.get(action.id, 0) + facts.open_points.get("", 0)


def _points(action: Action, facts: Facts) -> str:
    return phrases(
        "{n} point of the consultation has no answer yet: say whether it is taken up, and why.",
        "{n} points of the consultation have no answer yet: say of each whether it is taken up, and why.",
        _unanswered(action, facts),
    )


_DRAFT = (
    Requirement(
        "no-theme",
        "theme",
        lambda a, f: _known("theme", a.theme, f),
        lambda a, _f: (
            phrase("The vocabulary has no theme “{theme}”: choose one of its themes.", theme=a.theme)
            if a.theme
            else phrase("It points to no theme: choose one.")
        ),
    ),
    Requirement(
        "unknown-pillar",
        "pillar",
        lambda a, f: all(_known("pillar", p, f) for p in (a.pillar, *a.secondary_pillars)),
        _words(phrase("Its pillar is none of the vocabulary: regulation, funding or knowledge.")),
    ),
    _stated(
        "no-bottleneck",
        "bottleneck",
        phrase("It does not say what stands in the way: write the bottleneck."),
    ),
    _stated(
        "no-objective",
        "objective",
        phrase("It does not say what is to be reached: write the objective."),
    ),
    Requirement(
        "no-measure-type",
        "measure_type",
        lambda a, f: _known("measure_type", a.measure_type, f),
        _words(phrase("It does not say whether it is for some groups, for everybody, or both.")),
    ),
)
_CONSULTED = (
    _stated("no-output", "outputs", phrase("It has no output: say what it will hand over.")),
    Requirement(
        "not-consulted",
        "status",
        lambda _a, f: f.consulted,
        _words(phrase("No public consultation on this plan is over yet: open one, and wait for its end.")),
    ),
    Requirement(
        "not-asked",
        "status",
        lambda a, f: not f.consulted or f.asked is None or a.id in f.asked,
        _words(phrase("People were not asked about this action: open a consultation on it.")),
    ),
)
_FINAL = (Requirement("open-points", "responses", lambda a, f: _unanswered(a, f) == 0, _points),)
_RUNNING = (
    _stated("no-leader", "leader", phrase("Nobody leads it: name who does.")),
    Requirement(
        "no-timeline",
        "start",
        lambda a, _f: a.start is not None and a.end is not None,
        _words(phrase("It has no timeline: give the first and the last day.")),
    ),
    Requirement(
        "no-resources",
        "resources",
        lambda a, _f: a.resources.stated,
        _words(phrase("It does not say with which money and people it is done.")),
    ),
    Requirement(
        "no-indicator",
        "indicators",
        lambda a, _f: any(i.baseline is not None and i.target is not None for i in a.indicators),
        _words(
            phrase("It has no indicator with a baseline and a target: nobody could tell whether it works.")
        ),
    ),
)
_DONE = (
    Requirement(
        "output-missing",
        "outputs",
        lambda a, _f: bool(a.outputs) and all(o.delivered is not None for o in a.outputs),
        _words(phrase("Not every output has a day on which it was delivered.")),
    ),
)

REQUIRED: Mapping[str, tuple[Requirement, ...]] = {
    "proposal": (),
    "draft": _DRAFT,
    "consulted": (*_DRAFT, *_CONSULTED),
    "final": (*_DRAFT, *_CONSULTED, *_FINAL),
    "running": (*_DRAFT, *_CONSULTED, *_FINAL, *_RUNNING),
    "done": (*_DRAFT, *_CONSULTED, *_FINAL, *_RUNNING, *_DONE),
    "dropped": (),
}
"""All that must be so in a state; each state keeps what the one before it asked."""

assert set(REQUIRED) == set(STATES)


def unmet(action: Action, state: str, facts: Facts) -> list[Requirement]:
    """Return what `action` lacks for `state`."""
    return [r for r in REQUIRED[state] if not r.met(action, facts)]


def lacks(action: Action, state: str, facts: Facts) -> list[Problem]:
    """Return what `action` lacks for `state`, all at once, in words."""
    return [Problem(r.code, r.said(action, facts), column=r.name) for r in unmet(action, state, facts)]
