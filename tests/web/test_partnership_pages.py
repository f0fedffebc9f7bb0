"""Public pages of a partnership: the same on any day in page, table, map and interface."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver

from isopolis.web.partnerships.hub import urls
from isopolis.web.partnerships.hub.actions import ShowPartnership

from .partnered import partnership_of
from .test_pages import check

ROOMS = (
    "", "members/", "members/?on=2024-02-01&layer=city", "news/", "news/activities-launched/", "timeline/",
    "calls/",
    "strategies/", "commitments/", "commitments/?without=owner", "meetings/", "meetings/kick-off-2024/",
    "decisions/", "decisions/?q=segregation", "documents/", "paper/", "surveys/", "at-a-glance/",
)  # fmt: skip


@pytest.fixture
def hub(person: Any) -> SimpleNamespace:
    return partnership_of(person)


def words(answer: Any) -> str:
    text = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return " ".join(text.split())


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_page_is_whole_and_small(hub: Any, client: Client, room: str) -> None:
    import gzip

    answer = client.get(hub.at + room)
    assert answer.status_code == 200, room
    check(answer, room)
    assert len(gzip.compress(answer.content)) < 60_000
    assert "Keep records" not in answer.content.decode()


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_pages_in_other_languages_say_which_texts_are_english(
    hub: Any, client: Client, language: str
) -> None:
    client.cookies["django_language"] = language
    answer = client.get(hub.at)
    page = check(answer, "about")
    assert page
    assert answer.status_code == 200


def test_the_page_shows_what_the_partnership_shows(hub: Any, client: Client) -> None:
    said = words(client.get(hub.at))
    for part in (
        "12 stakeholders from 10 countries", "Barcelona City Council (Spain)",
        "active from January 2025",
        "National authorities (2)", "Regions (2)", "Cities (4)", "Organisations of cities (3)",
        "Other stakeholders (1)", "European institutions (9)", "Tackling spatial segregation",
        "City-to-city exchanges", "always open",
        "Peer reviews", "May 1, 2025", "Portico", "Union of Equality",
        "Ex-ante assessment", "Library",
    ):  # fmt: skip
        assert part in said, part


def rows_of(answer: Any) -> int:
    table = re.search(r"members-caption.*?</table>", answer.content.decode(), re.S)
    return len(re.findall(r'<tr><th scope="row"', table[0])) if table else 0


@pytest.mark.parametrize(
    ("query", "members"),
    [
        ("?on=2024-01-30", 0), ("?on=2024-01-31", 20), ("?on=2024-12-31", 20), ("?on=2025-01-01", 21),
        ("?on=2025-06-01&layer=city", 4), ("?on=2024-12-31&layer=city", 3),
        ("?on=2025-06-01&layer=city&layer=region", 6),
    ],
)  # fmt: skip
def test_page_map_and_interface_count_the_same(hub: Any, client: Client, query: str, members: int) -> None:
    answer = client.get(f"{hub.at}members/{query}")
    told = client.get(f"{hub.at}members.json{query}").json()
    assert rows_of(answer) == told["count"] == len(told["members"]) == members
    on_map = re.findall(r"<text x=\"10\"[^>]*>([^<]*)</text>", answer.content.decode())
    drawn = sum(int(m[1]) if (m := re.search(r"\((\d+)\)", t)) else 1 for t in on_map)
    placed = sum(1 for m in told["members"] if m["place"])
    assert drawn == placed


def test_who_left_is_gone_on_later_days_and_there_before(hub: Any, client: Client) -> None:
    from isopolis.web.partnerships.hub.actions import KeepRecord
    from isopolis.web.partnerships.models import HubItem

    row = HubItem.objects.get(partnership=hub.all, kind="member", key="varna")
    KeepRecord(hub.chair, hub.all, "member", row.data | {"end": "2025-03-15"}, "varna").run()

    def there(day: str) -> bool:
        told = client.get(f"{hub.at}members.json?on={day}").json()
        return "varna" in {m["key"] for m in told["members"]}

    assert [there(d) for d in ("2025-03-14", "2025-03-15", "2025-03-16", "2026-01-01")] == [
        True,
        True,
        False,
        False,
    ]
    assert "Municipality of Varna" not in words(client.get(f"{hub.at}members/?on=2025-03-16"))


def test_a_day_that_is_none_is_said(hub: Any, client: Client) -> None:
    assert "This is no day" in words(client.get(f"{hub.at}members/?on=yesterday"))
    assert client.get(f"{hub.at}members.json?on=2025-02-30").status_code == 400


def test_a_partnership_that_is_not_public_is_not_there_for_others(
    hub: Any, client: Client, browse: Callable[[Any], Client]
) -> None:
    ShowPartnership(hub.chair, hub.all, False).run()
    addresses = [hub.at + room for room in (*ROOMS, "members.json", "meetings.ics")]
    assert {client.get(a).status_code for a in addresses} == {404}
    assert {browse(hub.stranger).get(a).status_code for a in addresses} == {404}
    assert {browse(hub.reader).get(a).status_code for a in addresses} == {200}
    assert hub.all.name not in words(client.get("/partnership/"))


def test_the_plan_at_a_glance_says_the_same_in_drawing_and_table(hub: Any, client: Client) -> None:
    text = client.get(f"{hub.at}at-a-glance/").content.decode()
    drawing, table = (
        re.search(r"<svg.*?</svg>", text, re.S)[0],
        re.search(r"<table.*?</table>", text, re.S)[0],
    )  # type: ignore[index]
    for cell in re.findall(r"<t[hd][^>]*>([^<]+)</t[hd]>", table.split("<tbody>")[1]):
        for word in cell.split():
            assert word in drawing, word
    svg = client.get(f"{hub.at}at-a-glance/action-plan.svg")
    assert svg["Content-Type"] == "image/svg+xml"
    assert b"<script" not in svg.content


def test_nothing_of_the_action_plan_is_made_up(hub: Any) -> None:
    from isopolis.web.partnerships.models import HubItem

    plan = HubItem.objects.get(partnership=hub.all, kind="plan").record().plan
    assert len(plan.actions) == 3
    for a in plan.actions:
        assert (a.leader, a.outputs, a.milestones, a.start, a.resources.stated) == ("", (), (), None, False)
    paper = HubItem.objects.get(partnership=hub.all, kind="paper").record()
    assert all(s.status == "absent" and not s.text for v in paper.versions for s in v.sections)


def test_the_commitments_link_the_four_city_cases(hub: Any, client: Client) -> None:
    text = client.get(f"{hub.at}commitments/").content.decode()
    for record in (
        "evian-free-period-products", "vienna-police-recruits", "bishkek-main-worries",
        "bialystok-become-a-hero",
    ):  # fmt: skip
        assert f"/library/{record}/" in text
    listed = client.get(f"{hub.at}commitments/?without=evidence").content.decode()
    assert 'id="c-geneva-7-women"' in listed
    assert 'id="c-geneva-7"' not in listed


def test_every_address_of_the_hub_has_a_door() -> None:
    mine = list(urls.urlpatterns)
    assert len(mine) > 30
    assert all(getattr(p.callback, "permission", "") or getattr(p.callback, "guarded_by", "") for p in mine)
    assert get_resolver()
