"""One switch for the database under test: SQLite, or the PostgreSQL that ISOPOLIS_TEST_DATABASE_URL names.

Its account must be allowed to make databases: every data folder of a test gets one of its own.
"""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parents[1]
SWITCH = "ISOPOLIS_TEST_DATABASE_URL"
URL = os.environ.get(SWITCH, "")
POSTGRES = bool(URL)
_made: set[str] = set()


def url_of(data: Path) -> str:
    """Address of the database that belongs to a data folder; empty on SQLite, which lies in the folder."""
    if not POSTGRES:
        return ""
    name = _name_of(data)
    if name not in _made:
        _make(name)
    return _with_name(name)


def _name_of(data: Path) -> str:
    # the same folder always has the same one, in whichever process of the tests that is asked
    return "isopolis_" + hashlib.sha256(str(data.absolute()).encode()).hexdigest()[:20]


def _make(name: str, like: str = "") -> None:
    import psycopg
    from psycopg import errors

    _made.add(name)
    if name != _name_of(_place() / "data"):  # which all processes of the run need, see end()
        atexit.register(drop, name)
    template = f' TEMPLATE "{like}"' if like else ""
    # somebody else was faster: it is the same one
    with suppress(errors.DuplicateDatabase), psycopg.connect(_with_name("postgres"), autocommit=True) as base:
        base.execute(f'CREATE DATABASE "{name}"{template}')


def begin(data: Path) -> None:
    """Give a data folder the tables of a new installation, copied from ones made once in a run of the tests.

    Making them takes seconds; what has to be seen beginning from nothing does without this.
    """
    new = _new_installation()
    if POSTGRES:
        _make(_name_of(data), like=_name_of(new))
        return
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copy(new / "isopolis.sqlite3", data)


def _place() -> Path:
    # the workers of a run are the children of one process
    run = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    server = hashlib.sha256(URL.encode()).hexdigest()[:8]  # a test may have a server of its own
    return Path(tempfile.gettempdir()) / f"isopolis-new-{run}" / server


def _new_installation() -> Path:
    """Make a new installation once for all processes of this run; nobody is connected to it afterwards."""
    place = _place()
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "made").exists():
            make = "from isopolis.web.server import prepare; prepare(None)"
            subprocess.run([sys.executable, "-c", make], env=environment(place / "data"), check=True)
            (place / "made").touch()
    return place / "data"


def end() -> None:
    """Take the new installation away again, at the end of the run."""
    place = _place()
    if POSTGRES and (place / "made").exists():
        drop(_name_of(place / "data"))
    clear()


def clear() -> None:
    """Take the folders of new installations away."""
    shutil.rmtree(_place().parent, ignore_errors=True)


def drop(name: str) -> None:
    """Take a database away, with whoever is still connected."""
    import psycopg

    try:
        with psycopg.connect(_with_name("postgres"), autocommit=True) as base:
            base.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    except psycopg.Error:
        pass  # the server went first


def _with_name(name: str) -> str:
    return urlunsplit(urlsplit(URL)._replace(path=f"/{name}"))


def environment(data: Path, **more: str) -> dict[str, str]:
    """Surroundings of a process on a data folder: no setting of these tests' own, the right database."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("ISOPOLIS_WEB_", "DJANGO_"))}
    kept |= {"PYTHONPATH": str(ROOT / "src"), "ISOPOLIS_WEB_DATA": str(data)}
    if POSTGRES:
        kept["ISOPOLIS_WEB_DATABASE_URL"] = url_of(data)
    return kept | more


def ask(data: Path, question: str, *values: Any) -> list[tuple[Any, ...]]:
    """Put a question (with %s for values) to the database of a data folder, past all code of ours."""
    if POSTGRES:
        import psycopg

        with psycopg.connect(url_of(data), autocommit=True) as base:
            cursor = base.execute(question, values or None)
            return cursor.fetchall() if cursor.description else []
    with closing(sqlite3.connect(data / "isopolis.sqlite3", timeout=20)) as base:
        rows = base.execute(question.replace("%s", "?"), [str(v) for v in values]).fetchall()
        base.commit()
    return rows
