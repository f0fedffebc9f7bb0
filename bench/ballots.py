"""Ballots: how many a second are accepted with full durability, and what one costs, on both databases.

Each ballot is a form that is sent over HTTP with a one-time code, and is answered after its commit: SQLite
with ``synchronous=FULL``, PostgreSQL with ``fsync`` and ``synchronous_commit`` on. Server, database and the
client share the machine.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

__all__ = ["run", "show"]

PEOPLE = int(os.environ.get("ISOPOLIS_BENCH_VOTERS", "3000"))
CONNECTIONS = 24
WARM = 200
TARGET = 200.0
Row = dict[str, Any]


def run() -> list[Row]:
    """Measure on SQLite, and on a PostgreSQL that is thrown away, when its programs are here."""
    from tests.faults.cluster import Cluster, programs

    rows = [_apart({})]
    if programs() is None:
        print("no programs of PostgreSQL: SQLite only", file=sys.stderr)
        return rows
    cluster = Cluster()
    try:
        cluster.stop()
        with (cluster.data / "postgresql.conf").open("a") as file:
            file.write("fsync = on\nsynchronous_commit = on\n")  # the last line of a setting counts
        cluster.start()
        server = int((cluster.data / "postmaster.pid").read_text().splitlines()[0])
        rows.append(_apart({"ISOPOLIS_TEST_DATABASE_URL": cluster.url, "ISOPOLIS_BENCH_SERVER": str(server)}))
    finally:
        cluster.remove()
    return rows


def _apart(more: dict[str, str]) -> Row:
    """Measure in a process of its own: which database it is stands in the environment."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.ballots"],
        env=os.environ | more,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    row: Row = json.loads(done.stdout.splitlines()[-1])
    return row


def _cpu(root: int) -> float:
    """Processor seconds of the web server below a process, or of a database and everything below it."""
    from tests.faults.platform import tree

    below = tree(root)
    web = [pid for pid, (_parent, line) in below.items() if "gunicorn" in line]
    total = 0
    for pid in web or below:
        try:
            fields = (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def _sync_ms(folder: Path) -> float:
    """What it takes this disk to keep 4 kB, at the median."""
    times = []
    with (folder / "sync").open("wb") as file:
        for _n in range(100):
            began = time.perf_counter()
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - began)
    return sorted(times)[50] * 1000


def _yardstick_ms() -> float:
    """Processor time of a loop that never changes: what a millisecond is worth on this machine just now."""
    began, total = time.process_time(), 0
    for n in range(1_000_000):
        total += n * n
    return 1000 * (time.process_time() - began)


def _conditions() -> str:
    return (
        f"{date.today().isoformat()}, {platform.machine()}, {os.cpu_count()} cores shared with the client "
        f"and with other work (load average {os.getloadavg()[0]:.1f}), Python {platform.python_version()}, "
        f"gunicorn with 2 processes of 4 threads, {CONNECTIONS} connections, batches of 50 at least"
    )


def _cast(site: Any, path: str, codes: list[str]) -> dict[str, Any]:
    """Cast in a process of its own, so that nobody waits for the interpreter of this one."""
    order = {"port": site.port, "path": path, "codes": codes, "connections": CONNECTIONS}
    done = subprocess.run(
        [sys.executable, "-m", "bench.load.voters"],
        input=json.dumps(order),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def _one() -> Row:
    from tests.faults.platform import Platform
    from tests.faults.voting import installed, told

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = installed(folder / "kind")
        site = Platform(folder / "data", PYTHONPATH=path)
        server = int(os.environ.get("ISOPOLIS_BENCH_SERVER", "0"))
        try:
            vote = told(site.folder, path, "made", str(PEOPLE), "50")
            first = _cast(site, vote["path"], vote["codes"][:WARM])
            speed = [_yardstick_ms()]
            before = _cpu(site.process.pid), _cpu(server) if server else 0.0
            said = _cast(site, vote["path"], vote["codes"][WARM:])
            after = _cpu(site.process.pid), _cpu(server) if server else 0.0
            speed.append(_yardstick_ms())
            done = told(site.folder, path, "checked", said=first["receipts"] + said["receipts"])
        finally:
            site.stop()
        if done["lost"] or done["counted"] != PEOPLE or set(said["answers"]) != {"200"}:
            raise RuntimeError(f"{said['answers']} {done}")
        times, n = sorted(said["times"]), len(said["times"])
        web, database = (1000 * (b - a) / n for a, b in zip(before, after, strict=True))
        client = 1000 * said["cpu"] / n
        return {
            "database": "PostgreSQL" if server else "SQLite",
            "ballots": n,
            "per_second": round(n / said["seconds"], 1),
            "at_least": TARGET,
            "cpu_ms_web": round(web, 2),
            "cpu_ms_database": round(database, 2),
            "cpu_ms_client": round(client, 2),
            "per_second_of_cpu": round(1000 / (web + database)),
            "per_second_on_two_cores": round(2000 / (web + database + client)),
            "p50_ms": round(1000 * times[n // 2], 1),
            "p99_ms": round(1000 * times[int(n * 0.99)], 1),
            "sync_ms": round(_sync_ms(folder), 2),
            "yardstick_ms": [round(s) for s in speed],
            "lost": done["lost"],
            "counted_twice": done["counted"] - PEOPLE,
            "conditions": _conditions(),
        }


def show(rows: list[Row]) -> None:
    """Print the rows as a table."""
    head = (
        "database", "ballots", "per_second", "at_least", "cpu_ms_web", "cpu_ms_database", "cpu_ms_client",
        "per_second_of_cpu", "per_second_on_two_cores", "p50_ms", "p99_ms", "sync_ms", "yardstick_ms", "lost",
        "counted_twice",
    )  # fmt: skip
    table = [head, *(tuple(str(r[k]) for k in head) for r in rows)]
    wide = [max(len(line[i]) for line in table) for i in range(len(head))]
    for line in table:
        print("  ".join(cell.ljust(w) for cell, w in zip(line, wide, strict=True)))
    print(f"\n{rows[0]['conditions']}")


if __name__ == "__main__":
    print(json.dumps(_one()))
