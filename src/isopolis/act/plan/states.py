"""From which state an action may go to which, and what speaks against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from isopolis.model import Problem
from isopolis.model.text import listing, phrase

from .requirements import Facts, lacks
from .types import STATES, Action

__all__ = ["TRANSITIONS", "Transition", "allowed_from", "refusals", "state_name"]


@dataclass(frozen=True, slots=True)
class Transition:
    """A way between two states; `reason` says whether somebody has to write why."""

    before: str
    after: str
    reason: bool = False


_FORWARD = (
    ("proposal", "draft"), ("draft", "consulted"), ("consulted", "final"), ("final", "running"),
    ("running", "done"),
)  # fmt: skip
# what people said may lead to other words; a plan in force may have to be opened again
_BACK = (
    ("draft", "proposal"), ("consulted", "draft"), ("final", "draft"), ("running", "draft"),
    ("done", "running"), ("dropped", "proposal"),
)  # fmt: skip
_DROP = tuple((s, "dropped") for s in STATES if s not in ("done", "dropped"))

TRANSITIONS: Mapping[tuple[str, str], Transition] = {
    **{pair: Transition(*pair) for pair in _FORWARD},
    **{pair: Transition(*pair, reason=True) for pair in (*_BACK, *_DROP)},
}
"""Every way there is; what a state asks for is in `REQUIRED`."""


def state_name(state: str) -> str:
    """Return a state in words."""
    return {
        "proposal": phrase("proposal"),
        "draft": phrase("draft"),
        "consulted": phrase("consulted on"),
        "final": phrase("final"),
        "running": phrase("running"),
        "done": phrase("done"),
        "dropped": phrase("dropped"),
    }[state]


def allowed_from(state: str) -> tuple[str, ...]:
    """Return the states that can follow `state`."""
    return tuple(after for before, after in TRANSITIONS if before == state)


def refusals(action: Action, to: str, facts: Facts, why: str = "") -> list[Problem]:
    """Say all that speaks against moving `action` to the state `to`; nothing when it may."""
    way = TRANSITIONS.get((action.status, to))
    if way is None:
        names = [state_name(s) for s in allowed_from(action.status)]
        said = phrase(
            "An action that is {before} cannot become {after}",
            before=state_name(action.status),
            after=state_name(to) if to in STATES else to,
        )
        rule = listing(names, "or") if names else phrase("nothing follows")
        return [Problem("no-such-way", said, column="status", rule=rule)]
    out = lacks(action, to, facts)
    if way.reason and not why.strip():
        out.append(Problem("no-reason", phrase("Say why: the reason stays in the log."), column="status"))
    return out
