"""A restore opens no door that had been shut after the backup was made."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from .installations import first_folder, isopolis, python

pytestmark = pytest.mark.whole  # installations are made, broken and brought back

TOKEN = (
    "INSERT INTO api_apitoken (id, digest, name, scopes, created_at, expires_at, user_id, revoked_at)"
    " VALUES (?, ?, 'program', '[]', '2024-01-01', '2199-01-01', 1, ?)"
)


def test_sessions_and_tokens_of_a_backup_open_nothing(tmp_path: Path) -> None:
    folder, archive, new = first_folder(tmp_path / "data"), tmp_path / "whole.tar.gz", tmp_path / "new"
    assert isopolis("upgrade", "--data", folder).returncode == 0
    with contextlib.closing(sqlite3.connect(folder / "isopolis.sqlite3")) as base, base:
        base.execute("INSERT INTO django_session VALUES ('signed-in-then', 'x', '2199-01-01')")
        for number, revoked in enumerate((None, "2024-01-01 00:00:00")):
            base.execute(TOKEN, (f"{number:032x}", f"{number:064x}", revoked))
    assert isopolis("backup", "--data", folder, "--to", archive).returncode == 0
    done = isopolis("restore", archive, "--data", new)
    assert "Everybody signs in again" in done.stdout, done.stderr
    with contextlib.closing(sqlite3.connect(new / "isopolis.sqlite3")) as base:
        assert base.execute("SELECT COUNT(*) FROM django_session").fetchone() == (0,)
        assert base.execute("SELECT COUNT(*), COUNT(revoked_at) FROM api_apitoken").fetchone() == (2, 2)
        (last,) = base.execute("SELECT revoked_at FROM api_apitoken ORDER BY id DESC LIMIT 1").fetchone()
        assert last.startswith("2024"), "when a token was revoked stays as it was"


LINKS = """
from datetime import timedelta
from django.utils import timezone
from isopolis.web.accounts.models import SignInLink, User
from isopolis.web.library.models import Contact, Entry
from isopolis.web.partnerships.models import FeedKey, Partnership, PartnershipInvitation
from isopolis.web.workspaces.models import Invitation, Workspace

now = timezone.now()
later = now + timedelta(days=9000)
user, city = User.objects.order_by("pk").first(), Workspace.objects.order_by("pk").first()
hub = Partnership.objects.create(name="Hub", slug="hub")
FeedKey.objects.create(partnership=hub, user=user, digest="a" * 64)
SignInLink.objects.create(user=user, digest="b" * 64, expires_at=later)
Invitation.objects.create(
    workspace=city, email="somebody@example.org", role="owner", digest="c" * 64, expires_at=later
)
PartnershipInvitation.objects.create(
    partnership=hub, email="somebody@example.org", kind="reader", digest="d" * 64, expires_at=later
)
for key, given in (("asked", None), ("agreed", now)):
    entry = Entry.objects.create(key=key, record={}, checksum="0", kind="case", title="T", changed_at=now)
    Contact.objects.create(
        entry=entry, name="Somebody", email="somebody@example.org", digest=key, asked_at=now, given_at=given
    )
"""


def test_links_of_a_backup_open_nothing(tmp_path: Path) -> None:
    folder, archive, new = first_folder(tmp_path / "data"), tmp_path / "whole.tar.gz", tmp_path / "new"
    assert isopolis("upgrade", "--data", folder).returncode == 0
    python(LINKS, folder)
    assert isopolis("backup", "--data", folder, "--to", archive).returncode == 0
    done = isopolis("restore", archive, "--data", new)
    assert done.returncode == 0, done.stderr
    with contextlib.closing(sqlite3.connect(new / "isopolis.sqlite3")) as base:
        for table in (
            "accounts_signinlink", "workspaces_invitation", "partnerships_partnershipinvitation",
            "partnerships_feedkey",
        ):  # fmt: skip
            assert base.execute(f"SELECT COUNT(*) FROM {table}").fetchone() == (0,), table
        kept = base.execute("SELECT digest FROM library_contact").fetchall()
        assert kept == [("agreed",)], "who agreed can still take it back"
