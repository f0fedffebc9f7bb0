"""OGC API Features, Part 1 (OGC 17-069r4), requirement by requirement."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
import shapely
from django.test import Client

from isopolis.web.api import ogc, ogc_routes
from isopolis.web.api.features import layer_of
from isopolis.web.api.prepare import EVER, NEVER, period
from isopolis.web.diagnoses import store

from .maps import MISSING, SIDE, mapped, program, square, token
from .test_pages import check

Get = Callable[[str], Any]


@pytest.fixture(autouse=True)
def _without_limits(db: None, settings: Any) -> None:
    settings.OPTIONS = settings.OPTIONS | {"api_per_minute": 10**6, "api_anonymous_per_minute": 10**6}


@pytest.fixture
def job(owner: Any, city: Any) -> Any:
    return mapped(owner, city)


@pytest.fixture
def get(owner: Any, city: Any, job: Any) -> Get:
    """Ask for something below the landing page of the workspace."""
    client = program(token(owner))
    return lambda path: client.get(f"/api/v1/workspaces/{city.slug}/ogc/{path}")


@pytest.fixture
def public(job: Any, monkeypatch: Any) -> Client:
    """A server on which both layers are published."""
    found = [
        ogc.Collection(
            f"town-{name}",
            name,
            "example data",
            "1",
            lambda name=name: layer_of(store.result_folder(job), name),
        )
        for name in ("zones", "findings")
    ]
    monkeypatch.setattr(ogc_routes, "published", lambda: found)
    return Client()


def rels(document: Any) -> dict[str, list[dict[str, str]]]:
    out: dict[str, list[dict[str, str]]] = {}
    for link in document["links"]:
        assert set(link) >= {"href", "rel", "type"}
        assert link["href"].startswith("http://testserver/")
        out.setdefault(link["rel"], []).append(link)
    return out


# -- documents and links -----------------------------------------------------------------------------------
def test_landing_page_leads_everywhere(get: Get) -> None:
    answer = get("")
    found = rels(answer.json())
    for rel in ("self", "service-desc", "service-doc", "conformance", "data"):
        assert found[rel], f"/req/core/root-success: {rel}"
    client = Client()
    desc = client.get(found["service-desc"][0]["href"])
    assert desc.json()["openapi"] == "3.1.0"
    assert client.get(found["service-doc"][0]["href"]).status_code == 200
    assert found["self"][0]["href"].endswith("/ogc/")


def test_conformance_names_core_and_geojson(get: Get) -> None:
    said = get("conformance").json()["conformsTo"]
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in said
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson" in said
    assert not any(c.endswith("html") for c in said), "a browser cannot send a token"


def test_collections(get: Get, job: Any) -> None:
    document = get("collections").json()
    assert rels(document)["self"]
    assert {c["id"] for c in document["collections"]} == {f"{job.pk}-zones", f"{job.pk}-findings"}
    for c in document["collections"]:
        found = rels(c)
        assert found["items"][0]["type"] == "application/geo+json"
        assert c["crs"] == [ogc.CRS84]
        one = get(f"collections/{c['id']}").json()
        assert one == c, "/req/core/sfc-md-success: the same in the list and by itself"
        west, south, east, north = c["extent"]["spatial"]["bbox"][0]
        assert -180 <= west < east <= 180
        assert -90 <= south < north <= 90


def items(get: Get, job: Any, more: str = "", layer: str = "zones") -> Any:
    answer = get(f"collections/{job.pk}-{layer}/items{more}")
    assert answer.status_code == 200, answer.content
    assert answer.headers["Content-Type"] == "application/geo+json"
    return answer.json()


def test_items_are_geojson(get: Get, job: Any) -> None:
    document = items(get, job)
    assert document["type"] == "FeatureCollection"
    assert document["numberMatched"] == document["numberReturned"] == len(document["features"]) == 24
    assert rels(document)["self"]
    assert rels(document)["collection"]
    for n, feature in enumerate(document["features"]):
        assert feature["type"] == "Feature"
        assert feature["id"] == f"Z{n:02d}"
        if n == MISSING:
            assert feature["geometry"] is None
            continue
        shape = shapely.geometry.shape(feature["geometry"])
        for ring in [p.exterior for p in shapely.get_parts(shape)]:
            assert ring.is_ccw, "RFC 7946, 3.1.6"
        true = shapely.Polygon(square(n))
        assert shape.symmetric_difference(true).area < 1e-6 * true.area + 1e-12
        numbers = shapely.get_coordinates(shape).ravel()
        assert all(round(x, 7) == x for x in numbers)


def test_values_are_those_of_the_file(get: Get, job: Any) -> None:
    import geopandas

    frame = geopandas.read_file(store.result_folder(job) / "zones.gpkg", layer="zones")
    for n, feature in enumerate(items(get, job)["features"]):
        for name, value in feature["properties"].items():
            true = frame[name].iloc[n]
            assert (value is None and (true is None or true != true)) or value == true, name
    found = json.loads((store.result_folder(job) / "findings.json").read_text(encoding="utf-8"))
    for f, feature in zip(found, items(get, job, "?limit=1000", "findings")["features"], strict=True):
        assert feature["properties"]["value"] == f["value"]
        assert feature["properties"]["caveats"] == " | ".join(f["caveats"])
        if f["scope"] != "district:unknown" and f["scope"] != "Z23":
            assert feature["geometry"] is not None, f["scope"]


def test_outline_of_a_finding_is_where_it_was_measured(get: Get, job: Any) -> None:
    whole = shapely.box(2.1, 41.35, 2.1 + 6 * SIDE, 41.35 + 4 * SIDE)
    for feature in items(get, job, "?limit=1000&scope=city", "findings")["features"]:
        shape = shapely.geometry.shape(feature["geometry"])
        assert shape.symmetric_difference(whole).area < 0.06 * whole.area, "one zone of 24 has no outline"


def test_one_item(get: Get, job: Any) -> None:
    listed = items(get, job)["features"][3]
    answer = get(f"collections/{job.pk}-zones/items/Z03")
    one = answer.json()
    assert answer.headers["Content-Type"] == "application/geo+json"
    assert {k: v for k, v in one.items() if k != "links"} == listed
    assert rels(one)["self"]
    assert rels(one)["collection"]
    for wrong in ("Z99", "..", "%00", "'--", "Z03/", "z03"):
        assert get(f"collections/{job.pk}-zones/items/{quote(wrong)}").status_code == 404


# -- parameters ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "more",
    [
        "limit=0", "limit=-1", "limit=x", "limit=1.5", "limit=", "limit=1&limit=2", "offset=-1", "bbox=1,2,3",
        "bbox=a,b,c,d", "bbox=1,2,3,nan", "bbox=1,2,3,inf", "bbox=0,2,1,1", "bbox=0,0,181,1",
        "bbox=0,-91,1,1",
        "bbox=1,2,3,4,5", "datetime=yesterday", "datetime=2024-13-01", "datetime=2024-01-01/2023-01-01",
        "datetime=../..", "datetime=/", "datetime=2024-01-01T25:00:00Z", "datetime=1/2/3", "foo=bar", "f=gml",
        "bbox-crs=x", "people=1", "limit=\u0661",
    ],
)  # fmt: skip
def test_wrong_parameters_are_refused(get: Get, job: Any, more: str) -> None:
    answer = get(f"collections/{job.pk}-zones/items?{more}")
    assert answer.status_code == 400, "/req/core/query-param-unknown, -invalid"
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["problems"][0]["where"] == more.split("=")[0]


def test_large_limits_are_cut(get: Get, job: Any) -> None:
    assert items(get, job, "?limit=1000000")["numberReturned"] == 24


@pytest.mark.parametrize("limit", [1, 5, 23, 24, 25])
def test_pages(get: Get, job: Any, limit: int) -> None:
    seen: list[str] = []
    more = f"?limit={limit}&bbox=-180,-90,180,90"
    while True:
        page = items(get, job, more)
        assert page["numberMatched"] == 24
        assert page["numberReturned"] == len(page["features"]) <= limit
        seen += [f["id"] for f in page["features"]]
        found = rels(page)
        if "next" not in found:
            break
        assert "bbox=" in found["next"][0]["href"]
        more = "?" + found["next"][0]["href"].split("?")[1]
    assert seen == [f"Z{n:02d}" for n in range(24)]
    if limit < 24:
        assert "prev" in found


def test_boxes_against_shapes_one_by_one(job: Any) -> None:
    """The index, the boxes and the exact test together give what testing every shape gives."""
    chance = random.Random(7)
    for name in ("zones", "findings"):
        layer = layer_of(store.result_folder(job), name)
        shapes = [json.loads(line)["geometry"] for line in layer.lines(range(len(layer)))]
        known = [None if s is None else shapely.geometry.shape(s) for s in shapes]
        edges = [2.1, 2.11, 2.16, 41.35, 41.36]
        for _ in range(300):
            west, east = sorted(chance.choice([*edges[:3], chance.uniform(2.05, 2.2)]) for _ in "we")
            south, north = sorted(chance.choice([*edges[3:], chance.uniform(41.3, 41.42)]) for _ in "sn")
            box = shapely.box(west, south, east, north)
            expected = [n for n, s in enumerate(known) if s is None or s.intersects(box)]
            assert layer.matching((west, south, east, north)).tolist() == expected


def test_a_box_across_the_date_line(job: Any) -> None:
    layer = layer_of(store.result_folder(job), "zones")
    everything = layer.matching((2.0, 41.0, 3.0, 42.0)).tolist()
    assert layer.matching((2.0, 41.0, -179.0, 42.0)).tolist() == everything
    assert layer.matching((170.0, 41.0, -179.0, 42.0)).tolist() == [MISSING], (
        "without outline matches any box"
    )


def test_a_shape_that_only_its_box_touches(tmp_path: Any) -> None:
    """A triangle whose box meets the question, but not the triangle itself."""
    import numpy as np

    from isopolis.web.api.features import Layer
    from isopolis.web.api.prepare import _write_layer

    triangle = shapely.Polygon([(0, 0), (10, 0), (0, 10)])
    _write_layer(tmp_path, "zones", [("a", triangle, {"id": "a"}, None)], [], ["id"])
    layer = Layer(tmp_path / "zones.geojsonl", np.load(tmp_path / "zones.npy"))
    assert layer.matching((8, 8, 9, 9)).tolist() == []
    assert layer.matching((4, 4, 9, 9)).tolist() == [0]
    assert layer.matching((5, 5, 9, 9)).tolist() == [0], "a touch is enough"


def test_six_numbers_leave_height_out(get: Get, job: Any) -> None:
    flat = items(get, job, "?bbox=2.1,41.35,2.105,41.355")
    high = items(get, job, "?bbox=2.1,41.35,-5,2.105,41.355,5000")
    assert [f["id"] for f in flat["features"]] == [f["id"] for f in high["features"]]
    assert flat["numberMatched"] == 2, "one zone, and the one without outline"


@pytest.mark.parametrize(
    ("asked", "matches"),
    [
        ("2024-06-01", True), ("2024-12-31T23:59:59Z", True), ("2025-01-01T00:00:00Z", False),
        ("2023-12-31", False),
        ("2025-01-01T00:30:00+01:00", True), ("2023-01-01/2024-01-01", True), ("../2023-12-31", False),
        ("../2024-01-01", True), ("2024-12-31/..", True), ("2025-01-01/..", False), ("/2024-01-01", True),
        ("2024-05-05T10:00:00.5z/", True), ("2010-01-01/2030-01-01", True),
    ],
)  # fmt: skip
def test_times(get: Get, job: Any, asked: str, matches: bool) -> None:
    page = items(get, job, f"?limit=1000&datetime={quote(asked)}", "findings")
    dated = [f for f in page["features"] if f["properties"]["date"]]
    assert bool(dated) is matches
    assert items(get, job, f"?datetime={quote(asked)}")["numberMatched"] == 24, "zones have no one date"


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2024", "2024-01-01T00:00:00", "2024-12-31T23:59:59"),
        ("2024-02", "2024-02-01T00:00:00", "2024-02-29T23:59:59"),
        ("2024-12", "2024-12-01T00:00:00", "2024-12-31T23:59:59"),
        ("2023-07-09", "2023-07-09T00:00:00", "2023-07-09T23:59:59"),
        ("2015/2024", "2015-01-01T00:00:00", "2024-12-31T23:59:59"),
    ],
)
def test_dates_become_periods(text: str, start: str, end: str) -> None:
    assert period(text) == tuple(
        int(datetime.fromisoformat(t).replace(tzinfo=UTC).timestamp()) for t in (start, end)
    )


@pytest.mark.parametrize("text", ["", "spring", "2024-13", "2024-02-30", "0000", "1/2/3", "9999-99"])
def test_other_dates_are_no_period(text: str) -> None:
    assert period(text) is None
    assert NEVER < 0 < EVER


def test_filters_by_property(get: Get, job: Any) -> None:
    page = items(get, job, "?district=D1")
    assert [f["id"] for f in page["features"]] == [f"Z{n:02d}" for n in range(6, 12)]
    assert items(get, job, f"?name={quote('=Zone 7')}")["features"][0]["id"] == "Z07"
    assert items(get, job, "?district=D1&bbox=2.1,41.36,2.105,41.365")["numberMatched"] == 1
    assert items(get, job, "?measure=dissimilarity", "findings")["numberMatched"] > 0
    assert items(get, job, "?measure=none", "findings")["features"] == []


# -- for everybody -----------------------------------------------------------------------------------------
def test_public_features_need_no_token(public: Client) -> None:
    for path, kind in (
        ("/ogc/", "application/json"),
        ("/ogc/conformance", "application/json"),
        ("/ogc/collections", "application/json"),
        ("/ogc/collections/town-zones", "application/json"),
        ("/ogc/collections/town-zones/items?limit=2", "application/geo+json"),
        ("/ogc/collections/town-zones/items/Z00", "application/geo+json"),
        ("/ogc/api", "application/vnd.oai.openapi+json;version=3.1"),
    ):
        answer = public.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["Content-Type"] == kind
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert not answer.cookies
        assert public.get(path, headers={"if-none-match": answer.headers["ETag"]}).status_code == 304
    assert public.get("/ogc/collections/other/items").status_code == 404
    assert public.get("/ogc/nothing").headers["Content-Type"] == "application/problem+json"


def test_public_pages_for_people(public: Client) -> None:
    for path in (
        "",
        "conformance",
        "collections",
        "collections/town-zones",
        "collections/town-zones/items",
        "collections/town-findings/items/0",
    ):
        by_name = public.get(f"/ogc/{path}?f=html")
        check(by_name, path)
        by_header = public.get(f"/ogc/{path}", headers={"accept": "text/html,*/*"})
        assert by_header.headers["Content-Type"].startswith("text/html")
        assert "Accept" in by_header.headers["Vary"]
        plain = public.get(f"/ogc/{path}", headers={"accept": "*/*"})
        alternate = [link for link in plain.json()["links"] if link["rel"] == "alternate"]
        assert public.get(alternate[0]["href"]).headers["Content-Type"].startswith("text/html")
    assert any(c.endswith("html") for c in public.get("/ogc/conformance").json()["conformsTo"])


def test_the_way_that_qgis_goes(public: Client) -> None:
    """Landing page → description and collections → items by box and page, with the headers that it sends."""
    headers = {"accept": "application/json, application/geo+json"}
    landing = public.get("/ogc/", headers=headers).json()
    (data,) = rels(landing)["data"]
    (desc,) = rels(landing)["service-desc"]
    path = public.get(desc["href"]).json()["paths"]["/ogc/collections/{key}/items"]["get"]
    limit = next(p for p in path["parameters"] if p["name"] == "limit")
    assert limit["schema"]["maximum"] == 1000
    for c in public.get(data["href"], headers=headers).json()["collections"]:
        (first,) = [
            link for link in c["links"] if link["rel"] == "items" and link["type"] == "application/geo+json"
        ]
        page = public.get(first["href"], {"limit": 10, "bbox": "2,41,3,42"}, headers=headers)
        assert page.headers["Content-Type"] == "application/geo+json"
        assert page.json()["numberReturned"] == 10


def test_geopandas_reads_a_page(public: Client, tmp_path: Any) -> None:
    import geopandas

    (tmp_path / "zones.geojson").write_bytes(public.get("/ogc/collections/town-zones/items").content)
    frame = geopandas.read_file(tmp_path / "zones.geojson")
    assert len(frame) == 24
    assert frame.crs.to_epsg() == 4326


def test_answers_fit_the_public_document(public: Client) -> None:
    import jsonschema_rs

    document = public.get("/ogc/api").json()
    for path, methods in document["paths"].items():
        url = path.replace("{key}", "town-zones").replace("{fid}", "Z00")
        answer = public.get(url)
        (content,) = methods["get"]["responses"]["200"]["content"].values()
        whole = content["schema"] | {"components": document["components"]}
        jsonschema_rs.Draft202012Validator(whole).validate(answer.json())


def test_without_outlines(owner: Any, city: Any) -> None:
    """A city that sent no outlines has features without geometry, and they match every box."""
    from .towns import diagnosed

    run = diagnosed(owner, city)
    client = program(token(owner))
    base = f"/api/v1/workspaces/{city.slug}/ogc/collections/{run.pk}-zones"
    assert "spatial" not in client.get(base).json().get("extent", {})
    page = client.get(f"{base}/items?bbox=0,0,1,1").json()
    assert page["numberMatched"] == 24
    assert {f["geometry"] for f in page["features"]} == {None}


def test_pages_for_people_are_kept_for_nobody_else(
    public: Client, owner: Any, browse: Callable[[Any], Client]
) -> None:
    """They show who has signed in, in a language; features do not."""
    path = "/ogc/collections/town-zones"
    page = public.get(f"{path}?f=html")
    assert "private" in page.headers["Cache-Control"]
    assert "public" not in page.headers["Cache-Control"]
    assert "public" in public.get(path).headers["Cache-Control"]
    mine = browse(owner).get(f"{path}?f=html", headers={"if-none-match": page.headers["ETag"]})
    assert mine.status_code == 200
    pages = [public.get(f"{path}?f=html", headers={"accept-language": x}) for x in ("en", "de", "ar", "el")]
    spoken = {re.findall(rb'<html lang="(\w+)"', page.content)[0] for page in pages}
    assert len({page.headers["ETag"] for page in pages}) == len(spoken)
