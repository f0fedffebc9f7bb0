"""The example city in the platform: from one command to a finding in three clicks."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from .installations import ROOT, environment

pytestmark = pytest.mark.whole

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


class Demo:
    """The command of `make demo` on a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.log = folder.with_suffix(".log")
        recipe = re.search(r"isopolis (serve --example .*)", MAKEFILE)
        assert recipe, "make demo serves the example"
        words = recipe[1].replace("demo/data", str(folder)).replace("$(PORT)", "0").split()
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "isopolis", *words], env=environment(), stdout=log, stderr=log
            )

    def said(self, pattern: str) -> str:
        until = time.monotonic() + 600
        while time.monotonic() < until and self.process.poll() is None:
            if found := re.search(pattern, self.log.read_text()):
                return found[1]
            time.sleep(0.3)
        raise AssertionError(self.log.read_text()[-3000:])


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    running = Demo(tmp_path / "data")
    yield running
    if running.process.poll() is None:
        running.process.kill()
        running.process.wait(30)


class Person:
    """Somebody with a browser that has no JavaScript, who is counted."""

    def __init__(self) -> None:
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.clicks, self.page, self.address = 0, "", ""

    def go(self, address: str, form: dict[str, str] | None = None) -> None:
        data = urllib.parse.urlencode(form).encode() if form is not None else None
        request = urllib.request.Request(address, data, {"Referer": self.address or address})
        for attempt in range(60):
            try:
                with self.opener.open(request, timeout=60) as answer:
                    self.address, self.page = answer.url, answer.read().decode()
                return
            except urllib.error.HTTPError:
                raise
            except OSError:  # the web server starts a moment after its address is printed
                if attempt == 59:
                    raise
                time.sleep(0.5)

    def press(self) -> None:
        """Press the only button of the page's own form."""
        self.clicks += 1
        forms = re.findall(r"<form[^>]*method=\"post\".*?</form>", self.page.partition("<main")[2], re.S)
        hidden = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', forms[0]))
        self.go(self.address, hidden)

    def click(self, pattern: str) -> None:
        """Follow the first link of the main part whose address looks like this."""
        self.clicks += 1
        links = re.findall(r'href="([^"]+)"', self.page.partition("<main")[2])
        chosen = next(x for x in links if re.search(pattern, x))
        self.go(urllib.parse.urljoin(self.address, chosen))


def test_three_clicks_from_the_link_to_a_finding_and_an_orderly_end(demo: Demo) -> None:
    link = demo.said(r"Sign in once with: (\S+)")
    assert demo.said(r"Address: (\S+)") in link
    person = Person()
    person.go(link)
    person.press()
    person.click(r"/diagnoses/[0-9a-f-]{36}/$")
    person.click(r"/findings/\d+/$")
    assert person.clicks == 3
    assert "example data, not a real place" in person.page
    assert re.search(r"<h1>[^<]{5,}", person.page)
    assert "<svg" in person.page
    again = Person()
    again.go(link)
    with pytest.raises(urllib.error.HTTPError) as spent:
        again.press()
    assert spent.value.code == 410, "the link works once"
    with urllib.request.urlopen(f"{link.partition('/sign-in')[0]}/metrics", timeout=60) as answer:
        counted = answer.read().decode()
    assert re.search(r'isopolis_requests_total\{method="GET",status="200",view="finding"\} 1\.0', counted)
    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(60) == 0
    assert "Traceback" not in demo.log.read_text()


def test_make_demo_ends_after_the_report_when_asked_to() -> None:
    """The lines that make would run, with and without SERVE=0."""

    def lines(*more: str) -> str:
        command = ["make", "--dry-run", "--always-make", "demo", *more]
        return subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
        ).stdout

    served, ended = lines(), lines("SERVE=0")
    assert re.search(r"^exec \S+isopolis serve --example", served, re.M)
    assert not re.search(r"^(exec )?\S+isopolis serve", ended, re.M)
    assert re.search(r'^echo ".*isopolis serve --example', ended, re.M), "it still says how to serve"
    assert "report.html" in ended
    assert "'.[web]'" in served


def test_ci_does_not_serve() -> None:
    text = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    calls = re.findall(r"^\s*make demo.*$", text, re.M)
    assert calls
    assert all("SERVE=0" in call for call in calls)
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
