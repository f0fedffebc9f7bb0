"""Maps of opinion: ours beside red-dwarf on the same invented votes, each in a process of its own.

Both sides read the same votes and draw the map once, without resamples, which the peer does not have.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from bench.peers import environment, run_in

PEER = "red-dwarf==0.4.0"
PEOPLE, STATEMENTS, EACH = 30_000, 1_000, 40


def invented(people: int, statements: int, each: int, seed: int = 1) -> dict[str, Any]:
    """Return votes of three camps; everybody votes on about `each` statements."""
    rng = np.random.default_rng(seed)
    camp = rng.choice(3, people, p=(0.5, 0.3, 0.2))
    view = rng.choice((-1, 0, 1), (3, statements), p=(0.35, 0.15, 0.5))
    person = np.repeat(np.arange(people), rng.poisson(each, people))
    statement = rng.integers(0, statements, len(person))
    pair = np.unique(person * statements + statement)
    person, statement = np.divmod(pair, statements)
    vote = np.where(
        rng.random(len(pair)) < 0.8, view[camp[person], statement], rng.integers(-1, 2, len(pair))
    )
    return {"person": person.astype(np.int32), "statement": statement.astype(np.int32),
            "vote": vote.astype(np.int8), "size": np.array([people, statements])}  # fmt: skip


def run() -> list[dict[str, Any]]:
    """Measure both sides."""
    python = environment("red-dwarf", PEER)
    with tempfile.TemporaryDirectory(prefix="isopolis-bench-") as folder:
        path = Path(folder) / "votes.npz"
        np.savez(path, **invented(PEOPLE, STATEMENTS, EACH))
        votes = len(np.load(path)["vote"])
        ours = run_in(sys.executable, "opinions_ours.py", str(path))
        peer = run_in(python, "opinions_peer.py", str(path))
    conditions = (
        f"{date.today().isoformat()}, {platform.machine()}, {os.cpu_count()} cores shared with other work, "
        f"one thread each, Python {platform.python_version()}, {PEER}, {PEOPLE:,} people, "
        f"{STATEMENTS:,} statements, {votes:,} votes, groups found: {ours['groups']} and {peer['groups']}"
    )
    name = f"{PEOPLE:,} × {STATEMENTS:,}"
    return [
        {"name": f"{name}, {what}", "ours": ours[key], "peer": peer[key], "ratio": peer[key] / ours[key],
         "unit": unit, "conditions": conditions}
        for what, key, unit in (
            ("one map", "seconds", "CPU seconds"),
            ("largest memory of the process", "megabytes", "MB"),
        )
    ]  # fmt: skip


__all__ = ["invented", "run"]
