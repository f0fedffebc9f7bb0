"""A whole budget on a running platform: from the blueprint to a result that anybody counts again.

Officers open it, residents propose (one in Arabic on 320 pixels, one on paper), an unlawful idea is repaired,
5,000 people vote online, by code and on paper together, and nobody twice; two people close and count. What
residents do here works without JavaScript. Example data, not a real place.
"""

from __future__ import annotations

import csv
import http.client
import io
import json
import re
import threading
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.conf import settings as django_settings

from isopolis.cli.app import run
from isopolis.web.languages import shown_in

from .budget_town import told
from .hands import settled
from .test_browser import PATIENCE, Server, browser, narrow, server

__all__ = ["browser", "server"]

ROLL, IN_ALL = 5_400, 5_000
BY_HTTP, HANDED_OUT, ON_PAPER = 200, 20, 20
KINDS = ("ideas", "checks", "fair", "vote", "result", "delivery")
CHECKS = ("legality", "feasible", "cost", "equality")
ZONES = "N; North\nS; South\nE; East"
SMALL = {"width": 320, "height": 640}
SHADE = {
    "title": "ظلّ ومقاعد في ساحة السوق",
    "text": "لا ظلّ في ساحة السوق صيفًا، ولا مكان لجلوس كبار السنّ. نقترح أشجارًا ومقاعد.",
}
RAMP = {"title": "A ramp for the library", "text": "Nobody with a wheelchair can enter the library alone."}
# what a city may not do, and what it may do instead
CAMERAS = {"title": "Cameras in Mill Street", "text": "Put cameras on every house of Mill Street, all day."}
LAMPS = {"title": "Lamps in Mill Street", "text": "Put lamps with warm light along Mill Street at night."}
MORE = (
    ("Letter boxes <script>alert(1)</script>", "A box in each neighbourhood, emptied twice a week.", "E"),
    ("A fountain at the station", "Water to drink and to play with in front of the station.", ""),
    ("A football pitch by the river", "A pitch with a fence and two goals, open to everybody.", "S"),
)
COSTS = {1: 30_000, 2: 25_000, 3: 20_000, 4: 40_000, 5: 35_000, 6: 15_000}


@dataclass
class Town:
    """What everybody in it met."""

    browser: Any
    server: Server
    slug: str
    sessions: dict[str, str]
    pages: dict[str, Any] = field(default_factory=dict)
    languages: dict[str, str] = field(default_factory=dict)
    base: str = ""
    said: list[str] = field(default_factory=list)
    seen: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    @property
    def manage(self) -> str:
        return f"/w/{self.slug}/processes/1/"

    @property
    def votes(self) -> str:
        return self.base.replace("/budget/", "/ballots/")

    def page(self, name: str, language: str = "en", script: bool = False, **size: int) -> Any:
        """Open a window of somebody's own; nobody's when the name has no account."""
        context = self.browser.new_context(
            java_script_enabled=script,
            viewport=size or {"width": 1000, "height": 800},
            reduced_motion="reduce",
        )
        cookies = {django_settings.LANGUAGE_COOKIE_NAME: language}
        if name in self.sessions:
            cookies["sessionid"] = self.sessions[name]
        context.add_cookies([{"name": n, "value": v, "url": self.server.address} for n, v in cookies.items()])
        self.pages[name], self.languages[name] = context.new_page(), language
        self.pages[name].on("pageerror", lambda e: self.said.append(str(e)))
        return self.pages[name]

    def go(self, name: str, path: str) -> Any:
        """Go to a page, and wait until it is there."""
        page = self.pages[name]
        until = time.monotonic() + 60
        while True:
            try:
                answer = page.goto(self.server.address + path)
                break
            except Exception:  # the server is still waking up
                if time.monotonic() > until:
                    raise
                time.sleep(0.5)
        assert answer.status == 200, (path, page.content()[-2000:])
        settled(page)
        return page

    def press(self, name: str, button: str) -> Any:
        """Press a button and wait for what it leads to."""
        page = self.pages[name]
        with page.expect_navigation():
            page.locator(f"main button{button}").first.click()
        settled(page)
        return page

    def post(self, name: str, path: str, fields: Any, ok: bool = True) -> str:
        """Send what a form would, as the one who is signed in in that window."""
        context = self.pages[name].context
        token = next(c["value"] for c in context.cookies() if c["name"] == "csrftoken")
        rows = list(fields.items()) if isinstance(fields, dict) else list(fields)
        answer = context.request.post(
            self.server.address + path, data=urlencode([("csrfmiddlewaretoken", token), *rows]),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )  # fmt: skip
        text: str = answer.text()
        assert not ok or (answer.status == 200 and 'class="errors"' not in text), (path, text[-3000:])
        return text

    def look(self, name: str) -> None:
        """Hold what a resident sees against the width of the window, and remember it."""
        page = self.pages[name]
        self.seen[urlsplit(page.url).path] = name
        width = page.viewport_size["width"]
        if width <= SMALL["width"]:
            assert page.locator("html").get_attribute("lang") == shown_in(self.languages[name])
            box = page.locator("main").bounding_box()
            if box["x"] < 0 or box["x"] + box["width"] > width:
                self.wrong.append(f"{page.url} is wider than {width} pixels")

    def phase(self, kind: str) -> None:
        """Let the officer date the phases so that this one runs today."""
        page, here, today = self.go("ada", self.manage), KINDS.index(kind), date.today()
        for n in range(len(KINDS)):
            legend = page.locator("fieldset").nth(n)
            start = today + timedelta(days=10 * (n - here))
            legend.locator("input[type=date]").nth(0).fill(start.isoformat())
            legend.locator("input[type=date]").nth(1).fill((start + timedelta(days=9)).isoformat())
        self.press("ada", ":has-text('Keep the dates')")
        assert "The dates were kept" in page.content()


