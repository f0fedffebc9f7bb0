"""PySAL's class names, with its arguments and its ``.statistic``, over our kernels.

>>> from isopolis.compat.pysal import Dissim, MultiInfoTheory
>>> Dissim(table, "foreigners", "total").statistic  # doctest: +SKIP
>>> MultiInfoTheory(table, ["asian", "black", "white"]).statistic  # doctest: +SKIP

``data`` may be anything that gives a column for a name: a table of pandas or GeoPandas, a
dictionary of arrays, a structured array. Indices that ask for places take a GeoDataFrame, and
``w`` is a neighbourhood of ours, weights or a graph of libpysal, or a matrix. Values have all
their digits. Where PySAL has a defect the value here is the right one;
``docs/neighbourhoods.md`` lists the differences.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .base import LocalIndex, MultiGroupIndex, SeparateZonesIndex, SingleGroupIndex
from .spatial import (
    AbsoluteCentralization,
    AbsoluteClustering,
    AbsoluteConcentration,
    BoundarySpatialDissim,
    Delta,
    DistanceDecayInteraction,
    DistanceDecayIsolation,
    GlobalDistortion,
    LocalDistortion,
    LocalRelativeCentralization,
    PARDissim,
    RelativeCentralization,
    RelativeClustering,
    RelativeConcentration,
    SpatialDissim,
    SpatialProximity,
    SpatialProxProf,
)

__all__ = [
    "AbsoluteCentralization",
    "AbsoluteClustering",
    "AbsoluteConcentration",
    "Atkinson",
    "BiasCorrectedDissim",
    "BoundarySpatialDissim",
    "ConProf",
    "CorrelationR",
    "Delta",
    "DensityCorrectedDissim",
    "Dissim",
    "DistanceDecayInteraction",
    "DistanceDecayIsolation",
    "Entropy",
    "Gini",
    "GlobalDistortion",
    "Hutchens",
    "Interaction",
    "Isolation",
    "LocalDistortion",
    "LocalRelativeCentralization",
    "MinMax",
    "ModifiedDissim",
    "ModifiedGini",
    "MultiDissim",
    "MultiDivergence",
    "MultiDiversity",
    "MultiGini",
    "MultiInfoTheory",
    "MultiLocalDiversity",
    "MultiLocalEntropy",
    "MultiLocalSimpsonConcentration",
    "MultiLocalSimpsonInteraction",
    "MultiLocationQuotient",
    "MultiNormExposure",
    "MultiRelativeDiversity",
    "MultiSquaredCoefVar",
    "PARDissim",
    "RelativeCentralization",
    "RelativeClustering",
    "RelativeConcentration",
    "SimpsonsConcentration",
    "SimpsonsInteraction",
    "SpatialDissim",
    "SpatialProxProf",
    "SpatialProximity",
]


class Atkinson(SingleGroupIndex):
    """`atkinson` of one group."""

    index = "atkinson"

    def __init__(
        self, data: Any, group_pop_var: str, total_pop_var: str, w: Any = None, b: float = 0.5, **around: Any
    ) -> None:
        super().__init__(data, group_pop_var, total_pop_var, w, shape=b, **around)


class BiasCorrectedDissim(SeparateZonesIndex):
    """`bias_corrected_dissimilarity`: the mean over redrawn tables is exact, so there is no B."""

    index = "bias_corrected_dissimilarity"


class ConProf(SingleGroupIndex):
    """`concentration_profile`, in closed form, so there is no m."""

    index = "concentration_profile"


class CorrelationR(SingleGroupIndex):
    """`variance_ratio` of one group."""

    index = "variance_ratio"


class DensityCorrectedDissim(SeparateZonesIndex):
    """`density_corrected_dissimilarity` of one group."""

    index = "density_corrected_dissimilarity"


class Dissim(SingleGroupIndex):
    """`dissimilarity` of one group."""

    index = "dissimilarity"


class Entropy(SingleGroupIndex):
    """`information_theory` of one group."""

    index = "information_theory"


class Gini(SingleGroupIndex):
    """`gini` of one group."""

    index = "gini"


class Hutchens(SingleGroupIndex):
    """`square_root`, as in PySAL's main branch."""

    index = "square_root"


class Interaction(SingleGroupIndex):
    """`exposure` of the group to everybody else."""

    index = "exposure"


class Isolation(SingleGroupIndex):
    """`isolation` of one group."""

    index = "isolation"


class MinMax(SingleGroupIndex):
    """`min_max` of one group."""

    index = "min_max"


class ModifiedDissim(SeparateZonesIndex):
    """`modified_dissimilarity`: the chance mean is exact, so there are no iterations."""

    index = "modified_dissimilarity"


class ModifiedGini(SeparateZonesIndex):
    """`modified_gini`: every random table is a new one."""

    index = "modified_gini"

    def __init__(
        self, data: Any, group_pop_var: str, total_pop_var: str, iterations: int = 500, seed: int = 0
    ) -> None:
        super().__init__(data, group_pop_var, total_pop_var, draws=iterations, seed=seed)


class MultiDissim(MultiGroupIndex):
    """`dissimilarity` of all groups."""

    index = "dissimilarity"


class MultiDivergence(MultiGroupIndex):
    """`mutual_information`, in nats."""

    index = "mutual_information"


class MultiDiversity(MultiGroupIndex):
    """`diversity`, or `normalised_diversity` with ``normalized=True``."""

    index = "diversity"

    def __init__(
        self, data: Any, groups: Sequence[str], w: Any = None, normalized: bool = False, **around: Any
    ) -> None:
        self.index = "normalised_diversity" if normalized else "diversity"  # type: ignore[misc]
        super().__init__(data, groups, w, **around)


class MultiGini(MultiGroupIndex):
    """`gini` of all groups."""

    index = "gini"


class MultiInfoTheory(MultiGroupIndex):
    """`information_theory` of all groups."""

    index = "information_theory"


class MultiNormExposure(MultiGroupIndex):
    """`variance_ratio` of all groups."""

    index = "variance_ratio"


class MultiRelativeDiversity(MultiGroupIndex):
    """`relative_diversity` of all groups."""

    index = "relative_diversity"


class MultiSquaredCoefVar(MultiGroupIndex):
    """`squared_coefficient_of_variation` of all groups."""

    index = "squared_coefficient_of_variation"


class SimpsonsConcentration(MultiGroupIndex):
    """`simpson_concentration` of all groups."""

    index = "simpson_concentration"


class SimpsonsInteraction(MultiGroupIndex):
    """`simpson_interaction` of all groups."""

    index = "simpson_interaction"


class MultiLocalDiversity(LocalIndex):
    """`local_diversity` of each zone."""

    index = "local_diversity"


class MultiLocalEntropy(LocalIndex):
    """`local_normalised_diversity` of each zone."""

    index = "local_normalised_diversity"


class MultiLocalSimpsonConcentration(LocalIndex):
    """`local_simpson_concentration` of each zone."""

    index = "local_simpson_concentration"


class MultiLocalSimpsonInteraction(LocalIndex):
    """`local_simpson_interaction` of each zone."""

    index = "local_simpson_interaction"


class MultiLocationQuotient(LocalIndex):
    """`location_quotient` of each zone."""

    index = "location_quotient"
