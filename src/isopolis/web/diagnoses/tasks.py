"""Computing a diagnosis, as a background job."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.utils import timezone

from isopolis.model import CallError
from isopolis.web.datasets.models import Dataset
from isopolis.web.datasets.storage import snapshot

from .actions import diagnosis_key
from .store import result_folder

__all__ = ["diagnose"]


def diagnose(job: Any, say: Callable[[str], None]) -> None:
    """Read the files, measure, write the report and the pages; all of it or nothing."""
    from isopolis.flows.cities import load
    from isopolis.flows.diagnose import diagnose as measure_all
    from isopolis.report import write_report
    from isopolis.web.api.prepare import prepare
    from isopolis.web.explore.zones_pages import write_addresses

    from .pages import write_pages

    dataset = Dataset.objects.get(pk=job.subject)
    if job.key != diagnosis_key(dataset):
        raise CallError("The files were corrected after this was asked for. Start the diagnosis again.")
    place = result_folder(job)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = Path(tempfile.mkdtemp(prefix=".result-", dir=place.parent))
    try:
        city = load(snapshot(dataset, dataset.config), progress=say)
        found = measure_all(city, progress=say, today=timezone.localdate().isoformat())
        (fresh / "pages").mkdir()
        write_pages(found, fresh / "pages", say)
        write_addresses([dataset.folder / name for name in dataset.names], city, fresh / "pages", say)
        write_report(found, fresh, progress=say)
        say("tables for programs")
        prepare(fresh)
        shutil.rmtree(place, ignore_errors=True)  # of an attempt that was cut off at the very end
        os.replace(fresh, place)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
