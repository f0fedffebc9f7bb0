"""A small city with outlines, its diagnosis, and tokens for programs. Example data, not a real place."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.test import Client
from django.utils import timezone

from isopolis.web.api.actions import MakeToken
from isopolis.web.api.scopes import SCOPES
from isopolis.web.datasets.models import Dataset
from isopolis.web.diagnoses.actions import StartDiagnosis, diagnosis_key
from isopolis.web.diagnoses.store import result_folder
from isopolis.web.work.models import Job

from .conftest import CSV, TOML
from .towns import upload, work

SIDE = 0.01
MISSING = 23
"""The zone that has no outline."""


def square(i: int) -> list[list[float]]:
    """Corners of a zone: 6 in a row, 4 rows, near a coast of nowhere."""
    row, column = divmod(i, 6)
    x, y = 2.1 + SIDE * column, 41.35 + SIDE * row
    # clockwise on purpose: what is served has to be turned
    return [[x, y], [x, y + SIDE], [x + SIDE, y + SIDE], [x + SIDE, y], [x, y]]


def outlines() -> bytes:
    """The zones as GeoJSON."""
    features = [
        {
            "type": "Feature",
            "properties": {"zone": f"Z{i:02d}", "district": f"D{i // 6}", "label": f"=Zone {i}"},
            "geometry": {"type": "Polygon", "coordinates": [square(i)]},
        }
        for i in range(24)
        if i != MISSING
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


MAPPED = TOML.replace(
    "[zones]\n",
    '[zones]\nfile = "zones.geojson"\nname = "label"\nparents = { district = "district" }\n',
)
FILES = {"people.csv": CSV, "city.toml": MAPPED.encode(), "zones.geojson": outlines()}


_KEPT: dict[str, Any] = {}


def mapped(user: Any, city: Any) -> Any:
    """Return a finished diagnosis of the city with outlines; it is computed once and copied after that."""
    if not _KEPT:
        job = _computed(user, city)
        keep = Path(tempfile.mkdtemp(prefix="isopolis-mapped-"))
        atexit.register(shutil.rmtree, keep, ignore_errors=True)
        dataset = Dataset.objects.get(pk=job.subject)
        shutil.copytree(result_folder(job), keep / "result")
        shutil.copytree(dataset.folder, keep / "data")
        names = ("files", "digest", "config", "state", "summary", "problems")
        _KEPT.update(
            folder=keep / "result",
            data=keep / "data",
            dataset={n: getattr(dataset, n) for n in names},
            key=job.key,
        )
        return job
    dataset = Dataset.objects.create(workspace=city, created_by=user, **_KEPT["dataset"])
    now = timezone.now()
    job = Job.objects.create(
        workspace=city, kind="diagnose", subject=dataset.pk, key=diagnosis_key(dataset), state="done",
        asked_by=user, started_at=now, ended_at=now,
    )  # fmt: skip
    shutil.copytree(_KEPT["folder"], result_folder(job))
    shutil.copytree(_KEPT["data"], dataset.folder)
    return job


def _computed(user: Any, city: Any) -> Any:
    dataset = upload(user, city, FILES)
    work()
    dataset.refresh_from_db()
    assert dataset.state == "ready", dataset.problems
    job = StartDiagnosis(user, city, dataset).run()
    work()
    job.refresh_from_db()
    assert job.state == "done", job.error
    return job


def token(user: Any, *scopes: str, only: Any = None, days: int = 30) -> str:
    """Make a token; with all scopes when none is named."""
    action = MakeToken(user, "a program", scopes or tuple(SCOPES), days, only)
    made = action.run()
    assert made.expires_at > timezone.now() + timedelta(days=days - 1)
    return action.secret


def program(secret: str) -> Client:
    """Give a client that sends the token and nothing else."""
    return Client(headers={"authorization": f"Bearer {secret}"}, raise_request_exception=True)
