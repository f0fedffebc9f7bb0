"""Rents and prices at both dates, broadband coverage: numbers of zones that are no people."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .people import People
from .plan import Plan

__all__ = ["Broadband", "Prices", "draw_broadband", "draw_prices"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Prices:
    """Euros per square metre, (Z, 2 dates); `known` (Z,) is False where nobody lives."""

    rent: Floats
    price: Floats
    known: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Broadband:
    """Per cent of households, (Z,); `known` is False where nobody lives."""

    mbit_100: Floats
    gbit_1: Floats
    online: Floats
    known: npt.NDArray[np.bool_]


def draw_prices(rng: np.random.Generator, plan: Plan, people: list[People], gentrified: Floats) -> Prices:
    """Draw rents and prices: dearer where residents are richer and the centre is near.

    Rents rise by 25 % everywhere and by up to 30 % more where a zone was gentrified.
    """
    wealth = people[0].mix.fields["wealth"]
    centre = 1 - np.minimum(np.hypot(*plan.place.T), 1.5)
    before = 9.5 * np.exp(0.16 * wealth + 0.22 * centre + 0.05 * rng.normal(size=len(plan)))
    growth = 0.25 + 0.30 * gentrified + 0.03 * rng.normal(size=len(plan))
    rent = np.stack([before, before * (1 + growth)], axis=1)
    yields = np.array([0.052, 0.044]) * np.exp(
        -0.06 * wealth[:, None] + 0.04 * rng.normal(size=(len(plan), 2))
    )
    return Prices(np.round(rent, 2), np.round(12 * rent / yields, -1), people[0].total > 0)


def draw_broadband(rng: np.random.Generator, plan: Plan, people: People) -> Broadband:
    """Draw coverage: thinner at the edge; fewer households online where people are old or poor."""
    edge = np.hypot(*plan.place.T)
    wealth, old = people.mix.fields["wealth"], people.mix.fields["old"]

    def percent(logit: Floats) -> Floats:
        noisy = logit + 0.25 * rng.normal(size=len(plan))
        out: Floats = np.round(100 / (1 + np.exp(-noisy)), 1)
        return out

    return Broadband(
        percent(4.2 - 1.6 * edge + 0.2 * wealth),
        percent(1.6 - 1.8 * edge + 0.4 * wealth),
        percent(2.3 + 0.45 * wealth - 0.35 * old),
        people.total > 0,
    )
