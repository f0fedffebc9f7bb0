"""Random small elections, by hypothesis and by a seed."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from isopolis.engage.budget.election import Election, election


@st.composite
def votes(draw: st.DrawFn, weighted: bool = False, voters: int = 8, projects: int = 6) -> Election:
    """A few voters, a few projects; small numbers, so that ties and exact equalities are common."""
    m = draw(st.integers(1, projects))
    n = draw(st.integers(1, voters))
    costs = draw(st.lists(st.integers(1, 12), min_size=m, max_size=m))
    chosen = draw(st.lists(st.lists(st.integers(0, m - 1), unique=True, max_size=m), min_size=n, max_size=n))
    weights = None
    if weighted:
        weights = [draw(st.lists(st.integers(1, 5), min_size=len(c), max_size=len(c))) for c in chosen]
    budget = draw(st.integers(1, sum(costs) + 3))
    return election(budget, costs, chosen, weights=weights, ballot="cumulative" if weighted else "approval")


def random_vote(rng: np.random.Generator) -> Election:
    """One election of the size of a small town's, drawn from a generator."""
    m, n = int(rng.integers(2, 14)), int(rng.integers(2, 60))
    money = int(rng.choice([10, 1_000, 10**6]))
    costs = rng.integers(1, money + 1, m)
    if rng.random() < 0.3:
        costs = np.maximum(1, (costs // max(1, money // 4)) * max(1, money // 4))
    liked = rng.dirichlet(np.ones(m) * 0.7)
    chosen, weights = [], []
    for _ in range(n):
        k = int(rng.integers(0, min(m, 6) + 1))
        picked = rng.choice(m, size=k, replace=False, p=(liked + 1e-3) / (liked + 1e-3).sum())
        chosen.append(picked.tolist())
        weights.append(rng.integers(1, 6, k).tolist())
    weighted = rng.random() < 0.25
    budget = max(1, int(costs.sum() * rng.uniform(0.1, 0.9)))
    return election(
        budget, costs.tolist(), chosen, weights=weights if weighted else None,
        ballot="cumulative" if weighted else "approval",
    )  # fmt: skip
