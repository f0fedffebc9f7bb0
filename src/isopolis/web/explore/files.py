"""One finding as a file: CSV, JSON or PDF."""

from __future__ import annotations

import json
import tempfile
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from isopolis.model import Finding
from isopolis.report.files import write_csv, write_json
from isopolis.web.diagnoses import store as pages
from isopolis.web.diagnoses.store import result_folder
from isopolis.web.work.models import Job
from isopolis.web.workspaces.access import inside
from isopolis.web.workspaces.models import Workspace

from .access import finished
from .paper import finding_pdf

__all__ = ["FINDING_FILES", "finding_file"]

FINDING_FILES = {
    "finding.csv": "text/csv; charset=utf-8",
    "finding.json": "application/json",
    "finding.pdf": "application/pdf",
}


def whole(job: Job, number: int) -> Finding:
    """Return a finding with every digit; the file has one finding a line, after a line with the bracket."""
    with (result_folder(job) / "findings.json").open(encoding="utf-8") as file:
        line = next(islice(file, number + 1, number + 2), "").strip().removesuffix(",")
    if line in ("", "]"):
        raise Http404
    return Finding.from_dict(json.loads(line))


@inside("findings.download")
@require_safe
def finding_file(
    request: HttpRequest, workspace: Workspace, pk: UUID, number: int, name: str
) -> HttpResponse:
    """Hand one finding out as a download."""
    if name not in FINDING_FILES:
        raise Http404
    job = finished(workspace, pk)
    found = pages.finding(job, number)
    body = _pdf(workspace, job, found) if name.endswith(".pdf") else _data(job, number, name)
    response = HttpResponse(body, content_type=FINDING_FILES[name])
    suffix = name.rpartition(".")[2]
    response.headers["Content-Disposition"] = (
        f'attachment; filename="{workspace.slug}-finding-{number}.{suffix}"'
    )
    return response


def _data(job: Job, number: int, name: str) -> bytes:
    write = write_csv if name.endswith(".csv") else write_json
    with tempfile.TemporaryDirectory(prefix="isopolis-") as folder:
        path = Path(folder) / name
        write([whole(job, number)], path)
        return path.read_bytes()


def _pdf(workspace: Workspace, job: Job, found: dict[str, Any]) -> bytes:
    overview = pages.overview(job)
    figures = [pages.figure(job, key) for key in found["figures"]]
    subtitle = _("%(city)s, diagnosis of %(day)s") % {
        "city": overview["city"],
        "day": job.created_at.date().isoformat(),
    }
    return finding_pdf(found, figures, overview["notes"], subtitle, get_language() or "en")
