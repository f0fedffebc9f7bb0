"""PySAL's side, run in its own environment: the same tables, the same clock."""

from __future__ import annotations

import json
import sys
import time
import warnings
from importlib.metadata import version

import numpy as np
import pandas as pd
from clock import cpu_seconds

warnings.filterwarnings("ignore")

from segregation.inference import SingleValueTest  # noqa: E402
from segregation.multigroup import MultiDissim, MultiInfoTheory, MultiNormExposure  # noqa: E402
from segregation.singlegroup import Dissim, Gini, Interaction, Isolation  # noqa: E402

GINI_MOST = 20_000
"""Their Gini compares all pairs of zones; above this it is not run."""


def permutations(index: object, count: int) -> float:
    """CPU seconds per person permutation, from `count` of them."""
    start = time.process_time()
    SingleValueTest(
        index, null_approach="person_permutation", iterations_under_null=count, n_jobs=1, backend="loky"
    )
    return (time.process_time() - start) / count


def main(path: str, draws: int) -> None:
    """Time everything on the table in `path`."""
    x = np.load(path)["x"]
    groups = [f"g{i}" for i in range(x.shape[1])]
    frame = pd.DataFrame(x, columns=groups)
    frame["total"] = x.sum(axis=1)
    one = {"group_pop_var": "g0", "total_pop_var": "total"}
    cases = {
        "D, one group": lambda: Dissim(frame, **one),
        "D, all groups": lambda: MultiDissim(frame, groups),
        "H, all groups": lambda: MultiInfoTheory(frame, groups),
        "isolation, one group": lambda: Isolation(frame, **one),
        "exposure, one group": lambda: Interaction(frame, **one),
        "V, all groups": lambda: MultiNormExposure(frame, groups),
    }
    if len(x) <= GINI_MOST:
        cases["Gini, one group"] = lambda: Gini(frame, **one)
        Gini(frame, **one)  # their compilation is not counted
    seconds = {name: cpu_seconds(call, repeats=3) for name, call in cases.items()}
    values = {name: float(call().statistic) for name, call in cases.items()}
    seconds["inference D, one group"] = permutations(Dissim(frame, **one), draws)
    seconds["inference H, all groups"] = permutations(MultiInfoTheory(frame, groups), draws)
    print(json.dumps({"seconds": seconds, "values": values, "segregation": version("segregation")}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
