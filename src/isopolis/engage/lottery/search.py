"""One good panel for given rewards: the relaxed best, rounded, then mended by exchanges of people.

The linear program starts from its last basis, so that a changed reward costs a few pivots. What it
leaves in halves is rounded; a tabu search then exchanges one person for another until the quotas hold.
An integer program answers where that fails and where a proof is wanted.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from .pool import Types
from .programs import INFINITY, Answer, panel_program

__all__ = ["Search"]

Real = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
MANY = 300
"""With more types than this the exchanges are compiled."""
STEPS = 40
PENALTIES = (3.0, 12.0)
"""What a missed quota costs, in standard deviations of the rewards; the second where the first fails."""


class Search:
    """Find panels of a pool, again and again, for rewards that change.

    Parameters
    ----------
    types : Types
    seed : int
        The same seed and the same questions give the same panels.
    """

    def __init__(self, types: Types, seed: int = 1) -> None:
        self.types = types
        self._relaxed = panel_program(types)
        self._whole = panel_program(types, whole=True)
        spare = len(types.low)  # a row without bounds, for what counts for no quota
        self._rows = np.where(types.rows >= 0, types.rows, spare)
        self._low, self._high = np.append(types.low, 0), np.append(types.high, types.size)
        self._state = np.array([2 * seed + 1], dtype=np.uint64)
        self.bound = INFINITY

    def panel(self, rewards: Real, seconds: float = INFINITY) -> Whole | None:
        """Return a panel with a large reward, or None; `bound` says how large it could be."""
        self._relaxed.set_costs(rewards)
        answer = self._relaxed.solve(seconds)
        if answer.status != "optimal":
            self.bound = INFINITY
            return None
        self.bound = answer.value
        rounded = np.rint(answer.x).astype(np.int64)
        if np.abs(answer.x - rounded).max() < 1e-6 and self.types.allows(rounded):
            return rounded
        mended = self._mended(answer.x, rewards)
        return mended if mended is not None else self.best(rewards, seconds)[0]

    def best(self, rewards: Real, seconds: float = INFINITY) -> tuple[Whole | None, Answer]:
        """Return the best panel by the integer program, with the proof as far as the time went."""
        scale = float(np.abs(rewards).max()) or 1.0
        self._whole.set_costs(rewards / scale)
        answer = self._whole.solve(seconds)
        self.bound = answer.bound * scale
        panel = np.rint(answer.x).astype(np.int64) if len(answer.x) else None
        return (panel if panel is not None and self.types.allows(panel) else None), answer

    def _mended(self, seats: Real, rewards: Real) -> Whole | None:
        panel = np.floor(seats + 1e-9).astype(np.int64)
        missing = self.types.size - int(panel.sum())
        panel[np.argsort(panel - seats, kind="stable")[: max(missing, 0)]] += 1
        spread = float(rewards.std()) or 1.0
        best = np.zeros_like(panel)
        for penalty in PENALTIES:
            found = exchanges(len(self.types) > MANY)(
                panel.copy(), rewards / spread, self._rows, self._low, self._high, self.types.cap,
                penalty, STEPS, self._state, best,
            )  # fmt: skip
            if found:
                return best
        return None


@lru_cache(maxsize=2)
def exchanges(compiled: bool) -> Callable[..., Any]:
    """Return the exchanges, compiled at first use or plain: both choose among the same best pairs."""
    if not compiled:
        return _exchange_plainly
    import numba

    return numba.njit(cache=True)(_exchange)  # type: ignore[no-any-return]


def _exchange_plainly(  # type: ignore[no-untyped-def]
    x, rewards, rows, low, high, cap, penalty, steps, state, best
) -> bool:
    """Do as `_exchange` does, a whole table of pairs at a time."""
    kinds, families = rows.shape
    come, gone = np.zeros(kinds, np.int64), np.zeros(kinds, np.int64)
    found, top, since = False, 0.0, 0
    for step in range(1, steps + 2):
        sums = np.bincount(rows.ravel(), weights=np.repeat(x, families), minlength=len(low))
        wrong = (np.maximum(low - sums, 0) + np.maximum(sums - high, 0)).sum()
        less = penalty * ((sums <= low) * 1.0 - (sums > high))
        more = penalty * ((sums >= high) * 1.0 - (sums < low))
        since += 1
        value = float(rewards @ x)
        if wrong == 0 and (not found or value > top + 1e-12):
            found, top, since = True, value, 0
            best[:] = x
        leave = np.flatnonzero((x > 0) & (come <= step))
        enter = np.flatnonzero((x < cap) & (gone <= step))
        if (found and since > 8) or not len(leave) or not len(enter):
            break
        score = (rewards - more[rows].sum(axis=1))[enter] - (rewards + less[rows].sum(axis=1))[leave, None]
        for f in range(families):
            here, there = rows[leave, f], rows[enter, f]
            score += (here[:, None] == there) * (less + more)[here][:, None]
        score[leave[:, None] == enter] = -np.inf
        ties = np.flatnonzero(score.ravel() >= score.max() - 1e-12)
        state[0] = (int(state[0]) * 6364136223846793005 + 1442695040888963407) % 2**64
        out, into = divmod(int(ties[(int(state[0]) >> 33) % len(ties)]), len(enter))
        a, b = leave[out], enter[into]
        x[a], x[b] = x[a] - 1, x[b] + 1
        gone[a], come[b] = step + 6, step + 6
    return found


def _exchange(x, rewards, rows, low, high, cap, penalty, steps, state, best):  # type: ignore[no-untyped-def]
    """Exchange one person for another, the best pair at a time; return whether a panel keeps the rules.

    A person who has just come or gone stays for some steps (tabu). `best` receives the panel with the
    largest reward among those that keep all rules.
    """
    kinds, families = rows.shape
    count = len(low)
    sums, come, gone = np.zeros(count, np.int64), np.zeros(kinds, np.int64), np.zeros(kinds, np.int64)
    less, more, gain = np.zeros(count), np.zeros(count), np.zeros(kinds)
    for t in range(kinds):
        for f in range(families):
            sums[rows[t, f]] += x[t]
    found, top, value, since = False, 0.0, 0.0, 0
    for step in range(1, steps + 2):
        wrong = 0
        for r in range(count):
            n = sums[r]
            wrong += max(low[r] - n, 0) + max(n - high[r], 0)
            less[r] = penalty * ((n <= low[r]) * 1.0 - (n > high[r]) * 1.0)
            more[r] = penalty * ((n >= high[r]) * 1.0 - (n < low[r]) * 1.0)
        since += 1
        if wrong == 0 and (not found or value > top + 1e-12):
            found, top, since = True, value, 0
            best[:] = x
        if found and since > 8:
            break
        for b in range(kinds):
            gain[b] = rewards[b]
            for f in range(families):
                gain[b] -= more[rows[b, f]]
        score, leave, enter, ties = -1e300, -1, -1, 0
        for a in range(kinds):
            if x[a] == 0 or come[a] > step:
                continue
            loss = -rewards[a]
            for f in range(families):
                loss -= less[rows[a, f]]
            for b in range(kinds):
                if a == b or x[b] >= cap[b] or gone[b] > step:
                    continue
                s = gain[b] + loss
                if s + 2 * penalty * families < score:
                    continue
                for f in range(families):
                    r = rows[b, f]
                    if r == rows[a, f]:
                        s += less[r] + more[r]
                if s > score - 1e-12:
                    ties = 1 if s > score + 1e-12 else ties + 1
                    state[0] = state[0] * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
                    if ties == 1 or (state[0] >> np.uint64(33)) % np.uint64(ties) == np.uint64(0):
                        score, leave, enter = max(score, s), a, b
        if leave < 0:
            break
        value += rewards[enter] - rewards[leave]
        x[leave] -= 1
        x[enter] += 1
        gone[leave], come[enter] = step + 6, step + 6
        for f in range(families):
            sums[rows[leave, f]] -= 1
            sums[rows[enter, f]] += 1
    return found
