"""`isopolis doctor`: what is wrong is seen, said plainly, and comes with what to do."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from isopolis.web.operate import doctor
from isopolis.web.operate.doctor import Check, data_folder, print_checks, settings_together
from isopolis.web.options import read_options
from isopolis.web.work.models import Job, Runner

from .installations import first_folder, isopolis

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def options(**more: Any) -> dict[str, Any]:
    return read_options({}) | {"secret_key": "s" * 50} | more


@pytest.mark.parametrize(
    ("said", "name", "state"),
    [
        ({}, "https", "good"),
        ({"hosts": "city.example"}, "https", "bad"),
        ({"hosts": "city.example", "https": True, "proxy": True}, "https", "good"),
        ({"hosts": "city.example", "https": True}, "https", "care"),
        ({"https": True, "proxy": True}, "https", "care"),
        ({"proxy": True}, "https", "bad"),
        ({"hosts": "*"}, "hosts", "bad"),
        ({"secret_key": "short"}, "secret key", "bad"),
        ({"secret_key": ""}, "secret key", "bad"),
        ({"hosts": "city.example"}, "mail", "care"),
        ({"email_url": "smtp://x"}, "mail", "good"),
        ({"debug": True}, "debug", "care"),
        ({"debug": True, "hosts": "city.example"}, "debug", "bad"),
    ],
)
def test_settings_that_do_not_go_together(
    tmp_path: Path, said: dict[str, Any], name: str, state: str
) -> None:
    found = {c.name: c for c in settings_together(options(**said), tmp_path)}
    assert found[name].state == state
    assert bool(found[name].do) == (state != "good"), "whatever is wrong says what to do"


def test_a_folder_that_others_can_read(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    found = {c.name: c for c in data_folder(tmp_path)}
    assert (found["data folder"].state, found["data folder"].do) == ("bad", f"Run chmod 700 {tmp_path}")
    tmp_path.chmod(0o700)
    assert {c.name: c.state for c in data_folder(tmp_path)}["data folder"] == "good"


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for free, state in ((50_000_000, "bad"), (500_000_000, "care"), (5_000_000_000, "good")):
        monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _, free=free: type("D", (), {"free": free}))
        assert {c.name: c.state for c in data_folder(tmp_path)}["disk"] == state


def test_the_age_of_the_backup(tmp_path: Path) -> None:
    def said(at: datetime | None) -> tuple[str, str]:
        if at:
            (tmp_path / "last_backup.json").write_text(json.dumps({"at": at.isoformat()}))
        (check,) = doctor.backups(tmp_path, NOW)
        return check.name, check.state

    assert said(None) == ("backup", "care")
    assert said(NOW - timedelta(hours=20)) == ("backup", "good")
    assert said(NOW - timedelta(days=3)) == ("backup", "care")
    assert said(NOW + timedelta(days=1)) == ("clock", "bad")


def test_a_runner_that_is_gone_and_a_job_that_waits(city: Any) -> None:
    now = timezone.now()

    def said() -> dict[str, str]:
        return {c.name: c.state for c in doctor.jobs(now)}

    assert said() == {"job runner": "care"}
    job = Job.objects.create(workspace=city, kind="read", subject=city.pk, key="x")
    assert said() == {"job runner": "bad"}
    Runner.objects.create(name="x", beat_at=now)
    Job.objects.filter(pk=job.pk).update(created_at=now - timedelta(hours=7))
    assert said() == {"job runner": "good", "jobs": "care"}


def test_a_log_that_was_changed(city: Any) -> None:
    assert [c.state for c in doctor.audit_log(NOW)] == ["good"]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_auditevent SET verb = 'x' WHERE number = 1")
    assert [c.state for c in doctor.audit_log(NOW)] == ["bad"]


def test_libraries_that_are_missing_or_old() -> None:
    asked = ["django>=5.2,<6.3; extra == 'web'", "django>=99", "no-such-thing>=1", "nothing; extra == 'dev'"]
    found = list(doctor._missing(asked))
    assert len(found) == 2
    assert found[0].startswith("django ")
    assert found[1] == "no-such-thing"


def test_the_command_on_an_old_folder(tmp_path: Path) -> None:
    folder = first_folder(tmp_path / "data")
    done = isopolis("doctor", "--data", folder, "--json")
    assert done.returncode == 1, done.stderr
    said = {c["name"]: c for c in json.loads(done.stdout)["checks"]}
    assert said["tables"]["do"] == "Stop the server and run isopolis upgrade."
    assert said["database"]["state"] == "good"
    (folder / "isopolis.sqlite3").write_bytes(b"SQLite format 3\0" + b"rubbish" * 1000)
    done = isopolis("doctor", "--data", folder)
    assert (done.returncode, "BAD  database" in done.stdout) == (1, True), done.stdout + done.stderr


def test_a_wrong_setting_and_no_folder_are_said(tmp_path: Path) -> None:
    done = isopolis("doctor", "--data", tmp_path, ISOPOLIS_WEB_HOST="x")
    assert (done.returncode, 'did you mean "hosts"' in done.stdout) == (1, True)
    done = isopolis("doctor", "--data", tmp_path / "none")
    assert (done.returncode, "There is no folder" in done.stdout) == (1, True)


@pytest.mark.parametrize(("states", "well"), [(["good", "care"], True), (["good", "bad"], False)])
def test_the_answer_is_bad_when_something_is(states: list[str], well: bool) -> None:
    lines: list[str] = []
    write: Callable[[str], None] = lines.append
    assert print_checks(iter(Check("x", s, "Found.", "Do.") for s in states), False, write) is well
    assert lines[-1].startswith("Nothing is wrong." if well else "1 things to mend")
