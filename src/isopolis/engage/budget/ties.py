"""Ties: a rule decides, a published lot decides, or the count stops and asks. Never the order of a file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from isopolis.model import DataError, Problem
from isopolis.model.text import joint, phrase

from .card import TIES as TIE_RULES
from .card import RuleCard
from .election import Election

__all__ = ["TIE_RULES", "Choose", "Tie", "TieNeedsLot", "breaker", "every", "lot_places"]

ORDERS = 32
Choose = Callable[[list[int]], int]
"""Given tied projects, say which comes first; may raise."""
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Tie:
    """One tie that was decided.

    Parameters
    ----------
    winner : int
    over : tuple of int
        Projects that were just as good.
    by : str
        ``lower_cost``, ``more_votes`` or ``lot``; ``either`` where the same projects win whichever comes
        first, so that no lot is needed.
    """

    winner: int
    over: tuple[int, ...]
    by: str


class TieNeedsLot(DataError):  # noqa: N818 - it asks, nothing has failed
    """Projects are equal in everything that the rule card looks at, and there is no lot.

    Attributes
    ----------
    tied : tuple of str
        Ids of the projects.
    places : tuple of int
        Their indices.
    """

    def __init__(self, tied: Sequence[str], places: Sequence[int] = ()) -> None:
        self.tied, self.places = tuple(tied), tuple(places)
        super().__init__([
            Problem(
                "tie-needs-lot",
                phrase("projects {ids} are equal and the rule card has no lot", ids=joint(self.tied, ", ")),
                hint=phrase(
                    "Draw a lot in public and write it in the rule card: lot_seed, a text drawn in public, "
                    "or lot_order, the project ids in the order drawn."
                ),
            )
        ])  # fmt: skip

    def __reduce__(self) -> Any:
        return (type(self), (self.tied, self.places))


def lot_places(card: RuleCard, ids: Sequence[str]) -> dict[str, int] | None:
    """Return the place of each project in the published lot; None when there is none.

    A seed orders projects by the SHA-256 of ``seed``, a line break and the id, so that anyone can repeat it.
    """
    if card.lot_seed:
        drawn = sorted(ids, key=lambda i: hashlib.sha256(f"{card.lot_seed}\n{i}".encode()).digest())
        return {p: n for n, p in enumerate(drawn)}
    if card.lot_order:
        places = {p: n for n, p in enumerate(card.lot_order)}
        return {p: places.get(p, len(places)) for p in ids}
    return None


def breaker(election: Election, card: RuleCard, log: list[Tie], *, either: bool = False) -> Choose:
    """Return the function that chooses among tied projects and writes every tie in `log`.

    With `either`, ties without a lot are known to change nothing: the id that sorts first is taken.
    """
    places = lot_places(card, election.ids)
    score, costs = election.ballots.votes, election.costs
    keys = {"lower_cost": lambda p: int(costs[p]), "more_votes": lambda p: -int(score[p])}

    def choose(tied: list[int]) -> int:
        left = list(tied)
        for name in card.ties:
            best = min(keys[name](p) for p in left)
            left = [p for p in left if keys[name](p) == best]
            if len(left) == 1:
                return _noted(log, left[0], tied, name)
        if places is None and either:
            return _noted(log, min(left, key=lambda p: election.ids[p]), tied, "either")
        if places is None:
            raise TieNeedsLot([election.ids[p] for p in left], left)
        first = min(places[election.ids[p]] for p in left)
        left = [p for p in left if places[election.ids[p]] == first]
        if len(left) > 1 and either:
            return _noted(log, min(left, key=lambda p: election.ids[p]), tied, "either")
        if len(left) > 1:
            raise TieNeedsLot([election.ids[p] for p in left], left)
        return _noted(log, left[0], tied, "lot")

    return choose


def every(
    run: Callable[[Choose], Result], choose: Choose, winners: Callable[[Result], frozenset[int]]
) -> tuple[list[Result], TieNeedsLot | None]:
    """Run with every order of those ties for which there is no lot.

    Parameters
    ----------
    run : callable
        Given a function that chooses among tied projects, returns a result.
    choose : callable
        Decides by the rule card, or raises `TieNeedsLot`.
    winners : callable
        Projects funded in a result.

    Returns
    -------
    list, TieNeedsLot or None
        One result for each different set of winners, and the last tie without a lot.

    Raises
    ------
    TieNeedsLot
        When there are more than `ORDERS` orders to try.
    """
    found: dict[frozenset[int], Result] = {}
    todo: list[tuple[int, ...]] = [()]
    stop: TieNeedsLot | None = None
    tries = 0
    while todo:
        script = todo.pop()
        taken: list[int] = []

        def decide(tied: list[int], script: tuple[int, ...] = script, taken: list[int] = taken) -> int:
            nonlocal stop
            try:
                return choose(tied)
            except TieNeedsLot as tie:
                stop = tie
                if len(taken) >= len(script):
                    first, *others = sorted(tie.places)
                    todo.extend((*taken, other) for other in others)
                else:
                    first = script[len(taken)]
                taken.append(first)
                return first

        result = run(decide)
        found.setdefault(winners(result), result)
        tries += 1
        if tries > ORDERS and stop is not None:
            raise stop
    return list(found.values()), stop


def _noted(log: list[Tie], winner: int, tied: list[int], by: str) -> int:
    log.append(Tie(winner, tuple(p for p in tied if p != winner), by))
    return winner
