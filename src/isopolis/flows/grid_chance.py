"""How far chance strays from what it gives for a grid: random tables, and what they tell of a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError, Undefined
from isopolis.model.text import phrase, phrases

__all__ = ["SECONDS", "Strays", "method_of", "strays", "tables_that_fit"]

Floats = npt.NDArray[np.float64]
Values = tuple[float | Undefined, ...]

FEWEST, USUAL = 19, 99
"""Random tables: fewer cannot give a p of 0.05; more make a standard deviation little better."""

SECONDS = 20.0
"""What random tables may take, of one processor, where nobody asks for a number of them."""

DRAW, PASS, ROW = 140e-9, 10e-9, 100e-6
"""Seconds to draw a group in a cell, to add it up once for a radius, and for each row beside."""

Z95 = 1.959963984540054

LEAST = 1e-12
"""A standard deviation below this is rounding: every arrangement gives the same value."""


@dataclass(frozen=True, slots=True)
class Strays:
    """What chance gives in place of a value, and how far it strays from that.

    Parameters
    ----------
    expected, sd : float or Undefined
        Mean and standard deviation under chance, both margins fixed.
    p : float or Undefined
        Part of the arrangements, the counted one among them, with a value at least as high; never 0.
    """

    expected: float | Undefined
    sd: float | Undefined
    p: float | Undefined

    @property
    def band(self) -> tuple[float, float] | None:
        """Between which values chance alone stays in 95 of 100 cities; None where that is not known."""
        if isinstance(self.expected, Undefined) or isinstance(self.sd, Undefined):
            return None
        return self.expected - Z95 * self.sd, self.expected + Z95 * self.sd

    def beyond(self, value: float | Undefined) -> float | Undefined:
        """Standard deviations by which a value lies above what chance gives."""
        if isinstance(value, Undefined):
            return value
        if isinstance(self.expected, Undefined):
            return self.expected
        if isinstance(self.sd, Undefined):
            return self.sd
        if self.sd == 0:
            return Undefined("no-room", phrase("Every arrangement of the people gives the same value here."))
        return (value - self.expected) / self.sd

    def within(self, value: float | Undefined) -> bool:
        """Whether a value is no higher than chance alone may give."""
        return self.band is not None and not isinstance(value, Undefined) and value <= self.band[1]


def method_of(count: int) -> str:
    """Name how it was found how far chance strays."""
    return phrases(
        "{n} random arrangements of persons, both margins fixed",
        "{n} random arrangements of persons, both margins fixed",
        count,
    )


def tables_that_fit(
    wanted: int | None,
    size: tuple[int, int, int],
    cells: Sequence[float],
    shape: str,
    scores: int,
    people: int,
) -> tuple[int, Undefined | None]:
    """Return how many random tables are drawn, and why there are none.

    The number depends on the grid and what is asked of it, not on workers or bands.

    Raises
    ------
    CallError
        If fewer than 19 are asked for, or tables of more people than can be placed.
    """
    from isopolis.measure.scale.placed import MOST

    if wanted is not None and wanted != 0 and wanted < FEWEST:
        raise CallError(
            phrase(
                "{n} random tables are too few: allow at least {least}, or 0 for none", n=wanted, least=FEWEST
            )
        )
    many = phrase("Fewer than {most} people can be placed at random; this grid has {people}.",
                  most=MOST, people=people)  # fmt: skip
    if people >= MOST:
        if wanted:
            raise CallError(many)
        return 0, Undefined("too-many", many)
    if wanted is not None:
        reason = phrase(
            "How far chance strays from what it gives on average is not known here: a small excess may "
            "be no more than chance."
        )
        return wanted, None if wanted else Undefined("not-looked", reason)
    able = int(SECONDS / _seconds(size, cells, shape, scores))
    if able >= FEWEST:
        return min(able, USUAL), None
    reason = phrase(
        "How far chance strays from what it gives on average was not looked at, because it would take long "
        "for this grid: ask for {n} random tables or more.",
        n=FEWEST,
    )
    return 0, Undefined("too-large", reason)


def _seconds(size: tuple[int, int, int], cells: Sequence[float], shape: str, scores: int) -> float:
    """About what one random table takes."""
    from isopolis.measure.scale.grid import SHAPES
    from isopolis.measure.scale.grid import bands as rectangles

    rows, columns, groups = size
    passes = [len(rectangles(r, shape)) if shape in SHAPES else 20 for r in cells]  # type: ignore[arg-type]
    return rows * ROW + rows * columns * groups * (DRAW + PASS * sum(p + scores for p in passes))


def strays(
    values: dict[str, Values],
    expected: dict[str, Values],
    drawn: Floats | None,
    people: int,
    city: Floats,
    why: Undefined | None,
) -> dict[str, tuple[Strays, ...]]:
    """Return what random tables tell of each value.

    Parameters
    ----------
    values, expected : mapping of str to tuple of (float or Undefined)
        Score → its value, and its exact mean under chance where that is known, at each radius.
    drawn : (tables, scores, radii, rows) array or None
        What each row of each random table adds.
    people : int
    city : (groups,) array
    why : Undefined or None
        The reason where no tables were drawn.
    """
    out: dict[str, tuple[Strays, ...]] = {}
    for s, (score, of) in enumerate(values.items()):
        means = expected[score]
        tables: list[Any] = [None if drawn is None else drawn[:, s, r] for r in range(len(of))]
        out[score] = tuple(
            _one(score, *known, people, city, why) for known in zip(of, means, tables, strict=True)
        )
    return out


def _one(
    score: Any,
    value: float | Undefined,
    mean: float | Undefined,
    tables: Floats | None,
    people: int,
    city: Floats,
    why: Undefined | None,
) -> Strays:
    from isopolis.measure.scale.scores import from_rows

    if isinstance(value, Undefined):
        return Strays(mean if isinstance(mean, Undefined) else value, value, value)
    if tables is None:
        assert why is not None
        return Strays(mean, why, why)
    found = np.array([from_rows(score, rows, people, city) for rows in tables], dtype=np.float64)
    p = (1 + int((found >= value - LEAST).sum())) / (len(found) + 1)
    if isinstance(mean, Undefined):
        # no exact mean, as for kernels
        mean, sd = float(found.mean()), float(found.std(ddof=1))
    else:
        sd = float(np.sqrt(np.mean((found - mean) ** 2)))
    return Strays(mean, sd if sd > LEAST else 0.0, p)
