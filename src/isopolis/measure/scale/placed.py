"""The people of a grid placed at random, row by row: every cell keeps its people, the city its groups.

Which people of a group live in which row is drawn first, for all rows at once; then, within a row, who lives
in which cell. Of a shuffle of all persons, the groups of the rows are multivariate hypergeometric, and given
them the persons of each row are a shuffle of their own; so both draws together have exactly the law of one
shuffle of the city. Each row has a stream of its own: it gets the same people whichever band of rows it is
drawn in, as a row of the band or of its halo, by any worker.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError

from ..inference.streams import stream
from .grid import Integers

__all__ = ["MOST", "placed_rows", "rows_of_groups"]

MOST = 10**9
"""Fewer people than this can be placed: the draws of numpy end there."""

PURPOSE = "people of a grid"


def rows_of_groups(people: npt.ArrayLike, city: npt.ArrayLike, seed: int, replicate: int) -> Integers:
    """Draw how many people of each group live in each row.

    Parameters
    ----------
    people : (rows,) array
        Whole people of each row of the grid.
    city : (groups,) array
        Whole people of each group; together as many as in all rows.
    seed, replicate : int
        Key of the draw.

    Returns
    -------
    (rows, groups) array of int64

    Raises
    ------
    CallError
        If rows and groups have different numbers of people, or there are `MOST` or more.
    """
    size, groups = np.asarray(people, dtype=np.int64), np.asarray(city, dtype=np.int64)
    if size.sum() != groups.sum():
        raise CallError(f"the rows have {size.sum()} people and the groups {groups.sum()}")
    if groups.sum() >= MOST:
        raise CallError(f"{groups.sum():,} people: fewer than {MOST:,} can be placed at random")
    return _split(size, groups, stream(seed, replicate, 0, PURPOSE))


def placed_rows(
    sizes: npt.ArrayLike, groups: npt.ArrayLike, seed: int, replicate: int, first: int
) -> Integers:
    """Place the people of some rows in their cells.

    Parameters
    ----------
    sizes : (rows, columns) array
        Whole people of each cell.
    groups : (rows, groups) array
        Of `rows_of_groups`, for these rows.
    seed, replicate : int
        Key of the draw.
    first : int
        The place of the first of these rows in the whole grid.

    Returns
    -------
    (rows, columns, groups) array of int64
        With the people of each cell as they are, and the groups of each row as they were drawn.
    """
    size, wanted = np.asarray(sizes, dtype=np.int64), np.asarray(groups, dtype=np.int64)
    out = np.zeros((*size.shape, wanted.shape[1]), dtype=np.int64)
    for row in range(len(size)):
        some = np.flatnonzero(size[row])
        rng = stream(seed, replicate, first + row + 1, PURPOSE)
        out[row, some] = _split(size[row, some], wanted[row], rng)
    return out


def _split(room: Integers, groups: Integers, rng: np.random.Generator) -> Integers:
    """(places, groups) people: places hold as many as they do, each arrangement of persons equally likely."""
    out = np.zeros((len(room), len(groups)), dtype=np.int64)
    present = np.flatnonzero(groups)
    left = room.copy()
    for g in present[:-1]:
        out[:, g] = rng.multivariate_hypergeometric(left, groups[g], method="marginals")
        left -= out[:, g]
    if len(present):
        out[:, present[-1]] = left
    return out
