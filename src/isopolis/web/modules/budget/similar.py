"""Ideas that are there already and sound alike, shown before another one is handed in."""

from __future__ import annotations

from isopolis.engage.worries.duplicates import likeness

from .models import Budget, Idea

__all__ = ["similar"]

COMPARED = 1000
"""The newest ideas that one is compared with."""
LEAST = 0.35
SHOWN = 5
LETTERS = 400


def similar(budget: Budget, text: str, besides: Idea | None = None) -> list[Idea]:
    """Return public ideas that sound like `text`, the likest first; at most five.

    Texts in different languages are never alike here.
    """
    rows = budget.ideas.filter(state__in=Idea.PUBLIC, hidden_at=None).order_by("-number")
    if besides is not None:
        rows = rows.exclude(pk=besides.pk)
    held = list(rows[:COMPARED])
    alike = likeness(text[:LETTERS], [f"{i.title} {i.text}"[:LETTERS] for i in held])
    found = sorted((-a, n) for n, a in enumerate(alike.tolist()) if a >= LEAST)
    for idea in held:
        idea.budget = budget
    return [held[n] for _a, n in found[:SHOWN]]
