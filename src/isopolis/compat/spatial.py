"""PySAL's indices that need outlines or neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import ma

from isopolis.measure.neighbours import Neighbourhood, kernel, nearest_zones
from isopolis.measure.spatial_indices import distance_to_centres
from isopolis.model import CallError

from .base import LocalIndex, MultiGroupIndex, PlacedIndex, against, columns
from .places import Floats, areas, borders, centre_of, metre, points, weights

__all__ = [
    "AbsoluteCentralization",
    "AbsoluteClustering",
    "AbsoluteConcentration",
    "BoundarySpatialDissim",
    "Delta",
    "DistanceDecayInteraction",
    "DistanceDecayIsolation",
    "GlobalDistortion",
    "LocalDistortion",
    "LocalRelativeCentralization",
    "PARDissim",
    "RelativeCentralization",
    "RelativeClustering",
    "RelativeConcentration",
    "SpatialDissim",
    "SpatialProxProf",
    "SpatialProximity",
]


# -- borders and neighbours ----------------------------------------------------------------


class SpatialDissim(PlacedIndex):
    """`contiguity_dissimilarity`; zones that share a border or a corner unless `w` is given."""

    index = "contiguity_dissimilarity"

    def __init__(
        self, data: Any, group_pop_var: str, total_pop_var: str, w: Any = None, standardize: bool = False
    ) -> None:
        super().__init__(data, group_pop_var, total_pop_var)
        near = weights(w, data)
        self.statistic = self.ask(near.by_rows() if standardize else near)


class BoundarySpatialDissim(PlacedIndex):
    """`boundary_dissimilarity` of one group; borders are read from the outlines, so no `w` is taken."""

    index = "boundary_dissimilarity"

    def __init__(
        self, data: Any, group_pop_var: str, total_pop_var: str, w: None = None, standardize: bool = True
    ) -> None:
        if w is not None:  # it would have no effect, and a user who gives it expects one
            raise CallError("the borders of zones are read from their outlines: leave w out")
        super().__init__(data, group_pop_var, total_pop_var)
        self.statistic = self.ask(borders(data), "rows" if standardize else "all")


class PARDissim(PlacedIndex):
    """`shape_dissimilarity`; borders are always shares, so there is no standardize."""

    index = "shape_dissimilarity"

    def __init__(self, data: Any, group_pop_var: str, total_pop_var: str) -> None:
        super().__init__(data, group_pop_var, total_pop_var)
        self.statistic = self.ask(borders(data))


class SpatialProxProf(PlacedIndex):
    """`proximity_profile`, in closed form, so there is no m."""

    index = "proximity_profile"

    def __init__(self, data: Any, group_pop_var: str, total_pop_var: str, w: Any = None) -> None:
        super().__init__(data, group_pop_var, total_pop_var)
        self.statistic = self.ask(weights(w, data))


# -- nearness that falls with distance -----------------------------------------------------


class NearnessIndex(PlacedIndex):
    r"""An index of nearness :math:`e^{-d / \text{unit}}`.

    PySAL 2.5.4 takes ``1 - exp(-d)`` with d a share of all distances, which rises with
    distance; nearness here falls, as in Massey and Denton (1988), so values differ.

    Parameters
    ----------
    data : GeoDataFrame
    group_pop_var, total_pop_var : str
    alpha, beta : float
        A zone counts :math:`e^{-(\alpha A)^\beta / \text{unit}}` for itself, A its area.
    unit : float
        Metres at which nearness has fallen to 1/e; a kilometre unless it is given.
    """

    def __init__(
        self,
        data: Any,
        group_pop_var: str,
        total_pop_var: str,
        alpha: float = 0.6,
        beta: float = 0.5,
        unit: float = 1000.0,
    ) -> None:
        super().__init__(data, group_pop_var, total_pop_var)
        if alpha < 0 or beta < 0:
            raise CallError(f"alpha ({alpha:g}) and beta ({beta:g}) are numbers from 0 up")
        scale = metre(data)
        own = np.exp(-((alpha * areas(data) * scale**2) ** beta) / unit) if alpha else 1.0
        self.near: Neighbourhood = kernel(points(data) * scale, unit, "exponential").with_self(own)
        self.statistic = self.ask(self.near)


class AbsoluteClustering(NearnessIndex):
    """`absolute_clustering` of one group."""

    index = "absolute_clustering"


class DistanceDecayInteraction(NearnessIndex):
    """`environment_exposure` of the group to everybody else."""

    index = "environment_exposure"


class DistanceDecayIsolation(NearnessIndex):
    """`environment_isolation` of one group."""

    index = "environment_isolation"


class RelativeClustering(NearnessIndex):
    """`relative_clustering` of one group; PySAL 2.5.4 multiplies a zone's members by themselves only."""

    index = "relative_clustering"


