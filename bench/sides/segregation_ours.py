"""Our side: read the shared tables, time each case, print one JSON object."""

from __future__ import annotations

import json
import sys

import numpy as np
from clock import cpu_seconds

from isopolis.measure import MEASURES, null_mean, null_sd


def main(path: str) -> None:
    """Time everything on the table in `path`."""
    x = np.load(path)["x"].astype(float)
    two = np.stack([x[:, 0], x[:, 1:].sum(axis=1)], axis=1)
    kernel = {m.name: m.kernel for m in MEASURES.values()}
    cases = {
        "D, one group": lambda: kernel["dissimilarity"](two),
        "D, all groups": lambda: kernel["dissimilarity"](x),
        "H, all groups": lambda: kernel["information_theory"](x),
        "isolation, one group": lambda: kernel["isolation"](two),
        "exposure, one group": lambda: kernel["exposure"](two),
        "V, all groups": lambda: kernel["variance_ratio"](x),
        "Gini, one group": lambda: kernel["gini"](two),
        "inference D, one group": lambda: (null_mean.dissimilarity(two), null_sd.dissimilarity(two)),
        "inference H, all groups": lambda: (null_mean.information_theory(x), null_sd.information_theory(x)),
    }
    seconds = {name: cpu_seconds(call, repeats=3) for name, call in cases.items()}
    values = {name: float(np.atleast_1d(call())[0]) for name, call in cases.items()}
    print(json.dumps({"seconds": seconds, "values": values, "numpy": np.__version__}))


if __name__ == "__main__":
    main(sys.argv[1])
