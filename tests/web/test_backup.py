"""Backup and restore: whole, all or nothing, made while others write, and refused with reasons."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import re
import shutil
import sqlite3
import stat
import sys
import tarfile
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopolis.model import CallError
from isopolis.web.operate import swap
from isopolis.web.operate.archive import MANIFEST, Writer, clean_name, unpack
from isopolis.web.operate.backup import kept_files, rotate
from isopolis.web.operate.lock import hold
from isopolis.web.operate.restore import restore

from .installations import beside, environment, first_folder, isopolis, postgres, python

pytestmark = pytest.mark.whole  # installations are made, broken and brought back


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation of this version with a city, and a backup of it outside."""
    place = tmp_path_factory.mktemp("original")
    folder = first_folder(place / "data")
    done = isopolis("upgrade", "--data", folder)
    assert done.returncode == 0, done.stderr
    shutil.rmtree(folder / "backups")
    (folder / "mail").mkdir()
    (folder / "mail" / "letter.log").write_text("a link that signs in")
    (folder / "isopolis.toml").write_text("signup = false\n")
    done = isopolis("backup", "--data", folder, "--to", place / "whole.tar.gz")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    copied = tmp_path / "data"
    shutil.copytree(original, copied)
    return copied


@pytest.fixture
def archive(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(original.parent / "whole.tar.gz", tmp_path / "whole.tar.gz"))


def contents(folder: Path) -> dict[str, str]:
    """What a backup must keep, by an obvious walk: digests of files, and the rows of the database."""
    left_out = ("backups", "mail", "isopolis.lock", "last_backup.json", "isopolis.sqlite3")
    out = {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in folder.rglob("*")
        if p.is_file() and not p.relative_to(folder).parts[0].startswith((*left_out, "."))
    }
    with contextlib.closing(sqlite3.connect(folder / "isopolis.sqlite3")) as base:
        rows = "\n".join(line for line in base.iterdump() if "server.restore" not in line)
    out["database"] = "\n".join(x for x in rows.splitlines() if "audit_audithead" not in x)
    return out


# -- the archive --------------------------------------------------------------------------------
def test_a_backup_is_whole_private_and_says_what_it_holds(folder: Path, archive: Path) -> None:
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    with tarfile.open(archive) as tar:
        names = tar.getnames()
        manifest = json.load(tar.extractfile(MANIFEST))  # type: ignore[arg-type]
    assert names[-1] == MANIFEST
    assert not [
        n for n in names if "mail" in n or "backups" in n or "lock" in n or n.endswith(("-wal", "-shm"))
    ]
    for name in ("cities", "results", "data/secret_key", "data/isopolis.toml", "databases/default.sqlite3"):
        assert any(name in n for n in names), name
    base = manifest["databases"][0]
    with contextlib.closing(sqlite3.connect(folder / "isopolis.sqlite3")) as live:
        for table, rows in base["counts"].items():
            assert live.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] == rows
        head = live.execute("SELECT count, seal FROM audit_audithead").fetchone()
        applied = live.execute("SELECT count(*) FROM django_migrations").fetchone()[0]
    assert (base["audit"]["rows"], base["audit"]["seal"], len(base["migrations"])) == (*head, applied)
    assert manifest["missing"] == []
    assert not list(folder.glob(".backup-*"))


def test_the_keys_can_stay_at_home(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "public.tar.gz"
    assert isopolis("backup", "--data", folder, "--no-secrets", "--to", target).returncode == 0
    with tarfile.open(target) as tar:
        assert not [
            n for n in tar.getnames() if n in ("data/secret_key", "data/equality_key", "data/isopolis.toml")
        ]
    new = tmp_path / "new"
    new.mkdir(mode=0o700)
    (new / "secret_key").write_text("the key that was here")
    done = isopolis("restore", target, "--data", new, "--replace")
    assert done.returncode == 0, done.stderr
    assert (new / "secret_key").read_text() == "the key that was here"


def test_old_backups_go_by_their_time_and_nothing_else_goes(tmp_path: Path) -> None:
    names = [f"isopolis-2026010{d}T000000Z.tar.gz" for d in range(1, 6)]
    for name in [*names, "notes.txt", "isopolis-old.tar.gz"]:
        (tmp_path / name).write_text("x")
    gone = rotate(tmp_path, 2, tmp_path / names[4])
    assert [p.name for p in gone] == names[:3]
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        [*names[3:], "notes.txt", "isopolis-old.tar.gz"]
    )


