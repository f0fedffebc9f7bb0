"""The monitoring table: every column of the Urban Agenda's table of actions, one row an action.

The columns follow the fields in which the Urban Agenda for the EU describes and follows its actions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from isopolis.model.text import phrase

from .reminders import next_update
from .states import state_name
from .types import Action, Indicator, Milestone, Plan, Resources

__all__ = ["COLUMNS", "heading", "monitoring"]

COLUMNS = (
    "id", "theme", "title", "bottleneck", "target_groups", "objective", "pillar", "secondary_pillars",
    "measure_type", "existing_policies", "gap", "activities", "outputs", "leader", "members", "start", "end",
    "resources", "milestones", "slip_days", "indicators", "risks", "cross_cutting_links", "evidence",
    "public_feedback_response", "status", "progress", "last_update", "next_update",
)  # fmt: skip
"""Names of the columns in files; they stay in English, so that programs find them."""

BETWEEN = "; "
Label = Callable[[str], str]


def heading(column: str) -> str:
    """Return the words over a column."""
    return {
        "id": phrase("Number"),
        "theme": phrase("Theme"),
        "title": phrase("Action"),
        "bottleneck": phrase("Bottleneck"),
        "target_groups": phrase("Target groups"),
        "objective": phrase("Objective"),
        "pillar": phrase("Pillar"),
        "secondary_pillars": phrase("Other pillars"),
        "measure_type": phrase("Targeted or for everybody"),
        "existing_policies": phrase("Existing policies"),
        "gap": phrase("Gap: why it is new"),
        "activities": phrase("Activities"),
        "outputs": phrase("Outputs"),
        "leader": phrase("Leader"),
        "members": phrase("Partners"),
        "start": phrase("Begins"),
        "end": phrase("Ends"),
        "resources": phrase("Resources"),
        "milestones": phrase("Milestones"),
        "slip_days": phrase("Days late"),
        "indicators": phrase("Indicators"),
        "risks": phrase("Risks"),
        "cross_cutting_links": phrase("Links to other issues"),
        "evidence": phrase("Evidence"),
        "public_feedback_response": phrase("Response to public feedback"),
        "status": phrase("State"),
        "progress": phrase("Progress"),
        "last_update": phrase("Last update"),
        "next_update": phrase("Next update due"),
    }[column]


def monitoring(plan: Plan, today: date, label: Label) -> list[dict[str, str]]:
    """Return one row an action; what nobody stated says "not stated".

    Parameters
    ----------
    plan : Plan
    today : date
        For what is late.
    label : callable
        Id of a term → its words.
    """
    return [_row(a, today, label) for a in plan.actions]


def _row(a: Action, today: date, label: Label) -> dict[str, str]:
    cells = {
        "id": a.id,
        "theme": label(a.theme) if a.theme else "",
        "title": a.title,
        "bottleneck": a.bottleneck,
        "target_groups": _list(label(g) for g in a.groups),
        "objective": a.objective,
        "pillar": label(a.pillar),
        "secondary_pillars": _list(label(p) for p in a.secondary_pillars) or phrase("none"),
        "measure_type": label(a.measure_type) if a.measure_type else "",
        "existing_policies": _list(a.existing_policies),
        "gap": a.gap,
        "activities": _list(_joined(x.text, x.who, x.when) for x in a.activities),
        "outputs": _list(_joined(o.title, o.kind, _day(o.delivered or o.due), o.url) for o in a.outputs),
        "leader": a.leader,
        "members": _list(a.partners),
        "start": _day(a.start),
        "end": _day(a.end),
        "resources": _resources(a.resources),
        "milestones": _list(_milestone(m) for m in a.milestones),
        "slip_days": _slip(a.milestones, today),
        "indicators": _list(_indicator(i) for i in a.indicators),
        "risks": _list(a.risks),
        "cross_cutting_links": _list(a.links),
        "evidence": _list(f"{e.kind}:{e.ref}" for e in a.evidence),
        "public_feedback_response": _list(_joined(r.point, r.decision, r.why) for r in a.responses),
        "status": state_name(a.status),
        "progress": a.progress,
        "last_update": _day(a.last_update),
        "next_update": _next(a),
    }
    return {name: cells[name] or phrase("not stated") for name in COLUMNS}


def _list(items: object) -> str:
    return BETWEEN.join(str(i) for i in items)  # type: ignore[attr-defined]


def _joined(*parts: str) -> str:
    return ", ".join(p for p in parts if p)


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _number(number: float | None) -> str:
    return phrase("not stated") if number is None else f"{number:g}" if abs(number) < 1e6 else f"{number:.0f}"


def _resources(r: Resources) -> str:
    money = f"{r.amount:.2f}".removesuffix(".00") + f" {r.currency}" if r.amount is not None else ""
    staff = phrase("{n} full-time posts", n=_number(r.staff_fte)) if r.staff_fte is not None else ""
    return _joined(r.text, money, staff, r.source)


def _milestone(m: Milestone) -> str:
    happened = m.actual.isoformat() if m.actual else phrase("open")
    return phrase("{title}: planned {planned}, {actual}", title=m.title, planned=m.planned, actual=happened)


def _slip(milestones: Sequence[Milestone], today: date) -> str:
    late = [slip for m in milestones if (slip := m.slip(today)) is not None]
    return str(max(late)) if late else ""


def _indicator(i: Indicator) -> str:
    return phrase(
        "{name}: {baseline} → {target}, now {latest}",
        name=_joined(i.name, i.unit),
        baseline=_number(i.baseline),
        target=_number(i.target),
        latest=_number(i.latest),
    )


def _next(a: Action) -> str:
    due = next_update(a)
    return due[0].isoformat() if due else phrase("none")
