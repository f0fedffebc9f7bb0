"""Pages and commands on personal data: generated from the register, readable, without any foreign request."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from isopolis.cli.app import run
from isopolis.web.accounts.models import User
from isopolis.web.modules.manifests import kinds
from isopolis.web.protect.models import Erasure
from isopolis.web.protect.records import dpia, entries
from isopolis.web.protect.register import records

from ..conftest import missing

SITE = "http://testserver"
PUBLIC = ["/privacy/", "/accessibility/"]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ARGS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]


def confirmed(user: User) -> Client:
    """A client that has signed in and said its password again."""
    client = Client()
    client.force_login(user, "isopolis.web.accounts.backends.Accounts")
    client.post("/accounts/reauthenticate/", {"password": f"{user.name}-long-password"})
    return client


def text(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


@pytest.mark.parametrize("url", PUBLIC)
def test_everybody_can_read_them(db: None, url: str) -> None:
    answer = Client().get(url)
    assert answer.status_code == 200
    assert len(answer.content) < 60_000
    assert answer.content.decode().count("<h1>") == 1


def test_the_privacy_page_has_every_kind_of_data(db: None) -> None:
    page = text(Client().get("/privacy/")).casefold()
    for entry in entries():
        for word in (entry.about, entry.purpose, entry.keep, entry.seen_by, *entry.fields):
            assert " ".join(str(word).replace("'", "&#x27;").split()).casefold() in page, word


def test_who_is_responsible(db: None, settings: Any) -> None:
    assert "not entered their name" in text(Client().get("/privacy/"))
    settings.OPTIONS = settings.OPTIONS | {
        "controller": "City of <b>Testville</b>", "protection_officer": "dpo@example.org",
        "accessibility_contact": "+99 123", "authority": "The Authority",
    }  # fmt: skip
    page = Client().get("/privacy/").content.decode()
    assert "City of &lt;b&gt;Testville" in page
    assert "dpo@example.org" in page
    assert "The Authority" in page
    assert "+99 123" in Client().get("/accessibility/").content.decode()


def test_the_records_are_for_administrators(owner: User, person: Any) -> None:
    boss = person("boss", is_admin=True)
    for url in ("/privacy/records/", "/privacy/impact-assessment.md"):
        assert Client().get(url).status_code == 302
        assert confirmed(owner).get(url).status_code == 403
        assert confirmed(boss).get(url).status_code == 200
    page = text(confirmed(boss).get("/privacy/records/"))
    for record in records():
        assert bool(re.search(rf"{record.model}(?!\w)", page)) == bool(record.personal)


def test_the_frame_of_an_assessment_is_made_from_the_tables(db: None) -> None:
    said = dpia()
    assert [s[3:] for s in said.splitlines() if s.startswith("## ")] == [
        "1. What is done, with which data", "2. Why it is needed, and on which legal basis",
        "3. Risks for people", "4. What the platform does against them", "5. Who was asked",
    ]  # fmt: skip
    for record in records():
        assert (str(record.about) in said) or not record.personal
    assert "**(special category)**" in said
    rows = [line for line in said.splitlines() if line.startswith("|")]
    assert {r.count("|") for r in rows} <= {4, 6, 7}, "no cell breaks the table"


def test_what_modules_say_is_personal_is_in_the_register() -> None:
    declared = {f"{r.model}.{f}" for r in records() for f in r.personal}
    for kind in kinds().values():
        assert set(kind.personal_fields) <= declared


# -- in a browser ----------------------------------------------------------------------------------
def fetched(owner: User, person: Callable[..., User]) -> dict[str, bytes]:
    boss = person("boss", is_admin=True)
    out = {url: Client().get(url).content for url in PUBLIC}
    out |= {url: confirmed(owner).get(url).content for url in ("/account/data/", "/account/erase/")}
    return out | {"/privacy/records/": confirmed(boss).get("/privacy/records/").content}


@pytest.mark.whole
def test_pages_are_accessible_and_ask_nobody_else(owner: User, city: Any, person: Any) -> None:
    pages = fetched(owner, person)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        missing("chromium")
    found: list[str] = []
    foreign: list[str] = []

    def serve(route: Any) -> None:
        parts = urlsplit(route.request.url)
        if f"{parts.scheme}://{parts.netloc}" != SITE:
            foreign.append(route.request.url)
        if parts.path in pages:
            route.fulfill(body=pages[parts.path], content_type="text/html; charset=utf-8")
            return
        static = finders.find(parts.path.removeprefix("/static/"))
        kind = "text/css" if parts.path.endswith(".css") else "text/javascript"
        route.fulfill(body=Path(str(static)).read_bytes() if static else b"", content_type=kind)

    axe = import_module("axe_playwright_python.sync_playwright")
    with import_module("playwright.sync_api").sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=ARGS)
        page = browser.new_page(viewport={"width": 320, "height": 640})
        page.route("**/*", serve)
        for url in pages:
            page.goto(SITE + url)
            answer = axe.Axe().run(page, options={"runOnly": TAGS}).response
            found += [f"{url}: {v['id']} {v['nodes'][0]['html'][:150]}" for v in answer["violations"]]
            width = page.evaluate("document.documentElement.scrollWidth")
            found += [f"{url} is {width} pixels wide"] if width > 320 else []
        browser.close()
    assert found == []
    assert foreign == []


# -- commands --------------------------------------------------------------------------------------
@pytest.fixture
def command(db: None, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Callable[..., tuple[int, str]]:
    """Run a command on the database of the test, without making a data folder."""
    monkeypatch.setattr("isopolis.web.server.prepare", lambda data: data)

    def call(*words: str) -> tuple[int, str]:
        code = run(["personal", *words])
        said = capsys.readouterr()
        return code, said.out + said.err

    return call


def test_export_by_command(command: Any, owner: User, city: Any, tmp_path: Path) -> None:
    for who in (owner.email.upper(), str(owner.pk)):
        code, _said = command("export", "--account", who, "--to", str(tmp_path / who))
        assert code == 0
        found = json.loads((tmp_path / who / "account.json").read_text(encoding="utf-8"))
        assert found["account"] == owner.pk
    assert (tmp_path / who / "account.json").stat().st_mode & 0o077 == 0


def test_erase_by_command(command: Any, owner: User, city: Any, person: Any) -> None:
    ana = person("ana")
    code, said = command("erase", "--account", ana.email, "--dry-run")
    assert (code, "accounts.User" in said, "Nothing was changed" in said) == (0, True, True)
    assert User.objects.filter(pk=ana.pk).exists()
    code, said = command("erase", "--account", ana.email)
    assert (code, f"Account {ana.pk} is erased" in said) == (0, True)
    assert not User.objects.filter(pk=ana.pk).exists()
    code, said = command("erase", "--account", owner.email)
    assert code == 2
    assert "Testville" in said
    assert User.objects.filter(pk=owner.pk).exists()
    code, said = command("erase", "--account", "nobody@example.org")
    assert (code, "no such account" in said) == (2, True)


def test_retention_and_replay_by_command(command: Any, person: Any, tmp_path: Path) -> None:
    code, said = command("retention", "--dry-run")
    assert (code, "session:" in said, "Nothing was changed" in said) == (0, True, True)
    ana = person("ana")
    kept = tmp_path / "kept.csv"
    kept.write_text(f"number,at\n{ana.pk},2999-01-01T00:00:00+00:00\n", encoding="utf-8")
    assert command("replay", "--from", str(kept), "--dry-run")[1].startswith(f"Would erase again: {ana.pk}")
    assert command("replay", "--from", str(kept))[0] == 0
    assert Erasure.objects.get().number == ana.pk
    assert command("replay", "--from", str(tmp_path / "none.csv"))[0] == 2


def test_dpia_by_command(command: Any, tmp_path: Path) -> None:
    assert command("dpia", "--to", str(tmp_path / "dpia.md"))[0] == 0
    assert (tmp_path / "dpia.md").read_text(encoding="utf-8") == dpia()
