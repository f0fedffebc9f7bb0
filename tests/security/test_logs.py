"""Logs: what happened, when and by which number; never an address, a password or a forged line."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from isopolis.web.accounts.links import make_link
from isopolis.web.accounts.models import User
from isopolis.web.audit.chain import append, verify
from isopolis.web.audit.models import AuditEvent
from isopolis.web.operate.logs import logging_settings
from isopolis.web.workspaces.actions import AddMember, CreateWorkspace


class Read:
    """The log as it is written, in one of its forms."""

    def __init__(self, form: str) -> None:
        said = logging_settings(form, True)
        kind = said["formatters"][form]["()"].rpartition(".")
        discreet = said["filters"]["discreet"]["()"].rpartition(".")
        module = __import__(kind[0], fromlist=[kind[2]])
        self.stream = io.StringIO()
        self.handler = logging.StreamHandler(self.stream)
        self.handler.setFormatter(getattr(module, kind[2])())
        self.handler.addFilter(getattr(module, discreet[2])())

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


@pytest.fixture(params=["text", "json"])
def read(request: Any) -> Iterator[Read]:
    made, root = Read(request.param), logging.getLogger()
    names = ("", "isopolis.web", "isopolis.web.requests", "isopolis.web.security", "django")
    before = {n: logging.getLogger(n).level for n in names}
    for n in names:
        logging.getLogger(n).setLevel(logging.INFO)
    root.addHandler(made.handler)
    yield made
    root.removeHandler(made.handler)
    for n, level in before.items():
        logging.getLogger(n).setLevel(level)


def sign_in(owner: User, password: str = "owner-long-password") -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": owner.email, "password": password})
    return client


def test_every_way_in_and_out_is_logged(owner: User, read: Read) -> None:
    client = sign_in(owner)
    assert f"sign-in of account {owner.pk} (password)" in read.text
    client.post("/accounts/logout/")
    assert f"sign-out of account {owner.pk}" in read.text
    sign_in(owner, "wrong wrong wrong")
    assert "sign-in failed" in read.text
    Client().post(make_link(owner))
    assert read.text.count(f"sign-in of account {owner.pk}") == 2
    assert "link" in read.text
    assert AuditEvent.objects.filter(verb="account.sign_in_by_link", actor=owner.pk).exists()


def test_refused_rights_are_logged(staff: dict[str, User], city: Any, browse: Any, read: Read) -> None:
    assert browse(staff["viewer"]).get(f"/w/{city.slug}/members/").status_code == 403
    assert "403" in read.text
    assert "members" in read.text


def test_attempts_to_get_past_a_guard_are_logged(owner: User, city: Any, read: Read) -> None:
    Client(enforce_csrf_checks=True).post("/accounts/login/", {})
    assert "403" in read.text
    assert "CSRF" in read.text or "Forbidden" in read.text or "account_login" in read.text
    Client().post("/", b"x", content_type="text/plain", CONTENT_LENGTH="999999999")
    assert "413" in read.text
    Client().get("/", headers={"Host": "evil.example"})
    assert "400" in read.text
    for _ in range(12):
        sign_in(owner, "wrong wrong wrong")
    assert read.text.count("sign-in failed") >= 5


def test_unexpected_errors_are_logged_with_their_trace(
    owner: User, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_a: Any, **_k: Any) -> Any:
        raise RuntimeError("the reason for the server's own log")

    monkeypatch.setattr("isopolis.web.protect.records.entries", broken)
    client = Client(raise_request_exception=False)
    answer = client.get("/privacy/")
    assert answer.status_code == 500
    assert "the reason for the server's own log" in read.text
    assert "Traceback" in read.text
    page = answer.content.decode()
    for word in ("RuntimeError", "the reason", "Traceback", "site-packages", "records.py", "SELECT"):
        assert word not in page


def test_every_line_says_when_where_and_what(owner: User, read: Read) -> None:
    sign_in(owner)
    assert read.lines
    for line in read.lines:
        if line.startswith("{"):
            said = json.loads(line)
            assert datetime.fromisoformat(said["at"]).tzinfo is not None, "the zone is there"
            assert said["level"]
            assert said["logger"]
            assert said["request_id"]
        else:
            assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ [A-Z]+ [\w.]+ \[\w+|-\] ", line), line
    if read.lines[0].startswith("{"):
        assert [json.loads(line) for line in read.lines]


def test_times_of_the_audit_log_are_utc(owner: User) -> None:
    event = append("account.create", actor=owner.pk, target="account:1")
    assert event.at.endswith("+00:00")


def test_no_secret_and_no_address_is_logged(owner: User, city: Any, person: Any, read: Read) -> None:
    """Everything that people type into the doors, in one run; none of it may come out."""
    client = sign_in(owner)
    link = make_link(owner)
    Client().get(link)
    Client().post(link)
    Client().post("/accounts/password/reset/", {"email": owner.email})
    Client().post(
        "/accounts/signup/",
        {"email": "fresh@example.org", "password1": "fresh secret words", "password2": "fresh secret words"},
    )
    sign_in(owner, "a wrong secret word")
    Client().get("/api/v1/workspaces", headers={"Authorization": "Bearer very-secret-token"})
    Client().get(f"/no/such/{owner.email}/?token=very-secret-token&q=fresh@example.org")
    client.get("/w/")
    for secret in (
        owner.email,
        "fresh@example.org",
        "owner-long-password",
        "fresh secret words",
        "a wrong secret word",
        "very-secret-token",
        link.split("/")[2],
        client.session.session_key,
        owner.password,
        client.cookies["sessionid"].value,
    ):
        assert secret not in read.text, secret
    assert len(read.lines) > 3


def test_addresses_in_messages_of_libraries_are_taken_out(read: Read) -> None:
    logging.getLogger("some.library").warning("mail to %s from %s failed", "ana@example.org", "198.51.100.7")
    try:
        raise ValueError("bob@example.org")
    except ValueError:
        logging.getLogger("some.library").exception("trouble")
    assert "failed" in read.text
    assert "trouble" in read.text
    for address in ("ana@example.org", "198.51.100.7", "bob@example.org"):
        assert address not in read.text


INJECTED = "x\r\n2030-01-01 00:00:00,000 INFO isopolis.web sign-in of account 1\u2028\u2029\x1b[31m"


def test_nobody_writes_lines_of_their_own(owner: User, city: Any, read: Read) -> None:
    Client().get("/no/such/%0d%0a2030-01-01%20INFO%20forged/")
    Client().get("/", headers={"User-Agent": "x forged", "X-Request-ID": "forged-number"})
    sign_in(owner, INJECTED)
    Client().post("/accounts/login/", {"login": INJECTED, "password": "x"})
    owner.name = INJECTED[:100]
    owner.save()
    CreateWorkspace(owner, "A city").run()
    assert "forged" not in read.text
    assert "2030-01-01" not in read.text
    assert "\x1b" not in read.text


def test_the_log_goes_where_it_is_said_to_go() -> None:
    """To standard error and nowhere else: no file, no mail, no other machine."""
    said = logging_settings("text", False)
    assert {h["class"] for h in said["handlers"].values()} == {"logging.StreamHandler"}
    from django.conf import settings

    assert settings.ADMINS in ([], ())
    from .conftest import calls

    bad = re.compile(r"(FileHandler|SysLogHandler|HTTPHandler|SMTPHandler|SocketHandler|AdminEmailHandler)$")
    assert [p for p, n, _node in calls() if bad.search(n)] == []


# -- the log of changes ----------------------------------------------------------------------------
def test_changes_are_written_with_who_what_and_when(owner: User, city: Any, person: Any) -> None:
    ana = person("ana")
    AddMember(owner, city, ana.email, "viewer").run()
    event = AuditEvent.objects.order_by("-number").first()
    assert event is not None
    assert (event.actor, event.workspace, event.verb) == (
        owner.pk,
        city.pk,
        "member.add",
    ) or event.verb.startswith("member")
    assert ana.email not in json.dumps(event.detail)


def test_the_log_of_changes_cannot_be_rewritten_unseen(owner: User, city: Any) -> None:
    assert list(verify()) == []
    AuditEvent.objects.filter(number=1).update(actor=999)
    assert list(verify()) != []
    event = AuditEvent.objects.get(number=1)
    for change in (event.save, event.delete):
        with pytest.raises(TypeError):
            change()


def test_only_owners_read_the_log(staff: dict[str, User], city: Any, browse: Any) -> None:
    codes = {r: browse(u).get(f"/w/{city.slug}/log/").status_code for r, u in staff.items()}
    assert codes.pop("owner") == 200
    assert set(codes.values()) == {403, 404}


def test_a_failed_check_changes_nothing(staff: dict[str, User], city: Any) -> None:
    """Whatever goes wrong on the way, the answer is no."""
    rows = AuditEvent.objects.count()
    with pytest.raises(PermissionDenied):
        AddMember(staff["viewer"], city, staff["stranger"].email, "owner").run()
    assert city.role_of(staff["stranger"]) == ""
    assert AuditEvent.objects.count() == rows


def test_an_error_while_judging_rights_lets_nobody_in(
    owner: User, city: Any, browse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from isopolis.web.permissions import RULES, Predicate

    def broken(_case: Any) -> Any:
        raise RuntimeError("no verdict")

    monkeypatch.setitem(RULES, "members.manage", Predicate(broken))
    client = browse(owner)
    client.raise_request_exception = False
    assert client.get(f"/w/{city.slug}/members/").status_code == 500


def test_an_error_in_the_middle_undoes_the_whole_change(
    owner: User, city: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from isopolis.web import actions

    def broken(*_a: Any, **_k: Any) -> Any:
        raise RuntimeError("no row")

    monkeypatch.setattr(actions, "append", broken)
    with pytest.raises(RuntimeError):
        CreateWorkspace(owner, "Half a city").run()
    from isopolis.web.workspaces.models import Workspace

    assert not Workspace.objects.filter(name="Half a city").exists()


def test_a_mail_server_that_is_gone_lets_nobody_in_and_breaks_nothing(owner: User, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 1, 1
    client = Client(raise_request_exception=False)
    answer = client.post("/accounts/password/reset/", {"email": owner.email})
    assert answer.status_code in (200, 302, 500, 503)
    assert "_auth_user_id" not in client.session
    assert b"Traceback" not in answer.content
    assert b"127.0.0.1" not in answer.content
    assert sign_in(owner).session["_auth_user_id"] == str(owner.pk)
