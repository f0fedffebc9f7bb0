"""Travel times from origins to places: absent means that it cannot be reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .counts import frozen
from .errors import CallError, Problem
from .pickling import as_fields

__all__ = ["Travel"]


@dataclass(frozen=True, slots=True, eq=False)
class Travel:
    """A sparse matrix of travel times by rows (CSR).

    Parameters
    ----------
    origins : (O,) array of str
        Unique ids.
    places : (P,) array of str
        Unique ids.
    indptr : (O + 1,) array of int
        Where the entries of each origin begin.
    indices : (n,) array of int
        Place of each entry, rising within an origin.
    costs : (n,) array of int, milliseconds
        Time of each entry. A pair without an entry cannot be reached within `limit`.
    mode : str
        How people travel, for readers: ``on foot``, ``by public transport``.
    limit : int
        Longest time that was looked for, milliseconds; 0 when there was no limit.
    caveats : tuple of Problem
    source : str

    Raises
    ------
    CallError
        If ids are repeated, lengths disagree, a time is negative or a place does not exist.
    """

    origins: npt.NDArray[np.object_]
    places: npt.NDArray[np.object_]
    indptr: npt.NDArray[np.int64]
    indices: npt.NDArray[np.int32]
    costs: npt.NDArray[np.int32]
    mode: str = ""
    limit: int = 0
    caveats: tuple[Problem, ...] = ()
    source: str = ""

    def __post_init__(self) -> None:
        put = object.__setattr__
        for name in ("origins", "places"):
            put(self, name, frozen(getattr(self, name), object))
            if len(set(getattr(self, name).tolist())) != len(getattr(self, name)):
                raise CallError(f"the ids of {name} of a travel matrix must be unique")
        put(self, "indptr", frozen(self.indptr, np.int64))
        put(self, "indices", frozen(self.indices, np.int32))
        put(self, "costs", frozen(self.costs, np.int32))
        many = len(self.indices)
        fits = len(self.indptr) == len(self.origins) + 1 and self.indptr[0] == 0 and self.indptr[-1] == many
        if not fits or len(self.costs) != many or (np.diff(self.indptr) < 0).any():
            raise CallError("the rows of a travel matrix do not fit its entries")
        if many and (
            self.costs.min() < 0 or self.indices.min() < 0 or self.indices.max() >= len(self.places)
        ):
            raise CallError("a travel matrix needs times of 0 or more, to places that exist")

    def __reduce__(self) -> tuple[Any, ...]:
        return as_fields(self)

    def row(self, origin: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """Return the places and the times of one origin."""
        span = slice(self.indptr[origin], self.indptr[origin + 1])
        return self.indices[span], self.costs[span]

    def rows(self) -> npt.NDArray[np.int32]:
        """(n,) origin of each entry."""
        return np.repeat(np.arange(len(self.origins), dtype=np.int32), np.diff(self.indptr))
