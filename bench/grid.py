"""A grid of 100 million cells, four groups and five radii on two workers; one of them is killed on the way.

The grid is made up, written to the disk by windows and never in memory as a whole. Rows of the result are
held against the same rows computed in memory, bit for bit. ``ISOPOLIS_GRID_CELLS`` makes it smaller.
"""

from __future__ import annotations

import os
import platform
import shutil
import signal
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from isopolis.flows.grid_profile import GridProfile, grid_profile
from isopolis.read.grids import ArrayGrid, read_grid
from isopolis.run import Dask, InProcess

CELLS = int(os.environ.get("ISOPOLIS_GRID_CELLS", "100_000_000"))
GROUPS = 4
CELL = 100.0
RADII = (100.0, 300.0, 1000.0, 2500.0, 5000.0)
MEMORY = 4 * 2**30
CHECKED = 400
"""Rows that are computed again in memory."""
WRITTEN = 100
"""Rows written at once."""


def write(path: Path, side: int) -> None:
    """Write (side, side, GROUPS) people: quarters of some kilometres, a third of the cells empty."""
    out = np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=(side, side, GROUPS))
    column = np.arange(side) / 40
    for first in range(0, side, WRITTEN):
        rng = np.random.default_rng([first, 6])
        row = (np.arange(first, min(first + WRITTEN, side)) / 40)[:, None]
        rate = np.stack(
            [3 * (1 + np.sin(row / (g + 1) + g) * np.sin(column / (g + 2) - g)) for g in range(GROUPS)],
            axis=2,
        )
        people = rng.poisson(rate)
        people[rng.random(people.shape[:2]) < 0.33] = 0
        out[first : first + len(people)] = people
    out.flush()


def cpu() -> float:
    """CPU seconds of this process."""
    return time.process_time()


def worker_state() -> tuple[int, float, int]:
    """Process, CPU seconds and largest memory in bytes of a worker; runs there."""
    import os
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    return os.getpid(), used.ru_utime + used.ru_stime, used.ru_maxrss * 1024


def on_workers(path: Path, keep: Path) -> tuple[GridProfile, dict[str, Any]]:
    """Run on two workers and kill one after a third of the bands."""
    seen: dict[str, Any] = {"killed": None, "lost_cpu": 0.0}
    with Dask.local(2, memory=MEMORY) as by:

        def tell(sentence: str) -> None:
            print(f"… {sentence}", file=sys.stderr, flush=True)
            words = sentence.split()
            if words[0] == "windows:" and seen["killed"] is None and 3 * int(words[1]) >= int(words[3]):
                pid, used, _ = next(iter(by.client.run(worker_state).values()))
                os.kill(pid, signal.SIGKILL)
                seen.update(killed=pid, lost_cpu=used)
                print(f"… killed worker {pid}", file=sys.stderr, flush=True)

        wall, begun = time.perf_counter(), cpu()
        found = grid_profile(
            read_grid([path]), RADII, cell=CELL, executor=by, keep=keep, simulations=0, progress=tell
        )
        states = list(by.client.run(worker_state).values())
        seen.update(
            wall=time.perf_counter() - wall,
            cpu=cpu() - begun + seen["lost_cpu"] + sum(s[1] for s in states),
            peak=max(s[2] for s in states),
        )
    return found, seen


