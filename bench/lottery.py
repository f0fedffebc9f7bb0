"""Fair lotteries: maximin beside sortition-algorithms, leximin alone, and a pool of more than 1,000 types.

The pools are invented (example data, not a real place): residents by several attributes, quotas as their
shares, and volunteers who are not like them. CPU seconds from people to chances; each side in a process
of its own with one thread. A peer that has not finished after `PATIENCE` CPU seconds is stopped, and its
row says so: the ratio is then a lower bound. Compiling and importing are not in the times.
"""

from __future__ import annotations

import json
import platform
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from .peers import environment, run_in

PEER = "sortition-algorithms==0.12.15"
PATIENCE = 600.0
LIMIT = 300.0
"""Seconds of the clock for the large pool."""


def three_types(people: int, size: int) -> dict[str, Any]:
    """Return a pool of three types, built like the example with which the greedy draw fails."""
    half = people // 2
    rows = [["female", "liberal"]] * (half - 1) + [["female", "conservative"]]
    rows += [["male", "conservative"]] * half
    low = size // 2 - 1
    quotas = [["a0", v, low, size] for v in ("female", "male")]
    quotas += [["a1", v, low, size] for v in ("liberal", "conservative")]
    return {"people": rows, "quotas": quotas, "size": size}


def several(people: int, size: int, values: tuple[int, ...], seed: int) -> dict[str, Any]:
    """Return a pool with attributes of so many values; quotas are the residents' shares, down and up."""
    rng = np.random.default_rng(seed)
    columns, quotas = [], []
    for f, many in enumerate(values):
        residents = rng.dirichlet(np.full(many, 4.0))
        come = residents * np.exp(rng.normal(0, 0.6, many))
        columns.append(rng.choice(many, people, p=come / come.sum()))
        exact = residents * size
        quotas += [[f"a{f}", str(v), int(x), int(np.ceil(x))] for v, x in enumerate(exact)]
    rows = [[str(v) for v in row] for row in np.stack(columns, 1)]
    return {"people": rows, "quotas": quotas, "size": size}


POOLS = {
    "200 to 20, 3 types": three_types(200, 20),
    "500 to 50, 4 attributes": several(500, 50, (2, 3, 4, 4), 1),
    "2,000 to 200, 3 types": three_types(2000, 200),
}
LARGE = ("1,727 to 110, 7 attributes", several(1727, 110, (3, 5, 8, 4, 4, 2, 6), 2))


def run() -> list[dict[str, Any]]:
    """Measure all pools."""
    python, rows = environment("lottery", PEER), []
    with tempfile.TemporaryDirectory(prefix="isopolis-bench-") as folder:
        for name, pool in POOLS.items():
            place = _written(folder, pool)
            ours = run_in(sys.executable, "lottery_ours.py", place, str(LIMIT), "maximin")
            peer = run_in(python, "lottery_peer.py", place, str(PATIENCE))
            late = peer["lowest"] is None
            if not late and abs(peer["lowest"] - ours["lowest"]) > 1e-4:
                raise SystemExit(f"{name}: lowest chance {ours['lowest']} here, {peer['lowest']} there")
            said = f"maximin, {name}" + (", peer stopped" if late else "")
            rows.append(_row(said, ours, peer["seconds"]))
            leximin = run_in(sys.executable, "lottery_ours.py", place, str(LIMIT), "leximin")
            rows.append(_row(f"leximin, {name}", leximin))
        name, pool = LARGE
        place = _written(folder, pool)
        for objective in ("maximin", "leximin"):
            ours = run_in(sys.executable, "lottery_ours.py", place, str(LIMIT), objective)
            rows.append(_row(f"{objective}, {name}, {ours['types']:,} types", ours))
            if ours["gap"] > 0.01 or ours["wall"] > LIMIT:
                print(f"{name}: gap {ours['gap']:.2%} after {ours['wall']:.0f} s", file=sys.stderr)
    return rows


def _written(folder: str, pool: dict[str, Any]) -> str:
    place = Path(folder) / "pool.json"
    place.write_text(json.dumps(pool), encoding="utf-8")
    return str(place)


def _row(name: str, ours: dict[str, Any], peer: float | None = None) -> dict[str, Any]:
    return {
        "name": name,
        "ours": ours["seconds"],
        "peer": peer,
        "ratio": peer / ours["seconds"] if peer is not None else None,
        "unit": "CPU seconds",
        "wall": ours["wall"],
        "gap": ours["gap"],
        "lowest": ours["lowest"],
        "conditions": f"Python {platform.python_version()}, {PEER}, one thread, others use the machine",
    }
