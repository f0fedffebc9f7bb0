"""A real server and its jobs in a browser; `test_journeys` goes the whole way.

The server, its job runner and its jobs are real processes on a folder of their own.
"""

from __future__ import annotations

import importlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ..conftest import missing
from ..databases import POSTGRES, ask, begin, environment

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
        begin(folder)
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
                env=environment(folder),
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


def test_a_killed_job_is_done_after_all(browser: Any, server: Server) -> None:
    """Kill the process of a job with signal 9: the runner takes it up again and it ends well."""
    import csv

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
    number = job if POSTGRES else job.replace("-", "")
    asked = "SELECT state, attempt FROM work_job WHERE id = %s"
    assert ask(server.folder, asked, number) == [("done", 2)]
    assert page.get_by_role("heading", level=2, name="Everything measured").is_visible()
