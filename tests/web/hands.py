"""A person at a keyboard: goes from element to element with Tab, and never touches a mouse."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

__all__ = ["Hands", "settled"]

MOST_TABS = 400
# what a keyboard user must see: the focused element is shown, marked, and not covered by another
SEEN = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) { return "nothing has the focus"; }
  e.scrollIntoView({block: "nearest"});
  const box = e.getBoundingClientRect(), style = getComputedStyle(e);
  if (!box.width || !box.height) { return "the focused element has no size: " + e.outerHTML.slice(0, 120); }
  if (style.outlineStyle === "none" && style.boxShadow === "none") {
    return "the focus does not show: " + e.outerHTML.slice(0, 120);
  }
  const x = Math.min(Math.max(box.left + Math.min(box.width, 20) / 2, 0), innerWidth - 1);
  const y = Math.min(Math.max(box.top + Math.min(box.height, 20) / 2, 0), innerHeight - 1);
  const top = document.elementFromPoint(x, y);
  const named = e.labels && [...e.labels].some(l => l.contains(top));
  if (top && !e.contains(top) && !top.contains(e) && !named) {
    return "the focused element is covered: " + e.outerHTML.slice(0, 120);
  }
  return "";
}"""


def settled(page: Any) -> None:
    """Wait until the page is there to its end."""
    page.wait_for_selector("footer.site", state="attached", timeout=60_000)


class Hands:
    """Does things on a page with keys only.

    Parameters
    ----------
    page : Page
        Of Playwright.
    complaints : list of str
        Receives what a keyboard user could not see.
    """

    def __init__(self, page: Any, complaints: list[str]) -> None:
        self.page = page
        self.complaints = complaints

    def to(self, selector: str) -> None:
        """Press Tab until the first element that fits `selector` has the focus."""
        wanted = (
            "s => document.activeElement === [...document.querySelectorAll(s)].find(e => e.checkVisibility())"
        )
        for _ in range(MOST_TABS):
            if self.page.evaluate(wanted, selector):
                break
            self.page.keyboard.press("Tab")
        else:
            raise AssertionError(f"{self.page.url}: {selector} is never reached with Tab")
        why = self.page.evaluate(SEEN)
        if why:
            self.complaints.append(f"{self.page.url}: {why}")

    def follow(self, selector: str) -> None:
        """Follow a link, or press a button."""
        self.to(selector)
        self.leave("Enter")

    def leave(self, key: str) -> None:
        """Press a key that leads to another page, and wait for that page."""
        self.page.evaluate("document.documentElement.setAttribute('data-old', '')")
        self.page.keyboard.press(key)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                if not self.page.evaluate("document.documentElement.hasAttribute('data-old')"):
                    break
            except Exception:  # the page is changing at this moment
                pass
            time.sleep(0.05)
        else:
            raise AssertionError(f"{self.page.url}: {key} leads nowhere")
        settled(self.page)

    def write(self, selector: str, text: str) -> None:
        """Replace the text of a field."""
        self.to(selector)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(text)

    def choose(self, selector: str, value: str) -> None:
        """Choose an option with the arrow keys."""
        self.to(selector)
        self.page.keyboard.press("Home")
        for _ in range(200):
            if self.page.evaluate("document.activeElement.value") == value:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{self.page.url}: {selector} has no option {value}")

    def tick(self, selector: str) -> None:
        """Tick a box."""
        self.to(selector)
        self.page.keyboard.press("Space")

    def hand_over(self, selector: str, files: list[Path]) -> None:
        """Choose files in the dialogue of the system."""
        # a busy machine may open the dialogue later than the key was pressed, or lose the key: the field is
        # gone to again before each try
        for patience in (10_000, 30_000, 60_000):
            self.to(selector)
            try:
                with self.page.expect_file_chooser(timeout=patience) as chooser:
                    self.page.keyboard.press("Space")
            except Exception:
                if patience == 60_000:
                    raise
            else:
                chooser.value.set_files(files)
                return
