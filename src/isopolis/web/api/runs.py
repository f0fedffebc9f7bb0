"""Operations on computations and what they found."""

from __future__ import annotations

import json
from typing import Annotated, Any
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from ninja import Query, Router, Status

from isopolis.web.actions import ValidationError
from isopolis.web.diagnoses import store
from isopolis.web.diagnoses.actions import CancelJob, StartDiagnosis
from isopolis.web.jobs import queue_place
from isopolis.web.permissions import may
from isopolis.web.work.models import Job

from . import schemas
from .data import BASE as DATASETS
from .data import dataset_of
from .door import needs
from .features import Layer, layer_of
from .paging import Limit, Offset, next_page
from .problems import ProblemError
from .service import operation
from .tags import unless_known

__all__ = ["job_of", "layer", "router"]

router = Router()
JOBS = "/workspaces/{slug:workspace}/jobs"
DIAGNOSES = "/workspaces/{slug:workspace}/diagnoses/{uuid:diagnosis}"


SEEN = {
    "read": "data.read",
    "diagnose": "findings.read",
    "publish": "publication.read",
    "peers": "peers.see",
    "took_part": "process.manage",
    "assembly": "assembly.manage",
    "survey": "survey.manage",
    "worries": "worries.manage",
    "worries_import": "worries.manage",
    "opinions": "opinion.manage",
    "budget_result": "budget.ballot",
    "budget_mail": "budget.manage",
}
"""Who may know of a computation: what stopped one may quote the files or what the gate withheld."""


def _seen(request: HttpRequest) -> Any:
    """Return the computations of the workspace that the token's owner may know of."""
    kinds = [k for k, verb in SEEN.items() if may(request.auth.user, verb, request.workspace)]
    return Job.objects.filter(workspace=request.workspace, kind__in=kinds)


def job_of(request: HttpRequest, pk: UUID, *, done: bool = False) -> Job:
    """Return a job of the workspace; with `done` a diagnosis that has results."""
    mine = _seen(request).filter(pk=pk)
    if done:
        mine = mine.filter(kind="diagnose", state=Job.State.DONE)
    found = mine.first()
    if found is None:
        raise Http404
    return found


def layer(job: Job, name: str) -> Layer:
    """Return the zones or findings of a diagnosis."""
    try:
        return layer_of(store.result_folder(job), name)
    except FileNotFoundError:
        raise Http404 from None


def _job(job: Job) -> dict[str, Any]:
    names = ("id", "kind", "subject", "state", "said", "done", "steps", "error")
    times = ("created_at", "started_at", "ended_at")
    place = queue_place(job) if job.state == Job.State.QUEUED else None
    return {n: getattr(job, n) for n in (*names, *times)} | {"place": place}


@operation(router, "GET", JOBS, "Computations", schemas.JobPage)
@needs("read:findings", "findings.read")
def jobs(
    request: HttpRequest,
    workspace: str,
    kind: Annotated[str, Query(description="only read or only diagnose", max_length=30)] = "",
    limit: Limit = 20,
    offset: Offset = 0,
) -> Any:
    """List computations, newest first."""
    rows = _seen(request).order_by("-created_at", "pk")
    if kind:
        rows = rows.filter(kind=kind.replace("\0", ""))
    matched = rows.count()
    return {
        "jobs": [_job(j) for j in rows[offset : offset + limit]],
        "matched": matched,
        "next": next_page(request, limit, offset, matched),
    }


@operation(router, "GET", JOBS + "/{uuid:job}", "One computation", schemas.JobOut)
@needs("read:findings", "findings.read")
def job(request: HttpRequest, workspace: str, job: UUID) -> Any:
    """Tell how far it is."""
    return _job(job_of(request, job))


@operation(router, "POST", JOBS + "/{uuid:job}/cancel", "Cancel a computation", schemas.JobOut)
@needs("run:diagnosis", "diagnosis.cancel")
def cancel(request: HttpRequest, workspace: str, job: UUID) -> Any:
    """Stop it; a waiting one ends at once, a running one within seconds."""
    found = job_of(request, job)
    try:
        CancelJob(request.auth.user, request.workspace, found).run()
    except ValidationError as error:
        raise ProblemError(409, " ".join(error.messages)) from None
    found.refresh_from_db()
    return _job(found)


@operation(
    router, "POST", DATASETS + "/{uuid:dataset}/diagnoses", "Start a diagnosis",
    {200: schemas.JobOut, 201: schemas.JobOut},
)  # fmt: skip
@needs("run:diagnosis", "diagnosis.start")
def start(request: HttpRequest, workspace: str, dataset: UUID, response: HttpResponse) -> Any:
    """Queue a diagnosis (201), or return the one that the same files had before (200): nothing runs twice."""
    action = StartDiagnosis(request.auth.user, request.workspace, dataset_of(request, dataset))
    try:
        made = action.run()
    except ValidationError as error:
        raise ProblemError(409, " ".join(error.messages)) from None
    stem = request.path.split("/datasets/")[0]
    response.headers["Location"] = request.build_absolute_uri(f"{stem}/jobs/{made.pk}")
    return Status(201 if action.fresh else 200, _job(made))


