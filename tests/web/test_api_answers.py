"""What the interface answers: its documents, its errors, the way from files to findings."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from isopolis.web.audit.models import AuditEvent
from isopolis.web.datasets.models import Dataset

from .api_calls import TABLE, WITHOUT_WORKSPACE, ask, fits, ids, ready, schema, uncounted
from .conftest import CSV, TOML
from .maps import program, token
from .towns import upload, work

__all__ = ["ready", "uncounted"]  # fixtures


# -- what is answered ----------------------------------------------------------------------------------
def test_answers_fit_the_document(owner: Any, ready: Any, city: Any) -> None:
    client, where = program(token(owner)), ids(ready, city)
    for name in [*TABLE, *WITHOUT_WORKSPACE]:
        if name in ("remove", "file", "library_record"):  # the last has its own test
            continue
        answer = ask(client, name, where)
        assert answer.status_code in (200, 201, 409), (name, answer.content)
        fits(answer, name)


def test_the_document_is_what_it_says(db: None) -> None:
    document = schema()
    assert document["openapi"] == "3.1.0"
    assert "head" not in {m for p in document["paths"].values() for m in p}
    for path, methods in document["paths"].items():
        for method, said in methods.items():
            kinds = {
                (code, kind)
                for code, a in said["responses"].items()
                for kind in a.get("content", {})
                if int(code) >= 400
            }
            assert kinds, path
            assert {kind for _, kind in kinds} == {"application/problem+json"}, (path, method)


def test_from_upload_to_findings(owner: Any, city: Any) -> None:
    """The whole way of a script, from files to numbers."""
    client, base = program(token(owner)), f"/api/v1/workspaces/{city.slug}"
    files = [SimpleUploadedFile("people.csv", CSV), SimpleUploadedFile("city.toml", TOML.encode())]
    made = client.post(f"{base}/datasets", {"files": files})
    assert made.status_code == 201
    place = made.headers["Location"]
    work()
    assert client.get(place).json()["state"] == "ready"
    changed = client.put(
        f"{place}/config", {"text": TOML.replace("Testville", "Newville")}, content_type="application/json"
    )
    assert changed.json()["revision"] == 1
    early = client.post(f"{place}/diagnoses")
    assert early.status_code == 409
    assert "cannot be diagnosed yet" in early.json()["detail"]
    work()
    first, again = client.post(f"{place}/diagnoses"), client.post(f"{place}/diagnoses")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    run = first.headers["Location"]
    assert client.get(run).json()["place"] == 1
    work()
    assert client.get(run).json()["state"] == "done"
    assert client.post(f"{run}/cancel").status_code == 409
    found = client.get(f"{base}/diagnoses/{first.json()['id']}/findings").json()
    assert found["matched"] == len(found["findings"]) > 5
    verbs = set(AuditEvent.objects.filter(workspace=city.pk).values_list("verb", flat=True))
    assert {"data.upload", "data.correct", "diagnosis.start"} <= verbs
    assert client.delete(place).status_code == 204
    assert client.get(place).status_code == 404
    assert client.get(f"{base}/diagnoses/{first.json()['id']}").status_code == 404


def test_cancel_a_waiting_job(owner: Any, city: Any) -> None:
    dataset = upload(owner, city)
    client = program(token(owner))
    base = f"/api/v1/workspaces/{city.slug}/jobs"
    (job,) = client.get(base).json()["jobs"]
    assert job["subject"] == str(dataset.pk)
    assert client.post(f"{base}/{job['id']}/cancel").json()["state"] == "cancelled"


def test_refused_uploads_say_every_reason(owner: Any, city: Any) -> None:
    client, path = program(token(owner)), f"/api/v1/workspaces/{city.slug}/datasets"
    bad = [SimpleUploadedFile("a.exe", b"MZ"), SimpleUploadedFile("b.xlsx", b"no workbook")]
    answer = client.post(path, {"files": bad})
    assert answer.status_code == 422
    assert len(answer.json()["problems"]) == 2
    fits(answer, "upload")
    foreign = TOML.replace("people.csv", "/etc/passwd")
    answer = client.post(
        path,
        {"files": [SimpleUploadedFile("people.csv", CSV), SimpleUploadedFile("city.toml", foreign.encode())]},
    )
    assert answer.status_code == 422
    for data in ({}, {"files": ["text"]}, {"file": SimpleUploadedFile("people.csv", CSV)}):
        assert client.post(path, data).status_code == 422
    assert not Dataset.objects.exists()


def test_too_large_is_refused_before_it_is_read(owner: Any, city: Any, settings: Any) -> None:
    settings.OPTIONS = settings.OPTIONS | {"upload_mb": 1}
    client, base = program(token(owner)), f"/api/v1/workspaces/{city.slug}/datasets"
    for path in (base, f"{base}/{uuid4()}/diagnoses"):
        answer = client.post(path, {"files": [SimpleUploadedFile("people.csv", b"x" * 5_000_000)]})
        assert answer.status_code == 413
        assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "nothing", 404), ("get", "workspaces/x/y/z", 404), ("post", "workspaces", 405),
        ("patch", "token", 405), ("get", "workspaces/%00", 404), ("get", "workspaces/../../w/", 404),
        ("get", "workspaces/{0}/jobs?limit=0", 422), ("get", "workspaces/{0}/jobs?limit=x", 422),
        ("get", "workspaces/{0}/jobs?offset=-1", 422), ("get", "workspaces/{0}/jobs?kind=%00", 200),
        ("get", "workspaces/{0}/jobs?offset=1000000000", 200), ("get", "workspaces/{0}/jobs?limit=1001", 422),
        ("get", "workspaces/{0}/log?before=0", 422), ("get", "workspaces/{0}/jobs/not-an-id", 404),
    ],
)  # fmt: skip
def test_errors_have_one_shape(owner: Any, city: Any, method: str, path: str, status: int) -> None:
    answer = getattr(program(token(owner)), method)("/api/v1/" + path.format(city.slug))
    assert answer.status_code == status
    if status >= 400:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert set(answer.json()) == {"type", "title", "status", "detail", "problems"}
        assert answer.json()["status"] == status
        assert answer.json()["detail"]
    if status == 405:
        assert "GET" in answer.headers["Allow"]


def test_a_body_that_is_no_json(owner: Any, city: Any) -> None:
    dataset = upload(owner, city)
    client, path = program(token(owner)), f"/api/v1/workspaces/{city.slug}/datasets/{dataset.pk}/config"
    for body, status in (
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[]", 422),
        (b'{"text": ""}', 422),
        (b"null", 422),
    ):
        assert client.put(path, body, content_type="application/json").status_code == status, body


def test_people_of_the_api_have_no_addresses(staff: Any, owner: Any, city: Any) -> None:
    client, base = program(token(owner)), f"/api/v1/workspaces/{city.slug}"
    for path in ("/members", "/log"):
        assert b"@" not in client.get(base + path).content
