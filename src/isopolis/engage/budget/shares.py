"""The method of equal shares: one run, certified or exact, and its completion by larger endowments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from .exact import Chosen, Task, exact_run
from .kernel import ROUNDING, UNDECIDED
from .machine import Machine
from .ties import Choose, TieNeedsLot, every

__all__ = ["Completed", "Completion", "Counter", "completed"]

Load = Callable[[], Machine]
TRIED = ((1e-6, False), (1e-6, True), (1e-3, True))
"""For one endowment: relative slack, and whether each voter has a bound of the own; then exact."""
EXACT_WORK = 100_000
"""Ballot entries that are counted exactly before machine code pays for its loading."""


@dataclass
class Counter:
    """Counts one task at any endowment; remembers how.

    Parameters
    ----------
    task : Task
    choose : callable
        Decides ties in exact runs, and writes them down.
    by_cost : bool
        Whether a point is worth the cost of the project.
    places : sequence of int or None
        Place of each project in the published lot.
    how : str
        ``auto``: certified doubles when there is much to count; ``certified``; ``exact``.
    load : callable or None
        Returns the compiled loops; asked once, and only when they pay. None to count exactly.
    """

    task: Task
    choose: Choose
    by_cost: bool
    places: Sequence[int] | None = None
    plain_ties: bool = True
    how: str = "auto"
    load: Load | None = None
    work: int = 0
    exact_runs: int = 0
    certified_runs: int = 0
    stop: TieNeedsLot | None = None
    _fast: Any = field(default=None, repr=False)

    @property
    def fast(self) -> bool:
        """Whether doubles are used from here on."""
        if self.load is None or self.how == "exact":
            return False
        return self.how == "certified" or self.work >= EXACT_WORK

    def at(self, endowment: Fraction) -> list[list[Chosen]]:
        """Return what is bought at one endowment; exact, however it was computed.

        More than one where ties without a lot lead to different winners; `stop` then holds the last tie.
        """
        if self.fast:
            for slack, fine in TRIED:
                found = self.within(endowment, Fraction(0), slack, fine)
                if found is not None:
                    return [found]
        self.work += len(self.task.entries.other)
        self.exact_runs += 1

        def run(choose: Choose) -> list[Chosen]:
            return exact_run(self.task, endowment, choose)

        runs, self.stop = every(run, self.choose, lambda bought: frozenset(c.project for c in bought))
        return runs

    def within(
        self, endowment: Fraction, wide: Fraction, slack: float, fine: bool = True
    ) -> list[Chosen] | None:
        """Return what is bought at every endowment from `endowment` to ``endowment + wide``, if provable."""
        if self._fast is None:
            self._fast = _Loops(self)
        chosen = self._fast.run(endowment, wide, slack, fine)
        self.certified_runs += chosen is not None
        return chosen


class _Loops:
    """A task laid out for the compiled loops, and the room that they work in."""

    def __init__(self, counter: Counter) -> None:
        task = counter.task
        m, n = len(task.costs), len(task.kind)
        costs = np.array(task.costs, np.int64)
        largest = int(task.total.max(initial=0)) * max(task.costs)
        # ties of whole numbers are decided there only in the usual order, while products stay whole
        self.flags = counter.by_cost, counter.plain_ties and (counter.by_cost or largest < 2**62)
        places = np.zeros(m, np.int64) if counter.places is None else np.array(counter.places, np.int64)
        most = max(1, int(task.votes.max(initial=0)))
        self.sizes = m, len(task.entries.other), n
        self.fixed = [
            np.array(task.entries.start), task.entries.other.astype(np.uint32),
            task.entries.weight.astype(float), costs, np.array(task.factor, float), np.array(task.total),
            np.array(task.votes), places,
        ]  # fmt: skip
        self.purse = np.empty((2, n))
        self.out = np.empty(m, np.int64), np.empty(m), np.empty(m, np.int64)
        self.room = [np.empty((4, m)), np.empty((4, m), np.int64), np.empty(most), np.empty(most)]
        self.task = task
        assert counter.load is not None
        self.loops = counter.load()

    def run(self, endowment: Fraction, wide: Fraction, slack: float, fine: bool) -> list[Chosen] | None:
        worst = self._fill(endowment, wide)
        alive = self.task.open.astype(np.uint8)
        arrays: list[Any] = [*self.fixed, alive, self.purse, *self.out, *self.room]
        n = self.loops.run(self.sizes, arrays, (*self.flags, fine), (worst, slack))
        if n == UNDECIDED:
            return None
        found = zip(*(a[:n].tolist() for a in self.out), strict=True)
        return [Chosen(p, q, () if t < 0 else (t,)) for p, q, t in found]

    def _fill(self, endowment: Fraction, wide: Fraction) -> float:
        """Write the money of each voter and its error: the middle of the range, half of it with rounding."""
        low, high = self.task.money(endowment), self.task.money(endowment + wide)
        middle = np.array([float((a + b) / 2) for a, b in zip(low, high, strict=True)])
        half = np.array([float((b - a) / 2) for a, b in zip(low, high, strict=True)])
        doubt = np.where(middle > 0, half * (1 + 4 * ROUNDING) + 4 * ROUNDING * middle, 0.0)
        if len(middle) == 1:
            self.purse[0], self.purse[1] = middle[0], doubt[0]
        else:
            np.take(np.stack([middle, doubt]), self.task.kind, axis=1, out=self.purse)
        return float(doubt.max())


@dataclass(frozen=True, slots=True)
class Completion:
    """How the endowment is raised.

    Parameters
    ----------
    start, step : Fraction
        Units for a voter whose part is 1.
    money : int
        The most that may be spent, units.
    exhaustive : bool
        Stop as soon as nothing more fits, too.
    raised : bool
        False to look at the first endowment only.
    """

    start: Fraction
    step: Fraction
    money: int
    exhaustive: bool = False
    raised: bool = True


@dataclass(frozen=True, slots=True)
class Completed:
    """What was bought, at which endowment, and how many endowments were looked at."""

    chosen: tuple[Chosen, ...]
    endowment: Fraction
    tried: int


def completed(counter: Counter, plan: Completion) -> Completed:
    """Raise the endowment by steps; keep the last allocation before the first that is too dear.

    Where many steps change nothing, a range of endowments is proved at once and jumped over: the answer
    is that of looking at each step.
    """
    search = _Search(counter, plan)
    k, reach, rest, pause = 0, 1, 0, 1
    kept = counter.at(plan.start)
    while not search.finished(kept):
        at = plan.start + (k + 1) * plan.step
        found, steps = None, 1
        if reach > 1 and k >= rest:
            steps, wide = reach, (reach - 1) * plan.step
            found = counter.within(at, wide, _slack(at, wide))
            if found is None:  # too wide; where even two steps are, look at more and more one by one
                pause = min(64, 2 * pause) if reach < 4 else 1
                reach, rest = max(2, reach // 4), k + (pause if reach < 4 else 0)
                continue
            pause = 1
        if found is None:
            new, steps = counter.at(at), 1
        else:
            new = [found]
        if search.too_dear(new):
            break
        same = [[c.project for c in run] for run in new] == [[c.project for c in run] for run in kept]
        kept, k = new, k + steps
        if search.finished(kept):
            k -= steps - 1  # the first of the range is where it was finished
        reach = (2 * steps if same else 2) if counter.fast else 1
    return Completed(tuple(search.only(kept)), plan.start + k * plan.step, k + 1)


class _Search:
    """What a completion asks of an allocation. Of several that ties leave open, all must answer alike."""

    def __init__(self, counter: Counter, plan: Completion) -> None:
        task = counter.task
        self.counter, self.plan = counter, plan
        self.wanted = {p: task.costs[p] for p in np.flatnonzero(task.open & (task.total > 0)).tolist()}

    def spent(self, run: Sequence[Chosen]) -> int:
        return sum(self.wanted[c.project] for c in run)

    def too_dear(self, runs: Sequence[Sequence[Chosen]]) -> bool:
        return self._agreed([self.spent(run) > self.plan.money for run in runs])

    def finished(self, runs: Sequence[Sequence[Chosen]]) -> bool:
        return not self.plan.raised or self._agreed([self._complete(run) for run in runs])

    def only(self, runs: Sequence[Sequence[Chosen]]) -> Sequence[Chosen]:
        """Return the one allocation; stop and ask where ties leave several."""
        if len(runs) > 1 and self.counter.stop is not None:
            raise self.counter.stop
        return runs[0]

    def _complete(self, run: Sequence[Chosen]) -> bool:
        if len(run) == len(self.wanted):
            return True
        left, taken = self.plan.money - self.spent(run), {c.project for c in run}
        return self.plan.exhaustive and all(c > left for p, c in self.wanted.items() if p not in taken)

    def _agreed(self, answers: Sequence[bool]) -> bool:
        if len(set(answers)) > 1 and self.counter.stop is not None:
            raise self.counter.stop
        return answers[0]


def _slack(endowment: Fraction, wide: Fraction) -> float:
    """Return a relative slack that leaves room for the errors of a range of endowments."""
    return min(0.25, max(1e-5, 8 * float(wide / (endowment + 1))))
