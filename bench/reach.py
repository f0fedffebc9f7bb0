"""Access on foot: ours beside pandana, on made-up street networks of 50,000 and 300,000 vertices.

pandana needs minutes to prepare the larger network, so what it measured is kept in bench/.env and used again;
remove that folder to measure again.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from .peers import HERE, environment, run_in

PEER = "pandana==0.8"
SIDES = {50_000: 230, 300_000: 562}
"""Vertices, about → cells on a side of the grid."""

SERVICES = 500
SLACK = 1.0
"""Metres by which the nearest service may differ: pandana cuts each edge to millimetres by floating point."""

GOALS = {
    ("build", 50_000): 300, ("build", 300_000): 500, ("nearest", 0): 100, ("dense 1 km", 0): 5,
    ("dense 2 km", 0): 5, ("sparse 1 km", 0): 100, ("sparse 2 km", 0): 100,
}  # fmt: skip


def network(side: int, seed: int = 3) -> dict[str, np.ndarray]:
    """Make a jittered grid of 100 m: 22 % of its edges dropped, 3 % diagonals, shuffled, one component."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    rng = np.random.default_rng(seed)
    many = side * side
    at = np.indices((side, side)).reshape(2, -1).T * 100.0 + rng.normal(0, 15, (many, 2))
    cell = np.arange(many).reshape(side, side)
    pairs = [(cell[:-1], cell[1:]), (cell[:, :-1], cell[:, 1:])]
    ends = np.concatenate([np.stack([a.ravel(), b.ravel()], 1) for a, b in pairs])
    ends = ends[rng.random(len(ends)) >= 0.22]
    slant = np.stack([cell[:-1, :-1].ravel(), cell[1:, 1:].ravel()], 1)
    ends = np.concatenate([ends, slant[rng.random(len(slant)) < 0.03]])
    mm = np.hypot(*(at[ends[:, 0]] - at[ends[:, 1]]).T) * (1 + rng.exponential(0.08, len(ends))) * 1000
    _, part = connected_components(
        coo_matrix((np.ones(len(ends)), ends.T), shape=(many, many)), directed=False
    )
    largest = part == np.bincount(part).argmax()
    kept = np.flatnonzero(largest)
    name = np.full(many, -1)
    name[kept] = rng.permutation(len(kept))
    order = rng.permutation(np.flatnonzero(largest[ends[:, 0]]))
    where = np.empty((len(kept), 2))
    where[name[kept]] = at[kept]
    cost = np.maximum(1, mm[order]).astype(np.int32)
    return {
        "x": where[:, 0], "y": where[:, 1], "tail": name[ends[order, 0]], "head": name[ends[order, 1]],
        "cost": cost, "metres": (cost + 0.1) / 1000, "amount": rng.integers(0, 100, len(kept)).astype(float),
        "services": rng.choice(len(kept), SERVICES, replace=False),
    }  # fmt: skip


def run() -> list[dict[str, Any]]:
    """Measure both sizes, one side after the other."""
    python = environment("reach", PEER)
    rows: list[dict[str, Any]] = []
    for about, side in SIDES.items():
        net = network(side)
        print(f"{len(net['x']):,} vertices, {len(net['tail']):,} edges", file=sys.stderr)
        with tempfile.TemporaryDirectory() as folder:
            path, values = Path(folder) / "net.npz", Path(folder) / "ours.npz"
            np.savez(path, **net)
            theirs, found = peer(python, path, about)
            run_in(sys.executable, "reach_ours.py", str(path), str(values))  # loops are compiled by now
            ours = run_in(sys.executable, "reach_ours.py", str(path), str(values))
            check(dict(np.load(values)), found)
        rows += compare(about, net, ours, theirs)
    return rows


def peer(python: Path, path: Path, about: int) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return what pandana measured on this network: now, or when it was first asked."""
    folder = HERE / ".env" / "reach"
    kept, values = folder / f"{about}.json", folder / f"{about}.npz"
    if not kept.exists():
        said = run_in(python, "reach_peer.py", str(path), str(values))
        kept.write_text(json.dumps({**said, "date": date.today().isoformat()}))
    return json.loads(kept.read_text()), dict(np.load(values))


def check(ours: dict[str, np.ndarray], theirs: dict[str, np.ndarray]) -> None:
    """Raise if the two sides do not measure the same thing."""
    for name, value in theirs.items():
        gap = np.abs(ours[name] - value)
        # a vertex within a millimetre of the cutoff is counted by one side only
        wrong = gap.max() > SLACK if name == "nearest" else (gap > 0).mean() > 0.02
        if wrong:
            raise SystemExit(f"{name}: the two sides differ at {(gap > 0).mean():.2%}, most {gap.max():.3g}")


def compare(
    about: int, net: dict[str, np.ndarray], ours: dict[str, Any], theirs: dict[str, Any]
) -> list[dict[str, Any]]:
    """Rows of one size."""
    conditions = (
        f"{len(net['x']):,} vertices, {len(net['tail']):,} edges, {SERVICES} services, "
        f"{date.today().isoformat()}, {platform.machine()}, {os.cpu_count()} cores shared with other work, "
        f"Python {platform.python_version()}, numba {ours['numba']}, pandana {theirs['pandana']} of "
        f"{theirs['date']}; loops compiled before; peak {ours['peak MB']:.0f} MB, pandana "
        f"{theirs['peak MB']:.0f} MB"
    )
    rows = []
    for name, seconds in ours["seconds"].items():
        other = theirs["seconds"].get(name)
        goal = GOALS.get((name, about), GOALS.get((name, 0)))
        rows.append({
            "name": f"{name}, {about // 1000}k", "ours": seconds, "peer": other,
            "ratio": None if other is None else other / seconds, "goal": goal, "unit": "CPU seconds",
            "conditions": conditions,
        })  # fmt: skip
    return rows
