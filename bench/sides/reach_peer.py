"""Their side: pandana on a network, ``reach_peer.py NETWORK.npz VALUES.npz``; prints seconds as JSON."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import numpy as np
import pandana
import pandas as pd


def timed(call: Callable[[], Any], repeats: int) -> tuple[float, Any]:
    """CPU seconds of all threads, the least of some calls, and the last value."""
    best = float("inf")
    for _ in range(repeats):
        start = time.process_time()
        value = call()
        best = min(best, time.process_time() - start)
    return best, value


def main(path: str, values: str) -> None:
    """Build once, then ask for the nearest service and for sums."""
    net = np.load(path)
    n = len(net["x"])
    repeats = 3 if n < 100_000 else 1
    tail, head, metres = (pd.Series(net[k]) for k in ("tail", "head", "metres"))
    x, y = (pd.Series(net[k]) for k in "xy")
    seconds, found = {}, {}
    seconds["build"], made = timed(
        lambda: pandana.Network(x, y, tail, head, metres.to_frame("metres"), twoway=True), 1
    )
    nodes, services = pd.Series(np.arange(n)), pd.Series(net["services"])

    def nearest() -> Any:
        made.set_pois("services", 5000, 1, x[services], y[services])
        return made.nearest_pois(5000, "services", num_pois=1)

    def total(where: Any, amount: Any, metres: int) -> Any:
        made.set(where, variable=amount, name="amount")
        return made.aggregate(metres, type="sum", decay="flat", name="amount")

    seconds["nearest"], value = timed(nearest, repeats)
    found["nearest"] = value.to_numpy()[:, 0]
    for km in (1, 2):
        for name, where, amount in (
            ("dense", nodes, pd.Series(net["amount"])),
            ("sparse", services, pd.Series(np.ones(len(services)))),
        ):
            key = f"{name} {km} km"
            seconds[key], value = timed(lambda w=where, a=amount, r=1000 * km: total(w, a, r), repeats)
            found[key] = value.to_numpy()
    np.savez(values, **found)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "pandana": version("pandana"), "peak MB": peak}))


if __name__ == "__main__":
    main(*sys.argv[1:])
