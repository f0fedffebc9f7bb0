"""Participants put into the cells of the census, and who could not be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from isopolis.model import Counts, Mechanism

from .cells import Cell

__all__ = ["Placed", "place"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """Participants and residents cell by cell.

    Parameters
    ----------
    took : Counts
        Participants, in the zones and dimensions of `residents`.
    residents : Counts
        Whole numbers of people; 0 in cells that are left out.
    everyone : int
        All participants, placed or not.
    no_zone, no_group, strange : int
        Participants without a neighbourhood; without a category of a dimension; with a neighbourhood or
        category that the census does not have.
    beyond : int
        Participants of cells in which more took part than the census counts, or in which it counted
        nobody; these cells are left out.
    """

    took: Counts
    residents: Counts
    everyone: int
    no_zone: int = 0
    no_group: int = 0
    strange: int = 0
    beyond: int = 0

    @property
    def unplaced(self) -> int:
        """Participants of whom no cell is known."""
        return self.no_zone + self.no_group + self.strange

    @property
    def counted(self) -> int:
        """Participants in cells."""
        return int(self.took.values.sum())


def place(people: Mapping[Cell, int], residents: Counts) -> Placed:
    """Put participants into the cells of `residents`.

    Parameters
    ----------
    people : mapping of Cell to int
        How many took part; a group may name further dimensions, which are left out.
    residents : Counts
        Residents by zone and the dimensions wanted.
    """
    zones = {str(z): i for i, z in enumerate(residents.zone_ids)}
    axes = [(d.name, {c: i for i, c in enumerate(d.categories)}) for d in residents.dimensions]
    took = np.zeros(residents.values.shape)
    no_zone = no_group = strange = 0
    for cell, n in people.items():
        have = dict(cell.group)
        if not cell.zone:
            no_zone += n
        elif any(name not in have for name, _ in axes):
            no_group += n
        elif cell.zone not in zones or any(have[name] not in known for name, known in axes):
            strange += n
        else:
            took[(zones[cell.zone], *(known[have[name]] for name, known in axes))] += n
    return _without_impossible(took, residents, sum(people.values()), (no_zone, no_group, strange))


def _without_impossible(
    took: Floats, residents: Counts, everyone: int, not_placed: tuple[int, int, int]
) -> Placed:
    known = np.rint(residents.best())
    good = (residents.mechanism != Mechanism.NOT_COLLECTED) & (took <= known)
    beyond = int(took[~good].sum())
    exact = np.zeros(1, dtype=np.uint8)
    plain = replace(
        residents, values=np.where(good, known, 0.0), mechanism=exact, lower=None, upper=None, se=None,
        weighted=False,
    )  # fmt: skip
    counts = replace(plain, values=np.where(good, took, 0.0), universe="participants")
    return Placed(counts, plain, everyone, *not_placed, beyond)
