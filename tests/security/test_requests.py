"""What a request may bring: no forged forms, no foreign hosts, no redirects away, no borrowed headers."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from isopolis.web.accounts.models import User
from isopolis.web.audit.models import AuditEvent
from isopolis.web.workspaces.actions import AddMember
from isopolis.web.workspaces.models import Membership, Workspace

from ..databases import begin, environment
from .conftest import texts

NOT_BY_COOKIE = "/api/"


def every(patterns: Any = None, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for p in get_resolver().url_patterns if patterns is None else patterns:
        whole = before + str(p.pattern)
        if isinstance(p, URLResolver):
            yield from every(p.url_patterns, whole)
        else:
            yield whole, p


# -- forged requests -------------------------------------------------------------------------------
def test_no_view_is_left_out_of_the_protection_of_forms() -> None:
    """Only what takes a token in a header, never a cookie, may do without."""
    loose = [w for w, p in every() if getattr(p.callback, "csrf_exempt", False)]
    # GeoReport takes the token of an officer as api_key or in a header, and looks at no session
    known = ("api/", "ogc/", "^api/")
    assert [w for w in loose if not w.startswith(known) and "georeport/" not in w] == []


FORMS = [
    ("/accounts/login/", {"login": "owner@example.org", "password": "owner-long-password"}),
    (
        "/accounts/signup/",
        {"email": "x@example.org", "password1": "some rare words", "password2": "some rare words"},
    ),
    ("/accounts/logout/", {}),
    ("/accounts/password/reset/", {"email": "owner@example.org"}),
    ("/w/new/", {"name": "Forged"}),
    ("/account/data/", {}),
    ("/account/erase/", {"email": "owner@example.org"}),
    ("/w/testville/members/", {"email": "x@example.org", "role": "owner"}),
    ("/language/setlang/", {"language": "fr"}),
]


@pytest.mark.parametrize(("url", "data"), FORMS)
@pytest.mark.parametrize("token", ["", "x" * 32, "x" * 64])
def test_a_forged_form_is_refused(owner: User, city: Any, url: str, data: dict[str, str], token: str) -> None:
    victim = Client(enforce_csrf_checks=True)
    victim.force_login(owner, "isopolis.web.accounts.backends.Accounts")
    before = (
        User.objects.count(),
        Workspace.objects.count(),
        Membership.objects.count(),
        AuditEvent.objects.count(),
    )
    sent = data | ({"csrfmiddlewaretoken": token} if token else {})
    answer = victim.post(url, sent, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert victim.session.get("_auth_user_id") == str(owner.pk)
    after = (
        User.objects.count(),
        Workspace.objects.count(),
        Membership.objects.count(),
        AuditEvent.objects.count(),
    )
    assert before == after


def test_a_real_token_from_another_site_is_refused(owner: User) -> None:
    victim = Client(enforce_csrf_checks=True)
    victim.get("/accounts/login/")
    token = victim.cookies["csrftoken"].value
    data = {"login": owner.email, "password": "owner-long-password", "csrfmiddlewaretoken": token}
    foreign = victim.post("/accounts/login/", data, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    assert victim.post("/accounts/login/", data, headers={"Origin": "http://testserver"}).status_code == 302


def test_programs_are_not_let_in_by_a_cookie(owner: User, city: Any, browse: Any) -> None:
    """So that no simple request from another site can use the API in somebody's name."""
    member = browse(owner)
    for kind in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json",
    ):
        assert member.get("/api/v1/workspaces", content_type=kind).status_code == 401
        url = f"/api/v1/workspaces/{city.slug}/datasets"
        assert member.post(url, data=b"{}", content_type=kind).status_code == 401, kind
    assert not city.dataset_set.exists()


def test_looking_changes_nothing(owner: User, city: Any, browse: Any) -> None:
    """Every page without arguments, by the safe methods: the log and the tables stay as they are."""

    def state() -> tuple[int, ...]:
        return tuple(m.objects.count() for m in (AuditEvent, User, Workspace, Membership))

    member, before, seen = browse(owner), state(), 0
    member.raise_request_exception = False
    for whole, _pattern in every():
        if "<" in whole or "(?P" in whole or whole.startswith("accounts/logout"):
            continue
        for call in (member.get, member.head, member.options):
            call("/" + whole.replace("^", "").replace("\\Z", "").replace("$", ""))
            seen += 1
        assert state() == before, whole
    assert seen > 60


