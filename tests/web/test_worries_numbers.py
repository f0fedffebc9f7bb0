"""Numbers of a worries desk: the week of Bishkek, a drowned neighbourhood, what is hidden, what is paged."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from isopolis.read.open311 import read_worries
from isopolis.web.modules.models import Module
from isopolis.web.modules.worries.actions import EnterWorry, SetUpDesk
from isopolis.web.modules.worries.charts import bars
from isopolis.web.modules.worries.models import FileImport, Worry, WorryDesk
from isopolis.web.modules.worries.numbers import PublishNumbers
from isopolis.web.participation.counting import counted

from .test_pages import check
from .towns import upload
from .worrytown import TEXTS, TOWN, counted_desk, desk_module, sent, told


@pytest.fixture
def module(city: Any, owner: Any) -> Module:
    return desk_module(city, owner)


def bishkek() -> list[dict[str, Any]]:
    """The week of 744 received, 232 registered and 157 done that 24.kg/obschestvo/86477 reports.

    The numbers are theirs; texts and days are invented.
    """
    said = ("На улице не работает освещение", "Яма на дороге у дома", "Автобус опять опоздал",
            "Громкая музыка и шум ночью")  # fmt: skip
    return [
        ({"service_request_id": f"r{i}"} if i < 232 else {"token": f"t{i}", "service_request_id": ""})
        | {
            "token": f"t{i}", "status": "closed" if i < 157 else "open", "lat": 42.87, "long": 74.59,
            "description": said[i % 4],
            "requested_datetime": f"2018-05-2{1 + i % 7}T08:{i % 60:02d}:00+06:00",
            "updated_datetime": f"2018-05-2{2 + i % 7}T08:{i % 60:02d}:00+06:00",
            "extended_attributes": {"channel": "phone", "zone": "Sverdlov"},
        }
        for i in range(744)
    ]  # fmt: skip


# -- the week of Bishkek -------------------------------------------------------------------------------
def test_the_week_of_bishkek_is_imported_shown_and_served(
    module: Module, staff: dict[str, Any], browse: Callable[[Any], Client], tmp_path: Any
) -> None:
    city, public = module.process.workspace, module.get_absolute_url()
    officer = browse(staff["participation_officer"])
    SetUpDesk(staff["owner"], city, module, ["ky", "ru"]).run()
    check(officer.get(f"{public}manage/send/upload/"), "send")
    content = json.dumps(bishkek()).encode()
    answer, jobs = sent(officer, module, "week.json", content, public_already="on")
    assert answer.status_code == 302
    assert [(j.kind, j.state) for j in jobs] == [("worries_import", "done"), ("worries", "done")], jobs[
        0
    ].error
    file = FileImport.objects.get()
    assert (file.worries, file.known_before, file.path.exists()) == (744, 0, False)
    assert counted([module])[module.pk] == {("import", ""): 744}
    page = officer.get(f"{public}manage/numbers/")
    check(page, "numbers")
    assert "No numbers are published yet" in Client().get(public).content.decode()
    assert officer.post(f"{public}manage/numbers/", {"publish": ""}).status_code == 302
    shown = Client().get(public)
    check(shown, public)
    text = re.sub(r"\s+", " ", shown.content.decode())
    for word, n in (("received", 744), ("registered", 232), ("resolved", 157)):
        assert f"<dt>{word}</dt><dd>{n}</dd>" in text
    assert '<th scope="row" class="words">2018-W21</th><td>744</td><td>232</td><td>157</td>' in text
    assert '<th scope="row" class="words">by telephone</th><td>744</td><td>232</td><td>157</td>' in text
    assert "roads and pavements" in text
    assert text.count("<svg ") == 5
    # half of the registered waited a day
    assert '<th scope="row" class="words">whole city</th><td class="words">1.0</td>' in text
    # the same file once more brings nothing
    _answer, jobs = sent(officer, module, "again.json", content)
    assert Worry.objects.filter(outside__gt="").count() == 744
    assert FileImport.objects.order_by("at").last().known_before == 744  # type: ignore[union-attr]
    _served_as_it_was(module, tmp_path)


def _served_as_it_was(module: Module, tmp_path: Any) -> None:
    """What we serve our reader reads: the 232 registered ones, with text, place, day and state."""
    path = f"{module.get_absolute_url()}georeport/v2/requests"
    span = {"start_date": "2018-05-01T00:00:00Z", "end_date": "2018-06-01T00:00:00Z"}
    file = tmp_path / "served.json"
    file.write_bytes(Client().get(f"{path}.json", span).content)
    read = read_worries(file)
    sent_rows = {r["service_request_id"]: r for r in bishkek() if r["service_request_id"]}
    assert read.caveats == ()
    assert {w.id for w in read.worries} == set(sent_rows)
    for w in read.worries:
        before = sent_rows[w.id]
        assert (w.text, w.lat, w.lon, w.zone) == (before["description"], 42.87, 74.59, "Sverdlov")
        assert w.received == datetime.fromisoformat(before["requested_datetime"]).replace(tzinfo=None)
        assert w.resolved is (before["status"] == "closed")
        if w.resolved:
            assert w.closed == datetime.fromisoformat(before["updated_datetime"]).replace(tzinfo=None)
    root = ET.fromstring(Client().get(f"{path}.xml", span).content)
    assert [r.findtext("service_request_id") for r in root] == [
        r["service_request_id"] for r in json.loads(file.read_bytes())
    ]


def test_counts_of_a_week_without_texts_are_imported(
    module: Module, owner: Any, browse: Callable[[Any], Client]
) -> None:
    table = b"week,channel,received,registered,resolved\n2018-W21,phone,744,232,157\n"
    _answer, jobs = sent(browse(owner), module, "week.csv", table)
    assert [j.state for j in jobs] == ["done", "done"], jobs[0].error
    desk = WorryDesk.objects.get(module=module)
    assert desk.shown["whole"] == [744, 232, 157]
    # there is nothing to read, so nothing waits for being read
    assert Worry.objects.exclude(text="").count() == 0
    assert "(0)" in browse(owner).get(f"{module.get_absolute_url()}manage/").content.decode()


def test_a_wrong_file_says_what_is_wrong_and_leaves_nothing(
    module: Module, owner: Any, browse: Callable[[Any], Client]
) -> None:
    client = browse(owner)
    wrong = b"id,received,text,status\n1,2/17/26,a,open\n2,2026-02-17,b,lost\n3,2026-02-17,c,open\n"
    _answer, jobs = sent(client, module, "rows.csv", wrong)
    assert [j.state for j in jobs] == ["failed"]
    page = client.get(f"{module.get_absolute_url()}manage/")
    check(page, "manage")
    for said in ("2/17/26", "row 3", "lost", "open or closed"):
        assert said in page.content.decode()
    assert not Worry.objects.exists()
    assert not FileImport.objects.get().path.exists()
    answer, jobs = sent(client, module, "rows.exe", wrong)
    assert "ends in .json" in answer.content.decode()
    assert jobs == []


# -- numbers -------------------------------------------------------------------------------------------
def weeks(surge: bool) -> bytes:
    rng = np.random.default_rng(3)
    made = []
    for day in range(1, 29):
        for zone, share in (("Z1", 0.01), ("Z2", 0.48), ("Z3", 0.3), ("Z4", 0.2)):
            for text, usual in zip(TEXTS, (15, 14, 12, 11, 9, 1), strict=True):
                made += [(day, zone, text)] * int(rng.poisson(usual * share))
        made += [(day, "Z1", "No ramp for a wheelchair")] * int(rng.poisson(0.7))
    made += [(20, z, TEXTS[5]) for z in rng.choice(["Z1", "Z2", "Z3", "Z4"], 1000 if surge else 0)]
    lines = "\n".join(f"2026-02-{d:02d},{z},{t}" for d, z, t in made)
    return f"received,zone,text\n{lines}\n".encode()


def test_the_worry_of_two_percent_survives_a_surge_of_1000_calls_on_the_page(
    module: Module, owner: Any, browse: Callable[[Any], Client]
) -> None:
    """Hill has 2 % of the residents; on one day 1,000 call about snow."""
    upload(owner, module.process.workspace, TOWN)
    SetUpDesk(owner, module.process.workspace, module, ["en"]).run()
    _answer, jobs = sent(browse(owner), module, "calls.csv", weeks(surge=True))
    assert jobs[-1].state == "done", jobs[-1].error
    PublishNumbers(owner, module.process.workspace, module).run()
    page = Client().get(module.get_absolute_url())
    check(page, "surge")
    text = re.sub(r"\s+", " ", page.content.decode())
    many, _cut, rest = text.partition("Worry of the unheard")
    assert "snow and ice</th>" in many.partition("<tbody>")[2][:120]
    assert "overflowed" in many
    first = re.search(r"<tbody><tr>(.*?)</tr>", rest)
    assert first is not None
    assert "Hill" in first[1]
    assert "ccessib" in first[1]
    # rates with intervals, and the neighbourhoods that may choose now
    assert "worries per 1,000 residents" in text
    assert "Centre" in Client().get(f"{module.get_absolute_url()}tell/").content.decode()


def test_small_numbers_are_hidden_and_the_page_says_so(module: Module, owner: Any) -> None:
    city = module.process.workspace
    for channel, n in (("phone", 25), ("paper", 30), ("meeting", 3)):
        for _i in range(n):
            EnterWorry(owner, city, module, "The lamp is out", channel=channel).run()
    desk = counted_desk(owner, module)
    lines = {k: r for k, r, *_more in desk.shown["tables"]["channel"]}
    assert lines == {"phone": None, "paper": 30, "meeting": None}
    PublishNumbers(owner, city, module).run()
    page = Client().get(module.get_absolute_url()).content.decode()
    assert re.search(r"at a meeting</th><td>hidden</td>", page)
    assert "Numbers of worries below 10 are hidden" in page


def test_numbers_are_published_once_a_week_and_never_few(module: Module, owner: Any) -> None:
    city = module.process.workspace
    with pytest.raises(ValidationError, match="counted first"):
        PublishNumbers(owner, city, module).run()
    told(module)
    counted_desk(owner, module)
    with pytest.raises(ValidationError, match="Fewer than 10"):
        PublishNumbers(owner, city, module).run()
    for n in range(10):
        EnterWorry(owner, city, module, f"The lamp {n} is out").run()
    counted_desk(owner, module)
    PublishNumbers(owner, city, module).run()
    EnterWorry(owner, city, module, "One more").run()
    counted_desk(owner, module)
    now = timezone.now()
    with pytest.raises(ValidationError, match="once a week"):
        PublishNumbers(owner, city, module).run()
    assert WorryDesk.objects.get().public["whole"][0] == 11
    # taken away and published again at once would be two tables of one week, too
    PublishNumbers(owner, city, module, withdraw=True).run()
    assert WorryDesk.objects.get().public == {}
    with pytest.raises(ValidationError, match="once a week"):
        PublishNumbers(owner, city, module).run()
    PublishNumbers(owner, city, module, now=now + timedelta(days=8)).run()
    assert WorryDesk.objects.get().public["whole"][0] == 12


def test_long_tables_are_paged(module: Module, owner: Any, browse: Callable[[Any], Client]) -> None:
    lines = [f"2026-01-02,Quarter {q:03d},lamp" for q in range(70) for _n in range(12)]
    sent(browse(owner), module, "q.csv", ("received,zone,text\n" + "\n".join(lines) + "\n").encode())
    PublishNumbers(owner, module.process.workspace, module).run()
    public = module.get_absolute_url()
    first = Client().get(public)
    check(first, public)
    assert "All 70 rows" in first.content.decode()
    whole = Client().get(f"{public}numbers/place/?page=2")
    check(whole, "whole")
    assert whole.content.decode().count("Quarter ") == 20
    check(Client().get(f"{public}numbers/waits/"), "waits")
    assert Client().get(f"{public}numbers/people/").status_code == 404


def test_neighbourhoods_without_names_go_by_their_ids(module: Module, owner: Any) -> None:
    upload(owner, module.process.workspace)
    assert counted_desk(owner, module).zones[0] == ["Z00", "Z00"]


def test_bars_escape_what_a_city_calls_its_places() -> None:
    drawn = bars([("<script>&", (9, 4, 1), "9"), ("x" * 99, None, "hidden")], ("a", "b", "c"))
    root = ET.fromstring(drawn)
    assert any(t.text == "<script>&" for t in root.iter())
    wide = [float(r.get("width", "0")) for r in root.iter() if r.tag.endswith("rect")][3:]
    assert wide == [640.0, 284.4, 71.1]
    turned = ET.fromstring(bars([("ا", (9, 4, 1), "9")], ("a", "b", "c"), rtl=True))
    assert [r.get("x") for r in turned.iter() if r.tag.endswith("rect")][3:] == ["0.0", "355.6", "568.9"]
