"""From an empty database to a publication and back, with a keyboard only, as residents and officers come.

One journey in Arabic, without JavaScript, on 320 pixels; one in English, with JavaScript, at 400 %.
Afterwards every page that was met is held against WCAG 2.2 AA in both languages.
"""

from __future__ import annotations

import gzip
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from .hands import Hands, settled
from .test_browser import PATIENCE, TAGS, Server, _module, browser, server, visit

__all__ = ["browser", "server"]

PASSWORD = "correct horse battery"
MOST_BYTES = 60_000
SMALL = {"width": 320, "height": 640}
# a window of 1280 × 1024 at 400 %
ZOOMED = {"width": 320, "height": 256}


@dataclass
class Journey:
    """What one person met on the way."""

    language: str
    page: Any
    hands: Hands
    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    met: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def look(self, name: str) -> None:
        """Hold the page that is shown against the promises that need no JavaScript."""
        settled(self.page)
        self.met[name] = self.page.url
        if self.page.evaluate("document.documentElement.lang") != self.language:
            self.wrong.append(f"{name} is not in {self.language}")
        if self.page.evaluate("document.documentElement.dir") != ("rtl" if self.language == "ar" else ""):
            self.wrong.append(f"{name} has the wrong direction")
        width = self.page.evaluate("document.documentElement.scrollWidth")
        if width > self.page.viewport_size["width"]:
            self.wrong.append(f"{name} is {width} pixels wide")

    def wait(self) -> None:
        """Load the page again until the work is over."""
        until = time.monotonic() + PATIENCE
        while self.page.locator(".waiting").count():
            assert time.monotonic() < until, self.page.content()
            time.sleep(1)
            visit(self.page, self.page.url)  # again, where the page was just loading itself
            settled(self.page)


@pytest.fixture(scope="module")
def journeys(browser: Any, server: Server, data: Path) -> Iterator[list[Journey]]:
    """Both journeys, one after the other, on one server that begins empty."""
    done = []
    for language, script, size, scale in (("ar", False, SMALL, 2), ("en", True, ZOOMED, 4)):
        context = browser.new_context(
            java_script_enabled=script, viewport=size, device_scale_factor=scale, reduced_motion="reduce"
        )
        page = context.new_page()
        wrong: list[str] = []
        journey = Journey(language, page, Hands(page, wrong), wrong=wrong)
        page.on("request", lambda r, j=journey: j.asked.append(r.url))
        page.on("console", lambda m, j=journey: j.said.append(m.text))
        page.on("pageerror", lambda e, j=journey: j.said.append(str(e)))
        whole_way(journey, server, data / "barcelona_neighbourhoods")
        done.append(journey)
    yield done
    for journey in done:
        journey.page.context.close()


def whole_way(j: Journey, server: Server, city: Path) -> None:
    """Sign up, upload, correct a column, run, read, publish, withdraw."""
    hands, page = j.hands, j.page
    visit(page, server.address + "/")
    settled(page)
    if j.language != "en":
        hands.choose("#language", j.language)
        hands.follow(".language button")
    j.look("home")
    hands.follow('header a[href="/accounts/signup/"]')
    j.look("sign up")
    hands.write("input[name=email]", f"{j.language}@example.org")
    for name in ("password1", "password2"):
        hands.write(f"input[name={name}]", PASSWORD)
    hands.leave("Enter")

    hands.follow('header a[href="/w/"]')
    hands.follow('a[href="/w/new/"]')
    hands.write("main input[name=name]", f"Barcelona {j.language}")
    hands.leave("Enter")
    j.look("workspace")
    hands.follow('a[href$="/data/upload/"]')
    j.look("upload")
    hands.hand_over("input[type=file]", [city / "neighbourhoods.csv", city / "neighbourhoods.gpkg"])
    hands.follow("main form button[type=submit]")
    j.wait()
    j.look("dataset")

    hands.follow('a[href$="/table/0/"]')
    j.look("columns")
    row = page.locator("tbody tr").filter(has=page.locator("th", has_text=re.compile(r"^born_abroad$")))
    number = str(row.locator("select").get_attribute("name")).partition("-")[0]
    assert page.locator(f"select[name={number}-role]").input_value() == "group"
    hands.write(f"input[name={number}-label]", "Born in another country")
    hands.follow("main form button[type=submit]")
    j.wait()
    assert page.locator(".errors").count() == 0, page.content()

    hands.follow('form[action$="/diagnose/"] button, main form button[type=submit]')
    j.look("progress")
    j.wait()
    j.look("overview")
    assert "Born in another country" in page.content()
    hands.follow("ol.cards h2 a")
    j.look("finding")
    assert page.locator("figure svg").count() >= 1
    assert page.locator("figure table").count() >= 1
    page.goto(j.met["overview"])
    publish_and_withdraw(j, server)


