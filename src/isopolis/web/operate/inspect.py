"""``python -m isopolis.web.operate.inspect SCRATCH``: look at an unpacked backup as a server would.

Runs in a process of its own, because Django belongs to one data folder per process. It upgrades the
scratch copy to the version that is here, and prints what it found as one line of JSON.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["look"]


def look(folder: Path) -> dict[str, Any]:
    """Check the databases and files of a scratch folder against its manifest."""
    from django.db import Error, connections

    from .databases import counts_of

    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    problems: list[str] = []
    for said in manifest["databases"]:
        connection = connections[said["alias"]]
        with connection.cursor() as cursor:

            def ask(sql: str, cursor: Any = cursor) -> list[tuple[Any, ...]]:
                cursor.execute(sql)
                return list(cursor.fetchall())

            problems += _integrity(ask, connection.vendor)
            if (now := counts_of(ask, connection.vendor)) != said["counts"]:
                wrong = sorted(t for t in now | said["counts"] if now.get(t) != said["counts"].get(t))
                problems.append(f"the tables {', '.join(wrong[:5])} have not the rows that the manifest says")
    found: dict[str, Any] = {"problems": problems, "upgrade": "", "audit": 0, "results": 0}
    if problems:
        return found
    from .upgrade import NewerError, bring_up

    try:
        bring_up()
    except (Error, NewerError, RuntimeError) as error:
        return found | {"upgrade": str(error) or type(error).__name__}
    from isopolis.web.audit.models import AuditEvent

    problems += _audit(manifest)
    problems += _files(set(manifest["missing"]), found)
    return found | {"audit": AuditEvent.objects.count()}


def _integrity(ask: Any, vendor: str) -> list[str]:
    if vendor != "sqlite":
        return []
    said = [str(r[0]) for r in ask("PRAGMA integrity_check")]
    lost = ask("PRAGMA foreign_key_check")
    out = [] if said == ["ok"] else [f"SQLite says: {said[0]}"]
    return [*out, f"{len(lost)} rows point at rows that are not there"] if lost else out


def _audit(manifest: dict[str, Any]) -> list[str]:
    """Verify the chain, and that it ends where the backup was made."""
    from isopolis.web.audit.chain import verify
    from isopolis.web.audit.models import AuditHead

    wrong = [f"the audit log: {sentence}" for sentence in verify()]
    said = next(b["audit"] for b in manifest["databases"] if b["alias"] == "default")
    head = AuditHead.objects.filter(pk=1).first()
    now = {"rows": head.count, "seal": head.seal} if head else {"rows": 0, "seal": ""}
    return wrong if now == said else [*wrong, "the audit log does not end where the manifest says"]


def _files(missing: set[str], found: dict[str, Any]) -> Iterator[str]:
    """Open the first page of every result, and hold every upload against its digest."""
    from django.http import Http404

    from isopolis.web.datasets.models import Dataset
    from isopolis.web.diagnoses import store
    from isopolis.web.work.models import Job

    for job in Job.objects.filter(kind="diagnose", state="done").order_by("pk"):
        if f"results/{job.workspace_id}/{job.pk}/pages/overview.json" in missing:
            continue
        try:
            store.overview(job)
            found["results"] += 1
        except (Http404, OSError, ValueError):
            yield f"the result of job {job.pk} cannot be opened"
    for dataset in Dataset.objects.order_by("pk"):
        for file in dataset.files:
            path = dataset.folder / file["name"]
            if f"cities/{dataset.workspace_id}/{dataset.pk}/{file['name']}" in missing:
                continue
            if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != file["sha256"]:
                yield f"a file of upload {dataset.pk} is not what was uploaded"


def main(folder: Path) -> None:
    """Set Django up on the scratch folder and print what is found."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "isopolis.web.settings"
    import django

    django.setup()
    print(json.dumps(look(folder)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
