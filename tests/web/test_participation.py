"""The one participation record, and the board on which it stands beside the census."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from isopolis.engage.representation.cells import Cell
from isopolis.model import CallError, Group
from isopolis.web.accounts.models import User
from isopolis.web.audit.models import AuditEvent
from isopolis.web.modules.actions import CreateProcess, EditProcess, PublishProcess
from isopolis.web.modules.models import Module, Phase, Process
from isopolis.web.participation import CHANNELS, record, record_many, take_back
from isopolis.web.participation.actions import CountBoard, EnterPeople, PublishBoard
from isopolis.web.participation.counting import LANES, counted
from isopolis.web.participation.models import Board, Participation

from .test_pages import check
from .towns import upload, work

pytestmark = pytest.mark.django_db

FILES = {
    "people.csv": b"zone,old,young\n"
    + b"".join(f"Z{i:02d},{150 + 3 * i},{250 + 4 * i}\n".encode() for i in range(24)),
    "city.toml": b"""name = "Testville"
notes = ["example data, not a real place"]
[zones]
id = "zone"
kind = "zone"
[[tables]]
file = "people.csv"
layout = "wide"
zone = "zone"
date = "2024"
[[tables.dimensions]]
name = "age"
columns = ["old", "young"]
""",
}
OLD, YOUNG = Group.of(age="old"), Group.of(age="young")


@pytest.fixture
def module(city: Any, owner: Any) -> Module:
    """A public discussion that is open since yesterday."""
    today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    made = CreateProcess(owner, city, "The square", "discussion", today - timedelta(days=1)).run()
    EditProcess(owner, city, made, "The square", "What should it look like?").run()
    PublishProcess(owner, city, made).run()
    return made.module_set.get()


def crowd(module: Module) -> int:
    """Let people take part: the young far less, and hardly any of them in two neighbourhoods."""
    people = {}
    for i in range(24):
        people["web", Cell(f"Z{i:02d}", OLD)] = 24 + i % 7
        people["paper", Cell(f"Z{i:02d}", YOUNG)] = 12 + i % 3 if i not in (4, 17) else 3
    people["meeting", None] = 12
    record_many(module, people)
    return sum(people.values())


@pytest.fixture
def board(city: Any, owner: Any, module: Module) -> Board:
    """A board that was counted."""
    upload(owner, city, FILES)
    crowd(module)
    work()
    CountBoard(owner, city, module).run()
    work()
    found = Board.objects.get()
    assert found.shown
    return found


def end(module: Module) -> None:
    """Let the phases be over since an hour."""
    now = timezone.now()
    Phase.objects.filter(module=module).update(
        starts_at=now - timedelta(days=9), ends_at=now - timedelta(hours=1)
    )


# -- the record --------------------------------------------------------------------------------------------
def test_people_are_counted_by_channel_and_cell(module: Module) -> None:
    for _n in range(30):
        record(module, "web", "Z01|age=old")
    record(module, "paper", Cell("Z01", OLD), 5)
    record(module, "phone")
    take_back(module, "web", Cell("Z01", OLD), 12)
    assert counted([module]) == {
        module.pk: {
            ("web", "Z01|age=old"): 18,
            ("paper", "Z01|age=old"): 5,
            ("phone", ""): 1,
        }
    }
    assert Participation.objects.count() <= LANES + 2
    with pytest.raises(CallError, match="fewer people"):
        take_back(module, "web", Cell("Z01", OLD), 19)
    assert counted([module])[module.pk]["web", "Z01|age=old"] == 18


@pytest.mark.parametrize(("channel", "cell", "weight"), [
    ("fax", None, 1), ("web", None, 0), ("web", None, -1), ("web", None, True), ("web", None, 1.5),
    ("web", "Z1|no group", 1), ("web", "Z" * 301, 1),
])  # fmt: skip
def test_what_makes_no_sense_is_refused_whole(module: Module, channel: str, cell: Any, weight: Any) -> None:
    with pytest.raises(CallError):
        record_many(module, {("web", "Z01"): 1, (channel, cell): weight})
    assert not Participation.objects.exists()


def test_channels_are_those_of_the_model() -> None:
    assert tuple(Participation.Channel.values) == CHANNELS


def test_nothing_in_the_record_leads_to_a_person_or_a_time() -> None:
    fields = {f.name: f for f in Participation._meta.get_fields()}
    assert set(fields) == {"id", "module", "channel", "cell", "lane", "people"}
    related = {f.related_model for f in fields.values() if f.is_relation}
    assert related == {Module}
    # and nothing points at it but the way back from the module
    pointing = {
        model
        for model in apps.get_models()
        for f in model._meta.get_fields()
        if f.is_relation and f.related_model is Participation
    }
    assert pointing == {Module}


@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_all_counted(city: Any, owner: Any) -> None:
    from django.db import connection, connections

    made = CreateProcess(owner, city, "The square", "discussion").run()
    module = made.module_set.get()

    def take_part(n: int) -> None:
        for i in range(25):
            record_many(module, {("web", f"Z{(n + i) % 3}"): 1, ("web", f"Z{(n + i + 1) % 3}"): 1})

    def alone(n: int) -> None:
        take_part(n)
        connections.close_all()

    if connection.vendor == "postgresql":
        threads = [threading.Thread(target=alone, args=(n,)) for n in range(4)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
    else:  # a database in memory has one connection: one after the other
        for n in range(4):
            take_part(n)
    assert sum(counted([module])[module.pk].values()) == 200


# -- the board ---------------------------------------------------------------------------------------------
def test_the_officer_counts_and_reads_the_board(
    board: Board, city: Any, staff: dict[str, User], module: Module, browse: Callable[[User], Client]
) -> None:
    officer = browse(staff["participation_officer"])
    page = officer.get(f"/w/{city.slug}/processes/1/who-took-part/{module.pk}/")
    check(page, "board")
    html = page.content.decode()
    assert "people took part" in html
    assert "Young" in html
    assert "less than their share" in html
    assert "example data, not a real place" in html
    numbers = board.shown["numbers"]
    assert numbers["participants"] == sum(counted([module])[module.pk].values())
    young = next(g for g in numbers["groups"]["age"] if g["group"] == "age=young")
    assert young["side"] == "below"
    for key in ("zones", "cells"):
        listed = officer.get(f"/w/{city.slug}/processes/1/who-took-part/{module.pk}/{key}/")
        check(listed, key)
    assert officer.get(f"/w/{city.slug}/processes/1/who-took-part/{module.pk}/planet/").status_code == 404


def test_no_small_number_leaves_the_gate(board: Board) -> None:
    cells = board.shown["numbers"]["cells"]
    hidden = {(c["zone"], c["group"]) for c in cells if c["hidden"]}
    assert {("Z04", "age=young"), ("Z17", "age=young")} <= hidden
    assert all(c["took_part"] is None for c in cells if c["hidden"])
    assert min(c["took_part"] for c in cells if not c["hidden"]) >= 10
    # what everybody took part by is hidden where it is small, and one more with it
    record(board.module, "kiosk", None, 3)
    from isopolis.web.participation.tasks import _channels

    shown = dict(_channels(board.module, 10))
    assert shown["kiosk"] is None
    assert sum(n is None for n in shown.values()) == 2


def test_letters(board: Board, city: Any, staff: dict[str, User], module: Module, browse: Any) -> None:
    officer, place = browse(staff["owner"]), f"/w/{city.slug}/processes/1/who-took-part/{module.pk}/letters/"
    page = officer.get(place, {"budget": "500", "letter": "0.9", "brings": "3"})
    check(page, "letters")
    html = page.content.decode()
    assert "Where to send the next letters" in html
    assert "Young" in html
    for wrong in (
        {"budget": "-1", "letter": "1", "brings": "3"},
        {"budget": "5", "letter": "0", "brings": "0"},
    ):
        said = officer.get(place, wrong).content.decode()
        assert 'class="error"' in said


def test_a_board_is_published_after_the_end_only(
    board: Board, city: Any, owner: Any, module: Module, client: Client
) -> None:
    place = f"/take-part/{city.slug}/1/who-took-part/{module.pk}/"
    assert client.get(place).status_code == 404
    with pytest.raises(ValidationError, match="when all phases are over"):
        PublishBoard(owner, city, module).run()
    end(module)
    board.refresh_from_db()
    Board.objects.update(counted_at=timezone.now() - timedelta(days=2))
    with pytest.raises(ValidationError, match="before the end"):
        PublishBoard(owner, city, module).run()
    Board.objects.update(counted_at=timezone.now())
    PublishBoard(owner, city, module).run()
    page = client.get(place)
    check(page, place)
    assert "less than their share" in page.content.decode()
    assert client.get(place + "cells/").status_code == 200
    assert place in client.get(f"/take-part/{city.slug}/1/").content.decode()
    # counting on changes nothing of what is public, and a second table is refused
    record(module, "web", Cell("Z00", OLD), 30)
    CountBoard(owner, city, module).run()
    work()
    board.refresh_from_db()
    assert board.public["numbers"] != board.shown["numbers"]
    with pytest.raises(ValidationError, match="published already"):
        PublishBoard(owner, city, module).run()
    PublishBoard(owner, city, module, withdraw=True).run()
    assert client.get(place).status_code == 404


def test_people_of_a_meeting_are_entered(
    board: Board, city: Any, staff: dict[str, User], module: Module, browse: Callable[[User], Client]
) -> None:
    officer, place = (
        browse(staff["participation_officer"]),
        f"/w/{city.slug}/processes/1/who-took-part/{module.pk}/",
    )
    sent = officer.post(place + "people/", {"people": "40", "channel": "meeting", "zone": "Z03"})
    assert sent.status_code == 302
    assert counted([module])[module.pk]["meeting", "Z03"] == 40
    assert AuditEvent.objects.filter(verb="participation.enter").get().detail == {
        "number": 1, "people": 40, "channel": "meeting",
    }  # fmt: skip
    for wrong in ({"people": "0"}, {"people": "5", "zone": "Atlantis"}, {"people": "5", "channel": "fax"}):
        page = officer.post(place + "people/", {"people": "1", "channel": "meeting"} | wrong)
        assert page.status_code == 200
        assert 'class="error"' in page.content.decode()
    with pytest.raises(ValidationError):
        EnterPeople(staff["owner"], city, module, "meeting", 5, "Atlantis").run()


def test_choices_are_kept_and_what_cannot_be_counted_is_said(
    board: Board, city: Any, owner: Any, module: Module, browse: Callable[[User], Client]
) -> None:
    officer, place = browse(owner), f"/w/{city.slug}/processes/1/who-took-part/{module.pk}/"
    officer.post(place, {"by": ["age"], "level": "zone", "leave_out": ["age=old"]})
    work()
    board.refresh_from_db()
    assert board.asked["leave_out"] == ["age=old"]
    assert [g["group"] for g in board.shown["numbers"]["groups"]["age"]] == ["age=young"]
    before = board.shown
    officer.post(place, {"leave_out": ["age=old", "age=young"]})
    work()
    board.refresh_from_db()
    assert board.shown == before
    assert "It could not be counted" in officer.get(place).content.decode()
    wrong = officer.post(place, {"level": "planet"})
    assert 'class="error"' in wrong.content.decode()


def test_without_a_census_or_people_it_says_so(
    city: Any, owner: Any, module: Module, browse: Callable[[User], Client]
) -> None:
    officer, place = browse(owner), f"/w/{city.slug}/processes/1/who-took-part/{module.pk}/"
    assert "There is no census yet" in officer.post(place, {}).content.decode()
    upload(owner, city, FILES)
    work()
    record(module, "web", Cell("Z01", OLD), 4)
    officer.post(place, {})
    work()
    page = officer.get(place)
    check(page, place)
    assert "only 4 participants" in page.content.decode()


def test_only_officers_open_the_board(
    board: Board,
    city: Any,
    staff: dict[str, User],
    module: Module,
    browse: Callable[[User], Client],
    person: Any,
) -> None:
    place = f"/w/{city.slug}/processes/1/who-took-part/{module.pk}/"
    codes = {"owner": 200, "participation_officer": 200, "stranger": 404}
    for role, who in staff.items():
        code = codes.get(role, 403)
        client = browse(who)
        assert client.get(place).status_code == code
        for more in ("people/", "publish/"):
            if code != 200:
                assert client.post(place + more, {"people": 5, "channel": "web"}).status_code == code
    with pytest.raises(PermissionDenied):
        CountBoard(staff["viewer"], city, module).run()
    with pytest.raises(PermissionDenied):
        PublishBoard(staff["moderator"], city, module).run()
    other = CreateProcess(staff["owner"], city, "Another", "discussion").run()
    assert (
        browse(staff["owner"]).get(f"/w/{city.slug}/processes/2/who-took-part/{module.pk}/").status_code
        == 404
    )
    assert isinstance(other, Process)
    from isopolis.web.workspaces.actions import CreateWorkspace

    elsewhere = CreateWorkspace(person("mayor"), "Elsewhere").run()
    with pytest.raises(ValidationError, match="another workspace"):
        CountBoard(elsewhere.membership_set.get().user, elsewhere, module).run()


def test_pages_are_small_and_have_no_inline_style(
    board: Board, city: Any, owner: Any, module: Module, browse: Callable[[User], Client]
) -> None:
    import gzip

    page = browse(owner).get(f"/w/{city.slug}/processes/1/who-took-part/{module.pk}/").content
    assert len(gzip.compress(page)) < 60_000
    assert b"style=" not in page
