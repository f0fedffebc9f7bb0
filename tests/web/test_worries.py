"""The worries desk: told without an account, read by officers, counted behind the gate, served to all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from isopolis.web.audit.models import AuditEvent
from isopolis.web.modules.actions import CreateProcess
from isopolis.web.modules.consultation.limits import issued
from isopolis.web.modules.models import Module, Process
from isopolis.web.modules.worries import limits
from isopolis.web.modules.worries.actions import EnterWorry, SetUpDesk
from isopolis.web.modules.worries.caring import (
    AnswerPair,
    HideText,
    PartWorry,
    PublishText,
    RegisterWorry,
    ResolveWorry,
    SortWorry,
)
from isopolis.web.modules.worries.exports import rows
from isopolis.web.modules.worries.models import Contact, HiddenNote, Pair, Worry
from isopolis.web.modules.worries.numbers import CountDesk
from isopolis.web.modules.worries.privacy import RULES
from isopolis.web.modules.worries.words import may_name_people
from isopolis.web.participation.counting import counted
from isopolis.web.workspaces.actions import CreateWorkspace

from .test_pages import check
from .towns import upload
from .worrytown import TOWN, counted_desk, desk_module, told


@pytest.fixture
def module(city: Any, owner: Any) -> Module:
    return desk_module(city, owner)


# -- telling -------------------------------------------------------------------------------------------
def test_anybody_tells_a_worry_in_arabic_without_an_account(
    module: Module, staff: dict[str, Any], browse: Callable[[Any], Client]
) -> None:
    public, anybody = module.get_absolute_url(), Client()
    page = check(anybody.get(public), public)
    assert f"{public}tell/" in page.links
    form = anybody.get(f"{public}tell/")
    check(form, f"{public}tell/")
    assert "three months" in form.content.decode()
    data = {
        "text": "لا يوجد ضوء في شارعنا\u202e منذ أسبوع", "language": "ar", "street": "شارع الزيتون",
        "seen": "كل مساء", "contact": "+49 30 1234567", "website": "",
        "sign": issued(timezone.now() - timedelta(seconds=10)),
    }  # fmt: skip
    answer = anybody.post(f"{public}tell/", data, follow=True)
    assert "An officer will read it" not in answer.content.decode()
    assert "received; an officer will read it" in answer.content.decode()
    kept = Worry.objects.get()
    assert (kept.text, kept.language, kept.channel) == ("لا يوجد ضوء في شارعنا منذ أسبوع", "ar", "web")
    assert kept.received_at is not None
    assert (kept.received_at.hour, kept.received_at.minute) == (0, 0)
    assert Contact.objects.get().text == "+49 30 1234567"
    assert counted([module])[module.pk] == {("web", ""): 1}
    # nobody reads it before an officer has
    for part in ("", "texts/", "log/", "georeport/v2/requests.json"):
        assert "ضوء" not in anybody.get(public + part).content.decode()
    officer = browse(staff["participation_officer"])
    desk = officer.get(f"{public}manage/")
    check(desk, f"{public}manage/")
    assert 'lang="ar" dir="auto"><p>لا يوجد ضوء' in desk.content.decode()
    one = officer.get(f"{public}manage/{kept.pk}/")
    check(one, "one")
    assert "+49 30 1234567" in one.content.decode()
    assert "Proposed by its words: " in one.content.decode()
    assert Worry.objects.get().proposed == "service:street_lighting"


def test_machines_are_told_nothing(module: Module, monkeypatch: pytest.MonkeyPatch) -> None:
    public, anybody = f"{module.get_absolute_url()}tell/", Client()
    good = {"text": "Something", "sign": issued(timezone.now() - timedelta(seconds=10))}
    assert anybody.post(public, good | {"website": "x"}).status_code == 302
    assert "very quickly" in anybody.post(public, good | {"sign": issued(timezone.now())}).content.decode()
    assert "very quickly" in anybody.post(public, good | {"sign": "mine"}).content.decode()
    assert anybody.post(public, good | {"text": " \u202e "}).status_code == 200
    assert not Worry.objects.exists()
    monkeypatch.setattr(limits, "PER_DRAWER", 2)
    for _n in range(2):
        told(module)
    with pytest.raises(ValidationError, match="Wait ten minutes"):
        told(module)
    monkeypatch.setattr(limits, "MOST_A_DAY", 2)
    monkeypatch.setattr(limits, "PER_DRAWER", 9)
    with pytest.raises(ValidationError, match="come tomorrow"):
        told(module)


def test_a_worry_is_refused_in_words(module: Module, owner: Any) -> None:
    for text, more, said in (
        ("", {}, "Write what worries you"),
        ("x" * 4001, {}, "too long"),
        ("A lamp", {"zone": "Mars"}, "neighbourhoods"),
    ):
        with pytest.raises(ValidationError, match=said):
            told(module, text, **more)
    city = module.process.workspace
    tomorrow = timezone.localdate() + timedelta(days=1)
    for more, said in (
        ({"channel": "web"}, "way by which"), ({"people": 0}, "number of people"),
        ({"day": tomorrow}, "still to come"),
    ):  # fmt: skip
        with pytest.raises(ValidationError, match=said):
            EnterWorry(owner, city, module, "A lamp", **more).run()


def test_the_phase_opens_and_closes(module: Module, owner: Any) -> None:
    public = module.get_absolute_url()
    phase = module.phases()[0]
    phase.starts_at, phase.ends_at = (timezone.now() - timedelta(days=d) for d in (9, 2))
    phase.save()
    with pytest.raises(PermissionDenied, match="Worries could be told until"):
        told(Module.objects.get(pk=module.pk))
    page = Client().get(f"{public}tell/").content.decode()
    assert "Worries could be told until" in page
    assert "<textarea" not in page
    # what came by letter before the end is entered after it
    EnterWorry(owner, module.process.workspace, module, "A letter", channel="paper").run()
    Process.objects.update(state="draft")
    assert Client().get(public).status_code == 404
    assert Client().get(f"{public}georeport/v2/requests.json").json()[0]["code"] == 404


# -- the officer ---------------------------------------------------------------------------------------
def test_the_officer_enters_letters_calls_and_meetings(
    module: Module, staff: dict[str, Any], browse: Callable[[Any], Client]
) -> None:
    upload(staff["owner"], module.process.workspace, TOWN)
    counted_desk(staff["owner"], module)
    officer, path = browse(staff["participation_officer"]), f"{module.get_absolute_url()}manage/enter/"
    page = officer.get(path)
    check(page, path)
    assert "Centre" in page.content.decode()
    day = timezone.localdate() - timedelta(days=3)
    for channel, people in (("meeting", 40), ("paper", 1), ("phone", 1), ("assisted", 1)):
        data = {
            "channel": channel,
            "people": people,
            "day": day,
            "text": "No ramp at the library",
            "zone": "Z2",
        }
        assert officer.post(path, data).status_code == 302
    assert Worry.objects.count() == 4  # a meeting of 40 is one worry
    assert counted([module])[module.pk] == {
        ("meeting", "Z2"): 40, ("paper", "Z2"): 1, ("phone", "Z2"): 1, ("assisted", "Z2"): 1,
    }  # fmt: skip
    assert {w.received_at.date() for w in Worry.objects.all() if w.received_at} == {day}


def test_a_worry_is_sorted_registered_resolved_and_opened_again(
    module: Module, staff: dict[str, Any], browse: Callable[[Any], Client]
) -> None:
    one = told(module, "A lamp is out, call me at 030 1234567 or anna@example.org")
    assert may_name_people(one.text)
    assert not may_name_people("The lamp at number 12 is out since 2024")
    officer, path = browse(staff["participation_officer"]), f"{module.get_absolute_url()}manage/{one.pk}/"
    assert "Take it out before you publish" in officer.get(path).content.decode()
    refused = officer.post(f"{path}resolve/", {"day": ""})
    assert "Register it first" in refused.content.decode()
    check(refused, path)
    assert officer.post(f"{path}sort/", {"topic": "worry:roads", "language": "en"}).status_code == 302
    assert officer.post(f"{path}sort/", {"topic": "worry:nothing"}).status_code == 200
    assert officer.post(f"{path}register/", {"day": ""}).status_code == 302
    assert officer.post(f"{path}publish/", {"text": "A lamp is out"}).status_code == 302
    kept = Worry.objects.get()
    assert (kept.number, kept.topic, kept.about, kept.public_text) == (
        1,
        "worry:roads",
        "worry:roads",
        "A lamp is out",
    )
    public = Client().get(f"{module.get_absolute_url()}texts/")
    check(public, "texts")
    assert "A lamp is out" in public.content.decode()
    assert "anna@" not in public.content.decode()
    assert officer.post(f"{path}resolve/", {"day": timezone.localdate()}).status_code == 302
    check(officer.get(path), path)
    assert Worry.objects.get().resolved
    assert officer.post(f"{path}reopen/").status_code == 302
    assert not Worry.objects.get().resolved
    for day in (timezone.localdate() + timedelta(days=1), timezone.localdate() - timedelta(days=1)):
        assert officer.post(f"{path}resolve/", {"day": day}).status_code == 200
    assert officer.post(f"{path}erase/").status_code == 404
    assert not Worry.objects.get().resolved


def test_hidden_texts_say_so_in_a_public_log(module: Module, owner: Any) -> None:
    city, public = module.process.workspace, module.get_absolute_url()
    one = told(module, "My neighbour Bob is a thief", contact="bob@example.org")
    PublishText(owner, city, module, one, text="My neighbour is a thief").run()
    RegisterWorry(owner, city, module, one).run()
    with pytest.raises(ValidationError, match="Say why"):
        HideText(owner, city, module, one, reason=" ").run()
    HideText(owner, city, module, one, reason="About a private person").run()
    page = Client().get(f"{public}log/")
    check(page, "log")
    assert "About a private person" in page.content.decode()
    for part in ("texts/", "log/", "georeport/v2/requests.json"):
        assert "thief" not in Client().get(public + part).content.decode()
    assert "Nothing is published yet" in Client().get(f"{public}texts/").content.decode()
    served = Client().get(f"{public}georeport/v2/requests.json").json()
    assert "hidden" in served[0]["status_notes"]
    with pytest.raises(ValidationError, match="hidden already"):
        HideText(owner, city, module, one, reason="Again").run()
    PublishText(owner, city, module, one, text="A quarrel").run()
    assert "shown again" in Client().get(f"{public}log/").content.decode()
    HideText(owner, city, module, one, reason="It must go", erase=True).run()
    kept = Worry.objects.get()
    assert (kept.text, kept.public_text, kept.registered) == ("", "", True)
    assert not Contact.objects.exists()
    assert HiddenNote.objects.count() == 3


def test_what_may_be_one_worry_is_joined_by_the_officer(
    module: Module, owner: Any, browse: Callable[[Any], Client]
) -> None:
    city = module.process.workspace
    upload(owner, city, TOWN)
    counted_desk(owner, module)
    texts = ["The lamp at the corner of Main Street is out", "The lamp at the corner of Main Street is out!",
             "A wild boar in the park"]  # fmt: skip
    first, second, _boar = (EnterWorry(owner, city, module, t, zone="Z2").run() for t in texts)
    counted_desk(owner, module)
    pair = Pair.objects.get()
    assert {pair.first_id, pair.second_id} == {first.pk, second.pk}
    client, path = browse(owner), f"{module.get_absolute_url()}manage/same/"
    check(client.get(path), path)
    RegisterWorry(owner, city, module, pair.first).run()
    assert client.post(f"{path}{pair.pk}/", {"one": ""}).status_code == 302
    joined = Worry.objects.get(pk=pair.second_id)
    assert joined.joined_to_id == pair.first_id
    # it goes with the one it was joined to
    assert (joined.registered, joined.number) == (True, 2)
    ResolveWorry(owner, city, module, pair.first).run()
    assert Worry.objects.get(pk=pair.second_id).resolved
    with pytest.raises(ValidationError, match="answered this already"):
        AnswerPair(owner, city, module, pair, True).run()
    desk = counted_desk(owner, module)
    assert not Pair.objects.filter(answer="").exists()
    assert desk.shown["whole"] == [3, 2, 2]  # both were received, and both are counted
    check(client.get(f"{module.get_absolute_url()}manage/{joined.pk}/"), "joined")
    PartWorry(owner, city, module, joined).run()
    counted_desk(owner, module)
    assert not Pair.objects.filter(answer="").exists(), "the same pair is not suggested again"


def test_joining_keeps_one_head(module: Module, owner: Any) -> None:
    city = module.process.workspace
    a, b, c, d = (told(module, f"Worry {n}") for n in "abcd")
    desk = a.desk
    for first, second in ((a, b), (c, d), (b, d), (a, d)):
        pair = Pair.objects.create(desk=desk, first=first, second=second, score=1, days=0, by="text")
        AnswerPair(owner, city, module, pair, True).run()
    heads = dict(Worry.objects.values_list("pk", "joined_to"))
    assert heads == {a.pk: None, b.pk: a.pk, c.pk: a.pk, d.pk: a.pk}


def test_other_languages_find_other_topics(module: Module, owner: Any) -> None:
    city = module.process.workspace
    SetUpDesk(owner, city, module, ["de"]).run()
    one = told(module, "Яма на дороге у нашего дома, уже неделю")
    counted_desk(owner, module)
    assert Worry.objects.get().about == ""
    SetUpDesk(owner, city, module, ["de", "ru"]).run()
    counted_desk(owner, module)
    assert (Worry.objects.get().language, Worry.objects.get().about) == ("ru", "worry:roads")
    SortWorry(owner, city, module, one, topic="service:public_transport").run()
    SetUpDesk(owner, city, module, ["de"]).run()
    counted_desk(owner, module)
    assert Worry.objects.get().about == "service:public_transport"
    with pytest.raises(ValidationError, match="Not known: xx"):
        SetUpDesk(owner, city, module, ["xx"]).run()


# -- who may, and what is kept -------------------------------------------------------------------------
def test_only_officers_of_the_city_care_for_worries(
    module: Module, staff: dict[str, Any], browse: Callable[[Any], Client], person: Callable[..., Any]
) -> None:
    one, public = told(module), module.get_absolute_url()
    for role in ("resident", "moderator", "analyst", "viewer", "policy_officer", "stranger"):
        for part in ("manage/", f"manage/{one.pk}/", "manage/worries.csv", "manage/numbers/", "manage/same/"):
            assert browse(staff[role]).get(public + part).status_code in (403, 404), role
        with pytest.raises(PermissionDenied):
            PublishText(staff[role], module.process.workspace, module, one, text="x").run()
    assert Client().get(f"{public}manage/").status_code == 302
    other = person("other")
    elsewhere = CreateWorkspace(other, "Othertown").run()
    for change in (
        PublishText(other, elsewhere, module, one, text="x"), CountDesk(other, elsewhere, module),
        RegisterWorry(other, elsewhere, module, one), SetUpDesk(other, elsewhere, module, ["en"]),
    ):  # fmt: skip
        with pytest.raises((ValidationError, PermissionDenied)):
            change.run()


def test_a_worry_of_another_desk_is_not_touched(
    module: Module, owner: Any, browse: Callable[[Any], Client]
) -> None:
    city, one = module.process.workspace, told(module)
    second = CreateProcess(owner, city, "Another desk", "worries", timezone.now()).run()
    other = Module.objects.get(process=second)
    with pytest.raises(ValidationError, match="another desk"):
        RegisterWorry(owner, city, other, one).run()
    assert browse(owner).get(f"{other.get_absolute_url()}manage/{one.pk}/").status_code == 404


def test_contacts_go_when_they_are_not_needed_any_more(module: Module, owner: Any) -> None:
    city, now = module.process.workspace, timezone.now()
    done, waits = told(module, contact="a@example.org"), told(module, contact="b@example.org")
    RegisterWorry(owner, city, module, done).run()
    ResolveWorry(owner, city, module, done).run()
    rule = RULES[0]
    assert rule.run(now + timedelta(days=85), False) == 0
    assert rule.run(now + timedelta(days=92), True) == 1
    assert Contact.objects.count() == 2
    assert rule.run(now + timedelta(days=92), False) == 1
    assert Contact.objects.get().worry_id == waits.pk
    assert rule.run(now + timedelta(days=366), False) == 1


def test_the_log_tells_no_texts_and_the_table_no_contacts(
    module: Module, owner: Any, browse: Callable[[Any], Client]
) -> None:
    one = told(module, "A very special worry", contact="secret@example.org")
    city = module.process.workspace
    RegisterWorry(owner, city, module, one).run()
    HideText(owner, city, module, one, reason="Because").run()
    said = str(list(AuditEvent.objects.filter(verb__startswith="worr").values()))
    assert "worry.register" in said
    assert "worry.tell" not in said
    assert "special" not in said
    assert str(one.pk) not in said
    table = browse(owner).get(f"{module.get_absolute_url()}manage/worries.csv")
    text = b"".join(table.streaming_content).decode()
    assert text.splitlines()[0].startswith("id,received")
    assert len(text.splitlines()) == 2
    assert "secret" not in text
    assert "special" not in text
    assert next(iter(rows(module)))["registered"] == timezone.localdate().isoformat()
