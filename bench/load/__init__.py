"""Load: what a page and a change cost, in units of a bare view of the same server in the same run."""

from __future__ import annotations

import os
import platform
import statistics
import sys
import tempfile
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from .site import Site, packed

__all__ = ["run", "show"]

ROUNDS, REQUESTS = 5, 200
CONNECTIONS = 16
SECONDS = float(os.environ.get("ISOPOLIS_BENCH_SECONDS", "5"))
WRITING = float(os.environ.get("ISOPOLIS_BENCH_WRITING", "60"))
SWITCH = "ISOPOLIS_BENCH_DATABASE_URL"
Row = dict[str, Any]
PUBLIC = {"home": "/", "terms": "/terms/", "glossary": "/glossary/", "sign in": "/accounts/login/",
          "sign up": "/accounts/signup/", "published": "/p/"}  # fmt: skip
TARGETS = {"page": 10.0, "write": 5.0, "not changed": 2.0}


def run() -> list[Row]:
    """Measure on SQLite, and on PostgreSQL when ISOPOLIS_BENCH_DATABASE_URL names a database."""
    rows = []
    for name, url in (("SQLite", ""), ("PostgreSQL", os.environ.get(SWITCH, ""))):
        if name == "PostgreSQL" and not url:
            print(f"no {SWITCH}: SQLite only", file=sys.stderr)
            continue
        if url:
            _made(url)
        with tempfile.TemporaryDirectory() as folder, Site(Path(folder), url) as site:
            rows += _measured(site, name)
    return rows


def _made(url: str) -> None:
    """A cluster of its own has only the name of the database: make it."""
    import psycopg
    import psycopg.sql

    server, _, name = url.rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as link:
        if not link.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            link.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))


def _cases(site: Site) -> dict[str, tuple[str, dict[str, Any]]]:
    """What is asked for: its kind, and the order to the client."""
    cases: dict[str, tuple[str, dict[str, Any]]] = {"hello": ("unit", {"path": "/hello"})}
    visitor = Site(site.folder)
    visitor.port = site.port
    for name, path in PUBLIC.items():
        if visitor.status(path) == 200:
            cases[name] = ("page", {"path": path})
    style = "/static/isopolis/style.css"
    headers = visitor.get(style)[1]
    same = {"If-Modified-Since": headers["last-modified"]}
    cases["style sheet"] = ("file", {"path": style})
    cases["style sheet, 304"] = ("not changed", {"path": style, "headers": same})
    for name, path in site.furnish().items():
        cases[name] = ("member", {"path": path, "headers": site.carried})
    fields = {"name": "Town {unique}", "csrfmiddlewaretoken": site.cookies["csrftoken"]}
    cases["write"] = ("write", {"path": "/w/new/", "headers": site.carried, "fields": fields})
    return cases


def _measured(site: Site, database: str) -> list[Row]:
    cases = _cases(site)
    costs: dict[str, list[float]] = {name: [] for name in cases}
    for turn in range(ROUNDS + 1):  # in turn, so that a busy neighbour meets all of them; the first warms up
        for name, (_, order) in cases.items():
            before = site.cpu()
            said = site.load(connections=4, requests=REQUESTS // 4, **order)
            _all_well(name, said["statuses"])
            if turn:
                costs[name].append((site.cpu() - before) / len(said["times"]))
    memory = site.memory()
    unit = statistics.median(costs["hello"])
    rows = []
    for name, (kind, order) in cases.items():
        print(f"{database}: {name}", file=sys.stderr)
        said = site.load(connections=CONNECTIONS, seconds=SECONDS, **order)
        _all_well(name, said["statuses"])
        middle, most = _quantile(said["times"], 0.5), _quantile(said["times"], 0.99)
        size = None if kind in ("write", "not changed") else packed(_body(site, order))
        cost = statistics.median(costs[name])
        rows.append(
            {
                "database": database, "name": name, "kind": kind, "cpu_ms": round(cost * 1000, 3),
                "ratio": round(cost / unit, 2), "at_most": TARGETS.get(kind),
                "p50_ms": round(middle * 1000, 2), "p99_ms": round(most * 1000, 2),
                "spread": round(most / middle, 1), "bytes_packed": size,
                "requests_per_second": round(len(said["times"]) / SECONDS),
            }
        )  # fmt: skip
    return [*rows, _writers(site, database, cases["write"][1], memory)]


def _writers(site: Site, database: str, order: dict[str, Any], memory: list[float]) -> Row:
    """Sixteen writers for a minute: how many changes, and how many were refused."""
    said = site.load(connections=CONNECTIONS, seconds=WRITING, **order)
    log = site.log.read_text()
    middle, most = _quantile(said["times"], 0.5), _quantile(said["times"], 0.99)
    return {
        "database": database, "name": f"{CONNECTIONS} writers for {WRITING:.0f} s", "kind": "writers",
        "answers": said["statuses"], "locked": log.count("database is locked"),
        "p50_ms": round(middle * 1000, 2), "p99_ms": round(most * 1000, 2), "spread": round(most / middle, 1),
        "memory_mb_per_worker": [round(m, 1) for m in memory], "conditions": _conditions(),
    }  # fmt: skip


def _body(site: Site, order: dict[str, Any]) -> bytes:
    visitor = Site(site.folder, cookies=dict(site.cookies) if "headers" in order else {})
    visitor.port = site.port
    return visitor.get(order["path"])[2]


def _all_well(name: str, statuses: dict[str, int]) -> None:
    wrong = {s: n for s, n in statuses.items() if s not in ("200", "302", "304")}
    if wrong:
        raise RuntimeError(f"{name}: {wrong}")


def _quantile(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


def _conditions() -> str:
    return (
        f"{date.today().isoformat()}, {platform.machine()}, {os.cpu_count()} cores shared with other work, "
        f"Python {platform.python_version()}, Django {version('django')}, gunicorn {version('gunicorn')} "
        "with 2 processes of 4 threads; processor time of the web server only, median of "
        f"{ROUNDS} rounds of {REQUESTS} requests over 4 connections; p50 and p99 over {CONNECTIONS}"
    )


def show(rows: list[Row]) -> None:
    """Print the rows as a table."""
    head = ("database", "name", "cpu_ms", "ratio", "at_most", "p50_ms", "p99_ms", "spread", "bytes_packed")
    table = [head, *(tuple("-" if r.get(k) is None else str(r[k]) for k in head) for r in rows)]
    wide = [max(len(line[i]) for line in table) for i in range(len(head))]
    for line in table:
        print("  ".join(cell.ljust(w) for cell, w in zip(line, wide, strict=True)))
    for row in rows:
        if row["kind"] == "writers":
            print(f"\n{row['database']}: {row['answers']}, locked {row['locked']}, "
                  f"{row['memory_mb_per_worker']} MB per worker\n{row['conditions']}")  # fmt: skip