def publish_and_withdraw(j: Journey, server: Server) -> None:
    """Let the gate look, publish, read as a stranger, withdraw, and see that it is gone."""
    hands, page = j.hands, j.page
    hands.follow('a[href$="/publish/"]')
    j.look("prepare")
    hands.write("input[name=title]", f"Barcelona {j.language}, 2022")
    hands.follow("main form button[type=submit]")
    j.wait()
    j.look("publication")
    hands.follow('a[href$="/preview/"]')
    j.look("preview")
    page.goto(j.met["publication"])
    hands.follow('main a[href$="/publish/"]')
    j.look("publish")
    hands.tick("input[name=sure]")
    hands.follow("main form button[type=submit]")
    hands.follow('main a[href^="/p/"]')
    j.look("public")
    public = page.url
    hands.follow('main a[href*="/findings/"]')
    j.look("public finding")
    stranger = page.context.browser.new_context()
    assert stranger.request.get(public).status == 200
    assert stranger.request.get(j.met["overview"], max_redirects=0).status == 302
    assert stranger.request.get(f"{public}embed/").status == 200

    page.goto(j.met["publication"])
    hands.follow('main a[href$="/withdraw/"]')
    j.look("withdraw")
    hands.tick("input[name=sure]")
    hands.follow("main form button[type=submit]")
    assert stranger.request.get(public).status == 410
    assert stranger.request.get(f"{public}embed/").status == 410
    stranger.close()
    page.goto(public)
    j.look("withdrawn")
    page.goto(server.address + "/")


def test_everything_was_reached_by_keyboard_and_fits(journeys: list[Journey]) -> None:
    assert [j.wrong for j in journeys] == [[], []]


def test_nothing_was_asked_of_another_server(journeys: list[Journey], server: Server) -> None:
    ours = ("data:", "blob:", server.address + "/")
    assert {u for j in journeys for u in j.asked if not u.startswith(ours)} == set()


def test_no_script_and_no_policy_complained(journeys: list[Journey]) -> None:
    # the browser itself says on the console that an answer was 410, which was meant
    assert [t for j in journeys for t in j.said if "410" not in t] == []


def test_text_pages_are_small(journeys: list[Journey]) -> None:
    """What is sent for the text of a page, compressed, with its sheet and its scripts, without drawings."""
    j = journeys[1]
    sizes = {}
    for name, address in j.met.items():
        text = j.page.context.request.get(address).text()
        without = re.sub(r"<svg.*?</svg>", "", text, flags=re.S)
        assets = re.findall(r'<(?:script src|link rel="stylesheet" href)="([^"]+)"', text)
        base = address.split("/", 3)
        more = b"".join(j.page.context.request.get("/".join(base[:3]) + a).body() for a in assets)
        sizes[name] = len(gzip.compress(without.encode())) + len(gzip.compress(more))
    assert {n: s for n, s in sizes.items() if s > MOST_BYTES} == {}


@pytest.mark.parametrize("language", ["ar", "en"])
def test_every_page_that_was_met_is_accessible(
    journeys: list[Journey], browser: Any, server: Server, language: str
) -> None:
    axe = _module("axe_playwright_python.sync_playwright")
    j = next(j for j in journeys if j.language == language)
    context = browser.new_context(viewport=SMALL, storage_state=j.page.context.storage_state())
    page = context.new_page()
    page.on("console", lambda m: j.said.append(m.text))
    workspace = j.met["workspace"]
    more = [f"{workspace}{part}" for part in ("members/", "log/", "settings/", "publications/", "processes/")]
    site = [
        "/accounts/login/", "/account/", "/glossary/", "/privacy/", "/accessibility/", "/p/", "/take-part/",
        "/nothing/",
    ]  # fmt: skip
    found = []
    for address in [*j.met.values(), *more, *(server.address + path for path in site)]:
        page.goto(address)
        settled(page)
        answer = axe.Axe().run(page, options={"runOnly": TAGS}).response
        found += [f"{address}: {v['id']} {v['nodes'][0]['html'][:150]}" for v in answer["violations"]]
    context.close()
    assert found == []
