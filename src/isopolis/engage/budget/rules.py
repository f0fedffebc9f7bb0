"""An election and a rule card in, an outcome out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor

import numpy as np
from numpy.typing import NDArray

from isopolis.model import DataError, Problem
from isopolis.model.text import phrase

from .card import Floor, RuleCard, card_for
from .election import Election, Side
from .endowments import first_endowment, kinds, voter_parts
from .exact import Task, exact_run, money_left
from .greedy import greedy
from .machine import Machine
from .outcome import Compared, Outcome, Step
from .phragmen import phragmen
from .shares import Completed, Completion, Counter, completed
from .ties import TIE_RULES, Choose, Tie, breaker, every, lot_places

__all__ = ["allocate", "fundable", "task_of"]


def allocate(
    election: Election, card: RuleCard, *, how: str = "auto", load: Callable[[], Machine] | None = None
) -> Outcome:
    """Say which projects win.

    Parameters
    ----------
    election : Election
    card : RuleCard
    how : str
        ``auto``, ``certified`` or ``exact``; the winners are the same.
    load : callable, optional
        Returns the compiled loops, ``lambda: Machine(store)``; without it everything is counted exactly.

    Returns
    -------
    Outcome
        Never above the budget.

    Raises
    ------
    TieNeedsLot
        When projects are equal in everything and the card has no lot.
    DataError
        When the card does not fit the election.
    """
    card = card_for(election, card)
    if card.rule == "equal_shares":
        return _compared(_equal_shares(election, card, how, load))
    allowed = np.flatnonzero(fundable(election, card)).tolist()
    steps, log = _settled(election, card, lambda choose: _in_order(election, card, allowed, choose))
    return _filled(Outcome(election, card, tuple(steps), ties=tuple(log)))


def _in_order(election: Election, card: RuleCard, allowed: list[int], choose: Choose) -> list[Step]:
    """Run Phragmén's or a greedy rule."""
    if card.rule == "phragmen":
        skip = card.past_budget == "skip"
        bought = phragmen(election, allowed, election.budget, choose, skip=skip)
        return [Step(b.project, price=b.time) for b in bought]
    per_cost, skip = card.rule == "greedy_value", card.rule != "greedy_stop"
    chosen = greedy(election, allowed, election.budget, choose, per_cost=per_cost, skip=skip)
    return [Step(p) for p in chosen]


def _settled(
    election: Election, card: RuleCard, run: Callable[[Choose], list[Step]]
) -> tuple[list[Step], list[Tie]]:
    """Run, and stop and ask only where a tie without a lot changes who wins; return steps and ties."""
    choose = breaker(election, card, [])
    found, stop = every(run, choose, lambda steps: frozenset(s.project for s in steps))
    if len(found) > 1 and stop is not None:
        raise stop
    log: list[Tie] = []
    note = breaker(election, card, log, either=True)
    return run(note), log


def fundable(election: Election, card: RuleCard) -> NDArray[np.bool_]:
    """Return which projects may be funded: some support, enough of it, and no dearer than the budget."""
    score = election.ballots.score
    return (score > 0) & (score >= (card.min_score or 0)) & (election.costs <= election.budget)


def task_of(election: Election, card: RuleCard, allowed: NDArray[np.bool_] | None = None) -> Task:
    """Return the task of equal shares for all voters, with endowments as the card has them."""
    kind, parts = voter_parts(election, card)
    ballots, costs = election.ballots, tuple(election.costs.tolist())
    return Task(
        ballots.by_project, costs, costs if card.utility == "cost" else (1,) * len(costs),
        ballots.score, ballots.votes, fundable(election, card) if allowed is None else allowed,
        kind, parts, (Fraction(0),) * len(parts),
    )  # fmt: skip


@dataclass
class _Shares:
    """Equal shares in one or more phases: floors first, then everybody."""

    election: Election
    card: RuleCard
    how: str
    load: Callable[[], Machine] | None
    exact: bool = True
    tried: int = 0

    def __post_init__(self) -> None:
        """Look the lot up once."""
        places = lot_places(self.card, self.election.ids)
        self.places = None if places is None else [places[i] for i in self.election.ids]
        self.steps: list[Step] = []
        self.ties: list[Tie] = []

    def run(self, task: Task, money: int, start: Fraction, voters: int, phase: str) -> Completed:
        """Complete one task and keep its steps."""
        card, unit = self.card, self.election.scale
        counter = Counter(
            task, breaker(self.election, card, []), card.utility == "cost", self.places,
            card.ties == TIE_RULES, self.how, self.load,
        )  # fmt: skip
        if card.start == "whole":
            start = Fraction(floor(start / unit) * unit)
        step = Fraction(card.step) * unit / (voters if card.by == "money" else 1)
        plan = Completion(start, step, money, card.stop == "exhaustive", card.completion == "add1")
        done = completed(counter, plan)
        self.exact &= counter.certified_runs == 0
        self.tried += done.tried
        again = breaker(self.election, card, self.ties, either=True)
        if counter.certified_runs and any(c.over for c in done.chosen):
            # the log names every rival, the loops only one
            note = breaker(self.election, card, [], either=True)
            done = replace(done, chosen=tuple(exact_run(task, done.endowment, note)))
        for c in done.chosen:
            if c.over:
                again([c.project, *c.over])
            support = float(task.costs[c.project] / c.price) if card.utility == "cost" else None
            self.steps.append(Step(c.project, phase, c.price, support))
        return done

    def spent(self) -> int:
        """Return what is spent until now, units."""
        return self.election.cost_of(s.project for s in self.steps)