def test_a_backup_keeps_out_of_itself(folder: Path) -> None:
    done = isopolis("backup", "--data", folder, "--to", folder / "cities" / "x.tar.gz")
    assert (done.returncode, "part of the next one" in done.stderr) == (2, True)
    assert isopolis("backup", "--data", folder, "--to", folder.parent / "no" / "x.tar.gz").returncode == 2
    nowhere = folder.parent / "mistyped"
    done = isopolis("backup", "--data", nowhere)
    assert (done.returncode, "no data folder" in done.stderr, nowhere.exists()) == (2, True, False)
    (folder / "link").symlink_to("/etc/hostname")
    assert folder / "link" not in kept_files(folder)


def test_an_interrupted_backup_leaves_nothing(tmp_path: Path) -> None:
    target = tmp_path / "x.tar.gz"
    (tmp_path / "file").write_bytes(b"x" * 10000)

    def interrupted() -> None:
        with Writer(target) as writer:
            writer.add(tmp_path / "file", "data/file")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


# -- while others write ----------------------------------------------------------------------------
WRITER = """
import sys, time
from django.core.files.uploadedfile import SimpleUploadedFile
from isopolis.web.accounts.models import User
from isopolis.web.datasets.actions import RemoveDataset, UploadFiles
from isopolis.web.datasets.models import Dataset
from isopolis.web.workspaces.models import Workspace
from isopolis.web.work.models import Job
owner, city = User.objects.get(email="owner@example.org"), Workspace.objects.get()
until, number = time.monotonic() + 60, 0
while time.monotonic() < until and not __import__("pathlib").Path(sys.argv[1]).exists():
    number += 1
    text = b"zone,total,a\\n" + b"".join(b"Z%d,%d,1\\n" % (i, number) for i in range(3000))
    made = UploadFiles(owner, city, [SimpleUploadedFile("people.csv", text)]).run()
    if number == 1:
        print("started", flush=True)
    if number % 2:
        Job.objects.filter(subject=made.pk).delete()
        RemoveDataset(owner, city, made).run()
    time.sleep(0.02)
"""


@contextlib.contextmanager
def somebody_uploads(folder: Path, **more: str) -> Iterator[None]:
    """Upload and delete, as fast as it goes, in another process."""
    import subprocess

    stop = folder.parent / "stop"
    start = (
        "import django, os\nos.environ['DJANGO_SETTINGS_MODULE'] = 'isopolis.web.settings'\ndjango.setup()\n"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", start + WRITER, str(stop)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=environment(ISOPOLIS_WEB_DATA=str(folder), **more), text=True,
    )  # fmt: skip
    assert running.stdout is not None
    assert running.stdout.readline() == "started\n", running.stderr and running.stderr.read()
    yield
    stop.touch()
    _, error = running.communicate(timeout=60)
    assert running.returncode == 0, error


def test_a_backup_made_while_somebody_uploads_and_deletes_can_be_restored(
    folder: Path, tmp_path: Path
) -> None:
    with somebody_uploads(folder):
        for number in range(2):
            done = isopolis("backup", "--data", folder, "--to", tmp_path / f"{number}.tar.gz")
            assert done.returncode == 0, done.stderr
            assert "missing" not in done.stdout
    for number in range(2):
        done = isopolis("restore", tmp_path / f"{number}.tar.gz", "--verify", "--data", folder)
        assert "This backup can be restored." in done.stdout, done.stdout + done.stderr


