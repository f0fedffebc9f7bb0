"""What every answer carries: policies, types, cookies, and how long it may be kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory

from isopolis.web.accounts.models import User
from isopolis.web.security import POLICY, headers

from ..web.towns import diagnosed
from .conftest import texts

SECURE = {
    "SECURE_SSL_REDIRECT": True,
    "SESSION_COOKIE_SECURE": True,
    "CSRF_COOKIE_SECURE": True,
    "SESSION_COOKIE_NAME": "__Host-sessionid",
    "CSRF_COOKIE_NAME": "__Host-csrftoken",
    "LANGUAGE_COOKIE_NAME": "__Host-language",
    "LANGUAGE_COOKIE_SECURE": True,
}


def behind_tls(**more: str) -> dict[str, Any]:
    """Settings as they are with ``https``, read by a fresh interpreter."""
    import json
    import os
    import subprocess
    import sys
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        environment = (
            os.environ
            | {
                "ISOPOLIS_WEB_DATA": folder,
                "ISOPOLIS_WEB_HTTPS": "true",
                "ISOPOLIS_WEB_PROXY": "true",
                "DJANGO_SETTINGS_MODULE": "isopolis.web.settings",
            }
            | more
        )
        code = (
            "import json; from django.conf import settings as s\n"
            "names = [n for n in dir(s) if n.isupper()]\n"
            "print(json.dumps({n: getattr(s, n) for n in names}, default=str))"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
        )
    return dict(json.loads(done.stdout))


@pytest.fixture(scope="module")
def tls() -> dict[str, Any]:
    return behind_tls()


KINDS = [
    ("/", 200),
    ("/privacy/", 200),
    ("/accounts/login/", 200),
    ("/health", None),
    ("/no/such/page/", 404),
    ("/w/", 302),
    ("/static/isopolis/style.css", 200),
    ("/static/no-such.css", 404),
    ("/api/v1/workspaces", None),
    ("/account/data/", 302),
    ("/accounts/signup/", 200),
]


@pytest.fixture
def answers(owner: User, city: Any, browse: Callable[[User], Client]) -> list[tuple[str, Any]]:
    """One answer of every kind, seen by a visitor and by a member."""
    out: list[tuple[str, Any]] = []
    member = browse(owner)
    member.raise_request_exception = False
    for url, status in KINDS:
        answer = Client().get(url)
        assert status is None or answer.status_code == status, url
        out += [(url, answer), (url, member.get(url))]
    out.append(("403", member.get("/privacy/records/")))
    out.append(("workspace", member.get(city.get_absolute_url())))
    out.append(("405", member.put("/privacy/")))
    out.append(("413", Client().post("/", b"x", content_type="text/plain", CONTENT_LENGTH="999999999")))
    strict = Client(enforce_csrf_checks=True)
    out.append(("csrf", strict.post("/accounts/login/", {})))
    return out


def test_every_answer_has_the_policy(answers: list[tuple[str, Any]]) -> None:
    for name, answer in answers:
        said = answer.headers["Content-Security-Policy"]
        parts = dict(p.strip().partition(" ")[::2] for p in said.split(";"))
        assert parts["default-src"] == "'none'", name
        assert parts["object-src"] == parts["base-uri"] == "'none'", name
        assert "unsafe" not in said, name
        assert parts["script-src"] == "'self'", name


def test_a_broken_page_has_the_policy_too(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = headers(lambda _request: HttpResponse("broken", status=500))(RequestFactory().get("/"))
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_nothing_may_be_framed_but_what_is_made_for_it(answers: list[tuple[str, Any]]) -> None:
    for name, answer in answers:
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], name


def test_no_answer_is_sniffed(answers: list[tuple[str, Any]]) -> None:
    assert {a.headers.get("X-Content-Type-Options") for _n, a in answers} == {"nosniff"}


def test_addresses_are_not_told_to_others(answers: list[tuple[str, Any]]) -> None:
    said = {a.headers.get("Referrer-Policy") for n, a in answers if n != "413"}
    assert said <= {"same-origin", "no-referrer", "strict-origin", "strict-origin-when-cross-origin"}
    assert None not in said


def test_every_answer_says_what_it_is(answers: list[tuple[str, Any]]) -> None:
    for name, answer in answers:
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        if not body:
            continue
        kind = answer.headers["Content-Type"]
        if kind.startswith("text/"):
            assert "charset=utf-8" in kind.lower().replace('"', ""), name
            body.decode("utf-8")
        looks_html = body.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html"))
        assert looks_html == kind.startswith("text/html"), name
        if kind.startswith("application/json"):
            assert body.lstrip()[:1] in (b"{", b"["), name


def test_no_other_origin_may_read(answers: list[tuple[str, Any]], owner: User, browse: Any) -> None:
    foreign = {"Origin": "https://evil.example"}
    more = [
        ("evil", browse(owner).get("/w/", headers=foreign)),
        ("null", Client().get("/", headers={"Origin": "null"})),
    ]
    for name, answer in [*answers, *more]:
        allowed = answer.headers.get("Access-Control-Allow-Origin")
        assert allowed is None, name
        assert "Access-Control-Allow-Credentials" not in answer.headers, name


def test_other_sites_cannot_load_what_is_ours(answers: list[tuple[str, Any]]) -> None:
    assert {a.headers.get("Cross-Origin-Resource-Policy") for _n, a in answers} == {"same-origin"}


def test_pages_of_a_member_are_not_kept(owner: User, city: Any, browse: Any) -> None:
    member = browse(owner)
    for url in ("/w/", city.get_absolute_url(), "/", "/no/such/page/", "/accounts/email/"):
        assert "no-store" in member.get(url).headers["Cache-Control"], url
    assert "no-store" not in Client().get("/privacy/").headers.get("Cache-Control", "")


def test_after_signing_out_nothing_comes_back(owner: User, city: Any, browse: Any) -> None:
    member = browse(owner)
    member.get("/w/")
    answer = member.post("/accounts/logout/")
    assert "no-store" in answer.headers["Cache-Control"]
    assert member.get("/w/").status_code == 302
    assert not texts(r"localStorage|sessionStorage|indexedDB|caches\.|serviceWorker", ".js", ".html")


def test_nothing_sensitive_is_kept_in_the_browser() -> None:
    assert texts(r"localStorage|sessionStorage|indexedDB|document\.cookie|openDatabase", ".js", ".html") == []


# -- cookies ---------------------------------------------------------------------------------------
def cookies_of(client: Client, owner: User) -> dict[str, Any]:
    client.get("/accounts/login/", secure=True)
    client.post("/accounts/login/", {"login": owner.email, "password": "owner-long-password"}, secure=True)
    client.post("/language/setlang/", {"language": "fr"}, secure=True)
    return dict(client.cookies)


def test_cookies_behind_tls(owner: User, settings: Any, tls: dict[str, Any]) -> None:
    for name in SECURE:
        setattr(settings, name, tls[name])
    found = cookies_of(Client(), owner)
    assert set(found) == {"__Host-sessionid", "__Host-csrftoken", "__Host-language", "__Host-notices"}
    for name, cookie in found.items():
        assert cookie["secure"], name
        assert cookie["path"] == "/", name
        assert not cookie["domain"], name


def test_cookies_are_not_sent_from_other_sites(owner: User) -> None:
    for name, cookie in cookies_of(Client(), owner).items():
        assert cookie["samesite"] == "Lax", name


def test_scripts_cannot_read_cookies(owner: User) -> None:
    client = Client()
    for name, cookie in cookies_of(client, owner).items():
        assert cookie["httponly"], name
    key = client.session.session_key
    for url in ("/", "/w/", "/accounts/email/"):
        assert key not in client.get(url, follow=True, secure=True).content.decode()


def test_notices_are_signed_and_gone_after_one_page(owner: User, browse: Any) -> None:
    client = browse(owner)
    client.post("/w/new/", {"name": "A city"})
    notice = client.cookies["notices"]
    assert notice["httponly"]
    assert not notice["max-age"], "it goes with the browser"
    client.cookies["notices"] = notice.value.replace("A city", "B city")[:-1] + "x"
    assert b'class="notices"' not in client.get("/w/").content.replace(b"\n", b""), (
        "a changed one is not believed"
    )
    client.post("/w/new/", {"name": "C city"})
    client.get("/w/")
    assert not client.cookies["notices"].value


# -- TLS as the settings ask for it ----------------------------------------------------------------
def test_browsers_are_told_to_use_tls_for_a_year(settings: Any, tls: dict[str, Any], db: None) -> None:
    names = ("SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_SSL_REDIRECT")
    for name in names:
        setattr(settings, name, tls[name])
    for url in ("/", "/no/such/page/", "/static/isopolis/style.css", "/health"):
        said = Client().get(url, secure=True).headers["Strict-Transport-Security"]
        seconds = re.search(r"max-age=(\d+)", said)
        assert seconds
        assert int(seconds[1]) >= 31_536_000, url
        assert "includeSubDomains" in said, url


def test_plain_http_leads_to_tls_and_programs_are_refused(settings: Any, db: None) -> None:
    settings.SECURE_SSL_REDIRECT = True
    page = Client().get("/accounts/login/")
    assert (page.status_code, page["Location"]) == (301, "https://testserver/accounts/login/")
    for call in (Client().get, Client().post):
        program = call("/api/v1/workspaces", headers={"Authorization": "Bearer x"})
        assert program.status_code == 403
        assert "Location" not in program.headers
    assert Client().get("/api/v1/workspaces", secure=True).status_code == 401


# -- files -----------------------------------------------------------------------------------------
def test_files_of_a_city_are_saved_and_never_shown_as_pages(owner: User, city: Any, browse: Any) -> None:
    job = diagnosed(owner, city)
    base = f"/w/{city.slug}/diagnoses/{job.pk}/"
    page = browse(owner).get(base, follow=True).content.decode()
    links = set(re.findall(r'href="([^"]*/files/[^"]+)"', page)) | set(
        re.findall(r'href="([^"]*(?:\.csv|\.json|\.gpkg|\.zip|\.pdf)[^"]*)"', page)
    )
    assert links, page
    for link in links:
        answer = browse(owner).get(link)
        assert answer.status_code == 200, link
        said = answer.headers["Content-Disposition"]
        assert said.startswith("attachment"), link
        assert re.search(r'filename="[\w.-]+"', said), link


def test_names_in_headers_cannot_break_out(owner: User, city: Any, browse: Any) -> None:
    city.name = 'x"\r\nSet-Cookie: a=b\r\n\r\n<script>'
    city.save()
    job = diagnosed(owner, city)
    page = browse(owner).get(f"/w/{city.slug}/diagnoses/{job.pk}/", follow=True).content.decode()
    for link in set(re.findall(r'href="([^"]*(?:\.csv|\.json|\.gpkg)[^"]*)"', page)):
        answer = browse(owner).get(link)
        assert "a=b" not in str(answer.cookies)
        assert "\n" not in answer.headers["Content-Disposition"]
        assert answer.headers["Content-Disposition"].count('"') == 2
