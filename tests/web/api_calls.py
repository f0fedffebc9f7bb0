"""Asking the programming interface for everything that its document has."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema_rs
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from isopolis.web.api.door import counter

from .conftest import CSV, TOML
from .maps import mapped


@pytest.fixture(autouse=True)
def uncounted(db: None, settings: Any) -> None:
    counter.held.clear()
    settings.OPTIONS = settings.OPTIONS | {"api_per_minute": 10**6, "api_anonymous_per_minute": 10**6}


@pytest.fixture
def ready(owner: Any, city: Any) -> Any:
    return mapped(owner, city)


def schema() -> dict[str, Any]:
    answer = Client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    made: dict[str, Any] = answer.json()
    return made


def fits(answer: Any, operation: str) -> None:
    """Hold an answer against the schema of its operation."""
    document = schema()
    said = next(
        m for path in document["paths"].values() for m in path.values() if m["operationId"] == operation
    )
    (content,) = said["responses"][str(answer.status_code)]["content"].values()
    whole = content["schema"] | {"components": document["components"]}
    jsonschema_rs.Draft202012Validator(whole).validate(json.loads(answer.content))


TABLE = {
    # operation: (scope, verb)
    "workspace": ("", "workspace.see"),
    "members": ("read:members", "members.manage"),
    "log": ("read:audit", "audit.read"),
    "datasets": ("read:data", "data.read"),
    "upload": ("write:data", "data.upload"),
    "dataset": ("read:data", "data.read"),
    "correct": ("write:data", "data.correct"),
    "remove": ("write:data", "data.remove"),
    "jobs": ("read:findings", "findings.read"),
    "job": ("read:findings", "findings.read"),
    "cancel": ("run:diagnosis", "diagnosis.cancel"),
    "start": ("run:diagnosis", "diagnosis.start"),
    "diagnosis": ("read:findings", "findings.read"),
    "findings": ("read:findings", "findings.read"),
    "finding": ("read:findings", "findings.read"),
    "files": ("read:files", "findings.download"),
    "file": ("read:files", "findings.download"),
    "landing_private": ("read:findings", "findings.read"),
    "conformance_private": ("read:findings", "findings.read"),
    "collections_private": ("read:findings", "findings.read"),
    "collection_private": ("read:findings", "findings.read"),
    "items_private": ("read:findings", "findings.read"),
    "item_private": ("read:findings", "findings.read"),
}
PUBLIC = {"publications", "library", "library_record"}
WITHOUT_WORKSPACE = {"token", "workspaces"} | PUBLIC


def operations() -> dict[str, tuple[str, str]]:
    """Operation → method and path, from the document that programs read."""
    return {
        said["operationId"]: (method, path)
        for path, methods in schema()["paths"].items()
        for method, said in methods.items()
    }


def ask(client: Client, operation: str, where: dict[str, Any]) -> Any:
    """Ask for an operation with everything that it needs."""
    method, path = operations()[operation]
    path = re.sub(r"\{(\w+)\}", lambda m: str(where[m[1]]), path)
    if operation == "upload":
        file = SimpleUploadedFile("people.csv", CSV)
        return client.post(path, {"files": [file, SimpleUploadedFile("city.toml", TOML.encode())]})
    if operation == "correct":
        return client.put(path, json.dumps({"text": TOML}), content_type="application/json")
    return getattr(client, method)(path)


def ids(job: Any, city: Any) -> dict[str, Any]:
    return {
        "workspace": city.slug, "dataset": job.subject, "job": job.pk, "diagnosis": job.pk, "number": 0,
        "name": "findings.csv", "key": f"{job.pk}-findings", "fid": "0",
    }  # fmt: skip
