"""Every zone of a city with what was measured there, as plain columns for pages and lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.flows.diagnosis import Diagnosis

from .local import FEWEST, Local
from .prose import Names, clean

__all__ = ["FEWEST", "Columns", "columns_of", "zone_names"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Columns:
    """One dimension over all zones; None where a zone may not be shown.

    Parameters
    ----------
    name, title, date, universe : str
    categories, labels : list of str
        The groups, as the data and as readers call them.
    city : list of float
        Share of each group in the whole city.
    people : list of int or None
    times : list of float or None
        How far the mix is from the city's; 1 is the average over residents.
    place : list of int or None
        Rank by `times`, 1 is the zone furthest from the city's mix.
    share : list of list of float or None
        By group, then by zone.
    """

    name: str
    title: str
    date: str
    universe: str
    categories: list[str]
    labels: list[str]
    city: list[float]
    people: list[int | None]
    times: list[float | None]
    place: list[int | None]
    share: list[list[float | None]]

    @property
    def shown(self) -> int:
        """Number of zones that may be shown."""
        return sum(p is not None for p in self.people)


def columns_of(diagnosis: Diagnosis, names: Names) -> list[Columns]:
    """Columns of every dimension at its newest date.

    Zones with fewer than `FEWEST` people, or where a number is hidden, hold None, as on the report's maps.
    """
    newest: dict[str, Local] = {}
    for table in diagnosis.local:
        newest.setdefault(table.name, Local(table, diagnosis.city.zones))
    return [_columns(local, names) for local in newest.values()]


def _columns(local: Local, names: Names) -> Columns:
    counts = local.table.counts
    dimension = counts.dimensions[0]
    shown = local.shown
    times = local.score / local.average
    rank = np.zeros(len(times), dtype=np.int64)
    order = np.flatnonzero(shown)[np.argsort(-times[shown], kind="stable")]
    rank[order] = np.arange(1, len(order) + 1)
    return Columns(
        name=dimension.name,
        title=names.dimension(dimension.name),
        date=str(local.date),
        universe=str(counts.universe),
        categories=[str(c) for c in dimension.categories],
        labels=[names.category(dimension.name, c) for c in dimension.categories],
        city=[round(float(s), 6) for s in local.city_share],
        people=_kept(np.rint(local.people).astype(np.int64), shown),
        times=_kept(np.round(times, 4), shown),
        place=_kept(rank, shown),
        share=[_kept(np.round(column, 6), shown) for column in local.table.share.T],
    )


def _kept(values: npt.NDArray[Any], shown: Bools) -> list[Any]:
    return [v if s else None for v, s in zip(values.tolist(), shown.tolist(), strict=True)]


def zone_names(diagnosis: Diagnosis) -> dict[str, Any]:
    """Return ids, names and parents of all zones, and their areas in square metres where known."""
    zones = diagnosis.city.zones
    assert zones.names is not None
    area = [] if zones.area is None else [round(float(a)) if a == a else 0 for a in zones.area]
    return {
        "ids": [clean(i) for i in zones.ids],
        "names": [clean(n) for n in zones.names],
        "parents": {clean(level): [clean(p) for p in codes] for level, codes in zones.parents.items()},
        "area": area,
        "kind": clean(zones.kind) or "zone",
    }