# -- the way -----------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def town(browser: Any, server: Server) -> Iterator[Town]:
    """Go the whole way once."""
    made = told(server.folder, "people")
    here = Town(browser, server, made["slug"], made["sessions"])
    here.page("ada", script=True)
    here.page("omar")
    here.page("ben")
    here.page("mina", "ar", **SMALL)
    here.page("voter", "ar", **SMALL)
    opening(here)
    proposing(here)
    checking(here)
    codes = ballots_out(here)
    voting(here, codes)
    counting(here)
    yield here
    for page in here.pages.values():
        page.context.close()


def opening(t: Town) -> None:
    """Choose the blueprint, say the rules, publish."""
    page = t.go("ada", f"/w/{t.slug}/processes/new/")
    page.locator("input[name=title]").fill("Hero of Testville")
    page.locator("input[name=blueprint][value=budget]").check()
    t.press("ada", "[type=submit]")
    page.locator("textarea[name=description]").fill("What should the city build next year?")
    t.press("ada", ":has-text('Keep the text')")
    t.phase("ideas")
    page = t.go("ada", f"/take-part/{t.slug}/1/")
    t.base = str(page.locator("section.panel h2 a").get_attribute("href"))
    page = t.go("ada", f"{t.base}manage/rules/")
    write(page, {
        "money": "100000", "most_each": "45000", "zones": ZONES, "examples": "a bench; 1200",
        "powers": "Streets, parks and houses of the city. Nothing on private ground.",
    })  # fmt: skip
    page.locator("select[name=rule]").select_option("equal_shares")
    t.press("ada", "[type=submit]")
    t.go("ada", t.manage)
    t.press("ada", "[name=publish]")


def write(page: Any, fields: dict[str, str]) -> None:
    """Write into the fields of these names."""
    for key, text in fields.items():
        page.locator(f"main [name={key}]").fill(text)


def proposing(t: Town) -> None:
    """One in Arabic on a small window, two in English, one of them unlawful; three through the officer."""
    for name, ideas, shown_as in (("mina", [SHADE], "مينا"), ("ben", [RAMP, CAMERAS], "Ben")):
        page = t.go(name, f"/take-part/{t.slug}/1/join/")
        page.locator("input[name=shown_as]").fill(shown_as)
        t.press(name, "[type=submit]")
        for idea in ideas:
            t.go(name, f"{t.base}ideas/new/")
            t.look(name)
            write(page, idea)
            page.locator("main select[name=language]").select_option("ar" if name == "mina" else "en")
            page.locator("select[name=zone]").select_option("N")
            t.press(name, ":not([name])")
            if page.locator("main textarea").count():  # others sound alike: it is another one
                t.press(name, ":not([name])")
            assert idea["title"] in page.locator("h1").inner_text()
            t.look(name)
    page = t.go("ada", f"{t.base}ideas/enter/")
    write(page, dict(zip(("title", "text"), MORE[0][:2], strict=True)))
    page.locator("select[name=channel]").select_option("paper")
    page.locator("select[name=zone]").select_option("E")
    t.press("ada", "[type=submit]")
    for title, text, zone in MORE[1:]:
        idea = {"title": title, "text": text, "zone": zone, "channel": "meeting", "seen": "1"}
        t.post("ada", f"{t.base}ideas/enter/", idea)


