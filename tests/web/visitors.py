"""A person at a browser whose every page is held against what the platform promises."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from typing import Any

from .hands import Hands, settled
from .test_browser import TAGS, _module

__all__ = ["Visitor"]

MOST_BYTES = 60_000


class Visitor:
    """Somebody at a browser, and what they met; whoever has no JavaScript has a twin for the tools."""

    def __init__(self, browser: Any, site: str, way: tuple[Any, ...], wrong: list[str]) -> None:
        self.language, script, size, scale = way
        self.site, self.wrong = site, wrong
        more = {"viewport": size, "device_scale_factor": scale, "reduced_motion": "reduce"}
        self.context = browser.new_context(java_script_enabled=script, locale=self.language, **more)
        self.page = self.context.new_page()
        self.twin = None if script else browser.new_context(locale=self.language, **more).new_page()
        for page in filter(None, (self.page, self.twin)):
            page.on("request", self._asked)
            page.on("console", lambda m: wrong.append(f"console of {m.page.url}: {m.text}"))
            page.on("pageerror", lambda e: wrong.append(f"error: {e}"))
        self.page.on("response", self._answered)
        self.files: dict[str, bytes] = {}
        self.held: Counter[str] = Counter()
        self.hands = Hands(self.page, wrong)
        self.follow, self.write = self.hands.follow, self.hands.write

    def _asked(self, request: Any) -> None:
        if not request.url.startswith(("data:", "blob:", self.site + "/")):
            self.wrong.append(f"asked of another server: {request.url}")

    def _answered(self, answer: Any) -> None:
        if answer.request.is_navigation_request() and answer.status == 200:
            self.answer = answer

    def go(self, path: str) -> None:
        """Open an address."""
        self.page.goto(self.site + path)
        settled(self.page)

    def enter(self, user: Any) -> Visitor:
        """Sign in by the form."""
        self.go("/")
        self.follow('header a[href="/accounts/login/"]')
        return self.tell(user)

    def tell(self, user: Any) -> Visitor:
        """Write address and password."""
        self.write("main input[name=login]", user.email)
        self.write("main input[name=password]", f"{user.name}-long-password")
        self.hands.leave("Enter")
        return self

    def look(self) -> str:
        """Hold the page against every promise, and return what it says."""
        page = self.page
        settled(page)
        told = page.evaluate("(e => [e.lang, e.dir, e.scrollWidth])(document.documentElement)")
        if told[0] != self.language or told[1] != ("rtl" if self.language == "ar" else ""):
            self.wrong.append(f"{page.url} is in {told[:2]}")
        if told[2] > 320:
            self.wrong.append(f"{page.url} is {told[2]} pixels wide")
        self._weigh()
        self._with_tools()
        return str(page.content())

    def _weigh(self) -> None:
        text = self.answer.text()
        weight = len(gzip.compress(re.sub(r"<svg.*?</svg>", "", text, flags=re.S).encode()))
        assets = re.findall(r'<(?:script src|link rel="stylesheet" href)="([^"]+)"', text)
        for path in set(assets) - self.files.keys():
            self.files[path] = self.context.request.get(self.site + path).body()
        files = b"".join(self.files[path] for path in assets)
        if (weight := weight + len(gzip.compress(files))) > MOST_BYTES:
            self.wrong.append(f"{self.page.url} weighs {weight}")

    def _with_tools(self) -> None:
        page = self.page
        kind = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+", "#", page.url)
        self.held[kind] += 1
        if self.held[kind] > 1:  # the same page in another state
            return
        if self.twin is not None:
            page = self.twin
            page.context.add_cookies(self.context.cookies())
            page.goto(self.page.url)
            settled(page)
        found = _module("axe_playwright_python.sync_playwright").Axe().run(page, options={"runOnly": TAGS})
        self.wrong += [
            f"{page.url}: {v['id']} {v['nodes'][0]['html'][:150]}" for v in found.response["violations"]
        ]

    def leave(self) -> None:
        """Close everything."""
        self.context.close()
        if self.twin is not None:
            self.twin.context.close()
