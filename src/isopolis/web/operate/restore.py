"""Putting a backup back, all of it or nothing; or trying whether that would work.

A backup is unpacked and looked at in a scratch folder first. Only then is anything replaced: PostgreSQL in
one transaction with the old tables set aside, files by renames that a journal can undo.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from isopolis.model import CallError
from isopolis.web.database import database_from
from isopolis.web.options import CONFIG_FILE, PREFIX, read_options

from .archive import MANIFEST, unpack
from .backup import FOLDER, LAST
from .databases import engine_of, fresh_postgres, has_tables, put_back_schema, swap_schema
from .lock import LOCK, alone
from .swap import put_in_place, recover

__all__ = ["ERASED", "Trial", "occupied", "restore", "try_out"]

Say = Callable[[str], None]
STAYS = {FOLDER, LAST, LOCK, "mail"}
ADDRESSES = {"default": "database_url", "equality": "equality_url"}
"""The setting that says where each database is."""
ERASED = "erased.csv"
"""Numbers of accounts that asked to be forgotten: a restore must not forget that they did."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of looking at a backup."""

    manifest: Mapping[str, Any]
    problems: tuple[str, ...]
    upgrade: str
    audit: int
    results: int

    def __bool__(self) -> bool:
        return not self.problems


def try_out(file: Path, data: Path | None) -> Trial:
    """Restore into a scratch folder, check everything there, and leave nothing behind."""
    folder = _folder(data)
    place = folder if folder.is_dir() else None
    with _scratch(place) as scratch:
        manifest = unpack(file, scratch)
        return _look(scratch, manifest, folder)


def restore(file: Path, data: Path | None, *, replace: bool, say: Say) -> Trial:
    """Put a backup into the data folder and the database of the settings.

    Raises
    ------
    CallError
        If something is there already and `replace` is not set, if a server runs, or if the backup is not
        good; nothing has been changed then.
    """
    folder = _folder(data)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise CallError(f"the data folder {folder} cannot be used: {error.strerror}") from None
    with alone(folder):
        recover(folder)
        with _scratch(folder) as scratch:
            manifest = unpack(file, scratch)
            targets = _targets(folder, scratch, manifest)
            for settings in targets.values():
                if engine_of(settings) == "postgresql":
                    put_back_schema(settings)
            trial = _look(scratch, manifest, folder)
            if not trial:
                raise CallError(f"{file.name} cannot be restored: {'; '.join(trial.problems)}")
            if occupied(folder, targets):
                _make_room(folder, replace, say)
            _replace(folder, scratch, manifest, targets)
        _write_down(folder, manifest, say)
    return trial


def _folder(data: Path | None) -> Path:
    if data is not None:
        return data.expanduser().absolute()
    folder: Path = read_options()["data"]
    return folder


@contextmanager
def _scratch(folder: Path | None) -> Iterator[Path]:
    """Give a folder that only we can read, on the same disk where that matters, and remove it."""
    made = Path(tempfile.mkdtemp(prefix=".restore-", dir=folder))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