def same_rows(path: Path, found: GridProfile) -> int:
    """Compute some rows in memory and compare; return how many numbers were equal bit for bit."""
    from isopolis.measure.scale.grid import Prefixes
    from isopolis.measure.scale.scores import row_scores

    halo = found.cut["rows_of_halo"]
    # across the border of two bands, and not at its beginning
    first = max(halo, found.cut["rows_of_a_band"] - CHECKED // 3)
    last = min(first + CHECKED, found.rows)
    bottom = min(last + halo, found.rows)
    people = np.load(path, mmap_mode="r")[first - halo : bottom]
    sums = Prefixes.of(np.array(people), compiled=True)
    # as the whole grid has it, whatever the people of these rows
    sums = Prefixes(sums.table.astype(np.int64)) if sum(found.totals) >= 2**31 else sums
    rows = row_scores(
        sums, [r / CELL for r in RADII], score="entropy", city=np.array(found.totals),
        rows=(halo, halo + last - first), engine="compiled",
    )  # fmt: skip
    there = np.ascontiguousarray(found.by_row["entropy"][:, first:last])
    if there.tobytes() != np.ascontiguousarray(rows).tobytes():
        raise SystemExit("rows computed in memory differ from those of the workers")
    return rows.size


def same_window(path: Path, side: int) -> None:
    """Cut a window out as a grid of its own: one process and two workers give the same values."""
    half = min(1000, side) // 2
    middle = side // 2
    cut = np.array(np.load(path, mmap_mode="r")[middle - half : middle + half, middle - half : middle + half])
    here = grid_profile(
        ArrayGrid(cut), RADII, cell=CELL, executor=InProcess(), band_rows=2 * half, simulations=0
    )
    with Dask.local(2, memory=MEMORY) as by:
        there = grid_profile(
            ArrayGrid(cut), RADII, cell=CELL, executor=by, band_rows=97, send=True, simulations=0
        )
    if here.values != there.values or here.by_row["entropy"].tobytes() != there.by_row["entropy"].tobytes():
        raise SystemExit("the window differs between one process and two workers")


def run() -> list[dict[str, Any]]:
    """Write the grid, run it on workers, hold it against memory."""
    side = round(CELLS**0.5)
    folder = Path(tempfile.mkdtemp(prefix="isopolis-bench-"))
    try:
        path = folder / "grid.npy"
        begun = cpu()
        write(path, side)
        print(f"… written in {cpu() - begun:.0f} CPU seconds", file=sys.stderr, flush=True)
        found, seen = on_workers(path, folder / "kept")
        equal = same_rows(path, found)
        same_window(path, side)
        size = path.stat().st_size
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if seen["killed"] is None or found.cut["workers_lost"] < 1:
        raise SystemExit("no worker was lost: this run shows nothing about that")
    cut = found.cut
    conditions = (
        f"{date.today().isoformat()}, {platform.machine()}, {os.cpu_count()} cores shared with other work, "
        f"Python {platform.python_version()}, numpy {np.__version__}; {side:,} × {side:,} cells × {GROUPS} "
        f"groups × {len(RADII)} radii (squares up to {RADII[-1]:g} m), {sum(found.totals):,} people, file of "
        f"{size / 2**20:,.0f} MiB; two workers of {MEMORY // 2**30} GiB each, {cut['bands']} bands of "
        f"{cut['rows_of_a_band']} rows with {cut['rows_of_halo']} of halo; a worker killed by SIGKILL after "
        f"a third, {cut['workers_lost']} lost; {equal:,} row sums and a window of its own equal bit for bit "
        f"to memory; H {', '.join(f'{v:.5f}' for v in found.values['entropy'])}"
    )

    def row(name: str, value: float, unit: str) -> dict[str, Any]:
        return {"name": f"{name}, {side * side:,} cells", "ours": value, "peer": None, "ratio": None,
                "unit": unit, "conditions": conditions}  # fmt: skip

    return [
        row(
            "profile on two workers",
            seen["cpu"],
            "CPU seconds, with the killed worker, compiled code on the disk",
        ),
        row("the same by the clock", seen["wall"], "seconds on a machine busy with other work"),
        row("largest memory of a worker", seen["peak"] / 2**30, "GiB"),
    ]


def show(rows: list[dict[str, Any]]) -> None:
    """Print the rows with their units."""
    for r in rows:
        print(f"{r['name']:<60}  {r['ours']:>10.2f} {r['unit']}")
    print(rows[0]["conditions"])
