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
)


def blueprint(name: str) -> Blueprint | None:
    """Return the blueprint of this name."""
    return next((b for b in BLUEPRINTS if b.name == name), None)
