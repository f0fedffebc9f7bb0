"""Putting files into a workspace and doing its jobs here and now."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from isopolis.web import jobs
from isopolis.web.datasets.actions import UploadFiles
from isopolis.web.datasets.models import Dataset
from isopolis.web.diagnoses.actions import StartDiagnosis
from isopolis.web.work.execute import execute
from isopolis.web.work.models import Job

from .conftest import CSV, TOML


def upload(user: Any, city: Any, files: dict[str, bytes] | None = None) -> Dataset:
    """Upload files by the action."""
    named = {"people.csv": CSV, "city.toml": TOML.encode()} if files is None else files
    return UploadFiles(user, city, [SimpleUploadedFile(n, b) for n, b in named.items()]).run()


def work() -> list[Job]:
    """Do every job that waits, in this process."""
    done = []
    while (job := jobs.claim()) is not None:
        execute(job)
        job.refresh_from_db()
        done.append(job)
    return done


def diagnosed(user: Any, city: Any) -> Job:
    """Upload, read and diagnose."""
    dataset = upload(user, city)
    work()
    dataset.refresh_from_db()
    job = StartDiagnosis(user, city, dataset).run()
    work()
    job.refresh_from_db()
    assert job.state == "done", job.error
    return job
