"""From a case to a plan, with a keyboard only: what a city learns from others, and what it then does.

One way in English, with JavaScript, at 400 %; one in Arabic, without JavaScript, on 320 pixels. Every page
that is met is held at once against WCAG 2.2 AA, its width, its weight, its language and its focus.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from isopolis.act.plan import COLUMNS
from isopolis.web.datasets.actions import UploadFiles
from isopolis.web.diagnoses.actions import StartDiagnosis
from isopolis.web.library.desk import NameModerator
from isopolis.web.library.models import Entry
from isopolis.web.library.shipped import load_shipped
from isopolis.web.modules.consultation.models import Consultation, Point, Topic
from isopolis.web.plans.models import ActionPlan
from isopolis.web.workspaces.actions import AddMember, CreateWorkspace

from . import test_browser
from .towns import work
from .visitors import Visitor

browser = test_browser.browser
WAYS = (("en", True, {"width": 320, "height": 256}, 4), ("ar", False, {"width": 320, "height": 640}, 2))
# seconds between reading and sending, which a machine would not wait
READING = 3.2
CASES = {
    "en": {
        "title": "Night nursery at the depot",
        "summary": "Children of bus drivers on early shifts are looked after from four in the morning.",
        "note": "Rent and two posts.",
        "word": "nursery depot",
    },
    "ar": {
        "title": "حضانة ليلية في محطة الحافلات",
        "summary": "رعاية أطفال السائقين من الساعة الرابعة صباحا.",
        "note": "الإيجار ووظيفتان.",
        "word": "حضانة ليلية",
    },
}
TOWNS = ("Berlin", "Vienna", "Barcelona", "Nantes", "Rotterdam", "Ghent", "Malmö", "Turin", "Brno", "Riga")
ROLES = b"""title = "Invented figures (example data, not a real place)"
[context.population]
source = "invented"
[context.rented_dwellings]
[context.born_abroad]
[context.over_64]
[context.density]
"""


def towns() -> bytes:
    """Invented figures under the names of cities, the first nearest to the second."""
    rows = ["city,id,country,population,rented_dwellings,born_abroad,over_64,density"]
    for i, name in enumerate(TOWNS):
        rows.append(f"{name},T{i},XX,{1e6 + 9e4 * i:.0f},{30 + 2 * i},{10 + i},{18 + i / 2},{1000 + 50 * i}")
    return "\n".join(rows).encode()


@pytest.fixture(scope="module", autouse=True)
def _beside_the_loop_of_the_browser() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture
def site(live_server: Any, settings: Any) -> str:
    settings.ALLOWED_HOSTS = ["*"]
    cache.clear()
    load_shipped()
    return str(live_server.url).replace("127.0.0.1", "localhost")


# -- a case, from the city that tells it to everybody -------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_a_city_tells_and_others_find(browser: Any, site: str, owner: Any, city: Any, person: Any) -> None:
    moderator = person("moderatrix")
    NameModerator(person("boss", is_admin=True), moderator.email).run()
    wrong: list[str] = []
    for way in WAYS:
        teller, keeper, reader = (Visitor(browser, site, way, wrong) for _ in range(3))
        address = submitted(teller.enter(owner), city)
        asked(keeper.enter(moderator), teller.language)
        answered(teller, address)
        published(keeper)
        found(reader)
        for one in (teller, keeper, reader):
            one.leave()
    assert not wrong, "\n".join(wrong)


def submitted(v: Visitor, city: Any) -> str:
    """Write a case without its cost, and submit it; return its page."""
    case = CASES[v.language]
    v.go("/w/")
    v.follow(f'main a[href="/w/{city.slug}/"]')
    v.follow(f'a[href="/w/{city.slug}/library/"]')
    v.look()
    v.follow('main a[href$="/library/new/"]')
    v.look()
    assert v.page.locator("main select[name=language]").input_value() == v.language
    for name in ("title", "summary"):
        v.write(f"main [name={name}]", case[name])
    v.hands.tick('input[name=themes][value="theme:childcare"]')
    v.hands.tick('input[name=groups][value="group:women"]')
    v.write("main [name=lost]", "not stated")
    v.write("main [name=source_title]", case["title"])
    v.hands.leave("Enter")
    assert v.page.locator(".error, .errors").count() == 0, v.page.content()
    v.look()
    v.follow('form[action$="/submit/"] button')
    assert Entry.objects.get(title=case["title"]).state == "submitted"
    return str(v.page.url)


def asked(v: Visitor, language: str) -> None:
    """Ask for the cost."""
    v.go("/library/")
    v.look()
    v.follow('main a[href="/moderation/library/"]')
    v.look()
    v.follow('main ul.rows a[href^="/moderation/library/"]')
    v.look()
    v.hands.choose('form[action$="/ask/"] select[name=field]', "cost")
    v.write('form[action$="/ask/"] [name=text]', "What did it cost in a year?")
    v.follow('form[action$="/ask/"] button')
    assert Entry.objects.get(title=CASES[language]["title"]).state == "asked"


def answered(v: Visitor, address: str) -> None:
    """Read the question, write the cost into the case, and answer."""
    v.page.goto(address)
    assert "What did it cost in a year?" in v.look()
    v.follow('a[href$="/edit/"]')
    v.look()
    v.hands.choose("select[name=cost_state]", "stated")
    v.write("main [name=cost_amount]", "98000")
    v.write("main [name=cost_note]", CASES[v.language]["note"])
    v.write("main [name=cost_currency]", "EUR")
    v.hands.leave("Enter")
    v.write('form[action$="/answer/"] [name=text]', "98 000 EUR in a year.")
    v.follow('form[action$="/answer/"] button')
    v.look()


def published(v: Visitor) -> None:
    """See the cost, and publish."""
    v.go("/moderation/library/")
    v.follow('main ul.rows a[href^="/moderation/library/"]')
    assert CASES[v.language]["note"] in v.look()
    v.follow('form[action$="/publish/"] button')
    v.look()


def found(v: Visitor) -> None:
    """Find it as a stranger."""
    case = CASES[v.language]
    entry = Entry.objects.get(title=case["title"])
    v.go("/")
    v.follow('footer a[href="/library/"]')
    v.write("#q", case["word"])
    v.hands.leave("Enter")
    v.look()
    v.follow(f'ol.cards a[href="/library/{entry.key}/"]')
    page = v.look()
    assert case["note"] in page
    assert "98" in page


# -- from a diagnosis to a plan in force --------------------------------------------------------------------
@pytest.fixture
def berlin(site: str, person: Any, data: Path) -> tuple[Any, Any, Any]:
    """Berlin with its diagnosis, its owner and its policy officer."""
    owner, officer = person("mayor"), person("officer")
    city = CreateWorkspace(owner, "Berlin").run()
    AddMember(owner, city, officer.email, "policy_officer").run()
    table = data / "berlin_planning_areas" / "population_2020h2.csv"
    dataset = UploadFiles(owner, city, [SimpleUploadedFile(table.name, table.read_bytes())]).run()
    work()
    dataset.refresh_from_db()
    StartDiagnosis(owner, city, dataset).run()
    job = work()[-1]
    assert job.state == "done", job.error
    return city, owner, officer


@pytest.mark.django_db(transaction=True)
def test_an_officer_learns_and_a_plan_comes_of_it(
    browser: Any, site: str, berlin: tuple[Any, Any, Any], person: Any, tmp_path: Path
) -> None:
    city, owner, officer = berlin
    files = [tmp_path / "cities.csv", tmp_path / "features.toml"]
    for path, content in zip(files, (towns(), ROLES), strict=True):
        path.write_bytes(content)
    wrong: list[str] = []
    for way in WAYS:
        v, chief, rosa, nobody = (Visitor(browser, site, way, wrong) for _ in range(4))
        base = f"/w/{city.slug}/"
        peers(v.enter(officer), base, files)
        ranked(v, base)
        row = drafted(v, base)
        opened(v, row)
        said_without_account(nobody, city)
        said_with_account(rosa, person(f"rosa-{v.language}"), city)
        held = over(row)
        replied(v, held)
        final(v, chief.enter(owner), row)
        monitored(chief, nobody, row)
        for one in (v, chief, rosa, nobody):
            one.leave()
    assert not wrong, "\n".join(wrong)


def peers(v: Visitor, base: str, files: list[Path]) -> None:
    """Bring a table of cities, see five peers with their stability, keep them."""
    v.go(base)
    v.look()
    v.follow(f'main a[href="{base}peers/"]')
    v.look()
    v.follow('main a[href$="/peers/upload/"]')
    v.look()
    v.write("main [name=title]", f"Example data, not real figures ({v.language})")
    v.hands.hand_over("input[name=file]", files[:1])
    v.hands.hand_over("input[name=roles]", files[1:])
    v.follow("main form button[type=submit]")
    work()
    v.page.goto(v.page.url)
    v.look()
    v.follow('main a.button[href*="/peers/?table="]')
    v.look()
    rows = v.page.locator("table:has(#peers-caption) tbody tr")
    assert rows.count() == 5
    shares = [float(str(m.get_attribute("value"))) for m in rows.locator("meter").all()]
    assert shares == sorted(shares, reverse=True)
    assert 0 < shares[-1] <= shares[0] <= 1
    v.follow('form[action$="/peers/keep/"] button')


def ranked(v: Visitor, base: str) -> None:
    """Open the library ranked by the gaps, each with its reason."""
    v.go(base)
    v.follow(f'main a[href="{base}library/for-us/"]')
    page = v.look()
    cards = v.page.locator("ol.cards > li")
    assert cards.count() == 20
    assert cards.first.locator("strong").count() == 1, "the first has a reason"
    assert v.page.locator("input[name=without]").count() >= 3
    assert any(town in page for town in TOWNS[1:])
    if v.language == "en":
        assert "is your widest gap" in page
        assert re.search(r"in your top ten peers in \d+% of runs", page)
    v.follow("ol.cards h3 a")
    v.look()


def drafted(v: Visitor, base: str) -> ActionPlan:
    """Draft a plan from the diagnosis, keep one of its proposals, and say what it lacks."""
    v.go(base)
    v.follow(f'main a[href="{base}plans/"]')
    v.look()
    v.follow('form[action$="/plans/draft/"] button')
    v.look()
    row = ActionPlan.objects.latest("number")
    plan = v.page.url
    first, *others = row.plan.actions
    assert first.status == "proposal"
    assert {e.kind for e in first.evidence} >= {"finding", "record"}
    for one in others:
        v.follow(f'main a[href$="/actions/{one.id}/"]')
        v.follow('form[action$="/remove/"] button')
    v.follow(f'main a[href$="/actions/{first.id}/"]')
    v.look()
    action = v.page.url
    v.follow('main a[href$="/edit/"]')
    v.look()
    v.write("main [name=objective]", "Fewer people live apart against their will.")
    v.write("main [name=outputs]", "A list of homes | list | 2027-05-31")
    v.write("main [name=leader]", "Office of housing")
    v.follow("main form button[type=submit]")
    assert v.page.locator(".error, .errors").count() == 0, v.page.content()
    assert v.page.url == action
    v.follow("form:has(#draft_to) button")
    v.look()
    v.page.goto(plan)
    return ActionPlan.objects.get(pk=row.pk)


def opened(v: Visitor, row: ActionPlan) -> None:
    """Open the consultation."""
    assert row.plan.actions[0].status == "draft"
    v.follow('main a[href$="/consult/"]')
    v.look()
    v.write("main [name=description]", "Everything in it can still be changed.")
    v.follow("main form button[type=submit]")
    v.look()


def said_without_account(v: Visitor, city: Any) -> None:
    """Say something as a stranger, from the list of what cities ask."""
    v.go("/")
    v.follow('footer a[href="/take-part/"]')
    v.look()
    v.follow(f'main a[href^="/take-part/{city.slug}/"]')
    v.look()
    v.follow('main a[href*="/consultation/"]')
    v.look()
    v.follow('main a[href$="/answers/a1/"]')
    v.look()
    v.write("main textarea", f"Ask those who moved away ({v.language})")
    v.hands.tick("main input[type=radio]")
    v.page.wait_for_timeout(READING * 1000)
    v.follow("main form button[type=submit]")
    assert v.page.locator(".messages li").count() == 1, v.page.content()


def said_with_account(v: Visitor, rosa: Any, city: Any) -> None:
    """Sign in on the way, take part, and say something on the plan as a whole."""
    v.go(f"/take-part/{city.slug}/")
    v.follow(f'main ul.cards a[href^="/take-part/{city.slug}/"]')
    v.follow('main a[href^="/accounts/login/"]')
    v.tell(rosa)
    v.follow('main a[href$="/join/"]')
    v.look()
    v.write("main form input:not([type=hidden])", rosa.name)
    v.hands.leave("Enter")
    v.follow('main a[href*="/consultation/"]')
    v.follow('main a[href$="/answers/plan/"]')
    v.write("main textarea", f"Too short a time ({v.language})")
    v.hands.tick("input[name=linked]")
    v.look()
    v.page.wait_for_timeout(READING * 1000)
    v.follow("main form button[type=submit]")
    v.look()
    assert v.page.locator('a[href*="/mine/"]').count() == 1


def over(row: ActionPlan) -> Consultation:
    """Let the weeks pass in which people can answer."""
    held = Consultation.objects.get(plan=row)
    said = sorted((p.action, p.author is not None) for p in Point.objects.filter(consultation=held))
    assert said == [("", True), ("a1", False)]
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    first, second = held.module.phases()
    first.starts_at, first.ends_at = today - timedelta(days=42), today
    second.starts_at, second.ends_at = today, today + timedelta(days=42)
    for phase in (first, second):
        phase.save()
    return held


def replied(v: Visitor, held: Consultation) -> None:
    """Answer every point, each under a topic of its own, and publish the answers."""
    v.go(held.module.get_absolute_url())
    v.look()
    v.follow('main a[href$="/manage/"]')
    v.look()
    manage = v.page.url
    for n, (action, decision) in enumerate((("a1", "taken_up"), ("", "not_taken_up"))):
        v.page.goto(manage)
        v.follow('main a[href$="/topics/new/"]')
        v.hands.choose("main select[name=action]", action)
        v.write("main [name=summary]", f"Point {n} of residents")
        v.hands.choose("main select[name=decision]", decision)
        v.write("main [name=why]", f"Reason {n}")
        if n == 0:
            v.look()
        v.follow("main form button[type=submit]")
        v.follow('main a[href$="/manage/points/"]')
        v.look()
        point = Point.objects.get(consultation=held, action=action)
        v.hands.tick(f'input[name=point][value="{point.pk}"]')
        topic = Topic.objects.get(consultation=held, action=action)
        v.hands.choose("main select[name=topic]", str(topic.pk))
        v.follow('form[action$="/sort/"] button')
    v.page.goto(manage)
    v.follow('form[action$="/publish/"] button')
    v.go(held.module.get_absolute_url())
    page = v.look()
    assert "Reason 0" in page
    assert "Reason 1" in page
    assert "moved away" not in page, "single answers are nobody's to read"


def final(v: Visitor, chief: Visitor, row: ActionPlan) -> None:
    """Move the action on as the officer, make it final and public as the owner."""
    action = f"{row.get_absolute_url()}actions/a1/"
    v.go(action)
    v.look()
    v.follow("form:has(#consulted_to) button")
    chief.go(action)
    chief.look()
    chief.follow("form:has(#final_to) button")
    chief.look()
    assert ActionPlan.objects.get(pk=row.pk).plan.actions[0].status == "final"
    chief.go(row.get_absolute_url())
    chief.look()
    chief.write("#note", "First version")
    chief.follow("button[name=publish]")
    chief.look()


def monitored(v: Visitor, stranger: Visitor, row: ActionPlan) -> None:
    """Export the monitoring table, read the glance and the log, and read the plan as a stranger."""
    for part in ("glance", "log"):
        v.go(row.get_absolute_url())
        v.follow(f'main a[href$="/{part}/"]')
        v.look()
    v.go(row.get_absolute_url())
    v.follow('main a[href$="/monitoring/"]')
    v.look()
    v.hands.to('main a[href$="/monitoring.csv"]')
    with v.page.expect_download() as download:
        v.page.keyboard.press("Enter")
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    head, *rows = csv.reader(io.StringIO(text))
    assert head == list(COLUMNS)
    assert [len(r) for r in rows] == [len(COLUMNS)]
    assert "Office of housing" in rows[0]
    stranger.go(ActionPlan.objects.get(pk=row.pk).public_url())
    page = stranger.look()
    assert "Reason 0" in page
    assert "moved away" not in page
