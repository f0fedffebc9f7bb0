"""Copying databases while others write: SQLite by its online backup, PostgreSQL by its own tools.

PostgreSQL's dump and restore are those that its administrators know, handle every type and every size, and
see one moment of the database; a format of our own would have to be kept right for ever.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from isopolis.model import CallError

__all__ = [
    "BEFORE", "counts_of", "dumped", "engine_of", "facts", "fresh_postgres", "has_tables", "put_back_schema",
    "run_tool", "swap_schema",
]  # fmt: skip

Ask = Callable[[str], list[tuple[Any, ...]]]
BEFORE = "isopolis_before_restore"


def engine_of(settings: Mapping[str, Any]) -> str:
    """Return "sqlite" or "postgresql"."""
    return "postgresql" if "postgres" in settings["ENGINE"] else "sqlite"


def dumped(connection: Any, target: Path) -> dict[str, Any]:
    """Write one moment of a database to `target`; return what was true of that moment."""
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(target)) as copy:
            connection.connection.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, without companions
            said = facts(_asking(copy), "sqlite")
        target.chmod(0o600)
        return said
    return _dump_postgres(connection, target)


def _asking(base: sqlite3.Connection) -> Ask:
    return lambda sql: base.execute(sql).fetchall()


def _dump_postgres(connection: Any, target: Path) -> dict[str, Any]:
    with _one_moment(connection) as (ask, moment):
        said = facts(ask, "postgresql")
        schema = str(ask("SELECT current_schema()")[0][0])
        if schema != "public":
            raise CallError(f'the tables lie in the schema "{schema}"; only "public" can be backed up')
        run_tool(
            ["pg_dump", "--format=custom", "--compress=0", "--no-owner", "--no-privileges",
             "--schema=public", f"--snapshot={moment}", f"--file={target}"],
            connection.settings_dict,
        )  # fmt: skip
    target.chmod(0o600)
    return said


@contextmanager
def _one_moment(connection: Any) -> Iterator[tuple[Ask, str]]:
    """Hold one moment of the database, for our own questions and for pg_dump alike."""
    fresh = connection.copy()
    try:
        with fresh.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0")
            cursor.execute("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")

            def ask(sql: str) -> list[tuple[Any, ...]]:
                cursor.execute(sql)
                return list(cursor.fetchall())

            yield ask, str(ask("SELECT pg_export_snapshot()")[0][0])
            cursor.execute("ROLLBACK")
    finally:
        fresh.close()


def facts(ask: Ask, engine: str) -> dict[str, Any]:
    """Say what a backup of this database must hold: rows per table, migrations, the audit log's end."""
    counts = counts_of(ask, engine)
    has = counts.__contains__
    applied = (
        ask("SELECT app, name FROM django_migrations ORDER BY app, name, id")
        if has("django_migrations")
        else []
    )
    head = ask("SELECT count, seal FROM audit_audithead WHERE id = 1") if has("audit_audithead") else []
    return {
        "counts": counts,
        "migrations": [list(r) for r in applied],
        "audit": {"rows": head[0][0], "seal": head[0][1]} if head else {"rows": 0, "seal": ""},
        "needs": sorted(_needed(ask, has)),
    }


def counts_of(ask: Ask, engine: str) -> dict[str, int]:
    """Count the rows of every table."""
    tables = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 7) != 'sqlite_'",
        "postgresql": "SELECT table_name FROM information_schema.tables "
        "WHERE table_schema = 'public' AND table_type = 'BASE TABLE'",
    }
    names = sorted(str(r[0]) for r in ask(tables[engine]))
    # names come from the database's own catalogue, and a quote in one is doubled
    return {n: int(ask('SELECT count(*) FROM "{}"'.format(n.replace('"', '""')))[0][0]) for n in names}