def test_files_that_come_too_late_for_their_rows_are_noticed(folder: Path, tmp_path: Path) -> None:
    """The guard itself: a backup without a file that a row needs says so."""
    (next(folder.glob("cities/*/*/people.csv"))).unlink()
    done = isopolis("backup", "--data", folder, "--to", tmp_path / "x.tar.gz")
    assert (done.returncode, "1 files are missing" in done.stdout) == (0, True)
    done = isopolis("restore", tmp_path / "x.tar.gz", "--verify")
    assert (done.returncode, "were missing already" in done.stdout) == (0, True), done.stderr


# -- restore --------------------------------------------------------------------------------
def test_verify_leaves_everything_as_it_was(folder: Path, archive: Path) -> None:
    before = contents(folder)
    done = isopolis("restore", archive, "--data", folder, "--verify")
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("This backup can be restored.\n")
    assert "Results that open: 1" in done.stdout
    assert contents(folder) == before
    assert not list(folder.glob(".restore-*"))


def test_a_restore_gives_back_what_was_there(original: Path, archive: Path, tmp_path: Path) -> None:
    new = tmp_path / "elsewhere"
    done = isopolis("restore", archive, "--data", new)
    assert done.returncode == 0, done.stderr
    assert contents(new) == contents(original)
    assert stat.S_IMODE((new / "isopolis.sqlite3").stat().st_mode) == 0o600
    assert "is whole: 8 rows" in isopolis("audit", "verify", "--data", new).stdout


def test_nothing_is_overwritten_unasked_and_then_only_after_a_backup(folder: Path, archive: Path) -> None:
    (folder / "results" / "later.txt").write_text("newer than the backup")
    (folder / "erased.csv").write_text("number,at\n7,2026-01-01T00:00:00+00:00\n")
    before = contents(folder)
    done = isopolis("restore", archive, "--data", folder)
    assert (done.returncode, "--replace" in done.stderr) == (2, True)
    assert contents(folder) == before
    done = isopolis("restore", archive, "--data", folder, "--replace")
    assert done.returncode == 0, done.stderr
    assert not (folder / "results" / "later.txt").exists()
    assert "7,2026" in (folder / "erased.csv").read_text(), "who asked to be forgotten stays forgotten"
    (kept,) = (folder / "backups").glob("*before-restore*")
    with tarfile.open(kept) as tar:
        assert "data/results/later.txt" in tar.getnames()


def test_a_running_server_is_not_pulled_away(folder: Path, archive: Path) -> None:
    handle = hold(folder, exclusive=False)
    try:
        for command in (["restore", archive, "--replace"], ["upgrade"]):
            done = isopolis(*command, "--data", folder)
            assert (done.returncode, "is in use" in done.stderr) == (2, True), done.stderr
        assert isopolis("backup", "--data", folder).returncode == 0
    finally:
        os.close(handle)


# -- what is refused -------------------------------------------------------------------------------
def tampered(archive: Path, change: Callable[[dict[str, bytes], dict[str, Any]], None]) -> Path:
    """Write the archive again with other members, or another manifest."""
    with tarfile.open(archive) as tar:
        members = {m.name: tar.extractfile(m).read() for m in tar if m.name != MANIFEST}  # type: ignore[union-attr]
        manifest = json.load(tar.extractfile(MANIFEST))  # type: ignore[arg-type]
    change(members, manifest)
    out = archive.with_name("tampered.tar.gz")
    with tarfile.open(out, "w:gz", compresslevel=1) as tar:
        for name, content in [*members.items(), (MANIFEST, json.dumps(manifest).encode())]:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return out


def fix(members: dict[str, bytes], manifest: dict[str, Any], name: str, content: bytes) -> None:
    """Change a member and its digest, as somebody who knows the format could."""
    members[name] = content
    manifest["files"][name] = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def damaged_table(members: dict[str, bytes], manifest: dict[str, Any]) -> None:
    with contextlib.closing(sqlite3.connect(":memory:")) as base:
        base.deserialize(members["databases/default.sqlite3"])
        base.execute("UPDATE audit_auditevent SET verb = 'data.remove' WHERE number = 3")
        base.commit()
        fix(members, manifest, "databases/default.sqlite3", base.serialize())


