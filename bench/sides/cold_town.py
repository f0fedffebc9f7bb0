"""The town of the cold-start runs: 100 rectangles of unlike size, four groups. The same on both sides."""

from __future__ import annotations

from typing import Any

import numpy as np

GROUPS = ["g0", "g1", "g2", "g3"]
PLACED = (
    "AbsoluteCentralization AbsoluteClustering AbsoluteConcentration BoundarySpatialDissim Delta "
    "DistanceDecayInteraction DistanceDecayIsolation PARDissim RelativeCentralization RelativeClustering "
    "RelativeConcentration SpatialDissim SpatialProxProf SpatialProximity GlobalDistortion LocalDistortion "
    "LocalRelativeCentralization"
).split()
"""Classes that need outlines."""


def counts() -> dict[str, np.ndarray]:
    """Columns of the table, with everyone in ``total``."""
    rng = np.random.default_rng(100)
    x = rng.poisson(rng.gamma(3, 50, (100, 1)) * rng.dirichlet(np.ones(4), 100))
    return dict(zip(GROUPS, x.T, strict=True)) | {"total": x.sum(axis=1)}


def outlined() -> Any:
    """Return the same table with outlines."""
    import geopandas
    import shapely

    rng = np.random.default_rng(101)
    across, up = (np.cumsum([0.0, *rng.integers(80, 300, 10)]) for _ in range(2))
    shapes = [shapely.box(across[c], up[r], across[c + 1], up[r + 1]) for r in range(10) for c in range(10)]
    return geopandas.GeoDataFrame(counts(), geometry=shapes, crs="EPSG:3035")


def arguments(name: str, kind: str) -> tuple[Any, ...]:
    """What the class takes after the table."""
    several = kind == "many" and name != "LocalRelativeCentralization"
    return (GROUPS,) if several else ("g0", "total")
