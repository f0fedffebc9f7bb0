"""Exact choices on HiGHS for small cases, and bounds on the best for any."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import exp, log

import numpy as np

from .losses import Bools, Losses
from .program import SCALE, SLACK, Formulation, formulate
from .search import Gains, improved
from .solver import Model

__all__ = ["Proof", "online_bound", "prove", "relaxed_bound"]

CLOSE = 1e-4
"""Two plans that differ by this much (per mille of the largest loss) are told apart by the solver."""
ROUNDS = 60
INTERIOR = 1e-6
"""How far the value of an interior point may lie above the bound, in parts of it."""
NOTHING = float("-inf")


@dataclass(frozen=True, slots=True, eq=False)
class Proof:
    """The best set of sites found, and how good any can be.

    Attributes
    ----------
    chosen : (C,) array of bool
    bound : float
        No plan has a smaller value of the goal's first number, as a share of the largest loss.
    proven : bool
        True when no plan is better in any number of the goal.
    tolerance : float
        Plans nearer to each other than this are told apart by exchanges only, not by the proof; 0 when the
        counts are small enough for the proof to be exact.
    """

    chosen: Bools
    bound: float
    proven: bool
    tolerance: float


class _Clock:
    """What is left of a time that solvers have spent, by their own clocks."""

    def __init__(self, seconds: float) -> None:
        self.left = seconds

    def spend(self, seconds: float) -> None:
        self.left -= seconds


def prove(losses: Losses, chosen: Bools, seconds: float) -> Proof:
    """Improve on a set until no set is better, or time ends.

    Parameters
    ----------
    losses : Losses
    chosen : (C,) array of bool
        To begin from; allowed.
    seconds : float
    """
    form, clock = formulate(losses), _Clock(seconds)
    run = {"leximin": _leximin, "ede": _ede, "total": _total}[losses.question.objective]
    best, bound, proven = run(form, chosen, clock)
    best = improved(losses, best)
    # in whole numbers: the denominator of many groups is larger than any float
    fine = Fraction(CLOSE) * losses.denominator * losses.worst <= SCALE
    exact = fine if losses.question.objective == "leximin" else CLOSE * _people(losses) <= SCALE
    if losses.question.objective == "ede":
        exact = False  # exponentials are not exact
    bound = max(bound, online_bound(losses, best))
    return Proof(best, bound, proven, 0.0 if exact else CLOSE / SCALE)


def _people(losses: Losses) -> float:
    return float(losses.everyone.sum()) * losses.worst


def _leximin(form: Formulation, best: Bools, clock: _Clock) -> tuple[Bools, float, bool]:
    """Make the worst small, then the sum of the two worst, …, and last everyone's mean."""
    bound, groups = NOTHING, len(form.groups)
    for level in range(groups + 1):
        below = form.sums_of_worst(best)[:level]
        model = form.levels(below) if level < groups else form.whole_total(below)
        best, value, proven = _step(form, model, best, clock)
        reached = form.sums_of_worst(best)[level] if level < groups else _mean(form.losses, best) * SCALE
        if level == 0:
            bound = value / SCALE
        if not (proven and reached - value <= 10 * SLACK):
            return best, bound, False
    return best, bound, True


def _mean(losses: Losses, chosen: Bools) -> float:
    people = _people(losses)
    return losses.total(losses.at(chosen)) / people if people else 0.0


def _step(form: Formulation, model: Model, best: Bools, clock: _Clock) -> tuple[Bools, float, bool]:
    """Solve once; keep the better of what was known and what was found."""
    if clock.left <= 0:
        return best, NOTHING, False
    answer = model.solve(clock.left, start=best.astype(np.float64))
    clock.spend(answer.seconds)
    found = form.chosen(answer)
    if found is not None and form.losses.score(found) < form.losses.score(best):
        best = found
    return best, answer.bound - SLACK, answer.status == "optimal"


def _total(form: Formulation, best: Bools, clock: _Clock) -> tuple[Bools, float, bool]:
    best, value, proven = _step(form, form.whole_total(()), best, clock)
    return best, value / SCALE, proven and _mean(form.losses, best) * SCALE - value <= 10 * SLACK


