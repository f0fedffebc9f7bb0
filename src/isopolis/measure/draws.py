"""Random tables: under chance (both margins fixed), and around what was counted.

Every stream is keyed by a seed and a text, so that a value does not depend on what
else was measured or in which order.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .arrays import Floats, column_totals, divide, shares, zone_totals
from .null_mean import whole

__all__ = ["Observed", "around", "by_chance", "fills", "generator", "replicates", "shrunken_mix"]

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
    """

    x: Floats
    lower: Floats | None = None
    upper: Floats | None = None
    se: Floats | None = None

    @property
    def hidden(self) -> bool:
        """True when some cell is only known to lie between bounds."""
        return self.lower is not None and self.upper is not None and bool((self.upper > self.lower).any())


def fills(seen: Observed, count: int, rng: np.random.Generator) -> Floats:
    """(count, Z, G) tables with hidden cells filled at random within their bounds."""
    out = np.repeat(seen.x[None], count, axis=0)
    if seen.lower is None or seen.upper is None:
        return out
    where = np.nonzero(seen.upper > seen.lower)
    low, high = np.ceil(seen.lower[where]), np.floor(seen.upper[where])
    out[:, where[0], where[1]] = np.floor(rng.random((count, len(low))) * (high - low + 1)) + low
    return out


def shrunken_mix(x: Floats) -> Floats:
    """(..., Z, G) zone shares pulled towards the city's so that their spread is the true one.

    The shares of small zones scatter more than the probabilities behind them. For each
    group the variance that sampling adds is taken out by moments, and each share is
    pulled in by the square root of its reliability, which keeps the spread of the
    probabilities (Louis 1984, *JASA* 79, 393-398).
    """
    n, p = zone_totals(x)[..., None], shares(column_totals(x))[..., None, :]
    mix, people = shares(x), n.sum(axis=-2, keepdims=True)
    zones = (n > 0).sum(axis=-2, keepdims=True)
    spread = divide((n * (mix - p) ** 2).sum(axis=-2, keepdims=True), people)
    total = p * (1 - p)
    chance = divide(zones - 1, people - 1)
    rho = np.clip(divide(divide(spread, total) - chance, 1 - chance), 0, 1)
    reliability = divide(rho * n, rho * n + 1 - rho)
    pulled = np.maximum(p + np.sqrt(reliability) * (mix - p), 0)
    return divide(pulled, pulled.sum(axis=-1, keepdims=True))


def around(seen: Observed, base: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Draw tables around what was seen.

    Parameters
    ----------
    base : (R, Z, G) array
        Filled tables, one per replicate.

    Returns
    -------
    drawn, centre : (R, Z, G) arrays
        Each drawn table, and the table that it scatters about.
    """
    if seen.se is not None:
        return np.maximum(base + rng.standard_normal(base.shape) * seen.se, 0), base
    mix = shrunken_mix(base)
    size = zone_totals(whole(base)).astype(np.int64)
    drawn = np.zeros(base.shape)
    room, left = size.copy(), np.ones(size.shape)
    for g in range(base.shape[-1] - 1):
        q = np.clip(divide(mix[..., g], left), 0, 1)
        placed = rng.binomial(room, q)
        drawn[..., g] = placed
        room, left = room - placed, left - mix[..., g]
    drawn[..., -1] = room
    return drawn, mix * size[..., None]
