"""Peer cities on the platform: tables come, lists are shown, and nobody else's are."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from isopolis.web.audit.models import AuditEvent
from isopolis.web.library.models import Entry
from isopolis.web.peers.actions import BYTES_MOST, ChoosePeers, RemovePeerTable, UploadPeerTable
from isopolis.web.peers.models import PeerChoice, PeerTable
from isopolis.web.peers.store import settled
from isopolis.web.workspaces.actions import CreateWorkspace

from .test_pages import check
from .towns import work

HEAD = "city,id,country,population,rented_dwellings,born_abroad,over_64,density,gap,low,high,mayor"
ROLES = b"""
title = "Invented cities (example data, not a real place)"
[context.population]
year = 2024
source = "invented"
[context.rented_dwellings]
[context.born_abroad]
[context.over_64]
[context.density]
[outcome.gap]
label = "Gap in rent"
unit = "%"
better = "low"
low = "low"
high = "high"
definition = "Invented."
"""


def rows(n: int = 14) -> bytes:
    """Cities on a line: number 0 is Testville, its nearest is number 1, and so on."""
    out = [HEAD]
    for i in range(n):
        name = "Testville" if i == 0 else f"Town {i}"
        value = 2 if i == 2 else 20 + (i * 7) % 5
        born = "" if i == 3 else str(10 + i)
        cells: list[object] = [
            name,
            f"XX{i:02d}",
            "XX" if i % 2 else "YY",
            100_000 + 9_000 * i,
            30 + 2 * i,
            born,
        ]
        cells += [18 + i / 2, 1000 + 50 * i, value, value - 1, value + 1, "Nobody"]
        out.append(",".join(map(str, cells)))
    return "\n".join(out).encode()


def csv(content: bytes | None = None, name: str = "cities.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, rows() if content is None else content)


def sheet(content: bytes = ROLES, name: str = "features.toml") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def kept(user: Any, city: Any, **more: Any) -> PeerTable:
    made = UploadPeerTable(
        user, city, "Invented", more.pop("file", csv()), more.pop("roles", sheet()), **more
    ).run()
    work()
    made.refresh_from_db()
    return made


# -- tables -------------------------------------------------------------------------------------------
def test_a_table_is_uploaded_read_and_said(city: Any, staff: Any, browse: Any) -> None:
    client = browse(staff["policy_officer"])
    sent = client.post(
        f"/w/{city.slug}/peers/upload/", {"title": "Invented", "file": csv(), "roles": sheet()}, follow=True
    )
    assert "waiting" in sent.content.decode() or "being read" in sent.content.decode()
    work()
    made = PeerTable.objects.get()
    assert made.state == "ready"
    page = client.get(made.get_absolute_url()).content.decode()
    assert "14 cities, 5 context features, 1 outcomes." in page
    assert "mayor" in page
    assert "no declared role" in page
    assert AuditEvent.objects.filter(verb="peers.upload").count() == 1


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"file": csv(b"city,population\nA,12\nB,many\n"), "roles": None}, "this is no number"),
        ({"file": csv(b"city,population\nA,0\nB,2\n"), "roles": None}, "more than 0"),
        ({"file": csv(b"city,population\nA,5\nA,2\n"), "roles": None}, "there twice"),
        ({"file": csv(b"\x00\x01\x02nothing"), "roles": None}, ""),
        ({"file": csv(b"not a book", "cities.xlsx"), "roles": None}, ""),
        ({"file": csv(b"not a book", "cities.parquet"), "roles": None}, ""),
        ({"roles": sheet(b"[context.population\n")}, "sheet of roles"),
        ({"roles": sheet(b"a: &a [*a, *a]\ntitle: *a\n", "f.yaml")}, ""),
        ({"roles": sheet(b"!!python/object/apply:os.system ['true']", "f.yaml")}, "sheet of roles"),
        ({"roles": sheet(b"[context.gap]\n[outcome.gap]\n")}, "two roles"),
    ],
)
def test_what_cannot_be_read_is_said_on_its_page(
    city: Any, owner: Any, browse: Any, files: dict[str, Any], said: str
) -> None:
    for one in files.values():
        if one is not None:
            one.seek(0)
    made = kept(owner, city, **files)
    assert made.state == "refused"
    assert made.problems
    assert said in browse(owner).get(made.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    "more",
    [
        {"title": " "},
        {"title": "zero\0"},
        {"upload": csv(b"x" * (BYTES_MOST + 1))},
        {"upload": csv(b"x", "cities.exe")},
        {"roles": sheet(b"x", "roles.py")},
        {"roles": sheet(b"\xff\xfe\x00")},
        {"shared": True},
    ],
)
def test_uploads_that_are_refused_at_once(city: Any, owner: Any, more: dict[str, Any]) -> None:
    given = {"title": "T", "upload": csv(), "roles": None, "shared": False} | more
    with pytest.raises(ValidationError):
        UploadPeerTable(owner, city, **given).run()
    assert not PeerTable.objects.exists()


def test_who_may_not(city: Any, staff: Any, browse: Any) -> None:
    for name in ("viewer", "participation_officer", "moderator", "resident", "stranger"):
        with pytest.raises(PermissionDenied):
            UploadPeerTable(staff[name], city, "T", csv()).run()
    assert browse(staff["viewer"]).get(f"/w/{city.slug}/peers/").status_code == 200
    assert browse(staff["resident"]).get(f"/w/{city.slug}/peers/").status_code == 403
    assert browse(staff["stranger"]).get(f"/w/{city.slug}/peers/").status_code == 404


def test_a_foreign_table_is_not_there(city: Any, owner: Any, person: Any, browse: Any) -> None:
    other = person("other")
    theirs = kept(other, CreateWorkspace(other, "Othertown").run())
    client = browse(owner)
    for path in (f"tables/{theirs.pk}/", f"tables/{theirs.pk}/delete/", f"outcomes/?table={theirs.pk}"):
        answer = client.post if path.endswith("delete/") else client.get
        assert answer(f"/w/{city.slug}/peers/{path}").status_code == 404
    page = client.get(f"/w/{city.slug}/peers/?table={theirs.pk}").content.decode()
    assert "There is no table of cities yet." in page
    with pytest.raises(ValidationError, match="another workspace"):
        ChoosePeers(owner, city, theirs, "XX00", {}).run()
    with pytest.raises(ValidationError, match="another workspace"):
        RemovePeerTable(owner, city, theirs).run()


def test_an_administrator_shares_a_table_with_every_city(
    city: Any, owner: Any, person: Any, browse: Any
) -> None:
    admin = person("admin", is_admin=True)
    home = CreateWorkspace(admin, "Server").run()
    theirs = kept(admin, home, shared=True)
    client = browse(owner)
    assert "Peers of Testville" in client.get(f"/w/{city.slug}/peers/").content.decode()
    assert client.get(f"/w/{city.slug}/peers/tables/{theirs.pk}/").status_code == 200
    assert client.post(f"/w/{city.slug}/peers/tables/{theirs.pk}/delete/").status_code == 404
    assert "Offer this table" not in client.get(f"/w/{city.slug}/peers/upload/").content.decode()


def test_a_table_is_deleted_with_what_was_settled(city: Any, owner: Any, browse: Any) -> None:
    made = kept(owner, city)
    ChoosePeers(owner, city, made, "XX00", {"density": 2}).run()
    browse(owner).post(f"/w/{city.slug}/peers/tables/{made.pk}/delete/")
    assert not PeerTable.objects.exists()
    assert not PeerChoice.objects.exists()
    assert settled(city) is None


# -- lists --------------------------------------------------------------------------------------------
def test_five_peers_with_their_stability(city: Any, owner: Any, browse: Any) -> None:
    kept(owner, city)
    page = browse(owner).get(f"/w/{city.slug}/peers/")
    html = page.content.decode()
    assert [r["peer"].city.name for r in page.context["rows"]] == [f"Town {i}" for i in range(1, 6)]
    assert html.count("<meter") == 5
    assert "Town 1 is in the top 5 in" in html
    assert "Only 5 common context features remain" in html
    assert "no judgement of performance" in html


def test_weights_filters_and_chosen_cities_are_computed_anew(city: Any, owner: Any, browse: Any) -> None:
    kept(owner, city)
    client, base = browse(owner), f"/w/{city.slug}/peers/"
    narrow = client.get(base, {"country": "YY", "k": "3"})
    assert [r["peer"].city.name for r in narrow.context["rows"]] == ["Town 2", "Town 4", "Town 6"]
    some = client.get(base, {"choose": ["XX09", "XX01"]})
    assert [(r["peer"].city.name, r["peer"].place) for r in some.context["rows"]] == [
        ("Town 1", 1),
        ("Town 9", 9),
    ]
    weighted = client.get(
        base, {"w_density": "0", "w_over_64": "0", "w_born_abroad": "0", "w_population": "0"}
    )
    assert "Too few context features remain" in weighted.content.decode()
    assert client.get(base, {"w_density": "-1"}).status_code == 422
    assert client.get(base, {"k": "9999"}).status_code == 422
    assert client.get(base, {"city": "nowhere"}).status_code == 422
    assert client.get(base, {"table": "nonsense"}).status_code == 200


def test_what_is_kept_is_used_by_everyone(city: Any, staff: Any, browse: Any) -> None:
    made = kept(staff["owner"], city)
    client = browse(staff["policy_officer"])
    said = {"table": made.pk, "city": "XX05", "w_density": "3", "w_population": "1", "w_over_64": "0"}
    answer = client.post(f"/w/{city.slug}/peers/keep/", said, follow=True)
    assert "Kept." in answer.content.decode()
    choice = PeerChoice.objects.get()
    assert (choice.city, choice.weights["density"], choice.weights["over_64"]) == ("XX05", 3, 0)
    peers = settled(city)
    assert peers is not None
    assert peers.city.name == "Town 5"
    assert "over_64" in peers.left_out
    page = browse(staff["viewer"]).get(f"/w/{city.slug}/peers/")
    assert page.context["found"].city.name == "Town 5"
    assert "Keep this city" not in page.content.decode()
    assert browse(staff["viewer"]).post(f"/w/{city.slug}/peers/keep/", said).status_code == 403


def test_chosen_cities_can_be_un_chosen_and_are_those_of_one_city(city: Any, owner: Any, browse: Any) -> None:
    kept(owner, city)
    client, base = browse(owner), f"/w/{city.slug}/peers/"

    def keep(page: Any) -> list[str]:
        """Press the button of a page: it sends what the page says."""
        sent: dict[str, list[str]] = {}
        for name, value in page.context["asked"].settling:
            sent.setdefault(name, []).append(value)
        client.post(f"{base}keep/", sent)
        return list(PeerChoice.objects.get().chosen)

    page = client.get(base, {"city": "XX00", "choose": ["XX09", "XX01"]})
    assert sorted(keep(page)) == ["XX01", "XX09"]
    shown = client.get(base)
    assert len(shown.context["rows"]) == 2, "the page shows what is kept"
    assert len(client.get(base, {"city": "XX05"}).context["rows"]) == 5, "another city has its own"
    assert keep(client.get(base, {"city": "XX00", "k": "5"})) == []


@pytest.mark.parametrize(
    ("city_id", "weights", "chosen"),
    [("nowhere", {}, ()), ("XX00", {"gap": 1}, ()), ("XX00", {"density": -1}, ()), ("XX00", {}, ("Q",)),
     ("XX00", {"density": float("nan")}, ())],
)  # fmt: skip
def test_nonsense_is_not_kept(city: Any, owner: Any, city_id: str, weights: Any, chosen: Any) -> None:
    made = kept(owner, city)
    with pytest.raises(ValidationError):
        ChoosePeers(owner, city, made, city_id, weights, chosen).run()


# -- outcomes -----------------------------------------------------------------------------------------
def test_an_outcome_beside_the_peers(city: Any, owner: Any, browse: Any) -> None:
    kept(owner, city)
    client = browse(owner)
    assert "Gap in rent" in client.get(f"/w/{city.slug}/peers/outcomes/").content.decode()
    page = client.get(f"/w/{city.slug}/peers/outcomes/0/", {"k": "8"})
    html = page.content.decode()
    assert "<svg" in html
    assert "style=" not in html
    assert "Testville (this city)" in html
    assert "Town 2" in [d["name"] for d in page.context["deviants"]]
    assert "would look better by chance alone" in html
    assert client.get(f"/w/{city.slug}/peers/outcomes/1/").status_code == 404


def test_whom_to_ask_leads_to_the_library(city: Any, owner: Any, browse: Any) -> None:
    kept(owner, city)
    for n, (place, state) in enumerate(
        [("Town 2", "published"), ("Town 2", "draft"), ("Town 22", "published")]
    ):
        Entry.objects.create(
            key=f"case-{n}", record={"place": {"name": place}}, checksum="", state=state, kind="case",
            title=f"Story {n}", words=place.casefold(), changed_at=timezone.now(),
        )  # fmt: skip
    html = browse(owner).get(f"/w/{city.slug}/peers/outcomes/0/", {"k": "8"}).content.decode()
    assert 'href="/library/case-0/">Story 0' in html
    assert "Story 1" not in html
    assert "Story 2" not in html


def test_names_out_of_a_table_are_only_text(city: Any, owner: Any, browse: Any) -> None:
    content = rows().replace(b"Town 1,", b"<script>alert(1)</script>,")
    kept(owner, city, file=csv(content))
    client = browse(owner)
    for path in ("", "outcomes/", "outcomes/0/"):
        html = client.get(f"/w/{city.slug}/peers/{path}").content.decode()
        assert "<script>alert" not in html


def test_every_page_keeps_the_rules(city: Any, owner: Any, browse: Any) -> None:
    made, client, base = kept(owner, city), browse(owner), f"/w/{city.slug}/peers/"
    refused = kept(owner, city, file=csv(b"city,population\nA,many\n"), roles=None)
    paths = [base, f"{base}?k=50&country=XX", f"{base}?w_density=-1", f"{base}upload/", f"{base}outcomes/",
             f"{base}outcomes/0/?k=8", made.get_absolute_url(), refused.get_absolute_url()]  # fmt: skip
    for path in paths:
        answer = client.get(path)
        check(answer, path)
        assert len(gzip.compress(answer.content)) < 60_000


def test_templates_to_fill_in(city: Any, owner: Any, browse: Any) -> None:
    client = browse(owner)
    assert client.get(f"/w/{city.slug}/peers/template/cities.csv").content.startswith(b"city,id,country")
    assert b"[context.density]" in client.get(f"/w/{city.slug}/peers/template/features.toml").content
    assert client.get(f"/w/{city.slug}/peers/template/settings.py").status_code == 404
