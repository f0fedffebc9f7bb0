"""Questionnaires and exchanges in a real browser: axe, 320 pixels, from right to left, by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.conf import settings as django_settings

from isopolis.act.frames import Answer, Evidence
from isopolis.web.exchanges import actions as acts
from isopolis.web.frames.actions import AnswerSection, BeginSheet, CloseSheet
from isopolis.web.frames.models import Sheet

from . import test_browser
from .hands import Hands
from .test_browser import narrow
from .test_people_browser import listen, sign_in

browser = test_browser.browser
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture(scope="module", autouse=True)
def _beside_the_loop_of_the_browser() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture
def site(live_server: Any, settings: Any) -> str:
    settings.ALLOWED_HOSTS = ["*"]
    return str(live_server.url).replace("127.0.0.1", "localhost")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_pages_at_320_pixels(browser: Any, site: str, owner: Any, city: Any, language: str) -> None:
    proof = (Evidence("link", "https://example.org/minutes-of-a-very-long-meeting"),)
    for title in ("One", "Two"):
        sheet = BeginSheet(owner, city, "urban_strategy", title, NOW).run()
        answers = {"vision": Answer(2, evidence=proof), "needs": Answer(3, comment="x")}
        AnswerSection(owner, city, sheet, "strategic", answers, 0, NOW).run()
    CloseSheet(owner, city, sheet, True, NOW).run()
    BeginSheet(owner, city, "uaeu_action", "Three", NOW).run()
    plan = acts.PlanExchange(owner, city, "eui_city_to_city", "Childcare", date(2026, 1, 1)).run()
    acts.EditExchange(owner, city, plan, "Childcare", ["How?"]).run()
    acts.AddPeer(owner, city, plan, "Exampleville", "FR", 1).run()
    acts.AddVisit(owner, city, plan, date(2026, 2, 1), date(2026, 2, 3), "Exampleville").run()
    acts.DateSteps(owner, city, plan, {"application": (date(2026, 1, 20), None)}).run()
    lesson = acts.AddLesson(owner, city, plan, "Open the list", date(2026, 2, 3)).run()
    acts.ChangeLesson(owner, city, plan, lesson, "Opened", date(2026, 3, 1)).run()
    context = browser.new_context(viewport={"width": 320, "height": 640}, locale=language)
    context.add_cookies([{"name": django_settings.LANGUAGE_COOKIE_NAME, "value": language, "url": site}])
    page = sign_in(context, site, owner)
    found: list[str] = []
    said: list[str] = []
    listen(page, said)
    base = f"/w/{city.slug}"
    sheets, exchange = f"{base}/questionnaires", f"{base}/exchanges/1"
    parts = (
        "",
        "1/",
        "2/",
        "new/",
        "bring/",
        "1/part/strategic/",
        "3/part/what/",
        "3/part/how/",
        "2/compare/",
    )
    forms = (
        "",
        "edit/",
        "facts/",
        "steps/",
        "peers/",
        "visits/",
        "lessons/",
        f"lessons/{lesson.pk}/",
        "end/",
    )
    for path in (
        f"{base}/", *(f"{sheets}/{part}" for part in (*parts, "1/export/")), f"{base}/exchanges/",
        f"{base}/exchanges/new/", *(f"{exchange}/{form}" for form in forms),
    ):  # fmt: skip
        answer = page.goto(site + path)
        assert answer.status == 200, path
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        narrow(page, found)
    assert found == []
    assert said == []


@pytest.mark.django_db(transaction=True)
def test_a_questionnaire_by_keyboard(browser: Any, site: str, owner: Any, city: Any) -> None:
    page = sign_in(browser.new_context(reduced_motion="reduce"), site, owner)
    complaints: list[str] = []
    hands = Hands(page, complaints)
    page.goto(f"{site}/w/{city.slug}/questionnaires/")
    hands.follow("main a.button")
    hands.to("input[name=key]")
    page.keyboard.press("ArrowDown")
    hands.follow("main form button[type=submit]")
    hands.follow("main table a")
    hands.to("main textarea")
    page.keyboard.type("Waiting lists")
    hands.follow("main form button[type=submit]")
    sheet = Sheet.objects.get()
    assert [a["value"] for a in sheet.answers.values()] == ["Waiting lists"]
    assert complaints == []
