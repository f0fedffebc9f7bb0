"""What is an outage and what a defect, and the page that says so; the supervisor's patience."""

from __future__ import annotations

import errno
import sqlite3
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError
from django.test import Client

from isopolis.web import outage, server
from isopolis.web.engines.sqlite import base
from isopolis.web.work import execute as work
from isopolis.web.work import runner


def behind(outer: Exception, inner: BaseException) -> Exception:
    outer.__cause__ = inner
    return outer


class _FullError(Exception):
    sqlstate = "53100"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OSError(errno.ENOSPC, "x"), "full"),
        (OSError(errno.EDQUOT, "x"), "full"),
        (OSError(errno.ENOENT, "x"), ""),
        (OperationalError("database or disk is full"), "full"),
        (behind(OperationalError("x"), _FullError()), "full"),
        (behind(ValueError("x"), OSError(errno.ENOSPC, "x")), "full"),
        (OperationalError("server closed the connection unexpectedly"), "away"),
        (OperationalError("unable to open database file"), "away"),
        (OperationalError("database is locked"), "away"),
        (InterfaceError("connection already closed"), "away"),
        (OperationalError("no such table: x"), ""),
        (OperationalError('near "x": syntax error'), ""),
        (IntegrityError("UNIQUE constraint failed"), ""),
        (DatabaseError("x"), ""),
        (ZeroDivisionError(), ""),
        (None, ""),
    ],
)
def test_an_outage_is_told_from_a_defect(error: Any, kind: str) -> None:
    assert outage.outage(error) == kind


def test_on_a_full_disk_other_words_mean_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outage, "little_space", lambda: True)
    assert outage.outage(OperationalError("disk I/O error")) == "full"
    assert outage.outage(ZeroDivisionError()) == ""


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OperationalError("gone"), 503),
        (OSError(errno.ENOSPC, "x"), 507),
        (ZeroDivisionError(), 500),
    ],
)
def test_pages_of_an_outage(db: None, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise error

    monkeypatch.setattr("isopolis.web.accounts.views.render", broken)
    answer = Client(raise_request_exception=False).get("/")
    assert answer.status_code == status
    assert ("Retry-After" in answer) == (status != 500)
    assert b"<h1>" in answer.content
    assert "default-src 'none'" in answer["Content-Security-Policy"]


def test_a_program_is_told_in_its_own_words(rf: Any) -> None:
    answer = outage.outage_page(rf.get("/api/v1/"), outage.FULL)
    assert (answer.status_code, answer["Content-Type"]) == (507, "application/problem+json")


def test_a_lost_database_is_not_replaced_by_an_empty_one(tmp_path: Path, monkeypatch: Any) -> None:
    made = base.DatabaseWrapper(
        {"NAME": str(tmp_path / "x.sqlite3"), "OPTIONS": {}, "TIME_ZONE": None, "CONN_MAX_AGE": None,
         "CONN_HEALTH_CHECKS": True, "AUTOCOMMIT": True, "ATOMIC_REQUESTS": False}
    )  # fmt: skip
    monkeypatch.setattr(base, "_may_create", False)
    with pytest.raises(sqlite3.OperationalError, match="not there"):
        made.get_new_connection(made.get_connection_params())
    assert not (tmp_path / "x.sqlite3").exists()
    monkeypatch.setattr(base, "_may_create", True)
    made.get_new_connection(made.get_connection_params()).execute("CREATE TABLE t (x)")
    assert made.is_usable()
    (tmp_path / "x.sqlite3").rename(tmp_path / "away")
    assert not made.is_usable()
    (tmp_path / "x.sqlite3").write_bytes(b"")  # another file of the same name, as after a restore
    assert not made.is_usable()


def test_what_must_be_written_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "close_old_connections", lambda: None)
    tries: list[int] = []

    def write() -> None:
        tries.append(1)
        if len(tries) < 3:
            raise OperationalError("gone")

    work.insist(write, 10)
    assert len(tries) == 3
    with pytest.raises(OperationalError):
        work.insist(lambda: (_ for _ in ()).throw(OperationalError("gone")), 0)
    with pytest.raises(IntegrityError):
        work.insist(lambda: (_ for _ in ()).throw(IntegrityError("a defect")), 10)


def test_a_runner_knows_whether_it_is_alone(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = f"{runner.here()}:1"
    runner.sign(mine)
    assert runner.alone(mine)
    runner.sign("elsewhere:5")  # on another machine: nobody here can know
    assert not runner.alone(mine)
    from isopolis.web.work.models import Runner

    Runner.objects.filter(name="elsewhere:5").delete()
    runner.sign(f"{runner.here()}:{2**22 + 7}")  # a number that no process has
    assert runner.alone(mine)
    runner.sign(f"{runner.here()}:{__import__('os').getpid()}")
    assert not runner.alone(mine)


def test_who_cannot_start_is_for_a_person_and_who_is_killed_starts_again() -> None:
    broken = server._Kept([sys.executable, "-c", "raise SystemExit(3)"])
    broken.process.wait(30)
    assert not broken.look()
    killed = server._Kept([sys.executable, "-c", "import time; time.sleep(60)"])
    first = killed.process
    first.kill()
    first.wait(30)
    assert killed.look()
    until = time.monotonic() + 10
    while killed.process is first and time.monotonic() < until:
        time.sleep(0.1)
        assert killed.look()
    assert killed.process is not first
    killed.process.kill()
    killed.process.wait(30)
