"""Class breaks that a reader can say aloud."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["RELATIVE", "TIMES", "classify"]

Floats = npt.NDArray[np.float64]

RELATIVE = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Breaks of a score in times the city's average."""

TIMES = (0.5, 0.8, 1.25, 2.0)
"""Breaks of a location quotient: half, four fifths, five quarters, twice the city's share."""


def classify(values: Floats, breaks: tuple[float, ...]) -> npt.NDArray[np.int64]:
    """(N,) class of each value, 0 below the first break; a value on a break belongs above it."""
    return np.digitize(values, breaks)
