"""The map that can be moved about, in a browser under the policy of its page; and all pages at 320 pixels."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from isopolis.web.diagnoses import store as pages
from isopolis.web.explore import store

from ..conftest import missing
from .maptown import NAMES, files, settle, tiles
from .test_browser import ARGS, TAGS, _module

SHOTS = os.environ.get("ISOPOLIS_SHOTS", "")


@pytest.fixture
def town(transactional_db: None, owner: Any, city: Any) -> Any:
    return settle(owner, city, files() | {"town.pmtiles": tiles()[0]})


@pytest.fixture
def signed_in(town: Any, owner: Any, browse: Callable[[Any], Client]) -> str:
    return browse(owner).cookies["sessionid"].value


@pytest.fixture
def chromium(signed_in: str, live_server: Any) -> Iterator[Callable[..., Any]]:
    """Open pages of somebody who has signed in; the browser is gone before the database is."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        missing("chromium")
    with _module("playwright.sync_api").sync_playwright() as play:
        running = play.chromium.launch(executable_path=path, args=ARGS)
        cookie = {"name": "sessionid", "value": signed_in, "url": live_server.url}

        def page(width: int = 1280, **more: Any) -> Any:
            context = running.new_context(viewport={"width": width, "height": 800}, **more)
            context.add_cookies([cookie])
            return context.new_page()

        yield page
        running.close()


def watched(page: Any) -> tuple[list[str], list[str]]:
    """Collect what the console says, violations of the policy included, and where requests go."""
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda m: said.append(m.text))
    page.on("pageerror", lambda e: said.append(str(e)))
    page.on("request", lambda r: asked.append(r.url))
    return said, asked


