r"""Binomial draws for many zones at once, from alias tables over the few numbers of persons that occur.

A table has a row for every number of persons left in a zone and a power of two of columns, one for each
value at least. One random word of 32 bits gives a column by its first bits and, by the next 24, either that
column's own value or its alias: one look-up, whatever the law. Only where those 24 bits are all equal to the
bound (once in 16 million) are 24 more drawn. Chances are so rounded to :math:`2^{-48}`; those of numpy's own
generators to :math:`2^{-53}`.

The weights come from their recurrence and a running sum, four operations that every machine rounds alike; the
rest is whole numbers.

References
----------
Walker (1977), *ACM Transactions on Mathematical Software* 3(3), 253-256 (the alias method).
Hübschle-Schneider and Sanders (2022), *ACM Transactions on Mathematical Software* 48(4), article 41 (aliases
from running sums, section 4).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..arrays import Floats

__all__ = ["MOST", "Binomials", "binomials", "words"]

MOST = 255
"""Most persons of a row: 256 rows of 256 columns are a quarter of a megabyte and stay in the cache."""

ALL = 1 << 52
"""Weights of a row together."""

Words = npt.NDArray[np.uint32]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Binomials:
    """Tables of the binomial laws of 0 … R persons with one chance.

    Parameters
    ----------
    cells : ((R + 1) * 2**bits,) array
        Bound (upper 24 bits) and alias (lower 8) of each column, row after row.
    further : array of that shape
        The next 24 bits of the bound.
    bits : int
    """

    cells: Words
    further: Words
    bits: int

    def draw(self, room: Words, words: Words, rng: np.random.Generator) -> Words:
        """(K,) draws for zones with `room` persons left, from as many random words; ties by `rng`."""
        column = words >> np.uint32(32 - self.bits)
        place = ((room << np.uint32(self.bits)) | column).astype(np.intp)
        # "wrap" spares numpy the check of each place: all of them are in the table
        found = self.cells.take(place, mode="wrap")
        fraction = words << np.uint32(self.bits)
        own = fraction < (found & np.uint32(0xFFFFFF00))
        tied = (fraction ^ found) < np.uint32(256)
        if tied.any():
            at = np.flatnonzero(tied)
            own[at] = rng.integers(0, 1 << 24, len(at)) < self.further[place[at]]
        drawn: Words = np.where(own, column, found & np.uint32(255))
        return drawn


def words(rng: np.random.Generator, laws: int, count: int) -> Words:
    """(laws, count) random words of 32 bits: the lower, then the upper half of words of 64."""
    drawn = rng.integers(0, 2**64, (laws, -(-count // 2)), dtype=np.uint64)
    out: Words = drawn.astype("<u8", copy=False).view("<u4")[:, :count]
    return out


def binomials(most: int, chance: float) -> Binomials:
    """Tables for 0 … `most` persons, at most `MOST`; 0 < `chance` < 1."""
    bits = max(4, most.bit_length())
    bound, alias = _aliases(_weights(most, 1 << bits, chance))
    rounded = np.minimum(bound << (bits - 4), (1 << 48) - 1)
    cells = ((rounded >> 24) << 8) | alias
    return Binomials(cells.astype(np.uint32), (rounded & 0xFFFFFF).astype(np.uint32), bits)


def _weights(most: int, columns: int, chance: float) -> Integers:
    """(most + 1, columns) weights in units of which each row has `ALL`."""
    rarer = min(chance, 1 - chance)  # from the rarer side the recurrence cannot overflow
    size, x = np.arange(most + 1.0)[:, None], np.arange(columns - 1.0)
    weight: Floats = np.ones((most + 1, columns))
    ratio = np.maximum(size - x, 0) / (x + 1) * (rarer / (1 - rarer))
    np.cumprod(ratio, axis=1, out=weight[:, 1:])
    whole = np.rint(weight * (ALL / np.cumsum(weight, axis=1)[:, -1:])).astype(np.int64)
    whole[np.arange(most + 1), whole.argmax(axis=1)] += ALL - whole.sum(axis=1)
    if rarer < chance:
        whole = np.take_along_axis(whole, (np.arange(most + 1)[:, None] - np.arange(columns)) % columns, 1)
    return whole


def _aliases(weight: Integers) -> tuple[Integers, Integers]:
    """Part of each column that is its own and the alias that has the rest; flat, row after row.

    Heavy columns, one after the other, fill up the light ones in order. A heavy one that has given away
    so much that it is light itself is filled up by the next. Both sides are running sums, so who
    fills whom is a search in them.
    """
    rows, columns = weight.shape
    full = ALL // columns
    start = np.arange(rows)[:, None] * (2 * ALL)  # rows told apart in one list of running sums
    lacks, spares = np.maximum(full - weight, 0), np.maximum(weight - full, 0)
    lacked, spared = (np.cumsum(part, axis=1) + start for part in (lacks, spares))
    light = (lacks > 0).ravel()
    at_light, at_heavy = np.flatnonzero(light), np.flatnonzero(~light)
    before = (lacked - lacks).ravel()[at_light]  # what the lights before this one took
    given = spared.ravel()[at_heavy]  # what the heavies up to this one could give
    bound, alias = np.minimum(weight, full).ravel(), np.tile(np.arange(columns), rows)
    alias[at_light] = at_heavy[np.searchsorted(given, before, side="right")] % columns
    row, total = at_heavy // columns, lacked[:, -1]
    turn = np.searchsorted(before, given, side="left")
    taken = np.minimum(np.append(before, np.iinfo(np.int64).max)[turn], total[row])
    bound[at_heavy] = full + given - taken
    following = np.append(at_heavy[1:], -1)
    alias[at_heavy] = np.where(following // columns == row, following, at_heavy) % columns
    return bound, alias
