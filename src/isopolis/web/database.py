"""The database from one address: SQLite in the data folder, or PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from isopolis.model import CallError

__all__ = ["POSTGRES", "database_from", "unhurried"]

SECONDS = 20
"""How long a change waits for another one, on both databases."""

# FULL: each change carries an audit row, and an acknowledged one must outlive a power cut
PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA busy_timeout={}; "
    "PRAGMA secure_delete=ON;"  # what is erased is overwritten in the file
)

POSTGRES: dict[str, Any] = {
    "connect_timeout": 5,
    # a peer that vanished without a word is noticed within half a minute, also in the middle of a question
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
    # no page may hold a lock, or a connection, for longer than its visitor waits
    "options": f"-c statement_timeout=30s -c lock_timeout={SECONDS}s "
    "-c idle_in_transaction_session_timeout=60s",
}
"""What a connection is made with, unless the address says something else after its question mark."""


def database_from(url: str, folder: Path) -> dict[str, Any]:
    """Return Django's settings of one database.

    Raises
    ------
    CallError
        If the address is of no known kind.
    """
    if not url:
        return _sqlite(folder / "isopolis.sqlite3")
    parts = urlsplit(url)
    said = dict(parse_qsl(parts.query))
    if parts.scheme == "sqlite":
        return _sqlite(Path(unquote(parts.path)), said.get("timeout", ""))
    if parts.scheme not in ("postgres", "postgresql"):
        raise CallError(
            f'database_url must start with postgresql:// or sqlite:// (found "{parts.scheme}://")'
        )
    return {
        "ENGINE": "isopolis.web.engines.postgres",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        # each thread of the web server keeps one connection: as many as there are threads and never more,
        # so that there is nothing for a pool to do
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": POSTGRES | said,
    }


def unhurried() -> None:
    """Lift the limit for one statement, in this process and connection, for changes of the tables."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")


def _sqlite(path: Path, timeout: str = "") -> dict[str, Any]:
    if timeout and not timeout.isdecimal():
        raise CallError(f'the timeout in database_url must be whole seconds (found "{timeout}")')
    seconds = int(timeout or SECONDS)
    return {
        "ENGINE": "isopolis.web.engines.sqlite",
        "NAME": str(path),
        # open connections keep SQLite's shared memory file, without which a full disk lets nobody read
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        # a writer takes its lock at the start, so that two never meet half-way
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": seconds,
            "init_command": PRAGMAS.format(seconds * 1000),
        },
    }
