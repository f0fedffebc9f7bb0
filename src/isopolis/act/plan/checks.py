"""All that is wrong with a plan, at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

from isopolis.model import Problem
from isopolis.model.text import phrase

from .requirements import Facts, lacks
from .types import Action, Plan

__all__ = ["facts_of", "problems"]


def facts_of(plan: Plan, terms: object, today: date, open_points: dict[str, int] | None = None) -> Facts:
    """Return what the guards need, as far as the plan itself tells it."""
    over = plan.consultation is not None and plan.consultation.closes < today
    return Facts(today, terms, over, open_points or {})  # type: ignore[arg-type]


def problems(plan: Plan, facts: Facts) -> list[Problem]:
    """Return everything that is wrong or unfinished.

    Fatal is what contradicts the state that an action is in; what a proposal still lacks to become a draft is
    said as well, and is not fatal.
    """
    out = list(_of_plan(plan))
    for action in plan.actions:
        found = [*lacks(action, action.status, facts), *_of_action(action, facts)]
        if action.status == "proposal":
            found += [_mild(p) for p in lacks(action, "draft", facts)]
        out += [_placed(p, action) for p in found]
    return out


def _of_plan(plan: Plan) -> Iterator[Problem]:
    for name, n in Counter(a.id for a in plan.actions).items():
        if n > 1:
            said = phrase("Two actions have the id {name}", name=name)
            yield Problem("same-id", said, column="id", value=name, count=n)
    if plan.consultation is not None and plan.consultation.closes < plan.consultation.opens:
        yield Problem("consultation-backwards", phrase("The consultation ends before it begins"))
    numbers = [v.number for v in plan.versions]
    if numbers != sorted(set(numbers)):
        yield Problem("version-order", phrase("The numbers of the versions do not rise"), column="versions")
    if not plan.actions:
        yield Problem("no-action", phrase("The plan has no action yet"), fatal=False)


def _of_action(action: Action, facts: Facts) -> Iterator[Problem]:
    for group in action.groups:
        if group not in facts.terms:
            yield Problem(
                "unknown-group", phrase("The vocabulary has no such group"), column="groups", value=group
            )
    if action.pillar in action.secondary_pillars:
        yield Problem("pillar-twice", phrase("The main pillar is among the secondary ones"), column="pillar")
    if action.start and action.end and action.end < action.start:
        yield Problem(
            "timeline-backwards", phrase("It ends before it begins"), column="end", value=str(action.end)
        )
    yield from _days(action, facts.today)
    yield from _aims(action)
    for response in action.responses:
        if response.decision and not response.why:
            said = phrase("A point of the consultation is decided, but nobody said why")
            yield Problem("no-why", said, column="responses", value=response.point[:80])


def _days(action: Action, today: date) -> Iterator[Problem]:
    happened = [(m.title, m.actual) for m in action.milestones] + [
        (o.title, o.delivered) for o in action.outputs
    ]
    for title, day in happened:
        if day is not None and day > today:
            said = phrase("“{title}” is said to have happened on a day that is still to come", title=title)
            yield Problem("future-day", said, column="milestones", value=str(day))
    for m in action.milestones:
        if (action.start and m.planned < action.start) or (action.end and m.planned > action.end):
            said = phrase("“{title}” is planned outside the timeline of the action", title=m.title)
            yield Problem("outside-timeline", said, column="milestones", value=str(m.planned), fatal=False)


def _aims(action: Action) -> Iterator[Problem]:
    for i in action.indicators:
        if i.target is not None and i.baseline is None:
            said = phrase("“{name}” has a target and no baseline: nobody can see the way to it", name=i.name)
            yield Problem("no-baseline", said, column="indicators", fatal=False)
        if i.target is not None and i.target == i.baseline:
            said = phrase("The target of “{name}” is its baseline: nothing would change", name=i.name)
            yield Problem("no-change", said, column="indicators", fatal=False)


def _mild(problem: Problem) -> Problem:
    return Problem(problem.code, problem.message, column=problem.column, value=problem.value, fatal=False)


def _placed(problem: Problem, action: Action) -> Problem:
    said = phrase("Action {name}: {problem}", name=action.id, problem=problem.message)
    return Problem(
        problem.code, said, column=problem.column, value=problem.value, rule=problem.rule,
        hint=problem.hint, count=problem.count, fatal=problem.fatal,
    )  # fmt: skip