# -- what was found ------------------------------------------------------------------------------------
@operation(router, "GET", DIAGNOSES, "One diagnosis", schemas.DiagnosisOut)
@needs("read:findings", "findings.read")
def diagnosis(request: HttpRequest, workspace: str, diagnosis: UUID) -> Any:
    """Tell what a diagnosis holds, to choose from."""
    run = job_of(request, diagnosis, done=True)
    found = layer(run, "findings")
    kinds = found.about["values"]
    return {
        "id": run.pk, "dataset": run.subject, "ended_at": run.ended_at, "findings": len(found),
        "zones": len(layer(run, "zones")), "measures": kinds["measure"], "dimensions": kinds["dimension"],
        "groups": kinds["group"], "dates": kinds["date"], "extent": found.about["extent"],
    }  # fmt: skip


Sought = Annotated[str | None, Query(max_length=500)]


@operation(router, "GET", DIAGNOSES + "/findings", "Findings", schemas.FindingPage)
@needs("read:findings", "findings.read")
def findings(
    request: HttpRequest,
    workspace: str,
    diagnosis: UUID,
    measure: Sought = None,
    dimension: Sought = None,
    group: Sought = None,
    versus: Sought = None,
    scope: Sought = None,
    scale: Sought = None,
    date: Sought = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> Any:
    """List findings that have all of the given values, in their order."""
    run = job_of(request, diagnosis, done=True)
    said = {
        "measure": measure, "dimension": dimension, "group": group, "versus": versus, "scope": scope,
        "scale": scale, "date": date,
    }  # fmt: skip

    def make() -> HttpResponse:
        found = layer(run, "findings")
        places = found.matching(sought={k: v for k, v in said.items() if v is not None})
        rows = [_numbered(found, int(p)) for p in places[offset : offset + limit]]
        page = {
            "findings": rows,
            "matched": len(places),
            "next": next_page(request, limit, offset, len(places)),
        }
        return HttpResponse(json.dumps(page, ensure_ascii=False), content_type="application/json")

    return unless_known(request, run.pk, make)


@operation(router, "GET", DIAGNOSES + "/findings/{int:number}", "One finding", schemas.FindingOut)
@needs("read:findings", "findings.read")
def finding(request: HttpRequest, workspace: str, diagnosis: UUID, number: int) -> Any:
    """Return one finding with everything that belongs to it."""
    run = job_of(request, diagnosis, done=True)

    def make() -> HttpResponse:
        found = layer(run, "findings")
        if number >= len(found):
            raise Http404
        body = json.dumps(_numbered(found, number), ensure_ascii=False)
        return HttpResponse(body, content_type="application/json")

    return unless_known(request, run.pk, make)


def _numbered(found: Layer, place: int) -> dict[str, Any]:
    return {"number": place} | json.loads(found.whole([place])[0])


@operation(router, "GET", DIAGNOSES + "/files", "Files of a diagnosis", schemas.FilePage)
@needs("read:files", "findings.download")
def files(request: HttpRequest, workspace: str, diagnosis: UUID) -> Any:
    """List the files that can be downloaded."""
    run = job_of(request, diagnosis, done=True)
    layer(run, "zones")  # makes the tables of results that are older than this interface
    stem, folder = request.build_absolute_uri(request.path.rstrip("/")), store.result_folder(run)
    return {
        "files": [
            {"name": n, "media_type": kind, "size": (folder / n).stat().st_size, "url": f"{stem}/{n}"}
            for n, kind in store.DOWNLOADS.items()
            if (folder / n).is_file()
        ]
    }


@operation(
    router, "GET", DIAGNOSES + "/files/{str:name}", "Download a file", {200: bytes},
    media=("application/octet-stream", *sorted({k.split(";")[0] for k in store.DOWNLOADS.values()})),
)  # fmt: skip
@needs("read:files", "findings.download")
def file(request: HttpRequest, workspace: str, diagnosis: UUID, name: str) -> Any:
    """Return one of the files, whole."""
    run = job_of(request, diagnosis, done=True)

    def make() -> HttpResponse:
        path, kind = store.download(run, name)
        saved = f"{request.workspace.slug}-{name}"
        made = FileResponse(path.open("rb"), as_attachment=True, filename=saved, content_type=kind)
        made.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
        return made

    return unless_known(request, run.pk, make)
