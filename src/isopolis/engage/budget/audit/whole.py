"""The whole audit of a result: promises kept, who got what, who got nothing, why projects lost, what else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.privacy import Policy

from ..election import Attribute, Election
from ..endowments import voter_parts
from ..outcome import Outcome
from ..rules import fundable
from .approvals import Approvals, approvals
from .axioms import Verdict, axioms
from .compared import Difference, difference
from .lost import Lost, Purses, lost, replay
from .priced import Priced, priceable
from .published import POLICY, Tables, publish
from .satisfied import Place, Reach, age_bands, by_place, reach

__all__ = ["Audit", "Judged", "audit", "groups_of", "losers_of"]

UNKNOWN = ("", "-", "–", "?", "unknown", "n/a")
ABOUT = ("age", "sex", "district", "neighborhood", "neighbourhood", "voting_method")
"""Headings of voters' attributes that are looked at, where the file has them."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One outcome and what can be said of it.

    Parameters
    ----------
    name : str
        As it is called in the comparison: the rule, or ``official``.
    winners : tuple of int
    reach : Reach
    axioms : tuple of Verdict
    priced : Priced
    votes : int
        Ticks for funded projects, added up.
    """

    name: str
    winners: tuple[int, ...]
    reach: Reach
    axioms: tuple[Verdict, ...]
    priced: Priced
    votes: int

    def to_dict(self, ids: Sequence[str]) -> dict[str, Any]:
        """Return the plain JSON form."""

        def named(verdict: Verdict) -> dict[str, Any]:
            plain = verdict.to_dict()
            if plain["group"]:
                plain["group"]["projects"] = [ids[p] for p in plain["group"]["projects"]]
            return plain

        priced = self.priced.to_dict()
        priced["over"] = [{**o, "project": ids[o["project"]]} for o in priced["over"]]
        return {
            "name": self.name,
            "winners": [ids[p] for p in self.winners],
            "votes_for_winners": self.votes,
            **self.reach.to_dict(),
            "axioms": [named(v) for v in self.axioms],
            "priceable": priced,
        }


@dataclass(frozen=True)
class Audit:
    """Everything that is said about a result.

    Parameters
    ----------
    outcome : Outcome
    name : str
        Of the outcome among `judged`.
    judged : mapping of str to Judged
        The outcome first, then those it is compared with.
    changes : mapping of str to Difference
        From each other outcome to this one.
    guarantees : mapping of str to Difference
        From the outcome without a guarantee of the rule card to the one with it: its price.
    lost : tuple of Lost
    tables : Tables
        Of voters by group, as they may be shown.
    places, topics : tuple of Place
        Money by place and by topic of the projects.
    weighted : bool
        True when ballots have points or ranks that axioms and priceability do not look at.
    """

    outcome: Outcome
    name: str
    judged: Mapping[str, Judged]
    changes: Mapping[str, Difference]
    guarantees: Mapping[str, Difference]
    lost: tuple[Lost, ...]
    tables: Tables
    places: tuple[Place, ...]
    topics: tuple[Place, ...]
    weighted: bool

    @property
    def main(self) -> Judged:
        """What is said of the outcome itself."""
        return self.judged[self.name]

    def to_dict(self) -> dict[str, Any]:
        """Return the plain JSON form; money in units of the election."""
        ids = self.outcome.election.ids
        return {
            "rule": self.name,
            "units_to_one": self.outcome.election.scale,
            "outcomes": [j.to_dict(ids) for j in self.judged.values()],
            "changes": {name: d.to_dict(ids) for name, d in self.changes.items()},
            "price_of_guarantees": {name: d.to_dict(ids) for name, d in self.guarantees.items()},
            "lost": [one.to_dict(ids) for one in self.lost],
            "by_group": self.tables.to_dict(),
            "by_place": [_place(p) for p in self.places],
            "by_topic": [_place(p) for p in self.topics],
        }


def _place(p: Place) -> dict[str, Any]:
    return {
        "label": p.label, "projects": p.listed, "funded": p.funded, "asked": p.asked, "spent": p.spent,
        "votes": p.votes,
    }  # fmt: skip


def audit(
    outcome: Outcome,
    others: Mapping[str, Iterable[int]],
    *,
    name: str = "",
    without: Mapping[str, Iterable[int]] | None = None,
    policy: Policy = POLICY,
) -> Audit:
    """Audit an outcome beside others of the same vote.

    Parameters
    ----------
    outcome : Outcome
    others : mapping of str to iterable of int
        Winners of outcomes to compare with, by name: ``official``, ``greedy`` …
    name : str
        Of the outcome; its rule when empty.
    without : mapping of str to iterable of int, optional
        Guarantee of the rule card → winners when the card does not have it.
    policy : Policy
        Rules of publication for tables of voters.

    Returns
    -------
    Audit
    """
    e = outcome.election
    given = approvals(e)
    called = name or outcome.rule
    won = {called: outcome.winners} | {k: tuple(sorted(set(v))) for k, v in others.items() if k != called}
    seen = {outcome.winners: _judged(given, called, outcome.winners, _paid(outcome, given))}
    for winners in won.values():
        if winners not in seen:
            seen[winners] = _judged(given, "", winners, None)
    judged = {k: replace(seen[v], name=k) for k, v in won.items()}
    places = [(p.place,) if p.place else () for p in e.projects]
    return Audit(
        outcome,
        called,
        judged,
        {k: difference(given, v, outcome.winners) for k, v in won.items() if k != called},
        {k: difference(given, v, outcome.winners) for k, v in (without or {}).items()},
        losers_of(outcome, given),
        publish(given, won, groups_of(e), policy),
        by_place(e.costs, e.ballots.votes, outcome.winners, places),
        by_place(e.costs, e.ballots.votes, outcome.winners, [p.category for p in e.projects]),
        e.ballots.weighted,
    )


def _judged(
    given: Approvals, name: str, winners: tuple[int, ...], paid: tuple[float, Purses] | None
) -> Judged:
    votes = int(given.votes[list(winners)].sum())
    priced = priceable(given, winners, paid=paid)
    return Judged(name, winners, reach(given, winners), axioms(given, winners), priced, votes)


def _paid(outcome: Outcome, given: Approvals) -> tuple[float, Purses] | None:
    """What voters paid, where all start with the same."""
    card = outcome.card
    if outcome.endowment is None or card.floors or (card.attribute and card.shares):
        return None
    return float(outcome.endowment), _purses(outcome, given)


def groups_of(election: Election) -> dict[str, tuple[npt.NDArray[np.int64], tuple[str, ...]]]:
    """Codes and labels of attributes that voters are grouped by; ages in bands, unknown as −1."""
    out = {}
    for name, attribute in election.attributes.items():
        if name.lower() in ABOUT and attribute.known:
            out[name] = _coded(name, attribute)
    return out


def _coded(name: str, attribute: Attribute) -> tuple[npt.NDArray[np.int64], tuple[str, ...]]:
    code = attribute.codes.astype(np.int64)
    if name.lower() == "age":
        band, labels = age_bands(attribute.labels)
        return np.array([*band, -1], dtype=np.int64)[code], labels
    blank = [i for i, label in enumerate(attribute.labels) if label.strip().lower() in UNKNOWN]
    code[np.isin(code, blank)] = -1
    return code, attribute.labels


def losers_of(outcome: Outcome, given: Approvals | None = None) -> tuple[Lost, ...]:
    """Say of every project that an outcome does not fund why."""
    e, card = outcome.election, outcome.card
    ballots, least = given or approvals(e), card.min_score or 0
    low = np.flatnonzero(~fundable(e, card) & (e.ballots.votes > 0) & (e.costs <= e.budget)).tolist()
    if outcome.endowment is not None and not card.floors:
        return lost(ballots, outcome.winners, purses=_purses(outcome, ballots), below=low, least=least)
    if card.rule.startswith("greedy") or (outcome.endowment is None and card.rule == "equal_shares"):
        return lost(ballots, outcome.winners, queue=_queue(outcome), below=low, least=least)
    return lost(ballots, outcome.winners, below=low, least=least)


def _purses(outcome: Outcome, given: Approvals) -> Purses:
    """Let voters pay again, at the endowment at which the outcome was computed."""
    e = outcome.election
    kind, parts = voter_parts(e, outcome.card)
    start = np.array([float(part * (outcome.endowment or Fraction(0))) for part in parts])[kind]
    steps = [s for s in outcome.steps if s.phase == "main"]
    points = {s.project: e.ballots.by_project.weights(s.project) for s in steps}
    prices = [None if s.price is None else float(s.price) for s in steps]
    return replay(given, [s.project for s in steps], start, prices=prices, points=points)


def _queue(outcome: Outcome) -> list[int]:
    """The order in which a greedy rule looks at projects; among equals the funded first."""
    e, won = outcome.election, set(outcome.winners)
    score, costs = e.ballots.score.tolist(), e.costs.tolist()
    per_cost = outcome.card.rule == "greedy_value"

    def place(p: int) -> tuple[Fraction, bool, int]:
        return (-Fraction(score[p], costs[p] if per_cost else 1), p not in won, p)

    return sorted(range(e.n_projects), key=place)
