"""A past vote with known unequal turnout."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .composition import DIMENSIONS
from .people import People

__all__ = ["ACTIVITY", "AGES", "CELL_RATES", "Vote", "hold_vote"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

ACTIVITY = "Vote on the citizens' budget, May 2025"
AGES = DIMENSIONS["age"][1:]  # residents aged 15 and over may vote, whatever their citizenship
CELL_RATES = {
    "native": (0.110, 0.165, 0.225, 0.270, 0.140),
    "eu": (0.070, 0.100, 0.140, 0.160, 0.080),
    "non_eu": (0.040, 0.065, 0.085, 0.090, 0.045),
}
DISTRICT_SPREAD = 0.30  # standard deviation of the districts' log-odds


@dataclass(frozen=True, slots=True, eq=False)
class Vote:
    """Eligible residents and voters, both (Z, 5 ages, 3 origins); effects of the districts."""

    eligible: Ints
    voters: Ints
    district_logit: Floats
    rates: Floats  # (districts, 5, 3)


def hold_vote(rng: np.random.Generator, people: People, district: npt.NDArray[np.intp]) -> Vote:
    """Let residents vote: log-odds of turnout = those of age and origin + those of the district."""
    cell = np.array(list(CELL_RATES.values())).T
    # rounded, so that truth.json holds the very numbers that were used
    shift = np.round(rng.normal(0, DISTRICT_SPREAD, int(district.max()) + 1), 3)
    rates = 1 / (1 + np.exp(-(np.log(cell / (1 - cell))[None] + shift[:, None, None])))
    eligible = people.margin("age", "origin")[:, 1:]
    return Vote(eligible, rng.binomial(eligible, rates[district]), shift, rates)
