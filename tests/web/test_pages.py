"""Every page: strict policy, no inline script or style, one h1, labels, its own city only."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from isopolis.web.diagnoses import store
from isopolis.web.diagnoses.drawings import without_inline_styles
from isopolis.web.explore.map_views import MAP_POLICY
from isopolis.web.security import POLICY
from isopolis.web.workspaces.actions import AddMember, CreateWorkspace
from isopolis.web.workspaces.models import Workspace

from .towns import diagnosed, upload

NO_LABEL = {"hidden", "submit", "button"}


class Page(HTMLParser):
    """What the checks need to know of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.headings: list[str] = []
        self.ids: list[str] = []
        self.labels: set[str] = set()
        self.inputs: list[dict[str, str | None]] = []
        self.wrong: list[str] = []
        self.links: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        got = dict(attrs)
        self.wrong += [f"{tag} {a}" for a in got if a == "style" or a.startswith("on")]
        if tag == "style" or (tag == "script" and not got.get("src")):
            self.wrong.append(f"inline {tag}")
        if re.match(r"h[1-6]$", tag):
            self.headings.append(tag)
        if tag == "label":
            self.labels.add(got.get("for") or "")
        if tag in ("input", "select", "textarea") and got.get("type") not in NO_LABEL:
            self.inputs.append(got)
        if got.get("id"):
            self.ids.append(got["id"] or "")
        for name in ("src", "href", "action"):
            value = got.get(name) or ""
            # a link that somebody follows asks nobody by itself; a source has to be reachable
            followed = tag == "a" and "noopener" in (got.get("rel") or "")
            if re.match(r"(https?:)?//", value) and not followed:
                self.wrong.append(f"{tag} asks another server: {value}")
        if tag == "a" and (got.get("href") or "").startswith(("/", "?")):
            self.links.add(got["href"] or "")


def check(answer: Any, path: str) -> Page:
    """Hold one page against the rules."""
    # the map that can be moved about makes its worker from a blob; no other page may
    policy = MAP_POLICY if re.search(r"/diagnoses/[0-9a-f-]{36}/map/(\?|$)", path) else POLICY
    assert answer.headers["Content-Security-Policy"] == policy, path
    assert answer.headers["X-Content-Type-Options"] == "nosniff", path
    text = answer.content.decode()
    page = Page(text)
    assert page.wrong == [], path
    assert page.headings.count("h1") == 1, (path, page.headings)
    assert page.headings[0] == "h1", path
    levels = [int(h[1]) for h in page.headings]
    assert all(b - a <= 1 for a, b in pairwise(levels)), (path, page.headings)
    assert len(set(page.ids)) == len(page.ids), (path, sorted(i for i in page.ids if page.ids.count(i) > 1))
    unlabelled = [
        i
        for i in page.inputs
        if i.get("id") not in page.labels
        and not i.get("aria-label")
        and not set((i.get("aria-labelledby") or "-").split()) <= set(page.ids)
    ]
    assert unlabelled == [], path
    assert re.search(r"<html lang=\"\w+", text), path
    assert re.search(r"<title>\s*\S", text), path
    return page


def crawl(client: Client, start: str) -> dict[str, Page]:
    """Follow every link of our own."""
    seen: dict[str, Page] = {}
    waiting = [start]
    many = {"/findings/": 40, "/vocabulary/": 30}  # pages of one kind, of which there are hundreds
    while waiting:
        path = waiting.pop()
        if path in seen or "/files/" in path:
            continue
        kind = next((k for k in many if k in path), "")
        if kind:
            many[kind] -= 1
            if many[kind] < 0:
                continue
        answer = client.get(path, follow=True)
        assert answer.status_code == 200, path
        if "text/html" not in answer.headers["Content-Type"]:
            continue
        seen[path] = check(answer, path)
        waiting += sorted(seen[path].links)
    return seen


def test_policy_is_strict() -> None:
    assert "unsafe" not in POLICY
    assert "http" not in POLICY


def test_every_page_of_a_visitor(db: None) -> None:
    seen = crawl(Client(), "/")
    assert {"/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"} <= set(seen)


def test_every_page_of_an_owner(owner: Any, city: Any, browse: Callable[[Any], Client]) -> None:
    diagnosed(owner, city)
    seen = crawl(browse(owner), "/w/")
    kinds = {re.sub(r"[0-9a-f-]{36}|\d+", "#", p) for p in seen}
    base = f"/w/{city.slug}/"
    assert {base, f"{base}members/", f"{base}log/", f"{base}data/upload/", f"{base}data/#/"} <= kinds
    assert {
        f"{base}diagnoses/#/",
        f"{base}diagnoses/#/dimension/#/",
        f"{base}diagnoses/#/findings/#/",
    } <= kinds
    assert {"/w/new/", "/accounts/email/", "/accounts/#fa/", "/accounts/password/change/"} <= kinds


