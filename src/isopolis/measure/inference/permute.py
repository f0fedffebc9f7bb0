"""People placed at random with both margins fixed: tables drawn freely, then mended.

The law wanted is that of a full shuffle: every arrangement of the persons with these numbers of people per
zone and per group is equally likely. It is drawn in two steps.

1. Every person gets a group independently, each with the share that it has in the city. Only the counts of a
   zone are drawn (binomial, group after group), so that a person costs a fraction of a draw.
2. Some groups now have a few too many, others too few. Of each group with too many, the surplus is picked at
   random among its persons; the picked persons, in random order, join the groups with too few.

Both steps treat all persons alike, so the result is exchangeable over persons; the numbers per group are now
those of the city; and the only exchangeable law with fixed numbers is the one in which every arrangement is
equally likely. So the tables have exactly the law of a shuffle, not nearly.

Each block of zones has a stream of its own, and so has the mending: blocks and replicates may be drawn by any
number of workers in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError

from ..arrays import Floats
from ..null_mean import whole
from .alias import MOST, Binomials, binomials, words
from .streams import stream

__all__ = ["BLOCK", "Arranger", "Tested", "arranged", "randomised", "replicates", "value_of"]

BLOCK = 16_384
"""Zones in a block. Part of the definition of the random tables: another number, other bits."""

PIECES = 50_000_000
"""Rows of at most `MOST` persons that are drawn: 12 thousand million persons."""

RUN = 64
"""Rows added up together, so that picking a person does not need the running sum over all of them."""

Bytes = npt.NDArray[np.uint8]
Integers = npt.NDArray[np.int64]
Statistic = Callable[[Floats], float]


def value_of(statistic: Statistic, table: Floats) -> float:
    """Value of a statistic.

    Raises
    ------
    CallError
        If it is no number: comparing with it would call anything rare.
    """
    value = float(statistic(table))
    if not np.isfinite(value):
        raise CallError(f"the statistic is {value} for a table of {len(table)} zones: it must be a number")
    return value


class Arranger:
    """Random arrangements of the persons of one table; what they share is made once.

    Parameters
    ----------
    x : (Z, G) array
        Persons; rounded to whole ones.

    Raises
    ------
    CallError
        If cells are no persons, or there are more of them than can be placed.
    """

    def __init__(self, x: npt.ArrayLike) -> None:
        table = whole(x).astype(np.int64)
        size = table.sum(axis=1)
        self.columns: Integers = table.sum(axis=0)
        # a zone of more than MOST persons is drawn in pieces: its own row has what full pieces leave
        more = np.maximum(size - 1, 0) // MOST
        if len(size) + int(more.sum()) > PIECES:
            raise CallError(
                f"{int(size.sum()):,} persons are too many to place one by one: give persons, not amounts; "
                "for D, H and M `chance` needs no placing"
            )
        self._one, self._several = np.flatnonzero(more == 1), np.flatnonzero(more > 1)
        self._first = np.cumsum(more[self._several]) - more[self._several]
        self._room = np.concatenate([size - more * MOST, np.full(int(more.sum()), MOST)]).astype(np.uint32)
        self._zones = len(size)
        # the largest group first: the others then find little room, and their rows stay in the cache
        order = np.argsort(-self.columns, kind="stable")
        self._order = order[self.columns[order] > 0]
        self._laws = self._tables(int(self._room.max(initial=0)))

    def _tables(self, most: int) -> list[Binomials]:
        present = self.columns[self._order]
        left = present[::-1].cumsum()[::-1]
        return [binomials(most, float(g / n)) for g, n in zip(present[:-1], left, strict=False)]

    def draw(self, seed: int, replicate: int) -> Floats:
        """(Z, G) table with the margins of `x`: the same bits wherever it is drawn."""
        rows = len(self._room)
        drawn = np.zeros((len(self.columns), -(-rows // RUN) * RUN), dtype=np.uint8)
        for b, start in enumerate(range(0, rows, BLOCK)):
            self._deal(drawn, start, stream(seed, replicate, b + 1, "arrange"))
        _mend(drawn, self.columns, stream(seed, replicate, 0, "arrange"))
        return self._added(drawn[:, :rows])

    def _deal(self, out: Bytes, start: int, rng: np.random.Generator) -> None:
        room = self._room[start : start + BLOCK].copy()
        end = start + len(room)
        drawn = words(rng, len(self._laws), len(room))
        for g, law, word in zip(self._order, self._laws, drawn, strict=False):
            placed = law.draw(room, word, rng)
            room -= placed
            out[g, start:end] = placed
        if len(self._order):
            out[self._order[-1], start:end] = room

    def _added(self, drawn: Bytes) -> Floats:
        """(Z, G) table: each zone's own row and its further pieces."""
        ones = self._zones + len(self._one)
        out = np.empty((self._zones, len(self.columns)))
        out[:] = drawn[:, : self._zones].T
        out[self._one] += drawn[:, self._zones : ones].T
        if len(self._several):
            out[self._several] += np.add.reduceat(drawn[:, ones:], self._first, axis=1, dtype=np.int64).T
        return out