# -- looking --------------------------------------------------------------------------------
def _look(scratch: Path, manifest: dict[str, Any], folder: Path) -> Trial:
    """Open copies of the databases in a process of its own."""
    trial = scratch / "trial"
    (trial / "data").mkdir(parents=True)
    for name in ("cities", "results"):  # looked at and not changed
        if (scratch / "data" / name).is_dir():
            os.symlink(scratch / "data" / name, trial / "data" / name)
    (trial / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    with _databases(trial / "data", scratch, manifest, folder) as urls:
        environment = {k: v for k, v in os.environ.items() if not k.startswith((PREFIX, "DJANGO_"))}
        environment |= {PREFIX + "DATA": str(trial / "data"), PREFIX + "SECRET_KEY": secrets.token_hex(20)}
        environment |= {PREFIX + ADDRESSES[alias].upper(): url for alias, url in urls.items()}
        command = [sys.executable, "-m", "isopolis.web.operate.inspect", str(trial)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    shutil.rmtree(trial, ignore_errors=True)
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["without a word"])[-1]
        return Trial(manifest, (f"its database cannot be opened ({why})",), "", 0, 0)
    said = json.loads(done.stdout.splitlines()[-1])
    return Trial(manifest, tuple(said["problems"]), said["upgrade"], said["audit"], said["results"])


@contextmanager
def _databases(
    place: Path, scratch: Path, manifest: dict[str, Any], folder: Path
) -> Iterator[dict[str, str]]:
    """Give addresses of copies that may be changed, for as long as they are looked at."""
    urls = {}
    with ExitStack() as stack:
        for alias, settings in _targets(folder, scratch, manifest).items():
            source = scratch / next(b["file"] for b in manifest["databases"] if b["alias"] == alias)
            if engine_of(settings) == "sqlite":
                shutil.copyfile(source, place / source.name)
                urls[alias] = f"sqlite://{quote(str(place / source.name))}"
            else:
                name = f"isopolis_trial_{secrets.token_hex(6)}"
                urls[alias] = address_of(stack.enter_context(fresh_postgres(settings, source, name)))
        yield urls


def address_of(settings: Mapping[str, Any]) -> str:
    """Write settings of PostgreSQL as an address again."""
    person = quote(settings["USER"], safe="") + (
        ":" + quote(settings["PASSWORD"], safe="") if settings["PASSWORD"] else ""
    )
    host = f"[{settings['HOST']}]" if ":" in settings["HOST"] else settings["HOST"]
    port = f":{settings['PORT']}" if settings["PORT"] else ""
    return f"postgresql://{person}@{host}{port}/{quote(settings['NAME'])}?{urlencode(settings['OPTIONS'])}"


# -- replacing --------------------------------------------------------------------------------
def _environment(folder: Path, scratch: Path) -> dict[str, str]:
    """Return the environment in which the settings are those of the server after the restore."""
    environment = dict(os.environ) | {PREFIX + "DATA": str(folder)}
    brought = scratch / "data" / CONFIG_FILE
    if not environment.get(PREFIX + "CONFIG") and not (folder / CONFIG_FILE).is_file() and brought.is_file():
        environment[PREFIX + "CONFIG"] = str(brought)
    return environment


def _targets(folder: Path, scratch: Path, manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Say where each database goes: the main one where the settings say, others beside it."""
    options, out = read_options(_environment(folder, scratch)), {}
    for base in manifest["databases"]:
        name = ADDRESSES.get(base["alias"], "")
        url = str(options.get(name, ""))
        if not name or (base["alias"] != "default" and not url):
            raise CallError(
                f'this backup holds a database of its own for "{base["alias"]}": name one for it in the '
                f"setting {name or base['alias']} and run this again"
            )
        settings = database_from(url, folder)
        if engine_of(settings) != base["engine"]:
            raise CallError(
                f"this backup holds a database of {base['engine']}, and your settings name "
                f"{engine_of(settings)}: restore it with settings for the same kind"
            )
        out[base["alias"]] = settings
    if "default" not in out:
        raise CallError("the backup has no main database: it is damaged")
    return out


def occupied(folder: Path, targets: Mapping[str, Mapping[str, Any]]) -> bool:
    """Tell whether a restore would replace anything."""
    if any(not p.name.startswith(".") and p.name not in STAYS | {CONFIG_FILE} for p in folder.iterdir()):
        return True
    return any(
        has_tables(t) if engine_of(t) == "postgresql" else Path(t["NAME"]).exists() for t in targets.values()
    )


def _make_room(folder: Path, replace: bool, say: Say) -> None:
    if not replace:
        raise CallError(
            f"there is data in {folder} or in its database already; with --replace it is backed up and then "
            "replaced"
        )
    from isopolis.web.server import set_up

    from .backup import make_backup
    from .upgrade import refuse_while_served

    set_up(folder)
    from django.db import connections

    refuse_while_served()
    made = make_backup(folder, label="before-restore")
    connections.close_all()
    say(f"Backup of what was here: {made.path}")


def _replace(
    folder: Path, scratch: Path, manifest: dict[str, Any], targets: dict[str, dict[str, Any]]
) -> None:
    fresh = scratch / "data"
    fresh.mkdir(exist_ok=True)
    if (folder / CONFIG_FILE).is_file():  # the settings of this machine stay
        shutil.copy2(folder / CONFIG_FILE, fresh / CONFIG_FILE)
    for name in ("secret_key", "equality_key", "ballots_key"):
        if not (fresh / name).is_file() and (folder / name).is_file():
            shutil.copy2(folder / name, fresh / name)
    _remember_erasures(folder, fresh)
    outside = []
    for base in manifest["databases"]:
        settings = targets[base["alias"]]
        if engine_of(settings) == "postgresql":
            swap_schema(settings, scratch / base["file"])
        elif Path(settings["NAME"]).parent == folder:
            os.replace(scratch / base["file"], fresh / Path(settings["NAME"]).name)
        else:
            outside.append((scratch / base["file"], Path(settings["NAME"])))
    put_in_place(folder, fresh, STAYS)
    for source, target in outside:
        for suffix in ("-wal", "-shm"):
            target.with_name(target.name + suffix).unlink(missing_ok=True)
        part = target.with_name(f".{target.name}.part")
        shutil.copyfile(source, part)
        part.chmod(0o600)
        os.replace(part, target)


def _write_down(folder: Path, manifest: Mapping[str, Any], say: Say) -> None:
    """Add a row to the audit log and erase again who was erased, unless the tables wait for an upgrade."""
    from isopolis.web.server import set_up

    from .upgrade import erase_again, state

    set_up(folder)
    from django.db import connections

    _shut_doors(say)
    if not state().pending:
        from isopolis.web.audit.chain import append

        append("server.restore", actor=None, target="server:1", detail={"made": manifest["made_at"]})
        erase_again(say)
    connections.close_all()


LINKS = {
    "accounts_signinlink": "",
    "workspaces_invitation": "",
    "partnerships_partnershipinvitation": "",
    "partnerships_feedkey": "",
    # who agreed to be named takes it back by the same link: only unanswered questions go
    "library_contact": " WHERE given_at IS NULL",
}
"""Tables of which each row is a link that opens something, and which of the rows go."""


def _shut_doors(say: Say) -> None:
    """End what a backup would open again: sessions and tokens that had ended, and links that had.

    A link may have been used, taken back or replaced since; nobody can tell any more. Plain SQL, because
    the tables may be those of an older version.
    """
    from django.db import connection
    from django.utils import timezone

    there = connection.introspection.table_names()
    with connection.cursor() as cursor:
        if "django_session" in there:
            cursor.execute("DELETE FROM django_session")
        if "api_apitoken" in there:
            revoke = "UPDATE api_apitoken SET revoked_at = %s WHERE revoked_at IS NULL"
            cursor.execute(revoke, [timezone.now()])
        for table, where in LINKS.items():
            if table in there:
                cursor.execute(f"DELETE FROM {table} {where}")
    say("Everybody signs in again, and programs need new tokens: some of the old ones may have been revoked.")


def _remember_erasures(folder: Path, fresh: Path) -> None:
    """Join the lists of erased accounts of before and of the backup; lines are never taken away."""
    lines: dict[str, None] = {}
    for path in (folder / ERASED, fresh / ERASED):
        if path.is_file():
            lines |= dict.fromkeys(path.read_text(encoding="utf-8").splitlines())
    if lines:
        (fresh / ERASED).write_text("\n".join(lines) + "\n", encoding="utf-8")
