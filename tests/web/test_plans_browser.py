"""Pages of plans and consultations in a real browser: axe, 320 pixels, Arabic, nothing against the policy."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from isopolis.web.modules.consultation.actions import OpenConsultation
from isopolis.web.modules.consultation.models import Consultation, Question
from isopolis.web.modules.consultation.responses import EnterOffline, PublishAnswers, PutUnder, WriteTopic
from isopolis.web.plans.actions import AddAction, CreatePlan, PublishPlan

from . import test_browser
from .test_browser import narrow
from .test_people_browser import listen, sign_in
from .test_plans import FIELDS, move, now

browser = test_browser.browser


@pytest.fixture(scope="module", autouse=True)
def _beside_the_loop_of_the_browser() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture
def site(live_server: Any, settings: Any) -> str:
    settings.ALLOWED_HOSTS = ["*"]
    return live_server.url.replace("127.0.0.1", "localhost")


def published(owner: Any, city: Any) -> tuple[Any, Consultation]:
    """Make a plan that was consulted on, answered and published."""
    row = AddAction(owner, city, row=CreatePlan(owner, city, title="Our plan").run(), fields=FIELDS).run()
    row = move(owner, row, "draft")
    start = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    opening = (
        owner,
        city,
        "What about it?",
        "consultation",
        start,
        row,
        "Say it.",
        start + timedelta(days=42),
    )
    OpenConsultation(*opening, now=start).run()
    held = Consultation.objects.get()
    text = {"text": "Weekends too", "stance": "for", "channel": "paper", "action": "a1"}
    points = [EnterOffline(owner, city, held, **text).run() for _n in range(6)]
    fields = {"summary": "Open on weekends", "action": "a1", "decision": "in_part", "why": "Saturdays only"}
    topic = WriteTopic(owner, city, held, None, fields).run()
    PutUnder(owner, city, held, topic, points[:5]).run()
    return row, held


def over(owner: Any, city: Any, row: Any, held: Consultation) -> None:
    """Let the consultation end, answer what is left, and publish."""
    PutUnder(owner, city, held, held.topic_set.get(), list(held.point_set.all())).run()
    first, second = held.module.phases()
    second.starts_at = first.ends_at = timezone.now() - timedelta(minutes=1)
    first.save()
    second.save()
    PublishAnswers(owner, city, Consultation.objects.get()).run()
    PublishPlan(owner, city, row=move(owner, now(row), "consulted", "final")).run()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_pages_at_320_pixels(browser: Any, site: str, owner: Any, city: Any, language: str) -> None:
    row, held = published(owner, city)
    inner, question = held.module.get_absolute_url(), Question.objects.get(action="a1")
    context = browser.new_context(viewport={"width": 320, "height": 640}, locale=language)
    context.add_cookies([{"name": django_settings.LANGUAGE_COOKIE_NAME, "value": language, "url": site}])
    found: list[str] = []
    said: list[str] = []
    visitor = context.new_page()
    listen(visitor, said)
    for path in (inner, f"{inner}answers/a1/", f"{inner}answers/plan/"):
        visitor.goto(site + path)
        narrow(visitor, found)
    page = sign_in(context, site, owner)
    listen(page, said)
    names = ("plan", "plan_edit", "plan_glance", "plan_log", "plan_monitoring", "plan_action_new")
    paths = [row.address(n) for n in names] + [
        row.address(n, "a1") for n in ("plan_action", "plan_action_edit")
    ]
    more = ("", "points/", "offline/", "topics/new/", f"questions/{question.pk}/")
    paths += [
        f"/w/{city.slug}/plans/",
        f"{row.address('plan')}consult/",
        *(f"{inner}manage/{m}" for m in more),
    ]
    for path in paths:
        page.goto(site + path)
        narrow(page, found)
    over(owner, city, row, held)
    for path in (inner, "/plans/", now(row).public_url()):
        visitor.goto(site + path)
        narrow(visitor, found)
    assert found == []
    assert said == []
