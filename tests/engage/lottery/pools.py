"""Pools for tests, and a slow twin that looks at every panel of people."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from scipy.optimize import linprog

from isopolis.engage.lottery.mixing import Budget
from isopolis.engage.lottery.pool import Person, Quota

ENDLESS = Budget(lambda: 0.0, 1e9)


def people_of(rows: Sequence[Sequence[str]], homes: Sequence[str] = ()) -> list[Person]:
    names = "abcdefgh"
    return [
        Person(f"p{i}", dict(zip(names, row, strict=False)), homes[i] if homes else "")
        for i, row in enumerate(rows)
    ]


def every_panel(people: Sequence[Person], quotas: Sequence[Quota], size: int, homes: bool) -> np.ndarray:
    """All allowed panels of people, (panels, people), by looking at each choice."""
    found = []
    for chosen in itertools.combinations(range(len(people)), size):
        who = [people[i] for i in chosen]
        counts = [sum(all(p.traits[a] == v for a, v in q.traits) for p in who) for q in quotas]
        lived = [p.household for p in who if p.household]
        if all(q.low <= n <= q.high for q, n in zip(quotas, counts, strict=True)) and not (
            homes and len(set(lived)) < len(lived)
        ):
            found.append([int(i in chosen) for i in range(len(people))])
    return np.array(found).reshape(-1, len(people))


def slow_leximin(panels: np.ndarray) -> np.ndarray:
    """Chances of people, level by level; a person is settled when no more is possible."""
    count, people = panels.shape
    fixed = {i: 0.0 for i in range(people) if not panels[:, i].any()}
    while len(fixed) < people:
        free = [i for i in range(people) if i not in fixed]
        rows = [np.append(-panels[:, i], 1.0) for i in free]
        rows += [np.append(-panels[:, i], 0.0) for i in fixed]
        right = [0.0] * len(free) + [-(v - 1e-9) for v in fixed.values()]
        one = [np.append(np.ones(count), 0.0)]
        best = linprog(np.append(np.zeros(count), -1.0), rows, right, one, [1.0])
        level = -best.fun
        for i in free:  # can this one have more when all free ones have at least the level?
            rows = [-panels[:, j] for j in free] + [-panels[:, j] for j in fixed]
            right = [-(level - 1e-9)] * len(free) + [-(v - 1e-9) for v in fixed.values()]
            more = linprog(-panels[:, i], rows, right, [np.ones(count)], [1.0])
            if -more.fun < level + 1e-6:
                fixed[i] = level
    return np.array([fixed[i] for i in range(people)])