def test_second_factor_pages(owner: Any, browse: Callable[[Any], Client]) -> None:
    client = browse(owner)
    # changing the factor asks for the password again, since the session was not opened with it just now
    client.post("/accounts/reauthenticate/", {"password": "owner-long-password"})
    for path in ("/accounts/2fa/", "/accounts/2fa/totp/activate/"):
        answer = client.get(path, follow=True)
        assert answer.status_code == 200
        check(answer, path)
    assert b"data:image/svg+xml" in answer.content


def test_wrong_forms_say_what_to_mend(owner: Any, city: Any, browse: Callable[[Any], Client]) -> None:
    client = browse(owner)
    for path, data in (
        ("/w/new/", {"name": ""}),
        (f"/w/{city.slug}/members/", {"email": "nobody", "role": "viewer"}),
        (f"/w/{city.slug}/data/upload/", {}),
    ):
        answer = client.post(path, data)
        page = check(answer, path)
        assert b'role="alert"' in answer.content
        assert any((i.get("aria-invalid"), i.get("aria-describedby"))[0] for i in page.inputs), path
    answer = Client().post("/accounts/login/", {"login": "x@example.org", "password": "wrong"})
    check(answer, "/accounts/login/")


def test_waiting_page(owner: Any, city: Any, browse: Callable[[Any], Client]) -> None:
    dataset = upload(owner, city)
    answer = browse(owner).get(dataset.get_absolute_url())
    check(answer, "dataset")
    assert b"Look again" in answer.content


def test_error_pages(owner: Any, city: Any, browse: Callable[[Any], Client], person: Any) -> None:
    for client, path, status in (
        (Client(), "/nothing/here", 404),
        (browse(owner), "/w/nowhere/", 404),
        (browse(owner), f"/sign-in/{'x' * 40}/", 200),
    ):
        answer = client.get(path)
        assert answer.status_code == status
        check(answer, path)
    viewer = person("viewer")
    AddMember(owner, city, viewer.email, "viewer").run()
    answer = browse(viewer).get(f"/w/{city.slug}/data/upload/")
    assert answer.status_code == 403
    check(answer, "403")
    assert b"owner, analyst. Yours is: viewer." in answer.content


def test_a_broken_server_says_so(owner: Any, browse: Callable[[Any], Client], monkeypatch: Any) -> None:
    client = browse(owner)
    client.raise_request_exception = False
    monkeypatch.setattr("isopolis.web.workspaces.views.render", lambda *a, **k: 1 / 0)
    answer = client.get("/w/")
    assert answer.status_code == 500
    check(answer, "500")
    assert b"Nothing that was saved before is lost" in answer.content


def test_a_form_without_its_token_is_refused(owner: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner, "isopolis.web.accounts.backends.Accounts")
    answer = client.post("/w/new/", {"name": "Forged"})
    assert answer.status_code == 403
    check(answer, "csrf")
    assert not Workspace.objects.filter(name="Forged").exists()


# -- other people's cities -----------------------------------------------------------------------------


def test_every_page_of_a_workspace_has_a_guard() -> None:
    found = {p.name: p.callback for p in _patterns()}
    assert [n for n, view in found.items() if not hasattr(view, "permission")] == []
    assert len(found) > 12


def _patterns() -> list[URLPattern]:
    """Every address inside a workspace; test_people_doors.py looks at all the others."""
    flat, waiting = [], [("", p) for p in get_resolver().url_patterns]
    while waiting:
        before, p = waiting.pop()
        whole = before + str(p.pattern)
        if isinstance(p, URLResolver):
            waiting += [(whole, inner) for inner in p.url_patterns]
        elif whole.startswith("w/<slug:slug>"):
            flat.append(p)
    return flat


def address(page: str, slug: str, pk: Any, **more: Any) -> str:
    (pattern,) = [p for p in _patterns() if p.name == page]
    values = {
        "slug": slug,
        "pk": pk,
        "number": 0,
        "module": 0,
        "dimension": 0,
        "name": "report.html",
        "z": 0,
        "x": 0,
        "y": 0,
        "ext": "mvt",
        "kind": "json",
        "what": "submit",
        "section": "x",
        "key": "x",
    } | more
    return reverse(page, kwargs={k: values[k] for k in pattern.pattern.converters})