def test_a_method_cannot_be_put_on(owner: User, city: Any, browse: Any) -> None:
    member = browse(owner)
    for name in ("X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"):
        member.get("/w/new/?_method=POST&name=Forged", headers={name: "POST"})
        member.post("/w/new/", {"_method": "DELETE"}, headers={name: "DELETE"})
    assert Workspace.objects.count() == 1


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "TRACK", "PROPFIND", "DEBUG"])
def test_odd_methods_are_refused_and_echo_nothing(db: None, method: str) -> None:
    for url in ("/", "/privacy/", "/accounts/login/"):
        answer = Client().generic(method, url, headers={"Cookie": "secret=echo-me"})
        assert answer.status_code in (400, 403, 405), url
        assert b"echo-me" not in answer.content


# -- hosts and redirects ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    "host", ["evil.example", "testserver.evil.example", "evil.example:80", "127.0.0.1.evil.example"]
)
def test_foreign_hosts_are_refused(db: None, settings: Any, host: str) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    assert Client().get("/", headers={"Host": host}).status_code == 400


def test_links_in_mails_do_not_follow_the_request(owner: User, settings: Any) -> None:
    from django.core import mail

    settings.ALLOWED_HOSTS = ["testserver"]
    for more in (
        {"X-Forwarded-Host": "evil.example"},
        {"Forwarded": "host=evil.example"},
        {"X-Host": "evil.example"},
    ):
        Client().post("/accounts/password/reset/", {"email": owner.email}, headers=more)
    assert mail.outbox
    assert not [m for m in mail.outbox if "evil.example" in m.body + m.subject]


AWAY = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example",
    "http:evil.example",
    "\\\\evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "https:evil.example",
    "http://testserver@evil.example/",
    "\thttps://evil.example",
]


@pytest.mark.parametrize("target", AWAY)
def test_nobody_is_sent_away(owner: User, target: str) -> None:
    client = Client()
    signed = client.post(
        f"/accounts/login/?next={target}",
        {"login": owner.email, "password": "owner-long-password", "next": target},
    )
    language = client.post(
        "/language/setlang/", {"language": "fr", "next": target}, headers={"Referer": target.strip()}
    )
    out = client.post(f"/accounts/logout/?next={target}", {"next": target})
    for answer in (signed, language, out):
        assert answer.status_code in (302, 204)
        goal = urlsplit(answer.headers.get("Location", "/"))
        assert goal.netloc in ("", "testserver")
        assert goal.scheme in ("", "http")
        assert "evil" not in answer.headers.get("Location", "")


def test_addresses_are_encoded_when_they_are_made(owner: User, browse: Any) -> None:
    from django.urls import NoReverseMatch, reverse

    assert reverse("workspace", args=["a-b"]) == "/w/a-b/"
    assert reverse("sign_in_link", args=['a?x=1#y"<b> é']) == "/sign-in/a%3Fx=1%23y%22%3Cb%3E%20%C3%A9/"
    for bad in ("../x", "a b", "a/b", "javascript:x", 'é"<'):
        with pytest.raises(NoReverseMatch):
            reverse("workspace", args=[bad])
    page = Client().get("/accounts/login/?next=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").content.decode()
    assert "<script>alert(1)" not in page


def test_no_link_of_ours_has_a_scheme_that_runs() -> None:
    assert texts(r"(href|src|action)=[\"']?\s*(javascript|vbscript|data:text)", ".html", ".js") == []


# -- headers that a proxy sets ---------------------------------------------------------------------
def test_the_address_of_a_visitor_cannot_be_made_up(owner: User, settings: Any) -> None:
    """Without a proxy nothing is believed; with one, only what the proxy itself added (the last entry)."""
    from allauth.account.adapter import get_adapter
    from django.test import RequestFactory

    def seen(**more: str) -> str:
        return str(get_adapter().get_client_ip(RequestFactory().get("/", REMOTE_ADDR="10.0.0.9", **more)))

    assert settings.ALLAUTH_TRUSTED_PROXY_COUNT == 0
    assert settings.SECURE_PROXY_SSL_HEADER is None
    assert settings.USE_X_FORWARDED_HOST is False
    assert seen(HTTP_X_FORWARDED_FOR="1.2.3.4") == "10.0.0.9"
    assert seen(HTTP_X_REAL_IP="1.2.3.4") == "10.0.0.9"
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert seen(HTTP_X_FORWARDED_FOR="1.2.3.4, 5.6.7.8") == "5.6.7.8"


def test_the_lockout_cannot_be_escaped_by_a_made_up_address(owner: User) -> None:
    for i in range(15):
        Client().post(
            "/accounts/login/",
            {"login": owner.email, "password": "wrong"},
            headers={"X-Forwarded-For": f"1.1.1.{i}"},
        )
    client = Client()
    client.post(
        "/accounts/login/",
        {"login": owner.email, "password": "owner-long-password"},
        headers={"X-Forwarded-For": "9.9.9.9"},
    )
    assert "_auth_user_id" not in client.session


