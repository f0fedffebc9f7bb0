"""Religion by zone (sensitive), and LGBTIQ people from a city-wide sample, never by zone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .people import People

__all__ = [
    "LGBTIQ_SHARES",
    "RELIGIONS",
    "RELIGION_BY_ORIGIN",
    "Sample",
    "ask_lgbtiq",
    "draw_religion",
    "religion_shares",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

RELIGIONS = ("no_religion", "christian", "muslim", "jewish", "other_religion", "not_stated")
RELIGION_BY_ORIGIN = {
    "native": (0.462, 0.430, 0.032, 0.006, 0.010, 0.060),
    "eu": (0.340, 0.555, 0.020, 0.003, 0.012, 0.070),
    "non_eu": (0.170, 0.270, 0.395, 0.002, 0.083, 0.080),
}
LGBTIQ_SHARES = {"lgbtiq": 0.068, "not_lgbtiq": 0.870, "not_stated": 0.062}
SAMPLE_SIZE = 4_000


@dataclass(frozen=True, slots=True)
class Sample:
    """Estimated persons by category from a simple random sample of the whole city."""

    asked: int
    people: int
    categories: tuple[str, ...]
    estimate: tuple[int, ...]
    se: tuple[float, ...]


def draw_religion(rng: np.random.Generator, people: People) -> Ints:
    """(Z, 6) residents by religion; each zone's rows add up to its residents."""
    rates = np.array(list(RELIGION_BY_ORIGIN.values()))
    drawn: Ints = rng.multinomial(people.margin("origin"), rates)
    return drawn.sum(axis=1)


def religion_shares(people: People) -> Floats:
    """(Z, 6) generating probabilities of religion in each zone."""
    out: Floats = people.shares["origin"] @ np.array(list(RELIGION_BY_ORIGIN.values()))
    return out


def ask_lgbtiq(rng: np.random.Generator, people: People) -> Sample:
    """Ask a simple random sample of residents aged 15 and over, in the city as a whole."""
    adults = int(people.margin("age")[:, 1:].sum())
    asked = min(SAMPLE_SIZE, adults // 4)
    answers = rng.multinomial(asked, list(LGBTIQ_SHARES.values()))
    share = answers / asked
    se = adults * np.sqrt(share * (1 - share) / asked * (1 - asked / adults))
    estimate = np.rint(adults * share).astype(np.int64)
    estimate[1] += adults - estimate.sum()  # rounding stays in the largest category
    return Sample(
        asked,
        adults,
        tuple(LGBTIQ_SHARES),
        tuple(int(v) for v in estimate),
        tuple(round(float(v), 1) for v in se),
    )