def shot(page: Any, name: str) -> None:
    """Keep a picture for people to look at, where one is wanted."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def until_ready(page: Any, said: list[str]) -> None:
    """Wait until the map says how it went: drawing by software takes its time."""
    page.wait_for_selector("body:not([data-ready])", state="detached", timeout=120_000)
    assert page.locator("body").get_attribute("data-ready") == "yes", (page.url, said)


def accessible(page: Any) -> list[str]:
    axe = _module("axe_playwright_python.sync_playwright")
    answer = axe.Axe().run(page, options={"runOnly": TAGS}).response
    return [f"{page.url}: {v['id']} {v['nodes'][0]['html'][:150]}" for v in answer["violations"]]


def test_the_map_moves_under_a_strict_policy(chromium: Any, live_server: Any, town: Any, city: Any) -> None:
    base = f"{live_server.url}/w/{city.slug}/diagnoses/{town.pk}/"
    page = chromium()
    said, asked = watched(page)
    page.goto(f"{base}zones/?d=0&g=1")
    assert not [u for u in asked if "maplibre" in u], "loaded before anybody asked for it"
    page.get_by_role("link", name="Explore on a map").click()
    until_ready(page, said)
    shot(page, "map-1280")
    policy = page.request.get(page.url).headers["content-security-policy"]
    assert "unsafe" not in policy
    assert page.locator("#map canvas").count() == 1
    # the middle of the map is a zone: by pointer, and by keyboard
    page.locator("#map canvas").click()
    assert page.locator(".maplibregl-popup").inner_text()
    page.get_by_role("button", name="Close").click()
    page.locator("#map canvas").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("#map-status:not(:empty)")
    page.keyboard.press("Enter")
    link = page.get_by_role("link", name="Open the page of this zone")
    assert link.is_visible()
    assert accessible(page) == []
    link.click()
    assert page.locator("h1").inner_text() in NAMES
    assert any("/tiles/" in u for u in asked)
    assert {u for u in asked if not u.startswith((live_server.url, "blob:", "data:"))} == set()
    assert said == []


def test_a_name_with_markup_stays_text(chromium: Any, live_server: Any, town: Any, city: Any) -> None:
    page = chromium()
    said, _ = watched(page)
    page.goto(f"{live_server.url}/w/{city.slug}/diagnoses/{town.pk}/map/?zone={NAMES.index('Ñandú <b>&')}")
    until_ready(page, said)
    assert page.locator(".maplibregl-popup strong").inner_text() == "Ñandú <b>&"
    assert page.locator(".maplibregl-popup b").count() == 0


def test_every_page_is_whole_at_320_pixels(chromium: Any, live_server: Any, town: Any, city: Any) -> None:
    base = f"{live_server.url}/w/{city.slug}/diagnoses/{town.pk}/"
    page = chromium(320)
    said, _ = watched(page)
    wrong: list[str] = []
    first = store.rows_of(town, 0)[0]["number"]
    paths = {
        "zones": "zones/?d=0&g=1", "zone": "zones/7/", "search": "zones/search/?q=quarter",
        "finding": "findings/0/", "groups": "compare/", "dates": f"compare/?by=dates&f={first}",
        "refused": "compare/?f=0&f=5", "map": "map/", "overview": "",
    }  # fmt: skip
    for name, path in paths.items():
        page.goto(base + path)
        if name == "map":
            until_ready(page, said)
        wrong += _narrow(page, name)
    for name, path in {"glossary": "/glossary/", "cities": f"/compare/?c={city.slug}"}.items():
        page.goto(live_server.url + path)
        wrong += _narrow(page, name)
    assert wrong == []
    assert said == []


def _narrow(page: Any, name: str) -> list[str]:
    shot(page, f"{name}-320")
    width = page.evaluate("document.documentElement.scrollWidth")
    wrong = accessible(page) + ([f"{page.url} is {width} pixels wide"] if width > 320 else [])
    page.evaluate("document.documentElement.dir = 'rtl'")
    shot(page, f"{name}-rtl")
    width = page.evaluate("document.documentElement.scrollWidth")
    return wrong + ([f"{page.url} is {width} pixels wide from right to left"] if width > 320 else [])


def test_forms_answer_in_place(chromium: Any, live_server: Any, town: Any, city: Any) -> None:
    base = f"{live_server.url}/w/{city.slug}/diagnoses/{town.pk}/"
    page = chromium()
    said, _ = watched(page)
    page.goto(f"{base}zones/search/")
    page.evaluate("window.sameDocument = true")
    page.get_by_label("Find a zone").fill("polnoc")
    page.get_by_role("button", name="Search").click()
    page.wait_for_selector("#found li a")
    assert page.locator("#found li a").inner_text() == "Łódź-Północ"
    assert page.evaluate("window.sameDocument") is True
    assert page.url.endswith("?q=polnoc")
    page.goto(f"{base}compare/")
    page.evaluate("window.sameDocument = true")
    page.get_by_label("Measure").select_option(index=1)
    page.get_by_role("button", name="Compare").click()
    page.wait_for_url("**/compare/?was=*")
    assert page.evaluate("window.sameDocument") is True
    assert page.locator("main h1").count() == 1
    shot(page, "compare-1280")
    assert said == []


def test_the_same_without_javascript(chromium: Any, live_server: Any, town: Any, city: Any) -> None:
    page = chromium(java_script_enabled=False)
    page.goto(f"{live_server.url}/w/{city.slug}/diagnoses/{town.pk}/zones/")
    page.get_by_label("Find a zone").fill("strasse ubung 8")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Quarter 7").click()
    assert page.locator("h1").inner_text() == "Quarter 7"
    page.get_by_role("link", name="Show on a map").click()
    page.wait_for_url("**/map/**")
    page.wait_for_selector("footer.site")
    assert page.get_by_text("This map needs JavaScript").is_visible()
    page.get_by_role("link", name="The same as a drawing and a list").click()
    page.get_by_role("link", name="Difference from the city's mix").click()
    assert page.locator("th[aria-sort=ascending]").count() == 1


def drawn_with(job: Any, number: int) -> list[dict[str, Any]]:
    """The figures on the page of one finding."""
    return [pages.figure(job, key) for key in pages.finding(job, number)["figures"]]


def test_on_paper_everything_is_open(chromium: Any, live_server: Any, town: Any, city: Any) -> None:
    page = chromium()
    folded = next(n for n in range(60) if any(f.get("table", {}).get("folded") for f in drawn_with(town, n)))
    page.goto(f"{live_server.url}/w/{city.slug}/diagnoses/{town.pk}/findings/{folded}/")
    assert not page.locator("details table").first.is_visible()
    page.emulate_media(media="print")
    assert page.locator("details table").first.is_visible()
    assert not page.locator("header.site").is_visible()
    shot(page, "finding-print")
