"""What a city's folder says about getting around: people by place, streets, feeds, services, matrices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from .counts import Counts, frozen
from .errors import CallError, Problem
from .pickling import as_fields
from .places import Places
from .streets import Streets
from .timetable import Timetable
from .travel import Travel

__all__ = ["AccessData", "Origins"]


@dataclass(frozen=True, slots=True, eq=False)
class Origins:
    """Where people start from, and who they are.

    Parameters
    ----------
    ids, names : (O,) arrays of str
        Ids unique.
    lon, lat : (O,) arrays, degrees (WGS84)
        NaN where an origin has no known place: it is counted, and has no access that anybody could state.
    counts : tuple of Counts
        Tables of people whose rows are the origins, in their order.
    columns : mapping of str to (O,) array
        What is known of an origin itself and not of groups of people: an income, a decile. NaN unknown.
    outlines : (O,) array of shapely geometries or None, optional
        For maps, in `crs`.
    crs : str
    kind : str
        ``zone``, ``hexagon``, ``grid cell``.
    """

    ids: npt.NDArray[np.object_]
    names: npt.NDArray[np.object_]
    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    counts: tuple[Counts, ...]
    columns: Mapping[str, npt.NDArray[np.float64]] = field(default_factory=dict)
    outlines: npt.NDArray[np.object_] | None = None
    crs: str = ""
    kind: str = "zone"

    def __post_init__(self) -> None:
        put, many = object.__setattr__, len(self.ids)
        for name, dtype in (("ids", object), ("names", object), ("lon", np.float64), ("lat", np.float64)):
            put(self, name, frozen(getattr(self, name), dtype))
        put(self, "columns", MappingProxyType({k: frozen(v) for k, v in self.columns.items()}))
        if self.outlines is not None:
            put(self, "outlines", frozen(self.outlines, object))
        each = [self.names, self.lon, self.lat, *self.columns.values(), *(c.zone_ids for c in self.counts)]
        each += [] if self.outlines is None else [self.outlines]
        if any(len(a) != many for a in each):
            raise CallError("what is known of origins must have one entry per origin")
        if len(set(self.ids.tolist())) != many:
            raise CallError("ids of origins must be unique")

    def __reduce__(self) -> tuple[Any, ...]:
        return as_fields(self)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def located(self) -> npt.NDArray[np.bool_]:
        """(O,) True for origins with a known place."""
        return np.asarray(np.isfinite(self.lon) & np.isfinite(self.lat))


@dataclass(frozen=True, slots=True, eq=False)
class AccessData:
    """Everything that `isopolis access` needs of a city.

    Parameters
    ----------
    name : str
    origins : Origins
    services : tuple of Places
        One per kind.
    streets : Streets or None
    timetable : callable or None
        ``timetable(date)`` reads the feeds of an ISO date, the best covered working day when it is
        empty; None when the folder holds no feed. Raises DataError when nothing runs that day.
    travel : tuple of Travel
        Ready matrices.
    notes : tuple of str
        Sentences that every product must carry.
    caveats : tuple of Problem
    sources : tuple of str
        What is said of where streets, feeds and services came from, for credit.
    """

    name: str
    origins: Origins
    services: tuple[Places, ...] = ()
    streets: Streets | None = None
    timetable: Callable[[str], Timetable] | None = None
    travel: tuple[Travel, ...] = ()
    notes: tuple[str, ...] = ()
    caveats: tuple[Problem, ...] = ()
    sources: tuple[str, ...] = ()

    def service(self, name: str) -> Places:
        """Return the service by the data's own name or by a term of the vocabulary.

        Raises
        ------
        CallError
            If there is none, naming those there are.
        """
        from .errors import near

        wanted = _plain(name)
        for places in self.services:
            if wanted in (_plain(places.kind), _plain(places.term), _plain(places.term.partition(":")[2])):
                return places
        known = [p.kind for p in self.services]
        raise CallError(f'{self.name} has no service "{name}": {near(name, known)}')


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("_", " ").replace("-", " ").split())
