"""The whole way in a browser: from an empty database to a finding, without JavaScript, at 320 pixels.

The server, its job runner and its jobs are real processes on a folder of their own.
"""

from __future__ import annotations

import importlib
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ..conftest import missing

ROOT = Path(__file__).resolve().parents[2]
ARGS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PATIENCE = 240


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return missing(name)


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


class Server:
    """``isopolis serve`` on an empty folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder.with_suffix(".log")
        env = {k: v for k, v in os.environ.items() if not k.startswith(("ISOPOLIS_WEB_", "DJANGO_"))}
        command = [
            sys.executable,
            "-m",
            "isopolis",
            "serve",
            "--data",
            str(folder),
            "--port",
            "0",
            "--no-open",
        ]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [*command, "--workers", "1"],
                env=env | {"PYTHONPATH": str(ROOT / "src")},
                stdout=log,
                stderr=log,
            )
        self.link = self.wait(r"Sign in once with: (\S+)")
        self.address = self.wait(r"Address: (\S+)/")

    def wait(self, pattern: str) -> str:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and self.process.poll() is None:
            found = re.search(pattern, self.log.read_text())
            if found:
                return found[1]
            time.sleep(0.2)
        raise AssertionError(self.log.read_text())

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("serve") / "data")
    yield running
    running.stop()


def visit(page: Any, address: str) -> None:
    """Go there, as soon as the web server listens."""
    until = time.monotonic() + 60
    while True:
        try:
            page.goto(address)
        except Exception:
            if time.monotonic() > until:
                raise
            time.sleep(0.5)
        else:
            return


def narrow(page: Any, found: list[str]) -> None:
    """Hold the page against WCAG 2.2 AA, and against 320 pixels."""
    axe = _module("axe_playwright_python.sync_playwright")
    answer = axe.Axe().run(page, options={"runOnly": TAGS}).response
    found += [f"{page.url}: {v['id']} {v['nodes'][0]['html'][:150]}" for v in answer["violations"]]
    width = page.evaluate("document.documentElement.scrollWidth")
    if width > 320:
        found.append(f"{page.url} is {width} pixels wide")


def until_over(page: Any, gone: str) -> None:
    """Look again, as somebody without JavaScript does, until the work is over."""
    until = time.monotonic() + PATIENCE
    page.wait_for_selector("footer.site")  # a page that is still coming in has no link yet
    while page.get_by_role("link", name="Look again").count():
        assert time.monotonic() < until, page.content()
        time.sleep(1)
        page.goto(page.url)
        page.wait_for_selector("footer.site")
    assert page.get_by_text(gone).count() == 0, page.content()


def test_from_nothing_to_a_finding_without_javascript(browser: Any, server: Server, data: Path) -> None:
    city = data / "barcelona_neighbourhoods"
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640})
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url))

    visit(page, server.link)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Create a workspace").click()
    page.get_by_label("Name of your city").fill("Barcelona")
    page.get_by_role("button", name="Create").click()
    page.get_by_role("link", name="Upload files").click()
    page.get_by_label("Files of your city").set_input_files(
        [city / "neighbourhoods.csv", city / "neighbourhoods.gpkg"]
    )
    page.get_by_role("button", name="Upload").click()
    page.wait_for_url(re.compile(r"/data/[0-9a-f-]{36}/$"))
    until_over(page, "To mend first")
    assert page.get_by_text("73 (73 with an outline)").is_visible()
    assert page.get_by_text("1639981").is_visible()

    # one column is not wanted: the guess is corrected in the form, and the files are read again
    box = page.get_by_label("city.toml")
    box.fill(re.sub(r"(?m)^name = .*$", 'name = "Barcelona, corrected"', box.input_value(), count=1))
    page.get_by_role("button", name="Keep and read again").click()
    page.wait_for_selector("text=The correction was kept")
    until_over(page, "To mend first")
    assert page.get_by_text("Barcelona, corrected").first.is_visible()

    page.get_by_role("button", name="Run the diagnosis").click()
    page.wait_for_url("**/diagnoses/**")
    until_over(page, "could not be computed")
    assert page.get_by_role("heading", level=1).inner_text() == "Barcelona, corrected: what stands out"
    first = page.locator("ol.cards h2 a").first
    name = first.inner_text()
    first.click()
    assert page.get_by_role("heading", level=1).inner_text() == name
    assert page.locator("figure svg").count() >= 1
    assert page.get_by_text("Expected by chance").first.is_visible()
    finding, overview = page.url, page.url.split("findings/")[0]

    with page.expect_download() as download:
        page.goto(overview)
        page.get_by_role("link", name="findings.csv").click()
    assert download.value.path().read_text(encoding="utf-8").startswith("measure,dimension,group")
    assert {u for u in asked if not u.startswith(("data:", server.address + "/"))} == set()

    # axe itself needs JavaScript, so the pages are looked at again in a tab that has it
    found: list[str] = []
    size = {"width": 320, "height": 640}
    tab = browser.new_context(viewport=size, storage_state=context.storage_state()).new_page()
    said: list[str] = []
    tab.on("console", lambda m: said.append(m.text))
    tab.on("pageerror", lambda e: said.append(str(e)))
    workspace = overview.split("diagnoses/")[0]
    inner = [f"{workspace}{part}/" for part in ("data/upload", "members", "log")]
    account = f"{server.address}/accounts/email/"
    for address in (finding, overview, f"{overview}dimension/0/", workspace, *inner, account):
        tab.goto(address)
        tab.wait_for_selector("h1")
        narrow(tab, found)
    dataset = page.goto(workspace) and page.locator("ul.rows a").last.get_attribute("href")
    tab.goto(server.address + str(dataset))
    narrow(tab, found)
    visitor = browser.new_context(viewport={"width": 320, "height": 640}).new_page()
    for path in ("/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/nothing/"):
        visitor.goto(server.address + path)
        narrow(visitor, found)
    assert found == []
    assert said == []


def test_a_killed_job_is_done_after_all(browser: Any, server: Server) -> None:
    """Kill the process of a job with signal 9: the runner takes it up again and it ends well."""
    import csv

    base = sqlite3.connect(server.folder / "isopolis.sqlite3", timeout=20)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    account = {"email": "ana@example.org", "password": "a long enough one"}
    visit(page, server.address + "/accounts/signup/")
    page.get_by_label("Email", exact=False).first.fill(account["email"])
    for field in page.locator("input[type=password]").all():
        field.fill(account["password"])
    page.get_by_role("button", name="Sign Up").click()
    page.get_by_role("link", name="Create a workspace").click()
    page.get_by_label("Name of your city").fill("Smalltown")
    page.get_by_role("button", name="Create").click()
    table = server.folder.parent / "people.csv"
    with table.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["zone", "total", "born_here", "born_abroad"])
        writer.writerows([f"Z{i:02d}", 200 + 7 * i, 150 + 3 * i, 50 + 4 * i] for i in range(24))
    page.get_by_role("link", name="Upload files").click()
    page.get_by_label("Files of your city").set_input_files([table])
    page.get_by_role("button", name="Upload").click()
    page.wait_for_url(re.compile(r"/data/[0-9a-f-]{36}/$"))
    until_over(page, "To mend first")
    page.get_by_role("button", name="Run the diagnosis").click()
    page.wait_for_url("**/diagnoses/**")
    job = page.url.rstrip("/").rpartition("/")[2]
    child = int(server.wait(rf"job {job} \(diagnose\), attempt 1, process (\d+)"))
    os.kill(child, signal.SIGKILL)
    server.wait(rf"job {job} \(diagnose\), attempt (2), process")
    until_over(page, "could not be computed")
    asked = "SELECT state, attempt FROM work_job WHERE id = ?"
    kept = base.execute(asked, (job.replace("-", ""),)).fetchone()
    assert kept == ("done", 2)
    assert page.get_by_role("heading", level=2, name="Everything measured").is_visible()
