"""Settings, health, the languages' door, and the commands in processes of their own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from isopolis.model import CallError
from isopolis.web.database import database_from
from isopolis.web.options import OPTIONS, PREFIX, read_options
from isopolis.web.work.models import Runner

from ..databases import ask, environment

ROOT = Path(__file__).resolve().parents[2]


def test_every_setting_is_described() -> None:
    page = (ROOT / "docs" / "platform.md").read_text(encoding="utf-8")
    for option in OPTIONS:
        shown = str(option.default).lower() if isinstance(option.default, bool) else str(option.default)
        row = re.escape(f"| `{option.name}` | {f'`{shown}`' if shown else ''} | {option.help} |")
        assert re.search(row, page), f"docs/platform.md: | `{option.name}` | `{shown}` | {option.help} |"


def test_settings_from_the_environment_before_the_file(tmp_path: Path) -> None:
    (tmp_path / "isopolis.toml").write_text('hosts = "city.example"\nupload_mb = 5\nsignup = false\n')
    found = read_options({PREFIX + "DATA": str(tmp_path), PREFIX + "UPLOAD_MB": "7"})
    assert (found["hosts"], found["upload_mb"], found["signup"]) == ("city.example", 7, False)


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"ISOPOLIS_WEB_HOST": "x"}, 'did you mean "hosts"'),
        ({"ISOPOLIS_WEB_UPLOAD_MB": "many"}, "a whole number"),
        ({"ISOPOLIS_WEB_SIGNUP": "perhaps"}, "true or false"),
        ({"ISOPOLIS_WEB_CONFIG": "nowhere.toml"}, "cannot be read as settings"),
    ],
)
def test_wrong_settings_say_what_is_wrong(environment: dict[str, str], said: str) -> None:
    with pytest.raises(CallError, match=said):
        read_options(environment)


def test_databases() -> None:
    made = database_from("postgresql://me:p%40ss@db.example:5433/city?sslmode=require", Path("x"))
    assert (made["USER"], made["PASSWORD"], made["HOST"], made["PORT"]) == (
        "me",
        "p@ss",
        "db.example",
        "5433",
    )
    assert made["OPTIONS"]["sslmode"] == "require"
    assert made["OPTIONS"]["connect_timeout"] == 5
    assert "statement_timeout" in made["OPTIONS"]["options"]
    said = database_from("postgresql://db.example/city?connect_timeout=9", Path("x"))
    assert said["OPTIONS"]["connect_timeout"] == "9"
    sqlite = database_from("", Path("x"))
    assert sqlite["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in sqlite["OPTIONS"]["init_command"]
    with pytest.raises(CallError, match="mysql"):
        database_from("mysql://x", Path("x"))


def test_models_and_migrations_agree(db: None) -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_health_tells_what_is_ill(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = Client().get("/health")
    assert (answer.status_code, answer.json()["jobs"]) == (503, "no runner was heard of in the last minute")
    Runner.objects.create(name="a", beat_at=timezone.now())
    answer = Client().get("/health")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    Runner.objects.update(beat_at=timezone.now() - timedelta(minutes=2))
    assert Client().get("/health").status_code == 503

    def broken() -> Any:
        raise DatabaseError

    with monkeypatch.context() as patch:
        patch.setattr("isopolis.web.health.connection.cursor", broken)
        assert Client().get("/health").json()["database"] == "does not answer"


def test_language_can_be_chosen_when_there_is_a_choice(db: None, settings: Any) -> None:
    offered = settings.LANGUAGES
    settings.LANGUAGES = [("en", "English")]
    assert b"<select" not in Client().get("/").content
    settings.LANGUAGES = offered
    client = Client()
    client.post("/language/setlang/", {"language": "ar"})
    page = client.get("/").content.decode()
    assert '<html lang="ar" dir="rtl">' in page
    assert '<label for="language">' in page


def test_behind_tls_cookies_are_secure(tmp_path: Path) -> None:
    code = (
        "from isopolis.web import settings as s\n"
        "assert s.SESSION_COOKIE_SECURE and s.CSRF_COOKIE_SECURE and s.SECURE_SSL_REDIRECT\n"
        "assert s.SESSION_COOKIE_NAME.startswith('__Host-') and s.SECURE_HSTS_SECONDS\n"
        "assert s.SECURE_PROXY_SSL_HEADER\n"
    )
    done = run([sys.executable, "-c", code], tmp_path, ISOPOLIS_WEB_HTTPS="true", ISOPOLIS_WEB_PROXY="true")
    assert done.returncode == 0, done.stderr
    assert not list(tmp_path.iterdir()), "reading the settings writes nothing"


def run(command: list[str], data: Path, **more: str) -> subprocess.CompletedProcess[str]:
    surroundings = environment(data, ISOPOLIS_WEB_SECRET_KEY="x", **more)
    return subprocess.run(command, env=surroundings, capture_output=True, text=True, timeout=120)


def test_audit_verify_says_whole_or_not(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "isopolis", "audit", "verify", "--data", str(tmp_path)]
    done = run(command, tmp_path)
    assert (done.returncode, "is whole: 0 rows" in done.stdout) == (0, True), done.stderr
    ask(
        tmp_path,
        "INSERT INTO audit_auditevent (number, at, verb, actor, target, detail, previous, seal) "
        "VALUES (1, '2024', 'workspace.create', 1, 'workspace:1', '{}', '', 'forged')",
    )
    done = run(command, tmp_path)
    assert done.returncode == 1
    assert "row 1 (workspace.create, 2024) was changed after it was written" in done.stderr


def test_django_stays_out_of_the_package_and_the_command_line() -> None:
    code = "import sys, isopolis, isopolis.cli.app\nassert not {'django', 'allauth'} & set(sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60,
                          env=os.environ | {"PYTHONPATH": str(ROOT / "src")})  # fmt: skip
    assert done.returncode == 0, done.stderr
