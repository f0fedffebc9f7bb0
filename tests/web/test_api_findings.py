"""Findings, files, pages, tags and limits of the interface."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from isopolis.web.api.door import counter
from isopolis.web.api.runs import SEEN
from isopolis.web.audit.models import AuditEvent
from isopolis.web.diagnoses import store
from isopolis.web.jobs import KINDS
from isopolis.web.permissions import ROLES
from isopolis.web.work.models import Job
from isopolis.web.workspaces.actions import AddMember

from .api_calls import fits, ids, operations, ready, uncounted
from .maps import mapped, program, token

__all__ = ["ready", "uncounted"]  # fixtures


# -- findings --------------------------------------------------------------------------------------------
def test_findings_are_those_of_the_file(owner: Any, ready: Any, city: Any) -> None:
    client, base = program(token(owner)), f"/api/v1/workspaces/{city.slug}/diagnoses/{ready.pk}"
    true = json.loads((store.result_folder(ready) / "findings.json").read_text(encoding="utf-8"))
    got = client.get(f"{base}/findings?limit=1000").json()
    assert [{k: v for k, v in f.items() if k != "number"} for f in got["findings"]] == true
    assert [f["number"] for f in got["findings"]] == list(range(len(true)))
    for n in (0, len(true) - 1):
        one = client.get(f"{base}/findings/{n}")
        assert one.json() == {"number": n} | true[n]
        fits(one, "finding")
    assert client.get(f"{base}/findings/{len(true)}").status_code == 404
    assert client.get(f"{base}/findings/99999999999999999999").status_code == 404


def test_filters_against_a_plain_loop(owner: Any, ready: Any, city: Any) -> None:
    client, base = program(token(owner)), f"/api/v1/workspaces/{city.slug}/diagnoses/{ready.pk}"
    true = json.loads((store.result_folder(ready) / "findings.json").read_text(encoding="utf-8"))
    names = ("measure", "dimension", "group", "versus", "scope", "scale", "date")
    tried = [{n: f[n]} for n in names for f in true] + [
        {"measure": f["measure"], "group": f["group"]} for f in true
    ]
    for asked in [dict(t) for t in {tuple(a.items()) for a in tried}]:
        expected = [n for n, f in enumerate(true) if all(f[k] == v for k, v in asked.items())]
        got = client.get(f"{base}/findings", asked | {"limit": 1000}).json()
        assert [f["number"] for f in got["findings"]] == expected, asked
    assert client.get(f"{base}/findings?measure=nothing").json() == {
        "findings": [],
        "matched": 0,
        "next": None,
    }
    about = client.get(base).json()
    assert set(about["measures"]) == {f["measure"] for f in true}


def test_pages_have_everything_once(owner: Any, ready: Any, city: Any) -> None:
    client, base = program(token(owner)), f"/api/v1/workspaces/{city.slug}/diagnoses/{ready.pk}/findings"
    whole = [f["number"] for f in client.get(f"{base}?limit=1000").json()["findings"]]
    for limit in (1, 7, 1000):
        seen, path = [], f"{base}?limit={limit}&scale=zone"
        while path:
            page = client.get(path).json()
            assert len(page["findings"]) <= limit
            seen += [f["number"] for f in page["findings"]]
            path = page["next"]
        assert len(seen) == len(set(seen)) == page["matched"]
        assert set(seen) <= set(whole)
        assert seen == sorted(seen)


def test_the_log_page_by_page(staff: Any, owner: Any, city: Any) -> None:
    client, path = program(token(owner)), f"/api/v1/workspaces/{city.slug}/log?limit=2"
    seen = []
    while path:
        page = client.get(path).json()
        seen += [r["number"] for r in page["rows"]]
        path = page["next"]
    assert seen == sorted(
        AuditEvent.objects.filter(workspace=city.pk).values_list("number", flat=True), reverse=True
    )


def test_computations_are_for_those_who_may_see_what_they_read(
    staff: Any, owner: Any, ready: Any, city: Any
) -> None:
    """What stopped a reading may quote the files, and those are not for every reader of findings."""
    reading = Job.objects.create(
        workspace=city, kind="read", subject=ready.subject, key="x", state="failed", error="row 7: Z07, 12"
    )
    base = f"/api/v1/workspaces/{city.slug}/jobs"
    for role, kinds in (("viewer", {"diagnose"}), ("analyst", {"read", "diagnose"})):
        client = program(token(staff[role]))
        assert {j["kind"] for j in client.get(base).json()["jobs"]} == kinds
        assert client.get(f"{base}/{reading.pk}").status_code == (200 if "read" in kinds else 404)


def test_every_kind_of_computation_says_who_may_know_of_it() -> None:
    assert set(SEEN) == set(KINDS)


# -- tags, limits ----------------------------------------------------------------------------------------
def test_tags(owner: Any, ready: Any, city: Any) -> None:
    client, where = program(token(owner)), ids(ready, city)
    for name in (
        "findings",
        "finding",
        "items_private",
        "item_private",
        "file",
        "diagnosis",
        "jobs",
        "datasets",
    ):
        path = re.sub(r"\{(\w+)\}", lambda m: str(where[m[1]]), operations()[name][1])
        first = client.get(path)
        tag = first.headers["ETag"]
        assert re.fullmatch(r'"[0-9a-f]{32}"', tag), "strong"
        again = client.get(path, headers={"if-none-match": tag})
        assert again.status_code == 304, name
        assert again.headers["ETag"] == tag
        assert b"".join(again) == b""
        assert client.get(path, headers={"if-none-match": '"other"'}).status_code == 200
        assert client.head(path).headers["ETag"] == tag
    other = client.get(path.replace("/datasets", "/datasets?limit=1"))
    assert other.status_code == 200


def test_a_known_result_costs_no_reading(owner: Any, ready: Any, city: Any, monkeypatch: Any) -> None:
    client = program(token(owner))
    path = f"/api/v1/workspaces/{city.slug}/diagnoses/{ready.pk}/findings"
    tag = client.get(path).headers["ETag"]
    monkeypatch.setattr("isopolis.web.api.runs.layer_of", lambda *a: 1 / 0)
    assert client.get(path, headers={"if-none-match": tag}).status_code == 304
    with pytest.raises(ZeroDivisionError):
        client.get(path)


def test_another_query_has_another_tag(owner: Any, ready: Any, city: Any) -> None:
    client = program(token(owner))
    path = f"/api/v1/workspaces/{city.slug}/diagnoses/{ready.pk}/findings"
    tags = {client.get(path + more).headers["ETag"] for more in ("", "?limit=1", "?limit=2", "?measure=x")}
    assert len(tags) == 4


def test_answers_are_private_and_not_kept_for_others(owner: Any, city: Any) -> None:
    answer = program(token(owner)).get("/api/v1/workspaces")
    assert "private" in answer.headers["Cache-Control"]
    assert "Authorization" in answer.headers["Vary"]
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert not answer.cookies


@pytest.fixture
def still(monkeypatch: Any) -> None:
    """Stop the clock, so that no minute ends in between."""
    monkeypatch.setattr("isopolis.web.api.limits.time", SimpleNamespace(time=lambda: 1_000_000.0))


def test_limit_of_a_token(owner: Any, city: Any, settings: Any, still: None) -> None:
    settings.OPTIONS = settings.OPTIONS | {"api_per_minute": 40}
    first, second = program(token(owner)), program(token(owner))
    answers = [first.get("/api/v1/token") for _ in range(41)]
    assert answers[0].headers["RateLimit-Limit"] == "40"
    assert int(answers[5].headers["RateLimit-Remaining"]) < int(answers[0].headers["RateLimit-Remaining"])
    last = answers[-1]
    assert last.status_code == 429
    assert 0 < int(last.headers["Retry-After"]) <= 60
    assert last.json()["title"] == "Too many requests"
    fits(last, "token")
    assert second.get("/api/v1/token").status_code == 200, "another token has its own"


def test_limit_of_an_address(db: None, settings: Any, still: None) -> None:
    settings.OPTIONS = settings.OPTIONS | {"api_anonymous_per_minute": 20}
    for headers in ({}, {"authorization": "Bearer iso_" + "x" * 43}):
        counter.held.clear()
        where = {"REMOTE_ADDR": f"192.0.2.{len(headers)}"}
        codes = [Client(headers=headers).get("/api/v1/token", **where).status_code for _ in range(41)]
        assert codes[0] == 401
        assert codes[-1] == 429
        assert Client().get("/api/v1/token", REMOTE_ADDR="198.51.100.7").status_code == 401
    codes = [
        Client().get("/api/v1/publications", REMOTE_ADDR=f"2001:db8::{n:x}").status_code for n in range(41)
    ]
    assert codes[-1] == 429, "one line of the new kind has many addresses"


def test_a_header_puts_no_counting_off(db: None, settings: Any, still: None, monkeypatch: Any) -> None:
    """What is beyond the limit is not even worked out, whatever the header says."""
    settings.OPTIONS = settings.OPTIONS | {"api_anonymous_per_minute": 20}
    worked: list[int] = []
    monkeypatch.setattr("isopolis.web.api.ogc_routes.published", lambda: worked.append(1) or [])
    client = Client(headers={"authorization": "Bearer iso_" + "x" * 43})
    counter.held.clear()
    codes = [client.get("/ogc/collections", REMOTE_ADDR="192.0.2.77").status_code for _ in range(41)]
    assert (codes[0], codes[-1]) == (200, 429)
    assert len(worked) == codes.count(200) <= 20


def test_processes_count_together(db: None) -> None:
    from isopolis.web.api.limits import Counter
    from isopolis.web.api.models import Usage

    processes = [Counter() for _ in range(3)]
    granted = sum(processes[n % 3].ask("x", 100, now=60.0 * 5).granted for n in range(1000))
    assert 85 <= granted <= 100, "never more than the limit; a share may stay unused in each process"
    assert Counter().ask("x", 100, now=60.0 * 6).granted
    assert not Usage.objects.filter(minute__lt=5).exists()
    kept = " ".join(Usage.objects.values_list("who", flat=True))
    assert "192.0.2" not in kept


# -- files ---------------------------------------------------------------------------------------------
def test_tables_hold_the_same_numbers(owner: Any, ready: Any, city: Any, tmp_path: Any) -> None:
    import geopandas
    import pandas as pd

    client = program(token(owner))
    base = f"/api/v1/workspaces/{city.slug}/diagnoses/{ready.pk}/files"
    listed = {f["name"]: f for f in client.get(base).json()["files"]}
    assert set(listed) == set(store.DOWNLOADS)
    for name, said in listed.items():
        answer = client.get(said["url"])
        content = b"".join(answer.streaming_content)
        assert len(content) == said["size"], name
        assert answer.headers["Content-Disposition"].startswith("attachment"), name
        (tmp_path / name).write_bytes(content)
    true = json.loads((tmp_path / "findings.json").read_text(encoding="utf-8"))
    table = geopandas.read_parquet(tmp_path / "findings.parquet")
    assert len(table) == len(true)
    for n, f in enumerate(true):
        row = table.iloc[n]
        assert row["measure"] == f["measure"]
        assert (None if pd.isna(row["value"]) else row["value"]) == f["value"]
        assert json.loads(row["provenance"]) == f["provenance"]
    zones = geopandas.read_parquet(tmp_path / "zones.parquet")
    packed = geopandas.read_file(tmp_path / "zones.gpkg", layer="zones")
    assert zones.crs == packed.crs == table.crs
    assert zones.crs.is_projected
    pd.testing.assert_frame_equal(
        pd.DataFrame(zones.drop(columns="geometry")),
        pd.DataFrame(packed.drop(columns="geometry")),
        check_dtype=False,
    )
    some = zones.geometry.notna()
    assert some.sum() == 23
    assert zones.geometry[some].geom_equals(packed.geometry[some]).all()


def test_formulas_are_neutralised(owner: Any, city: Any) -> None:
    """Text that a spreadsheet would run starts with a quotation mark in the CSV, and only there."""
    from isopolis.model import Finding
    from isopolis.report.files import write_csv

    evil = '=HYPERLINK("x")'
    path = store.result_folder(mapped(owner, city)) / "findings.csv"
    write_csv([Finding("dissimilarity", 0.5, group=evil, explanation="@SUM(1)", scope="-1+1")], path)
    client = program(token(owner))
    job = client.get(f"/api/v1/workspaces/{city.slug}/jobs?kind=diagnose").json()["jobs"][0]["id"]
    answer = client.get(f"/api/v1/workspaces/{city.slug}/diagnoses/{job}/files/findings.csv")
    text = b"".join(answer.streaming_content).decode()
    for start in (",=", ',"=', ",@", ",-1+1"):
        assert start not in text
    assert "'=HYPERLINK" in text


def test_results_older_than_the_interface(owner: Any, ready: Any, city: Any) -> None:
    """Their features are made when they are first asked for."""
    import shutil

    folder = store.result_folder(ready)
    client, base = program(token(owner)), f"/api/v1/workspaces/{city.slug}/diagnoses/{ready.pk}"
    before = client.get(f"{base}/findings?limit=1000").json()
    shutil.rmtree(folder / "features")
    (folder / "zones.parquet").unlink()
    (folder / "findings.parquet").unlink()
    assert client.get(f"{base}/findings?limit=1000").json() == before
    assert {p.name for p in folder.iterdir() if p.name.startswith(".")} == set()
    shutil.rmtree(folder)
    assert client.get(f"{base}/findings").status_code == 404


def test_a_viewer_gets_no_numbers_of_zones_through_features(
    staff: Any, owner: Any, ready: Any, city: Any
) -> None:
    viewer = program(token(staff["viewer"]))
    base = f"/api/v1/workspaces/{city.slug}/ogc/collections"
    assert [c["id"] for c in viewer.get(base).json()["collections"]] == [f"{ready.pk}-findings"]
    assert viewer.get(f"{base}/{ready.pk}-zones/items").status_code == 403
    assert program(token(owner, "read:findings")).get(f"{base}/{ready.pk}-zones/items").status_code == 403
    assert (
        program(token(owner, "read:findings", "read:files")).get(f"{base}/{ready.pk}-zones/items").status_code
        == 200
    )


def test_pages_of_the_manual(db: None) -> None:
    from .test_pages import check

    answer = Client().get("/api/")
    check(answer, "/api/")
    for method, path in operations().values():
        assert f"{method.upper()} {path}" in answer.content.decode()


def test_members_by_program(staff: Any, owner: Any, city: Any) -> None:
    rows = program(token(owner)).get(f"/api/v1/workspaces/{city.slug}/members").json()["members"]
    assert {r["role"] for r in rows} == set(ROLES) - {"resident"}
    assert AddMember
