"""docs/security.md says what the program does: every number and list of it is held against the code."""

from __future__ import annotations

import re

import pytest
from allauth.account import app_settings as account
from django.conf import settings

from isopolis.web import idle, passwords
from isopolis.web.datasets.names import SUFFIXES
from isopolis.web.options import OPTIONS
from isopolis.web.permissions import RULES
from isopolis.web.protect.register import records
from isopolis.web.security import SMALL_BODY

from .conftest import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
DEFAULT = {o.name: o.default for o in OPTIONS}


def part(title: str) -> str:
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S)
    assert found, title
    return found[1]


def rows(title: str) -> dict[str, list[str]]:
    """The table of a chapter by its first column."""
    lines = [line.strip("|").split("|") for line in part(title).splitlines() if line.startswith("|")]
    return {line[0].strip(): [c.strip() for c in line[1:]] for line in lines[2:]}


def test_limits_are_those_of_the_settings() -> None:
    said = rows("Limits")
    assert said["body of a request without files"] == [f"{SMALL_BODY // 1_000_000} MB"]
    for text in (v[0] for v in said.values()):
        for name, number in re.findall(r"`(\w+)`, (\d+)", text):
            assert DEFAULT[name] == int(number), name
    named = set(re.findall(r"`(\w+)`", part("Limits")))
    assert {
        "upload_mb",
        "upload_files",
        "unpacked_mb",
        "jobs_at_once",
        "job_minutes",
        "api_per_minute",
    } <= named


def test_times_of_sessions_are_those_of_the_settings() -> None:
    said = rows("Sessions")
    assert said["without a page"] == [f"`idle_minutes`, {DEFAULT['idle_minutes']}"]
    assert said["altogether"] == [f"{settings.SESSION_COOKIE_AGE // 3600} hours"]
    minutes = account.REAUTHENTICATION_TIMEOUT // 60
    assert said["recent password for what protects the account"] == [f"{minutes} minutes"]
    assert "isopolis.web.idle.idle" in settings.MIDDLEWARE
    assert idle.ended(0.0, 0.0, 60.0 * DEFAULT["idle_minutes"] + 1)


def test_the_number_of_sessions_and_the_city_account_are_spoken_of() -> None:
    assert "no limit" in rows("Sessions")["sessions of one account"][0]
    assert "does not depend on that of the city account" in part("Sessions")
    assert "NIST SP 800-63B" in part("Sessions")


def test_tries_are_those_of_the_library() -> None:
    limits = str(account.RATE_LIMITS["login_failed"])
    assert "10/m/ip" in limits
    assert "5/300s/key" in limits
    assert "5 in 5 minutes" in part("Ways in")
    assert "10 in a minute" in part("Ways in")


def test_the_words_that_make_no_password_are_listed() -> None:
    for word in passwords.OWN_WORDS:
        assert word in part("Passwords"), word


def test_ways_in_have_their_strength_and_their_second_factor() -> None:
    said = rows("Ways in")
    assert set(said) == {"password", "one-time link", "passkey", "city account", "token of a program"}
    assert all(len(v) == 3 and all(v) for v in said.values())


def test_rules_of_input_are_those_of_the_tables(db: None) -> None:
    from isopolis.web.accounts.models import User
    from isopolis.web.workspaces.models import Workspace

    said = rows("Input")
    sizes = {m._meta.get_field(n).max_length for m, n in ((User, "name"), (Workspace, "name"))}
    assert sizes == {120}
    assert "120 characters" in said["name of a person, a city"][0]
    assert User._meta.get_field("email").max_length == 254
    assert "254 characters" in said["e-mail address"][0]
    assert "Combined rules" in part("Input")


def test_kinds_of_files_are_spoken_of() -> None:
    text = part("Files that may be uploaded")
    for word in ("attachments", "unpacked", "virus scanner", "content must be what the ending says"):
        assert word in text
    folder = (ROOT / "docs" / "city-folder.md").read_text(encoding="utf-8")
    assert sum(s in folder for s in SUFFIXES) >= 6


def test_rights_are_documented_by_role_and_by_field() -> None:
    text = part("Rights")
    assert "platform.md" in text
    assert "Fields:" in text
    table = (ROOT / "tests" / "web" / "test_permissions.py").read_text(encoding="utf-8")
    assert [v for v in RULES if not re.search(rf"\b{re.escape(v)}\b", table)] == []


def test_every_key_of_the_settings_is_in_the_inventory() -> None:
    text = part("Keys and algorithms")
    for name in ("secret_key", "equality_secret"):
        assert f"`{name}`" in text
        assert name in DEFAULT
    for word in ("Argon2id", "HMAC-SHA-256", "SHA-256 chain", "TLS 1.2 and 1.3"):
        assert word in text
    assert all(len(v) == 4 and all(v) for v in rows("Keys and algorithms").values())


def test_the_list_of_servers_has_every_address_of_the_settings() -> None:
    text = part("What the server talks to")
    assert {n for n in DEFAULT if n.endswith("_url")} == set(re.findall(r"`(\w+_url)`", text))


def test_levels_of_data_cover_the_register() -> None:
    said = rows("Data and how it is kept")
    assert list(said) == ["special", "secret", "personal", "internal", "public"]
    special = {r.model for r in records() if r.sensitive}
    assert special == {
        "equality.Answer", "assembly.Volunteer", "opinions.Voter", "opinions.Vote", "opinions.About",
        "surveys.Draft", "surveys.Apart",
    }  # fmt: skip
    assert all(
        r.secret for r in records() if r.model in ("accounts.User", "mfa.Authenticator", "sessions.Session")
    )
    assert all(len(v) == 2 and all(v) for v in said.values())


def test_levels_are_kept_in_exports_and_logs() -> None:
    """What the register calls secret is named and not shown; what is special has a store apart."""
    from isopolis.web.protect import export

    hidden = {f"{r.model}.{f}" for r in records() for f in r.secret}
    assert {"accounts.User.password", "mfa.Authenticator.data", "sessions.Session.session_data"} <= hidden
    assert export.HIDDEN


def test_logs_are_those_of_the_settings() -> None:
    said = rows("Logs")
    assert set(said) == {"server", "requests", "audit", "proxy"}
    assert all(len(v) == 3 and all(v) for v in said.values())
    assert {"log_format", "log_requests"} <= set(re.findall(r"`(\w+)`", part("Logs")))
    assert {h["class"] for h in settings.LOGGING["handlers"].values()} == {"logging.StreamHandler"}


def test_what_takes_long_is_a_job() -> None:
    from isopolis.web.jobs import KINDS

    assert "run as jobs" in part("What takes long")
    assert {"read", "diagnose"} <= set(KINDS)


def test_time_frames_of_updates_are_stated() -> None:
    days = [int(d) for d in re.findall(r"(\d+)\s+(?:days|when)", part("Libraries"))]
    assert days[:2] == [7, 30]
    assert 90 in days


@pytest.mark.parametrize("name", ["controller", "equality_secret", "idle_minutes"])
def test_settings_that_this_page_needs_exist(name: str) -> None:
    assert name in DEFAULT
    assert isinstance(DEFAULT[name], (str, int))


def test_nothing_is_said_of_settings_that_do_not_exist() -> None:
    named = set(re.findall(r"`([a-z]+_[a-z_]+)`", PAGE)) - {"erased_csv"}
    assert named <= set(DEFAULT) | {"equality_key", "api_anonymous_per_minute"}, named - set(DEFAULT)
