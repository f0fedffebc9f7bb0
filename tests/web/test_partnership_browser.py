"""Pages of a partnership in a real browser: axe, 320 pixels, Arabic, layers and day by keyboard alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as django_settings

from isopolis.web.partnerships.hub.actions import KeepRecord
from isopolis.web.partnerships.hub.voices import AnswerSurvey, CommentPaper
from isopolis.web.partnerships.models import HubItem

from . import test_browser, test_people_browser
from .partnered import partnership_of
from .test_browser import narrow
from .test_people_browser import listen, sign_in

browser = test_browser.browser
site = test_people_browser.site
_beside_the_loop_of_the_browser = test_people_browser._beside_the_loop_of_the_browser

PUBLIC = (
    "", "members/", "news/", "news/activities-launched/", "timeline/", "calls/", "strategies/",
    "commitments/",
    "meetings/", "meetings/paris-2024/", "decisions/", "documents/", "paper/", "at-a-glance/",
)  # fmt: skip
INSIDE = (
    "meetings/second/", "meetings/", "decisions/", "paper/", "surveys/", "surveys/topics/", "edit/",
    "edit/member/", "edit/member/varna/", "edit/meeting/new/", "edit/paper/orientation-paper/",
    "documents/upload/", "settings/",
)  # fmt: skip


def full(hub: Any) -> None:
    """Give it a meeting with everything, a survey with an answer, and a comment."""
    meeting = {
        "key": "second", "title": "Second", "day": "2026-12-03", "starts": "10:00", "zone": "Europe/Rome",
        "agenda": [{"title": "Welcome"}], "decisions": [{"number": "1", "text": "We go on"}],
        "tasks": [{"text": "Write it down", "owner": "ANCT", "due": "2026-01-01"}],
    }  # fmt: skip
    KeepRecord(hub.chair, hub.all, "meeting", meeting).run()
    one = {"key": "o", "text": "Which?", "kind": "one", "options": ["a", "b"]}
    plain = {"key": "topics", "title": "Topics", "questions": [one, {"key": "t", "text": "Why?"}]}
    survey = KeepRecord(hub.chair, hub.all, "survey", plain).run()
    AnswerSurvey(hub.reader, hub.all, survey, "Varna", {"o": ("a",), "t": ("x",)}).run()
    CommentPaper(hub.reader, hub.all, HubItem.objects.get(kind="paper"), "outline", "", "Well done.").run()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_pages_at_320_pixels(browser: Any, site: str, person: Any, language: str) -> None:
    hub = partnership_of(person)
    full(hub)
    context = browser.new_context(viewport={"width": 320, "height": 640}, locale=language)
    context.add_cookies([{"name": django_settings.LANGUAGE_COOKIE_NAME, "value": language, "url": site}])
    found: list[str] = []
    said: list[str] = []
    visitor = context.new_page()
    listen(visitor, said)
    for room in PUBLIC:
        assert visitor.goto(site + hub.at + room).status == 200
        narrow(visitor, found)
    page = sign_in(context, site, hub.chair)
    listen(page, said)
    for room in INSIDE:
        assert page.goto(site + hub.at + room).status == 200, room
        narrow(page, found)
    assert found == []
    assert said == []


@pytest.mark.django_db(transaction=True)
def test_layers_are_switched_and_the_day_is_chosen_by_keyboard(browser: Any, site: str, person: Any) -> None:
    hub = partnership_of(person)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}{hub.at}members/?on=2025-06-01")
    assert page.locator("tbody tr").count() == 21
    for _n in range(60):
        page.keyboard.press("Tab")
        at = page.locator(":focus")
        if not at.count():  # the browser's own bar comes first in some
            continue
        if at.get_attribute("name") == "layer" and at.get_attribute("value") != "city":
            page.keyboard.press("Space")
        if at.get_attribute("type") == "submit" and at.text_content() == "Show":
            page.keyboard.press("Enter")
            break
    page.wait_for_url("**layer=city**")
    assert page.locator("tbody tr").count() == 4
    assert page.locator("svg text", has_text="Varna").count() == 1
    assert page.locator("svg text", has_text="Rome").count() == 0
    assert "2025-06-01" in page.url
