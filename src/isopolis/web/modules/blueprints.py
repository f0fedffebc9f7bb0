"""Presets that an officer picks instead of filling in forty fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

__all__ = ["BLUEPRINTS", "Blueprint", "PlannedModule", "PlannedPhase", "blueprint"]


@dataclass(frozen=True, slots=True)
class PlannedPhase:
    """A phase of a blueprint; `days` is a first suggestion that the officer changes."""

    kind: str
    name: Any
    days: int


@dataclass(frozen=True, slots=True)
class PlannedModule:
    """A module of a blueprint with its phases, one after the other."""

    kind: str
    title: Any
    phases: tuple[PlannedPhase, ...]


@dataclass(frozen=True, slots=True)
class Blueprint:
    """A process that is ready but for its title and its dates."""

    name: str
    title: Any
    description: Any
    modules: tuple[PlannedModule, ...]


BLUEPRINTS = (
    Blueprint(
        "discussion",
        _("Discussion"),
        _("People comment on a question for some weeks. Afterwards everything stays readable."),
        (PlannedModule("discussion", _("Discussion"), (PlannedPhase("collect", _("Comments"), 28),)),),
    ),
    Blueprint(
        "two_rounds",
        _("Discussion in two rounds"),
        _("People comment on a question, the city answers during a pause, then they comment on the answer."),
        (
            PlannedModule(
                "discussion",
                _("Discussion"),
                (
                    PlannedPhase("collect", _("First round"), 21),
                    PlannedPhase("read", _("The city answers"), 14),
                    PlannedPhase("collect", _("Second round"), 14),
                ),
            ),
        ),
    ),
    Blueprint(
        "consultation",
        _("Consultation on a plan"),
        _("People answer for six weeks, without an account too; then the city answers every point."),
        (
            PlannedModule(
                "consultation",
                _("Consultation"),
                (
                    PlannedPhase("answer", _("Answers"), 42),
                    PlannedPhase("evaluate", _("The city answers"), 42),
                ),
            ),
        ),
    ),
    Blueprint(
        "worries",
        _("Worries desk"),
        _(
            "Residents tell what worries them all year, on the page, by letter, by telephone or at meetings; "
            "everybody sees what was registered and resolved, and whose worries are drowned by the others."
        ),
        (
            PlannedModule(
                "worries",
                _("Worries desk"),
                (PlannedPhase("listen", _("Listening"), 365),),
            ),
        ),
    ),
    Blueprint(
        "assembly",
        _("Assembly drawn by lot"),
        _(
            "Residents are invited, volunteers are drawn in public so that the panel looks like the city, "
            "then it meets."
        ),
        (
            PlannedModule(
                "assembly",
                _("Assembly"),
                (PlannedPhase("call", _("Call"), 42), PlannedPhase("meet", _("Meetings"), 90)),
            ),
        ),
    ),
    Blueprint(
        "survey",
        _("Survey"),
        _(
            "Residents answer a form on the web, on paper or with somebody's help, without an account. The "
            "results are weighted to the census."
        ),
        (
            PlannedModule(
                "survey",
                _("Survey"),
                (PlannedPhase("answer", _("Answers"), 28), PlannedPhase("evaluate", _("Results"), 28)),
            ),
        ),
    ),
    Blueprint(
        "budget",
        _("Hero of your city: a budget that residents decide"),
        _(
            "Residents propose ideas and are helped to make them clear. The city checks in public what is "
            "lawful, what can be done and what it costs, and gives time to repair. After a fair everybody "
            "votes, online and on paper together; a fair rule shares out the money, and the page follows "
            "each project until it is built."
        ),
        (
            PlannedModule(
                "budget",
                _("Budget"),
                (
                    PlannedPhase("ideas", _("Ideas"), 42),
                    PlannedPhase("checks", _("Checks and repair"), 42),
                    PlannedPhase("fair", _("Fair of the projects"), 14),
                    PlannedPhase("vote", _("Vote"), 21),
                    PlannedPhase("result", _("Result"), 7),
                    PlannedPhase("delivery", _("Until it is built"), 540),
                ),
            ),
        ),
    ),
    Blueprint(
        "opinions",
        _("Conversation"),
        _(
            "People write short statements and agree, disagree or pass on those of others, without an "
            "account too. At the end stands what unites all groups of opinion."
        ),
        (
            PlannedModule(
                "opinions",
                _("Conversation"),
                (
                    PlannedPhase("talk", _("Statements and votes"), 28),
                    PlannedPhase("vote", _("Votes"), 7),
                    PlannedPhase("result", _("Result"), 28),
                ),
            ),
        ),
    ),
)


def blueprint(name: str) -> Blueprint | None:
    """Return the blueprint of this name."""
    return next((b for b in BLUEPRINTS if b.name == name), None)