def test_plain_http_cannot_call_itself_tls(settings: Any, db: None) -> None:
    settings.SECURE_SSL_REDIRECT, settings.SECURE_PROXY_SSL_HEADER = True, None
    answer = Client().get("/", headers={"X-Forwarded-Proto": "https"})
    assert answer.status_code == 301


# -- parameters ------------------------------------------------------------------------------------
def test_repeated_parameters_do_not_get_past_a_check(
    owner: User, city: Any, browse: Any, person: Any
) -> None:
    """What is checked is what is used, however often it is sent, and addresses never stand in for forms."""
    guest = person("guest")
    body = f"email={guest.email}&role=viewer&role=king"
    browse(owner).post(
        f"/w/{city.slug}/members/?role=owner&email=evil@example.org",
        body,
        content_type="application/x-www-form-urlencoded",
    )
    assert city.role_of(guest) in ("", "viewer")
    assert not Membership.objects.filter(role="king").exists()
    assert not Membership.objects.filter(user=guest, role="owner").exists()


def test_fields_that_a_form_does_not_have_are_not_kept(owner: User, browse: Any, db: None) -> None:
    """Mass assignment: in sign-up, in a workspace, in the own account."""
    extra = {
        "is_admin": "1",
        "is_active": "0",
        "is_staff": "1",
        "is_superuser": "1",
        "pk": "1",
        "id": "1",
        "joined_at": "2001-01-01",
    }
    Client().post(
        "/accounts/signup/",
        {"email": "mallory@example.org", "password1": "some rare words", "password2": "some rare words"}
        | extra,
    )
    made = User.objects.get(email="mallory@example.org")
    assert (made.is_admin, made.is_active, made.joined_at.year > 2001) == (False, True, True)
    member = browse(owner)
    for url in ("/account/", "/accounts/profile/", "/w/new/"):
        member.post(url, {"name": "Another name", "language": "en", "role": "owner"} | extra)
    owner.refresh_from_db()
    assert (owner.is_admin, owner.is_active) == (False, True)


def test_members_can_only_be_changed_in_their_role(
    staff: dict[str, User], city: Any, browse: Any, person: Any
) -> None:
    other = person("other")
    member = city.membership_set.get(user=staff["viewer"])
    browse(staff["owner"]).post(
        f"/w/{city.slug}/members/{member.pk}/",
        {
            "role": "analyst",
            "change": "",
            "user": other.pk,
            "workspace": "00000000-0000-0000-0000-000000000000",
            "since": "2001-01-01",
        },
    )
    member.refresh_from_db()
    assert (member.user, member.workspace, member.role) == (staff["viewer"], city, "analyst")


def test_values_of_the_wrong_kind_are_refused(staff: dict[str, User], city: Any, browse: Any) -> None:
    member = browse(staff["owner"])
    member.raise_request_exception = False
    for role in ("Owner", "owner ", "0", "None", "['owner']", "owner\x00", ""):
        pk = city.membership_set.get(user=staff["viewer"]).pk
        member.post(f"/w/{city.slug}/members/{pk}/", {"role": role, "change": ""})
        assert city.role_of(staff["viewer"]) == "viewer", role
    for path in (
        "members/1e3/",
        "members/-1/",
        "members/0x1/",
        "members/99999999999999999999999/",
        "diagnoses/1/",
    ):
        answer = member.get(f"/w/{city.slug}/{path}")
        assert answer.status_code in (404, 405), path


def test_rights_are_checked_on_the_server_whatever_the_page_offers(
    staff: dict[str, User], city: Any, browse: Callable[[User], Client]
) -> None:
    """A button that is not shown is not a door that is shut: post as if it were there."""
    for role in ("viewer", "resident", "moderator"):
        pk = city.membership_set.get(user=staff["viewer"]).pk
        member = browse(staff[role])
        assert (
            member.post(f"/w/{city.slug}/members/", {"email": "x@example.org", "role": "owner"}).status_code
            == 403
        )
        assert (
            member.post(f"/w/{city.slug}/members/{pk}/", {"role": "owner", "change": ""}).status_code == 403
        )
    assert city.role_of(staff["viewer"]) == "viewer"


def test_rights_that_are_taken_away_are_gone_at_once(staff: dict[str, User], city: Any, browse: Any) -> None:
    member = browse(staff["analyst"])
    assert member.get(city.get_absolute_url()).status_code == 200
    city.membership_set.filter(user=staff["analyst"]).delete()
    assert member.get(city.get_absolute_url()).status_code == 404


