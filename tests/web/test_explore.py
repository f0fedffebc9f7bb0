"""Zones, search, comparison, terms, files of a finding: what they show, to whom, and what they refuse."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client

from isopolis.web.explore import store
from isopolis.web.explore.terms import TERMS
from isopolis.web.workspaces.actions import AddMember, CreateWorkspace

from .maptown import COLUMNS, NAMES, ROWS, ZONES, files, settle, square
from .test_pages import check


@pytest.fixture
def town(owner: Any, city: Any) -> Any:
    return settle(owner, city)


@pytest.fixture
def base(city: Any, town: Any) -> str:
    return f"/w/{city.slug}/diagnoses/{town.pk}/"


@pytest.fixture
def visit(owner: Any, browse: Callable[[Any], Client]) -> Callable[..., str]:
    client = browse(owner)

    def go(path: str, status: int = 200, **query: Any) -> str:
        answer = client.get(path, query)
        assert answer.status_code == status, (path, query, answer.status_code)
        if status == 200 and "text/html" in answer.headers["Content-Type"]:
            check(answer, path)
            assert "style=" not in answer.content.decode()
        return answer.content.decode()

    return go


def rows_of(page: str) -> list[str]:
    """Texts of the first cell of each row of the list of zones."""
    body = page.partition('id="list"')[2]
    return [
        unescape(re.sub(r"<span.*?</span>|<[^>]+>", "", cell)).strip()
        for cell in re.findall(r"<tr><th scope=\"row\".*?</th>", body, re.S)
    ]


def test_a_number_with_hundreds_of_digits_is_not_there(base: str, visit: Any) -> None:
    for path in ("findings/{}/", "dimension/{}/", "zones/{}/"):
        for number in (10**30, 10**600):
            visit(base + path.format(number), 404)


# -- zones -----------------------------------------------------------------------------------------
def test_the_list_sorts_by_every_column(base: str, visit: Any, town: Any) -> None:
    values = store.values(town, 0)
    assert sum(p is None for p in values["people"]) == 1
    hidden = NAMES[3]
    for group, column in (("", values["times"]), ("1", values["share"][1])):
        key = "share" if group else "times"
        page = visit(f"{base}zones/", d=0, sort=f"-{key}", **({"g": group} if group else {}))
        known = [n for n in range(ZONES) if column[n] is not None]
        assert rows_of(page) == [NAMES[n] for n in sorted(known, key=lambda n: -column[n])] + [hidden]
        assert 'aria-sort="descending"' in page
    by_people = rows_of(visit(f"{base}zones/", sort="people"))
    assert by_people[-1] == hidden
    assert by_people[0] == NAMES[min((n for n in range(ZONES) if n != 3), key=lambda n: values["people"][n])]
    assert set(rows_of(visit(f"{base}zones/", sort="name"))) == set(NAMES)


def test_a_zone_of_few_people_tells_nothing(base: str, visit: Any, town: Any) -> None:
    page = visit(f"{base}zones/3/")
    assert page.count("Not shown: fewer than 30 people") == 2
    assert "<table>" not in page
    assert store.zone(town, 3)["values"] == [
        {"people": None, "times": None, "place": None, "share": [None, None]} for _ in range(2)
    ]
    raw = visit(f"{base}map/values.json", d=0, g=0)
    assert json.loads(raw)["rows"][3] is None


def test_values_are_those_of_the_table(base: str, visit: Any, town: Any) -> None:
    """Shares and quotients against the uploaded table, counted anew by hand."""
    table = list(csv.DictReader(io.StringIO(files()["people_2024.csv"].decode())))
    about = store.zones(town)["dimensions"]
    (k,) = [d["number"] for d in about if d["name"] == "birthplace"]
    assert about[k]["date"] == "2024"
    values, g = store.values(town, k), about[k]["categories"].index("born_abroad")
    # one zone has few people, and still counts for the city
    whole = sum(int(r["born_abroad"]) for r in table) / sum(int(r["total"]) for r in table)
    assert about[k]["city"][g] == pytest.approx(whole, abs=1e-6)
    for n, row in enumerate(table):
        if n != 3:
            share = int(row["born_abroad"]) / int(row["total"])
            assert values["share"][g][n] == pytest.approx(share, abs=1e-6)
            assert values["people"][n] == int(row["total"])
    page = visit(f"{base}zones/7/")
    share = int(table[7]["born_abroad"]) / int(table[7]["total"])
    assert f"{100 * share:.1f}%" in page
    assert f"{share / whole:.2f} times" in page
    place = 1 + sum(v is not None and v > values["times"][7] for v in values["times"])
    assert f"place {place} of 29 zones" in page


def test_wrong_addresses_are_not_there(base: str, visit: Any) -> None:
    for query in ({"d": 9}, {"d": "x"}, {"g": 2}, {"g": "-1"}, {"sort": "area"}, {"d": "٣"}, {"d": "9" * 40}):
        visit(f"{base}zones/", 404, **query)
        if "sort" not in query:
            visit(f"{base}map/values.json", 404, **query)
    visit(f"{base}zones/{ZONES}/", 404)
    visit(f"{base}zones/999999999999/", 404)
    visit(f"{base}compare/", 404, m=99)
    visit(f"{base}compare/", 404, f="1;2")
    visit(f"{base}compare/", 404, f=10**7)
    visit("/compare/", 404, c="elsewhere")


# -- search ------------------------------------------------------------------------------------------
def found(page: str) -> list[str]:
    body = page.partition('id="found"')[2].partition("</div>")[0]
    return [unescape(n) for n in re.findall(r"zones/\d+/\">(.*?)</a>", body)]


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("lodz", "Łódź-Północ"),
        ("POLNOC łódź", "Łódź-Północ"),
        ("الجديد", "الحي الجديد"),
        ("nandu", "Ñandú <b>&"),
        ("ανω πολη", "Άνω Πόλη"),
        ("z07", "Quarter 7"),
        ("strasse der ubung 8", "Quarter 7"),
        ("STRASSE UBUNG 30", "Άνω Πόλη"),
        ("41.352, 2.102", "Quarter 0"),
    ],
)
def test_search_finds(base: str, visit: Any, asked: str, name: str) -> None:
    assert found(visit(f"{base}zones/search/", q=asked)) == [name]


def test_search_says_when_nothing_is_there(base: str, visit: Any) -> None:
    for asked, said in (
        ("<script>alert(1)</script>", "Nothing was found for “&lt;script&gt;"),
        ("10.0, 10.0", "This point lies in no zone"),
        ("Far away 1", "Nothing was found"),
        ("% _ '; DROP TABLE address", "Nothing was found"),
        ("x" * 5000, "Nothing was found"),
        ("\u0301", "Nothing was found"),
    ):
        assert said in visit(f"{base}zones/search/", q=asked)
    assert found(visit(f"{base}zones/search/")) == []
    page = visit(f"{base}zones/search/", q="ubung")
    assert len(found(page)) == 25
    assert "There are more" in page


def test_a_point_on_the_grid(base: str, visit: Any) -> None:
    """The middle of every square, against the square that the town was drawn with."""
    for n in range(COLUMNS * ROWS):
        w, s, e, t = square(n)
        assert found(visit(f"{base}zones/search/", q=f"{(s + t) / 2} , {(w + e) / 2}")) == [NAMES[n]]


# -- comparison ------------------------------------------------------------------------------------------
def number_of(job: Any, **like: Any) -> int:
    for listed in store.parts(job)["measures"]:
        for row in store.rows_of(job, listed["number"]):
            if all(getattr(row["part"], k) == v for k, v in like.items()):
                return int(row["number"])
    raise AssertionError(like)


def test_groups_side_by_side(base: str, visit: Any, town: Any) -> None:
    like = {"measure": "isolation", "date": "2024"}
    a = number_of(town, **like, group="birthplace=born_abroad")
    b = number_of(town, **like, group="birthplace=born_here")
    page = visit(f"{base}compare/", f=[a, b])
    assert "is highest for" in page
    assert page.count("<svg role=") == 1
    assert page.count("<table>") == 1
    assert "Not comparable" not in page
    # from one finding, the other groups of its dimension come by themselves
    assert page.count("checked") == visit(f"{base}compare/", f=a).count("checked")


def test_what_differs_is_refused_with_its_reason(base: str, visit: Any, town: Any) -> None:
    like = {"group": "birthplace=born_abroad"}
    new = number_of(town, measure="dissimilarity", date="2024", **like)
    old = number_of(town, measure="dissimilarity", date="2014", **like)
    other = number_of(town, measure="isolation", date="2024", **like)
    page = visit(f"{base}compare/", f=[new, other])
    assert "they are different measures" in page
    assert "<svg role=" not in page
    assert "they are of different dates" in visit(f"{base}compare/", f=[new, old])


def test_dates_with_the_finding_of_the_change(base: str, visit: Any, town: Any) -> None:
    new = number_of(town, measure="dissimilarity", date="2024", group="birthplace=born_abroad")
    change = number_of(town, measure="dissimilarity_change", group="birthplace=born_abroad")
    page = visit(f"{base}compare/", by="dates", f=new)
    assert f"/findings/{change}/" in page
    table = page.partition("<caption")[2]
    assert re.findall(r'<th scope="row"[^>]*>(.*?)</th>', table) == ["2014", "2024"]


def test_ticks_of_another_state_of_the_form_are_not_meant(base: str, visit: Any, town: Any) -> None:
    new = number_of(town, measure="dissimilarity", date="2024", group="birthplace=born_abroad")
    page = visit(f"{base}compare/", f=new, m=1, d="", t="", was="an older one", by="groups")
    assert "Not comparable" not in page


def test_cities_side_by_side(base: str, visit: Any, town: Any, owner: Any, person: Any) -> None:
    second = CreateWorkspace(owner, "Secondtown").run()
    settle(owner, second, files("Secondtown", ("2014", "2025")))
    late = CreateWorkspace(owner, "Latetown").run()
    settle(owner, late, files("Latetown", ("2034",)))
    stranger = CreateWorkspace(person("other"), "Foreigntown").run()
    new = number_of(town, measure="dissimilarity", date="2024", group="birthplace=born_abroad")
    m = next(
        i
        for i, row in enumerate(
            r for r in store.parts(town)["measures"] if r["measure"] != "local_mutual_information"
        )
        if row["measure"] == "dissimilarity"
    )
    query = {"c": "testville", "m": m, "f": new}
    page = visit("/compare/", **query, **{"with": "secondtown"})
    assert "is highest for" in page
    assert "Secondtown, 2025" in page
    assert "Foreigntown" not in page
    assert stranger.slug not in page
    assert "their dates are too far apart" in visit("/compare/", **query)
    assert "their dates are too far apart" in visit("/compare/", **query, **{"with": "latetown"})


def test_what_others_have_published_is_offered(base: str, visit: Any, town: Any, person: Any) -> None:
    import shutil

    from isopolis.web.diagnoses.store import result_folder
    from isopolis.web.publish.models import Publication

    other = person("other")
    theirs = CreateWorkspace(other, "Openville").run()
    hidden = CreateWorkspace(other, "Draftville").run()
    for workspace, state in ((theirs, "published"), (hidden, "ready")):
        row = Publication.objects.create(workspace=workspace, number=1, title="x", state=state)
        shutil.copytree(result_folder(town) / "pages", row.folder / "pages")
    page = visit("/compare/", c="testville", f=0, m=0)
    assert "Openville (published)" in page
    assert "Draftville" not in page
    assert "/p/openville/1/findings/" in page
    assert "changed a little to protect people" in page


def test_a_measure_of_all_groups_stands_by_dimension(base: str, visit: Any, town: Any) -> None:
    m = next(i for i, r in enumerate(store.parts(town)["measures"]) if r["measure"] == "gini")
    page = visit(f"{base}compare/", m=m, d="birthplace", by="groups")
    assert "is highest for" in page
    assert page.count('type="checkbox"') == 2


def test_nobody_compares_cities_they_may_not_read(base: str, city: Any, browse: Any, person: Any) -> None:
    assert Client().get("/compare/").headers["Location"].startswith("/accounts/login/")
    moderator = person("moderator")
    AddMember(city.membership_set.get().user, city, moderator.email, "moderator").run()
    for user in (person("stranger"), moderator):
        page = browse(user).get("/compare/").content.decode()
        assert "Testville" not in page.partition("<main")[2]
        assert "no city yet" in page
        assert browse(user).get("/compare/?c=testville").status_code in (200, 404)


# -- files and paper ------------------------------------------------------------------------------------
def test_a_finding_as_a_file(base: str, browse: Any, owner: Any, town: Any) -> None:
    from pypdf import PdfReader

    whole = json.loads(browse(owner).get(f"{base}files/findings.json").getvalue())
    for number in (0, 1, len(whole) - 1):
        stem = f"{base}findings/{number}/files/finding"
        one = browse(owner).get(f"{stem}.json")
        assert one.headers["Content-Disposition"].startswith("attachment")
        assert json.loads(one.content) == [whole[number]]
        (row,) = csv.DictReader(io.StringIO(browse(owner).get(f"{stem}.csv").content.decode()))
        assert row["measure"] == whole[number]["measure"]
        assert float(row["value"]) == whole[number]["value"]
    paper = PdfReader(io.BytesIO(browse(owner).get(f"{base}findings/0/files/finding.pdf").content))
    text = " ".join(page.extract_text() for page in paper.pages)
    assert "example data, not a real place" in text
    assert "Expected by chance" in text
    for name in ("finding.exe", "findings.csv", "x"):
        assert browse(owner).get(f"{base}findings/0/files/{name}").status_code == 404
    assert browse(owner).get(f"{base}findings/{len(whole)}/files/finding.json").status_code == 404


def test_files_need_the_right_to_download(base: str, staff: Any, town: Any, browse: Any) -> None:
    for role, status in (("policy_officer", 200), ("viewer", 403), ("resident", 403), ("stranger", 404)):
        answer = browse(staff[role]).get(f"{base}findings/0/files/finding.csv")
        assert answer.status_code == status, role
    page = browse(staff["viewer"]).get(f"{base}findings/0/").content.decode()
    assert "finding.pdf" not in page
    for path in ("zones/", "zones/1/", "zones/search/?q=1", "map/", "compare/", "map/outlines.geojson"):
        for role, status in (("viewer", 200), ("moderator", 403), ("stranger", 404)):
            assert browse(staff[role]).get(base + path).status_code == status, (role, path)


# -- terms ------------------------------------------------------------------------------------------------
def test_terms_are_open_to_everyone_and_links_lead_to_one(base: str, visit: Any, db: None) -> None:
    answer = Client().get("/glossary/")
    page = check(answer, "/glossary/")
    anchors = set(page.ids)
    assert {t.anchor for t in TERMS} <= anchors
    assert len({t.anchor for t in TERMS}) == len(TERMS)
    from isopolis.flows.measure_one import measures

    assert {f"measure-{m.name.replace('_', '-')}" for m in measures()} <= anchors
    for path in ("findings/0/", "zones/", "zones/1/", "compare/", ""):
        for anchor in re.findall(r"/glossary/#([\w-]+)", visit(base + path)):
            assert anchor in anchors, (path, anchor)


def test_terms_are_plain(db: None) -> None:
    from isopolis.explain.plain import complaints

    assert [c for t in TERMS for c in complaints(str(t.text))] == []
