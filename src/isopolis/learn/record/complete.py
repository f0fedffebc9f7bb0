"""How complete a record is: which of the questions that readers ask are answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .model import Record
from .texts import NOT_STATED

__all__ = ["PARTS", "Completeness", "completeness"]

ANSWERED = {"stated": 1.0, "not stated": 0.5, "missing": 0.0}
"""What an answer counts: a source that was read and says nothing is half of one."""

PARTS = (
    "summary", "place", "period", "themes", "groups", "gained", "lost", "participants", "cost", "staff_fte",
    "funding_sources", "results", "failures", "side_effects", "conditions", "copied_by", "legal_basis",
    "contact",
)  # fmt: skip
"""The questions, each counting the same."""


@dataclass(frozen=True, slots=True)
class Completeness:
    """The share of answered questions, 0 to 1, and the state of each.

    Attributes
    ----------
    share : float
        Mean over `PARTS` of 1 for stated, 0.5 for not stated, 0 for missing.
    parts : dict of str to str
        ``"stated"``, ``"not stated"`` or ``"missing"`` for each of `PARTS`.
    """

    share: float
    parts: dict[str, str]

    def __float__(self) -> float:
        return self.share

    @property
    def missing(self) -> tuple[str, ...]:
        """The questions nobody has answered."""
        return tuple(name for name, state in self.parts.items() if state == "missing")


def completeness(record: Record) -> Completeness:
    """Say which questions this record answers."""
    states = {name: _state(_part(record, name)) for name in PARTS}
    return Completeness(sum(ANSWERED[s] for s in states.values()) / len(PARTS), states)


def _part(record: Record, name: str) -> Any:
    if name in ("conditions", "copied_by"):
        return getattr(record.transfer, name) if record.transfer else None
    if name == "groups":
        return record.groups or record.grounds
    return getattr(record, name)


def _state(value: Any) -> str:
    if value == NOT_STATED:
        return "not stated"
    return "missing" if value is None or value == () else "stated"