def test_steps_cannot_be_skipped(owner: User, city: Any, person: Any) -> None:
    """A diagnosis needs tables that were read; a member must exist before there is a role to change."""
    from django.core.exceptions import ValidationError

    from isopolis.web.diagnoses.actions import StartDiagnosis

    from ..web.towns import upload

    dataset = upload(owner, city)
    with pytest.raises(ValidationError):
        StartDiagnosis(owner, city, dataset).run()
    with pytest.raises(ValidationError):
        AddMember(owner, city, "nobody@example.org", "king").run()


# -- the real server -------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """gunicorn as the platform starts it, with one process."""
    from isopolis.web.server import _web

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    folder = tmp_path_factory.mktemp("raw") / "data"
    begin(folder)
    env = environment(folder)
    prepare = (
        f"from pathlib import Path; from isopolis.web.server import prepare; prepare(Path({str(folder)!r}))"
    )
    subprocess.run([sys.executable, "-c", prepare], env=env, check=True)
    command = _web("127.0.0.1", port, 1)
    running = subprocess.Popen(command, env=env | {"ISOPOLIS_WEB_DATA": str(folder)})
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with socket.socket() as probe:
            listens = probe.connect_ex(("127.0.0.1", port)) == 0
        if listens and raw(port, b"GET / HTTP/1.1\r\n" + HEAD + b"\r\n").startswith(b"HTTP/1.1 200"):
            break
        time.sleep(0.2)
    yield port
    running.terminate()
    running.wait(20)


def raw(port: int, text: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), 20) as line:
        line.sendall(text)
        line.settimeout(20)
        out = b""
        try:
            while part := line.recv(65536):
                out += part
        except TimeoutError:
            pass
    return out


HEAD = b"Host: localhost\r\nConnection: close\r\n"
SMUGGLED = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: 5\r\nContent-Length: 50\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"Content-Length: +5\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        b"Content-Length: 0x5\r\n",
    ],
)
def test_requests_of_unclear_length_are_refused(server: int, head: bytes) -> None:
    out = raw(server, b"POST / HTTP/1.1\r\n" + HEAD + head + b"\r\n0\r\n\r\n" + SMUGGLED)
    assert out.count(b"HTTP/1.1") == 1, "a second answer would be that to the hidden request"
    assert b" 200 " not in out.split(b"\r\n")[0]


def test_a_line_break_in_a_header_is_refused(server: int) -> None:
    out = raw(server, b"GET / HTTP/1.1\r\n" + HEAD + b"X: a\rSet-Cookie: b\r\n\r\n")
    assert b"Set-Cookie: b" not in out
    assert out.startswith(b"HTTP/1.1 4")


@pytest.mark.parametrize(
    "path",
    [
        "/static/../settings.py",
        "/static/..%2fsettings.py",
        "/static/%2e%2e/%2e%2e/settings.py",
        "/static//etc/passwd",
        "/.git/config",
        "/static/.git/config",
        "/.env",
        "/isopolis.sqlite3",
        "/secret_key",
        "/static/../../../../etc/passwd",
        "/mail/",
        "/cities/",
        "/settings.py",
        "/static/isopolis/../../settings.py",
    ],
)
def test_no_file_of_the_server_is_handed_out(server: int, path: str) -> None:
    out = raw(server, f"GET {path} HTTP/1.1\r\n".encode() + HEAD + b"\r\n")
    assert out.split(b" ")[1] in (b"404", b"400", b"301"), out[:200]
    assert b"SECRET_KEY" not in out
    assert b"root:" not in out
    assert b"[core]" not in out


@pytest.mark.parametrize("path", ["/static/", "/static/isopolis/", "/static/isopolis", "/static"])
def test_no_folder_is_listed(server: int, path: str) -> None:
    out = raw(server, f"GET {path} HTTP/1.1\r\n".encode() + HEAD + b"\r\n")
    assert out.split(b" ")[1] in (b"404", b"301")
    assert b"style.css</a>" not in out
    assert b"Index of" not in out


def test_trace_is_refused_by_the_real_server(server: int) -> None:
    out = raw(server, b"TRACE / HTTP/1.1\r\n" + HEAD + b"X-Secret: echo-me\r\n\r\n")
    assert out.split(b" ")[1] in (b"405", b"400", b"403")
    assert b"echo-me" not in out


def test_errors_of_the_real_server_tell_nothing(server: int) -> None:
    for text in (
        b"GET /no/such HTTP/1.1\r\n" + HEAD + b"\r\n",
        b"NONSENSE\r\n\r\n",
        b"GET / HTTP/9.9\r\n" + HEAD + b"\r\n",
    ):
        out = raw(server, text)
        for word in (b"Traceback", b"site-packages", b"django", b"DEBUG = True", b"isopolis/web"):
            assert word not in out, text
