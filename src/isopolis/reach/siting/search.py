"""Greedy choice and exchanges: fast for any size, compared exactly, without a proof of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from .losses import Bools, Key, Losses, Whole

__all__ = ["Gains", "equals", "greedy", "improved", "searched"]

POWERS = (2.0, 8.0, 32.0)
"""How sharply the soft goals of the greedy look at the worst-off group."""
KEPT = 4
"""Greedy choices that are improved by exchanges."""
ROUNDS, STEEPNESS = 12, 2.0
"""Of the greedy choices whose weights follow the loss that was left."""

Floats = npt.NDArray[np.float64]


class Gains:
    """What each candidate would add to a set, by group, kept up to date where losses change.

    A group's gain from a candidate never rises when other sites open, so only the pairs of origins whose
    loss has changed are looked at again: what a lazy greedy saves, without its queue.
    """

    def __init__(self, losses: Losses, loss: Whole) -> None:
        self.losses, self.loss = losses, loss
        people = np.column_stack([losses.weights, losses.everyone])
        self.by_group = _gains(losses, losses.rows, losses.columns, losses.values, loss, people)
        self._people = people

    def moved(self, loss: Whole) -> Gains:
        """Return the gains for other losses."""
        losses = self.losses
        changed = loss != self.loss
        pairs = changed[losses.rows]
        rows, columns, values = losses.rows[pairs], losses.columns[pairs], losses.values[pairs]
        out = object.__new__(Gains)
        out.losses, out.loss, out._people = losses, loss, self._people
        before = _gains(losses, rows, columns, values, self.loss, self._people)
        out.by_group = self.by_group + _gains(losses, rows, columns, values, loss, self._people) - before
        return out


def _gains(losses: Losses, rows: Whole, columns: Whole, values: Whole, loss: Whole, people: Whole) -> Whole:
    """(C, G + 1) people times loss that each candidate takes away; the last column is everyone."""
    from scipy.sparse import csr_array

    saved = np.maximum(loss[rows] - values, 0)
    return np.asarray(csr_array((saved, (columns, rows)), (losses.many, len(loss))) @ people, dtype=np.int64)


def searched(losses: Losses) -> Bools:
    """Return the best set found: the best greedy choices, improved by exchanges, compared exactly."""
    starts = {c.tobytes(): c for c in _starts(losses)}
    best = sorted(starts.values(), key=lambda c: _rank(losses, c))[:KEPT]
    return min((improved(losses, c) for c in best), key=lambda c: _rank(losses, c))


def _rank(losses: Losses, chosen: Bools) -> tuple[Key, int, tuple[int, ...]]:
    return losses.score(chosen), losses.spent(chosen), tuple(np.flatnonzero(chosen).tolist())


def _starts(losses: Losses) -> Iterator[Bools]:
    prices = np.maximum(losses.prices, 1).astype(np.float64)
    for per_euro in (False, True) if losses.budget is not None else (False,):
        price = prices if per_euro else np.ones(losses.many)
        yield greedy(losses, _total_rule(price))
        if losses.question.objective != "total":
            for power in POWERS:
                yield greedy(losses, _soft_rule(losses, power, price))
    yield greedy(losses, _exact_rule(losses))
    if losses.question.objective != "total":
        yield from _weighted(losses)


def _weighted(losses: Losses) -> Iterator[Bools]:
    """Greedy choices for a weighted sum whose weights go where loss was left (multiplicative weights)."""
    sizes = np.maximum(losses.sizes, 1).astype(np.float64) * losses.worst
    weights = losses.judged.astype(np.float64)
    for _ in range(ROUNDS if losses.judged.sum() > 1 else 0):
        chosen = greedy(losses, _fixed_rule(weights / sizes))
        yield chosen
        means = losses.sums(losses.at(chosen)) / sizes
        top = max(float(means[losses.judged].max()), 1e-12)
        weights = weights * np.exp(STEEPNESS * (means / top - 1))
        weights = np.where(losses.judged, np.maximum(weights / weights.max(), 1e-9), 0.0)


def _fixed_rule(weights: Floats) -> Rule:
    return lambda sums, gains, at: -(gains[:, :-1] @ weights)


Rule = Callable[[Whole, Whole, Whole], Floats | list[Key]]
"""From sums, gains of some candidates and which they are, to what each is worth: the smallest goes first."""


def _total_rule(price: Floats) -> Rule:
    """Everyone's gain per euro."""
    return lambda sums, gains, at: -gains[:, -1] / price[at]


def _soft_rule(losses: Losses, power: float, price: Floats) -> Rule:
    """A smooth goal that never stalls between groups that are equally badly off."""
    sizes = np.maximum(losses.sizes, 1).astype(np.float64) * losses.worst
    judged = losses.judged

    def rule(sums: Whole, gains: Whole, at: Whole) -> Floats:
        now, then = (sums / sizes)[judged], ((sums - gains[:, :-1]) / sizes)[:, judged]
        top = max(float(now.max(initial=0.0)), 1e-12)
        before, after = np.exp(power * (now / top - 1)).sum(), np.exp(power * (then / top - 1)).sum(axis=1)
        return np.asarray((after - before) / price[at])

    return rule


def _exact_rule(losses: Losses) -> Rule:
    """The goal itself: the next site is the one that is best if it is the last.

    Only those that could be the best are compared exactly; the others stand behind them.
    """

    def rule(sums: Whole, gains: Whole, at: Whole) -> list[Key]:
        after = sums - gains[:, :-1]
        near = _nearly(_rough(losses, after, -gains[:, -1]))
        return [
            (0, losses.key(s, -int(g))) if n else (1,)
            for n, s, g in zip(near, after, gains[:, -1], strict=True)
        ]

    return rule


