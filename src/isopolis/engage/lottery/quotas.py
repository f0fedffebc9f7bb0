"""Quotas from census counts, and what is wrong with quotas before anybody is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from isopolis.model import CallError, Problems
from isopolis.model.text import phrase

from .pool import Quota

__all__ = ["check", "from_counts"]


def from_counts(
    attributes: Sequence[str], counts: Mapping[tuple[str, ...], float], size: int, slack: int = 0
) -> tuple[Quota, ...]:
    """Give each cell of a census its share of the panel, rounded down and up.

    Parameters
    ----------
    attributes : sequence of str
        Names of the attributes that are crossed, one or more.
    counts : mapping of tuple of str to float
        Residents of each cell, by its values in the order of the attributes; at least 0.
    size : int
        People on the panel.
    slack : int
        By how many people both bounds may also move.

    Returns
    -------
    tuple of Quota
        One per cell. Together they always leave room for `size` people.

    Raises
    ------
    CallError
        When nobody is counted, or a count is below zero.
    """
    total = sum(counts.values())
    if total <= 0 or min(counts.values()) < 0:
        raise CallError(
            phrase("the counts of {names} sum to nothing or go below zero", names=" × ".join(attributes))
        )
    out = []
    for values, count in counts.items():
        # whole numbers where they are given as such: 7 / 20 of 20 is 7, not 7.000000000000001
        low = int(count * size // total)
        high = low if low * total == count * size else low + 1
        traits = tuple(zip(attributes, values, strict=True))
        out.append(Quota(traits, max(low - slack, 0), min(high + slack, size)))
    return tuple(out)


def check(quotas: Sequence[Quota], have: Sequence[int], size: int, problems: Problems) -> None:
    """Write down quotas that no panel can meet, each for itself and each family as a whole.

    Parameters
    ----------
    quotas : sequence of Quota
    have : sequence of int
        People in the pool for each quota.
    size : int
    problems : Problems
    """
    families: dict[tuple[str, ...], list[tuple[Quota, int]]] = {}
    for quota, people in zip(quotas, have, strict=True):
        families.setdefault(quota.attributes, []).append((quota, people))
        if quota.low > people:
            problems.error(
                "too-few-people",
                phrase(
                    "{name} needs at least {low} on the panel, but only {people} are in the pool",
                    name=quota.name,
                    low=quota.low,
                    people=people,
                ),
            )
    for names, family in families.items():
        lows = sum(q.low for q, _ in family)
        highs = sum(min(q.high, people) for q, people in family)
        name = " × ".join(names)
        if lows > size:
            problems.error(
                "quotas-too-high",
                phrase(
                    "the lower bounds of {name} sum to {sum}, more than the {size} of the panel",
                    name=name, sum=lows, size=size,
                ),
            )  # fmt: skip
        if highs < size and _complete(family):
            problems.error(
                "quotas-too-low",
                phrase(
                    "the upper bounds of {name} leave room for {sum} of the pool, and the panel has {size}",
                    name=name, sum=highs, size=size,
                ),
            )  # fmt: skip


def _complete(family: Sequence[tuple[Quota, int]]) -> bool:
    return (
        len(family[0][0].traits) == 1
    )  # every person has one value of an attribute; crossings may be partial
