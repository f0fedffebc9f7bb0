"""How often known rates lie in their intervals: the vote of the example city drawn again and again.

Not a bench of speed: its figures stand in docs/representation.md. Rates are those of the city's truth.json
(log-odds of age and origin + those of the district), and once more with noise of its own in every cell.
"""

from __future__ import annotations

import csv
import json
import platform
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.engage.representation.board import board
from isopolis.engage.representation.placed import Placed
from isopolis.flows.example import write_example
from isopolis.flows.who_took_part import policy_of
from isopolis.intersect.shrink import shrink
from isopolis.model import Counts, Dimension

ZONES = 60
RUNS = 20
RUNS_HIDDEN = 10
NOISE = 0.3
SIZES = ((1, 9), (10, 29), (30, 99), (100, 10**9))

Floats = npt.NDArray[np.float64]


def run() -> list[dict[str, Any]]:
    """Return one row per model of the rates and class of cells."""
    with tempfile.TemporaryDirectory() as folder:
        town = _Town(write_example(Path(folder) / "town", zones=ZONES))
    out = []
    for name, noise in (("as made", 0.0), (f"with noise {NOISE} in every cell", NOISE)):
        out += list(_exact(town, name, noise))
        out += list(_hidden(town, name, noise))
    return out


class _Town:
    """Residents and rates of the example city."""

    def __init__(self, folder: Path) -> None:
        told = json.loads((folder / "truth.json").read_text(encoding="utf-8"))["turnout"]
        with (folder / "participation.csv").open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        self.zones = sorted({r["zone"] for r in rows})
        self.ages = list(next(iter(told["cell_rates"].values())))
        self.origins = list(told["cell_rates"])
        self.people = np.zeros((len(self.zones), len(self.ages), len(self.origins)))
        for r in rows:
            at = self.zones.index(r["zone"]), self.ages.index(r["age"]), self.origins.index(r["origin"])
            self.people[at] = float(r["eligible"])
        cell = np.array([[told["cell_rates"][o][a] for o in self.origins] for a in self.ages])
        # ids of zones begin with that of their district
        shift = np.array([told["district_logit"][z[:2]] for z in self.zones])
        self.logit = np.log(cell / (1 - cell))[None] + shift[:, None, None]

    def drawn(self, rng: np.random.Generator, noise: float) -> tuple[Floats, Floats]:
        """Return rates and participants."""
        rate = 1 / (1 + np.exp(-(self.logit + noise * rng.normal(size=self.logit.shape))))
        return rate, rng.binomial(self.people.astype(np.int64), rate).astype(np.float64)

    @property
    def features(self) -> Floats:
        """(groups, categories) which categories each crossing has."""
        pairs = [(a, o) for a in range(len(self.ages)) for o in range(len(self.origins))]
        ages, origins = np.eye(len(self.ages)), np.eye(len(self.origins))
        return np.array([[*ages[a], *origins[o]] for a, o in pairs])


def _row(name: str, what: str, inside: Floats, width: Floats, error: Floats) -> dict[str, Any]:
    return {
        "rates": name, "cells": what, "n": len(inside), "covered": round(float(inside.mean()), 4),
        "width": round(float(width.mean()), 4), "rmse": round(float(np.sqrt((error**2).mean())), 4),
        "stated": 0.95, "date": date.today().isoformat(),
        "conditions": f"{ZONES} zones, {RUNS} and {RUNS_HIDDEN} draws, numpy {np.__version__}, "
        f"python {platform.python_version()}",
    }  # fmt: skip


def _exact(town: _Town, name: str, noise: float) -> Iterator[dict[str, Any]]:
    """All cells of zone × age × origin, counted exactly."""
    rng = np.random.default_rng(28)
    kept: list[tuple[Floats, ...]] = []
    people = town.people.reshape(len(town.zones), -1)
    for _run in range(RUNS):
        rate, took = (x.reshape(people.shape) for x in town.drawn(rng, noise))
        found = shrink(took, people, town.features, crossed=True)
        inside = (found.low <= rate) & (rate <= found.high)
        kept.append((inside.astype(float), found.high - found.low, found.mean - rate, people))
    inside, width, error, size = (np.stack([k[i] for k in kept]).ravel() for i in range(4))
    for low, high in SIZES:
        use = (size >= low) & (size <= high)
        label = f"{low} to {high} residents" if high < 10**9 else f"{low} residents and more"
        yield _row(name, label, inside[use], width[use], error[use])
    yield _row(name, "all", inside[size > 0], width[size > 0], error[size > 0])


def _hidden(town: _Town, name: str, noise: float) -> Iterator[dict[str, Any]]:
    """Cells of zone × age behind the gate: those that are shown and those that are hidden."""
    rng = np.random.default_rng(29)
    seen: dict[bool, list[tuple[float, float, float]]] = {True: [], False: []}
    ages = (Dimension("age", tuple(town.ages)),)
    people = town.people.sum(axis=2)
    zones, exact = np.array(town.zones, dtype=object), np.zeros(1, np.uint8)
    for _run in range(RUNS_HIDDEN):
        rate, took = town.drawn(rng, noise)
        true = (rate * town.people).sum(axis=2) / np.maximum(people, 1)
        counts = [Counts(zones, ages, v, exact) for v in (took.sum(axis=2), people)]
        made = board(Placed(counts[0], counts[1], int(took.sum())), policy_of())
        for line, real in zip(made.cells, true.ravel(), strict=True):
            if isinstance(line.rate, float) and line.rate_interval is not None:
                low, high = line.rate_interval
                hidden = line.took is None
                seen[hidden].append((float(low <= real <= high), high - low, line.rate - float(real)))
    for hidden, label in ((False, "zone × age, shown"), (True, "zone × age, hidden")):
        inside, width, error = np.array(seen[hidden]).T
        yield _row(name, label, inside, width, error)


def show(rows: list[dict[str, Any]]) -> None:
    """Print the rows as a table."""
    for r in rows:
        figures = f"covered {r['covered']:.1%}  width {r['width']:.3f}  error {r['rmse']:.3f}"
        print(f"{r['rates']:<28} {r['cells']:<26} {r['n']:>6}  {figures}")
    print(f"\n95% is stated; {rows[0]['conditions']}")
