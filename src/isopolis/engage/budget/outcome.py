"""What a rule answers: who won, in which order, at what price, and on what terms."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .card import RuleCard
from .election import Election
from .ties import Tie

__all__ = ["Compared", "Outcome", "Step", "happy"]


@dataclass(frozen=True, slots=True)
class Step:
    """One project funded.

    Parameters
    ----------
    project : int
    phase : str
        ``main``, ``fill``, or ``floor 1``, ``floor 2`` … for a floor of the card.
    price : Fraction or float or None
        Equal shares: units of money that a supporter pays for one point. Phragmén: money given to each
        voter until then, units. None for greedy rules.
    support : float or None
        Equal shares with cost utility: supporters who bear an equal part of the cost, so that a project
        all of whose 120 supporters can still pay has 120. None for other rules.
    """

    project: int
    phase: str = "main"
    price: Fraction | float | None = None
    support: float | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """The comparison that a card asks for: which of two outcomes more voters gain by.

    Parameters
    ----------
    other : str
        The rule that is compared with.
    ours, theirs : int
        Voters who gain more by the rule of the card, and by the other one.
    """

    other: str
    ours: int
    theirs: int

    @property
    def lost(self) -> bool:
        """Whether the outcome of the other rule is kept."""
        return self.theirs > self.ours


@dataclass(frozen=True)
class Outcome:
    """The answer of a rule to an election.

    Parameters
    ----------
    election : Election
    card : RuleCard
        With everything written in that the election decides.
    steps : tuple of Step
        In order of funding.
    endowment : Fraction or None
        Equal shares: units of money for each voter (the mean, where they differ) at which the returned
        allocation was computed.
    first_endowment : Fraction or None
        The same before any completion.
    tried : int
        Endowments looked at.
    ties : tuple of Tie
    how : str
        ``exact``: whole numbers only; ``certified``: doubles whose error was proved too small to matter.
    compared : Compared or None
        What came of the comparison, where the card asks for one.
    """

    election: Election
    card: RuleCard
    steps: tuple[Step, ...]
    endowment: Fraction | None = None
    first_endowment: Fraction | None = None
    tried: int = 1
    ties: tuple[Tie, ...] = ()
    how: str = "exact"
    compared: Compared | None = None

    @property
    def rule(self) -> str:
        """The rule whose outcome this is: that of the card, or the one that it is compared with."""
        return self.compared.other if self.compared and self.compared.lost else self.card.rule

    @property
    def order(self) -> tuple[int, ...]:
        """Indices of the winners in order of funding."""
        return tuple(s.project for s in self.steps)

    @property
    def winners(self) -> tuple[int, ...]:
        """Indices of the winners, ascending."""
        return tuple(sorted(self.order))

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the winners in order of funding."""
        return tuple(self.election.ids[p] for p in self.order)

    @property
    def cost(self) -> int:
        """What the winners cost together, units; never above the budget."""
        return self.election.cost_of(self.order)

    @property
    def voters_with_nothing(self) -> int:
        """How many voters have no project of theirs funded."""
        return int((happy(self.election, self.winners) == 0).sum())

    def to_dict(self) -> dict[str, Any]:
        """Return the plain JSON form; money in the currency."""
        e = self.election
        return {
            "winners": list(self.ids),
            "cost": _number(e.money(self.cost)),
            "budget": _number(e.money(e.budget)),
            "endowment": None if self.endowment is None else _number(e.money(self.endowment)),
            "endowment_exact": None if self.endowment is None else str(e.money(self.endowment)),
            "first_endowment": (
                None if self.first_endowment is None else _number(e.money(self.first_endowment))
            ),
            "tried": self.tried,
            "how": self.how,
            "rule": self.rule,
            "compared": None if self.compared is None else {
                "with": self.compared.other,
                "gain_more_by_rule_of_card": self.compared.ours,
                "gain_more_by_other": self.compared.theirs,
            },
            "ties": [
                {"winner": e.ids[t.winner], "over": [e.ids[p] for p in t.over], "by": t.by} for t in self.ties
            ],
            "steps": [
                {"project": e.ids[s.project], "phase": s.phase, "support": s.support,
                 "price": None if s.price is None else float(s.price / e.scale)}
                for s in self.steps
            ],
            "rule_card": self.card.to_dict(),
            "voters": e.n_voters,
            "voters_with_nothing": self.voters_with_nothing,
        }  # fmt: skip


def happy(election: Election, chosen: tuple[int, ...]) -> NDArray[np.int64]:
    """Return how many of their projects each voter gets, ``(voters,)``."""
    funded = np.zeros(election.n_projects, bool)
    funded[list(chosen)] = True
    ballots = election.ballots
    hits = np.concatenate(([0], np.cumsum(funded[ballots.by_voter.other])))
    return np.diff(hits[ballots.by_voter.start])


def _number(amount: Fraction) -> int | float:
    """Write money as a JSON number: whole where it is whole."""
    return int(amount) if amount.denominator == 1 else float(amount)
