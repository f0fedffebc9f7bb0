"""The page that ranks the library by a city's own gaps: reasons, parts, leaving a gap out, doors."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from isopolis.web.accounts.models import User
from isopolis.web.diagnoses.actions import StartDiagnosis
from isopolis.web.library.shipped import load_shipped
from isopolis.web.peers.models import PeerChoice, PeerTable
from isopolis.web.workspaces.models import Workspace

from .conftest import TOML
from .towns import upload, work

pytestmark = pytest.mark.django_db
Browse = Callable[[User], Client]

APART = b"zone,total,born_here,born_abroad\n" + b"".join(
    f"Z{i:02d},400,{380 if i % 2 else 120},{20 if i % 2 else 280}\n".encode() for i in range(24)
)
"""A city whose groups live far apart."""


def diagnosed(user: User, city: Workspace) -> None:
    dataset = upload(user, city, {"people.csv": APART, "city.toml": TOML.encode()})
    work()
    dataset.refresh_from_db()
    StartDiagnosis(user, city, dataset).run()
    assert work()[-1].state == "done"


def address(city: Workspace, more: str = "") -> str:
    return f"/w/{city.slug}/library/for-us/{more}"


def titles(page: str) -> list[str]:
    return re.findall(r'<h3><a href="(/library/[^"]+)"', page)


def scores(page: str) -> list[float]:
    return [float(n) for n in re.findall(r'<tr><th scope="row">Score</th><td>([\d.]+)</td>', page)]


def parts(page: str, name: str) -> list[float]:
    return [float(n) for n in re.findall(rf'<th scope="row">{name}</th><td>([\d.]+)</td>', page)]


def test_without_a_diagnosis_it_says_so_and_shows_the_library(
    city: Workspace, staff: dict[str, User], browse: Browse
) -> None:
    load_shipped()
    page = browse(staff["viewer"]).get(address(city)).content.decode()
    assert "There is no diagnosis yet" in page
    assert len(titles(page)) == 20


def test_gaps_lead_with_their_reason_and_leaving_one_out_takes_its_part_away(
    city: Workspace, staff: dict[str, User], browse: Browse
) -> None:
    load_shipped()
    diagnosed(staff["owner"], city)
    client = browse(staff["policy_officer"])
    page = client.get(address(city)).content.decode()
    assert "is your widest gap" in page
    assert parts(page, "Your gaps")[0] > 1
    assert scores(page) == sorted(scores(page), reverse=True)
    places = set(re.findall(r'name="without" value="(\d+)"', page))
    plain = client.get(address(city, "?" + "&".join(f"without={p}" for p in places))).content.decode()
    assert "because" not in plain
    assert set(parts(plain, "Your gaps")) == {1.0}
    assert titles(plain) != titles(page)
    before = dict(zip(titles(plain), scores(plain), strict=True))
    for title, score, need in zip(titles(page), scores(page), parts(page, "Your gaps"), strict=True):
        if title in before:
            assert score == pytest.approx(before[title] * need, abs=2e-4)


def test_what_harmed_people_says_so_and_texts_are_cut_whole(
    city: Workspace, staff: dict[str, User], browse: Browse, client: Client
) -> None:
    load_shipped()
    warning = "people lost by this, and nobody is known to have gained"
    rows = browse(staff["viewer"]).get(address(city, "?q=Rotterdam")).content.decode().split("<li><h3>")
    assert warning in next(r for r in rows if "/library/rotterdam-act/" in r)
    rows = browse(staff["viewer"]).get(address(city, "?q=Brno")).content.decode().split("<li><h3>")
    assert warning not in next(r for r in rows if "/library/brno-housing-first-families/" in r)
    listed = client.get("/library/?q=childcare").content.decode()
    assert "&#x27;" in listed, "an apostrophe is in one of the texts"
    assert "&amp;#x27;" not in listed


def test_settled_peers_count_and_are_named(city: Workspace, staff: dict[str, User], browse: Browse) -> None:
    from isopolis.flows.peer_files import table_to_plain
    from isopolis.learn.peers import CityTable, ContextFeature, ContextTable, OutcomeTable, PeerCity

    load_shipped()
    cities = tuple(PeerCity(id=n.lower(), name=n) for n in ("Testville", "Vienna", "Oslo", "Rome"))
    features = tuple(ContextFeature(id=i, label=i) for i in ("size", "jobs", "rent"))
    context = ContextTable(cities, features, [[9, 8, 3, 5], [9, 9, 1, 5], [9, 8, 2, 4]])
    plain = table_to_plain(CityTable(context, OutcomeTable(cities, (), ())))
    kept = PeerTable.objects.create(
        workspace=city, title="T", name="t.csv", content=b"", digest="0", state="ready", table=plain
    )
    PeerChoice.objects.create(workspace=city, table=kept, city="testville")
    page = browse(staff["viewer"]).get(address(city, "?q=Vienna")).content.decode()
    assert re.search(r"because Vienna is in your top ten peers in \d+% of runs", page)
    assert max(parts(page, "City like yours")) > 1


def test_words_narrow_it_and_pages_go_on(city: Workspace, staff: dict[str, User], browse: Browse) -> None:
    load_shipped()
    client = browse(staff["viewer"])
    page = client.get(address(city, "?q=Wohnungen")).content.decode()
    assert "Also searched for" in page
    assert 0 < len(titles(page)) <= 20
    second = client.get(address(city, "?page=2&without=1"))
    assert second.status_code == 200
    assert client.get(address(city, "?page=x&without=%C3%9F&q=" + "x" * 3000)).status_code == 200


def test_doors(city: Workspace, staff: dict[str, User], browse: Browse, client: Client) -> None:
    assert client.get(address(city)).status_code == 302
    assert browse(staff["stranger"]).get(address(city)).status_code == 404
    for role in ("resident", "moderator"):
        if role in staff:
            assert browse(staff[role]).get(address(city)).status_code == 403


def test_scripts_in_a_search_are_words(city: Workspace, staff: dict[str, User], browse: Browse) -> None:
    page = (
        browse(staff["viewer"])
        .get(address(city, "?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E"))
        .content.decode()
    )
    assert "<script>alert" not in page