def fewer_rows(members: dict[str, bytes], manifest: dict[str, Any]) -> None:
    manifest["databases"][0]["counts"]["accounts_user"] += 1


def other_file(members: dict[str, bytes], manifest: dict[str, Any]) -> None:
    fix(members, manifest, next(n for n in members if n.endswith("zones.geojson")), b"{}")


def no_result(members: dict[str, bytes], manifest: dict[str, Any]) -> None:
    name = next(n for n in members if n.endswith("overview.json"))
    del members[name], manifest["files"][name]


def newer(members: dict[str, bytes], manifest: dict[str, Any]) -> None:
    manifest["format"] = 99


def torn(members: dict[str, bytes], manifest: dict[str, Any]) -> None:
    name = next(n for n in members if n.endswith("report.html"))
    members[name] = members[name][:-1] + b"!"


REFUSED = {
    "an unknown format": (newer, "backup format 99"),
    "a file that is not what was written": (torn, "not what its manifest says"),
    "an audit row that was changed": (damaged_table, "row 3 .* was changed"),
    "rows that are not there": (fewer_rows, "accounts_user have not the rows"),
    "an upload that was exchanged": (other_file, "is not what was uploaded"),
    "a result that is gone": (no_result, "cannot be opened"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_bad_backup_is_refused_with_its_reason(
    archive: Path, tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    change, said = REFUSED[what]
    bad, new = tampered(archive, change), tmp_path / "new"
    monkeypatch.delenv("ISOPOLIS_WEB_DATABASE_URL", raising=False)
    with pytest.raises(CallError) as refused:
        restore(bad, new, replace=False, say=print)
    assert re.search(said, str(refused.value)), refused.value
    assert [p.name for p in new.iterdir()] == ["isopolis.lock"], "nothing of it is left"


def test_an_archive_that_was_cut_off_anywhere_is_refused(archive: Path, tmp_path: Path) -> None:
    whole = archive.read_bytes()
    for number, length in enumerate(range(0, len(whole), max(1, len(whole) // 23))):
        (tmp_path / "cut.tar.gz").write_bytes(whole[:length])
        place = tmp_path / str(number)
        place.mkdir()
        with pytest.raises(CallError):
            unpack(tmp_path / "cut.tar.gz", place)


@given(st.text(alphabet="ab./\\:\0~ -", max_size=12))
def test_names_that_pass_stay_inside(name: str) -> None:
    root = Path("/a/b")
    if clean_name(name):
        assert os.path.normpath(root / name).startswith("/a/b/")
        assert os.path.normpath(name) == name


# -- all or nothing --------------------------------------------------------------------------------
def tree(folder: Path) -> dict[str, str]:
    shown = [
        p for p in folder.rglob("*") if p.is_file() and not p.relative_to(folder).parts[0].startswith(".")
    ]
    return {p.relative_to(folder).as_posix(): p.read_text() for p in shown}


@pytest.mark.parametrize("step", range(12))
@pytest.mark.parametrize("killed", [True, False])
def test_an_exchange_that_stops_anywhere_is_done_or_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int, killed: bool
) -> None:
    folder, fresh = tmp_path / "data", tmp_path / "data" / ".restore-x"
    for where, texts in (
        (folder, {"a": "old", "b/c": "old", "stay": "1"}),
        (fresh, {"a": "new", "d/e": "new"}),
    ):
        for name, text in texts.items():
            (where / name).parent.mkdir(parents=True, exist_ok=True)
            (where / name).write_text(text)
    old, new = {"a": "old", "b/c": "old", "stay": "1"}, {"a": "new", "d/e": "new", "stay": "1"}
    real, left = os.rename, [step]

    def rename(source: Any, target: Any) -> None:
        if left[0] == 0:
            raise KeyboardInterrupt
        left[0] -= 1
        real(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(swap.os, "rename", rename)
        if killed:  # nobody is left to tidy up
            patch.setattr(swap, "recover", lambda _: None)
        stopped = contextlib.suppress(KeyboardInterrupt)
        with stopped:
            swap.put_in_place(folder, fresh, {"stay"})
    swap.recover(folder)
    assert tree(folder) in ((old, new) if step >= 4 else (old,))
    assert not swap.recover(folder)


def test_a_recovery_that_stops_can_be_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path
    old = folder / swap.OLD
    old.mkdir()
    (old / swap.ALL_OUT).touch()
    for name in "xyz":
        (old / name).write_text("old")
        (folder / name).write_text("new")
    real, left = os.rename, [1]

    def rename(source: Any, target: Any) -> None:
        if left[0] == 0:
            raise KeyboardInterrupt
        left[0] -= 1
        real(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(swap.os, "rename", rename)
        with pytest.raises(KeyboardInterrupt):
            swap.recover(folder)
    swap.recover(folder)
    assert tree(folder) == dict.fromkeys("xyz", "old")


# -- PostgreSQL --------------------------------------------------------------------------------
@pytest.fixture
def database() -> Iterator[str]:
    """An empty database of the server that this run uses."""
    address = postgres()
    if not address:
        yield ""
        return
    import psycopg

    name = f"isopolis_backup_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(beside(address, "postgres"), autocommit=True) as base:
        base.execute(f'CREATE DATABASE "{name}"')
    yield beside(address, name)
    with psycopg.connect(beside(address, "postgres"), autocommit=True) as base:
        base.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


PERSON = """
from isopolis.web.accounts.models import User
from isopolis.web.workspaces.actions import CreateWorkspace
CreateWorkspace(User.objects.create_user("owner@example.org", "x" * 20), "Testville").run()
"""
COUNT = "from isopolis.web.workspaces.models import Workspace\nprint(Workspace.objects.count())"


def test_the_databases_of_this_run_come_back(database: str, tmp_path: Path) -> None:
    """On PostgreSQL by its own tools; on SQLite the same way round."""
    folder, more = tmp_path / "data", {"ISOPOLIS_WEB_DATABASE_URL": database}
    assert isopolis("audit", "verify", "--data", folder, **more).returncode == 0
    python(PERSON, folder, **more)
    with somebody_uploads(folder, **more) if database else contextlib.nullcontext():
        done = isopolis("backup", "--data", folder, "--to", tmp_path / "x.tar.gz", **more)
    assert done.returncode == 0, done.stderr
    done = isopolis("restore", tmp_path / "x.tar.gz", "--data", folder, "--verify", **more)
    assert "This backup can be restored." in done.stdout, done.stderr
    assert python(PERSON.replace("owner@", "later@") + COUNT, folder, **more).strip() == "2"
    assert "--replace" in isopolis("restore", tmp_path / "x.tar.gz", "--data", folder, **more).stderr
    done = isopolis("restore", tmp_path / "x.tar.gz", "--data", folder, "--replace", **more)
    assert done.returncode == 0, done.stderr
    assert python(COUNT, folder, **more).strip() == "1"
    assert isopolis("audit", "verify", "--data", folder, **more).returncode == 0


def test_a_missing_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from isopolis.web.operate.databases import run_tool

    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(CallError, match=r"pg_dump is missing.*postgresql-client"):
        run_tool(["pg_dump"], {"HOST": "", "PORT": "", "USER": "", "PASSWORD": "", "NAME": "x"})


def test_the_time_of_the_last_backup_is_known(folder: Path) -> None:
    from isopolis.web.operate.backup import last_backup

    (folder / "last_backup.json").unlink(missing_ok=True)
    assert last_backup(folder) is None
    started = datetime.now(UTC)
    assert isopolis("backup", "--data", folder, "--keep", "1").returncode == 0
    time.sleep(1.1)
    assert isopolis("backup", "--data", folder, "--keep", "1").returncode == 0
    at = last_backup(folder)
    assert at is not None
    assert (at - started).total_seconds() >= 0
    assert len(list((folder / "backups").glob("*.tar.gz"))) == 1
