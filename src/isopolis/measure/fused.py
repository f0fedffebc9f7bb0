"""The usual questions about one dimension, answered in one pass over its table.

Each group against the rest, all groups at once and each pair need the same few sums.
Asking the registered kernels one by one would read the table dozens of times; here each
sum is made once, on demand. The kernels stay the definition: a test holds every answer
of this file against them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np
from scipy.special import xlogy

from .arrays import Floats, divide, entropy

__all__ = ["Fast", "Fused", "against_rest", "all_groups", "pair"]

Fast = Callable[["Fused"], Floats]


class Fused:
    """Sums over the zones of (..., Z, G) tables, each made when first asked for.

    Parameters
    ----------
    x : (..., Z, G) array
        Persons, >= 0.
    """

    def __init__(self, x: Floats) -> None:
        self.x = np.asarray(x, dtype=np.float64)

    @cached_property
    def y(self) -> Floats:
        """(..., G, Z): each group in one piece of memory."""
        return np.ascontiguousarray(np.swapaxes(self.x, -1, -2))

    @cached_property
    def size(self) -> Floats:
        """(..., Z) people of each zone."""
        out: Floats = self.y.sum(axis=-2)
        return out

    @cached_property
    def people(self) -> Floats:
        """(...) everyone."""
        out: Floats = self.size.sum(axis=-1)
        return out

    @cached_property
    def p(self) -> Floats:
        """(..., G) shares of the city."""
        return divide(self.y.sum(axis=-1), self.people[..., None])

    @cached_property
    def variety(self) -> Floats:
        """(..., G): P (1 − P)."""
        out: Floats = self.p * (1 - self.p)
        return out

    @cached_property
    def even(self) -> Floats:
        """(..., G, Z): the table in which every zone has the city's mix."""
        out: Floats = self.p[..., :, None] * self.size[..., None, :]
        return out

    @cached_property
    def absolute(self) -> Floats:
        """(..., G): distance from evenness."""
        out: Floats = np.abs(self.y - self.even).sum(axis=-1)
        return out

    @cached_property
    def squares(self) -> Floats:
        """(..., G): squared distance from evenness over the size of the zone."""
        gap = self.y - self.even
        out: Floats = divide(gap * gap, np.broadcast_to(self.size[..., None, :], gap.shape)).sum(axis=-1)
        return out

    @cached_property
    def information(self) -> Floats:
        """(..., G): x ln(x / even)."""
        out: Floats = xlogy(self.y, divide(self.y, self.even)).sum(axis=-1)
        return out

    @cached_property
    def information_of_rest(self) -> Floats:
        """(..., G): the same for everybody outside the group."""
        n = self.size[..., None, :]
        rest = np.maximum(n - self.y, 0)
        out: Floats = xlogy(rest, divide(rest, n * (1 - self.p[..., :, None]))).sum(axis=-1)
        return out

    @cached_property
    def gaps(self) -> Floats:
        """(..., G): sum over pairs of zones of n n' times the difference of their shares."""
        out = np.zeros(self.p.shape)
        for g in range(self.y.shape[-2]):
            members = self.y[..., g, :]
            order = np.argsort(divide(members, self.size), axis=-1)
            size = np.take_along_axis(self.size, order, axis=-1)
            rank = 2 * np.cumsum(size, axis=-1) - size - self.people[..., None]
            out[..., g] = 2 * (np.take_along_axis(members, order, axis=-1) * rank).sum(axis=-1)
        return out

    @cached_property
    def met(self) -> Floats:
        """(..., G, G): exposure of the row's group to the column's."""
        mix = divide(self.y, np.broadcast_to(self.size[..., None, :], self.y.shape))
        together = self.y @ np.swapaxes(mix, -1, -2)
        return divide(together, self.y.sum(axis=-1)[..., None])


def _two_entropy(p: Floats) -> Floats:
    return entropy(np.stack([p, 1 - p], axis=-1))


_AGAINST_REST: dict[str, Callable[[Fused], Floats]] = {
    "dissimilarity": lambda f: divide(f.absolute, 2 * f.people[..., None] * f.variety),
    "gini": lambda f: np.clip(divide(f.gaps, 2 * f.people[..., None] ** 2 * f.variety), 0, 1),
    "information_theory": lambda f: divide(
        np.maximum(f.information + f.information_of_rest, 0), f.people[..., None] * _two_entropy(f.p)
    ),
    "isolation": lambda f: np.diagonal(f.met, axis1=-2, axis2=-1),
    "variance_ratio": lambda f: divide(f.squares, f.people[..., None] * f.variety),
}
"""Measure → (..., G) values of every group against the rest."""

_ALL: dict[str, Callable[[Fused], Floats]] = {
    "dissimilarity": lambda f: divide(f.absolute.sum(axis=-1), 2 * f.people * f.variety.sum(axis=-1)),
    "gini": lambda f: np.clip(divide(f.gaps.sum(axis=-1), 2 * f.people**2 * f.variety.sum(axis=-1)), 0, 1),
    "mutual_information": lambda f: np.maximum(divide(f.information.sum(axis=-1), f.people), 0),
    "information_theory": lambda f: divide(
        np.maximum(divide(f.information.sum(axis=-1), f.people), 0), entropy(f.p)
    ),
    "variance_ratio": lambda f: divide(divide(f.squares, 1 - f.p).sum(axis=-1), f.people),
}
"""Measure → (...) values of all groups at once."""


def against_rest(measure: str, column: int) -> Fast | None:
    """Fast answer for one column against the rest, if there is one."""
    whole = _AGAINST_REST.get(measure)
    return None if whole is None else lambda f: whole(f)[..., column]


def all_groups(measure: str) -> Fast | None:
    """Fast answer for all columns at once, if there is one."""
    return _ALL.get(measure)


def pair(column: int, other: int) -> Fast:
    """Fast answer for the exposure of one column to another."""
    return lambda f: f.met[..., column, other]
