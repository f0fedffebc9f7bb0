"""Pages of ballots, boards and assemblies in a real browser: axe, 320 pixels, English and Arabic."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from isopolis.web.modules.actions import CreateProcess, EditProcess, PublishProcess
from isopolis.web.modules.models import Module, Phase
from isopolis.web.participation.actions import CountBoard, PublishBoard

from . import test_people_browser
from .ballots.votes import end_phase, finished, module_for_votes, opened
from .test_assembly import drawn
from .test_browser import narrow
from .test_participation import FILES, crowd
from .test_people_browser import listen, sign_in
from .towns import upload, work

_beside_the_loop_of_the_browser = test_people_browser._beside_the_loop_of_the_browser
browser, site = test_people_browser.browser, test_people_browser.site

DESK = ("desk", "roll", "letters", "package", "mark", "enter", "assist", "revoke")
LANGUAGES = pytest.mark.parametrize("language", ["en", "ar"])


class Round:
    """Visits at 320 pixels: what tools find, and what the browser complains of."""

    def __init__(self, browser: Any, site: str, language: str) -> None:
        self.context = browser.new_context(viewport={"width": 320, "height": 640}, locale=language)
        cookie = {"name": django_settings.LANGUAGE_COOKIE_NAME, "value": language, "url": site}
        self.context.add_cookies([cookie])
        self.site = site
        self.found: list[str] = []
        self.said: list[str] = []

    def visit(self, paths: list[str], user: Any = None) -> None:
        page = sign_in(self.context, self.site, user) if user else self.context.new_page()
        listen(page, self.said)
        for path in paths:
            answer = page.goto(self.site + path)
            assert answer.status == 200, path
            narrow(page, self.found)
        page.close()

    def nothing(self) -> None:
        assert self.found == []
        assert self.said == []


def ballot_place(module: Module, name: str) -> str:
    return reverse(f"ballot_{name}", args=[module.process.workspace.slug, module.process.number, module.pk])


@pytest.mark.django_db(transaction=True)
@LANGUAGES
def test_pages_of_ballots(
    browser: Any, site: str, owner: Any, city: Any, staff: dict[str, Any], language: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(Phase, "opens", property(lambda _self: frozenset({"vote"})))
    cache.clear()
    module = module_for_votes(owner, city)
    opened(owner, module)
    round_ = Round(browser, site, language)
    round_.visit([ballot_place(module, n) for n in ("vote", "kiosk", "receipt", "log")])
    round_.visit([ballot_place(module, n) for n in DESK], owner)
    end_phase(module)
    finished(owner, staff["participation_officer"], module)
    round_.visit([ballot_place(module, n) for n in ("vote", "log", "desk")])
    round_.nothing()


@pytest.mark.django_db(transaction=True)
@LANGUAGES
def test_boards_and_assemblies(browser: Any, site: str, owner: Any, city: Any, language: str) -> None:
    upload(owner, city, FILES)
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    made = CreateProcess(owner, city, "A citizens' assembly", "assembly", today).run()
    EditProcess(owner, city, made, made.title, "On the budget.").run()
    PublishProcess(owner, city, made).run()
    module = made.module_set.get()
    round_ = Round(browser, site, language)
    assembly = module.get_absolute_url()
    round_.visit([assembly])
    round_.visit([f"{assembly}manage/"], owner)
    drawn(owner, module, household="home")
    round_.visit([assembly, f"{assembly}?code=n3"])
    round_.visit([f"{assembly}manage/"], owner)
    crowd(module)
    place = [city.slug, made.number, module.pk]
    round_.visit([reverse("board", args=place)], owner)
    CountBoard(owner, city, module).run()
    work()
    module.phase_set.update(starts_at=today - timedelta(days=2), ends_at=today - timedelta(days=1))
    CountBoard(owner, city, module).run()
    work()
    PublishBoard(owner, city, module).run()
    inner = [*place, "zones"]
    round_.visit([reverse("board", args=place), reverse("board_table", args=inner)], owner)
    round_.visit([reverse("who_took_part", args=place), reverse("who_took_part_table", args=inner)])
    round_.nothing()
