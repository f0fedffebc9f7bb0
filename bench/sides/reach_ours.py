"""Our side: the engine on a network, ``reach_ours.py NETWORK.npz VALUES.npz``; prints seconds as JSON."""

from __future__ import annotations

import json
import resource
import sys
import time
from typing import Any

import numpy as np


def main(path: str, values: str) -> None:
    """Load the loops, then time each task once warm; what contraction and order give comes last."""
    start = time.process_time()
    from isopolis.reach import engine

    engine.ready()
    cold = time.process_time() - start
    import numba
    from clock import cpu_seconds

    net = np.load(path)
    many = len(net["x"])
    x, y, tail, head, cost, amount = (net[k] for k in ("x", "y", "tail", "head", "cost", "amount"))
    seconds: dict[str, float] = {"loading the compiled loops": cold}
    found: dict[str, Any] = {}

    def timed(name: str, call: Any) -> Any:
        seconds[name] = cpu_seconds(call, repeats=3, at_least=0.02)
        return call()

    shape = engine.Topology.of(tail, head, many, x, y)
    graph = timed("build", lambda: engine.Topology.of(tail, head, many, x, y).weigh(cost, cost))
    timed("new profile", lambda: shape.weigh(cost, cost))
    everywhere = engine.Points.at_nodes(shape, np.arange(many))
    services = engine.Points.at_nodes(shape, net["services"])
    near = timed("nearest", lambda: engine.nearest(graph, everywhere, services, limit=5_000_000))
    timed("nearest 5", lambda: engine.nearest_k(graph, everywhere, services, 5, limit=5_000_000))
    found["nearest"] = np.where(near.cost < 0, 5000.0, near.cost / 1000)

    def total(on: Any, metres: int, where: Any = None, what: Any = amount) -> Any:
        every = everywhere if where is None else where
        return engine.within(on, every, every if len(what) == many else services, what, [metres * 1000])

    ones = np.ones(len(net["services"]))
    for km in (1, 2):
        found[f"dense {km} km"] = timed(f"dense {km} km", lambda r=1000 * km: total(graph, r))[:, 0, 0]
        found[f"sparse {km} km"] = timed(f"sparse {km} km", lambda r=1000 * km: total(graph, r, None, ones))[
            :, 0, 0
        ]
    profiles(engine, shape, cost, everywhere, net["services"], seconds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for name, how in (
        ("not in the order of the curve", {"hilbert": False}),
        ("no chains", {"contract": False}),
        ("neither", {"hilbert": False, "contract": False}),
    ):
        other = engine.Topology.of(tail, head, many, x, y, **how)
        at, on = engine.Points.at_nodes(other, np.arange(many)), other.weigh(cost, cost)
        start = time.process_time()
        total(on, 1000, at)
        seconds[f"dense 1 km, {name}"] = time.process_time() - start
    np.savez(values, **found)
    print(json.dumps({"seconds": seconds, "numba": numba.__version__, "peak MB": peak}))


def profiles(engine: Any, shape: Any, cost: Any, at: Any, services: Any, seconds: dict[str, float]) -> None:
    """Eight profiles and twelve kinds of service: costs, nearest and sums within 15 and 30 minutes' walk."""
    start = time.process_time()
    for speed in range(8):
        graph = shape.weigh(cost * (8 + speed) // 10, cost * (9 + speed) // 10)
        for kind in range(12):
            some = engine.Points.at_nodes(shape, services[kind::12])
            engine.nearest(graph, at, some)
            engine.within(graph, at, some, np.ones(len(services[kind::12])), [1_000_000, 2_000_000])
    seconds["8 profiles, 12 services"] = time.process_time() - start


if __name__ == "__main__":
    main(*sys.argv[1:])
