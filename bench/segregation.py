"""Segregation: ours beside PySAL `segregation`, at 2,000, 20,000 and 200,000 zones of six groups."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from .peers import environment, run_in

PEER = "segregation==2.5.4"
SIZES = {2_000: 20, 20_000: 4, 200_000: 1}
"""Zones → person permutations that the peer really runs."""

ITERATIONS = 1_000
AGREE = 1e-9


def city(zones: int, seed: int = 1) -> np.ndarray:
    """(zones, 6) persons: about 150 a zone, shares that vary smoothly."""
    rng = np.random.default_rng(seed)
    size = rng.poisson(rng.gamma(3, 50, zones))
    place = np.linspace(0, 8 * np.pi, zones)
    logits = np.stack([np.sin(place * (g + 1) / 3 + g) for g in range(6)], axis=1) + np.log(
        [2, 4, 6, 8, 10, 70]
    )
    weight = np.exp(logits + rng.normal(0, 0.3, logits.shape))
    return rng.multinomial(size, weight / weight.sum(axis=1, keepdims=True))


def run() -> list[dict[str, Any]]:
    """Run all sizes; our side and theirs in turn, twice, the better of two each."""
    python = environment("segregation", PEER)
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        for zones, draws in SIZES.items():
            print(f"{zones:,} zones", file=sys.stderr)
            path = Path(folder) / f"{zones}.npz"
            np.savez(path, x=city(zones))
            ours, theirs = [], []
            for _ in range(2):
                ours.append(run_in(sys.executable, "segregation_ours.py", str(path)))
                theirs.append(run_in(python, "segregation_peer.py", str(path), str(draws)))
            rows += compare(zones, draws, ours, theirs)
    return rows


def compare(zones: int, draws: int, ours: list[Any], theirs: list[Any]) -> list[dict[str, Any]]:
    """Rows of one size; raise if the two sides do not measure the same thing."""
    conditions = (
        f"{date.today().isoformat()}, {platform.machine()}, {os.cpu_count()} cores shared with other work, "
        f"one thread, Python {platform.python_version()}, numpy {ours[0]['numpy']}, "
        f"PySAL segregation {theirs[0]['segregation']}, least of two interleaved runs"
    )
    rows = []
    for name in ours[0]["seconds"]:
        mine = min(o["seconds"][name] for o in ours)
        peer = min((t["seconds"][name] for t in theirs if name in t["seconds"]), default=None)
        note = ""
        if name in theirs[0]["values"]:
            gap = abs(theirs[0]["values"][name] - ours[0]["values"][name])
            if gap > AGREE:
                raise SystemExit(f"{name} at {zones:,} zones: the two sides differ by {gap:.2g}")
        if name.startswith("inference") and peer is not None:
            peer *= ITERATIONS
            note = (
                f"; theirs extrapolated from {draws} to {ITERATIONS:,} person permutations, "
                "ours exact mean and sd"
            )
        if peer is None:
            note = "; not run by the peer at this size: it compares all pairs of zones"
        rows.append(
            {
                "name": f"{name}, {zones:,} zones",
                "ours": mine,
                "peer": peer,
                "ratio": None if peer is None else peer / mine,
                "unit": "CPU seconds",
                "conditions": conditions + note,
            }
        )
    return rows
