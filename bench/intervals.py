"""How often 95 % intervals of D, H, V and Gini hold the truth: generated cities whose truth is known.

``make coverage`` runs 2,000 cities per cell and writes after every 50, so that a run that was stopped says
how far it came. Cells that are complete are kept. ``python -m bench.intervals 200`` runs fewer.

The target of full counts is the value of the probabilities that generated them, zone populations fixed; of
all other counts it is the value of the true counts.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.measure import MEASURES, Observed, Question, estimate
from isopolis.model import Mechanism, Undefined
from isopolis.privacy.perturb import noise_table

Floats = npt.NDArray[np.float64]
NAMES = ("dissimilarity", "information_theory", "variance_ratio", "gini")
CITIES, BATCH, TABLES = 2_000, 50, 199
TARGET = Path(__file__).parent / "results" / "intervals.json"


@dataclass(frozen=True, slots=True)
class Cell:
    """One kind of city under one way of observing it; ranges are drawn from for every city.

    `share` is the group's part of the city, `spread` the sd of log-odds between zones.
    """

    name: str
    seen: str
    law: str
    zones: tuple[int, int]
    people: tuple[int, int]
    share: tuple[float, float]
    spread: tuple[float, float]


USUAL = ((40, 120), (200, 1_000), (0.05, 0.35), (0.3, 0.9))
CELLS = (
    Cell("full count, usual zones", "full", "normal", *USUAL),
    Cell("full count, small zones", "full", "normal", (40, 120), (25, 100), (0.05, 0.35), (0.4, 0.9)),
    Cell("full count, zones of 12 to 40", "full", "normal", (80, 200), (12, 40), (0.05, 0.35), (0.4, 0.9)),
    Cell("full count, few zones", "full", "normal", (12, 30), (100, 600), (0.05, 0.35), (0.3, 0.9)),
    Cell("full count, zones of two kinds", "full", "two", (40, 120), (50, 600), (0.05, 0.35), (0.4, 0.9)),
    Cell("full count, two kinds, large", "full", "two", (200, 400), (60, 200), (0.05, 0.35), (0.4, 0.9)),
    Cell("full count, skewed shares", "full", "skewed", *USUAL),
    Cell("full count, three groups", "full", "three", (40, 120), (60, 600), (0.05, 0.35), (0.4, 0.9)),
    Cell("sample of a tenth", "sample", "normal", (40, 120), (400, 2_000), (0.05, 0.35), (0.3, 0.9)),
    Cell("cell keys, D=5 V=2", "key", "normal", (40, 120), (40, 300), (0.05, 0.35), (0.3, 0.9)),
    Cell("cell keys, zones of two kinds", "key", "two", (40, 120), (40, 300), (0.05, 0.35), (0.4, 0.9)),
    Cell("hidden below 10", "hidden", "normal", (40, 120), (40, 200), (0.05, 0.35), (0.3, 0.9)),
    Cell("hidden below 10, two kinds", "hidden", "two", (40, 120), (40, 200), (0.05, 0.35), (0.4, 0.9)),
    Cell("hidden below 10, small group", "hidden", "normal", (40, 120), (100, 600), (0.01, 0.05), (0.3, 0.9)),
)  # fmt: skip


def city(cell: Cell, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return counts and the table of the probabilities behind them, (Z, 2) or (Z, 3)."""
    zones = int(rng.integers(*cell.zones))
    usual = np.exp(rng.uniform(*np.log(cell.people)))
    n = np.maximum(np.rint(usual * np.exp(0.4 * rng.standard_normal(zones))), 2).astype(np.int64)
    share, spread = rng.uniform(*cell.share), rng.uniform(*cell.spread)
    level = np.log(share / (1 - share))
    if cell.law == "two":
        some = rng.uniform(0.2, 0.5)
        kind = rng.random(zones) < some
        moved = np.where(kind, np.sqrt((1 - some) / some), -np.sqrt(some / (1 - some)))
    elif cell.law == "skewed":
        moved = rng.standard_exponential(zones) - 1
    else:
        moved = rng.standard_normal(zones)
    q = 1 / (1 + np.exp(-(level + spread * moved)))
    mix = np.stack([q, 1 - q], axis=1)
    if cell.law == "three":
        cut = 1 / (1 + np.exp(-(rng.uniform(-1.5, 0) + spread * rng.standard_normal(zones))))
        mix = np.stack([q, (1 - q) * cut, (1 - q) * (1 - cut)], axis=1)
    x = rng.multinomial(n, mix).astype(np.float64)
    return x, mix * n[:, None]


