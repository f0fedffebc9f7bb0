"""The page in a browser: quiet, self-contained, accessible, and readable on a small screen."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from isopolis.report import write_report

from ..conftest import missing
from .conftest import NOTICE, make_diagnosis

ARGS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    sync = _module("playwright.sync_api")
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        missing("chromium")
    with sync.sync_playwright() as play:
        running = play.chromium.launch(executable_path=path, args=ARGS)
        yield running
        running.close()


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return missing(name)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A report of few zones and findings: axe looks at every shape and every cell."""
    whole = make_diagnosis(20)
    few = [f for f in whole.findings if f.date != "2015" or f.measure == "dissimilarity"]
    return write_report(
        replace(whole, findings=tuple(few)), tmp_path_factory.mktemp("browser") / "out", pdf=False
    )


@pytest.fixture
def page(browser: Any, made: dict[str, Path]) -> Iterator[Any]:
    tab = browser.new_page()
    yield tab
    tab.close()


def address(made: dict[str, Path]) -> str:
    return made["report.html"].as_uri()


def test_no_message_no_request(page: Any, made: dict[str, Path]) -> None:
    said, asked = [], []
    page.on("console", lambda m: said.append(m.text))
    page.on("pageerror", lambda e: said.append(str(e)))
    page.on("request", lambda r: asked.append(r.url))
    page.goto(address(made))
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.wait_for_timeout(300)
    assert said == []
    assert [u for u in asked if not u.startswith("data:")] == [address(made)]


@pytest.mark.parametrize("width", [1280, 320])
def test_axe_finds_nothing_serious(page: Any, made: dict[str, Path], width: int) -> None:
    axe = _module("axe_playwright_python.sync_playwright")
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(address(made))
    if width > 320:
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    found = axe.Axe().run(page, options={"runOnly": TAGS}).response
    serious = [
        (v["id"], v["impact"], v["nodes"][0]["html"][:200])
        for v in found["violations"]
        if v["impact"] in ("serious", "critical", "moderate")
    ]
    assert serious == []
    assert len(found["passes"]) > 15


@pytest.mark.parametrize("width", [320, 375, 768, 1280])
def test_nothing_scrolls_sideways_but_tables_and_drawings(
    page: Any, made: dict[str, Path], width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(address(made))
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_large_type_does_not_break_out(page: Any, made: dict[str, Path]) -> None:
    page.set_viewport_size({"width": 320, "height": 256})
    page.goto(address(made))
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_keyboard_reaches_the_report_first(page: Any, made: dict[str, Path]) -> None:
    page.goto(address(made))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the report"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_readable_without_javascript(browser: Any, made: dict[str, Path]) -> None:
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(address(made))
    assert tab.locator("h1").is_visible()
    assert tab.locator(".cards li").count() == 5
    assert tab.locator("figure svg").first.is_visible()
    tab.locator("details summary").first.click()
    assert tab.locator("details table").first.is_visible()
    context.close()


def test_the_notice_is_on_every_printed_page(page: Any, made: dict[str, Path], tmp_path: Path) -> None:
    from pypdf import PdfReader

    page.goto(address(made))
    page.pdf(path=str(tmp_path / "print.pdf"), prefer_css_page_size=True)
    pages = PdfReader(tmp_path / "print.pdf").pages
    assert len(pages) > 3
    assert all(NOTICE in p.extract_text() for p in pages)
