"""What origins reach, with the state of each value: known, nothing in reach, origin not on the network."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError, Problem, frozen

__all__ = ["MINUTE", "NOBODY", "NOT_LOCATED", "REACHED", "UNREACHABLE", "Access", "Bounds", "minutes"]

REACHED, UNREACHABLE, NOT_LOCATED, NOBODY = 0, 1, 2, 3
"""States: there is a value; nothing was in reach; the origin is not on the network; nobody lives there."""

MINUTE = 60_000
"""Milliseconds."""

Floats = npt.NDArray[np.float64]


def minutes(milliseconds: npt.ArrayLike) -> Floats:
    """Minutes of times in milliseconds."""
    return np.asarray(milliseconds, dtype=np.float64) / MINUTE


@dataclass(frozen=True, slots=True, eq=False)
class Access:
    """One measure of access for every origin.

    Parameters
    ----------
    values : (O, ...) array, finite
        0 where `state` is not `REACHED`; that 0 carries no meaning.
    state : (O, ...) array of int
        `REACHED`, `UNREACHABLE`, `NOT_LOCATED` or `NOBODY`.
    measure : str
        Registered name.
    unit : str
        ``minutes``, ``places``, ``places per person``, ``share``.
    better : str
        ``more`` or ``less``.
    worst : float
        Longest time that was looked for, in `unit`, for measures of time; 0 when there was no limit.
    caveats : tuple of Problem

    Raises
    ------
    CallError
        If shapes disagree, a value is not finite or a direction is unknown.
    """

    values: Floats
    state: npt.NDArray[np.int8]
    measure: str = ""
    unit: str = "places"
    better: str = "more"
    worst: float = 0.0
    caveats: tuple[Problem, ...] = ()

    def __post_init__(self) -> None:
        put = object.__setattr__
        state = np.asarray(self.state, dtype=np.int8)
        values = np.asarray(self.values, dtype=np.float64)
        if values.shape != state.shape:
            raise CallError("values of access and their states must have one shape")
        if (state != REACHED).any():
            values = np.where(state == REACHED, values, 0.0)
        if not np.isfinite(values).all():
            raise CallError("values of access must be finite: say in the state what cannot be reached")
        if self.better not in ("more", "less"):
            raise CallError(f'"{self.better}" is no direction of access: more or less')
        put(self, "values", frozen(values))
        put(self, "state", frozen(state, np.int8))

    def __len__(self) -> int:
        return len(self.values)

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """(O, ...) True where there is a value."""
        return np.asarray(self.state == REACHED)

    def masked(self) -> Any:
        """Return the values as a masked array, for maps."""
        return np.ma.MaskedArray(self.values, mask=~self.known)

    def column(self, *at: int) -> Access:
        """Return one column of a measure that has several: a cutoff, a service, a group."""
        pick: tuple[Any, ...] = (slice(None), *at)
        return replace(self, values=self.values[pick], state=self.state[pick])

    def located(self, attached: npt.ArrayLike) -> Access:
        """Mark origins that are not on the network; (O,) `attached` is True where they are."""
        off = ~np.asarray(attached, dtype=np.bool_)
        if off.shape != self.state.shape[:1]:
            raise CallError("say for every origin whether it is on the network")
        state = np.array(self.state)
        state[off] = NOT_LOCATED
        return replace(self, state=state)

    def counts(self) -> dict[int, int]:
        """Return how many values there are in each state."""
        code, many = np.unique(self.state, return_counts=True)
        return {int(c): int(n) for c, n in zip(code, many, strict=True)}


@dataclass(frozen=True, slots=True, eq=False)
class Bounds:
    """One measure under the two extreme readings of a map with gaps, and under the usual one.

    Parameters
    ----------
    pessimistic, expected, optimistic : Access
        Unknown tags read as barriers, as is usual, as no barriers.

    Raises
    ------
    CallError
        If they are not of one measure and one shape.
    """

    pessimistic: Access
    expected: Access
    optimistic: Access

    def __post_init__(self) -> None:
        three = (self.pessimistic, self.expected, self.optimistic)
        if len({a.values.shape for a in three}) > 1 or len({(a.unit, a.better) for a in three}) > 1:
            raise CallError("bounds of access need one measure for the same origins")

    @classmethod
    def of(cls, access: Access | Bounds) -> Bounds:
        """Return bounds that are one and the same where only one reading is known."""
        return access if isinstance(access, Bounds) else cls(access, access, access)

    @property
    def sure(self) -> bool:
        """True when every reading of the map gives the same."""
        a, b = self.pessimistic, self.optimistic
        return a is b or (np.array_equal(a.values, b.values) and np.array_equal(a.state, b.state))

    def width(self) -> Any:
        """(O, ...) distance between the readings, masked where one of them has no value."""
        gap = np.abs(self.optimistic.values - self.pessimistic.values)
        return np.ma.MaskedArray(gap, mask=~(self.pessimistic.known & self.optimistic.known))

    def column(self, *at: int) -> Bounds:
        """Return one column of a measure that has several."""
        return Bounds(*(a.column(*at) for a in (self.pessimistic, self.expected, self.optimistic)))
