"""Incomes, homes and degrees by zone at both dates: what rules about poor and changing quarters ask for."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .fields import DATES
from .people import People
from .plan import Plan
from .prices import Prices

__all__ = ["HOUSEHOLDS", "UNITS", "draw_households"]

Floats = npt.NDArray[np.float64]

HOUSEHOLDS = (
    "income", "family_income", "home_value", "degree_share", "no_degree_share", "new_homes_share",
    "renter_share", "minority_share", "low_income_share",
)  # fmt: skip
"""Columns, called as the rules call them."""

UNITS = {
    "income": "euros a year per household",
    "family_income": "euros a year per family",
    "home_value": "euros",
}
FLAT = 72.0  # square metres of the median home


def draw_households(
    rng: np.random.Generator, plan: Plan, people: list[People], gentrified: Floats, prices: Prices
) -> dict[str, dict[str, Floats]]:
    """Draw the columns of `HOUSEHOLDS` at each date.

    Incomes follow the wealth of the zone's residents; where a zone was gentrified they rise by up to 80
    points more than elsewhere, and degrees by up to 22 points more. Home values are the sale prices of 72
    square metres. Shares of minorities and of low incomes come from the residents themselves.

    Returns
    -------
    date → column → (Z,) array; euros, or shares from 0 to 1.
    """
    wealth = people[0].mix.fields["wealth"]

    def noise(size: float) -> Floats:
        return size * rng.normal(size=len(plan))

    new = 1 / (1 + np.exp(1.9 + noise(0.5) - 0.8 * np.hypot(*plan.place.T)))
    rent = noise(0.5) - 0.6 * wealth
    start = 27_000 * np.exp(0.27 * wealth + noise(0.05))
    level = 0.9 * wealth + noise(0.35) - 0.7
    out = {}
    for k, date in enumerate(DATES):
        grown = 1 + k * (0.22 + 0.80 * gentrified + noise(0.03))
        degree = 0.75 / (1 + np.exp(-level)) + k * (0.04 + 0.22 * gentrified + noise(0.01))
        degree = np.clip(degree, 0.02, 0.97)
        shares = people[k].shares
        out[date] = {
            "income": np.round(start * grown, -2),
            "family_income": np.round(1.16 * start * grown, -2),
            "home_value": np.round(FLAT * prices.price[:, k], -3),
            "degree_share": degree,
            "no_degree_share": 1 - degree,
            "new_homes_share": np.clip(new + 0.02 * k, 0, 1),
            "renter_share": 1 / (1 + np.exp(-rent - 0.2 + 0.3 * k * gentrified)),
            "minority_share": shares["origin"][:, 2],
            "low_income_share": shares["income"][:, 0] + shares["income"][:, 1],
        }
    return out
