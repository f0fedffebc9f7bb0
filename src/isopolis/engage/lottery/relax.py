"""Quotas that cannot be met: the smallest changes that make a panel possible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .pool import Quota, Types
from .programs import Answer, Program

__all__ = ["Change", "Relaxation", "relaxations", "relaxed"]


@dataclass(frozen=True, slots=True)
class Change:
    """One quota with the bounds it should have instead."""

    quota: Quota
    low: int
    high: int

    @property
    def people(self) -> int:
        """By how many people the bounds move."""
        return (self.quota.low - self.low) + (self.high - self.quota.high)


@dataclass(frozen=True, slots=True)
class Relaxation:
    """Changes that together make a panel possible."""

    changes: tuple[Change, ...]

    @property
    def people(self) -> int:
        """By how many people all bounds move together."""
        return sum(c.people for c in self.changes)


def relaxations(types: Types, most: int = 3, seconds: float = 20.0) -> tuple[Relaxation, ...]:
    """Find the smallest changes of the quotas, the smallest first; nothing when none helps.

    Smallest is: fewest people by which bounds move, then fewest quotas that move. Each further answer
    leaves alone at least one of the bounds that every earlier answer moves.

    Parameters
    ----------
    types : Types
    most : int
        How many different answers.
    seconds : float
        For each of them.
    """
    program, count = _program(types), len(types.quotas)
    found: list[Relaxation] = []
    for _ in range(most):
        answer = program.solve(seconds)
        if not len(answer.x):
            break
        changes = _changes(types, answer)
        if not changes:
            break
        if found and sum(c.people for c in changes) > 3 * found[0].people + 2:
            break  # so much more is no alternative
        found.append(Relaxation(changes))
        moved = np.flatnonzero(answer.x[len(types) + 2 * count :] > 0.5) + len(types) + 2 * count
        program.add_row(-np.inf, len(moved) - 1, moved, np.ones(len(moved)))
    return tuple(found)


def _program(types: Types) -> Program:
    """Seats; by how much each low goes down and each high up; and a yes or no for each of these."""
    count, kinds, rows = len(types.quotas), len(types), len(types.low)
    most = np.maximum(types.low[:count], types.size).astype(float)
    row, kind = types.pairs()
    quota = np.arange(count)
    down, up = kinds + quota, kinds + count + quota
    yes_down, yes_up = kinds + 2 * count + quota, kinds + 3 * count + quota
    # rows: quota + down - up within its bounds, households, size, then two rows that tie moves to yes
    size_row, tie = 2 * rows, 2 * rows + 1
    entries = (
        np.concatenate([row, row + rows, quota, quota + rows, np.full(kinds, size_row),
                        tie + quota, tie + quota, tie + count + quota, tie + count + quota]),
        np.concatenate([kind, kind, down, up, np.arange(kinds), down, yes_down, up, yes_up]),
        np.concatenate([np.ones(2 * len(row)), np.ones(count), -np.ones(count), np.ones(kinds),
                        np.ones(count), -most, np.ones(count), -most]),
    )  # fmt: skip
    free = np.full(2 * count, np.inf)
    cap = np.minimum(types.count, types.size).astype(float)
    return Program(
        np.concatenate(
            [np.zeros(kinds), np.full(2 * count, -1.0), np.full(2 * count, -1.0 / (4 * count + 4))]
        ),
        np.zeros(kinds + 4 * count),
        np.concatenate([cap, types.low[:count].astype(float), most, np.ones(2 * count)]),
        np.concatenate([types.low, np.full(rows, -np.inf), [types.size], -free]),
        np.concatenate([np.full(rows, np.inf), types.high, [types.size], np.zeros(2 * count)]),
        entries,
        whole=True,
    )


def _changes(types: Types, answer: Answer) -> tuple[Change, ...]:
    kinds, count = len(types), len(types.quotas)
    down = np.rint(answer.x[kinds : kinds + count]).astype(int)
    up = np.rint(answer.x[kinds + count : kinds + 2 * count]).astype(int)
    return tuple(
        Change(quota, quota.low - int(down[i]), quota.high + int(up[i]))
        for i, quota in enumerate(types.quotas)
        if down[i] or up[i]
    )


def relaxed(quotas: Sequence[Quota], relaxation: Relaxation) -> tuple[Quota, ...]:
    """Return the quotas with the changes made."""
    changed = {c.quota.traits: c for c in relaxation.changes}
    return tuple(
        replace(q, low=changed[q.traits].low, high=changed[q.traits].high) if q.traits in changed else q
        for q in quotas
    )
