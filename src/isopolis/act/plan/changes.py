"""Changes of a plan: each returns a new plan that has written down who changed what, when and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from isopolis.model import CallError, DataError, Problem
from isopolis.model.text import listing, phrase

from .plain import from_errors
from .requirements import Facts
from .states import refusals, state_name
from .types import Action, Change, Consultation, Plan, Version

__all__ = ["FIXED", "WORDS", "added", "consulting", "edited", "moved", "removed", "renamed", "versioned"]

WORDS = frozenset(
    "title pillar secondary_pillars theme measure_type bottleneck groups objective existing_policies gap "
    "activities".split()
)
"""What people were asked about: from `FIXED` on it changes only after the action went back to draft."""

FIXED = ("final", "running", "done", "dropped")


def edited(plan: Plan, name: str, fields: Mapping[str, Any], *, who: str, when: datetime) -> Plan:
    """Change fields of an action, one entry in the log for each that is different.

    Raises
    ------
    CallError
        There is no such action, or the state changes by `moved` only.
    DataError
        A value that cannot be, or words that are fixed in this state; all at once.
    """
    old = _action(plan, name)
    if {"id", "status"} & set(fields):
        raise CallError("the id of an action stays; its state changes by moved()")
    new = _validated(old, fields)
    changed = [f for f in fields if getattr(old, f) != getattr(new, f)]
    fixed = [f for f in changed if f in WORDS] if old.status in FIXED else []
    if fixed:
        said = phrase(
            "The action is {state}: its words are fixed ({fields}). Take it back to draft, and say why",
            state=state_name(old.status),
            fields=listing(fixed),
        )
        raise DataError([Problem("fixed-words", said, column=fixed[0])])
    if not changed:
        return plan
    new = new.model_copy(update={"last_update": when.date()})
    log = [_change(old, new, f, who, when) for f in changed]
    return _with(plan, old, new, log)


def _validated(old: Action, fields: Mapping[str, Any]) -> Action:
    try:
        return Action.model_validate({**old.model_dump(), **fields})
    except ValidationError as error:
        raise DataError(from_errors(error)) from None


def _change(old: Action, new: Action, name: str, who: str, when: datetime, why: str = "") -> Change:
    before, after = old.model_dump(mode="json", include={name}), new.model_dump(mode="json", include={name})
    return Change(
        when=when, who=who, action=new.id, what=name, before=before[name], after=after[name], why=why
    )


def _action(plan: Plan, name: str) -> Action:
    found = plan.action(name)
    if found is None:
        ids = ", ".join(a.id for a in plan.actions) or "none"
        raise CallError(f"the plan has no action {name!r}; it has {ids}")
    return found


def _with(plan: Plan, old: Action, new: Action, log: list[Change]) -> Plan:
    actions = tuple(new if a is old else a for a in plan.actions)
    return plan.model_copy(update={"actions": actions, "changes": (*plan.changes, *log)})


def added(plan: Plan, action: Action, *, who: str, when: datetime, why: str = "") -> Plan:
    """Put an action at the end.

    Raises
    ------
    DataError
        The id is taken.
    """
    if plan.action(action.id) is not None:
        said = phrase("The plan has an action {name} already: choose another id", name=action.id)
        raise DataError([Problem("same-id", said, column="id", value=action.id)])
    entry = Change(when=when, who=who, action=action.id, what="added", after=action.title, why=why)
    return plan.model_copy(update={"actions": (*plan.actions, action), "changes": (*plan.changes, entry)})


def removed(plan: Plan, name: str, *, who: str, when: datetime) -> Plan:
    """Take a proposal out; anything further on is dropped instead, so that its history stays to be read."""
    old = _action(plan, name)
    if old.status != "proposal":
        said = phrase("Only a proposal can be taken out. Drop the action, and say why")
        raise DataError([Problem("not-a-proposal", said, column="status", value=old.status)])
    entry = Change(when=when, who=who, action=name, what="removed", before=old.title)
    rest = tuple(a for a in plan.actions if a is not old)
    return plan.model_copy(update={"actions": rest, "changes": (*plan.changes, entry)})


def moved(plan: Plan, name: str, to: str, facts: Facts, *, who: str, when: datetime, why: str = "") -> Plan:
    """Move an action to another state.

    Raises
    ------
    DataError
        All that speaks against it.
    """
    old = _action(plan, name)
    against = refusals(old, to, facts, why)
    if against:
        raise DataError(against)
    new = old.model_copy(update={"status": to, "last_update": when.date()})
    return _with(plan, old, new, [_change(old, new, "status", who, when, why)])


def consulting(plan: Plan, consultation: Consultation | None, *, who: str, when: datetime) -> Plan:
    """Set when the public is asked."""
    if plan.consultation == consultation:
        return plan
    before, after = (c.model_dump(mode="json") if c else None for c in (plan.consultation, consultation))
    entry = Change(when=when, who=who, what="consultation", before=before, after=after)
    return plan.model_copy(update={"consultation": consultation, "changes": (*plan.changes, entry)})


def renamed(plan: Plan, fields: Mapping[str, Any], *, who: str, when: datetime) -> Plan:
    """Change what a plan says of itself: title, place, note, definition."""
    allowed = {"title", "place", "note", "definition"}
    if set(fields) - allowed:
        raise CallError(f"only {', '.join(sorted(allowed))} of a plan can be changed like this")
    try:
        new = Plan.model_validate({**plan.model_dump(), **fields})
    except ValidationError as error:
        raise DataError(from_errors(error)) from None
    log = [
        Change(when=when, who=who, what=f, before=getattr(plan, f), after=getattr(new, f))
        for f in fields
        if getattr(plan, f) != getattr(new, f)
    ]
    return new.model_copy(update={"changes": (*plan.changes, *log)}) if log else plan


def versioned(plan: Plan, *, who: str, when: datetime, note: str = "") -> Plan:
    """Keep under a new number in which state each action is now."""
    number = max((v.number for v in plan.versions), default=0) + 1
    states: dict[str, str] = {a.id: a.status for a in plan.actions}
    made = Version(number=number, when=when, who=who, note=note, states=states)
    entry = Change(when=when, who=who, what="version", after=number, why=note)
    return plan.model_copy(update={"versions": (*plan.versions, made), "changes": (*plan.changes, entry)})
