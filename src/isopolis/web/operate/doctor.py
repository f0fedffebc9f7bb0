"""Looking at an installation: what is well, what is not, and what to do next, in plain words."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

from isopolis.model import CallError

__all__ = ["Check", "examine", "print_checks"]

GOOD, CARE, BAD = "good", "care", "bad"
LITTLE_SPACE = 1_000_000_000
NO_SPACE = 100_000_000
OLD_BACKUP = timedelta(days=2)
SCRIPTS = {"Latin": "ąė", "Greek": "Ωλ", "Cyrillic": "Жщ", "Arabic": "عب"}
LONG_WAIT = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    state: str
    found: str
    do: str = ""


def examine(data: Path | None, now: datetime | None = None) -> Iterator[Check]:
    """Yield what was found; what cannot be looked at any more after a fault is left out."""
    now = now or datetime.now(UTC)
    yield from python_and_libraries()
    if data is not None:
        os.environ["ISOPOLIS_WEB_DATA"] = str(data.expanduser().absolute())
    from isopolis.web.options import read_options

    try:
        options = read_options()
    except CallError as error:
        yield Check("settings", BAD, str(error), "Correct it in the environment or in isopolis.toml.")
        return
    folder: Path = options["data"]
    if not folder.is_dir():
        yield Check("data folder", BAD, f"There is no folder {folder}.",
                    "Name it with --data, or start isopolis serve once, which makes it.")  # fmt: skip
        return
    yield from data_folder(folder)
    yield from settings_together(options, folder)
    yield from backups(folder, now)
    try:
        yield from _inside(options, folder, now)
    except CallError as error:
        yield Check("settings", BAD, str(error), "Correct it in the environment or in isopolis.toml.")


def _inside(options: dict[str, Any], folder: Path, now: datetime) -> Iterator[Check]:
    from django.core.exceptions import ImproperlyConfigured

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "isopolis.web.settings")
    import django
    from django.db import Error

    if not options["secret_key"] and not (folder / "secret_key").is_file():
        return  # settings_together has said so, and Django would refuse
    try:
        django.setup()
        yield from database(folder)
        for look in (tables, jobs, audit_log):
            yield from look(now)
    except (Error, ImproperlyConfigured) as error:
        said = str(error).strip().splitlines() or [type(error).__name__]
        yield Check("database", BAD, f"It does not answer: {said[0]}", "Start it, or correct database_url.")
        return
    yield from languages()
    yield from fonts()


# -- the machine --------------------------------------------------------------------------------
def python_and_libraries() -> Iterator[Check]:
    """Look at Python, and at the libraries that the platform asks for."""
    new_enough = sys.version_info >= (3, 11)
    yield Check("Python", GOOD if new_enough else BAD, f"Version {platform.python_version()}.",
                "" if new_enough else "Install Python 3.11 or newer.")  # fmt: skip
    try:
        asked = requires("isopolis") or []
    except PackageNotFoundError:
        yield Check("libraries", CARE, "Isopolis runs from its source and is not installed.",
                    "For a server, install it: python3 -m pip install 'isopolis[web]'.")  # fmt: skip
        return
    missing = sorted(_missing(asked))
    if missing:
        yield Check("libraries", BAD, f"Missing or too old: {', '.join(missing)}.",
                    "Install again: python3 -m pip install --upgrade 'isopolis[web]'.")  # fmt: skip
    else:
        yield Check("libraries", GOOD, "Everything that the platform needs is installed.")


def _missing(asked: list[str]) -> Iterator[str]:
    for line in asked:
        wanted, _, marker = line.partition(";")
        if "extra" in marker and "'web'" not in marker.replace('"', "'"):
            continue
        if "win32" in marker and sys.platform == "win32":
            continue
        match = re.match(r"([A-Za-z0-9._-]+)", wanted.strip())
        name, least = match[1] if match else wanted, re.search(r">=\s*([0-9.]+)", wanted)
        try:
            there = version(name)
        except PackageNotFoundError:
            yield name
            continue
        if least and _numbers(there) < _numbers(least[1]):
            yield f"{name} {there} (needed: {least[1]})"


def _numbers(text: str) -> list[int]:
    return [int(n) for n in re.findall(r"\d+", text)[:3]]


def data_folder(folder: Path) -> Iterator[Check]:
    """Look at who can read the folder, whether it can be written, and how much room there is."""
    mode = stat.S_IMODE(folder.stat().st_mode)
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield Check("data folder", BAD, f"{folder} cannot be written by this account.",
                    "Run this as the account of the server, or give the folder to it.")  # fmt: skip
    elif mode & 0o077 and sys.platform != "win32":
        yield Check("data folder", BAD, f"Other accounts of this machine can enter {folder} (mode {mode:o}).",
                    f"Run chmod 700 {folder}")  # fmt: skip
    else:
        yield Check("data folder", GOOD, f"{folder} is written by its owner only.")
    free = shutil.disk_usage(folder).free
    state = BAD if free < NO_SPACE else CARE if free < LITTLE_SPACE else GOOD
    yield Check("disk", state, f"{free / 1e9:,.1f} GB are free.",
                "" if state == GOOD else "Make room: without it nothing can be saved.")  # fmt: skip
    half_done = [n for n in (".before-restore",) if (folder / n).exists()]
    if half_done:
        yield Check("restore", BAD, "A restore was cut off.",
                    "Start isopolis serve: it puts back what was here before.")  # fmt: skip


# -- settings --------------------------------------------------------------------------------
def settings_together(options: dict[str, Any], folder: Path) -> Iterator[Check]:
    """Look at settings that only make sense together."""
    yield _key(options, folder)
    local = {"localhost", "127.0.0.1", "[::1]", "::1"}
    hosts = {h.strip() for h in options["hosts"].split(",") if h.strip()}
    public = hosts - local
    if "*" in hosts:
        yield Check("hosts", BAD, 'The setting hosts is "*": links in mail could be made to lead elsewhere.',
                    "List the names of this site.")  # fmt: skip
    elif public and not options["https"]:
        yield Check("https", BAD, f"The site is {', '.join(sorted(public))}, and passwords travel open.",
                    "Put a proxy with TLS before it and set https and proxy to true.")  # fmt: skip
    elif options["https"] and not public:
        yield Check("https", CARE, "https is set, but hosts names this machine only.",
                    "Put the public name of the site into hosts.")  # fmt: skip
    elif options["https"] and not options["proxy"]:
        yield Check("https", CARE, "https is set without proxy: behind a proxy pages redirect for ever.",
                    "Set proxy to true when a proxy ends TLS before this server.")  # fmt: skip
    elif options["proxy"] and not options["https"]:
        yield Check("https", BAD, "proxy is set without https: cookies may travel unprotected.",
                    "Set https to true too.")  # fmt: skip
    else:
        yield Check("https", GOOD, "Hosts, https and proxy go together.")
    yield _mail(options, bool(public))
    if options["debug"]:
        yield Check("debug", BAD if public else CARE, "Debug pages show settings and data.",
                    "Set debug to false.")  # fmt: skip


def _key(options: dict[str, Any], folder: Path) -> Check:
    path = folder / "secret_key"
    if options["secret_key"]:
        long = len(options["secret_key"]) >= 32
        return Check("secret key", GOOD if long else BAD, "It comes from the settings.",
                     "" if long else "It is short: use 50 random signs or more.")  # fmt: skip
    if not path.is_file():
        return Check("secret key", BAD, "There is none.", "Start isopolis serve once, or restore a backup.")
    if stat.S_IMODE(path.stat().st_mode) & 0o077 and sys.platform != "win32":
        return Check(
            "secret key", BAD, "Other accounts of this machine can read it.", f"Run chmod 600 {path}"
        )
    return Check("secret key", GOOD, "It is in the data folder and readable by its owner only.")


def _mail(options: dict[str, Any], public: bool) -> Check:
    if options["email_url"]:
        return Check("mail", GOOD, "A mail server is set.")
    return Check(
        "mail", CARE if public else GOOD, "No mail leaves this machine; it is kept in the data folder.",
        "Set email_url, or set signup to false: addresses are not verified without mail." if public else "",
    )  # fmt: skip


def backups(folder: Path, now: datetime) -> Iterator[Check]:
    """Look at the age of the last backup."""
    from .backup import last_backup

    at = last_backup(folder)
    if at is None:
        yield Check(
            "backup", CARE, "No backup has been made yet.", "Run isopolis backup, and once a day from now."
        )
    elif now < at - timedelta(minutes=5):
        yield Check("clock", BAD, f"The last backup is of {at:%Y-%m-%d %H:%M} UTC, which is later than now.",
                    "Set the clock of this machine by the network (NTP).")  # fmt: skip
    else:
        old = now - at > OLD_BACKUP
        yield Check("backup", CARE if old else GOOD, f"The last one was made {at:%Y-%m-%d %H:%M} UTC.",
                    "See why the daily backup did not run." if old else "")  # fmt: skip


# -- the database --------------------------------------------------------------------------------
def database(folder: Path) -> Iterator[Check]:
    """Look at version and health of the databases."""
    from django.db import connections

    for alias in sorted(connections):
        connection = connections[alias]
        if connection.vendor == "sqlite" and not Path(connection.settings_dict["NAME"]).exists():
            yield Check("database", BAD, "There is no database yet.", "Start isopolis serve, which makes it.")
            continue
        with connection.cursor() as cursor:
            yield (_sqlite if connection.vendor == "sqlite" else _postgres)(cursor, connection)


def _one(cursor: Any, sql: str) -> Any:
    cursor.execute(sql)
    return cursor.fetchone()[0]


def _sqlite(cursor: Any, connection: Any) -> Check:
    import sqlite3

    said, mode = _one(cursor, "PRAGMA quick_check"), _one(cursor, "PRAGMA journal_mode")
    what = f"SQLite {sqlite3.sqlite_version}, journal {mode}"
    if said != "ok":
        return Check("database", BAD, f"{what}: {said}", "Stop the server and restore the last backup.")
    if mode not in ("wal", "memory"):
        return Check("database", CARE, f"{what}: readers wait for writers.",
                     "Put the data folder on a local disk, not on a network drive.")  # fmt: skip
    return Check("database", GOOD, f"{what}, no damage found.")


def _postgres(cursor: Any, connection: Any) -> Check:
    number = connection.pg_version
    major = number // 10000
    if shutil.which("pg_dump") is None:
        return Check("database", CARE, f"PostgreSQL {major} answers, but pg_dump is missing for backups.",
                     "Install PostgreSQL's client programs in the server's version or newer.")  # fmt: skip
    return Check("database", GOOD, f"PostgreSQL {major} answers.")


def tables(now: datetime) -> Iterator[Check]:
    """Look whether the tables are those of this version, and whether the clocks agree."""
    from django.db import connection

    from .upgrade import state

    here = state()
    if here.unknown:
        yield Check("tables", BAD, f"They are of a newer version (it knows {here.unknown[0]}).",
                    "Install that version again.")  # fmt: skip
    elif here.pending:
        yield Check("tables", BAD, f"{len(here.pending)} changes of this version are not made yet.",
                    "Stop the server and run isopolis upgrade.")  # fmt: skip
    else:
        yield Check("tables", GOOD, "They are those of this version.")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            apart = abs((_one(cursor, "SELECT now()") - now).total_seconds())
        if apart > 60:
            yield Check("clock", BAD, f"This machine and the database differ by {apart:,.0f} seconds.",
                        "Set both clocks by the network (NTP).")  # fmt: skip


def jobs(now: datetime) -> Iterator[Check]:
    """Look whether somebody does the jobs, and whether one is stuck."""
    from .upgrade import state

    if state().pending:
        return
    from isopolis.web.health import QUIET
    from isopolis.web.work.models import Job, Runner

    alive = Runner.objects.filter(beat_at__gt=now - QUIET).exists()
    waiting = Job.objects.filter(state="queued").count()
    if alive:
        yield Check("job runner", GOOD, f"It works; {waiting} jobs wait.")
    else:
        yield Check("job runner", BAD if waiting else CARE, f"None was heard of lately; {waiting} jobs wait.",
                    "Start isopolis serve; it looks after the runner too.")  # fmt: skip
    stuck = Job.objects.filter(state="queued", created_at__lt=now - LONG_WAIT).count()
    if stuck:
        yield Check("jobs", CARE, f"{stuck} jobs have waited for more than six hours.",
                    "Raise jobs_at_once if the machine has room, or cancel what is not needed.")  # fmt: skip


def audit_log(now: datetime) -> Iterator[Check]:
    """Verify the chain of the audit log."""
    from .upgrade import state

    if state().pending:
        return
    from isopolis.web.audit.chain import verify

    wrong = list(verify())
    if wrong:
        yield Check("audit log", BAD, f"It is not whole: {wrong[0]}.",
                    "Keep this database as evidence, and compare with the last backup.")  # fmt: skip
    else:
        yield Check("audit log", GOOD, "It is whole.")


# -- what pages and reports need -------------------------------------------------------------------
def languages() -> Iterator[Check]:
    """Look whether every language that is offered has its texts."""
    from django.conf import settings

    def there(code: str) -> bool:
        name = code.replace("-", "_")
        return any((Path(p) / name / "LC_MESSAGES" / "django.mo").is_file() for p in settings.LOCALE_PATHS)

    lacking = [code for code, _ in settings.LANGUAGES if code != "en" and not there(code)]
    if lacking:
        yield Check("languages", CARE, f"No texts for {', '.join(lacking)}: English is shown instead.",
                    "Nothing, if these are meant to fall back; else install the whole package.")  # fmt: skip
    else:
        yield Check("languages", GOOD, "Every language that is offered has its texts.")


def fonts() -> Iterator[Check]:
    """Look whether reports in other scripts find a font on this machine."""
    from isopolis.report.fonts import covered

    missing = [name for name, letters in SCRIPTS.items() if not covered(letters)]
    if missing:
        yield Check("fonts", CARE, f"No font on this machine has {', '.join(missing)} letters.",
                    "Install one for PDF reports; on Debian: fonts-dejavu-core.")  # fmt: skip
    else:
        yield Check("fonts", GOOD, "Reports find fonts for Latin, Greek, Cyrillic and Arabic letters.")


def print_checks(checks: Iterator[Check], as_json: bool, write: Callable[[str], Any] = print) -> bool:
    """Print the checks; True when nothing is bad."""
    found = list(checks)
    well = all(c.state != BAD for c in found)
    if as_json:
        write(json.dumps({"well": well, "checks": [asdict(c) for c in found]}, indent=2, ensure_ascii=False))
        return well
    signs = {GOOD: "  good", CARE: "  CARE", BAD: "   BAD"}
    for check in found:
        write(f"{signs[check.state]}  {check.name}: {check.found}")
        if check.do:
            write(f"        → {check.do}")
    bad = sum(c.state == BAD for c in found)
    write("Nothing is wrong." if well else f"{bad} things to mend, marked BAD.")
    return well