def checking(t: Town) -> None:
    """Check them all; what is unlawful is repaired by the one who proposed it."""
    t.phase("checks")
    for number, cost in COSTS.items():
        for kind in CHECKS:
            said = {"kind": kind, "verdict": "passed", "cost": cost if kind == "cost" else "", "check": ""}
            if number == 3 and kind == "legality":
                said |= {"verdict": "repair", "reasons": "Private houses are not the city's."}
            t.post("ada", f"{t.base}manage/ideas/{number}/", said)
        if number != 3:
            t.post("ada", f"{t.base}manage/ideas/{number}/", {"accept": ""})
    page = t.go("ada", f"{t.base}manage/ideas/3/")
    t.press("ada", "[name=accept]")
    assert "Did not pass" in page.locator("main").inner_text(), "an unlawful idea is not accepted"
    form = page.locator("form:has(button[name=repair])")
    form.locator("[name$=reason]").fill("Cameras on houses are unlawful. What should be safer, and how else?")
    form.locator("input[type=date]").fill((date.today() + timedelta(days=5)).isoformat())
    t.press("ada", "[name=repair]")
    page = t.go("ben", f"{t.base}ideas/3/")
    assert "Cameras on houses are unlawful" in page.locator("main").inner_text()
    t.look("ben")
    page = t.go("ben", f"{t.base}ideas/3/edit/")
    write(page, LAMPS)
    t.press("ben", "[type=submit]")
    assert page.locator("h1").inner_text() == LAMPS["title"]
    for kind in CHECKS:
        said = {"kind": kind, "verdict": "passed", "cost": COSTS[3] if kind == "cost" else "", "check": ""}
        t.post("ada", f"{t.base}manage/ideas/3/", said)
    t.post("ada", f"{t.base}manage/ideas/3/", {"accept": ""})


def ballots_out(t: Town) -> dict[str, list[str]]:
    """Settle the list, draw the lot, open the vote; put people on the roll and make their codes."""
    t.phase("vote")
    page = t.go("ada", f"{t.base}vote/prepare/")
    t.press("ada", ":has-text('Keep this list')")
    assert "6 projects are on the ballot" in page.content()
    page.locator("input[name=seed]").fill("dice 3 1 6 6 2 4")
    page.locator("input[name=sure]").check()
    t.press("ada", ":has-text('Open the vote')")
    assert "People on the roll" in page.content()
    names = [f"ID-{n:05d}" for n in range(ROLL)]
    table = "identifier,cell\n" + "".join(f"{n},{'NSE'[k % 3]}\n" for k, n in enumerate(names))
    assert f"{ROLL} people are new" in t.post("ada", f"{t.votes}desk/roll/", {"people": table})
    sheet = t.post("ada", f"{t.votes}desk/letters/", {"identifiers": "\n".join(names), "to": "file"})
    letters = {r["identifier"]: r["code"] for r in csv.DictReader(io.StringIO(sheet))}
    assert len(set(letters.values())) == ROLL
    slips = t.post("ada", f"{t.votes}desk/package/", {"count": HANDED_OUT, "label": "Shelter at the station"})
    return {
        "names": names,
        "letters": [letters[n] for n in names],
        "slips": re.findall(r'class="code" dir="ltr">([0-9A-Z-]{19})<', slips),
    }


def voting(t: Town, codes: dict[str, list[str]]) -> None:
    """Through pages, through threads beside the server, over connections to it, and on paper."""
    names, letters, slips = codes["names"], codes["letters"], codes["slips"]
    through_pages(t, letters[0])
    page = t.pages["voter"]
    t.go("voter", t.votes)
    page.locator("#code").fill(letters[0].lower())
    page.locator("input[name=choice]").first.check()
    t.press("voter", "[name=review]")
    t.press("voter", "[name=cast]")
    assert page.locator(".errors, [role=alert]").count(), "the same code once more"
    t.go("omar", f"{t.votes}desk/")
    helped = t.post("omar", f"{t.votes}desk/assist/", [("identifier", names[1]), ("choice", "2")])
    assert re.search(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){4}", helped)
    on_paper(t, names[2 : 2 + ON_PAPER])
    first = 2 + ON_PAPER
    over_the_line(t, letters[first : first + BY_HTTP], "")
    over_the_line(t, slips, "kiosk/")
    rest = letters[first + BY_HTTP :][: IN_ALL - first - BY_HTTP - HANDED_OUT]
    weights = {"1": 0.5, "2": 0.4, "3": 0.35, "4": 0.3, "5": 0.2, "6": 0.15}
    asked = {"module": int(t.base.rstrip("/").rpartition("/")[2]), "codes": rest, "projects": weights}
    assert told(t.server.folder, "cast", said=asked)["taken"] == len(rest)
    # one of each way: page, help, paper, connection, handed out, beside the server
    nobody_twice(t, [*letters[:3], letters[first], slips[0], rest[0]], [*names[:3], names[first]])