def _nearly(rough: Floats) -> Bools:
    """(n,) True for those whose first number could be the smallest, floats being what they are."""
    least = float(rough.min())
    return np.asarray(rough <= least + 1e-9 * (1 + abs(least)))


def greedy(losses: Losses, rule: Rule) -> Bools:
    """Open sites one after the other, each the best by `rule`, while money and numbers last."""
    chosen = losses.open_now.copy()
    gains = Gains(losses, losses.at(chosen))
    while True:
        room = _affordable(losses, chosen) & (gains.by_group > 0).any(axis=1)
        if not room.any():
            return chosen
        at = np.flatnonzero(room)
        worth = rule(losses.sums(gains.loss), gains.by_group[at], at)
        best = min(range(len(at)), key=lambda i: (worth[i], losses.prices[at[i]], i))
        chosen[at[best]] = True
        gains = gains.moved(losses.at(chosen))


def _affordable(losses: Losses, chosen: Bools) -> Bools:
    """(C,) closed candidates that could still be opened."""
    question = losses.question
    room = ~chosen
    opened = int((chosen & ~losses.open_now).sum())
    if question.sites is not None and opened >= question.sites:
        room = room & losses.open_now  # one that was to close may stay
    if losses.budget is not None:
        left = losses.budget - losses.spent(chosen)
        # one that was to close gives its closing back when it stays
        room = room & (np.where(losses.open_now, -losses.closing, losses.prices) <= left)
    return np.asarray(room)


def improved(losses: Losses, chosen: Bools) -> Bools:
    """Open, exchange and close while the goal gets better, the best step first."""
    chosen = chosen.copy()
    score = losses.score(chosen)
    while True:
        best = min(_steps(losses, chosen), key=lambda s: s[0], default=None)
        if best is None or not best[0][0] < score:
            return chosen
        (score, *_), out, into = best
        if out >= 0:
            chosen[out] = False
        if into >= 0:
            chosen[into] = True


Step = tuple[tuple[Key, int, int, int], int, int]


def _steps(losses: Losses, chosen: Bools) -> Iterator[Step]:
    """Yield the best way of opening one, and of exchanging each open one: (key, price, …), out, in."""
    gains = Gains(losses, losses.at(chosen))
    for out in (-1, *np.flatnonzero(chosen).tolist()):
        without = chosen.copy()
        if out >= 0:
            without[out] = False
        here = gains if out < 0 else gains.moved(losses.at(without))
        room = _affordable(losses, without)
        if out >= 0:
            room[out] = False
            closed = int((~without & losses.open_now).sum())
            if losses.question.closures is not None and closed > losses.question.closures:
                room &= losses.open_now  # only another one that was to close may come in
        best = _best(losses, here, room, without)
        if best is not None:
            key, into = best
            price = losses.spent(without) + int(losses.prices[into])
            yield (key, price, out, into), out, into


def _best(losses: Losses, gains: Gains, room: Bools, without: Bools) -> tuple[Key, int] | None:
    """Return the best candidate to open; only those that could be the best are compared exactly."""
    sums, total = losses.sums(gains.loss), losses.total(gains.loss)
    after = sums - gains.by_group[:, :-1]
    if (~without & losses.open_now).any():
        room = room & (after <= losses.today).all(axis=1)
    at = np.flatnonzero(room)
    if not len(at):
        return None
    close = at[_nearly(_rough(losses, after[at], total - gains.by_group[at, -1]))]
    keys = (
        (losses.key(after[c], total - int(gains.by_group[c, -1])), int(losses.prices[c]), c) for c in close
    )
    key, _, into = min(keys)
    return key, int(into)


def equals(losses: Losses, chosen: Bools, site: int) -> list[int]:
    """Closed candidates that reach exactly the same goal in the place of an open one, within the limits."""
    without = chosen.copy()
    without[site] = False
    gains = Gains(losses, losses.at(without))
    sums, total = losses.sums(gains.loss), losses.total(gains.loss)
    at = np.flatnonzero(~chosen & ~losses.open_now)
    after, everyone = sums - gains.by_group[at, :-1], total - gains.by_group[at, -1]
    loss = losses.at(chosen)
    here = losses.sums(loss), losses.total(loss)
    goal, first = losses.key(*here), float(_rough(losses, here[0][None, :], np.array([here[1]]))[0])
    near = np.abs(_rough(losses, after, everyone) - first) <= 1e-9 * (1 + abs(first))
    found = []
    for i in np.flatnonzero(near).tolist():
        if losses.key(after[i], int(everyone[i])) == goal:
            trial = without.copy()
            trial[at[i]] = True
            if losses.allowed(trial):
                found.append(int(at[i]))
    return found


def _rough(losses: Losses, sums: Whole, totals: Whole) -> Floats:
    """First part of the key, as a float: enough to leave out what is clearly worse."""
    if losses.question.objective == "total":
        return totals / (max(float(losses.everyone.sum()), 1.0) * losses.worst)
    if not losses.judged.any():
        return np.zeros(len(sums))
    sizes = losses.sizes[losses.judged].astype(np.float64) * losses.worst
    means = sums[:, losses.judged] / sizes
    if losses.question.objective == "leximin":
        return np.asarray(means.max(axis=1))
    top = means.max(axis=1)
    inner = np.exp(losses.kappa * (means - top[:, None])).mean(axis=1)
    return np.asarray(top + np.log(inner) / losses.kappa)