def _mend(drawn: Bytes, columns: Integers, rng: np.random.Generator) -> None:
    """Move persons picked at random from groups with too many to groups with too few, in place."""
    runs = drawn.reshape(len(drawn), -1, RUN)
    sums = [(run.astype(np.float32) @ np.ones(RUN, np.float32)).astype(np.int64) for run in runs]
    over = [int(s.sum() - wanted) for s, wanted in zip(sums, columns, strict=True)]
    moved = [_picked(runs[g], sums[g], n, rng) for g, n in enumerate(over) if n > 0]
    if not moved:
        return
    for g, places in zip((g for g, n in enumerate(over) if n > 0), moved, strict=True):
        np.subtract.at(drawn[g], places, np.uint8(1))
    pool = rng.permutation(np.concatenate(moved))
    for g, n in enumerate(over):
        if n < 0:
            np.add.at(drawn[g], pool[:-n], np.uint8(1))
            pool = pool[-n:]


def _picked(runs: Bytes, sums: Integers, count: int, rng: np.random.Generator) -> Integers:
    """Rows of `count` different persons of one group, picked at random: first the run, then the row in it."""
    upto = sums.cumsum()
    picked = np.sort(rng.choice(upto[-1], count, replace=False, shuffle=False))
    run = np.searchsorted(upto, picked, side="right")
    rest = picked - (upto - sums)[run]
    row = (runs[run].cumsum(axis=1, dtype=np.int64) <= rest[:, None]).sum(axis=1)
    out: Integers = run * RUN + row
    return out


def arranged(x: npt.ArrayLike, seed: int, replicate: int) -> Floats:
    """(Z, G) table with the margins of `x`, all persons placed at random.

    Parameters
    ----------
    x : (Z, G) array
        Persons; rounded to whole ones.
    seed, replicate : int
        Key of the table: the same bits wherever it is drawn.
    """
    return Arranger(x).draw(seed, replicate)


def replicates(
    x: npt.ArrayLike, statistic: Statistic, *, seed: int, count: int, start: int = 0, workers: int = 1
) -> Floats:
    """Values of `statistic` for replicates `start` … `start + count − 1`, in that order.

    Parameters
    ----------
    statistic : callable
        (Z, G) table → number.
    workers : int
        Threads. The values do not depend on it.
    """
    arranger = Arranger(x)

    def one(replicate: int) -> float:
        return value_of(statistic, arranger.draw(seed, replicate))

    wanted = range(start, start + count)
    if workers <= 1:
        return np.array([one(r) for r in wanted])
    with ThreadPoolExecutor(workers) as pool:
        return np.array(list(pool.map(one, wanted)))


@dataclass(frozen=True, slots=True)
class Tested:
    """A value beside values of random arrangements.

    `p` is the chance of a value at least as high (``greater``), as low (``less``) or as far out
    (``two-sided``); never 0. `runs` is how many arrangements were drawn; with early stopping fewer
    than allowed.
    """

    value: float
    mean: float
    sd: float
    p: float
    runs: int
    side: str
    method: str


def randomised(
    x: npt.ArrayLike,
    statistic: Statistic,
    *,
    seed: int,
    most: int = 999,
    enough: int | None = None,
    side: str = "greater",
    workers: int = 1,
) -> Tested:
    """Test one value by placing persons at random.

    Parameters
    ----------
    most : int
        Arrangements at most, at least 19.
    enough : int, optional
        Stop as soon as so many arrangements were at least as extreme; p is then their share of the runs
        (Besag and Clifford 1991, *Biometrika* 78(2), 301-304). Checked after each arrangement, in order, so
        that the stop does not depend on `workers`.
    side : str
        ``greater``, ``less`` or ``two-sided`` (twice the smaller tail; no early stop).

    References
    ----------
    Phipson and Smyth (2010), *Statistical Applications in Genetics and Molecular Biology* 9(1), article 39:
    p = (1 + b) / (R + 1).
    """
    if side not in ("greater", "less", "two-sided"):
        raise CallError(f"side {side!r} is not one of greater, less, two-sided")
    if most < 19:
        raise CallError(f"{most} arrangements are too few: allow at least 19, so that p can reach 0.05")
    if enough is not None and (side == "two-sided" or enough < 1):
        raise CallError("stopping early needs a one-sided test and a number of 1 or more")
    value = value_of(statistic, whole(x))
    tail = np.empty(0)
    for part in _parts(x, statistic, seed, most, workers, stops=enough is not None):
        tail = np.concatenate([tail, part])
        if enough is not None:
            hit = np.flatnonzero(np.cumsum(_beyond(tail, value, side)) >= enough)
            if len(hit):
                tail = tail[: hit[0] + 1]
                return _result(tail, value, enough / len(tail), side, "stopped early")
    return _result(tail, value, _p(tail, value, side), side, "")


def _parts(
    x: npt.ArrayLike, statistic: Statistic, seed: int, most: int, workers: int, *, stops: bool
) -> Iterator[Floats]:
    step = max(16, 4 * workers) if stops else most
    for start in range(0, most, step):
        yield replicates(x, statistic, seed=seed, count=min(step, most - start), start=start, workers=workers)


def _beyond(null: Floats, value: float, side: str) -> npt.NDArray[np.bool_]:
    slack = 1e-12 * max(1.0, abs(value))
    return null >= value - slack if side == "greater" else null <= value + slack


def _p(null: Floats, value: float, side: str) -> float:
    if side != "two-sided":
        return (1 + int(_beyond(null, value, side).sum())) / (len(null) + 1)
    return min(1.0, 2 * min(_p(null, value, "greater"), _p(null, value, "less")))


def _result(null: Floats, value: float, p: float, side: str, note: str) -> Tested:
    method = f"{len(null)} random arrangements of persons, both margins fixed" + (f", {note}" if note else "")
    spread = float(null.std(ddof=1)) if len(null) > 1 else 0.0
    return Tested(value, float(null.mean()), spread, p, len(null), side, method)
