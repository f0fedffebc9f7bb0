"""Residents answer page by page, without an account and without JavaScript."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from isopolis.web.audit.models import AuditEvent
from isopolis.web.ballots.roll import Person
from isopolis.web.modules.models import Phase
from isopolis.web.modules.surveys import drafts, views
from isopolis.web.modules.surveys.actions import LoadRoll, MakeLetters, SetAccess
from isopolis.web.modules.surveys.models import Answer, Apart, Code, Draft, RollEntry, Survey, Waiting
from isopolis.web.modules.surveys.privacy import RULES
from isopolis.web.participation.counting import counted

from ..test_pages import check
from .forms import PAGES, walk


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_form_is_answered_page_by_page(survey: Survey, home: str) -> None:
    anybody = Client()
    first = anybody.get(home)
    check(first, home)
    assert "6 questions at most" in text(first)
    step = anybody.post(f"{home}start/", {"language": "English (en)"})["Location"]
    shown = anybody.get(step)
    check(shown, step)
    assert "Where were you born?" in text(shown)
    assert "What would make the bus better?" not in text(shown)
    assert "Page 1, 1 page to come" in text(shown)
    second = anybody.post(step, PAGES[0])["Location"]
    shown = anybody.get(second)
    check(shown, second)
    assert "What would make the bus better?" in text(shown)
    assert "Roll a die" in text(shown)
    assert "to plan stops that ill people can use" in text(shown)
    assert "Page 2, the last one" in text(shown)
    last = anybody.post(second, PAGES[1])["Location"]
    review = anybody.get(last)
    check(review, last)
    assert "More of them" in text(review)
    done = anybody.post(last)
    check(done, last)
    assert "Thank you" in text(done)
    assert Draft.objects.count() == 0
    assert Waiting.objects.count() == 1
    assert counted([survey.module.pk])[survey.module.pk] == {("web", ""): 1}
    assert anybody.post(last).status_code == 410
    assert Waiting.objects.count() == 1


def test_the_back_button_and_skipping(survey: Survey, home: str) -> None:
    anybody = Client()
    last = walk(anybody, home)
    pages = [f"{home}page/1/", f"{home}page/2/"]
    # the browser's own way back asks for the page again and finds what was answered
    assert 'value="bus" checked' in text(anybody.get(pages[0]))
    # another answer on the first page takes the question on the second away, and its answer with it
    assert anybody.post(pages[0], {"a-birthplace": "here", "a-ways": ["foot"]})["Location"] == pages[1]
    assert "What would make the bus better?" not in text(anybody.get(pages[1]))
    back = anybody.post(pages[1], {"back": "", "a-ill": "yes", "a-fare": "yes"})
    assert back["Location"] == pages[0]
    assert 'value="yes" checked' in text(anybody.get(pages[1]))
    assert "More of them" not in text(anybody.get(last))
    anybody.post(last)
    survey.refresh_from_db()
    from isopolis.web.modules.surveys import box

    assert box.flush(survey) == 1
    (kept,) = Answer.objects.all()
    assert kept.given == {"birthplace": "here", "age": "", "ways": "foot", "fare": "yes"}
    assert list(Apart.objects.values_list("question", "value")) == [("ill", "yes")]


def test_what_is_wrong_is_said_beside_the_question(survey: Survey, home: str) -> None:
    anybody = Client()
    step = anybody.post(f"{home}start/", {"language": "English (en)"})["Location"]
    for given, said in (
        ({"a-age": "20"}, "An answer is needed here."),
        ({"a-birthplace": "here", "a-age": "7"}, "From 14 to 119 years."),
        ({"a-birthplace": "here", "a-age": "old"}, "Write a whole number."),
        ({"a-birthplace": "moon"}, "Not among the answers here: moon."),
    ):
        answered = anybody.post(step, given)
        assert answered["Location"] == f"{step}?again"
        shown = anybody.get(answered["Location"])
        check(shown, step)
        assert said in text(shown)
        assert said not in text(anybody.get(step))
    # pages beyond are not open before, and nothing can be sent
    assert anybody.get(f"{home}page/2/").status_code in (200, 302)
    anybody.get(f"{home}page/2/")
    anybody.post(f"{home}page/2/", PAGES[1])
    assert anybody.post(f"{home}send/")["Location"] == f"{step}?again"
    assert Waiting.objects.count() == 0


def test_in_arabic_the_whole_page_is_arabic(survey: Survey, home: str) -> None:
    anybody = Client()
    step = anybody.post(f"{home}start/", {"language": "العربية (ar)"})["Location"]
    shown = anybody.get(step)
    check(shown, step)
    assert 'lang="ar" dir="rtl">' in text(shown)
    assert "أين ولدت؟" in text(shown)
    wrong = anybody.get(anybody.post(step, {"a-birthplace": "here", "a-age": "٧"})["Location"])
    assert "من 14 إلى 119 سنة." in text(wrong)
    assert anybody.post(step, PAGES[0] | {"a-age": "٣٣"}).status_code == 302
    # on another page of the form the language can be changed, and what was typed stays
    changed = anybody.post(f"{home}page/2/", {"language": "English (en)", "a-bus": "كثير"})
    assert changed["Location"] == f"{home}page/2/"
    again = text(anybody.get(f"{home}page/2/"))
    assert "What would make the bus better?" in again
    assert "كثير" in again


def test_a_public_device_forgets(survey: Survey, home: str, monkeypatch: pytest.MonkeyPatch) -> None:
    device = Client()
    check(device.get(f"{home}kiosk/"), f"{home}kiosk/")
    step = device.post(f"{home}start/", {"language": "English (en)", "channel": "kiosk"})["Location"]
    device.post(step, PAGES[0])
    assert device.get(f"{home}page/1/").status_code == 200
    monkeypatch.setattr(drafts, "KIOSK_MINUTES", 0)
    gone = device.get(f"{home}page/1/")
    assert gone.status_code == 410
    check(gone, home)
    assert Draft.objects.count() == 0
    monkeypatch.undo()
    monkeypatch.setattr(views, "FASTEST", 0)
    step = device.post(f"{home}start/", {"language": "English (en)", "channel": "kiosk"})["Location"]
    device.post(step, PAGES[0])
    device.post(f"{home}page/2/", PAGES[1])
    monkeypatch.setattr(views, "PER_DRAWER", 0)
    refused = device.post(f"{home}send/")
    assert "Many answers came from here" in text(refused), "whoever says so is limited like everybody"
    monkeypatch.setattr(views, "PER_DRAWER", 100)
    assert "The next person" in text(device.post(f"{home}send/"))
    assert counted([survey.module.pk])[survey.module.pk] == {("kiosk", ""): 1}


def test_an_officer_helps_and_the_channel_says_so(survey: Survey, home: str, staff: Any, browse: Any) -> None:
    officer = browse(staff["participation_officer"])
    step = officer.post(f"{home}desk/assist/", {"language": "English (en)"})["Location"]
    officer.post(step, PAGES[0])
    officer.post(f"{home}page/2/", PAGES[1])
    officer.post(f"{home}send/")
    assert counted([survey.module.pk])[survey.module.pk] == {("assisted", ""): 1}


def test_drafts_can_be_read_with_the_cookie_only_and_expire(survey: Survey, home: str) -> None:
    anybody = Client()
    step = anybody.post(f"{home}start/", {"language": "English (en)"})
    cookie = step.cookies[f"survey-{survey.module.pk}"]
    assert (cookie["max-age"], cookie["expires"]) == ("", "")  # it goes with the session of the browser
    assert (cookie["path"], cookie["samesite"], bool(cookie["httponly"])) == (home, "Strict", True)
    anybody.post(step["Location"], {"a-birthplace": "abroad", "a-age": "77"})
    row = Draft.objects.get()
    assert cookie.value not in str(row.pk)
    assert b"abroad" not in bytes(row.content)
    assert (row.until.minute, row.until.second) == (0, 0)
    other = Client()
    other.cookies[f"survey-{survey.module.pk}"] = "somebody-elses"
    assert other.get(step["Location"]).status_code == 410
    rule = next(r for r in RULES if r.key == "survey_draft")
    assert rule.run(timezone.now(), dry=False) == 0
    assert rule.run(timezone.now() + timedelta(hours=26), dry=False) == 1


def test_stopping_forgets(survey: Survey, home: str) -> None:
    anybody = Client()
    walk(anybody, home)
    assert anybody.post(f"{home}stop/")["Location"] == home
    assert Draft.objects.count() == 0
    assert anybody.get(f"{home}send/").status_code == 410


def test_machines_are_slowed_down(survey: Survey, home: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "FASTEST", 3)
    anybody = Client()
    assert "very quickly" in text(anybody.post(walk(anybody, home)))
    monkeypatch.setattr(views, "FASTEST", 0)
    monkeypatch.setattr(views, "PER_DRAWER", 1)
    anybody.post(f"{home}send/")
    assert "Many answers came from here" in text(anybody.post(walk(anybody, home)))
    assert Waiting.objects.count() == 1


def test_nothing_is_taken_outside_of_the_phase(survey: Survey, home: str) -> None:
    anybody = Client()
    last = walk(anybody, home)
    Phase.objects.filter(module=survey.module, kind="answer").update(
        starts_at=timezone.now() - timedelta(days=9), ends_at=timezone.now() - timedelta(days=2)
    )
    assert anybody.post(last).status_code == 403
    assert anybody.post(f"{home}start/").status_code == 403
    assert "Answers could be given until" in text(anybody.get(home))
    assert Waiting.objects.count() == 0


# -- by roll ---------------------------------------------------------------------------------------------
@pytest.fixture
def codes(survey: Survey, owner: Any, city: Any) -> list[str]:
    SetAccess(owner, city, survey.module, "roll").run()
    people = [Person(f"id {n}", "Z01" if n % 2 else "") for n in range(60)]
    assert LoadRoll(owner, city, survey.module, people).run() == 60
    return list(MakeLetters(owner, city, survey.module, [p.identifier for p in people]).run().values())


def test_one_answer_for_each_code(survey: Survey, home: str, codes: list[str]) -> None:
    anybody = Client()
    last = walk(anybody, home)
    check(anybody.get(last), last)
    for wrong in ("", "0000-0000-0000-0000", codes[0][:-1] + ("0" if codes[0][-1] != "0" else "1")):
        answered = anybody.post(last, {"code": wrong})
        assert answered.status_code == 422
        check(answered, last)
        assert "This code is none of this survey" in text(answered)
    assert anybody.post(last, {"code": codes[1].lower().replace("-", " ")}).status_code == 200
    assert RollEntry.objects.filter(state="answered").count() == 1
    again = Client()
    twice = again.post(walk(again, home), {"code": codes[1]})
    assert "Each code counts once" in text(twice)
    assert Waiting.objects.count() == 1
    assert counted([survey.module.pk])[survey.module.pk] == {("web", "Z01"): 1}


def test_guessing_codes_is_slowed_down(survey: Survey, home: str, codes: list[str]) -> None:
    anybody = Client()
    last = walk(anybody, home)
    for n in range(30):
        anybody.post(last, {"code": f"0000-0000-0000-{n:04d}"})
    assert "Many wrong codes came from here" in text(anybody.post(last, {"code": codes[0]}))
    assert not RollEntry.objects.filter(state="answered").exists()


def test_codes_are_nowhere_kept(survey: Survey, codes: list[str]) -> None:
    kept = " ".join(str(v) for row in Code.objects.values_list() for v in row)
    kept += " ".join(str(v) for row in RollEntry.objects.values_list() for v in row)
    kept += " ".join(str(v) for row in AuditEvent.objects.values_list() for v in row)
    for code in codes:
        assert code.replace("-", "") not in kept
        assert code.replace("-", "")[6:] not in kept
    assert "id 7" not in kept
