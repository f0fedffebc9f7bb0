"""The plan at a glance: themes → bottlenecks → actions → outputs, as a tree and as the rows of a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from isopolis.model.text import phrase

from .states import state_name
from .types import Action, Plan

__all__ = ["KINDS", "Node", "rows", "tree"]

KINDS = ("theme", "bottleneck", "action", "output")

Label = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Node:
    """A box: its kind, its words, a tag beside them (the state of an action), what hangs on it."""

    kind: str
    text: str
    tag: str = ""
    id: str = ""
    children: tuple[Node, ...] = ()

    @property
    def leaves(self) -> int:
        """Rows that it takes, one at the least."""
        return sum(c.leaves for c in self.children) or 1


def tree(plan: Plan, label: Label) -> tuple[Node, ...]:
    """Return the themes of the plan, in the order in which its actions name them.

    Parameters
    ----------
    plan : Plan
    label : callable
        Id of a term → its words in the reader's language.
    """
    themes: dict[str, dict[str, list[Action]]] = {}
    said: dict[str, str] = {}
    for action in plan.actions:
        key = " ".join(action.bottleneck.casefold().split())
        said.setdefault(key, " ".join(action.bottleneck.split()))
        themes.setdefault(action.theme, {}).setdefault(key, []).append(action)
    return tuple(
        Node(
            "theme",
            label(theme) if theme else phrase("no theme yet"),
            id=theme,
            children=tuple(
                Node("bottleneck", said[key] or phrase("no bottleneck yet"), children=_actions(actions))
                for key, actions in bottlenecks.items()
            ),
        )
        for theme, bottlenecks in themes.items()
    )


def _actions(actions: list[Action]) -> tuple[Node, ...]:
    return tuple(
        Node(
            "action",
            " ".join(a.title.split()),
            tag=state_name(a.status),
            id=a.id,
            children=tuple(Node("output", " ".join(o.title.split())) for o in a.outputs)
            or (Node("output", phrase("no output yet")),),
        )
        for a in actions
    )


def rows(themes: tuple[Node, ...]) -> tuple[tuple[str, str, str, str, str], ...]:
    """Return one row per output: theme, bottleneck, action, state, output."""
    return tuple((a.text, b.text, c.text, c.tag, d.text) for a, b, c, d in _paths(themes))


def _paths(themes: tuple[Node, ...]) -> Iterator[tuple[Node, Node, Node, Node]]:
    for a in themes:
        for b in a.children:
            for c in b.children:
                for d in c.children:
                    yield a, b, c, d
