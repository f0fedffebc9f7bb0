"""Who took part, on the page of a result: the published board in short, and nothing before."""

from __future__ import annotations

import gzip
import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from isopolis.engage.representation.cells import Cell
from isopolis.web.ballots.models import Vote
from isopolis.web.modules.budget.models import Budget, Result
from isopolis.web.participation import record_many
from isopolis.web.participation.actions import CountBoard, PublishBoard
from isopolis.web.participation.models import Board
from isopolis.web.participation.short import ZONES_SHORT, picked

from .budget_votes import budget_for
from .test_pages import check
from .test_participation import FILES, OLD, crowd, end
from .towns import upload, work


@pytest.fixture
def budget(owner: Any, city: Any) -> Budget:
    """A budget whose vote is counted and whose board is counted, but not published."""
    made = budget_for(owner, city)
    upload(owner, city, FILES)
    crowd(made.module)
    # everywhere but in two neighbourhoods many more came
    more = [f"Z{n:02d}" for n in range(24) if n not in (3, 9)]
    record_many(made.module, {("web", Cell(zone, OLD)): 70 for zone in more})
    end(made.module)
    work()
    CountBoard(owner, city, made.module).run()
    work()
    Vote.objects.create(
        module=made.module, state="tallied", asked={}, card={"rule": "equal_shares"}, result={"winners": []}
    )  # fmt: skip
    told = {"turnout": {"roll": 9000, "voted": 1000, "ways": [["web", 1000]]}}
    Result.objects.create(budget=made, told=told, made_at=timezone.now())
    return made


def page_of(budget: Budget) -> str:
    process = budget.module.process
    address = reverse("budget_result", args=[process.workspace.slug, process.number, budget.module.pk])
    answer = Client().get(address)
    check(answer, address)
    assert len(gzip.compress(answer.content)) < 60_000
    return answer.content.decode()


def rows_of(page: str, key: str) -> list[list[str]]:
    """Return the cells of a table, without its head."""
    table = page.split(f'id="people-{key}-caption"')[1].split("</table>")[0].split("<tbody>")[1]
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S) for row in table.split("</tr>")]
    return [[unescape(c) for c in row] for row in cells if row]


def test_the_board_stands_on_the_result_page_once_it_is_published(
    budget: Budget, owner: Any, city: Any
) -> None:
    board = Board.objects.get()
    place = f"/take-part/{city.slug}/1/who-took-part/{budget.module.pk}/"
    before = page_of(budget)
    assert "1,000 of 9,000 people on the roll voted." in before
    for part in (place, "people-zones", "people-by-1", "Rate, interval"):
        assert part not in before, part
    PublishBoard(owner, city, budget.module).run()
    page, board = page_of(budget), Board.objects.get()
    assert f'href="{place}"' in page
    assert f'href="{place}zones/"' in page, "24 neighbourhoods are more than there is room for"
    numbers = board.public["numbers"]
    young, old = (
        next(x for x in numbers["groups"]["age"] if x["group"] == f"age={g}") for g in ("young", "old")
    )
    listed = {row[0]: row for row in rows_of(page, "by-1")}
    assert listed["Young"][2] == f"{young['took_part']:,}"
    assert listed["Old"][2] == f"{old['took_part']:,}"
    assert listed["Young"][5] == "less than their share"
    assert re.fullmatch(r"[\d.]+% to [\d.]+%", listed["Young"][4])
    low = picked(numbers["zones"])
    assert {numbers["zones"][n]["zone"] for n in low} >= {"Z03", "Z09"}
    shown = rows_of(page, "zones")
    names = [next(n for k, n in board.known["zones"] if k == numbers["zones"][i]["zone"]) for i in low]
    assert [row[0] for row in shown] == names
    # what the gate hides is hidden here, and said
    hidden = [numbers["zones"][i]["took_part"] is None for i in low]
    assert [row[2] == "hidden" for row in shown] == hidden
    assert ("would tell of single people" in page) is any(hidden)
    assert page.count('<svg role="img"') >= 2, "a drawing beside each table"
    PublishBoard(owner, city, budget.module, withdraw=True).run()
    assert "people-zones" not in page_of(budget)


def test_hidden_numbers_are_said_and_an_older_board_is_shown_without_drawing(
    budget: Budget, owner: Any, city: Any
) -> None:
    PublishBoard(owner, city, budget.module).run()
    board = Board.objects.get()
    del board.public["zones_figure"]
    numbers, table = board.public["numbers"], next(t for t in board.public["tables"] if t["key"] == "zones")
    numbers["zones"] = numbers["zones"][:5]
    numbers["zones"][3] |= {"took_part": None, "hidden": True}
    cells = next(t for t in board.public["tables"] if t["key"] == "cells")
    hidden = next(r for r, c in zip(cells["rows"], numbers["cells"], strict=True) if c["hidden"])
    table["rows"] = table["rows"][:5]
    table["rows"][3][2] = hidden[2]
    board.save()
    Result.objects.update(told={})
    page = page_of(budget)
    assert [row[2] == "hidden" for row in rows_of(page, "zones")] == [False, False, False, True, False]
    assert "would tell of single people" in page
    assert "All neighbourhoods" not in page
    assert "people on the roll" not in page


@pytest.mark.parametrize("count", [0, 1, ZONES_SHORT])
def test_where_there_is_room_all_neighbourhoods_stand_in_their_order(count: int) -> None:
    assert picked([{"side": "about", "missing": 0, "zone": str(n)} for n in range(count)]) == list(
        range(count)
    )


def test_where_there_is_no_room_those_with_most_people_missing_stand_first() -> None:
    sides = ["above", "below", "about", "below", ""] * 9
    zones = [{"side": s, "missing": n % 7, "zone": f"{n:03d}"} for n, s in enumerate(sides)]
    found = picked(zones)
    assert len(found) == 18
    assert {zones[n]["side"] for n in found} == {"below"}
    missing = [zones[n]["missing"] for n in found]
    assert missing == sorted(missing, reverse=True)
    assert picked(zones, 5) == found[:5]
    assert picked([{**z, "side": "about"} for z in zones]) == []
