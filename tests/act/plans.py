"""A small plan for the tests: example data, not a real place."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from isopolis.act.plan import Action, Facts, Plan

TERMS = frozenset(
    {
        "theme:housing", "theme:childcare", "pillar:regulation", "pillar:funding", "pillar:knowledge",
        "measure_type:targeted", "measure_type:universal", "measure_type:both", "group:women",
    }
)  # fmt: skip
TODAY = date(2026, 11, 22)
WHEN = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

WHOLE: dict[str, Any] = {
    "id": "a1",
    "title": "Places in crèches for who is alone",
    "pillar": "pillar:knowledge",
    "secondary_pillars": ["pillar:funding"],
    "theme": "theme:childcare",
    "measure_type": "measure_type:targeted",
    "bottleneck": "Opening hours end before shifts do",
    "groups": ["group:women"],
    "objective": "Nobody turns down work for lack of a place",
    "existing_policies": ["City plan for families"],
    "gap": "Nothing looks at hours yet",
    "activities": [{"text": "Ask parents", "who": "Youth office", "when": "spring"}],
    "outputs": [
        {"title": "Map of hours", "kind": "map", "due": "2027-03-01"},
        {"title": "Proposal to the council", "kind": "paper"},
    ],
    "leader": "Youth office",
    "partners": ["Parents' council"],
    "start": "2026-12-01",
    "end": "2028-11-30",
    "milestones": [{"title": "Survey done", "planned": "2027-02-01"}],
    "resources": {"amount": 120000, "currency": "EUR", "staff_fte": 1.5, "source": "city budget"},
    "indicators": [
        {"name": "Places after 18 h", "unit": "places", "finding": "f:1", "baseline": 40, "target": 160,
         "target_date": "2028-11-30"}
    ],
    "risks": ["Staff is not found"],
    "links": ["SDG 5"],
    "evidence": [{"kind": "finding", "ref": "f:1", "why": "widest gap"}],
    "responses": [{"point": "Weekends too", "decision": "in_part", "why": "Saturdays only: no staff"}],
    "status": "final",
    "last_update": "2026-11-22",
}  # fmt: skip


def action(**more: Any) -> Action:
    """Return the whole action with some fields different."""
    return Action.model_validate(WHOLE | more)


def plan(*actions: Action, **more: Any) -> Plan:
    """Return a plan of these actions."""
    return Plan(title="A plan", place="Exampletown (example data, not a real place)", actions=actions, **more)


def facts(**more: Any) -> Facts:
    """Return facts that speak against nothing."""
    return Facts(**({"today": TODAY, "terms": TERMS, "consulted": True} | more))


def label(term: str) -> str:
    """Return the last part of an id as its words."""
    return term.partition(":")[2].replace("_", " ")
