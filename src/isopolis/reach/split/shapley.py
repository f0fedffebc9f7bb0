"""A gap, split between what makes it: Shapley's value over three factors, exact."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import factorial, isfinite

from isopolis.model import CallError
from isopolis.model.text import Number, phrase

__all__ = ["FACTORS", "Part", "Split", "shapley", "split"]

FACTORS = ("where", "how", "service")
"""Where people live, how they move, what the service admits."""

Value = Callable[[frozenset[str]], Fraction | float | int]


@dataclass(frozen=True, slots=True)
class Part:
    """One factor's part of a gap.

    Attributes
    ----------
    factor : str
        One of `FACTORS`.
    amount : Fraction
        In the unit of the level. All parts add up to the gap, exactly.
    least, most : Fraction
        What the factor changes, depending on which others were changed before it. Where they lie far apart,
        factors act together and the part is an average.
    """

    factor: str
    amount: Fraction
    least: Fraction
    most: Fraction


@dataclass(frozen=True, slots=True)
class Split:
    """The gap between a group and the reference.

    Attributes
    ----------
    group, reference : str
    own, other : Fraction
        Level of the group, and of the reference.
    parts : tuple of Part
        In the order of `FACTORS`.
    higher_is_better : bool
        True for a share within the standard, False for minutes.
    """

    group: str
    reference: str
    own: Fraction
    other: Fraction
    parts: tuple[Part, ...]
    higher_is_better: bool = True

    @property
    def gap(self) -> Fraction:
        """What the group lacks, below 0 where it is ahead; in the unit of the level."""
        return self.other - self.own if self.higher_is_better else self.own - self.other

    def part(self, factor: str) -> Part:
        """Return one part by its factor."""
        return next(p for p in self.parts if p.factor == factor)

    def words(self) -> tuple[str, ...]:
        """Say each part, largest first, and who can act on it."""
        ordered = sorted(self.parts, key=lambda p: (-abs(p.amount), FACTORS.index(p.factor)))
        return tuple(_sentence(self, p) for p in ordered)


def shapley(
    value: Value, factors: tuple[str, ...] = FACTORS
) -> dict[str, tuple[Fraction, Fraction, Fraction]]:
    """Return each factor's mean effect over all orders, and its smallest and largest effect.

    Shapley 1953, "A value for n-person games", equation 12; as a decomposition of inequality, Shorrocks 2013,
    Journal of Economic Inequality 11: 99–126.

    Parameters
    ----------
    value : callable
        ``value(changed)`` for every set of factors, called once for each. Floats are taken as the exact
        numbers that they are, so that nothing is rounded afterwards.
    factors : tuple of str

    Raises
    ------
    CallError
        If a value is not a finite number.
    """
    worth = {
        s: _exact(value(s)) for r in range(len(factors) + 1) for s in map(frozenset, combinations(factors, r))
    }
    out = {}
    for factor in factors:
        rest = tuple(f for f in factors if f != factor)
        mean, effects = Fraction(0), []
        for size in range(len(factors)):
            # how many of all orders put exactly this set before the factor
            orders = Fraction(factorial(size) * factorial(len(rest) - size), factorial(len(factors)))
            for before in map(frozenset, combinations(rest, size)):
                effect = worth[before | {factor}] - worth[before]
                mean += orders * effect
                effects.append(effect)
        out[factor] = (mean, min(effects), max(effects))
    return out


def split(value: Value, group: str, reference: str, *, higher_is_better: bool = True) -> Split:
    """Split the gap between a group and the reference.

    Parameters
    ----------
    value : callable
        ``value(given)``: level of the group when the factors in `given` are the reference's and the others
        its own. ``frozenset()`` is the group as it is, ``frozenset(FACTORS)`` the reference.
    group, reference : str
    higher_is_better : bool
        False where the level is minutes or a shortfall.

    Raises
    ------
    CallError
        If a level is not a finite number: give a finite level to people who reach nothing (a share within
        the standard has one, capped minutes have one), or do not split.
    """
    seen: dict[frozenset[str], Fraction] = {}

    def once(given: frozenset[str]) -> Fraction:
        if given not in seen:
            seen[given] = _exact(value(given))
        return seen[given]

    own, other = once(frozenset()), once(frozenset(FACTORS))
    sign = 1 if higher_is_better else -1
    found = shapley(lambda given: sign * once(given))
    parts = tuple(Part(f, *found[f]) for f in FACTORS)
    return Split(group, reference, own, other, parts, higher_is_better)


def _exact(number: Fraction | float | int) -> Fraction:
    if isinstance(number, Fraction):
        return number
    if not isfinite(number):
        raise CallError(phrase("a gap can be split only where every level is known"))
    return Fraction(number) if isinstance(number, int) else Fraction(float(number))


def _sentence(of: Split, part: Part) -> str:
    share = Number(f"{abs(float(part.amount)):.3g}")
    if not part.amount:
        return phrase("{factor}: no part of the gap.", factor=_names()[part.factor])
    if part.amount < 0:
        return phrase("{factor}: makes the gap smaller by {part}.", factor=_names()[part.factor], part=share)
    return phrase(
        "{factor}: {part} of the gap. {lever}",
        factor=_names()[part.factor],
        part=share,
        lever=_levers()[part.factor],
    )


def _names() -> Mapping[str, str]:
    return {
        "where": phrase("Where people live"),
        "how": phrase("How people move"),
        "service": phrase("What the service admits"),
    }


def _levers() -> Mapping[str, str]:
    """Who can act on a part. Careful: a part points to where to look, it is no proof of a cause."""
    return {
        "where": phrase("Funding acts here: new or moved sites, and trips to them."),
        "how": phrase(
            "Funding acts here: kerbs, ramps, crossings, vehicles. Where tags are unknown, look first: "
            "part of it may be knowledge that is missing."
        ),
        "service": phrase(
            "Regulation acts here: hours, fees, booking, languages, entrances and whom it admits."
        ),
    }
