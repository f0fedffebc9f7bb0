"""Residents: how many in each zone, how they are mixed, and the draw of whole persons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .composition import (
    AXES,
    CITY_SHARES,
    DIMENSIONS,
    KNOBS,
    SHAPE,
    TARGETS,
    base_table,
    effects,
    probabilities,
)
from .fields import DATES, make_fields, standardised
from .fields import field as draw_field
from .plan import INDUSTRY, RESIDENTIAL, Plan
from .streams import stream

__all__ = ["Mix", "People", "draw_people", "solve_mix"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MEAN_PEOPLE = 1_600  # per inhabited zone at the first date
CHUNK = 4_000  # zones at a time, so that memory stays bounded
SOLVED_ON = 1_500  # zones at most that the strengths are solved on
ROUNDS = 40


@dataclass(frozen=True, slots=True, eq=False)
class Mix:
    """The generating model of one date: base table, fields, strengths, constants."""

    date: str
    base: Floats
    fields: Mapping[str, Floats]
    strength: Mapping[str, float]
    constants: Mapping[str, Floats]

    def of(self, zones: slice) -> Floats:
        """(n, 6, 2, 3, 5, 2) probabilities of some zones."""
        some = {name: values[zones] for name, values in self.fields.items()}
        return probabilities(self.base, effects(some, self.strength), self.constants)


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """Residents of one date.

    Parameters
    ----------
    date : str
    total : (Z,) array
        Residents of each zone.
    zone, cell, count : (n,) arrays
        The crossed cells that hold somebody, in the order of zones and cells.
    shares : dimension or "a × b" → (Z, K) array
        Generating probabilities, summed to the categories (flattened for crossings).
    mix : Mix
    """

    date: str
    total: Ints
    zone: Ints
    cell: Ints
    count: Ints
    mix: Mix
    shares: Mapping[str, Floats] = field(default_factory=dict)

    def margin(self, *names: str) -> Ints:
        """(Z, K1, …) residents by the dimensions called `names`."""
        place = np.unravel_index(self.cell, SHAPE)
        axes = [AXES.index(n) for n in names]
        shape = (len(self.total), *(SHAPE[a] for a in axes))
        flat = np.ravel_multi_index((self.zone, *(place[a] for a in axes)), shape)
        summed = np.bincount(flat, self.count, minlength=int(np.prod(shape)))
        return np.rint(summed).astype(np.int64).reshape(shape)


CROSSINGS = (("sex", "origin"), ("age", "disability"), ("origin", "income"))


def draw_people(seed: int, plan: Plan) -> tuple[list[People], Floats]:
    """Draw the residents of both dates.

    Returns
    -------
    people : list of People
        Oldest date first.
    gentrified : (Z,) array, 0 to 1
        How strongly each zone changed for the richer.
    """
    use = np.array(plan.land_use)
    inhabited = (use == RESIDENTIAL) | (use == INDUSTRY)
    fields, gentrified = make_fields(stream(seed, "fields"), plan.place, plan.district, inhabited)
    totals = _totals(stream(seed, "totals"), plan, use, inhabited)
    people = []
    for date in DATES:
        mix = solve_mix(date, fields[date], totals[date])
        people.append(_draw(stream(seed, f"people {date}"), mix, totals[date]))
    return people, gentrified


def _totals(
    rng: np.random.Generator, plan: Plan, use: npt.NDArray[np.str_], inhabited: npt.NDArray[np.bool_]
) -> dict[str, Ints]:
    """Draw residents per zone: skewed, denser in the middle, nobody in parks and the harbour."""
    density = standardised(draw_field(rng, plan.place, plan.district), inhabited)
    spread = 0.45 * density - 0.35 * np.hypot(*plan.place.T) + 0.25 * rng.normal(size=len(plan))
    size = np.sqrt(plan.area) * np.exp(spread) * inhabited
    size[use == INDUSTRY] *= 0.06  # a few people live among the works
    before = MEAN_PEOPLE * size / size[inhabited].mean()
    growth = 0.06 + 0.07 * rng.normal(size=len(plan))
    floor = np.where(inhabited, 25, 0)
    return {
        DATES[0]: np.maximum(np.rint(before), floor).astype(np.int64),
        DATES[1]: np.maximum(np.rint(before * np.exp(growth)), floor).astype(np.int64),
    }


def solve_mix(date: str, fields: Mapping[str, Floats], total: Ints) -> Mix:
    """Find strengths and constants that meet the targets and the city's shares.

    Solved on at most 1,500 zones spread evenly over the city; what the whole city then
    has is computed from all zones and recorded in truth.json.
    """
    inhabited = np.flatnonzero(total > 0)
    some = inhabited[:: max(1, len(inhabited) // SOLVED_ON)]
    near = {name: values[some] for name, values in fields.items()}
    weight = total[some] / total[some].sum()
    base = base_table(date)
    strength = dict.fromkeys(KNOBS, 0.4)
    constants = {name: np.zeros(n) for name, n in zip(AXES, SHAPE, strict=True)}
    when = DATES.index(date)
    for _ in range(ROUNDS):
        mix = probabilities(base, effects(near, strength), constants)
        shares = {name: _share(mix, axis) for axis, name in enumerate(AXES)}
        for name in AXES:
            constants[name] = (
                constants[name] + np.log(CITY_SHARES[date][name]) - np.log(weight @ shares[name])
            )
        for knob, (name, category, target) in TARGETS.items():
            found = _dissimilarity(weight, shares[name][:, DIMENSIONS[name].index(category)])
            strength[knob] = float(np.clip(strength[knob] * (target[when] / found) ** 0.8, 0.01, 3.0))
    # the numbers written down are the numbers used
    strength = {k: round(v, 4) for k, v in strength.items()}
    constants = {k: np.round(v, 6) for k, v in constants.items()}
    return Mix(date, base, fields, strength, constants)


def _share(mix: Floats, axis: int) -> Floats:
    """(n, K) probabilities summed to one dimension."""
    out: Floats = mix.sum(axis=tuple(a for a in range(1, mix.ndim) if a != axis + 1))
    return out


def _dissimilarity(weight: Floats, share: Floats) -> float:
    city = float(weight @ share)
    return float(weight @ np.abs(share - city)) / (2 * city * (1 - city))


def _chunks(n: int) -> Iterator[slice]:
    for start in range(0, n, CHUNK):
        yield slice(start, min(start + CHUNK, n))


def _draw(rng: np.random.Generator, mix: Mix, total: Ints) -> People:
    """Draw each zone's residents from its probabilities: one multinomial draw per zone."""
    found: list[tuple[Ints, Ints, Ints]] = []
    shares: dict[str, list[Floats]] = {}
    for zones in _chunks(len(total)):
        part = mix.of(zones)
        for axis, name in enumerate(AXES):
            shares.setdefault(name, []).append(_share(part, axis))
        for names in CROSSINGS:
            keep = [AXES.index(n) + 1 for n in names]
            summed = part.sum(axis=tuple(a for a in range(1, part.ndim) if a not in keep))
            shares.setdefault(" × ".join(names), []).append(summed.reshape(len(part), -1))
        counts = rng.multinomial(total[zones], part.reshape(len(part), -1))
        zone, cell = np.nonzero(counts)
        found.append((zone + zones.start, cell, counts[zone, cell]))
    zone, cell, count = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return People(mix.date, total, zone, cell, count, mix, {k: np.concatenate(v) for k, v in shares.items()})
