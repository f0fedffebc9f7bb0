"""A worries desk tells neither who told something nor when; what is erased stays erased."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from isopolis.web.audit.models import AuditEvent
from isopolis.web.modules.models import Module
from isopolis.web.modules.worries import caring, numbers
from isopolis.web.modules.worries.actions import EnterWorry, TellWorry
from isopolis.web.modules.worries.caring import AnswerPair, HideText, PublishText, RegisterWorry
from isopolis.web.modules.worries.models import Pair, Worry

from .worrytown import ANYBODY, counted_desk, desk_module, sent, told


@pytest.fixture
def module(city: Any, owner: Any) -> Module:
    return desk_module(city, owner)


def served(module: Module) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = Client().get(f"{module.get_absolute_url()}georeport/v2/requests.json").json()
    return rows


def test_the_street_that_a_resident_typed_is_not_served(module: Module, owner: Any) -> None:
    city = module.process.workspace
    mine = told(module, street="At Bob's, 3 Mill Street")
    entered = EnterWorry(owner, city, module, "A pothole", street="Main Street").run()
    for one in (mine, entered):
        RegisterWorry(owner, city, module, one).run()
        PublishText(owner, city, module, one, text=one.text).run()
    rows = {r["service_request_id"]: r for r in served(module)}
    assert rows["2"]["address"] == "Main Street"
    assert "address" not in rows["1"]
    assert "Mill Street" not in json.dumps(list(rows.values()))


def test_what_is_erased_takes_its_place_along(module: Module, owner: Any) -> None:
    one = told(module, street="3 Mill Street", seen="every night")
    Worry.objects.filter(pk=one.pk).update(zone="Z1", lat=52.5, lon=13.4)
    HideText(owner, module.process.workspace, module, one, reason="About Bob", erase=True).run()
    kept = Worry.objects.get()
    assert (kept.text, kept.street, kept.seen, kept.zone, kept.lat, kept.lon) == ("", "", "", "", None, None)


def test_joining_writes_nothing_back_that_is_erased_meanwhile(
    module: Module, owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    city = module.process.workspace
    a, b = told(module, "Bob is a thief"), told(module, "Bob is a thief!")
    RegisterWorry(owner, city, module, a).run()
    pair = Pair.objects.create(desk=a.desk, first=a, second=b, score=1, days=0, by="text")
    give = caring.give_number

    def meanwhile(worry: Worry, at: Any) -> None:
        Worry.objects.filter(pk=worry.pk).update(text="", street="")
        give(worry, at)

    monkeypatch.setattr(caring, "give_number", meanwhile)
    AnswerPair(owner, city, module, pair, True).run()
    kept = Worry.objects.get(pk=b.pk)
    assert (kept.text, kept.number, kept.joined_to_id) == ("", 2, a.pk)


def test_what_an_officer_says_while_it_is_counted_stays(
    module: Module, owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, desk = told(module), numbers.single_desk

    def meanwhile(rows: list[Worry]) -> Any:
        Worry.objects.filter(pk=one.pk, looked=False).update(language="fr")
        return desk(rows)

    monkeypatch.setattr(numbers, "single_desk", meanwhile)
    counted_desk(owner, module)
    kept = Worry.objects.get()
    assert (kept.language, kept.looked) == ("fr", True)


def test_telling_leaves_no_moment_in_the_log(module: Module) -> None:
    before = AuditEvent.objects.count()
    one = told(module)
    assert AuditEvent.objects.count() == before
    assert one.received_at is not None
    assert (one.received_at.hour, one.received_at.minute) == (0, 0)
    with pytest.raises(Exception, match="another workspace"):
        TellWorry(ANYBODY, type(module.process.workspace)(pk="0" * 32), module, "A lamp", address="").run()


def test_a_number_stands_for_one_worry(module: Module, owner: Any, browse: Any) -> None:
    """Numbers of another desk and our own never meet, whichever came first."""
    city = module.process.workspace
    for text in ("One", "Two"):
        RegisterWorry(owner, city, module, told(module, text)).run()
    rows = [
        {"service_request_id": n, "status": "open", "description": f"Other {n}", "service_code": "x",
         "requested_datetime": "2026-01-05T08:00:00Z"}
        for n in ("2", "3", "A4")
    ]  # fmt: skip
    for _again in range(2):  # what was read once is known the second time
        _answer, done = sent(browse(owner), module, "r.json", json.dumps(rows).encode())
        assert [j.state for j in done] == ["done"] * len(done), [j.error for j in done]
        assert set(Worry.objects.exclude(outside="").values_list("outside", flat=True)) == {
            "import-2", "3", "A4",
        }  # fmt: skip
        assert Worry.objects.count() == 5
    RegisterWorry(owner, city, module, told(module, "Next")).run()
    assert Worry.objects.get(text="Next").request_id == "4"
    assert len({w.request_id for w in Worry.objects.all()}) == 6
