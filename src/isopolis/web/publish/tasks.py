"""Preparing a publication, as a background job: the gate, then every file that would be public."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from isopolis.model import CallError, Finding
from isopolis.model.text import from_plain, to_tree
from isopolis.web.datasets.models import Dataset
from isopolis.web.datasets.storage import snapshot
from isopolis.web.diagnoses.actions import diagnosis_key
from isopolis.web.diagnoses.store import result_folder

from .gate import entries_of, gate_of, ledger_of, policy_of
from .models import GateRecord, Publication

__all__ = ["prepare"]


def prepare(job: Any, say: Callable[[str], None]) -> None:
    """Load the city and its findings, send them through the gate, write the files; all of it or nothing."""
    from isopolis.flows.cities import load
    from isopolis.flows.publication import prepare_publication

    from .build import staff_report, write_public

    row = Publication.objects.select_related("diagnosis", "workspace").get(pk=job.subject)
    if row.state != Publication.State.DRAFT:
        return  # an attempt before this one came to its end
    dataset = _dataset(row)
    say("reading the files")
    city = load(snapshot(dataset, dataset.config), progress=say)
    findings = _findings(row.diagnosis)
    ledger, beside = ledger_of(row.workspace)
    today = timezone.localdate().isoformat()
    made = prepare_publication(
        city,
        findings,
        policy_of(row.policy),
        ledger,
        secret=bytes(gate_of(row.workspace).secret),
        purpose=f"publication {row.number}",
        now=today,
        progress=say,
    )
    place = row.folder
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = Path(tempfile.mkdtemp(prefix=".public-", dir=place.parent))
    try:
        said = write_public(made, fresh, say)
        shutil.rmtree(place, ignore_errors=True)  # of an attempt that was cut off at the very end
        os.replace(fresh, place)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    with transaction.atomic():
        GateRecord.objects.update_or_create(
            publication=row,
            defaults={
                "entries": entries_of(ledger, made.released.ledger),
                "staff": to_tree(staff_report(made, city, findings)),
                "beside": beside,
            },
        )
        state = Publication.State.REFUSED if made.refused else Publication.State.READY
        Publication.objects.filter(pk=row.pk, state=Publication.State.DRAFT).update(
            state=state, summary=said["summary"], digest=said["digest"]
        )
    if not made.refused:
        say("map features")
        _features(row)


def _features(row: Publication) -> None:
    """Make what the programming interface serves now, so that no stranger's request ever starts it."""
    from isopolis.web.api.publications import make_features

    # pages do not need them; why it did not work is in the log
    with suppress(FileNotFoundError):
        make_features(row)


def _dataset(row: Publication) -> Dataset:
    """Return the data that the diagnosis was computed from, if they still are what they were."""
    if row.diagnosis is None:
        raise CallError("The diagnosis of this publication was deleted. Publish another one.")
    dataset = Dataset.objects.filter(pk=row.diagnosis.subject).first()
    if dataset is None or row.diagnosis.key != diagnosis_key(dataset):
        raise CallError(
            "The files were corrected, or this server was upgraded, after this diagnosis. Start the "
            "diagnosis again and publish the new one."
        )
    return dataset


def _findings(diagnosis: Any) -> list[Finding]:
    """Return what was found, with the sentences that can be said in other languages."""
    folder = result_folder(diagnosis)
    rows = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
    texts: dict[str, str] = {}
    for path in sorted((folder / "pages").glob("findings-*.json")):
        _gather(json.loads(path.read_text(encoding="utf-8")), texts)
    for row in rows:
        row["caveats"] = [texts.get(c, c) for c in row["caveats"]]
        for name in ("null_method", "interval_method", "scale"):
            row[name] = texts.get(row[name], row[name])
    return [Finding.from_dict(row) for row in rows]


def _gather(item: Any, texts: dict[str, str]) -> None:
    """Collect the texts of a page by what they say in English."""
    if isinstance(item, list):
        for part in item:
            _gather(part, texts)
    elif isinstance(item, dict) and isinstance(item.get("s"), str):
        texts[item["s"]] = from_plain(item)
    elif isinstance(item, dict):
        for part in item.values():
            _gather(part, texts)