def observed(seen: str, x: Floats, rng: np.random.Generator) -> Observed:
    """Publish counts in one of the four ways."""
    if seen == "key":
        noise = noise_table(5, 2.0, 0).noise(x, rng.integers(0, 2**64, x.shape, dtype=np.uint64))
        return Observed(x + noise, mechanism=np.full(x.shape, Mechanism.CELL_KEY, np.uint8), parameter=2.0)
    if seen == "hidden":
        hidden = x < 10
        low, high = np.where(hidden, 0, x), np.where(hidden, 9, x)
        codes = np.where(hidden, Mechanism.INTERVAL, Mechanism.EXACT).astype(np.uint8)
        return Observed((low + high) / 2, low, high, mechanism=codes)
    if seen == "sample":
        asked = rng.binomial(x.astype(np.int64), 0.1).astype(np.float64)
        codes = np.full(x.shape, Mechanism.SAMPLE, np.uint8)
        return Observed(10 * asked, se=np.sqrt(90 * asked), mechanism=codes)
    return Observed(x)


@dataclass(slots=True)
class _Tally:
    """What was counted of one measure in one cell."""

    inside: int = 0
    below: int = 0
    refused: int = 0
    widths: list[float] | None = None
    errors: list[float] | None = None
    raw: list[float] | None = None

    def note(self, found: Any, truth: float, counted: float) -> None:
        self.widths, self.errors, self.raw = self.widths or [], self.errors or [], self.raw or []
        if isinstance(found.value, Undefined) or found.interval is None:
            self.refused += 1
            return
        low, high = found.interval
        self.inside += low - 1e-12 <= truth <= high + 1e-12
        self.below += truth < low - 1e-12
        self.widths.append(round(high - low, 6))
        self.errors.append(round(found.value - truth, 6))
        self.raw.append(round(counted - truth, 6))


def one_city(cell: Cell, seed: int, tallies: dict[str, _Tally]) -> None:
    """Generate, observe, estimate and note one city."""
    rng = np.random.default_rng([zlib.crc32(cell.name.encode()), seed])
    x, behind = city(cell, rng)
    while cell.seen == "hidden" and x.min() >= 10:  # with nothing hidden nothing is to be found out
        x, behind = city(cell, rng)
    seen = observed(cell.seen, x, rng)
    truth = behind if cell.seen == "full" else x
    questions = [Question(MEASURES[n], _everything, n) for n in NAMES]
    found = estimate(seen, questions, seed=seed, key="coverage", simulations=TABLES)
    for name, e in zip(NAMES, found, strict=True):
        kernel: Callable[[Floats], Any] = MEASURES[name].kernel
        tallies[name].note(e, float(kernel(truth)), float(kernel(seen.x)))


def _everything(x: Floats) -> Floats:
    return x


def rows_of(cell: Cell, cities: int, tallies: dict[str, _Tally], seconds: float) -> list[dict[str, Any]]:
    """Return one row per measure."""
    out = []
    for name, t in tallies.items():
        given = cities - t.refused
        out.append({
            "cell": cell.name, "measure": name, "cities": cities, "stated": 0.95,
            "covered": round(t.inside / given, 4) if given else None,
            "truth_below": round(t.below / given, 4) if given else None,
            "refused": round(t.refused / cities, 4),
            "median_width": round(float(np.median(t.widths or [0])), 4) if given else None,
            "mean_error": round(float(np.mean(t.errors or [0])), 4) if given else None,
            "mean_error_as_counted": round(float(np.mean(t.raw or [0])), 4) if given else None,
            "cpu_seconds_per_city": round(seconds / cities, 3), "date": date.today().isoformat(),
            "conditions": f"{TABLES} tables, one thread, numpy {np.__version__}, "
            f"python {platform.python_version()}, {os.cpu_count()} cores shared",
        })  # fmt: skip
    return out


def run(cities: int = CITIES, target: Path = TARGET, cells: tuple[Cell, ...] = CELLS) -> list[dict[str, Any]]:
    """Run the cells, writing after each batch; what `target` already holds in full is kept."""
    rows = json.loads(target.read_text(encoding="utf-8")) if target.exists() else []
    done = {r["cell"]: r["cities"] for r in rows}
    for cell in cells:
        if done.get(cell.name, 0) >= cities:
            continue
        tallies = {n: _Tally() for n in NAMES}
        start = time.process_time()
        for seed in range(cities):
            one_city(cell, seed, tallies)
            if (seed + 1) % BATCH == 0 or seed + 1 == cities:
                if seed + 1 < done.get(cell.name, 0):
                    continue
                mine = rows_of(cell, seed + 1, tallies, time.process_time() - start)
                rows = [r for r in rows if r["cell"] != cell.name] + mine
                target.parent.mkdir(exist_ok=True)
                target.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return rows


def show(rows: list[dict[str, Any]]) -> None:
    """Print the rows as a table."""
    for r in rows:
        covered = "-" if r["covered"] is None else f"{r['covered']:.1%}"
        width = "-" if r["median_width"] is None else f"{r['median_width']:.3f}"
        refused = f"{r['refused']:.1%}"
        print(f"{r['cell']:<36} {r['measure']:<20} {r['cities']:>5}  {covered:>6}  {width:>6}  {refused:>6}")
    print("\ncell, measure, cities, covered (95% stated), median width, refused")


if __name__ == "__main__":
    show(run(int(sys.argv[1]) if len(sys.argv) > 1 else CITIES))
