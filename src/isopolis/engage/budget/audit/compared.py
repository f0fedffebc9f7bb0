"""Two outcomes of the same vote side by side, and what a guarantee costs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from isopolis.model.text import count, joint, phrase, phrases

from .approvals import Approvals

__all__ = ["Difference", "difference"]


@dataclass(frozen=True, slots=True)
class Difference:
    """What changes when one outcome takes the place of another.

    Parameters
    ----------
    added, displaced : tuple of int
        Projects funded only in the second, and only in the first.
    money : int
        Money spent in the second less that in the first, units.
    votes : int
        Ticks for funded projects, second less first.
    better, worse, same : int
        Voters with more, fewer and as many funded projects in the second.
    from_nothing, to_nothing : int
        Voters who get something only in the second, and only in the first.
    """

    added: tuple[int, ...]
    displaced: tuple[int, ...]
    money: int
    votes: int
    better: int
    worse: int
    same: int
    from_nothing: int
    to_nothing: int

    def said(self) -> str:
        """Say it in sentences."""
        if not self.added and not self.displaced:
            return phrase("Nothing changes: both fund the same projects.")
        return joint(
            (
                phrases("{n} project is new,", "{n} projects are new,", len(self.added)),
                phrases("{n} is no longer funded.", "{n} are no longer funded.", len(self.displaced)),
                phrase(
                    "{better} voters get more of their projects, {worse} get fewer; {up} get something who "
                    "would get nothing, and {down} lose all they would get.",
                    better=count(self.better), worse=count(self.worse),
                    up=count(self.from_nothing), down=count(self.to_nothing),
                ),
            )
        )  # fmt: skip

    def to_dict(self, ids: tuple[str, ...]) -> dict[str, Any]:
        """Return the plain JSON form; projects by their ids."""
        return {
            "added": [ids[p] for p in self.added],
            "displaced": [ids[p] for p in self.displaced],
            "money": self.money,
            "votes": self.votes,
            "voters_better": self.better,
            "voters_worse": self.worse,
            "voters_same": self.same,
            "from_nothing": self.from_nothing,
            "to_nothing": self.to_nothing,
        }


def difference(approvals: Approvals, first: Iterable[int], second: Iterable[int]) -> Difference:
    """Compare two outcomes; with a guarantee as the second, this is its price.

    Examples
    --------
    >>> from isopolis.engage.budget.audit.approvals import approvals_of
    >>> difference(approvals_of([[0], [0], [1]], [5, 5], 5), [0], [1]).worse
    2
    """
    one, two = sorted(set(first)), sorted(set(second))
    before, after = approvals.utility(one, "count"), approvals.utility(two, "count")
    costs, votes = approvals.costs, approvals.votes
    return Difference(
        added=tuple(p for p in two if p not in one),
        displaced=tuple(p for p in one if p not in two),
        money=int(costs[two].sum()) - int(costs[one].sum()),
        votes=int(votes[two].sum()) - int(votes[one].sum()),
        better=int((after > before).sum()),
        worse=int((after < before).sum()),
        same=int((after == before).sum()),
        from_nothing=int(np.sum((before == 0) & (after > 0))),
        to_nothing=int(np.sum((before > 0) & (after == 0))),
    )