class SpatialProximity(NearnessIndex):
    """`spatial_proximity` of one group."""

    index = "spatial_proximity"


# -- land and centre -----------------------------------------------------------------------


class Delta(PlacedIndex):
    """`delta` of one group."""

    index = "delta"

    def __init__(self, data: Any, group_pop_var: str, total_pop_var: str) -> None:
        super().__init__(data, group_pop_var, total_pop_var)
        self.statistic = self.ask(areas(data))


class AbsoluteConcentration(PlacedIndex):
    """`absolute_concentration`, in the published form that takes whole zones."""

    index = "absolute_concentration"

    def __init__(self, data: Any, group_pop_var: str, total_pop_var: str) -> None:
        super().__init__(data, group_pop_var, total_pop_var)
        self.statistic = self.ask(areas(data), whole=True)


class RelativeConcentration(AbsoluteConcentration):
    """`relative_concentration`, in the published form that takes whole zones."""

    index = "relative_concentration"


class RelativeCentralization(PlacedIndex):
    """`relative_centralization` around one centre.

    Parameters
    ----------
    data : GeoDataFrame
    group_pop_var, total_pop_var : str
    center : str, int or pair of float
        ``mean``, ``median``, ``population_weighted_mean``, ``largest_population``, the number
        of a zone, or a place in metres.

    Attributes
    ----------
    center_values : list of float
    """

    index = "relative_centralization"

    def __init__(self, data: Any, group_pop_var: str, total_pop_var: str, center: Any = "mean") -> None:
        super().__init__(data, group_pop_var, total_pop_var)
        centre = centre_of(data, self.core_data.sum(axis=1), center)
        self.center_values = centre.tolist()
        self.statistic = self.ask(distance_to_centres(points(data), centre), *self.further(data))

    def further(self, data: Any) -> tuple[Floats, ...]:
        """What the kernel takes after the distances."""
        return ()


class AbsoluteCentralization(RelativeCentralization):
    """`absolute_centralization` around one centre; see `RelativeCentralization`."""

    index = "absolute_centralization"

    def further(self, data: Any) -> tuple[Floats, ...]:
        """Areas."""
        return (areas(data),)


class LocalRelativeCentralization(LocalIndex):
    """`local_centralization` among the five nearest zones, or those of `w`.

    Parameters
    ----------
    data : GeoDataFrame
    group_pop_var, total_pop_var : str
        One group against everybody else: `statistics` is (Z,), masked where the group or the
        others are absent nearby.
    w : optional
        See `SpatialDissim`.
    groups : sequence of str, optional
        Instead of the two names, each column against all others: `statistics` is (Z, G).
    """

    index = "local_centralization"

    def __init__(
        self,
        data: Any,
        group_pop_var: str | Sequence[str] | None = None,
        total_pop_var: str | None = None,
        w: Any = None,
        groups: Sequence[str] | None = None,
    ) -> None:
        at = points(data)
        near = nearest_zones(at, min(5, len(at) - 1)) if w is None else weights(w, data)
        named = groups if group_pop_var is None else group_pop_var
        if isinstance(named, str) and total_pop_var is not None:
            self.groups = [named]
            self.core_data = against(data, named, total_pop_var)
            self.statistics = self._around(self.core_data, near, at)
        elif named is not None and not isinstance(named, str):
            self.groups = list(named)
            self.core_data = columns(data, self.groups)
            turns = [np.roll(self.core_data, -g, axis=1) for g in range(len(self.groups))]
            self.statistics = ma.column_stack([self._around(x, near, at) for x in turns])
        else:
            raise CallError("name a group and the column of everyone, or several groups")

    def _around(self, x: Floats, near: Neighbourhood, at: Floats) -> ma.MaskedArray:
        out: ma.MaskedArray = self.spec.kernel(x, near, at)
        return out


# -- all distances at once -----------------------------------------------------------------


class GlobalDistortion(MultiGroupIndex):
    """`distortion`, one step for each zone; ``normalize`` divides by the largest possible."""

    index = "distortion"

    def __init__(self, data: Any, groups: Sequence[str], normalize: bool = False) -> None:
        self.groups = list(groups)
        self.core_data = columns(data, self.groups)
        self.statistic = self.ask(points(data), normalised=normalize)


class LocalDistortion(LocalIndex):
    """`local_distortion` of each zone; see `GlobalDistortion`."""

    index = "local_distortion"

    def __init__(self, data: Any, groups: Sequence[str], normalize: bool = False) -> None:
        self.groups = list(groups)
        self.core_data = columns(data, self.groups)
        self.statistics = self.map(points(data), normalised=normalize)
