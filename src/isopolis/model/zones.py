"""Zones: ids, names, parents, outlines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from .counts import frozen
from .errors import CallError
from .pickling import as_fields

__all__ = ["Zones"]


@dataclass(frozen=True, slots=True, eq=False)
class Zones:
    """The areas that a city is counted by.

    Parameters
    ----------
    ids : (Z,) array of str
        Unique; text, so that leading zeros stay.
    names : (Z,) array of str, optional
        Names for readers; the ids when not given.
    kind : str
        ``zone``, ``grid cell``, ``neighbourhood``, ``school`` …
    parents : mapping of str to (Z,) array of str
        Level name → the parent of each zone there, from the finest level to the
        coarsest; each level nests in the next.
    geometry : (Z,) array of shapely geometries or None, optional
        None for a zone that cannot be drawn.
    crs : str
        Metric, equal-area reference system of `geometry`, as ``EPSG:3035``.
    area : (Z,) array, square metres, optional
    centroid : (Z, 2) array, metres, optional
        A point of each zone; NaN where `geometry` is None.

    Raises
    ------
    CallError
        If ids are repeated or lengths disagree.
    """

    ids: npt.NDArray[np.object_]
    names: npt.NDArray[np.object_] | None = None
    kind: str = "zone"
    parents: Mapping[str, npt.NDArray[np.object_]] = field(default_factory=dict)
    geometry: npt.NDArray[np.object_] | None = None
    crs: str = ""
    area: npt.NDArray[np.float64] | None = None
    centroid: npt.NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "ids", frozen(self.ids, object))
        put(self, "names", frozen(self.ids if self.names is None else self.names, object))
        parents = {k: frozen(v, object) for k, v in self.parents.items()}
        put(self, "parents", MappingProxyType(parents))
        for name, dtype in (("geometry", object), ("area", np.float64), ("centroid", np.float64)):
            array = getattr(self, name)
            if array is not None:
                put(self, name, frozen(array, dtype))
        arrays = [self.names, self.geometry, self.area, self.centroid, *parents.values()]
        if any(a is not None and len(a) != len(self.ids) for a in arrays):
            raise CallError("zone attributes must have one entry per zone")
        if len(set(self.ids.tolist())) != len(self.ids):
            raise CallError("zone ids must be unique")

    def __reduce__(self) -> tuple[Any, ...]:
        return as_fields(self)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def drawable(self) -> npt.NDArray[np.bool_]:
        """(Z,) True for zones with an outline."""
        if self.geometry is None:
            return np.zeros(len(self.ids), dtype=bool)
        return np.array([g is not None for g in self.geometry], dtype=bool)