@pytest.fixture
def two(owner: Any, city: Any, person: Any) -> tuple[Any, Any, Any, Any]:
    """A city with a diagnosis, and another with an owner of its own."""
    job = diagnosed(owner, city)
    other = person("other")
    return city, job, CreateWorkspace(other, "Othertown").run(), other


@pytest.mark.parametrize("method", ["get", "post"])
def test_another_city_is_not_there(two: Any, browse: Callable[[Any], Client], method: str) -> None:
    city, job, othertown, other = two
    client, mine = browse(other), city.membership_set.get().pk
    ids = {"data": job.subject, "member": mine}
    for pattern in _patterns():
        pk = (
            ids["member"]
            if pattern.pattern.converters.get("pk").__class__.__name__ == "IntConverter"
            else ids["data"]
            if "data" in str(pattern.pattern)
            else job.pk
        )
        if pattern.name != "workspace":
            # through the city itself, and its object through one's own city
            for slug in (city.slug, othertown.slug):
                if slug == othertown.slug and "pk" not in pattern.pattern.converters:
                    continue
                answer = getattr(client, method)(address(pattern.name, slug, pk))
                # 405 says only that such a page takes no such method
                assert answer.status_code in (404, 405), (pattern.name, slug, answer.status_code)
    assert client.get(address("workspace", city.slug, None)).status_code == 404
    assert city.membership_set.count() == 1


def test_visitors_are_sent_to_sign_in(two: Any) -> None:
    city, job, _, _ = two
    for name in ("workspace", "diagnosis", "finding", "download", "upload"):
        answer = Client().get(address(name, city.slug, job.pk))
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/accounts/login/?next=/w/")


# -- downloads and findings ------------------------------------------------------------------------------
def test_downloads_by_role(staff: Any, owner: Any, city: Any, browse: Callable[[Any], Client]) -> None:
    job = diagnosed(owner, city)
    for role, status in (("policy_officer", 200), ("viewer", 403), ("moderator", 403), ("stranger", 404)):
        for name in store.DOWNLOADS:
            answer = browse(staff[role]).get(address("download", city.slug, job.pk, name=name))
            assert answer.status_code == status, (role, name)
            if status == 200:
                content = b"".join(answer.streaming_content)
                assert len(content) > 100
                assert answer.headers["Content-Disposition"] == f'attachment; filename="testville-{name}"'
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert answer.headers["Content-Security-Policy"].startswith("sandbox;")
                assert answer.headers["Cache-Control"] == "no-store"


def test_nothing_else_is_downloaded(owner: Any, city: Any, browse: Callable[[Any], Client]) -> None:
    job = diagnosed(owner, city)
    stem = address("download", city.slug, job.pk, name="x")[:-1]
    for name in ("secret_key", "pages", "..%2f..%2fsecret_key", "report.html%00", "REPORT.HTML", "../../x"):
        assert browse(owner).get(stem + name).status_code == 404, name


def test_a_finding_has_everything(owner: Any, city: Any, browse: Callable[[Any], Client]) -> None:
    job = diagnosed(owner, city)
    client, overview = browse(owner), store.overview(job)
    assert overview["notes"] == ["example data, not a real place"]
    rows = [f for d in overview["dimensions"] for f in store.listed(job, d["number"])]
    assert sorted(f["number"] for f in rows) == list(range(overview["findings"]))
    for row in rows:
        found = store.finding(job, row["number"])
        page = client.get(address("finding", city.slug, job.pk, number=row["number"])).content.decode()
        assert "example data, not a real place" in page
        for part in ("Measured", "Expected by chance", "Interval", "Method and origin", "Take care"):
            assert part in page
        assert page.count("<figure>") == len(found["figures"])
        assert page.count('<svg role="img" aria-label=') == len(found["figures"])
        assert page.count("<table>") >= len(found["figures"])
    with_drawing = [r for r in rows if store.finding(job, r["number"])["figures"]]
    assert len(with_drawing) == len(rows)


def test_styles_of_drawings_become_attributes() -> None:
    path = '<path d="M0 0" style="fill: #fff; stroke: url(#a); x: y"/>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg">{path}</svg>'
    made = without_inline_styles(svg)
    assert 'fill="#fff"' in made
    assert 'stroke="url(#a)"' in made
    assert "style" not in made
    assert "x=" not in made
