"""Weights of journeys by their cost, as tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError
from isopolis.model.text import phrase

__all__ = ["Decay", "tabled"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Decay:
    """Weight of a journey: that of the step of the table in which its cost lies, and 0 beyond the table.

    Parameters
    ----------
    weights : (n,) array, 0 to 1
        Weight of costs from ``i * step`` to just below ``(i + 1) * step``.
    step : int, milliseconds, 1 or more

    Raises
    ------
    CallError
        If a weight is outside 0 to 1, or the step below 1.
    """

    weights: Floats
    step: int = 1000

    def __post_init__(self) -> None:
        weights = np.ascontiguousarray(self.weights, dtype=np.float64)
        object.__setattr__(self, "weights", weights)
        if weights.ndim != 1 or not len(weights) or self.step < 1:
            raise CallError(phrase("a decay is a list of weights, for steps of 1 ms or more"))
        if not ((weights >= 0) & (weights <= 1)).all():
            raise CallError(phrase("the weights of a decay are from 0 to 1"))

    @classmethod
    def step_at(cls, cutoff: int, step: int = 1000) -> Decay:
        """Weight 1 below a cutoff (milliseconds, a multiple of `step`), 0 from there on."""
        return cls(np.ones(max(1, cutoff // step)), step)

    @classmethod
    def exponential(cls, half: int, limit: int, step: int = 1000) -> Decay:
        """Weight exp(-ln 2 · cost / half): one half at `half` milliseconds, up to `limit`."""
        return cls(np.exp2(-_costs(limit, step) / half), step)

    @classmethod
    def gaussian(cls, deviation: int, limit: int, step: int = 1000) -> Decay:
        """Weight exp(-cost² / 2 deviation²), up to `limit`, all in milliseconds."""
        return cls(np.exp(-0.5 * (_costs(limit, step) / deviation) ** 2), step)

    @classmethod
    def linear(cls, limit: int, step: int = 1000) -> Decay:
        """Weight 1 - cost / limit, 0 from `limit` milliseconds on."""
        return cls(np.maximum(0.0, 1.0 - _costs(limit, step) / limit), step)

    @classmethod
    def power(cls, exponent: float, unit: int, limit: int, step: int = 1000) -> Decay:
        """Weight (cost / unit) to the power of -exponent, 1 below `unit`, up to `limit` milliseconds."""
        return cls(np.maximum(1.0, _costs(limit, step) / unit) ** -exponent, step)


def _costs(limit: int, step: int) -> Floats:
    """Cost at the start of each step up to a limit."""
    if limit < 1 or step < 1:
        raise CallError(phrase("a decay needs a limit and a step of 1 ms or more"))
    return np.arange(0, limit + 1, step, dtype=np.float64)


def tabled(decay: Decay | None, many: int) -> tuple[Floats, int]:
    """(T, n) the same weights for each of `many` cutoffs; (T, 0) for no decay. And the step."""
    if decay is None:
        return np.zeros((many, 0)), 1
    return np.ascontiguousarray(np.broadcast_to(decay.weights, (many, len(decay.weights)))), decay.step
