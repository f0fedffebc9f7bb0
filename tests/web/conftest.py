"""Django for the tests of the platform: a database of their own, a data folder for each test."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .. import databases

# pytest-django looks for settings when the first test starts, after this file was read
os.environ["DJANGO_SETTINGS_MODULE"] = "isopolis.web.settings"
os.environ["ISOPOLIS_WEB_DATA"] = tempfile.mkdtemp(prefix="isopolis-tests-")
os.environ["ISOPOLIS_WEB_SECRET_KEY"] = "only for tests"
os.environ["ISOPOLIS_WEB_HOSTS"] = "testserver,localhost,127.0.0.1"
if databases.POSTGRES:
    os.environ["ISOPOLIS_WEB_DATABASE_URL"] = databases.URL

import django

django.setup()

if not databases.POSTGRES:
    from django.conf import settings as _settings

    # in memory; said outright, because our own engine has another name than the one pytest-django looks for
    _settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = ":memory:"

from django.test import Client  # noqa: E402
from django.utils import translation  # noqa: E402

from isopolis.web.accounts.models import User  # noqa: E402
from isopolis.web.permissions import ROLES  # noqa: E402
from isopolis.web.workspaces.actions import AddMember, CreateWorkspace  # noqa: E402
from isopolis.web.workspaces.models import Workspace  # noqa: E402

CSV = b"zone,total,born_here,born_abroad\n" + b"".join(
    f"Z{i:02d},{200 + 7 * i},{150 + 3 * i},{50 + 4 * i}\n".encode() for i in range(24)
)
"""A small city: 24 zones, two groups that add up to the total."""

TOML = """name = "Testville"
notes = ["example data, not a real place"]
[zones]
id = "zone"
kind = "zone"
[[tables]]
file = "people.csv"
layout = "wide"
zone = "zone"
date = "2024"
total = "total"
[[tables.dimensions]]
name = "birthplace"
columns = ["born_here", "born_abroad"]
total = "total"
"""


@pytest.fixture(autouse=True)
def _fast_and_apart(settings: Any, tmp_path: Path) -> None:
    translation.deactivate()  # the language of a request stays with the thread that answered it
    settings.DATA_DIR = tmp_path / "data"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture(autouse=True)
def _keep_the_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no request close the connection under the transaction that a test runs in."""
    from django.db.backends.base.base import BaseDatabaseWrapper

    ordinary = BaseDatabaseWrapper.close_if_unusable_or_obsolete

    def close(self: Any) -> None:
        if not self.in_atomic_block:
            ordinary(self)

    monkeypatch.setattr(BaseDatabaseWrapper, "close_if_unusable_or_obsolete", close)


@pytest.fixture
def person(db: None) -> Callable[..., User]:
    """Make accounts."""

    def make(name: str, **more: Any) -> User:
        return User.objects.create_user(f"{name}@example.org", f"{name}-long-password", name=name, **more)

    return make


@pytest.fixture
def owner(person: Callable[..., User]) -> User:
    return person("owner")


@pytest.fixture
def city(owner: User) -> Workspace:
    return CreateWorkspace(owner, "Testville").run()


@pytest.fixture
def staff(city: Workspace, owner: User, person: Callable[..., User]) -> dict[str, User]:
    """One member of each role, and somebody who is none."""
    out = {"owner": owner}
    for role in ROLES[1:]:
        out[role] = person(role)
        AddMember(owner, city, out[role].email, role).run()
    return out | {"stranger": person("stranger")}


@pytest.fixture
def browse(client: Client) -> Callable[[User], Client]:
    """Give a client that has signed in."""

    def sign_in(user: User) -> Client:
        fresh = Client()
        fresh.force_login(user, "isopolis.web.accounts.backends.Accounts")
        return fresh

    return sign_in
