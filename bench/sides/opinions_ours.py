"""Our side: read the votes, draw one map, print seconds and memory."""

from __future__ import annotations

import json
import resource
import sys
import time

import numpy as np

from isopolis.engage.opinions.mapping import opinion_map
from isopolis.engage.opinions.votes import latest


def main(path: str) -> None:
    """Time everything after the file is read, imports of solvers included."""
    held = np.load(path)
    person, statement, vote = held["person"], held["statement"], held["vote"]
    people, statements = held["size"].tolist()
    start = time.process_time()
    names = tuple(map(str, range(people))), tuple(map(str, range(statements)))
    votes, _ = latest(*names, person, statement, vote, np.arange(len(vote)), np.ones(statements, bool))
    found = opinion_map(votes, np.random.default_rng(1), resamples=0)
    seconds = time.process_time() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sizes = np.bincount(found.group[found.group >= 0]).tolist()
    print(json.dumps({"seconds": seconds, "megabytes": memory, "groups": sizes}))


main(sys.argv[1])
