"""The definitions, written down as they stand: every group of voters, every set of projects."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, combinations


def subsets(items: list[int]) -> Iterator[tuple[int, ...]]:
    """All non-empty subsets."""
    return chain.from_iterable(combinations(items, k) for k in range(1, len(items) + 1))


def cohesive(ballots: list[set[int]], costs: list[int], budget: int) -> Iterator[tuple]:
    """Every group with every set of projects that all of them support and could pay from their share."""
    for group in subsets(list(range(len(ballots)))):
        common = set.intersection(*(ballots[i] for i in group))
        for projects in subsets(sorted(common)):
            if len(group) * budget >= len(ballots) * sum(costs[p] for p in projects):
                yield group, projects


def broken(ballots: list[set[int]], costs: list[int], budget: int, won: set[int], by_count: bool) -> set[str]:
    """Names of the axioms that the outcome breaks."""

    def worth(projects) -> int:
        return sum(1 if by_count else costs[p] for p in projects)

    out: set[str] = set()
    for group, projects in cohesive(ballots, costs, budget):
        missing = [p for p in projects if p not in won]
        if not missing:
            continue
        need = worth(projects)
        each = [ballots[i] & won for i in group]
        together = set().union(*each)
        if len(projects) == 1 and not together:
            out.add("jr")
        for name, gots in (("ejr", each), ("pjr", [together])):
            if all(worth(got) < need for got in gots):
                out.add(name)
            if all(any(worth(got | {p}) <= need for p in missing) for got in gots):
                out.add(f"{name}-any")
            if all(worth(got) < need and all(worth(got | {p}) <= need for p in missing) for got in gots):
                out.add(f"{name}-one")
    return out | ({"ejr+"} if _plus(ballots, costs, budget, won, by_count) else set())


def _plus(ballots: list[set[int]], costs: list[int], budget: int, won: set[int], by_count: bool) -> bool:
    for group in subsets(list(range(len(ballots)))):
        share = len(group) * budget  # times the number of voters, to stay whole
        for p in set.intersection(*(ballots[i] for i in group)) - won:
            if by_count:
                short = [(len(ballots[i] & won) + 1) * costs[p] * len(ballots) <= share for i in group]
            else:
                short = [
                    (sum(costs[q] for q in ballots[i] & won) + costs[p]) * len(ballots) <= share
                    for i in group
                ]
            if all(short):
                return True
    return False