def _ede(form: Formulation, best: Bools, clock: _Clock) -> tuple[Bools, float, bool]:
    """Close in on the exponentials from below with tangents, which are added where plans are found."""
    losses, groups = form.losses, np.array(form.groups)
    if not len(groups):
        return best, 0.0, True
    kappa, top = losses.kappa, max(losses.means(losses.today))
    model = form.model.copy()
    excess = np.array(model.columns(len(groups)))
    for e in excess:
        model.cost[e] = 1.0 / len(groups)

    def touch(chosen: Bools) -> None:
        for e, g, x in zip(excess, groups, losses.means(losses.sums(losses.at(chosen))), strict=True):
            height = exp(kappa * (x - top))
            slope = kappa * height
            model.row(height - slope * x, np.inf, [e, g], [1.0, -slope / SCALE])

    seen: set[bytes] = set()
    for chosen in (losses.open_now, best):
        touch(chosen)
    bound = NOTHING
    for _ in range(ROUNDS):
        if clock.left <= 0:
            return best, bound, False
        answer = model.solve(clock.left, start=best.astype(np.float64))
        clock.spend(answer.seconds)
        if answer.bound > 0:
            bound = max(bound, top + log(answer.bound) / kappa - SLACK / SCALE)
        found = form.chosen(answer)
        if answer.status != "optimal" or found is None:
            return best, bound, False
        if losses.score(found) < losses.score(best):
            best = found
        if losses.ede(losses.sums(losses.at(best))) - bound <= 10 * SLACK / SCALE:
            return best, bound, True
        if found.tobytes() in seen:
            return best, bound, False
        seen.add(found.tobytes())
        touch(found)
    return best, bound, False


def relaxed_bound(losses: Losses, seconds: float) -> float:
    """Return a bound from the linear relaxation for the goal's first number; minus infinity without one."""
    form = formulate(losses)
    if losses.question.objective == "leximin":
        model = form.levels(())
    elif losses.question.objective == "total":
        model = form.whole_total(())
    else:  # the equivalent is never below the mean over groups (Jensen)
        model = form.model.copy()
        for g in form.groups:
            model.cost[g] = 1.0 / len(form.groups)
    answer = model.solve(seconds, relaxed=True)
    if answer.status != "optimal":
        return NOTHING
    return (answer.value * (1 - INTERIOR) - SLACK) / SCALE


def online_bound(losses: Losses, chosen: Bools) -> float:
    """Return a bound without a solver, from gains that can only shrink (submodularity).

    What any plan saves a group is at most what `chosen` saves and, on top, the best gains that the limits
    still allow, each taken as if it were the only one (Minoux 1978; Leskovec et al. 2007, section 3.2).
    Taken from today and from `chosen`, whichever is nearer.
    """
    return max(_online(losses, losses.open_now), _online(losses, chosen))


def _online(losses: Losses, chosen: Bools) -> float:
    gains = Gains(losses, losses.at(chosen))
    sums = np.append(losses.sums(gains.loss), losses.total(gains.loss))
    free = losses.open_now & ~chosen
    least = sums - gains.by_group[free].sum(axis=0)
    rest = ~losses.open_now & ~chosen
    most = np.array(
        [_most(losses, gains.by_group[rest, g], rest) for g in range(len(sums))], dtype=np.float64
    )
    low = np.maximum(least - most, 0.0)
    if losses.question.objective == "total":
        people = _people(losses)
        return float(low[-1]) / people if people else 0.0
    means = (low[:-1] / (np.maximum(losses.sizes, 1) * float(losses.worst)))[losses.judged]
    if not len(means):
        return 0.0
    if losses.question.objective == "leximin":
        return float(means.max())
    top = float(means.max())
    return top + log(float(np.exp(losses.kappa * (means - top)).mean())) / losses.kappa


def _most(losses: Losses, gains: np.ndarray, rest: Bools) -> float:
    """Largest sum of gains within the limits, each limit on its own, the last site in parts."""
    most = float(gains.sum())
    if losses.question.sites is not None:
        most = min(most, float(np.sort(gains)[::-1][: losses.question.sites].sum()))
    if losses.budget is not None:
        prices = losses.prices[rest].astype(np.float64)
        money = losses.budget + float(np.maximum(-losses.closing[losses.open_now], 0).sum())
        order = np.argsort(-gains / np.maximum(prices, 1e-9), kind="stable")
        before = np.cumsum(prices[order]) - prices[order]
        part = np.clip((money - before) / np.maximum(prices[order], 1e-9), 0.0, 1.0)
        part[prices[order] == 0] = 1.0
        most = min(most, float((gains[order] * part).sum()))
    return most
