"""Counting answers so that no single person can be counted out.

A count below five is not shown, every other one is rounded to fives, sums as well. Nothing is counted in
public before the consultation is over: otherwise two looks a day apart would show what one person said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

__all__ = ["LEAST", "STANCES", "Tally", "shown", "tallied"]

LEAST = 5
"""Smallest count that is shown, and the step of rounding."""

STANCES = ("for", "partly", "against")


def shown(count: int) -> int | None:
    """Return what may be shown of a count: None for "fewer than five", else the nearest multiple of five."""
    if count < LEAST:
        return None
    return LEAST * ((2 * count + LEAST) // (2 * LEAST))


@dataclass(frozen=True, slots=True)
class Tally:
    """Protected counts for one action: its stances, and how many said anything at all."""

    action: str
    stances: Mapping[str, int | None]
    people: int | None


def tallied(points: Iterable[tuple[str, str]]) -> dict[str, Tally]:
    """Count pairs of action and stance."""
    counts: dict[str, dict[str, int]] = {}
    for action, stance in points:
        mine = counts.setdefault(action, dict.fromkeys(("", *STANCES), 0))
        mine[stance] += 1
    return {
        action: Tally(action, {s: shown(mine[s]) for s in STANCES}, shown(sum(mine.values())))
        for action, mine in counts.items()
    }
