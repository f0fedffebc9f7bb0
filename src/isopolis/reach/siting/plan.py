"""Choose sites, and say what the choice does for whom and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from isopolis.model import CallError, Undefined
from isopolis.model.errors import near
from isopolis.model.pickling import as_fields
from isopolis.model.text import phrase

from .exact import Proof, online_bound, prove, relaxed_bound
from .losses import Bools, Key, Losses
from .question import Question
from .search import equals, searched

__all__ = ["METHODS", "Level", "Plan", "Step", "choose", "levels_of"]

METHODS = ("auto", "exact", "greedy")
SMALL = 500
MOST_PAIRS = 300_000
MINUTE = 60_000
KEPT_BACK = 0.25
"""Of the time, for a bound where a proof does not end."""


@dataclass(frozen=True, slots=True)
class Level:
    """How a group fares.

    Attributes
    ----------
    group : str
    people : Fraction
    value : Fraction or Undefined
        ``within``: share of its people within the standard, 0 to 1. ``shortfall``: mean minutes beyond the
        standard. Undefined for a group without people.
    served : Fraction
        People within the standard.
    unreached : Fraction
        People who can reach no site at all; a state of its own, not a long time.
    """

    group: str
    people: Fraction
    value: Fraction | Undefined
    served: Fraction
    unreached: Fraction


@dataclass(frozen=True, slots=True)
class Step:
    """One site that opens.

    Attributes
    ----------
    site : str
    price : float
        Euros.
    gains : tuple of Fraction, one per group
        What it adds to those before it: people newly within the standard, or hours beyond it that its
        people save together.
    everyone : Fraction
        The same for everyone.
    ties : tuple of str
        Candidates that could stand in its place in the finished plan, with exactly equal goals.
    """

    site: str
    price: float
    gains: tuple[Fraction, ...]
    everyone: Fraction
    ties: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The sites chosen, in the order of what they contribute.

    Attributes
    ----------
    question : Question
    steps : tuple of Step
    closed : tuple of str
        Sites that are open today and close.
    price : float
        Euros in all.
    before, after : tuple of Level
    value : float
        What the goal comes to: for ``leximin`` the loss of the worst-off group, for ``ede`` the equivalent,
        for ``total`` everyone's mean. Loss is the share without access, or minutes beyond the standard.
    bound : float
        No plan within the limits has a smaller value.
    proven : bool
        True when no plan is better, in no number of the goal.
    tolerance : float
        Plans nearer to each other than this, in the unit of `value`, were told apart by exchanges only.
    method : str
        ``exact`` or ``greedy``.
    score : tuple
        The goal's exact numbers: plans for one question compare by it, the smaller the better.
    """

    question: Question
    steps: tuple[Step, ...]
    closed: tuple[str, ...]
    price: float
    before: tuple[Level, ...]
    after: tuple[Level, ...]
    value: float
    bound: float
    proven: bool
    tolerance: float
    method: str
    score: Key

    def __reduce__(self) -> tuple[Any, ...]:
        return as_fields(self)

    @property
    def sites(self) -> tuple[str, ...]:
        """Sites that open, in the order of what they contribute."""
        return tuple(s.site for s in self.steps)

    @property
    def gap(self) -> float:
        """How much better, at most, another plan could be; 0 when none can."""
        return 0.0 if self.proven else max(self.value - self.bound, 0.0)

    @property
    def ordered(self) -> tuple[Fraction, ...]:
        """Losses of the groups with people, worst first: what leximin compares."""
        values = [lv.value for lv in self.after if not isinstance(lv.value, Undefined)]
        within = self.question.measure == "within"
        return tuple(sorted((1 - v if within else v for v in values), reverse=True))


def choose(question: Question, *, method: str = "auto", seconds: float = 60.0) -> Plan:
    """Choose the sites.

    Opening sites can make nobody worse. Where sites may close, plans that leave a group worse than today
    are not allowed.

    Parameters
    ----------
    question : Question
    method : {"auto", "exact", "greedy"}
        ``exact`` goes on until no plan is better, or `seconds` are over; ``greedy`` takes greedy choices
        and exchanges, and a bound from a linear program; ``auto`` is exact up to 500 candidates.
    seconds : float
        For the solver. A plan that was cut short has ``proven`` False and says its gap; it may differ from
        one machine to another. Everything else does not.

    Raises
    ------
    CallError
        If the method is unknown, the time is not above 0, or prices are not whole cents.
    """
    if method not in METHODS:
        raise CallError(
            phrase('there is no method "{name}": {near}', name=method, near=near(method, METHODS))
        )
    if not seconds > 0:
        raise CallError(phrase("the time for the solver must be above 0"))
    losses = Losses.of(question)
    chosen = searched(losses)
    small = losses.many <= SMALL and len(losses.values) <= MOST_PAIRS
    if method == "exact" or (method == "auto" and small):
        proof = prove(losses, chosen, (1 - KEPT_BACK) * seconds)
        if not proof.proven:
            low = relaxed_bound(losses, KEPT_BACK * seconds)
            proof = replace(proof, bound=max(proof.bound, low))
        return _plan(losses, proof, "exact")
    bound = online_bound(losses, chosen)
    if len(losses.values) <= 10 * MOST_PAIRS:
        bound = max(bound, relaxed_bound(losses, seconds))
    value = _value(losses, chosen)
    nothing_left = losses.question.objective == "total" and value <= bound
    return _plan(losses, Proof(chosen, bound, nothing_left, 1e-9), "greedy")