def _needed(ask: Ask, has: Callable[[str], bool]) -> Iterator[str]:
    """Name the files without which rows would point at nothing."""
    if has("datasets_dataset"):
        for workspace, number, files in ask("SELECT workspace_id, id, files FROM datasets_dataset"):
            for file in json.loads(files) if isinstance(files, str) else files:
                yield f"cities/{_uuid(workspace)}/{_uuid(number)}/{file['name']}"
    if has("work_job"):
        done = "SELECT workspace_id, id FROM work_job WHERE kind = 'diagnose' AND state = 'done'"
        for workspace, number in ask(done):
            yield f"results/{_uuid(workspace)}/{_uuid(number)}/pages/overview.json"
    if has("partnerships_hubitem"):
        kept = "SELECT partnership_id, id, data FROM partnerships_hubitem WHERE kind = 'document'"
        for partnership, number, data in ask(kept):
            if (json.loads(data) if isinstance(data, str) else data).get("file"):
                yield f"partnerships/{_uuid(partnership)}/{number}.file"


def _uuid(value: Any) -> str:
    return str(value if isinstance(value, UUID) else UUID(str(value)))


# -- PostgreSQL's own tools ------------------------------------------------------------------------
def run_tool(command: list[str], settings: Mapping[str, Any]) -> str:
    """Run one of PostgreSQL's programs against a database; the password is not on its command line.

    Raises
    ------
    CallError
        If the program is missing or fails, in its own words.
    """
    if shutil.which(command[0]) is None:
        raise CallError(
            f"{command[0]} is missing: install PostgreSQL's client programs (on Debian the package "
            "postgresql-client) in the server's version or a newer one"
        )
    more = {
        "PGHOST": settings["HOST"], "PGPORT": str(settings["PORT"] or ""), "PGUSER": settings["USER"],
        "PGPASSWORD": settings["PASSWORD"], "PGDATABASE": settings["NAME"],
    }  # fmt: skip
    for key, value in (settings.get("OPTIONS") or {}).items():  # sslmode is PGSSLMODE, and so on
        name = key.upper() if key == "connect_timeout" else key.upper().replace("_", "")
        more[f"PG{name}"] = str(value)
    environment = os.environ | {k: v for k, v in more.items() if v}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CallError(f"{command[0]} failed: {done.stderr.strip()[-1000:] or 'without a word'}")
    return done.stdout


def _psql(settings: Mapping[str, Any], sql: str) -> str:
    """Run SQL of our own in one transaction and return what it prints."""
    command = ["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]
    return run_tool([*command, "--command", sql], settings).strip()


@contextmanager
def fresh_postgres(settings: Mapping[str, Any], dump: Path, name: str) -> Iterator[dict[str, Any]]:
    """Make a database beside the real one, fill it from a dump, and drop it afterwards."""
    if _psql(settings, "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user") != "t":
        raise CallError(
            "a trial restore needs a database of its own, and the role of your settings may make none: let "
            f"an administrator of PostgreSQL run ALTER ROLE {settings['USER']} CREATEDB"
        )
    scratch = dict(settings) | {"NAME": name}
    _psql(settings, f'CREATE DATABASE "{name}"')
    try:
        load_postgres(scratch, dump)
        yield scratch
    finally:
        _psql(settings, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def load_postgres(settings: Mapping[str, Any], dump: Path) -> None:
    """Fill an empty database from a dump, in one transaction."""
    run_tool(
        ["pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges",
         "--schema=public",
         f"--dbname={settings['NAME']}", str(dump)],
        settings,
    )  # fmt: skip


def has_tables(settings: Mapping[str, Any]) -> bool:
    """Tell whether there is anything in the database."""
    return _psql(settings, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") != "0"


def swap_schema(settings: Mapping[str, Any], dump: Path) -> None:
    """Put a dump in the place of what is there: the old tables are set aside and come back on failure."""
    put_back_schema(settings)
    _psql(settings, f"ALTER SCHEMA public RENAME TO {BEFORE}; CREATE SCHEMA public")
    try:
        load_postgres(settings, dump)
    except BaseException:
        put_back_schema(settings)
        raise
    _psql(settings, f"DROP SCHEMA {BEFORE} CASCADE")


def put_back_schema(settings: Mapping[str, Any]) -> None:
    """Undo a swap that was cut off."""
    if _psql(settings, f"SELECT 1 FROM pg_namespace WHERE nspname = '{BEFORE}'"):
        _psql(settings, f"DROP SCHEMA IF EXISTS public CASCADE; ALTER SCHEMA {BEFORE} RENAME TO public")
