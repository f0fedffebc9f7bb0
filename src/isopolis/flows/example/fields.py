"""Smooth random fields over the city: where each kind of resident tends to live."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["DATES", "FIELD_NOTE", "field", "make_fields", "standardised", "waves"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

DATES = ("2015", "2025")
SCALES = ((0.6, 0.60), (0.25, 0.55), (0.10, 0.35))  # (length in radii of the city, weight)
DISTRICT_WEIGHT, ZONE_WEIGHT = 0.35, 0.30
WAVES = 32
PERSISTENCE = 0.97  # correlation of a field with itself ten years later

FIELD_NOTE = (
    "each field mixes draws with nearness to the centre and with other fields; a draw is a weighted sum of "
    "smooth random waves at three lengths (weight 0.60 at 0.6 city radii, 0.55 at 0.25, 0.35 at 0.10), a "
    "normal effect per district (0.35) and one per zone (0.30); a field has mean 0 and variance 1 over the "
    "inhabited zones, and after ten years is 0.97 of its old self plus a new draw"
)


def standardised(values: Floats, inhabited: npt.NDArray[np.bool_]) -> Floats:
    """Bring `values` to mean 0 and variance 1 over the inhabited zones."""
    known = values[inhabited]
    out: Floats = (values - known.mean()) / max(float(known.std()), 1e-9)
    return out


def waves(rng: np.random.Generator, place: Floats) -> Floats:
    """(n,) draw a smooth field at places (n, 2) given in units of the city's radius."""
    total = np.zeros(len(place))
    for length, weight in SCALES:
        pace, phase = rng.normal(0, 1 / length, (2, WAVES)), rng.uniform(0, 2 * np.pi, WAVES)
        total += weight * np.sqrt(2 / WAVES) * np.cos(place @ pace + phase).sum(axis=1)
    return total


def field(rng: np.random.Generator, place: Floats, district: Ints) -> Floats:
    """(Z,) draw one field: waves at several lengths, an effect per district, one per zone.

    Parameters
    ----------
    place : (Z, 2) array
        In units of the city's radius.
    district : (Z,) array
        Number of the district of each zone.
    """
    total = waves(rng, place)
    total += DISTRICT_WEIGHT * rng.normal(size=int(district.max()) + 1)[district]
    return total + ZONE_WEIGHT * rng.normal(size=len(place))


def _later(rng: np.random.Generator, values: Floats, place: Floats, district: Ints) -> Floats:
    return PERSISTENCE * values + np.sqrt(1 - PERSISTENCE**2) * field(rng, place, district)


def make_fields(
    rng: np.random.Generator, place: Floats, district: Ints, inhabited: npt.NDArray[np.bool_]
) -> tuple[dict[str, dict[str, Floats]], Floats]:
    """Draw the fields of both dates, and how strongly each zone is gentrified in between.

    Returns
    -------
    fields : date → name → (Z,) array
        ``wealth old young family eu non_eu disability sex``; mean 0, variance 1.
    gentrified : (Z,) array, 0 to 1
    """

    def draw() -> Floats:
        return standardised(field(rng, place, district), inhabited)

    out = np.hypot(place[:, 0], place[:, 1])
    centre = standardised(-out, inhabited)
    raw = {"wealth": draw()}
    raw["old"] = 0.9 * draw() - 0.3 * centre + 0.3 * raw["wealth"]
    raw["young"] = 0.7 * draw() + 0.7 * centre
    raw["family"] = 0.8 * draw() - 0.6 * centre
    raw["eu"] = 0.8 * draw() + 0.4 * centre + 0.3 * raw["wealth"]
    raw["non_eu"] = 0.9 * draw() - 0.35 * raw["wealth"]
    raw["disability"] = draw()
    raw["sex"] = rng.normal(size=len(place))
    first = {name: standardised(values, inhabited) for name, values in raw.items()}
    pull = 0.8 * centre - 1.0 * first["wealth"] + 0.5 * first["young"] + 0.5 * draw()
    gentrified = 1 / (1 + np.exp(-3 * (standardised(pull, inhabited) - 1.3)))
    second = {name: _later(rng, values, place, district) for name, values in first.items()}
    second["sex"] = first["sex"]
    second["wealth"] = second["wealth"] + 1.0 * gentrified
    return {
        DATES[0]: first,
        DATES[1]: {name: standardised(values, inhabited) for name, values in second.items()},
    }, gentrified