def levels_of(losses: Losses, chosen: Bools) -> tuple[Level, ...]:
    """Say how each group fares with these sites, computed again from the times themselves."""
    question = losses.question
    cost = _times(losses, chosen)
    reached, served = cost >= 0, (cost >= 0) & (cost <= question.standard)
    sums = losses.sums(losses.at(chosen))
    out = []
    for g, name in enumerate(question.groups):
        many = int(losses.sizes[g])
        value: Fraction | Undefined = Undefined(
            "nobody", phrase("there is nobody of {group} at any origin", group=name)
        )
        if many:
            mean = Fraction(int(sums[g]), many)
            value = 1 - mean if question.measure == "within" else mean / MINUTE
        weights = losses.weights[:, g]
        out.append(
            Level(
                name,
                Fraction(many, losses.unit),
                value,
                Fraction(int(weights[served].sum()), losses.unit),
                Fraction(int(weights[~reached].sum()), losses.unit),
            )
        )
    return tuple(out)


def _times(losses: Losses, chosen: Bools) -> np.ndarray:
    """(O,) nearest of all open sites, -1 for none: from the question, not from losses."""
    question = losses.question
    far = np.iinfo(np.int64).max
    nearest = np.where(question.existing < 0, far, question.existing)
    starts, columns, values = question.costs
    here = np.zeros(len(chosen), dtype=bool)
    here[losses.order] = chosen
    used = here[columns]
    rows = np.repeat(np.arange(len(nearest)), np.diff(starts))
    np.minimum.at(nearest, rows[used], values[used])
    return np.where(nearest == far, -1, nearest)


def _value(losses: Losses, chosen: Bools) -> float:
    """First number of the goal, as a share of the largest loss."""
    loss = losses.at(chosen)
    if losses.question.objective == "total":
        people = int(losses.everyone.sum()) * losses.worst
        return losses.total(loss) / people if people else 0.0
    sums = losses.sums(loss)
    return losses.ede(sums) if losses.question.objective == "ede" else max(losses.means(sums), default=0.0)


def _plan(losses: Losses, proof: Proof, method: str) -> Plan:
    chosen, question = proof.chosen, losses.question
    unit = 1.0 if question.measure == "within" else losses.worst / MINUTE
    value = _value(losses, chosen)
    order = _by_contribution(losses, chosen)
    return Plan(
        question,
        _steps(losses, chosen, order),
        tuple(losses.ids[c] for c in np.flatnonzero(losses.open_now & ~chosen)),
        losses.spent(chosen) / 100,
        levels_of(losses, losses.open_now),
        levels_of(losses, chosen),
        value * unit,
        (value if proof.proven else min(proof.bound, value)) * unit,
        proof.proven,
        proof.tolerance * unit,
        method,
        losses.score(chosen),
    )


def _by_contribution(losses: Losses, chosen: Bools) -> list[int]:
    """Order the sites that open: first the one that alone does most for the goal, then the next."""
    left = np.flatnonzero(chosen & ~losses.open_now).tolist()
    done, order = chosen & losses.open_now, []
    while left:

        def score(c: int, done: Bools = done) -> tuple[Key, int, int]:
            trial = done.copy()
            trial[c] = True
            loss = losses.at(trial)
            sums, total = losses.sums(loss), losses.total(loss)
            return losses.key(sums, total), total, c

        best = min(left, key=score)
        done = done.copy()
        done[best] = True
        order.append(best)
        left.remove(best)
    return order


def _steps(losses: Losses, chosen: Bools, order: list[int]) -> tuple[Step, ...]:
    done, steps = chosen & losses.open_now, []
    hours = losses.unit * (1 if losses.question.measure == "within" else 60 * MINUTE)
    before = losses.at(done)
    for c in order:
        done = done.copy()
        done[c] = True
        after = losses.at(done)
        saved = losses.sums(before - after)
        steps.append(
            Step(
                losses.ids[c],
                int(losses.prices[c]) / 100,
                tuple(Fraction(int(s), hours) for s in saved),
                Fraction(losses.total(before - after), hours),
                _ties(losses, chosen, c),
            )
        )
        before = after
    return tuple(steps)


def _ties(losses: Losses, chosen: Bools, site: int) -> tuple[str, ...]:
    """Candidates that reach the same goal in the place of `site`, within the limits."""
    return tuple(losses.ids[c] for c in equals(losses, chosen, site))