def through_pages(t: Town, code: str) -> None:
    """Vote at 320 pixels in Arabic, without an account and without JavaScript; look the receipt up."""
    page = t.go("voter", f"{t.base}vote/")
    t.look("voter")
    t.go("voter", t.votes)
    t.look("voter")
    assert page.locator(f"label[lang=ar]:has-text('{SHADE['title']}')").count() == 1
    page.locator("#code").fill(code.lower().replace("-", " "))
    page.locator(f"li:has(label:has-text('{SHADE['title']}')) input").check()
    t.press("voter", "[name=review]")
    t.look("voter")
    assert SHADE["title"] in page.locator("main").inner_text()
    with page.expect_navigation():
        page.locator("button[name=cast]").click()
    receipt = page.locator("p.code strong").inner_text()
    t.go("voter", f"{t.votes}receipt/")
    page.locator("input[name=receipt]").fill(receipt)
    t.press("voter", "[type=submit]")
    assert page.locator("main").inner_text().count("\n") > 1
    t.look("voter")


def on_paper(t: Town, names: list[str]) -> None:
    """Mark the outer envelopes, then enter the inner ones."""
    for name in names:
        t.post("omar", f"{t.votes}desk/mark/", {"identifier": name})
    for n, _name in enumerate(names):
        t.post("omar", f"{t.votes}desk/enter/", [("choice", p) for p in {str(1 + n % 6), "4"}])
    assert t.post("omar", f"{t.votes}desk/enter/", {"choice": "1"}, ok=False).count("marked") >= 1


