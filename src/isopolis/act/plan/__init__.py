"""Action plans: actions in the fields of the Urban Agenda for the EU, their states, their log, their tree."""

from __future__ import annotations

from .changes import FIXED, WORDS, added, consulting, edited, moved, removed, renamed, versioned
from .checks import facts_of, problems
from .monitoring import COLUMNS, heading, monitoring
from .plain import read_plan, to_plain
from .reminders import Reminder, due, months_later, next_update
from .requirements import REQUIRED, Facts, Terms, lacks
from .states import TRANSITIONS, Transition, allowed_from, refusals, state_name
from .tree import Node, rows, tree
from .types import (
    DECISIONS,
    EVIDENCE_KINDS,
    PROGRESS,
    STATES,
    Action,
    Activity,
    Change,
    Consultation,
    Evidence,
    Indicator,
    Milestone,
    Output,
    Plan,
    Resources,
    Response,
    Version,
)

__all__ = [
    "COLUMNS", "DECISIONS", "EVIDENCE_KINDS", "FIXED", "PROGRESS", "REQUIRED", "STATES", "TRANSITIONS",
    "WORDS", "Action", "Activity", "Change", "Consultation", "Evidence", "Facts", "Indicator", "Milestone",
    "Node", "Output", "Plan", "Reminder", "Resources", "Response", "Terms", "Transition", "Version",
    "added", "allowed_from", "consulting", "due", "edited", "facts_of", "heading", "lacks", "monitoring",
    "months_later", "moved", "next_update", "problems", "read_plan", "refusals", "removed", "renamed",
    "rows", "state_name", "to_plain", "tree", "versioned",
]  # fmt: skip
