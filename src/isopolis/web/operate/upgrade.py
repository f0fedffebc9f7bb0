"""Bringing the tables of an installation to this version: backup first, check after, back on failure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from isopolis.model import CallError
from isopolis.web.database import unhurried

__all__ = [
    "NewerError",
    "State",
    "bring_up",
    "current_or_refuse",
    "erase_again",
    "refuse_while_served",
    "state",
    "upgrade",
]

Say = Callable[[str], None]


class NewerError(Exception):
    """The database was written by a newer version than this."""


@dataclass(frozen=True, slots=True)
class State:
    """What the tables are compared with this version.

    `pending` and `unknown` hold names like ``work.0001_initial``.
    """

    fresh: bool
    pending: tuple[str, ...]
    unknown: tuple[str, ...]


def state() -> State:
    """Compare the tables of all databases with this version; Django must be set up."""
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    fresh, pending, unknown = True, set(), set()
    for alias in connections:
        executor = MigrationExecutor(connections[alias])
        applied = set(executor.loader.applied_migrations)
        fresh = fresh and not applied
        ours = executor.loader.graph.leaf_nodes()
        pending |= {f"{m.app_label}.{m.name}" for m, _ in executor.migration_plan(ours)}
        known = set(executor.loader.disk_migrations)
        replaced = {r for m in executor.loader.disk_migrations.values() for r in m.replaces}
        apps = {app for app, _ in known}
        unknown |= {f"{app}.{name}" for app, name in applied - known - replaced if app in apps}
    return State(fresh, tuple(sorted(pending)), tuple(sorted(unknown)))


def bring_up() -> None:
    """Make or change the tables as this version needs them.

    Raises
    ------
    NewerError
        If the database knows steps that this version does not.
    """
    from django.core.management import call_command
    from django.db import connections

    now = state()
    if now.unknown:
        raise NewerError(
            f"the database was written by a newer version of Isopolis (it knows {now.unknown[0]}): install "
            "that version, or restore a backup that this one has made"
        )
    if now.pending:
        unhurried()
        for alias in connections:
            call_command("migrate", database=alias, interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)


def current_or_refuse() -> None:
    """Make the tables of a new installation; refuse one whose tables wait for an upgrade.

    Raises
    ------
    CallError
        That says which command to run.
    """
    _refuse_half_restored()
    now = state()
    if now.pending and not now.fresh and not now.unknown:
        raise CallError(
            f"the tables are those of an earlier version ({len(now.pending)} steps behind): stop the server, "
            "then run isopolis upgrade, which makes a backup first"
        )
    _bring_up()


def _refuse_half_restored() -> None:
    from django.db import connections

    from .databases import BEFORE

    for connection in connections.all():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [BEFORE])
                if cursor.fetchone():
                    raise CallError(
                        f"a restore was cut off; the tables of before lie in the schema {BEFORE}: run "
                        "isopolis restore again, which puts them back first"
                    )


def upgrade(folder: Path, say: Say) -> bool:
    """Upgrade an installation whose lock the caller holds alone; False when there was nothing to do.

    Raises
    ------
    CallError
        When it failed. SQLite is then as it was before; for PostgreSQL the message says how to go back.
    """
    from isopolis import __version__

    now = state()
    if now.unknown:
        _bring_up()  # says why not
    if not now.pending:
        return False
    if now.fresh:
        _bring_up()
        return True
    refuse_while_served()
    say(f"This version changes the tables in {len(now.pending)} steps: {', '.join(now.pending)}")
    from .backup import make_backup

    made = make_backup(folder, label="before-upgrade")
    say(f"Backup made first: {made.path}")
    try:
        _bring_up()
        _check()
    except Exception as error:
        raise CallError(_undone(folder, made.path, error)) from error
    from isopolis.web.audit.chain import append

    append("server.upgrade", actor=None, target="server:1", detail={"version": __version__})
    say(f"The tables are those of version {__version__} now.")
    erase_again(say)
    return True


def erase_again(say: Say) -> None:
    """Erase whoever had asked for it after the backup was made that is here now, if any is."""
    from isopolis.web.protect.replay import replay

    erased, left = replay()
    if erased:
        say(f"{len(erased)} accounts that had been erased were in the backup and are erased again.")
    if left:
        numbers = ", ".join(map(str, left))
        say(f"Still to be erased, after their workspaces have another owner: accounts {numbers}.")


def refuse_while_served() -> None:
    """Refuse while a server on any machine works on the same PostgreSQL; a lock on a file is not seen there.

    Raises
    ------
    CallError
        If a job runner was heard of in the last minute.
    """
    from datetime import timedelta

    from django.db import Error, connection, transaction
    from django.utils import timezone

    if connection.vendor != "postgresql":
        return
    from isopolis.web.work.models import Runner

    try:
        with transaction.atomic():
            heard = Runner.objects.filter(beat_at__gt=timezone.now() - timedelta(seconds=60)).exists()
    except Error:  # no such table yet
        return
    if heard:
        raise CallError(
            "a server was at work on this database within the last minute: stop it on every machine, or wait "
            "a minute if it was killed, then run the command again"
        )


def _bring_up() -> None:
    try:
        bring_up()
    except NewerError as error:
        raise CallError(str(error)) from None


def _check() -> None:
    """Raise when the upgraded database is not whole."""
    from django.db import connections

    from isopolis.web.audit.chain import verify

    wrong = list(verify())
    for connection in connections.all():
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA foreign_key_check")
                wrong += [f"a row of {r[0]} points at nothing" for r in cursor.fetchall()[:3]]
    if wrong:
        raise RuntimeError("; ".join(wrong))


def _undone(folder: Path, backup: Path, error: Exception) -> str:
    """Go back where that is possible without risk, and say what happened and what to do."""
    from django.db import connections

    what = f"the upgrade failed ({type(error).__name__}: {error})"
    if any(c.vendor != "sqlite" for c in connections.all()):
        return (
            f"{what}. Nothing is lost: go back to the version that you had, and run there "
            f"isopolis restore {backup} --replace"
        )
    _put_back(folder, backup)
    return (
        f"{what}. The database is as it was before; go on with the version that you had. Its backup: {backup}"
    )


def _put_back(folder: Path, backup: Path) -> None:
    """Put SQLite's files back from the backup made a moment ago; the other files have not changed."""
    import shutil
    import sqlite3
    import tempfile
    from contextlib import closing

    from django.db import connections

    from .archive import unpack

    scratch = Path(tempfile.mkdtemp(prefix=".undo-", dir=folder))
    try:
        for base in unpack(backup, scratch)["databases"]:
            connection: Any = connections[base["alias"]]
            connection.close()
            # by SQLite itself, in one transaction: a copy of files could be cut off in the middle
            with (
                closing(sqlite3.connect(scratch / base["file"])) as before,
                closing(sqlite3.connect(connection.settings_dict["NAME"])) as now,
            ):
                before.backup(now)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
