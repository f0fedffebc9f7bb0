"""The peer's side: the same votes through its whole pipeline."""

from __future__ import annotations

import json
import resource
import sys
import time

import numpy as np
from reddwarf.implementations.polis import run_pipeline


def main(path: str) -> None:
    """Time the pipeline; making its list of votes is not counted."""
    held = np.load(path)
    rows = [
        {"participant_id": p, "statement_id": s, "vote": v}
        for p, s, v in zip(
            held["person"].tolist(), held["statement"].tolist(), held["vote"].tolist(), strict=True
        )
    ]
    start = time.process_time()
    found = run_pipeline(votes=rows, random_state=1)
    seconds = time.process_time() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sizes = sorted(np.bincount(found.clusterer.labels_).tolist(), reverse=True)
    print(json.dumps({"seconds": seconds, "megabytes": memory, "groups": sizes}))


main(sys.argv[1])
