"""Chances that no lottery can beat: the best points of the relaxed panels.

A lottery over panels gives each type an expected number of seats. Such numbers keep the quotas too, so
the best of *all* numbers that keep them, whole or not, bounds what any lottery can reach. Where panels
can be found whose mean is that point, the bound is the answer and no level has to be searched.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .pool import Types
from .programs import Program, panel_program

__all__ = ["Target", "impossible", "leximin_target", "nash_target"]

Real = npt.NDArray[np.float64]
TIGHT = 1e-9
SAME = 1e-7
"""A price is one when it is more than this share of the largest."""


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """Seats to aim at and what is certain about them.

    Attributes
    ----------
    seats : (T,) array
        Expected seats of each type; they sum to the size of the panel.
    bound : float
        No lottery gives everybody who can be drawn a larger chance than this.
    never : (T,) array of bool
        Types that no panel can hold.
    levels : int
        Different chances that were settled one after the other.
    """

    seats: Real
    bound: float
    never: npt.NDArray[np.bool_]
    levels: int = 1


def impossible(types: Types) -> npt.NDArray[np.bool_]:
    """Find the types that not even a relaxed panel can hold, ``(T,)``."""
    never = types.cap == 0
    program = panel_program(types)
    unseen = ~never
    while unseen.any():
        program.set_costs(unseen.astype(float))
        answer = program.solve()
        found = unseen & (answer.x > TIGHT)
        if not found.any():
            return never | unseen
        unseen &= ~found
    return never


def _level_program(types: Types, never: npt.NDArray[np.bool_]) -> Program:
    """Add the lowest chance as a column, and a row per type: seats - chance × people ≥ 0."""
    program = panel_program(types)
    program.add_column(1.0, np.empty(0, dtype=np.int32), np.empty(0), high=1.0)
    last = len(types)
    for kind in range(last):
        people = 0.0 if never[kind] else -float(types.count[kind])
        program.add_row(0.0, np.inf, np.array([kind, last]), np.array([1.0, people]))
    return program


def leximin_target(types: Types, never: npt.NDArray[np.bool_]) -> Target:
    """Return the point whose lowest chance is largest, then the next lowest, and so on.

    Each level is one linear program from the last basis. Types whose row has a price cannot get more in
    any best point of the level, and are settled there.

    Parameters
    ----------
    types : Types
    never : (T,) array of bool
        Types that no panel can hold; they stay at zero.
    """
    program = _level_program(types, never)
    first, last = len(types.low) + 1, len(types)
    free, seats, bound, levels = ~never, np.zeros(last), 0.0, 0
    while free.any():
        answer = program.solve()
        level, levels = answer.value, levels + 1
        bound = level if levels == 1 else bound
        prices = np.where(free, np.abs(answer.duals[first : first + last]), 0.0)
        # everybody is certain at chance 1, where the bound of the column takes the price
        settled = free & (prices > SAME * prices.max()) if level < 1 - TIGHT else free.copy()
        for kind in np.flatnonzero(settled).tolist():
            seats[kind] = level * types.count[kind]
            # a hair below, so that rounding never makes the next program impossible
            program.set_entry(first + kind, last, 0.0)
            program.set_row(first + kind, seats[kind] * (1 - 1e-10), np.inf)
        free &= ~settled
    return Target(seats, bound, never, levels)


def nash_target(types: Types, never: npt.NDArray[np.bool_]) -> Target:
    """Return the point with the largest product of the chances of all people who can be drawn.

    The dual has one price per bound of a row: given the prices, the seats of a type are its people over
    the sum of its prices, at most its cap. It is convex and smooth and is solved with L-BFGS-B.

    Parameters
    ----------
    types : Types
    never : (T,) array of bool
        Types that no panel can hold; they stay at zero.
    """
    from scipy.optimize import minimize

    live = np.flatnonzero(~never)
    count, cap = types.count[live].astype(float), types.cap[live].astype(float)
    row, kind = _pairs_of(types, live)
    low = np.append(types.low, types.size).astype(float)
    high = np.append(types.high, types.size).astype(float)
    rows = len(low)

    def seats_at(prices: Real) -> Real:
        cost = np.bincount(kind, weights=prices[row], minlength=len(live))
        return np.minimum(cap, count / np.maximum(cost, count / (2 * cap)))

    def dual(both: Real) -> tuple[float, Real]:
        up, down = both[:rows], both[rows:]
        seats = seats_at(up - down)
        sums = np.bincount(row, weights=seats[kind], minlength=rows)
        value = count @ np.log(seats) - (up - down) @ sums + high @ up - low @ down
        return float(value), np.concatenate([high - sums, sums - low])

    start = np.zeros(2 * rows)
    start[rows - 1] = count.sum() / types.size
    found = minimize(
        dual, start, jac=True, method="L-BFGS-B", bounds=[(0, None)] * (2 * rows),
        options={"maxiter": 3000, "maxfun": 6000, "ftol": 1e-15, "gtol": 1e-9, "maxcor": 30},
    )  # fmt: skip
    seats = np.zeros(len(types))
    seats[live] = seats_at(found.x[:rows] - found.x[rows:])
    seats = _onto_rows(types, seats)
    return Target(seats, float((seats[live] / count).min()), never)


def _pairs_of(types: Types, live: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], ...]:
    """(row, place in `live`) of the ones in the matrix, with the size as the last row."""
    row, kind = types.pairs()
    place = np.full(len(types), -1)
    place[live] = np.arange(len(live))
    keep = place[kind] >= 0
    row = np.concatenate([row[keep], np.full(len(live), len(types.low))])
    return row, np.concatenate([place[kind[keep]], np.arange(len(live))])


def _onto_rows(types: Types, seats: Real) -> Real:
    """Move a point that misses the quotas by a rounding error to the nearest one that keeps them."""
    program = panel_program(types)
    count, none = len(types), np.empty(0, dtype=np.int32)
    for _ in range(2 * count):  # each type can be moved up or down, which is paid for
        program.add_column(-1.0, none, np.empty(0))
    for kind in range(count):
        columns = np.array([kind, count + kind, 2 * count + kind])
        program.add_row(float(seats[kind]), float(seats[kind]), columns, np.array([1.0, 1.0, -1.0]))
    return np.maximum(program.solve().x[:count], 0.0)
