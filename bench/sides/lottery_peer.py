"""The peer's side: the maximin lottery of sortition-algorithms on the pools that it is handed."""

from __future__ import annotations

import json
import signal
import sys
import time
from typing import Any

from sortition_algorithms.committee_generation import find_distribution_maximin
from sortition_algorithms.features import read_in_features
from sortition_algorithms.people import read_in_people
from sortition_algorithms.settings import Settings


class TooLongError(Exception):
    pass


def stop(_signal: int, _frame: Any) -> None:
    raise TooLongError


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        pool = json.load(file)
    head = ["feature", "value", "min", "max"]
    features, *_ = read_in_features(head, [dict(zip(head, q, strict=True)) for q in pool["quotas"]])
    rows = [{"id": str(i), **{f"a{f}": v for f, v in enumerate(p)}} for i, p in enumerate(pool["people"])]
    settings = Settings(id_column="id", columns_to_keep=[])
    people, *_ = read_in_people(list(rows[0]), rows, features, settings)
    signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, float(sys.argv[2]))
    start = time.process_time()
    try:
        committees, weights, _ = find_distribution_maximin(features, people, pool["size"], [])
    except TooLongError:
        print(json.dumps({"seconds": time.process_time() - start, "lowest": None}))
        return
    seconds = time.process_time() - start
    chances = dict.fromkeys(people, 0.0)
    for committee, weight in zip(committees, weights, strict=True):
        for person in committee:
            chances[person] += weight
    print(json.dumps({"seconds": seconds, "lowest": min(chances.values())}))


main()
