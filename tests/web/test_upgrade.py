"""A data folder that the first version with one has made, in the hands of this version."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from .installations import PASSWORD, first_folder, isopolis, python

pytestmark = pytest.mark.whole  # installations are made, broken and brought back

READ = f"""
import re
from django.test import Client
from isopolis.web.accounts.models import User
from isopolis.web.audit.chain import verify
from isopolis.web.audit.models import AuditEvent

assert list(verify()) == [], list(verify())
assert AuditEvent.objects.count() >= 6
people = Client()
answer = people.post("/accounts/login/", {{"login": "owner@example.org", "password": "{PASSWORD}"}})
assert answer.status_code == 302, answer.content[:3000]

todo, seen, status = ["/"], set(), {{}}
while todo:
    path = todo.pop().partition("#")[0]
    if not path.startswith("/") or path in seen or re.match("/(accounts/logout|static|language)", path):
        continue
    seen.add(path)
    answer = people.get(path)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    status[path] = answer.status_code
    if answer.status_code in (301, 302):
        todo.append(answer["Location"])
    elif answer["Content-Type"].startswith("text/html") and not answer.get("Content-Disposition"):
        todo += [h.replace("&amp;", "&") for h in re.findall(r'href="([^"]+)"', body.decode())]
    assert len(seen) < 600
for path, code in sorted(status.items()):
    print(code, path)
"""


def contents(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "isopolis.sqlite3")) as base:
        return list(base.iterdump())


@pytest.fixture
def first(tmp_path: Path) -> Path:
    return first_folder(tmp_path / "data")


def test_the_first_data_folder_is_upgraded_and_everything_in_it_is_read(first: Path) -> None:
    before = contents(first)
    done = isopolis("audit", "verify", "--data", first)
    assert (done.returncode, "isopolis upgrade" in done.stderr) == (2, True), "only upgrade changes tables"
    assert contents(first) == before
    done = isopolis("upgrade", "--data", first)
    assert done.returncode == 0, done.stderr
    assert len(list((first / "backups").glob("*-before-upgrade.tar.gz"))) == 1
    said = python(READ, first)
    pages = dict(reversed(line.split(" ", 1)) for line in said.splitlines())
    assert not {p: c for p, c in pages.items() if c not in ("200", "301", "302")}
    read = "\n".join(pages)
    for what in (
        "/data/",
        "/diagnoses/",
        "/findings/",
        "/dimension/",
        "/members/",
        "/log/",
        "/files/report.pdf",
    ):
        assert what in read, f"{what} was not read"
    assert len(re.findall(r"/findings/\d+/$", read, re.M)) >= 5
    assert "There is nothing to upgrade." in isopolis("upgrade", "--data", first).stdout


BROKEN = """
from django.db import migrations

class Migration(migrations.Migration):
    dependencies = [("work", "0001_initial")]
    operations = [
        migrations.RunSQL("DELETE FROM audit_auditevent WHERE number = 2"),
        migrations.RunSQL({last!r}),
    ]
"""


@pytest.mark.parametrize("last", ["SELECT nothing FROM nowhere", "DELETE FROM django_session"])
def test_an_upgrade_that_fails_leaves_the_database_as_it_was(first: Path, tmp_path: Path, last: str) -> None:
    """Once in the middle of the steps, and once in the check after them."""
    before = contents(first)
    package = tmp_path / "package"
    shutil.copytree(
        Path(__file__).resolve().parents[2] / "src", package, ignore=shutil.ignore_patterns("*.pyc")
    )
    (package / "isopolis" / "web" / "work" / "migrations" / "0999_broken.py").write_text(
        BROKEN.format(last=last)
    )
    done = isopolis("upgrade", "--data", first, PYTHONPATH=str(package))
    assert done.returncode == 2, done.stdout
    assert "the upgrade failed" in done.stderr
    assert "as it was before" in done.stderr
    assert contents(first) == before
    assert isopolis("upgrade", "--data", first).returncode == 0, "the right version goes on from there"


def test_a_folder_of_a_newer_version_is_left_alone(first: Path) -> None:
    with closing(sqlite3.connect(first / "isopolis.sqlite3")) as base:
        base.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('work', '7777_later', '2040-01-01')"
        )
        base.commit()
    before = contents(first)
    for command in ("upgrade", "serve"):
        more = ["--port", "0", "--no-open"] if command == "serve" else []
        done = isopolis(command, "--data", first, *more)
        assert (done.returncode, "newer version" in done.stderr) == (2, True), done.stderr
    assert contents(first) == before


def test_the_archive_holds_no_machine_and_no_person(first: Path) -> None:
    assert (Path(__file__).parent / "fixtures" / "first-data-folder.tar.xz").stat().st_size < 300_000
    with closing(sqlite3.connect(first / "isopolis.sqlite3")) as base:
        addresses = [r[0] for r in base.execute("SELECT email FROM accounts_user")]
    assert all(a.endswith("@example.org") for a in addresses)
    text = b"".join(p.read_bytes() for p in first.rglob("*") if p.is_file())
    assert not re.search(rb"/(tmp|home|root|work)/\w", text)
    assert os.path.isfile(first / "secret_key")
