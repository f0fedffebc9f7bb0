"""A table as it was seen, and random tables under chance (both margins fixed).

Every stream is keyed by a seed and a text, so that a value does not depend on what
else was measured or in which order.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .arrays import Floats, column_totals, zone_totals
from .null_mean import whole

__all__ = ["Observed", "blocks", "by_chance", "generator", "replicates"]

CELLS = 8_000_000
"""Random cells drawn for one table at most, unless `LEAST` replicates need more."""

LEAST, USUAL, MANY = 12, 199, 999
FEW_ZONES = 40
BLOCK = 1_000_000


def generator(seed: int, key: str) -> np.random.Generator:
    """Counter-based generator for one purpose."""
    return np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, zlib.crc32(key.encode())])))


def replicates(zones: int, groups: int, most: int | None = None) -> int:
    """How many random tables to draw: many for a small table, fewer for a huge one."""
    wanted = most if most is not None else (MANY if zones < FEW_ZONES else USUAL)
    return int(np.clip(CELLS // max(zones * groups, 1), min(LEAST, wanted), wanted))


def blocks(count: int, zones: int, groups: int) -> Iterator[int]:
    """Split `count` replicates so that a block of tables stays near 24 MB."""
    size = max(1, BLOCK // max(zones * groups, 1))
    while count > 0:
        yield min(size, count)
        count -= size


def by_chance(x: Floats, count: int, rng: np.random.Generator) -> Floats:
    """(count, Z, G) tables with the margins of `x`, people placed at random."""
    table = whole(x)
    size, columns = zone_totals(table).astype(np.int64), column_totals(table).astype(np.int64)
    out = np.zeros((count, *table.shape))
    for r in range(count):
        room = size.copy()
        for g in range(table.shape[1] - 1):
            placed = rng.multivariate_hypergeometric(room, columns[g], method="marginals")
            out[r, :, g] = placed
            room -= placed
        out[r, :, -1] = room
    return out


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """A table as it was seen: the best single numbers, and what is known of their error.

    Parameters
    ----------
    x : (Z, G) array
        Persons; the middle of the bounds where a cell is hidden.
    lower, upper : (Z, G) arrays, optional
        Bounds of hidden cells; equal to `x` elsewhere.
    se : (Z, G) array, optional
        Standard errors of sampled or modelled counts.
    mechanism : (Z, G) array of Mechanism codes, optional
        How each cell was observed; exact, or hidden where there are bounds, when not given.
    parameter : float
        Base of rounding, V of cell keys, epsilon of differential privacy.
    """

    x: Floats
    lower: Floats | None = None
    upper: Floats | None = None
    se: Floats | None = None
    mechanism: npt.NDArray[np.uint8] | None = None
    parameter: float = 0.0

    def rows(self, kept: npt.ArrayLike) -> Observed:
        """Return the same table with some zones only."""
        at = np.asarray(kept)

        def cut(array: npt.NDArray[Any] | None) -> Any:
            return None if array is None else array[at]

        parts = (cut(self.lower), cut(self.upper), cut(self.se), cut(self.mechanism))
        return Observed(self.x[at], *parts, self.parameter)

    @property
    def hidden(self) -> bool:
        """True when some cell is only known to lie between bounds."""
        return self.lower is not None and self.upper is not None and bool((self.upper > self.lower).any())
