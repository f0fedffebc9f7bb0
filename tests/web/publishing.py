"""Diagnoses without report and drawings, and publications made of them, for the tests of publishing."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client

import isopolis
from isopolis.report.files import write_json
from isopolis.web import jobs
from isopolis.web.datasets.models import Dataset
from isopolis.web.datasets.storage import snapshot
from isopolis.web.diagnoses.actions import StartDiagnosis
from isopolis.web.diagnoses.store import result_folder
from isopolis.web.publish.actions import PreparePublication, Publish
from isopolis.web.publish.models import GateRecord, Publication

from .towns import upload, work

RULES = {"protection": "cell_key", "threshold": 10, "sensitive_threshold": 30, "across_dates": False}


@pytest.fixture(autouse=True)
def light(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a diagnosis write only what a publication reads: its findings."""
    monkeypatch.setitem(jobs.KINDS, "diagnose", f"{__name__}:lean")


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the drawings out where only numbers are looked at."""
    monkeypatch.setattr("isopolis.web.diagnoses.drawings.Drawings.of", lambda *_: ())


def lean(job: Any, _say: Any) -> None:
    """Diagnose without report and drawings."""
    dataset = Dataset.objects.get(pk=job.subject)
    found = isopolis.diagnose(isopolis.load(snapshot(dataset, dataset.config)))
    pages = result_folder(job) / "pages"
    pages.mkdir(parents=True)
    write_json(found.findings, result_folder(job) / "findings.json")
    first = {"city": found.city.name, "notes": list(found.city.notes), "headlines": [], "dimensions": []}
    (pages / "overview.json").write_text(json.dumps(first), encoding="utf-8")


def diagnosed(user: Any, city: Any, files: dict[str, bytes] | None = None) -> Any:
    """Upload, read and diagnose."""
    dataset = upload(user, city, files)
    work()
    dataset.refresh_from_db()
    job = StartDiagnosis(user, city, dataset).run()
    work()
    job.refresh_from_db()
    assert job.state == "done", job.error
    return job


def prepared(user: Any, city: Any, job: Any, title: str = "How people share it", **rules: Any) -> Publication:
    """Send a diagnosis through the gate."""
    row = PreparePublication(user, city, job, title, RULES | rules).run()
    done = [j for j in work() if j.kind == "publish"]
    assert [(j.state, j.error) for j in done] == [("done", "")]
    row.refresh_from_db()
    return row


def published(user: Any, city: Any, job: Any, **rules: Any) -> Publication:
    """Send it through the gate and make it public."""
    row = prepared(user, city, job, **rules)
    assert row.state == "ready", GateRecord.objects.get(publication=row).staff
    return Publish(user, city, row).run()


def addresses(client: Client, start: str) -> dict[str, Any]:
    """Follow every link below `start` and answer with what is there."""
    seen: dict[str, Any] = {}
    waiting = [start]
    while waiting:
        path = waiting.pop()
        if path in seen or not path.startswith(start):
            continue
        answer = client.get(path)
        assert answer.status_code == 200, path
        if answer.streaming:
            seen[path] = b"".join(answer.streaming_content).decode()
            continue
        seen[path] = answer.content.decode()
        # one language: all of them show the same numbers
        links = [link for link in re.findall(r'href="([^"#]+)', seen[path]) if "lang=" not in link]
        waiting += [path.split("?")[0] + link if link.startswith("?") else link for link in links]
    return seen
