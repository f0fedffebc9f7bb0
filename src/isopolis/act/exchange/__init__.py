"""City-to-city exchange and peer review: planned, checked by rules, followed to a change at home."""

from __future__ import annotations

from .lessons import Effect, Lesson, Reading, effect, refused
from .record import Dated, Exchange, Peer, Visit, facts_of, months_between, precheck
from .reminders import AHEAD, MONTHS_TO_CHANGE, Reminder, add_months, due, without_change
from .workflow import Step, Workflow, read_workflow, shipped, shipped_names

__all__ = [
    "AHEAD", "MONTHS_TO_CHANGE", "Dated", "Effect", "Exchange", "Lesson", "Peer", "Reading", "Reminder",
    "Step", "Visit", "Workflow", "add_months", "due", "effect", "facts_of", "months_between", "precheck",
    "read_workflow", "refused", "shipped", "shipped_names", "without_change",
]  # fmt: skip