def _equal_shares(
    election: Election, card: RuleCard, how: str, load: Callable[[], Machine] | None
) -> Outcome:
    work = _Shares(election, card, how, load)
    paid: dict[int, Fraction] = {}
    for number, kept in enumerate(card.floors, start=1):
        _floor(work, kept, f"floor {number}", paid)
    task = task_of(election, card)
    is_open = task.open.copy()
    is_open[[s.project for s in work.steps]] = False
    kind, parts, before = kinds(task.kind, task.parts, paid)
    task = replace(task, open=is_open, kind=kind, parts=parts, paid=before)
    money = election.budget - work.spent()
    done = work.run(task, money, first_endowment(kind, parts, before, money), election.n_voters, "main")
    outcome = Outcome(
        election, card, tuple(work.steps), done.endowment, Fraction(election.budget, election.n_voters),
        work.tried, tuple(work.ties), "exact" if work.exact else "certified",
    )  # fmt: skip
    return _filled(outcome)


def _floor(work: _Shares, kept: Floor, phase: str, paid: dict[int, Fraction]) -> None:
    """Spend the money of a floor on its projects by its voters; add what they pay to `paid`."""
    election = work.election
    money = Fraction(kept.money) * election.scale
    problems = [] if money.denominator == 1 else [_not_whole(kept)]
    left = election.budget - work.spent()
    if money > left:
        problems.append(Problem("floors", phrase("the floors need more than the budget"), value=kept.money,
                                rule=str(election.money(left))))  # fmt: skip
    voters = _voters(election, kept)
    if not voters.any():
        problems.append(Problem("floor-voters", phrase("nobody who voted may decide about a floor"),
                                column=kept.attribute, value=kept.label))  # fmt: skip
    if problems:
        raise DataError(problems)
    whole = task_of(election, work.card)
    side, total, votes = _only(whole.entries, voters)
    is_open = whole.open & (whole.costs <= np.array(int(money))) & (total > 0)
    is_open &= np.array([_belongs(p, kept) for p in election.projects])
    is_open[[s.project for s in work.steps]] = False
    task = Task(side, whole.costs, whole.factor, total, votes, is_open,
                np.zeros(election.n_voters, np.int32))  # fmt: skip
    many = int(voters.sum())
    done = work.run(task, int(money), Fraction(int(money), many), many, phase)
    place, values = money_left(task, done.endowment, [c.project for c in done.chosen])
    for voter in np.flatnonzero(voters).tolist():
        spent = done.endowment - values[place[voter]]
        if spent:
            paid[voter] = paid.get(voter, Fraction(0)) + spent


def _not_whole(kept: Floor) -> Problem:
    return Problem("floor-money", phrase("a floor is finer than the money of the election"), value=kept.money)


def _belongs(project: object, kept: Floor) -> bool:
    place, target = getattr(project, "place", ""), getattr(project, "target", ())
    return (not kept.place or place == kept.place) and (not kept.target or kept.target in target)


def _voters(election: Election, kept: Floor) -> NDArray[np.bool_]:
    if not kept.attribute:
        return np.ones(election.n_voters, bool)
    attribute = election.attributes[kept.attribute]
    codes = [i for i, label in enumerate(attribute.labels) if label == kept.label]
    return np.isin(attribute.codes, codes)


def _only(side: Side, voters: NDArray[np.bool_]) -> tuple[Side, NDArray[np.int64], NDArray[np.int64]]:
    """Keep the entries of some voters; return them with points and supporters of each project."""
    keep = voters[side.other]
    hits = np.concatenate(([0], np.cumsum(keep)))[side.start]
    points = np.concatenate(([0], np.cumsum(np.where(keep, side.weight, 0))))[side.start]
    return Side(hits, side.other[keep], side.weight[keep]), np.diff(points), np.diff(hits)


def _filled(outcome: Outcome) -> Outcome:
    """Spend what is over as the card says."""
    card, election = outcome.card, outcome.election
    if card.fill == "none":
        return outcome
    allowed = set(np.flatnonzero(fundable(election, card)).tolist()) - set(outcome.order)
    left, per_cost = election.budget - outcome.cost, card.fill == "greedy_value"

    def run(choose: Choose) -> list[Step]:
        return [Step(p, "fill") for p in greedy(election, allowed, left, choose, per_cost=per_cost)]

    more, log = _settled(election, card, run)
    return replace(outcome, steps=(*outcome.steps, *more), ties=(*outcome.ties, *log))


def _compared(outcome: Outcome) -> Outcome:
    """Keep the greedy outcome instead where the card asks and more voters gain more by it."""
    election, card = outcome.election, outcome.card
    if card.comparison == "none":
        return outcome
    other = allocate(election, replace(card, rule="greedy", comparison="none", fill="none"))
    ours, theirs = (_gains(election, card, o.winners) for o in (outcome, other))
    found = Compared("greedy", int((ours > theirs).sum()), int((theirs > ours).sum()))
    return replace(other if found.lost else outcome, card=card, compared=found)


def _gains(election: Election, card: RuleCard, chosen: Sequence[int]) -> NDArray[np.int64]:
    """Return what each voter gains from projects, ``(voters,)``."""
    worth = np.zeros(election.n_projects, np.int64)
    worth[list(chosen)] = election.costs[list(chosen)] if card.utility == "cost" else 1
    side = election.ballots.by_voter
    sums = np.concatenate(([0], np.cumsum(worth[side.other] * side.weight)))
    return np.diff(sums[side.start])
