"""Ways on foot around a timetable: to stops, between stops, from stops, and all the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import counts
from isopolis.model.errors import CallError
from isopolis.model.pickling import as_fields
from isopolis.model.timetable import Timetable

__all__ = ["Links", "Walks", "with_rules"]

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """A sparse matrix of times on foot by rows (CSR).

    Parameters
    ----------
    indptr : (R + 1,) array of int
        Where the links of each row begin.
    indices : (n,) array of int
        Column of each link, in any order; of several links to one column the quickest counts.
    costs : (n,) array of int, milliseconds
        Time of each link; -1 where there is no way.
    columns : int
        How many columns there are.

    Raises
    ------
    CallError
        If lengths disagree, a column does not exist or a time is below -1.
    """

    indptr: Longs
    indices: Ints
    costs: Ints
    columns: int

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "indptr", counts.frozen(self.indptr, np.int64))
        put(self, "indices", counts.frozen(self.indices, np.int32))
        put(self, "costs", counts.frozen(self.costs, np.int32))
        many = len(self.indices)
        fits = self.indptr.ndim == 1 and len(self.indptr) > 0 and self.indptr[0] == 0
        if not fits or self.indptr[-1] != many or len(self.costs) != many or (np.diff(self.indptr) < 0).any():
            raise CallError("the rows of links do not fit their entries")
        if many and (self.indices.min() < 0 or self.indices.max() >= self.columns):
            raise CallError(f"a link leads to column {int(self.indices.max())} of {self.columns}")
        if many and self.costs.min() < -1:
            raise CallError("a link takes 0 milliseconds or more; -1 says that there is no way")

    def __reduce__(self) -> tuple[Any, ...]:
        return as_fields(self)

    @classmethod
    def of(cls, indptr: npt.ArrayLike, indices: npt.ArrayLike, costs: npt.ArrayLike, columns: int) -> Links:
        """Make links of the arrays of a sparse matrix by rows, costs in milliseconds."""
        return cls(np.asarray(indptr), np.asarray(indices), np.asarray(costs), int(columns))

    @classmethod
    def none(cls, rows: int, columns: int) -> Links:
        """Links that lead nowhere."""
        return cls.of(np.zeros(rows + 1), np.zeros(0), np.zeros(0), columns)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.indptr) - 1

    def tails(self) -> Ints:
        """(n,) row of each link."""
        return np.repeat(np.arange(self.rows, dtype=np.int32), np.diff(self.indptr))

    def kept(self, which: npt.NDArray[np.bool_]) -> Links:
        """Return only the links for which the (n,) array `which` is true."""
        many = np.bincount(self.tails()[which], minlength=self.rows)
        return Links.of(np.concatenate([[0], np.cumsum(many)]), self.indices[which], self.costs[which],
                        self.columns)  # fmt: skip

    def shortest(self) -> Links:
        """Return the same with columns rising in each row and one link, the quickest, to each."""
        open_ways = self.kept(self.costs >= 0)
        tails = open_ways.tails().astype(np.int64)
        order = np.lexsort((open_ways.costs, open_ways.indices, tails))
        key = (tails * max(self.columns, 1) + open_ways.indices)[order]
        first = np.ones(len(key), dtype=bool)
        first[1:] = key[1:] != key[:-1]
        many = np.bincount(tails[order][first], minlength=self.rows)
        return Links.of(np.concatenate([[0], np.cumsum(many)]), open_ways.indices[order][first],
                        open_ways.costs[order][first], self.columns)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Walks:
    """Every way on foot that a journey by public transport may use.

    Parameters
    ----------
    access : Links, origins to stops
    egress : Links, stops to places
    transfers : Links, stops to stops
        One walk between two rides is one link: links are not chained, so that they must be shortest
        ways already. A link from a stop to itself says how long a change there takes (0 where it is
        missing) and -1 that nobody may change there.
    direct : Links, origins to places
        The whole way on foot.

    Raises
    ------
    CallError
        If the numbers of origins, stops or places disagree.
    """

    access: Links
    egress: Links
    transfers: Links
    direct: Links

    def __post_init__(self) -> None:
        stops = self.access.columns
        if not (self.egress.rows == self.transfers.rows == self.transfers.columns == stops):
            raise CallError(
                f"walks disagree about the number of stops: access {stops}, egress {self.egress.rows}, "
                f"transfers {self.transfers.rows} to {self.transfers.columns}"
            )
        if (self.direct.rows, self.direct.columns) != (self.access.rows, self.egress.columns):
            raise CallError(
                f"direct walks are from {self.direct.rows} origins to {self.direct.columns} places, not from "
                f"{self.access.rows} to {self.egress.columns}"
            )

    def __reduce__(self) -> tuple[Any, ...]:
        return as_fields(self)

    @property
    def origins(self) -> int:
        """Number of origins."""
        return self.access.rows

    @property
    def stops(self) -> int:
        """Number of stops."""
        return self.access.columns

    @property
    def places(self) -> int:
        """Number of places."""
        return self.egress.columns


def with_rules(walks: Walks, timetable: Timetable, *, change: int = 0) -> Walks:
    """Put the time that a change takes, and what the feed says about transfers, into the transfers.

    Parameters
    ----------
    walks : Walks
    timetable : Timetable
        Times that it states replace the walk, also where there was none; a way that it forbids is
        taken out (GTFS Schedule Reference, ``transfers.txt``). Where a pair is stated more than once,
        a ban counts first and then the shortest time.
    change : int, seconds
        Least time from alighting to the next boarding, 0 or more, where the feed states none.

    Raises
    ------
    CallError
        If `change` is negative or the walks belong to another number of stops.
    """
    if change < 0:
        raise CallError(f"a change takes 0 seconds or more, not {change}")
    stops = len(timetable.stop_ids)
    if walks.stops != stops:
        raise CallError(f"the walks are made for {walks.stops} stops; the timetable has {stops}")
    given = walks.transfers
    tails, heads = given.tails().astype(np.int64), given.indices.astype(np.int64)
    costs = np.where(given.costs < 0, -1, np.maximum(given.costs, change * 1000)).astype(np.int64)
    own = tails[tails == heads]
    missing = np.setdiff1d(np.arange(stops), own)
    rule_from = np.asarray(timetable.transfer_from, dtype=np.int64)
    rule_to = np.asarray(timetable.transfer_to, dtype=np.int64)
    stated = np.asarray(timetable.transfer_seconds, dtype=np.int64)
    stated = np.where(stated < 0, -1, stated * 1000)
    order = np.lexsort((stated, rule_from * stops + rule_to))
    keys, first = np.unique((rule_from * stops + rule_to)[order], return_index=True)
    tails = np.concatenate([tails, missing])
    heads = np.concatenate([heads, missing])
    costs = np.concatenate([costs, np.full(len(missing), change * 1000)])
    keep = ~np.isin(tails * stops + heads, keys)
    tails = np.concatenate([tails[keep], keys // max(stops, 1)])
    heads = np.concatenate([heads[keep], keys % max(stops, 1)])
    costs = np.concatenate([costs[keep], stated[order][first]])
    by_row = np.lexsort((heads, tails))
    many = np.bincount(tails, minlength=stops)
    transfers = Links.of(np.concatenate([[0], np.cumsum(many)]), heads[by_row], costs[by_row], stops)
    return Walks(walks.access, walks.egress, transfers, walks.direct)