def over_the_line(t: Town, codes: list[str], door: str) -> None:
    """Four connections that stay open, as browsers keep them."""
    left, answers, mutex = list(codes), [], threading.Lock()
    where = urlsplit(t.server.address)

    def vote() -> None:
        link = http.client.HTTPConnection(where.hostname or "", where.port, timeout=90)
        link.request("GET", f"{t.votes}{door}")
        answer = link.getresponse()
        cookie = (answer.headers.get("Set-Cookie") or "").partition(";")[0]
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', answer.read().decode())
        assert found is not None
        while True:
            with mutex:
                if not left:
                    return
                code = left.pop()
            choice = [("choice", "1"), ("choice", "5")]
            said = [("csrfmiddlewaretoken", found[1]), ("code", code), *choice, ("cast", "")]
            headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
            link.request("POST", f"{t.votes}{door}", urlencode(said), headers)
            answer = link.getresponse()
            answer.read()
            with mutex:
                answers.append(answer.status)

    threads = [threading.Thread(target=vote) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert answers == [200] * len(codes)


def nobody_twice(t: Town, codes: list[str], names: list[str]) -> None:
    """Whoever voted in one way is refused in every other one."""
    used = "This person has voted already"
    for code in codes:
        for door in ("", "kiosk/"):
            sent = [("code", code), ("choice", "3"), ("cast", "")]
            assert used in t.post("omar", f"{t.votes}{door}", sent, ok=False)
    for name in names:
        assert used in t.post("omar", f"{t.votes}desk/mark/", {"identifier": name}, ok=False)
        sent = [("identifier", name), ("choice", "3")]
        assert used in t.post("omar", f"{t.votes}desk/assist/", sent, ok=False)


def counting(t: Town) -> None:
    """Close and count, each by two people; wait for the reasons."""
    t.phase("result")
    for step in ("close", "tally"):
        page = t.go("ada", f"{t.votes}desk/")
        t.press("ada", ":has-text('Ask for it')")
        assert "Now another person has to do it" in page.content()
        again = page.locator("form[action$='/end/'] button:not([name='back'])")
        assert again.count() == 0, f"nobody does {step} alone, they can only take it back"
        t.go("omar", f"{t.votes}desk/")
        t.press("omar", ":has-text('as the second person')")
    until = time.monotonic() + PATIENCE
    page = t.go("voter", f"{t.base}result/")
    while page.locator("main a[href$='/result/not-funded/']").count() == 0:
        assert time.monotonic() < until, page.content()
        time.sleep(0.5)
        t.go("voter", f"{t.base}result/")


# -- what came of it ---------------------------------------------------------------------------------------
def amounts(page: Any, rows: str, place: int, cost: int) -> dict[str, int]:
    """Add up a column of a table by the words of another one."""
    out: dict[str, int] = {}
    for row in page.locator(rows).all():
        cells = row.locator("th, td").all_inner_texts()
        out[cells[place]] = out.get(cells[place], 0) + int(re.sub(r"\D", "", cells[cost]) or 0)
    return out


def test_the_result_says_what_won_why_where_and_who(town: Town) -> None:
    town.page("reader", width=1000, height=800)
    page = town.go("reader", f"{town.base}result/")
    text = page.locator("main").inner_text()
    winners = page.locator("table:has(#won-caption) tbody tr").count()
    assert 2 <= winners <= 5
    assert sum(amounts(page, "table:has(#won-caption) tbody tr", 2, 3).values()) <= 100_000
    assert f"{IN_ALL:,} of {ROLL + HANDED_OUT:,} people on the roll voted" in text
    assert page.locator("table:has(#ways-caption) tbody tr").count() == 4, "page, device, paper, help"
    funded = amounts(page, "table:has(#won-caption) tbody tr", 2, 3)
    spent = amounts(page, "table:has(caption:text('Money by place')) tbody tr", 0, 4)
    assert {"North", "South", "East"} <= set(spent)
    assert {k: v for k, v in spent.items() if v} == {k: v for k, v in funded.items() if k != "The whole city"}
    page = town.go("reader", f"{town.base}result/not-funded/")
    lost = page.locator("main ul.rows > li")
    assert lost.count() == len(COSTS) - winners
    assert all("supporters" in told_ for told_ in lost.locator("p").all_inner_texts())
    with page.expect_navigation():
        lost.first.locator("a").click()
    town.look("reader")
    for part in ("result/", "result/not-funded/", urlsplit(page.url).path.removeprefix(town.base)):
        town.go("voter", f"{town.base}{part}")
        town.look("voter")


def test_the_bundle_verifies_and_a_changed_one_does_not(town: Town, tmp_path: Path, capsys: Any) -> None:
    request = town.pages["voter"].context.request
    bundle, log = tmp_path / "bundle.zip", tmp_path / "ballot-log.json"
    bundle.write_bytes(request.get(f"{town.server.address}{town.votes}bundle.zip").body())
    log.write_bytes(request.get(f"{town.server.address}{town.votes}log.json").body())
    assert run(["verify", str(bundle), "--log", str(log), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["winners"]
    shown = town.go("voter", f"{town.base}result/count-again/").locator("main").inner_text()
    assert answer["digest"] in shown
    with zipfile.ZipFile(bundle) as archive:
        texts = {n: archive.read(n) for n in archive.namelist()}
    manifest = json.loads(texts["manifest.json"])
    assert manifest["totals"]["ballots"] == IN_ALL
    texts["ballots.jsonl"] = texts["ballots.jsonl"].replace(b'"1"', b'"6"', 1)
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        for name, content in texts.items():
            archive.writestr(name, content)
    assert run(["verify", str(tmp_path / "other.zip")]) == 1
    assert "was changed after the bundle was made" in capsys.readouterr().out


def test_every_public_page_is_accessible(town: Town) -> None:
    """On 320 pixels, in both directions of writing."""
    found: list[str] = []
    more = {f"{town.base}{part}" for part in (
        "", "ideas/1/", "ideas/3/", "moderation/log/", "vote/", "result/rules/", "result/count-again/",
        "delivery/",
    )} | {f"{town.votes}{part}" for part in ("", "receipt/", "log/")}  # fmt: skip
    public = {path for path, who in town.seen.items() if who == "voter"}
    for language in ("en", "ar"):
        town.page("reader", language, script=True, **SMALL)
        for path in sorted(more | public):
            narrow(town.go("reader", path), found)
    assert found == []


def test_nobody_had_trouble(town: Town) -> None:
    assert town.wrong == []
    assert town.said == []
