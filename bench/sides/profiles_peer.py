"""PySAL's multiscalar profile, run in its own environment."""

from __future__ import annotations

import json
import sys
import time
import warnings
from importlib.metadata import version

import geopandas as gpd
import numpy as np

warnings.filterwarnings("ignore")

from segregation.dynamics import compute_multiscalar_profile  # noqa: E402
from segregation.multigroup import MultiInfoTheory  # noqa: E402


def main(path: str, *radii: str) -> None:
    """H of the grid in `path`, cells of 1 m, boxcar kernels, each radius by itself."""
    x = np.load(path)["x"]
    rows, columns, groups = x.shape
    row, column = np.mgrid[:rows, :columns]
    names = [f"g{i}" for i in range(groups)]
    frame = gpd.GeoDataFrame(
        dict(zip(names, x.reshape(-1, groups).T, strict=True)),
        geometry=gpd.points_from_xy(column.ravel(), row.ravel()), crs=3035,
    )  # fmt: skip
    seconds, values = [], []
    for radius in map(float, radii):
        start = time.process_time()
        found = compute_multiscalar_profile(
            frame, MultiInfoTheory, groups=names, distances=[radius], function="boxcar"
        )
        seconds.append(time.process_time() - start)
        values.append(float(found[radius]))
    print(json.dumps({"seconds": seconds, "values": values, "segregation": version("segregation")}))


if __name__ == "__main__":
    main(*sys.argv[1:])
