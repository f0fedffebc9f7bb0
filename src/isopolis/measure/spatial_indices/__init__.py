"""Spatial indices: kernels that take a table and a neighbourhood, borders, areas or distances.

The first column of a two-group index is the group, all further columns are everybody else.
A city's value is a ``float``, or `isopolis.model.Undefined` with the reason where there is none;
maps are arrays with one entry for each zone. Environments are never rounded.
"""

from .centralization import absolute_centralization, distance_to_centres, relative_centralization
from .clustering import (
    absolute_clustering,
    mean_proximity,
    proximity_profile,
    relative_clustering,
    spatial_proximity,
)
from .concentration import absolute_concentration, delta, relative_concentration
from .distortion import distortion, local_distortion
from .environments import (
    environment_exposure,
    environment_isolation,
    environment_variance_ratio,
    spatial_dissimilarity,
    spatial_h,
    spatial_relative_diversity,
    surface_min_max,
)
from .joins import boundary_dissimilarity, contiguity_dissimilarity, ring_dissimilarity, shape_dissimilarity
from .maps import (
    environment_divergence,
    environment_diversity,
    environment_quotient,
    environment_simpson,
    local_centralization,
)

__all__ = [
    "absolute_centralization",
    "absolute_clustering",
    "absolute_concentration",
    "boundary_dissimilarity",
    "contiguity_dissimilarity",
    "delta",
    "distance_to_centres",
    "distortion",
    "environment_divergence",
    "environment_diversity",
    "environment_exposure",
    "environment_isolation",
    "environment_quotient",
    "environment_simpson",
    "environment_variance_ratio",
    "local_centralization",
    "local_distortion",
    "mean_proximity",
    "proximity_profile",
    "relative_centralization",
    "relative_clustering",
    "relative_concentration",
    "ring_dissimilarity",
    "shape_dissimilarity",
    "spatial_dissimilarity",
    "spatial_h",
    "spatial_proximity",
    "spatial_relative_diversity",
    "surface_min_max",
]
